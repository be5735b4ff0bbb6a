"""What stands deeper in a status: conditions, words, flags and errors of its parts. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from lastgood.kinds.generic.condition import PARTS
from lastgood.kinds.generic.conditions import conditions_say
from lastgood.kinds.generic.counts import counts_say
from lastgood.kinds.generic.facts import Facts, mapping_of, text_of
from lastgood.kinds.generic.own import is_of_the_past, own_say
from lastgood.kinds.generic.reading import plain, word_says
from lastgood.kinds.generic.signals import Signal
from lastgood.kinds.generic.words import listed
from lastgood.model.health import Status

DEEPEST = 4
"""Steps below the status; what stands deeper is a copy of something else."""

MOST = 200
"""Entries of one list or mapping that are read."""

ELSEWHERE = frozenset(PARTS) | listed(
    """
    archive atprovider attempts events history log logs manifest manifests metadata records spec template
    """
)
"""What is read with the conditions, was, or is a copy of another object."""

BAD = (Status.FAILED, Status.IN_PROGRESS)


def inner_say(facts: Facts) -> Iterator[Signal]:
    """Bad news of the parts, as hints: it counts where nothing plainer says that all is well.

    ``status.connections[].status: error``, ``status.bindings[].conditions``. Good news of a part says nothing of the
    whole. A kind of which it is known where to look has no other place.
    """
    if facts.known.only_words or facts.known.conditions is not None:
        return
    for path, part in _inner("status", facts.status, DEEPEST):
        yield from _waits(path, part)
        inside = replace(facts, status=part, observed=None, known=replace(facts.known, words=()))
        is_run = inside.has_ended  # its counts are of a run that is over
        for told in (conditions_say, own_say) if is_run else (conditions_say, own_say, counts_say):
            yield from (_within(path, one) for one in told(inside) if one.status in BAD)


def _inner(path: str, value: Mapping[str, Any], depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, one in islice(value.items(), MOST):
        if not depth or plain(key) in ELSEWHERE or is_of_the_past(key):
            continue
        for entry in _entries(key, one):
            is_condition = isinstance(entry.get("type"), str) and isinstance(entry.get("status"), str)
            yield f"{path}.{key}", {"conditions": [entry]} if is_condition else entry
            yield from _inner(f"{path}.{key}", entry, depth - 1)


def _entries(key: str, value: Any) -> Iterator[Mapping[str, Any]]:
    """The mapping, or those in the list; of conditions only the last one if it has no type, since they are a diary."""
    if isinstance(value, Mapping) and key != "conditions":
        yield mapping_of(value)
    entries = value if isinstance(value, list) else []
    for one in entries[-1:] if key == "conditions" else entries[:MOST]:
        if isinstance(one, Mapping) and not (key == "conditions" and "type" in one):
            yield mapping_of(one)


def _waits(path: str, part: Mapping[str, Any]) -> Iterator[Signal]:
    """``waiting: {reason: ImagePullBackOff}``: a container's state, as Kubernetes writes it of pods.

    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states
    """
    waiting = mapping_of(part.get("waiting"))
    reason = text_of(waiting.get("reason"))
    if reason:
        status = Status.FAILED if word_says(reason) is Status.FAILED else Status.IN_PROGRESS
        said = f"{path}.waiting.reason is {reason}"
        yield Signal(status, said, said, text_of(waiting.get("message")), is_hint=status is Status.IN_PROGRESS)


def _within(path: str, one: Signal) -> Signal:
    """A signal of a part, named by where the part stands."""
    rule, sentence = (_at(path, text) for text in (one.rule, one.sentence))
    return replace(one, rule=rule, sentence=sentence, is_hint=True, is_of_now=False, has_given_up=False)


def _at(path: str, text: str) -> str:
    return f"{path}.{text.removeprefix('status.')}" if text.startswith("status.") else f"{path}: {text}"
