"""CustomResourceDefinitions: a moment after one is applied its kind is served; when it goes, all of its kind goes."""

from __future__ import annotations

from lastgood.model.health import condition_is
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.testing.api import DEFINITION
from lastgood.testing.pod_status import conditions
from lastgood.testing.served import defined
from lastgood.testing.workloads import Controller


class Definitions(Controller):
    """Establishes kinds."""

    kind = DEFINITION

    def sync(self, ref: Ref, body: Body) -> None:
        """Serve the kind, and say so."""
        facts = defined(body)
        self.api.kinds[facts.served.group_kind] = facts
        now = self.api.now()
        said = [
            {"type": "NamesAccepted", "status": "True", "reason": "NoConflicts", "message": "no conflicts found"},
            {"type": "Established", "status": "True", "reason": "InitialNamesAccepted", "message": "accepted"},
        ]
        status = {
            "acceptedNames": body["spec"]["names"],
            "conditions": conditions(body.get("status") or {}, said, now),
            "storedVersions": _stored(body),
        }
        if (
            not condition_is(body, "Established", "True")
            or body["status"]["storedVersions"] != status["storedVersions"]
        ):
            self.api.status(ref, status, "kube-apiserver")

    def _heard(self, ref: Ref, before: Body | None, now: Body | None) -> None:
        super()._heard(ref, before, now)
        if ref.group_kind == self.kind and before is not None and now is None:
            kind = GroupKind(before["spec"]["group"], before["spec"]["names"]["kind"])
            self.api.kinds.pop(kind, None)
            for body in self.api.objects.of_kind(kind):
                self.collector.delete(ref_of(body), Guard(), "Background")


def _stored(body: Body) -> list[str]:
    """Every version that objects may be stored in: once on this list, a version stays."""
    before: list[str] = (body.get("status") or {}).get("storedVersions") or []
    now = [one["name"] for one in body["spec"]["versions"] if one.get("storage")]
    return list(dict.fromkeys([*before, *now]))
