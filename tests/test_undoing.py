"""An undo, from values alone: what it can go back to, what it does, and what it only tells."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lastgood.diffing import LAST_APPLIED
from lastgood.model.plan import Apply, Change, FieldChange, Op, Plan, Prune, Revision, Undo, Wait
from lastgood.model.release import Mode, Release, Workload
from lastgood.model.resource import Body, Ref, Resource
from lastgood.undoing import NOT_COPIED, keepers, patch, revisions, template_digest, undo
from tests.stories.cast import GOOD_1, GOOD_2, altered, config, daemon, job, made, service, stateful, web

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CAUSE, REVISION = "kubernetes.io/change-cause", "deployment.kubernetes.io/revision"
HASH = "pod-template-hash"


def release(*resources: Resource, workloads: tuple[Workload, ...] = ()) -> Release:
    """A release that undoes another one."""
    return Release(
        "shop", "", 4, NOW, mode=Mode.STANDARD, resources=resources, workloads=workloads, restores=1, prune=False
    )


def recorded(resource: Resource, revision: str = "web-1", template: Body | None = None) -> Workload:
    """What was written down of a workload when it was good."""
    return Workload(resource.ref, "u", revision, template_digest(template or template_of(resource)))


def template_of(resource: Resource) -> Body:
    found: Body = copy.deepcopy(resource.body["spec"]["template"])
    return found


def live(resource: Resource, *, uid: str = "u", **annotations: str) -> Body:
    """A body as the cluster has it."""
    metadata = {**resource.body["metadata"], "uid": uid, "resourceVersion": "7"}
    return {**resource.body, "metadata": metadata | ({"annotations": annotations} if annotations else {})}


def replica_set(of: Resource, *, uid: str = "u", annotations: dict[str, str] | None = None) -> Body:
    """The ReplicaSet of a Deployment, with the label that the controller puts into its template."""
    template = template_of(of)
    template["metadata"]["labels"][HASH] = "1"
    template["metadata"]["creationTimestamp"] = None
    metadata = {"name": "web-1", "ownerReferences": [{"uid": uid}], "annotations": annotations or {}}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": {"template": template}}


def controller_revision(of: Resource) -> Body:
    """The ControllerRevision of a StatefulSet or DaemonSet: a patch that replaces the template."""
    metadata = {"name": "db-1", "ownerReferences": [{"uid": "u"}], "annotations": {CAUSE: "one"}}
    data = {"spec": {"template": {**template_of(of), "$patch": "replace"}}}
    return {"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": metadata, "data": data, "revision": 1}


WEB, DB = web(GOOD_1), stateful(GOOD_1)
WEB_1, DB_1 = Ref("apps", "ReplicaSet", "", "web-1"), Ref("apps", "ControllerRevision", "", "db-1")
GOOD = release(WEB, workloads=(recorded(WEB),))


# --- what the cluster keeps


def test_what_keeps_the_templates_is_known_by_name_from_the_record() -> None:
    """Of what makes no pods, and of what had no revision when it was recorded, there is nothing to look for."""
    done = Workload(job(GOOD_1).ref, "u", done=True)
    workloads = (recorded(WEB), recorded(DB, "db-1"), recorded(daemon(GOOD_1), ""), done)
    assert (WEB_1, DB_1) == keepers(release(WEB, DB, daemon(GOOD_1), job(GOOD_1), workloads=workloads))


def test_a_replica_set_holds_the_template_without_its_label_and_the_annotations_of_the_time() -> None:
    found = revisions(GOOD, {WEB.ref: live(web(GOOD_2))}, {WEB_1: replica_set(WEB, annotations={CAUSE: "one"})})
    template = template_of(WEB)
    template["metadata"]["creationTimestamp"] = None
    assert {WEB.ref: Revision(WEB_1, template, {CAUSE: "one"})} == found


@pytest.mark.parametrize("resource", [DB, daemon(GOOD_1)], ids=["StatefulSet", "DaemonSet"])
def test_a_controller_revision_holds_the_template_and_no_annotations(resource: Resource) -> None:
    """kubectl copies annotations back for Deployments only."""
    good = release(resource, workloads=(recorded(resource, "db-1"),))
    found = revisions(good, {resource.ref: live(resource)}, {DB_1: controller_revision(resource)})
    assert {resource.ref: Revision(DB_1, template_of(resource), None)} == found


REASONS: dict[str, tuple[Release, dict[Ref, Body], dict[Ref, Body]]] = {
    "no revision of it is recorded": (release(WEB), {WEB.ref: live(WEB)}, {WEB_1: replica_set(WEB)}),
    "it is gone": (GOOD, {}, {WEB_1: replica_set(WEB)}),
    "replicaset.apps/web-1 is gone": (GOOD, {WEB.ref: live(WEB)}, {}),
    "replicaset.apps/web-1 belongs to another Deployment of that name": (
        GOOD,
        {WEB.ref: live(WEB, uid="new")},
        {WEB_1: replica_set(WEB)},
    ),
    "replicaset.apps/web-1 holds another pod template than was recorded": (
        GOOD,
        {WEB.ref: live(WEB)},
        {WEB_1: replica_set(web(GOOD_2))},
    ),
}


@pytest.mark.parametrize("reason", REASONS)
def test_what_cannot_be_gone_back_to_is_said(reason: str) -> None:
    good, alive, found = REASONS[reason]
    assert {WEB.ref: reason} == revisions(good, alive, found)


def test_a_workload_that_was_recorded_without_a_revision_has_none() -> None:
    good = release(WEB, workloads=(recorded(WEB, ""),))
    assert {WEB.ref: "no revision of it is recorded"} == revisions(good, {WEB.ref: live(WEB)}, {})


def test_a_replica_set_that_nobody_owns_belongs_to_another() -> None:
    orphan = replica_set(WEB)
    del orphan["metadata"]["ownerReferences"]
    assert "belongs to another" in str(revisions(GOOD, {WEB.ref: live(WEB)}, {WEB_1: orphan})[WEB.ref])


def test_one_that_was_made_anew_by_hand_goes_back_if_the_same_replica_set_is_its_own() -> None:
    """The uid of the record is of no importance: that of the live workload is."""
    found = revisions(GOOD, {WEB.ref: live(WEB, uid="new")}, {WEB_1: replica_set(WEB, uid="new")})
    assert isinstance(found[WEB.ref], Revision)


def test_only_workloads_that_are_managed_are_asked_for() -> None:
    left = altered(web(GOOD_1, "left"), metadata__annotations={"harness.io/direct-apply": "true"})
    good = release(WEB, left, config(), service(), job(GOOD_1), workloads=(recorded(WEB), recorded(left)))
    assert [WEB.ref] == list(revisions(good, {}, {}))


# --- what is done about it


IN_TEMPLATE = FieldChange("spec.template.spec.containers[name=web].image", GOOD_2, GOOD_1)


def update(resource: Resource, now: Body, *fields: FieldChange) -> Change:
    """What a plan has for something that differs: in its template, unless something else is said."""
    return Change(Op.UPDATE, resource.ref, body=resource.body, live=now, fields=fields or (IN_TEMPLATE,))


def undone(*changes: Change, good: Release = GOOD, **keeping: Any) -> Plan:
    """The undo of these, where ``web`` and ``db`` may go back to what ``keeping`` says."""
    refs = {"web": WEB.ref, "db": DB.ref}
    plan = Plan((Apply(changes), Wait((WEB.ref,))), changes)
    return undo(plan, good, {refs[name]: one for name, one in keeping.items()})


TO_WEB_1 = Revision(WEB_1, template_of(WEB), {CAUSE: "one"})


REPLICAS, ANNOTATION = FieldChange("spec.replicas", 5, 2), FieldChange(f"metadata.annotations[{CAUSE}]", "two", "one")


def test_a_workload_goes_back_to_its_revision_and_nothing_but_its_template_does() -> None:
    """The replicas of the failed release stay; they are told."""
    now = live(web(GOOD_2, replicas=5))
    plan = undone(update(WEB, now, IN_TEMPLATE, REPLICAS, ANNOTATION), web=TO_WEB_1)
    (change,) = plan.changes
    assert (Op.UNDO, TO_WEB_1, (IN_TEMPLATE,)) == (change.op, change.revision, change.fields)
    assert [(WEB.ref, Op.KEEP, (REPLICAS,))] == [(one.ref, one.op, one.fields) for one in plan.outside]
    assert "back to replicaset.apps/web-1" == change.note
    assert (Undo((change,)), Wait((WEB.ref,))) == plan.steps


def test_annotations_that_no_revision_keeps_stay_and_are_told() -> None:
    good = release(DB, workloads=(recorded(DB, "db-1"),))
    plan = undone(
        update(DB, live(stateful(GOOD_2)), IN_TEMPLATE, ANNOTATION), good=good, db=Revision(DB_1, template_of(DB))
    )
    assert [(ANNOTATION,)] == [one.fields for one in plan.outside]


def test_a_workload_that_has_its_template_is_kept_whatever_else_differs() -> None:
    plan = undone(update(WEB, live(web(GOOD_1, replicas=5)), REPLICAS), web=TO_WEB_1)
    assert [Op.KEEP] == [one.op for one in plan.changes]
    assert (Wait((WEB.ref,)),) == plan.steps
    assert [(REPLICAS,)] == [one.fields for one in plan.outside]


def test_without_a_revision_the_stored_manifest_is_applied_and_that_is_said() -> None:
    """Then all of the workload comes back, and nothing of it is outside."""
    change = update(WEB, live(web(GOOD_2)), IN_TEMPLATE, REPLICAS)
    plan = undone(change, web="replicaset.apps/web-1 is gone")
    assert [Op.UPDATE] == [one.op for one in plan.changes]
    assert "replicaset.apps/web-1 is gone: its stored manifest is used" == plan.changes[0].note
    assert (Apply(plan.changes), ()) == (plan.steps[0], plan.outside)


def test_nothing_is_said_of_what_needs_nothing() -> None:
    same = Change(Op.KEEP, WEB.ref, body=WEB.body, live=live(WEB))
    assert (same,) == undone(same, web="it is gone").changes


def test_what_an_undo_leaves_alone_is_told_and_is_in_no_step() -> None:
    good = release(WEB, service(), config(), workloads=(recorded(WEB),))
    plan = undone(
        update(WEB, live(web(GOOD_2))),
        update(service(), live(service())),
        Change(Op.CREATE, config().ref, body=config().body),
        good=good,
        web=TO_WEB_1,
    )
    assert [service().ref, config().ref] == [one.ref for one in plan.outside]
    assert [WEB.ref] == [one.ref for one in plan.changes]
    assert [WEB.ref] == [one.ref for step in plan.steps if isinstance(step, Apply | Undo) for one in step.changes]


def test_what_is_as_it_was_is_not_told_nor_who_owns_it() -> None:
    good = release(WEB, service(), config())
    plan = undone(
        Change(Op.KEEP, service().ref, body=service().body, live=live(service())),
        Change(Op.UPDATE, config().ref, body=config().body, live=live(config())),
        good=good,
    )
    assert () == plan.outside


def test_a_release_that_prunes_makes_again_what_is_missing_and_deletes_what_is_left_over() -> None:
    """Only what differs stays, and is told."""
    good = replace(release(WEB, service(), config()), prune=True)
    missing, differing = Change(Op.CREATE, config().ref, body=config().body), update(service(), live(service()))
    added = Change(Op.DELETE, config("added").ref, live=live(config("added")))
    plan = undo(Plan((), (missing, differing, added)), good, {})
    assert ((missing, added), (differing,)) == (plan.changes, plan.outside)
    assert [Apply((missing,)), Prune((added,))] == [one for one in plan.steps if not isinstance(one, Wait)]


def numbered() -> Resource:
    return altered(config("app-1"), metadata__annotations={"lastgood.dev/version-of": "app"})


def test_numbered_configuration_is_made_again_before_the_pods_that_read_it() -> None:
    good = release(numbered(), WEB, workloads=(recorded(WEB),))
    create = Change(Op.CREATE, numbered().ref, body=numbered().body)
    plan = undone(update(WEB, live(web(GOOD_2))), create, good=good, web=TO_WEB_1)
    assert [Apply, Undo, Wait] == [type(step) for step in plan.steps]
    assert () == plan.outside


def test_one_that_is_only_applied_is_told_and_not_undone() -> None:
    direct = altered(WEB, metadata__annotations={"harness.io/direct-apply": "True"})
    plan = undone(update(direct, live(web(GOOD_2))), good=release(direct), web=TO_WEB_1)
    assert (((), ()), [WEB.ref]) == ((plan.changes, plan.steps), [one.ref for one in plan.outside])


BY_MANIFEST: dict[str, Resource] = {
    "a DeploymentConfig": made("apps.openshift.io/v1", "DeploymentConfig", "web", spec={}),
    "a custom resource that says it is a workload": altered(
        made("argoproj.io/v1alpha1", "Rollout", "web", spec={}),
        metadata__annotations={"harness.io/managed-workload": "true"},
    ),
}


@pytest.mark.parametrize("what", BY_MANIFEST)
def test_what_the_cluster_keeps_no_revisions_of_comes_back_by_its_manifest(what: str) -> None:
    resource = BY_MANIFEST[what]
    change = update(resource, live(resource))
    plan = undone(change, good=release(resource))
    assert ((change,), ()) == (plan.changes, plan.outside)


@pytest.mark.parametrize(
    "resource",
    [
        made("argoproj.io/v1alpha1", "Rollout", "web", spec={}),
        made("batch/v1", "CronJob", "web", spec={}),
        job(GOOD_1),
    ],
    ids=["a custom resource", "a CronJob", "a Job"],
)
def test_other_kinds_are_told_and_left(resource: Resource) -> None:
    plan = undone(update(resource, live(resource)), good=release(resource))
    assert ((), [resource.ref]) == (plan.changes, [one.ref for one in plan.outside])


# --- the patch


def patched(now: Body, revision: Revision = TO_WEB_1, *, stored: Body | None = None) -> dict[str, Any]:
    """What the patch of an undo puts where, by path."""
    change = Change(Op.UNDO, WEB.ref, body=stored, live=now, revision=revision)
    return {one["path"]: one["value"] for one in patch(change)}


def test_the_patch_is_guarded_and_puts_the_template_back() -> None:
    change = Change(Op.UNDO, DB.ref, body=DB.body, live=live(DB), revision=Revision(DB_1, template_of(DB)))
    assert [
        {"op": "test", "path": "/metadata/uid", "value": "u"},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"},
        {"op": "replace", "path": "/spec/template", "value": template_of(DB)},
    ] == patch(change)


def test_annotations_come_back_with_the_template_as_kubectl_copies_them() -> None:
    """What the failed release added goes; what it had from the time of the revision comes."""
    revision = Revision(WEB_1, template_of(WEB), {CAUSE: "one", "team": "red"})
    now = live(web(GOOD_2), **{CAUSE: "two", "added": "1"})
    assert {CAUSE: "one", "team": "red"} == patched(now, revision)["/metadata/annotations"]


@pytest.mark.parametrize("name", sorted(NOT_COPIED - {LAST_APPLIED}))
def test_these_annotations_stay_those_of_the_workload(name: str) -> None:
    revision = Revision(WEB_1, template_of(WEB), {CAUSE: "one", name: "of the revision"})
    now = live(web(GOOD_2), **{CAUSE: "two", name: "of the workload"})
    assert {CAUSE: "one", name: "of the workload"} == patched(now, revision)["/metadata/annotations"]
    without = live(web(GOOD_2), **{CAUSE: "two"})
    assert {CAUSE: "one"} == patched(without, revision)["/metadata/annotations"]


def test_annotations_that_are_as_they_were_are_not_written() -> None:
    now = live(web(GOOD_2), **{CAUSE: "one", REVISION: "3"})
    assert "/metadata/annotations" not in patched(now)


def test_a_revision_without_annotations_leaves_those_of_the_workload() -> None:
    now = live(web(GOOD_2), **{CAUSE: "two"})
    assert "/metadata/annotations" not in patched(now, Revision(DB_1, template_of(WEB)), stored=WEB.body)


def applied(resource: Resource, **annotations: str) -> dict[str, Any]:
    """What kubectl writes down of what it applied."""
    body = copy.deepcopy(resource.body)
    body["metadata"]["annotations"] = annotations
    return body


def test_what_was_applied_last_has_the_template_that_is_back() -> None:
    """Then a kubectl apply without what the undo brought back removes it; all else is as it was applied last."""
    failed = web(GOOD_2, replicas=5)
    now = live(failed, **{CAUSE: "two", LAST_APPLIED: json.dumps(applied(failed, **{CAUSE: "two"}))})
    stored = altered(WEB, metadata__annotations={CAUSE: "one"}).body
    found = patched(now, stored=stored)["/metadata/annotations"]
    assert applied(web(GOOD_1, replicas=5), **{CAUSE: "one"}) == json.loads(found[LAST_APPLIED])
    assert "one" == found[CAUSE]


def test_what_was_applied_last_keeps_its_annotations_where_the_revision_has_none() -> None:
    failed = stateful(GOOD_2)
    now = live(failed, **{CAUSE: "two", LAST_APPLIED: json.dumps(applied(failed, **{CAUSE: "two"}))})
    found = patched(now, Revision(DB_1, template_of(DB)), stored=DB.body)["/metadata/annotations"]
    assert applied(DB, **{CAUSE: "two"}) == json.loads(found[LAST_APPLIED])
    assert "two" == found[CAUSE]


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"spec": {}}', '{"metadata": 1, "spec": {}}'])
def test_a_last_applied_that_cannot_be_read_becomes_the_stored_manifest(broken: str) -> None:
    found = patched(live(web(GOOD_2), **{LAST_APPLIED: broken}), stored=WEB.body)["/metadata/annotations"]
    assert applied(WEB) == json.loads(found[LAST_APPLIED])


def test_what_kubectl_never_applied_gets_no_such_annotation() -> None:
    assert {CAUSE: "one"} == patched(live(web(GOOD_2)), stored=WEB.body)["/metadata/annotations"]


# --- when two templates are the same


def test_templates_are_the_same_whatever_the_server_writes_as_null() -> None:
    template = template_of(WEB)
    null = {**template, "metadata": {**template["metadata"], "creationTimestamp": None}}
    assert template_digest(template) == template_digest(null)


@pytest.mark.parametrize(
    "other",
    [
        web(GOOD_2),
        web(GOOD_1, hostname="x"),
        altered(WEB, spec__template__metadata__labels={"app": "web", "tier": "front"}),
        altered(WEB, spec__template__metadata__annotations={"note": "1"}),
    ],
    ids=["image", "pod", "label", "annotation"],
)
def test_templates_differ_by_anything_that_makes_other_pods(other: Resource) -> None:
    assert template_digest(template_of(WEB)) != template_digest(template_of(other))


def test_replicas_are_no_part_of_a_template() -> None:
    assert template_digest(template_of(WEB)) == template_digest(template_of(web(GOOD_1, replicas=9)))


def test_a_change_by_hand_to_the_label_of_the_controller_is_no_other_template() -> None:
    """A ReplicaSet's own label is read out of it before it is compared."""
    found = revisions(GOOD, {WEB.ref: live(WEB)}, {WEB_1: replica_set(WEB)})
    revision = found[WEB.ref]
    assert isinstance(revision, Revision)
    assert template_digest(template_of(WEB)) == template_digest(revision.template)
