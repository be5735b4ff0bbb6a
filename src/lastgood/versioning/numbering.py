"""ConfigMaps and Secrets by number, and the references to them: ``app`` becomes ``app-3``. Pure.

An undo brings a pod template back, and with it the names in it: what those names stand for must still be as it was.
A number is new only where the content differs from the last good release's, so that nothing restarts for a number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from lastgood.errors import ManifestError
from lastgood.model.marks import COPY_OF, VERSION_OF, says
from lastgood.model.resource import Body, Ref, Resource
from lastgood.model.source import NUMBER_MARKER
from lastgood.versioning.references import ConfigName, config_name, is_config, references

SKIP = "harness.io/skip-versioning"
CONTENT = ("data", "binaryData", "type", "immutable")
LONGEST_NAME = 253
MARK = 8

Names = Mapping[ConfigName, str]


def with_numbers(
    resources: tuple[Resource, ...], number: int, earlier: Iterable[Resource], *, anew: bool = False
) -> tuple[Resource, ...]:
    """Number the ConfigMaps and Secrets of a release, and write their new names wherever they are referred to.

    ``earlier`` are the resources of the last good release; what is in them with the same content keeps the name that
    it has there, plain or numbered, unless everything is to be numbered ``anew``.
    Raises ``ManifestError`` where a numbered name is also the name of another resource.
    """
    known = {version_of(one.body) or config_name(one.body): one for one in earlier if is_config(one.body)}
    numbered = {one.ref: _numbered(one, number, None if anew else known.get(config_name(one.body)))
                for one in resources if is_versioned(one)}  # fmt: skip
    names = {config_name(one.body): numbered[one.ref].ref.name for one in resources if one.ref in numbered}
    renamed = tuple(with_names(numbered.get(one.ref, one), names) for one in resources)
    _refuse_collisions(resources, numbered.values())
    return renamed


def with_release_number(resources: tuple[Resource, ...], number: int) -> tuple[Resource, ...]:
    """The number of the release wherever its marker stands."""
    return tuple(one.with_body(_replaced(one.body, str(number))) for one in resources)


def is_versioned(resource: Resource) -> bool:
    """Whether this gets a number: a ConfigMap or Secret that does not ask to be left as it is, and is no copy."""
    return is_config(resource.body) and not says(resource.body, SKIP) and COPY_OF not in resource.annotations


def version_of(body: Body) -> ConfigName | None:
    """Of which ConfigMap or Secret this is a numbered version; None for everything else."""
    plain = (body["metadata"].get("annotations") or {}).get(VERSION_OF) if is_config(body) else None
    return (body["kind"], body["metadata"].get("namespace") or "", plain) if plain else None


def _numbered(resource: Resource, number: int, known: Resource | None) -> Resource:
    if known is not None and known.ref.name == resource.ref.name and _content(known) == _content(resource):
        return resource
    if known is not None and known.body == _named(resource, known.ref.name).body:
        return known
    return _named(resource, with_suffix(resource.ref.name, f"-{number}"))


def _content(resource: Resource) -> list[Any]:
    """What pods can see of it; an absent type is Opaque, as the API fills it in."""
    return [None if value in ({}, False, "Opaque") else value for value in map(resource.body.get, CONTENT)]


def _named(resource: Resource, name: str) -> Resource:
    metadata = resource.body["metadata"]
    annotations = {**(metadata.get("annotations") or {}), VERSION_OF: resource.ref.name}
    return resource.with_body({**resource.body, "metadata": {**metadata, "name": name, "annotations": annotations}})


def with_suffix(name: str, suffix: str, longest: int = LONGEST_NAME, *, marked: bool = False) -> str:
    """A name with a suffix. One that is too long is cut, and what is cut off is told apart by a hash.

    ``marked`` puts the hash in whether or not the name has to be cut.
    """
    if len(name) + len(suffix) <= longest and not marked:
        return name + suffix
    mark = hashlib.blake2b(name.encode(), digest_size=MARK // 2).hexdigest()
    return f"{name[: longest - len(suffix) - MARK - 1].rstrip('-.')}-{mark}{suffix}"


def with_names(resource: Resource, names: Names) -> Resource:
    """The same resource, which refers to ConfigMaps and Secrets by other names."""
    namespace = resource.ref.namespace
    if not any((one.kind, namespace, one.name) in names for one in references(resource)):
        return resource
    copy = resource.with_body(resource.copy_body())
    for one in references(copy):
        one.holder[one.key] = names.get((one.kind, namespace, one.name), one.holder.get(one.key))
    return copy


def _refuse_collisions(resources: tuple[Resource, ...], numbered: Iterable[Resource]) -> None:
    plain = {one.ref: one for one in resources if not is_versioned(one)}
    taken: dict[Ref, Resource] = {}
    for one in numbered:
        other = plain.get(one.ref) or taken.get(one.ref)
        taken[one.ref] = one
        if other is not None:
            name = one.annotations[VERSION_OF]
            problem = f"has the name that {one.ref.kind} {name} gets in this release"
            raise ManifestError(problem, origin=other.origin, ref=other.ref, hint="give one of them another name")


def _replaced(value: Any, number: str) -> Any:
    if isinstance(value, str):
        return value.replace(NUMBER_MARKER, number)
    if isinstance(value, Mapping):
        return {_replaced(key, number): _replaced(one, number) for key, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, number) for one in value]
    return value
