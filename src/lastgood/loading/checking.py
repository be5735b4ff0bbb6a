"""What the API would refuse, or take for something else than was meant: found before anything is touched. Pure.

Only mistakes that can be told without a cluster, and whose place and remedy can be named better here than there.
"""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.kinds import kind_of
from lastgood.loading import schema
from lastgood.loading.annotations import switch_problems
from lastgood.loading.fields import Field, Patterns, Steps, matching, patterns, spelled
from lastgood.loading.normalising import OWN_ANNOTATIONS
from lastgood.model.quantity import meant, quantity
from lastgood.model.quantity import spelled as spelled_quantity
from lastgood.model.resource import GroupKind, Ref, Resource
from lastgood.ruling import annotation_problems

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", re.ASCII)
SUBDOMAIN = re.compile(rf"{LABEL.pattern}(\.{LABEL.pattern})*", re.ASCII)
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?", re.ASCII)
LABEL_LENGTH, SUBDOMAIN_LENGTH = 63, 253
POD = GroupKind("", "Pod")
CONDITION_HINT = """such as ${json.select("$..status.phase", response) == "Ready"}"""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. ``bare`` says that quotes around the value would put it right.

    ``sentence`` and ``hint`` never hold a Secret's data. ``twin`` is the resource that this one repeats.
    """

    resource: Resource
    steps: Steps
    sentence: str
    hint: str = ""
    bare: bool = False
    twin: Resource | None = None

    @property
    def field(self) -> str:
        """The field for people."""
        return spelled(self.resource.body, self.steps)

    @property
    def value(self) -> Any:
        """What stands there."""
        value: Any = self.resource.body
        for step in self.steps:
            value = value[step]
        return value

    @property
    def secret(self) -> bool:
        """Whether the value is a Secret's data, which no message may hold."""
        return self.resource.ref.kind == "Secret" and self.steps[:1] in (("data",), ("stringData",))


Check = Callable[[Resource], Iterator[Problem]]


def problems(resources: Iterable[Resource]) -> tuple[Problem, ...]:
    """All that is wrong with these resources, in their order."""
    resources = tuple(resources)
    single = (problem for one in resources for check in CHECKS for problem in check(one))
    return (*_twins(resources), *single)


def _twins(resources: tuple[Resource, ...]) -> Iterator[Problem]:
    first: dict[Ref, Resource] = {}
    for resource in resources:
        other = first.setdefault(resource.ref, resource)
        if other is not resource:
            yield Problem(resource, (), "is there twice", "keep one of them, or give one another name", twin=other)


def _names(resource: Resource) -> Iterator[Problem]:
    kind, name = resource.ref.group_kind, resource.ref.name
    if kind in schema.PATH_NAMES or kind.group.endswith(schema.PATH_NAME_GROUPS):
        return
    label = kind in schema.LABEL_NAMES
    longest = schema.LONGEST_NAMES.get(kind, LABEL_LENGTH if label else SUBDOMAIN_LENGTH)
    if not (LABEL if label else SUBDOMAIN).fullmatch(name):
        dots = "" if label else ', "."'
        sentence = f'"{name}" is no DNS name: lower-case letters, digits, "-"{dots}, letters and digits at both ends'
        yield Problem(resource, ("metadata", "name"), sentence, _better_name(name, label=label))
    elif len(name) > longest:
        sentence = f"is {len(name)} characters long; {kind.kind} names have at most {longest}"
        yield Problem(resource, ("metadata", "name"), sentence)


def _better_name(name: str, *, label: bool) -> str:
    dots = "" if label else "."
    better = re.sub(rf"[^a-z0-9{dots}]+", "-", name.lower()).strip("-.")
    return f"call it {better}" if (LABEL if label else SUBDOMAIN).fullmatch(better) else ""


def _strings(resource: Resource) -> Iterator[Problem]:
    for field in _fields(resource, schema.STRINGS, schema.STRINGS_OF, schema.POD_STRINGS):
        steps, value = field.steps, field.value
        if not isinstance(value, str) and value is not None and not _is_ours(steps, value):
            yield _no_string(resource, steps, value)


def _shapes(resource: Resource) -> Iterator[Problem]:
    """What holds strings has to be of the right type."""
    for field in _fields(resource, schema.HOLDERS, schema.HOLDERS_OF, schema.POD_HOLDERS):
        if field.value is not None and not isinstance(field.value, field.mark):
            yield Problem(resource, field.steps, f"has to be a {'list' if field.mark is list else 'mapping'}")


def _is_ours(steps: Steps, value: Any) -> bool:
    """Annotations that this tool reads may be written without quotes."""
    return isinstance(value, bool | int) and "annotations" in steps and str(steps[-1]).startswith(OWN_ANNOTATIONS)


