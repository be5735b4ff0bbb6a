"""The ReplicaSet controller: so many pods of one template, and a condition when they cannot be made."""

from __future__ import annotations

from typing import Any

from lastgood.model.health import condition
from lastgood.model.resource import Body, GroupKind, Ref
from lastgood.testing.pod_status import conditions
from lastgood.testing.workloads import POD, Controller, is_active, is_ready, newest_first, unavailable_for

REPLICA_SET = GroupKind("apps", "ReplicaSet")


class ReplicaSets(Controller):
    """Keeps the number of pods."""

    kind = REPLICA_SET

    def sync(self, ref: Ref, body: Body) -> None:
        """Make or delete pods, and tell how many there are."""
        pods = self._active(body)
        missing = body["spec"]["replicas"] - len(pods)
        problem = self._add(body, missing) if missing > 0 else ""
        if missing < 0:
            self.delete_pods(newest_first(pods)[:-missing])
        self._tell(ref, body, problem)

    def _active(self, body: Body) -> list[Body]:
        return [pod for pod in self.owned(body, POD) if is_active(pod)]

    def _add(self, body: Body, count: int) -> str:
        metadata = {"generateName": body["metadata"]["name"] + "-"}
        problems = (self.create_pod(body, body["spec"]["template"], metadata) for _ in range(count))
        return next(filter(None, problems), "")

    def _tell(self, ref: Ref, body: Body, problem: str) -> None:
        pods = self._active(body)
        waits = [unavailable_for(self.api, pod, body["spec"].get("minReadySeconds", 0)) for pod in pods]
        status = {
            "fullyLabeledReplicas": len(pods),
            "readyReplicas": sum(is_ready(pod) for pod in pods),
            "availableReplicas": waits.count(0.0),
            "conditions": conditions(body["status"], self._failure(body, problem), self.api.now()),
        }
        if soon := [wait for wait in waits if wait]:
            self.queue.add_later(ref, min(soon))
        going = [pod for pod in self.owned(body, POD) if "deletionTimestamp" in pod["metadata"]]
        self.set_status(body, status, replicas=len(pods), terminatingReplicas=len(going))

    def _failure(self, body: Body, problem: str) -> list[dict[str, Any]]:
        """That pods cannot be made, with the first reason that there was; none when there is no problem."""
        if not problem:
            return []
        said = condition(body, "ReplicaFailure")
        message = said["message"] if said else problem
        return [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}]
