"""Every rule of health, over bodies as a cluster writes them.

``kinds/<kind>/<status>_<case>.yaml``: the name says the expected status, the comment at the top what is said of it.
The first document is the body, the others are its dependents: pods, ReplicaSets, revisions and events.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lastgood.kinds import KINDS, kind_of, revision_of
from lastgood.model.health import Cause, Health, Observation
from lastgood.model.resource import Body, GroupKind, ref_of
from lastgood.reasons import RULES
from lastgood.reasons.table import SEEN

FOLDER = Path(__file__).parent / "kinds"
CASES = sorted(FOLDER.glob("*/*.yaml"))


def described(health: Health) -> Iterator[str]:
    """A health as the comment at the top of a case has it."""
    yield health.sentence + (" [a failing condition]" if health.condition_failed else "")
    if health.wanted is not None:
        yield f"ready: {health.done} of {health.wanted}"
    if health.enough_after is not None:
        after = f"goes on after {health.enough_after:g} s"
        yield f"a deploy {after if health.enough_after else 'does not wait for it'}"
    yield from map(counted, health.causes)
    yield from (f"has to last {one.seconds:g} s: {one.key}" for one in health.young)
    yield from (f"stuck for {pod.grace:g} s: {pod.ref} on {pod.revision}" for pod in health.stuck)


def counted(cause: Cause) -> str:
    hopeless, crashes = f"hopeless after {cause.grace:g} s", f"{cause.crashes} crashes, {cause.grace:g} s"
    return f"{hopeless if cause.hopeless else crashes if cause.crashes else 'waits'}: {cause.sentence}"


def comment_of(path: Path) -> list[str]:
    lines = path.read_text().splitlines()
    return [line.removeprefix("# ") for line in lines if line.startswith("# ")]


def observed(path: Path) -> tuple[Body, Observation]:
    body, *others = yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader)
    dependents: dict[str, tuple[Body, ...]] = {}
    above = {one["metadata"]["uid"]: owners(one) for one in others if one["kind"] != "Event"}
    for one in others:
        for uid in ancestors(one, above):
            dependents[uid] = (*dependents.get(uid, ()), one)
    return body, Observation(0.0, {ref_of(body): body}, dependents)


def ancestors(body: Body, above: dict[str, list[str]]) -> set[str]:
    """As an observation has it: a pod of a ReplicaSet is its Deployment's as well."""
    found, ahead = set[str](), owners(body)
    while ahead:
        found.add(one := ahead.pop())
        ahead = [*ahead, *above.get(one, ())]
    return found


def owners(body: Body) -> list[str]:
    if body["kind"] == "Event":
        return [body["involvedObject"]["uid"]]
    return [one["uid"] for one in body["metadata"]["ownerReferences"]]


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_health(path: Path) -> None:
    """A body and its dependents have the status in the file's name, and the words at its top."""
    health = assessed(path)
    assert (path.stem.partition("_")[0], comment_of(path)) == (health.status.value.lower(), list(described(health)))


def test_each_kind_with_a_rule_of_its_own_has_cases() -> None:
    """A rule without a case is a guess."""
    generic = kind_of(GroupKind("", "ConfigMap")).assess
    own = {kind.group_kind for kind in KINDS.values() if kind.assess is not generic}
    seen = {ref_of(observed(path)[0]).group_kind for path in CASES}
    assert own - seen == set()


def test_each_reason_that_a_cluster_writes_has_a_case() -> None:
    """The others are what a wait sees: test_judging.py tells of them."""
    written = {reason for reason, rule in RULES.items() if rule.where != SEEN} - {"Terminating"}
    seen = {cause.reason for path in CASES for cause in assessed(path).causes}
    assert written - seen == set()


def assessed(path: Path) -> Health:
    body, observation = observed(path)
    return kind_of(ref_of(body).group_kind).assess(body, observation)


@pytest.mark.parametrize(
    ("case", "revision"),
    [
        ("deployment/current_rolled_out", "web-595c5c9f9d"),
        ("deployment/inprogress_paused", ""),
        ("stateful_set/current_rolled_out", "web-787cb4768f"),
        ("stateful_set/inprogress_stuck_after_return", "web-787cb4768f"),
        ("daemon_set/current_rolled_out", "web-595c5c9f9d"),
        ("daemon_set/inprogress_revision_not_seen_yet", ""),
        ("service/current_cluster_ip", ""),
    ],
)
def test_where_the_live_template_is_kept(case: str, revision: str) -> None:
    """By the template itself, not by a number: an undo numbers anew."""
    body, observation = observed(FOLDER / f"{case}.yaml")
    assert revision_of(body, observation) == revision
