"""docs/reference/json.md and its schema tell of every document, event and field there is, and of none that is not."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

import jsonschema_rs
import pytest

from lastgood.cli.about import API_VERSION
from lastgood.cli.encoding import as_json
from lastgood.cli.events import SHAPES
from lastgood.cli.pages.ending import Outcome
from lastgood.cli.pages.run import RunPage
from lastgood.errors import DeployFailed, Unreachable
from lastgood.model.event import (
    AsFound,
    Ended,
    Event,
    Failed,
    Gathered,
    Left,
    NotWritten,
    Planned,
    Printed,
    Proved,
    Recorded,
    Restoring,
    Settled,
    Staged,
    Stepped,
    Unblocked,
    Unchanged,
    WaitingForLock,
    Watched,
    Written,
)
from lastgood.model.health import Cause, Ruling
from lastgood.model.health import Status as Health
from lastgood.model.plan import Apply, Op, Plan, Wait
from lastgood.model.proof import Finding, Match, Scope
from lastgood.model.release import History, Mode, Release, State
from lastgood.model.status import Comparison, Listed, Status
from lastgood.pipelines.journal import Journal, Mark, Note
from lastgood.pipelines.mistake import Severity
from tests.cli import cast
from tests.cli.cast import CONFIG, DATA, EVIDENCE, HISTORY, NOON, POD, UPDATE_WEB, WEB, judged, verdict
from tests.cli.reference import (
    COMMON,
    DEFS,
    EVENTS,
    KINDS,
    LISTS,
    PAGE,
    PARTS,
    SCHEMA,
    Document,
    refs,
    sections,
    table,
    validate,
)
from tests.cli.test_cli_runs import DEPLOY
from tests.cli.world import FakeDeployer, Step, lastgood

TABLES = [*KINDS, "Event", *EVENTS, *PARTS]
TITLES = [*KINDS, *LISTS, "Event", *EVENTS, *PARTS]

# --- the examples are what commands print, of releases that are made of one resource


def small(one: Release) -> Release:
    proof = one.proof and replace(one.proof, findings=(Finding(WEB, Match.AS_RECORDED),))
    return replace(one, resources=(cast.resource(WEB),), inventory=(WEB,), proof=proof)


CRASH = Cause("CrashLoopBackOff", cast.CRASHED, hopeless=True, container="web", source=POD)
CONDEMNED = replace(judged(cast.CRASHED, 0, Ruling.FAIL, causes=(CRASH,)), cause=CRASH)
GOOD, BACK, CRASHING = map(small, (cast.GOOD, cast.BACK, replace(cast.CRASHING, judged=(CONDEMNED,))))
PROVED = BACK.proof
assert PROVED is not None
IMAGE = replace(UPDATE_WEB, fields=(replace(UPDATE_WEB.fields[1], owner="kubectl"),))
PLAN = Plan((Apply((IMAGE,)), Wait((WEB,))), (IMAGE,))
PENDING = small(cast.release(5))
COMING_BACK = DeployFailed(CRASHING.reason, release=CRASHING, restored=BACK, proof=PROVED)
CRASHING_PODS = """
apiVersion: v1
kind: Pod
metadata: {name: web-6587f6db4c-cw68v, namespace: prod, uid: u-2}
spec: {containers: [{name: web, image: "registry.lab/web:crash"}]}
status:
  phase: Running
  containerStatuses:
  - name: web
    restartCount: 3
    state: {waiting: {reason: CrashLoopBackOff}}
    lastState: {terminated: {exitCode: 3, reason: Error}}
"""
MISSPELLED = """
environment:
  name: Staging
  identifer: staging
  type: PreProduction
