"""Whatever goes wrong becomes a sentence, a hint and an exit code; a traceback only for those who ask for it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from lastgood import errors
from lastgood.cli.failing import Bug, exit_code
from lastgood.cli.main import run
from lastgood.cli.outside import Outside
from lastgood.errors import DeployFailed, Interrupted, LastgoodError, RestoreFailed, UninstallFailed, Unreachable
from lastgood.model.event import Written
from lastgood.model.plan import Op
from tests.cli.cast import BACK, BROKEN, CRASHING, WEB
from tests.cli.test_cli_runs import BEGINNING, COMING_BACK, DEPLOY
from tests.cli.world import Clock, FakeDeployer, golden, lastgood

CODES = {
    "LastgoodError": 1,
    "InputError": 2,
    "ManifestError": 2,
    "TemplateError": 2,
    "ExpressionError": 2,
    "SettingError": 2,
    "ClusterError": 4,
    "Unreachable": 4,
    "Forbidden": 4,
    "Rejected": 4,
    "FieldConflict": 4,
    "NotFound": 4,
    "Conflict": 4,
    "HistoryError": 5,
    "ReleaseNotFound": 5,
    "NothingToRollBackTo": 5,
    "NothingStaged": 5,
    "RecordCorrupt": 5,
    "ReleaseBusy": 5,
    "DeployFailed": 1,
    "RestoreFailed": 3,
    "UninstallFailed": 3,
    "Fenced": 3,
    "Interrupted": 143,
    "Bug": 70,
}


def tree(kind: type[LastgoodError]) -> Iterator[type[LastgoodError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from tree(child)


OURS = sorted({kind for kind in tree(LastgoodError) if kind.__module__ in (errors.__name__, Bug.__module__)}, key=str)


def made(kind: type[LastgoodError]) -> LastgoodError:
    more: dict[str, Any] = {}
    if issubclass(kind, DeployFailed | UninstallFailed):
        more = {"release": BROKEN}
    if issubclass(kind, Interrupted):
        more = {"signal": 15}
    return kind("it went wrong", hint="do better", **more)


def test_every_error_has_an_exit_code_here() -> None:
    assert {kind.__name__ for kind in OURS} == CODES.keys()


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_an_error_leaves_with_its_code(kind: type[LastgoodError]) -> None:
    ran = lastgood("verify", "shop", deployer=FakeDeployer((made(kind),)))
    assert (CODES[kind.__name__], "") == (ran.code, ran.out)
    assert ran.err == "error: it went wrong\nhint: do better\n"


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_once_something_was_changed_the_code_says_whether_what_was_good_is_back(kind: type[LastgoodError]) -> None:
    """2, 4 and 5 promise that nothing was touched."""
    code = exit_code(made(kind), touched=True)
    assert code in ({0, 1, 3} if kind is not Interrupted else {143})


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_in_json_mode_an_error_is_a_document_too(kind: type[LastgoodError]) -> None:
    ran = lastgood("history", "shop", "-o", "json", deployer=FakeDeployer(past=made(kind)))
    assert json.loads(ran.out) == {
        "apiVersion": "lastgood.dev/v1",
        "kind": "Error",
        "error": {"type": kind.__name__, "message": "it went wrong", "hint": "do better"},
        "exitCode": CODES[kind.__name__],
    }
    assert ran.err == "error: it went wrong\nhint: do better\n"


# --- the document of a run


OUTCOMES = {
    "restored": (DeployFailed("no", release=CRASHING, restored=BACK, proof=BACK.proof), 1),
    "failed": (RestoreFailed("no; not restored: no", release=CRASHING, restored=BROKEN), 3),
    "fenced": (errors.Fenced("another run took over"), 3),
    "interrupted": (Interrupted("stopped", signal=2), 130),
}


@pytest.mark.parametrize(("outcome", "error", "code"), [(one, *rest) for one, rest in OUTCOMES.items()], ids=OUTCOMES)
def test_a_run_is_one_document_whatever_its_outcome(outcome: str, error: LastgoodError, code: int) -> None:
    ran = lastgood(*DEPLOY, "-o", "json", deployer=FakeDeployer((*BEGINNING, error)))
    document = json.loads(ran.out)
    assert (outcome, code, code) == (document["outcome"], document["exitCode"], ran.code)
    assert document["kind"] == "Run"
    assert document["release"]["number"] == 5
    assert (document["restored"] or {}).get("restores") == (4 if outcome == "restored" else None)
    assert bool(document["failures"]) == bool(document["evidence"]) == isinstance(error, DeployFailed)


def test_the_document_of_a_failure_holds_reason_proof_and_evidence() -> None:
    error = DeployFailed(CRASHING.reason, release=CRASHING, restored=BACK, proof=BACK.proof)
    ran = lastgood(*DEPLOY, "-o", "json", deployer=FakeDeployer((*BEGINNING, *COMING_BACK, error)))
    golden("deploy_json", ran)


def test_a_good_run_and_one_with_nothing_to_do_are_documents() -> None:
    good = json.loads(lastgood(*DEPLOY, "-o", "json", deployer=FakeDeployer((*BEGINNING,), BACK)).out)
    none = json.loads(lastgood("recover", "shop", "-o", "json", deployer=FakeDeployer()).out)
    back = json.loads(lastgood("recover", "shop", "-o", "json", deployer=FakeDeployer(COMING_BACK, BACK)).out)
    assert ["good", "unchanged", "restored"] == [one["outcome"] for one in (good, none, back)]
    assert (None, 6) == (good["restored"], back["restored"]["number"])


def test_with_v_progress_is_told_on_stderr_and_stdout_stays_one_document() -> None:
    ran = lastgood(*DEPLOY, "-o", "json", "-v", deployer=FakeDeployer((*BEGINNING,), BACK))
    assert json.loads(ran.out)["outcome"] == "good"
    assert "[  0.4s] deployment.apps/web updated" in ran.err


def test_input_that_cannot_be_used_is_a_document_as_well() -> None:
    ran = lastgood(*DEPLOY, "-o", "json", stdin="kind: [")
    document = json.loads(ran.out)
    assert ("failed", 2, "ManifestError") == (document["outcome"], document["exitCode"], document["error"]["type"])


# --- what cannot happen


class Surprise(Exception):
    """Nobody expected this."""


def surprise() -> Any:
    raise Surprise("hunter22")


def test_a_bug_is_one_sentence_without_what_it_may_have_seen() -> None:
    ran = lastgood(*DEPLOY, deployer=FakeDeployer((surprise,)))
    assert ran.code == 70
    assert "error: unexpected Surprise at test_cli_errors.py:" in ran.err
    assert "this is a bug in lastgood" in ran.err
    assert "Traceback" not in ran.err
    assert "hunter22" not in ran.err


def test_with_v_a_bug_tells_where_it_is() -> None:
    ran = lastgood(*DEPLOY, "-v", deployer=FakeDeployer((surprise,)))
    assert "Traceback" in ran.err


def test_a_bug_in_the_middle_says_how_to_go_on() -> None:
    ran = lastgood(*DEPLOY, deployer=FakeDeployer((*BEGINNING, surprise)))
    assert ran.code == 3
    assert "what it changed may be half done: lastgood recover shop -n prod finishes it" in ran.out.splitlines()[-1]


def test_a_cluster_that_goes_away_in_the_middle_is_no_4() -> None:
    story = (Written(WEB, Op.UPDATE), Unreachable("no answer"))
    assert lastgood(*DEPLOY, deployer=FakeDeployer(story)).code == 3


class Interrupting(io.StringIO):
    """Somebody presses Ctrl-C while this is read."""

    def read(self, size: int | None = -1) -> str:
        raise KeyboardInterrupt


def test_ctrl_c_while_files_are_read_changes_nothing() -> None:
    err = io.StringIO()
    outside = Outside(io.StringIO(), err, Interrupting(), {}, Clock(), FakeDeployer().connect)
    assert (130, "error: interrupted before anything was changed\n") == (run(DEPLOY, outside), err.getvalue())
