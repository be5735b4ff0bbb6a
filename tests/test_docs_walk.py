"""What the documents tell people to type is typed, on a cluster in memory, and answers as it is said to."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from lastgood.cli.commands import COMMANDS
from lastgood.cli.main import run
from lastgood.cli.outside import Outside
from lastgood.deployer import Deployer
from lastgood.model.event import Event
from lastgood.model.resource import Ref
from lastgood.testing import Behaviour, FakeClock, MemoryCluster, memory_deployer
from tests.conftest import ROOT
from tests.test_client import a_service

TUTORIAL = ROOT / "docs" / "getting-started.md"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CONFIG = "{apiVersion: v1, kind: ConfigMap, metadata: {name: app}}"
MISSING = {"*:1.92": Behaviour(pull_error="not found"), "*:missing": Behaviour(pull_error="not found")}


@dataclass
class Desk:
    """A person's terminal: a folder, a simulated cluster, and the exit code of what was typed last."""

    clock: FakeClock = field(default_factory=FakeClock)
    code: int = 0

    def __post_init__(self) -> None:
        self.cluster = MemoryCluster(self.clock, behaviours={**MISSING, "*": Behaviour()})

    def type(self, line: str) -> str:
        """What is printed, on stdout and stderr together; the only programs there are besides are small ones."""
        if line == "echo $?":
            return f"{self.code}\n"
        if not line.startswith("lastgood "):
            return subprocess.run(line, shell=True, check=True, capture_output=True, text=True).stdout
        out = io.StringIO()
        outside = Outside(
            out,
            out,
            io.StringIO(CONFIG),
            {"USER": "ann", "TERM": "xterm"},
            self.clock.monotonic,
            self.connect,
            run_loop=self.clock.run,
            leave=os._exit,
        )
        self.code = run(shlex.split(line)[1:], outside)
        self.clock.jump(60)
        return out.getvalue()

    @asynccontextmanager
    async def connect(
        self, *, namespace: str | None = None, tell: Callable[[Event], None], **_: Any
    ) -> AsyncIterator[Deployer]:
        where = namespace or "default"
        if self.cluster.live(Ref("", "Namespace", "", where)) is None:
            self.cluster.add_namespace(where)
        yield memory_deployer(self.cluster, namespace=where, tell=tell)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(socket, "gethostname", lambda: "laptop")
    monkeypatch.chdir(tmp_path)
    return Desk()


# --- the tutorial, from its first line to its last


def transcript(desk: Desk, block: str) -> str:
    """The same block with what the commands in it print now."""
    typed = [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"$ {line}\n{desk.type(line)}" for line in typed)


def as_it_is_now(desk: Desk, found: re.Match[str]) -> str:
    language, text = found.groups()
    if language == "yaml":
        path = Path(text.splitlines()[0].removeprefix("# "))
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return f"```{language}\n{transcript(desk, text)}```" if language == "console" else found[0]


def test_the_tutorial_is_what_one_sees(desk: Desk) -> None:
    """Each command in turn, each file as it is shown. ``UPDATE_GOLDENS=1`` writes it anew: read the diff."""
    text = TUTORIAL.read_text()
    now = FENCE.sub(lambda found: as_it_is_now(desk, found), text)
    if os.environ.get("UPDATE_GOLDENS"):
        TUTORIAL.write_text(now)
        text = now
    assert text.splitlines() == now.splitlines(), "UPDATE_GOLDENS=1 takes this as right"


# --- every other command that is written somewhere

COMMAND = re.compile(r"^(?:\$ )?(?:kubectl )?(lastgood \w.*?)(?:\s+#.*)?$", re.MULTILINE)
ENDS = {
    "--artifact registry.lab/web:1 -n demo": 2,  # memory: 1Gb
    "registry.lab/web:missing": 1,
    "diff shop 4 5 --exit-code": 6,
    "diff shop 3 --exit-code": 6,
    "prod --exit-code > plan.txt": 6,
    "lint wrong.yaml": 2,
}
"""How those end that are not shown ending well."""
PHASES = ("promote", "swap", "abort")
"""Commands that need something staged."""
NGINX = "--service examples/nginx/service.yaml --file-store store"
NOT_HERE = ("lastgood demo", "lastgood completion", "lastgood help", "lastgood run")
"""What has tests of its own that type it: for a cluster of one's own, for a shell, on paper."""


def written() -> Iterator[tuple[str, str]]:
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        if path != TUTORIAL:
            for language, block in FENCE.findall(path.read_text()):
                if language in ("", "console", "sh"):
                    yield from ((path.name, line) for line in COMMAND.findall(block))


