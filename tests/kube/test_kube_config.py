"""Which server to speak to, as whom, and how to trust it."""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lastgood.errors import SettingError
from lastgood.kube.config import Config, read_config
from lastgood.kube.logins import PluginLogin, TokenFileLogin


def written(
    path: Path, *, cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None, **context: str
) -> str:
    document = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", **context}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://api.test:6443", **(cluster or {})}}],
        "users": [{"name": "u", "user": user or {}}],
    }
    path.write_text(json.dumps(document))
    return str(path)


def read(tmp_path: Path, **parts: Any) -> Config:
    return read_config(kubeconfig=written(tmp_path / "config", **parts))


def authorization(config: Config) -> str:
    """What a request to this cluster would carry."""
    auth = config.auth(lambda _load: None)
    assert auth is not None
    return next(auth.sync_auth_flow(httpx2.Request("GET", config.server))).headers["Authorization"]


def certificate() -> tuple[bytes, bytes]:
    """A certificate and its key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bob")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1)
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM), pem


def test_the_current_context_says_where_and_in_which_namespace(tmp_path: Path) -> None:
    config = read(tmp_path, namespace="shop")
    assert (config.server, config.context, config.namespace) == ("https://api.test:6443", "here", "shop")


def test_a_context_without_a_namespace_leaves_it_open(tmp_path: Path) -> None:
    assert read(tmp_path).namespace == ""


def test_a_proxy_and_the_name_in_the_certificate_are_the_clusters(tmp_path: Path) -> None:
    config = read(tmp_path, cluster={"proxy-url": "http://proxy:3128", "tls-server-name": "kubernetes"})
    assert (config.proxy, config.server_name) == ("http://proxy:3128", "kubernetes")


def test_impersonation(tmp_path: Path) -> None:
    user = {"as": "bob", "as-uid": "7", "as-groups": ["a", "b"], "as-user-extra": {"scope": ["x"]}}
    assert read(tmp_path, user=user).headers == (
        ("Impersonate-User", "bob"),
        ("Impersonate-Uid", "7"),
        ("Impersonate-Group", "a"),
        ("Impersonate-Group", "b"),
        ("Impersonate-Extra-scope", "x"),
    )


def test_credentials_are_not_printed(tmp_path: Path) -> None:
    assert "hunter2" not in repr(read(tmp_path, user={"token": "hunter2"}))


# --- logging in


def test_a_token(tmp_path: Path) -> None:
    assert authorization(read(tmp_path, user={"token": "secret"})) == "Bearer secret"


def test_a_name_and_a_password(tmp_path: Path) -> None:
    expected = "Basic " + base64.b64encode(b"bob:pw").decode()
    assert expected == authorization(read(tmp_path, user={"username": "bob", "password": "pw"}))


def test_a_token_file_counts_more_than_a_token(tmp_path: Path) -> None:
    assert isinstance(read(tmp_path, user={"token": "x", "tokenFile": "t"}).auth(lambda _: None), TokenFileLogin)


def test_an_exec_plugin(tmp_path: Path) -> None:
    plugin = {"command": "login", "apiVersion": "client.authentication.k8s.io/v1"}
    assert isinstance(read(tmp_path, user={"exec": plugin}).auth(lambda _: None), PluginLogin)


def test_no_credentials_at_all(tmp_path: Path) -> None:
    assert read(tmp_path).auth(lambda _: None) is None


def test_an_auth_provider_is_not_known_any_more(tmp_path: Path) -> None:
    config = read(tmp_path, user={"auth-provider": {"name": "gcp"}})
    with pytest.raises(SettingError, match="auth-provider"):
        config.auth(lambda _: None)


# --- trust


def test_an_insecure_cluster_trusts_everybody(tmp_path: Path) -> None:
    assert read(tmp_path, cluster={"insecure-skip-tls-verify": True}).tls().verify_mode == ssl.CERT_NONE


def test_a_cluster_with_its_own_authority_trusts_only_that(tmp_path: Path) -> None:
    ca, _ = certificate()
    config = read(tmp_path, cluster={"certificate-authority-data": base64.b64encode(ca).decode()})
    assert config.tls().cert_store_stats()["x509"] == 1


def test_certificates_may_stand_in_files_beside_the_kubeconfig(tmp_path: Path) -> None:
    ca, key = certificate()
    (tmp_path / "ca.crt").write_bytes(ca)
    (tmp_path / "my.key").write_bytes(key)
    user = {"client-certificate": "ca.crt", "client-key": "my.key"}
    assert read(tmp_path, cluster={"certificate-authority": "ca.crt"}, user=user).tls().cert_store_stats()["x509"] == 1


@pytest.mark.parametrize(
    "parts",
    [
        {"cluster": {"certificate-authority": "missing.crt"}},
        {"cluster": {"certificate-authority-data": "bm8="}},
        {"cluster": {"certificate-authority-data": "%%%"}},
        {"user": {"client-certificate": "missing.crt", "client-key": "missing.key"}},
        {"user": {"client-certificate-data": "bm8="}},
    ],
)
def test_certificates_that_cannot_be_used_are_the_settings_fault(tmp_path: Path, parts: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match="certificates of context here cannot be used"):
        read(tmp_path, **parts).tls()


@pytest.mark.parametrize(
    "parts",
    [
        {"cluster": {"certificate-authority": "missing.pem"}},
        {"user": {"client-certificate": "missing.pem", "client-key": "missing.key"}},
    ],
)
def test_a_certificate_that_is_not_there_is_named(tmp_path: Path, parts: dict[str, Any]) -> None:
    with pytest.raises(SettingError) as caught:
        read(tmp_path, **parts).tls()
    assert str(caught.value).endswith(f"cannot be used: {tmp_path / 'missing.pem'}: No such file or directory")


# --- where it comes from


def test_a_wrong_type_in_the_picked_context_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="context here of the kubeconfig is damaged"):
        read(tmp_path, user={"token": 5})


def test_inside_a_pod_the_service_account_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    for name, text in (("token", "t"), ("namespace", "shop"), ("ca.crt", "")):
        (tmp_path / name).write_text(text)
    config = read_config(environ={"HOME": "/nowhere"}, service_account=tmp_path)
    assert (config.server, config.namespace) == ("https://10.0.0.1:443", "shop")
    assert isinstance(config.auth(lambda _: None), TokenFileLogin)


def test_a_kubeconfig_comes_before_the_service_account(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    environ = {"KUBECONFIG": written(tmp_path / "config")}
    assert read_config(environ=environ, service_account=tmp_path).context == "here"


def test_without_anything_the_hint_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="there is no kubeconfig") as caught:
        read_config(environ={"HOME": str(tmp_path)}, service_account=tmp_path)
    assert "--kubeconfig" in caught.value.hint


def test_a_kubeconfig_that_is_not_where_the_environment_says_is_named(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "KUBECONFIG": "/nowhere/config"}
    with pytest.raises(SettingError, match=r"there is no kubeconfig where KUBECONFIG says \(/nowhere/config\)"):
        read_config(environ=environ, service_account=tmp_path)


def test_knowing_where_to_connect_imports_no_client() -> None:
    code = "import sys, lastgood.kube.config; print({'httpx2', 'lightkube', 'yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "set()" == done.stdout.strip()
