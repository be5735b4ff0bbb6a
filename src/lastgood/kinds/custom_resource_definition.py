"""CustomResourceDefinitions: ready when established. Forward only: stored versions stay. Never pruned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.model.health import Health, Observation, Status, condition, condition_is, unsettled
from lastgood.model.kind import Kind, Meaning, Pruning, Rank, Transition
from lastgood.model.reading import text
from lastgood.model.resource import Body, GroupKind
from lastgood.owning import stays
from lastgood.reasons import cause

GROUP_KIND = GroupKind("apiextensions.k8s.io", "CustomResourceDefinition")


def assess(body: Body, _observation: Observation) -> Health:
    """Whether its kind can be used. A grace is given, since names may be freed by the very next write."""
    early = unsettled(body)
    if early:
        return early
    if condition_is(body, "Terminating", "True"):
        return Health(Status.TERMINATING, "is being deleted", rule="condition Terminating is True")
    if condition_is(body, "NamesAccepted", "False"):
        refused = cause("NamesNotAccepted", detail=text(condition(body, "NamesAccepted"), "message"))
        return Health(Status.FAILED, "is not established", (refused,), rule="condition NamesAccepted is False")
    if condition_is(body, "Established", "True"):
        return Health(Status.CURRENT, "is established", rule="condition Established is True")
    return Health(Status.IN_PROGRESS, "is not established yet", rule="condition Established is not True")


def refuses(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[str, ...]:
    """A version in which something may be stored has to stay among the versions."""
    stored = (live.get("status") or {}).get("storedVersions") or ()
    gone = [version for version in stored if version not in _versions(desired)]
    return tuple(f"spec.versions[name={version}]" for version in gone)


def one_way(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """What is stored in a version that the old definition does not have could not be read any more."""
    storing = [one["name"] for one in new["spec"].get("versions") or () if one.get("storage")]
    gone = [version for version in storing if version not in _versions(old)]
    return tuple(f"resources will be stored as {version}, which the older definition does not have" for version in gone)


def transitions(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[Transition, ...]:
    """An injected ``caBundle`` is another manager's, so an apply leaves it when the conversion webhook goes."""
    wanted = (desired.get("spec") or {}).get("conversion") or {"strategy": "None"}
    if wanted.get("strategy") != "None" or not stays(live, ("spec", "conversion", "webhook")):
        return ()
    why = "an apply leaves what others put into the conversion webhook, which cannot stay without it"
    return (Transition("/spec/conversion", wanted, why),)


def _versions(body: Mapping[str, Any]) -> list[str]:
    return [one["name"] for one in (body.get("spec") or {}).get("versions") or ()]


KIND = Kind(
    GROUP_KIND,
    Rank.DEFINITION,
    assess,
    immutable=("spec.group", "spec.names.kind", "spec.names.plural", "spec.scope"),
    pruning=Pruning.LIST,
    transitions=transitions,
    refuses=refuses,
    one_way=one_way,
    meaning=Meaning(
        current="its condition `Established` is True",
        in_progress="it is not established yet",
        failed="its condition `NamesAccepted` is False",
    ),
    source="https://github.com/kubernetes/apiextensions-apiserver/blob/v0.36.0/pkg/apis/apiextensions/v1/types.go",
)