def in_help() -> Iterator[tuple[str, str]]:
    for name in COMMANDS:
        lines = import_module(f"lastgood.cli.{name}").COMMAND.examples
        yield from ((f"{name} --help", f"lastgood {line}") for line in lines if not line.startswith("#"))


def typed() -> list[tuple[str, str]]:
    """Where it is written, and what; each line once."""
    places = {line: place for place, line in (*in_help(), *written())}
    return [(place, line) for line, place in places.items() if not line.startswith(NOT_HERE)]


def stock(desk: Desk, folder: Path, line: str) -> None:
    """What was there before a line: files, and releases 1 to 6 of shop, of which 5 failed and 6 restores 4."""
    (folder / "examples").symlink_to(ROOT / "examples")
    for name in ("store", "broken"):
        shutil.copytree(ROOT / "examples" / "nginx" / "file-store", folder / name)
    a_service(folder).rename(folder / "service.yaml")
    (folder / "now.yaml").write_text(CONFIG)
    stages(folder)
    if "--run" in line:
        shutil.copytree(ROOT / "examples" / "shop", folder, dirs_exist_ok=True)
    (folder / "k8s").mkdir()
    namespace = "prod" if "-n prod" in line else "default"
    for tag in ("1", "2", "3", "4", "missing"):
        write_shop(folder / "k8s", tag)
        desk.type(f"lastgood deploy -f k8s/ --name shop -n {namespace}")
    write_shop(folder / "k8s", "7")
    if any(word in line for word in ("blue-green", "canary", *PHASES)):
        write_service(folder / "k8s")
    if line.startswith(tuple(f"lastgood {word} " for word in PHASES)):
        desk.type(f"lastgood deploy -f k8s/ --name shop --strategy blue-green --staged -n {namespace}")
    if "-n demo" in line:
        desk.type(f"lastgood deploy {NGINX} --artifact registry.lab/web:1 --set-variable memory=64Mi -n demo")


def stages(folder: Path) -> None:
    """A stage, a pipeline, a folder with both, and a stage with a mistake."""
    (folder / "deploy").mkdir()
    for name in ("stage.yaml", "pipeline.yaml", "deploy/stage.yaml", "deploy/pipeline.yaml"):
        source = "rolling" if "stage" in name else "pipeline"
        shutil.copy(ROOT / "tests" / "pipelines" / "stages" / f"{source}.yaml", folder / name)
    right = (folder / "stage.yaml").read_text()
    (folder / "wrong.yaml").write_text(right.replace("K8sRollingDeploy", "K8sRolingDeploy"))


def write_service(folder: Path) -> None:
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80}]}
    write(folder / "service.yaml", apiVersion="v1", kind="Service", metadata={"name": "web"}, spec=spec)


def write_shop(folder: Path, tag: str) -> None:
    container = {"name": "web", "image": f"web:{tag}", "envFrom": [{"configMapRef": {"name": "app"}}]}
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    web = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    write(folder / "web.yaml", apiVersion="apps/v1", kind="Deployment", metadata={"name": "web"}, spec=web)
    write(folder / "app.yaml", apiVersion="v1", kind="ConfigMap", metadata={"name": "app"}, data={"TAG": tag})


def write(path: Path, **body: Any) -> None:
    path.write_text(yaml.safe_dump(body))


@pytest.mark.parametrize(("place", "line"), typed(), ids=[line for _, line in typed()])
def test_what_is_written_can_be_typed(place: str, line: str, desk: Desk, tmp_path: Path) -> None:
    """Those that are shown failing fail as shown. What is piped into jq can be read by it; kubectl needs the lab."""
    stock(desk, tmp_path, line)
    first, _, program = line.partition(" | ")
    said = desk.type(re.split(" [<>] ", first)[0])
    expected = next((code for words, code in ENDS.items() if words in line), 0)
    assert expected == desk.code, f"{place}: {said}"
    if program.startswith("jq") and shutil.which("jq"):
        piped = subprocess.run(program, shell=True, input=said, capture_output=True, text=True, check=False)
        assert (0, "") == (piped.returncode, piped.stderr), said


def test_every_command_is_typed_somewhere() -> None:
    said = {line.split()[1] for line in (*COMMAND.findall(TUTORIAL.read_text()), *(line for _, line in typed()))}
    assert COMMANDS.keys() - {one.split()[1] for one in NOT_HERE} - said == set()
