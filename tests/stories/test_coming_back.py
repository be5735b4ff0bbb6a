"""A deploy fails, and what was good before is back: all of it, and nothing else."""

from __future__ import annotations

import base64
import random
from typing import Any

import pytest

from lastgood.model.event import Unblocked
from lastgood.model.proof import Match
from lastgood.model.resource import Resource
from tests.stories.cast import (
    CRASH,
    GOOD_1,
    GOOD_2,
    GOOD_3,
    MISSING,
    altered,
    config,
    daemon,
    job,
    made,
    secret,
    service,
    stateful,
    web,
)
from tests.stories.stage import Scene, story


@story
async def test_a_good_release_is_live_proved_and_recorded(scene: Scene) -> None:
    """Everything is there, the pods are ready, and the record says so."""
    ending = await scene.deploy(config(greeting="hello"), service(), web(GOOD_1, reads="app"))
    assert ending.code == 0, ending.sentence
    assert await scene.history() == ["good"]
    record = await scene.record(1)
    assert record.proof is not None
    assert {finding.match for finding in record.proof.findings} == {Match.AS_RECORDED}
    assert (len(record.proof.findings), record.proof.pods) == (3, 2)
    assert await scene.image() == GOOD_1


@story
async def test_the_reason_of_a_deploy_is_not_that_of_its_restore(scene: Scene) -> None:
    """Whoever reads why a release is live reads nothing about the one that failed."""
    assert (await scene.deploy(web(GOOD_1), why="a first")).code == 0
    assert (await scene.deploy(web(MISSING), why="faster")).code == 1
    assert ["a first", "faster", ""] == [(await scene.record(number)).why for number in (1, 2, 3)]


@story
async def test_after_two_failures_the_second_good_release_is_back(scene: Scene) -> None:
    """Good, good, bad, bad: what runs is the second, not the third."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    assert (await scene.deploy(web(GOOD_2))).code == 0
    for _ in range(2):
        ending = await scene.deploy(web(MISSING))
        assert ending.code == 1, ending.sentence
        assert "not found" in ending.sentence
        assert await scene.image() == GOOD_2
    assert await scene.history() == ["good", "good", "failed", "good=2", "failed", "good=2"]
    assert (await scene.verify()).holds


@pytest.mark.pods
@story
async def test_a_failure_of_configuration_alone_comes_back_with_fresh_pods(scene: Scene) -> None:
    """Only the ConfigMap changed, and the pods crash with it: its content is back, and so is the template."""
    assert (await scene.deploy(config(mode="ok"), crashing_when_told("app"))).code == 0
    ending = await scene.deploy(config(mode="crash"), crashing_when_told("app"))
    assert ending.code == 1, ending.sentence
    live = await scene.live("ConfigMap", "app")
    assert live is not None
    assert live["data"] == {"mode": "ok"}
    assert (await scene.verify()).holds
    first, third = await scene.record(1), await scene.record(3)
    assert (third.restores, third.workloads[0].revision) == (1, first.workloads[0].revision)
    replica_sets = {pod["metadata"]["ownerReferences"][0]["name"] for pod in await scene.pods()}
    assert {first.workloads[0].revision} == replica_sets


def crashing_when_told(name: str) -> Resource:
    """A Deployment whose mode comes from a ConfigMap."""
    reference = {"configMapKeyRef": {"name": name, "key": "mode"}}
    return web(GOOD_1, container={"env": [{"name": "MODE", "valueFrom": reference}]})


VOLUME: dict[str, Any] = {
    "volumes": [{"name": "extra", "emptyDir": {}}],
    "container": {"volumeMounts": [{"name": "extra", "mountPath": "/extra"}]},
}
FIRST_AND_LATER: dict[str, tuple[list[Resource], list[Resource], list[Resource]]] = {
    "env": (
        [web(GOOD_1, container={"env": [{"name": "X", "value": "1"}]})],
        [web(MISSING)],
        [web(GOOD_2)],
    ),
    "volume": ([web(GOOD_1, **VOLUME)], [web(MISSING)], [web(GOOD_2)]),
    "container": (
        [
            altered(
                web(GOOD_1), spec__template__spec__initContainers=[{"name": "first", "image": "registry.lab/web:done"}]
            )
        ],
        [web(MISSING)],
        [web(GOOD_2)],
    ),
    "service account": ([web(GOOD_1, serviceAccountName="default")], [web(MISSING)], [web(GOOD_2)]),
    "label": ([altered(web(GOOD_1), metadata__labels={"team": "red"})], [web(MISSING)], [web(GOOD_2)]),
    "config key": (
        [config(a="1", x="1"), web(GOOD_1, reads="app")],
        [config(a="1"), web(MISSING, reads="app")],
        [config(a="1"), web(GOOD_2, reads="app")],
    ),
}


@pytest.mark.parametrize("what", FIRST_AND_LATER)
@pytest.mark.parametrize("stage", ["memory", pytest.param("lab", marks=pytest.mark.cluster)], indirect=True)
def test_what_a_later_release_drops_is_gone_after_a_failure_in_between(stage: Any, what: str) -> None:
    """Release 1 has X; release 2 drops it and fails; X is back; release 3, without X, is applied: X is gone."""
    first, failing, repaired = FIRST_AND_LATER[what]

    async def play(scene: Scene) -> None:
        assert (await scene.deploy(*first)).code == 0
        ending = await scene.deploy(*failing)
        assert ending.code == 1, ending.sentence
        assert (await scene.verify()).holds
        ending = await scene.deploy(*repaired)
        assert ending.code == 0, ending.sentence
        live = await scene.live("Deployment", "web", "apps")
        assert live is not None
        pod = live["spec"]["template"]["spec"]
        assert not pod["containers"][0].get("env")
        assert not pod.get("volumes")
        assert not pod.get("initContainers")
        assert not pod.get("serviceAccountName")
        assert "team" not in live["metadata"]["labels"]
        kept = await scene.live("ConfigMap", "app")
        assert kept is None or kept["data"] == {"a": "1"}

    stage.play(play)


@story
async def test_a_service_account_that_is_not_there_goes_with_its_release(scene: Scene) -> None:
    """No pod can be made with it, and the API would bring it back from the copy under its deprecated name."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    ending = await scene.deploy(web(MISSING, serviceAccountName="nobody"))
    assert ending.code == 1, ending.sentence
    live = await scene.live("Deployment", "web", "apps")
    assert live is not None
    assert {"serviceAccountName", "serviceAccount"} & set(live["spec"]["template"]["spec"]) == set()
    assert (await scene.verify()).holds


