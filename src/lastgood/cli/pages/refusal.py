"""There is no answer, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lastgood.cli import documents
from lastgood.cli.lines import Line, Tone
from lastgood.errors import LastgoodError


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error in place of an answer."""

    kind: ClassVar[str] = "Error"
    error: LastgoodError
    exit_code: int

    def document(self) -> documents.Document:
        """The error, and the exit code that follows from it."""
        return {"error": documents.error(self.error), "exitCode": self.exit_code}

    def lines(self) -> list[Line]:
        """The error, and a hint on a line of its own."""
        hint = [Line(f"hint: {self.error.hint}")] if self.error.hint else []
        first, *rest = str(self.error).splitlines() or [""]
        return [Line(f"error: {first}", Tone.BAD), *(Line(f"       {one}", Tone.BAD) for one in rest), *hint]

    def names(self) -> list[str]:
        """Nothing can be named."""
        return []
