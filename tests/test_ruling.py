"""Rules of health that users write: in a file, in CEL, and as annotations on the resource itself."""

from __future__ import annotations

import builtins
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from lastgood.errors import SettingError
from lastgood.kinds import assess
from lastgood.model.health import Health, Observation, Status
from lastgood.model.resource import Body, GroupKind, ref_of
from lastgood.model.rule import Rules
from lastgood.ruling import annotated, annotation_problems
from lastgood.ruling.json_path import Unreadable, compiled
from lastgood.ruling.reading import read_rules
from lastgood.ruling.stating import condition

FILE = "health.yaml"
WIDGET = GroupKind("shop.example", "Widget")
UP = """
rules:
- group: shop.example
  kind: Widget
  healthy: status.colour == "green"
  failed: status.colour == "black"
  progressing: status.colour.startsWith("y")
  message: '"its colour is " + status.colour'
"""
HALF = {"colour": "pink", "counts": [1, 2], "parts": [{"name": "a", "is": "up"}, {"name": "b", "is": "down"}]}


def widget(status: Any = None, *, annotations: dict[str, str] | None = None, **metadata: Any) -> Body:
    body: Body = {
        "apiVersion": "shop.example/v1",
        "kind": "Widget",
        "metadata": {"name": "web", "namespace": "shop", "uid": "uid-of-web", "generation": 2, **metadata},
        "spec": {"replicas": 2},
    }
    if annotations:
        body["metadata"]["annotations"] = {"harness.io/managed-workload": "true", **annotations}
    return body if status is None else {**body, "status": status}


def judged(body: Body, rules: Rules | None = None) -> Health:
    return assess(ref_of(body), body, Observation(0.0, {}, rules=rules or {}))


# --- a file of rules


@pytest.mark.parametrize(
    ("colour", "status"),
    [
        ("green", Status.CURRENT),
        ("black", Status.FAILED),
        ("yellow", Status.IN_PROGRESS),
        ("pink", Status.IN_PROGRESS),
    ],
)
def test_a_rule_says_what_the_words_of_an_operator_mean(colour: str, status: Status) -> None:
    found = judged(widget({"colour": colour}), read_rules(UP, FILE))
    assert (found.status, found.sentence) == (status, f"its colour is {colour}")


def test_a_health_names_the_line_of_the_rule_that_gave_it() -> None:
    rules = read_rules(UP, FILE)
    assert judged(widget({"colour": "black"}), rules).rule == "failed of health.yaml:6 is true"
    assert judged(widget({"colour": "pink"}), rules).rule == "healthy of health.yaml:5 is not true"


def test_what_cannot_be_asked_yet_is_not_answered_with_yes() -> None:
    """No status yet is no error of the rule: it is in progress, and the cause says what is missing."""
    found = judged(widget(), read_rules(UP, FILE))
    assert found.status is Status.IN_PROGRESS
    assert "colour" in found.causes[0].sentence


def test_a_status_of_an_older_generation_is_not_asked() -> None:
    found = judged(widget({"colour": "green", "observedGeneration": 1}), read_rules(UP, FILE))
    assert (found.status, found.rule) == (Status.IN_PROGRESS, "observedGeneration is behind")


def test_what_is_being_deleted_is_that_whatever_a_rule_says() -> None:
    body = widget({"colour": "green"}, deletionTimestamp="2026-11-23T17:50:00Z")
    assert judged(body, read_rules(UP, FILE)).status is Status.TERMINATING


def test_a_rule_counts_before_the_words_that_everybody_knows() -> None:
    """That is what it is for."""
    rules = read_rules("rules: [{group: shop.example, kind: Widget, healthy: 'status.phase == \"Failed\"'}]", FILE)
    assert judged(widget({"phase": "Failed"}), rules).status is Status.CURRENT


def test_a_rule_for_failures_alone_leaves_the_rest_as_it_is() -> None:
    rules = read_rules("rules: [{group: shop.example, kind: Widget, failed: object.status.size > 3}]", FILE)
    assert judged(widget({"size": 5}), rules).status is Status.FAILED
    assert judged(widget({"size": 2, "phase": "Pending"}), rules).rule == "status.phase is Pending"


