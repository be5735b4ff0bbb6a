"""Evidence: what can be had in two seconds, capped, without secrets."""

from __future__ import annotations

import asyncio
import base64
import random
from dataclasses import dataclass, field, replace
from typing import Any

from lastgood.errors import Forbidden, LastgoodError, NotFound
from lastgood.gathering import gather
from lastgood.gathering.choosing import PODS, PODS_IN_ALL
from lastgood.gathering.fitting import LOG_CHARACTERS
from lastgood.gathering.reading import LINES, WITHIN
from lastgood.gathering.telling import EVENTS
from lastgood.kube.codec import HEAD, encode
from lastgood.model.evidence import ConditionLine, ContainerEvidence, Evidence
from lastgood.model.health import Cause, Health, Judged, Observation, Ruling, Status, Verdict
from lastgood.model.resource import Body, Ref, Resource, ref_of
from lastgood.ports import Right
from lastgood.testing import FakeClock
from tests.kube.releases import release
from tests.stories.cast import secret

WEB = Ref("apps", "Deployment", "shop", "web")
DEPLOYMENT: Body = {
    "kind": "Deployment",
    "apiVersion": "apps/v1",
    "metadata": {"name": "web", "namespace": "shop", "uid": "d"},
    "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "web:2"}]}}},
}
ENDED: dict[str, Any] = {"restartCount": 2, "lastState": {"terminated": {"exitCode": 3, "reason": "Error"}}}


def pod(name: str, *, ready: bool = False, spec: dict[str, Any] | None = None, **status: Any) -> Body:
    container = {"name": "web", "image": "web:2", "restartCount": 0, "state": {"running": {}}, **status}
    conditions = [{"type": "Ready", "status": str(ready)}]
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": name, "namespace": "shop", "uid": name, "creationTimestamp": name},
        "spec": {"containers": [{"name": "web"}], **(spec or {})},
        "status": {"phase": "Running", "conditions": conditions, "containerStatuses": [container]},
    }


def event(name: str, kind: str = "Warning", at: str = "1", message: str = "m") -> Body:
    about = {"kind": "Pod", "apiVersion": "v1", "namespace": "shop", "name": "a", "uid": "a"}
    return {
        "kind": "Event", "metadata": {"uid": name}, "type": kind, "reason": name, "message": message,
        "lastTimestamp": at, "involvedObject": about,
    }  # fmt: skip


@dataclass
class Asked:
    """A cluster that has logs, and bodies that can be read; ``text`` and ``earlier`` are of the two instances."""

    text: str = ""
    earlier: str = ""
    takes: float = 0
    bodies: dict[Ref, Body | LastgoodError] = field(default_factory=dict)
    refuses: LastgoodError | None = None
    asked: list[tuple[str, bool]] = field(default_factory=list)
    read_: list[Ref] = field(default_factory=list)
    denied_: tuple[Right, ...] = ()

    async def logs(self, ref: Ref, container: str, *, previous: bool, lines: int) -> str:
        assert lines == LINES
        self.asked.append((f"{ref.name}/{container}", previous))
        await asyncio.sleep(self.takes)
        if self.refuses:
            raise self.refuses
        if previous and not self.earlier:
            raise NotFound("there is no previous instance")
        return self.earlier if previous else self.text

    async def denied(self, rights: list[Right]) -> tuple[Right, ...]:
        (right,) = rights
        return (right,) if right in self.denied_ else ()

    async def read(self, refs: list[Ref]) -> dict[Ref, Body]:
        (ref,) = refs
        self.read_.append(ref)
        found = self.bodies.get(ref)
        if isinstance(found, LastgoodError):
            raise found
        return {ref: found} if found else {}


def gathered(
    cluster: Asked, *dependents: Body, resources: tuple[Resource, ...] = (), because: Cause | None = None
) -> Evidence:
    verdict = Verdict(Ruling.FAIL, (Judged(WEB, Health(Status.FAILED), Ruling.FAIL, because),))
    observation = Observation(0.0, {WEB: DEPLOYMENT}, {"d": dependents})
    work = gather(cluster, verdict, observation, resources)  # type: ignore[arg-type]
    return FakeClock().run(work)


def only(evidence: Evidence) -> ContainerEvidence:
    (kept,) = evidence.pods
    (container,) = kept.containers
    return container


