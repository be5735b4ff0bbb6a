"""The difference of live and a release, or of two releases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from lastgood.cli import documents
from lastgood.cli.lines import Line, Tone
from lastgood.cli.pages.plan import told
from lastgood.cli.words import tally
from lastgood.model.status import Comparison


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """What would have to change for one side to become the other."""

    kind: ClassVar[str] = "Diff"
    comparison: Comparison
    exit_code: int = 0

    def document(self) -> documents.Document:
        """Both sides (null for what is live) and every resource that differs."""
        one = self.comparison
        return {
            "name": one.name,
            "namespace": one.namespace,
            "from": one.before,
            "to": one.after,
            "changes": [documents.change(change) for change in one.differing],
            "unchanged": [documents.ref(change.ref) for change in one.changes if not change.writes],
            "exitCode": self.exit_code,
        }

    def names(self) -> list[str]:
        """What differs."""
        return [str(change.ref) for change in self.comparison.differing]

    def lines(self) -> list[Line]:
        """A head, and every field."""
        one = self.comparison
        sides = f"from {_side(one.before)} to {_side(one.after)}"
        return [Line(f"{one.name}: {sides}: {tally(one.changes)}", Tone.STRONG), *self._changes()]

    def _changes(self) -> Iterator[Line]:
        for change in self.comparison.differing:
            yield from told(change, self.comparison.namespace)


def _side(number: int | None) -> str:
    return "what is live" if number is None else f"release {number}"
