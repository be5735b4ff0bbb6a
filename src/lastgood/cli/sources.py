"""What is to be deployed: bare files, or a service, read into the parts of a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lastgood.cli.outside import Outside
from lastgood.errors import ManifestError, SettingError
from lastgood.identifying import identify
from lastgood.model.naming import RULE, is_release_name
from lastgood.model.release import Mode, Strategy
from lastgood.model.request import OnConflict, Options, Request
from lastgood.model.resource import Resource
from lastgood.model.rule import Rules

if TYPE_CHECKING:
    from lastgood.cli.running import Session
    from lastgood.model.source import File
    from lastgood.pipelines.inputs import Inputs
    from lastgood.pipelines.secret_store import Secrets

ONLY_SERVICES = ("file_store", "set_variable", "artifact", "infra", "connector", "input", "secrets")
"""Flags that mean something only beside ``--service``."""


@dataclass(frozen=True, slots=True)
class Source:
    """What files or a service give to a release."""

    name: str
    resources: tuple[Resource, ...]
    mode: Mode = Mode.DECLARATIVE
    versioned: bool = True
    uses_number: bool = False
    pod_labels: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    secrets: frozenset[str] = frozenset()

    def request(self, namespace: str, flags: Mapping[str, Any], options: Options) -> Request:
        """The whole request, once it is known where the release lives; ``flags`` are those of the command."""
        return Request(
            name=self.name,
            namespace=namespace,
            resources=self.resources,
            mode=self.mode,
            prune=flags["prune"],
            versioned=self.versioned,
            uses_number=self.uses_number,
            pod_labels=self.pod_labels,
            options=options,
            strategy=Strategy(flags.get("strategy") or Strategy.ROLLING),
            canary=flags.get("canary") or "1",
            staged=flags.get("staged") or False,
        )


def read(session: Session, flags: Mapping[str, Any]) -> Source:
    """What the flags of ``deploy`` and ``plan`` name. Raises ``InputError``; nothing is asked of a cluster."""
    files = [*flags["files"], *flags["filename"]]
    if flags["service"]:
        _refuse_beside_service(files, flags)
        return _service(session, flags)
    _refuse_without_service(flags)
    if not files:
        raise SettingError(
            "there is nothing to deploy",
            hint="name files or folders, - for stdin, a --service, or write a lastgood.yaml that does",
        )
    if not flags["name"]:
        raise SettingError("files alone do not say what the release is called", hint="add --name NAME")
    if not is_release_name(flags["name"]):
        raise SettingError(f'--name: "{flags["name"]}" cannot be the name of a release', hint=RULE)
    resources = _resources(session.outside, files, recursive=flags["recursive"])
    return Source(flags["name"], resources, Mode(flags["mode"] or Mode.DECLARATIVE))


def announce(session: Session, source: Source) -> None:
    """Tell what is odd about it and, with ``-v``, where its values come from; hide its secrets from now on."""
    session.masks.hide(source.secrets)
    for warning in source.warnings:
        session.report.warn(warning)
    for origin in source.origins if session.verbose else ():
        session.report.aside(origin)


def options(outside: Outside, flags: Mapping[str, Any]) -> Options:
    """How the run behaves; a command's flags are fewer or more, the rest is as usual."""
    same = (
        "timeout",
        "hold",
        "wait_lock",
        "history_max",
        "create_namespace",
        "clean_up",
        "strict",
        "force",
        "take_over",
        "why",
    )
    return Options(
        **{name: flags[name] for name in same if name in flags},
        grace=_graces(flags.get("grace") or ()),
        on_conflict=OnConflict(flags.get("on_conflict") or OnConflict.TAKE),
        restore_on_interrupt=flags.get("on_interrupt") == "restore",
        who=identify(outside.env),
    )


def rules(file: str) -> Rules:
    """The rules of health in a file. Raises ``SettingError`` with every mistake in it."""
    from lastgood.ruling.reading import read_rules  # noqa: PLC0415

    return read_rules(_read(file).text, file)


