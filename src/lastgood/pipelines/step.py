"""What is known of a type of step: what it does, the keys of its spec, and what brings back what it did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lastgood.pipelines.shape import (
    Fields,
    Items,
    Key,
    Rule,
    Scalar,
    Tagged,
    choice,
    meaningless,
    number,
    refused,
    text,
    truth,
)

NO_DELEGATES = "there are no delegates here: the step runs where lastgood runs"
COMES_LATER = "comes later"
LABEL = r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?"
RESOURCE_NAME = re.compile(rf"({LABEL}/)?(?P<kind>[A-Za-z][A-Za-z0-9.]*)/{LABEL}", re.ASCII)


@dataclass(frozen=True, slots=True)
class StepType:
    """An entry of the catalogue of steps.

    ``undone_by`` tells a person what brings back what it did. ``outputs`` are the names after ``output.`` that
    expressions may ask for, with what they hold; a name that holds a dot stands beside ``output``. ``deploys`` says
    that it works on the release of its stage, so that no other such step can go on at the same time.
    """

    type: str
    does: str
    keys: tuple[Key, ...] = ()
    rules: tuple[Rule, ...] = ()
    undone_by: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    flags_of: str = ""
    deploys: bool = False

    @property
    def spec(self) -> Fields:
        """The shape of its ``spec``."""
        return Fields((*self.keys, meaningless("delegateSelectors", NO_DELEGATES)), self.rules)


# --- keys that several types have


SKIP_DRY_RUN = meaningless(
    "skipDryRun", "a plan is made of dry runs, so none is ever left out", truth(), default="false"
)
SKIP_STEADY_STATE_CHECK = Key("skipSteadyStateCheck", truth(), default="false")
TRAFFIC_ROUTING = refused("trafficRouting", f"traffic routing {COMES_LATER}: leave it out")


def resource_name(*kinds: str, refused: Mapping[str, str] | None = None) -> Scalar:
    """``Kind/name`` or ``namespace/Kind/name``; with ``kinds``, one of these. ``refused`` kinds have a sentence."""
    expected = "[namespace/]Kind/name"
    barred = {kind.lower(): sentence for kind, sentence in (refused or {}).items()}

    def problem(found: str) -> str:
        match = RESOURCE_NAME.fullmatch(found.strip())
        kind = match["kind"].lower() if match else ""
        if kind in barred:
            return barred[kind]
        fits = match and (not kinds or kind in map(str.lower, kinds))
        known = f", the kind being {' or '.join(kinds)}" if kinds else ""
        return "" if fits else f"expected {expected}{known}"

    return Scalar(expected, problem)


def command_flags(*types: str) -> Key:
    """Flags of kubectl, for these types of command; ``flags`` says which have a meaning."""
    flag = Fields((Key("commandType", choice(*types), required=True), Key("flag", text("flags of kubectl"))))
    return Key("commandFlags", Items(flag))


def instance_selection(*, least: int, required: bool = False) -> Key:
    """How many pods: so many, or so many of a hundred, rounded up."""
    cases = {
        "Count": Fields((Key("count", number(least=least), required=True),)),
        "Percentage": Fields((Key("percentage", number(least=least, most=100), required=True),)),
    }
    return Key("instanceSelection", Tagged("type of selection", cases), required=required)
