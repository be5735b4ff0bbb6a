"""The resources of a release, as they were recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from lastgood.cli import documents
from lastgood.cli.lines import Line
from lastgood.diffing import MASK, SECRET_FIELDS
from lastgood.emitting import emit
from lastgood.model.release import Release
from lastgood.model.resource import Body, Resource


@dataclass(frozen=True, slots=True)
class ManifestsPage:
    """The bodies of a release; the values of Secrets are masked."""

    kind: ClassVar[str] = "Manifests"
    release: Release
    exit_code: int = 0

    def document(self) -> documents.Document:
        """The bodies, in the order of their refs."""
        one = self.release
        return {"name": one.name, "namespace": one.namespace, "number": one.number, "items": self._bodies()}

    def names(self) -> list[str]:
        """What it is made of."""
        return [str(resource.ref) for resource in self.release.resources]

    def lines(self) -> list[Line]:
        """The same as YAML documents."""
        texts = (f"---\n{emit(body)}" for body in self._bodies())
        return [Line(line) for text in texts for line in text.splitlines()]

    def _bodies(self) -> list[dict[str, Any]]:
        ordered = sorted(self.release.resources, key=lambda one: one.ref)
        return [dict(_masked(one)) for one in ordered]


def _masked(resource: Resource) -> Body:
    if resource.ref.group_kind != ("", "Secret"):
        return resource.body
    hidden = {field: dict.fromkeys(resource.body[field], MASK) for field in SECRET_FIELDS if resource.body.get(field)}
    return {**resource.body, **hidden}
