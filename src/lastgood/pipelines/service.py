"""A service file and its file store become a release: resources, and how they are to be undone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lastgood.loading import normalised, read_file
from lastgood.model.release import Mode
from lastgood.model.resource import Origin, Resource
from lastgood.model.source import NUMBER_MARKER
from lastgood.pipelines.artifact import artifact_of
from lastgood.pipelines.bundling import Bundle, bundles
from lastgood.pipelines.complaining import Complaints
from lastgood.pipelines.definition import read_service
from lastgood.pipelines.expressions import Scope, is_expression
from lastgood.pipelines.file_store import FileStore
from lastgood.pipelines.making import Made, make
from lastgood.pipelines.scoping import PULL_SECRETS, RELEASE_NUMBER, Setting, scope_of
from lastgood.pipelines.settings import RELEASE_NAME_KEY, release_name, settings_of
from lastgood.pipelines.spots import Spot

RELEASE_LABEL = "harness.io/release-name"


@dataclass(frozen=True, slots=True)
class ServiceRelease:
    """What a service file asks for.

    ``release_name`` is the infrastructure's, else the identifier made a DNS label. ``resources`` are rendered, checked
    and normalised. ``uses_number`` says that ``NUMBER_MARKER`` stands in them for the number of the release, which
    has to be put there before anything is sent.
    """

    name: str
    identifier: str
    release_name: str
    mode: Mode
    skip_versioning: bool
    resources: tuple[Resource, ...]
    warnings: tuple[str, ...] = ()
    uses_number: bool = False


def pod_labels(name: str) -> tuple[tuple[str, str], ...]:
    """The labels that the pods of a release carry, as users of service files expect them."""
    return ((RELEASE_LABEL, name),)


def load_service(
    path: str | os.PathLike[str],
    *,
    file_store: str | os.PathLike[str] | None = None,
    variables: Mapping[str, str] | None = None,
    artifact: str = "",
    infra: Mapping[str, str] | None = None,
) -> ServiceRelease:
    """The release of a service file. ``file_store`` is its folder unless another is named.

    ``variables`` replace values of service variables, ``artifact`` is the image of the primary artifact, ``infra``
    what ``<+infra.KEY>`` stands for (``env.name`` and its like for ``<+env.name>``). Raises ``InputError`` of one
    kind or another: for the service file, its templates and values, its expressions, and for what is in the manifests.
    """
    path = Path(path)
    service = read_service(read_file(path, str(path)))
    name = release_name(service, infra or {})
    image = artifact_of(artifact) if artifact else None
    setting = Setting(variables or {}, image, {**(infra or {}), RELEASE_NAME_KEY: name})
    settings = settings_of(service, scope_of(service, setting))
    scope = scope_of(service, setting, mode=settings.mode)
    parts = bundles(service, FileStore(Path(file_store or path.parent)), scope)
    made = tuple(one for part in parts for one in make(part, scope))
    error = Complaints(made, service, setting, lambda other: scope_of(service, other, mode=settings.mode)).error()
    if error:
        raise error
    return ServiceRelease(
        name=scope.evaluate(service.name.text, service.name.spot),
        identifier=service.identifier,
        release_name=name,
        mode=settings.mode,
        skip_versioning=settings.skip_versioning,
        resources=tuple(_final(resource, one) for one in made for resource in one.resources),
        warnings=(*settings.warnings, *_warnings(parts, made, scope, setting)),
        uses_number=_holds_marker(made),
    )


def _final(resource: Resource, made: Made) -> Resource:
    """As it is recorded; lines are told only of files that are deployed as they are written."""
    origin = resource.origin
    if origin and made.text != made.template.text:
        origin = Origin(made.template.name, 0, origin.document)
    return normalised(Resource(resource.body, origin))


def _holds_marker(made: Sequence[Made]) -> bool:
    return any(NUMBER_MARKER in one.text for one in made)


def _warnings(parts: Sequence[Bundle], made: Sequence[Made], scope: Scope, setting: Setting) -> Iterator[str]:
    for part in parts:
        yield from (f"{path} is not there, and need not be" for path in part.missing)
        yield from _false_strings(part, scope)
    for name in setting.variables:
        if f"serviceVariables.{name}" not in scope.used:
            yield f"--set-variable {name} has no effect: nothing uses <+serviceVariables.{name}>"
    for secret in PULL_SECRETS:
        if f"artifacts.primary.{secret}" in scope.used:
            yield f"<+artifacts.primary.{secret}> is empty: no pull Secrets are made; deploy one with the manifests"
    if RELEASE_NUMBER in scope.used and not _holds_marker(made):
        yield f"<+{RELEASE_NUMBER}> has no effect: no manifest prints it, or a template function has changed it"


def _false_strings(part: Bundle, scope: Scope) -> Iterator[str]:
    """What an ``if`` would take for true."""
    for one in part.values:
        for steps, value in one.leaves():
            spot = Spot(one.file, steps)
            if is_expression(value) and scope.evaluate(value, spot).strip().lower() == "false":
                yield f'{spot}: is the string "false", which if takes for true: compare it, eq .Values.KEY "false"'
