"""What an entry of the catalogue of kinds looks like: all that is known of one kind, as data and pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from lastgood.model.health import Health, Observation
from lastgood.model.resource import Body, GroupKind


class Rank(IntEnum):
    """The waves in which resources are applied; they are pruned in the opposite order."""

    NAMESPACE = 0
    DEFINITION = 1  # CRDs, and what other kinds exist through
    POLICY = 2  # quotas, limits, priorities, network policies, service accounts, RBAC
    STORAGE = 3
    CONFIG = 4
    NETWORK = 5  # Services, before the pods that read them from the environment
    WORKLOAD = 6
    AUTOSCALER = 7
    EDGE = 8  # Ingress, routes, webhooks, APIServices
    OTHER = 9


class Pruning(StrEnum):
    """What pruning does with a kind."""

    DELETE = "delete"
    LIST = "list"  # never deleted, only named in the report


@dataclass(frozen=True, slots=True)
class Transition:
    """A change that server-side apply cannot make by itself: ``value`` is put at ``pointer`` first.

    ``pointer`` is a JSON pointer into the live body (RFC 6901); ``why`` is one clause for the plan.
    """

    pointer: str
    value: Any
    why: str


Assess = Callable[[Body, Observation], Health]
"""The health of one live body, from it and what was observed of its dependents. Pure."""


def no_transitions(_live: Mapping[str, Any], _desired: Mapping[str, Any]) -> tuple[Transition, ...]:
    """For kinds that server-side apply can change in every way that the API allows."""
    return ()


def no_revision(_body: Body, _observation: Observation) -> str:
    """For kinds that keep no history of their pod template."""
    return ""


def nothing(_one: Mapping[str, Any], _other: Mapping[str, Any]) -> tuple[str, ...]:
    """For kinds of which there is nothing to tell."""
    return ()


@dataclass(frozen=True, slots=True)
class Keeper:
    """What keeps the pod templates that a kind had: its kind, and what one of them holds.

    ``template`` reads the pod template out of it, without what the controller added. ``annotations`` says that it
    carries the annotations, too, that the workload had at the time.
    """

    group_kind: GroupKind
    template: Callable[[Body], Body]
    annotations: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the statuses mean for a kind, one clause each; empty for one that it never has.

    ``passes`` says what a deploy does not wait for although it is in progress.
    """

    current: str
    in_progress: str = ""
    failed: str = ""
    passes: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """An entry of the catalogue.

    ``dependents`` are the kinds whose bodies ``assess`` needs; ``pod_template`` is where the pod template stands,
    as a path of keys, for kinds that make pods (``()`` for those that do not). ``immutable`` are field paths, dots
    between keys, that the API refuses to change; ``recreate`` says that a change of one may be made by deleting and
    creating, since nothing is lost by it. ``runs_once`` kinds are not run again by a restore.
    ``unblocks`` are the dependents that may have to be deleted for a rollout to go on.

    ``refuses(live, desired)`` gives further field paths that cannot be changed, where that depends on the bodies.
    ``one_way(old, new)`` gives, as clauses, why going back from the new body to the old one would lose something
    or be refused; both are bodies as sent. ``revision`` names the resource that holds the live pod template,
    ``keeper`` says how such a resource holds it, for kinds whose templates can be brought back.

    ``meaning`` tells people what ``assess`` goes by; None where that is the rule of any kind. ``source`` is the link
    into the code or the documentation that the rule comes from.
    """

    group_kind: GroupKind
    rank: Rank
    assess: Assess
    dependents: tuple[GroupKind, ...] = ()
    pod_template: tuple[str, ...] = ()
    immutable: tuple[str, ...] = ()
    recreate: bool = False
    runs_once: bool = False
    unblocks: tuple[GroupKind, ...] = ()
    pruning: Pruning = Pruning.DELETE
    propagation: str = "Background"
    transitions: Callable[[Mapping[str, Any], Mapping[str, Any]], tuple[Transition, ...]] = no_transitions
    refuses: Callable[[Mapping[str, Any], Mapping[str, Any]], tuple[str, ...]] = nothing
    one_way: Callable[[Mapping[str, Any], Mapping[str, Any]], tuple[str, ...]] = nothing
    revision: Callable[[Body, Observation], str] = no_revision
    keeper: Keeper | None = None
    meaning: Meaning | None = None
    source: str = ""
