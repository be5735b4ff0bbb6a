"""The text of a file of rules becomes rules, or an error that tells every mistake in it. It imports CEL, if needed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.errors import ManifestError, SettingError
from lastgood.model.resource import GroupKind
from lastgood.model.rule import Rule, Rules, Test
from lastgood.parsing import Mark, Outline, Steps, outline
from lastgood.ruling.celling import Compiler

HEAD = {"apiVersion": "lastgood.dev/v1", "kind": "HealthRules"}
"""What may stand in front, and says only what file this is."""

TESTS = ("healthy", "failed", "progressing")
KEYS = ("group", "kind", *TESTS, "message")


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong: at which field, and what. ``mark`` says where, if that is not where the field stands."""

    steps: Steps
    sentence: str
    mark: Mark | None = None


def read_rules(text: str, file: str) -> Rules:
    """The rules in a text. ``file`` is its name in messages, and in the names of the rules.

    Raises ``SettingError`` with a line for each mistake (file, line, column, field), and when CEL is not installed.
    """
    try:
        found = outline(text, file)
    except ManifestError as error:
        raise SettingError(str(error), hint=error.hint) from error
    reader = _Reader(found, file)
    rules = dict(reader.rules())
    if reader.mistakes:
        raise reader.refusal()
    return rules


class _Reader:
    """Reads one file, and keeps what is wrong with it."""

    def __init__(self, found: Outline, file: str) -> None:
        self._found, self._file = found, file
        self._compiler: Compiler | None = None
        self.mistakes: list[Mistake] = [
            Mistake(steps, f"stands twice, first in line {found.mark(steps).line}", mark)
            for steps, mark in found.repeated
        ]

    def rules(self) -> Iterator[tuple[GroupKind, Rule]]:
        """Each rule that can be read."""
        seen: dict[GroupKind, int] = {}
        for number, entry in enumerate(self._entries()):
            steps: Steps = ("rules", number)
            if not isinstance(entry, dict):
                self._wrong(steps, "expected a mapping with kind and healthy")
                continue
            self._refuse_unknown(entry, steps)
            kind = self._group_kind(entry, steps)
            rule = self._rule(entry, steps)
            if kind is None:
                continue
            if kind in seen:
                self._wrong(steps, f"there is another rule for {kind.kind} in line {seen[kind]}")
            seen[kind] = self._found.mark(steps).line
            yield kind, rule

    def refusal(self) -> SettingError:
        """The error that tells all that is wrong."""
        placed = sorted(
            ((one.mark or self._found.mark(one.steps), one) for one in self.mistakes), key=lambda one: one[0]
        )
        return SettingError("\n".join(self._line(mark, one) for mark, one in placed))

    def _entries(self) -> list[Any]:
        documents = self._found.documents
        value = documents[0].value if len(documents) == 1 else None
        if not isinstance(value, dict):
            self._wrong((), f"expected one mapping with rules, found {len(documents)} documents" if len(documents) != 1
                        else "expected a mapping with rules")  # fmt: skip
            return []
        for key, one in value.items():
            if key in HEAD and one != HEAD[key]:
                self._wrong((key,), f"expected {HEAD[key]}")
            elif key != "rules" and key not in HEAD:
                self._wrong((key,), _unknown(key, ("rules", *HEAD)))
        rules = value.get("rules")
        if isinstance(rules, list):
            return rules
        self._wrong(("rules",), "expected a list of rules" if "rules" in value else "there are no rules in it")
        return []

    def _refuse_unknown(self, entry: Mapping[str, Any], steps: Steps) -> None:
        for key, one in entry.items():
            if key not in KEYS:
                self._wrong((*steps, key), _unknown(key, KEYS))
            elif not isinstance(one, str):
                self._wrong((*steps, key), "expected an expression" if key not in KEYS[:2] else "expected a name")
        if not set(TESTS) & entry.keys():
            self._wrong(steps, f"says nothing: expected one of {', '.join(TESTS)}")

    def _group_kind(self, entry: Mapping[str, Any], steps: Steps) -> GroupKind | None:
        group, kind = entry.get("group", ""), entry.get("kind")
        if kind is None or kind == "":
            self._wrong(steps, "expected a kind")
        if isinstance(group, str) and "/" in group:
            self._wrong((*steps, "group"), f"expected a group without a version, such as {group.partition('/')[0]}")
        return GroupKind(str(group), str(kind)) if isinstance(group, str) and isinstance(kind, str) and kind else None

    def _rule(self, entry: Mapping[str, Any], steps: Steps) -> Rule:
        tests = {name: self._test(name, entry, steps) for name in TESTS if isinstance(entry.get(name), str)}
        message = entry.get("message")
        told = self._compiled((*steps, "message"), message, is_test=False) if isinstance(message, str) else None
        return Rule(**tests, message=told)

    def _test(self, name: str, entry: Mapping[str, Any], steps: Steps) -> Test | None:
        place = (*steps, name)
        ask = self._compiled(place, entry[name], is_test=True)
        return Test(f"{name} of {self._file}:{self._found.mark(place).line}", ask) if ask else None

    def _compiled(self, place: Steps, text: str, *, is_test: bool) -> Any:
        self._compiler = self._compiler or Compiler()
        try:
            return self._compiler.test(str(text)) if is_test else self._compiler.message(str(text))
        except ValueError as error:
            self._wrong(place, str(error))
            return None

    def _wrong(self, steps: Steps, sentence: str) -> None:
        self.mistakes.append(Mistake(steps, sentence))

    def _line(self, mark: Mark, mistake: Mistake) -> str:
        named = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in mistake.steps)
        field = "".join(named).removeprefix(".")
        return ": ".join(filter(None, (f"{self._file}:{mark.line}:{mark.column}", field, mistake.sentence)))


def _unknown(key: str, keys: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key, keys, n=1)
    return f"unknown key; did you mean {near[0]}?" if near else f"unknown key; the keys are {', '.join(keys)}"
