"""What this machine can carry: whether a real node runs here, and if not, why."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

from lab import cgroups
from lab.errors import LabError
from lab.setting import Nodes

COMMANDS = {"runc": "runc", "nft": "nftables", "ip": "iproute2", "nsenter": "util-linux", "unshare": "util-linux"}
"""The commands that a real node runs, and the Debian package of each."""

PLUGINS = ("loopback", "ptp", "host-local", "portmap")
PLUGINS_PACKAGE = "containernetworking-plugins"
_PLUGIN_DIRECTORIES = ("/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni")


def why_not_real() -> str | None:
    """Say why no real node can run here; None if one can."""
    for reason in (_wrong_user, _missing_programs, _missing_cgroups, _no_namespaces):
        if found := reason():
            return found
    return None


def choose_nodes(wish: Nodes | None) -> tuple[Nodes, str]:
    """Choose the kind of node: the wish, or the best that this machine can carry, and why not a better one."""
    reason = None if wish is Nodes.KWOK else why_not_real()
    if reason and wish:
        raise LabError(f"no real node can run here: {reason}")
    if reason:
        return Nodes.KWOK, reason
    return wish or Nodes.REAL, ""


def missing_packages() -> tuple[str, ...]:
    """Name the Debian packages of the programs that a real node needs and that are not there."""
    commands = {package for command, package in COMMANDS.items() if not _which(command)}
    plugins = set() if plugins_directory() else {PLUGINS_PACKAGE}
    shell = set() if _which("busybox") else {"busybox-static"}
    return tuple(sorted(commands | plugins | shell))


def plugins_directory() -> str:
    """Give the folder of the network plugins; empty if there is none that has all of them."""
    folders = (folder for folder in _PLUGIN_DIRECTORIES if all(Path(folder, name).exists() for name in PLUGINS))
    return next(folders, "")


def snapshotter(folder: Path) -> str:
    """Choose how containerd keeps images: layers over layers, unless the folder lies on such a thing itself."""
    return "native" if _filesystem(folder) == "overlay" else "overlayfs"


def _filesystem(folder: Path) -> str:
    """Name the type of the file system that a folder lies on."""
    rows = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    over = [(row[1], row[2]) for row in rows if folder == Path(row[1]) or Path(row[1]) in folder.parents]
    return max(over, key=lambda mount: len(mount[0]), default=("", ""))[1]


def _wrong_user() -> str | None:
    if platform.system() != "Linux":
        return f"it needs Linux, and this is {platform.system()}"
    return None if os.geteuid() == 0 else "it needs root"


def _missing_programs() -> str | None:
    missing = [package for package in missing_packages() if package != "busybox-static"]
    if not missing:
        return None
    return f"not installed: {' '.join(missing)} (python -m lab packages installs them)"


def _missing_cgroups() -> str | None:
    if not cgroups.MOUNT.is_dir() or not os.access(cgroups.MOUNT, os.W_OK):
        return f"{cgroups.MOUNT} cannot be written"
    if missing := cgroups.missing_controllers():
        return f"cgroup controllers are missing: {' '.join(sorted(missing))}"
    return _refused_cgroup()


def _refused_cgroup() -> str | None:
    """Try what the lab will do: in a container the rights may say yes and the kernel no."""
    probe = f"lastgood-lab-probe-{os.getpid()}"
    try:
        cgroups.create(probe)
    except OSError as error:
        return f"a cgroup cannot be made: {error}"
    finally:
        cgroups.remove(probe)
    return None


def _no_namespaces() -> str | None:
    command = ["unshare", "--net", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "tmpfs", "/run"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"namespaces cannot be made: {done.stderr.strip()}" if done.returncode else None


def _which(command: str) -> str | None:
    """Find a command, also where an ordinary user's PATH does not look."""
    return shutil.which(command, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
