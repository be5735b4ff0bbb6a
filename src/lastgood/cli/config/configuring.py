"""A command's values, completed by the ``lastgood.yaml`` that it goes by."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any

from lastgood.cli.config.finding import Found, find
from lastgood.errors import ManifestError, SettingError
from lastgood.model.source import CONFIG_FILE

if TYPE_CHECKING:
    from lastgood.cli.config.reading import Config
    from lastgood.cli.running import Session

Values = dict[str, Any]


def configure(session: Session, values: Values, typed: Set[str]) -> Values:
    """The values a command is called with, ``config`` taken out. ``typed`` are the names of those that were typed.

    Also completes where the session connects to. Raises ``SettingError``; nothing is asked of a cluster.
    """
    if values.get("run"):
        return _without(values)
    found = find(values.pop("config"), _sources(values))
    config = _read(found) if found else None
    if config and found:
        values = _completed(session, values, typed, found, config)
    _refuse_without_phases(values, typed)
    if values["name"] is None and not _deploys(values):
        raise _nameless(config)
    return values


def _refuse_without_phases(values: Values, typed: Set[str]) -> None:
    """Somebody who asks for a canary, or to stop half way, must not get a release that rolls out to everybody."""
    chosen = values.get("strategy")
    if values.get("staged") and chosen == "rolling":
        hint = "--strategy canary or --strategy blue-green makes it live beside the live release first"
        raise SettingError("--staged cannot stand beside --strategy rolling, which has one phase", hint=hint)
    if "canary" in typed and chosen != "canary":
        raise SettingError(f"--canary cannot stand beside --strategy {chosen}", hint="add --strategy canary")


def _without(values: Values) -> Values:
    """A run goes by its own files: a configuration is about one release."""
    if values.pop("config"):
        raise SettingError("--config cannot stand beside --run: the files of the pipeline say it", hint="leave one out")
    return values


def _completed(session: Session, values: Values, typed: Set[str], found: Found, config: Config) -> Values:
    from lastgood.cli.config.merging import merge, with_lone_number, without_folder  # noqa: PLC0415

    values = with_lone_number(values, config)
    if _is_about_another(values, found, config):
        _note(session, f"{config.file} is left aside: it is about {config.name}")
        return values
    _note(session, f"what is not typed is read from {config.file}")
    for place in ("context", "namespace"):
        session.where[place] = session.where[place] or getattr(config, place)
    return merge(without_folder(values, config) if found.holds_source else values, typed, config)


def _read(found: Found) -> Config:
    from lastgood.cli.config.reading import read  # noqa: PLC0415  # YAML: only where there is a file
    from lastgood.loading import read_file  # noqa: PLC0415

    file = str(found.path)
    try:
        return read(read_file(found.path, file).text, file)
    except ManifestError as error:
        raise SettingError(str(error)) from error


def _is_about_another(values: Mapping[str, Any], found: Found, config: Config) -> bool:
    """Whether a file that nobody named would lead a command to another release's place."""
    name = values["name"]
    return not found.typed and not _deploys(values) and None not in (name, config.name) and name != config.name


def _deploys(values: Mapping[str, Any]) -> bool:
    """Whether the command is told what to deploy, and not only the NAME of what was deployed."""
    return "files" in values


def _sources(values: Mapping[str, Any]) -> list[str]:
    return [*values.get("files", ()), *values.get("filename", ())]


def _note(session: Session, sentence: str) -> None:
    if session.verbose:
        session.report.aside(sentence)


def _nameless(config: Config | None) -> SettingError:
    if config:
        return SettingError(
            f"NAME is missing, and {config.file} has no name", hint=f"type it, or add name: NAME to {config.file}"
        )
    return SettingError("NAME is missing", hint=f"type it, or write name: NAME into {CONFIG_FILE}")