"""
MOVED = replace(PROVED, findings=(Finding(WEB, Match.DIFFERS, (replace(UPDATE_WEB.fields[0], after=3, before=5),)),))

EVERY_EVENT: tuple[Step, ...] = (
    0.2,
    WaitingForLock("shop", "ci@runner-7"),
    7,
    Settled(4),
    AsFound(small(cast.release(1, State.GOOD))),
    0.3,
    Planned(PENDING, PLAN),
    Unchanged(6, PROVED),
    Recorded(PENDING),
    0.1,
    Written(WEB, Op.UPDATE, taken=IMAGE.fields),
    0.5,
    Watched(verdict(judged("new pods up: 0 of 3", 0))),
    Gathered(5, EVIDENCE),
    Failed(CRASHING, CRASHING.reason),
    Restoring(5, 4),
    NotWritten(CONFIG, Op.UPDATE, "admission webhook denied the request"),
    Left(DATA, "a PersistentVolumeClaim is never pruned"),
    Unblocked(POD, WEB),
    1.2,
    Proved(PROVED),
    Staged(replace(PENDING, state=State.STAGED)),
    Stepped(("production", "smokeTest"), "Failed", "the script failed: it ended with exit code 1"),
    Printed(("production", "smokeTest"), "no answer from the shop"),
    Ended(BACK),
)


def says(*arguments: str, **deployer: object) -> str:
    return lastgood(*arguments, deployer=FakeDeployer(**deployer)).out  # type: ignore[arg-type]


def the_version() -> str:
    return says("version", "-o", "json").replace(".".join(map(str, sys.version_info[:3])), "3.13.1")


FAILED = "smokeTest: the script failed: it ended with exit code 1"
SWAPPED_BACK = Journal("ship-shop-20261123-120000-9543", "ship_shop", "", mark=Mark.ROLLED_BACK)
for one in (
    Note(("production",), Mark.ROLLED_BACK, FAILED, verb="StageRollback"),
    Note(("production", "smokeTest"), Mark.FAILED, FAILED.partition(": ")[2], left=("what the script smokeTest did",)),
    Note(("production", "rollback", "swapBack"), Mark.SUCCEEDED, "release 1 has the traffic again, as release 3"),
):
    SWAPPED_BACK = SWAPPED_BACK.noted(one)

EXAMPLES: dict[str, Callable[[], str]] = {
    "Run": lambda: says(*DEPLOY, "-o", "json", story=(2.3, COMING_BACK)),
    "Plan": lambda: says("plan", *DEPLOY[1:], "-o", "json", story=(Planned(PENDING, PLAN, small(cast.release(4))),)),
    "PipelineRun": lambda: as_json(RunPage(SWAPPED_BACK, 14.6)),
    "Lint": lambda: lastgood("lint", "-", "-o", "json", stdin=MISSPELLED).out,
    "History": lambda: says("history", "shop", "-o", "json", past=History(HISTORY.summaries[:2])),
    "Release": lambda: says("show", "shop", "5", "-o", "json", answer=GOOD),
    "Proof": lambda: says("verify", "shop", "-o", "json", answer=MOVED),
    "Manifests": lambda: says("show", "shop", "5", "--manifests", "-o", "json", answer=GOOD),
    "Diff": lambda: says("diff", "shop", "4", "5", "-o", "json", answer=Comparison("shop", "prod", 4, 5, (IMAGE,))),
    "Status": lambda: says("status", "shop", "-o", "json", answer=Status("shop", "prod", HISTORY, BACK, PROVED)),
    "List": lambda: says("list", "-o", "json", answer=(Listed("shop", "prod", HISTORY),)),
    "Version": the_version,
    "HealthList": lambda: lastgood("health", "-", "-o", "json", stdin=CRASHING_PODS).out,
    "Error": lambda: says("history", "shop", "-o", "json", past=Unreachable("no answer", hint="is it running?")),
}


@pytest.fixture(scope="module")
def lines() -> dict[str, str]:
    """Every type of event as ``-o jsonl`` prints it."""
    printed = says(*DEPLOY, "-o", "jsonl", story=EVERY_EVENT, answer=BACK).splitlines(keepends=True)
    return {found[1]: line for line in printed if (found := re.search(r'"type": "(\w+)"', line))}


def same_in_the_page(title: str, pattern: str, now: str) -> None:
    """One part of a section is what it is now. ``UPDATE_GOLDENS=1`` writes it anew: read the diff."""
    section = sections(PAGE.read_text())[title]
    (written,) = re.findall(pattern, section, re.MULTILINE | re.DOTALL)
    if os.environ.get("UPDATE_GOLDENS"):
        PAGE.write_text(PAGE.read_text().replace(section, section.replace(written, now)))
        written = now
    assert written == now, "UPDATE_GOLDENS=1 takes this as right"


@pytest.mark.parametrize("name", TABLES)
def test_the_page_has_a_table_of_every_field(name: str) -> None:
    """Names, types and meanings are those of the schema, whatever it defines and in its order."""
    same_in_the_page(name, r"^\| field .*?(?=\n\n|\n\Z)", table(name))


@pytest.mark.parametrize("kind", [*KINDS, *LISTS])
def test_every_kind_has_a_real_example(kind: str) -> None:
    same_in_the_page(kind, r"(?<=^```json\n).*?(?=^```)", EXAMPLES[kind]())


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_has_a_real_example(name: str, lines: dict[str, str]) -> None:
    same_in_the_page(name, r"(?<=^```json\n).*?(?=^```)", lines[name])


def test_the_page_tells_of_nothing_that_is_not_there() -> None:
    assert list(sections(PAGE.read_text())) == TITLES


# --- the schema


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(SCHEMA)
    assert set(refs(SCHEMA["oneOf"])) == {*KINDS, *LISTS, "Event"}


@pytest.mark.parametrize("name", [*KINDS, *EVENTS, *PARTS])
def test_no_field_can_be_printed_that_the_schema_does_not_name(name: str) -> None:
    assert DEFS[name]["additionalProperties"] is False
    assert all(schema.get("description") for schema in DEFS[name]["properties"].values())


def test_a_field_that_nobody_wrote_down_is_found() -> None:
    """The tests that hold every document against the schema are worth something."""
    document: Document = {"apiVersion": API_VERSION, "kind": "Version", "version": "1", "python": "3"}
    validate(document)
    for wrong in ({"more": 1}, {"python": None}, {"apiVersion": "lastgood.dev/v2"}):
        with pytest.raises(jsonschema_rs.ValidationError):
            validate(document | wrong)


@pytest.mark.parametrize("name", LISTS)
def test_a_bare_list_has_nothing_around_it_and_is_made_of_one_part(name: str) -> None:
    assert (DEFS[name]["type"], DEFS[name]["items"]) == ("array", {"$ref": "#/$defs/diagnosis"})


def test_every_event_has_a_shape_and_a_definition() -> None:
    told = {kind.__name__ for kind in Event.__args__}
    assert {kind.__name__ for kind in SHAPES} == told == set(EVENTS)
    assert all(DEFS[name]["required"][:5] == COMMON["required"] for name in EVENTS)


WORDS: dict[type[StrEnum], list[tuple[str, str]]] = {
    Outcome: [("Run", "outcome")],
    State: [("shortRelease", "state"), ("listedRelease", "state"), ("Release", "state")],
    Mode: [("shortRelease", "mode"), ("listedRelease", "mode"), ("Release", "mode"), ("Restoring", "mode")],
    Op: [("change", "op"), ("Written", "op"), ("NotWritten", "op")],
    Match: [("finding", "match")],
    Scope: [("proofResult", "scope")],
    Severity: [("lintFinding", "severity")],
    Mark: [("PipelineRun", "state"), ("pipelineNode", "state"), ("Stepped", "state")],
    Ruling: [("health", "ruling"), ("Watched", "ruling")],
    Health: [("health", "status"), ("diagnosis", "status")],
}


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words.__name__)
def test_every_word_that_a_field_may_hold_is_listed(words: type[StrEnum]) -> None:
    for name, field in WORDS[words]:
        assert DEFS[name]["properties"][field]["enum"] == [str(one) for one in words], (name, field)


def test_no_other_field_lists_its_words() -> None:
    listed = {
        (name, field) for name in DEFS for field, one in DEFS[name].get("properties", {}).items() if "enum" in one
    }
    assert listed - {pair for pairs in WORDS.values() for pair in pairs} == {("step", "step")}


def test_times_are_those_of_the_machine_and_seconds_those_of_the_command(lines: dict[str, str]) -> None:
    assert f'"at": "{NOON:%Y-%m-%dT%H:%M:}07.600Z", "seconds": 7.6' in lines["Written"]
