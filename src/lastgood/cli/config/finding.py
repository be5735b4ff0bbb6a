"""Which ``lastgood.yaml`` a command goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lastgood.errors import SettingError
from lastgood.model.source import CONFIG_FILE


@dataclass(frozen=True, slots=True)
class Found:
    """A configuration. ``typed`` says that --config names it; ``holds_source`` that FILES is the folder it is in."""

    path: Path
    typed: bool = False
    holds_source: bool = False


def find(typed: str | None, sources: Sequence[str]) -> Found | None:
    """The file of --config; else the one in the current folder; else the one in the only folder among ``sources``.

    Raises ``SettingError`` when both of the latter are there: neither is more likely to be meant.
    """
    if typed is not None:
        return Found(Path(typed), typed=True)
    here, there = _in(Path()), _in(Path(sources[0])) if len(sources) == 1 else None
    if here and there and not here.samefile(there):
        raise SettingError(
            f"{here} and {there} may both be meant", hint=f"say which: --config {here}, or --config {there}"
        )
    path = here or there
    return Found(path, holds_source=there is not None) if path else None


def _in(folder: Path) -> Path | None:
    path = folder / CONFIG_FILE
    try:
        return path if path.is_file() else None
    except OSError:  # a folder that may not be looked into
        return None
