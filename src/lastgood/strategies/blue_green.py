"""Blue-green: the whole new version beside the live one, then the Services are swapped to it. Pure.

Each colour has its workloads, the configuration that their pods read, and what follows them. Names: a workload, an
autoscaler and a budget have ``-<colour>``, configuration is plain for blue and has ``-green`` for green. Everything
else is shared.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from lastgood.errors import SettingError
from lastgood.model.marks import COLOUR, DIRECT_APPLY, RELEASE, says
from lastgood.model.reading import items, text, words
from lastgood.model.resource import Body, Ref, Resource
from lastgood.sharing import scaled
from lastgood.strategies.colours import BLUE, COLOURS, GREEN, colour_of, colour_selected, live_colour, other
from lastgood.strategies.copying import Copying, copied_configuration, copies, governed_by, may_read, readers, renamed
from lastgood.strategies.following import BUDGET, FOLLOWERS, followers, protects, retargeted
from lastgood.strategies.naming import Room, copied_name, suffixed
from lastgood.strategies.pairing import Pairing, pair
from lastgood.strategies.pictures import Pictures, StrategySettings
from lastgood.strategies.selecting import SERVICE, pod_labels, select_by, selector_of
from lastgood.strategies.serving import beside, leads_to
from lastgood.strategies.taking_over import take_over
from lastgood.strategies.workloads import MADE_TWICE, need_selection, replicas_of, workloads
from lastgood.versioning import ConfigName, config_name, is_config, pod_template

__all__ = ["STRATEGY", "colour_of", "pictures", "take_over", "wanted"]

STRATEGY = "blue-green"
STAGE = "stage"
CLAIM = "PersistentVolumeClaim"

USUAL = StrategySettings()


def wanted(resources: tuple[Resource, ...]) -> tuple[Ref, ...]:
    """What has to be read first: what may get a copy, whatever has the copy's name, and who else may read it."""
    suffixes = {one.ref: _suffixes(one) for one in resources}
    copied = tuple(suffixed(ref, word) for ref, words in suffixes.items() for word in words)
    return (*(one.ref for one in resources if suffixes[one.ref] or may_read(one)), *copied)


def _suffixes(one: Resource) -> tuple[str, ...]:
    if is_config(one.body):
        return (GREEN,)
    if one.ref.group_kind == SERVICE:
        return (*COLOURS, STAGE)
    return COLOURS if one.ref.group_kind in MADE_TWICE | FOLLOWERS else ()


def pictures(resources: tuple[Resource, ...], live: Mapping[Ref, Body], settings: StrategySettings = USUAL) -> Pictures:
    """The new colour beside the live one, and what is live once the Services are swapped.

    The colour is the one that the live primary Service does not lead to; blue where there is none. Raises
    ``ManifestError`` where the manifests do not allow it, ``SettingError`` where what lives does not: a primary Service
    without a colour that leads to pods has to be taken over first (``take_over``).
    """
    del settings
    chosen = workloads(resources, STRATEGY)
    pairing = pair(resources, chosen)
    _refuse_uncoloured(resources, chosen, pairing, live)
    now = live_colour(pairing.primaries, live)
    colour = other(now) if now else BLUE
    for one in chosen:
        need_selection(one, {COLOUR: colour})
    room = _room(resources, live, colour)
    room.refuse_live_copies(resources)
    read = readers(resources)
    return _Colours(resources, live, chosen, followers(resources, chosen), read, pairing, colour, room).pictures()


