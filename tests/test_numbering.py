"""ConfigMaps and Secrets by number, and every reference to them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastgood.errors import ManifestError
from lastgood.loading.checking import SUBDOMAIN
from lastgood.model.marks import VERSION_OF
from lastgood.model.resource import Resource
from lastgood.model.source import NUMBER_MARKER
from lastgood.versioning import references, version_of, with_numbers, with_release_number
from tests.stories.cast import GOOD_1, altered, config, daemon, job, made, secret, stateful, web
from tests.test_versioning import CONTAINER, VOLUME

SKIPPED = {"metadata__annotations": {"harness.io/skip-versioning": "true"}}


def names(resources: tuple[Resource, ...], kind: str = "ConfigMap") -> list[str]:
    return [one.ref.name for one in resources if one.ref.kind == kind]


def referred(resource: Resource) -> list[str]:
    return [one.name for one in references(resource)]


def test_a_first_release_numbers_everything_and_says_what_it_is_a_version_of() -> None:
    app, key, _ = with_numbers((config(a="1"), secret("key", t="eA=="), web(GOOD_1, reads="app")), 1, ())
    assert ("app-1", "key-1") == (app.ref.name, key.ref.name)
    assert ("ConfigMap", "", "app") == version_of(app.body)
    assert "key" == key.annotations[VERSION_OF]


def cron_job(pod: dict[str, Any]) -> Resource:
    """A CronJob of such pods."""
    spec = {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": {"spec": pod}}}}
    return made("batch/v1", "CronJob", "nightly", spec=spec)


POD: dict[str, Any] = {"containers": [{"name": "c", "envFrom": [{"configMapRef": {"name": "x"}}]}]}
MAKERS = {
    "Deployment": altered(web(GOOD_1), spec__template__spec=POD),
    "StatefulSet": altered(stateful(GOOD_1), spec__template__spec=POD),
    "DaemonSet": altered(daemon(GOOD_1), spec__template__spec=POD),
    "Job": altered(job(GOOD_1), spec__template__spec=POD),
    "CronJob": cron_job(POD),
    "Pod": made("v1", "Pod", "p", spec=POD),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_references_are_rewritten_in_every_kind_that_makes_pods(maker: str) -> None:
    found, _ = with_numbers((MAKERS[maker], config("x")), 7, ())
    assert ["x-7"] == referred(found)


@pytest.mark.parametrize("field", ["containers", "initContainers", "ephemeralContainers"])
@pytest.mark.parametrize("way", CONTAINER)
def test_every_way_a_container_reads_is_rewritten(field: str, way: str) -> None:
    pod = made("v1", "Pod", "p", spec={field: [{"name": "c", **CONTAINER[way]}]})
    found, *_ = with_numbers((pod, config("x"), secret("x")), 7, ())
    assert ["x-7"] == referred(found)


@pytest.mark.parametrize("way", VOLUME)
def test_every_way_a_volume_reads_is_rewritten(way: str) -> None:
    pod = made("v1", "Pod", "p", spec={"volumes": [{"name": "v", **VOLUME[way]}]})
    found, *_ = with_numbers((pod, config("x"), secret("x")), 7, ())
    assert ["x-7"] == referred(found)


SECRET_NAMERS = {
    "imagePullSecrets": made("v1", "Pod", "p", spec={"imagePullSecrets": [{"name": "x"}]}),
    "a ServiceAccount": made("v1", "ServiceAccount", "s", imagePullSecrets=[{"name": "x"}], secrets=[{"name": "x"}]),
    "the TLS of an Ingress": made("networking.k8s.io/v1", "Ingress", "i", spec={"tls": [{"secretName": "x"}]}),
}


@pytest.mark.parametrize("who", SECRET_NAMERS)
def test_what_else_names_secrets_is_rewritten(who: str) -> None:
    found, _ = with_numbers((SECRET_NAMERS[who], secret("x")), 7, ())
    assert {"x-7"} == set(referred(found))


def test_references_to_what_the_release_does_not_hold_stay() -> None:
    other = config("x")
    other.body["metadata"]["namespace"] = "elsewhere"
    found, _ = with_numbers((web(GOOD_1, reads="x"), other), 7, ())
    assert ["x"] == referred(found)


def test_what_asks_to_be_left_keeps_its_plain_name() -> None:
    found = with_numbers((altered(config("x"), **SKIPPED), web(GOOD_1, reads="x")), 7, ())
    assert (["x"], ["x"]) == (names(found), referred(found[1]))


def test_the_same_content_keeps_the_number_that_it_has() -> None:
    """Two releases want the same: nothing is to be restarted for a number."""
    wanted = (config(a="1"), config("other", b="1"), web(GOOD_1, reads="app"))
    first = with_numbers(wanted, 1, ())
    assert first == with_numbers(wanted, 2, first)
    changed = with_numbers((config(a="2"), *wanted[1:]), 3, first)
    assert ["app-3", "other-1"] == names(changed)
    assert ["app-3"] == referred(changed[2])


def test_what_was_found_with_the_same_content_keeps_its_plain_name() -> None:
    """Taking over restarts nothing; the first other content gets a number, and the plain one stays for an undo."""
    found = (config(a="1"),)
    assert ["app"] == names(with_numbers((config(a="1"),), 2, found))
    assert ["app-2"] == names(with_numbers((config(a="2"),), 2, found))


def test_the_type_of_a_secret_may_be_left_unsaid() -> None:
    found = altered(secret("key", t="eA=="), type="Opaque")
    assert ["key"] == names(with_numbers((secret("key", t="eA=="),), 2, (found,)), "Secret")


def test_everything_is_numbered_anew_when_the_release_writes_numbers_itself() -> None:
    first = with_numbers((config(a="1"),), 1, ())
    assert ["app-2"] == names(with_numbers((config(a="1"),), 2, first, anew=True))


def test_the_number_of_the_release_is_put_where_its_marker_stands() -> None:
    cart = made("example.com/v1", "Cart", "c", spec={"config": f"app-{NUMBER_MARKER}", "list": [NUMBER_MARKER, 1]})
    (found,) = with_release_number((cart,), 12)
    assert {"config": "app-12", "list": ["12", 1]} == found.body["spec"]


def test_a_plain_name_that_another_gets_by_its_number_is_refused() -> None:
    plain = altered(config("app-2"), **SKIPPED)
    with pytest.raises(ManifestError, match="configmap/app-2: has the name that ConfigMap app gets in this release"):
        with_numbers((config(), plain), 2, ())


def test_long_names_are_cut_and_told_apart() -> None:
    long = "a" * 250
    first, second = with_numbers((config(long + "aaa"), config(long + "aab")), 12, ())
    assert {253} == {len(one.ref.name) for one in (first, second)}
    assert first.ref.name != second.ref.name
    assert first.ref.name.endswith("-12")


PART = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,80}[a-z0-9])?", fullmatch=True)
NAMES = st.lists(PART, min_size=1, max_size=6).map(".".join).filter(lambda name: len(name) <= 253)
NUMBERS = st.integers(1, 10**9)


@given(NAMES, NUMBERS)
def test_every_numbered_name_is_one_that_the_api_takes(name: str, number: int) -> None:
    (found,) = names(with_numbers((config(name),), number, ()))
    assert SUBDOMAIN.fullmatch(found)
    assert len(found) <= 253
    assert found.endswith(f"-{number}")
    assert len(name) + len(f"-{number}") > 253 or found == f"{name}-{number}"


@given(st.lists(st.text("ab-", min_size=1, max_size=6).map(lambda end: "a" * 245 + end + "a"), unique=True), NUMBERS)
def test_no_two_names_that_are_cut_become_one(long: list[str], number: int) -> None:
    found = names(with_numbers(tuple(config(name) for name in long), number, ()))
    assert len(set(found)) == len(long)


@given(NAMES, NUMBERS, NUMBERS)
def test_a_name_has_one_version_for_each_number(name: str, one: int, other: int) -> None:
    first, second = (names(with_numbers((config(name),), number, ())) for number in (one, other))
    assert (first == second) == (one == other)


def test_a_name_that_two_get_is_refused() -> None:
    """As good as never, since it takes a hash; but what is overwritten is lost."""
    long = "a" * 253
    (cut,) = names(with_numbers((config(long),), 1, ()))
    with pytest.raises(ManifestError, match="has the name that ConfigMap"):
        with_numbers((config(long), config(cut.removesuffix("-1"))), 1, ())


def test_the_input_is_not_changed() -> None:
    wanted = (config(a="1"), web(GOOD_1, reads="app"))
    with_numbers(wanted, 1, ())
    assert (config(a="1"), web(GOOD_1, reads="app")) == wanted
