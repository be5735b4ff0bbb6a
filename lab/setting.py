"""What a lab is made of: chosen once when it is brought up, and kept with it while it runs."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

REAL_NODE = "real-1"
ROOM_HOME = Path("/run/lab")
"""The folder of the run, as the components in the lab's own mount namespace see it."""


class Nodes(StrEnum):
    """The kinds of node that a cluster has."""

    REAL = "real"
    KWOK = "kwok"
    BOTH = "both"

    @property
    def real(self) -> bool:
        """Whether there is a node that runs containers."""
        return self is not Nodes.KWOK

    @property
    def kwok(self) -> bool:
        """Whether there are nodes that only say so."""
        return self is not Nodes.REAL


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the cluster is. `host` is the host's end of the link, or empty without a link."""

    api: str
    host: str
    services: str
    pods: str
    kwok_pods: str


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports that the components listen at."""

    api: int
    etcd: int
    etcd_peer: int
    registry: int
    kubelet: int
    kubelet_health: int
    proxy_health: int
    proxy_metrics: int


ROOM_PORTS = Ports(
    api=6443,
    etcd=2379,
    etcd_peer=2380,
    registry=5000,
    kubelet=10250,
    kubelet_health=10248,
    proxy_health=10256,
    proxy_metrics=10249,
)
"""In a network namespace of its own every port is free."""


@dataclass(frozen=True, slots=True)
class Setting:
    """All choices of one lab. `home` is the folder of the run as its components see it."""

    nodes: Nodes
    kwok_nodes: int
    build: str
    binaries: Path
    home: Path
    addresses: Addresses
    ports: Ports

    @property
    def server(self) -> str:
        """The address of the API server."""
        return f"https://{self.addresses.api}:{self.ports.api}"

    @property
    def node_names(self) -> tuple[str, ...]:
        """The names of all nodes."""
        real = (REAL_NODE,) if self.nodes.real else ()
        return (*real, *kwok_node_names(self))


def kwok_node_names(setting: Setting) -> tuple[str, ...]:
    """Give the names of the KWOK nodes."""
    count = setting.kwok_nodes if setting.nodes.kwok else 0
    return tuple(f"kwok-{number}" for number in range(1, count + 1))
