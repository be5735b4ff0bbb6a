"""What a service says of its release as a whole: its name, how it is undone, whether its configuration is numbered."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from lastgood.errors import SettingError
from lastgood.model.naming import LONGEST, RULE, is_release_name
from lastgood.model.release import Mode
from lastgood.pipelines.bundling import MANIFESTS, truth
from lastgood.pipelines.contents import Manifest
from lastgood.pipelines.definition import Service
from lastgood.pipelines.expressions import Scope

RELEASE_NAME_KEY = "releaseName"
IGNORED = "has no effect: with enableDeclarativeRollback nothing is versioned"


@dataclass(frozen=True, slots=True)
class Settings:
    """How the release is undone, and whether its ConfigMaps and Secrets keep their names."""

    mode: Mode
    skip_versioning: bool
    warnings: tuple[str, ...] = ()


def settings_of(service: Service, scope: Scope) -> Settings:
    """The settings that the manifests of a service agree on. Raises ``SettingError`` where they do not."""
    manifests = [one for one in service.manifests if one.type == MANIFESTS]
    declarative = _agreed([(one, truth(one.declarative, scope)) for one in manifests], "enableDeclarativeRollback")
    skipping = _agreed([(one, truth(one.skip_versioning, scope)) for one in manifests], "skipResourceVersioning")
    return Settings(
        mode=Mode.DECLARATIVE if declarative else Mode.STANDARD,
        skip_versioning=skipping or declarative,
        warnings=(f"{manifests[0].skip_versioning.spot}: {IGNORED}",) if skipping and declarative else (),
    )


def release_name(service: Service, infra: Mapping[str, str]) -> str:
    """The infrastructure's ``releaseName``, or else the identifier made a DNS label. Raises ``SettingError``."""
    given = infra.get(RELEASE_NAME_KEY)
    if given is None:
        return _as_label(service.identifier)
    if not is_release_name(given):
        raise SettingError(f'--infra {RELEASE_NAME_KEY}: "{given}" cannot be the name of a release', hint=RULE)
    return given


def _agreed(answers: list[tuple[Manifest, bool]], key: str) -> bool:
    values = {value for _, value in answers}
    if len(values) > 1:
        said = ", ".join(f"{manifest.identifier} says {str(value).lower()}" for manifest, value in answers)
        raise SettingError(
            f"the manifests of a service have to agree on {key}: {said}", hint="set it alike in all of them"
        )
    return True in values


def _as_label(identifier: str) -> str:
    label = re.sub(r"[^a-z0-9]+", "-", identifier.lower()).strip("-")
    if not label:
        raise SettingError(
            f"{identifier} makes no name for a release", hint=f"give it one: --infra {RELEASE_NAME_KEY}=NAME"
        )
    if len(label) <= LONGEST:
        return label
    mark = hashlib.blake2b(identifier.encode(), digest_size=4).hexdigest()
    return f"{label[: LONGEST - len(mark) - 1].rstrip('-')}-{mark}"
