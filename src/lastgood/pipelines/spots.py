"""Where a word of an input file stands: for messages, worked out only when one is needed."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.model.source import File
from lastgood.parsing import find

Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A field of a file. A file without text is a flag of the command line, with ``steps`` naming what it sets."""

    file: File
    steps: Steps = ()

    @property
    def line(self) -> int:
        """From 1; 0 when there is none to be told."""
        place = find(self.file.text, self.steps) if self.file.text else None
        return place.line if place else 0

    @property
    def place(self) -> str:
        """The file, and the line: ``/values.yaml:3``."""
        line = self.line
        return f"{self.file.name}:{line}" if line else self.file.name

    @property
    def key(self) -> str:
        """The field: ``service.tags.app``, ``manifests[0].manifest``."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.steps)
        return "".join(steps).removeprefix(".")

    def at(self, *steps: str | int) -> Spot:
        """A field below this one."""
        return Spot(self.file, (*self.steps, *steps))

    def __str__(self) -> str:
        return f"{self.place}: {self.key}" if self.key else self.place


def flag(name: str, key: str) -> Spot:
    """A value that was given on the command line, as ``--set-variable`` gives them."""
    return Spot(File(name, ""), (key,))
