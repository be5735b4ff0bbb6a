"""What is kept of a failure, as text."""

from __future__ import annotations

from collections.abc import Iterator

from lastgood.cli.lines import Line, Tone
from lastgood.cli.words import count, one_line
from lastgood.model.evidence import ConditionLine, ContainerEvidence, EventLine, Evidence, PodEvidence

LAST_WORDS = 10
WELL = frozenset({"Ready", "Available", "Progressing"})
"""Conditions that say something bad when they are not True; all others when they are."""


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
    """Pods, containers with all the lines that were kept, events, conditions, and what could not be read."""
    for pod in evidence.pods:
        yield from _pod(pod)
    if evidence.events:
        yield Line("events:")
        yield from (Line(f"  {event_text(one)}", _tone(one)) for one in evidence.events)
    if evidence.conditions:
        yield Line("conditions:")
        yield from map(_condition, evidence.conditions)
    yield from (Line(f"not kept: {note}") for note in evidence.notes)


def event_text(one: EventLine) -> str:
    """An event on one line: when, how bad, why, what about, and how often."""
    times = f" (x{one.count})" if one.count > 1 else ""
    return f"{one.at}  {one.type}  {one.reason}  {one.about}: {one_line(one.message)}{times}"


def _pod(pod: PodEvidence) -> Iterator[Line]:
    yield Line(f"{pod.ref} ({pod.phase}):")
    for container in pod.containers:
        yield Line(f"  {_state(container)}")
        yield Line(f"    image {container.image}")
        if container.message:
            yield Line(f"    {one_line(container.message)}")
        yield from _log(container.logs)
        if container.other_logs:
            yield Line("    since it was started again:" if container.previous else "    the instance before:")
            yield from _log(container.other_logs)


def _log(log: str) -> Iterator[Line]:
    yield from (Line(f"    | {line}", Tone.QUIET) for line in log.rstrip().splitlines())


def _state(one: ContainerEvidence) -> str:
    sort = "init container" if one.init else "container"
    said = [f"{sort} {one.name}: {one.state}" + (f" ({one.reason})" if one.reason else "")]
    said += [f"exit code {one.exit_code}"] if one.exit_code is not None else []
    said += [count(one.restarts, "restart")] if one.restarts else []
    return ", ".join(said)


def _tone(one: EventLine) -> Tone:
    return Tone.CHANGED if one.type == "Warning" else Tone.PLAIN


def _condition(one: ConditionLine) -> Line:
    words = [f"{one.type} is {one.status}" + (f" ({one.reason})" if one.reason else "")]
    words += [one_line(one.message)] if one.message else []
    is_well = one.status == ("True" if one.type in WELL else "False")
    return Line(f"  {one.about}: {': '.join(words)}", Tone.PLAIN if is_well else Tone.CHANGED)
