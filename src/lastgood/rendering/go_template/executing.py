"""One source through the template engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import StringIO
from typing import Any

import gotpl
from gotpl import ContextFunction, Environment, RenderContext, SandboxPolicy, TemplateEngine

from lastgood.model.source import File, Source
from lastgood.parsing import LARGEST
from lastgood.rendering.go_template.bounding import BUDGET, Meter
from lastgood.rendering.go_template.explaining import explained, no_value, not_a_template
from lastgood.rendering.go_template.functions import NO_VALUE, Function, functions
from lastgood.rendering.go_template.numbers import as_go

WORD = re.compile(r"\w+")
CAPABILITIES = ("render-associated", "render-dynamic-source")


def render(source: Source) -> tuple[File, ...]:
    """The files with their actions carried out; a template that is defined in one of them is known to all.

    Raises ``TemplateError`` with file and line: for what is no template, for a function that fails, for what is
    asked of a value that is not there, for printing one (unless the source is not ``strict``), and for templates
    that do not come to an end.
    """
    if not source.files:
        return ()
    known = functions(strict=source.strict)
    engine = _compiled(source, known)
    return tuple(File(file.name, _rendered(file, source, engine, known)) for file in source.files)


def _rendered(file: File, source: Source, engine: TemplateEngine, known: Mapping[str, Function]) -> str:
    try:
        text = engine.render_template(file.name, _data(source))
    except (gotpl.TemplateError, RecursionError) as error:
        raise explained(error, file, source) from error
    if source.strict and NO_VALUE in text:
        _refuse_no_value(file, source, known)
    return text


def _data(source: Source) -> dict[str, Any]:
    """A copy for each file: one that changes its values must not change another's."""
    return {"Values": as_go(source.values)}


def _compiled(source: Source, known: Mapping[str, Function]) -> TemplateEngine:
    """The engine with all files."""
    environment = _environment(_needed(source, known))
    try:
        return environment.from_sources({file.name: file.text for file in source.files})
    except (gotpl.TemplateError, RecursionError) as error:
        raise _broken(environment, source, known) from error


def _needed(source: Source, known: Mapping[str, Function]) -> Mapping[str, Function]:
    """Only the functions that the files name, which saves preparing the others; all, where a value may name them."""
    words = {word for file in source.files for word in WORD.findall(file.text)}
    return known if "tpl" in words else {name: function for name, function in known.items() if name in words}


def _environment(known: Mapping[str, Function]) -> Environment:
    sandbox = SandboxPolicy.strict(
        allow_functions=known,
        allow_context_capabilities=CAPABILITIES,
        max_template_chars=LARGEST,
        default_budget=BUDGET,
    )
    return Environment(functions=Meter().metered(known), sandbox=sandbox, budget=BUDGET)


def _broken(environment: Environment, source: Source, known: Mapping[str, Function]) -> Exception:
    """Which of the files is no template, and why."""
    faults = ((file, _fault(environment, file)) for file in source.files)
    return next(not_a_template(error, file, known) for file, error in faults if error)


def _fault(environment: Environment, file: File) -> Exception | None:
    try:
        environment.from_string(file.text, name=file.name)
    except (gotpl.TemplateError, RecursionError) as error:
        return error
    return None


class _NoValue(gotpl.TemplateExecutionError):
    """Raised where a value that is not there would be written; the engine adds the place."""


class _Strict(StringIO):
    """Takes every text but the one that stands for no value."""

    def write(self, text: str) -> int:
        if text == NO_VALUE:
            raise _NoValue(NO_VALUE)
        return super().write(text)


def _refuse_no_value(file: File, source: Source, known: Mapping[str, Function]) -> None:
    """Render once more to find the place; nothing is raised if the text just stands in a value or in the file."""

    def include(_context: RenderContext, name: str, data: object) -> str:
        writer = _Strict()
        engine.template.render_template_to(name, writer, data)
        return writer.getvalue()

    searching: dict[str, Function] = {
        **known,
        "include": ContextFunction(sync=include, capabilities=frozenset(CAPABILITIES[:1])),
    }
    engine = _environment(_needed(source, searching)).from_sources({one.name: one.text for one in source.files})
    try:
        engine.template.render_template_to(file.name, _Strict(), _data(source))
    except _NoValue as error:
        raise no_value(error, file, source) from error
