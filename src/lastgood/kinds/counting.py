"""Pods beside the status that counts them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from lastgood.model.health import Observation
from lastgood.model.reading import text
from lastgood.model.resource import Body
from lastgood.reasons import is_ready

ENDED = ("Succeeded", "Failed")


def unready(pods: Iterable[Body], wanted: int, observation: Observation) -> tuple[int, int] | None:
    """How many of these pods are ready, and how many have to be, unless they are; None too where none are seen.

    Pods are seen on another watch than the status that counts them. Where only some were shown, no more than those
    have to be ready: of the others the status alone tells.
    """
    seen = tuple(pods)
    due = wanted if observation.whole else min(wanted, sum(map(_may_be_ready, seen)))
    ready = sum(map(is_ready, seen))
    return (ready, due) if seen and ready < due else None


def all_shown(pods: tuple[Body, ...], wanted: int, observation: Observation) -> bool:
    """Whether these are all the pods that there are; not where they may not be read, or some were left out."""
    return bool(pods) and (observation.whole or len(pods) >= wanted)


def _may_be_ready(pod: Body) -> bool:
    return text(pod, "status", "phase") not in ENDED