def test_a_failure_by_rule_is_given_time_like_any_other() -> None:
    rules = read_rules(UP, FILE)
    of_now = judged(widget({"colour": "black", "observedGeneration": 2}), rules)
    of_any = judged(widget({"colour": "black"}), rules)
    assert ([one.hopeless for one in of_now.causes], of_now.condition_failed) == ([True], False)
    assert ([one.hopeless for one in of_any.causes], of_any.condition_failed) == ([False], True)


def test_a_kind_without_a_group_is_one_of_kubernetes_own() -> None:
    rules = read_rules("rules: [{kind: ConfigMap, healthy: object.data.ready == 'yes'}]", FILE)
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "app", "namespace": "shop"}, "data": {}}
    assert judged(body, rules).status is Status.IN_PROGRESS
    assert judged(body | {"data": {"ready": "yes"}}, rules).status is Status.CURRENT


def test_every_mistake_in_a_file_is_told_at_once_with_its_place() -> None:
    text = """
apiVersion: lastgood.dev/v2
rules:
- kind: Widget
  group: shop.example/v1
  helthy: "true"
  healthy: status.
- kind: Gadget
  failed: 1 + 1
  message: size(status)
- healthy: foo.bar
- kind: Gadget
  healthy: "true"
- three
- kind: Empty
  kind: Empty
"""
    with pytest.raises(SettingError) as raised:
        read_rules(text, FILE)
    places = [line.split(": ")[:2] for line in str(raised.value).splitlines()]
    assert places == [
        ["health.yaml:2:1", "apiVersion"],
        ["health.yaml:5:3", "rules[0].group"],
        ["health.yaml:6:3", "rules[0].helthy"],
        ["health.yaml:7:3", "rules[0].healthy"],
        ["health.yaml:9:3", "rules[1].failed"],
        ["health.yaml:10:3", "rules[1].message"],
        ["health.yaml:11:3", "rules[2]"],
        ["health.yaml:11:3", "rules[2].healthy"],
        ["health.yaml:12:3", "rules[3]"],
        ["health.yaml:14:3", "rules[4]"],
        ["health.yaml:15:3", "rules[5]"],
        ["health.yaml:16:3", "rules[5].kind"],
    ]
    assert "did you mean healthy?" in str(raised.value)
    assert "gives int, expected true or false" in str(raised.value)
    assert "undeclared reference to 'foo" in str(raised.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "found 0 documents"),
        ("- a", "expected a mapping with rules"),
        ("rules: {}", "expected a list of rules"),
        ("rule: []", "did you mean rules?"),
        ("a: [", "YAML"),
    ],
)
def test_what_is_no_file_of_rules_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(SettingError, match=re.escape(FILE)) as raised:
        read_rules(text, FILE)
    assert sentence in str(raised.value)


