"""What only the log of a container tells of why it ended, added to what is said of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lastgood.model.evidence import ContainerEvidence, Evidence
from lastgood.model.health import Cause, Judged
from lastgood.model.resource import Ref

LAST_LINES = 5
"""Of a log: what comes before may be a trouble that it got over."""

TELLING: Mapping[str, str] = {
    "exec format error": "its program is made for another sort of processor",
    "address already in use": "a port that it wants is in use",
}
"""What the kernel says, which the runtime or the program leaves in the log, and what it means."""


def explained(judged: Iterable[Judged], evidence: Evidence) -> tuple[Judged, ...]:
    """The same, with causes whose containers left a word in their logs that says more than an exit code."""
    ended = {(pod.ref, one.name): one for pod in evidence.pods for one in pod.containers if one.exit_code}
    return tuple(_explained(one, ended) for one in judged)


def retold(sentence: str, before: Iterable[Judged], after: Iterable[Judged]) -> str:
    """A sentence in which the causes are told as they were explained."""
    for old, new in zip(before, after, strict=True):
        if old.cause and new.cause:
            sentence = sentence.replace(old.cause.sentence, new.cause.sentence)
    return sentence


def _explained(judged: Judged, ended: Mapping[tuple[Ref, str], ContainerEvidence]) -> Judged:
    cause = judged.cause
    container = ended.get((cause.source, cause.container)) if cause and cause.source else None
    meaning = _meaning(container.logs) if container else ""
    return replace(judged, cause=_with(cause, meaning)) if cause and meaning else judged


def _meaning(log: str) -> str:
    end = "\n".join(log.splitlines()[-LAST_LINES:])
    return next((meaning for words, meaning in TELLING.items() if words in end), "")


def _with(cause: Cause, meaning: str) -> Cause:
    told = cause.sentence.removesuffix(f" ({cause.reason})")
    return replace(cause, sentence=f"{told}: {meaning} ({cause.reason})")
