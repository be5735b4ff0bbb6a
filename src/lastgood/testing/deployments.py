"""The Deployment controller: a ReplicaSet for each template, and pods moved from the old ones to the new one.

https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/controller/deployment
"""

from __future__ import annotations

from collections.abc import Sequence

from lastgood.model.health import condition
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.testing.api import By
from lastgood.testing.deployment_status import bounds, counted, deadline, is_complete, judged, progressing
from lastgood.testing.queueing import LAG
from lastgood.testing.recording import record
from lastgood.testing.replica_sets import REPLICA_SET
from lastgood.testing.values import copied
from lastgood.testing.workloads import BY, MANAGER, POD, Controller, controlled_by, name_hash

REVISION = "deployment.kubernetes.io/revision"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MOST = "deployment.kubernetes.io/max-replicas"
PAST = "deployment.kubernetes.io/revision-history"
HASH = "pod-template-hash"
_NOT_COPIED = {"kubectl.kubernetes.io/last-applied-configuration", REVISION, PAST, DESIRED, MOST}


class Deployments(Controller):
    """Rolls out."""

    kind = GroupKind("apps", "Deployment")

    def sync(self, ref: Ref, body: Body) -> None:
        """One step: find or make the new ReplicaSet, move a few pods, tell how it stands."""
        if body["spec"].get("paused") or self._is_scaled(body):
            self._follow_scale(body)
        elif body["spec"]["strategy"]["type"] == "Recreate":
            self._recreate(body)
        else:
            self._roll(body)
        self._tell(ref)

    def _sets(self, body: Body) -> tuple[Body | None, list[Body]]:
        """The ReplicaSet of the present template, and all others, the oldest first."""
        everything = self.owned(body, REPLICA_SET)
        new = next((one for one in everything if same_template(one, body)), None)
        return new, [one for one in everything if one is not new]

    def _roll(self, body: Body) -> None:
        new, old = self._new_set(body)
        if not self._scale_up(body, new, old):
            self._scale_down(body, new, old)

    def _recreate(self, body: Body) -> None:
        _, old = self._sets(body)
        running = [one for one in old if one["spec"]["replicas"]]
        for one in running:
            self._scale(one, body, 0)
        if running or any(self._has_pods(one) for one in old):
            return
        new, _ = self._new_set(body)
        self._scale(new, body, body["spec"]["replicas"])

    def _has_pods(self, one: Body) -> bool:
        """Whether any pod is left that is not over; one that is told to go still counts."""
        return any(pod["status"].get("phase") not in ("Succeeded", "Failed") for pod in self.owned(one, POD))

    def _new_set(self, body: Body) -> tuple[Body, list[Body]]:
        new, old = self._sets(body)
        number = str(max((_revision(one) for one in old), default=0) + 1)
        if new is None:
            new = self._made(body, number, old)
        elif _revision(new) < int(number) or not _is_annotated(new, body):
            new = self._renumbered(new, body, number)
        self._annotate(body, number if int(number) > _revision(new) else str(_revision(new)))
        return new, old

    def _made(self, body: Body, number: str, old: Sequence[Body]) -> Body:
        template, name = copied(body["spec"]["template"]), name_hash(body["spec"]["template"])
        template["metadata"]["labels"] = labels = {**(template["metadata"].get("labels") or {}), HASH: name}
        count = _first_size(body, old)
        metadata = {
            "name": f"{body['metadata']['name']}-{name}",
            "namespace": body["metadata"]["namespace"],
            "labels": labels,
            "annotations": _annotations(body, number),
            "ownerReferences": [controlled_by(body)],
        }
        selector = {"matchLabels": {**(body["spec"]["selector"].get("matchLabels") or {}), HASH: name}}
        spec = {"replicas": count, "selector": selector, "template": template}
        spec |= {key: body["spec"][key] for key in ("minReadySeconds",) if key in body["spec"]}
        made = self.api.create({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec}, BY)
        self._say_created(body, metadata["name"], count)
        return made

    def _say_created(self, body: Body, name: str, count: int) -> None:
        self._say_scaled(body, name, 0, count)
        live = self.api.objects.get(ref_of(body)) or body
        found = progressing(live, "NewReplicaSetCreated", f'Created new replica set "{name}"', self.api.clock.now())
        self.api.status(ref_of(body), {**live["status"], "conditions": found}, MANAGER)

    def _renumbered(self, new: Body, body: Body, number: str) -> Body:
        """An old ReplicaSet that is wanted again gets the newest number, and keeps its old ones on record."""
        annotations = _annotations(body, max(number, str(_revision(new)), key=int))
        past = new["metadata"]["annotations"].get(PAST, "")
        if _revision(new) < int(number):
            annotations[PAST] = ",".join(filter(None, [past, str(_revision(new))]))
        elif past:
            annotations[PAST] = past
        return self.api.edit(ref_of(new), lambda one: one["metadata"].update(annotations=annotations), BY)

    def _annotate(self, body: Body, number: str) -> None:
        live = self.api.objects.get(ref_of(body)) or body
        if (live["metadata"].get("annotations") or {}).get(REVISION) != number:
            note = {REVISION: number}
            by = By(MANAGER, "status")
            self.api.edit(ref_of(body), lambda one: one["metadata"].setdefault("annotations", {}).update(note), by)

    def _scale_up(self, body: Body, new: Body, old: Sequence[Body]) -> bool:
        wanted, now = body["spec"]["replicas"], new["spec"]["replicas"]
        if now >= wanted:
            return self._scale(new, body, wanted)
        room = wanted + bounds(body["spec"]).surge - sum(one["spec"]["replicas"] for one in (*old, new))
        return room > 0 and self._scale(new, body, now + min(room, wanted - now))

    def _scale_down(self, body: Body, new: Body, old: Sequence[Body]) -> bool:
        """Take away first what is not available, then as many of the others as may be missing."""
        least = body["spec"]["replicas"] - bounds(body["spec"]).unavailable
        unready = new["spec"]["replicas"] - new["status"].get("availableReplicas", 0)
        spare = sum(one["spec"]["replicas"] for one in (*old, new)) - least - unready
        sizes = {ref_of(one): one["spec"]["replicas"] for one in old}
        for one in old:
            broken = max(0, one["spec"]["replicas"] - one["status"].get("availableReplicas", 0))
            taken = max(0, min(spare, broken))
            sizes[ref_of(one)] -= taken
            spare -= taken
        healthy = sum(one["status"].get("availableReplicas", 0) for one in (*old, new)) - least
        for one in old:
            taken = max(0, min(healthy, spare, sizes[ref_of(one)]))
            sizes[ref_of(one)] -= taken
            healthy, spare = healthy - taken, spare - taken
        moved = [self._scale(one, body, sizes[ref_of(one)]) for one in old]
        return any(moved)

    def _is_scaled(self, body: Body) -> bool:
        """Whether ``replicas`` changed since the ReplicaSets were last told."""
        told = {(one["metadata"].get("annotations") or {}).get(DESIRED) for one in self._active(body)}
        return bool(told - {str(body["spec"]["replicas"])})

    def _follow_scale(self, body: Body) -> None:
        """The newest ReplicaSet that has pods takes the difference; all are told the new number."""
        active = self._active(body)
        surge = bounds(body["spec"]).surge if len(active) > 1 else 0
        missing = body["spec"]["replicas"] + surge - sum(one["spec"]["replicas"] for one in active)
        for one in active:
            more = missing if one is active[-1] else 0
            self._scale(one, body, max(0, one["spec"]["replicas"] + more))

    def _active(self, body: Body) -> list[Body]:
        new, old = self._sets(body)
        return [one for one in (*old, *([new] if new else [])) if one["spec"]["replicas"]]

    def _scale(self, one: Body, body: Body, count: int) -> bool:
        """Set the size, and write down for how many it was meant; the answer is whether the size is another."""
        before, told = one["spec"]["replicas"], _sizes(body)
        if before == count and told.items() <= (one["metadata"].get("annotations") or {}).items():
            return False

        def edit(new: Body) -> None:
            new["spec"]["replicas"] = count
            new["metadata"].setdefault("annotations", {}).update(told)

        self.api.edit(ref_of(one), edit, BY)
        if before != count:
            self._say_scaled(body, one["metadata"]["name"], before, count)
        return bool(before != count)

    def _say_scaled(self, body: Body, name: str, before: int, count: int) -> None:
        way = "up" if count > before else "down"
        message = f"Scaled {way} replica set {name} from {before} to {count}"
        record(self.api, body, "ScalingReplicaSet", message, source="deployment-controller", normal=True)

    def _tell(self, ref: Ref) -> None:
        body = self.api.objects.get(ref)
        if body is None:
            return
        new, old = self._sets(body)
        everything = [*old, *([new] if new else [])]
        counts = counted(body, new, everything)
        found = judged(body, counts, new, everything, self.api.clock.now())
        going = sum(one["status"].get("terminatingReplicas", 0) for one in everything)
        self.set_status(body, {**counts, "conditions": found}, terminatingReplicas=going)
        self._look_again(ref)
        if is_complete(body, counts):
            self._forget(body, old)

    def _look_again(self, ref: Ref) -> None:
        body = self.api.objects.get(ref) or {}
        late = deadline(body) if condition(body, "Progressing") else None
        if late is not None:
            self.queue.add_later(ref, max(LAG, (late - self.api.clock.now()).total_seconds() + 1))

    def _forget(self, body: Body, old: Sequence[Body]) -> None:
        """Old ReplicaSets beyond the limit go, the lowest revision first."""
        empty = [one for one in old if not one["spec"]["replicas"] and not one["status"].get("replicas")]
        many = len(empty) - int(body["spec"]["revisionHistoryLimit"])
        for one in sorted(empty, key=_revision)[: max(0, many)]:
            self.collector.delete(ref_of(one), Guard(one["metadata"]["uid"]), "Background")


