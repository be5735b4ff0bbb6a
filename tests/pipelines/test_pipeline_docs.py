"""docs/pipelines.md tells of every step, key and flag what becomes of it, as the catalogue has it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

import pytest

from lastgood.pipelines.flags import FLAGS, Use
from lastgood.pipelines.inspecting import ROOTS
from lastgood.pipelines.keys.failure import ABSENT_ERRORS, ACTION, ERRORS, LATER_ACTIONS, ON_FAILURE
from lastgood.pipelines.keys.node import GROUP, NODES, STEP
from lastgood.pipelines.keys.stage import SPEC, STAGE
from lastgood.pipelines.keys.variable import VARIABLE
from lastgood.pipelines.shape import Fields, Items, Key, Shape, Standing
from lastgood.pipelines.step import StepType
from lastgood.pipelines.steps import ENTRIES, OTHER_STEPS, REFUSED
from tests.conftest import ROOT
from tests.pipelines.catalogue import ANYWHERE, TYPE, cases_of, expected, keys_of

PAGE = ROOT / "docs" / "pipelines.md"
HEAD = "| key | holds | here |\n| --- | --- | --- |\n"
FLAG_HEAD = "| flag | of | here |\n| --- | --- | --- |\n"
VARIABLES = "list of [variables](#keys-of-a-variable)"
SHARED = {
    "failureStrategies": "list of [errors with an action](#errors-and-actions)",
    "variables": VARIABLES,
    "environmentVariables": VARIABLES,
    "outputVariables": VARIABLES,
    "serviceConfig.serviceDefinition": "that of a [service](#keys-of-a-service)",
    "teps": "list of `step`, `stepGroup` or `parallel`",
    "stages": "list of `stage` or `parallel`",
}
"""Endings of keys."""


def said(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def row(name: str, key: Key, case: str = "") -> str:
    holds = (shared(name) or said(expected(key.shape))) + (
        ", required" if key.required else f"; {key.default}" if key.default else ""
    )
    of = f" ({case})" if case else ""
    sentence = f": {said(key.sentence)}" if key.sentence else ""
    warned = " (a warning)" if key.standing is Standing.MEANINGLESS else ""
    return f"| `{name}`{of} | {holds} | {key.standing}{sentence}{warned} |\n"


def rows(shape: Shape, prefix: str = "", case: str = "") -> Iterator[str]:
    """One for each key, and for those in it."""
    for key, of in cases_of(shape):
        name = f"{prefix}{key.name}"
        if key is TYPE:
            yield f"| `{name}` | {said(types(shape))}, required | supported |\n"
            continue
        if not of:
            yield row(name, key, case)
        yield from rows_below(key, name, of or case)


def rows_below(key: Key, name: str, case: str) -> Iterator[str]:
    shape, ending = key.shape, "."
    silent = key.standing in (Standing.REFUSED, Standing.MEANINGLESS)
    if silent or id(shape) in ANYWHERE or shared(name):
        return
    while isinstance(shape, Items):
        shape, ending = shape.of, f"[]{ending}"
    if id(shape) not in ANYWHERE:
        yield from rows(shape, f"{name}{ending}", case)


def shared(name: str) -> str:
    """What a key holds that stands in many tables, and is told of in one."""
    return next((link for ending, link in SHARED.items() if name.endswith(ending)), "")


def types(shape: Shape) -> str:
    return " or ".join(getattr(shape, "cases", {})) or "a type"


def step_section(entry: StepType) -> str:
    told = [f"### {entry.type}\n\n{said(entry.does[0].upper() + entry.does[1:])}."]
    if entry.undone_by:
        told.append(f"Undone by: {entry.undone_by}.")
    if entry.outputs:
        outputs = "; ".join(
            f"`{name if '.' in name else f'output.{name}'}`, {what}" for name, what in entry.outputs.items()
        )
        told.append(f"Outputs: {outputs}.")
    return " ".join(told) + "\n\n" + HEAD + "".join(rows(entry.spec))


def steps() -> str:
    later = [name for name in REFUSED if name not in OTHER_STEPS]
    others = f"Refused: {', '.join(f'`{name}` ({REFUSED[name]})' for name in later)}, and what the product has beside\n"
    others += f"these, each by its name: {', '.join(f'`{name}`' for name in OTHER_STEPS)}.\n"
    return "\n".join([*map(step_section, ENTRIES), others])


def flags() -> str:
    def becomes(flag: object) -> str:
        needs = f" (of {' and '.join(flag.needs)})" if flag.needs else ""  # type: ignore[attr-defined]
        return f"{flag.use}: {said(flag.means)}{needs}"  # type: ignore[attr-defined]

    order = [one for use in Use for one in FLAGS if one.use is use]
    return FLAG_HEAD + "".join(f"| `{one.name}` | {one.type} | {becomes(one)} |\n" for one in order)


def table(shape: Shape) -> str:
    return HEAD + "".join(rows(shape))


def nodes() -> str:
    step = Fields(tuple(key for key, case in cases_of(STEP) if not case))
    return f"A step:\n\n{table(step)}\nA step group:\n\n{table(GROUP)}"


def errors() -> str:
    keys = HEAD + "".join(rows(Fields(ON_FAILURE.keys), "onFailure."))
    action = HEAD + "".join(rows(ACTION))
    there = "".join(f"| `{name}` | {what} |\n" for name, what in ERRORS.items())
    absent = "".join(f"| `{name}` | never: {why} (a warning) |\n" for name, why in ABSENT_ERRORS.items())
    words = f"| error | is here |\n| --- | --- |\n{there}{absent}"
    refused = "; ".join(f"`{name}` {why}" for name, why in LATER_ACTIONS.items())
    return f"{keys}\nAn action:\n\n{action}\n{words}\nOf the actions, two are refused: {refused}.\n"


def stage() -> str:
    own = Fields(tuple(key for key, case in cases_of(STAGE) if not case))
    return f"{table(own)}\nIts `spec`:\n\n{table(SPEC)}"


SECTIONS: dict[str, Callable[[], str]] = {
    "Steps": steps,
    "Flags of kubectl": flags,
    "Keys of steps and step groups": nodes,
    "Errors and actions": errors,
    "Keys of a stage": stage,
    "Keys of a pipeline": lambda: table(ROOTS["pipeline"]),
    "Keys of an environment": lambda: table(ROOTS["environment"]),
    "Keys of an infrastructure definition": lambda: table(ROOTS["infrastructureDefinition"]),
    "Keys of overrides": lambda: (
        f"{table(ROOTS['overrides'])}\nThe older `serviceOverrides`:\n\n" + table(ROOTS["serviceOverrides"])
    ),
    "Keys of a service": lambda: table(ROOTS["service"]),
    "Keys of a variable": lambda: table(VARIABLE),
}
MARK = "<!-- written from the catalogue -->\n"


@pytest.mark.parametrize("title", SECTIONS)
def test_the_page_says_of_every_key_what_the_catalogue_says(title: str) -> None:
    """``UPDATE_GOLDENS=1`` writes it anew: read the diff."""
    text, now = PAGE.read_text(), SECTIONS[title]()
    (section,) = re.findall(rf"(?<=^## {title}\n).*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    intro, mark, written = section.partition(MARK)
    assert mark
    if os.environ.get("UPDATE_GOLDENS"):
        before, title_line, after = text.partition(f"## {title}\n")
        rest = after.removeprefix(section)
        PAGE.write_text(f"{before}{title_line}{intro}{mark}\n{now}\n{rest}".rstrip() + "\n")
        written = now
    assert written.strip() == now.strip(), "UPDATE_GOLDENS=1 takes this as right"


def test_every_key_that_is_refused_or_has_no_meaning_says_why() -> None:
    found = [one for root, shape in ROOTS.items() for one in keys_of(shape, root, set())]
    silent = (Standing.REFUSED, Standing.MEANINGLESS, Standing.BETTER)
    assert [one.path for one in found if one.key.standing in silent and not one.key.sentence] == []


def test_steps_are_told_of_in_one_place() -> None:
    assert id(NODES) in ANYWHERE
