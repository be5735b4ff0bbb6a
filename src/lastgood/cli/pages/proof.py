"""A proof: what is live against what is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from lastgood.cli import documents
from lastgood.cli.lines import Line, Tone
from lastgood.cli.words import COUNTED, drifted, named, one_line, proved, several
from lastgood.model.proof import Finding, Match, Proof
from lastgood.planning import OUTSIDE


@dataclass(frozen=True, slots=True)
class ProofPage:
    """What ``verify`` found. ``home`` is the release's namespace; ``verbose`` lists what is as recorded too."""

    kind: ClassVar[str] = "Proof"
    name: str
    home: str
    proof: Proof
    exit_code: int
    verbose: bool = False

    def document(self) -> documents.Document:
        """The proof, and the exit code that follows from it."""
        return {"name": self.name, "proof": documents.proof(self.proof), "exitCode": self.exit_code}

    def lines(self) -> list[Line]:
        """What is not as recorded, field by field, and a last line that tells the result."""
        return [*self._findings(), *self._left(), self._result()]

    def names(self) -> list[str]:
        """What is not as recorded; when verbose, everything that was looked at."""
        return [str(one.ref) for one in self.proof.findings if self.verbose or not one.holds]

    def _findings(self) -> Iterator[Line]:
        for finding in self.proof.findings:
            if self.verbose or not finding.holds or finding.match is Match.TAKEN:
                yield from self._finding(finding)

    def _finding(self, finding: Finding) -> Iterator[Line]:
        tone = Tone.CHANGED if finding.match is Match.TAKEN else Tone.PLAIN if finding.holds else Tone.BAD
        why = f": {one_line(finding.sentence)}" if finding.sentence else ""
        yield Line(f"{named(finding.ref, self.home)} {COUNTED[finding.match]}{why}", tone)
        yield from (Line(f"    {drifted(finding.ref, field)}") for field in finding.fields)

    def _left(self) -> Iterator[Line]:
        for finding in self.proof.outside:
            yield Line(f"{named(finding.ref, self.home)} {COUNTED[finding.match]}; {OUTSIDE}", Tone.CHANGED)
            yield from (Line(f"    {drifted(finding.ref, field)}") for field in finding.fields)
        if self.proof.left:
            yield Line(f"left from other releases on purpose: {several(self.proof.left, self.home)}", Tone.CHANGED)

    def _result(self) -> Line:
        release = f"release {self.proof.number}"
        if self.proof.holds:
            return Line(f"{self.name}: {release} is live, proved: {proved(self.proof)}", Tone.GOOD)
        return Line(f"{self.name}: {release} is not what is live: {proved(self.proof)}", Tone.BAD)
