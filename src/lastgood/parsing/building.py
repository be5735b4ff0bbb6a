"""The events of a YAML parser become plain values, one document after another.

Nothing here recurses over the input, and what an alias stands for is counted before it is copied.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from lastgood.parsing.scalars import NotJson, key_text, resolve
from lastgood.parsing.text import LARGEST

DEEPEST = 200
"""How many levels a document may have; the deepest schemas of real CustomResourceDefinitions have some 60."""

NODE_WEIGHT = 64  # bytes that the smallest value takes, roughly
TAG = "tag:yaml.org,2002:"
STANDARD_TAGS: dict[str, tuple[type, ...]] = {
    f"{TAG}bool": (bool,),
    f"{TAG}int": (int,),
    f"{TAG}float": (int, float),
    f"{TAG}null": (type(None),),
}


class Unfit(ValueError):
    """Well-formed YAML that is no JSON; ``line`` is where (0 where that is the line being read)."""

    def __init__(self, problem: str, *, line: int = 0, hint: str = "") -> None:
        super().__init__(problem)
        self.line, self.hint = line, hint


class Merge:
    """The key ``<<``."""


MERGE = Merge()


@dataclass(slots=True)
class Frame:
    """A mapping or a list that is still open. ``weight`` and ``height`` measure what is in it by now."""

    value: dict[str, Any] | list[Any]
    anchor: str | None
    key: str | Merge | None = None
    key_line: int = 0
    lines: dict[str, int] = field(default_factory=dict)
    weight: int = NODE_WEIGHT
    height: int = 1


@dataclass(frozen=True, slots=True)
class Anchored:
    """A finished value that aliases may stand for."""

    value: Any
    weight: int
    height: int


class Builder:
    """Takes events in order; after each DocumentEnd, ``value`` is that document's."""

    def __init__(self, scalar: Callable[[str], Any] = resolve) -> None:
        self.scalar = scalar
        self.number = 0
        self._begin(0)

    def _begin(self, line: int) -> None:
        self.value: Any = None
        self.line = line
        self.item_lines: list[int] = []
        self._content = 0
        self._open: list[Frame] = []
        self._anchors: dict[str, Anchored | None] = {}
        self._copied = 0

    def take(self, event: Any) -> None:
        """Add one event. Raises ``Unfit``."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._add_scalar(event)
        elif kind is yaml.MappingStartEvent:
            self._open_frame(event, {})
        elif kind is yaml.SequenceStartEvent:
            self._open_frame(event, [])
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._close_frame()
        else:
            self._take_rare(event, kind)

    def _take_rare(self, event: Any, kind: type) -> None:
        if kind is yaml.AliasEvent:
            self._add_alias(event)
        elif kind is yaml.DocumentStartEvent:
            self._begin_document(event)
        elif kind is yaml.DocumentEndEvent:
            self.line = self._content or self.line

    def _begin_document(self, event: Any) -> None:
        self.number += 1
        self._begin(event.start_mark.line + 1)
        if event.version and event.version != (1, 1):
            version = ".".join(map(str, event.version))
            raise Unfit(f"%YAML {version} is not read by Kubernetes' tools", hint="remove that line")

    def _open_frame(self, event: Any, value: dict[str, Any] | list[Any]) -> None:
        self._mark(event)
        if len(self._open) >= DEEPEST:
            raise Unfit(f"this is nested more than {DEEPEST} levels deep")
        if self._expects_key():
            raise Unfit("a key must be a word, not a list or a mapping")
        if len(self._open) == 2 and self._open[0].key == "items" and isinstance(self._open[1].value, list):
            self.item_lines.append(self.line)
        if event.anchor:
            self._anchors[event.anchor] = None
        self._open.append(Frame(value, event.anchor))

    def _close_frame(self) -> None:
        frame = self._open.pop()
        self._finish(frame.anchor, frame.value, frame.weight, frame.height)

    def _add_scalar(self, event: Any) -> None:
        self._mark(event)
        text: str = event.value
        value = MERGE if text == "<<" and self._is_merge(event) else self._scalar_value(event, text)
        self._finish(event.anchor, value, NODE_WEIGHT + len(text), 0)

    def _add_alias(self, event: Any) -> None:
        self._mark(event)
        if event.anchor not in self._anchors:
            raise Unfit(f"alias *{event.anchor} stands for nothing: there is no &{event.anchor} before it")
        anchored = self._anchors[event.anchor]
        if anchored is None:
            raise Unfit(f"anchor &{event.anchor} contains itself")
        self._copied += anchored.weight
        if self._copied > LARGEST:
            raise Unfit(f"its aliases expand to more than {LARGEST // 2**20} MiB")
        if len(self._open) + anchored.height > DEEPEST:
            raise Unfit(f"with its aliases this is nested more than {DEEPEST} levels deep")
        self._put(_copy(anchored.value), anchored.weight, anchored.height)

    def _finish(self, anchor: str | None, value: Any, weight: int, height: int) -> None:
        if anchor:
            self._anchors[anchor] = Anchored(value, weight, height)
        self._put(value, weight, height)

    def _put(self, value: Any, weight: int, height: int) -> None:
        if not self._open:
            self.value = value
            return
        frame = self._open[-1]
        frame.weight += weight
        frame.height = max(frame.height, height + 1)
        if isinstance(frame.value, list):
            frame.value.append(value)
        elif frame.key is None:
            frame.key, frame.key_line = value if type(value) is str else _key(value), self.line
        else:
            self._set(frame, frame.value, value)

    def _set(self, frame: Frame, mapping: dict[str, Any], value: Any) -> None:
        key, frame.key = frame.key, None
        if not isinstance(key, str):
            _merge(mapping, value)
        elif key in frame.lines:
            self._repeat(frame, key)
        else:
            frame.lines[key] = frame.key_line
            mapping[key] = value

    def _repeat(self, frame: Frame, key: str) -> None:
        """What becomes of a key that stands twice. The first counts where this does not raise."""
        raise _twice(frame, key)

    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _is_merge(self, event: Any) -> bool:
        plain = event.implicit[0] and event.tag is None
        return event.anchor is None and (plain or event.tag == f"{TAG}merge") and self._expects_key()

    def _scalar_value(self, event: Any, text: str) -> Any:
        try:
            if event.tag is not None:
                return _tagged(event.tag, text, self.scalar)
            return self.scalar(text) if event.implicit[0] else text
        except NotJson as error:
            raise Unfit(str(error), hint="quote it if it is meant to be a word") from error

    def _mark(self, event: Any) -> None:
        self.line = event.start_mark.line + 1
        self._content = self._content or self.line


def _key(value: Any) -> str | Merge:
    if value is None:
        raise Unfit("a key is null", hint='quote it if it is meant to be a word: "null", "~"')
    if isinstance(value, dict | list):
        raise Unfit("a key must be a word, not a list or a mapping")
    return value if isinstance(value, Merge) else key_text(value)


def _twice(frame: Frame, key: str) -> Unfit:
    first = frame.lines[key]
    lines = f"in line {first} and in line {frame.key_line}" if first != frame.key_line else f"in line {first}"
    return Unfit(f'the key "{key}" stands twice, {lines}', line=frame.key_line, hint="keep one of them")


def _merge(mapping: dict[str, Any], value: Any) -> None:
    """What stands later wins, a merge included; of several in a list, the first."""
    sources = value if isinstance(value, list) else [value]
    if not all(isinstance(one, dict) for one in sources):
        raise Unfit("<< takes a mapping, or a list of mappings")
    for one in reversed(sources):
        mapping.update(one)


def _copy(value: Any) -> Any:
    """A value of its own for every alias: whoever changes one must not change the others."""
    if isinstance(value, dict):
        return {key: _copy(one) for key, one in value.items()}
    return [_copy(one) for one in value] if isinstance(value, list) else value


def _tagged(tag: str, text: str, scalar: Callable[[str], Any]) -> Any:
    if tag == f"{TAG}binary":
        return _binary(text)
    if tag not in STANDARD_TAGS or scalar is not resolve:
        return text
    value, wanted = resolve(text), STANDARD_TAGS[tag]
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        raise Unfit(f"{tag.replace(TAG, '!!')} does not fit what follows it")
    return value


def _binary(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Unfit("!!binary holds no text in base64", hint="binary data belongs into binaryData") from error
