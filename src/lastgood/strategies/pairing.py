"""Which Service leads users to a workload, and which leads testers to its stage. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lastgood.errors import ManifestError
from lastgood.model.marks import COLOUR, DIRECT_APPLY, says
from lastgood.model.resource import Ref, Resource
from lastgood.strategies.copying import governed_by
from lastgood.strategies.serving import PRIMARY_SERVICE, STAGE_SERVICE, leads_to, services
from lastgood.strategies.workloads import other_makers

BOTH = f'annotate one {PRIMARY_SERVICE}: "true" and another {STAGE_SERVICE}: "true"'


@dataclass(frozen=True, slots=True)
class Pairing:
    """The Services that lead to the workloads of a release.

    ``primaries`` lead users to them. ``stages`` are those that the manifests have for the stage; a primary that
    ``without_stage`` names gets a copy for it. ``others`` lead to pods, too, and go where the primaries go.
    """

    primaries: frozenset[Ref] = frozenset()
    stages: frozenset[Ref] = frozenset()
    others: frozenset[Ref] = frozenset()
    without_stage: frozenset[Ref] = frozenset()


def pair(resources: tuple[Resource, ...], workloads: tuple[Resource, ...]) -> Pairing:
    """Who is who. Raises ``ManifestError`` where a workload has no Service, or nobody says which is which."""
    _refuse_strays(resources, workloads)
    refuse_mixed(resources, workloads)
    found = services(resources)
    pairs = [_pair(one, tuple(made for made in found if leads_to(made, one, besides=COLOUR))) for one in workloads]
    primaries = frozenset(one.primary.ref for one in pairs)
    stages = frozenset(one.stage.ref for one in pairs if one.stage)
    for one in pairs:
        _refuse_both_roles(one, primaries & stages)
    others = frozenset(ref for one in pairs for ref in one.others) - primaries - stages
    staged = frozenset(one.primary.ref for one in pairs if one.stage)
    return Pairing(primaries, stages, others, primaries - staged)


@dataclass(frozen=True, slots=True)
class _Pair:
    """The Services of one workload."""

    primary: Resource
    stage: Resource | None = None
    others: frozenset[Ref] = field(default_factory=frozenset)


def _pair(workload: Resource, leading: tuple[Resource, ...]) -> _Pair:
    stage = _only_one(STAGE_SERVICE, leading)
    rest = tuple(one for one in leading if one is not stage)
    primary = _only_one(PRIMARY_SERVICE, leading) or _obvious(workload, rest)
    others = frozenset(one.ref for one in rest if one is not primary)
    return _Pair(primary, stage, others)


def _obvious(workload: Resource, found: tuple[Resource, ...]) -> Resource:
    """The one Service that there is, beside the one that gives a StatefulSet's pods their host names."""
    own = governed_by(workload)
    open_ = found if len(found) < 2 else tuple(one for one in found if one.ref != own)
    if len(open_) == 1:
        return open_[0]
    if open_:
        names = " and ".join(one.ref.name for one in open_)
        problem = f"its pods are selected by the Services {names}, and nothing says which one users come through"
        raise ManifestError(problem, origin=workload.origin, ref=workload.ref, field="metadata.annotations", hint=BOTH)
    problem = "no Service of the release selects its pods for users: there is nothing that could be swapped"
    hint = (
        "add a Service that selects them (a headless one will do)"
        f', or annotate the workload {DIRECT_APPLY}: "true": it is then applied as it is'
    )
    raise ManifestError(problem, origin=workload.origin, ref=workload.ref, field="spec.template.metadata", hint=hint)


def _only_one(annotation: str, found: tuple[Resource, ...]) -> Resource | None:
    said = tuple(one for one in found if says(one.body, annotation))
    if len(said) > 1:
        problem = f"{annotation} is said of {said[0].ref.name}, too, and both lead to the same pods"
        raise _contradiction(said[1], problem, "say it of one of them")
    return said[0] if said else None


def _refuse_both_roles(one: _Pair, twice: frozenset[Ref]) -> None:
    for service in (one.primary, one.stage):
        if service and (service.ref in twice or (says(service.body, PRIMARY_SERVICE) and service is one.stage)):
            problem = f"is {PRIMARY_SERVICE} and {STAGE_SERVICE} at once"
            raise _contradiction(service, problem, "it can be one of the two")


def _refuse_strays(resources: tuple[Resource, ...], workloads: tuple[Resource, ...]) -> None:
    """An annotation on a Service that leads to none of the workloads is a mistake that shows only in the swap."""
    for one in resources:
        said: Mapping[str, bool] = {name: says(one.body, name) for name in (PRIMARY_SERVICE, STAGE_SERVICE)}
        name = next((name for name, value in said.items() if value), "")
        if name and not any(leads_to(one, made, besides=COLOUR) for made in workloads):
            names = " or ".join(made.ref.name for made in workloads)
            problem = f"is {name}, and its selector selects no pod of {names}"
            raise ManifestError(
                problem,
                origin=one.origin,
                ref=one.ref,
                field="spec.selector",
                hint="give it labels that those pods have",
            )


def refuse_mixed(resources: tuple[Resource, ...], workloads: tuple[Resource, ...]) -> None:
    """A Service that wants a colour no longer leads to pods that have none."""
    plain = other_makers(resources, workloads)
    for service in services(resources):
        coloured = next((one for one in workloads if leads_to(service, one, besides=COLOUR)), None)
        other = next((one for one in plain if leads_to(service, one, besides=COLOUR)), None)
        if coloured and other:
            problem = f"selects pods of {coloured.ref.name}, which get a colour, and of {other.ref.name}, which do not"
            hint = (
                f'give each a Service of its own, or annotate this one {DIRECT_APPLY}: "true" to have it left as it is'
            )
            raise ManifestError(problem, origin=service.origin, ref=service.ref, field="spec.selector", hint=hint)


def _contradiction(service: Resource, problem: str, hint: str) -> ManifestError:
    return ManifestError(problem, origin=service.origin, ref=service.ref, field="metadata.annotations", hint=hint)