def test_without_cel_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """CEL is asked for by those alone who write rules."""
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("cel_expr_python"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    assert read_rules("rules: []", FILE) == {}
    with pytest.raises(SettingError) as raised:
        read_rules(UP, FILE)
    assert raised.value.hint == "pip install 'lastgood[cel]'"


@settings(deadline=None)
@given(
    status=some.recursive(
        some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
        lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
        max_leaves=6,
    )
)
def test_a_rule_answers_whatever_a_status_holds(status: Any) -> None:
    assert judged(widget(status), RULES).status in {Status.IN_PROGRESS, Status.CURRENT, Status.FAILED}


RULES = read_rules(UP, FILE)


# --- annotations on the resource itself


STEADY = "harness.io/steadyStateCondition"
FAILURE = "harness.io/failureCondition"
REPLICAS = """${json.select("$..status.availableReplicas", response) == json.select("$..spec.replicas", response) \
&& json.select("$.metadata.generation", response) == json.select("$.status.observedGeneration", response)}"""


def test_a_steady_state_condition_is_waited_for() -> None:
    there = widget({"availableReplicas": 2, "observedGeneration": 2}, annotations={STEADY: REPLICAS})
    not_yet = widget({"availableReplicas": 1, "observedGeneration": 2}, annotations={STEADY: REPLICAS})
    assert (judged(there).status, judged(there).rule) == (Status.CURRENT, f"{STEADY} is true")
    assert judged(not_yet).status is Status.IN_PROGRESS
    assert judged(widget(annotations={STEADY: REPLICAS})).status is Status.IN_PROGRESS


def test_a_failure_condition_fails_before_anything_else() -> None:
    text = '${json.select("$.status.phase", response) == "Broken"}'
    body = widget({"phase": "Broken", "observedGeneration": 2}, annotations={FAILURE: text, STEADY: "1==1"})
    assert (judged(body).status, judged(body).rule) == (Status.FAILED, f"{FAILURE} is true")


def test_conditions_count_on_managed_workloads_alone() -> None:
    body = widget({"phase": "Ready"}, annotations={STEADY: "1==2", "harness.io/managed-workload": "false"})
    assert judged(body).rule == "status.phase is Ready"


def test_an_annotation_counts_before_a_rule_of_the_kind() -> None:
    assert judged(widget({"colour": "pink"}, annotations={STEADY: "1==1"}), RULES).status is Status.CURRENT


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1==1", True),
        ("${1 == 2}", False),
        ('json.select("$.colour", response) == "pink"', True),
        ('json.select("$.colour", response) != "pink"', False),
        ('json.select("$.size", response) == null', True),
        ('json.select("$.size", response) == "3"', False),
        ('json.select("$.counts[1]", response) == "2"', True),
        ('json.select("$.counts[0]", response) < 2 && 3 >= 3', True),
        ("json.select(\"$.parts[?(@.name=='b')].is\", response) == 'down'", True),
        ('!(1 == 2) || json.select("$..is", response) == 1', True),
        ("1 == 2 || 2 == 3 || 3 == 3 && 1 == 1", True),
        ('json.select("$.colour", response)', False),
        ('"a" < 1', False),
    ],
)
def test_conditions_are_read_as_they_are_written(text: str, answer: bool) -> None:
    assert condition(text)(HALF) is answer


@pytest.mark.parametrize(
    ("text", "at", "problem"),
    [
        ("", 0, "expected a value, it ends there"),
        ("1 ==", 4, "expected a value, it ends there"),
        ("1 == 1 2", 7, "expected && or ||, found '2'"),
        ("(1 == 1", 7, "expected )"),
        ("${ 1 == }", 8, "expected a value, it ends there"),
        ("colour == 1", 0, "there is no colour"),
        ('json.select("colour", response)', 13, "a path begins with $"),
        ('json.select("$.a[", response)', 16, "cannot read '['"),
        ('json.select("$.a", answer)', 19, "expected response, found 'answer'"),
        ("json.select($.a, response)", 12, "expected a path in quotes"),
        ("(" * 50, 41, "more than 40 parentheses"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, at: int, problem: str) -> None:
    with pytest.raises(Unreadable) as raised:
        condition(text)
    assert problem in str(raised.value)
    assert raised.value.at == at


def test_a_condition_that_cannot_be_read_is_no_rule() -> None:
    """It was refused when it was loaded; one that is live already counts as not there."""
    body = widget({"phase": "Ready"}, annotations={STEADY: "status is ready"})
    assert annotated(body) is None
    assert [name for name, _ in annotation_problems(body)] == [STEADY]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", [HALF]),
        ("$.colour", ["pink"]),
        ("$['colour']", ["pink"]),
        ('$["counts"][-1]', [2]),
        ("$.counts[*]", [1, 2]),
        ("$.counts[7]", []),
        ("$.parts.*.name", ["a", "b"]),
        ("$..name", ["a", "b"]),
        ("$..parts[0].is", ["up"]),
        ('$.parts[?(@.is != "up")].name', ["b"]),
        ("$.colour.name", []),
    ],
)
def test_paths_find_what_they_name(path: str, found: list[Any]) -> None:
    assert compiled(path)(HALF) == found


@given(text=some.text(alphabet="json.select(\"$'[]*?@&|!=<>0 a", max_size=60))
def test_any_condition_is_read_or_refused(text: str) -> None:
    asked, at = None, 0
    try:
        asked = condition(text)
    except Unreadable as error:
        at = error.at
    assert 0 <= at <= len(text)
    assert asked is None or asked(HALF) in {True, False}
