"""The Job controller: pods until enough have succeeded, or too many failed.

https://kubernetes.io/docs/concepts/workloads/controllers/job/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lastgood.model.health import condition_is
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.testing.pod_status import conditions
from lastgood.testing.recording import record
from lastgood.testing.times import parsed
from lastgood.testing.workloads import POD, Controller, is_ready

BACK_OFF, LONGEST_BACK_OFF = 10.0, 600.0


@dataclass(frozen=True, slots=True)
class Tally:
    """The pods of a Job by how they are. ``failures`` counts restarts in place, too."""

    active: Sequence[Body]
    succeeded: int
    failed: int
    failures: int


class Jobs(Controller):
    """Runs to the end, once."""

    kind = GroupKind("batch", "Job")

    def sync(self, ref: Ref, body: Body) -> None:
        """Start pods, or say that it is over."""
        if self._is_ended(body):
            self._expire(ref, body)
            return
        tally = _tally(self.owned(body, POD))
        late = self._deadline(ref, body)
        reason = "DeadlineExceeded" if late else _failure(body, tally)
        if reason:
            self._fail(body, tally, reason)
        elif tally.succeeded >= body["spec"].get("completions", 1):
            self._tell(body, tally, _ended("SuccessCriteriaMet", "Complete", "CompletionsReached", _REACHED))
            record(self.api, body, "Completed", "Job completed", source="job-controller", normal=True)
        else:
            self._go_on(ref, body, tally)

    def _is_ended(self, body: Body) -> bool:
        return condition_is(body, "Complete", "True") or condition_is(body, "Failed", "True")

    def _go_on(self, ref: Ref, body: Body, tally: Tally) -> None:
        suspended = body["spec"].get("suspend", False)
        if suspended:
            self.delete_pods(tally.active)
        elif self._may_start(ref, body, tally):
            missing = body["spec"].get("completions", 1) - tally.succeeded
            for _ in range(min(body["spec"]["parallelism"], missing) - len(tally.active)):
                if self.create_pod(body, body["spec"]["template"], {"generateName": body["metadata"]["name"] + "-"}):
                    break
        paused = {"type": "Suspended", "status": "True", "reason": "JobSuspended", "message": "Job suspended"}
        self._tell(body, _tally(self.owned(body, POD)), [paused] if suspended else [])

    def _may_start(self, ref: Ref, body: Body, tally: Tally) -> bool:
        """After a failure the next pod has to wait, each time twice as long."""
        if not tally.failed:
            return True
        wait = min(BACK_OFF * 2.0 ** (tally.failed - 1), LONGEST_BACK_OFF)
        since = max(parsed(_ended_at(pod)) for pod in self.owned(body, POD) if pod["status"].get("phase") == "Failed")
        left = wait - (self.api.clock.now() - since).total_seconds()
        if left > 0:
            self.queue.add_later(ref, left)
        return left <= 0

    def _deadline(self, ref: Ref, body: Body) -> bool:
        seconds, started = body["spec"].get("activeDeadlineSeconds"), body["status"].get("startTime")
        if seconds is None or started is None:
            return False
        left = float(seconds) - (self.api.clock.now() - parsed(started)).total_seconds()
        if left > 0:
            self.queue.add_later(ref, left)
        return left <= 0

    def _fail(self, body: Body, tally: Tally, reason: str) -> None:
        self.delete_pods(tally.active)
        message = _SENTENCES[reason]
        left = Tally((), tally.succeeded, tally.failed + len(tally.active), tally.failures)
        self._tell(body, left, _ended("FailureTarget", "Failed", reason, message))
        record(self.api, body, reason, message, source="job-controller")

    def _tell(self, body: Body, tally: Tally, said: Sequence[Body]) -> None:
        now = self.api.now()
        status = {
            "active": len(tally.active),
            "ready": sum(is_ready(pod) for pod in tally.active),
            "succeeded": tally.succeeded,
            "failed": tally.failed,
            "startTime": body["status"].get("startTime", now),
            "conditions": conditions(body["status"], said, now),
        }
        if any(one["type"] == "Complete" for one in said):
            status["completionTime"] = now
        shown = {name: value for name, value in status.items() if value not in (0, [])}
        self.api.status(ref_of(body), shown | {"uncountedTerminatedPods": {}}, "kube-controller-manager")

    def _expire(self, ref: Ref, body: Body) -> None:
        seconds = body["spec"].get("ttlSecondsAfterFinished")
        if seconds is None:
            return
        ended = max(one["lastTransitionTime"] for one in body["status"]["conditions"])
        left = float(seconds) - (self.api.clock.now() - parsed(ended)).total_seconds()
        if left > 0:
            self.queue.add_later(ref, left)
        else:
            self.collector.delete(ref, Guard(body["metadata"]["uid"]), "Background")


_REACHED = "Reached expected number of succeeded pods"
_SENTENCES = {
    "BackoffLimitExceeded": "Job has reached the specified backoff limit",
    "DeadlineExceeded": "Job was active longer than specified deadline",
}


def _tally(pods: Sequence[Body]) -> Tally:
    phases = [pod["status"].get("phase") for pod in pods]
    active = [
        pod
        for pod in pods
        if pod["status"].get("phase") not in ("Succeeded", "Failed") and "deletionTimestamp" not in pod["metadata"]
    ]
    restarts = sum(one.get("restartCount", 0) for pod in active for one in pod["status"].get("containerStatuses") or ())
    return Tally(active, phases.count("Succeeded"), phases.count("Failed"), phases.count("Failed") + restarts)


def _failure(body: Body, tally: Tally) -> str:
    return "BackoffLimitExceeded" if tally.failures > body["spec"]["backoffLimit"] else ""


def _ended(first: str, then: str, reason: str, message: str) -> list[Body]:
    return [{"type": kind, "status": "True", "reason": reason, "message": message} for kind in (first, then)]


def _ended_at(pod: Body) -> str:
    states = [one["state"] for one in pod["status"]["containerStatuses"]]
    return max(str(state.get("terminated", {}).get("finishedAt", "")) for state in states)
