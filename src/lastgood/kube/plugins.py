"""Exec plugins: programs that say who we are.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lastgood.errors import Forbidden, SettingError

VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
LONGEST = 60.0
"""Seconds that a plugin may take when nobody is asked anything."""

_CLUSTER_CONFIG = "client.authentication.k8s.io/exec"
_CLUSTER_KEYS = (
    "server",
    "tls-server-name",
    "insecure-skip-tls-verify",
    "certificate-authority-data",
    "proxy-url",
    "disable-compression",
)


@dataclass(frozen=True, slots=True)
class Credential:
    """What a plugin answered; empty strings for what it did not give. ``certificate`` and ``key`` are PEM."""

    token: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plugin:
    """How to run one: as the kubeconfig says it."""

    command: str
    api_version: str
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    interactive_mode: str = "IfAvailable"
    install_hint: str = ""
    cluster: Mapping[str, Any] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, entry: Mapping[str, Any], cluster: Mapping[str, Any]) -> Plugin:
        """From ``users[].user.exec`` and, if it asks for that, its ``clusters[].cluster``. Raises ``SettingError``."""
        version = str(entry.get("apiVersion") or "")
        if version not in VERSIONS:
            raise SettingError(
                f"the exec plugin {entry.get('command')} speaks {version or 'no known version'}",
                hint=f"only {' and '.join(VERSIONS)} are known: update the plugin and the kubeconfig",
            )
        return cls(
            command=str(entry.get("command") or ""),
            api_version=version,
            args=tuple(map(str, entry.get("args") or ())),
            env=tuple((str(one["name"]), str(one["value"])) for one in entry.get("env") or ()),
            interactive_mode=str(entry.get("interactiveMode") or "IfAvailable"),
            install_hint=str(entry.get("installHint") or ""),
            cluster=_cluster_info(cluster) if entry.get("provideClusterInfo") else None,
        )

    async def run(self) -> Credential:
        """Ask it. Raises ``Forbidden`` with what the plugin had to say."""
        asks = self._may_ask()
        process = await self._start(asks=asks)
        try:
            async with asyncio.timeout(None if asks else LONGEST):
                out, err = await process.communicate()
        except TimeoutError as error:
            raise self._failure(f"did not answer within {LONGEST:.0f} s") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise self._failure(f"failed ({process.returncode}): {_last_words(err)}")
        return self._read(out)

    def _may_ask(self) -> bool:
        terminal = sys.stdin is not None and sys.stdin.isatty()
        if self.interactive_mode == "Always" and not terminal:
            raise self._failure("wants to ask something, and there is no terminal")
        return terminal and self.interactive_mode != "Never"

    async def _start(self, *, asks: bool) -> asyncio.subprocess.Process:
        """A plugin that may ask has the terminal; what another one complains of is kept for the message."""
        try:
            return await asyncio.create_subprocess_exec(
                self.command,
                *self.args,
                env={**os.environ, **dict(self.env), "KUBERNETES_EXEC_INFO": self._info(asks=asks)},
                stdin=None if asks else asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=None if asks else asyncio.subprocess.PIPE,
            )
        except OSError as error:
            raise self._failure(f"cannot be started: {error.strerror}") from error

    def _info(self, *, asks: bool) -> str:
        spec: dict[str, Any] = {"interactive": asks}
        if self.cluster is not None:
            spec["cluster"] = self.cluster
        return json.dumps({"apiVersion": self.api_version, "kind": "ExecCredential", "spec": spec})

    def _read(self, output: bytes) -> Credential:
        try:
            answer = json.loads(output)
            version, status = answer["apiVersion"], answer["status"]
            expires = status.get("expirationTimestamp")
            credential = Credential(
                token=status.get("token") or "",
                certificate=status.get("clientCertificateData") or "",
                key=status.get("clientKeyData") or "",
                expires=datetime.fromisoformat(expires).astimezone(UTC) if expires else None,
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._failure("did not answer with an ExecCredential") from error
        if version != self.api_version:
            raise self._failure(f"answered in {version}, and the kubeconfig wants {self.api_version}")
        if not credential.token and not (credential.certificate and credential.key):
            raise self._failure("gave neither a token nor a client certificate with its key")
        return credential

    def _failure(self, what: str) -> Forbidden:
        return Forbidden(
            f"the exec plugin {self.command}, which logs in to the cluster, {what}",
            hint=self.install_hint or "run it by hand, or log in again",
        )


def _cluster_info(cluster: Mapping[str, Any]) -> dict[str, Any]:
    info = {key: cluster[key] for key in _CLUSTER_KEYS if cluster.get(key)}
    if cluster.get("certificate-authority") and "certificate-authority-data" not in info:
        try:
            content = Path(cluster["certificate-authority"]).read_bytes()
        except OSError as error:
            raise SettingError(f"certificate-authority cannot be read: {error}") from error
        info["certificate-authority-data"] = base64.b64encode(content).decode()
    extensions = {one.get("name"): one.get("extension") for one in cluster.get("extensions") or ()}
    return info | ({"config": extensions[_CLUSTER_CONFIG]} if _CLUSTER_CONFIG in extensions else {})


def _last_words(output: bytes | None) -> str:
    lines = (output or b"").decode("utf-8", "replace").strip().splitlines()
    return " ".join(lines[-3:])[:500] or "it said nothing"