@story
async def test_a_chain_of_failures_leaves_nothing_behind(scene: Scene) -> None:
    """Three failures in a row, each adding resources of its own: only what is good is there."""
    assert (await scene.deploy(config("app"), web(GOOD_1))).code == 0
    for turn in range(3):
        ending = await scene.deploy(
            config("app"), config(f"extra-{turn}"), service(f"extra-{turn}"), web(MISSING), web(GOOD_1, f"extra-{turn}")
        )
        assert ending.code == 1, ending.sentence
    assert await scene.names("ConfigMap") == {"app"}
    assert await scene.names("Service") == set()
    assert await scene.names("Deployment") == {"web"}


@story
async def test_what_the_failed_release_removed_is_back(scene: Scene) -> None:
    """A deploy prunes only once it is healthy; what is missing all the same is made again."""
    assert (await scene.deploy(config("app", a="1"), config("old", b="2"), web(GOOD_1))).code == 0
    assert (await scene.deploy(config("app", a="1"), web(GOOD_2))).code == 0
    assert await scene.names() == {"app"}
    assert (await scene.rollback(to=1)).code == 0
    assert await scene.names() == {"app", "old"}
    ending = await scene.deploy(config("app", a="2"), web(MISSING))
    assert ending.code == 1, ending.sentence
    assert await scene.names() == {"app", "old"}


@story
async def test_a_first_release_that_fails_has_nothing_to_go_back_to(scene: Scene) -> None:
    """It says so, exit 3; only with --clean-up what it made is deleted."""
    ending = await scene.deploy(config("app"), web(MISSING))
    assert ending.code == 3
    assert "there is no good release to go back to" in ending.sentence
    assert await scene.names() == {"app"}
    ending = await scene.deploy(config("app"), web(MISSING), clean_up=True)
    assert ending.code == 3
    assert await scene.names() == set()
    assert await scene.names("Deployment") == set()


