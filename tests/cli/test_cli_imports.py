"""What each command imports: nobody waits for what is not used. A new command needs a row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from lastgood.cli.commands import COMMANDS

ROOT = Path(__file__).parent.parent.parent

BYTECODE = ROOT / ".pytest_cache" / "bytecode"
"""It makes the second process faster than the first."""

NGINX = ROOT / "examples" / "nginx"
SERVICE = f"--service {NGINX}/service.yaml --file-store {NGINX}/file-store --artifact web:1 --set-variable memory=64Mi"
FILES = "-f app.yaml --name shop"

MANIFEST = "{apiVersion: v1, kind: ConfigMap, metadata: {name: app}, data: {LEVEL: info}}\n"
STAGE = "{environment: {name: prod, identifier: prod, type: Production}}\n"
KUBECONFIG = """
current-context: nowhere
clusters: [{name: nowhere, cluster: {server: "http://127.0.0.1:9"}}]
contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody}}]
users: [{name: nobody, user: {}}]
"""

BARE = """
import sys
from lastgood.__main__ import main
sys.argv = ["lastgood", *sys.argv[1:]]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""

LIGHTKUBE = "import sys, lightkube; print(*sys.modules)"

HEAVY = {"asyncio", "backports", "gotpl", "httpx2", "json", "lightkube", "msgspec", "rich", "yaml"}
"""What takes long to import. What only asks for help needs none of it."""

HTTP = {"anyio", "h11", "h2", "hpack", "httpcore2", "httpx2", "hyperframe", "idna", "truststore"}
CONNECTING = {"backports", "click", "lightkube", "msgspec", "typing_extensions", "yaml"} | HTTP
TEMPLATES = {"goduration", "gotime", "gotpl", "tzlocal"}

ANYBODY = {"cli", "identifying"}
"""What is small, and may be imported by any command."""

READING = {"loading", "parsing"}
DIAGNOSING = {"diagnosing", "kinship"}
SERVING = READING | {"emitting", "pipelines", "rendering"}
SHOP = "examples/shop/pipeline.yaml --artifact registry.lab/web:1"


@dataclass(frozen=True)
class Row:
    """A command line, and what it may import beyond what connecting takes, or beyond a parser if it asks no cluster.

    ``packages`` are others', ``ours`` the modules of lastgood, ``pages`` those of ``cli/pages`` beyond how runs end.
    """

    line: str
    packages: frozenset[str] | set[str] = frozenset()
    ours: frozenset[str] | set[str] = frozenset()
    pages: frozenset[str] | set[str] = frozenset()
    connects: bool = True


