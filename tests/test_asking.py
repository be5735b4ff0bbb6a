"""What each resource would become, asked while others write."""

from __future__ import annotations

from typing import Any

from lastgood.model.plan import Op
from lastgood.model.resource import Body
from lastgood.testing.faults import Request as Sent
from tests.stories.cast import GOOD_1, GOOD_2, config, web
from tests.stories.test_crashes import World


def test_an_answer_is_compared_with_the_state_that_it_was_made_of() -> None:
    """A controller writes between the reading and the dry run: that is no change of the release."""
    world = World()
    wanted = (config("app", a="1"), web(GOOD_1))
    assert not isinstance(world.deploy(wanted), Exception)
    ref = world.ref(wanted[1].ref)
    plans: list[Any] = []

    def meddle(request: Sent) -> None:
        if request.verb == "apply" and request.dry_run and request.ref == ref and not plans:
            plans.append(request)
            world.cluster.edit(ref, _note, manager="some-controller")

    told: list[Any] = []
    world.deploy((wanted[0], web(GOOD_2)), meddle, tell=told.append)  # type: ignore[arg-type]  # any hook will do
    planned = next(event.plan for event in told if type(event).__name__ == "Planned")
    (change,) = (one for one in planned.changes if one.op is Op.UPDATE)
    assert plans
    assert ["spec.template.spec.containers[name=web].image"] == [one.path for one in change.fields]


def _note(body: Body) -> None:
    body["metadata"].setdefault("annotations", {}).update(seen="1")