@story
async def test_rollback_goes_to_other_good_content_and_is_what_a_failure_returns_to(scene: Scene) -> None:
    """Without --to the newest good release that differs; with --to the one named; then that is the last good one."""
    for image in (GOOD_1, GOOD_2, GOOD_3):
        assert (await scene.deploy(web(image))).code == 0
    assert (await scene.rollback()).code == 0
    assert await scene.image() == GOOD_2
    assert (await scene.rollback(to=1)).code == 0
    assert await scene.image() == GOOD_1
    ending = await scene.deploy(web(MISSING))
    assert ending.code == 1, ending.sentence
    assert await scene.image() == GOOD_1
    assert await scene.history() == ["good", "good", "good", "good=2", "good=1", "failed", "good=1"]


@story
async def test_rollback_to_a_failed_release_has_to_be_forced(scene: Scene) -> None:
    """And when it fails again, what was live before is back."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    assert (await scene.deploy(web(MISSING))).code == 1
    refused = await scene.rollback(to=2)
    assert (refused.code, refused.sentence) == (5, "release 2 of shop is failed, not good")
    forced = await scene.rollback(to=2, force=True)
    assert forced.code == 1
    assert await scene.image() == GOOD_1


@story
async def test_a_deploy_that_changes_nothing_records_nothing(scene: Scene) -> None:
    """Everything is as recorded and proved: there is nothing to do, and no pod is touched."""
    wanted = (config("app", a="1"), service(), web(GOOD_1, reads="app"))
    assert (await scene.deploy(*wanted)).code == 0
    before = {pod["metadata"]["uid"] for pod in await scene.pods()}
    ending = await scene.deploy(*wanted)
    assert ending.code == 0
    assert await scene.history() == ["good"]
    assert {pod["metadata"]["uid"] for pod in await scene.pods()} == before


@story
async def test_a_strategy_can_change_in_both_directions(scene: Scene) -> None:
    """RollingUpdate to Recreate and back, going forward and coming back: server-side apply alone is refused."""
    recreate = {"spec__strategy": {"type": "Recreate"}}
    assert (await scene.deploy(web(GOOD_1))).code == 0
    ending = await scene.deploy(altered(web(MISSING), **recreate))
    assert ending.code == 1, ending.sentence
    assert (await scene.verify()).holds
    ending = await scene.deploy(altered(web(GOOD_2), **recreate))
    assert ending.code == 0, ending.sentence
    ending = await scene.deploy(altered(web(MISSING), spec__strategy={"type": "RollingUpdate"}))
    assert ending.code == 1, ending.sentence
    live = await scene.live("Deployment", "web", "apps")
    assert live is not None
    assert live["spec"]["strategy"] == {"type": "Recreate"}
    assert (await scene.verify()).holds


@story
async def test_a_stuck_stateful_set_comes_back(scene: Scene) -> None:
    """Its broken pod would block the return for ever: exactly that pod is deleted, and no other."""
    assert (await scene.deploy(stateful(GOOD_1))).code == 0
    before = {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in await scene.pods("db")}
    ending = await scene.deploy(stateful(MISSING))
    assert ending.code == 1, ending.sentence
    assert len(ending.told(Unblocked)) == 1
    after = {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in await scene.pods("db")}
    assert after["db-0"] == before["db-0"]
    assert after["db-1"] != before["db-1"]
    assert (await scene.verify()).holds


@story
async def test_a_broken_daemon_set_comes_back(scene: Scene) -> None:
    assert (await scene.deploy(daemon(GOOD_1))).code == 0
    ending = await scene.deploy(daemon(MISSING))
    assert ending.code == 1, ending.sentence
    assert await scene.image("agent", "DaemonSet") == GOOD_1
    assert (await scene.verify()).holds


@story
async def test_a_job_that_completed_is_not_run_again_by_a_restore(scene: Scene) -> None:
    """Release 2 changes the Job and fails after it ran: the Job of release 1 counts as done."""
    assert (await scene.deploy(job("registry.lab/web:done"), web(GOOD_1))).code == 0
    changed = job("registry.lab/web:done", activeDeadlineSeconds=60)
    ending = await scene.deploy(changed, web(MISSING))
    assert ending.code == 1, ending.sentence
    proof = await scene.verify()
    assert proof.holds
    assert {str(one.ref): one.match for one in proof.findings}["job.batch/migrate"] in (Match.DONE, Match.AS_RECORDED)


@story
async def test_a_job_that_fails_fails_the_release(scene: Scene) -> None:
    assert (await scene.deploy(web(GOOD_1))).code == 0
    ending = await scene.deploy(job("registry.lab/web:fail"), web(GOOD_1))
    assert ending.code == 1, ending.sentence
    assert "job.batch/migrate" in ending.sentence
    assert await scene.names("Job") == set()


@pytest.mark.pods
@story
async def test_the_last_words_of_a_crash_are_kept(scene: Scene) -> None:
    """The restore deletes the pods; what they said is in the record of the failed release."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    ending = await scene.deploy(web(CRASH))
    assert ending.code == 1, ending.sentence
    evidence = (await scene.record(2)).evidence
    assert evidence is not None
    pod, container = next(iter((pod, one) for pod in evidence.pods for one in pod.containers))
    assert pod.ref.kind == "Pod"
    assert (container.name, container.exit_code) == ("web", 3)
    assert container.logs.strip()


