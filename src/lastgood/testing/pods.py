"""Scheduler and kubelet: pods get a node, their containers live as their behaviour says, and they go when told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.testing import pod_status
from lastgood.testing.agenda import Agenda
from lastgood.testing.api import Api, By
from lastgood.testing.behaviour import Behaviour, Behaviours, behaviour_of, own_environment
from lastgood.testing.containers import Container
from lastgood.testing.environment import environment, mounting_problems
from lastgood.testing.quantities import amount
from lastgood.testing.recording import record

POD, NODE = GroupKind("", "Pod"), GroupKind("", "Node")
KUBELET, SCHEDULER = "kubelet", "default-scheduler"
SCHEDULES, STOPS, SHOWS_ITS_END, RETRIES = 0.02, 1.0, 0.05, 2.0
"""Seconds that scheduling and a graceful end take, that an ended pod is still seen, and between two tries."""


class Pods:
    """Every pod of the cluster that has begun to live."""

    def __init__(self, api: Api, agenda: Agenda, behaviours: Behaviours) -> None:
        self.api, self.agenda, self.behaviours = api, agenda, behaviours
        self._lives: dict[str, PodLife] = {}
        api.objects.listen(self._heard)

    def life(self, pod: Body) -> PodLife | None:
        """The life of this pod, if it has a node."""
        return self._lives.get(pod["metadata"]["uid"])

    def _heard(self, ref: Ref, before: Body | None, now: Body | None) -> None:
        if ref.group_kind != POD:
            return
        if now is None:
            self._forget(before)
        elif before is None:
            self.agenda.after(SCHEDULES, lambda: self._schedule(ref, now["metadata"]["uid"]))
        else:
            self._follow(ref, before, now)

    def _follow(self, ref: Ref, before: Body, now: Body) -> None:
        life = self.life(now)
        if life is not None:
            life.pod = now
        if "deletionTimestamp" in now["metadata"] and "deletionTimestamp" not in before["metadata"]:
            self._stop(ref, now)

    def _forget(self, pod: Body | None) -> None:
        life = self._lives.pop(pod["metadata"]["uid"], None) if pod else None
        if life is not None:
            life.gone = True

    def _schedule(self, ref: Ref, uid: str) -> None:
        pod = self.api.objects.get(ref)
        if pod is None or pod["metadata"]["uid"] != uid:
            return
        fitting = list(self._fitting(pod))
        if not fitting:
            self._unschedulable(ref, pod)
            self.agenda.after(RETRIES, lambda: self._schedule(ref, uid))
            return
        node = pod["spec"].get("nodeName") or fitting[len(self._lives) % len(fitting)]
        if "nodeName" not in pod["spec"]:
            pod = self._bind(ref, node)
        self._lives[uid] = PodLife(self, self.api.objects.get(ref) or pod)
        self._lives[uid].begin()

    def _bind(self, ref: Ref, node: str) -> Body:
        pod = self.api.objects.get(ref) or {}
        return self.api.objects.put(pod | {"spec": pod["spec"] | {"nodeName": node}})

    def _fitting(self, pod: Body) -> Iterator[str]:
        for node in self.api.objects.of_kind(NODE):
            if not any(_misfits(pod, node)):
                yield node["metadata"]["name"]

    def _unschedulable(self, ref: Ref, pod: Body) -> None:
        nodes = self.api.objects.of_kind(NODE)
        why = ", ".join(sorted({f"{len(nodes)} {said}" for node in nodes for said in _misfits(pod, node)}))
        message = f"0/{len(nodes)} nodes are available: {why}."
        self.api.status(ref, pod_status.pending(pod, message, self.api.now()), SCHEDULER)
        record(self.api, pod, "FailedScheduling", message, source=SCHEDULER)

    def _stop(self, ref: Ref, pod: Body) -> None:
        """Let it end within its grace; then show how it ended, and take it away."""
        life, uid = self.life(pod), pod["metadata"]["uid"]
        grace = float(pod["metadata"].get("deletionGracePeriodSeconds") or 0)
        deaf = life is not None and any(one.does.deaf and one.running for one in life.mains)
        after = grace if deaf else min(STOPS, grace)
        if life is not None:
            self.agenda.after(after, life.leave)
        self.agenda.after(after + SHOWS_ITS_END, lambda: self._remove(ref, uid))

    def _remove(self, ref: Ref, uid: str) -> None:
        pod = self.api.objects.get(ref)
        if pod is None or pod["metadata"]["uid"] != uid:
            return
        if pod["metadata"].get("finalizers"):
            self.api.edit(ref, lambda new: new["metadata"].update(deletionGracePeriodSeconds=0), By(KUBELET))
        else:
            self.api.objects.remove(ref)


def _misfits(pod: Body, node: Body) -> Iterator[str]:
    """Why this pod cannot run on this node, in the scheduler's words."""
    labels = node["metadata"].get("labels") or {}
    if any(labels.get(name) != value for name, value in (pod["spec"].get("nodeSelector") or {}).items()):
        yield "node(s) didn't match Pod's node affinity/selector"
    for name, room in node["status"]["allocatable"].items():
        if sum(amount(one.get(name, 0)) for one in _requests(pod)) > amount(room):
            yield f"Insufficient {name}"