@dataclass(frozen=True, slots=True)
class _Colours:
    """A release, what lives, its workloads, what follows them, who reads what, their Services, and its colour."""

    resources: tuple[Resource, ...]
    live: Mapping[Ref, Body]
    chosen: tuple[Resource, ...]
    followers: Mapping[Ref, Ref]
    readers: Mapping[ConfigName, Collection[Ref]]
    pairing: Pairing
    colour: str
    room: Room

    def pictures(self) -> Pictures:
        """Both pictures, in the order of the manifests."""
        copying, stages = Copying(COLOUR, self.colour, self._names()), self._stages()
        later, waiting, sizes = self._claimed(), self._waiting(copying), self._sizes()
        staged = (
            made
            for one in self.resources
            for made in (
                *self._staged_services(one, stages),
                *(self._coloured(one, copying, sizes) if one.ref not in later else ()),
                *(self._shared(one, copying) if one.ref not in waiting else ()),
            )
        )
        final = (
            made
            for one in self.resources
            for made in (
                *self._swapped_services(one, stages),
                *self._coloured(one, copying, sizes),
                *self._shared(one, copying),
            )
        )
        routes = self._users() | self.pairing.stages | frozenset(stages.values())
        notes = (*self._notes(later, waiting), *(note for one in self.chosen for note in _of_volumes(one, self)))
        return Pictures(tuple(staged), tuple(final), self.colour, routes, frozenset(later), notes)

    # --- Services

    def _staged_services(self, one: Resource, stages: Mapping[Ref, Ref]) -> Iterator[Resource]:
        """Those for testers lead to the new colour. Those for users are as they live; one without a colour gets it."""
        if one.ref in self.pairing.stages:
            yield _leading_to(one, self.colour)
        elif one.ref in self._users() and not colour_selected(self.live.get(one.ref, {})):
            yield _leading_to(one, other(self.colour))
        if one.ref in stages:
            yield _leading_to(renamed(beside(one), stages[one.ref].name), self.colour)

    def _swapped_services(self, one: Resource, stages: Mapping[Ref, Ref]) -> Iterator[Resource]:
        if one.ref in self.pairing.stages:
            yield _leading_to(one, other(self.colour))
        elif one.ref in self._users():
            yield _leading_to(one, self.colour)
        if one.ref in stages:
            yield _leading_to(renamed(beside(one), stages[one.ref].name), other(self.colour))

    def _users(self) -> frozenset[Ref]:
        """The Services that lead users to the pods."""
        return self.pairing.primaries | self.pairing.others

    def _stages(self) -> dict[Ref, Ref]:
        return copies((one for one in self.resources if one.ref in self.pairing.without_stage), self.room, STAGE)

    # --- what has a colour

    def _names(self) -> dict[Ref, Ref]:
        """Configuration is plain for blue: it is what the other colour's was copied from."""
        read = copied_configuration(self.chosen, self.resources)
        plain = {one.ref: one.ref for one in read}
        governing = {governed_by(one) for one in self.chosen}
        mine = governing | self.followers.keys() | self._mine()
        others = (one for one in self.resources if one.ref in mine)
        named = copies(others, self.room, self.colour)
        return {**(plain if self.colour == BLUE else copies(read, self.room, self.colour)), **named}

    def _mine(self) -> frozenset[Ref]:
        return frozenset(one.ref for one in self.chosen)

    def _coloured(self, one: Resource, copying: Copying, sizes: Mapping[Ref, int | None]) -> Iterator[Resource]:
        if one.ref not in copying.names:
            return
        if one.ref in sizes:
            yield copying.workload(one, sizes[one.ref])
        elif one.ref.group_kind == SERVICE:
            yield copying.selecting(beside(one))
        elif one.ref.group_kind == BUDGET:
            yield copying.selecting(one)
        elif one.ref in self.followers:
            yield retargeted(copying, one, self.followers[one.ref])
        else:
            yield copying.copy(one)

    def _sizes(self) -> dict[Ref, int | None]:
        """As many as the live colour has, where an autoscaler holds them: it is to take over all that is asked."""
        least = scaled(one.body for one in self.resources)
        room = _room(self.resources, self.live, other(self.colour))
        names = copies(self.chosen, room, other(self.colour))
        there = {one.ref: self.live.get(names[one.ref]) or self.live.get(one.ref) for one in self.chosen}
        return {one.ref: replicas_of(one, least, there[one.ref]) for one in self.chosen}

    def _claimed(self) -> frozenset[Ref]:
        """The followers that live without a colour and claim the new pods, too: a copy beside them would do harm."""
        known = {one.ref: one for one in self.chosen}
        return frozenset(ref for ref, target in self.followers.items() if self._claims(ref, target, known[target]))

    def _claims(self, ref: Ref, target: Ref, workload: Resource) -> bool:
        there = self.live.get(ref)
        by = there if ref.group_kind == BUDGET else self.live.get(target)
        selector = selector_of(by) if there and by else None
        return bool(selector and selector.selects({**pod_labels(workload.body), COLOUR: self.colour}))

    # --- what has none

    def _shared(self, one: Resource, copying: Copying) -> Iterator[Resource]:
        """What no colour has of its own; the plain one of a copied ConfigMap or Secret that others read, too."""
        new = copying.names.get(one.ref)
        is_route = one.ref in self._users() | self.pairing.stages
        if (new is None and not is_route) or (is_config(one.body) and new != one.ref and not self._is_only_copied(one)):
            yield one

    def _waiting(self, copying: Copying) -> frozenset[Ref]:
        """What has to stay as it is until the swap: live configuration that is none of this colour's, and its readers.

        What asks to be applied as it is is not copied: the new pods read it, too, and may not change with the swap.
        """
        configs = tuple(
            one
            for one in self.resources
            if is_config(one.body)
            and copying.names.get(one.ref) != one.ref
            and one.ref in self.live
            and not says(one.body, DIRECT_APPLY)
        )
        read = (ref for one in configs for ref in self._readers(one) if ref in self.live)
        return frozenset((*(one.ref for one in configs), *read))

    def _readers(self, config: Resource) -> frozenset[Ref]:
        """Who reads it besides the pods of the colours."""
        return frozenset(self.readers.get(config_name(config.body), ())) - self._mine()

    def _is_only_copied(self, config: Resource) -> bool:
        """Whether pods of a colour read it, and nobody else: the plain one is then blue's alone."""
        return bool(self.readers.get(config_name(config.body))) and not self._readers(config)

    # --- notes

    def _notes(self, later: Container[Ref], waiting: Container[Ref]) -> Iterator[str]:
        for ref in self.followers:
            if ref in later:
                yield f"{ref} gets its copy for {self.colour} with the swap: as it lives, it is for all pods"
        for one in self.resources:
            if one.ref in self.pairing.others:
                yield f"{one.ref} leads to the pods, too: it is swapped with the primary Service"
            if one.ref in self.pairing.without_stage and text(one.body, "spec", "type") == "LoadBalancer":
                yield f"the stage of {one.ref} is reached inside of the cluster only: it gets no load balancer"
            if one.ref in waiting and not (is_config(one.body) and self._is_only_copied(one)):
                yield f"{one.ref} stays as it is until the swap"
            if one.ref.group_kind == BUDGET and one.ref not in self.followers and protects(one.body, self.chosen):
                yield f"{one.ref} is for both colours: it is for other pods, too"


