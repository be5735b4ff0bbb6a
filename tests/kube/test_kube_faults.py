"""What failed requests mean: every exception of the client, and the answers of the API."""

from __future__ import annotations

import inspect
import json
import socket
import ssl
from typing import Any

import httpx2
import pytest

from lastgood.errors import ClusterError, Conflict, Forbidden, NotFound, Rejected, Unreachable
from lastgood.kube.calls import Answer, Call
from lastgood.kube.faults import CLIENT_ERRORS, Fault, Gone, Trouble, fault_of_answer, fault_of_exception
from lastgood.model.resource import Ref

SERVER = "https://api.test:6443"
WEB = Ref("apps", "Deployment", "shop", "web")
DB = Ref("", "Secret", "shop", "db")

EXCEPTIONS = sorted(
    (one for _, one in inspect.getmembers(httpx2, inspect.isclass) if issubclass(one, Exception)),
    key=lambda one: one.__name__,
)


def answered(code: int, message: str = "", reason: str = "", *, ref: Ref | None = WEB, **details: Any) -> Fault:
    body = {"kind": "Status", "message": message, "reason": reason, "details": details, "code": code}
    return fault_of_answer(Answer(code, json.dumps(body).encode(), SERVER), Call("PATCH", "/x", ref=ref))


def made(kind: type[Exception]) -> Exception:
    request = httpx2.Request("GET", SERVER)
    if kind is httpx2.HTTPStatusError:
        return httpx2.HTTPStatusError("m", request=request, response=httpx2.Response(500))
    return kind() if len(inspect.signature(kind).parameters) == 0 else kind("m")


@pytest.mark.parametrize("kind", EXCEPTIONS, ids=lambda one: one.__name__)
def test_every_exception_of_the_client_becomes_one_of_ours(kind: type[Exception]) -> None:
    assert issubclass(kind, CLIENT_ERRORS)
    fault = fault_of_exception(made(kind), SERVER)
    assert isinstance(fault.error, Unreachable)
    assert SERVER in str(fault.error)


def test_an_exception_that_is_not_in_the_table_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="KeyError"):
        fault_of_exception(KeyError("x"), SERVER)


def caused(error: Exception, cause: BaseException) -> Exception:
    """As the client raises it: the system's error is the context of a context."""
    try:
        try:
            raise cause
        except type(cause) as inner:
            raise OSError("between") from inner
    except OSError as outer:
        error.__context__ = outer
        return error


def refused_certificate() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate in certificate chain"
    return error


@pytest.mark.parametrize(
    ("cause", "sentence", "trouble"),
    [
        (socket.gaierror(-2, "Name or service not known"), "its name cannot be resolved", Trouble.UNSENT),
        (ConnectionRefusedError(111, "Connection refused"), "nothing listens there", Trouble.UNSENT),
        (ssl.SSLError(1, "[SSL] wrong version"), "TLS failed", Trouble.UNSENT),
        (refused_certificate(), "self-signed certificate in certificate chain", Trouble.FINAL),
    ],
)
def test_why_a_server_cannot_be_reached_is_said_in_words(cause: Exception, sentence: str, trouble: Trouble) -> None:
    fault = fault_of_exception(caused(httpx2.ConnectError("All connection attempts failed"), cause), SERVER)
    assert sentence in str(fault.error)
    assert (trouble, True) == (fault.trouble, bool(fault.error.hint))


def test_a_request_whose_answer_was_lost_may_have_been_done() -> None:
    lost = [httpx2.ReadError("x"), httpx2.ReadTimeout("x"), httpx2.RemoteProtocolError("x"), httpx2.WriteError("x")]
    assert {Trouble.UNCERTAIN} == {fault_of_exception(error, SERVER).trouble for error in lost}
    assert all(fault_of_exception(error, SERVER).dropped for error in lost)


def test_forbidden_names_who_may_not_do_what_and_where() -> None:
    message = (
        'deployments.apps "web" is forbidden: User "bob" cannot patch resource "deployments" in API group "apps" '
        'in the namespace "shop"'
    )
    error = answered(403, message, "Forbidden").error
    assert isinstance(error, Forbidden)
    assert str(error) == "bob may not patch deployments.apps in namespace shop"
    assert "kubectl auth can-i patch deployments.apps -n shop" in error.hint
    assert "lastgood rbac" in error.hint


def test_forbidden_at_cluster_scope_names_no_namespace() -> None:
    message = 'nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope'
    assert str(answered(403, message, "Forbidden", ref=None).error) == "bob may not list nodes"


def test_forbidden_path_is_named() -> None:
    message = 'forbidden: User "system:anonymous" cannot get path "/api"'
    assert str(answered(403, message, "Forbidden", ref=None).error) == "system:anonymous may not get /api"


