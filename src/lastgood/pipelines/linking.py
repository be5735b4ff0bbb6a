"""Files of a pipeline that are looked at together: names in one that no other has, and names that two have. Pure.

Of a kind of which no file is there nothing is said: it may be elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lastgood.pipelines.checking import meant
from lastgood.pipelines.expressions import has_expression
from lastgood.pipelines.inspecting import RUNNABLE, Inspected, found_at
from lastgood.pipelines.mistake import Mistake, warning
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.stage import Stage
from lastgood.pipelines.staging import pipeline_of

SERVICE, ENVIRONMENT, INFRASTRUCTURE = "service", "environment", "infrastructureDefinition"
REFS = {"serviceRef": SERVICE, "environmentRef": ENVIRONMENT, "infraIdentifier": INFRASTRUCTURE}
"""Keys of overrides and infrastructure definitions, with what they name."""

SCOPES = ("account.", "org.")


@dataclass(frozen=True, slots=True)
class Ref:
    """A name of another file: which kind of file has to have it. ``within`` is the environment of an infrastructure."""

    kind: str
    word: Word
    within: str = ""


def linked(files: Sequence[Inspected]) -> tuple[Inspected, ...]:
    """The same files, with what is wrong between them among their findings."""
    return tuple(_with(one, [*_strangers(one, files), *_twins(one, files)]) for one in files)


def identifier_of(reference: str) -> str:
    """Without the scope that the product keeps things in: ``account.orders`` is ``orders``."""
    scope = next((one for one in SCOPES if reference.startswith(one)), "")
    return reference.removeprefix(scope)


def refs_of(inspected: Inspected) -> Iterator[Ref]:
    """Every name of another file in a file."""
    if inspected.kind in RUNNABLE:
        for stage in pipeline_of(inspected.root, inspected.file).each_stage():
            yield from _of_stage(stage)
    elif inspected.kind != ENVIRONMENT:
        for key, kind in REFS.items():
            within = inspected.entry.word("environmentRef").text if kind == INFRASTRUCTURE else ""
            if key in inspected.entry:
                yield Ref(kind, inspected.entry.word(key), identifier_of(within))


def _of_stage(stage: Stage) -> Iterator[Ref]:
    place = stage.environment
    if stage.service.ref and not stage.service.inline:
        yield Ref(SERVICE, stage.service.ref)
    if place.ref:
        yield Ref(ENVIRONMENT, place.ref)
    if place.infrastructure:
        yield Ref(INFRASTRUCTURE, place.infrastructure, identifier_of(place.ref.text if place.ref else ""))


def _strangers(one: Inspected, files: Sequence[Inspected]) -> Iterator[Mistake]:
    """Names that no file has."""
    for ref in refs_of(one):
        there = [other for other in files if other.kind == ref.kind]
        known = [other.entry.word("identifier").text for other in there if _is_within(other, ref)]
        if there and not has_expression(ref.word.text) and identifier_of(ref.word.text) not in known:
            where = f" in the environment {ref.within}" if ref.within else ""
            sentence = f"none of these files holds the {_noun(ref.kind)} {ref.word.text}{where}"
            yield warning(ref.word.spot.steps, sentence + meant(ref.word.text, known))


def _is_within(infrastructure: Inspected, ref: Ref) -> bool:
    environment = identifier_of(infrastructure.entry.word("environmentRef").text)
    return ref.kind != INFRASTRUCTURE or not ref.within or has_expression(ref.within) or environment == ref.within


def _twins(one: Inspected, files: Sequence[Inspected]) -> Iterator[Mistake]:
    """A name that a file before it has already."""
    if one.kind not in (SERVICE, ENVIRONMENT, INFRASTRUCTURE):
        return
    word = one.entry.word("identifier")
    for other in files[: files.index(one)]:
        if word.text and _name(other) == _name(one):
            yield Mistake(word.spot.steps, f"{other.file.name} holds the {_noun(one.kind)} {word.text} too")
            return


def _name(one: Inspected) -> tuple[str, str, str]:
    """What tells it from others; infrastructures of two environments may be called alike."""
    within = identifier_of(one.entry.word("environmentRef").text) if one.kind == INFRASTRUCTURE else ""
    return (one.kind, one.entry.word("identifier").text, within)


def _noun(kind: str) -> str:
    return "infrastructure" if kind == INFRASTRUCTURE else kind


def _with(one: Inspected, mistakes: Sequence[Mistake]) -> Inspected:
    if not mistakes:
        return one
    return replace(one, findings=tuple(sorted({*one.findings, *found_at(one.file, mistakes)})))
