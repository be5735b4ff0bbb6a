"""Where the files of manifests are: a folder, the service file itself, or a repository.

Each place is a shelf: a folder with rules. A repository is fetched when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from lastgood.errors import SettingError
from lastgood.model.source import File
from lastgood.pipelines.contents import Manifest, Store
from lastgood.pipelines.expressions import Known, Part, Scope
from lastgood.pipelines.file_store import FileStore
from lastgood.pipelines.git_repository import GitTrouble, Repositories, Wish, shown
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.spots import Spot

HARNESS, INLINE, INHERIT = "Harness", "Inline", "InheritFromManifest"
GIT = ("Github", "Git", "GitLab", "Bitbucket", "AzureRepo", "HarnessCode")
KNOWN = (HARNESS, INLINE, INHERIT, *GIT)
BRANCH, COMMIT = "Branch", "Commit"
LATER = {
    "CustomRemote": "its script is not run here",
    "Http": "charts come later",
    "S3": "charts come later",
    "Gcs": "charts come later",
    "OciHelmChart": "charts come later",
}
"""Stores of the product that are not read yet, and why."""


class Shelf(Protocol):
    """What a store's files are taken from."""

    def file(self, entry: str, spot: Spot) -> File:
        """One file. Raises ``SettingError`` when there is none at this path."""
        ...

    def has(self, entry: str, spot: Spot) -> bool:
        """Whether there is anything at this path."""
        ...

    def manifests(self, entry: str, spot: Spot) -> tuple[File, ...]:
        """The manifests in a folder, or the one file that the entry names."""
        ...

    def folder_values(self, entry: str, spot: Spot) -> tuple[File, ...]:
        """The values file of a manifest folder, if there is one."""
        ...


@dataclass(frozen=True, slots=True)
class Inline:
    """A store whose only file is written into the service file."""

    content: File

    def file(self, entry: str, spot: Spot) -> File:  # there is only this one
        """The content."""
        return self.content

    def has(self, entry: str, spot: Spot) -> bool:
        """Always."""
        return True

    def manifests(self, entry: str, spot: Spot) -> tuple[File, ...]:
        """The content."""
        return (self.content,)

    def folder_values(self, entry: str, spot: Spot) -> tuple[File, ...]:
        """None: it is no folder."""
        return ()


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores of one run. ``connectors`` are the addresses of repositories by the IDs of their connectors."""

    local: FileStore
    connectors: Mapping[str, str] = field(default_factory=dict)
    repositories: Repositories = field(default_factory=Repositories)

    def entries(self, store: Store) -> tuple[Word, ...]:
        """The paths that a store names; of an inline one its only file."""
        return (Word("", store.spot),) if store.type == INLINE else store.files

    def shelf(self, store: Store, scope: Scope, *paths: str, inherited: Store | None = None) -> Shelf:
        """What to take files from; ``paths`` are those that will be asked for.

        ``inherited`` is the store that ``InheritFromManifest`` stands for. Raises ``SettingError``, also for all that
        goes wrong with git.
        """
        if store.type == INHERIT:
            return self.shelf(_inherited(store, inherited), scope, *paths)
        if store.type == INLINE:
            return Inline(_content(store))
        if store.type == HARNESS:
            return self.local
        _refuse_unknown(store)
        url, spot = self._url(store, scope), store.spot.at("spec")
        try:
            commit = self.repositories.commit(url, _wish(store, scope))
            folder = self.repositories.folder(url, commit, paths)
        except GitTrouble as error:
            raise SettingError(f"{spot}: {error}", hint=error.hint) from error
        return FileStore(folder, label=f"{shown(url).rstrip('/').rsplit('/', 1)[-1]}@{commit[:8]}:")

    def part(self, manifests: tuple[Manifest, ...], scope: Scope) -> Part:
        """``<+manifest.ID.commitId>``: the commit that the files of a manifest are taken from."""
        stores = {f"manifests.{one.identifier}.commitId": one.store for one in manifests if one.store.type in GIT}

        def lookup(name: str) -> Known | None:
            return Known(self._commit(stores[name], scope)) if name in stores else None

        return Part(lookups=(lookup,))

    def _commit(self, store: Store, scope: Scope) -> str:
        try:
            return self.repositories.commit(self._url(store, scope), _wish(store, scope))
        except GitTrouble as error:
            raise SettingError(f"{store.spot.at('spec')}: {error}", hint=error.hint) from error

    def _url(self, store: Store, scope: Scope) -> str:
        """Where the repository is: the connector's address, with the repository's name if one is said."""
        connector, repository = _said(store, "connectorRef", scope), _said(store, "repoName", scope)
        key = connector or (repository if store.type == "HarnessCode" else "")
        if not key:
            raise SettingError(f"{store.spot.at('spec', 'connectorRef')}: is missing")
        if key not in self.connectors:
            spot = store.spot.at("spec", "connectorRef" if connector else "repoName")
            problem = f"where the connector {key} leads is not known"
            raise SettingError(f"{spot}: {problem}", hint=f"say it with --connector {key}=URL")
        url = self.connectors[key]
        return f"{url.rstrip('/')}/{repository}" if connector and repository else url


def refuse_store(store: Store) -> None:
    """Raise ``SettingError`` for a type of store that is not read here."""
    if store.type not in KNOWN:
        _refuse_unknown(store)


def _refuse_unknown(store: Store) -> None:
    if store.type in GIT:
        return
    why = f": {LATER[store.type]}" if store.type in LATER else ""
    hint = (
        f"it reads {', '.join(KNOWN[:-1])} and {KNOWN[-1]}; fetch the files yourself, and name their folder as Harness"
    )
    raise SettingError(
        f"{store.spot.at('type')}: a store of type {store.type} is not read by this tool{why}", hint=hint
    )


def _inherited(store: Store, primary: Store | None) -> Store:
    if primary is None or primary.type == INHERIT:
        problem = f"{INHERIT} takes files from where the manifests are, and there are none"
        raise SettingError(f"{store.spot.at('type')}: {problem}", hint="name a store of its own")
    if primary.type == INLINE:
        raise SettingError(f"{store.spot.at('type')}: {INHERIT} takes files from where the manifests are, and they are "
                           "written inline", hint="write the values inline too")  # fmt: skip
    return primary


def _content(store: Store) -> File:
    word = store.fields.get("content")
    if word is None or not word.text.strip():
        raise SettingError(f"{store.spot.at('spec', 'content')}: is missing")
    return File(f"content in {word.spot.place}", word.text)


def _wish(store: Store, scope: Scope) -> Wish:
    """What is wanted of a repository: the newest of a branch, or a commit or tag."""
    kind = _said(store, "gitFetchType", scope) or (COMMIT if "commitId" in store.fields else BRANCH)
    if kind not in (BRANCH, COMMIT):
        raise SettingError(f"{store.spot.at('spec', 'gitFetchType')}: {kind} is neither {BRANCH} nor {COMMIT}")
    key = "branch" if kind == BRANCH else "commitId"
    name = _said(store, key, scope)
    if not name:
        raise SettingError(f"{store.spot.at('spec', key)}: is missing", hint=f"gitFetchType is {kind}")
    return Wish(name, is_branch=kind == BRANCH)


def _said(store: Store, key: str, scope: Scope) -> str:
    word = store.fields.get(key)
    return scope.evaluate(word.text, word.spot).strip() if word else ""
