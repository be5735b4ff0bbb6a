"""How often the containers of a pod have come to an end by their own fault, and the words for it. Pure.

What a node, the scheduler, a person or an autoscaler ends is nobody's fault here: pods that are deleted or disrupted
(https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions), and containers of which the
runtime lost track while it or its node was restarted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from lastgood.model.health import Cause, condition, condition_is
from lastgood.model.resource import Body, ref_of
from lastgood.reasons.containers import LOST, Container, containers, killed_from_outside
from lastgood.reasons.events import by_time
from lastgood.reasons.table import cause

OUTLIVED = "DeadlineExceeded"
EVICTED = "Evicted"
BY_THE_NODE = "The node "
"""How the kubelet begins when it evicts for the node's sake; its other messages are about limits of the pod's own.

https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/kubelet/eviction/helpers.go
"""

Ends = Mapping[str, int]
"""How often each container of a pod has ended, by its name."""


def is_disrupted(pod: Body) -> bool:
    """Whether it is going, or gone, for a reason outside of it."""
    going = bool(pod["metadata"].get("deletionTimestamp")) or condition_is(pod, "DisruptionTarget", "True")
    return going or (_has_failed(pod) and not _broke_a_limit(pod))


def ready_since(pod: Body) -> str:
    """The time stamp of its Ready condition, which changes whenever readiness comes or goes."""
    return str((condition(pod, "Ready") or {}).get("lastTransitionTime") or "")


def ends_of(pod: Body) -> Ends:
    """How often its containers have ended until now; an init container that has done its work has not."""
    return {one.name: _ends(one) for one in containers(pod, ())}


def crashes_since(pod: Body, before: Ends, ready: str = "", events: Iterable[Body] = ()) -> Iterator[Cause]:
    """A cause for each container that has ended by its own fault since; ``ready`` is since when the pod was ready.

    ``events`` are the pod's.
    """
    if is_disrupted(pod):
        return
    if _has_failed(pod):
        yield cause(EVICTED, detail=_message(pod), source=ref_of(pod), hopeless=True, grace=0.0)
    for one in containers(pod, by_time(events)):
        if _ends(one) > before.get(one.name, 0) and one.last_end.get("reason") not in LOST:
            yield _crash(one, ready)


def _ends(one: Container) -> int:
    ended_well = one.starts_first and one.last_end.get("exitCode") == 0
    return int(one.status.get("restartCount") or 0) if ended_well else one.ends


def _has_failed(pod: Body) -> bool:
    status = pod.get("status") or {}
    return status.get("phase") == "Failed" and bool(status.get("reason"))


def _broke_a_limit(pod: Body) -> bool:
    reason = pod["status"]["reason"]
    return reason == OUTLIVED or (reason == EVICTED and not _message(pod).startswith(BY_THE_NODE))


def _message(pod: Body) -> str:
    return str(pod["status"].get("message") or pod["status"].get("reason"))


def _crash(one: Container, ready: str) -> Cause:
    reason = str(one.last_end.get("reason") or "Error")
    return one.because(reason, _words(one, _after(one, ready)), hopeless=True, grace=0.0)


def _words(one: Container, after: str) -> str:
    killed = killed_from_outside(one, after)
    if killed:
        return killed
    if one.last_end.get("exitCode") == 0:
        return f"ended{after} with exit code 0, but has to keep running"
    return f"crashed{after}: {one.how_it_ended}"


def _after(one: Container, ready: str) -> str:
    """Both times are the kubelet's, in whole seconds."""
    ended = one.last_end.get("finishedAt")
    if not ready or not ended:
        return ""
    seconds = (datetime.fromisoformat(ended) - datetime.fromisoformat(ready)).total_seconds()
    return f" {seconds:.0f} s after it was ready" if seconds >= 0 else ""
