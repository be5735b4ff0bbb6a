"""Whether a failed request is sent again, and when. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.kube.calls import Repeat
from lastgood.kube.faults import Fault, Trouble

FIRST_WAIT = 0.1
LONGEST_WAIT = 2.0
LONGEST_ASKED = 30.0
"""A server that asks for a longer pause than this is asked again all the same."""


@dataclass(frozen=True, slots=True)
class Patience:
    """For how many seconds, and how often at most, a request is sent again."""

    seconds: float
    times: int


_PATIENCE = {
    Trouble.BUSY: Patience(60.0, 60),
    Trouble.UNSENT: Patience(15.0, 30),
    Trouble.UNCERTAIN: Patience(15.0, 30),
    Trouble.FAILING: Patience(15.0, 3),
    Trouble.FINAL: Patience(0.0, 0),
}
"""Fifteen seconds outlive the restart of an API server; a run that cannot write for ten loses its Lease anyway."""

_SURELY_NOT_DONE = frozenset({Trouble.BUSY, Trouble.UNSENT})


@dataclass(frozen=True, slots=True)
class Tries:
    """How it went so far. ``reached`` says that this server has answered something before."""

    failed: int
    seconds: float
    reached: bool


def wait_before_next(fault: Fault, repeat: Repeat, tries: Tries) -> float | None:
    """Seconds to wait before it is sent again; None when it is not.

    A server that never answered is not asked twice: a wrong address has to show at once.
    """
    if fault.trouble is Trouble.UNSENT and not tries.reached:
        return None
    if repeat is Repeat.IF_UNSENT and fault.trouble not in _SURELY_NOT_DONE:
        return None
    wait = _wait(fault, tries)
    patience = _PATIENCE[fault.trouble]
    return wait if tries.failed <= patience.times and tries.seconds + wait <= patience.seconds else None


def _wait(fault: Fault, tries: Tries) -> float:
    if fault.dropped and tries.failed == 1:
        return 0.0
    backoff = min(FIRST_WAIT * 2.0 ** (tries.failed - 1), LONGEST_WAIT)
    return max(backoff, min(fault.retry_after or 0.0, LONGEST_ASKED))
