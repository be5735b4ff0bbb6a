"""No rule of health breaks, or says Current against a condition, whatever becomes of the bodies of the cases.

Every case of ``kinds/`` is changed at random: fields go, are null or of another type, conditions turn, generations fall
behind. ``mutate``, ``contradiction`` and ``STANDARD`` serve any rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from lastgood.kinds import KINDS, kind_of
from lastgood.kinds.unreadable import WORDS
from lastgood.model.health import Health, Observation, Status
from lastgood.model.resource import Body, GroupKind, ref_of
from tests.test_kinds import CASES, FOLDER, observed

FOLDERS = sorted({path.parent.name for path in CASES})
POD = GroupKind("", "Pod")
Step = str | int
Place = tuple[Step, ...]

GONE = object()

ODD: tuple[Any, ...] = (
    None, "", "x", "3", 0, -1, 7, 2.5, True, False, [], {}, [None], ["x"], [[]], [{}], {"x": 1}, {"type": []},
)  # fmt: skip
"""What may stand where something else is expected."""

KEPT = {("kind",), ("apiVersion",), ("metadata",)}
"""What every server sends as it should be: without it nobody could tell what the body is."""

_ROLLOUT = {"Available": "False", "Progressing": "False", "ReplicaFailure": "True"}
_LISTENERS = {"Accepted": "False", "Programmed": "False", "ResolvedRefs": "False", "Conflicted": "True"}
_GROWTH = ("Resizing", "FileSystemResizePending", "ControllerResizeError", "NodeResizeError", "ModifyVolumeError")

STANDARD: Mapping[str, Mapping[str, str]] = {
    "APIService.apiregistration.k8s.io": {"Available": "False"},
    "BackendTLSPolicy.gateway.networking.k8s.io": {},
    "CertificateSigningRequest.certificates.k8s.io": {"Denied": "True", "Failed": "True"},
    "CustomResourceDefinition.apiextensions.k8s.io": {
        "Established": "False", "NamesAccepted": "False", "Terminating": "True",
    },
    "Deployment.apps": _ROLLOUT,
    "DeploymentConfig.apps.openshift.io": _ROLLOUT,
    "FlowSchema.flowcontrol.apiserver.k8s.io": {"Dangling": "True"},
    "Gateway.gateway.networking.k8s.io": _LISTENERS,
    "GatewayClass.gateway.networking.k8s.io": {"Accepted": "False"},
    "HorizontalPodAutoscaler.autoscaling": {"AbleToScale": "False"},
    "Job.batch": {"Failed": "True", "FailureTarget": "True"},
    "ListenerSet.gateway.networking.k8s.io": _LISTENERS,
    "Node": {
        "Ready": "False", "NetworkUnavailable": "True", "MemoryPressure": "True", "DiskPressure": "True",
        "PIDPressure": "True",
    },
    "PersistentVolumeClaim": dict.fromkeys(_GROWTH, "True"),
    "Pod": {"Ready": "False"},
    "ReplicaSet.apps": {"ReplicaFailure": "True"},
    "ReplicationController": {"ReplicaFailure": "True"},
    "StorageVersionMigration.storagemigration.k8s.io": {"Failed": "True"},
}  # fmt: skip
"""By kind, the conditions that must not have this status where all is well. Of other kinds those of ``ANY``."""

ANY = {"Ready": "False", "Stalled": "True", "Reconciling": "True"}


def standard(body: Body) -> Mapping[str, str]:
    """The conditions that speak against Current, with the status by which they do."""
    group_kind = ref_of(body).group_kind
    return STANDARD.get(str(group_kind), {} if group_kind in KINDS and kind_has_own_rule(body) else ANY)


def kind_has_own_rule(body: Body) -> bool:
    return kind_of(ref_of(body).group_kind).meaning is not None


# --- what is changed


class Mutation(NamedTuple):
    """A change of any body: its sort, which of the places or conditions there are, and which odd value."""

    sort: str
    which: int
    value: int

    def of(self, body: Body) -> Body:
        """The body with this change; as it was where there is nothing to change."""
        return SORTS[self.sort](body, self)


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Every place in a body, but for those that are kept."""
    if at and at not in KEPT:
        yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*at, key))


