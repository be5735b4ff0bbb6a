"""What the controllers of workloads have in common: a loop over their objects, and pods made from a template."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from lastgood.errors import ClusterError
from lastgood.model.health import condition, condition_is
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.testing.agenda import Agenda
from lastgood.testing.api import Api, By
from lastgood.testing.deleting import Collector
from lastgood.testing.objects import controller_of
from lastgood.testing.queueing import Queue, owner_ref
from lastgood.testing.recording import record
from lastgood.testing.times import parsed
from lastgood.testing.values import copied

MANAGER = "kube-controller-manager"
BY = By(MANAGER)
POD = GroupKind("", "Pod")
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_RETRY, _LONGEST_RETRY = 1.0, 60.0


class Controller:
    """Looks at an object of its kind whenever it, or something that it controls, changed."""

    kind: GroupKind

    def __init__(self, api: Api, agenda: Agenda, collector: Collector) -> None:
        self.api, self.collector = api, collector
        self.queue = Queue(agenda, self._look)
        self._failures: Counter[Ref] = Counter()
        api.objects.listen(self._heard)

    def sync(self, ref: Ref, body: Body) -> None:
        """Bring the world nearer to what this object wants."""
        raise NotImplementedError

    def _heard(self, ref: Ref, before: Body | None, now: Body | None) -> None:
        body = now or before or {}
        if ref.group_kind == self.kind:
            self.queue.add(ref)
        owner = controller_of(body)
        if owner is not None and (above := owner_ref(owner, ref.namespace)).group_kind == self.kind:
            self.queue.add(above)

    def _look(self, ref: Ref) -> None:
        body = self.api.objects.get(ref)
        if body is None or "deletionTimestamp" in body["metadata"]:
            return
        before = self._failures[ref]
        with suppress(ClusterError):
            self.sync(ref, body)
            if self._failures[ref] == before:
                del self._failures[ref]
            return
        self._retry(ref)

    def _retry(self, ref: Ref) -> None:
        """Look again, later each time."""
        self._failures[ref] += 1
        self.queue.add_later(ref, min(_RETRY * 2.0 ** (self._failures[ref] - 1), _LONGEST_RETRY))

    def owned(self, owner: Body, kind: GroupKind) -> list[Body]:
        """What this object controls, of one kind, the oldest first."""
        return self.api.objects.owned_by(owner["metadata"]["uid"], kind)

    def create_pod(self, owner: Body, template: Body, metadata: Body) -> str:
        """Make a pod; the answer is why it could not be made, or empty. It is tried again later."""
        try:
            self.api.create(pod_from(owner, template, metadata), BY)
        except ClusterError as error:
            record(self.api, owner, "FailedCreate", f"Error creating: {error}", source=_source(owner))
            self._retry(ref_of(owner))
            return str(error)
        return ""

    def delete_pods(self, pods: Iterable[Body]) -> None:
        """Tell these to go."""
        for pod in pods:
            self.collector.delete(ref_of(pod), Guard(pod["metadata"]["uid"]), "Background")

    def set_status(self, body: Body, status: Body, **always: int) -> None:
        """Write the status for the generation that was looked at; zeros only for what ``always`` shows."""
        whole = {name: value for name, value in status.items() if value not in (0, None, [], "")}
        observed = {"observedGeneration": body["metadata"]["generation"]}
        self.api.status(ref_of(body), {**whole, **always, **observed}, MANAGER)


def _source(owner: Body) -> str:
    words: dict[str, str] = {
        "ReplicaSet": "replicaset",
        "StatefulSet": "statefulset",
        "DaemonSet": "daemonset",
        "Job": "job",
    }
    return words[owner["kind"]] + "-controller"


def pod_from(owner: Body, template: Body, metadata: Body) -> Body:
    """A pod of this owner; ``metadata`` names it, and its labels are laid over the template's."""
    inside = copied(template.get("metadata") or {})
    labels = {**(inside.get("labels") or {}), **metadata.get("labels", {})}
    own = {"namespace": owner["metadata"]["namespace"], "ownerReferences": [controlled_by(owner)]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**inside, **metadata, **own, "labels": labels},
        "spec": copied(template["spec"]),
    }


def controlled_by(owner: Body) -> Body:
    """The owner reference of what a controller makes."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def is_active(pod: Body) -> bool:
    """Whether a pod counts: neither over nor told to go."""
    return "deletionTimestamp" not in pod["metadata"] and pod["status"].get("phase") not in ("Succeeded", "Failed")


def is_ready(pod: Body) -> bool:
    """Whether the pod's Ready condition holds."""
    return condition_is(pod, "Ready", "True")


def unavailable_for(api: Api, pod: Body, seconds: float) -> float | None:
    """How long until a ready pod has been ready for so long; None if it is not ready."""
    ready = condition(pod, "Ready")
    if ready is None or ready["status"] != "True":
        return None
    since = (api.clock.now() - parsed(ready["lastTransitionTime"])).total_seconds()
    return max(0.0, seconds - since)


def name_hash(value: Any) -> str:
    """Letters for a name that are the same for the same value."""
    digest = hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=10).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest)


def resolve(value: Any, whole: int, *, up: bool) -> int:
    """A number, or a percentage of a whole: https://pkg.go.dev/k8s.io/apimachinery/pkg/util/intstr"""
    if isinstance(value, str) and value.endswith("%"):
        part = int(value[:-1]) * whole
        return -(-part // 100) if up else part // 100
    return int(value or 0)


def newest_first(pods: Iterable[Body]) -> list[Body]:
    """In the order in which they are deleted: without a node, not ready, the youngest first."""
    order: Callable[[Body], Any] = lambda pod: (  # noqa: E731 - a sort key
        bool(pod["spec"].get("nodeName")),
        pod["status"].get("phase") == "Running",
        is_ready(pod),
        -int(pod["metadata"]["resourceVersion"]),
    )
    return sorted(pods, key=order)
