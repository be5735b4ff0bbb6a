"""The release names of one namespace, or of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from lastgood.cli import documents
from lastgood.cli.lines import Line, Table, Tone
from lastgood.cli.words import moment
from lastgood.model.release import State
from lastgood.model.status import Listed

HEAD = ("NAMESPACE", "NAME", "GOOD", "LATEST", "STATE", "CREATED", "BY")
WIDE_HEAD = (*HEAD, "MODE", "STRATEGY", "RESTORES", "REASON", "WHY")
DAMAGED = ("-", "damaged", "", "")
NONE = "<none>"  # as kubectl says it
TONES = {State.GOOD: Tone.PLAIN, State.FAILED: Tone.BAD}


@dataclass(frozen=True, slots=True)
class ListPage:
    """A listing as a table. ``namespace`` is where was looked; empty for everywhere."""

    kind: ClassVar[str] = "List"
    listed: tuple[Listed, ...]
    namespace: str
    exit_code: int = 0

    def document(self) -> documents.Document:
        """A list, as the API's own lists of items are."""
        return {"items": [documents.listed(one) for one in self.listed]}

    def names(self) -> list[str]:
        """The names."""
        return [one.name for one in self.listed]

    def lines(self) -> list[Line | Table]:
        """One row for each name."""
        return self._table(HEAD, _row)

    def wide_lines(self) -> list[Line | Table]:
        """The same with how it is undone, what it restores, and why the newest attempt failed."""
        return self._table(WIDE_HEAD, _wide_row)

    def _table(self, names: tuple[str, ...], row: Callable[[Listed], tuple[str, ...]]) -> list[Line | Table]:
        if not self.listed:
            where = f"in namespace {self.namespace}; -A looks into all" if self.namespace else "in any namespace"
            return [Line(f"there are no releases {where}", Tone.QUIET)]
        return [Table(names, tuple(map(row, self.listed)), tuple(map(_tone, self.listed)))]


def _row(one: Listed) -> tuple[str, ...]:
    good, latest = one.history.last_good, one.history.latest
    last = (str(latest.number), str(latest.state), moment(latest.created), latest.who) if latest else DAMAGED
    return (one.namespace, one.name, str(good.number) if good else "-", *last)


def _wide_row(one: Listed) -> tuple[str, ...]:
    latest, damaged = one.history.latest, ("", "", "", one.damage, "")
    rest = (latest.mode, latest.strategy, str(latest.restores or ""), latest.reason, latest.why) if latest else damaged
    return (*_row(one), *(" ".join(cell.split()) or NONE for cell in rest))


def _tone(one: Listed) -> Tone:
    latest = one.history.latest
    return TONES.get(latest.state, Tone.CHANGED) if latest else Tone.BAD