def put(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    """A copy with another value at this place; without the place where that is GONE."""
    key, *rest = at
    copied = dict(value) if isinstance(value, dict) else list(value)
    if rest:
        copied[key] = put(value[key], tuple(rest), new)
    elif new is GONE:
        del copied[key]
    else:
        copied[key] = new
    return copied


def _without(body: Body, drawn: Mutation) -> Body:
    return _at_a_place(body, drawn, GONE)


def _odd(body: Body, drawn: Mutation) -> Body:
    return _at_a_place(body, drawn, ODD[drawn.value % len(ODD)])


def _at_a_place(body: Body, drawn: Mutation, new: Any) -> Body:
    found = tuple(places(body))
    changed: Body = put(body, found[drawn.which % len(found)], new) if found else body
    return changed


def _turned(body: Body, drawn: Mutation) -> Body:
    """A condition says the opposite; one that is Unknown says True."""
    found = [at for at in places(body) if at[-3:-2] == ("conditions",) and at[-1] == "status"]
    if not found:
        return body
    at = found[drawn.which % len(found)]
    changed: Body = put(body, at, {"True": "False", "False": "True"}.get(str(follow(body, at)), "True"))
    return changed


def _contradicted(body: Body, drawn: Mutation) -> Body:
    """A standard condition says that all is not well, in place of what was said before."""
    told, choice = body.get("status"), sorted(standard(body).items())
    if not choice or not isinstance(told, dict):
        return body
    kind, status = choice[drawn.which % len(choice)]
    old = told.get("conditions")
    rest = [one for one in old or () if one.get("type") != kind] if is_list(old) else []
    return body | {"status": told | {"conditions": [*rest, {"type": kind, "status": status}]}}


def _unobserved(body: Body, _drawn: Mutation) -> Body:
    for at in [at for at in places(body) if at[-1] == "observedGeneration"]:
        body = put(body, at, GONE)
    return body


def _empty(body: Body, _drawn: Mutation) -> Body:
    return body | {"status": {}}


def _outdated(body: Body, _drawn: Mutation) -> Body:
    return body | {"metadata": body["metadata"] | {"generation": 9}}


SORTS: Mapping[str, Callable[[Body, Mutation], Body]] = {
    "without a field": _without,
    "an odd value": _odd,
    "a condition turned": _turned,
    "a condition against it": _contradicted,
    "no observedGeneration": _unobserved,
    "an empty status": _empty,
    "changed since": _outdated,
}
MUTATIONS = some.lists(
    some.builds(Mutation, some.sampled_from(list(SORTS)), some.integers(0, 999), some.integers(0, 99)),
    min_size=1,
    max_size=3,
)


def mutate(body: Body, changes: Iterable[Mutation]) -> Body:
    """The body with these changes, made one after the other; the one that is given stays as it is."""
    for one in changes:
        body = one.of(body)
    return body


def follow(value: Any, at: Place) -> Any:
    for key in at:
        value = value[key]
    return value


def dotted(at: Place) -> str:
    return ".".join(map(str, at))


# --- what must not be


def contradiction(body: Body) -> str:
    """A standard condition of the present generation that speaks against Current; empty when none does."""
    told = body.get("status")
    found = told.get("conditions") if isinstance(told, dict) else None
    said = {one.get("type"): one for one in reversed(found or []) if isinstance(one, dict)} if is_list(found) else {}
    return next((kind for kind, bad in standard(body).items() if _speaks(body, said.get(kind), bad)), "")


def is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and isinstance(one.get("type"), str) for one in value)


def _speaks(body: Body, entry: Mapping[str, Any] | None, bad: str) -> bool:
    return entry is not None and entry.get("status") == bad and not _is_exempt(body, entry)


def _is_exempt(body: Body, entry: Mapping[str, Any]) -> bool:
    """What goes before a condition: a pod that ended well is not ready, and only a bound claim can grow."""
    phase = (body.get("status") or {}).get("phase")
    kind, reason = body["kind"], str(entry.get("reason"))
    return (
        (kind == "Pod" and phase == "Succeeded")
        or (kind == "PersistentVolumeClaim" and phase != "Bound")
        or (kind == "HorizontalPodAutoscaler" and reason.startswith("Backoff"))
    )


def nested_contradiction(body: Body) -> str:
    """The same for conditions of parts that the spec names: listeners of a gateway."""
    if body["kind"] not in ("Gateway", "ListenerSet"):
        return ""
    spec, told = body.get("spec"), body.get("status")
    wanted = {str(one.get("name")) for one in _dicts(spec, "listeners")}
    for one in _dicts(told, "listeners"):
        if one.get("name") and one.get("name") in wanted and is_list(one.get("conditions")):
            said = {entry["type"]: entry for entry in reversed(one["conditions"])}
            found = next((kind for kind, bad in _LISTENERS.items() if said.get(kind, {}).get("status") == bad), "")
            if found:
                return f"{one['name']}: {found}"
    return ""


