"""The hash that restarts pods when the configuration they read changes."""

from __future__ import annotations

from typing import Any

import pytest

from lastgood.model.marks import CONFIG_HASH
from lastgood.model.resource import Resource
from lastgood.versioning import config_hash, references, with_config_hashes, with_known_hashes, without_hash
from tests.stories.cast import GOOD_1, GOOD_2, config, made, secret, web

KEY = "00" * 16


def hash_of(*resources: Resource, key: str = KEY) -> str | None:
    """The hash on the Deployment among these."""
    hashed = with_config_hashes(resources, key)
    (template,) = (one.body["spec"]["template"] for one in hashed if one.ref.kind == "Deployment")
    found: str | None = (template["metadata"].get("annotations") or {}).get(CONFIG_HASH)
    return found


def test_a_template_that_reads_nothing_of_the_release_has_no_hash() -> None:
    assert hash_of(web(GOOD_1), config("app")) is None
    assert hash_of(web(GOOD_1, reads="elsewhere"), config("app")) is None


def test_the_hash_moves_with_the_content_and_with_nothing_else() -> None:
    first = hash_of(web(GOOD_1, reads="app"), config(a="1"), config("other", b="1"))
    assert first
    assert hash_of(config("other", b="2"), config(a="1"), web(GOOD_1, reads="app")) == first
    assert hash_of(web(GOOD_1, reads="app"), config(a="2")) != first


def test_the_hash_cannot_be_guessed_without_the_key() -> None:
    """Anybody who may read pods sees it: the key keeps weak Secrets from being found by trying."""
    resources = (web(GOOD_1, reads="app"), config(a="1"))
    assert hash_of(*resources, key="11" * 16) != hash_of(*resources)


def test_the_same_name_in_another_namespace_is_another_thing() -> None:
    other = made("v1", "ConfigMap", "app", data={"a": "1"})
    other.body["metadata"]["namespace"] = "elsewhere"
    assert hash_of(web(GOOD_1, reads="app"), other) is None


def test_the_input_is_not_changed() -> None:
    deployment = web(GOOD_1, reads="app")
    with_config_hashes((deployment, config(a="1")), KEY)
    assert deployment == web(GOOD_1, reads="app")


def test_annotations_that_are_there_stay() -> None:
    deployment = web(GOOD_1, reads="app")
    deployment.body["spec"]["template"]["metadata"]["annotations"] = {"team": "shop"}
    hashed, _ = with_config_hashes((deployment, config(a="1")), KEY)
    assert set(hashed.body["spec"]["template"]["metadata"]["annotations"]) == {"team", CONFIG_HASH}


CONTAINER: dict[str, dict[str, Any]] = {
    "envFrom config": {"envFrom": [{"configMapRef": {"name": "x"}}]},
    "envFrom secret": {"envFrom": [{"secretRef": {"name": "x"}}]},
    "env config": {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "x", "key": "a"}}}]},
    "env secret": {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "x", "key": "a"}}}]},
}
VOLUME: dict[str, dict[str, Any]] = {
    "config volume": {"configMap": {"name": "x"}},
    "secret volume": {"secret": {"secretName": "x"}},
    "projected config": {"projected": {"sources": [{"configMap": {"name": "x"}}]}},
    "projected secret": {"projected": {"sources": [{"secret": {"name": "x"}}]}},
}


def named(pod: dict[str, Any]) -> list[tuple[str, str]]:
    """What a pod of this spec refers to."""
    return [(one.kind, one.name) for one in references(made("v1", "Pod", "p", spec=pod))]


@pytest.mark.parametrize("field", ["containers", "initContainers", "ephemeralContainers"])
@pytest.mark.parametrize("way", CONTAINER)
def test_every_way_a_container_reads_is_found(field: str, way: str) -> None:
    kind = "Secret" if "secret" in way else "ConfigMap"
    assert named({field: [{"name": "c", **CONTAINER[way]}]}) == [(kind, "x")]


@pytest.mark.parametrize(
    ("params", "way"),
    [("rollingParams", "pre"), ("rollingParams", "post"), ("recreateParams", "mid"), ("customParams", "environment")],
)
def test_what_a_deployment_config_s_own_pods_read_is_found(params: str, way: str) -> None:
    """Those of its hooks, and of a strategy of the user's own."""
    env = [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "x", "key": "a"}}}]
    held: dict[str, Any] = {way: env if way == "environment" else {"execNewPod": {"containerName": "c", "env": env}}}
    config = made("apps.openshift.io/v1", "DeploymentConfig", "web", spec={"strategy": {params: held}, "template": {}})
    assert [(one.kind, one.name) for one in references(config)] == [("ConfigMap", "x")]


@pytest.mark.parametrize("way", VOLUME)
def test_every_way_a_volume_reads_is_found(way: str) -> None:
    kind = "Secret" if "secret" in way else "ConfigMap"
    assert named({"volumes": [{"name": "v", **VOLUME[way]}]}) == [(kind, "x")]


def test_a_secret_moves_the_hash_too() -> None:
    pod: dict[str, Any] = {"volumes": [{"name": "v", "secret": {"secretName": "key"}}]}
    assert hash_of(web(GOOD_1, **pod), secret("key", a="YQ==")) != hash_of(web(GOOD_1, **pod), secret("key", a="Yg=="))


def test_a_template_that_lives_without_a_hash_gets_none_until_something_changes() -> None:
    """What was taken over is recorded without one: a hash alone must not restart its pods."""
    plain = (web(GOOD_1, reads="app"), config(a="1"))
    recorded = {one.ref: one.body for one in plain}
    assert plain == with_config_hashes(plain, KEY, recorded)
    for changed in ((web(GOOD_2, reads="app"), config(a="1")), (web(GOOD_1, reads="app"), config(a="2"))):
        found, _ = with_config_hashes(changed, KEY, recorded)
        assert config_hash(found.body)


def test_a_hash_that_is_there_stays() -> None:
    hashed = with_config_hashes((web(GOOD_1, reads="app"), config(a="1")), KEY)
    recorded = {one.ref: one.body for one in hashed}
    assert hashed == with_config_hashes((web(GOOD_1, reads="app"), config(a="1")), KEY, recorded)


def test_a_hash_can_be_taken_off() -> None:
    hashed, _ = with_config_hashes((web(GOOD_1, reads="app"), config(a="1")), KEY)
    assert web(GOOD_1, reads="app") == without_hash(hashed)


def test_a_recorded_hash_stays_while_nothing_else_changes() -> None:
    """Going from declarative to standard mode restarts no pod by itself."""
    plain = (web(GOOD_1, reads="app"), config(a="1"))
    hashed = with_config_hashes(plain, KEY)
    recorded = {one.ref: one.body for one in hashed}
    assert hashed == with_known_hashes(plain, recorded)
    changed = (web(GOOD_2, reads="app"), config(a="1"))
    assert changed == with_known_hashes(changed, recorded)
    assert plain == with_known_hashes(plain, {one.ref: one.body for one in plain})