def _requests(pod: Body) -> Iterator[dict[str, Any]]:
    for container in pod["spec"]["containers"]:
        yield (container.get("resources") or {}).get("requests") or {}


class PodLife:
    """One pod on its node: init containers one after the other, then all others."""

    def __init__(self, pods: Pods, pod: Body) -> None:
        self._pods, self.pod, self.gone = pods, pod, False
        self.inits = [self._container(one, init=True) for one in pod["spec"].get("initContainers") or ()]
        self.mains = [self._container(one, init=False) for one in pod["spec"]["containers"]]
        self._begun = 0

    @property
    def over(self) -> bool:
        """Whether the pod is gone."""
        return self.gone

    @property
    def leaving(self) -> bool:
        """Whether the pod was told to go."""
        return "deletionTimestamp" in self.pod["metadata"]

    @property
    def ref(self) -> Ref:
        """Which pod."""
        return ref_of(self.pod)

    def container(self, name: str) -> Container | None:
        """One of its containers."""
        return next((one for one in (*self.inits, *self.mains) if one.name == name), None)

    def begin(self) -> None:
        """Mount, then start the first container."""
        self._report()
        problems = list(mounting_problems(self._pods.api.objects.get, self.pod))
        if problems:
            self.say("FailedMount", problems[0])
            self._pods.agenda.after(RETRIES, lambda: None if self.gone else self.begin())
            return
        self._go_on()

    def _go_on(self) -> None:
        """Start what may start now."""
        if self._begun == 0 or self._passed(self.inits[self._begun - 1]):
            starting = self.inits[self._begun : self._begun + 1] or self.mains
            self._begun += 1
            for one in starting:
                one.pull()

    def _passed(self, init: Container) -> bool:
        return init.exit_code == 0 or (init.is_sidecar and init.running)

    def changed(self) -> None:
        """A container's state is another: report it, and start what waited for it."""
        if self.gone:
            return
        self._report()
        if self._begun <= len(self.inits):
            self._go_on()

    def leave(self) -> None:
        """Every container ends."""
        for one in () if self.gone else (*self.inits, *self.mains):
            one.leave()

    def _report(self) -> None:
        api = self._pods.api
        live = api.objects.get(self.ref)
        if live is not None and live["metadata"]["uid"] == self.pod["metadata"]["uid"]:
            mounted = self._begun > 0
            status = pod_status.composed(live, self.inits, self.mains, api.now(), mounted=mounted)
            api.status(self.ref, status, KUBELET)

    def environment(self, container: Body) -> dict[str, str]:
        """What a container finds when it starts."""
        return environment(self._pods.api.objects.get, self.pod, container, own_environment(container["image"]))

    def behaviour(self, container: Body, environment: dict[str, str]) -> Behaviour:
        """What a container does."""
        init = container["name"] in {one["name"] for one in self.pod["spec"].get("initContainers") or ()}
        sidecar = container.get("restartPolicy") == "Always"
        finishes = (init and not sidecar) or self.pod["spec"]["restartPolicy"] != "Always"
        return behaviour_of(self._pods.behaviours, self.pod, container["image"], environment, finishes=finishes)

    def say(self, reason: str, message: str, *, normal: bool = False) -> None:
        """Record an Event about the pod."""
        record(self._pods.api, self.pod, reason, message, source=KUBELET, normal=normal)

    def _container(self, body: Body, *, init: bool) -> Container:
        policy = body.get("restartPolicy") or self.pod["spec"]["restartPolicy"]

        def restarts_on(code: int) -> bool:
            if init and body.get("restartPolicy") != "Always":
                return code != 0 and policy != "Never"
            return policy == "Always" or (policy == "OnFailure" and code != 0)

        waiting = "PodInitializing" if self.pod["spec"].get("initContainers") else "ContainerCreating"
        state = {"waiting": {"reason": waiting}}
        return Container(self, body, self._pods.agenda, restarts_on, self._pods.api.now, state)
