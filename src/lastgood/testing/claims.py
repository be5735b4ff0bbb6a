"""PersistentVolumeClaims: each gets a volume a moment after it is made, unless its class says to wait."""

from __future__ import annotations

from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.testing.admitting import CLAIM_IN_USE
from lastgood.testing.workloads import BY, POD, Controller

NO_CLASS = "none"
"""A claim of this storage class is never bound."""


class Claims(Controller):
    """Binds, and lets go what no pod uses any more."""

    kind = GroupKind("", "PersistentVolumeClaim")

    def sync(self, ref: Ref, body: Body) -> None:
        """Give it a volume of the size it asks for."""
        if body["spec"].get("storageClassName") == NO_CLASS or body["status"].get("phase") == "Bound":
            return
        volume = f"pvc-{body['metadata']['uid']}"
        self.api.edit(ref, lambda one: one["spec"].update(volumeName=volume), BY)
        modes, size = body["spec"].get("accessModes", []), (body["spec"].get("resources") or {}).get("requests") or {}
        self.api.status(ref, {"phase": "Bound", "accessModes": modes, "capacity": size}, BY.manager)

    def _heard(self, ref: Ref, before: Body | None, now: Body | None) -> None:
        super()._heard(ref, before, now)
        if ref.group_kind == POD and now is None:
            for claim in self.api.objects.of_kind(self.kind, ref.namespace):
                self.queue.add(ref_of(claim))

    def _look(self, ref: Ref) -> None:
        body = self.api.objects.get(ref)
        if body is None or "deletionTimestamp" not in body["metadata"]:
            super()._look(ref)
        elif not any(_uses(pod, ref.name) for pod in self.api.objects.of_kind(POD, ref.namespace)):
            self.api.edit(ref, _unprotect, BY)


def _uses(pod: Body, claim: str) -> bool:
    sources = [volume.get("persistentVolumeClaim") or {} for volume in pod["spec"].get("volumes") or ()]
    return any(source.get("claimName") == claim for source in sources)


def _unprotect(claim: Body) -> None:
    claim["metadata"]["finalizers"] = [one for one in claim["metadata"]["finalizers"] if one != CLAIM_IN_USE]
