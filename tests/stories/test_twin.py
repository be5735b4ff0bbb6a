"""The twin: what ``kubectl rollout undo`` leaves of a workload, lastgood's undo leaves too.

The same manifests are deployed under the same names into two namespaces. In the one lastgood deploys them, and undoes
what fails; in the other somebody with kubectl does, and types ``kubectl rollout undo --to-revision``. Names being the
same, everything has to be: the template, the ReplicaSet that is used again, the numbers of the revisions.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from lastgood.diffing import LAST_APPLIED
from lastgood.model.marks import MARKS
from lastgood.model.release import Mode
from lastgood.model.resource import Body, Resource
from tests.conftest import Lab
from tests.stories.cast import DONE, GOOD_1, GOOD_2, GOOD_3, MISSING, altered, daemon, stateful, web
from tests.stories.stage import LabStage, Scene

pytestmark = pytest.mark.cluster

PATIENCE = 60.0
REVISION = "deployment.kubernetes.io/revision"
NUMBERS = (REVISION, "deployment.kubernetes.io/revision-history")
HASHES = ("pod-template-hash", "controller-revision-hash")
APPLY = ("apply", "--server-side", "--field-manager=lastgood", "--force-conflicts", "-f", "-")
PAUSE = "registry.lab/pause:1"


@dataclass(frozen=True)
class Situation:
    """Good releases, then failing ones, of which each is undone before the next.

    ``by_hand`` is what somebody tells kubectl after the first so many (``after``) good ones. With ``beside`` it is
    another Deployment of the release that fails, since nothing of this workload can.
    """

    good: tuple[Resource, ...]
    failing: tuple[Resource, ...]
    by_hand: tuple[str, ...] = ()
    after: int = 0
    beside: bool = False

    @property
    def workload(self) -> str:
        """What kubectl calls it."""
        ref = self.good[0].ref
        return f"{ref.kind.lower()}/{ref.name}"


ENV = {"env": [{"name": "X", "value": "1"}], "volumeMounts": [{"name": "extra", "mountPath": "/extra"}]}


def rich(plain: Resource) -> Resource:
    """The same with a variable, a volume, a second container, an init container, and a label and a note on its pods."""
    spec = plain.body["spec"]["template"]["spec"]
    web_and_more = [{**spec["containers"][0], **ENV}, {"name": "second", "image": PAUSE}]
    return altered(
        plain,
        spec__template__spec__containers=web_and_more,
        spec__template__spec__initContainers=[{"name": "first", "image": DONE}],
        spec__template__spec__volumes=[{"name": "extra", "emptyDir": {}}],
        spec__template__metadata__labels={"app": plain.ref.name, "tier": "front"},
        spec__template__metadata__annotations={"note": "rich"},
    )


def noted(plain: Resource, **annotations: str) -> Resource:
    """The same with annotations of its own, as ``kubernetes.io/change-cause``."""
    return altered(plain, metadata__annotations={f"kubernetes.io/{key}": one for key, one in annotations.items()})


def by_hand(plain: Resource) -> Resource:
    """The same, whose pods are replaced only when somebody deletes them."""
    return altered(plain, spec__updateStrategy={"type": "OnDelete"})


def parallel(image: str, **more: Any) -> Resource:
    """A StatefulSet that does not wait for one pod before it makes the next."""
    return altered(stateful(image, **more), spec__podManagementPolicy="Parallel")


def forgetful(image: str) -> Resource:
    """A Deployment of which two old ReplicaSets are kept."""
    return altered(web(image), spec__revisionHistoryLimit=2)


def recreated(image: str) -> Resource:
    """A Deployment whose old pods end before new ones start."""
    return altered(web(image, replicas=1), spec__strategy={"type": "Recreate"})


SET_WEB = ("set", "image", "deployment/web", f"web={GOOD_3}")
SET_DB = ("set", "image", "statefulset/db", f"web={GOOD_3}")
SET_AGENT = ("set", "image", "daemonset/agent", f"web={GOOD_3}")

SITUATIONS: dict[str, Situation] = {
    "Deployment: one failure": Situation((web(GOOD_1),), (web(MISSING),)),
    "Deployment: two failures in a row": Situation(
        (web(GOOD_1), web(GOOD_2)), (web(MISSING), altered(web(MISSING), spec__template__spec__hostname="other"))
    ),
    "Deployment: the same failure twice": Situation((web(GOOD_1),), (web(MISSING), web(MISSING))),
    "Deployment: the failed one drops things": Situation((rich(web(GOOD_1)),), (web(MISSING),)),
    "Deployment: the failed one adds things": Situation((web(GOOD_1),), (rich(web(MISSING)),)),
    "Deployment: by hand between two good ones": Situation(
        (web(GOOD_1), web(GOOD_2)), (web(MISSING),), by_hand=SET_WEB, after=1
    ),
    "Deployment: by hand after the last good one": Situation(
        (web(GOOD_1), web(GOOD_2)), (web(MISSING),), by_hand=SET_WEB, after=2
    ),
    "Deployment: the failed one has more replicas": Situation((web(GOOD_1),), (web(MISSING, replicas=3),)),
    "Deployment: the failed one has fewer replicas": Situation((web(GOOD_1),), (web(MISSING, replicas=1),)),
    "Deployment: two old ReplicaSets are kept": Situation(
        (forgetful(GOOD_1), forgetful(GOOD_2), forgetful(GOOD_3), noted(rich(forgetful(GOOD_1)), cause="4")),
        (forgetful(MISSING),),
    ),
    "Deployment: causes of changes": Situation(
        (noted(web(GOOD_1), **{"change-cause": "one"}), noted(web(GOOD_2), **{"change-cause": "two", "a": "1"})),
        (noted(web(MISSING), **{"change-cause": "three", "b": "2"}),),
    ),
    "Deployment: Recreate": Situation((recreated(GOOD_1), recreated(GOOD_2)), (recreated(MISSING),)),
    "StatefulSet: one failure": Situation((stateful(GOOD_1),), (stateful(MISSING),)),
    "StatefulSet: two failures in a row": Situation(
        (stateful(GOOD_1), stateful(GOOD_2)), (stateful(MISSING), rich(stateful(MISSING)))
    ),
    "StatefulSet: the failed one drops things": Situation((rich(stateful(GOOD_1, replicas=1)),), (stateful(MISSING),)),
    "StatefulSet: by hand after the last good one": Situation(
        (stateful(GOOD_1),), (stateful(MISSING),), by_hand=SET_DB, after=1
    ),
    "StatefulSet: the failed one has more replicas": Situation((stateful(GOOD_1),), (stateful(MISSING, replicas=3),)),
    "StatefulSet: Parallel": Situation((parallel(GOOD_1), parallel(GOOD_2)), (parallel(MISSING),)),
    "StatefulSet: OnDelete": Situation((by_hand(stateful(GOOD_1)),), (by_hand(stateful(GOOD_2)),), beside=True),
    "DaemonSet: one failure": Situation((daemon(GOOD_1),), (daemon(MISSING),)),
    "DaemonSet: two failures in a row": Situation((daemon(GOOD_1), daemon(GOOD_2)), (daemon(MISSING),) * 2),
    "DaemonSet: the failed one drops things": Situation((rich(daemon(GOOD_1)),), (daemon(MISSING),)),
    "DaemonSet: by hand between two good ones": Situation(
        (daemon(GOOD_1), daemon(GOOD_2)), (daemon(MISSING),), by_hand=SET_AGENT, after=1
    ),
    "DaemonSet: OnDelete": Situation((by_hand(daemon(GOOD_1)),), (by_hand(daemon(GOOD_2)),), beside=True),
}


@dataclass(frozen=True)
class Place:
    """A namespace, the workload in it, and kubectl to look at it and to work with it."""

    lab: Lab
    namespace: str
    situation: Situation

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return self.lab.run_kubectl(*arguments, "-n", self.namespace, stdin=stdin)

    def all(self, kind: str) -> list[Body]:
        """Everything of a kind that is not going away."""
        items: list[Body] = json.loads(self.kubectl("get", kind, "-o", "json"))["items"]
        return [one for one in items if not one["metadata"].get("deletionTimestamp")]

    def live(self) -> Body:
        found: Body = json.loads(self.kubectl("get", self.situation.workload, "-o", "json"))
        return found

    def pods(self) -> list[Body]:
        name = self.situation.good[0].ref.name
        return [one for one in self.all("pods") if one["metadata"]["labels"].get("app") == name]

    def keepers(self) -> dict[str, Body]:
        """The ReplicaSets or ControllerRevisions of the workload, by name."""
        uid = self.live()["metadata"]["uid"]
        kind = "replicasets" if self.situation.workload.startswith("deployment") else "controllerrevisions"
        return {one["metadata"]["name"]: one for one in self.all(kind) if owner_of(one) == uid}

    def newest(self) -> str:
        """The name of the one with the highest number."""
        keepers = self.keepers()
        return max(keepers, key=lambda name: number_of(keepers[name]), default="")

    def by_hand(self) -> None:
        self.kubectl(*self.situation.by_hand)
        self.kubectl("rollout", "status", self.situation.workload, f"--timeout={PATIENCE:.0f}s")


def owner_of(body: Body) -> str:
    return "".join(one["uid"] for one in body["metadata"].get("ownerReferences") or ())


def number_of(keeper: Body) -> int:
    return int(keeper.get("revision") or keeper["metadata"].get("annotations", {}).get(REVISION) or 0)


def by_lastgood(place: Place) -> str:
    """Deploy it all with lastgood; the name of what kept the template of the last good release, when it was good."""
    found: list[str] = []

    async def play(scene: Scene) -> None:
        scene.mode = Mode.STANDARD
        for number, resource in enumerate(place.situation.good, 1):
            ending = await scene.deploy(resource, *beside(place.situation, GOOD_1))
            assert 0 == ending.code, ending.sentence
            found.append(place.newest())
            if number == place.situation.after:
                place.by_hand()
        for resource in place.situation.failing:
            ending = await scene.deploy(resource, *beside(place.situation, MISSING))
            assert 1 == ending.code, ending.sentence
        assert (await scene.verify()).holds

    LabStage(place.lab, place.namespace).play(play)
    return found[-1]


def beside(situation: Situation, image: str) -> tuple[Resource, ...]:
    """What fails in place of a workload that cannot."""
    return (web(image, "beside", replicas=1),) if situation.beside else ()


def by_kubectl(place: Place) -> str:
    """The same with kubectl: each failing one is undone to the revision that was the last good one."""
    for number, resource in enumerate(place.situation.good, 1):
        place.kubectl(*APPLY, stdin=json.dumps(resource.body))
        until(lambda: is_settled(place))
        good = place.newest()
        if number == place.situation.after:
            place.by_hand()
    for resource in place.situation.failing:
        place.kubectl(*APPLY, stdin=json.dumps(resource.body))
        until(lambda: place.newest() != good and (place.situation.beside or any(map(is_stuck, place.pods()))))
        undo(place, good)
    return good


def undo(place: Place, good: str) -> None:
    number = number_of(place.keepers()[good])
    place.kubectl("rollout", "undo", place.situation.workload, f"--to-revision={number}")
    if place.situation.workload.startswith("statefulset"):  # kubernetes/kubernetes#67250
        for pod in filter(is_stuck, place.pods()):
            place.kubectl("delete", "pod", pod["metadata"]["name"], "--ignore-not-found", "--wait=false")
    until(lambda: place.newest() == good and is_settled(place))


def is_settled(place: Place) -> bool:
    """Whether the controller has seen the newest body and all pods are ready, of the newest revision where it rolls."""
    body = place.live()
    status, spec = body.get("status") or {}, body["spec"]
    wanted = spec.get("replicas", status.get("desiredNumberScheduled", 0))
    ready = status.get("readyReplicas", status.get("numberReady", 0))
    updated = status.get("updatedReplicas", status.get("updatedNumberScheduled", 0))
    seen = status.get("observedGeneration") == body["metadata"]["generation"]
    rolls = (spec.get("updateStrategy") or {}).get("type") != "OnDelete"
    total = status.get("replicas", status.get("currentNumberScheduled", 0))
    return bool(seen and ready == total == wanted > 0 and (not rolls or updated == wanted))


def is_stuck(pod: Body) -> bool:
    containers = (pod.get("status") or {}).get("containerStatuses") or ()
    return any("Image" in ((one["state"].get("waiting") or {}).get("reason") or "") for one in containers)


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.3)


def state(place: Place) -> dict[str, Any]:
    """Everything that an undo may touch, without what differs by nature and what lastgood marks as its own."""
    body = place.live()
    metadata = body["metadata"]
    return {
        "spec": body["spec"],
        "labels": unmarked(metadata.get("labels")),
        "annotations": unmarked(metadata.get("annotations")),
        "keepers": {name: kept(one) for name, one in place.keepers().items()},
        "pods": sorted(map(pod_state, place.pods())),
    }


def unmarked(entries: Mapping[str, str] | None) -> dict[str, str]:
    return {key: one for key, one in (entries or {}).items() if key not in {*MARKS, LAST_APPLIED}}


def kept(keeper: Body) -> dict[str, Any]:
    """The template, the numbers it had, and how many pods are made of it."""
    annotations = keeper["metadata"].get("annotations") or {}
    numbers = {name: annotations[name] for name in NUMBERS if name in annotations}
    return {"spec": keeper.get("spec"), "data": keeper.get("data"), "revision": keeper.get("revision"), **numbers}


def pod_state(pod: Body) -> tuple[str, list[str]]:
    """Of which revision it is, and its images."""
    labels = pod["metadata"]["labels"]
    return "".join(labels.get(one, "") for one in HASHES), [one["image"] for one in pod["spec"]["containers"]]


@pytest.fixture
def places(lab: Lab, namespace: str, situation: Situation) -> Iterator[tuple[Place, Place]]:
    """The namespace of lastgood, and that of kubectl."""
    other = f"{namespace}-twin"
    lab.run_kubectl("create", "namespace", other)
    yield Place(lab, namespace, situation), Place(lab, other, situation)
    lab.run_kubectl("delete", "namespace", other, "--wait=false")


@pytest.mark.parametrize("situation", SITUATIONS.values(), ids=SITUATIONS)
def test_an_undo_leaves_what_kubectl_rollout_undo_leaves(places: tuple[Place, Place]) -> None:
    """Template, replicas and all other fields, annotations, revisions and their numbers, pods: all the same."""
    ours, theirs = places
    with ThreadPoolExecutor() as both:
        goods = list(both.map(lambda work: work(), (lambda: by_lastgood(ours), lambda: by_kubectl(theirs))))
    assert goods[0] == goods[1]
    until_same(ours, theirs)
    assert state(theirs) == state(ours)
    assert_is_back(ours, goods[0])


def until_same(ours: Place, theirs: Place) -> None:
    """Old pods take a moment to go, and old ReplicaSets beyond the limit too."""
    end = time.monotonic() + 15
    while state(ours) != state(theirs) and time.monotonic() < end:
        time.sleep(0.3)


def assert_is_back(place: Place, good: str) -> None:
    """The very ReplicaSet or ControllerRevision of the last good release is the newest again; replicas are not."""
    keepers, last = place.keepers(), place.situation.failing[-1]
    assert good == place.newest()
    assert last.body["spec"].get("replicas") == place.live()["spec"].get("replicas")
    if last.ref.kind == "Deployment":
        sizes = {name: one["spec"]["replicas"] for name, one in keepers.items() if one["spec"]["replicas"]}
        assert {good: last.body["spec"]["replicas"]} == sizes