class TestPods:
    """Which, and what of them."""

    def test_states_and_last_words_of_broken_pods_are_kept(self) -> None:
        evidence = gathered(Asked("hello\nfatal: no database\n"), pod("a"), pod("b", ready=True))
        (kept,) = evidence.pods
        assert (ref_of(pod("a")), "Running") == (kept.ref, kept.phase)
        assert evidence.last_words is not None
        assert "fatal: no database" in evidence.last_words[1].logs

    def test_one_that_has_crashed_and_is_ready_again_is_broken_too(self) -> None:
        evidence = gathered(Asked("x"), pod("a", ready=True, **ENDED), pod("b", ready=True))
        assert ["a"] == [one.ref.name for one in evidence.pods]

    def test_the_one_that_condemned_the_release_comes_first(self) -> None:
        because = Cause("Error", "it crashed", source=ref_of(pod("a")))
        evidence = gathered(Asked(), pod("a"), pod("b"), pod("c"), pod("d"), because=because)
        assert ["a", "d", "c"] == [one.ref.name for one in evidence.pods]

    def test_there_are_not_too_many(self) -> None:
        evidence = gathered(Asked(), *(pod(f"p{number}") for number in range(10)))
        assert PODS == len(evidence.pods)

    def test_of_many_that_failed_the_first_are_kept_and_the_others_counted(self) -> None:
        refs = [Ref("apps", "Deployment", "shop", f"web-{number}") for number in range(6)]
        verdict = Verdict(Ruling.FAIL, tuple(Judged(ref, Health(Status.FAILED), Ruling.FAIL) for ref in refs))
        bodies = {ref: {**DEPLOYMENT, "metadata": {"name": ref.name, "uid": ref.name}} for ref in refs}
        pods = {ref.name: tuple(pod(f"{ref.name}-{letter}") for letter in "abc") for ref in refs}
        work = gather(Asked(), verdict, Observation(0.0, bodies, pods), ())  # type: ignore[arg-type]
        evidence = FakeClock().run(work)
        assert (PODS_IN_ALL, ("6 more pods that failed",)) == (len(evidence.pods), evidence.notes)

    def test_init_containers_are_told_from_the_others(self) -> None:
        broken = pod("a")
        broken["status"]["initContainerStatuses"] = [{"name": "first", "state": {"terminated": {"exitCode": 1}}}]
        (kept,) = gathered(Asked("no\n"), broken).pods
        assert [("first", True, "no\n"), ("web", False, "no\n")] == [
            (one.name, one.init, one.logs) for one in kept.containers
        ]


class TestLogs:
    """Last words, of both instances where there are two."""

    def test_of_a_container_that_was_started_again_the_instance_before_speaks(self) -> None:
        container = only(gathered(Asked("starting", earlier="fatal: no database"), pod("a", **ENDED)))
        assert ("terminated", 3, 2) == (container.state, container.exit_code, container.restarts)
        assert ("fatal: no database", True, "starting") == (container.logs, container.previous, container.other_logs)

    def test_one_that_has_ended_again_speaks_itself(self) -> None:
        again = {**ENDED, "state": {"terminated": {"exitCode": 3}}}
        container = only(gathered(Asked("the third time", earlier="the second"), pod("a", **again)))
        assert ("the third time", False, "the second") == (container.logs, container.previous, container.other_logs)

    def test_without_an_instance_before_the_present_one_speaks(self) -> None:
        container = only(gathered(Asked("starting"), pod("a", **ENDED)))
        assert ("starting", False, "") == (container.logs, container.previous, container.other_logs)

    def test_one_that_never_ran_is_not_asked(self) -> None:
        cluster = Asked("x")
        waiting: dict[str, Any] = {"state": {"waiting": {"reason": "ErrImagePull", "message": "not found"}}}
        container = only(gathered(cluster, pod("a", **waiting)))
        assert (("ErrImagePull", "not found"), []) == ((container.reason, container.message), cluster.asked)

    def test_one_that_takes_too_long_is_left_out_and_noted(self) -> None:
        evidence = gathered(Asked("late", takes=WITHIN * 10), pod("a"))
        assert ("", ("the log of a/web took too long",)) == (only(evidence).logs, evidence.notes)

    def test_one_that_may_not_be_read_is_noted(self) -> None:
        evidence = gathered(Asked(refuses=Forbidden("you cannot get pods/log")), pod("a"))
        assert ("the log of a/web could not be read: you cannot get pods/log",) == evidence.notes


