"""What is wrong with the files of a pipeline: a line for each mistake, as compilers print them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lastgood.cli import documents
from lastgood.cli.lines import Line, Tone
from lastgood.cli.words import count
from lastgood.pipelines.inspecting import Inspected
from lastgood.pipelines.mistake import Finding, Severity

REFUSED = 2
TONES = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.CHANGED}


@dataclass(frozen=True, slots=True)
class LintPage:
    """Files in the order in which they were named, each with its findings in the order of its lines."""

    kind: ClassVar[str] = "Lint"
    inspected: tuple[Inspected, ...]
    strict: bool = False

    @property
    def exit_code(self) -> int:
        """2 when there is an error; with ``strict``, when there is anything."""
        counted = self._findings() if self.strict else [one for one in self._findings() if one.is_error]
        return REFUSED if counted else 0

    def document(self) -> documents.Document:
        """The files with what they hold, and everything that was found."""
        return {
            "files": [{"file": one.file.name, "holds": one.kind or None} for one in self.inspected],
            "findings": [_document(one) for one in self._findings()],
            "exitCode": self.exit_code,
        }

    def lines(self) -> list[Line]:
        """The findings, then how many there are."""
        found = [Line(str(one), TONES[one.severity]) for one in self._findings()]
        return [*found, Line(self._summary(), Tone.QUIET)]

    def _findings(self) -> list[Finding]:
        return [finding for one in self.inspected for finding in one.findings]

    def _summary(self) -> str:
        errors = sum(one.is_error for one in self._findings())
        warnings = len(self._findings()) - errors
        told = [count(number, noun) for number, noun in ((errors, "error"), (warnings, "warning")) if number]
        return ", ".join([count(len(self.inspected), "file"), *(told or ["no mistakes"])])


def _document(one: Finding) -> documents.Document:
    return {
        "file": one.file,
        "line": one.line,
        "column": one.column,
        "severity": str(one.severity),
        "field": one.field,
        "sentence": one.sentence,
    }
