"""docs/reasons.md has the tables of the code. ``UPDATE_GOLDENS=1`` writes them anew: read the diff."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from lastgood.reasons import RULES, Rule
from lastgood.reasons.denials import DENIALS, OTHER, Denial
from lastgood.reasons.exits import CODES, SIGNALED, SIGNALS
from lastgood.reasons.images import CERTAIN, PASSING, Trouble
from lastgood.reasons.scheduling import NODES
from lastgood.reasons.table import PLACES, SEEN, rule_of

PAGE = Path(__file__).parent.parent / "docs" / "reasons.md"


def table(heads: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(heads), ["---" for _ in heads], *map(list, rows)]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def seconds(grace: float) -> str:
    return f"{grace:g} s" if grace else "at once"


def when(rule: Rule) -> str:
    told = seconds(rule.grace) if rule.hopeless else "transient"
    told += f" ({seconds(rule.patience)} while something else is on its way)" if rule.patience else ""
    return f"{told}, {rule.note}" if rule.note else told


def filled(rule: Rule) -> str:
    return rule.says.format(who="container web", detail="…")


def change(reason: str, rule: Rule) -> str:
    """There is no annotation to read of what is gone."""
    if rule.where == SEEN and rule.clock == "gone":
        return "cannot be changed"
    return f"`{reason}=never`" if rule.hopeless else f"`{reason}=5m`"


def reasons() -> str:
    heads = ("reason", "what is said", "hopeless after", "in `lastgood.dev/grace`")
    parts = []
    for place, link in PLACES.items():
        rows = ((f"`{reason}`", filled(rule), when(rule), change(reason, rule)) for reason, rule in at(place))
        parts.append(f"### {f'[{place}]({link})' if link else place}\n\n{table(heads, rows)}")
    return "\n\n".join(parts)


def at(place: str) -> Iterator[tuple[str, Rule]]:
    return ((reason, rule) for reason, rule in RULES.items() if rule.where == place)


def pulls() -> str:
    rows = ((one.words, after(one)) for one in (*CERTAIN, *PASSING))
    return table(("what is said of the image", "hopeless after"), rows)


def after(one: Trouble) -> str:
    return seconds(rule_of("ErrImagePull").grace if one.grace is None else one.grace) if one.hopeless else "transient"


def refusals() -> str:
    return table(("who refuses it, or why", "hopeless after"), ((one.who, end_of(one)) for one in (*DENIALS, OTHER)))


def end_of(one: Denial) -> str:
    usual = rule_of("FailedCreate").grace
    if not one.hopeless:
        return "transient"
    if one.quota:
        return f"{seconds(one.grace or 0)}; {seconds(usual)} if it never fits; transient while pods of it are going"
    return seconds(usual if one.grace is None else one.grace)


def endings() -> str:
    told = {**CODES, **{SIGNALED + number: ": ".join(words) for number, words in SIGNALS.items()}}
    return table(("exit code", "means"), ((str(code), told[code]) for code in sorted(told)))


def nodes() -> str:
    return table(("a node", "several nodes"), ((one.one.format("…"), one.more.format("…")) for one in NODES))


BLOCKS: Mapping[str, str] = {
    "reasons": reasons(),
    "pulls": pulls(),
    "refusals": refusals(),
    "endings": endings(),
    "nodes": nodes(),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_the_page_has_what_the_code_has(name: str) -> None:
    page = PAGE.read_text()
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- end -->", page, re.DOTALL)
    assert found, f"docs/reasons.md has no place for {name}"
    if os.environ.get("UPDATE_GOLDENS"):
        PAGE.write_text(page[: found.start(1)] + f"\n{BLOCKS[name]}\n\n" + page[found.end(1) :])
    else:
        assert found[1].strip() == BLOCKS[name], "UPDATE_GOLDENS=1 takes this as right"


def test_every_reason_appears_somewhere() -> None:
    assert {rule.where for rule in RULES.values()} == set(PLACES)
