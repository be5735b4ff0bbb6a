"""The DaemonSet controller: one pod on every node that it may run on."""

from __future__ import annotations

from collections.abc import Sequence

from lastgood.model.resource import Body, GroupKind, Ref
from lastgood.testing.admitting import TEMPLATE_COUNT
from lastgood.testing.pods import NODE
from lastgood.testing.revisions import HASH, forget, revisions
from lastgood.testing.workloads import POD, Controller, is_active, is_ready, resolve, unavailable_for


class DaemonSets(Controller):
    """One pod for each node."""

    kind = GroupKind("apps", "DaemonSet")

    def sync(self, ref: Ref, body: Body) -> None:
        """Make what is missing, replace what is old, tell how it stands."""
        update = revisions(self, body)[-1]
        self._fill(body, update.hash)
        if body["spec"]["updateStrategy"]["type"] == "RollingUpdate":
            self._update(body, update.hash)
        self._tell(ref, body, update.hash)

    def _nodes(self, body: Body) -> list[str]:
        wanted = body["spec"]["template"]["spec"].get("nodeSelector") or {}
        nodes = self.api.objects.of_kind(NODE)
        return [
            node["metadata"]["name"]
            for node in nodes
            if all((node["metadata"].get("labels") or {}).get(name) == value for name, value in wanted.items())
        ]

    def _pods(self, body: Body) -> list[Body]:
        return [pod for pod in self.owned(body, POD) if pod["spec"]["nodeName"] in self._nodes(body)]

    def _fill(self, body: Body, revision: str) -> None:
        ended = [pod for pod in self._pods(body) if pod["status"].get("phase") in ("Succeeded", "Failed")]
        self.delete_pods(ended)
        taken = {pod["spec"]["nodeName"] for pod in self._pods(body)}
        labels = {HASH: revision, "pod-template-generation": body["metadata"]["annotations"][TEMPLATE_COUNT]}
        for node in self._nodes(body):
            if node not in taken:
                template = body["spec"]["template"]
                placed = template | {"spec": template["spec"] | {"nodeName": node}}
                self.create_pod(body, placed, {"generateName": body["metadata"]["name"] + "-", "labels": labels})

    def _update(self, body: Body, revision: str) -> None:
        """Old pods that are not available go at once; the others as far as so many may be missing."""
        pods = [pod for pod in self._pods(body) if is_active(pod)]
        old = [pod for pod in pods if pod["metadata"]["labels"].get(HASH) != revision]
        self.delete_pods(pod for pod in old if not is_ready(pod))
        nodes = self._nodes(body)
        most = resolve(body["spec"]["updateStrategy"]["rollingUpdate"]["maxUnavailable"], len(nodes), up=True)
        missing = len(nodes) - sum(self._is_available(body, pod) for pod in pods)
        self.delete_pods([pod for pod in old if is_ready(pod)][: max(0, most - missing)])

    def _is_available(self, body: Body, pod: Body) -> bool:
        return unavailable_for(self.api, pod, body["spec"].get("minReadySeconds", 0)) == 0

    def _tell(self, ref: Ref, body: Body, revision: str) -> None:
        nodes, pods = self._nodes(body), self._pods(body)
        available = sum(self._is_available(body, pod) for pod in pods)
        always = {
            "currentNumberScheduled": len(pods),
            "desiredNumberScheduled": len(nodes),
            "numberMisscheduled": 0,
            "numberReady": sum(is_ready(pod) for pod in pods),
        }
        updated = [pod for pod in pods if pod["metadata"]["labels"].get(HASH) == revision]
        counts = {
            "numberAvailable": available,
            "numberUnavailable": len(nodes) - available,
            "updatedNumberScheduled": len(updated),
        }
        self.set_status(body, counts, **always)
        self._wait_for_availability(ref, body, pods)
        if len(updated) == len(pods):
            forget(self, body, {f"{body['metadata']['name']}-{revision}"})

    def _wait_for_availability(self, ref: Ref, body: Body, pods: Sequence[Body]) -> None:
        waits = [unavailable_for(self.api, pod, body["spec"].get("minReadySeconds", 0)) for pod in pods]
        if soon := [wait for wait in waits if wait]:
            self.queue.add_later(ref, min(soon))
