"""The pictures on a real API server: it takes them all, and Services lead where it is said they do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lastgood.model.resource import Body, Ref, Resource, ref_of
from lastgood.strategies import blue_green, canary
from lastgood.strategies.pictures import StrategySettings
from tests.conftest import Lab
from tests.stories.cast import GOOD_1, GOOD_2, config, made, service, stateful, web

pytestmark = pytest.mark.cluster

GOLDENS = sorted((Path(__file__).parent / "pictures").glob("*/*/final.yaml"))
NOT_SERVED = ("apps.openshift.io", "keda.sh", "autoscaling.k8s.io", "shop.example")
PATIENCE = 120.0


@dataclass(frozen=True)
class Server:
    """The API server as seen from one namespace."""

    lab: Lab
    namespace: str

    def apply(self, resources: Iterable[Body], *words: str) -> None:
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [self._here(one) for one in resources]})
        self.lab.run_kubectl("apply", "--server-side", "--force-conflicts", *words, "-f", "-", stdin=text)

    def live(self, refs: Iterable[Ref]) -> dict[Ref, Body]:
        """What there is of these, with the namespace left out."""
        found = (self._read(ref) for ref in dict.fromkeys(refs))
        return {ref_of(one): one for one in found if one}

    def reached(self, name: str) -> set[str]:
        """The workloads whose ready pods a Service leads to, by how the names of those begin."""
        slices = self._list("endpointslices.discovery.k8s.io", "-l", f"kubernetes.io/service-name={name}")
        ready = [one for part in slices for one in part.get("endpoints") or () if one["conditions"].get("ready")]
        return {self._maker(one["targetRef"]["name"]) for one in ready}

    def pods(self) -> dict[str, str]:
        """The owner of each pod, by its uid."""
        return {one["metadata"]["uid"]: one["metadata"]["ownerReferences"][0]["name"] for one in self._list("pods")}

    def wait_for(self, name: str, *words: str) -> None:
        self.lab.run_kubectl("-n", self.namespace, "rollout", "status", name, "--timeout=120s", *words)

    def delete(self, resources: Iterable[Resource]) -> None:
        for one in resources:
            self.lab.run_kubectl("-n", self.namespace, "delete", str(one.ref), "--wait")

    def says(self, kind: str, name: str) -> Body:
        body: Body = json.loads(self.lab.run_kubectl("-n", self.namespace, "get", kind, name, "-o", "json"))
        return body

    def _read(self, ref: Ref) -> Body | None:
        words = ("-n", self.namespace, "get", str(ref), "-o", "json", "--ignore-not-found")
        text = self.lab.run_kubectl(*words)
        body = json.loads(text) if text.strip() else None
        if body:
            del body["metadata"]["namespace"]
        return body

    def _list(self, *words: str) -> list[Any]:
        found: list[Any] = json.loads(self.lab.run_kubectl("-n", self.namespace, "get", *words, "-o", "json"))["items"]
        return found

    def _maker(self, pod: str) -> str:
        owner = self.says("pod", pod)["metadata"]["ownerReferences"][0]
        return str(owner["name"] if owner["kind"] == "StatefulSet" else owner["name"].rpartition("-")[0])

    def _here(self, body: Body) -> Body:
        return {**body, "metadata": {**body["metadata"], "namespace": self.namespace}}


@pytest.fixture
def server(lab: Lab, namespace: str) -> Server:
    return Server(lab, namespace)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something is so; controllers take their time."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it does not become so"
        time.sleep(0.2)


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
def test_the_api_takes_both_pictures(server: Server, golden: Path) -> None:
    """Copies are refused for addresses, names and fields that only one may have: here none is."""
    for picture in ("staged.yaml", "final.yaml"):
        bodies = [one for one in yaml.safe_load_all((golden.parent / picture).read_text()) if is_served(one)]
        server.apply(map(anywhere, bodies), "--dry-run=server")


def is_served(body: Body) -> bool:
    return not body["apiVersion"].startswith(NOT_SERVED)


def anywhere(body: Body) -> Body:
    """The same without the address that an original asks for: it is no address of every cluster."""
    if body["kind"] != "Service" or body["spec"].get("clusterIP") == "None":
        return body
    return {**body, "spec": {key: one for key, one in body["spec"].items() if key not in ("clusterIP", "clusterIPs")}}


def test_a_canary_has_its_share_of_the_requests_and_stable_pods_stay(server: Server) -> None:
    """The stable Service leads to both, that of the canary to it alone; nobody adopts anybody's pods."""
    stable = (config(greeting="1"), service(), web(GOOD_1, reads="app"))
    server.apply(one.body for one in stable)
    server.wait_for("deployment/web")
    before = server.pods()
    new = (config(greeting="2"), service(), web(GOOD_2, reads="app"))
    found = canary.pictures(new, server.live(canary.wanted(new)), StrategySettings("50%"))
    server.apply(one.body for one in found.staged)
    server.wait_for("deployment/web-canary")
    until(lambda: server.reached("web") == {"web", "web-canary"})
    until(lambda: server.reached("web-canary") == {"web-canary"})
    assert before.items() <= server.pods().items()
    assert len(server.pods()) == len(before) + 1
    assert server.says("configmap", "app")["data"] == {"greeting": "1"}
    server.delete(found.staged)
    until(lambda: server.pods() == before)


