"""The HorizontalPodAutoscaler controller, as it is where there are no metrics: it keeps replicas within the bounds.

https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/horizontal.go
"""

from __future__ import annotations

from lastgood.model.resource import Body, GroupKind, Ref
from lastgood.sharing import scale_target
from lastgood.testing.api import By
from lastgood.testing.workloads import MANAGER, Controller

PERIOD = 15.0
"""Seconds until it looks at what has changed; the real one looks that often."""


class Autoscalers(Controller):
    """Scales what has too few or too many replicas."""

    kind = GroupKind("autoscaling", "HorizontalPodAutoscaler")

    def sync(self, ref: Ref, body: Body) -> None:
        """Scale the target, and tell what was done. What is scaled to nothing is left alone."""
        target = scale_target(body)
        live = self.api.objects.get(target) if target else None
        if target is None or live is None or not live["spec"]["replicas"]:
            return
        has, wants = live["spec"]["replicas"], _within(body["spec"], live["spec"]["replicas"])
        if has != wants:
            self.api.edit(target, lambda new: new["spec"].update(replicas=wants), By(MANAGER, "scale"))
        self.api.status(ref, _status(body, has, wants), MANAGER)

    def _heard(self, ref: Ref, before: Body | None, now: Body | None) -> None:
        if ref.group_kind == self.kind:
            self.queue.add_later(ref, PERIOD)
        for body in self.api.objects.of_kind(self.kind, ref.namespace):
            if scale_target(body) == ref:
                self._heard(Ref(*self.kind, ref.namespace, body["metadata"]["name"]), None, body)


def _within(spec: Body, replicas: int) -> int:
    return int(min(max(replicas, spec.get("minReplicas", 1)), spec["maxReplicas"]))


def _status(body: Body, has: int, wants: int) -> Body:
    able = {
        "type": "AbleToScale",
        "status": "True",
        "reason": "SucceededRescale" if has != wants else "ReadyForNewScale",
    }
    return {**(body.get("status") or {}), "currentReplicas": has, "desiredReplicas": wants, "conditions": [able]}
