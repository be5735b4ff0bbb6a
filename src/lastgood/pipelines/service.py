"""A service file and its file store become a release: resources, and how they are to be undone."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lastgood.errors import InputError
from lastgood.loading import normalised, read_file
from lastgood.model.release import Mode
from lastgood.model.resource import Origin, Resource
from lastgood.model.source import File
from lastgood.pipelines.artifact import artifact_of
from lastgood.pipelines.bundling import bundles
from lastgood.pipelines.complaining import Complaints
from lastgood.pipelines.config_files import config_files_part
from lastgood.pipelines.definition import Service, read_service
from lastgood.pipelines.expressions import Scope
from lastgood.pipelines.file_store import FileStore
from lastgood.pipelines.inputs import Inputs
from lastgood.pipelines.layering import Laid, Layer, laid
from lastgood.pipelines.making import Made, make
from lastgood.pipelines.scoping import Setting, scope_of
from lastgood.pipelines.secret_store import Secrets, mask_error
from lastgood.pipelines.settings import RELEASE_NAME_KEY, release_name, settings_of
from lastgood.pipelines.stores import Stores
from lastgood.pipelines.warning import holds_marker, origins, warnings

RELEASE_LABEL = "harness.io/release-name"


@dataclass(frozen=True, slots=True)
class ServiceRelease:
    """What a service file asks for.

    ``release_name`` is the infrastructure's, else the identifier made a DNS label. ``resources`` are rendered, checked
    and normalised. ``uses_number`` says that ``NUMBER_MARKER`` stands in them for the number of the release, which
    has to be put there before anything is sent. ``origins`` tell where each variable and value comes from, in the order
    of their names. ``secrets`` are the values that no message may hold.
    """

    name: str
    identifier: str
    release_name: str
    mode: Mode
    skip_versioning: bool
    resources: tuple[Resource, ...]
    warnings: tuple[str, ...] = ()
    uses_number: bool = False
    origins: tuple[str, ...] = ()
    secrets: frozenset[str] = frozenset()


def pod_labels(name: str) -> tuple[tuple[str, str], ...]:
    """The labels that the pods of a release carry, as users of service files expect them."""
    return ((RELEASE_LABEL, name),)


def load_service(
    path: str | os.PathLike[str],
    *,
    file_store: str | os.PathLike[str] | None = None,
    variables: Mapping[str, str] | None = None,
    artifact: str | Mapping[str, str] = "",
    infra: Mapping[str, str] | None = None,
    connectors: Mapping[str, str] | None = None,
    inputs: Mapping[str, Any] | Inputs | None = None,
    secrets: Mapping[str, str] | Secrets | None = None,
) -> ServiceRelease:
    """The release of a service file. ``file_store`` is its folder unless another is named.

    ``variables`` replace values of service variables, ``artifact`` is the image of the primary artifact (or images by
    the IDs of artifacts, ``primary`` for that one), ``infra`` what ``<+infra.KEY>`` stands for (``env.name`` and its
    like for ``<+env.name>``). ``connectors`` are addresses by the IDs of connectors, ``inputs`` what is given for each
    ``<+input>`` (in the shape of the service file), ``secrets`` values by the IDs of secrets. Raises ``InputError`` of
    one kind or another: for the service file, its templates and values, its expressions, and for what is in the
    manifests.
    """
    path = Path(path)
    images = artifact if isinstance(artifact, Mapping) else {"": artifact} if artifact else {}
    setting = Setting(
        variables=variables or {},
        artifacts={name: artifact_of(image) for name, image in images.items()},
        infra=infra or {},
        connectors=connectors or {},
        inputs=inputs if isinstance(inputs, Inputs | None) else Inputs(inputs, File("inputs", "")),
        secrets=secrets if isinstance(secrets, Secrets) else Secrets(secrets or {}),
    )
    stores = Stores(FileStore(Path(file_store or path.parent)), setting.connectors)
    return release_of(read_service(read_file(path, str(path)), setting.inputs), setting, stores)


def release_of(service: Service, setting: Setting, stores: Stores, layers: Sequence[Layer] = ()) -> ServiceRelease:
    """The release of a service that is read already, under what overrides it. Raises ``InputError``.

    No message of it holds a secret.
    """
    secret: set[str] = set()
    try:
        return _release(laid(service, layers), setting, stores, secret)
    except InputError as error:
        raise mask_error(error, secret) from None


def scope_in(service: Service, setting: Setting, stores: Stores, *, mode: Mode | None = None) -> Scope:
    """Every expression of a service with its files at hand: also those of its config files and commits."""
    scope = scope_of(service, setting, mode=mode)
    return scope.with_lookups(config_files_part(service, stores, scope), stores.part(service.manifests, scope))


def _release(whole: Laid, setting: Setting, stores: Stores, secret: set[str]) -> ServiceRelease:
    service = whole.service
    name = release_name(service, setting.infra)
    setting = replace(setting, infra={**setting.infra, RELEASE_NAME_KEY: name})

    def rescoped(other: Setting, mode: Mode | None = None) -> Scope:
        return replace(scope_in(service, other, stores, mode=mode), secret=secret)

    settings = settings_of(service, rescoped(setting))
    scope = rescoped(setting, settings.mode)
    parts = bundles(service, stores, scope)
    made = tuple(one for part in parts for one in make(part, scope))
    error = Complaints(made, service, setting, lambda other: rescoped(other, settings.mode)).error()
    if error:
        raise error
    return ServiceRelease(
        name=scope.evaluate(service.name.text, service.name.spot),
        identifier=service.identifier,
        release_name=name,
        mode=settings.mode,
        skip_versioning=settings.skip_versioning,
        resources=tuple(_final(resource, one) for one in made for resource in one.resources),
        warnings=(*settings.warnings, *warnings(parts, made, scope, setting)),
        uses_number=holds_marker(made),
        origins=origins(whole, parts, scope, setting),
        secrets=frozenset(secret),
    )


def _final(resource: Resource, made: Made) -> Resource:
    """As it is recorded; lines are told only of files that are deployed as they are written."""
    origin = resource.origin
    if origin and made.text != made.template.text:
        origin = Origin(made.template.name, 0, origin.document)
    return normalised(Resource(resource.body, origin))
