"""When a failed request is sent again."""

from __future__ import annotations

import pytest

from lastgood.errors import Unreachable
from lastgood.kube.calls import Repeat
from lastgood.kube.faults import Fault, Trouble
from lastgood.kube.retrying import Tries, wait_before_next


def wait(
    trouble: Trouble,
    *,
    repeat: Repeat = Repeat.ANYTIME,
    failed: int = 1,
    seconds: float = 0.0,
    reached: bool = True,
    asked: float | None = None,
    dropped: bool = False,
) -> float | None:
    fault = Fault(Unreachable("x"), trouble, retry_after=asked, dropped=dropped)
    return wait_before_next(fault, repeat, Tries(failed, seconds, reached))


def test_the_waits_double_up_to_two_seconds() -> None:
    assert [wait(Trouble.UNSENT, failed=n) for n in range(1, 8)] == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


def test_a_server_that_asks_to_wait_is_given_its_time_within_reason() -> None:
    assert [wait(Trouble.BUSY, asked=5.0), wait(Trouble.BUSY, asked=3600.0)] == [5.0, 30.0]


def test_a_lost_connection_is_replaced_at_once() -> None:
    assert [wait(Trouble.UNCERTAIN, dropped=True, failed=n) for n in (1, 2)] == [0.0, 0.2]


@pytest.mark.parametrize(
    ("trouble", "seconds"), [(Trouble.BUSY, 60.0), (Trouble.UNSENT, 15.0), (Trouble.UNCERTAIN, 15.0)]
)
def test_patience_ends(trouble: Trouble, seconds: float) -> None:
    assert wait(trouble, seconds=seconds - 0.2) is not None
    assert wait(trouble, seconds=seconds) is None


def test_what_fails_in_the_server_is_tried_a_few_times_only() -> None:
    assert [wait(Trouble.FAILING, failed=n) is not None for n in range(1, 5)] == [True, True, True, False]


def test_what_would_fail_again_is_not_tried_again() -> None:
    assert wait(Trouble.FINAL) is None


def test_a_server_that_never_answered_is_not_asked_twice() -> None:
    """A wrong address has to show at once."""
    assert wait(Trouble.UNSENT, reached=False) is None


@pytest.mark.parametrize("trouble", [Trouble.UNCERTAIN, Trouble.FAILING])
def test_what_must_not_be_done_twice_is_not_repeated_when_it_may_have_been_done(trouble: Trouble) -> None:
    assert wait(trouble, repeat=Repeat.IF_UNSENT) is None


@pytest.mark.parametrize("trouble", [Trouble.BUSY, Trouble.UNSENT])
def test_what_must_not_be_done_twice_is_repeated_when_it_surely_was_not_done(trouble: Trouble) -> None:
    assert wait(trouble, repeat=Repeat.IF_UNSENT) == 0.1
