"""What has to be put right before an apply can make a change; test_transitions_cluster.py tries it for real."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.kinds import kind_of
from lastgood.model.kind import Transition
from lastgood.model.resource import Body, ref_of

Fields = dict[str, Any]


def entry(manager: str, fields: dict[str, Any]) -> dict[str, Any]:
    operation = "Apply" if manager == "lastgood" else "Update"
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": "v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }


def body(kind: str, spec: dict[str, Any], **owned: dict[str, Any]) -> Body:
    """A live body, with what each manager holds of it."""
    group = {"CustomResourceDefinition": "apiextensions.k8s.io/v1", "APIService": "apiregistration.k8s.io/v1"}
    group |= {"CronJob": "batch/v1", "NetworkPolicy": "networking.k8s.io/v1"}
    fields = [entry(manager, one) for manager, one in owned.items()]
    metadata = {"name": "web", "namespace": "shop", "managedFields": fields}
    return {"apiVersion": group.get(kind, "apps/v1"), "kind": kind, "metadata": metadata, "spec": spec}


def steps(live: Body, desired: Body) -> dict[str, Any]:
    """What is put where."""
    return {one.pointer: one.value for one in transitions(live, desired)}


def transitions(live: Body, desired: Body) -> tuple[Transition, ...]:
    return kind_of(ref_of(live).group_kind).transitions(live, desired)


ROLLING = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}


def test_a_deployment_goes_over_to_recreate() -> None:
    """The server's own rollingUpdate stays behind an apply, and Recreate is refused beside it."""
    live = body("Deployment", {"strategy": ROLLING}, lastgood={"f:spec": {"f:strategy": {"f:type": {}}}})
    recreate = body("Deployment", {"strategy": {"type": "Recreate"}})
    assert {"/spec/strategy": {"type": "Recreate"}} == steps(live, recreate)


def test_a_rolling_update_of_ours_needs_no_help() -> None:
    """What we own goes when we leave it out."""
    fields: Fields = {"f:spec": {"f:strategy": {"f:type": {}, "f:rollingUpdate": {"f:maxSurge": {}}}}}
    live = body("Deployment", {"strategy": ROLLING}, lastgood=fields)
    assert steps(live, body("Deployment", {"strategy": {"type": "Recreate"}})) == {}


def test_a_rolling_update_that_another_manager_shares_stays() -> None:
    """Another manager's part of it stays, whatever we own of it."""
    fields: Fields = {"f:spec": {"f:strategy": {"f:rollingUpdate": {"f:maxSurge": {}}}}}
    live = body("Deployment", {"strategy": ROLLING}, lastgood=fields, argo=fields)
    assert list(steps(live, body("Deployment", {"strategy": {"type": "Recreate"}}))) == ["/spec/strategy"]


@pytest.mark.parametrize("strategy", [{}, {"type": "RollingUpdate"}])
def test_a_deployment_comes_back_from_recreate_by_itself(strategy: dict[str, Any]) -> None:
    live = body("Deployment", {"strategy": {"type": "Recreate"}})
    assert steps(live, body("Deployment", {"strategy": strategy})) == {}


def test_a_deployment_that_stays_recreate_is_left_alone() -> None:
    live = body("Deployment", {"strategy": {"type": "Recreate"}})
    assert steps(live, body("Deployment", {"strategy": {"type": "Recreate"}})) == {}


def test_a_stateful_set_goes_over_to_on_delete() -> None:
    live = body("StatefulSet", {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}})
    by_hand = body("StatefulSet", {"updateStrategy": {"type": "OnDelete"}})
    assert {"/spec/updateStrategy": {"type": "OnDelete"}} == steps(live, by_hand)


def with_volume(kind: str, path: tuple[str, ...], source: dict[str, Any], **owned: dict[str, Any]) -> Body:
    spec: dict[str, Any] = {"volumes": [{"name": "v", **source}], "containers": [{"name": "web"}]}
    template: dict[str, Any] = {"metadata": {"labels": {"app": "web"}}, "spec": spec}
    for key in reversed(path):
        template = {key: template}
    return body(kind, template, **owned)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Deployment", ("template",)),
        ("StatefulSet", ("template",)),
        ("DaemonSet", ("template",)),
        ("ReplicaSet", ("template",)),
        ("CronJob", ("jobTemplate", "spec", "template")),
    ],
)
def test_a_volume_that_had_no_source_gets_one(kind: str, path: tuple[str, ...]) -> None:
    """``emptyDir`` came by default. The whole template is put at once, so that pods of half a change never start."""
    live = with_volume(kind, path, {"emptyDir": {}})
    desired = with_volume(kind, path, {"configMap": {"name": "app"}})
    template: Any = desired["spec"]
    for key in path:
        template = template[key]
    assert {"/spec/" + "/".join(path): template} == steps(live, desired)


