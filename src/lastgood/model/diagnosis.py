"""How one object is at one moment, in kstatus' words, and which rule says so."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.model.health import Cause, Health
from lastgood.model.resource import Ref


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one look tells of one object.

    ``cause`` is what condemned it, if one of ``health.causes`` did. ``source`` is the link to where the rule comes
    from; empty where there is none to give.
    """

    ref: Ref
    health: Health
    cause: Cause | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """What lives in a cluster, diagnosed. ``unseen`` are the kinds, as kubectl names them, that could not be read."""

    diagnoses: tuple[Diagnosis, ...]
    unseen: tuple[str, ...] = ()
