"""The bill of materials of a release: what requirements/runtime.txt locks, as CycloneDX JSON. ``make sbom`` runs it.

Asks no network. The same lock, with the same packages installed, gives the same bytes.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License, LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lastgood import __version__

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements" / "runtime.txt"

CLASSIFIED = {"License :: OSI Approved :: MIT License": "MIT"}
"""Classifiers that mean one licence alone (https://peps.python.org/pep-0639/#deprecate-license-classifiers)."""


@dataclass(frozen=True, slots=True)
class Locked:
    """One requirement of a lock: where it is needed, as a marker, and the SHA-256 of each file that it may be."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def locked(text: str) -> list[Locked]:
    """What a lock pins, as ``uv pip compile --generate-hashes`` writes it."""
    lines = (line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#"))
    return [_locked(line) for line in lines]


def document(packages: list[Locked], direct: list[str], *, epoch: str = "") -> str:
    """CycloneDX 1.6 as JSON. ``direct`` names what lastgood itself asks for; ``epoch`` is in seconds, or empty."""
    components = {one.name: _component(one) for one in packages}
    bom = Bom(components=components.values())
    bom.metadata.component = _this()
    bom.register_dependency(bom.metadata.component, [components[name] for name in direct])
    for name, component in components.items():
        bom.register_dependency(component, list(_needed(name, components)))
    return _without_chance(JsonV1Dot6(bom).output_as_string(), epoch)


def direct_dependencies() -> list[str]:
    """The names that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [canonicalize_name(Requirement(line).name) for line in project["dependencies"]]


def main() -> int:
    """Write the document to the path given, or to dist/."""
    place = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "dist" / f"lastgood-{__version__}.cdx.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    place.write_text(document(locked(LOCK.read_text()), direct_dependencies(), epoch=epoch))
    return 0


def _locked(line: str) -> Locked:
    said, *hashes = line.split(" --hash=sha256:")
    requirement = Requirement(said.strip())
    (pin,) = requirement.specifier
    return Locked(
        canonicalize_name(requirement.name),
        pin.version,
        str(requirement.marker or ""),
        tuple(sorted(one.strip() for one in hashes)),
    )


def _component(package: Locked) -> Component:
    purl = PackageURL("pypi", name=package.name, version=package.version)
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        purl=purl,
        bom_ref=purl.to_string(),
        licenses=[*_licence(package.name)],
        external_references=[_files(package, purl)],
        properties=[Property(name="lastgood:marker", value=package.marker)] if package.marker else [],
    )


def _files(package: Locked, purl: PackageURL) -> ExternalReference:
    """The files of a version are several, and a component has one hash of a sort: so they stand beside it."""
    return ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(purl.to_string()),
        comment="each file of this version that the lock accepts",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in package.hashes],
    )


def _this() -> Component:
    purl = PackageURL("pypi", name="lastgood", version=__version__)
    return Component(
        name="lastgood",
        version=__version__,
        type=ComponentType.APPLICATION,
        purl=purl,
        bom_ref=purl.to_string(),
        licenses=[*_licence("lastgood")],
    )


def _licence(name: str) -> Iterator[License]:
    """What the installed package says of itself; nothing if it is not installed here, or does not say."""
    try:
        says = metadata(name).json
    except PackageNotFoundError:
        return
    free_text = str(says.get("license", ""))
    classified = (CLASSIFIED.get(line) for line in says.get("classifier", ()))
    ways = (says.get("license_expression"), free_text if "\n" not in free_text else "", *classified)
    found = next(filter(None, ways), None)
    if found:
        yield LicenseFactory().make_from_string(str(found), license_acknowledgement=LicenseAcknowledgement.DECLARED)


def _needed(name: str, components: Mapping[str, Component]) -> Iterator[Component]:
    """The locked packages that an installed package may use."""
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return
    names = sorted({canonicalize_name(Requirement(line).name) for line in lines})
    yield from (components[one] for one in names if one in components)


def _without_chance(text: str, epoch: str) -> str:
    """Without the random serial number; the time is the one that was given, or none."""
    made = json.loads(text)
    del made["serialNumber"], made["metadata"]["timestamp"]
    if epoch:
        made["metadata"]["timestamp"] = datetime.fromtimestamp(int(epoch), UTC).isoformat()
    return json.dumps(made, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
