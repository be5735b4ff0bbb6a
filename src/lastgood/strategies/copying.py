"""Copies of workloads and of the configuration that their pods read, with the references between them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lastgood.model.marks import COPY_OF, DIRECT_APPLY, says
from lastgood.model.reading import text
from lastgood.model.resource import Ref, Resource
from lastgood.strategies.naming import Room
from lastgood.strategies.selecting import label_pods, select_by
from lastgood.versioning import ConfigName, config_name, is_config, references, with_names

CONFIG_KINDS = ("ConfigMap", "Secret")

BUILT_IN = frozenset(
    {
        "",
        "apps",
        "apps.openshift.io",
        "autoscaling",
        "batch",
        "networking.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
    }
)
"""Groups of whose kinds we know every place where they name a ConfigMap or a Secret."""


@dataclass(frozen=True, slots=True)
class Copying:
    """How one strategy copies: the label that tells its copies apart, and the names that they get.

    ``names`` holds who the copy of each resource is; a copy may have the name of its original.
    """

    key: str
    value: str
    names: Mapping[Ref, Ref] = field(default_factory=dict)

    def copy(self, original: Resource) -> Resource:
        """The copy: named, labelled, marked as what it is; what is in it stays."""
        made = renamed(original, self.names[original.ref].name)
        made.body["metadata"]["labels"] = {**made.labels, self.key: self.value}
        return made

    def selecting(self, original: Resource) -> Resource:
        """The copy, whose selector wants the label, too."""
        made = self.copy(original)
        select_by(made.body, self.key, self.value)
        return made

    def workload(self, original: Resource, replicas: int | None) -> Resource:
        """The copy of a workload: its pods are labelled and selected, and read the copies of their configuration.

        A StatefulSet's pods get their host names from the copy of its Service.
        """
        made = self.selecting(original)
        label_pods(made.body, {self.key: self.value})
        if replicas is not None:
            made.body["spec"]["replicas"] = replicas
        governing = self.names.get(governed_by(original))
        if governing:
            made.body["spec"]["serviceName"] = governing.name
        return with_names(made, {_known(ref): new.name for ref, new in self.names.items()})


def renamed(original: Resource, name: str) -> Resource:
    """The same under another name, with a mark of whose copy it is."""
    body = original.copy_body()
    metadata = body["metadata"]
    if name != metadata["name"]:
        metadata["annotations"] = {**original.annotations, COPY_OF: metadata["name"]}
    metadata["name"] = name
    return original.with_body(body)


def governed_by(workload: Resource) -> Ref:
    """The Service that gives a StatefulSet's pods their host names; of other workloads, one without a name."""
    name = text(workload.body, "spec", "serviceName") if workload.ref.kind == "StatefulSet" else ""
    return Ref("", "Service", workload.ref.namespace, name, "v1")


def copied_configuration(workloads: Iterable[Resource], resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """The ConfigMaps and Secrets of a release that pods of these workloads refer to, and that may be copied."""
    named = {(one.kind, made.ref.namespace, one.name) for made in workloads for one in references(made)}
    return tuple(
        one
        for one in resources
        if is_config(one.body) and config_name(one.body) in named and not says(one.body, DIRECT_APPLY)
    )


def may_read(resource: Resource) -> bool:
    """Whether something may refer to a ConfigMap or Secret: it does, or nobody knows."""
    return resource.ref.group not in BUILT_IN or any(references(resource))


def readers(resources: Iterable[Resource]) -> dict[ConfigName, set[Ref]]:
    """Who refers to which ConfigMap or Secret; every string in the spec of a kind that we do not know may be a name."""
    found: dict[ConfigName, set[Ref]] = defaultdict(set)
    for one in resources:
        ref = one.ref
        for name in _read(one, ref):
            found[name].add(ref)
    return found


def _read(one: Resource, ref: Ref) -> Iterator[ConfigName]:
    if ref.group in BUILT_IN:
        yield from ((name.kind, ref.namespace, name.name) for name in references(one))
    else:
        yield from ((kind, ref.namespace, text) for text in _texts(one.body.get("spec")) for kind in CONFIG_KINDS)


def copies(originals: Iterable[Resource], room: Room, suffix: str) -> dict[Ref, Ref]:
    """Who the copy of each of these is."""
    return {one.ref: room.copy_of(one, suffix) for one in originals}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value


def _known(ref: Ref) -> tuple[str, str, str]:
    return (ref.kind, ref.namespace, ref.name)
