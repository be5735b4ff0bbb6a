"""Scripts of a pipeline: what they find, what they give, how they end, and what is seen of them."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest

from lastgood.errors import SettingError
from lastgood.pipelines import shell
from lastgood.pipelines.script import Ran, Script, Shell, masking, shell_named
from lastgood.pipelines.shell import run
from lastgood.pipelines.waiting import wait
from lastgood.testing import FakeClock

PATH = {"PATH": os.environ["PATH"]}
WITHIN = 60.0


def play(text: str, *, within: float = WITHIN, folder: str | None = None, **more: Any) -> tuple[Ran, list[str]]:
    """How a script ended, and what it printed."""
    lines: list[str] = []
    more["environment"] = PATH | more.get("environment", {})
    script = Script(text, **more)
    return asyncio.run(run(script, within=within, hear=lines.append, folder=folder)), lines


def test_a_script_finds_its_environment_and_nothing_else() -> None:
    ran, lines = play('echo "$COLOR"; echo "${HOME-none}"', environment={"COLOR": "blue"})
    assert (ran, lines) == (Ran(0), ["blue", "none"])


def test_output_and_errors_come_as_one_line_by_line() -> None:
    _, lines = play("echo one; echo two >&2; printf three; printf '\\xff\\n'; printf last")
    assert lines == ["one", "two", "three\ufffd", "last"]


def test_nothing_can_be_typed_into_it() -> None:
    assert play("read -r answer || echo nobody")[1] == ["nobody"]


@pytest.mark.parametrize("shell", list(Shell))
@pytest.mark.parametrize("end", ["", "exit 0", "false || true"])
def test_outputs_are_what_its_variables_hold_when_it_ends(shell: Shell, end: str) -> None:
    """Whatever is in them, and however it ends; what it has not set is not there."""
    text = f"export version=1.2\ntext='a=b\nc \"d\"'\nempty=\n{end}\n"
    outputs = {"VERSION": "version", "TEXT": "text", "EMPTY": "empty", "NONE": "none"}
    ran, _ = play(text, shell=shell, outputs=outputs)
    assert ran == Ran(0, {"VERSION": "1.2", "TEXT": 'a=b\nc "d"', "EMPTY": ""})


def test_outputs_are_there_although_it_fails_and_is_strict() -> None:
    ran, _ = play("set -euo pipefail\nfound=1\nfalse\nfound=2\n", outputs={"found": "found", "other": "other"})
    assert ran == Ran(1, {"found": "1"}, "it ended with exit code 1")
    assert not ran.ok


def test_an_output_must_be_a_name() -> None:
    with pytest.raises(SettingError, match=r'"\$\(id\)" cannot be an output'):
        play("", outputs={"a": "$(id)"})


def test_a_signal_that_ends_it_is_named() -> None:
    assert play("kill -KILL $$")[0] == Ran(-9, failure="it was ended by SIGKILL")


@pytest.mark.parametrize("deaf", [False, True])
def test_when_its_time_is_over_all_that_it_started_ends(
    deaf: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it has printed was told; what it started does not outlive it, be it deaf to being told."""
    monkeypatch.setattr(shell, "GRACE", 0.2)
    ids = tmp_path / "ids"
    text = f"{'trap : TERM; ' if deaf else ''}echo begun\nsleep 300 & echo $! $$ >{ids}\nwhile :; do sleep 1; done"
    ran, lines = play(text, within=1.0)
    assert (ran.timed_out, ran.failure, lines[0]) == (True, "it did not end within 1 s", "begun")
    assert ended([int(one) for one in ids.read_text().split()])


def test_when_it_is_cancelled_all_that_it_started_ends(tmp_path: Path) -> None:
    ids = tmp_path / "ids"

    async def story() -> None:
        begun = asyncio.Event()
        script = Script(f"sleep 300 & echo $! $$ >{ids}\necho begun\nwait", environment=PATH)
        work = asyncio.ensure_future(run(script, within=WITHIN, hear=lambda _: begun.set()))
        await begun.wait()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(story())
    assert ended([int(one) for one in ids.read_text().split()])


def ended(ids: list[int]) -> bool:
    """Whether none of these processes runs any more; the system may take a moment to clear them away."""
    end = time.monotonic() + 10
    while any(map(_is_running, ids)) and time.monotonic() < end:
        pass
    return not any(map(_is_running, ids))


def _is_running(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_what_it_leaves_running_with_its_output_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "LINGER", 0.1)
    ran, lines = play("sleep 300 & echo $!")
    os.kill(int(lines[0]), 9)
    assert ran == Ran(0)


def test_secrets_are_masked_each_line_of_them() -> None:
    _, lines = play('echo "a hunter2 b"; echo "$KEY"', environment={"KEY": "BEGIN\nabcdef"}, secrets=("hunter2",))
    assert lines == ["a ***** b", "BEGIN", "abcdef"]
    mask = masking(["BEGIN\nabcdef\n}", "abc", ""])
    assert [mask(line) for line in ("BEGIN", "abcdef", "abc", "}", "")] == ["*****", "*****", "*****", "}", ""]


def test_it_runs_where_it_is_told_to(tmp_path: Path) -> None:
    assert play("pwd", folder=str(tmp_path))[1] == [str(tmp_path)]
    with pytest.raises(SettingError, match="there is no folder"):
        play("pwd", folder=str(tmp_path / "none"))


def test_a_shell_that_is_not_there_is_named() -> None:
    with pytest.raises(SettingError, match="there is no bash here"):
        play("pwd", environment={"PATH": "/nowhere"})


@pytest.mark.parametrize(("word", "shell"), [("Bash", Shell.BASH), ("bash", Shell.BASH), ("sh", Shell.SH)])
def test_shells_by_their_names(word: str, shell: Shell) -> None:
    assert shell_named(word) is shell


def test_powershell_is_refused() -> None:
    with pytest.raises(SettingError, match="PowerShell scripts are not run here: only Bash and Sh"):
        shell_named("PowerShell")


def test_a_wait_takes_its_time() -> None:
    clock = FakeClock()

    async def story() -> float:
        begun = clock.monotonic()
        await wait(clock, 3600.0)
        return clock.monotonic() - begun

    assert clock.run(story()) == pytest.approx(3600.0)
