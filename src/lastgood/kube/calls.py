"""One request to the API and its answer, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

import msgspec

from lastgood.errors import Unreachable
from lastgood.model.resource import Ref

T = TypeVar("T")

JSON = "application/json"
APPLY = "application/apply-patch+yaml"  # YAML, and so JSON as well
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"


class Repeat(Enum):
    """When a request may be sent again after it failed."""

    ANYTIME = "anytime"  # twice is as once: it only reads, or a guard refuses the second
    IF_UNSENT = "if unsent"  # only when it is certain that the server never worked on it


@dataclass(frozen=True, slots=True)
class Call:
    """A request. ``path`` and ``query`` are plain text, not yet quoted; ``ref`` is what it is about, for messages.

    An ``urgent`` one does not wait until others are done: a Lease is renewed while slow webhooks hold up the writes.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = JSON
    accept: str = JSON
    ref: Ref | None = None
    repeat: Repeat = Repeat.ANYTIME
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``server`` is who said it, for messages; ``retry_after`` is in seconds."""

    status: int
    body: bytes
    server: str = ""
    retry_after: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the server did as it was asked."""
        return 200 <= self.status < 300

    def decode(self, type_: type[T]) -> T:
        """The body as this type; raises ``Unreachable`` when it is not what the API would have sent."""
        try:
            return msgspec.json.decode(self.body, type=type_)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Unreachable(
                f"{self.server or 'the server'} does not answer as a Kubernetes API server",
                hint="is the address in the kubeconfig right, or does a proxy or a login page stand in between?",
            ) from error