def test_users_reach_one_colour_and_testers_the_other_until_the_swap(server: Server) -> None:
    first = blue_green.pictures(release(GOOD_1), {})
    server.apply(one.body for one in first.staged)
    server.wait_for("deployment/web-blue")
    until(lambda: (server.reached("web"), server.reached("web-stage")) == (set(), {"web-blue"}))
    server.apply(one.body for one in first.final)
    until(lambda: (server.reached("web"), server.reached("web-stage")) == ({"web-blue"}, set()))
    second = blue_green.pictures(release(GOOD_2), server.live(blue_green.wanted(release(GOOD_2))))
    assert second.colour == "green"
    server.apply(one.body for one in second.staged)
    server.wait_for("deployment/web-green")
    until(lambda: (server.reached("web"), server.reached("web-stage")) == ({"web-blue"}, {"web-green"}))
    before = server.pods()
    server.apply(one.body for one in second.final)
    until(lambda: (server.reached("web"), server.reached("web-stage")) == ({"web-green"}, {"web-blue"}))
    assert server.pods() == before


def test_what_is_taken_over_is_reached_all_the_time_and_its_pods_are_not_green_s(server: Server) -> None:
    """First the pods, then the Service: never one that leads nowhere. Green pods have an owner, and keep it."""
    plain = release(GOOD_1)
    server.apply(one.body for one in plain)
    server.wait_for("deployment/web")
    taken = blue_green.take_over(plain, server.live(blue_green.wanted(plain)))
    assert taken is not None
    server.apply(one.body for one in taken if one.ref.kind == "Deployment")
    server.wait_for("deployment/web")
    until(lambda: len(server.pods()) == 2)
    server.apply(one.body for one in taken if one.ref.kind != "Deployment")
    assert server.reached("web") == {"web"}
    before = server.pods()
    second = blue_green.pictures(release(GOOD_2), server.live(blue_green.wanted(plain)))
    server.apply(one.body for one in second.staged)
    server.wait_for("deployment/web-green")
    until(lambda: (server.reached("web"), server.reached("web-stage")) == ({"web"}, {"web-green"}))
    server.apply(one.body for one in second.final)
    until(lambda: (server.reached("web"), server.reached("web-stage")) == ({"web-green"}, {"web"}))
    assert before.items() <= server.pods().items()


def release(image: str) -> tuple[Resource, ...]:
    return (config(greeting=image), service(), web(image, reads="app"))


def test_pods_of_a_stateful_set_have_names_in_the_dns_before_the_swap(server: Server) -> None:
    """By the Service of their own colour: that of the release leads to the other one until then."""
    headless = made(
        "v1", "Service", "db", spec={"clusterIP": "None", "selector": {"app": "db"}, "ports": [{"port": 80}]}
    )
    clients = made("v1", "Service", "clients", spec={"selector": {"app": "db"}, "ports": [{"port": 80}]})
    found = blue_green.pictures((headless, clients, stateful(GOOD_1, replicas=1)), {})
    server.apply(one.body for one in found.staged)
    server.wait_for("statefulset/db-blue")
    until(lambda: server.reached("db-blue") == {"db-blue"})
    assert server.reached("db") == set()
    pod = server.says("pod", "db-blue-0")["spec"]
    assert (pod["hostname"], pod["subdomain"]) == ("db-blue-0", "db-blue")


def test_budgets_and_autoscalers_of_two_colours_do_not_meet(server: Server) -> None:
    """No eviction is refused for two budgets, no autoscaler stands still for a selector that two of them share."""
    scaled = (*release(GOOD_1), budget(), autoscaler())
    first = blue_green.pictures(scaled, {})
    server.apply(one.body for one in first.staged)
    server.apply(one.body for one in first.final)
    second = blue_green.pictures(scaled, server.live(blue_green.wanted(scaled)))
    server.apply(one.body for one in second.staged)
    for colour in ("blue", "green"):
        server.wait_for(f"deployment/web-{colour}")
        until(lambda colour=colour: "conditions" in server.says("hpa", f"web-{colour}")["status"])  # type: ignore[misc]
        said = server.says("hpa", f"web-{colour}")["status"]["conditions"]
        assert [one for one in said if one["reason"] == "AmbiguousSelector"] == []
        until(lambda colour=colour: server.says("pdb", f"web-{colour}").get("status", {}).get("currentHealthy") == 2)  # type: ignore[misc]


def budget() -> Resource:
    return made(
        "policy/v1", "PodDisruptionBudget", "web", spec={"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    )


def autoscaler() -> Resource:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return made(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "web",
        spec={"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 3},
    )