def _of_volumes(workload: Resource, release: _Colours) -> Iterator[str]:
    templates = items(workload.body, "spec", "volumeClaimTemplates")
    if templates:
        names = ", ".join(text(one, "metadata", "name") for one in templates)
        yield f"each colour of {workload.ref} has volumes of its own ({names}); nothing is copied from one to the other"
    shared = {(one.ref.namespace, one.ref.name): one for one in release.resources if one.ref.kind == CLAIM}
    for volume in items(pod_template(workload.body) or {}, "spec", "volumes"):
        name = text(volume, "persistentVolumeClaim", "claimName")
        claim = shared.get((workload.ref.namespace, name))
        if claim and not {"ReadWriteMany", "ReadOnlyMany"} & set(words(claim.body, "spec", "accessModes")):
            yield f"both colours of {workload.ref} use {claim.ref}, which only pods on one node can do at the same time"


def _leading_to(service: Resource, colour: str) -> Resource:
    body = service.copy_body()
    select_by(body, COLOUR, colour)
    return service.with_body(body)


def _refuse_uncoloured(
    resources: tuple[Resource, ...], chosen: tuple[Resource, ...], pairing: Pairing, live: Mapping[Ref, Body]
) -> None:
    """It would lead users to the stage before the swap, and nobody may narrow it before the pods have a colour."""
    for service in (Resource(live[ref]) for ref in pairing.primaries if ref in live):
        for workload in (Resource(live[one.ref]) for one in chosen if one.ref in live):
            if not colour_selected(service.body) and leads_to(service, workload):
                problem = f"{service.ref} leads to {workload.ref}, which both live without a colour"
                hint = "deploy once with strategy rolling: a good release can be taken over into blue-green"
                raise SettingError(problem, hint=hint)


def _room(resources: tuple[Resource, ...], live: Mapping[Ref, Body], colour: str) -> Room:
    release = next((one.labels[RELEASE] for one in resources if RELEASE in one.labels), "")
    may_have = partial(_may_have, release=release, colour=colour)
    return Room(frozenset(one.ref for one in resources), live, may_have)


def _may_have(there: Body, original: str, *, release: str, colour: str) -> bool:
    """What lives under that name may become the copy unless it is another's copy, or of this release without colour.

    What nobody of ours made is taken: whoever comes from another tool has workloads of these names.
    """
    plain = copied_name(there)
    labels = there["metadata"].get("labels") or {}
    return plain == original if plain else labels.get(RELEASE) != release or colour_of(there) == colour
