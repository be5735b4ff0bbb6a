"""The ReplicaSet controller: so many pods of one template, and a condition when they cannot be made."""

from __future__ import annotations

from lastgood.model.resource import Body, GroupKind, Ref
from lastgood.testing.pod_status import conditions
from lastgood.testing.workloads import POD, Controller, is_active, is_ready, newest_first, unavailable_for

REPLICA_SET = GroupKind("apps", "ReplicaSet")


class ReplicaSets(Controller):
    """Keeps the number of pods."""

    kind = REPLICA_SET

    def sync(self, ref: Ref, body: Body) -> None:
        """Make or delete pods, and tell how many there are."""
        pods = [pod for pod in self.owned(body, POD) if is_active(pod)]
        missing = body["spec"]["replicas"] - len(pods)
        problem = self._add(body, missing) if missing > 0 else ""
        if missing < 0:
            self.delete_pods(newest_first(pods)[:-missing])
        self._tell(ref, body, [pod for pod in self.owned(body, POD) if is_active(pod)], problem)

    def _add(self, body: Body, count: int) -> str:
        metadata = {"generateName": body["metadata"]["name"] + "-"}
        for _ in range(count):
            problem = self.create_pod(body, body["spec"]["template"], metadata)
            if problem:
                return problem
        return ""

    def _tell(self, ref: Ref, body: Body, pods: list[Body], problem: str) -> None:
        waits = [unavailable_for(self.api, pod, body["spec"].get("minReadySeconds", 0)) for pod in pods]
        failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": problem}
        status = {
            "fullyLabeledReplicas": len(pods),
            "readyReplicas": sum(is_ready(pod) for pod in pods),
            "availableReplicas": waits.count(0.0),
            "conditions": conditions(body["status"], [failure] if problem else [], self.api.now()),
        }
        if soon := [wait for wait in waits if wait]:
            self.queue.add_later(ref, min(soon))
        self.set_status(body, status, replicas=len(pods))