ROWS = {
    "deploy": [
        Row(f"deploy {FILES}", ours=READING),
        Row(f"deploy {FILES} --output json", ours=READING),
        Row(f"deploy {FILES} --dry-run", ours=READING, pages={"plan"}),
        Row(f"--terminal deploy {FILES}", {"rich"}, READING),
        Row(f"deploy {SERVICE}", TEMPLATES, SERVING),
    ],
    "plan": [
        Row(f"plan {FILES}", ours=READING, pages={"plan"}),
        Row(f"--terminal plan {FILES}", ours=READING, pages={"plan"}),
        Row(f"plan {SERVICE}", TEMPLATES, SERVING, {"plan"}),
    ],
    "run": [Row(f"run {SHOP}", {"yaml"}, SERVING | {"operating"}, {"run"}, connects=False)],
    "lint": [Row("lint stage.yaml", {"yaml"}, READING | {"pipelines", "rendering"}, {"lint"}, connects=False)],
    "promote": [Row("promote shop"), Row("promote shop --dry-run", pages={"plan"})],
    "swap": [Row("swap shop"), Row("swap shop --dry-run", pages={"plan"})],
    "abort": [Row("abort shop"), Row("--terminal abort shop", {"rich"})],
    "rollback": [
        Row("rollback shop"),
        Row("rollback shop --dry-run", pages={"plan"}),
        Row("--terminal rollback shop", {"rich"}),
    ],
    "recover": [Row("recover shop"), Row("--terminal recover shop", {"rich"})],
    "uninstall": [
        Row("uninstall shop"),
        Row("uninstall shop --dry-run", pages={"plan"}),
        Row("--terminal uninstall shop", {"rich"}),
    ],
    "status": [Row("status shop", pages={"status"}), Row("--terminal status shop", pages={"status"})],
    "health": [
        Row("health app.yaml", {"yaml"}, READING | DIAGNOSING, {"health"}, connects=False),
        Row("health app.yaml --output yaml", {"yaml"}, READING | DIAGNOSING | {"emitting"}, {"health"}, connects=False),
        Row("health --namespace prod", ours=DIAGNOSING | {"examining"}, pages={"health"}),
    ],
    "list": [Row("list", pages={"listing"}), Row("--terminal list", pages={"listing"})],
    "diff": [
        Row("diff shop 4 5", pages={"comparison", "plan"}),
        Row("--terminal diff shop 4 5", pages={"comparison", "plan"}),
    ],
    "history": [Row("history shop", pages={"history"}), Row("--terminal history shop", pages={"history"})],
    "show": [
        Row("show shop", pages={"release"}),
        Row("--terminal show shop", pages={"release"}),
        Row("show shop --manifests", ours={"emitting", "parsing"}, pages={"manifests"}),
    ],
    "verify": [Row("verify shop", pages={"proof"}), Row("--terminal verify shop", pages={"proof"})],
    "rbac": [
        Row(f"rbac {FILES}", ours=READING | {"emitting"}, pages={"rbac"}),
        Row(f"rbac {SERVICE}", TEMPLATES, SERVING, {"rbac"}),
        Row(f"rbac --run {SHOP}", {"yaml"}, SERVING | {"operating"}, {"rbac"}, connects=False),
    ],
    "demo": [
        Row(
            "demo",
            {"yaml"},
            SERVING - {"emitting"} | {"client", "testing"},
            {"history", "proof", "refusal"},
            connects=False,
        )
    ],
    "completion": [Row("completion bash", connects=False)],
    "version": [Row("version --verbose", connects=False)],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files of a command line are."""
    folder = tmp_path_factory.mktemp("imports")
    (folder / "app.yaml").write_text(MANIFEST)
    (folder / "stage.yaml").write_text(STAGE)
    (folder / "kubeconfig").write_text(KUBECONFIG)
    return folder


def python(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A process that ends well."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(BYTECODE)} | env
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def imported(line: str, folder: Path) -> set[str]:
    """All modules that a process has imported when its command has ended."""
    words = line.replace("app.yaml", f"{folder}/app.yaml").replace("stage.yaml", f"{folder}/stage.yaml").split()
    done = python("-m", "tests.cli.alone", *words, KUBECONFIG=str(folder / "kubeconfig"))
    return set(json.loads(done.stderr.splitlines()[-1]))


def imported_by(*arguments: str, **env: str) -> set[str]:
    """The packages that ``lastgood`` imports, with nothing of these tests beside it."""
    return packages(set(python("-c", BARE, *arguments, **env).stderr.split()))


def packages(modules: set[str]) -> set[str]:
    """The names that stand first."""
    return {name.partition(".")[0] for name in modules}


def of_others(modules: set[str]) -> set[str]:
    """Packages that somebody has to install; compiled ones bring nameless helpers, which do not count."""
    found = packages(modules) - {"lastgood", "tests", "__main__"} - sys.stdlib_module_names
    return {name for name in found if not name.startswith("_") and name != "cython_runtime"}


def below(prefix: str, modules: set[str]) -> set[str]:
    """The names that stand next after a prefix."""
    return {name.removeprefix(prefix).partition(".")[0] for name in modules if name.startswith(prefix)}


@pytest.fixture(scope="module")
def to_connect() -> set[str]:
    """What the way to a cluster imports."""
    code = "import sys, lastgood.connecting; print(*sys.modules)"
    return set(python("-c", code).stdout.split())


def test_every_command_has_a_row() -> None:
    assert ROWS.keys() == COMMANDS.keys()
    assert all(rows and all(name in row.line.split() for row in rows) for name, rows in ROWS.items())


@pytest.mark.parametrize("output", ["text", "json", "yaml"])
def test_the_version_is_said_before_a_parser_is_imported(output: str) -> None:
    assert imported_by("version", "-o", output) & (HEAVY | {"click", "dataclasses"}) == set()


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_help_imports_nothing_that_works(arguments: list[str]) -> None:
    assert imported_by(*arguments) & HEAVY == set()


@pytest.mark.parametrize(
    "row", [row for rows in ROWS.values() for row in rows], ids=lambda row: row.line.split(" -")[0]
)
def test_a_command_imports_what_it_uses_and_no_more(row: Row, folder: Path, to_connect: set[str]) -> None:
    modules = imported(row.line, folder)
    always = CONNECTING if row.connects else {"click"}
    assert row.packages <= of_others(modules) <= always | row.packages
    ours = below("lastgood.", modules) - below("lastgood.", to_connect)
    assert row.ours <= ours <= ANYBODY | row.ours
    assert below("lastgood.cli.pages.", modules) - {"ending", "evidence"} == row.pages


def test_of_the_resources_of_lightkube_only_those_are_imported_that_it_imports_itself(folder: Path) -> None:
    """All of them together take longer to import than a deploy takes."""
    resources = below("lightkube.resources.", imported("history shop", folder))
    assert resources == below("lightkube.resources.", set(python("-c", LIGHTKUBE).stdout.split()))
