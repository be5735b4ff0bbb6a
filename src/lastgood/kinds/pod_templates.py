"""What holds for every kind that makes pods from a template. Not an entry of the catalogue; entries do not know it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lastgood.model.kind import Kind, Transition
from lastgood.model.resource import Item
from lastgood.owning import stays

WHY = "an apply leaves the source that the volume has now, and a volume has only one"


def with_template_rules(kind: Kind) -> Kind:
    """The entry, with the transitions that any pod template needs before its own."""
    if not kind.pod_template or "spec.template" in kind.immutable:
        return kind

    def transitions(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[Transition, ...]:
        return (*_template(kind.pod_template, live, desired), *kind.transitions(live, desired))

    return replace(kind, transitions=transitions)


def _template(path: tuple[str, ...], live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[Transition, ...]:
    """The whole template at once: a volume changed alone would start pods of a template that nobody wrote."""
    wanted, volumes = _at(desired, path), (*path, "spec", "volumes")
    if not any(_leaves_a_source(live, volumes, one) for one in _volumes(wanted)):
        return ()
    return (Transition("/" + "/".join(path), wanted, WHY),)


def _leaves_a_source(live: Mapping[str, Any], path: tuple[str, ...], wanted: Mapping[str, Any]) -> bool:
    """Whether a source that is live would stay beside the wanted one.

    A volume with no source gets ``emptyDir`` by default, which is nobody's.
    """
    sources = [key for key in wanted if key != "name"]
    volumes: list[Mapping[str, Any]] = _at(live, path) or []
    found = next((one for one in volumes if one.get("name") == wanted.get("name")), {})
    others = (key for key in found if key not in ("name", *sources))
    return bool(sources) and any(stays(live, (*path, Item("name", wanted["name"]), key)) for key in others)


def _volumes(template: Any) -> Iterator[Mapping[str, Any]]:
    yield from ((template or {}).get("spec") or {}).get("volumes") or ()


def _at(body: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = body
    for key in path:
        value = (value or {}).get(key)
    return value