class TestSize:
    """All of it has its place in a record."""

    def test_a_long_log_is_kept_from_its_end_in_whole_lines(self) -> None:
        evidence = gathered(Asked("".join(f"{number:09}\n" for number in range(10_000))), pod("a"))
        log = only(evidence).logs
        assert ("0000", "000009999\n", True) == (log[:4], log[-10:], len(log) <= LOG_CHARACTERS)
        assert (f"the log of a/web is longer: its last {len(log) // 10} lines are kept",) == evidence.notes

    def test_one_line_that_is_too_long_is_cut(self) -> None:
        evidence = gathered(Asked("x" * 100_000), pod("a"))
        assert LOG_CHARACTERS == len(only(evidence).logs)
        assert f"its last {LOG_CHARACTERS} characters" in evidence.notes[0]

    def test_what_does_not_fit_is_cut_from_the_largest_on(self) -> None:
        """Logs that cannot be compressed, of more containers than have room for them, and one small log."""
        pods = [pod(f"p{number}") for number in range(PODS)]
        for one in pods:
            status = one["status"]["containerStatuses"][0]
            one["status"]["containerStatuses"] = [{**status, "name": f"c{number}"} for number in range(8)]
        evidence = gathered(Noise(small="p0/c0"), *pods)
        sizes = {f"{one.ref.name}/{each.name}": len(each.logs) for one in evidence.pods for each in one.containers}
        assert (24, len("all is well\n")) == (len(sizes), sizes["p0/c0"])
        assert 23 == len(evidence.notes)
        head = encode(replace(release(), evidence=evidence))[HEAD]
        assert 200 * 1024 < len(head) < 256 * 1024


class Noise(Asked):
    """Every log but one is as long as can be, and noise."""

    def __init__(self, small: str) -> None:
        super().__init__()
        self.small, self.random = small, random.Random(7)

    async def logs(self, ref: Ref, container: str, *, previous: bool, lines: int) -> str:
        if f"{ref.name}/{container}" == self.small:
            return "all is well\n"
        return "".join(f"{base64.b85encode(self.random.randbytes(64)).decode()}\n" for _ in range(1000))


class TestSecrets:
    """Nothing that is kept has one in it."""

    def test_values_of_the_release_are_masked_as_written_and_decoded(self) -> None:
        evidence = gathered(
            Asked("it is s3cret-value, czNjcmV0LXZhbHVl"), pod("a"), resources=(secret("key", t="czNjcmV0LXZhbHVl"),)
        )
        assert "it is *****, *****" == only(evidence).logs

    def test_those_that_its_pods_read_are_masked_though_they_are_not_its_own(self) -> None:
        spec = {
            "containers": [
                {
                    "name": "web",
                    "envFrom": [{"secretRef": {"name": "all"}}, {"configMapRef": {"name": "app"}}],
                    "env": [{"name": "ONE", "valueFrom": {"secretKeyRef": {"name": "one", "key": "k"}}}, {"name": "X"}],
                }
            ],
            "initContainers": [{"name": "first", "envFrom": [{"secretRef": {"name": "early"}}]}],
            "volumes": [
                {"name": "v", "secret": {"secretName": "files"}},
                {"name": "p", "projected": {"sources": [{"secret": {"name": "part"}}, {"configMap": {"name": "app"}}]}},
                {"name": "e", "emptyDir": {}},
            ],
        }
        names = ("all", "one", "early", "files", "part")
        bodies = {Ref("", "Secret", "shop", name): data(f"value-of-{name}") for name in names}
        cluster = Asked(" ".join(f"value-of-{name}" for name in names), bodies=bodies)  # type: ignore[arg-type]
        assert "***** ***** ***** ***** *****" == only(gathered(cluster, pod("a", spec=spec))).logs
        assert set(bodies) == set(cluster.read_)

    def test_one_of_the_release_is_not_read_again(self) -> None:
        cluster = Asked("x")
        ours = Resource({**secret("key", t="czNjcmV0LXZhbHVl").body, "metadata": {"name": "key", "namespace": "shop"}})
        gathered(cluster, pod("a", spec=reading("key")), resources=(ours,))
        assert [] == cluster.read_

    def test_one_that_may_not_be_read_is_noted_and_credentials_are_masked_all_the_same(self) -> None:
        cluster = Asked("password=hunter2", bodies={KEY: Forbidden("you cannot get secrets")})
        evidence = gathered(cluster, pod("a", spec=reading("key")))
        why = "you cannot get secrets; if its values are in these lines, they are not masked"
        said = f"secret/key could not be read: {why}"
        assert ("password=*****", (said,)) == (only(evidence).logs, evidence.notes)

    def test_one_that_is_not_there_has_no_values(self) -> None:
        assert () == gathered(Asked("x"), pod("a", spec=reading("key"))).notes

    def test_messages_have_none_either(self) -> None:
        told: dict[str, Any] = {
            "state": {"terminated": {"exitCode": 1, "message": "no route to postgres://shop:hunter2@db"}}
        }
        evidence = gathered(Asked(), pod("a", **told), event("Failed", message="token=abc123 is refused"))
        assert "no route to postgres://shop:*****@db" == only(evidence).message
        assert "token=***** is refused" == evidence.events[0].message


