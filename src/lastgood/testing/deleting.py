"""How things go: at once, when their finalizers let them, after their dependents, or without them.

https://kubernetes.io/docs/concepts/architecture/garbage-collection/
"""

from __future__ import annotations

from functools import partial

from lastgood.errors import Conflict
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.testing.agenda import Agenda
from lastgood.testing.api import NAMESPACE, Api, By
from lastgood.testing.queueing import owner_ref

COLLECTOR = By("kube-controller-manager")
_LAG = 0.03
_FOREGROUND = "foregroundDeletion"
_JOB = GroupKind("batch", "Job")


class Collector:
    """Deletes what is asked for, and what nobody owns any more."""

    def __init__(self, api: Api, agenda: Agenda) -> None:
        self._api, self._agenda = api, agenda
        api.objects.listen(self._heard)

    def delete(self, ref: Ref, guard: Guard, propagation: str, grace: int | None = None) -> None:
        """Delete this; nothing happens if it, or the one with this uid, is gone.

        An empty uid stands for any. Raises ``Conflict`` when it has another resourceVersion.
        """
        live = self._api.objects.get(ref)
        if live is None or guard.uid not in ("", live["metadata"]["uid"]):
            return
        if guard.resource_version not in ("", live["metadata"]["resourceVersion"]):
            raise Conflict(f"Precondition failed: ResourceVersion in precondition: {guard.resource_version}")
        how = propagation or ("Orphan" if ref.group_kind == _JOB else "Background")
        if how == "Orphan":
            self._orphan(live)
        self._remove(ref, foreground=how == "Foreground", grace=grace)

    def _remove(self, ref: Ref, *, foreground: bool = False, grace: int | None = None) -> None:
        live = self._api.objects.get(ref)
        if live is None:
            return
        waits = _waits(live) or (foreground and self._api.objects.owned_by(live["metadata"]["uid"]))
        if not waits:
            self._api.objects.remove(ref)
        elif "deletionTimestamp" not in live["metadata"]:
            self._api.objects.put(self._marked(live, foreground=foreground, grace=grace))

    def _marked(self, live: Body, *, foreground: bool, grace: int | None) -> Body:
        metadata = live["metadata"] | {"deletionTimestamp": self._api.now()}
        if "generation" in metadata:
            metadata["generation"] += 1
        own = live["spec"].get("terminationGracePeriodSeconds", 30) if live["kind"] == "Pod" else 0
        metadata["deletionGracePeriodSeconds"] = own if grace is None or own == 0 else grace
        if foreground:
            metadata["finalizers"] = [*metadata.get("finalizers", ()), _FOREGROUND]
        status = live.get("status", {}) | {"phase": "Terminating"} if live["kind"] == "Namespace" else None
        return live | {"metadata": metadata} | ({"status": status} if status else {})

    def _orphan(self, owner: Body) -> None:
        uid = owner["metadata"]["uid"]
        for body in self._api.objects.owned_by(uid):
            self._api.edit(ref_of(body), partial(_disown, uid), COLLECTOR)

    def _heard(self, ref: Ref, before: Body | None, now: Body | None) -> None:
        if now is None and before is not None:
            self._agenda.after(_LAG, lambda: self._collect(before))
        elif now is not None and "deletionTimestamp" in now["metadata"]:
            self._agenda.after(_LAG, lambda: self._sweep(ref))

    def _collect(self, owner: Body) -> None:
        """Delete the dependents that have no owner left, and let owners go that waited for this one."""
        for body in self._api.objects.owned_by(owner["metadata"]["uid"]):
            if not self._owners(body):
                self._remove(ref_of(body))
        for above in self._owners(owner):
            self._finish(above)

    def _owners(self, body: Body) -> list[Body]:
        namespace = body["metadata"].get("namespace", "")
        refs = [owner_ref(one, namespace) for one in body["metadata"].get("ownerReferences") or ()]
        found = [(ref, self._api.objects.get(ref)) for ref in refs]
        uids = {one["uid"] for one in body["metadata"].get("ownerReferences") or ()}
        return [owner for _, owner in found if owner is not None and owner["metadata"]["uid"] in uids]

    def _sweep(self, ref: Ref) -> None:
        """Something is being deleted: empty it of what has to go first."""
        live = self._api.objects.get(ref)
        if live is None:
            return
        if ref.group_kind == NAMESPACE:
            self._empty(ref)
        elif _FOREGROUND in live["metadata"].get("finalizers", ()):
            for body in self._api.objects.owned_by(live["metadata"]["uid"]):
                self._remove(ref_of(body), foreground=True)
            self._finish(live)

    def _finish(self, owner: Body) -> None:
        live = self._api.objects.get(ref_of(owner))
        if live is None or _FOREGROUND not in live["metadata"].get("finalizers", ()):
            return
        if not self._api.objects.owned_by(live["metadata"]["uid"]):
            left = [one for one in live["metadata"]["finalizers"] if one != _FOREGROUND]
            self._api.edit(ref_of(live), lambda new: new["metadata"].update(finalizers=left), COLLECTOR)

    def _empty(self, namespace: Ref) -> None:
        inside = [ref for ref, _ in self._api.objects if ref.namespace == namespace.name]
        for ref in inside:
            self._remove(ref)
        if inside:
            self._agenda.after(_LAG * 10, lambda: self._sweep(namespace))
        else:
            self._api.objects.remove(namespace)


def _disown(uid: str, body: Body) -> None:
    body["metadata"]["ownerReferences"] = [one for one in body["metadata"]["ownerReferences"] if one["uid"] != uid]


def _waits(live: Body) -> bool:
    """Whether it cannot go at once: it has finalizers, runs, or holds others."""
    scheduled_pod = live["kind"] == "Pod" and bool(live["spec"].get("nodeName"))
    over = live.get("status", {}).get("phase") in ("Succeeded", "Failed")
    namespace = live["kind"] == "Namespace"
    return bool(live["metadata"].get("finalizers")) or (scheduled_pod and not over) or namespace
