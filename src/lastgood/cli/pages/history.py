"""The releases of one name, newest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from lastgood.cli import documents
from lastgood.cli.lines import Table, Tone
from lastgood.cli.words import moment, one_line
from lastgood.model.release import History, State, Summary

HEAD = ("NUMBER", "STATE", "CREATED", "BY", "DESCRIPTION")
WIDE_HEAD = ("NUMBER", "STATE", "CREATED", "BY", "MODE", "STRATEGY", "RESTORES", "DESCRIPTION", "WHY")
NONE = "<none>"  # as kubectl says it
TONES = {State.FAILED: Tone.BAD, State.PENDING: Tone.CHANGED, State.STAGED: Tone.CHANGED}


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A history as a table."""

    kind: ClassVar[str] = "History"
    history: History
    exit_code: int = 0

    def document(self) -> documents.Document:
        """A list of items, as the API's own lists are."""
        good = self.history.last_good
        return {"items": [documents.summary(one, last_good=one == good) for one in self.history.summaries]}

    def lines(self) -> list[Table]:
        """One row for each release."""
        return self._table(HEAD, self._row)

    def wide_lines(self) -> list[Table]:
        """The same with how it is undone and what it restores; nothing is cut short."""
        return self._table(WIDE_HEAD, self._wide_row)

    def names(self) -> list[str]:
        """The numbers."""
        return [str(one.number) for one in self.history.summaries]

    def _table(self, names: tuple[str, ...], row: Callable[[Summary], tuple[str, ...]]) -> list[Table]:
        summaries = self.history.summaries
        return [Table(names, tuple(map(row, summaries)), tuple(map(self._tone, summaries)))]

    def _row(self, one: Summary) -> tuple[str, ...]:
        said = [self._mark(one), f"restores {one.restores}" if one.restores else "", one.reason, one.why]
        return (*_head(one), one_line("; ".join(filter(None, said))))

    def _wide_row(self, one: Summary) -> tuple[str, ...]:
        said = "; ".join(filter(None, [self._mark(one), one.reason]))
        rest = (str(one.mode), one.strategy, str(one.restores or ""), said, one.why)
        return (*_head(one), *(" ".join(cell.split()) or NONE for cell in rest))

    def _mark(self, one: Summary) -> str:
        return "last good" if one == self.history.last_good else ""

    def _tone(self, one: Summary) -> Tone:
        return Tone.GOOD if one == self.history.last_good else TONES.get(one.state, Tone.PLAIN)


def _head(one: Summary) -> tuple[str, ...]:
    return (str(one.number), str(one.state), moment(one.created), one.who)
