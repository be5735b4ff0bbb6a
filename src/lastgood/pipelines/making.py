"""A bundle becomes resources: values merged, templates rendered, documents read.

What fails is told where it was written: with the template's line, not the rendered one's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.errors import ExpressionError, ManifestError
from lastgood.loading import resources_in
from lastgood.model.resource import Origin, Resource
from lastgood.model.source import File, Source
from lastgood.pipelines.bundling import Bundle, rendered, source_of
from lastgood.pipelines.expressions import Scope
from lastgood.pipelines.lines import template_line

LEFT_OVER = re.compile(r"<\+[A-Za-z][^<>\n]*>?")


@dataclass(frozen=True, slots=True)
class Made:
    """One file of a bundle, rendered, and the resources in it; their lines are those of the rendered text."""

    bundle: Bundle
    source: Source
    template: File
    text: str
    resources: tuple[Resource, ...] = ()

    def written_at(self, origin: Origin) -> Origin:
        """Where a line of the rendered text was written, as far as that can be told."""
        found = template_line(self.source, self.template, self.text, origin.line) if origin.line else None
        return found or Origin(self.template.name, 0, origin.document)


def make(bundle: Bundle, scope: Scope) -> tuple[Made, ...]:
    """Every file of a bundle, rendered and read. Raises ``InputError`` of one kind or another."""
    source = source_of(bundle, scope)
    pairs = zip(source.files, rendered(source), strict=True)
    return tuple(_read(Made(bundle, source, template, file.text)) for template, file in pairs)


def _read(made: Made) -> Made:
    try:
        resources = tuple(resources_in(File(made.template.name, made.text)))
    except ManifestError as error:
        raise _placed(error, made) from error
    for resource in resources:
        _refuse_left_over(resource, made)
    return Made(made.bundle, made.source, made.template, made.text, resources)


def _placed(error: ManifestError, made: Made) -> ManifestError:
    """The same error, in the template."""
    origin = error.origin or Origin(made.template.name)
    written = made.written_at(origin)
    problem = error.problem if written.line else f"{error.problem}, in line {origin.line} of what is rendered"
    return ManifestError(problem, origin=written, ref=error.ref, field=error.field, hint=error.hint)


def _refuse_left_over(resource: Resource, made: Made) -> None:
    found = next((match[0] for text in _strings(resource.body) if (match := LEFT_OVER.search(text))), None)
    if found:
        lines = made.template.text.split("\n")
        line = next((number for number, text in enumerate(lines, 1) if found in text), 0)
        place = Origin(made.template.name, line)
        hint = "put it under a key of a values file, and print that here: {{ .Values.KEY }}"
        raise ExpressionError(
            f"{place}: {resource.ref}: {found} stands in a manifest, where none is evaluated", hint=hint
        )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from value
        yield from (text for one in value.values() for text in _strings(one))
    elif isinstance(value, list):
        yield from (text for one in value for text in _strings(one))
