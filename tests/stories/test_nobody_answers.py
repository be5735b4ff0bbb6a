"""A cluster in which nobody gives a load balancer its address, or resumes a Job: a deploy does not wait for ever."""

from __future__ import annotations

from lastgood.model.event import Event, Watched
from lastgood.model.release import Release, State
from tests.stories.cast import GOOD_1, GOOD_2, altered, job, service, web
from tests.stories.test_crashes import World

BALANCED = altered(service(), spec__type="LoadBalancer")
ASLEEP = job(GOOD_1, suspend=True)


def test_a_release_is_good_without_what_nobody_answers() -> None:
    """It is healthy but for what nobody has to do, says so, and is proved and found as it should be later."""
    world = World()
    told: list[Event] = []
    first = world.deploy((web(GOOD_1), BALANCED, ASLEEP), tell=told.append)
    assert isinstance(first, Release)
    assert first.state is State.GOOD
    last = [event.verdict for event in told if isinstance(event, Watched)][-1]
    assert last.sentence.startswith("healthy: 1 of 3; not waited for: ")
    assert world.verify().holds


def test_the_next_release_does_not_wait_again() -> None:
    """What was silent before and is not written anew costs no time."""
    world = World()
    world.deploy((web(GOOD_1), BALANCED))
    before = world.clock.monotonic()
    world.deploy((web(GOOD_2), BALANCED))
    assert world.clock.monotonic() - before < 30
