"""The service YAML as it is written: checked for shape, its words still words, nothing evaluated.

Every value is a string here, quoted or not: ``value: 020724`` stays that.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.errors import SettingError
from lastgood.model.source import File
from lastgood.parsing import as_written, parse
from lastgood.pipelines.spots import Spot

IDENTIFIER = re.compile(r"[a-zA-Z_][0-9a-zA-Z_]{0,127}", re.ASCII)
VARIABLE_TYPES = ("String", "Number", "Secret")
SERVICE_TYPE = "Kubernetes"

# The keys that have a meaning at each level, here or in the product: what is near to one is a slip of the pen.
SERVICE_KEYS = (
    "name identifier description tags serviceDefinition gitOpsEnabled useFromStage orgIdentifier projectIdentifier"
)
DEFINITION_KEYS = "type spec"
SPEC_KEYS = "artifacts manifests variables configFiles hooks release manifestConfigurations environmentType"
ARTIFACTS_KEYS = "primary sidecars"
PRIMARY_KEYS = "primaryArtifactRef sources type spec"
MANIFEST_KEYS = "identifier type spec"
MANIFEST_SPEC_KEYS = (
    "store valuesPaths optionalValuesYaml skipResourceVersioning enableDeclarativeRollback paramsPaths patchesPaths "
    "chartName chartVersion helmVersion subChartPath commandFlags overlayConfiguration"
)
STORE_KEYS = "type spec"
STORE_SPEC_KEYS = "files secretFiles connectorRef gitFetchType branch commitId repoName paths folderPath content"
VARIABLE_KEYS = "name type description value required"


@dataclass(frozen=True, slots=True)
class Word:
    """A string of the file, and where it stands."""

    text: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Variable:
    """A service variable. The value of a Secret is only the name of one, in a store that is not read here."""

    name: str
    type: str
    value: Word

    @property
    def is_secret(self) -> bool:
        """Whether no message may hold its value."""
        return self.type == "Secret"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One entry of ``manifests``: where its files are, and how they are treated."""

    identifier: str
    type: str
    store: str
    files: tuple[Word, ...]
    values_paths: tuple[Word, ...]
    optional_values: Word
    skip_versioning: Word
    declarative: Word
    spot: Spot


@dataclass(frozen=True, slots=True)
class Service:
    """All of a service file that a deploy reads."""

    name: Word
    identifier: str
    tags: Mapping[str, Word]
    variables: tuple[Variable, ...]
    manifests: tuple[Manifest, ...]
    artifact_sources: tuple[Mapping[str, Any], ...]
    file: File


def read_service(file: File) -> Service:
    """The service in a file. Raises ``SettingError`` for keys that are missing, misspelled or of the wrong shape."""
    documents = [one for one in parse(file.text, file.name, scalar=as_written) if one.value not in (None, "")]
    if len(documents) != 1:
        raise SettingError(f"{file.name}: a service file holds one document, and this one {len(documents)}")
    return _service(_root(documents[0].value, file), file)


@dataclass(frozen=True, slots=True)
class _Node:
    """A value of the file with its place; asks for shapes and says where they are not met."""

    value: Any
    spot: Spot

    def only(self, known: str) -> _Node:
        """The same, once no key of it looks like a misspelled one."""
        keys = known.split()
        for key in self.value:
            if key not in keys:
                self._refuse_slip(key, keys)
        return self

    def _refuse_slip(self, key: str, known: list[str]) -> None:
        same = [one for one in known if _letters(one) == _letters(key)]
        near = same or difflib.get_close_matches(key, known, n=1, cutoff=0.85)
        if near and near[0] not in self.value:
            raise SettingError(f"{self.spot.at(key)}: there is no such key", hint=f"did you mean {near[0]}?")

    def mapping(self, key: str, *, required: bool = False) -> _Node:
        """The mapping under a key; an empty one where nothing stands."""
        node = self._child(key, {}, required=required)
        return node if isinstance(node.value, Mapping) else node.refuse("a mapping is wanted here")

    def items(self, key: str) -> list[_Node]:
        """The elements of the list under a key."""
        node = self._child(key, [])
        if not isinstance(node.value, list):
            node.refuse("a list is wanted here")
        return [_Node(value, node.spot.at(place)) for place, value in enumerate(node.value)]

    def mappings(self, key: str) -> list[_Node]:
        """The elements of a list of mappings."""
        nodes = self.items(key)
        return [one if isinstance(one.value, Mapping) else one.refuse("a mapping is wanted here") for one in nodes]

    def word(self, key: str, *, required: bool = False) -> Word:
        """The string under a key; an empty one where nothing stands."""
        node = self._child(key, "", required=required)
        return node.as_word()

    def words(self, key: str) -> tuple[Word, ...]:
        """The strings of a list."""
        return tuple(one.as_word() for one in self.items(key))

    def as_word(self) -> Word:
        """Itself, if it is a string."""
        if not isinstance(self.value, str):
            self.refuse("a string is wanted here")
        return Word(self.value, self.spot)

    def refuse(self, problem: str, hint: str = "") -> _Node:
        """Raise what is wrong with it."""
        raise SettingError(f"{self.spot}: {problem}", hint=hint)

    def _child(self, key: str, empty: Any, *, required: bool = False) -> _Node:
        value = self.value.get(key) if isinstance(self.value, Mapping) else None
        if value in (None, ""):
            if required:
                raise SettingError(f"{self.spot.at(key)}: is missing")
            value = empty
        return _Node(value, self.spot.at(key))


