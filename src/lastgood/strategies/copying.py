"""Copies of workloads and of the configuration that their pods read, with the references between them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lastgood.model.marks import COPY_OF, DIRECT_APPLY, says
from lastgood.model.reading import text
from lastgood.model.resource import Ref, Resource
from lastgood.strategies.naming import Room
from lastgood.strategies.selecting import label_pods, select_by
from lastgood.versioning import config_name, is_config, references, with_names

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
        body = original.copy_body()
        metadata, name = body["metadata"], self.names[original.ref].name
        metadata["labels"] = {**(metadata.get("labels") or {}), self.key: self.value}
        if name != metadata["name"]:
            metadata["annotations"] = {**(metadata.get("annotations") or {}), COPY_OF: metadata["name"]}
        metadata["name"] = name
        return original.with_body(body)

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


def reads(resource: Resource, config: Resource) -> bool:
    """Whether something refers to a ConfigMap or Secret; of a kind that we do not know, whether it says its name."""
    ref = config.ref
    if resource.ref.namespace not in ("", ref.namespace) or is_config(resource.body):
        return False
    if resource.ref.group in BUILT_IN:
        return any((one.kind, one.name) == (ref.kind, ref.name) for one in references(resource))
    return _says(resource.body.get("spec"), ref.name)


def copies(originals: Iterable[Resource], room: Room, suffix: str) -> dict[Ref, Ref]:
    """Who the copy of each of these is."""
    return {one.ref: room.copy_of(one, suffix) for one in originals}


def _says(value: Any, name: str) -> bool:
    if isinstance(value, Mapping):
        return any(_says(one, name) for one in value.values())
    if isinstance(value, list):
        return any(_says(one, name) for one in value)
    return bool(value == name)


def _known(ref: Ref) -> tuple[str, str, str]:
    return (ref.kind, ref.namespace, ref.name)