def test_a_source_of_ours_is_exchanged_by_the_apply() -> None:
    volumes: Fields = {"f:volumes": {'k:{"name":"v"}': {".": {}, "f:name": {}, "f:secret": {"f:secretName": {}}}}}
    fields: Fields = {"f:spec": {"f:template": {"f:spec": volumes}}}
    live = with_volume("Deployment", ("template",), {"secret": {"secretName": "x"}}, lastgood=fields)
    assert steps(live, with_volume("Deployment", ("template",), {"configMap": {"name": "app"}})) == {}


def test_a_volume_that_loses_its_source_is_exchanged_by_the_apply() -> None:
    """Without any source it is an ``emptyDir`` again, whatever was there: the source that goes is ours."""
    live = with_volume("Deployment", ("template",), {"emptyDir": {}})
    assert steps(live, with_volume("Deployment", ("template",), {})) == {}


def test_other_volumes_do_not_matter() -> None:
    live = with_volume("Deployment", ("template",), {"emptyDir": {}})
    desired = with_volume("Deployment", ("template",), {"emptyDir": {}})
    desired["spec"]["template"]["spec"]["volumes"].append({"name": "w", "secret": {"secretName": "x"}})
    assert steps(live, desired) == {}


def with_account(**accounts: str) -> dict[str, Any]:
    return {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web"}], **accounts}}}


def holding(*names: str) -> Fields:
    return {"f:spec": {"f:template": {"f:spec": {"f:containers": {}, **{f"f:{name}": {} for name in names}}}}}


NAMED = {"serviceAccountName": "reader", "serviceAccount": "reader"}
"""The API writes an account under both names, whichever it was given."""


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ("serviceAccountName", {}),
        ("serviceAccount", {}),
        ("serviceAccount", {"serviceAccount": "writer"}),
    ],
)
@pytest.mark.parametrize("manager", ["lastgood", "kubectl"])
def test_an_account_goes_with_the_copy_from_which_it_would_come_back(
    held: str, wanted: dict[str, str], manager: str
) -> None:
    live = body("Deployment", with_account(**NAMED), **{manager: holding(held)})
    desired = with_account(**wanted)
    assert {"/spec/template": desired["template"]} == steps(live, body("Deployment", desired))


@pytest.mark.parametrize(
    "wanted",
    [
        {"serviceAccountName": "reader"},
        {"serviceAccountName": "writer"},
        {"serviceAccount": "reader"},
        {"serviceAccount": "writer"},
    ],
)
def test_an_account_that_is_asked_for_needs_no_help(wanted: dict[str, str]) -> None:
    """The name counts before its copy; without the name, what the copy says does."""
    live = body("Deployment", with_account(**NAMED), lastgood=holding("serviceAccountName"))
    assert steps(live, body("Deployment", with_account(**wanted))) == {}


def test_an_account_of_which_nobody_made_a_copy_goes_by_itself() -> None:
    """Who writes without applying holds both, and both are folded."""
    live = body("Deployment", with_account(**NAMED), **{"kubectl-set": holding(*NAMED), "lastgood": holding()})
    assert steps(live, body("Deployment", with_account())) == {}


@pytest.mark.parametrize("owned", [{}, {"injector": holding("serviceAccountName")}])
def test_an_account_that_somebody_else_put_there_stays(owned: dict[str, Fields]) -> None:
    """A webhook's is nobody's: taken away, it would be back with the next write."""
    live = body("Deployment", with_account(**NAMED), lastgood=holding(), **owned)
    assert steps(live, body("Deployment", with_account())) == {}


def test_a_job_is_replaced_and_needs_no_transition() -> None:
    live = with_volume("Job", ("template",), {"emptyDir": {}}) | {"apiVersion": "batch/v1"}
    desired = with_volume("Job", ("template",), {"configMap": {"name": "app"}})
    assert steps(live, desired) == {}


WEBHOOK = {"strategy": "Webhook", "webhook": {"clientConfig": {"caBundle": "Y2E="}, "conversionReviewVersions": ["v1"]}}


@pytest.mark.parametrize("conversion", [None, {"strategy": "None"}])
def test_a_definition_goes_without_its_conversion_webhook(conversion: dict[str, Any] | None) -> None:
    """cert-manager's caBundle stays behind an apply, and a webhook without the strategy is refused."""
    injected: Fields = {"f:spec": {"f:conversion": {"f:webhook": {"f:clientConfig": {"f:caBundle": {}}}}}}
    live = body("CustomResourceDefinition", {"conversion": WEBHOOK}, cainjector=injected)
    desired = body("CustomResourceDefinition", {"conversion": conversion} if conversion else {})
    assert {"/spec/conversion": {"strategy": "None"}} == steps(live, desired)


def test_a_definition_keeps_its_conversion_webhook() -> None:
    live = body("CustomResourceDefinition", {"conversion": WEBHOOK})
    assert steps(live, body("CustomResourceDefinition", {"conversion": {"strategy": "Webhook"}})) == {}