def same_template(one: Body, body: Body) -> bool:
    """Whether a ReplicaSet is of the Deployment's present template."""
    template = copied(one["spec"]["template"])
    (template["metadata"].get("labels") or {}).pop(HASH, None)
    return bool(template == body["spec"]["template"])


def _first_size(body: Body, old: Sequence[Body]) -> int:
    """How many pods a new ReplicaSet may have at once."""
    wanted = int(body["spec"]["replicas"])
    if body["spec"]["strategy"]["type"] == "Recreate":
        return wanted
    room = wanted + bounds(body["spec"]).surge - sum(one["spec"]["replicas"] for one in old)
    return int(max(0, min(room, wanted)))


def _revision(one: Body) -> int:
    return int((one["metadata"].get("annotations") or {}).get(REVISION, 0))


def _sizes(body: Body) -> dict[str, str]:
    wanted = body["spec"]["replicas"]
    rolling = body["spec"]["strategy"]["type"] == "RollingUpdate"
    return {DESIRED: str(wanted), MOST: str(wanted + (bounds(body["spec"]).surge if rolling else 0))}


def _annotations(body: Body, number: str) -> dict[str, str]:
    own = body["metadata"].get("annotations") or {}
    return {name: value for name, value in own.items() if name not in _NOT_COPIED} | _sizes(body) | {REVISION: number}


def _is_annotated(new: Body, body: Body) -> bool:
    has = new["metadata"].get("annotations") or {}
    return all(has.get(name) == value for name, value in _annotations(body, has.get(REVISION, "")).items())