@pytest.mark.parametrize(
    "message",
    [
        'pods "web-1" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1',
        'pods "web" is forbidden: violates PodSecurity "restricted:latest": privileged',
    ],
)
def test_what_admission_refuses_is_rejected_though_the_api_says_forbidden(message: str) -> None:
    error = answered(403, message, "Forbidden").error
    assert isinstance(error, Rejected)
    assert (error.ref, str(error)) == (WEB, message)
    assert error.hint


def test_credentials_that_are_not_accepted() -> None:
    error = answered(401, "Unauthorized", "Unauthorized").error
    assert isinstance(error, Forbidden)
    assert "log in again" in error.hint


def test_a_namespace_that_is_missing_is_named() -> None:
    error = answered(404, 'namespaces "shop" not found', "NotFound", name="shop", kind="namespaces").error
    assert (type(error), str(error)) == (NotFound, "there is no namespace shop")
    assert "--create-namespace makes none but the one where the release lives" in error.hint


def test_a_kind_that_is_not_served() -> None:
    fault = fault_of_answer(Answer(404, b"404 page not found\n", SERVER), Call("PATCH", "/apis/x", ref=WEB))
    assert str(fault.error) == "the server does not serve Deployment.apps"


@pytest.mark.parametrize(
    ("code", "reason", "details"),
    [
        (409, "Conflict", {}),
        (409, "AlreadyExists", {}),
        (422, "Invalid", {"causes": [{"field": "metadata.uid", "message": "field is immutable"}]}),
    ],
)
def test_a_guard_that_did_not_hold_is_a_conflict(code: int, reason: str, details: dict[str, Any]) -> None:
    fault = answered(code, "no", reason, **details)
    assert (Conflict, Trouble.FINAL) == (type(fault.error), fault.trouble)


def test_a_version_that_is_no_longer_kept() -> None:
    assert isinstance(answered(410, "too old", "Expired").error, Gone)


def test_an_invalid_field_is_rejected_with_the_sentence_of_the_api() -> None:
    message = 'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0'
    causes = [{"field": "spec.replicas", "message": "Invalid value: -1: must be greater than or equal to 0"}]
    error = answered(422, message, "Invalid", causes=causes).error
    assert isinstance(error, Rejected)
    assert (error.ref, str(error)) == (WEB, message)


@pytest.mark.parametrize(
    "message",
    [
        "failed to create typed patch object (/d; apps/v1, Kind=Deployment): .spec.x: field not declared in schema",
        "failed to convert new object (/s; /v1, Kind=Secret) to proper version: illegal base64 data at input byte 7",
    ],
)
def test_a_body_that_apply_cannot_read_is_rejected_for_good_though_it_is_a_500(message: str) -> None:
    fault = answered(500, message)
    assert (Rejected, Trouble.FINAL) == (type(fault.error), fault.trouble)


def test_a_secret_is_not_repeated_in_a_refusal() -> None:
    message = (
        "failed to create typed patch object (/db; /v1, Kind=Secret): .data.p: expected string, got &value.x{Value:5}"
    )
    assert "Value" not in str(answered(500, message, ref=DB).error)


def test_a_webhook_that_does_not_answer_is_asked_again_and_then_rejects() -> None:
    fault = answered(500, 'Internal error occurred: failed calling webhook "v.x": connection refused', "InternalError")
    assert (Rejected, Trouble.FAILING) == (type(fault.error), fault.trouble)
    assert "webhook" in fault.error.hint


@pytest.mark.parametrize(
    ("code", "trouble"), [(500, Trouble.FAILING), (502, Trouble.UNCERTAIN), (503, Trouble.UNCERTAIN)]
)
def test_a_server_that_is_not_well_is_out_of_reach(code: int, trouble: Trouble) -> None:
    fault = answered(code, "etcdserver: leader changed")
    assert (Unreachable, trouble) == (type(fault.error), fault.trouble)


def test_too_many_requests_say_how_long_to_wait() -> None:
    header = fault_of_answer(Answer(429, b"{}", SERVER, retry_after=3.0), Call("PATCH", "/x"))
    body = answered(429, "slow down", "TooManyRequests", retryAfterSeconds=7)
    assert [(one.trouble, one.retry_after) for one in (header, body)] == [(Trouble.BUSY, 3.0), (Trouble.BUSY, 7.0)]


def test_an_answer_that_leads_elsewhere_is_not_an_api_server() -> None:
    assert isinstance(fault_of_answer(Answer(302, b"", SERVER), Call("GET", "/api")).error, Unreachable)


@pytest.mark.parametrize("code", range(400, 600))
def test_every_code_becomes_one_of_our_errors(code: int) -> None:
    assert isinstance(answered(code, "m").error, ClusterError)
