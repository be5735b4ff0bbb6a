"""What is to be deployed: bare files, or a service, read into the parts of a request."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lastgood.cli.outside import Outside
from lastgood.errors import SettingError
from lastgood.model.release import Mode
from lastgood.model.request import Options, Request
from lastgood.model.resource import Resource


@dataclass(frozen=True, slots=True)
class Source:
    """What files or a service give to a release."""

    name: str
    resources: tuple[Resource, ...]
    pod_labels: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()

    def request(self, namespace: str, *, prune: bool, options: Options) -> Request:
        """The whole request, once it is known where the release lives."""
        return Request(
            name=self.name,
            namespace=namespace,
            resources=self.resources,
            mode=Mode.DECLARATIVE,
            prune=prune,
            pod_labels=self.pod_labels,
            options=options,
        )


def read(outside: Outside, flags: Mapping[str, Any]) -> Source:
    """What the flags of ``deploy`` and ``plan`` name. Raises ``InputError``; nothing is asked of a cluster."""
    files = [*flags["files"], *flags["filename"]]
    if flags["service"]:
        _refuse_beside_service(files, flags)
        return _service(flags)
    _refuse_without_service(flags)
    if not files:
        raise SettingError(
            "there is nothing to deploy",
            hint="name files or folders, - for stdin, or a --service with its --file-store",
        )
    if not flags["name"]:
        raise SettingError("files alone do not say what the release is called", hint="add --name NAME")
    return Source(flags["name"], _resources(outside, files, recursive=flags["recursive"]))


def options(outside: Outside, flags: Mapping[str, Any]) -> Options:
    """How the run behaves; a command's flags are fewer or more, the rest is as usual."""
    same = (
        "timeout",
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
        restore_on_interrupt=flags.get("on_interrupt") == "restore",
        who=who(outside),
    )


def who(outside: Outside) -> str:
    """Who runs this, as far as the machine knows: ``ann@build-7``."""
    return f"{_user(outside)}@{socket.gethostname()}"


def _user(outside: Outside) -> str:
    named = (outside.env.get(name) for name in ("LOGNAME", "USER", "LNAME", "USERNAME"))
    found = next(filter(None, named), None)
    try:
        return found or getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user without a name
        return f"uid-{os.getuid()}"


def _resources(outside: Outside, files: Sequence[str], *, recursive: bool) -> tuple[Resource, ...]:
    from lastgood.loading import check, load, normalised  # noqa: PLC0415  # only who deploys reads files

    resources = load(files, stdin=outside.stdin, recursive=recursive)
    check(resources)
    return tuple(normalised(resource) for resource in resources)


def _service(flags: Mapping[str, Any]) -> Source:
    from lastgood.pipelines.service import load_service  # noqa: PLC0415  # only who deploys a service reads one

    service = load_service(
        flags["service"],
        file_store=flags["file_store"],
        variables=dict(flags["set_variable"]),
        artifact=flags["artifact"],
        infra=dict(flags["infra"]),
    )
    if service.mode is not Mode.DECLARATIVE:
        raise SettingError(
            f"service {service.name} asks for the standard rollback, which is not there yet",
            hint="set enableDeclarativeRollback: true in the spec of its manifest",
        )
    return Source(flags["name"] or service.release_name, service.resources, service.pod_labels, service.warnings)


def _refuse_beside_service(files: Sequence[str], flags: Mapping[str, Any]) -> None:
    if flags["mode"]:
        raise SettingError(
            "--mode cannot stand beside --service: a service says itself how it is rolled back",
            hint="set enableDeclarativeRollback in the spec of its manifest",
        )
    if files:
        raise SettingError(
            f"{files[0]} cannot stand beside --service: a service names its manifests itself", hint="leave one out"
        )


def _refuse_without_service(flags: Mapping[str, Any]) -> None:
    given = [name for name in ("file_store", "set_variable", "artifact", "infra") if flags[name]]
    if given:
        raise SettingError(f"--{given[0].replace('_', '-')} means something only beside --service")
    if flags["mode"] == str(Mode.STANDARD):
        raise SettingError(
            "--mode standard is not there yet", hint="leave --mode out: files are deployed declaratively"
        )
