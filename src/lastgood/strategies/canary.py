"""Canary: a few pods of the new version beside the live ones, then the rolling release. Pure.

The canary's pods have all labels that the stable ones have, so the Services that lead to those lead to them, too; one
label more is in the canary's selector, which therefore never selects a stable pod. The other way round the stable
selector does select the canary's pods: they have an owner, and no controller adopts them
(https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#non-template-pod-acquisitions).
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from lastgood.errors import ManifestError, SettingError
from lastgood.kinds import kind_of
from lastgood.model.kind import Rank
from lastgood.model.marks import COLOUR, RELEASE, TRACK
from lastgood.model.reading import items, text
from lastgood.model.resource import Body, GroupKind, Ref, Resource
from lastgood.sharing import scaled
from lastgood.strategies.copying import Copying, copied_configuration, copies, readers
from lastgood.strategies.following import BUDGET, FOLLOWERS, followers, retargeted
from lastgood.strategies.naming import Room, copied_name, suffixed
from lastgood.strategies.pictures import Pictures, StrategySettings
from lastgood.strategies.selecting import SERVICE, label_pods, pod_labels, selector_of
from lastgood.strategies.serving import beside, leads_to, services
from lastgood.strategies.workloads import MADE_TWICE, need_selection, replicas_of, workloads
from lastgood.versioning import config_name, is_config

STRATEGY = "canary"
SUFFIX = "canary"
LABELS = {TRACK: SUFFIX}

SIZE = re.compile(r"([0-9]+)(%?)", re.ASCII)

NEEDED_RANKS = frozenset({Rank.NAMESPACE, Rank.DEFINITION, Rank.STORAGE})
NEEDED = frozenset(
    {
        GroupKind("", "ServiceAccount"),
        GroupKind("rbac.authorization.k8s.io", "Role"),
        GroupKind("rbac.authorization.k8s.io", "ClusterRole"),
        GroupKind("rbac.authorization.k8s.io", "RoleBinding"),
        GroupKind("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        GroupKind("scheduling.k8s.io", "PriorityClass"),
        GroupKind("node.k8s.io", "RuntimeClass"),
        GroupKind("external-secrets.io", "ExternalSecret"),
        GroupKind("bitnami.com", "SealedSecret"),
        GroupKind("secrets-store.csi.x-k8s.io", "SecretProviderClass"),
    }
)
"""What pods may need to start, and what touches no pod that runs already when it is created."""


COPIED = frozenset({*MADE_TWICE, *FOLLOWERS, SERVICE, GroupKind("", "ConfigMap"), GroupKind("", "Secret")})
"""Kinds that may be copied."""

LIMITS = {
    GroupKind("autoscaling", "HorizontalPodAutoscaler"): ("minReplicas", "maxReplicas"),
    GroupKind("datadoghq.com", "WatermarkPodAutoscaler"): ("minReplicas", "maxReplicas"),
    GroupKind("keda.sh", "ScaledObject"): ("minReplicaCount", "maxReplicaCount"),
}
"""Where autoscalers say between which numbers they scale."""

USUAL = StrategySettings()


def wanted(resources: tuple[Resource, ...]) -> tuple[Ref, ...]:
    """What has to be read first: what may get a copy, whatever has the copy's name, and what pods may need."""
    copied = tuple(one.ref for one in resources if one.ref.group_kind in COPIED)
    needed = (one.ref for one in resources if _is_needed(one.ref.group_kind))
    return (*copied, *(suffixed(ref, SUFFIX) for ref in copied), *needed)


def pictures(resources: tuple[Resource, ...], live: Mapping[Ref, Body], settings: StrategySettings = USUAL) -> Pictures:
    """The canaries beside the live release, and the release itself as the end of it.

    Raises ``SettingError`` for a size that is none, ``ManifestError`` where there can be no canary.
    """
    share, chosen = _share(settings.canary), workloads(resources, STRATEGY)
    for one in chosen:
        need_selection(one, LABELS)
    least = scaled(one.body for one in resources)
    sizes = {one.ref: _size(replicas_of(one, least, live.get(one.ref)), share) for one in chosen}
    running = tuple(one for one in chosen if sizes[one.ref])
    if not running:
        problem = "has 0 replicas, as all workloads of the release: there is nothing to try"
        hint = "give it replicas, or deploy with strategy rolling"
        raise ManifestError(problem, origin=chosen[0].origin, ref=chosen[0].ref, field="spec.replicas", hint=hint)
    room = Room(frozenset(one.ref for one in resources), live, partial(_may_have, release=_release(resources)))
    room.refuse_live_copies(resources)
    found = _Canaries(resources, live, running, sizes, followers(resources, running), services(resources), room)
    return found.pictures()


