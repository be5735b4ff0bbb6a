"""What holds for every kind that makes pods from a template. Not an entry of the catalogue; entries do not know it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lastgood.model.kind import Kind, Transition
from lastgood.model.resource import Item
from lastgood.owning import entries, goes, owners_in, stays

SOURCE = "an apply leaves the source that the volume has now, and a volume has only one"
ACCOUNT = "an apply leaves the copy that the API has made of the service account's name"
NAME, DEPRECATED = "serviceAccountName", "serviceAccount"


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
    sources = any(_leaves_a_source(live, volumes, one) for one in _volumes(wanted))
    account = _leaves_an_account(live, (*path, "spec"), (wanted or {}).get("spec") or {})
    why = "; ".join(words for words, is_so in ((SOURCE, sources), (ACCOUNT, account)) if is_so)
    return (Transition("/" + "/".join(path), wanted, why),) if why else ()


def _leaves_a_source(live: Mapping[str, Any], path: tuple[str, ...], wanted: Mapping[str, Any]) -> bool:
    """Whether a source that is live would stay beside the wanted one.

    A volume with no source gets ``emptyDir`` by default, which is nobody's.
    """
    sources = [key for key in wanted if key != "name"]
    volumes: list[Mapping[str, Any]] = _at(live, path) or []
    found = next((one for one in volumes if one.get("name") == wanted.get("name")), {})
    others = (key for key in found if key not in ("name", *sources))
    return bool(sources) and any(stays(live, (*path, Item("name", wanted["name"]), key)) for key in others)


def _leaves_an_account(live: Mapping[str, Any], path: tuple[str, ...], wanted: Mapping[str, Any]) -> bool:
    """Whether an account that goes would come back from its copy, which is nobody's.

    The API writes an account under both names, and reads the deprecated one where the other is not there.
    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/core/v1/conversion.go
    """
    if wanted.get(NAME):
        return False
    return any(
        _is_copy_of(live, path, copy, of) and _at(live, (*path, copy)) != wanted.get(DEPRECATED)
        for copy, of in ((DEPRECATED, NAME), (NAME, DEPRECATED))
        if not wanted.get(copy)
    )


def _is_copy_of(live: Mapping[str, Any], path: tuple[str, ...], copy: str, of: str) -> bool:
    """Whether nobody holds the one, and only who deploys the other."""
    body = dict(live)
    return bool(_at(live, (*path, copy))) and not owners_in(entries(body), (*path, copy)) and goes(body, (*path, of))


def _volumes(template: Any) -> Iterator[Mapping[str, Any]]:
    yield from ((template or {}).get("spec") or {}).get("volumes") or ()


def _at(body: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = body
    for key in path:
        value = (value or {}).get(key)
    return value