def _letters(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "")


def _root(value: Any, file: File) -> _Node:
    if not isinstance(value, Mapping):
        raise SettingError(f"{file.name}: a service file is a mapping with the key service")
    return _Node(value, Spot(file)).only("service").mapping("service", required=True)


def _service(node: _Node, file: File) -> Service:
    definition = node.only(SERVICE_KEYS).mapping("serviceDefinition", required=True).only(DEFINITION_KEYS)
    _check_type(definition.word("type", required=True))
    spec = definition.mapping("spec", required=True).only(SPEC_KEYS)
    tags = node.mapping("tags")
    return Service(
        name=node.word("name", required=True),
        identifier=_identifier(node.word("identifier", required=True)),
        tags={key: tags.word(key) for key in tags.value},
        variables=_variables(spec),
        manifests=_manifests(spec),
        artifact_sources=_artifact_sources(spec.mapping("artifacts").only(ARTIFACTS_KEYS)),
        file=file,
    )


def _check_type(word: Word) -> None:
    if word.text != SERVICE_TYPE:
        problem = f"services of type {word.text} are not deployed by this tool"
        raise SettingError(f"{word.spot}: {problem}", hint=f"the type has to be {SERVICE_TYPE}")


def _identifier(word: Word) -> str:
    if not IDENTIFIER.fullmatch(word.text):
        hint = "letters, digits and _, at most 128, and no digit first"
        raise SettingError(f'{word.spot}: "{word.text}" is no identifier', hint=hint)
    return word.text


def _variables(spec: _Node) -> tuple[Variable, ...]:
    found: dict[str, Variable] = {}
    for node in spec.mappings("variables"):
        name = node.only(VARIABLE_KEYS).word("name", required=True)
        if name.text in found:
            raise SettingError(f"{name.spot}: there are two variables called {name.text}")
        found[name.text] = Variable(name.text, _variable_type(node.word("type")), node.word("value"))
    return tuple(found.values())


def _variable_type(word: Word) -> str:
    if word.text and word.text not in VARIABLE_TYPES:
        hint = f"it is one of {', '.join(VARIABLE_TYPES)}"
        raise SettingError(f"{word.spot}: {word.text} is no type of variable", hint=hint)
    return word.text or VARIABLE_TYPES[0]


def _manifests(spec: _Node) -> tuple[Manifest, ...]:
    found: dict[str, Manifest] = {}
    for wrapper in spec.mappings("manifests"):
        manifest = _manifest(wrapper.only("manifest").mapping("manifest", required=True).only(MANIFEST_KEYS))
        if manifest.identifier in found:
            place = f"{manifest.spot.at('identifier')}"
            raise SettingError(f"{place}: there are two manifests called {manifest.identifier}")
        found[manifest.identifier] = manifest
    return tuple(found.values())


def _manifest(node: _Node) -> Manifest:
    spec = node.mapping("spec", required=True).only(MANIFEST_SPEC_KEYS)
    store = spec.mapping("store", required=True).only(STORE_KEYS)
    return Manifest(
        identifier=_identifier(node.word("identifier", required=True)),
        type=node.word("type", required=True).text,
        store=store.word("type", required=True).text,
        files=store.mapping("spec").only(STORE_SPEC_KEYS).words("files"),
        values_paths=spec.words("valuesPaths"),
        optional_values=spec.word("optionalValuesYaml"),
        skip_versioning=spec.word("skipResourceVersioning"),
        declarative=spec.word("enableDeclarativeRollback"),
        spot=node.spot,
    )


def _artifact_sources(artifacts: _Node) -> tuple[Mapping[str, Any], ...]:
    """Only looked at for their identifiers and types: which image is deployed is said on the command line."""
    primary = artifacts.mapping("primary").only(PRIMARY_KEYS)
    return tuple(one.value for one in primary.mappings("sources"))
