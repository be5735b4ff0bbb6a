"""Which images a service deploys: given by the user, or fixed in its artifact sources. No registry is asked. Pure.

What a source says may hold expressions itself; so the image is one: of its registry, its path and its tag.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lastgood.errors import SettingError
from lastgood.pipelines.artifact import Artifact
from lastgood.pipelines.contents import Artifacts, ArtifactSource
from lastgood.pipelines.expressions import Known, Lookup, Part, Scope

PRIMARY = "primary"
PULL_SECRETS = ("imagePullSecret", "dockerConfigJsonSecret")
"""Parts of an artifact that are ignored for public images, and made by nobody here."""

FIXED = ("DockerRegistry",)
"""Types of sources that say all of an image themselves, but for the address in their connector."""

PARTS = ("image", "imagePath", "tag", "digest")
HUB = ("docker.io", "index.docker.io", "registry.hub.docker.com", "registry-1.docker.io")
"""Docker's own registry under its names; an image without a host is pulled from there."""

CONNECTOR = "connector."
HOST = ".registry"
SAY = "give one with --artifact {}IMAGE"


@dataclass(frozen=True, slots=True)
class Images:
    """The images that were given: of the primary artifact, of sidecars by ID, and what a rollback goes back to.

    ``source`` is the ID of the primary artifact's source, where one was named with the image.
    """

    primary: Artifact | None = None
    sidecars: Mapping[str, Artifact] = field(default_factory=dict)
    rollback: Artifact | None = None
    source: str = ""


def images_of(artifacts: Artifacts, given: Mapping[str, Artifact], rollback: Artifact | None = None) -> Images:
    """Whose images these are, by their IDs; under ``""`` or ``primary`` it is the primary artifact's.

    An ID is a sidecar's, or that of a source of the primary artifact. Raises ``SettingError`` for any other.
    """
    sidecars = {one.identifier for one in artifacts.sidecars}
    sources = {one.identifier for one in artifacts.sources}
    primary: list[tuple[str, Artifact]] = []
    for name, artifact in given.items():
        if name in ("", PRIMARY) or name in sources:
            primary.append((name if name in sources else "", artifact))
        elif name not in sidecars:
            raise _unknown(name, sidecars | sources)
    if len(primary) > 1:
        raise SettingError(f"--artifact names two images of the primary artifact: {primary[0][1].image} and "
                           f"{primary[1][1].image}", hint="leave one out")  # fmt: skip
    source, image = primary[0] if primary else ("", None)
    return Images(image, {name: one for name, one in given.items() if name in sidecars}, rollback, source)


def artifacts_part(artifacts: Artifacts, images: Images, connectors: Mapping[str, str], scope: Scope) -> Part:
    """``<+artifacts.primary...>``, ``<+artifacts.sidecars.ID...>`` and ``<+rollbackArtifact...>``.

    ``connectors`` are addresses by the IDs of connectors; ``scope`` evaluates which source is the primary one.
    """
    known = dict(_of_one("artifacts.primary", _primary(artifacts, images, scope), images.primary, SAY.format("")))
    for one in artifacts.sidecars:
        name, say = f"artifacts.sidecars.{one.identifier}", SAY.format(f"{one.identifier}=")
        known |= dict(_of_one(name, one, images.sidecars.get(one.identifier), say))
    return Part({**known, **dict(_of_rollback(images.rollback))}, (_registries(connectors),))


def _unknown(name: str, known: set[str]) -> SettingError:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    there = f"it has {', '.join(sorted(known))}" if known else "write --artifact IMAGE for the primary one"
    return SettingError(f"--artifact {name}: the service has no such artifact", hint=hint + there)


def _primary(artifacts: Artifacts, images: Images, scope: Scope) -> ArtifactSource | None:
    """The source of the primary artifact; None where there is none, or it does not matter which."""
    if images.source or (artifacts.primary and images.primary is None):
        word = artifacts.primary
        name = images.source or (scope.evaluate(word.text, word.spot) if word else "")
        found = next((one for one in artifacts.sources if one.identifier == name), None)
        if found is None and word:
            there = ", ".join(one.identifier for one in artifacts.sources) or "none"
            raise SettingError(f"{word.spot}: there is no source {name}", hint=f"there are {there}")
        return found
    return artifacts.sources[0] if len(artifacts.sources) == 1 else None


