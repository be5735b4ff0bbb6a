"""The life of one container: pulled, configured, started, ready, ended, started again.

https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from lastgood.model.resource import Body
from lastgood.testing.agenda import Agenda
from lastgood.testing.behaviour import Behaviour, own_environment
from lastgood.testing.environment import Missing

STARTS, PROBES, RETRIES = 0.1, 0.2, 2.0
"""Seconds that a start and a first probe take, and between two tries of what could not be configured."""
FIRST_RESTART, FIRST_BACK_OFF, LONGEST_BACK_OFF = 1.0, 10.0, 300.0


class Host(Protocol):
    """What a container needs of its pod."""

    pod: Body

    @property
    def over(self) -> bool:
        """Whether the pod is gone."""
        ...

    @property
    def leaving(self) -> bool:
        """Whether the pod was told to go."""
        ...

    def environment(self, container: Body) -> dict[str, str]:
        """What it finds when it starts. Raises ``Missing``."""
        ...

    def behaviour(self, container: Body, environment: dict[str, str]) -> Behaviour:
        """What it does."""
        ...

    def changed(self) -> None:
        """Its state is another."""
        ...

    def say(self, reason: str, message: str, *, normal: bool = False) -> None:
        """Record an Event about the pod."""
        ...


@dataclass(slots=True)
class Container:
    """One container of a running pod. ``state`` and ``last`` are as in a container status."""

    host: Host
    body: Body
    agenda: Agenda
    restarts_on: Callable[[int], bool]
    now: Callable[[], str]
    state: Body
    last: Body = field(default_factory=dict)
    ready: bool = False
    restarts: int = 0
    found: dict[str, str] = field(default_factory=dict)
    does: Behaviour = field(default_factory=Behaviour)
    logs: list[list[str]] = field(default_factory=list)
    pulls: int = 0
    instance: int = 0

    @property
    def name(self) -> str:
        """As the pod names it."""
        return str(self.body["name"])

    @property
    def running(self) -> bool:
        """Whether it runs now."""
        return "running" in self.state

    @property
    def is_sidecar(self) -> bool:
        """Whether it is an init container that goes on while the others run."""
        return self.body.get("restartPolicy") == "Always"

    @property
    def exit_code(self) -> int | None:
        """How it ended, once it did and will not be started again."""
        ended = self.state.get("terminated")
        if ended is None or (self.restarts_on(ended["exitCode"]) and not self.host.leaving):
            return None
        return int(ended["exitCode"])

    def pull(self) -> None:
        """Begin."""
        self.does = self.host.behaviour(self.body, self._environment_or_own())
        self.host.say("Pulling", f'Pulling image "{self.body["image"]}"', normal=True)
        if not self.does.pull_error:
            self._later(self.does.pulls_in, self._configure)
            return
        self.pulls += 1
        self._later(self.does.pulls_in, self._pull_failed)

    def _environment_or_own(self) -> dict[str, str]:
        try:
            return self.host.environment(self.body)
        except Missing:
            return own_environment(self.body["image"])

    def _pull_failed(self) -> None:
        image, said = self.body["image"], self.does.pull_error
        code = "NotFound" if "not found" in said else "Unknown"
        failed = f'failed to pull and unpack image "{image}": failed to resolve image: {image}: {said}'
        message = f"rpc error: code = {code} desc = {failed}"
        self._wait("ErrImagePull", message)
        self.host.say("Failed", f'Failed to pull image "{image}": {message}')
        self._later(3.0, lambda: self._wait("ImagePullBackOff", self._back_off_from(message)))
        self._later(_back_off(self.pulls), self.pull)

    def _back_off_from(self, message: str) -> str:
        self.host.say("BackOff", f'Back-off pulling image "{self.body["image"]}"', normal=True)
        return f'Back-off pulling image "{self.body["image"]}": ErrImagePull: {message}'

    def _configure(self) -> None:
        try:
            self.found = self.host.environment(self.body)
        except Missing as missing:
            self._wait("CreateContainerConfigError", str(missing))
            self.host.say("Failed", f"Error: {missing}")
            self._later(RETRIES, self._configure)
            return
        self.does = self.host.behaviour(self.body, self.found)
        self._later(STARTS, self._start)

    def _start(self) -> None:
        self.instance += 1
        self.logs.append([*self.does.log])
        self.ready = self.body.get("readinessProbe") is None
        self._become({"running": {"startedAt": self.now()}})
        self._expect_ready()
        for after, code in self._ends():
            self._while_it_runs(after, partial(self.end, code))

    def _expect_ready(self) -> None:
        probe = self.body.get("readinessProbe")
        if probe is None:
            return
        delay = float(probe.get("initialDelaySeconds", 0))
        if self.does.ready_after is not None and self._answers(probe):
            self._while_it_runs(max(delay, self.does.ready_after) + PROBES, self._get_ready)
        if self.does.ready_after != 0 or not self._answers(probe):
            self._while_it_runs(delay + PROBES, lambda: self._fail_probe(probe))

    def _answers(self, probe: Body) -> bool:
        asked = next((probe[how].get("port") for how in ("httpGet", "tcpSocket", "grpc") if how in probe), None)
        named = {port.get("name"): port["containerPort"] for port in self.body.get("ports") or ()}
        return self.does.port is None or asked is None or named.get(asked, asked) == self.does.port

    def _fail_probe(self, probe: Body) -> None:
        if self.ready:
            return
        said = "HTTP probe failed with statuscode: 503" if self._answers(probe) else "connect: connection refused"
        self.host.say("Unhealthy", f"Readiness probe failed: {said}")
        self._while_it_runs(float(probe.get("periodSeconds", 10)) * 6, lambda: self._fail_probe(probe))

    def _get_ready(self) -> None:
        self.ready = True
        self.host.changed()

    def _ends(self) -> list[tuple[float, int]]:
        ends = [] if self.does.exits_after is None else [(self.does.exits_after, self.does.exit_code)]
        probe = self.body.get("livenessProbe")
        if probe is not None and self.does.unhealthy_after is not None:
            patience = float(probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3))
            ends.append((self.does.unhealthy_after + patience, 137 if self.does.deaf else 0))
        return ends

    def end(self, code: int) -> None:
        """It stops, by itself or by a signal."""
        if not self.running:
            return
        self.logs[-1] += self.does.last_words
        started = self.state["running"]["startedAt"]
        reason = self.does.reason if code == self.does.exit_code else "Completed" if code == 0 else "Error"
        ended = {"exitCode": code, "reason": reason, "startedAt": started, "finishedAt": self.now()}
        self.ready = False
        self.instance += 1
        if self.does.unhealthy_after is not None and not self.host.leaving:
            self.host.say("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 503")
            self.host.say("Killing", f"Container {self.name} failed liveness probe, will be restarted", normal=True)
        self._become({"terminated": ended | {"containerID": f"containerd://{self.name}-{self.instance}"}})
        if self.restarts_on(code) and not self.host.leaving:
            self._later(FIRST_RESTART, self._restart)

    def leave(self) -> None:
        """The pod goes, and the container with it."""
        if self.running:
            self.end(137 if self.does.deaf else 0)
        elif "waiting" in self.state:
            unknown = "The container could not be located when the pod was terminated"
            self._become({"terminated": {"exitCode": 137, "reason": "ContainerStatusUnknown", "message": unknown}})

    def _restart(self) -> None:
        """At once the first time; from then on after a back-off that grows."""
        self.last = self.state
        if self.restarts == 0:
            self._start_again()
            return
        seconds = _back_off(self.restarts)
        metadata = self.host.pod["metadata"]
        where = f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
        self._wait("CrashLoopBackOff", f"back-off {seconds:.0f}s restarting failed container={self.name} pod={where}")
        self.host.say("BackOff", f"Back-off restarting failed container {self.name} in pod {where}")
        self._later(seconds, self._start_again)

    def _start_again(self) -> None:
        self.restarts += 1
        self._configure()

    def _wait(self, reason: str, message: str) -> None:
        self._become({"waiting": {"reason": reason, "message": message}})

    def _become(self, state: Body) -> None:
        self.state = state
        self.host.changed()

    def _later(self, seconds: float, do: Callable[[], Any]) -> None:
        self.agenda.after(seconds, lambda: None if self.host.over else do())

    def _while_it_runs(self, seconds: float, do: Callable[[], Any]) -> None:
        instance = self.instance
        self._later(seconds, lambda: do() if self.instance == instance else None)


def _back_off(times: int) -> float:
    return min(FIRST_BACK_OFF * 2.0 ** (times - 1), LONGEST_BACK_OFF)
