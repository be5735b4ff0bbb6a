"""What has to be asked for: logs, nodes, and the Secrets that pods read. All at once, and only for so long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lastgood.errors import Forbidden, LastgoodError, NotFound
from lastgood.model.resource import Body, Ref, ref_of
from lastgood.permitting import right_to_see
from lastgood.ports import Cluster

LINES = 100
"""Of each instance of a container."""
NODES = 6
WITHIN = 2.0
"""Seconds for all of it: what was good before has to come back."""

STATUSES = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")
CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


class LogKey(NamedTuple):
    """Whose log: which pod, which container, and whether that of the instance before."""

    pod: Ref
    container: str
    previous: bool

    def __str__(self) -> str:
        return f"the log of {self.pod.name}/{self.container}{' before its restart' if self.previous else ''}"


@dataclass(frozen=True, slots=True)
class Found:
    """What could be read; ``notes`` say what could not be."""

    logs: Mapping[LogKey, str]
    nodes: tuple[Body, ...]
    secrets: tuple[Body, ...]
    notes: tuple[str, ...]


async def read(cluster: Cluster, pods: list[Body], known: frozenset[Ref]) -> Found:
    """The last lines of these pods' containers, their nodes, and the Secrets that they read and nobody knows yet."""
    logs = list(dict.fromkeys(key for pod in pods for key in log_keys(pod)))
    nodes = list(dict.fromkeys(filter(None, map(_node_of, pods))))[:NODES]
    secrets = list(dict.fromkeys(ref for pod in pods for ref in secret_refs(pod) if ref not in known))
    answers = await _within(
        {key: _log(cluster, key) for key in logs} | {ref: _body(cluster, ref) for ref in (*nodes, *secrets)}
    )
    notes = [note for key, answer in answers.items() if (note := _note(key, answer, secrets))]
    return Found(
        logs={key: answer for key in logs if isinstance(answer := answers[key], str)},
        nodes=tuple(answer for ref in nodes if isinstance(answer := answers[ref], dict)),
        secrets=tuple(answer for ref in secrets if isinstance(answer := answers[ref], dict)),
        notes=tuple(dict.fromkeys(notes)),
    )


async def _within(work: dict[Any, Any]) -> dict[Any, Any]:
    """The answers of all that answered in time; an error where one came, ``TimeoutError`` where nothing did."""
    tasks = {key: asyncio.ensure_future(one) for key, one in work.items()}
    try:
        if tasks:
            await asyncio.wait(tasks.values(), timeout=WITHIN)
    finally:
        for task in tasks.values():
            task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    return {key: TimeoutError() if task.cancelled() else task.result() for key, task in tasks.items()}


async def _log(cluster: Cluster, key: LogKey) -> str | LastgoodError:
    try:
        return await cluster.logs(key.pod, key.container, previous=key.previous, lines=LINES)
    except LastgoodError as error:
        return error


async def _body(cluster: Cluster, ref: Ref) -> Body | LastgoodError:
    """Whether it may be read is asked first: nobody has to explain a refusal that was expected."""
    try:
        denied = await cluster.denied([right_to_see(ref)])
        if denied:
            return Forbidden(f"there is no right to {denied[0]}")
        return (await cluster.read([ref])).get(ref) or NotFound("it is not there")
    except LastgoodError as error:
        return error


def _note(key: LogKey | Ref, answer: object, secrets: list[Ref]) -> str:
    """What could not be had, and why; what is not there has nothing to say."""
    if not isinstance(answer, Exception) or isinstance(answer, NotFound):
        return ""
    why = "took too long" if isinstance(answer, TimeoutError) else f"could not be read: {answer}"
    if isinstance(key, LogKey):
        return f"{key} {why}"
    if key in secrets:
        return f"{key} {why}; if its values are in these lines, they are not masked"
    return f"the conditions of {key} {why}"


# --- what to ask for


def log_keys(pod: Body) -> Iterator[LogKey]:
    """The logs of a pod: of what has run, and of the instance before where it was started again."""
    for status in statuses(pod):
        state, last = status.get("state") or {}, status.get("lastState") or {}
        if "running" in state or "terminated" in state or "terminated" in last:
            yield LogKey(ref_of(pod), status["name"], previous=False)
        if status.get("restartCount"):
            yield LogKey(ref_of(pod), status["name"], previous=True)


def statuses(pod: Body) -> list[dict[str, Any]]:
    """How its containers are, in the order in which they start."""
    return [one for field in STATUSES for one in (pod.get("status") or {}).get(field) or ()]


def secret_refs(pod: Body) -> Iterator[Ref]:
    """The Secrets that its containers read, from their environment or from files."""
    spec = pod.get("spec") or {}
    containers = [one for field in CONTAINERS for one in spec.get(field) or ()]
    names = [*_from_environment(containers), *_from_volumes(spec.get("volumes") or ())]
    yield from (Ref("", "Secret", pod["metadata"].get("namespace", ""), name) for name in names if name)


def _from_environment(containers: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for one in containers:
        yield from ((source.get("secretRef") or {}).get("name", "") for source in one.get("envFrom") or ())
        sources = ((variable.get("valueFrom") or {}).get("secretKeyRef") or {} for variable in one.get("env") or ())
        yield from (source.get("name", "") for source in sources)


def _from_volumes(volumes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for volume in volumes:
        yield (volume.get("secret") or {}).get("secretName", "")
        parts = (volume.get("projected") or {}).get("sources") or ()
        yield from ((part.get("secret") or {}).get("name", "") for part in parts)


def _node_of(pod: Body) -> Ref | None:
    name = (pod.get("spec") or {}).get("nodeName")
    return Ref("", "Node", "", name) if name else None
