"""The StatefulSet controller: numbered pods, one after the other.

With ``OrderedReady`` it waits for every pod to be ready before it does anything else. So a pod that is broken at a
failed revision keeps it from ever coming to the pods of the wanted one, until somebody deletes that pod:
https://github.com/kubernetes/kubernetes/issues/67250
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.testing.revisions import HASH, Revision, forget, revisions
from lastgood.testing.values import copied
from lastgood.testing.workloads import BY, POD, Controller, is_ready, unavailable_for

ORDERED = "OrderedReady"
OVER = ("Succeeded", "Failed")


class StatefulSets(Controller):
    """One pod for each number."""

    kind = GroupKind("apps", "StatefulSet")

    def sync(self, ref: Ref, body: Body) -> None:
        """One step towards the wanted pods, then tell how it stands."""
        known = revisions(self, body)
        current = self._current(body, known)
        self._step(body, known[-1], current)
        self._tell(body, known[-1], current)
        self._wait_for_availability(ref, body)

    def _current(self, body: Body, known: Sequence[Revision]) -> Revision:
        """The revision that was wholly rolled out last."""
        name = body["status"].get("currentRevision")
        return next((one for one in known if one.name == name), known[-1])

    def _pods(self, body: Body) -> dict[int, Body]:
        pods = {_number(pod): pod for pod in self.owned(body, POD)}
        return dict(sorted(pods.items()))

    def _step(self, body: Body, update: Revision, current: Revision) -> None:
        if self._fill(body, update, current) and self._shrink(body):
            self._update(body, update)

    def _fill(self, body: Body, update: Revision, current: Revision) -> bool:
        """See to every wanted pod; False when the order demands to wait."""
        ordered, pods = body["spec"]["podManagementPolicy"] == ORDERED, self._pods(body)
        for number in range(body["spec"]["replicas"]):
            pod = pods.get(number)
            if pod is None or self._is_over(pod):
                self._make(body, number, current if number < _partition(body) else update)
            elif not ordered or self._is_well(body, pod):
                continue
            if ordered:
                return False
        return True

    def _is_over(self, pod: Body) -> bool:
        """Whether the pod ended; then it is deleted here, to be made anew."""
        if pod["status"].get("phase") in OVER and "deletionTimestamp" not in pod["metadata"]:
            self.delete_pods([pod])
        return self.api.objects.get(ref_of(pod)) is None

    def _is_well(self, body: Body, pod: Body) -> bool:
        available = unavailable_for(self.api, pod, body["spec"].get("minReadySeconds", 0)) == 0
        return available and "deletionTimestamp" not in pod["metadata"]

    def _make(self, body: Body, number: int, revision: Revision) -> None:
        name = f"{body['metadata']['name']}-{number}"
        template = copied(revision.template)
        for claim in body["spec"].get("volumeClaimTemplates") or ():
            self._claim(body, claim, name)
            volumes = [one for one in template["spec"].get("volumes") or () if one["name"] != claim["metadata"]["name"]]
            template["spec"]["volumes"] = [*volumes, _volume(claim, name)]
        template["spec"] |= {"hostname": name} | (_subdomain(body["spec"]))
        labels = {
            "statefulset.kubernetes.io/pod-name": name,
            "apps.kubernetes.io/pod-index": str(number),
            HASH: revision.name,
        }
        self.create_pod(body, template, {"name": name, "labels": labels})

    def _claim(self, body: Body, claim: Body, pod: str) -> None:
        name = f"{claim['metadata']['name']}-{pod}"
        namespace = body["metadata"]["namespace"]
        if self.api.objects.get(Ref("", "PersistentVolumeClaim", namespace, name)) is None:
            labels = body["spec"]["selector"].get("matchLabels") or {}
            metadata = {"name": name, "namespace": namespace, "labels": labels}
            kind = {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
            self.api.create({**kind, "metadata": metadata, "spec": copied(claim["spec"])}, BY)

    def _shrink(self, body: Body) -> bool:
        """Let go what is too many, the highest number first; False while that has to be waited for."""
        ordered = body["spec"]["podManagementPolicy"] == ORDERED
        for number, pod in reversed(self._pods(body).items()):
            if number < body["spec"]["replicas"]:
                return True
            self.delete_pods([pod])
            if ordered:
                return False
        return True

    def _update(self, body: Body, update: Revision) -> None:
        """Replace the highest pod that is of another revision, when all above it are well."""
        if body["spec"]["updateStrategy"]["type"] != "RollingUpdate":
            return
        for number, pod in reversed(self._pods(body).items()):
            if number < _partition(body):
                return
            if _revision(pod) != update.name and "deletionTimestamp" not in pod["metadata"]:
                self.delete_pods([pod])
                return
            if not self._is_well(body, pod):
                return

    def _tell(self, body: Body, update: Revision, current: Revision) -> None:
        pods = [pod for pod in self._pods(body).values() if pod["status"].get("phase") not in OVER]
        staying = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
        counts = {
            "replicas": len(pods),
            "readyReplicas": sum(is_ready(pod) for pod in pods),
            "currentReplicas": sum(_revision(pod) == current.name for pod in staying),
            "updatedReplicas": sum(_revision(pod) == update.name for pod in staying),
        }
        if _is_rolled_out(body, counts):
            current, counts["currentReplicas"] = update, counts["updatedReplicas"]
        least = body["spec"].get("minReadySeconds", 0)
        available = sum(unavailable_for(self.api, pod, least) == 0 for pod in pods)
        names = {"currentRevision": current.name, "updateRevision": update.name}
        shown = {"replicas": counts.pop("replicas"), "availableReplicas": available, "collisionCount": 0}
        self.set_status(body, {**counts, **names}, **shown)
        forget(self, body, {current.name, update.name, *map(_revision, pods)})

    def _wait_for_availability(self, ref: Ref, body: Body) -> None:
        least = body["spec"].get("minReadySeconds", 0)
        waits = [unavailable_for(self.api, pod, least) for pod in self._pods(body).values()]
        if soon := [wait for wait in waits if wait]:
            self.queue.add_later(ref, min(soon))


def _number(pod: Body) -> int:
    return int(pod["metadata"]["name"].rpartition("-")[2])


def _revision(pod: Body) -> str:
    return str(pod["metadata"]["labels"].get(HASH, ""))


def _partition(body: Body) -> int:
    strategy = body["spec"]["updateStrategy"]
    return int((strategy.get("rollingUpdate") or {}).get("partition", 0)) if strategy["type"] == "RollingUpdate" else 0


def _is_rolled_out(body: Body, counts: Mapping[str, int]) -> bool:
    rolling = body["spec"]["updateStrategy"]["type"] == "RollingUpdate"
    return rolling and counts["updatedReplicas"] == counts["replicas"] == counts["readyReplicas"]


def _volume(claim: Body, pod: str) -> dict[str, Any]:
    name = claim["metadata"]["name"]
    return {"name": name, "persistentVolumeClaim": {"claimName": f"{name}-{pod}"}}


def _subdomain(spec: Body) -> dict[str, str]:
    return {"subdomain": spec["serviceName"]} if spec.get("serviceName") else {}
