"""The time of this machine."""

import asyncio
from datetime import timedelta

from lastgood.kube.clock import SystemClock


def test_the_time_of_day_has_a_zone() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_sleeping_takes_the_time_it_says() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    asyncio.run(clock.sleep(0.01))
    assert clock.monotonic() - before >= 0.009