KEY = Ref("", "Secret", "shop", "key")


def reading(name: str) -> dict[str, Any]:
    return {"containers": [{"name": "web", "envFrom": [{"secretRef": {"name": name}}]}]}


def data(value: str) -> Body:
    return {"kind": "Secret", "data": {"k": base64.b64encode(value.encode()).decode()}}


class TestEventsAndConditions:
    """What the cluster says."""

    def test_events_are_kept_warnings_first(self) -> None:
        told = (event("Pulled", "Normal", "3"), event("Old", at="1"), event("New", at="2"))
        assert ["New", "Old", "Pulled"] == [one.reason for one in gathered(Asked(), pod("a"), *told).events]

    def test_there_are_not_too_many_events(self) -> None:
        told = (event(f"e{number}", at=f"{number}") for number in range(100))
        assert EVENTS == len(gathered(Asked(), pod("a"), *told).events)

    def test_the_workload_and_the_makers_of_its_pods_say_how_they_are(self) -> None:
        denied = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"}
        made = {"name": "web-1", "namespace": "shop", "uid": "r"}
        newest = {
            "kind": "ReplicaSet",
            "apiVersion": "apps/v1",
            "metadata": made,
            "spec": {"template": DEPLOYMENT["spec"]["template"]},
            "status": {"conditions": [{**denied, "lastTransitionTime": "2026-11-23T12:00:00Z"}]},
        }
        older = {**newest, "metadata": {**made, "name": "web-0", "uid": "q"}, "spec": {"template": {"spec": {}}}}
        said = gathered(Asked(), newest, older).conditions
        expected = ("ReplicaFailure", "True", "FailedCreate", "exceeded quota", "2026-11-23T12:00:00Z")
        assert (ConditionLine(Ref("apps", "ReplicaSet", "shop", "web-1"), *expected),) == said

    def test_the_nodes_of_its_pods_say_whether_they_are_well(self) -> None:
        conditions = [
            {"type": "MemoryPressure", "status": "True", "reason": "KubeletHasInsufficientMemory"},
            {"type": "Ready", "status": "True"},
            {"type": "KernelDeadlock", "status": "False"},
        ]
        node = {
            "kind": "Node",
            "apiVersion": "v1",
            "metadata": {"name": "node-1"},
            "status": {"conditions": conditions},
        }
        cluster = Asked(bodies={NODE: node})
        said = gathered(
            cluster, pod("a", spec={"nodeName": "node-1"}), pod("b", spec={"nodeName": "node-1"})
        ).conditions
        assert [("MemoryPressure", "True"), ("Ready", "True")] == [(one.type, one.status) for one in said]
        assert [NODE] == cluster.read_

    def test_nodes_that_nobody_gave_a_right_to_are_not_asked_for(self) -> None:
        cluster = Asked(denied_=(Right("get", "", "nodes", "", "node-1"),))
        evidence = gathered(cluster, pod("a", spec={"nodeName": "node-1"}))
        said = "the conditions of node/node-1 could not be read: there is no right to get nodes/node-1"
        assert ([], (said,)) == (cluster.read_, evidence.notes)

    def test_nodes_that_may_not_be_read_are_a_note(self) -> None:
        cluster = Asked(bodies={NODE: Forbidden("you cannot get nodes")})
        evidence = gathered(cluster, pod("a", spec={"nodeName": "node-1"}))
        assert ("the conditions of node/node-1 could not be read: you cannot get nodes",) == evidence.notes


NODE = Ref("", "Node", "", "node-1")
