"""How objects are at one moment: a table for people, and for programs a bare list, whose shape others rely on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from lastgood.cli import documents
from lastgood.cli.lines import Line, Table, Tone
from lastgood.cli.words import diagnosed, one_line
from lastgood.model.diagnosis import Diagnosis
from lastgood.model.health import Status

HEAD = ("NAMESPACE", "RESOURCE", "STATUS", "MESSAGE")
WIDE_HEAD = ("NAMESPACE", "RESOURCE", "STATUS", "RULE", "MORE CAUSES", "MESSAGE")
NONE = "<none>"  # as kubectl says it
TONES = {Status.CURRENT: Tone.GOOD, Status.FAILED: Tone.BAD, Status.NOT_FOUND: Tone.BAD}
LABEL = 9


@dataclass(frozen=True, slots=True)
class HealthPage:
    """Diagnoses in the order in which they were asked for. ``explain`` tells the rule of each, and every cause."""

    kind: ClassVar[str] = "HealthList"
    diagnoses: tuple[Diagnosis, ...]
    exit_code: int = 0
    explain: bool = False

    def document(self) -> list[documents.Document]:
        """One for each object, Events too."""
        return [documents.diagnosis(one) for one in self.diagnoses]

    def names(self) -> list[str]:
        """What is not Current."""
        return [str(one.ref) for one in self.diagnoses if one.health.status is not Status.CURRENT]

    def lines(self) -> list[Line | Table]:
        """One row for each object but Events, which only explain; the namespace where there are several."""
        shown = self._shown()
        if not shown:
            return [Line("there is nothing to judge", Tone.QUIET)]
        several = len({one.ref.namespace for one in shown}) > 1
        found = _table(HEAD if several else HEAD[1:], shown, lambda one: _row(one) if several else _row(one)[1:])
        return list(_explained(found, shown)) if self.explain else [found]

    def wide_lines(self) -> list[Line | Table]:
        """The same with rule and causes, nothing cut short."""
        shown = self._shown()
        return [_table(WIDE_HEAD, shown, _wide_row)] if shown else self.lines()

    def _shown(self) -> list[Diagnosis]:
        return [one for one in self.diagnoses if one.ref.kind != "Event"]


def _table(head: tuple[str, ...], shown: list[Diagnosis], row: Callable[[Diagnosis], tuple[str, ...]]) -> Table:
    tones = tuple(TONES.get(one.health.status, Tone.CHANGED) for one in shown)
    return Table(head, tuple(map(row, shown)), tones)


def _row(one: Diagnosis) -> tuple[str, ...]:
    return (one.ref.namespace or NONE, str(one.ref), str(one.health.status), one_line(diagnosed(one)))


def _wide_row(one: Diagnosis) -> tuple[str, ...]:
    *start, _ = _row(one)
    rest = (" ".join(cell.split()) or NONE for cell in (one.health.rule, "; ".join(_causes(one)), diagnosed(one)))
    return (*start, *rest)


def _causes(one: Diagnosis) -> list[str]:
    """Those that the message does not tell."""
    message = diagnosed(one)
    return [cause.sentence for cause in one.health.causes if cause.sentence not in message]


def _explained(found: Table, shown: list[Diagnosis]) -> Iterator[Line]:
    head, *rows = found.lines()
    yield head
    for row, one in zip(rows, shown, strict=True):
        yield row
        told = [("rule", one.health.rule), *(("cause", sentence) for sentence in _causes(one))]
        yield from (_told(label, text) for label, text in (*told, ("source", one.source)) if text)


def _told(label: str, text: str) -> Line:
    return Line(f"    {label:<{LABEL}}{one_line(text)}", Tone.QUIET)
