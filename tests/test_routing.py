"""A swap is one step, and it comes first where the pods that it leads to are there and ready."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lastgood.model.marks import COLOUR
from lastgood.model.plan import Apply, Change, Op, Prune, Route, Wait
from lastgood.model.release import Release, State
from lastgood.model.resource import Body, Ref, Resource
from lastgood.restoring import standby_after
from lastgood.strategies import arranged, standby_of
from tests.stories.cast import altered, config, made, service, web

NOW = datetime(2026, 1, 1, tzinfo=UTC)
READY, NOT_READY = {"readyReplicas": 2}, {"replicas": 2}


def coloured(colour: str) -> Resource:
    """A Deployment whose pods have this colour."""
    return altered(web("web:1", f"web-{colour}"), spec__template__metadata__labels={"app": "web", COLOUR: colour})


def live(resource: Resource, status: dict[str, Any]) -> Body:
    return {**resource.body, "status": status}


BLUE, GREEN = coloured("blue"), coloured("green")
SWAPPED = Change(Op.UPDATE, service().ref, body=service().body, live=service().body)
KEPT = Change(Op.KEEP, BLUE.ref, body=BLUE.body, live=live(BLUE, READY))
CHANGED_CONFIG = Change(Op.UPDATE, config().ref, body=config().body, live=config().body)


def release(colour: str = "blue", **more: Any) -> Release:
    """A good release whose primary Service may be swapped."""
    resources = (service(), coloured(colour), config("app" if colour == "blue" else "app-green"))
    standing: dict[str, Any] = {"strategy": "blue-green", "routes": (service().ref,), "promoted": True}
    good = {"state": State.GOOD, "resources": resources, "colour": colour}
    return Release("shop", "stories", 1, NOW, **standing | good | more)


def kinds(*changes: Change, pruned: tuple[Change, ...] = ()) -> list[type]:
    return [type(step) for step in arranged(release(), changes, pruned)]


def test_traffic_moves_first_where_the_pods_are_ready() -> None:
    """What else differs is made right after that."""
    assert kinds(SWAPPED, KEPT, CHANGED_CONFIG) == [Route, Apply, Wait]


@pytest.mark.parametrize(
    "not_there",
    [
        Change(Op.KEEP, BLUE.ref, body=BLUE.body, live=live(BLUE, NOT_READY)),
        Change(Op.UPDATE, BLUE.ref, body=BLUE.body, live=live(BLUE, READY)),
        Change(Op.CREATE, BLUE.ref, body=BLUE.body),
    ],
    ids=["no pod is ready", "it is not as recorded", "it is gone"],
)
def test_traffic_moves_once_the_pods_are_ready(not_there: Change) -> None:
    first, *rest = kinds(SWAPPED, not_there)
    assert first is (Wait if not_there.op is Op.KEEP else Apply)
    assert rest[-2:] == [Route, Wait]


def test_what_an_undo_keeps_counts_by_what_is_live() -> None:
    """It has no body of its own to send."""
    assert kinds(SWAPPED, Change(Op.KEEP, BLUE.ref, live=live(BLUE, READY)))[0] is Route


def test_nothing_is_pruned_before_traffic_has_moved() -> None:
    old = Change(Op.DELETE, config("old").ref, live=config("old").body)
    assert kinds(SWAPPED, KEPT, pruned=(old,)) == [Route, Wait, Prune]


def test_without_a_service_to_change_there_is_no_swap() -> None:
    assert kinds(KEPT) == [Wait]


# --- what stays


def test_what_the_other_colour_needs_stays_and_what_it_has_no_use_for_does_not() -> None:
    """Its workload and what pods read; an Ingress or a Service that no release wants goes."""
    more = (made("networking.k8s.io/v1", "Ingress", "old"), service("old"), web("web:1", "plain"), config("read"))
    left = release(resources=(*release().resources, *more))
    stays = standby_of(left, release("green").refs)
    assert {ref.name for ref in stays} == {"web-blue", "app", "read"}


def names(refs: tuple[Ref, ...]) -> set[str]:
    return {ref.name for ref in refs}


def test_the_colour_that_traffic_leaves_stays() -> None:
    assert names(standby_after(release("green"), release("blue"))) == {"web-green", "app-green"}


def test_a_colour_that_failed_with_traffic_on_it_stays() -> None:
    failed = release("green", state=State.FAILED, staged=release("green").resources)
    assert names(standby_after(failed, release("blue"))) == {"web-green", "app-green"}


def test_a_colour_that_failed_before_it_had_traffic_does_not_stay_nor_what_it_has_overwritten() -> None:
    good = release("blue", standby=(GREEN.ref, config("kept").ref))
    failed = release("green", state=State.FAILED, staged=release("green").resources, promoted=False)
    assert names(standby_after(failed, good)) == {"kept"}


def test_a_failed_rolling_release_costs_no_standby() -> None:
    failed = Release("shop", "stories", 2, NOW, state=State.FAILED)
    assert names(standby_after(failed, release("blue", standby=(GREEN.ref,)))) == {"web-green"}


def test_nothing_stays_of_colours_when_going_back_to_a_release_without_any() -> None:
    assert standby_after(release("green"), Release("shop", "stories", 1, NOW)) == ()