def _of_one(name: str, source: ArtifactSource | None, given: Artifact | None, say: str) -> Iterator[tuple[str, Known]]:
    parts = _given(given) if given else _fixed(name, source, say)
    yield from ((f"{name}.{part}", known) for part, known in parts.items())
    yield from ((f"{name}.metadata.{part}", parts[part]) for part in ("image", "tag"))
    yield f"{name}.metadata.SHAV2", parts["digest"]
    yield from ((f"{name}.{part}", Known("")) for part in PULL_SECRETS)
    if source:
        yield from ((f"{name}.{key}", Known(word.text, word.spot)) for key, word in source.fields.items()
                    if key not in PARTS)  # fmt: skip
        yield from ((f"{name}.identifier", Known(source.identifier)), (f"{name}.type", Known(source.type)))


def _given(artifact: Artifact) -> dict[str, Known]:
    texts = {"image": artifact.image, "imagePath": artifact.path, "tag": artifact.tag, "digest": artifact.digest}
    why, hint = f"has no value: {artifact.image} does not say it", "write it into --artifact"
    return {part: Known(text) if text else Known(None, why=why, hint=hint) for part, text in texts.items()}


def _fixed(name: str, source: ArtifactSource | None, say: str) -> dict[str, Known]:
    """What a source says of an image itself."""
    if source is None or not _is_fixed(source):
        return dict.fromkeys(PARTS, Known(None, why=_why(source), hint=say))
    words = source.fields
    absent = Known(None, why=f"has no value: the source {source.identifier} does not say it", hint=say)
    said = {part: Known(words[part].text, words[part].spot) for part in PARTS if part in words and words[part].text}
    ends = {"tag": f":<+{name}.tag>", "digest": f"@<+{name}.digest>"}
    end = "".join(text for part, text in ends.items() if part in said)
    image = f"<+{CONNECTOR}<+{name}.connectorRef>{HOST}><+{name}.imagePath>{end}"
    return {**dict.fromkeys(PARTS, absent), **said, "image": Known(image, source.spot)}


def _is_fixed(source: ArtifactSource) -> bool:
    words = source.fields
    has = {key for key in ("connectorRef", "imagePath", "tag", "digest") if key in words and words[key].text}
    return source.type in FIXED and {"connectorRef", "imagePath"} <= has and bool({"tag", "digest"} & has)


def _why(source: ArtifactSource | None) -> str:
    if source is None:
        return "has no value: there is no artifact"
    if source.type in FIXED:
        return f"comes from the source {source.identifier}, which names no tag, and no registry is asked for one"
    return f"comes from a source ({source.identifier}, {source.type or 'of no type'}) that is not asked here"


def _of_rollback(artifact: Artifact | None) -> Iterator[tuple[str, Known]]:
    """What was deployed before; ``null`` where nothing was."""
    parts = _given(artifact) if artifact else dict.fromkeys(PARTS, Known("null"))
    for part, known in parts.items():
        yield from ((f"rollbackArtifact.{part}", known), (f"rollbackArtifact.metadata.{part}", known))
    yield "rollbackArtifact.metadata.SHAV2", parts["digest"]


def _registries(connectors: Mapping[str, str]) -> Lookup:
    """``<+connector.ID.registry>``: what an image starts with that is pulled by way of this connector."""

    def lookup(name: str) -> Known | None:
        if not (name.startswith(CONNECTOR) and name.endswith(HOST)):
            return None
        identifier = name.removeprefix(CONNECTOR).removesuffix(HOST)
        if identifier not in connectors:
            hint = f"give it with --connector {identifier}=HOST, or the whole image with --artifact"
            return Known(None, why=f"has no value: where the connector {identifier} leads is not known", hint=hint)
        host = connectors[identifier].partition("://")[2] or connectors[identifier]
        host = host.split("/", 1)[0]
        return Known("" if host in HUB else f"{host}/")

    return lookup
