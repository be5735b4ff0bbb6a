"""What a program sees: the same stories in every format of ``-o``, and nothing else on stdout."""

from __future__ import annotations

import io
import json
import re
import signal
from dataclasses import replace
from typing import Any

import pytest
import yaml

from lastgood.cli.commands import COMMANDS
from lastgood.cli.formats import FORMATS, asked_for, formats_of
from lastgood.cli.outside import Outside, the_time
from lastgood.cli.report import REPORTS, EventReport
from lastgood.errors import DeployFailed, Forbidden, LastgoodError, ReleaseBusy, ReleaseNotFound, RestoreFailed
from lastgood.model.event import (
    Ended,
    Event,
    Failed,
    Left,
    NotWritten,
    Planned,
    Proved,
    Recorded,
    Settled,
    Unchanged,
    Watched,
    Written,
)
from lastgood.model.evidence import ContainerEvidence, Evidence, PodEvidence
from lastgood.model.health import Cause, Ruling
from lastgood.model.plan import Op
from lastgood.model.release import History, State
from tests.cli.cast import (
    BACK,
    BROKEN,
    CONDEMNED,
    CONFIG,
    CRASHING,
    EVERYTHING,
    GOOD,
    HISTORY,
    KEYS,
    PASSWORD,
    PLAN,
    POD,
    UPDATE_KEYS,
    WEB,
    judged,
    proof,
    release,
    verdict,
)
from tests.cli.reference import documents
from tests.cli.test_cli_answers import DRIFT, PLAN_COMMAND
from tests.cli.test_cli_runs import BEGINNING, COMING_BACK, DEPLOY, FAILING, press
from tests.cli.world import Clock, FakeDeployer, Ran, Step, golden, lastgood

RESTORED = DeployFailed(BROKEN.reason, release=BROKEN, restored=BACK, proof=BACK.proof)
NOT_RESTORED = RestoreFailed(f"{BROKEN.reason}; not restored: there is no good release to go back to", release=BROKEN)
DENIED = Forbidden("ann may not create deployments.apps in namespace prod", hint="ask for the right to create them")
GOING_WELL: tuple[Step, ...] = (
    *BEGINNING,
    0.5,
    Watched(verdict(judged("new pods up: 0 of 3", 0), judged("", None, Ruling.PASS, CONFIG))),
    1.0,
    Watched(verdict(judged("pods ready: 3 of 3", 3, Ruling.PASS), judged("", None, Ruling.PASS, CONFIG))),
    Proved(proof(5)),
    Ended(GOOD),
    0.1,
)
ENDINGS: dict[str, FakeDeployer] = {
    "good": FakeDeployer(GOING_WELL, GOOD),
    "restored": FakeDeployer((*FAILING, *COMING_BACK, RESTORED)),
    "not_restored": FakeDeployer((*FAILING, NOT_RESTORED)),
    "refused": FakeDeployer((0.2, DENIED)),
    "interrupted": FakeDeployer((*BEGINNING, press(signal.SIGINT))),
}


def deploy(ending: str, output: str, **more: Any) -> Ran:
    return lastgood(*DEPLOY, "-o", output, deployer=replace(ENDINGS[ending], clock=Clock(), asked=[]), **more)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("output", ["json", "yaml", "name", "jsonl"])
