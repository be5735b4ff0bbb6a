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

from lastgood.model.resource import Body
from lastgood.reasons.events import happened, newest

PULLS = frozenset({"ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"})
"""Reasons whose message says what really is the matter."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a pull failed of: what to look for, and how to say it.

    Certain ones end the wait at once; hopeless ones after ``grace`` seconds, or after the table's where that is None.
    """

    pattern: str
    words: str
    hopeless: bool = True
    grace: float | None = None


AWAY = 60.0
"""Seconds for a registry that may be back soon: the kubelet tries at once, after 10 s, and 20 s later once more."""


PASSING = (
    Trouble(r"no such host|server misbehaving|lookup \S+ on ", "the registry's name cannot be resolved"),
    Trouble(
        r"connection refused|connection reset|no route to host|network is unreachable|broken pipe",
        "the registry cannot be reached",
        grace=AWAY,
    ),
    Trouble(
        r"i/o timeout|TLS handshake timeout|deadline ?exceeded|Client\.Timeout|\bEOF\b",
        "the registry does not answer",
        grace=AWAY,
    ),
    Trouble(
        r"toomanyrequests|too many requests|\b429\b|rate limit|pull QPS exceeded",
        "the registry allows no more pulls for now",
        hopeless=False,
    ),
    Trouble(
        r"\b50[0234]\b|internal server error|bad gateway|service unavailable|gateway time-?out"
        r"|registry is unavailable",
        "the registry is in trouble",
        grace=AWAY,
    ),
    Trouble(r"x509|certificate", "the registry's certificate is not trusted"),
)
"""What may be over a moment later. Looked for first: a message that also speaks of the network is not certain, since
it may tell of several mirrors."""

DENIED = Trouble(
    r"unauthorized|authentication required|no basic auth credentials|authorization failed|denied"
    r"|insufficient_scope|forbidden|\b40[13]\b",
    "access denied",
    grace=0.0,
)
ABSENT = Trouble(
    r"not found|manifest unknown|name unknown|MANIFEST_UNKNOWN|NAME_UNKNOWN|does not exist|\b404\b",
    "not found",
    grace=0.0,
)
CERTAIN = (
    DENIED,
    Trouble(
        r"invalid reference|couldn't parse image|invalid image|InvalidImageName|repository name must be",
        "not a valid name",
        grace=0.0,
    ),
    Trouble(
        r"no match for platform|does not match the specified platform|no matching manifest",
        "there is none for this platform",
        grace=0.0,
    ),
    ABSENT,
)
"""What does not pass by waiting."""


def trouble_in(message: str) -> Trouble | None:
    """What a message of a failed pull speaks of, if it speaks of anything known."""
    return next((one for one in PASSING + CERTAIN if re.search(one.pattern, message, re.IGNORECASE)), None)


def pull_message(waiting: Mapping[str, Any], image: str, events: tuple[Body, ...]) -> str:
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


@dataclass(frozen=True, slots=True)
class Pull:
    """What to say of a failed pull, and how it counts; ``grace`` None leaves that to the table.

    ``again`` says that it is being tried once more at this moment.
    """

    detail: str
    hopeless: bool = True
    grace: float | None = None
    again: bool = False


def failed_pull(image: str, message: str, events: tuple[Body, ...] = ()) -> Pull:
    """What a failed pull means, from its message and from what the pod's events say beside it.

    A registry that knows nobody may say "not found" as well, and a pull secret may come a moment later.
    """
    found = trouble_in(without_name(message, image))
    secrets = missing_secrets(events) if found in (DENIED, ABSENT) else ""
    if found and secrets:
        return Pull(f"{image}: {found.words}, and its pull secret {secrets} is not there")
    if found in CERTAIN:
        return Pull(f"{image}: {found.words}", grace=found.grace)
    detail = f"{image}: {found.words}" if found else _as_told(image, message)
    if is_being_pulled(events):
        return Pull(f"{detail}; it is being pulled again", again=True)
    return Pull(detail, hopeless=found.hopeless, grace=found.grace) if found else Pull(detail)


def missing_secrets(events: tuple[Body, ...]) -> str:
    """The pull secrets that the kubelet could not find.

    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/kubelet/kubelet_pods.go (getPullSecretsForPod)
    """
    told = newest(events, {"FailedToRetrieveImagePullSecret"})
    found = re.search(r"pull secrets \(([^)]+)\)", str((told or {}).get("message") or ""))
    return found[1] if found else ""


def is_being_pulled(events: tuple[Body, ...]) -> bool:
    """Whether the last that happened is another try: meanwhile the state still tells of the one before.

    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/kubelet/kubelet_pods.go (convertToAPIContainerStatuses)
    """
    begun, ended = newest(events, {"Pulling"}), newest(events, {"Failed", "BackOff", "Pulled"})
    return begun is not None and ended is not None and happened(begun) > happened(ended)


def _as_told(image: str, message: str) -> str:
    rest = _last_clause(message)
    return f"{image}: {rest}" if rest else f"{image} cannot be pulled"


def _last_clause(message: str) -> str:
    if re.fullmatch(r'(Back-off )?[Pp]ulling image( ".*")?', message.strip()):
        return ""
    return message.rpartition("desc = ")[2]
