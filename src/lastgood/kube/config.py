"""Which API server to speak to, as whom, and how to trust it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lastgood.errors import SettingError
from lastgood.kube.kubeconfig import Entry, Picked, find_files, read_files

if TYPE_CHECKING:
    import ssl

    import httpx2
    from lightkube import SingleConfig

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")

LoadCertificate = Callable[["ssl.SSLContext"], None]


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that is needed to connect. ``namespace`` is the context's, empty if it names none.

    ``headers`` go with every request (impersonation); ``server_name`` is whose certificate is expected, if not the
    address's. Nothing is printed of ``parts`` and ``user``: they hold credentials.
    """

    server: str
    context: str
    namespace: str
    parts: SingleConfig = field(repr=False)
    cluster: Entry = field(default_factory=dict, repr=False)
    user: Entry = field(default_factory=dict, repr=False)
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def proxy(self) -> str:
        """The proxy to this cluster, empty for the environment's."""
        return str(self.cluster.get("proxy-url") or "")

    @property
    def server_name(self) -> str:
        """The name that the server's certificate has to have, empty for the address's."""
        return str(self.cluster.get("tls-server-name") or "")

    def tls(self) -> ssl.SSLContext:
        """Whom to trust, and the client certificate. Raises ``SettingError`` for files that cannot be used."""
        from lightkube.config.client_adapter import verify_cluster  # noqa: PLC0415 - heavy
        from lightkube.config.models import User  # noqa: PLC0415

        try:
            return verify_cluster(self.parts.cluster, self.parts.user or User(), self.parts.abs_file)
        except (OSError, ValueError, TypeError) as error:  # ssl.SSLError is an OSError, binascii.Error a ValueError
            raise SettingError(
                f"the certificates of context {self.context} cannot be used: {self._unreadable() or error}",
                hint="certificate-authority(-data), client-certificate(-data) and client-key(-data) decide them",
            ) from error

    def _unreadable(self) -> str:
        """The first file of these certificates that cannot be read, and why: ssl does not tell its name."""
        said = ((self.cluster, "certificate-authority"), (self.user, "client-certificate"), (self.user, "client-key"))
        for name in (one[key] for one, key in said if one.get(key)):
            path = Path(self.parts.abs_file(str(name)))
            try:
                path.open("rb").close()
            except OSError as error:
                return f"{path}: {error.strerror}"
        return ""

    def auth(self, on_certificate: Callable[[LoadCertificate], None]) -> httpx2.Auth | None:
        """How requests prove who sends them; ``on_certificate`` is told of client certificates that a plugin gives."""
        from lightkube.config.client_adapter import user_auth  # noqa: PLC0415 - heavy
        from lightkube.core.exceptions import ConfigError  # noqa: PLC0415

        from lastgood.kube.logins import PluginLogin, TokenFileLogin  # noqa: PLC0415 - httpx2 is heavy
        from lastgood.kube.plugins import Plugin  # noqa: PLC0415

        user = self.parts.user
        if user is not None and user.token_file:
            return TokenFileLogin(Path(user.token_file))
        if self.user.get("exec"):
            return PluginLogin(Plugin.of(self.user["exec"], self.cluster), on_certificate)
        try:
            return user_auth(user)
        except ConfigError as error:
            raise SettingError(
                f"context {self.context} logs in with an auth-provider, which Kubernetes has given up",
                hint="use the exec plugin of your provider (gke-gcloud-auth-plugin, kubelogin)",
            ) from error


def read_config(
    *,
    context: str | None = None,
    kubeconfig: str | None = None,
    environ: Mapping[str, str] | None = None,
    service_account: Path = SERVICE_ACCOUNT,
) -> Config:
    """What kubectl would connect to: a kubeconfig's context, or else the cluster that this pod runs in.

    Raises ``SettingError`` when there is none, or when it cannot be used.
    """
    files = find_files(kubeconfig, os.environ if environ is None else environ)
    if files:
        return _config(read_files(files).pick(context))
    if context is None and (service_account / "token").exists():
        return _in_cluster(service_account)
    named = (os.environ if environ is None else environ).get("KUBECONFIG")
    missing = f" where KUBECONFIG says ({named})" if named else ""
    raise SettingError(
        f"there is no kubeconfig{missing}, and this is not a pod with a service account",
        hint="name one with --kubeconfig or KUBECONFIG (kubectl's own stands in ~/.kube/config); "
        "lastgood demo needs no cluster",
    )


def _config(picked: Picked) -> Config:
    parts = _parts(picked)
    return Config(
        server=parts.cluster.server,
        context=picked.name,
        namespace=str(picked.context.get("namespace") or ""),
        parts=parts,
        cluster=picked.cluster,
        user=picked.user,
        headers=tuple(_impersonation(picked.user)),
    )


def _parts(picked: Picked) -> SingleConfig:
    """The same as the client library has it; it is given nothing of what it does not know."""
    import msgspec  # noqa: PLC0415 - heavy
    from lightkube.config.kubeconfig import KubeConfig  # noqa: PLC0415

    user = {key: value for key, value in picked.user.items() if key != "exec"}
    document = {
        "current-context": "picked",
        "contexts": [{"name": "picked", "context": picked.context | {"cluster": "its", "user": "its"}}],
        "clusters": [{"name": "its", "cluster": picked.cluster}],
        "users": [{"name": "its", "user": user}],
    }
    try:
        found = KubeConfig.from_dict(document).get()
    except msgspec.ValidationError as error:
        raise SettingError(f"context {picked.name} of the kubeconfig is damaged: {error}") from error
    assert found is not None
    return found


def _impersonation(user: Entry) -> list[tuple[str, str]]:
    """https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation."""
    single = (("as", "Impersonate-User"), ("as-uid", "Impersonate-Uid"))
    headers = [(header, str(user[key])) for key, header in single if user.get(key)]
    headers += [("Impersonate-Group", str(group)) for group in user.get("as-groups") or ()]
    extra: Mapping[str, Any] = user.get("as-user-extra") or {}
    return headers + [(f"Impersonate-Extra-{key}", str(value)) for key, values in extra.items() for value in values]


def _in_cluster(service_account: Path) -> Config:
    from lightkube.config.kubeconfig import KubeConfig  # noqa: PLC0415 - heavy
    from lightkube.core.exceptions import ConfigError  # noqa: PLC0415

    try:
        parts = KubeConfig.from_service_account(service_account).get()
    except (ConfigError, KeyError, OSError) as error:
        raise SettingError(f"the service account of this pod cannot be used: {error}") from error
    assert parts is not None
    return Config(
        server=parts.cluster.server, context="in-cluster", namespace=parts.context.namespace or "", parts=parts
    )