@story
async def test_secrets_come_back_and_are_never_told(scene: Scene) -> None:
    assert (await scene.deploy(secret("key", token="Zmlyc3Q="), web(GOOD_1))).code == 0
    ending = await scene.deploy(secret("key", token="c2Vjb25k"), web(MISSING))
    assert ending.code == 1, ending.sentence
    live = await scene.live("Secret", "key")
    assert live is not None
    assert live["data"] == {"token": "Zmlyc3Q="}
    assert "c2Vjb25k" not in repr(ending.events[1:-1]).replace(repr((await scene.record(2)).resources), "")


@story
async def test_failures_never_push_the_last_good_release_out(scene: Scene) -> None:
    """Retention counts good contents and failures apart: after many failures the good one still comes back."""
    assert (await scene.deploy(web(GOOD_1, replicas=1))).code == 0
    for _ in range(30 if scene.in_memory else 12):
        ending = await scene.deploy(web(MISSING, replicas=1), history_max=2)
        assert 1 == ending.code, ending.sentence
    history = await scene.history()
    assert (history[0], history.count("failed")) == ("good", 10)
    assert await scene.image() == GOOD_1
    assert (await scene.verify()).holds


@story
async def test_a_release_of_ten_mebibytes_deploys_and_comes_back(scene: Scene) -> None:
    """Far more than fits into one Secret, and it cannot be compressed away."""
    big = [config(f"big-{number}", blob=noise(number)) for number in range(12)]
    assert (await scene.deploy(*big, web(GOOD_1))).code == 0
    ending = await scene.deploy(*(config(f"big-{number}", blob="small") for number in range(12)), web(MISSING))
    assert 1 == ending.code, ending.sentence
    live = await scene.live("ConfigMap", "big-3")
    assert live is not None
    assert noise(3) == live["data"]["blob"]
    assert (await scene.verify()).holds


def noise(seed: int) -> str:
    """900,000 characters that no compression makes much shorter."""
    return base64.b64encode(random.Random(seed).randbytes(675_000)).decode()


@story
async def test_a_custom_resource_comes_with_its_definition(scene: Scene) -> None:
    """In one release: the kind does not exist when it is planned. A restore keeps the definition and its data."""
    group = f"{scene.namespace}.example"
    assert (await scene.deploy(definition(group), cart(group, items=1), web(GOOD_1))).code == 0
    ending = await scene.deploy(definition(group), cart(group, items=2), web(MISSING))
    assert 1 == ending.code, ending.sentence
    live = await scene.live("Cart", "mine", group)
    assert live is not None
    assert {"items": 1} == live["spec"]
    ending = await scene.deploy(web(GOOD_1))
    assert 0 == ending.code, ending.sentence
    assert await scene.live("Cart", "mine", group) is None
    async with scene.working() as deployer:
        ref = definition(group).ref
        assert ref in await deployer.cluster.read([ref])


