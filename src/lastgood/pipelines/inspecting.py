"""A file of a pipeline is recognised by its root key and read, with everything that is wrong with it at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.errors import InputError, LastgoodError, ManifestError, SettingError
from lastgood.model.source import File
from lastgood.parsing import Outline, outline
from lastgood.pipelines.checking import check, contradicted, described, meant
from lastgood.pipelines.contradicting import contradictions
from lastgood.pipelines.definition import read_service
from lastgood.pipelines.entry import Entry, is_null
from lastgood.pipelines.environment import Environment, Infrastructure, environment_of, infrastructure_of
from lastgood.pipelines.filling import filled
from lastgood.pipelines.keys.environment import ENVIRONMENT, INFRASTRUCTURE, OVERRIDES, SERVICE_OVERRIDES
from lastgood.pipelines.keys.pipeline import PIPELINE
from lastgood.pipelines.keys.service import SERVICE
from lastgood.pipelines.keys.stage import STAGE
from lastgood.pipelines.layering import Layer, Level, layer_of
from lastgood.pipelines.mistake import LINE, Finding, Mistake, Severity
from lastgood.pipelines.referring import strangers
from lastgood.pipelines.shape import Fields, Key, Shape
from lastgood.pipelines.spots import Spot
from lastgood.pipelines.stage import Pipeline
from lastgood.pipelines.staging import pipeline_of

ROOTS: Mapping[str, Shape] = {
    "service": SERVICE,
    "environment": ENVIRONMENT,
    "infrastructureDefinition": INFRASTRUCTURE,
    "overrides": OVERRIDES,
    "serviceOverrides": SERVICE_OVERRIDES,
    "stage": STAGE,
    "pipeline": PIPELINE,
}
"""The root key of each kind of file."""

RUNNABLE = ("stage", "pipeline")
OVERRIDING: Mapping[str, Callable[[Entry], Layer]] = {
    "overrides": layer_of,
    "serviceOverrides": lambda entry: layer_of(entry, Level.ENVIRONMENT_SERVICE),
}
MOST_SHOWN = 50
"""How many findings one error tells; whoever has more has made one mistake many times."""

MANIFEST = "this is a Kubernetes manifest ({kind}): lastgood plan checks those"
CONFIG = "this is a configuration of lastgood: every command checks it when it reads it"


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file: its root key (empty when it has none that is known), what it holds, and what is wrong with it.

    ``findings`` are in the order of the file; ``entry`` is what stands under the root key.
    """

    file: File
    kind: str
    root: Entry
    findings: tuple[Finding, ...]

    @property
    def entry(self) -> Entry:
        """What stands under the root key."""
        return self.root.entry(self.kind)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What keeps it from being run."""
        return tuple(one for one in self.findings if one.is_error)


def inspect(file: File) -> Inspected:
    """Everything there is to know of a file. Raises nothing: what is no YAML is a finding too."""
    try:
        found = outline(file.text, file.name)
    except ManifestError as error:
        line = error.origin.line if error.origin else 1
        finding = Finding(file.name, line, 1, Severity.ERROR, "", f"{error.problem}{_hint(error)}")
        return Inspected(file, "", Entry(Spot(file)), (finding,))
    kind = _kind(found)
    if not kind:
        return Inspected(file, "", Entry(Spot(file)), _placed(_unknown(found), found, file))
    return _inspected(found, kind, file)


def found_at(file: File, mistakes: Iterable[Mistake]) -> tuple[Finding, ...]:
    """Mistakes with their places in a file that was inspected before."""
    return _placed(mistakes, outline(file.text, file.name), file)


def read_pipeline(file: File) -> Pipeline:
    """The pipeline in a file, or that of its one stage. Raises ``SettingError`` with every error in it."""
    return pipeline_of(_read(file, *RUNNABLE).root, file)


def read_environment(file: File) -> Environment:
    """The environment in a file. Raises ``SettingError`` with every error in it."""
    return environment_of(_read(file, "environment").entry)


def read_infrastructure(file: File) -> Infrastructure:
    """The infrastructure definition in a file. Raises ``SettingError`` with every error in it."""
    return infrastructure_of(_read(file, "infrastructureDefinition").entry)


def read_overrides(file: File) -> Layer:
    """What the overrides in a file, of either form, say. Raises ``SettingError`` with every error in it."""
    found = _read(file, *OVERRIDING)
    return OVERRIDING[found.kind](found.entry)


def _read(file: File, *kinds: str) -> Inspected:
    found = inspect(file)
    if found.kind not in kinds and not found.errors:
        problem = f"{file.name}: holds {found.kind}, and {' or '.join(kinds)} is wanted"
        raise SettingError(problem)
    if found.errors:
        raise SettingError("\n".join(_told(found.errors)), hint=f"lastgood lint {file.name} tells warnings too")
    return found


def _told(errors: tuple[Finding, ...]) -> Iterator[str]:
    yield from (str(one).replace(" error:", "", 1) for one in errors[:MOST_SHOWN])
    if len(errors) > MOST_SHOWN:
        yield f"and {len(errors) - MOST_SHOWN} more"


# --- what it is


def _value(found: Outline) -> Any:
    return found.documents[0].value if len(found.documents) == 1 else None


def _kind(found: Outline) -> str:
    value = _value(found)
    if not isinstance(value, Mapping) or "apiVersion" in value:
        return ""
    return next((root for root in ROOTS if root in value), "")


def _unknown(found: Outline) -> Iterator[Mistake]:
    """Why it is none of the files that are known."""
    values = [one.value for one in found.documents if not is_null(one.value)]
    manifest = next((one for one in values if isinstance(one, Mapping) and {"apiVersion", "kind"} <= one.keys()), None)
    known = ", ".join(ROOTS)
    if manifest is not None:
        ours = str(manifest["apiVersion"]).startswith("lastgood.dev/")
        yield Mistake((), CONFIG if ours else MANIFEST.format(kind=described(manifest["kind"])))
    elif len(found.documents) > 1:
        yield Mistake((), f"expected one document, found {len(found.documents)}")
    elif not values or values[0] == {}:
        yield Mistake((), f"is empty: expected one of the keys {known}")
    elif not isinstance(values[0], Mapping):
        yield Mistake((), f"expected a mapping with one of the keys {known}, found {described(values[0])}")
    else:
        yield from _no_root(values[0], known)


def _no_root(value: Mapping[str, Any], known: str) -> Iterator[Mistake]:
    for key in list(value)[:1]:
        suggestion = meant(key, ROOTS) or f": a file has one of the keys {known}"
        yield Mistake((key,), f"unknown key{suggestion}")


# --- what is wrong with it


def _inspected(found: Outline, kind: str, file: File) -> Inspected:
    value, shape, spot = _value(found), Fields((Key(kind, ROOTS[kind], required=True),)), Spot(file)
    root = filled(value, shape, spot)
    assert isinstance(root, Entry)
    mistakes = [*_repeated(found), *check(value, shape, spot), *contradicted(root, shape)]
    if kind in RUNNABLE:
        pipeline = pipeline_of(root, file)
        mistakes += [*contradictions(pipeline), *strangers(pipeline, root)]
    if kind == "service" and not any(one.severity is Severity.ERROR for one in mistakes):
        mistakes += _refused_by_deploy(file)
    return Inspected(file, kind, root, _placed(mistakes, found, file))


def _refused_by_deploy(file: File) -> Iterator[Mistake]:
    """What deploy would say of a service whose keys are all right."""
    try:
        read_service(file)
    except InputError as error:
        yield Mistake((), f"{str(error).removeprefix(file.name).removeprefix(': ')}{_hint(error)}")


def _repeated(found: Outline) -> Iterator[Mistake]:
    for steps, mark in found.repeated:
        yield Mistake(steps, f"stands twice, first in line {found.mark(steps).line}", mark=mark)


def _placed(mistakes: Iterable[Mistake], found: Outline, file: File) -> tuple[Finding, ...]:
    return tuple(sorted({_finding(one, found, file) for one in mistakes}))


def _finding(mistake: Mistake, found: Outline, file: File) -> Finding:
    line, column = mistake.mark or found.mark(mistake.steps)
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in mistake.steps)
    field, sentence = "".join(steps).removeprefix("."), mistake.sentence
    if mistake.other is not None:
        sentence = sentence.replace(LINE, str(found.mark(mistake.other).line))
    return Finding(file.name, line, column, mistake.severity, field, sentence)


def _hint(error: LastgoodError) -> str:
    return f"; {error.hint}" if error.hint else ""
