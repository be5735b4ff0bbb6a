"""Why no node takes a pod: the scheduler's message in words, with what the pod asks for. Pure.

``0/2 nodes are available: 2 Insufficient memory. preemption: …`` becomes ``0 of 2 nodes: 2 have too little memory; it
asks for 64Gi``. What is not known is told as the scheduler has it.
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/scheduler/framework/types.go (FitError)
https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/scheduler/framework/plugins
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.reasons.asking import affinity, asked, claims, ports, selector

Spec = Mapping[str, Any]
Asks = Callable[[Spec, re.Match[str]], str]
"""What of the pod's spec goes with a sentence; empty for nothing."""

_MESSAGE = re.compile(r"0/(\d+) nodes are available: (.*)", re.DOTALL)
_PARTS = re.compile(r", (?=\d+ )")
_COUNTED = re.compile(r"(\d+) (.*)", re.DOTALL)


def _nothing(_spec: Spec, _found: re.Match[str]) -> str:
    return ""


def _amount(spec: Spec, found: re.Match[str]) -> str:
    amount = asked(spec, found[1])
    return amount if found[1] == "memory" or not amount else f"{amount} {found[1]}"


def _its_claims(spec: Spec, _found: re.Match[str]) -> str:
    return f"the claim {claims(spec)}" if claims(spec) else ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What the scheduler says of some nodes, and what is said here: of one node, and of several."""

    pattern: re.Pattern[str]
    one: str
    more: str
    asks: Asks = _nothing


def _of(pattern: str, one: str, more: str, asks: Asks = _nothing) -> Sentence:
    return Sentence(re.compile(pattern), one, more, asks)


NODES = (
    _of(r"Insufficient (\S+)", "has too little {0}", "have too little {0}", _amount),
    _of(r"Too many pods", "has all the pods that it may have", "have all the pods that they may have"),
    _of(
        r"node\(s\) didn't match Pod's node affinity/selector",
        "is not of the sort that it wants",
        "are not of the sort that it wants",
        lambda spec, _: affinity(spec) or selector(spec),
    ),
    _of(
        r"node\(s\) had untolerated taint\(s\)",
        "has a taint that it does not tolerate",
        "have taints that it does not tolerate",
    ),
    _of(r"node\(s\) had untolerated taint \{(.*)\}", "has the taint {0}", "have the taint {0}"),
    _of(r"node\(s\) were unschedulable", "is cordoned", "are cordoned"),
    _of(
        r"node\(s\) didn't have free ports for the requested pod ports",
        "has a port in use that it wants",
        "have a port in use that it wants",
        lambda spec, _: ports(spec),
    ),
    _of(
        r"node\(s\) had no available volume zone",
        "is in another zone than its volume",
        "are in another zone than its volume",
    ),
    _of(
        r"node\(s\) (?:didn't match PersistentVolume's node affinity|had volume node affinity conflict)",
        "cannot reach its volume",
        "cannot reach its volume",
        _its_claims,
    ),
    _of(
        r"node\(s\) didn't find available persistent volumes to bind",
        "has no volume for its claim",
        "have no volume for its claim",
        _its_claims,
    ),
    _of(
        r"node\(s\) did not have enough free storage",
        "has too little storage",
        "have too little storage",
        _its_claims,
    ),
    _of(
        r"node\(s\) unavailable due to one or more pvc\(s\) bound to non-existent pv\(s\)",
        "lacks its volume, which is gone",
        "lack its volume, which is gone",
        _its_claims,
    ),
    _of(
        r"node\(s\) unavailable due to PersistentVolumeClaim with ReadWriteOncePod.*",
        "is out: another pod has its claim",
        "are out: another pod has its claim",
        _its_claims,
    ),
    _of(
        r"node\(s\) exceed max volume count",
        "has all the volumes that it may have",
        "have all the volumes that they may have",
    ),
    _of(r"node\(s\) had no available disk", "has its disk in use", "have its disk in use"),
    _of(
        r"node\(s\) didn't match pod affinity rules",
        "is not beside the pods that it wants",
        "are not beside the pods that it wants",
    ),
    _of(
        r"node\(s\) didn't match pod anti-affinity rules",
        "has a pod that it keeps away from",
        "have a pod that it keeps away from",
    ),
    _of(
        r"node\(s\) didn't satisfy existing pods anti-affinity rules",
        "has a pod that keeps it away",
        "have a pod that keeps it away",
    ),
    _of(
        r"node\(s\) didn't match pod topology spread constraints( \(missing required label\))?",
        "would break how it is to be spread",
        "would break how it is to be spread",
    ),
    _of(
        r"node\(s\) didn't match the requested node name",
        "has another name than it wants",
        "have other names than it wants",
        lambda spec, _: str(spec.get("nodeName") or ""),
    ),
)
"""What is said of nodes, as the scheduler's plugins write it."""

CLAIM = re.compile(r'persistentvolumeclaim "([^"]+)" not found')
UNBOUND = re.compile(r"pod has unbound immediate PersistentVolumeClaims")


def unplaced(message: str, spec: Spec) -> str:
    """Why the scheduler finds no node for a pod of this spec."""
    said = message.partition(". ")[0].rstrip(".")  # it goes on about preemption
    found = _MESSAGE.match(said)
    if not found:
        return said
    return _of_the_pod(found[2], spec) or _of_the_nodes(int(found[1]), found[2], spec)


def lacks_claim(message: str) -> bool:
    """Whether a claim that the pod names is not there, which more nodes would not change."""
    return CLAIM.search(message) is not None


def _of_the_pod(said: str, spec: Spec) -> str:
    """What holds for every node, since it is about the pod itself."""
    missing = CLAIM.match(said)
    if missing:
        return f"its PersistentVolumeClaim {missing[1]} is not there"
    if UNBOUND.match(said):
        return f"its PersistentVolumeClaim is not bound ({claims(spec)})" if claims(spec) else ""
    return ""


def _of_the_nodes(total: int, said: str, spec: Spec) -> str:
    parts = [_counted(part, spec) for part in _PARTS.split(said)]
    asks = dict.fromkeys(ask for _, ask in parts if ask)
    wants = f"; it asks for {', '.join(asks)}" if asks else ""
    return f"0 of {total} nodes: {', '.join(words for words, _ in parts)}{wants}"


def _counted(part: str, spec: Spec) -> tuple[str, str]:
    """One part in words, and what the pod asks for there."""
    counted = _COUNTED.fullmatch(part)
    for sentence in NODES if counted else ():
        found = sentence.pattern.fullmatch(counted[2]) if counted else None
        if found and counted:
            says = sentence.one if counted[1] == "1" else sentence.more
            return f"{counted[1]} {says.format(*map(_tidy, found.groups()))}", sentence.asks(spec, found)
    return part, ""


def _tidy(word: str | None) -> str:
    return (word or "").strip().rstrip(":")
