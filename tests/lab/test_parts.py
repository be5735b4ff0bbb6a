"""The parts of the lab that need no cluster."""

import json
import os
import re
import shlex
import signal
import sys
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from lab import (
    addressing,
    building,
    cgroups,
    components,
    describing,
    hosting,
    images,
    nodes,
    processes,
    raising,
    stages,
    state,
    stopping,
    toolchain,
)
from lab.errors import LabError, NotRunning
from lab.layout import Layout
from lab.processes import Process
from lab.setting import ROOM_HOME, ROOM_PORTS, Nodes, Setting
from lab.state import State

ROOT = Path(__file__).parents[2]
BLOCK = IPv4Network("10.240.16.0/20")


def setting(kind: Nodes = Nodes.REAL) -> Setting:
    return Setting(kind, 2, "key", Path("/bin"), ROOM_HOME, addressing.addresses_of(BLOCK), ROOM_PORTS)


def test_names_follow_from_the_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "lab")
    one, same, other = (Layout.of(tmp_path / name) for name in ("lab", "link", "lab2"))
    assert one.id == same.id != other.id
    assert len(one.link) <= 15, "the kernel takes no longer names"


def test_a_block_holds_services_pods_and_a_link_apart() -> None:
    of = addressing.addresses_of(BLOCK)
    services, pods = IPv4Network(of.services), IPv4Network(of.pods)
    link = IPv4Network(f"{of.host}/30", strict=False)
    assert {of.host, of.api} == {str(host) for host in link.hosts()}
    assert all(BLOCK.supernet_of(part) for part in (services, pods, link))
    assert not any((services.overlaps(pods), services.overlaps(link), pods.overlaps(link)))


def test_a_block_in_use_is_passed_over() -> None:
    first = addressing.free_block("0", [])
    second = addressing.free_block("0", [IPv4Network(f"{first[9]}/32")])
    assert not second.overlaps(first)
    with pytest.raises(LabError, match="no free block"):
        addressing.free_block("0", [IPv4Network("10.0.0.0/8")])


def test_free_ports_are_different() -> None:
    ports = addressing.free_ports()
    assert len({getattr(ports, name) for name in ports.__slots__}) == len(ports.__slots__)


@pytest.mark.parametrize(
    ("version", "needed", "enough"),
    [
        ("go1.26.8", "1.26.6", True),
        ("go1.26", "1.26.6", False),
        ("go1.27.0", "1.26.6", True),
        ("go1.27rc1", "1.26", False),
    ],
)
def test_a_go_is_new_enough_or_not(version: str, needed: str, *, enough: bool) -> None:
    assert toolchain.is_enough(version, needed) is enough


def test_the_go_package_is_new_enough_for_the_sources() -> None:
    assert toolchain.is_enough(f"go{toolchain.GO_PACKAGE.split('==')[1]}", building._needed_go())


def test_the_version_is_linked_in() -> None:
    flags = building.link_flags()
    version = building.versions()["kubernetes"]
    assert f"-X k8s.io/component-base/version.gitVersion={version}" in flags
    assert "gitMajor=1" in flags


def test_components_of_each_kind_of_nodes() -> None:
    kwok = components.names(setting(Nodes.KWOK))
    real = components.names(setting(Nodes.REAL))
    assert kwok == ("etcd", "apiserver", "controller-manager", "scheduler", "kwok")
    assert set(real) == set(kwok) - {"kwok"} | {"registry", "containerd", "kubelet", "kube-proxy"}
    assert set(components.names(setting(Nodes.BOTH))) == set(real) | set(kwok)


def test_kwok_nodes_are_tainted_only_beside_a_real_one() -> None:
    assert nodes.kwok_node("kwok-1", Nodes.BOTH)["spec"]["taints"] == [nodes.KWOK_TAINT]
    assert nodes.kwok_node("kwok-1", Nodes.KWOK)["spec"]["taints"] == []


def test_every_situation_has_its_stage() -> None:
    jq = (ROOT / "lab/kwok/situation.jq").read_text()
    situations = set(re.findall(r'(?:then|else) \(?(?:if any.* then )?"([a-z-]+)"', jq)) | {"deleted"}
    assert {stage.situation for stage in stages.STAGES} == situations - {"steady", "over"}


def test_stages_are_documents_of_json() -> None:
    documents = [json.loads(text) for text in stages.text().split("\n---\n")]
    assert [document["kind"] for document in documents] == ["Stage"] * (len(stages.STAGES) + 1)


def test_the_readme_has_every_image() -> None:
    table = json.loads((ROOT / "lab/images.json").read_text())
    readme = (ROOT / "lab/README.md").read_text()
    missing = [name for name in (*table, "web:missing") if f"`{name}`" not in readme]
    assert not missing
    assert {"registry.lab/web:1", "registry.lab/web:crash"} <= set(images.VARIABLES.values())


def test_exports_are_what_a_shell_reads() -> None:
    text = describing.exports({"KUBECONFIG": "/a b/kubeconfig", "LAB_KUBECTL": "/a b/bin/kubectl"})
    words = [shlex.split(line) for line in text.splitlines()]
    assert ["export", "KUBECONFIG=/a b/kubeconfig"] in words
    assert ["export", "PATH=/a b/bin:$PATH"] in words


def test_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    layout = Layout.of(tmp_path)
    written = State(setting(), 1.5, room=Process(1, "2")).with_component("etcd", Process(3, "4"))
    state.save(layout, written)
    assert state.load(layout) == written


def test_no_state_is_no_lab(tmp_path: Path) -> None:
    with pytest.raises(NotRunning):
        state.load(Layout.of(tmp_path))
    assert describing.describe(Layout.of(tmp_path))["running"] is False


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    layout = Layout.of(tmp_path)
    with pytest.raises(LabError, match="not a lab's"):
        raising.raise_lab(layout, Nodes.KWOK, None)
    stopping.clear(layout)
    assert (tmp_path / "logs").is_dir()


def test_a_real_node_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "why_not_real", lambda: "it needs root")
    assert hosting.choose_nodes(None) == (Nodes.KWOK, "it needs root")
    with pytest.raises(LabError, match="it needs root"):
        hosting.choose_nodes(Nodes.REAL)


def test_controllers_are_handed_down_on_cgroup_v2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroups, "MOUNT", tmp_path)
    for folder in (tmp_path, tmp_path / "lab"):
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.controllers").write_text("cpu cpuset memory pids rdma")
        (folder / "cgroup.subtree_control").write_text("cpu cpuset memory")
    assert cgroups.is_unified()
    assert not cgroups.missing_controllers()
    cgroups.create("lab")
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+pids"
    assert (tmp_path / "lab" / "cgroup.subtree_control").read_text() == "+pids"


def test_only_marked_processes_are_found_and_ended(tmp_path: Path) -> None:
    mark = ("LASTGOOD_LAB_PROCESS_OF", f"test-{os.getpid()}")
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)", str(tmp_path)]
    ours = processes.start(sleeper, log=tmp_path / "log", environ={mark[0]: mark[1]})
    others = processes.start(sleeper[:-1], log=tmp_path / "log", environ={})
    try:
        assert processes.is_alive(ours)
        assert not processes.is_alive(Process(ours.pid, "another time"))
        assert processes.end_all(lambda: processes.marked(mark, tmp_path))
        assert not processes.is_alive(ours)
        assert processes.is_alive(others)
    finally:
        processes.send(others.pid, signal.SIGKILL)
