"""Problems become the error that a person reads: all of them at once, each with its file and line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lastgood.errors import ManifestError
from lastgood.loading.checking import Problem, problems
from lastgood.loading.reading import read_file
from lastgood.model.resource import Origin, Resource
from lastgood.parsing import Place, find

MOST_SHOWN = 20
"""How many problems one error tells; whoever has more has made one mistake many times."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem as it is told: where it stands by now, and what is known of its cause and remedy."""

    problem: Problem
    origin: Origin | None
    sentence: str
    hint: str

    @property
    def text(self) -> str:
        """All of it in one line."""
        remedy = f" ({self.hint})" if self.hint else ""
        return str(_error(self, self.sentence + remedy, ""))


def check(resources: Iterable[Resource]) -> None:
    """Raise ``ManifestError`` if anything is wrong with these resources; it tells all that is."""
    found = problems(resources)
    if found:
        raise refusal(sorted((_located(one) for one in found[:MOST_SHOWN]), key=_order), beyond=len(found) - MOST_SHOWN)


def refusal(findings: Sequence[Finding], *, beyond: int = 0) -> ManifestError:
    """The error that tells these: the first is the error's own; ``beyond`` counts those that are not told.

    A single one leaves its remedy to the error's hint; of several, each stands beside its problem.
    """
    first, *others = findings
    if not others:
        return _error(first, first.sentence, first.hint)
    more = [f"and {beyond} more"] if beyond > 0 else []
    sentence = first.sentence + (f" ({first.hint})" if first.hint else "")
    return _error(first, "\n".join([sentence, *(one.text for one in others), *more]), "")


def _order(finding: Finding) -> tuple[str, int]:
    return (finding.origin.file, finding.origin.line) if finding.origin else ("", 0)


def _error(finding: Finding, sentence: str, hint: str) -> ManifestError:
    problem = finding.problem
    ref = problem.resource.ref
    return ManifestError(sentence, origin=finding.origin, ref=ref, field=problem.field, hint=hint)


def _located(problem: Problem) -> Finding:
    origin, place = problem.resource.origin, _place(problem)
    hint = problem.hint
    if place and place.word and problem.bare and not problem.secret:
        hint = f'{hint}: {problem.steps[-1]}: "{place.word}"'
    if place and origin:
        origin = Origin(origin.file, place.line, origin.document)
    twin = problem.twin.origin if problem.twin else None
    sentence = f"{problem.sentence}, first in {twin}" if twin else problem.sentence
    return Finding(problem, origin, sentence, hint)


def _place(problem: Problem) -> Place | None:
    """Where the field stands, as far as the file still says so: it is read once more."""
    origin = problem.resource.origin
    if origin is None or not origin.line or not Path(origin.file).is_file():
        return None
    try:
        text = read_file(Path(origin.file), origin.file).text
    except ManifestError:
        return None
    return find(text, problem.steps, document=origin.document, line=origin.line)
