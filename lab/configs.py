"""The files that components read: written into the folder of the run. JSON wherever YAML would do."""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

from lab import addressing, hosting, stages
from lab.layout import Layout
from lab.setting import REAL_NODE, Setting

SOURCES = Path(__file__).parent
_USERS = ("controller-manager", "scheduler", "kubelet", "kube-proxy", "kwok")


def write_all(layout: Layout, setting: Setting) -> None:
    """Write every file of this setting, and the kubeconfig for clients."""
    _write_kubeconfig(layout.kubeconfig, layout, setting, user="admin")
    for user in _USERS:
        _write_kubeconfig(layout.run / f"{user}.kubeconfig", layout, setting, user=user)
    if setting.nodes.kwok:
        _write(layout.run / "kwok-stages.yaml", stages.text())
    if setting.nodes.real:
        _write_node(layout, setting)


def _write_node(layout: Layout, setting: Setting) -> None:
    shutil.copy(SOURCES / "images.json", layout.run)
    _write_json(layout.run / "kubelet.json", _kubelet(layout, setting))
    _write_json(layout.run / "kube-proxy.json", _kube_proxy(setting))
    _write_json(layout.run / "cni" / "10-lab.conflist", _cni(setting))
    _write(layout.run / "certs.d" / "_default" / "hosts.toml", _registry_hosts(setting))
    _write(layout.run / "containerd.toml", _containerd(layout, setting))


def _write_kubeconfig(file: Path, layout: Layout, setting: Setting, *, user: str) -> None:
    """Write how to reach the cluster as one user; keys inside, so that the file can be copied anywhere."""
    cluster = {"server": setting.server, "certificate-authority-data": _encoded(layout.pki / "ca.crt")}
    keys = {
        "client-certificate-data": _encoded(layout.pki / f"{user}.crt"),
        "client-key-data": _encoded(layout.pki / f"{user}.key"),
    }
    _write_json(
        file,
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "lab", "cluster": cluster}],
            "users": [{"name": user, "user": keys}],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": user}}],
            "current-context": "lab",
        },
    )


def _encoded(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def _kubelet(layout: Layout, setting: Setting) -> dict[str, Any]:
    socket = f"unix://{setting.home}/containerd.sock"
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": setting.addresses.api,
        "port": setting.ports.kubelet,
        "healthzBindAddress": "127.0.0.1",
        "healthzPort": setting.ports.kubelet_health,
        "readOnlyPort": 0,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": False},
            "x509": {"clientCAFile": f"{setting.home}/pki/ca.crt"},
        },
        "authorization": {"mode": "AlwaysAllow"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{layout.cgroup}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "containerRuntimeEndpoint": socket,
        "imageServiceEndpoint": socket,
        "podLogsDir": f"{setting.home}/pod-logs",
        "volumePluginDir": f"{setting.home}/kubelet/volume-plugins",
        # No DNS runs: but without an address of one every pod gets a warning.
        "clusterDNS": [addressing.dns_service(setting.addresses.services)],
        "clusterDomain": "cluster.local",
        "resolvConf": "",
        "makeIPTablesUtilChains": False,
        "evictionHard": {"memory.available": "200Mi", "nodefs.available": "3%", "imagefs.available": "3%"},
        "maxPods": 110,
        # The default of a minute makes CrashLoopBackOff take 40 s to show.
        "syncFrequency": "2s",
        "serializeImagePulls": False,
        "kubeAPIQPS": 500,
        "kubeAPIBurst": 1000,
        "oomScoreAdj": 0,
    }


def _kube_proxy(setting: Setting) -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clientConnection": {"kubeconfig": f"{setting.home}/kube-proxy.kubeconfig"},
        "hostnameOverride": REAL_NODE,
        "oomScoreAdj": 0,
        "clusterCIDR": setting.addresses.pods,
        "healthzBindAddress": f"127.0.0.1:{setting.ports.proxy_health}",
        "metricsBindAddress": f"127.0.0.1:{setting.ports.proxy_metrics}",
        # Nothing of these is the network namespace's own to set.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        "nftables": {"minSyncPeriod": "200ms"},
    }


def _cni(setting: Setting) -> dict[str, Any]:
    addresses = {
        "type": "host-local",
        "dataDir": f"{setting.home}/ipam",
        "ranges": [[{"subnet": setting.addresses.pods}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    link = {"type": "ptp", "ipMasq": False, "mtu": 1500, "ipam": addresses}
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "1.0.0", "name": "lab", "plugins": [link, ports]}


def _registry_hosts(setting: Setting) -> str:
    """Send every registry name to the lab's own registry."""
    server = f"http://127.0.0.1:{setting.ports.registry}"
    return f'server = "{server}"\n[host."{server}"]\n  capabilities = ["pull", "resolve"]\n'


def _containerd(layout: Layout, setting: Setting) -> str:
    template = (SOURCES / "containerd.toml").read_text()
    return template.format(
        home=setting.home,
        runc=shutil.which("runc"),
        plugins=hosting.plugins_directory(),
        snapshotter=hosting.snapshotter(layout.directory),
    )


def _write_json(file: Path, content: dict[str, Any]) -> None:
    _write(file, json.dumps(content, indent=1))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o600)  # kubeconfigs hold keys
