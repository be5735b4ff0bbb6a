"""What may go wrong with a request: a log of them, errors on purpose, and a process that is killed in the middle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lastgood.errors import LastgoodError
from lastgood.model.resource import Ref

LATENCY = 0.002
"""Seconds that a request takes."""

WRITES = frozenset({"apply", "patch", "label", "delete", "create", "update", "write lease", "delete lease"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a cluster or a store.

    ``ref`` is None where it is about no one object. ``verb`` is the port's: ``read``, ``list``, ``find``, ``apply``,
    ``patch``, ``label``, ``delete``, ``observe``, ``logs``, ``denied``, ``served``; of a store ``summaries``,
    ``listing``, ``read``, ``create``, ``update``, ``delete``, ``read lease``, ``write lease``, ``delete lease``.
    """

    verb: str
    ref: Ref | None = None
    dry_run: bool = False

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.verb in WRITES and not self.dry_run


Hook = Callable[[Request], None]
"""Called before each request is looked at; what it raises is what the caller gets."""


class Killed(BaseException):
    """The process is gone. Nothing that it would still do reaches the cluster or the store."""


class KillSwitch:
    """A hook that kills the run at its write number ``at`` (from 1), and every request of it from then on.

    Use one for the cluster and the store alike. ``writes`` counts the writes asked for; with ``at`` None that is all.
    """

    def __init__(self, at: int | None = None) -> None:
        self.at, self.writes, self.dead = at, 0, False

    def __call__(self, request: Request) -> None:
        """Count, and kill when it is time."""
        if request.writes and not self.dead:
            self.writes += 1
            self.dead = self.writes == self.at
        if self.dead:
            raise Killed(f"killed at write {self.at}: {request.verb} {request.ref or ''}".rstrip())


@dataclass(slots=True)
class Faults:
    """The log of requests, and the errors that the next ones will meet."""

    requests: list[Request] = field(default_factory=list)
    hook: Hook | None = None
    _planned: list[tuple[str, Ref | None, LastgoodError]] = field(default_factory=list)

    def plan(self, error: LastgoodError, *, verb: str = "", ref: Ref | None = None, times: int = 1) -> None:
        """The next so many requests of this verb about this ref (all, where not said) fail with this error."""
        self._planned += [(verb, ref, error)] * times

    def meet(self, request: Request) -> None:
        """Write the request down; raise what is planned for it."""
        self.requests.append(request)
        if self.hook is not None:
            self.hook(request)
        for planned in self._planned:
            verb, ref, error = planned
            if verb in ("", request.verb) and ref in (None, request.ref):
                self._planned.remove(planned)
                raise error
