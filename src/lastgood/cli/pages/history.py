"""The releases of one name, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.cli import documents
from lastgood.cli.lines import Line, Tone, table
from lastgood.cli.words import moment, one_line
from lastgood.model.release import History, State, Summary

HEAD = ("NUMBER", "STATE", "CREATED", "BY", "DESCRIPTION")
TONES = {State.FAILED: Tone.BAD, State.PENDING: Tone.CHANGED, State.STAGED: Tone.CHANGED}


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A history as a table."""

    history: History
    exit_code: int = 0

    def document(self) -> list[documents.Document]:
        """A list, as the API's own lists of items would be."""
        good = self.history.last_good
        return [documents.summary(one, last_good=one == good) for one in self.history.summaries]

    def lines(self) -> list[Line]:
        """One line for each release."""
        head, *rows = table(HEAD, [self._row(one) for one in self.history.summaries])
        tones = [self._tone(one) for one in self.history.summaries]
        return [Line(head, Tone.STRONG), *(Line(row, tone) for row, tone in zip(rows, tones, strict=True))]

    def _row(self, one: Summary) -> tuple[str, ...]:
        return (str(one.number), str(one.state), moment(one.created), one.who, one_line(self._description(one)))

    def _description(self, one: Summary) -> str:
        said = [
            "last good" if one == self.history.last_good else "",
            f"restores {one.restores}" if one.restores else "",
            one.reason,
            one.why,
        ]
        return "; ".join(filter(None, said))

    def _tone(self, one: Summary) -> Tone:
        return Tone.GOOD if one == self.history.last_good else TONES.get(one.state, Tone.PLAIN)
