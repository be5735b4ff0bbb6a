"""What is wrong with a file: at which field, how badly, and in which words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lastgood.parsing import Mark, Steps

LINE = "{line}"


class Severity(StrEnum):
    """Whether the file can be run all the same."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong at a field. ``mark`` says where, if that is not where the field stands.

    ``LINE`` in the sentence stands for the line of the field ``other``.
    """

    steps: Steps
    sentence: str
    severity: Severity = Severity.ERROR
    mark: Mark | None = None
    other: Steps | None = None


def warning(steps: Steps, sentence: str, *, other: Steps | None = None) -> Mistake:
    """A mistake that does not keep a file from being run."""
    return Mistake(steps, sentence, Severity.WARNING, other=other)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A mistake with its place. ``field`` is the way to it: ``stage.spec.execution.steps[0].step.type``."""

    file: str
    line: int
    column: int
    severity: Severity
    field: str
    sentence: str

    @property
    def is_error(self) -> bool:
        """Whether the file cannot be run as it is."""
        return self.severity is Severity.ERROR

    def __str__(self) -> str:
        told = ": ".join(filter(None, (self.field, self.sentence)))
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {told}"