def definition(group: str) -> Resource:
    """A CustomResourceDefinition of a group that nobody else uses."""
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"items": {"type": "integer"}}}},
    }
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    spec = {
        "group": group,
        "scope": "Namespaced",
        "names": {"kind": "Cart", "plural": "carts", "singular": "cart", "listKind": "CartList"},
        "versions": [version],
    }
    return made("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"carts.{group}", spec=spec)


def cart(group: str, **spec: int) -> Resource:
    """One of that kind."""
    return made(f"{group}/v1", "Cart", "mine", spec=spec)


@story
async def test_what_only_takes_long_is_waited_for(scene: Scene) -> None:
    """A start that takes its time is not a failure."""
    assert (await scene.deploy(web("registry.lab/web:slow", replicas=1))).code == 0


@story
async def test_what_never_gets_ready_is_given_up_when_the_time_is_over(scene: Scene) -> None:
    """No reason is hopeless, so the timeout decides; the restore has its own time."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    ending = await scene.deploy(web("registry.lab/web:notready"), timeout=5.0)
    assert 1 == ending.code, ending.sentence
    assert "not ready in time" in ending.sentence
    assert (await scene.verify()).holds


@story
async def test_a_quota_that_denies_pods_fails_the_release_early(scene: Scene) -> None:
    """FailedCreate on the ReplicaSet is noticed long before the deadline, and named."""
    quota = made("v1", "ResourceQuota", "few", spec={"hard": {"pods": "2"}})
    assert (await scene.deploy(quota, web(GOOD_1))).code == 0
    ending = await scene.deploy(quota, web(GOOD_1, replicas=4))
    assert 1 == ending.code, ending.sentence
    assert "quota" in ending.sentence
    assert (await scene.verify()).holds


@pytest.mark.pods
@story
async def test_missing_configuration_fails_the_release_with_its_name(scene: Scene) -> None:
    assert (await scene.deploy(web(GOOD_1))).code == 0
    ending = await scene.deploy(web(GOOD_1, reads="not-there"))
    assert 1 == ending.code, ending.sentence
    assert "not-there" in ending.sentence


@story
async def test_a_failing_init_container_fails_the_release(scene: Scene) -> None:
    first: dict[str, Any] = {"initContainers": [{"name": "first", "image": CRASH}]}
    assert (await scene.deploy(web(GOOD_1))).code == 0
    ending = await scene.deploy(web(GOOD_1, **first))
    assert 1 == ending.code, ending.sentence
    assert "first" in ending.sentence


@story
async def test_a_failed_release_cannot_deny_its_own_restore(scene: Scene) -> None:
    """It adds a quota that allows no pods, and deletes the pods of the old ones: the quota goes first."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    quota = made("v1", "ResourceQuota", "none", spec={"hard": {"pods": "0"}})
    recreated = altered(web(GOOD_2), spec__strategy={"type": "Recreate"})
    ending = await scene.deploy(quota, recreated)
    assert 1 == ending.code, ending.sentence
    assert await scene.names("ResourceQuota") == set()
    assert (await scene.verify()).holds


@story
async def test_an_immutable_field_is_refused_with_what_to_do(scene: Scene) -> None:
    assert (await scene.deploy(web(GOOD_1))).code == 0
    other = {"app": "web", "tier": "front"}
    ending = await scene.deploy(
        altered(web(GOOD_1), spec__selector={"matchLabels": other}, spec__template__metadata__labels=other)
    )
    assert (4, True) == (ending.code, "spec.selector" in ending.sentence)
    assert ending.error is not None
    assert "another name" in ending.error.hint
    assert await scene.history() == ["good"]


@story
async def test_a_changed_binding_is_replaced(scene: Scene) -> None:
    """Its roleRef cannot be changed, and nothing is lost by making it anew; coming back does it again."""
    assert (await scene.deploy(role("reader"), role("writer"), binding("reader"))).code == 0
    ending = await scene.deploy(role("reader"), role("writer"), binding("writer"), web(MISSING))
    assert 1 == ending.code, ending.sentence
    live = await scene.live("RoleBinding", "who", "rbac.authorization.k8s.io")
    assert live is not None
    assert "reader" == live["roleRef"]["name"]


def role(name: str) -> Resource:
    """A Role that may read ConfigMaps."""
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
    return made("rbac.authorization.k8s.io/v1", "Role", name, rules=rules)


def binding(to: str) -> Resource:
    """A RoleBinding of nobody in particular."""
    group = "rbac.authorization.k8s.io"
    reference = {"apiGroup": group, "kind": "Role", "name": to}
    subjects = [{"kind": "ServiceAccount", "name": "somebody"}]
    return made(f"{group}/v1", "RoleBinding", "who", roleRef=reference, subjects=subjects)
