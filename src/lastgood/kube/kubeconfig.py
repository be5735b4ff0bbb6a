"""Kubeconfig files as kubectl reads them: found, merged, and one context of them picked. Never a connection.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lastgood.errors import SettingError

Entry = dict[str, Any]

_PATHS = {
    "clusters": ("certificate-authority",),
    "users": ("client-certificate", "client-key", "tokenFile"),
    "contexts": (),
}
_SINGULAR = {"clusters": "cluster", "users": "user", "contexts": "context"}
_CONTEXTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Picked:
    """One context of the files: its cluster and its user, with every path absolute."""

    name: str
    context: Entry
    cluster: Entry
    user: Entry


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """What the files say together; of two entries with one name the first counts, as kubectl has it."""

    files: tuple[Path, ...]
    current: str
    contexts: Mapping[str, Entry]
    clusters: Mapping[str, Entry]
    users: Mapping[str, Entry]

    def pick(self, name: str | None) -> Picked:
        """A context by its name, or the current one. Raises ``SettingError``."""
        wanted = name or self.current
        if not wanted:
            raise SettingError(f"no context is current in {self._where}", hint=f"name one: {self._choice}")
        if wanted not in self.contexts:
            close = "".join(f"did you mean {one}? " for one in get_close_matches(wanted, self.contexts, n=1))
            raise SettingError(
                f"there is no context {wanted} in {self._where}", hint=f"{close or 'name one: '}{self._choice}"
            )
        context = self.contexts[wanted]
        cluster = self._part("cluster", context.get("cluster"), self.clusters, of=wanted)
        user = self._part("user", context.get("user"), self.users, of=wanted) if context.get("user") else {}
        return Picked(wanted, context, cluster, user)

    def _part(self, kind: str, name: object, among: Mapping[str, Entry], *, of: str) -> Entry:
        if name not in among:
            raise SettingError(
                f"context {of} in {self._where} wants {kind} {name or '(none)'}, which is not there",
                hint=f"name another context: {self._choice}",
            )
        return among[str(name)]

    @property
    def _where(self) -> str:
        return os.pathsep.join(map(str, self.files))

    @property
    def _choice(self) -> str:
        names = sorted(self.contexts)
        more = f", and {len(names) - _CONTEXTS_SHOWN} more" if len(names) > _CONTEXTS_SHOWN else ""
        return f"the contexts are {', '.join(names[:_CONTEXTS_SHOWN])}{more}" if names else "there is no context at all"


def find_files(kubeconfig: str | None, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The files to read, those that exist; none of them when this may be a pod.

    ``kubeconfig`` is one file and has to exist; else ``KUBECONFIG`` is a list of files, else it is the file at home.
    """
    if kubeconfig:
        return (Path(kubeconfig).expanduser(),)
    listed = [part for part in environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    paths = [Path(part).expanduser() for part in listed] or [_home(environ) / ".kube" / "config"]
    return tuple(path for path in paths if path.exists())


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ["HOME"]) if environ.get("HOME") else Path("~").expanduser()


def read_files(files: Iterable[Path]) -> Kubeconfig:
    """All of these files as one. Raises ``SettingError`` for one that cannot be read."""
    paths = tuple(files)
    documents = [(path, _load(path)) for path in paths]
    current = next((str(one["current-context"]) for _, one in documents if one.get("current-context")), "")
    merged = {section: _merge(section, documents) for section in _SINGULAR}
    return Kubeconfig(paths, current, merged["contexts"], merged["clusters"], merged["users"])


def _load(path: Path) -> Entry:
    import yaml  # noqa: PLC0415 - only who connects needs it

    try:
        document = yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except OSError as error:
        raise SettingError(f"the kubeconfig {path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise SettingError(f"the kubeconfig {path} is not YAML{where}") from error
    if document is not None and not isinstance(document, dict):
        raise SettingError(f"the kubeconfig {path} holds no mapping")
    return document or {}


def _merge(section: str, documents: Iterable[tuple[Path, Entry]]) -> dict[str, Entry]:
    merged: dict[str, Entry] = {}
    for path, document in documents:
        for name, entry in _entries(section, path, document):
            merged.setdefault(name, _with_absolute_paths(section, entry, path.absolute().parent))
    return merged


def _entries(section: str, path: Path, document: Entry) -> Iterable[tuple[str, Entry]]:
    items = document.get(section) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) and "name" in item for item in items):
        raise SettingError(f"the kubeconfig {path} is damaged: {section} is not a list of named entries")
    for item in items:
        entry = item.get(_SINGULAR[section])
        yield str(item["name"]), entry if isinstance(entry, dict) else {}


def _with_absolute_paths(section: str, entry: Entry, folder: Path) -> Entry:
    paths: Entry = {key: str(folder / Path(entry[key])) for key in _PATHS[section] if entry.get(key)}
    plugin = entry.get("exec")
    if isinstance(plugin, dict) and os.sep in str(plugin.get("command", "")):
        paths["exec"] = plugin | {"command": str(folder / Path(plugin["command"]))}
    return entry | paths
