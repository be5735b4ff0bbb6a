"""CronJobs: ready when there. What a run of one does later is no part of the deploy, and a suspended one is as told.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/
"""

from __future__ import annotations

from lastgood.model.health import Health, Observation, Status, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import at, items, text
from lastgood.model.resource import Body, GroupKind

GROUP_KIND = GroupKind("batch", "CronJob")


def assess(body: Body, _observation: Observation) -> Health:
    """That it is there, and when it ran."""
    early = unsettled(body)
    if early:
        return early
    if at(body, "spec", "suspend") is True:
        return Health(Status.CURRENT, "is suspended, as its spec says: it starts nothing", rule="spec.suspend is true")
    last = text(body, "status", "lastScheduleTime")
    running = len(items(body, "status", "active"))
    words = f"is scheduled; last run: {last}" if last else "is scheduled; it has not run yet"
    return Health(Status.CURRENT, words + (f"; running: {running}" if running else ""), rule="it is there")


KIND = Kind(
    GROUP_KIND,
    Rank.WORKLOAD,
    assess,
    pod_template=("spec", "jobTemplate", "spec", "template"),
    meaning=Meaning(current="it is there; suspended, too. How its Jobs end is not its health"),
    source="https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/",
)
