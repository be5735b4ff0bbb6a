"""Label selectors. Pure.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lastgood.model.resource import Body

Matches = Callable[[Mapping[str, str]], bool]
_SET = re.compile(r"\s*(\S+)\s+(in|notin)\s+\(([^)]*)\)\s*")
_EQUAL = re.compile(r"\s*([^=!\s]+)\s*(==|!=|=)\s*(\S*)\s*")
_SPLIT = re.compile(r",(?![^(]*\))")


def selecting(text: str) -> Matches:
    """What a selector as written for ``kubectl -l`` selects; everything, when it is empty."""
    parts = [_part(part) for part in _SPLIT.split(text) if part.strip()]
    return lambda labels: all(part(labels) for part in parts)


def _part(text: str) -> Matches:
    if match := _SET.fullmatch(text):
        name, word, values = match[1], match[2], {value.strip() for value in match[3].split(",")}
        return lambda labels: (labels.get(name) in values) is (word == "in")
    if match := _EQUAL.fullmatch(text):
        name, sign, value = match[1], match[2], match[3]
        return lambda labels: (labels.get(name) == value) is (sign != "!=")
    name = text.strip()
    return (lambda labels: name[1:] not in labels) if name.startswith("!") else (lambda labels: name in labels)


def labels_of(body: Body) -> dict[str, str]:
    """The labels of an object."""
    labels: dict[str, str] = body["metadata"].get("labels") or {}
    return labels