def test_a_deploy_in_every_format_however_it_ends(output: str, ending: str) -> None:
    golden(f"{output}_deploy_{ending}", deploy(ending, output))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_deploy_on_a_terminal_however_it_ends(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its colours, and what is drawn meanwhile: ``␛`` and ``␍`` stand for themselves, ``⠿`` for what turns."""
    monkeypatch.setattr("lastgood.cli.live.TURNS_PER_SECOND", 0.001)  # no picture but those that the story asks for
    ran = deploy(ending, "text", screen=True, env={"COLUMNS": "100", "LINES": "30"})
    shown = re.sub("[⠀-⣿]", "⠿", ran.out.replace("\x1b", "␛").replace("\r", "␍"))
    golden(f"terminal_deploy_{ending}", replace(ran, out=shown))


def test_which_command_takes_which_format_is_said_in_one_place() -> None:
    assert REPORTS.keys() == set(FORMATS)
    assert {one for name in COMMANDS for one in formats_of(name)} == set(FORMATS)


# --- documents

ANSWERS: dict[tuple[str, ...], FakeDeployer] = {
    PLAN_COMMAND: FakeDeployer((Planned(release(7), EVERYTHING, release(6)),), past=HISTORY),
    ("history", "shop"): FakeDeployer(past=HISTORY),
    ("show", "shop", "5"): FakeDeployer(answer=CRASHING),
    ("verify", "shop"): FakeDeployer(answer=DRIFT),
    ("version",): FakeDeployer(),
    DEPLOY: FakeDeployer((*FAILING, *COMING_BACK, RESTORED)),
    ("rollback", "shop"): FakeDeployer(COMING_BACK, BACK),
    ("recover", "shop"): FakeDeployer((Settled(5), *COMING_BACK), BACK),
    ("history", "nobody"): FakeDeployer(past=ReleaseNotFound("no release nobody", hint="-n names the namespace")),
}
KINDS = ("Plan", "History", "Release", "Proof", "Version", "Run", "Run", "Run", "Error")


def answered(command: tuple[str, ...], output: str) -> Ran:
    deployer = replace(ANSWERS[command], clock=Clock(), asked=[])
    return lastgood(*command, "-o", output, deployer=deployer)


@pytest.mark.parametrize(("command", "kind"), [*zip(ANSWERS, KINDS, strict=True)])
def test_every_document_says_first_what_it_is(command: tuple[str, ...], kind: str) -> None:
    document = json.loads(answered(command, "json").out)
    assert list(document.items())[:2] == [("apiVersion", "lastgood.dev/v1"), ("kind", kind)]


@pytest.mark.parametrize("command", ANSWERS, ids=" ".join)
def test_yaml_is_the_same_document(command: tuple[str, ...]) -> None:
    in_json, in_yaml = answered(command, "json"), answered(command, "yaml")
    assert yaml.safe_load(in_yaml.out) == json.loads(in_json.out)
    assert (in_yaml.code, in_yaml.err) == (in_json.code, in_json.err)
    assert list(yaml.safe_load(in_yaml.out)) == list(json.loads(in_json.out))


def test_in_yaml_the_last_words_of_a_container_can_be_read() -> None:
    ran = answered(("show", "shop", "5"), "yaml")
    assert "logs: |\n        starting web crash\n        fatal: cannot start: DATABASE_URL is not set\n" in ran.out


@pytest.mark.parametrize("word", ["on", "1e3", "2026-11-23", "null", "0x1f", ""])
def test_in_yaml_a_text_that_looks_like_something_else_is_quoted(word: str) -> None:
    past = History((replace(HISTORY.summaries[0], why=word),))
    ran = lastgood("history", "shop", "-o", "yaml", deployer=FakeDeployer(past=past))
    assert f'why: "{word}"\n' in ran.out
    assert yaml.safe_load(ran.out)["items"][0]["why"] == word


def test_where_o_stands_and_how_it_is_spelled_does_not_matter() -> None:
    spellings = (("history", "shop", "-o", "yaml"), ("-o", "yaml", "history", "shop"), ("history", "-oyaml", "shop"),
                 ("-o", "json", "history", "shop", "--output=yaml"))  # fmt: skip
    said = {lastgood(*one, deployer=FakeDeployer(past=HISTORY)).out for one in spellings}
    assert len(said) == 1
    assert said.pop().startswith("apiVersion: lastgood.dev/v1\nkind: History\n")


SPELLED = {
    ("deploy", "-o", "yaml", "--bogus"): "yaml",
    ("-o", "json", "deploy", "-ojsonl", "--bogus"): "jsonl",
    ("deploy", "--output=name", "--bogus"): "name",
    ("deploy", "-vo", "json", "--bogus"): "json",
    ("deploy", "-o", "wide"): "text",
    ("history", "-o", "jsonl"): "text",
    ("deploy", "-o", "toml"): "text",
    ("deploy", "-o"): "text",
    ("deploy", "--why", "-o json"): "text",
    ("deploy", "--no-json"): "text",
    (): "text",
}


@pytest.mark.parametrize(("arguments", "output"), SPELLED.items())
def test_a_command_line_that_cannot_be_understood_is_still_answered_as_it_asks(
    arguments: tuple[str, ...], output: str
) -> None:
    command = next((one for one in arguments if one in COMMANDS), "")
    assert asked_for(arguments, command) == output


@pytest.mark.parametrize("output", ["json", "yaml", "jsonl"])
def test_a_mistake_in_a_run_is_its_document(output: str) -> None:
    ran = lastgood("deploy", "-o", output, "--timeout", "600", "k8s")
    (document,) = documents(ran.out, output)
    assert ("Run", "failed", 2) == (document["kind"], document["outcome"], document["exitCode"])
    assert ran.err.startswith("error: --timeout: '600' is not a duration")


def test_yaml_of_an_error_is_on_stdout_and_the_sentence_on_stderr() -> None:
    golden("yaml_history_missing", answered(("history", "nobody"), "yaml"))


# --- names


NAMES = {
    PLAN_COMMAND: "configmap/app secret/keys deployment.apps/web job.batch/migrate gadget.example.org/first "
    "configmap/old",
    ("history", "shop"): "6 5 4 3",
    ("show", "shop", "5"): "deployment.apps/web configmap/app secret/keys",
    ("verify", "shop"): "configmap/app secret/keys deployment.apps/web configmap/old job.batch/migrate",
    ("rollback", "shop"): "deployment.apps/web configmap/app secret/keys",
    ("recover", "shop"): "deployment.apps/web configmap/app secret/keys",
    ("history", "nobody"): "",
}


@pytest.mark.parametrize("command", NAMES, ids=" ".join)
def test_names_are_those_of_kubectl_one_on_a_line(command: tuple[str, ...]) -> None:
    ran = answered(command, "name")
    assert ran.out.splitlines() == NAMES[command].split()
    assert ran.err == answered(command, "json").err


def test_verify_with_v_names_everything_that_was_compared() -> None:
    ran = lastgood("verify", "shop", "-v", "-o", "name", deployer=FakeDeployer(answer=proof(4)))
    assert ran.out.splitlines() == ["deployment.apps/web", "configmap/app", "secret/keys"]


def test_what_was_live_already_is_named_too_and_nothing_when_nothing_was_pending() -> None:
    there = FakeDeployer((Unchanged(4, proof(4)),), release(4, State.GOOD))
    assert lastgood(*DEPLOY, "-o", "name", deployer=there).out.startswith("deployment.apps/web\n")
    nothing = lastgood("recover", "shop", "-o", "name")
    assert (0, "", "") == (nothing.code, nothing.out, nothing.err)


# --- wide


def test_a_wide_history_has_more_columns() -> None:
    golden("wide_history", lastgood("history", "shop", "-o", "wide", deployer=FakeDeployer(past=HISTORY)))


def test_a_wide_history_cuts_nothing_short() -> None:
    long = "word " * 200
    past = History((replace(HISTORY.summaries[0], why=long, reason=long),))
    told = {
        one: lastgood("history", "shop", "-o", one, deployer=FakeDeployer(past=past)).out for one in ("text", "wide")
    }
    assert told["text"].count("word") < told["wide"].count("word") == 400


# --- events


def events(story: tuple[Step, ...], ended: Any = GOOD, *flags: str) -> list[dict[str, Any]]:
    ran = lastgood(*DEPLOY, "-o", "jsonl", *flags, deployer=FakeDeployer(story, ended))
    return [json.loads(line) for line in ran.out.splitlines()]


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_last_line_is_the_document_however_it_ends(ending: str) -> None:
    last, whole = deploy(ending, "jsonl").out.splitlines()[-1], deploy(ending, "json").out
    assert json.loads(last) == json.loads(whole)


def test_a_verdict_is_told_only_of_what_says_something_new() -> None:
    watched = [one for one in events(GOING_WELL) if one.get("type") == "Watched"]
    assert [[(each["name"], each["sentence"]) for each in one["resources"]] for one in watched] == [
        [("web", "new pods up: 0 of 3"), ("app", "")],
        [("web", "pods ready: 3 of 3")],
    ]
    assert {"status": "InProgress", "ready": 0, "wanted": 3}.items() <= watched[0]["resources"][0].items()


def test_a_verdict_is_told_when_it_changes_although_no_resource_does() -> None:
    late = replace(verdict(judged("new pods up: 0 of 3", 0)), sentence="not healthy after 10m")
    story = (Watched(verdict(judged("new pods up: 0 of 3", 0))), Watched(late), Watched(late))
    assert ["", "not healthy after 10m"] == [one["sentence"] for one in events(story)[:-1]]


def test_why_something_waits_is_told_beside_what_condemns() -> None:
    waiting = Cause("Unhealthy", "container web is not ready: its readiness probe has not passed yet")
    (first, second, _) = events(
        (Watched(verdict(judged("new pods up: 3 of 3", 0, causes=(waiting,)))), Watched(verdict(CONDEMNED)))
    )
    assert [waiting.sentence] == [one["sentence"] for one in first["resources"][0]["causes"]]
    assert CONDEMNED.cause is not None
    assert second["resources"][0]["cause"]["sentence"] == CONDEMNED.cause.sentence


def test_a_restore_tells_again_how_its_resources_are() -> None:
    same = Watched(verdict(judged("new pods up: 0 of 3", 0)))
    told = [one["type"] for one in events((same, Recorded(release(6, restores=4)), same))[:-1]]
    assert told == ["Watched", "Recorded", "Watched"]


def test_progress_can_be_read_beside_the_events() -> None:
    ran = lastgood(*DEPLOY, "-o", "jsonl", "-v", deployer=FakeDeployer(BEGINNING, GOOD))
    assert "[  0.4s] deployment.apps/web updated" in ran.err
    assert [json.loads(line)["kind"] for line in ran.out.splitlines()] == [*["Event"] * 4, "Run"]


class Pipe(io.StringIO):
    """Remembers what had arrived each time somebody flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: list[str] = []

    def flush(self) -> None:
        self.arrived.append(self.getvalue())


def test_an_event_is_on_its_way_before_the_next_thing_happens() -> None:
    pipe = Pipe()
    report = EventReport(Outside(pipe, io.StringIO(), None, {}, Clock(), FakeDeployer().connect))
    report.tell(Settled(4))
    assert json.loads(pipe.arrived[-1])["type"] == "Settled"


def test_the_time_of_an_event_is_that_of_the_world() -> None:
    assert the_time().utcoffset() is not None


# --- what is never printed


SECRET_STORY: tuple[Event, ...] = (
    Planned(release(5), EVERYTHING),
    Recorded(release(5)),
    Written(KEYS, Op.UPDATE, taken=UPDATE_KEYS.fields),
    Left(KEYS, "an undo brings back workloads only", UPDATE_KEYS.fields),
    NotWritten(KEYS, Op.UPDATE, "denied"),
    Unchanged(5, DRIFT),
    Failed(BROKEN, BROKEN.reason),
    Proved(DRIFT),
)


def with_secrets(error: LastgoodError | None) -> FakeDeployer:
    failing = (error,) if error else ()
    return FakeDeployer((*SECRET_STORY, *failing), replace(GOOD, proof=DRIFT))


@pytest.mark.parametrize("output", ["json", "yaml", "name", "jsonl"])
@pytest.mark.parametrize(
    "error", [None, RESTORED, NOT_RESTORED, ReleaseBusy("held")], ids=lambda one: type(one).__name__
)
@pytest.mark.parametrize("flags", [(), ("-v",)])
def test_no_value_of_a_secret_is_in_a_run(output: str, error: LastgoodError | None, flags: tuple[str, ...]) -> None:
    ran = lastgood(*DEPLOY, "-o", output, *flags, deployer=with_secrets(error))
    assert PASSWORD not in ran.out + ran.err
    assert "******" not in ran.out
    assert ("*****" in ran.out) == (output in ("json", "yaml", "jsonl"))


@pytest.mark.parametrize("output", ["json", "yaml", "name"])
@pytest.mark.parametrize("command", [PLAN_COMMAND, ("show", "shop", "5"), ("verify", "shop")], ids=" ".join)
def test_no_value_of_a_secret_is_in_an_answer(command: tuple[str, ...], output: str) -> None:
    deployer = replace(ANSWERS[command], clock=Clock(), asked=[])
    if command[0] == "show":
        deployer = replace(deployer, answer=replace(CRASHING, proof=DRIFT))
    ran = lastgood(*command, "-o", output, deployer=deployer)
    assert PASSWORD not in ran.out
    assert ("*****" in ran.out) == (output != "name")


NASTY = "\x1b]0;owned\x07 \x9b2J \u2028 \x7f \u0085 done"


@pytest.mark.parametrize("output", ["json", "yaml", "name", "jsonl"])
def test_nothing_steers_a_terminal(output: str) -> None:
    """Neither colours of ours, on a terminal too, nor what a container wrote, nor a name."""
    pod = PodEvidence(POD, "Running", (ContainerEvidence("web", "image", "terminated", logs=NASTY),))
    failed = replace(BROKEN, reason=NASTY, evidence=Evidence((pod,)))
    back = replace(BACK, resources=(*BACK.resources, *(replace_name(one, NASTY) for one in BACK.resources[:1])))
    error = DeployFailed(NASTY, release=failed, restored=back, proof=back.proof)
    ran = lastgood(*DEPLOY, "-o", output, deployer=FakeDeployer((*FAILING, error)), screen=True)
    assert [one for one in ran.out if not one.isprintable() and one != "\n"] == []
    if output != "name":
        told = documents(ran.out, output)[-1]
        assert (NASTY, NASTY) == (told["error"]["message"], told["evidence"]["pods"][0]["containers"][0]["logs"])


def replace_name(resource: Any, name: str) -> Any:
    return resource.with_body({**resource.body, "metadata": {**resource.body["metadata"], "name": name}})


def test_a_plan_with_everything_is_named_without_what_stays() -> None:
    ran = lastgood(*PLAN_COMMAND, "-o", "name", deployer=FakeDeployer((Planned(release(7), PLAN, release(6)),)))
    assert ran.out == f"{WEB}\n"
