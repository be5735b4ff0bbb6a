"""The work of a controller: what it has to look at, each thing once, a moment after it changed."""

from __future__ import annotations

from collections.abc import Callable

from lastgood.model.resource import Ref
from lastgood.testing.agenda import Agenda

LAG = 0.02
"""Seconds from a change to a controller's answer; about what a real one takes."""


class Queue:
    """Refs of one kind that wait for ``work``. A ref that waits already is not queued twice for the same time."""

    def __init__(self, agenda: Agenda, work: Callable[[Ref], None]) -> None:
        self._agenda, self._work = agenda, work
        self._waiting: set[Ref] = set()
        self._later: dict[Ref, float] = {}

    def add(self, ref: Ref) -> None:
        """Look at this soon."""
        if ref not in self._waiting:
            self._waiting.add(ref)
            self._agenda.after(LAG, lambda: self._take(ref))

    def add_later(self, ref: Ref, seconds: float) -> None:
        """Look at this again after so many seconds, even if nothing changes."""
        at = self._agenda.now + seconds
        if at < self._later.get(ref, at + 1):
            self._later[ref] = at
            self._agenda.after(seconds, lambda: self._remind(ref, at))

    def _remind(self, ref: Ref, at: float) -> None:
        if self._later.get(ref) == at:
            del self._later[ref]
            self.add(ref)

    def _take(self, ref: Ref) -> None:
        self._waiting.discard(ref)
        self._work(ref)


def owner_ref(reference: dict[str, str], namespace: str) -> Ref:
    """Whom an owner reference means."""
    group, _, version = reference["apiVersion"].rpartition("/")
    return Ref(group, reference["kind"], namespace, reference["name"], version)
