"""The values of a command's flags, with those of a configuration where nothing was typed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from typing import Any

from lastgood.cli.config.keys import KEYS, NOT_BESIDE_SERVICE, ONLY_BESIDE_SERVICE, Key, Shape
from lastgood.cli.config.reading import Config
from lastgood.errors import SettingError

Values = dict[str, Any]
SOURCES = frozenset({"files", "filename"})
SPELLED = {"files": "FILES"}
NOTHING = (None, ())
NUMBER = re.compile("[1-9][0-9]*", re.ASCII)


def merge(values: Mapping[str, Any], typed: Set[str], config: Config) -> Values:
    """What a command is called with. ``typed`` are the names of what somebody typed; what is nothing does not count.

    A typed value counts, and of FILES all; settings (KEY=VALUE) are joined, and the typed one counts for its key.
    Raises ``SettingError`` where a typed flag and a key exclude each other.
    """
    given = {name for name in typed if values.get(name) not in NOTHING}
    typed = given | SOURCES if given & SOURCES else given
    merged = dict(values)
    for key in KEYS:
        if key.parameter in values:
            merged[key.parameter] = _merged(key, values[key.parameter], typed, config)
    if "service" in values:
        _refuse_mixed(merged, typed, config)
    return merged


def with_lone_number(values: Mapping[str, Any], config: Config) -> Values:
    """``show 5`` or ``diff 4 5`` where the configuration gives the name: what stands first is a NUMBER."""
    name = values.get("name")
    if not (config.name and name and NUMBER.fullmatch(name)):
        return dict(values)
    if "numbers" in values:
        return {**values, "name": None, "numbers": (int(name), *values["numbers"])}
    if values.get("number", name) is None:
        return {**values, "name": None, "number": int(name)}
    return dict(values)


def without_folder(values: Mapping[str, Any], config: Config) -> Values:
    """``deploy shop/`` where shop/lastgood.yaml says what is deployed: the folder only said where that stands."""
    says = config.files or config.service
    return {**values, **dict.fromkeys(SOURCES, ())} if says else dict(values)


def _merged(key: Key, value: Any, typed: Set[str], config: Config) -> Any:
    said = getattr(config, key.field)
    if key.shape is Shape.MAPPING:
        return (*said, *value)
    return value if key.parameter in typed or said in NOTHING else said


def _refuse_mixed(merged: Mapping[str, Any], typed: Set[str], config: Config) -> None:
    """What a key says beside a flag, told with the key. Flags among themselves are told where they are used."""
    told = _beside_service(typed, config) if merged["service"] else _without_service(config)
    for sentence in told:
        raise SettingError(sentence, hint="leave one out, or name another configuration with --config")


def _without_service(config: Config) -> Iterator[str]:
    for key in KEYS:
        if key.name in ONLY_BESIDE_SERVICE and getattr(config, key.field):
            yield f"{config.file}: {key.name} means something only beside service"


def _beside_service(typed: Set[str], config: Config) -> Iterator[str]:
    for key in KEYS:
        why = NOT_BESIDE_SERVICE.get(key.name)
        if why and "service" in typed and key.parameter not in typed and getattr(config, key.field):
            yield f"{config.file}: {key.name} cannot stand beside --service: {why}"
        if why and "service" not in typed and key.parameter in typed and config.service:
            yield f"{SPELLED.get(key.name, key.flag)} cannot stand beside service, which {config.file} says: {why}"
