"""One release, with everything that was kept about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from lastgood.cli import documents
from lastgood.cli.lines import Line, Tone
from lastgood.cli.pages.evidence import whole
from lastgood.cli.words import count, moment, named, one_line, proved, state_of
from lastgood.model.health import Ruling
from lastgood.model.release import Release, State

TONES = {State.GOOD: Tone.GOOD, State.FAILED: Tone.BAD}
LABEL = 11


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """A record as a person reads it."""

    kind: ClassVar[str] = "Release"
    release: Release
    exit_code: int = 0

    def document(self) -> documents.Document:
        """The record, without the bodies of its resources."""
        return documents.record(self.release)

    def lines(self) -> list[Line]:
        """Who, when and why; what it is made of; how it went; what is kept of its failure."""
        return [*self._head(), *self._resources(), *self._health(), *self._proof(), *self._evidence()]

    def names(self) -> list[str]:
        """What it is made of."""
        return [str(resource.ref) for resource in self.release.resources]

    def _head(self) -> Iterator[Line]:
        one = self.release
        state = f"{one.state}{': ' + one_line(one.reason) if one.reason else ''}"
        yield Line(f"{one.name}: release {one.number} in namespace {one.namespace}", Tone.STRONG)
        yield Line(f"{'state':<{LABEL}}{state}", TONES.get(one.state, Tone.CHANGED))
        told = {
            "created": moment(one.created),
            "ended": moment(one.ended),
            "mode": f"{one.mode}, {one.strategy}{'' if one.prune else ', no pruning'}",
            "hold": f"to stay healthy for {one.hold:g} s" if one.hold else "",
            "restores": f"release {one.restores}" if one.restores else "",
            "by": one.who,
            "why": one.why,
        }
        yield from (Line(f"{label:<{LABEL}}{one_line(text)}") for label, text in told.items() if text)

    def _resources(self) -> Iterator[Line]:
        refs = [resource.ref for resource in self.release.resources]
        kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(Counter(ref.kind for ref in refs).items()))
        yield Line()
        yield Line(f"{count(len(refs), 'resource')}{': ' + kinds if kinds else ''}")
        yield from (Line(f"  {named(ref, self.release.namespace)}") for ref in sorted(refs))

    def _health(self) -> Iterator[Line]:
        bad = [one for one in self.release.judged if one.ruling is not Ruling.PASS]
        if bad:
            yield Line()
            yield Line("when it ended:")
            yield from (Line(f"  {named(one.ref, self.release.namespace)}: {state_of(one)}") for one in bad)

    def _proof(self) -> Iterator[Line]:
        proof = self.release.proof
        if proof is not None:
            word, tone = ("proved", Tone.GOOD) if proof.holds else ("not proved", Tone.BAD)
            yield Line()
            yield Line(f"{word} at {moment(proof.at)}: {proved(proof)}", tone)

    def _evidence(self) -> Iterator[Line]:
        if self.release.evidence is not None:
            yield Line()
            yield Line("what the failure looked like:")
            yield from (line.indented(2) for line in whole(self.release.evidence))
