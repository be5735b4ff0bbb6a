"""docs/health.md shows the tables that the rule for custom resources reads, as they are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from types import FunctionType

import pytest

from lastgood.kinds.generic.answering import ANSWERING
from lastgood.kinds.generic.known import KNOWN, Known
from lastgood.kinds.generic.types import ARRIVED, BEGINNINGS, ENDINGS, TYPES, Polarity
from lastgood.kinds.generic.words import (
    CURRENT_ALONE,
    CURRENT_WORDS,
    DOING_ALONE,
    DOING_WORDS,
    FAILED_ALONE,
    FAILED_WORDS,
    UNKNOWN_WORDS,
)

PAGE = Path(__file__).parent.parent / "docs" / "health.md"

SAYS = {
    Polarity.READY: "`True`: well. `False`: not yet, or Failed if its reason says so",
    Polarity.ACCEPTED: "`True`: well. `False`: Failed, unless its reason says that it is being done",
    Polarity.FAILED: "`True`: Failed",
    Polarity.DOING: "`True`: InProgress",
    Polarity.PROGRESSING: f"`True`: InProgress; well with a reason of {', '.join(sorted(ARRIVED))}",
    Polarity.MILD: (
        "`True`: well. `False`: not yet, of `active` and `running` nothing, or Failed if its reason says so"
    ),
    Polarity.SILENT: "nothing",
}


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def listed(words: Iterable[str]) -> str:
    return " ".join(sorted(words))


def conditions() -> Iterable[str]:
    yield from (row("says", "condition", "or ends so", "or begins so"), row("---", "---", "---", "---"))
    for polarity in Polarity:
        parts = (TYPES, ENDINGS, BEGINNINGS)
        yield row(SAYS[polarity], *(listed(part.get(polarity, ())) for part in parts))


def words() -> Iterable[str]:
    yield from (row("says", "words"), row("---", "---"))
    yield row("Current", listed(CURRENT_WORDS))
    yield row("Current, as the whole word only", listed(CURRENT_ALONE))
    yield row("InProgress", listed(DOING_WORDS))
    yield row("InProgress, as the whole word only", listed(DOING_ALONE))
    yield row("Failed", listed(FAILED_WORDS))
    yield row("Failed, as the whole word only", listed(FAILED_ALONE))
    yield row("Unknown, as the whole word only", listed(UNKNOWN_WORDS))


def known() -> Iterable[str]:
    yield from (row("kind", "reads"), row("---", "---"))
    for name, entry in sorted(KNOWN.items()):
        yield row(f"[{name.replace('*', 'any')}]({entry.source})", "; ".join(reads(entry)))
    yield from ("", f"Always answered by their controllers: {listed(ANSWERING).replace('*', 'any')}.")


def reads(entry: Known) -> Iterable[str]:
    if entry.words:
        yield f"{', '.join(f'`{path}`' for path in entry.words)}{' alone' if entry.only_words else ''}"
    if entry.conditions is not None:
        yield f"of conditions {listed(entry.conditions) or 'none'}"
    if entry.fatal:
        yield f"{listed(entry.fatal)} `False` is Failed"
    if entry.patient:
        yield f"{listed(entry.patient)} `False` is InProgress"
    if entry.silent:
        yield f"not {listed(entry.silent)}"
    yield from (f"{word} is {status}" for word, status in entry.meaning.items())


@pytest.mark.parametrize("table", [conditions, words, known], ids=lambda table: table.__name__)
def test_the_tables_in_the_documentation_are_those_of_the_code(table: FunctionType) -> None:
    """``UPDATE_GOLDENS=1`` writes them anew: read the diff."""
    text, name = PAGE.read_text(), table.__name__
    now = "\n".join(table())
    pattern = re.compile(rf"(?<=<!-- {name} -->\n\n).*?(?=\n<!-- end -->)", re.DOTALL)
    assert pattern.search(text), f"docs/health.md has no place for the table of {name}"
    if os.environ.get("UPDATE_GOLDENS"):
        PAGE.write_text(pattern.sub(lambda _: f"{now}\n", text, count=1))
        return
    found = pattern.search(text)
    assert found
    assert found[0].strip() == now, "UPDATE_GOLDENS=1 takes this as right"
