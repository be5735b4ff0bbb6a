"""What a failed request means: the client's exceptions and the API's Status become our errors, here and nowhere else.

Pure.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import httpx2

from lastgood.errors import ClusterError, Conflict, Forbidden, NotFound, Rejected, Unreachable
from lastgood.kube.calls import Answer, Call
from lastgood.kube.sentences import hint_for, sentence_of
from lastgood.kube.status import Details, Status, status_of

V = TypeVar("V")

CLIENT_ERRORS = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.CookieConflict, httpx2.StreamError, OSError)


class Trouble(Enum):
    """What is known of a request that failed, for whoever thinks of sending it again."""

    BUSY = "busy"  # refused before any work was done on it; ask again later
    UNSENT = "unsent"  # it never reached the server
    UNCERTAIN = "uncertain"  # it may have been done
    FAILING = "failing"  # the server failed at it, and may not the next time
    FINAL = "final"  # it would fail again


@dataclass(frozen=True, slots=True)
class Fault:
    """A failed request: the error to raise, and whether to try again before that. ``retry_after`` is in seconds.

    ``dropped`` says that the connection broke, so that another one may do better.
    """

    error: ClusterError
    trouble: Trouble
    retry_after: float | None = None
    dropped: bool = False
    cause: Exception | None = None


class Gone(NotFound):
    """What a LIST or a watch wants to go on from is no longer kept (410): begin again. Never leaves this package."""


# --- the client's exceptions

_TROUBLE: dict[type[BaseException], Trouble] = {
    httpx2.ConnectError: Trouble.UNSENT,
    httpx2.ConnectTimeout: Trouble.UNSENT,
    httpx2.PoolTimeout: Trouble.UNSENT,
    httpx2.ProxyError: Trouble.UNSENT,
    httpx2.UnsupportedProtocol: Trouble.FINAL,
    httpx2.InvalidURL: Trouble.FINAL,
    httpx2.CookieConflict: Trouble.FINAL,
    httpx2.LocalProtocolError: Trouble.FINAL,
    httpx2.DecodingError: Trouble.FINAL,
    httpx2.TooManyRedirects: Trouble.FINAL,
    httpx2.HTTPStatusError: Trouble.FINAL,
    httpx2.StreamError: Trouble.FINAL,
    httpx2.HTTPError: Trouble.UNCERTAIN,  # timeouts, lost connections, broken protocol
    OSError: Trouble.UNCERTAIN,
}

_WORDS: dict[type[BaseException], str] = {
    httpx2.ConnectTimeout: "{server} does not answer: no connection within the time allowed",
    httpx2.ConnectError: "{server} cannot be reached: {detail}",
    httpx2.ProxyError: "the proxy does not lead to {server}: {detail}",
    httpx2.UnsupportedProtocol: "{server} is not the address of an API server: {detail}",
    httpx2.InvalidURL: "{server} is not the address of an API server: {detail}",
    httpx2.TimeoutException: "{server} took a request and did not answer it in time",
    httpx2.LocalProtocolError: "a request to {server} could not be sent: {detail}",
    httpx2.RequestError: "the connection to {server} was lost: {detail}",
}

NO_NAMESPACE = (
    "create it first, or deploy it as well; --create-namespace makes none but the one where the release lives"
)

_ADDRESS_HINT = "check the address in the kubeconfig, the network, a VPN and a proxy"


def fault_of_exception(error: Exception, server: str) -> Fault:
    """What an exception of the client means. Raises a ``TypeError`` for one that is not in the table."""
    root = _root(error)
    if isinstance(root, ssl.SSLCertVerificationError):
        return Fault(_untrusted(root, server), Trouble.FINAL, cause=error)
    words = _lookup(_WORDS, error) or "the answer of {server} could not be read: {detail}"
    message = words.format(server=server, detail=_detail(error, root))
    trouble = _lookup(_TROUBLE, error)
    if trouble is None:
        raise TypeError(f"{type(error).__name__} is not in the table of the client's exceptions") from error
    return Fault(Unreachable(message, hint=_ADDRESS_HINT), trouble, dropped=trouble is Trouble.UNCERTAIN, cause=error)


def _lookup(table: dict[type[BaseException], V], error: Exception) -> V | None:
    return next((table[one] for one in type(error).__mro__ if one in table), None)


def _root(error: BaseException) -> BaseException:
    """Where it began: the client wraps the system's error several times over."""
    *_, last = _chain(error)
    return last


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        inner = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else None
        error = inner or error.__cause__ or error.__context__


