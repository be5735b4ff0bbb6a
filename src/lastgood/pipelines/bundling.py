"""What the manifests of a service consist of: their files, and the values files that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lastgood.errors import SettingError
from lastgood.model.source import File, Source
from lastgood.pipelines.definition import Manifest, Service, Word
from lastgood.pipelines.expressions import Scope
from lastgood.pipelines.file_store import FileStore
from lastgood.pipelines.values import ValuesFile, merged, read_values
from lastgood.rendering import renderer

MANIFESTS, VALUES = "K8sManifest", "Values"
STORES = ("Harness",)
TRUE, FALSE = ("true", "yes", "on"), ("", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class Bundle:
    """One manifest with everything that is rendered together; nothing is evaluated yet but the paths.

    ``values`` are in the order in which they are merged: the later wins.
    """

    identifier: str
    files: tuple[File, ...]
    values: tuple[ValuesFile, ...]
    missing: tuple[str, ...] = ()


def bundles(service: Service, store: FileStore, scope: Scope) -> tuple[Bundle, ...]:
    """Each K8sManifest of the service. Values manifests go with all of them, over their own values.

    Raises ``SettingError`` for a kind of manifest or store that is not known, and for files that are not there.
    """
    for manifest in service.manifests:
        _check(manifest)
    shared = [file for one in service.manifests if one.type == VALUES for file in _files(one.files, store, scope)]
    mine = [one for one in service.manifests if one.type == MANIFESTS]
    if not mine:
        raise SettingError(f"{service.file.name}: the service {service.identifier} has no {MANIFESTS} to deploy")
    return tuple(_bundle(one, store, scope, [read_values(file) for file in shared]) for one in mine)


def source_of(bundle: Bundle, scope: Scope) -> Source:
    """What is given to the renderer: the files, and their values evaluated and merged."""
    return Source(bundle.files, merged(bundle.values, scope))


def rendered(source: Source) -> tuple[File, ...]:
    """The files as YAML. The template engine is only imported for files that have any actions."""
    templates = any("{{" in file.text for file in source.files)
    return renderer("go-template" if templates else "plain")(source)


def truth(word: Word, scope: Scope) -> bool:
    """A setting that is true or false, written as a boolean, a string or an expression; false when it is not there."""
    text = scope.evaluate(word.text, word.spot).strip().lower()
    if text not in (*TRUE, *FALSE):
        raise SettingError(f'{word.spot}: "{text}" is neither true nor false')
    return text in TRUE


def _check(manifest: Manifest) -> None:
    for value, known, field in (
        (manifest.type, (MANIFESTS, VALUES), ("type",)),
        (manifest.store, STORES, ("spec", "store", "type")),
    ):
        if value not in known:
            problem = f"{value} is not read by this tool"
            hint = f"it reads {' and '.join(known)}; render others first and deploy what comes out"
            raise SettingError(f"{manifest.spot.at(*field)}: {problem}", hint=hint)


def _bundle(manifest: Manifest, store: FileStore, scope: Scope, shared: Sequence[ValuesFile]) -> Bundle:
    entries = [(scope.evaluate(word.text, word.spot), word.spot) for word in manifest.files]
    folder_values = [file for entry, spot in entries for file in store.folder_values(entry, spot)]
    named, missing = _named_values(manifest, store, scope)
    values_names = {file.name for file in named}
    files = {file.name: file for entry, spot in entries for file in store.manifests(entry, spot)}
    kept = tuple(file for name, file in files.items() if name not in values_names)
    if not kept:
        raise SettingError(f"{manifest.spot}: there are no .yaml or .yml files in {', '.join(e for e, _ in entries)}")
    own = tuple(read_values(file) for file in (*folder_values, *named))
    return Bundle(manifest.identifier, kept, (*own, *shared), missing)


def _named_values(manifest: Manifest, store: FileStore, scope: Scope) -> tuple[list[File], tuple[str, ...]]:
    """The files of ``valuesPaths``, and those that are not there but may be missing."""
    paths = [(scope.evaluate(word.text, word.spot), word.spot) for word in manifest.values_paths]
    optional = truth(manifest.optional_values, scope)
    missing = tuple(path for path, spot in paths if optional and not store.has(path, spot))
    return [store.file(path, spot) for path, spot in paths if path not in missing], missing


def _files(words: Sequence[Word], store: FileStore, scope: Scope) -> list[File]:
    return [store.file(scope.evaluate(word.text, word.spot), word.spot) for word in words]
