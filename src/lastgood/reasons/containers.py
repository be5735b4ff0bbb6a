"""Why a container is not ready, read from its state and from what the events say of it. Pure.

https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.model.health import Cause
from lastgood.model.resource import Body, Ref, ref_of
from lastgood.reasons.events import newest
from lastgood.reasons.exits import ending
from lastgood.reasons.images import PULLS, failed_pull, pull_message
from lastgood.reasons.probes import failing, is_hook, killer
from lastgood.reasons.table import cause, rule_of
from lastgood.reasons.volumes import SUMMARY, is_missing, volume_words

CRASHES = 3
"""How many crashes make a loop. The kubelet restarts once without waiting and shows CrashLoopBackOff at the second
crash; a program that starts before what it needs is often well at its second or third try."""

NEVER_RAN = frozenset({"StartError", "ContainerCannotRun"})
"""What a terminated container says when there was no process to crash."""

LOST = frozenset({"ContainerStatusUnknown", "Unknown"})
"""What it says when nobody saw it end: its node or its runtime began anew."""

VOLUMES = frozenset({"FailedMount", "FailedMapVolume", "FailedAttachVolume"})
BEFORE_START = VOLUMES | {"FailedCreatePodSandBox", "NetworkNotReady", "FailedPrepareDynamicResources"}
STARTED = frozenset({"Pulling", "Pulled", "Created", "Started"})

WRONG_FORMAT = "exec format error"
"""What the kernel says of a program that is none for it. Most runtimes say it in the container's log alone."""

PASSING = re.compile(
    r"failed to sync (secret|configmap) cache|object \S+ not registered|no relationship found between node"
    r"|services have not yet been read|context deadline exceeded|DeadlineExceeded|is reserved for"
    r"|code = Unavailable|connection error|transport is closing"
)
"""What a node says that has only just started, or whose runtime is slow: it tries again, and nothing is wrong.

https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/kubelet/util/manager/watch_based_manager.go
"""

