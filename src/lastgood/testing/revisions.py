"""ControllerRevisions: the templates that a StatefulSet or a DaemonSet had, numbered.

https://kubernetes.io/docs/tasks/manage-daemon/rollback-daemon-set/#understanding-daemonset-revisions
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, ref_of
from lastgood.testing.values import copied
from lastgood.testing.workloads import BY, Controller, controlled_by, name_hash

CONTROLLER_REVISION = GroupKind("apps", "ControllerRevision")
HASH = "controller-revision-hash"


@dataclass(frozen=True, slots=True)
class Revision:
    """One ControllerRevision: its name, the hash in it, its number and its pod template."""

    name: str
    hash: str
    number: int
    template: Body


def revisions(controller: Controller, owner: Body) -> list[Revision]:
    """The recorded ones, by number; the last is that of the present template, which is recorded if it is new."""
    data = {"spec": {"template": {**copied(owner["spec"]["template"]), "$patch": "replace"}}}
    known = _known(controller, owner)
    number = known[-1]["revision"] + 1 if known else 1
    same = next((one for one in known if one["data"] == data), None)
    if same is None:
        _record(controller, owner, data, number)
    elif same is not known[-1]:
        controller.api.edit(ref_of(same), lambda one: one.update(revision=number), BY)
    return [_read(one) for one in _known(controller, owner)]


def _known(controller: Controller, owner: Body) -> list[Body]:
    return sorted(controller.owned(owner, CONTROLLER_REVISION), key=lambda one: int(one["revision"]))


def _read(one: Body) -> Revision:
    template = {name: value for name, value in one["data"]["spec"]["template"].items() if name != "$patch"}
    return Revision(one["metadata"]["name"], one["metadata"]["labels"][HASH], one["revision"], template)


def _record(controller: Controller, owner: Body, data: Body, number: int) -> None:
    name = name_hash(data)
    labels = {**(owner["spec"]["template"]["metadata"].get("labels") or {}), HASH: name}
    metadata = {
        "name": f"{owner['metadata']['name']}-{name}",
        "namespace": owner["metadata"]["namespace"],
        "labels": labels,
        "ownerReferences": [controlled_by(owner)],
    }
    body = {"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": metadata}
    controller.api.create(body | {"data": data, "revision": number}, BY)


def forget(controller: Controller, owner: Body, used: Collection[str]) -> None:
    """Delete what is beyond ``revisionHistoryLimit``, the oldest first; never what pods are still made of."""
    unused = [one for one in _known(controller, owner)[:-1] if one["metadata"]["name"] not in used]
    for one in unused[: max(0, len(unused) - int(owner["spec"]["revisionHistoryLimit"]))]:
        controller.collector.delete(ref_of(one), Guard(one["metadata"]["uid"]), "Background")