def _no_string(resource: Resource, steps: Steps, value: Any) -> Problem:
    bare = not isinstance(value, Mapping | list)
    shape = "a boolean" if isinstance(value, bool) else "a number" if bare else "a mapping or a list"
    return Problem(resource, steps, f"is {shape}, and has to be a string", "put it in quotes" if bare else "", bare)


def _labels(resource: Resource) -> Iterator[Problem]:
    for field in _fields(resource, schema.LABELS, {}, schema.LABELS):
        value = field.value
        if isinstance(value, str) and (len(value) > LABEL_LENGTH or not LABEL_VALUE.fullmatch(value)):
            sentence = f'"{value[:80]}" is no label value: at most {LABEL_LENGTH} letters, digits, "-", "_" and "."'
            yield Problem(resource, field.steps, sentence, "what labels cannot hold, annotations can")


def _base64(resource: Resource) -> Iterator[Problem]:
    for field in matching(resource.body, schema.BASE64.get(resource.ref.group_kind, {})):
        if isinstance(field.value, str) and not _is_base64(field.value):
            plain = "stringData" if resource.ref.kind == "Secret" else "data"
            yield Problem(resource, field.steps, "is not base64", f"plain text goes into {plain}")


def _conditions(resource: Resource) -> Iterator[Problem]:
    for annotation, sentence in annotation_problems(resource.body):
        yield Problem(resource, ("metadata", "annotations", annotation), sentence, CONDITION_HINT)


def _switches(resource: Resource) -> Iterator[Problem]:
    for annotation, sentence, hint in switch_problems(resource.body):
        yield Problem(resource, ("metadata", "annotations", annotation), sentence, hint)


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value.replace("\n", "").replace("\r", ""), validate=True)
    except ValueError:
        return False
    return True


def _quantities(resource: Resource) -> Iterator[Problem]:
    for field in _fields(resource, {}, schema.QUANTITIES, schema.POD_QUANTITIES):
        sentence, hint = _of_quantity(field.value)
        if sentence:
            yield Problem(resource, field.steps, sentence, hint)


def _of_quantity(value: Any) -> tuple[str, str]:
    if value is None or value == "":
        return "is empty", "write a quantity as 500m or 1Gi, or leave the field out"
    if isinstance(value, bool | Mapping | list):
        return "is not a quantity", "write it as 500m or 1Gi"
    try:
        quantity(str(value).strip())
    except ValueError as error:
        better = " or ".join(map(spelled_quantity, meant(str(value))))
        return str(error), f"use {better}" if better else "write it as 500m, 0.5, 512Mi or 1G"
    return "", ""


def _list_twins(resource: Resource) -> Iterator[Problem]:
    for field in _fields(resource, {}, schema.LISTS_OF, schema.POD_LISTS):
        yield from _same_keys(resource, field.steps, field.value, field.mark)
    yield from _same_finalizers(resource)


def _same_keys(resource: Resource, steps: Steps, elements: Any, keys: schema.ListKeys) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], int] = defaultdict(int)
    for place, element in enumerate(elements if isinstance(elements, list) else ()):
        if not isinstance(element, Mapping) or keys[0][0] not in element:
            continue
        key = tuple(str(element.get(name, default)) for name, default in keys)
        seen[key] += 1
        if seen[key] > 1:
            which = ", ".join(f"{name} {value}" for (name, _), value in zip(keys, key, strict=True))
            yield Problem(resource, (*steps, place), f"{which} stands twice in this list", "remove one of them")


def _same_finalizers(resource: Resource) -> Iterator[Problem]:
    finalizers = resource.body["metadata"].get("finalizers")
    for place, one in enumerate(finalizers if isinstance(finalizers, list) else ()):
        if one in finalizers[:place]:
            steps = ("metadata", "finalizers", place)
            yield Problem(resource, steps, f'"{one}" stands twice in this list', "remove one of them")


def _fields(
    resource: Resource, every: Patterns, of_kinds: Mapping[GroupKind, Patterns], of_pods: Patterns
) -> Iterator[Field]:
    """The fields of any resource, those of its kind, and those of its pod template; a Pod is its own template."""
    kind = resource.ref.group_kind
    path = kind_of(kind).pod_template
    if kind == POD:
        yield from matching(resource.body, of_pods)
        return
    yield from matching(resource.body, every)
    yield from matching(resource.body, of_kinds.get(kind, {}))
    if path:
        for template in matching(resource.body, patterns(".".join(path))):
            yield from matching(template.value, of_pods, template.steps)


CHECKS: tuple[Check, ...] = (
    _names,
    _shapes,
    _strings,
    _labels,
    _base64,
    _quantities,
    _list_twins,
    _conditions,
    _switches,
)
