"""The API server: what a write means, and what it refuses. Synchronous; time and watchers are outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.errors import Conflict, Forbidden, NotFound, Rejected
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.ports import Clock, Served
from lastgood.testing import applying
from lastgood.testing.admitting import assigned, checked, counted, fill_defaults, normal, with_status_of
from lastgood.testing.applying import Writer, with_managed
from lastgood.testing.fields import duplicates
from lastgood.testing.objects import Objects
from lastgood.testing.served import KindFacts, built_in, schema_of
from lastgood.testing.shapes import Shape, shape_of
from lastgood.testing.times import stamp
from lastgood.testing.values import copied

DEFINITION = GroupKind("apiextensions.k8s.io", "CustomResourceDefinition")
NAMESPACE = GroupKind("", "Namespace")

Edit = Callable[[Body], None]
Admit = Callable[[Body], None]
"""Raises ``Forbidden`` when a new object may not be made."""


@dataclass(frozen=True, slots=True)
class By:
    """Who writes, through which subresource, and whether for real."""

    manager: str
    subresource: str = ""
    dry_run: bool = False


class Api:
    """Bodies in, bodies out. ``admission`` may refuse what is created; ``kinds`` grows with applied definitions."""

    def __init__(self, objects: Objects, clock: Clock) -> None:
        self.objects = objects
        self.clock = clock
        self.kinds: dict[GroupKind, KindFacts] = built_in()
        self.admission: list[Admit] = []

    def now(self) -> str:
        """The time as the API writes it: whole seconds."""
        return stamp(self.clock.now())

    def served(self) -> Mapping[GroupKind, Served]:
        """The kinds by what the server answers to discovery."""
        return {kind: facts.served for kind, facts in self.kinds.items()}

    def facts(self, ref: Ref) -> KindFacts:
        """What is known of a kind. Raises ``NotFound`` when it, or the version asked for, is not served."""
        facts = self.kinds.get(ref.group_kind)
        if facts is None or (ref.version and ref.version not in facts.served.versions):
            raise NotFound(f'no matches for kind "{ref.kind}" in version "{ref.api_version or ref.group}"')
        return facts

    def apply(self, body: Body, guard: Guard, by: By) -> Body:
        """Server-side apply, forced, in the guarded state only."""
        ref, facts = ref_of(body), self.facts(ref_of(body))
        live = self.objects.get(ref)
        self._hold(ref, live, guard)
        if live is None:
            self._may_create(ref, facts)
        body, shape, writer = _config(body), self._shape(ref, facts), self._writer(by, facts)
        _check_keys(body, shape)
        new, managed = applying.apply(live or _blank(body), body, writer, shape)
        admitted = self._finished(self._normal(new, facts), live, facts)
        if live is None or admitted != applying.bare(live):
            managed = applying.applied_at(managed, writer)
        return self._commit(with_managed(admitted, managed), live, by)

    def create(self, body: Body, by: By) -> Body:
        """A POST. Raises ``Conflict`` when the name is taken."""
        body = copied(body)
        if "name" not in body["metadata"]:
            body["metadata"]["name"] = body["metadata"].pop("generateName") + self.objects.new_suffix()
        ref, facts = ref_of(body), self.facts(ref_of(body))
        if self.objects.get(ref) is not None:
            raise Conflict(f'{facts.served.plural} "{ref.name}" already exists')
        self._may_create(ref, facts)
        whole = self._normal(body, facts)
        managed = applying.update(_blank(body), whole, self._writer(by, facts), self._shape(ref, facts))
        admitted = self._finished(whole, None, facts)
        for admit in self.admission:
            admit(admitted)
        return self._commit(with_managed(admitted, managed), None, by)

    def edit(self, ref: Ref, edit: Edit, by: By) -> Body:
        """A PUT or PATCH: ``edit`` changes a copy of the live body. Raises ``NotFound`` when there is none."""
        facts, live = self.facts(ref), self.objects.get(ref)
        if live is None:
            raise NotFound(f'{facts.served.plural} "{ref.name}" not found')
        new = copied(live)
        edit(new)
        _check_identity(new, live, facts)
        whole = self._normal(new, facts)
        if by.subresource == "status":
            whole = _status_written(whole, live)
        managed = applying.update(live, whole, self._writer(by, facts), self._shape(ref, facts))
        admitted = whole if by.subresource == "status" else self._finished(whole, live, facts)
        return self._commit(with_managed(admitted, managed), live, by)

    def status(self, ref: Ref, status: Mapping[str, Any], manager: str) -> None:
        """Write a status, as controllers do; nothing happens if the object is gone or already says so."""
        live = self.objects.get(ref)
        if live is not None and live.get("status") != status:
            self.edit(ref, lambda body: body.update(status=dict(status)), By(manager, "status"))

    def _hold(self, ref: Ref, live: Body | None, guard: Guard) -> None:
        plural = self.facts(ref).served.plural
        what = f'Operation cannot be fulfilled on {plural}{"." + ref.group if ref.group else ""} "{ref.name}"'
        if live is None and guard.uid:
            raise Conflict(
                f"{what}: uid mismatch: the provided object specified uid {guard.uid}, and no existing object was found"
            )
        metadata = live["metadata"] if live else {}
        if metadata.get("uid", "") != guard.uid:
            raise Conflict(f"{what}: the object is not the one that was read, or was not expected to exist")
        if live and guard.resource_version and metadata["resourceVersion"] != guard.resource_version:
            raise Conflict(f"{what}: {_STALE}")

    def _may_create(self, ref: Ref, facts: KindFacts) -> None:
        if not facts.served.namespaced:
            return
        if not ref.namespace:
            raise Rejected(f"an empty namespace may not be set during creation of {ref}", ref=ref)
        space = self.objects.get(Ref("", "Namespace", "", ref.namespace))
        if space is None:
            raise NotFound(f"there is no namespace {ref.namespace}", hint="create it first")
        if space["metadata"].get("deletionTimestamp"):
            why = f"unable to create new content in namespace {ref.namespace} because it is being terminated"
            raise Forbidden(f'{facts.served.plural} "{ref.name}" is forbidden: {why}')

    def _shape(self, ref: Ref, facts: KindFacts) -> Shape:
        return shape_of(ref.group_kind, self._schema(ref, facts) if facts.custom else None)

    def _schema(self, ref: Ref, facts: KindFacts) -> Mapping[str, Any]:
        definition = self.objects.get(Ref(*DEFINITION, "", f"{facts.served.plural}.{ref.group}"))
        return schema_of(definition, ref.version) if definition else {}

    def _normal(self, body: Body, facts: KindFacts) -> Body:
        """The body as it would come back, with its defaults."""
        whole = normal(body, facts)
        if facts.custom:
            fill_defaults(whole, self._schema(ref_of(whole), facts))
        return whole

    def _finished(self, whole: Body, live: Body | None, facts: KindFacts) -> Body:
        """What will be held, but for who owns it. Raises ``Rejected``."""
        whole = with_status_of(whole, live, facts)
        if live is None:
            born = {"uid": self.objects.new_uid(), "creationTimestamp": self.now()}
            whole["metadata"] = {**whole["metadata"], **born}
        whole = assigned(whole, live, self.objects.version)
        return counted(checked(whole, live, facts), live, facts)

    def _commit(self, body: Body, live: Body | None, by: By) -> Body:
        """Hold it, unless nothing has changed or it is only asked what would be. Nobody may change the answer."""
        if by.dry_run or body == live:
            return body
        if live is not None and _is_over(body):
            self.objects.remove(ref_of(body))
            return body
        return self.objects.put(body)

    def _writer(self, by: By, facts: KindFacts) -> Writer:
        return Writer(by.manager, self.now(), by.subresource, facts.status)


def _status_written(new: Body, live: Body) -> Body:
    """The live body with another status; annotations may be written along with it, as controllers do."""
    metadata = {name: value for name, value in live["metadata"].items() if name != "annotations"}
    if "annotations" in new["metadata"]:
        metadata["annotations"] = new["metadata"]["annotations"]
    return live | {"metadata": metadata, "status": new.get("status", {})}


def _blank(body: Body) -> Body:
    """What a new object is before its first write."""
    return {"apiVersion": body["apiVersion"], "kind": body["kind"], "metadata": {}}


def _config(body: Body) -> Body:
    """An applied body without what no manager can own."""
    metadata = {name: value for name, value in body["metadata"].items() if name not in _SERVERS}
    return body | {"metadata": metadata}


def _check_keys(body: Body, shape: Shape) -> None:
    wrong = list(duplicates(body, shape))
    if wrong:
        ref = ref_of(body)
        what = f"{ref.namespace}/{ref.name}; {body['apiVersion']}, Kind={ref.kind}"
        raise Rejected(f"failed to create typed patch object ({what}): {'; '.join(wrong)}", ref=ref)


def _check_identity(new: Body, live: Body, facts: KindFacts) -> None:
    what = f'{facts.served.plural} "{live["metadata"]["name"]}"'
    if new["metadata"].get("resourceVersion") != live["metadata"]["resourceVersion"]:
        raise Conflict(f"Operation cannot be fulfilled on {what}: {_STALE}")
    if any(new["metadata"].get(part) != live["metadata"].get(part) for part in ("uid", "name", "namespace")):
        raise Conflict(f"{what} is invalid: metadata.uid: field is immutable")


def _is_over(body: Body) -> bool:
    """Whether a body that is being deleted has nothing left to wait for."""
    metadata = body["metadata"]
    waits = metadata.get("finalizers") or metadata.get("deletionGracePeriodSeconds") or body["kind"] == "Namespace"
    return "deletionTimestamp" in metadata and not waits


_SERVERS = frozenset({"creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"})
_STALE = "the object has been modified; please apply your changes to the latest version and try again"