def _detail(error: Exception, root: BaseException) -> str:
    if isinstance(root, socket.gaierror):
        return "its name cannot be resolved"
    if isinstance(root, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(root, ssl.SSLError):
        return f"TLS failed ({getattr(root, 'reason', None) or root})"
    return str(error) or str(root) or type(error).__name__


def _untrusted(root: ssl.SSLCertVerificationError, server: str) -> Unreachable:
    return Unreachable(
        f"the certificate of {server} is not trusted: {root.verify_message or root}",
        hint="certificate-authority(-data) and tls-server-name in the kubeconfig decide what is trusted",
    )


# --- the API's answers


def fault_of_answer(answer: Answer, call: Call) -> Fault:
    """What an answer means that is not a success."""
    status = status_of(answer)
    judge = _BY_CODE.get(answer.status) or (_server_error if answer.status >= 500 else _rejected)
    return judge(status, answer, call)


_USER_CANNOT = re.compile(
    r'User "(?P<who>[^"]*)" cannot (?P<verb>\S+) (?:resource "(?P<plural>[^"]*)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]*)")?|path "(?P<path>[^"]*)")'
)


def _unauthorized(_status: Status, answer: Answer, _call: Call) -> Fault:
    error = Forbidden(
        f"{answer.server} does not accept the credentials of this kubeconfig",
        hint="they may have expired: log in again; `kubectl auth whoami` shows whether kubectl is let in",
    )
    return Fault(error, Trouble.FINAL)


def _forbidden(status: Status, answer: Answer, call: Call) -> Fault:
    """Not allowed (RBAC), or refused on admission (a quota, pod security), which a 403 says as well."""
    found = _USER_CANNOT.search(status.message)
    if found is None and call.ref is not None:
        return _rejected(status, answer, call)
    if found is None:
        return Fault(Forbidden(status.message or f"{answer.server} refuses {call.method} {call.path}"), Trouble.FINAL)
    what = found["path"] or ".".join(filter(None, (found["plural"], found["group"])))
    where = f" in namespace {found['namespace']}" if found["namespace"] else ""
    option = f" -n {found['namespace']}" if found["namespace"] else ""
    error = Forbidden(
        f"{found['who']} may not {found['verb']} {what}{where}",
        hint="ask for a role that allows it: `lastgood rbac` prints all that a release needs, and "
        f"`kubectl auth can-i {found['verb']} {what}{option}` tells when you have it",
    )
    return Fault(error, Trouble.FINAL)


def _not_found(status: Status, _answer: Answer, call: Call) -> Fault:
    details = status.details or Details()
    if details.kind == "namespaces":
        error = NotFound(f"there is no namespace {details.name}", hint=NO_NAMESPACE)
    elif status.reason:
        error = NotFound(status.message)
    else:
        what = str(call.ref.group_kind) if call.ref else call.path
        error = NotFound(f"the server does not serve {what}", hint="is its CRD installed, and in this version?")
    return Fault(error, Trouble.FINAL)


def _conflict(status: Status, _answer: Answer, call: Call) -> Fault:
    about = f"{call.ref}: " if call.ref else ""
    return Fault(Conflict(f"{about}{status.message}"), Trouble.FINAL)


def _gone(status: Status, _answer: Answer, _call: Call) -> Fault:
    return Fault(Gone(status.message), Trouble.FINAL)


def _invalid(status: Status, answer: Answer, call: Call) -> Fault:
    """A wrong uid is refused as a change of an immutable field; it is a guard that did not hold."""
    if any(cause.field == "metadata.uid" for cause in status.causes):
        return _conflict(status, answer, call)
    return _rejected(status, answer, call)


def _rejected(status: Status, answer: Answer, call: Call) -> Fault:
    if 300 <= answer.status < 400:
        return _elsewhere(answer)
    pairs = [(cause.field, cause.message) for cause in status.causes]
    sentence = sentence_of(status.message, pairs, call.ref) or f"{answer.server} answers {answer.status}"
    return Fault(Rejected(sentence, ref=call.ref, hint=hint_for(sentence)), Trouble.FINAL)


def _elsewhere(answer: Answer) -> Fault:
    hint = "is the address in the kubeconfig right, or does a login page stand in between?"
    return Fault(Unreachable(f"{answer.server} sends requests elsewhere", hint=hint), Trouble.FINAL)


def _too_many(status: Status, answer: Answer, _call: Call) -> Fault:
    wait = answer.retry_after or float((status.details or Details()).retryAfterSeconds)
    error = Unreachable(
        f"{answer.server} has been asking to wait for too long (429): {status.message}",
        hint="it is overloaded; try again later",
    )
    return Fault(error, Trouble.BUSY, retry_after=wait)


_MALFORMED = re.compile(r"^failed to (create typed|convert|prune|create manager|update managed)")
"""Server-side apply says with a 500 what is wrong with a body; another try gives the same."""


def _server_error(status: Status, answer: Answer, call: Call) -> Fault:
    if _MALFORMED.match(status.message):
        return _rejected(status, answer, call)
    trouble = Trouble.FAILING if answer.status == 500 else Trouble.UNCERTAIN
    if call.ref is not None and "webhook" in status.message:
        return Fault(_rejected(status, answer, call).error, trouble, answer.retry_after)
    sentence = sentence_of(status.message, (), call.ref) or "no reason given"
    error = Unreachable(
        f"{answer.server} failed with {answer.status}: {sentence}",
        hint="the API server or something it depends on is not well; `kubectl get --raw /readyz?verbose` may say what",
    )
    return Fault(error, trouble, answer.retry_after)


_BY_CODE: dict[int, Callable[[Status, Answer, Call], Fault]] = {
    401: _unauthorized,
    403: _forbidden,
    404: _not_found,
    409: _conflict,
    410: _gone,
    422: _invalid,
    429: _too_many,
}
