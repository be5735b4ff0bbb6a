"""Choose addresses and ports that nothing else on this machine uses."""

import ipaddress
import json
import socket
import subprocess
from collections.abc import Iterable
from contextlib import ExitStack
from ipaddress import IPv4Network
from typing import Any

from lab.errors import LabError
from lab.setting import Addresses, Ports

_RANGE = IPv4Network("10.240.0.0/12")
"""Every lab takes one /20 of these: 256 labs fit."""

_KWOK_PODS = "10.239.0.0/16"
"""Pods that do not run need no route: these addresses answer nowhere."""

LOOPBACK = Addresses("127.0.0.1", "", "10.96.0.0/16", "", _KWOK_PODS)
"""A cluster without real nodes: nobody routes to its pods and Services."""


def free_ports() -> Ports:
    """Choose loopback ports that are free at this moment, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in Ports.__slots__]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return Ports(*(each.getsockname()[1] for each in sockets))


def free_addresses(seed: str) -> Addresses:
    """Choose a block that no route or address of this machine touches, the same for the same seed if it can."""
    return addresses_of(free_block(seed, networks_in_use()))


def free_block(seed: str, taken: Iterable[IPv4Network]) -> IPv4Network:
    """Give the first free block at or after the seed's. Pure."""
    blocks = list(_RANGE.subnets(new_prefix=20))
    first = int(seed, 16) % len(blocks)
    busy = list(taken)
    for block in blocks[first:] + blocks[:first]:
        if not any(block.overlaps(other) for other in busy):
            return block
    raise LabError(f"no free block of addresses is left in {_RANGE}: is another lab's link left over?")


def addresses_of(block: IPv4Network) -> Addresses:
    """Divide a block: half for Services, a quarter for pods, and a link of four addresses. Pure."""
    services, rest = block.subnets()
    pods, links = rest.subnets()
    host, api = list(next(links.subnets(new_prefix=30)).hosts())
    return Addresses(str(api), str(host), str(services), str(pods), _KWOK_PODS)


def networks_in_use() -> list[IPv4Network]:
    """List the networks that this machine has an address in or a route to, default routes aside."""
    routes = [row["dst"] for row in _ip("route", "show", "table", "all")]
    links = _ip("address")
    addresses = [f"{info['local']}/{info['prefixlen']}" for row in links for info in row.get("addr_info", ())]
    return [_network(text) for text in (*routes, *addresses) if text != "default"]


def _network(text: str) -> IPv4Network:
    return ipaddress.IPv4Interface(text).network


def _ip(*arguments: str) -> list[dict[str, Any]]:
    answer = subprocess.run(["ip", "-json", "-4", *arguments], capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(answer.stdout or "[]")
    return found


def own_service(services: str) -> str:
    """Give the address of the API server's own Service: the first. Pure."""
    return str(IPv4Network(services)[1])


def dns_service(services: str) -> str:
    """Give the address that a cluster's DNS has by custom. Pure."""
    return str(IPv4Network(services)[10])
