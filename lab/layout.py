"""Where a lab keeps everything, and the names that it takes outside its folder.

All of it follows from the folder alone, so that a lab can be cleared away whatever is known of it.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

ENTRIES = ("state.json", "state.partial", "kubeconfig", "bin", "logs", "run")
"""All that a lab ever puts into its folder, the marker aside: `down` removes these and nothing else."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The places and names of the lab in one folder."""

    directory: Path

    @classmethod
    def of(cls, directory: str | Path) -> "Layout":
        """Give the layout of a folder, which need not exist."""
        return cls(Path(directory).expanduser().resolve())

    @property
    def id(self) -> str:
        """Eight digits that tell this folder's lab from every other."""
        return hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:8]

    @property
    def marker(self) -> Path:
        """The file that says that this folder is a lab's, so that nothing else is ever removed."""
        return self.directory / ".lastgood-lab"

    @property
    def state(self) -> Path:
        """What is known of the running lab."""
        return self.directory / "state.json"

    @property
    def kubeconfig(self) -> Path:
        """How clients reach the cluster; complete in itself."""
        return self.directory / "kubeconfig"

    @property
    def bin(self) -> Path:
        """The folder for PATH: it holds kubectl."""
        return self.directory / "bin"

    @property
    def logs(self) -> Path:
        """One log for each component."""
        return self.directory / "logs"

    @property
    def run(self) -> Path:
        """Keys, configuration and data of the components."""
        return self.directory / "run"

    @property
    def pki(self) -> Path:
        """Keys and certificates."""
        return self.run / "pki"

    @property
    def link(self) -> str:
        """The host's end of the link into the lab's network namespace."""
        return f"lglab{self.id}"

    @property
    def cgroup(self) -> str:
        """The cgroup above all pods of this lab."""
        return f"lastgood-lab-{self.id}"

    @property
    def mark(self) -> tuple[str, str]:
        """The environment variable that every process of this lab has, and no other."""
        return "LASTGOOD_LAB_PROCESS_OF", self.id


def cache_directory() -> Path:
    """Give the folder, outside of any clone, in which builds and locks are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "lastgood-lab"
