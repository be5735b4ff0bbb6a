"""The text of ``lastgood.yaml`` becomes a ``Config``, or an error that tells every mistake in it. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lastgood.cli.config.checks import Check, Wrong, described, is_null
from lastgood.cli.config.keys import HEAD, KEYS, NOT_BESIDE_SERVICE, TYPED_ONLY, Key, Shape
from lastgood.cli.words import one_line
from lastgood.errors import ManifestError, SettingError
from lastgood.parsing import Mark, Outline, Steps, outline

MOST_SHOWN = 50
"""How many mistakes one error tells; whoever has more has made one mistake many times."""

STDIN = "-"
HOW = {Shape.LIST: "a list such as [k8s/]", Shape.MAPPING: "a mapping of keys to values"}


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration says, each field in the form in which its flag has it. None, or empty, is not said.

    ``file`` is its name in messages. Paths are joined to the folder of the file; durations are in seconds.
    """

    file: str
    name: str | None = None
    namespace: str | None = None
    context: str | None = None
    files: tuple[str, ...] = ()
    recursive: bool | None = None
    service: str | None = None
    file_store: str | None = None
    variables: tuple[tuple[str, str], ...] = ()
    artifact: tuple[str, ...] = ()
    infra: tuple[tuple[str, str], ...] = ()
    connectors: tuple[tuple[str, str], ...] = ()
    input: str | None = None
    secrets: str | None = None
    mode: str | None = None
    prune: bool | None = None
    on_conflict: str | None = None
    strategy: str | None = None
    canary: str | None = None
    create_namespace: bool | None = None
    take_over: bool | None = None
    timeout: float | None = None
    hold: float | None = None
    grace: tuple[tuple[str, str], ...] = ()
    wait_lock: float | None = None
    history_max: int | None = None
    on_interrupt: str | None = None
    strict: bool | None = None
    health_rules: str | None = None
    clean_up: bool | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong: at which field, and what. ``mark`` says where, if that is not where the field stands."""

    steps: Steps
    sentence: str
    mark: Mark | None = None


def read(text: str, file: str) -> Config:
    """The configuration in a text. ``file`` is its path, for messages and for the paths in it.

    Raises ``SettingError`` with a line for each mistake: file, line, column, key, and what was expected.
    """
    try:
        found = outline(text, file)
    except ManifestError as error:
        raise SettingError(str(error), hint=error.hint) from error
    mistakes = list(_mistakes(found))
    if mistakes:
        raise _refusal(mistakes, found, file)
    value = found.documents[0].value
    said = {key.field: _value(key, value[key.name], Path(file).parent) for key in KEYS if key.name in value}
    return Config(file, **said)


# --- what is wrong


def _mistakes(found: Outline) -> Iterator[Mistake]:
    documents = found.documents
    value = documents[0].value if documents else None
    if len(documents) > 1:
        yield Mistake((), f"expected one document, found {len(documents)}")
    elif not documents or is_null(value):
        yield Mistake((), "is empty: expected keys such as name and files")
    elif not isinstance(value, dict):
        yield Mistake((), f"expected a mapping of keys to values, found {described(value)}")
    elif _is_manifest(value):
        yield Mistake((), f"this is a manifest ({described(value['kind'])}), and a configuration is expected")
    else:
        yield from (Mistake(steps, _twice(found.mark(steps)), mark) for steps, mark in found.repeated)
        yield from _wrong(value)


def _is_manifest(value: Mapping[str, Any]) -> bool:
    """Whether both keys that stand in front are those of something else."""
    return all(name in value and list(_misread(value[name], check, (name,))) for name, check in HEAD.items())


def _twice(first: Mark) -> str:
    return f"stands twice, first in line {first.line}"


def _wrong(value: Mapping[str, Any]) -> Iterator[Mistake]:
    keys = {key.name: key for key in KEYS}
    for name, one in value.items():
        if name in HEAD:
            yield from _misread(one, HEAD[name], (name,))
        elif name in keys:
            yield from _misheld(one, keys[name])
        else:
            yield Mistake((name,), _unknown(name))
    for name, why in NOT_BESIDE_SERVICE.items():
        if name in value and "service" in value:
            yield Mistake((name,), f"cannot stand beside service: {why}")


def _misheld(value: Any, key: Key) -> Iterator[Mistake]:
    """What is wrong with the value of a key, or with those in it."""
    if key.shape is Shape.ONE or (key.shape is Shape.SOME and not isinstance(value, list)):
        yield from _misread(value, key.check, (key.name,))
    elif key.shape in (Shape.LIST, Shape.SOME) and isinstance(value, list):
        for place, one in enumerate(value):
            yield from _misread(one, key.check, (key.name, place))
    elif key.shape is Shape.MAPPING and isinstance(value, dict):
        for name, one in value.items():
            yield from _misread(one, key.check, (key.name, name))
    else:
        yield Mistake((key.name,), f"expected {HOW[key.shape]}, found {described(value)}")


def _misread(value: Any, check: Check, steps: Steps) -> Iterator[Mistake]:
    try:
        if not isinstance(value, str):
            raise Wrong
        check.read(value)
    except ValueError as error:
        sentence = str(error) or f"expected {check.expected}, found {described(value)}"
        yield Mistake(steps, sentence + _meant(value, check.words))


def _meant(value: Any, words: Sequence[str]) -> str:
    near = difflib.get_close_matches(value, words, n=1) if isinstance(value, str) and len(words) > 1 else []
    return f"; did you mean {near[0]}?" if near else ""


def _unknown(name: str) -> str:
    plain = _plain(name)
    if plain in map(_plain, TYPED_ONLY):
        return "unknown key; this is said with a flag only"
    meant = {_plain(word): key.name for key in KEYS for word in (key.flag, key.name)}
    meant |= {_plain(word): word for word in HEAD}
    near = difflib.get_close_matches(plain, meant, n=1)
    return f"unknown key; did you mean {meant[near[0]]}?" if near else "unknown key"


def _plain(word: str) -> str:
    """Without what tells camelCase, snake_case and flags apart."""
    return word.replace("-", "").replace("_", "").lower()


# --- how it is told


def _refusal(mistakes: list[Mistake], found: Outline, file: str) -> SettingError:
    placed = sorted(((one.mark or found.mark(one.steps), one) for one in mistakes), key=lambda pair: pair[0])
    lines = [_line(file, mark, one) for mark, one in placed[:MOST_SHOWN]]
    beyond = [f"and {len(placed) - MOST_SHOWN} more"] if len(placed) > MOST_SHOWN else []
    lost = any(one.sentence == "unknown key" for one in mistakes)
    hint = f"the keys are {', '.join(key.name for key in KEYS)}" if lost else ""
    return SettingError("\n".join([*lines, *beyond]), hint=hint)


def _line(file: str, mark: Mark, mistake: Mistake) -> str:
    named = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in mistake.steps)
    key = one_line("".join(named).removeprefix("."))
    return ": ".join(filter(None, (f"{file}:{mark.line}:{mark.column}", key, mistake.sentence)))


# --- what is right


def _value(key: Key, value: Any, folder: Path) -> Any:
    if key.shape is Shape.SOME and not isinstance(value, list):
        return (_one(key, value, folder),)
    if key.shape in (Shape.LIST, Shape.SOME):
        return tuple(_one(key, one, folder) for one in value)
    if key.shape is Shape.MAPPING:
        return tuple((name, _one(key, one, folder)) for name, one in value.items())
    return _one(key, value, folder)


def _one(key: Key, value: str, folder: Path) -> Any:
    checked = key.check.read(value)
    return str(folder / checked) if key.is_path and checked != STDIN else checked
