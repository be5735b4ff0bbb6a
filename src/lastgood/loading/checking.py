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
from lastgood.loading.fields import EACH, Field, Pattern, Steps, matching, spelled
from lastgood.loading.normalising import OWN_ANNOTATIONS
from lastgood.model.quantity import meant, quantity
from lastgood.model.quantity import spelled as spelled_quantity
from lastgood.model.resource import GroupKind, Ref, Resource

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", re.ASCII)
SUBDOMAIN = re.compile(rf"{LABEL.pattern}(\.{LABEL.pattern})*", re.ASCII)
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?", re.ASCII)
LABEL_LENGTH, SUBDOMAIN_LENGTH = 63, 253
POD = GroupKind("", "Pod")


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
    own = (*schema.STRINGS, *schema.STRINGS_OF.get(resource.ref.group_kind, ()))
    for steps, value in _fields(resource, own, schema.POD_STRINGS):
        if not isinstance(value, str) and value is not None and not _is_ours(steps, value):
            yield _no_string(resource, steps, value)


def _shapes(resource: Resource) -> Iterator[Problem]:
    """What holds strings: a list for commands and their arguments, else a mapping."""
    own = (*schema.STRINGS, *schema.STRINGS_OF.get(resource.ref.group_kind, ()))
    for steps, value in _fields(resource, _parents(own), _parents(schema.POD_STRINGS)):
        wanted, name = (list, "list") if steps[-1] in schema.LISTS_OF_STRINGS else (Mapping, "mapping")
        if value is not None and not isinstance(value, wanted):
            yield Problem(resource, steps, f"has to be a {name}")


def _parents(patterns: Iterable[Pattern]) -> tuple[Pattern, ...]:
    return tuple(pattern[:-1] for pattern in patterns if pattern[-1] == EACH)


def _is_ours(steps: Steps, value: Any) -> bool:
    """Annotations that this tool reads may be written without quotes."""
    return isinstance(value, bool | int) and "annotations" in steps and str(steps[-1]).startswith(OWN_ANNOTATIONS)


def _no_string(resource: Resource, steps: Steps, value: Any) -> Problem:
    bare = not isinstance(value, Mapping | list)
    shape = "a boolean" if isinstance(value, bool) else "a number" if bare else "a mapping or a list"
    return Problem(resource, steps, f"is {shape}, and has to be a string", "put it in quotes" if bare else "", bare)


def _labels(resource: Resource) -> Iterator[Problem]:
    pattern = (("metadata", "labels", "*"),)
    for steps, value in _fields(resource, pattern, pattern):
        if isinstance(value, str) and (len(value) > LABEL_LENGTH or not LABEL_VALUE.fullmatch(value)):
            sentence = f'"{value[:80]}" is no label value: at most {LABEL_LENGTH} letters, digits, "-", "_" and "."'
            yield Problem(resource, steps, sentence, "what labels cannot hold, annotations can")


def _base64(resource: Resource) -> Iterator[Problem]:
    for steps, value in _fields(resource, schema.BASE64.get(resource.ref.group_kind, ()), ()):
        if isinstance(value, str) and not _is_base64(value):
            plain = "stringData" if resource.ref.kind == "Secret" else "data"
            yield Problem(resource, steps, "is not base64", f"plain text goes into {plain}")


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value.replace("\n", "").replace("\r", ""), validate=True)
    except ValueError:
        return False
    return True


def _quantities(resource: Resource) -> Iterator[Problem]:
    own = schema.QUANTITIES.get(resource.ref.group_kind, ())
    for steps, value in _fields(resource, own, schema.POD_QUANTITIES):
        sentence, hint = _of_quantity(value)
        if sentence:
            yield Problem(resource, steps, sentence, hint)


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
    prefix = pod_template(resource)
    own = schema.LISTS_OF.get(resource.ref.group_kind, ())
    of_pods = schema.POD_LISTS if prefix is not None else ()
    for pattern, keys in (*own, *(((*(prefix or ()), *one), keys) for one, keys in of_pods)):
        for steps, elements in matching(resource.body, pattern):
            yield from _same_keys(resource, steps, elements, keys)
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


def _fields(resource: Resource, own: Iterable[Pattern], of_pods: Iterable[Pattern]) -> Iterator[Field]:
    """The fields of a resource by its own patterns, and those of its pod template."""
    for pattern in own:
        yield from matching(resource.body, pattern)
    prefix = pod_template(resource)
    if prefix is not None:
        for pattern in of_pods:
            if prefix or pattern not in own:
                yield from matching(resource.body, (*prefix, *pattern))


def pod_template(resource: Resource) -> Pattern | None:
    """Where the pod template stands; None in a kind that makes no pods."""
    kind = resource.ref.group_kind
    return () if kind == POD else kind_of(kind).pod_template or None


CHECKS: tuple[Check, ...] = (_names, _shapes, _strings, _labels, _base64, _quantities, _list_twins)
