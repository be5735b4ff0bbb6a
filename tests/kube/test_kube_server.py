"""The same against a real API server: what this package relies on, and what it promises."""

from __future__ import annotations

import asyncio
import base64
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from lastgood.errors import Conflict, Forbidden, NotFound, Rejected, Unreachable
from lastgood.kube.cluster import KubeCluster
from lastgood.kube.config import Config, read_config
from lastgood.kube.store import KubeStore
from lastgood.kube.transport import Transport
from lastgood.model.health import Observation, condition_is
from lastgood.model.plan import Guard
from lastgood.model.release import State
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.ports import Lease, Right
from tests.conftest import Lab
from tests.kube.releases import config_map, release

pytestmark = pytest.mark.cluster

T = TypeVar("T")

IMAGE = "registry.lab/web:1"
DEPLOYMENT, REPLICA_SET, POD = GroupKind("apps", "Deployment"), GroupKind("apps", "ReplicaSet"), GroupKind("", "Pod")
EVENT = GroupKind("", "Event")
NOBODY = "b1b1b1b1-0000-4000-8000-000000000000"


class Ground:
    """A namespace of a real cluster to stand on."""

    def __init__(self, config: Config, namespace: str) -> None:
        self.config, self.namespace = config, namespace

    def act(self, story: Callable[[KubeCluster], Awaitable[T]], *, as_: str = "") -> T:
        return self.play(lambda transport: story(KubeCluster(transport)), as_=as_)

    def keep(self, story: Callable[[KubeStore], Awaitable[T]]) -> T:
        return self.play(lambda transport: story(KubeStore(transport, self.namespace)))

    def play(self, story: Callable[[Transport], Awaitable[T]], *, as_: str = "") -> T:
        async def run() -> T:
            headers = (("Impersonate-User", as_),) if as_ else ()
            async with Transport(replace(self.config, headers=headers)) as transport:
                return await story(transport)

        return asyncio.run(run())

    def config_map(self, name: str = "app", **data: str) -> Body:
        metadata = {"name": name, "namespace": self.namespace, "labels": {"test": "yes"}}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}

    def deployment(self, *, replicas: int = 2, name: str = "web") -> Body:
        container = {"name": "web", "image": IMAGE}
        spec = {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
            },
        }
        metadata = {"name": name, "namespace": self.namespace}
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


@pytest.fixture
def ground(lab: Lab, namespace: str) -> Ground:
    return Ground(read_config(kubeconfig=str(lab.kubeconfig)), namespace)


def guard_of(body: Body) -> Guard:
    return Guard(body["metadata"]["uid"], body["metadata"]["resourceVersion"])


def changed(body: Body, **data: str) -> Body:
    return {**body, "data": data}


# --- guards


def test_what_is_to_be_created_must_not_be_there(ground: Ground) -> None:
    async def story(cluster: KubeCluster) -> None:
        await cluster.apply(ground.config_map(), Guard())
        with pytest.raises(Conflict):
            await cluster.apply(ground.config_map(), Guard())

    ground.act(story)


def test_a_write_is_refused_when_the_resource_moved_on(ground: Ground) -> None:
    async def story(cluster: KubeCluster) -> Body:
        body = ground.config_map(a="1")
        first = await cluster.apply(body, Guard())
        second = await cluster.apply(changed(body, a="2"), guard_of(first))
        with pytest.raises(Conflict):
            await cluster.apply(changed(body, a="3"), guard_of(first))
        return second

    assert {"a": "2"} == ground.act(story)["data"]


@pytest.mark.parametrize("version", ["live", "stale", ""])
def test_a_write_is_refused_when_the_resource_was_made_anew(ground: Ground, version: str) -> None:
    async def story(cluster: KubeCluster) -> None:
        live = await cluster.apply(ground.config_map(), Guard())
        versions = {"live": live["metadata"]["resourceVersion"], "stale": "2", "": ""}
        with pytest.raises(Conflict):
            await cluster.apply(ground.config_map(a="1"), Guard(NOBODY, versions[version]))

    ground.act(story)