State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod: what is asked for and how it is."""

    who: str
    spec: Mapping[str, Any]
    status: Mapping[str, Any]
    pod: Ref
    pod_spec: Mapping[str, Any]
    events: tuple[Body, ...]
    starts_first: bool = False
    has_to_stay: bool = True

    @property
    def name(self) -> str:
        """As the pod names it."""
        return str(self.spec.get("name", ""))

    @property
    def image(self) -> str:
        """As asked for; the status may name it by digest."""
        return str(self.spec.get("image") or self.status.get("image") or "")

    def state(self, name: str) -> State | None:
        """``waiting``, ``running`` or ``terminated``, if it is in that one."""
        found: State | None = (self.status.get("state") or {}).get(name)
        return found

    @property
    def last_end(self) -> State:
        """How it ended the last time, if it ever did."""
        ended = self.state("terminated") or (self.status.get("lastState") or {}).get("terminated")
        return ended or {}

    @property
    def ends(self) -> int:
        """How often it has ended."""
        restarts = int(self.status.get("restartCount") or 0)
        return restarts if self.state("running") is not None else restarts + bool(self.last_end)

    @property
    def how_it_ended(self) -> str:
        """Its last exit code or signal, in words."""
        return ending(self.last_end)

    def because(self, reason: str, detail: str = "", **more: Any) -> Cause:
        """A cause that this container shows."""
        return cause(reason, who=self.who, detail=detail, source=self.pod, container=self.name, **more)


def containers(pod: Body, events: tuple[Body, ...]) -> Iterator[Container]:
    """The containers of a pod: those that have to end first, those beside them, and its own."""
    spec = pod.get("spec") or {}
    for one in spec.get("initContainers") or ():
        first = one.get("restartPolicy") != "Always"
        sort = "init container" if first else "sidecar container"
        yield _container(pod, one, sort, events)
    for one in spec.get("containers") or ():
        yield _container(pod, one, "container", events)


def _container(pod: Body, spec: Mapping[str, Any], sort: str, events: tuple[Body, ...]) -> Container:
    name, first = str(spec.get("name")), sort == "init container"
    status, spec_of_pod = pod.get("status") or {}, pod.get("spec") or {}
    statuses = status.get("containerStatuses" if sort == "container" else "initContainerStatuses") or ()
    return Container(
        who=f"{sort} {name}",
        spec=spec,
        status=next((one for one in statuses if one.get("name") == name), {}),
        pod=ref_of(pod),
        pod_spec=spec_of_pod,
        events=tuple(event for event in events if _is_about(event, name)),
        starts_first=first,
        has_to_stay=not first and (spec_of_pod.get("restartPolicy") or "Always") == "Always",
    )


def _is_about(event: Body, name: str) -> bool:
    field = str((event.get("involvedObject") or {}).get("fieldPath") or "")
    return not field or field.endswith("{" + name + "}")


def container_causes(pod: Body, events: tuple[Body, ...]) -> Iterator[Cause]:
    """Why the containers of a pod are not ready; those that wait for init containers say nothing of their own."""
    found = list(containers(pod, events))
    held_up = any(one.starts_first and not _is_done(one) for one in found)
    for one in found:
        if one.status and not (held_up and _waits_its_turn(one)):
            yield from _of_container(one)


def _is_done(one: Container) -> bool:
    return (one.state("terminated") or {}).get("exitCode") == 0


def _waits_its_turn(one: Container) -> bool:
    return not one.starts_first and (one.state("waiting") or {}).get("reason") == "PodInitializing"


def _of_container(one: Container) -> Iterator[Cause]:
    waiting = one.state("waiting")
    if waiting is not None:
        yield _waiting(one, str(waiting.get("reason") or "ContainerCreating"), str(waiting.get("message") or ""))
    elif one.state("terminated") is not None:
        if one.has_to_stay or not _is_done(one):
            yield _ended(one, str(one.last_end.get("reason") or "Error"))
    elif one.state("running") is not None and not one.status.get("ready"):
        yield _not_ready(one)


def _waiting(one: Container, reason: str, message: str) -> Cause:
    if reason in PULLS:
        return _not_pulled(one, reason)
    if rule_of(reason).clock == "image":
        return one.because(reason, f"{one.image}: {_after_name(message, one.image)}")
    if reason == "CrashLoopBackOff":
        return _ended(one, reason)
    if rule_of(reason).clock == "create":
        return _not_created(one, reason)
    return _refused(one, reason, message)


def _refused(one: Container, reason: str, message: str) -> Cause:
    """By its node or the runtime there: what is asked for cannot be, or the node is not up to it just now."""
    return one.because(reason, _runtime_words(message), hopeless=False if PASSING.search(message) else None)


def _not_pulled(one: Container, reason: str) -> Cause:
    message = pull_message(one.state("waiting") or {}, one.image, one.events)
    pull = failed_pull(one.image, message, one.events)
    if pull.again:
        return one.because("Pulling", pull.detail)
    return one.because(reason, pull.detail, hopeless=pull.hopeless, grace=pull.grace)


def _after_name(message: str, image: str) -> str:
    rest = message.rpartition(f'"{image}"')[2].rpartition(" because ")[2]
    return rest.lstrip(": ") or "it cannot be used"


def _not_created(one: Container, reason: str) -> Cause:
    """Nothing in the state says why a container is not created yet; the newest event may."""
    told = newest(one.events, BEFORE_START | STARTED)
    if told is None or told["reason"] in STARTED:
        return one.because(reason)
    message = str(_fuller(told, one.events).get("message") or "")
    words = volume_words(message, one.pod_spec) if told["reason"] in VOLUMES else message
    return one.because(told["reason"], words, hopeless=told["reason"] in VOLUMES and is_missing(message))


def _fuller(told: Body, events: tuple[Body, ...]) -> Body:
    """What came before, where the newest word only sums up."""
    if SUMMARY not in str(told.get("message")):
        return told
    return newest((one for one in events if SUMMARY not in str(one.get("message"))), VOLUMES) or told


def _ended(one: Container, reason: str) -> Cause:
    if str(one.last_end.get("reason")) in NEVER_RAN:
        return _refused(one, str(one.last_end["reason"]), str(one.last_end.get("message") or ""))
    if str(one.last_end.get("reason")) in LOST:
        return one.because(str(one.last_end["reason"]))
    return one.because(reason, _crashed(one), hopeless=one.ends >= CRASHES, crashes=one.ends)


def _runtime_words(message: str) -> str:
    """The end of a chain of the runtime's errors, which is what a person needs of it."""
    words = message.rpartition("unable to start container process: ")[2]
    return f"{words} (it is made for another sort of processor)" if words.endswith(WRONG_FORMAT) else words


def _crashed(one: Container) -> str:
    if not one.last_end:
        return "keeps crashing"
    killed = killed_from_outside(one, f" {_times(one.ends)}")
    if killed:
        return killed
    if is_hook(one.events, one.last_end):
        return f"was stopped {_times(one.ends)}, since its postStart hook failed"
    if one.last_end.get("exitCode") == 0 and one.has_to_stay:
        return f"ended {_times(one.ends)} with exit code 0, but has to keep running"
    return f"crashed {_times(one.ends)}, {'last ' if one.ends > 1 else ''}with {one.how_it_ended}"


def killed_from_outside(one: Container, when: str) -> str:
    """What ended it the last time, where that was not the program itself; empty where it was. ``when`` tells when."""
    if one.last_end.get("reason") == "OOMKilled":
        limit = ((one.spec.get("resources") or {}).get("limits") or {}).get("memory")
        return f"ran out of memory{f' (limit {limit})' if limit else ''}{when}"
    probe = killer(one.events, one.last_end)
    return f"was killed by its {probe.probe} probe{when}{probe.said}" if probe else ""


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _not_ready(one: Container) -> Cause:
    if one.last_end:
        return restarted(one)
    if one.starts_first:
        return one.because("Initializing")
    probe = failing(one.events)
    return one.because("Unhealthy", probe.words if probe else _unprobed(one))


def restarted(one: Container) -> Cause:
    """What there is to say of a container that crashed and runs again."""
    return one.because("Restarted", f"{_crashed(one)}, and is running again")


def _unprobed(one: Container) -> str:
    if one.spec.get("startupProbe") and not one.status.get("started"):
        return "its startup probe has not passed yet"
    return "its readiness probe has not passed yet" if one.spec.get("readinessProbe") else "it has only just started"
