"""What a release has to be allowed to do, as the YAML that is printed: one golden file for each case."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from lastgood.cli.pages.rbac import RbacPage
from lastgood.drafting import draft
from lastgood.kinds import KINDS, kind_of
from lastgood.model.kind import Pruning
from lastgood.model.permission import Permissions, Rule
from lastgood.model.plan import Change, Op, Plan
from lastgood.model.release import Mode, Release
from lastgood.model.request import Request
from lastgood.model.resource import GroupKind, Resource
from lastgood.permitting import needed_rights, needs_of_release, permit
from lastgood.pipelines.service import load_service
from lastgood.planning import Past
from lastgood.ports import Right, Served
from lastgood.testing import FakeClock
from lastgood.testing.served import built_in
from lastgood.using import RESOURCE, UNNAMED, USES, VERBS
from tests.stories.cast import GOOD_1, altered, config, job, made, service, stateful, web

GOLDENS = Path(__file__).parent / "permissions"
EXAMPLE = Path(__file__).parent.parent / "examples" / "nginx"
NOW = FakeClock().now()
SCALED_OBJECT = GroupKind("keda.sh", "ScaledObject")
SERVED: Mapping[GroupKind, Served] = {kind: facts.served for kind, facts in built_in().items()}
RBAC = "rbac.authorization.k8s.io"

CLAIM = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}
DEFINITION = made(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    "widgets.example.com",
    spec={
        "group": "example.com",
        "scope": "Cluster",
        "names": {"kind": "Widget", "plural": "widgets"},
        "versions": [{"name": "v1", "served": True, "storage": True}],
    },
)
PLAIN = (config(a="1"), service(), web(GOOD_1, reads="app"))


def drafted(*resources: Resource, mode: Mode = Mode.DECLARATIVE) -> Release:
    return draft(Request("shop", "prod", resources, mode=mode), SERVED, NOW)


def permissions(
    *resources: Resource,
    mode: Mode = Mode.DECLARATIVE,
    past: Past | None = None,
    served: Mapping[GroupKind, Served] = SERVED,
    looking: bool = False,
) -> Permissions:
    needs = needs_of_release(drafted(*resources, mode=mode), past or Past(), served, undoes=mode is Mode.STANDARD)
    return permit(Permissions("shop", "prod", {}, looking=looking), [needs])


def from_the_example() -> Permissions:
    found = load_service(
        EXAMPLE / "service.yaml",
        file_store=EXAMPLE / "file-store",
        variables={"memory": "64Mi"},
        artifact="registry.lab/web:1",
        infra={"namespace": "prod"},
    )
    return permissions(*found.resources, mode=found.mode)


def elsewhere(resource: Resource) -> Resource:
    return altered(resource, metadata__namespace="edge")


CASES: Mapping[str, Callable[[], Permissions]] = {
    "plain": lambda: permissions(*PLAIN),
    "service": from_the_example,
    "definition": lambda: permissions(DEFINITION, made("example.com/v1", "Widget", "one")),
    "two-namespaces": lambda: permissions(config(a="1"), elsewhere(service())),
    "standard": lambda: permissions(*PLAIN, mode=Mode.STANDARD),
    "stateful": lambda: permissions(altered(stateful(GOOD_1), spec__volumeClaimTemplates=[CLAIM])),
    "read-only": lambda: permissions(*PLAIN, DEFINITION, mode=Mode.STANDARD, looking=True),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_printed(case: str) -> None:
    """``UPDATE_GOLDENS=1`` writes it anew: read the diff."""
    path = GOLDENS / f"{case}.yaml"
    actual = "".join(f"{line.printable}\n" for line in RbacPage(CASES[case](), "lastgood").lines())
    if os.environ.get("UPDATE_GOLDENS"):
        path.write_text(actual)
    expected = path.read_text()
    diff = "\n".join(difflib.unified_diff(expected.splitlines(), actual.splitlines(), str(path), "now", lineterm=""))
    assert expected == actual, f"{diff}\nUPDATE_GOLDENS=1 takes this as right"


@pytest.mark.parametrize("case", CASES)
def test_the_yaml_and_the_document_say_the_same(case: str) -> None:
    page = RbacPage(CASES[case](), "lastgood")
    text = "\n".join(line.printable for line in page.lines())
    document = page.document()
    assert (document["apiVersion"], document["kind"]) == ("v1", "List")
    assert list(yaml.safe_load_all(text)) == document["items"]


# --- the table


def test_looking_never_writes() -> None:
    assert {verb for use in USES for verb in use.look} <= {"get", "list"}


def test_every_change_is_covered_by_the_rights_on_resources() -> None:
    assert VERBS.keys() == set(Op)
    assert {verb for verbs in VERBS.values() for verb in verbs} <= set(RESOURCE.verbs)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_what_a_run_asks_for_before_it_writes_is_what_is_printed(kind: GroupKind) -> None:
    """The right of each change of each kind, and of undoing it, is in a rule; whoever has the role is let begin."""
    served = everything_served()
    namespaced = served[kind].namespaced
    metadata = {"name": "one", **({"namespace": "prod"} if namespaced else {})}
    resource = Resource({"apiVersion": api_version(kind), "kind": kind.kind, "metadata": metadata, "spec": {}})
    release = replace(drafted(config()), resources=(resource,), inventory=(resource.ref,), mode=Mode.STANDARD)
    printed = permit(Permissions("shop", "prod", {}), [needs_of_release(release, Past(), served, undoes=True)])
    lasts = kind_of(kind).pruning is Pruning.LIST  # deleted by uninstall --all alone, which is for people
    for op in set(Op) - ({Op.REPLACE, Op.DELETE} if lasts else set()):
        plan = Plan((), (Change(op, resource.ref, body=resource.body),))
        assert [one for one in needed_rights(plan, release, served) if not is_given(printed, one)] == []


def test_what_a_later_phase_does_has_to_be_allowed_before_the_first_begins() -> None:
    """A swap that turns out to be forbidden would leave a stage behind."""
    later = Plan((), (Change(Op.UPDATE, service().ref, body=service().body),), phase="swap")
    asked = needed_rights(Plan((), (), phase="stage", then=later), drafted(config()), SERVED)
    assert ("patch", "services") in {(one.verb, one.plural) for one in asked}


def test_to_uninstall_is_to_delete_the_records_and_the_lock_as_well() -> None:
    release = replace(drafted(config()), resources=())
    (change,) = (Change(Op.DELETE, resource.ref) for resource in drafted(config()).resources)
    asked = needed_rights(Plan((), (change,)), release, SERVED)
    assert {f"{one.verb} {one.plural}" for one in asked if one.verb == "delete"} == {
        "delete configmaps",
        "delete secrets",
        "delete leases",
    }
    assert [one for one in asked if not is_given(permissions(config()), one)] == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind_of(kind).pruning is Pruning.LIST], ids=str)
def test_who_deletes_what_is_never_pruned_is_asked_for_the_right(kind: GroupKind) -> None:
    resource = made(api_version(kind), kind.kind, "one")
    asked = needed_rights(Plan((), (Change(Op.DELETE, resource.ref),)), drafted(config()), SERVED)
    assert ("delete", SERVED[kind].plural) in {(one.verb, one.plural) for one in asked}


def is_given(printed: Permissions, right: Right) -> bool:
    return any(
        right.verb in rule.verbs
        and right.group in rule.groups
        and right.plural in rule.resources
        and (not rule.names or right.name in rule.names)
        for rule in printed.rules[right.namespace]
    )


def api_version(kind: GroupKind) -> str:
    return f"{kind.group}/v1".lstrip("/")


def everything_served() -> Mapping[GroupKind, Served]:
    others = {kind: Served(kind, ("v1",), f"{kind.kind.lower()}s", namespaced=True) for kind in KINDS}
    return {**others, **SERVED}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind_of(kind).pruning is Pruning.LIST], ids=str)
def test_what_is_never_deleted_needs_no_right_to_delete_it(kind: GroupKind) -> None:
    found = permissions(made(api_version(kind), kind.kind, "one", spec={}))
    plural = SERVED[kind].plural
    rules = [rule for some in found.rules.values() for rule in some if plural in rule.resources]
    assert rules
    assert [rule for rule in rules if "delete" in rule.verbs] == []


# --- names


def test_in_the_whole_cluster_rules_are_limited_to_names_where_rbac_can_do_that() -> None:
    found = permissions(made("scheduling.k8s.io/v1", "PriorityClass", "high", value=1), DEFINITION)
    unlimited = {verb for rule in found.rules[""] if not rule.names for verb in rule.verbs}
    assert unlimited == set(UNNAMED)
    assert not [rule for rule in found.rules[""] if rule.names and set(rule.verbs) & set(UNNAMED)]


def test_a_right_is_not_printed_twice() -> None:
    """A Pod and a Job in one release: pods are resources already, and need no rule as dependents."""
    pod = made("v1", "Pod", "one", spec={"containers": []})
    rules = permissions(pod, job(GOOD_1)).rules["prod"]
    given = [(group, plural, verb) for rule in rules for group in rule.groups for plural in rule.resources
             for verb in rule.verbs if not rule.names]  # fmt: skip
    assert sorted(set(given)) == sorted(given)


# --- what counts beside the files


def test_what_earlier_releases_left_may_have_to_be_deleted_or_to_come_back() -> None:
    earlier = drafted(service(), stateful(GOOD_1))
    found = permissions(config(), past=Past(earlier, frozenset(earlier.inventory)))
    assert {"services", "statefulsets", "pods/log", "horizontalpodautoscalers"} <= plurals(found.rules["prod"])


def test_a_kind_that_is_served_no_more_is_left_out() -> None:
    gone = made("example.com/v1", "Gadget", "one")
    past = replace(drafted(config()), inventory=(gone.ref,))
    assert plurals(permissions(config(), past=Past(past, frozenset(past.inventory))).rules["prod"]) == plurals(
        permissions(config()).rules["prod"]
    )


def test_autoscalers_are_asked_for_where_something_can_be_scaled_and_as_the_cluster_has_them() -> None:
    keda = Served(SCALED_OBJECT, ("v1alpha1",), "scaledobjects", namespaced=True)
    found = permissions(web(GOOD_1), elsewhere(config()), served={**SERVED, SCALED_OBJECT: keda})
    assert {"horizontalpodautoscalers", "scaledobjects"} <= plurals(found.rules["prod"])
    assert not {"horizontalpodautoscalers", "scaledobjects"} & plurals(found.rules["edge"])


def test_what_roles_of_a_release_give_to_others_one_has_to_have() -> None:
    """Of a role the rules, of a binding the right to bind that role; only looking needs neither."""
    allowed = {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create"], "resourceNames": ["a"]}
    metrics = {"nonResourceURLs": ["/metrics"], "verbs": ["get"]}
    ref = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"}
    resources = (
        made(f"{RBAC}/v1", "Role", "starter", rules=[allowed]),
        made(f"{RBAC}/v1", "ClusterRole", "scraper", rules=[metrics]),
        made(f"{RBAC}/v1", "RoleBinding", "viewers", roleRef=ref),
    )
    found = permissions(*resources).rules
    starter, binding = found["prod"][-2:]
    assert (starter.groups, starter.resources, starter.verbs, starter.names) == (
        ("batch",),
        ("jobs",),
        ("create",),
        ("a",),
    )
    assert (binding.resources, binding.verbs, binding.names) == (("clusterroles",), ("bind",), ("view",))
    assert (found[""][-1].urls, found[""][-1].verbs) == (("/metrics",), ("get",))
    looking = permissions(*resources, looking=True)
    assert [rule for some in looking.rules.values() for rule in some if set(rule.verbs) - {"get", "list"}] == []


def test_somebody_who_has_a_name_gets_no_service_account() -> None:
    items = RbacPage(permissions(config()), "lastgood", "ann").document()["items"]
    assert [one["kind"] for one in items] == ["Role", "RoleBinding"]
    assert items[1]["subjects"] == [{"apiGroup": RBAC, "kind": "User", "name": "ann"}]


def test_namespaces_that_are_not_there_come_first() -> None:
    found = replace(permissions(config()), absent=("prod",))
    first, account, *_ = RbacPage(found, "ci").document()["items"]
    assert (first["kind"], first["metadata"]["name"]) == ("Namespace", "prod")
    assert (account["kind"], account["metadata"]) == ("ServiceAccount", {"name": "ci", "namespace": "prod"})


def plurals(rules: Iterable[Rule]) -> set[str]:
    return {plural for rule in rules for plural in rule.resources}