def test_what_was_deleted_meanwhile_is_not_made_again(ground: Ground) -> None:
    async def story(cluster: KubeCluster) -> None:
        live = await cluster.apply(ground.config_map(), Guard())
        await cluster.delete(ref_of(live), guard_of(live), propagation="Background")
        with pytest.raises(Conflict):
            await cluster.apply(ground.config_map(), guard_of(live))
        assert {} == await cluster.read([ref_of(live)])

    ground.act(story)


def test_a_guard_holds_in_a_dry_run_too_and_nothing_is_changed(ground: Ground) -> None:
    async def story(cluster: KubeCluster) -> None:
        body = ground.config_map(a="1")
        preview = await cluster.apply(body, Guard(), dry_run=True)
        assert {"a": "1"} == preview["data"]
        assert {} == await cluster.read([ref_of(body)])
        await cluster.apply(body, Guard())
        with pytest.raises(Conflict):
            await cluster.apply(body, Guard(), dry_run=True)

    ground.act(story)


def test_patches_are_guarded_by_version_and_by_uid(ground: Ground) -> None:
    async def story(cluster: KubeCluster) -> Body:
        live = await cluster.apply(ground.config_map(a="1"), Guard())
        ref, change = ref_of(live), {"op": "replace", "path": "/data/a", "value": "2"}
        for stale in (
            {"op": "replace", "path": "/metadata/resourceVersion", "value": "2"},
            {"op": "test", "path": "/metadata/uid", "value": NOBODY},
        ):
            with pytest.raises(Conflict):
                await cluster.patch(ref, [stale, change])
        version = {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]}
        dry = await cluster.patch(ref, [version, change], dry_run=True)
        assert "2" == dry["data"]["a"]
        return await cluster.patch(ref, [version, change])

    assert {"a": "2"} == ground.act(story)["data"]


def test_a_delete_takes_only_the_one_that_was_meant(ground: Ground) -> None:
    async def story(cluster: KubeCluster) -> None:
        live = await cluster.apply(ground.config_map(), Guard())
        ref = ref_of(live)
        await cluster.delete(ref, Guard(NOBODY), propagation="Background")
        with pytest.raises(Conflict):
            await cluster.delete(ref, Guard(live["metadata"]["uid"], "2"), propagation="Background")
        assert ref in await cluster.read([ref])
        await cluster.delete(ref, Guard(live["metadata"]["uid"]), propagation="Background")
        await cluster.delete(ref, Guard(live["metadata"]["uid"]), propagation="Background")
        assert {} == await cluster.read([ref])

    ground.act(story)


def test_a_label_moves_the_version_and_not_the_generation(ground: Ground) -> None:
    """This is how a run that died is kept from writing: all the versions it knows are stale from then on."""

    async def story(cluster: KubeCluster) -> None:
        before = await cluster.apply(ground.deployment(replicas=0), Guard())
        after = await cluster.label(ref_of(before), {"lastgood.dev/touched": "x"}, manager="lastgood-fence")
        assert after is not None
        assert before["metadata"]["generation"] == after["metadata"]["generation"]
        with pytest.raises(Conflict):
            await cluster.apply(ground.deployment(replicas=0), guard_of(before))

    ground.act(story)


# --- refusals


def broken(ground: Ground, **container: Any) -> Body:
    body = ground.deployment()
    body["spec"]["template"]["spec"]["containers"][0] |= container
    return body


