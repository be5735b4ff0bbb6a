"""Blue-green: the whole new version beside the live one, then the Services are swapped to it. Pure.

Each colour has its workloads, the configuration that their pods read, and what follows them. Names: a workload, an
autoscaler and a budget have ``-<colour>``, configuration is plain for blue and has ``-green`` for green. Everything
else is shared.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from lastgood.errors import SettingError
from lastgood.model.marks import COLOUR, COPY_OF, RELEASE
from lastgood.model.reading import items, text, words
from lastgood.model.resource import Body, Ref, Resource
from lastgood.strategies.colours import BLUE, COLOURS, colour_of, colour_selected, live_colour, other
from lastgood.strategies.copying import Copying, copied_configuration, copies, governed_by, reads
from lastgood.strategies.following import BUDGET, budgets, protects, retargeted, scalers
from lastgood.strategies.naming import Room, copied_name, suffixed
from lastgood.strategies.pairing import Pairing, pair
from lastgood.strategies.pictures import Pictures, StrategySettings
from lastgood.strategies.selecting import SERVICE, pod_labels, select_by, selector_of
from lastgood.strategies.serving import beside, leads_to
from lastgood.strategies.taking_over import take_over
from lastgood.strategies.workloads import need_selection, replicas_of, workloads
from lastgood.versioning import is_config, pod_template

__all__ = ["STRATEGY", "colour_of", "pictures", "take_over", "wanted"]

STRATEGY = "blue-green"
STAGE = "stage"
CLAIM = "PersistentVolumeClaim"

USUAL = StrategySettings()


def wanted(resources: tuple[Resource, ...]) -> tuple[Ref, ...]:
    """What has to be read: everything of the release, and whatever has the name that a copy would get."""
    suffixes = (*COLOURS, STAGE)
    return (*(one.ref for one in resources), *(suffixed(one.ref, word) for one in resources for word in suffixes))


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
    return _Colours(resources, live, chosen, pairing, colour, room).pictures()


@dataclass(frozen=True, slots=True)
class _Colours:
    """A release, what lives, its workloads and Services, and the colour that it gets."""

    resources: tuple[Resource, ...]
    live: Mapping[Ref, Body]
    chosen: tuple[Resource, ...]
    pairing: Pairing
    colour: str
    room: Room

    def pictures(self) -> Pictures:
        """Both pictures, in the order of the manifests."""
        copying, stages = Copying(COLOUR, self.colour, self._names()), self._stages()
        later, waiting = self._claimed(), self._waiting(copying)
        staged = (
            made
            for one in self.resources
            for made in (
                *self._staged_services(one, stages),
                *(self._coloured(one, copying) if one.ref not in later else ()),
                *(self._shared(one, copying) if one.ref not in waiting else ()),
            )
        )
        final = (
            made
            for one in self.resources
            for made in (
                *self._swapped_services(one, stages),
                *self._coloured(one, copying),
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
            yield _leading_to(_stage_copy(one, stages), self.colour)

    def _swapped_services(self, one: Resource, stages: Mapping[Ref, Ref]) -> Iterator[Resource]:
        if one.ref in self.pairing.stages:
            yield _leading_to(one, other(self.colour))
        elif one.ref in self._users():
            yield _leading_to(one, self.colour)
        if one.ref in stages:
            yield _leading_to(_stage_copy(one, stages), other(self.colour))

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
        followers = self._followers()
        others = (one for one in self.resources if one in self.chosen or one.ref in governing or one.ref in followers)
        named = copies(others, self.room, self.colour)
        return {**(plain if self.colour == BLUE else copies(read, self.room, self.colour)), **named}

    def _coloured(self, one: Resource, copying: Copying) -> Iterator[Resource]:
        if one.ref not in copying.names:
            return
        followers = self._followers()
        if one in self.chosen:
            yield copying.workload(one, self._replicas(one))
        elif one.ref.group_kind == SERVICE:
            yield copying.selecting(beside(one))
        elif one.ref.group_kind == BUDGET:
            yield copying.selecting(one)
        elif one.ref in followers:
            yield retargeted(copying, one, followers[one.ref])
        else:
            yield copying.copy(one)

    def _replicas(self, workload: Resource) -> int | None:
        """As many as the live colour has, where an autoscaler holds them: it is to take over all that is asked."""
        now = _room(self.resources, self.live, other(self.colour)).copy_of(workload, other(self.colour))
        return replicas_of(workload, self.resources, self.live, now if now in self.live else workload.ref)

    def _followers(self) -> dict[Ref, Ref]:
        """Autoscalers and budgets, each with a workload that it is for."""
        protecting = budgets(self.resources, self.chosen)
        found = {one.ref: made.ref for one in protecting for made in self.chosen if protects(one.body, made)}
        return {**scalers(self.resources, self.chosen), **found}

    def _claimed(self) -> frozenset[Ref]:
        """The followers that live without a colour and claim the new pods, too: a copy beside them would do harm."""
        return frozenset(ref for ref, target in self._followers().items() if self._claims(ref, target))

    def _claims(self, ref: Ref, target: Ref) -> bool:
        there = self.live.get(ref)
        by = there if ref.group_kind == BUDGET else self.live.get(target)
        selector = selector_of(by) if there and by else None
        (workload,) = (one for one in self.chosen if one.ref == target)
        return bool(selector and selector.selects({**pod_labels(workload.body), COLOUR: self.colour}))

    # --- what has none

    def _shared(self, one: Resource, copying: Copying) -> Iterator[Resource]:
        """What no colour has of its own; the plain one of a copied ConfigMap or Secret that others read, too."""
        new = copying.names.get(one.ref)
        is_route = one.ref in self._users() | self.pairing.stages
        if (new is None and not is_route) or (is_config(one.body) and new != one.ref and any(self._readers(one))):
            yield one

    def _waiting(self, copying: Copying) -> frozenset[Ref]:
        """What has to stay as it is until the swap: plain configuration that the live colour reads, and its readers."""
        configs = tuple(
            one
            for one in self.resources
            if copying.names.get(one.ref, one.ref) != one.ref
            and is_config(one.body)
            and one.ref in self.live
            and any(self._readers(one))
        )
        readers = (made.ref for one in configs for made in self._readers(one) if made.ref in self.live)
        return frozenset((*(one.ref for one in configs), *readers))

    def _readers(self, config: Resource) -> Iterator[Resource]:
        return (one for one in self.resources if one not in self.chosen and reads(one, config))

    # --- notes

    def _notes(self, later: Container[Ref], waiting: Container[Ref]) -> Iterator[str]:
        for ref in self._followers():
            if ref in later:
                yield f"{ref} gets its copy for {self.colour} with the swap: as it lives, it is for all pods"
        for one in self.resources:
            if one.ref in self.pairing.others:
                yield f"{one.ref} leads to the pods, too: it is swapped with the primary Service"
            if one.ref in self.pairing.without_stage and text(one.body, "spec", "type") == "LoadBalancer":
                yield f"the stage of {one.ref} is reached inside of the cluster only: it gets no load balancer"
            if one.ref in waiting:
                yield f"{one.ref} stays as it is until the swap"


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


def _stage_copy(primary: Resource, stages: Mapping[Ref, Ref]) -> Resource:
    body = beside(primary).copy_body()
    metadata, name = body["metadata"], stages[primary.ref].name
    metadata["annotations"] = {**(metadata.get("annotations") or {}), COPY_OF: metadata["name"]}
    metadata["name"] = name
    return primary.with_body(body)


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