def _graces(settings: Sequence[tuple[str, str]]) -> Mapping[str, float]:
    if not settings:
        return {}
    from lastgood.reasons import graces_of  # noqa: PLC0415  # few say it here

    try:
        return graces_of(dict(settings))
    except ValueError as error:
        raise SettingError(f"--grace: {error}", hint="REASON=DURATION, such as ErrImagePull=2m, or never") from error


def _resources(outside: Outside, files: Sequence[str], *, recursive: bool) -> tuple[Resource, ...]:
    from lastgood.loading import load  # noqa: PLC0415  # only who deploys reads files

    return load(files, stdin=outside.stdin, recursive=recursive)


def _service(session: Session, flags: Mapping[str, Any]) -> Source:
    from lastgood.pipelines.service import load_service, pod_labels  # noqa: PLC0415  # only for a service

    service = load_service(
        Path(flags["service"]),
        file_store=Path(flags["file_store"] or Path(flags["service"]).parent),
        variables=dict(flags["set_variable"]),
        artifact=images(flags["artifact"]),
        infra=_infra(flags, session.where.get("namespace")),
        connectors=dict(flags["connector"]),
        inputs=inputs(flags["input"]),
        secrets=secrets(session.outside, flags["secrets"]),
    )
    return Source(
        service.release_name,
        service.resources,
        mode=service.mode,
        versioned=not service.skip_versioning,
        uses_number=service.uses_number,
        pod_labels=pod_labels(service.release_name),
        warnings=service.warnings,
        origins=service.origins,
        secrets=service.secrets,
    )


def images(given: str | Sequence[str]) -> dict[str, str]:
    """Images by the IDs of their artifacts, as ``--artifact`` says them; a bare one is the primary artifact's.

    Raises ``SettingError`` where one is said twice.
    """
    found: dict[str, str] = {}
    for one in [given] if isinstance(given, str) else given:
        name, equals, image = one.rpartition("=")
        if equals and not name:
            raise SettingError(f"--artifact {one}: there is no ID before the =", hint="write IMAGE, or ID=IMAGE")
        if name in found:
            raise SettingError(f"--artifact {one}: that image was given before", hint="leave one out")
        found[name] = image
    return found


def inputs(file: str | None) -> Inputs | None:
    """What a file gives for each ``<+input>``. Raises ``InputError``."""
    from lastgood.pipelines.inputs import read_inputs  # noqa: PLC0415

    return read_inputs(_read(file)) if file else None


def secrets(outside: Outside, file: str | None) -> Secrets:
    """The secrets in a file and in the environment. Raises ``InputError``."""
    from lastgood.pipelines.secret_store import Secrets, read_secrets  # noqa: PLC0415

    return Secrets(read_secrets(_read(file)) if file else {}, outside.env)


def _read(file: str) -> File:
    from lastgood.loading import read_file  # noqa: PLC0415

    try:
        return read_file(Path(file), file)
    except ManifestError as error:
        raise SettingError(str(error)) from error


def _infra(flags: Mapping[str, Any], namespace: str | None) -> dict[str, str]:
    """What is known of the infrastructure: what ``-n`` and ``--name`` say need not be said again."""
    said = {"namespace": namespace, **dict(flags["infra"])}
    named = {"releaseName": flags["name"]} if flags["name"] else {}
    return {key: value for key, value in said.items() if value is not None} | named


def _refuse_beside_service(files: Sequence[str], flags: Mapping[str, Any]) -> None:
    if flags["mode"]:
        raise SettingError(
            "--mode cannot stand beside --service: a service says itself how it is rolled back",
            hint="set enableDeclarativeRollback in the spec of its manifests",
        )
    if files:
        raise SettingError(
            f"{files[0]} cannot stand beside --service: a service names its manifests itself", hint="leave one out"
        )


def _refuse_without_service(flags: Mapping[str, Any]) -> None:
    given = [name for name in ONLY_SERVICES if flags[name]]
    if given:
        raise SettingError(f"--{given[0].replace('_', '-')} means something only beside --service")