@dataclass(frozen=True, slots=True)
class _Canaries:
    """A release, what lives, the workloads that get a canary, the sizes of all canaries, and what belongs to them."""

    resources: tuple[Resource, ...]
    live: Mapping[Ref, Body]
    running: tuple[Resource, ...]
    sizes: Mapping[Ref, int]
    followers: Mapping[Ref, Ref]
    services: tuple[Resource, ...]
    room: Room

    def pictures(self) -> Pictures:
        known = {one.ref: one for one in self.resources}
        pairs = ((ref, known[ref], known[target]) for ref, target in self.followers.items())
        escaped = {ref for ref, follower, workload in pairs if self._escapes(follower, workload)}
        originals = (*self.running, *self._configuration(), *self._services(), *(known[ref] for ref in escaped))
        copying = Copying(TRACK, SUFFIX, copies(originals, self.room, SUFFIX))
        needed = self._needed()
        staged = tuple(made for one in self.resources for made in self._staged(one, copying, needed))
        return Pictures(staged, self.resources, notes=tuple(self._notes(escaped)))

    def _staged(self, one: Resource, copying: Copying, needed: frozenset[Ref]) -> Iterator[Resource]:
        if one.ref in needed:
            yield one
        if one.ref not in copying.names:
            return
        if one.ref in self.sizes:
            yield self._canary(one, copying)
        elif one.ref.group_kind == SERVICE:
            yield copying.selecting(beside(one))
        elif one.ref.group_kind == BUDGET:
            yield copying.selecting(one)
        elif one.ref in self.followers:
            target = self.followers[one.ref]
            yield self._sized(retargeted(copying, one, target), target)
        else:
            yield copying.copy(one)

    def _canary(self, workload: Resource, copying: Copying) -> Resource:
        """Claims that a StatefulSet makes for its canary go with it: nothing of it may be left."""
        made = copying.workload(workload, self.sizes[workload.ref])
        label_pods(made.body, self._colours(workload))
        if made.body["spec"].get("volumeClaimTemplates"):
            made.body["spec"]["persistentVolumeClaimRetentionPolicy"] = {
                "whenDeleted": "Delete",
                "whenScaled": "Delete",
            }
        return made

    def _colours(self, workload: Resource) -> dict[str, str]:
        """The colour that a live Service wants, from a release of blue-green before: the canary gets its share."""
        found = (self.live.get(one.ref) for one in self.services if leads_to(one, workload))
        colour = next(filter(None, (text(body, "spec", "selector", COLOUR) for body in found)), "")
        return {COLOUR: colour} if colour else {}

    def _sized(self, scaler: Resource, target: Ref) -> Resource:
        """A canary of a certain size is no smaller; it may grow as the original does."""
        least, most = LIMITS.get(scaler.ref.group_kind, ("", ""))
        if least:
            size, spec = self.sizes[target], scaler.body["spec"]
            spec[least] = size
            if isinstance(spec.get(most), int):
                spec[most] = max(spec[most], size)
        return scaler

    def _escapes(self, follower: Resource, workload: Resource) -> bool:
        """Whether a canary's pods are not among those that the live autoscaler counts or the live budget protects."""
        by = follower if follower.ref.group_kind == BUDGET else workload
        selector = selector_of(self.live.get(by.ref) or by.body)
        return not (selector and selector.selects({**pod_labels(workload.body), **LABELS}))

    def _configuration(self) -> tuple[Resource, ...]:
        return copied_configuration(self.running, self.resources)

    def _services(self) -> tuple[Resource, ...]:
        return tuple(one for one in self.services if any(leads_to(one, made) for made in self.running))

    def _needed(self) -> frozenset[Ref]:
        """What is not there yet and has to be before pods can start: it is created in its final form."""
        absent = tuple(one for one in self.resources if one.ref not in self.live)
        found = tuple(one for one in absent if _is_needed(one.ref.group_kind))
        read = readers(found)
        configs = (one for one in absent if is_config(one.body) and config_name(one.body) in read)
        return frozenset(one.ref for one in (*found, *configs))

    def _notes(self, escaped: Container[Ref]) -> Iterator[str]:
        for ref, size in self.sizes.items():
            if not size:
                yield f"{ref} gets no canary: it has 0 replicas"
        for ref in self.followers:
            if ref not in escaped:
                does = "protects" if ref.group_kind == BUDGET else "counts"
                yield f"{ref} gets no copy: it {does} the pods of the canary, too"
        yield from (note for one in self.running for note in _of_claims(one))


def _of_claims(workload: Resource) -> Iterator[str]:
    claims = items(workload.body, "spec", "volumeClaimTemplates")
    if claims:
        names = ", ".join(text(one, "metadata", "name") for one in claims)
        yield f"the canary of {workload.ref} has empty volumes of its own ({names}), which are deleted with it"


def _is_needed(kind: GroupKind) -> bool:
    return kind in NEEDED or kind_of(kind).rank in NEEDED_RANKS


def _release(resources: tuple[Resource, ...]) -> str:
    return next((one.labels[RELEASE] for one in resources if RELEASE in one.labels), "")


def _may_have(there: Body, original: str, *, release: str) -> bool:
    """A canary is deleted in the end: only one of this release is taken for ours."""
    labels = there["metadata"].get("labels") or {}
    return copied_name(there) == original and labels.get(RELEASE, "") == release


def _size(replicas: int | None, share: tuple[int, bool]) -> int:
    """How many pods a canary has, by how many the workload has; none for one that is switched off."""
    (number, is_percentage), whole = share, 1 if replicas is None else replicas
    return math.ceil(whole * number / 100) if is_percentage else min(number, whole * number)


def _share(written: str) -> tuple[int, bool]:
    """A size as written: its number, and whether that is a percentage."""
    match = SIZE.fullmatch(written.strip())
    number, is_percentage = (int(match[1]), bool(match[2])) if match else (0, False)
    if not number or (is_percentage and number > 100):
        problem = f'canary: "{written}" is no size of a canary'
        raise SettingError(problem, hint="a number of pods from 1 on, as 2, or a share from 1% to 100%, as 25%")
    return number, is_percentage
