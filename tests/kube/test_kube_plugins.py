"""Exec plugins: real programs, each a few lines of shell."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lastgood.errors import Forbidden, SettingError
from lastgood.kube import plugins
from lastgood.kube.plugins import Credential, Plugin

V1 = "client.authentication.k8s.io/v1"
V1BETA1 = "client.authentication.k8s.io/v1beta1"


def script(tmp_path: Path, text: str) -> str:
    path = tmp_path / "plugin"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def answer(version: str = V1, **status: Any) -> str:
    return f"echo '{json.dumps({'apiVersion': version, 'kind': 'ExecCredential', 'status': status})}'"


def run(command: str, *, version: str = V1, cluster: dict[str, Any] | None = None, **entry: Any) -> Credential:
    plugin = Plugin.of({"command": command, "apiVersion": version, "interactiveMode": "Never", **entry}, cluster or {})
    return asyncio.run(plugin.run())


@pytest.mark.parametrize("version", [V1, V1BETA1])
def test_a_plugin_gives_a_token_and_when_it_expires(tmp_path: Path, version: str) -> None:
    text = answer(version, token="abc", expirationTimestamp="2026-01-02T03:04:05Z")
    credential = run(script(tmp_path, text), version=version)
    assert Credential(token="abc", expires=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == credential


def test_a_plugin_gives_a_client_certificate(tmp_path: Path) -> None:
    text = answer(clientCertificateData="C", clientKeyData="K")
    assert Credential(certificate="C", key="K") == run(script(tmp_path, text))


def test_arguments_and_environment_are_handed_over(tmp_path: Path) -> None:
    text = 'echo \'{"apiVersion":"' + V1 + '","status":{"token":"\'$1-$WHO\'"}}\''
    assert run(script(tmp_path, text), args=["a"], env=[{"name": "WHO", "value": "b"}]).token == "a-b"


def info(tmp_path: Path, **entry: Any) -> Any:
    """What the plugin is told in KUBERNETES_EXEC_INFO."""
    run(script(tmp_path, f'echo "$KUBERNETES_EXEC_INFO" > {tmp_path}/info\n{answer(token="t")}'), **entry)
    return json.loads((tmp_path / "info").read_text())


def test_a_plugin_is_told_that_it_cannot_ask(tmp_path: Path) -> None:
    assert info(tmp_path) == {"apiVersion": V1, "kind": "ExecCredential", "spec": {"interactive": False}}


def test_a_plugin_that_wants_to_know_the_cluster_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_bytes(b"CA")
    extension = {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "x"}}
    cluster = {
        "server": "https://api.test",
        "tls-server-name": "k",
        "certificate-authority": str(tmp_path / "ca.crt"),
        "extensions": [{"name": "other", "extension": {}}, extension],
    }
    assert info(tmp_path, provideClusterInfo=True, cluster=cluster)["spec"]["cluster"] == {
        "server": "https://api.test",
        "tls-server-name": "k",
        "certificate-authority-data": base64.b64encode(b"CA").decode(),
        "config": {"audience": "x"},
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("echo please log in >&2; exit 3", r"failed \(3\): please log in"),
        ("exit 1", "it said nothing"),
        ("echo hello", "did not answer with an ExecCredential"),
        ("echo '[]'", "did not answer with an ExecCredential"),
        (answer(V1BETA1, token="t"), "answered in client.authentication.k8s.io/v1beta1"),
        (answer(), "neither a token nor a client certificate"),
        (answer(clientCertificateData="C"), "neither a token nor a client certificate"),
        (answer(token="t", expirationTimestamp="tomorrow"), "did not answer with an ExecCredential"),
    ],
)
def test_a_plugin_that_fails_is_named_with_what_it_said(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(Forbidden, match=sentence) as caught:
        run(script(tmp_path, text))
    assert str(tmp_path / "plugin") in str(caught.value)


def test_a_plugin_that_is_not_installed_says_how_to_get_it() -> None:
    with pytest.raises(Forbidden, match="cannot be started: No such file") as caught:
        run("no-such-plugin", installHint="pip install it")
    assert caught.value.hint == "pip install it"


def test_a_plugin_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "LONGEST", 0.05)
    with pytest.raises(Forbidden, match="did not answer within"):
        run(script(tmp_path, "exec sleep 60"))


def test_a_plugin_that_has_to_ask_needs_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(Forbidden, match="there is no terminal"):
        run(script(tmp_path, answer(token="t")), interactiveMode="Always")


def test_a_version_that_is_not_known_is_refused_before_anything_runs() -> None:
    with pytest.raises(SettingError, match="v1alpha1") as caught:
        Plugin.of({"command": "x", "apiVersion": "client.authentication.k8s.io/v1alpha1"}, {})
    assert "update the plugin" in caught.value.hint


def test_a_token_is_not_printed() -> None:
    assert "abc" not in repr(Credential(token="abc", key="abc"))
