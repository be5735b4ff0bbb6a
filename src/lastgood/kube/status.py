"""The API's answer to what it does not do, decoded. Pure."""

from __future__ import annotations

import msgspec

from lastgood.kube.calls import Answer


class Cause(msgspec.Struct, frozen=True):
    """One of the causes in a Status."""

    reason: str = ""
    message: str = ""
    field: str = ""


class Details(msgspec.Struct, frozen=True):
    """What a Status is about."""

    name: str = ""
    kind: str = ""
    causes: tuple[Cause, ...] | None = None
    retryAfterSeconds: int = 0  # noqa: N815 - the API's name


class Status(msgspec.Struct, frozen=True):
    """The API's answer to what it does not do.

    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
    """

    message: str = ""
    reason: str = ""
    code: int = 0
    details: Details | None = None

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The causes, if it gives any."""
        return (self.details and self.details.causes) or ()


def status_of(answer: Answer) -> Status:
    """What the API says; of what is no Status (a proxy's page), its beginning."""
    try:
        return msgspec.json.decode(answer.body, type=Status)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Status(message=_plain(answer.body), code=answer.status)


def _plain(body: bytes) -> str:
    text = body[:300].decode("utf-8", "replace").strip()
    return "(an HTML page)" if text.startswith("<") else text
