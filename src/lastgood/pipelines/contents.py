"""What a service consists of, and what overrides it alike: variables, manifests, config files, artifacts. Pure.

Read as they are written; nothing is evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lastgood.errors import SettingError
from lastgood.pipelines.nodes import Node, Word, identifier
from lastgood.pipelines.spots import Spot

VALUES = "Values"
"""The type of manifests that give values, and no resources."""

VARIABLE_TYPES = ("String", "Number", "Secret")

# The keys that have a meaning at each level, here or in the product: what is near to one is a slip of the pen.
ARTIFACTS_KEYS = "primary sidecars"
PRIMARY_KEYS = "primaryArtifactRef sources type spec identifier"
SOURCE_KEYS = "identifier type spec sourceType template name"
MANIFEST_KEYS = "identifier type spec"
MANIFEST_SPEC_KEYS = (
    "store valuesPaths optionalValuesYaml skipResourceVersioning enableDeclarativeRollback paramsPaths patchesPaths "
    "chartName chartVersion helmVersion subChartPath commandFlags overlayConfiguration"
)
STORE_KEYS = "type spec"
STORE_SPEC_KEYS = "files secretFiles connectorRef gitFetchType branch commitId repoName paths folderPath content"
CONFIG_FILE_KEYS = "identifier spec"
VARIABLE_KEYS = "name type description value required"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable. The value of a Secret is only the ID of one."""

    name: str
    type: str
    value: Word

    @property
    def is_secret(self) -> bool:
        """Whether no message may hold its value."""
        return self.type == "Secret"


@dataclass(frozen=True, slots=True)
class Store:
    """Where files are. ``files`` are paths in it, ``fields`` what else a store of this type says of itself."""

    type: str
    files: tuple[Word, ...]
    fields: Mapping[str, Word]
    spot: Spot


@dataclass(frozen=True, slots=True)
class Manifest:
    """One entry of ``manifests``: where its files are, and how they are treated. ``layer`` is whose it is.

    ``only`` are the files that count, where somebody names them; ``plain`` says that they are no templates.
    """

    identifier: str
    type: str
    store: Store
    values_paths: tuple[Word, ...]
    optional_values: Word
    skip_versioning: Word
    declarative: Word
    spot: Spot
    layer: str = ""
    only: tuple[Word, ...] = ()
    plain: bool = False


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """One entry of ``configFiles``, for ``<+configFile.getAsString("ID")>``."""

    identifier: str
    store: Store
    spot: Spot


@dataclass(frozen=True, slots=True)
class ArtifactSource:
    """Where an image comes from: a type with fields of its own."""

    identifier: str
    type: str
    fields: Mapping[str, Word]
    spot: Spot


@dataclass(frozen=True, slots=True)
class Artifacts:
    """The sources that the primary artifact may come from, which of them it is, and the sidecars."""

    primary: Word | None = None
    sources: tuple[ArtifactSource, ...] = ()
    sidecars: tuple[ArtifactSource, ...] = field(default=())


def read_variables(node: Node) -> tuple[Variable, ...]:
    """The list under ``variables``. Raises ``SettingError``, as all of these do, with file, line and key."""
    found: dict[str, Variable] = {}
    for one in node.mappings("variables"):
        name = one.only(VARIABLE_KEYS).word("name", required=True)
        if name.text in found:
            raise SettingError(f"{name.spot}: there are two variables called {name.text}")
        found[name.text] = Variable(name.text, _variable_type(one.word("type")), one.word("value"))
    return tuple(found.values())


def read_manifests(node: Node) -> tuple[Manifest, ...]:
    """The list under ``manifests``."""
    found: dict[str, Manifest] = {}
    for wrapper in node.mappings("manifests"):
        manifest = read_manifest(wrapper.only("manifest").mapping("manifest", required=True))
        if manifest.identifier in found:
            place = f"{manifest.spot.at('identifier')}"
            raise SettingError(f"{place}: there are two manifests called {manifest.identifier}")
        found[manifest.identifier] = manifest
    return tuple(found.values())


def read_manifest(node: Node) -> Manifest:
    """What stands under ``manifest``."""
    spec = node.only(MANIFEST_KEYS).mapping("spec", required=True).only(MANIFEST_SPEC_KEYS)
    return Manifest(
        identifier=identifier(node.word("identifier", required=True)),
        type=node.word("type", required=True).text,
        store=read_store(spec.mapping("store", required=True)),
        values_paths=spec.words("valuesPaths"),
        optional_values=spec.word("optionalValuesYaml"),
        skip_versioning=spec.word("skipResourceVersioning"),
        declarative=spec.word("enableDeclarativeRollback"),
        spot=node.spot,
    )


def read_store(node: Node) -> Store:
    """What stands under ``store``."""
    spec = node.only(STORE_KEYS).mapping("spec").only(STORE_SPEC_KEYS)
    if spec.items("secretFiles"):
        hint = "write it where files of the store are, and name it under files"
        raise SettingError(f"{spec.spot.at('secretFiles')}: no secret store is read here", hint=hint)
    folder = spec.word("folderPath")
    files = (*spec.words("files"), *spec.words("paths"), *([folder] if folder.text else ()))
    words = {key: spec.word(key) for key, value in spec.value.items() if isinstance(value, str)}
    return Store(node.word("type", required=True).text, files, words, node.spot)


def read_config_files(node: Node) -> tuple[ConfigFile, ...]:
    """The list under ``configFiles``."""
    found: dict[str, ConfigFile] = {}
    for wrapper in node.mappings("configFiles"):
        one = wrapper.only("configFile").mapping("configFile", required=True).only(CONFIG_FILE_KEYS)
        name = identifier(one.word("identifier", required=True))
        if name in found:
            raise SettingError(f"{one.spot.at('identifier')}: there are two config files called {name}")
        store = read_store(one.mapping("spec", required=True).mapping("store", required=True))
        found[name] = ConfigFile(name, store, one.spot)
    return tuple(found.values())


def read_artifacts(node: Node) -> Artifacts:
    """What stands under ``artifacts``."""
    artifacts = node.mapping("artifacts").only(ARTIFACTS_KEYS)
    primary = artifacts.mapping("primary").only(PRIMARY_KEYS)
    sources = tuple(_source(one) for one in primary.mappings("sources"))
    if primary.word("type").text:  # the form that was there before there could be several
        sources = (*sources, _source(primary))
    wrapped = (one.only("sidecar").mapping("sidecar", required=True) for one in artifacts.mappings("sidecars"))
    reference = primary.word("primaryArtifactRef")
    return Artifacts(reference if reference.text else None, sources, tuple(_source(one) for one in wrapped))


def _source(node: Node) -> ArtifactSource:
    known = PRIMARY_KEYS if "sources" in node.value or "primaryArtifactRef" in node.value else SOURCE_KEYS
    spec = node.only(known).mapping("spec")
    fields = {key: spec.word(key) for key, value in spec.value.items() if isinstance(value, str)}
    return ArtifactSource(node.word("identifier").text, node.word("type").text, fields, node.spot)


def _variable_type(word: Word) -> str:
    if word.text and word.text not in VARIABLE_TYPES:
        hint = f"it is one of {', '.join(VARIABLE_TYPES)}"
        raise SettingError(f"{word.spot}: {word.text} is no type of variable", hint=hint)
    return word.text or VARIABLE_TYPES[0]
