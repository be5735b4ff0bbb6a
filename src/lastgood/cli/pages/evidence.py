"""What is kept of a failure, as text."""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.cli.lines import Line, Tone
from lastgood.cli.words import one_line
from lastgood.model.evidence import ContainerEvidence, EventLine, Evidence, PodEvidence

LAST_WORDS = 10


def last_words(evidence: Evidence) -> Iterator[Line]:
    """The first container that left anything to read, and the last lines of it."""
    found = evidence.last_words
    if found is None:
        return
    pod, container = found
    yield Line(f"{pod.ref}, {_state(container)}; its last words:")
    for line in container.logs.rstrip().splitlines()[-LAST_WORDS:]:
        yield Line(f"  | {line}", Tone.QUIET)


def whole(evidence: Evidence) -> Iterator[Line]:
    """Pods, containers with all the lines that were kept, events, and what could not be read."""
    for pod in evidence.pods:
        yield from _pod(pod)
    if evidence.events:
        yield Line("events:")
        yield from (_event(one) for one in evidence.events)
    yield from (Line(f"not kept: {note}") for note in evidence.notes)


def _pod(pod: PodEvidence) -> Iterator[Line]:
    yield Line(f"{pod.ref} ({pod.phase}):")
    for container in pod.containers:
        yield Line(f"  {_state(container)}")
        yield Line(f"    image {container.image}")
        if container.message:
            yield Line(f"    {one_line(container.message)}")
        yield from (Line(f"    | {line}", Tone.QUIET) for line in container.logs.rstrip().splitlines())


def _state(one: ContainerEvidence) -> str:
    said = [f"container {one.name}: {one.state}" + (f" ({one.reason})" if one.reason else "")]
    said += [f"exit code {one.exit_code}"] if one.exit_code is not None else []
    said += [f"restarted {one.restarts} times"] if one.restarts else []
    return ", ".join(said)


def _event(one: EventLine) -> Line:
    times = f" (x{one.count})" if one.count > 1 else ""
    tone = Tone.CHANGED if one.type == "Warning" else Tone.PLAIN
    return Line(f"  {one.at}  {one.type}  {one.reason}  {one.about}: {one_line(one.message)}{times}", tone)