@pytest.mark.parametrize("kind", ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"])
def test_a_webhook_goes_although_another_manager_holds_part_of_it(kind: str) -> None:
    """Without help, a webhook with nothing but an injected caBundle would be left, which the API refuses."""
    ours: Fields = {"f:webhooks": {f'k:{{"name":"{name}"}}': {".": {}, "f:name": {}, "f:rules": {}} for name in "ab"}}
    theirs: Fields = {"f:webhooks": {f'k:{{"name":"{name}"}}': {"f:clientConfig": {"f:caBundle": {}}} for name in "ab"}}
    live = webhooks(kind, "a", "b", lastgood=ours, cainjector=theirs)
    assert {"/webhooks": webhooks(kind, "a")["webhooks"]} == steps(live, webhooks(kind, "a"))


def test_a_webhook_that_another_manager_added_is_left_alone() -> None:
    ours: Fields = {"f:webhooks": {'k:{"name":"a"}': {".": {}, "f:name": {}, "f:rules": {}}}}
    theirs: Fields = {"f:webhooks": {'k:{"name":"b"}': {".": {}, "f:name": {}, "f:rules": {}}}}
    live = webhooks("ValidatingWebhookConfiguration", "a", "b", lastgood=ours, istiod=theirs)
    assert steps(live, webhooks("ValidatingWebhookConfiguration", "a")) == {}


def test_a_webhook_of_ours_alone_is_taken_out_by_the_apply() -> None:
    ours: Fields = {"f:webhooks": {f'k:{{"name":"{name}"}}': {".": {}, "f:name": {}, "f:rules": {}} for name in "ab"}}
    live = webhooks("ValidatingWebhookConfiguration", "a", "b", lastgood=ours)
    assert steps(live, webhooks("ValidatingWebhookConfiguration", "a")) == {}


def webhooks(kind: str, *names: str, **owned: dict[str, Any]) -> Body:
    one = body(kind, {}, **owned) | {"apiVersion": "admissionregistration.k8s.io/v1"}
    return one | {"webhooks": [{"name": name, "rules": []} for name in names]}


def test_an_api_service_goes_back_to_being_insecure() -> None:
    injected: Fields = {"f:spec": {"f:caBundle": {}}}
    live = body("APIService", {"caBundle": "Y2E=", "service": {"name": "web"}}, cainjector=injected)
    desired = body("APIService", {"insecureSkipTLSVerify": True, "service": {"name": "web"}})
    assert {"/spec": desired["spec"]} == steps(live, desired)


def test_an_api_service_with_an_injected_certificate_is_left_alone() -> None:
    live = body("APIService", {"caBundle": "Y2E=", "service": {"name": "web"}})
    assert steps(live, body("APIService", {"service": {"name": "web"}})) == {}


def test_the_types_of_a_network_policy_follow_its_rules() -> None:
    """Defaulted from ingress rules alone they would let later egress rules do nothing, without a word."""
    live = body("NetworkPolicy", {"ingress": [{}], "policyTypes": ["Ingress"]})
    desired = body("NetworkPolicy", {"ingress": [{}], "egress": [{}]})
    assert {"/spec/policyTypes": ["Ingress", "Egress"]} == steps(live, desired)


def test_the_types_of_a_network_policy_follow_its_rules_back() -> None:
    """Left at both, they would forbid everything that goes out."""
    live = body("NetworkPolicy", {"ingress": [{}], "policyTypes": ["Ingress", "Egress"]})
    assert {"/spec/policyTypes": ["Ingress"]} == steps(live, body("NetworkPolicy", {"ingress": [{}]}))


def test_types_that_somebody_decided_are_left_alone() -> None:
    fields: Fields = {"f:spec": {"f:policyTypes": {}}}
    desired = body("NetworkPolicy", {"ingress": [{}], "egress": [{}]})
    for manager in ("lastgood", "argo"):
        live = body("NetworkPolicy", {"ingress": [{}], "policyTypes": ["Ingress"]}, **{manager: fields})
        assert steps(live, desired) == {}


def test_types_that_are_asked_for_are_applied_as_they_are() -> None:
    live = body("NetworkPolicy", {"ingress": [{}], "policyTypes": ["Ingress"]})
    desired = body("NetworkPolicy", {"ingress": [{}], "policyTypes": ["Ingress", "Egress"]})
    assert steps(live, desired) == {}


def test_each_transition_says_why() -> None:
    """The plan prints the clause after the resource's name."""
    live = body("Deployment", {"strategy": ROLLING})
    said = [one.why for one in transitions(live, body("Deployment", {"strategy": {"type": "Recreate"}}))]
    assert said == ["an apply leaves the defaults of RollingUpdate, which Recreate refuses"]
