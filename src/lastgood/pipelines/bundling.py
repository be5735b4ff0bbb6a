"""What the manifests of a service consist of: their files, and the values files that go with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lastgood.errors import SettingError
from lastgood.model.source import File, Source
from lastgood.pipelines.contents import VALUES, Manifest, Store
from lastgood.pipelines.definition import Service
from lastgood.pipelines.expressions import Scope
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.spots import Spot
from lastgood.pipelines.stores import Shelf, Stores, refuse_store
from lastgood.pipelines.values import ValuesFile, merged, read_values
from lastgood.rendering import renderer

MANIFESTS = "K8sManifest"
LATER = {
    "HelmChart": "render it with helm template, and deploy what comes out",
    "HelmRepoOverride": "it belongs to a HelmChart",
    "Kustomize": "render it with kustomize build, and deploy what comes out",
    "KustomizePatches": "they belong to a Kustomize manifest",
    "OpenshiftTemplate": "render it with oc process, and deploy what comes out",
    "OpenshiftParam": "they belong to an OpenshiftTemplate",
}
"""Kinds of manifests that are not read yet, and what to do meanwhile."""

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
    plain: bool = False


def bundles(service: Service, stores: Stores, scope: Scope) -> tuple[Bundle, ...]:
    """Each K8sManifest of the service. Values manifests go with all of them, over their own values.

    Raises ``SettingError`` for a kind of manifest or store that is not known, and for files that are not there.
    """
    for manifest in service.manifests:
        _check(manifest)
    mine = [one for one in service.manifests if one.type == MANIFESTS]
    if not mine:
        raise SettingError(f"{service.file.name}: the service {service.identifier} has no {MANIFESTS} to deploy")
    above = mine[0].store
    separate = [one for one in service.manifests if one.type == VALUES]
    shared = [values for one in separate for values in _separate_values(one, stores, scope, above)]
    return tuple(_bundle(one, stores, scope, shared) for one in mine)


def source_of(bundle: Bundle, scope: Scope) -> Source:
    """What is given to the renderer: the files, and their values evaluated and merged."""
    return Source(bundle.files, merged(bundle.values, scope), plain=bundle.plain)


def rendered(source: Source) -> tuple[File, ...]:
    """The files as YAML. The template engine is only imported for files that have any actions."""
    templates = not source.plain and any("{{" in file.text for file in source.files)
    return renderer("go-template" if templates else "plain")(source)


def truth(word: Word, scope: Scope) -> bool:
    """A setting that is true or false, written as a boolean, a string or an expression; false when it is not there."""
    text = scope.evaluate(word.text, word.spot).strip().lower()
    if text not in (*TRUE, *FALSE):
        raise SettingError(f'{word.spot}: "{text}" is neither true nor false')
    return text in TRUE


def _check(manifest: Manifest) -> None:
    if manifest.type not in (MANIFESTS, VALUES):
        hint = LATER.get(manifest.type, f"it reads {MANIFESTS} and {VALUES}")
        when = " yet" if manifest.type in LATER else ""
        raise SettingError(f"{manifest.spot.at('type')}: {manifest.type} is not read by this tool{when}", hint=hint)
    refuse_store(manifest.store)


def _separate_values(manifest: Manifest, stores: Stores, scope: Scope, above: Store) -> list[ValuesFile]:
    """The files of a Values manifest."""
    entries = _evaluated(stores.entries(manifest.store), scope)
    shelf = stores.shelf(manifest.store, scope, *(entry for entry, _ in entries), inherited=above)
    return [read_values(shelf.file(entry, spot), layer=manifest.layer) for entry, spot in entries]


def _bundle(manifest: Manifest, stores: Stores, scope: Scope, shared: Sequence[ValuesFile]) -> Bundle:
    entries = _evaluated(stores.entries(manifest.store), scope)
    paths = _evaluated(manifest.values_paths, scope)
    shelf = stores.shelf(manifest.store, scope, *(entry for entry, _ in (*entries, *paths)))
    folder_values = [file for entry, spot in entries for file in shelf.folder_values(entry, spot)]
    missing = _missing(manifest, paths, shelf, scope)
    named = [shelf.file(path, spot) for path, spot in paths if path not in missing]
    values_names = {file.name for file in named}
    files = {file.name: file for file in _files(manifest, entries, shelf, scope)}
    kept = tuple(file for name, file in files.items() if name not in values_names)
    if not kept:
        raise SettingError(f"{manifest.spot}: there are no .yaml or .yml files in {', '.join(e for e, _ in entries)}")
    own = tuple(read_values(file, layer=manifest.layer) for file in (*folder_values, *named))
    return Bundle(manifest.identifier, kept, (*own, *shared), missing, manifest.plain)


def _files(manifest: Manifest, entries: Sequence[tuple[str, Spot]], shelf: Shelf, scope: Scope) -> Iterator[File]:
    """All manifests in the folders that are named, or those alone that somebody asks for: also such as are skipped."""
    if not manifest.only:
        yield from (file for entry, spot in entries for file in shelf.manifests(entry, spot))
        return
    for path, spot in _evaluated(manifest.only, scope):
        inside = (f"{entry.rstrip('/')}/{path.lstrip('/')}" for entry, _ in entries)
        yield shelf.file(next((one for one in inside if shelf.has(one, spot)), path), spot)


def _missing(manifest: Manifest, paths: Sequence[tuple[str, Spot]], shelf: Shelf, scope: Scope) -> tuple[str, ...]:
    """Those of ``valuesPaths`` that are not there but may be missing."""
    optional = truth(manifest.optional_values, scope)
    return tuple(path for path, spot in paths if optional and not shelf.has(path, spot))


def _evaluated(words: Sequence[Word], scope: Scope) -> list[tuple[str, Spot]]:
    return [(scope.evaluate(word.text, word.spot), word.spot) for word in words]
