"""Text becomes documents, each a plain value with the line it starts at. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import yaml

from lastgood.errors import ManifestError
from lastgood.model.resource import Origin
from lastgood.parsing.building import DEEPEST, Builder, Unfit
from lastgood.parsing.scalars import NotJson, resolve, whole
from lastgood.parsing.text import FLOW, LARGEST, too_large, without_tabs

BLANKS = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file: its value, its place among all of them (from 1) and the line of its content.

    ``item_lines`` are the lines of the elements of a top-level ``items`` list.
    """

    value: Any
    number: int
    line: int
    item_lines: tuple[int, ...] = ()


def parse(text: str, file: str, *, scalar: Callable[[str], Any] = resolve) -> tuple[Document, ...]:
    """Every document of a text, the empty ones too.

    ``scalar`` says what an unquoted word means. Raises ``ManifestError`` with file, line and document for what is
    not YAML, for a key that stands twice or is null, and for whatever JSON cannot hold.
    """
    if scalar is resolve and FLOW.match(text) and len(text) <= LARGEST:
        with suppress(ValueError, RecursionError):
            return tuple(_json_documents(text))
    return parse_with(Builder(scalar), text, file)


def parse_with(builder: Builder, text: str, file: str) -> tuple[Document, ...]:
    """Every document of a text, read as YAML by this builder. Raises ``ManifestError`` as ``parse`` does."""
    if len(text) > LARGEST:
        raise too_large(file)
    return tuple(_yaml_documents(without_tabs(text), file, builder))


def _yaml_documents(text: str, file: str, builder: Builder) -> Iterator[Document]:
    try:
        yield from _built(yaml.CSafeLoader(text), builder)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise _malformed(text, Origin(file, line, builder.number), f"{error.problem} (column {column})") from error
    except yaml.reader.ReaderError as error:
        raise _unreadable(text, file, error.position) from error
    except UnicodeEncodeError as error:
        raise _unreadable(text, file, len(text[: error.start].encode())) from error
    except Unfit as error:
        origin = Origin(file, error.line or builder.line, builder.number)
        raise ManifestError(str(error), origin=origin, hint=error.hint or _template_hint(text, origin.line)) from error


def _built(events: Any, builder: Builder) -> Iterator[Document]:
    while not isinstance(event := events.get_event(), yaml.StreamEndEvent):
        builder.take(event)
        if isinstance(event, yaml.DocumentEndEvent):
            yield Document(builder.value, builder.number, builder.line, tuple(builder.item_lines))


def _malformed(text: str, origin: Origin, problem: str) -> ManifestError:
    hint = _template_hint(text, origin.line)
    return ManifestError(f"this is not valid YAML: {problem}", origin=origin, hint=hint)


def _template_hint(text: str, line: int) -> str:
    """The parser often notices a template only one line further on."""
    near = text.split("\n")[max(line - 2, 0) : line]
    template = any("{{" in one for one in near)
    return "this looks like a Go template: render it first, as with helm template" if template else ""


def _unreadable(text: str, file: str, position: int) -> ManifestError:
    """``position`` counts bytes, as the parser does."""
    line = text.encode(errors="replace")[:position].count(b"\n") + 1
    return ManifestError("this is not valid YAML: it holds a control character", origin=Origin(file, line))


def _json_documents(text: str) -> Iterator[Document]:
    """Raises ``ValueError`` for all that is not JSON, or has a key twice: then it is read as YAML, which says where."""
    decoder = json.JSONDecoder(object_pairs_hook=_distinct, parse_float=_json_float, parse_constant=_refuse)
    position, number = _next(text, 0), 0
    while position < len(text):
        line = text.count("\n", 0, position) + 1
        value, end = decoder.raw_decode(text, position)
        _check_json(value)
        position, number = _next(text, end), number + 1
        yield Document(value, number, line)


def _next(text: str, position: int) -> int:
    blanks = BLANKS.match(text, position)
    return blanks.end() if blanks else position


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _json_float(text: str) -> int | float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise NotJson(text)
    return whole(number)


def _refuse(constant: str) -> Any:
    raise NotJson(constant)


def _check_json(value: Any) -> None:
    level, depth = [value], 0
    while level:
        if depth > DEEPEST:
            raise ValueError("too deep")
        level = [child for one in level for child in _children(one)]
        depth += 1
    json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is no text


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