def _dicts(value: Any, key: str) -> list[dict[str, Any]]:
    found = value.get(key) if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def raw(body: Body, observation: Observation) -> Health:
    """What the rule itself says, without the door that makes Unknown of an error."""
    rule = kind_of(ref_of(body).group_kind).assess
    health: Health = getattr(rule, "__wrapped__", rule)(body, observation)
    return health


def judged(body: Body, observation: Observation) -> Health:
    """What everybody gets."""
    return kind_of(ref_of(body).group_kind).assess(body, observation)


def reads_pods(body: Body) -> bool:
    """Whether the rule also reads pods, or templates of them, which it takes as the API documents them."""
    group_kind = ref_of(body).group_kind
    return group_kind == POD or POD in kind_of(group_kind).dependents


def with_dependent(observation: Observation, which: int, change: Callable[[Body], Body]) -> Observation:
    """The observation with one of its dependents changed."""
    pairs = [(uid, one) for uid, bodies in observation.dependents.items() for one in bodies]
    kept: dict[str, tuple[Body, ...]] = {}
    for index, (uid, one) in enumerate(pairs):
        kept[uid] = (*kept.get(uid, ()), change(one) if index == which % len(pairs) else one)
    return replace(observation, dependents=kept)


READ = {path: observed(path) for path in CASES}
"""Every case, read once."""

WITH_DEPENDENTS = sorted({path.parent.name for path, (_, observation) in READ.items() if observation.dependents})


def seen(folder: str, which: int) -> tuple[Body, Observation]:
    """One of the cases of a folder."""
    paths = [path for path in CASES if path.parent.name == folder]
    return READ[paths[which % len(paths)]]


def seldom(examples: int) -> settings:
    """So many examples, the same ones every time."""
    return settings(max_examples=examples, deadline=None, derandomize=True, database=None)


@pytest.mark.parametrize("folder", FOLDERS)
@seldom(60)
@given(which=some.integers(0, 999), changes=MUTATIONS)
def test_a_changed_body_breaks_no_rule(folder: str, which: int, changes: list[Mutation]) -> None:
    """With up to three changes it has a health with words, and is Current only where no condition speaks against it."""
    body, observation = seen(folder, which)
    changed = mutate(body, changes)
    assess = judged if reads_pods(body) else raw
    health = assess(changed, observation)
    assert health.status in Status
    assert health.sentence
    if health.status is Status.CURRENT:
        assert (contradiction(changed), nested_contradiction(changed)) == ("", "")


@pytest.mark.parametrize("folder", WITH_DEPENDENTS)
@seldom(60)
@given(which=some.integers(0, 999), dependent=some.integers(0, 99), changes=MUTATIONS)
def test_a_changed_dependent_breaks_no_deploy(folder: str, which: int, dependent: int, changes: list[Mutation]) -> None:
    """Pods, ReplicaSets and events of another form than documented give a health, at worst an unknown one."""
    body, observation = seen(folder, which)
    changed = with_dependent(observation, dependent, lambda one: mutate(one, changes))
    assert judged(body, changed).sentence


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_field_that_is_left_out_is_read_as_one(path: Path) -> None:
    """Each field in turn is gone, and then null, as the API may leave any out: every rule reads on."""
    body, observation = READ[path]
    for at in (at for at in places(body) if isinstance(at[-1], str)):
        for new in (GONE, None):
            assert raw(put(body, at, new), observation).sentence, dotted(at)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_case_says_current_against_a_condition(path: Path) -> None:
    """Each condition in turn says the opposite."""
    body, observation = READ[path]
    for which in range(sum(1 for at in places(body) if at[-3:-2] == ("conditions",) and at[-1] == "status")):
        changed = Mutation("a condition turned", which, 0).of(body)
        if raw(changed, observation).status is Status.CURRENT:
            assert (contradiction(changed), nested_contradiction(changed)) == ("", "")


STRANGE = {"phase": "Pending", "containerStatuses": [{"name": "web", "state": 3}]}


def test_a_body_that_no_rule_can_read_is_unknown() -> None:
    """It is said, and a deploy waits for a better one."""
    body, observation = READ[FOLDER / "deployment" / "inprogress_image_missing.yaml"]
    count = sum(map(len, observation.dependents.values()))
    for which in range(count):
        observation = with_dependent(observation, which, lambda one: one | {"status": STRANGE})
    health = judged(body, observation)
    assert (health.status, health.sentence.startswith(WORDS)) == (Status.UNKNOWN, True)
