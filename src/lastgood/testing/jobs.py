"""The Job controller: pods until enough have succeeded, or too many failed.

https://kubernetes.io/docs/concepts/workloads/controllers/job/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lastgood.model.health import condition, condition_is
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.testing.pod_status import conditions
from lastgood.testing.recording import record
from lastgood.testing.times import parsed
from lastgood.testing.workloads import POD, Controller, is_ready

BACK_OFF, LONGEST_BACK_OFF = 10.0, 600.0


@dataclass(frozen=True, slots=True)
class Tally:
    """The pods of a Job by how they are. One that is told to go has failed; ``failures`` counts restarts, too."""

    active: Sequence[Body]
    succeeded: int
    failed: int
    failures: int
    terminating: int


class Jobs(Controller):
    """Runs to the end, once."""

    kind = GroupKind("batch", "Job")

    def sync(self, ref: Ref, body: Body) -> None:
        """Start pods, or say that it is over: first why it will end, then that it has."""
        if self._is_ended(body):
            self._expire(ref, body)
            return
        tally, late = _tally(self.owned(body, POD)), self._deadline(ref, body)
        reason = "DeadlineExceeded" if late else _failure(body, tally)
        if (target := condition(body, "FailureTarget")) is not None:
            self._end(body, tally, "Failed", target["reason"])
        elif reason:
            self.delete_pods(tally.active)
            self._tell(body, tally, [_said("FailureTarget", reason)])
        elif condition_is(body, "SuccessCriteriaMet", "True"):
            self._end(body, tally, "Complete", "CompletionsReached")
        elif tally.succeeded >= body["spec"].get("completions", 1):
            self._tell(body, tally, [_said("SuccessCriteriaMet", "CompletionsReached")])
        else:
            self._go_on(ref, body, tally)

    def _end(self, body: Body, tally: Tally, kind: str, reason: str) -> None:
        before = [{name: one[name] for name in _NAMES} for one in body["status"]["conditions"]]
        self._tell(body, tally, [*before, _said(kind, reason)])
        record(self.api, body, reason, _SENTENCES[reason], source="job-controller", normal=kind == "Complete")

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

    def _tell(self, body: Body, tally: Tally, said: Sequence[Body]) -> None:
        now = self.api.now()
        counts = {"active": len(tally.active), "succeeded": tally.succeeded, "failed": tally.failed}
        ready = sum(is_ready(pod) for pod in tally.active)
        status = {
            **{name: count for name, count in counts.items() if count},
            "ready": ready,
            "terminating": tally.terminating,
            "startTime": body["status"].get("startTime", now),
            "uncountedTerminatedPods": {},
        }
        if said:
            status["conditions"] = conditions(body["status"], said, now)
        if any(one["type"] == "Complete" for one in said):
            status["completionTime"] = now
        self.api.status(ref_of(body), status, "kube-controller-manager")

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


_NAMES = ("type", "status", "reason", "message")
_SENTENCES = {
    "CompletionsReached": "Reached expected number of succeeded pods",
    "BackoffLimitExceeded": "Job has reached the specified backoff limit",
    "DeadlineExceeded": "Job was active longer than specified deadline",
}


def _tally(pods: Sequence[Body]) -> Tally:
    phases = [pod["status"].get("phase") for pod in pods]
    running = [pod for pod in pods if pod["status"].get("phase") not in ("Succeeded", "Failed")]
    active = [pod for pod in running if "deletionTimestamp" not in pod["metadata"]]
    statuses = [one for pod in active for one in pod["status"].get("containerStatuses") or ()]
    failed = phases.count("Failed") + len(running) - len(active)
    failures = failed + sum(one["restartCount"] for one in statuses)
    return Tally(active, phases.count("Succeeded"), failed, failures, len(running) - len(active))


def _failure(body: Body, tally: Tally) -> str:
    return "BackoffLimitExceeded" if tally.failures > body["spec"]["backoffLimit"] else ""


def _said(kind: str, reason: str) -> Body:
    return {"type": kind, "status": "True", "reason": reason, "message": _SENTENCES[reason]}


def _ended_at(pod: Body) -> str:
    states = [one["state"] for one in pod["status"]["containerStatuses"]]
    return max(str(state.get("terminated", {}).get("finishedAt", "")) for state in states)
