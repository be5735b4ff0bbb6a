"""docs/health.md tells of every built-in kind what its rule goes by, as the catalogue has it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import groupby

import pytest

from lastgood.kinds import KINDS
from lastgood.model.kind import Kind, Meaning
from lastgood.model.resource import ref_of
from tests.conftest import ROOT
from tests.test_kinds import CASES, observed

PAGE = ROOT / "docs" / "health.md"
TABLE = re.compile(r"(?<=^## Built-in kinds\n).*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
HEAD = "| kind | Current | InProgress | Failed | goes on without |\n| --- | --- | --- | --- | --- |\n"

WITH_A_RULE = sorted((kind for kind in KINDS.values() if kind.meaning), key=lambda kind: str(kind.group_kind))


def is_built_in(kind: Kind) -> bool:
    group = kind.group_kind.group
    return "." not in group or group.endswith(".k8s.io")


def rows() -> Iterator[str]:
    """One for each rule; kinds that share one stand together."""
    ordered = sorted(WITH_A_RULE, key=lambda kind: (kind.rank, str(kind.source), str(kind.meaning)))
    for (source, meaning), kinds in groupby(ordered, key=lambda kind: (kind.source, kind.meaning)):
        assert meaning is not None
        names = ", ".join(f"[{kind.group_kind.kind}]({source})" for kind in kinds)
        yield f"| {names} | {meaning.current} | {meaning.in_progress} | {meaning.failed} | {meaning.passes} |\n"


def others() -> str:
    names = sorted(str(kind.group_kind) for kind in KINDS.values() if not kind.meaning and is_built_in(kind))
    said = "All others are Current when they are there, unless a condition says otherwise"
    return f"\n{said}: {', '.join(f'`{name}`' for name in names)}.\n"


def generated() -> str:
    return HEAD + "".join(rows()) + others()


def test_the_page_has_a_row_for_every_rule() -> None:
    """``UPDATE_GOLDENS=1`` writes it anew: read the diff."""
    (section,) = TABLE.findall(PAGE.read_text())
    intro = section.partition(HEAD)[0]
    if os.environ.get("UPDATE_GOLDENS"):
        ending = "\n" if PAGE.read_text().partition(section)[2] else ""
        PAGE.write_text(PAGE.read_text().replace(section, intro + generated() + ending))
        (section,) = TABLE.findall(PAGE.read_text())
    assert section.removeprefix(intro).rstrip() == generated().rstrip(), "UPDATE_GOLDENS=1 takes this as right"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: str(kind.group_kind))
def test_every_kind_says_where_its_rule_comes_from(kind: Kind) -> None:
    assert kind.source.startswith("https://")


SAID = {
    (ref_of(observed(path)[0]).group_kind, path.stem.partition("_")[0])
    for path in CASES
    if path.parent.name != "generic"
}


@pytest.mark.parametrize("kind", WITH_A_RULE, ids=lambda kind: str(kind.group_kind))
def test_what_is_said_of_a_kind_is_what_its_cases_show(kind: Kind) -> None:
    """A status that the page has words for has a case, and one that it has none for has none."""
    meaning: Meaning | None = kind.meaning
    assert meaning is not None
    told = {"failed": bool(meaning.failed), "current": bool(meaning.current)}
    assert {status: (kind.group_kind, status) in SAID for status in told} == told
