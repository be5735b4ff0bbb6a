"""The components of a cluster: a literal table of what is run, with which flags."""

from dataclasses import dataclass
from pathlib import Path

from lab.setting import REAL_NODE, Setting

FLAT = "--leader-elect=false"
"""There is one of each: an election would only take time."""


FAST = ("--kube-api-qps=1000", "--kube-api-burst=2000")
"""The defaults let a controller make twenty pods a second, and a thousand would take a minute."""


@dataclass(frozen=True, slots=True)
class Component:
    """A process of the cluster."""

    name: str
    argv: tuple[str, ...]


def names(setting: Setting) -> tuple[str, ...]:
    """Name the components that this setting has, in the order in which they start."""
    return tuple(component.name for component in (*first(setting), *second(setting)))


def find(setting: Setting, name: str) -> Component:
    """Give the component of this name; KeyError if this setting has none."""
    return {component.name: component for component in (*first(setting), *second(setting))}[name]


def first(setting: Setting) -> tuple[Component, ...]:
    """List what starts at once, and what the API server needs."""
    node = (_registry(setting), _containerd(setting)) if setting.nodes.real else ()
    return (_etcd(setting), _apiserver(setting), *node)


def second(setting: Setting) -> tuple[Component, ...]:
    """List what starts when the API server answers."""
    real = (_kubelet(setting), _kube_proxy(setting)) if setting.nodes.real else ()
    kwok = (_kwok(setting),) if setting.nodes.kwok else ()
    return (_controller_manager(setting), _scheduler(setting), *real, *kwok)


def _kube(setting: Setting, name: str, *flags: str) -> Component:
    return Component(name, (str(setting.binaries / "kube"), name, *flags))


def _pki(setting: Setting, file: str) -> Path:
    return setting.home / "pki" / file


def _etcd(setting: Setting) -> Component:
    client = f"http://127.0.0.1:{setting.ports.etcd}"
    peer = f"http://127.0.0.1:{setting.ports.etcd_peer}"
    return _kube(
        setting,
        "etcd",
        f"--data-dir={setting.home}/etcd",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync=true",  # a lab need not survive a power cut, and is ten times as fast
        "--log-level=warn",
    )


def _apiserver(setting: Setting) -> Component:
    address = setting.addresses.api
    # The API server refuses to publish a loopback address as its endpoint.
    publish = "lease" if setting.nodes.real else "none"
    return _kube(
        setting,
        "apiserver",
        f"--etcd-servers=http://127.0.0.1:{setting.ports.etcd}",
        f"--bind-address={address}",
        f"--advertise-address={address}",
        f"--secure-port={setting.ports.api}",
        f"--endpoint-reconciler-type={publish}",
        f"--tls-cert-file={_pki(setting, 'apiserver.crt')}",
        f"--tls-private-key-file={_pki(setting, 'apiserver.key')}",
        f"--cert-dir={setting.home}/certs",
        f"--client-ca-file={_pki(setting, 'ca.crt')}",
        f"--kubelet-client-certificate={_pki(setting, 'admin.crt')}",
        f"--kubelet-client-key={_pki(setting, 'admin.key')}",
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={_pki(setting, 'sa.pub')}",
        f"--service-account-signing-key-file={_pki(setting, 'sa.key')}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        f"--service-cluster-ip-range={setting.addresses.services}",
    )


def _controller_manager(setting: Setting) -> Component:
    return _kube(
        setting,
        "controller-manager",
        f"--kubeconfig={setting.home}/controller-manager.kubeconfig",
        f"--service-account-private-key-file={_pki(setting, 'sa.key')}",
        f"--root-ca-file={_pki(setting, 'ca.crt')}",
        "--use-service-account-credentials=false",
        f"--flex-volume-plugin-dir={setting.home}/volume-plugins",
        "--secure-port=0",
        *FAST,
        FLAT,
    )


def _scheduler(setting: Setting) -> Component:
    kubeconfig = f"--kubeconfig={setting.home}/scheduler.kubeconfig"
    return _kube(setting, "scheduler", kubeconfig, "--secure-port=0", *FAST, FLAT)


def _registry(setting: Setting) -> Component:
    argv = (
        str(setting.binaries / "labtool"),
        "registry",
        f"--listen=127.0.0.1:{setting.ports.registry}",
        f"--images={setting.home}/images.json",
        f"--bin={setting.binaries}",
    )
    return Component("registry", argv)


def _containerd(setting: Setting) -> Component:
    argv = (str(setting.binaries / "containerd"), "--config", f"{setting.home}/containerd.toml")
    return Component("containerd", argv)


def _kubelet(setting: Setting) -> Component:
    return _kube(
        setting,
        "kubelet",
        f"--config={setting.home}/kubelet.json",
        f"--kubeconfig={setting.home}/kubelet.kubeconfig",
        f"--root-dir={setting.home}/kubelet",
        f"--cert-dir={setting.home}/kubelet-pki",
        f"--hostname-override={REAL_NODE}",
        f"--node-ip={setting.addresses.api}",
    )


def _kube_proxy(setting: Setting) -> Component:
    return _kube(setting, "kube-proxy", f"--config={setting.home}/kube-proxy.json")


def _kwok(setting: Setting) -> Component:
    argv = (
        str(setting.binaries / "kwok"),
        f"--kubeconfig={setting.home}/kwok.kubeconfig",
        f"--config={setting.home}/kwok-stages.yaml",
        "--manage-all-nodes=false",
        "--manage-nodes-with-label-selector=type=kwok",
        # Without leases the nodes turn NotReady after a while, and good pods lose their readiness.
        "--node-lease-duration-seconds=40",
        f"--cidr={setting.addresses.kwok_pods}",
        f"--node-ip={setting.addresses.api}",
        "--server-address=",
    )
    return Component("kwok", argv)