@pytest.mark.parametrize(
    ("container", "sentence"),
    [
        ({"imagePullPolicy": "Perhaps"}, "Unsupported value"),
        ({"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}, "duplicate entries for key"),
        ({"imagee": "x"}, "field not declared in schema"),
        ({"image": 5}, "expected string"),
    ],
)
def test_what_the_api_does_not_accept_is_rejected_in_its_own_words(
    ground: Ground, container: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Rejected, match=sentence) as caught:
        ground.act(lambda cluster: cluster.apply(broken(ground, **container), Guard(), dry_run=True))
    assert Ref("apps", "Deployment", ground.namespace, "web") == caught.value.ref


def test_a_secrets_value_is_in_no_message(ground: Ground) -> None:
    metadata = {"name": "db", "namespace": ground.namespace}
    for data in ({"p": 4711}, {"p": "hunter2 is not base64"}, {"p": {"q": "hunter2"}}):
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
        with pytest.raises(Rejected) as caught:
            ground.act(lambda cluster, body=body: cluster.apply(body, Guard(), dry_run=True))  # type: ignore[misc]
        assert "hunter2" not in str(caught.value)
        assert "4711" not in str(caught.value)


def test_a_namespace_that_is_missing_is_named(ground: Ground) -> None:
    body = ground.config_map()
    body["metadata"]["namespace"] = "nonesuch"
    with pytest.raises(NotFound, match="there is no namespace nonesuch"):
        ground.act(lambda cluster: cluster.apply(body, Guard()))


def test_who_may_not_write_is_told_what_and_where(ground: Ground) -> None:
    with pytest.raises(Forbidden, match=f"bob may not patch configmaps in namespace {ground.namespace}"):
        ground.act(lambda cluster: cluster.apply(ground.config_map(), Guard()), as_="bob")


def test_rights_that_are_missing_are_found_out(ground: Ground) -> None:
    rights = [Right("patch", "apps", "deployments", ground.namespace), Right("get", "", "pods/log", ground.namespace)]
    assert () == ground.act(lambda cluster: cluster.denied(rights))
    assert tuple(rights) == ground.act(lambda cluster: cluster.denied(rights), as_="bob")


def test_credentials_that_are_not_accepted_are_said_to_be_that(ground: Ground) -> None:
    """Over HTTP/2 the server ends the connection before the client has read its answer."""
    user = {"token": "wrong"}
    parts = ground.config.parts
    assert parts.user is not None
    nobody = type(parts.user)(token="wrong")
    bad = Ground(replace(ground.config, parts=parts._replace(user=nobody), user=user), ground.namespace)
    with pytest.raises(Forbidden, match="does not accept the credentials"):
        bad.act(lambda cluster: cluster.served())


def test_a_server_that_is_not_trusted_is_said_to_be_that(ground: Ground) -> None:
    parts = ground.config.parts
    stranger = type(parts.cluster)(server=parts.cluster.server)
    bad = Ground(replace(ground.config, parts=parts._replace(cluster=stranger)), ground.namespace)
    with pytest.raises(Unreachable, match="is not trusted"):
        bad.act(lambda cluster: cluster.served())


class Proxy:
    """A proxy that tunnels, and remembers where to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.tunnels: list[asyncio.Task[None]] = []

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer on a connection for as long as it is open."""
        self.tunnels.append(asyncio.create_task(self._tunnel(reader, writer)))

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.splitlines()[0])
        host, port = head.split()[1].split(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def through_proxy(ground: Ground) -> tuple[int, list[str]]:
    """How many kinds are served, as seen through a proxy, and where it was asked to lead."""
    proxy = Proxy()

    async def run() -> int:
        async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            config = replace(ground.config, cluster={"proxy-url": f"http://127.0.0.1:{port}"})
            async with Transport(config) as transport:
                kinds = await KubeCluster(transport).served()
            await asyncio.gather(*proxy.tunnels)
            return len(kinds)

    return asyncio.run(run()), proxy.asked


def test_a_cluster_behind_a_proxy(ground: Ground) -> None:
    kinds, asked = through_proxy(ground)
    address = ground.config.server.removeprefix("https://")
    assert (True, {f"CONNECT {address} HTTP/1.1"}) == (kinds > 50, set(asked))


def test_the_name_in_the_certificate_may_be_another_than_the_address(ground: Ground) -> None:
    named = Ground(replace(ground.config, cluster={"tls-server-name": "kubernetes.default.svc"}), ground.namespace)
    assert named.act(lambda cluster: cluster.served())
    wrong = Ground(replace(ground.config, cluster={"tls-server-name": "wrong.example"}), ground.namespace)
    with pytest.raises(Unreachable, match="is not trusted"):
        wrong.act(lambda cluster: cluster.served())


# --- reading and watching


def definition() -> Body:
    names = {"plural": "gadgets", "singular": "gadget", "kind": "Gadget"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    spec = {"group": "lastgood.test", "scope": "Namespaced", "names": names, "versions": [version]}
    kind = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    return {**kind, "metadata": {"name": "gadgets.lastgood.test"}, "spec": spec}


def test_a_kind_that_was_defined_just_now_can_be_written_at_once(ground: Ground) -> None:
    gadget = {
        "apiVersion": "lastgood.test/v1",
        "kind": "Gadget",
        "metadata": {"name": "g", "namespace": ground.namespace},
    }

    async def story(cluster: KubeCluster) -> None:
        await cluster.served()
        live = await cluster.apply(definition(), Guard())
        try:
            async with cluster.observe([ref_of(live)], {}) as observations:
                await until(observations, lambda one: condition_is(one.bodies[ref_of(live)], "Established", "True"))
            await cluster.apply(gadget, Guard())
            assert await cluster.read([ref_of(gadget)])
        finally:
            await cluster.delete(ref_of(live), Guard(live["metadata"]["uid"]), propagation="Background")

    ground.act(story)


def test_a_labelled_list_and_single_reads_find_the_same(ground: Ground) -> None:
    async def story(cluster: KubeCluster) -> None:
        bodies = [ground.config_map(name) for name in ("a", "b", "c")]
        del bodies[2]["metadata"]["labels"]
        await asyncio.gather(*(cluster.apply(body, Guard()) for body in bodies))
        refs = [ref_of(body) for body in bodies]
        assert await cluster.read(refs) == await cluster.read(refs, label="test=yes")
        found = await cluster.find([POD, GroupKind("", "ConfigMap")], ground.namespace, label="test=yes")
        assert {"a", "b"} == {body["metadata"]["name"] for body in found}

    ground.act(story)


async def until(observations: AsyncIterator[Observation], true: Callable[[Observation], bool]) -> Observation:
    async with asyncio.timeout(60):
        async for observation in observations:
            if true(observation):
                return observation
    raise AssertionError("the observations ended")


def test_a_deployment_is_observed_down_to_its_pods_and_their_events(ground: Ground) -> None:
    body = ground.deployment()
    ref = ref_of(body)

    def is_ready(observation: Observation) -> bool:
        live = observation.bodies.get(ref, {})
        return (live.get("status") or {}).get("readyReplicas") == 2

    async def story(cluster: KubeCluster) -> tuple[str, Observation]:
        async with cluster.observe([ref], {DEPLOYMENT: (REPLICA_SET, POD, EVENT)}) as observations:
            assert {} == (await anext(observations)).bodies
            uid = (await cluster.apply(body, Guard()))["metadata"]["uid"]
            return uid, await until(observations, is_ready)

    uid, seen = ground.act(story)
    (replica_set,) = seen.of(uid, "ReplicaSet")
    pods = seen.of(uid, "Pod")
    assert (2, pods) == (len(pods), seen.of(replica_set["metadata"]["uid"], "Pod"))
    reasons = {one["reason"] for one in seen.of(uid, "Event")}
    assert {"ScalingReplicaSet", "SuccessfulCreate", "Scheduled"} <= reasons


def test_watches_leave_room_for_writes(ground: Ground) -> None:
    """A server allows a hundred streams on an HTTP/2 connection; with more watches than that, writes still go on."""

    async def story(cluster: KubeCluster) -> None:
        ref = ref_of(ground.config_map())
        opened = [cluster.observe([ref], {}) for _ in range(120)]
        watches = await asyncio.gather(*(one.__aenter__() for one in opened))
        waiting = [asyncio.create_task(_second(one)) for one in watches]
        await asyncio.sleep(1)
        async with asyncio.timeout(30):
            await cluster.apply(ground.config_map(), Guard())
            await asyncio.gather(*waiting)
        await asyncio.gather(*(one.__aexit__(None, None, None) for one in opened))

    ground.act(story)


async def _second(observations: AsyncIterator[Observation]) -> Observation:
    await anext(observations)
    return await anext(observations)


def test_the_log_of_a_container_and_its_absence(ground: Ground) -> None:
    body = ground.deployment(replicas=1)

    async def story(cluster: KubeCluster) -> None:
        ref = ref_of(body)
        async with cluster.observe([ref], {DEPLOYMENT: (REPLICA_SET, POD)}) as observations:
            uid = (await cluster.apply(body, Guard()))["metadata"]["uid"]
            seen = await until(
                observations, lambda one: bool(one.bodies.get(ref, {}).get("status", {}).get("readyReplicas"))
            )
        pod = ref_of(seen.of(uid, "Pod")[0])
        with pytest.raises(NotFound):
            await cluster.logs(pod, "web", previous=True, lines=5)
        with pytest.raises(NotFound):
            await cluster.logs(replace(pod, name="nonesuch"), "web", previous=False, lines=5)
        assert "listening" in await cluster.logs(pod, "web", previous=False, lines=5)

    ground.act(story)


# --- records and Leases


def test_a_history_is_listed_from_metadata_alone(ground: Ground) -> None:
    async def story(store: KubeStore) -> None:
        made = [await store.create(release(number, namespace=ground.namespace)) for number in (1, 2, 3)]
        await store.update(made[1].ended_as(State.GOOD, datetime.now(UTC)))
        states = [(one.number, one.state) for one in await store.summaries("web")]
        assert [(3, State.PENDING), (2, State.GOOD), (1, State.PENDING)] == states
        await store.delete("web", 2)
        assert [3, 1] == [one.number for one in await store.summaries("web")]

    ground.keep(story)


def test_a_release_of_ten_megabytes_comes_back(ground: Ground) -> None:
    noise = random.Random(1)
    texts = [base64.b85encode(noise.randbytes(800_000)).decode() for _ in range(11)]
    resources = tuple(config_map(f"c{n}", text=text) for n, text in enumerate(texts))

    async def story(store: KubeStore) -> None:
        created = await store.create(release(1, *resources, namespace=ground.namespace))
        updated = await store.update(created.ended_as(State.GOOD, datetime.now(UTC)))
        assert updated == await store.read("web", 1)
        await store.delete("web", 1)

    ground.keep(story)


def test_of_many_runs_that_start_at_once_one_gets_the_number(ground: Ground) -> None:
    async def story(store: KubeStore) -> list[str]:
        runs = (store.create(release(1, namespace=ground.namespace, who=str(n))) for n in range(20))
        return [type(one).__name__ for one in await asyncio.gather(*runs, return_exceptions=True)]

    results = ground.keep(story)
    assert {"Conflict": 19, "Release": 1} == {one: results.count(one) for one in results}


def test_of_many_that_want_a_lease_one_has_it_at_a_time(ground: Ground) -> None:
    """Each takes it, reads it back, and lets it go: nobody ever finds somebody else's name."""
    holding: list[str] = []

    async def take(store: KubeStore, who: str) -> None:
        while True:
            lease = await store.read_lease("web")
            if lease is None or not lease.holder:
                version, count = (lease.version, lease.transitions + 1) if lease else ("", 0)
                try:
                    mine = Lease(who, datetime.now(UTC), 15, transitions=count, version=version)
                    mine = await store.write_lease("web", mine)
                    break
                except Conflict:
                    pass
            await asyncio.sleep(0.005)
        holding.append(who)
        assert [who] == holding
        await asyncio.sleep(0.005)
        mine = await store.write_lease("web", replace(mine, renewed=datetime.now(UTC)))
        holding.remove(who)
        await store.write_lease("web", replace(mine, holder=""))

    async def story(store: KubeStore) -> None:
        async with asyncio.timeout(30):
            await asyncio.gather(*(take(store, f"run-{n}") for n in range(10)))

    ground.keep(story)


def test_kubectl_can_read_what_we_write(ground: Ground, lab: Lab) -> None:
    ground.keep(lambda store: store.write_lease("web", Lease("me", datetime.now(UTC), 15)))
    ground.keep(lambda store: store.create(release(1, namespace=ground.namespace)))
    shown = lab.run_kubectl("-n", ground.namespace, "get", "lease,secret", "-o", "wide")
    assert "me" in shown
    assert "lastgood.dev/release.v1" in shown
