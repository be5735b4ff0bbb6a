"""What people write for a resource becomes a ref: ``deploy/web``, ``shop/Deployment/web``. Pure.

As kubectl takes them: https://kubernetes.io/docs/reference/kubectl/#resource-types
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from lastgood.errors import SettingError
from lastgood.model.resource import GroupKind, Ref
from lastgood.ports import Served

EXPECTED = "expected Kind/Name or Namespace/Kind/Name, as in Deployment/web"

Kinds = Mapping[GroupKind, Served]


def name(text: str, served: Kinds, namespace: str) -> Ref:
    """The ref that this names; without a namespace in it, it is in ``namespace``.

    Raises ``SettingError`` for what is no name, and for a kind that the cluster does not know.
    """
    parts = [part.strip() for part in text.split("/")]
    if len(parts) not in (2, 3) or not all(parts):
        raise SettingError(f'"{text}" names no resource: {EXPECTED}')
    *where, kind, called = parts
    found = kind_named(kind, served)
    if found is None:
        raise SettingError(f'"{text}": the cluster knows no kind {kind}', hint=_nearest(kind, served))
    within = (where[0] if where else namespace) if found.namespaced else ""
    return Ref(*found.group_kind, within, called, found.versions[0])


def kind_named(word: str, served: Kinds) -> Served | None:
    """The kind by its name, plural or a short one, in any case, with a group or without; the first that fits."""
    wanted = word.lower()
    whole = next((one for one in served.values() if wanted in _full_names(one)), None)
    return whole or next((one for one in served.values() if wanted in _names(one)), None)


def _names(one: Served) -> Iterator[str]:
    yield from (one.group_kind.kind.lower(), one.plural, *one.short)


def _full_names(one: Served) -> Iterator[str]:
    """With the group, and with version and group: ``deployments.apps``, ``deployment.v1.apps``."""
    group = one.group_kind.group
    for called in _names(one):
        yield from (f"{called}.{group}",) if group else ()
        yield from (f"{called}.{version}.{group}".rstrip(".") for version in one.versions)


def _nearest(word: str, served: Kinds) -> str:
    known = {called: one.group_kind.kind for one in served.values() for called in _names(one)}
    near = difflib.get_close_matches(word.lower(), known, n=3, cutoff=0.6)
    kinds = dict.fromkeys(known[one] for one in near)
    return f"did you mean {' or '.join(kinds)}?" if kinds else "check the kind, or apply its definition first"
