"""A request becomes a draft of a release: every resource final, in its namespace, labelled. Pure.

What is wrong with the request is found here, before anything is locked or written.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from lastgood.errors import ManifestError, SettingError
from lastgood.model.marks import RELEASE, RELEASE_NAMESPACE
from lastgood.model.naming import RULE, is_release_name
from lastgood.model.release import Mode, Release, Strategy
from lastgood.model.request import Request
from lastgood.model.resource import Body, GroupKind, Ref, Resource
from lastgood.ports import Served
from lastgood.reasons import grace_problem
from lastgood.sharing import policy_problem
from lastgood.versioning import pod_template, with_config_hashes, with_known_hashes, with_numbers, with_release_number

Kinds = Mapping[GroupKind, Served]


STAGES = "strategy canary stages a few pods of it, blue-green all of it"


def draft(request: Request, served: Kinds, now: datetime) -> Release:
    """The release that a request asks for, without number and key: those need the history."""
    if not is_release_name(request.name):
        raise SettingError(f'"{request.name}" cannot be the name of a release', hint=RULE)
    if request.staged and request.strategy is Strategy.ROLLING:
        raise SettingError("staged: a rolling release takes the place of the live one, and waits nowhere", hint=STAGES)
    if not request.resources:
        raise SettingError("there is nothing to deploy: the files hold no resources")
    resources = place(request.resources, served, request.namespace)
    marked = tuple(labelled(resource, request) for resource in resources)
    return Release(
        name=request.name,
        namespace=request.namespace,
        number=0,
        created=now,
        mode=request.mode,
        prune=request.mode is Mode.DECLARATIVE if request.prune is None else request.prune,
        resources=marked,
        inventory=tuple(resource.ref for resource in marked),
        who=request.options.who,
        why=request.options.why,
    )


def numbered(
    release: Release, request: Request, *, number: int, key: str, last_good: Release | None, earlier: frozenset[Ref]
) -> Release:
    """The draft in its place in the history: what tells one content of ConfigMaps and Secrets from another is put in.

    ``earlier`` is what may be in the cluster because of earlier attempts: the inventory speaks of it until it is
    pruned, so that no chain of failures can make it forgotten.
    """
    before = last_good.resources if last_good else ()
    if release.mode is Mode.DECLARATIVE:
        resources = with_config_hashes(release.resources, key, {one.ref: one.body for one in before})
    else:
        resources = _versioned(release.resources, request, number, before)
    inventory = {resource.ref for resource in resources} | earlier
    return replace(release, number=number, key=key, resources=resources, inventory=tuple(sorted(inventory)))


def _versioned(
    resources: tuple[Resource, ...], request: Request, number: int, before: tuple[Resource, ...]
) -> tuple[Resource, ...]:
    if request.uses_number:
        resources = with_release_number(resources, number)
    if request.versioned:
        resources = with_numbers(resources, number, before, anew=request.uses_number)
    return with_known_hashes(resources, {one.ref: one.body for one in before})


def defined_kinds(resources: tuple[Resource, ...]) -> frozenset[GroupKind]:
    """The kinds that CustomResourceDefinitions among these resources define."""
    return frozenset(definitions(resources))


def definitions(resources: Iterable[Resource]) -> dict[GroupKind, Served]:
    """How the kinds that CustomResourceDefinitions among these define are going to be served."""
    return dict(one for resource in resources for one in _definition(resource.body))


def place(resources: tuple[Resource, ...], served: Kinds, namespace: str) -> tuple[Resource, ...]:
    """The same, each in its namespace. Raises ``ManifestError`` for a kind nobody knows, for twins and annotations."""
    known = {**served, **definitions(resources)}
    placed = tuple(_placed(resource, known, namespace) for resource in resources)
    _refuse_twins(placed)
    _refuse_bad_annotations(placed)
    return placed


def _placed(resource: Resource, known: Kinds, namespace: str) -> Resource:
    kind = known.get(resource.ref.group_kind)
    if kind is None or resource.ref.version not in kind.versions:
        raise _unknown(resource, known)
    metadata = dict(resource.body["metadata"])
    if not kind.namespaced:
        metadata.pop("namespace", None)
    elif not metadata.get("namespace"):
        metadata["namespace"] = namespace
    return resource.with_body({**resource.body, "metadata": metadata})


def _unknown(resource: Resource, known: Kinds) -> ManifestError:
    ref = resource.ref
    served = known.get(ref.group_kind)
    if served is not None:
        versions = ", ".join(f"{ref.group}/{one}".lstrip("/") for one in served.versions)
        problem, hint = f"the cluster does not serve {ref.api_version} {ref.kind}", f"it serves {versions}"
    else:
        problem = f"the cluster knows no kind {ref.kind} in {ref.api_version}"
        hint = _nearest(ref, known) or "check apiVersion and kind, or deploy the CustomResourceDefinition first"
    return ManifestError(problem, origin=resource.origin, ref=ref, hint=hint)


def _nearest(ref: Ref, known: Kinds) -> str:
    names = {f"{one.versions[0]} {kind.kind}" if not kind.group else f"{kind.group}/{one.versions[0]} {kind.kind}": kind
             for kind, one in known.items()}  # fmt: skip
    same = [name for name, kind in names.items() if kind.kind == ref.kind]
    near = same or difflib.get_close_matches(f"{ref.api_version} {ref.kind}", names, n=1, cutoff=0.8)
    return f"did you mean {near[0]}?" if near else ""


def _refuse_twins(resources: tuple[Resource, ...]) -> None:
    first: dict[Ref, Resource] = {}
    for resource in resources:
        twin = first.setdefault(resource.ref, resource)
        if twin is not resource:
            raise ManifestError(f"is there twice, first in {twin.origin}", origin=resource.origin, ref=resource.ref)


def _refuse_bad_annotations(resources: tuple[Resource, ...]) -> None:
    for resource in resources:
        problem = grace_problem(resource.body) or policy_problem(resource.body)
        if problem:
            raise ManifestError(problem, origin=resource.origin, ref=resource.ref)


def labelled(resource: Resource, request: Request) -> Resource:
    """The same with the labels that say whose it is; pods carry only those that the request asks for."""
    body = resource.copy_body()
    labels = {RELEASE: request.name, RELEASE_NAMESPACE: request.namespace}
    body["metadata"]["labels"] = {**(body["metadata"].get("labels") or {}), **labels}
    if request.pod_labels:
        _label_pods(body, dict(request.pod_labels))
    return resource.with_body(body)


def _label_pods(body: Body, labels: Mapping[str, str]) -> None:
    template = pod_template(body)
    if isinstance(template, dict):
        metadata = template.get("metadata") or {}
        template["metadata"] = {**metadata, "labels": {**(metadata.get("labels") or {}), **labels}}


def _definition(body: Body) -> Iterator[tuple[GroupKind, Served]]:
    if body.get("kind") != "CustomResourceDefinition":
        return
    spec = body.get("spec") or {}
    names = spec.get("names") or {}
    kind = GroupKind(spec.get("group", ""), names.get("kind", ""))
    versions = tuple(one.get("name", "") for one in spec.get("versions") or () if one.get("served", True))
    yield kind, Served(kind, versions, names.get("plural", ""), spec.get("scope") != "Cluster")
