"""A draft becomes a release with two pictures: what is live of the names in them decides how they look. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from lastgood.drafting import numbered
from lastgood.model.release import History, Release, Strategy, content_of
from lastgood.model.request import Request
from lastgood.model.resource import Body, Ref, Resource
from lastgood.planning import Past
from lastgood.ports import Cluster
from lastgood.strategies import blue_green, canary, colour_of, standby_of
from lastgood.strategies.pictures import Pictures, StrategySettings
from lastgood.strategies.selecting import pod_labels, selector_of

TAKING_OVER = "the colour blue is put on what runs, so that a swap can tell it from what is staged"
PICTURES: Mapping[Strategy, Callable[[tuple[Resource, ...], Mapping[Ref, Body], StrategySettings], Pictures]] = {
    Strategy.CANARY: canary.pictures,
    Strategy.BLUE_GREEN: blue_green.pictures,
}
WANTED = {Strategy.CANARY: canary.wanted, Strategy.BLUE_GREEN: blue_green.wanted}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for, drafted, and the key for hashes if the history has none yet: one for both pictures."""

    request: Request
    drafted: Release
    new_key: str

    def key(self, past: Past) -> str:
        """What salts the hashes of configuration: handed on from release to release."""
        return (past.last_good.key if past.last_good else "") or self.new_key

    def numbered(self, release: Release, history: History, past: Past, **changes: object) -> Release:
        """A draft in its place in the history."""
        request = replace(self.request, **changes)  # type: ignore[arg-type]
        return numbered(
            release,
            request,
            number=history.next_number,
            key=self.key(past),
            last_good=past.last_good,
            earlier=past.inventory,
        )


async def names_that_matter(cluster: Cluster, asked: Asked, past: Past) -> Mapping[Ref, Body]:
    """What is live of the Services and workloads that a colour or a canary has to do with."""
    wanted, last = WANTED[asked.request.strategy], past.last_good.resources if past.last_good else ()
    refs = dict.fromkeys((*wanted(asked.drafted.resources), *wanted(last)))
    return await cluster.read(tuple(refs))


def pictured_whole(asked: Asked, history: History, past: Past) -> Release:
    """The release that rolls out at once, numbered; what other strategies have left goes with it."""
    release = asked.numbered(asked.drafted, history, past)
    return replace(release, beside=tuple(sorted(outgoing(release, past))))


@dataclass(frozen=True, slots=True)
class Pictured:
    """A release with both of its pictures, and what a person should know of them."""

    release: Release
    notes: tuple[str, ...] = ()


def pictured(asked: Asked, live: Mapping[Ref, Body], history: History, past: Past) -> Pictured:
    """The release, numbered, with both of its pictures.

    Raises ``ManifestError`` and ``SettingError`` where the manifests or what lives do not allow them.
    """
    request, drafted = asked.request, asked.drafted
    drawn = PICTURES[request.strategy](drafted.resources, live, StrategySettings(canary=request.canary))
    swaps = request.strategy is Strategy.BLUE_GREEN
    final = asked.numbered(
        replace(drafted, resources=drawn.final), history, past, versioned=request.versioned and not swaps
    )
    staged = asked.numbered(replace(drafted, resources=drawn.staged), history, past, versioned=False)
    release = replace(
        final,
        strategy=str(request.strategy),
        staged=staged.resources,
        inventory=tuple(sorted({*final.inventory, *staged.inventory})),
        colour=drawn.colour,
        routes=tuple(sorted(drawn.routes)),
        standby=_standby(final.refs, past, drawn) if swaps else (),
        beside=tuple(sorted(outgoing(final, past) | drawn.given_up | (staged.refs - live_refs(past)))),
        asked=content_of(drafted.resources),
    )
    return Pictured(release, drawn.notes)


def taking_over(asked: Asked, live: Mapping[Ref, Body], history: History, past: Past) -> Release | None:
    """The release that has to go before the first of two colours; None where there is nothing to take over."""
    good = past.last_good
    if good is None or asked.request.strategy is not Strategy.BLUE_GREEN:
        return None
    resources = blue_green.take_over(good.resources, live)
    if resources is None:
        return None
    before = {one.ref: one.body for one in good.resources}
    changed = (one for one in resources if one.body != before.get(one.ref))
    narrowed = (one for one in changed if selector_of(one.body) and not pod_labels(one.body))
    return replace(
        asked.drafted,
        number=history.next_number,
        key=asked.key(past),
        strategy=str(Strategy.BLUE_GREEN),
        prune=False,
        resources=resources,
        inventory=tuple(sorted({one.ref for one in resources} | past.inventory)),
        colour=next(filter(None, map(colour_of, (one.body for one in resources))), ""),
        routes=tuple(sorted(one.ref for one in narrowed)),
        promoted=True,
        kept=good.kept,
        beside=tuple(sorted(past.beside)),
        why=TAKING_OVER,
    )


def is_asked_for(asked: Asked, past: Past) -> bool:
    """Whether the last good release was made of the same resources, in the same way."""
    good = past.last_good
    same = good is not None and good.asked == content_of(asked.drafted.resources)
    return same and good is not None and good.strategy == asked.request.strategy and good.mode is asked.drafted.mode


def _has_colour(release: Release) -> bool:
    return bool(release.colour)


def live_refs(past: Past) -> frozenset[Ref]:
    """Who the live release is made of."""
    return past.last_good.refs if past.last_good else frozenset()


def outgoing(release: Release, past: Past) -> frozenset[Ref]:
    """What earlier strategies have left beside the live release, and goes in any case once it is not wanted.

    Whoever gives up colours leaves none of them behind.
    """
    good = past.last_good
    if good is None:
        return past.beside
    coloured = () if release.routes or not good.routes else standby_of(good, release.refs)
    return past.beside.union(good.standby, coloured)


def _standby(final: frozenset[Ref], past: Past, drawn: Pictures) -> tuple[Ref, ...]:
    good = past.last_good
    stays = standby_of(good, final) if good is not None and _has_colour(good) else ()
    return tuple(ref for ref in stays if ref not in drawn.given_up)
