"""Annotations by which a resource says how it is deployed: whether they are spelled and written right. Pure.

One that is misspelled would be left alone, and with it what it was to prevent.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

PREFIX = "harness.io/"
SWITCHES = (
    "harness.io/skip-versioning",
    "harness.io/direct-apply",
    "harness.io/managed-workload",
    "harness.io/skipPruning",
    "harness.io/primary-service",
    "harness.io/stage-service",
)
"""Each is true or false."""

CONDITIONS = ("harness.io/steadyStateCondition", "harness.io/failureCondition")
SKIP_FILE = "harness.io/skip-file-for-deploy"
"""What is no annotation, but the first line of a file."""

KNOWN = (*SWITCHES, *CONDITIONS)
NEAR = 0.85


def switch_problems(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What is wrong: the annotation, one clause, and what to do."""
    metadata = body.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    for name, value in annotations.items() if isinstance(annotations, Mapping) else ():
        if name in SWITCHES:
            if str(value if value is not None else "").lower() not in ("true", "false", ""):
                yield name, f'is "{value}", and has to be true or false', 'write "true", or leave it out'
        elif name == SKIP_FILE:
            yield name, "is no annotation", f"write # {SKIP_FILE} as the very first line of the file"
        elif name.startswith(PREFIX) and name not in KNOWN and (meant := _meant(name)):
            yield name, "there is no such annotation", f"did you mean {meant}?"


def _meant(name: str) -> str:
    """The annotation that this is a misspelling of; empty where it is none."""
    plain = {_letters(one): one for one in KNOWN}
    near = difflib.get_close_matches(_letters(name), plain, n=1, cutoff=NEAR)
    return plain[near[0]] if near else ""


def _letters(name: str) -> str:
    return name.removeprefix(PREFIX).replace("-", "").replace("_", "").lower()
