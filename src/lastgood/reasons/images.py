"""Why an image cannot be pulled, read from the words of runtimes and registries. Pure.

The kubelet hands on what the runtime says, and the runtime what the registry says: there are no codes, only text.
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/kubelet/images/image_manager.go
https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PULLS = frozenset({"ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"})
"""Reasons whose message says what really is the matter."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a pull failed of: what to look for, and how to say it."""

    pattern: str
    words: str


PASSING = (
    Trouble(r"no such host|server misbehaving|lookup \S+ on ", "the registry's name cannot be resolved"),
    Trouble(
        r"connection refused|connection reset|no route to host|network is unreachable|broken pipe",
        "the registry cannot be reached",
    ),
    Trouble(
        r"i/o timeout|TLS handshake timeout|deadline ?exceeded|Client\.Timeout|\bEOF\b",
        "the registry does not answer",
    ),
    Trouble(r"toomanyrequests|too many requests|\b429\b|rate limit", "the registry allows no more pulls for now"),
    Trouble(
        r"\b50[0234]\b|internal server error|bad gateway|service unavailable|gateway time-?out"
        r"|registry is unavailable",
        "the registry is in trouble",
    ),
    Trouble(r"x509|certificate", "the registry's certificate is not trusted"),
)
"""What may be over a moment later. Looked for first: a message that also speaks of the network is not certain, since
it may tell of several mirrors."""

CERTAIN = (
    Trouble(
        r"unauthorized|authentication required|no basic auth credentials|authorization failed|denied"
        r"|insufficient_scope|forbidden|\b40[13]\b",
        "access denied",
    ),
    Trouble(
        r"invalid reference|couldn't parse image|invalid image|InvalidImageName|repository name must be",
        "not a valid name",
    ),
    Trouble(
        r"no match for platform|does not match the specified platform|no matching manifest",
        "there is none for this platform",
    ),
    Trouble(
        r"not found|manifest unknown|name unknown|MANIFEST_UNKNOWN|NAME_UNKNOWN|does not exist|\b404\b", "not found"
    ),
)
"""What does not pass by waiting."""


def trouble_in(message: str) -> Trouble | None:
    """What a message of a failed pull speaks of, if it speaks of anything known."""
    return next((one for one in PASSING + CERTAIN if re.search(one.pattern, message, re.IGNORECASE)), None)


def pull_message(waiting: Mapping[str, Any], image: str, events: tuple[Mapping[str, Any], ...]) -> str:
    """The fullest account of a failed pull: the waiting state's, or an event's where the state only says back-off."""
    message = str(waiting.get("message") or "")
    if trouble_in(without_name(message, image)):
        return message
    told = [str(event.get("message") or "") for event in events if event.get("reason") == "Failed"]
    return next((text for text in reversed(told) if image and image in text), message)


def without_name(message: str, image: str) -> str:
    """The message without the image's own name, which may hold any word (``shop/not-found:404``)."""
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    words = (word for word in message.split() if not (name and name in word and any(mark in word for mark in '/:"')))
    return " ".join(words)


def pull_detail(image: str, message: str) -> tuple[str, bool]:
    """What to say of a failed pull, and whether it is certain to fail again."""
    found = trouble_in(without_name(message, image))
    if found:
        return f"{image}: {found.words}", found in CERTAIN
    rest = _last_clause(message)
    return f"{image}: {rest}" if rest else f"{image} cannot be pulled", False


def _last_clause(message: str) -> str:
    if re.fullmatch(r'(Back-off )?[Pp]ulling image( ".*")?', message.strip()):
        return ""
    return message.rpartition("desc = ")[2]
