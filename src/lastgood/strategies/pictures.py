"""What a strategy makes of a release: the picture beside the live one, and that of the end. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.model.resource import Ref, Resource


@dataclass(frozen=True, slots=True)
class Pictures:
    """The two pictures of a release that is canary or blue-green.

    ``staged`` is what is live beside the live release, ``final`` what is live once it is promoted. ``colour`` is that
    of its pods, for blue-green. ``routes`` are the Services that a swap changes: their bodies in ``final`` say where
    to. ``given_up`` is what of the live release may not stay beside ``final``, although the rest of its colour stays:
    autoscalers and budgets that would claim the new pods, too. ``notes`` are sentences for people.
    """

    staged: tuple[Resource, ...]
    final: tuple[Resource, ...]
    colour: str = ""
    routes: frozenset[Ref] = frozenset()
    given_up: frozenset[Ref] = frozenset()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StrategySettings:
    """How a strategy goes about it. ``canary`` is the size of a canary: pods as ``2``, or a share as ``25%``.

    A share is of the replicas of the manifest, or of those that live where an autoscaler holds them; rounded up.
    """

    canary: str = "1"
