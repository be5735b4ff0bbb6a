"""Completion: what is offered, and that real shells offer it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lastgood.cli.commands import COMMANDS
from lastgood.cli.completing import answer, for_kubectl, for_shell, items, split
from lastgood.cli.completion import SCRIPTS
from lastgood.cli.formats import FORMATS
from lastgood.errors import ReleaseNotFound, Unreachable
from lastgood.model.status import Listed
from tests.cli.cast import HISTORY
from tests.cli.test_cli_imports import imported_by
from tests.cli.world import FakeDeployer, lastgood, outside_of

ROOT = Path(__file__).parent.parent.parent
ARN = "arn:aws:eks:eu-west-1:123:cluster"
KUBECONFIG = f"""
contexts:
- {{name: lab, context: {{cluster: c}}}}
- {{name: "{ARN}/prod", context: {{cluster: c}}}}
- {{name: "{ARN}/stage", context: {{cluster: c}}}}
- {{name: admin@prod, context: {{cluster: c}}}}
clusters:
- {{name: c, cluster: {{server: "http://127.0.0.1:1"}}}}
"""


def offered(line: str, deployer: FakeDeployer | None = None, env: dict[str, str] | None = None) -> list[str]:
    """What may stand where the line ends."""
    words = split(line)
    return [one.value for one in items(words[1:-1], words[-1], outside_of(deployer or FakeDeployer(), env=env))]


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Path:
    path = tmp_path / "config"
    path.write_text(KUBECONFIG)
    return path


# --- what is offered


def test_commands_are_offered_in_their_order_and_by_their_beginning() -> None:
    assert offered("lastgood ") == list(COMMANDS)
    assert offered("lastgood re") == ["recover"]
    assert offered("lastgood -n prod ver") == ["verify", "version"]
    assert offered("lastgood help ro") == ["rollback"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("lastgood deploy --mo", ["--mode"]),
        ("lastgood deploy --mode ", ["declarative", "standard"]),
        ("lastgood deploy --mode=st", ["--mode=standard"]),
        ("lastgood plan k8s -o j", ["json"]),
        ("lastgood --output js", ["json", "jsonl"]),
        ("lastgood -o ", list(FORMATS)),
        ("lastgood completion ", ["bash", "zsh", "fish"]),
        ("lastgood deploy --prune --no-pr", []),
        ("lastgood deploy --why ", []),
        ("lastgood history shop ", []),
    ],
)
def test_flags_and_their_words_are_offered(line: str, expected: list[str]) -> None:
    assert offered(line) == expected


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("lastgood deploy k8s/", "file"),
        ("lastgood deploy -f ", "file"),
        ("lastgood plan --service=", "file"),
        ("lastgood history --kubeconfig ~/", "file"),
        ("lastgood deploy --file-store ", "dir"),
    ],
)
def test_files_are_left_to_the_shell(line: str, kind: str) -> None:
    words = split(line)
    assert [one.type for one in items(words[1:-1], words[-1], outside_of(FakeDeployer()))] == [kind]


def test_contexts_are_those_of_the_kubeconfig_that_is_named(kubeconfig: Path) -> None:
    assert offered("lastgood history --context ", env={"KUBECONFIG": str(kubeconfig)}) == [
        "admin@prod", f"{ARN}/prod", f"{ARN}/stage", "lab",
    ]  # fmt: skip
    assert offered(f"lastgood --kubeconfig {kubeconfig} history --context=l", env={}) == ["--context=lab"]


@pytest.mark.parametrize("content", ["{", "- list", "contexts: {}", None], ids=["broken", "list", "mapping", "missing"])
def test_a_kubeconfig_that_cannot_be_used_offers_nothing(content: str | None, kubeconfig: Path) -> None:
    kubeconfig.write_text(content) if content else kubeconfig.unlink()
    assert offered(f"lastgood history --kubeconfig {kubeconfig} --context ") == []


@pytest.mark.parametrize(
    "line",
    [
        "history ",
        "show ",
        "verify ",
        "rollback --force ",
        "recover ",
        "diff ",
        "status ",
        "uninstall ",
        "deploy --name ",
    ],
)
def test_names_of_releases_come_from_the_cluster_that_the_flags_name(line: str) -> None:
    deployer = FakeDeployer(answer=[Listed(name, "prod", HISTORY) for name in ("shop", "shop-2", "web")])
    assert offered(f"lastgood -n prod --context lab {line}sh", deployer) == ["shop", "shop-2"]
    assert deployer.connected == {"namespace": "prod", "context": "lab", "kubeconfig": None}


def test_numbers_of_releases_come_with_what_they_are() -> None:
    found = items(["show", "shop"], "", outside_of(FakeDeployer(past=HISTORY)))
    assert [(one.value, one.help) for one in found][:2] == [
        ("6", "good, 2026-11-23T12:06:00Z"), ("5", "failed, 2026-11-23T12:05:00Z"),
    ]  # fmt: skip


def test_one_goes_back_to_good_releases_only_unless_one_insists() -> None:
    deployer = FakeDeployer(past=HISTORY)
    assert offered("lastgood rollback shop --to ", deployer) == ["6", "4"]
    assert offered("lastgood rollback shop --force --to=", deployer) == ["--to=6", "--to=5", "--to=4", "--to=3"]
    assert deployer.asked == ["shop", "shop"]


@pytest.mark.parametrize("error", [Unreachable("no answer"), ReleaseNotFound("none")])
def test_what_goes_wrong_is_not_told_in_the_middle_of_a_line(error: Any) -> None:
    assert offered("lastgood show shop ", FakeDeployer(past=error)) == []


def test_whatever_happens_while_connecting_is_not_told_either() -> None:
    def broken(**where: Any) -> Any:
        raise RuntimeError("a plugin that logs in is not installed")

    deployer = FakeDeployer()
    deployer.connect = broken  # type: ignore[method-assign]
    assert offered("lastgood show shop ", deployer) == []


# --- how it is said


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("lastgood ", ["lastgood", ""]),
        ("lastgood hist", ["lastgood", "hist"]),
        ("lastgood -f 'a b", ["lastgood", "-f", "a b"]),
        ('lastgood --why "it is', ["lastgood", "--why", "it is"]),
        ("lastgood a\\ b", ["lastgood", "a b"]),
        ("", [""]),
    ],
)
def test_a_line_is_read_as_a_shell_reads_it(line: str, words: list[str]) -> None:
    assert split(line) == words


def test_bash_is_told_only_what_it_will_put_in() -> None:
    """Its words end at ``:`` and ``=``; what stands before is kept."""
    found = items(["history"], "--out", outside_of(FakeDeployer()))
    assert for_shell(found, "--out", "--out") == "plain\t--output\tHow to answer; text by default.\n"
    value = items(["history"], "--output=j", outside_of(FakeDeployer()))
    assert for_shell(value, "--output=j", "j") == "plain\tjson\t\n"
    assert for_shell(value, "--output=j") == "plain\t--output=json\t\n"


def test_kubectl_is_told_whether_to_offer_files() -> None:
    outside = outside_of(FakeDeployer())
    assert for_kubectl(items([], "hist", outside)) == "history\tList the releases of a name, newest first.\n:4\n"
    assert for_kubectl(items(["deploy"], "", outside)) == ":0\n"
    assert for_kubectl([]) == ":4\n"


def test_kubectl_asks_with_words() -> None:
    outside = outside_of(FakeDeployer())
    assert answer("kubectl", ["deploy", "--mode", "st"], outside) == 0
    assert outside.out.getvalue() == "standard\n:4\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_of_a_shell_is_printed(shell: str) -> None:
    ran = lastgood("completion", shell)
    assert (ran.code, ran.out) == (0, SCRIPTS[shell])


def test_a_shell_that_is_not_known_is_refused() -> None:
    ran = lastgood("completion", "fsh")
    assert ran.code == 2
    assert ran.err.endswith("hint: did you mean fish?\n")


# --- as a process


def asked_by_shell(line: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lastgood"], capture_output=True, text=True, check=False, cwd=ROOT, timeout=60,
        env=os.environ | {"_LASTGOOD_COMPLETE": "zsh", "COMP_LINE": line} | env,
    )  # fmt: skip


def test_completing_imports_little() -> None:
    heavy = {"asyncio", "httpx2", "json", "lightkube", "msgspec", "rich", "yaml"}
    assert imported_by("", _LASTGOOD_COMPLETE="zsh", COMP_LINE="lastgood deploy --mode ") & heavy == set()


def test_a_cluster_that_never_answers_ends_the_wait_in_silence(kubeconfig: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        kubeconfig.write_text(KUBECONFIG.replace(':1"', f':{deaf.getsockname()[1]}"'))
        done = asked_by_shell("lastgood show shop --context lab ", KUBECONFIG=str(kubeconfig))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# --- real shells


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


@pytest.fixture
def place(tmp_path: Path, kubeconfig: Path) -> dict[str, str]:
    """A folder with a file, and lastgood on the PATH."""
    (tmp_path / "web.yaml").touch()
    (tmp_path / "programs").mkdir()
    program = tmp_path / "programs" / "lastgood"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m lastgood "$@"\n')
    program.chmod(0o755)
    for shell, script in SCRIPTS.items():
        (tmp_path / f"lastgood.{shell}").write_text(script)
    return os.environ | {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "KUBECONFIG": str(kubeconfig),
        "PYTHONPATH": str(ROOT / "src"),
        "HOME": str(tmp_path),
    }


BASH = """
source lastgood.bash
complete -p lastgood
compopt() { echo "compopt $*"; }
COMP_LINE=$1 COMP_POINT=${#1}
_lastgood lastgood "$2" ""
printf '%s\\n' "${COMPREPLY[@]}"
"""


def say(command: Sequence[str], place: dict[str, str]) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=place["HOME"], env=place)
    assert done.stderr == ""
    return done.stdout.splitlines()


@needs("bash")
@pytest.mark.parametrize(
    ("line", "taken", "expected"),
    [
        ("lastgood hist", "hist", ["history"]),
        ("lastgood history --context=adm", "adm", ["admin@prod"]),
        (f"lastgood history --context {ARN}/", "cluster/", ["cluster/prod", "cluster/stage"]),
        ("lastgood deploy -f w", "w", ["compopt -o default", ""]),
        ("lastgood deploy --file-store ", "", ["compopt -o dirnames", ""]),
    ],
)
def test_bash_completes(line: str, taken: str, expected: list[str], place: dict[str, str]) -> None:
    asked, *said = say(["bash", "--norc", "-c", BASH, "bash", line, taken], place)
    assert asked == "complete -o nosort -F _lastgood lastgood"
    assert said == expected


ZSH = """
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "autoload -Uz compinit; compinit -u -D; source lastgood.zsh"
zpty -w shell "$1"$'\\t\\C-Aprint -r -- \\C-E > said'
zpty -w shell exit
while zpty -r shell; do :; done >/dev/null
cat said
"""


@needs("zsh")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("lastgood hist", "lastgood history"),
        ("lastgood history --context=adm", "lastgood history --context=admin@prod"),
        (f"lastgood history --context {ARN}/p", f"lastgood history --context {ARN}/prod"),
        ("lastgood deploy -f w", "lastgood deploy -f web.yaml"),
        ("lastgood deploy --service=w", "lastgood deploy --service=web.yaml"),
        ("lastgood deploy --file-store p", "lastgood deploy --file-store programs"),
    ],
)
def test_zsh_completes(line: str, expected: str, place: dict[str, str]) -> None:
    """Typed in an interactive shell; what then stands on the line is printed into a file."""
    assert say(["timeout", "30", "zsh", "-f", "-c", ZSH, "zsh", line], place) == [expected]


@needs("fish")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("lastgood hist", ["history"]),
        ("lastgood history --context=adm", ["--context=admin@prod"]),
        (f"lastgood history --context {ARN}/p", [f"{ARN}/prod"]),
        ("lastgood deploy -f w", ["web.yaml"]),
        ("lastgood deploy --service=w", ["--service=web.yaml"]),
        ("lastgood deploy --file-store p", ["programs/"]),
    ],
)
def test_fish_completes(line: str, expected: list[str], place: dict[str, str]) -> None:
    said = say(["fish", "--no-config", "-c", f"source lastgood.fish; complete -C '{line}'"], place)
    assert [one.partition("\t")[0] for one in said] == expected
