"""What is to be deployed, as somebody who writes Python has it: paths, bodies, resources, or a service."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lastgood.client.settings import DeploySettings, HealthRules, check, described, name_problems, options_of
from lastgood.errors import ManifestError
from lastgood.loading import check as check_resources
from lastgood.loading import normalised, resources_of
from lastgood.loading.reading import read
from lastgood.model.release import Mode
from lastgood.model.request import Options, Request
from lastgood.model.resource import Origin, Resource
from lastgood.parsing import parse
from lastgood.pipelines.service import ServiceRelease, pod_labels

One = str | os.PathLike[str] | Mapping[str, Any] | Resource
Source = One | Iterable[One]
"""A file or a folder, a body (or a List), a ``Resource``, or several of these."""

PHASES = ("strategy", "canary", "staged")
SAID_BY_SERVICES = ("mode", "versioned", "recursive")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A release to make live, checked as far as that needs no file and no cluster."""

    name: str
    sources: tuple[One, ...] = ()
    recursive: bool = False
    service: ServiceRelease | None = None
    options: Options = field(default_factory=Options)
    mode: Mode = Mode.DECLARATIVE
    versioned: bool = True
    prune: bool | None = None
    phases: Mapping[str, Any] = field(default_factory=dict)
    health_rules: HealthRules | None = None

    async def request(self, namespace: str) -> Request:
        """The whole request; files are read now, in a thread. Raises ``ManifestError``."""
        service = self.service
        resources = service.resources if service else await asyncio.to_thread(self._resources)
        return Request(
            name=self.name,
            namespace=namespace,
            resources=resources,
            mode=self.mode,
            prune=self.prune,
            versioned=self.versioned,
            uses_number=service.uses_number if service else False,
            pod_labels=pod_labels(self.name) if service else (),
            options=self.options,
            **self.phases,
        )

    def _resources(self) -> tuple[Resource, ...]:
        found = tuple(
            resource
            for place, source in enumerate(self.sources, 1)
            for resource in _resources_in(source, f"source {place}", recursive=self.recursive)
        )
        if not found:
            raise ManifestError("the sources hold no resource")
        check_resources(found)
        return tuple(normalised(resource) for resource in found)


def wanted(call: str, what: object, sources: tuple[object, ...], given: Mapping[str, object], *, who: str) -> Wanted:
    """What ``call`` was asked to deploy: a service, or sources under a name. Raises ``SettingError``."""
    if isinstance(what, ServiceRelease):
        return _of_service(call, what, sources, given, who)
    parts, problems = sorted_out(sources)
    if not problems and not parts:
        problems = [f"there is nothing to deploy: {call}(name, *sources) takes files, folders or bodies after the name"]
    checked = check(call, DeploySettings, given, *name_problems(what), *problems)
    names = ("mode", "versioned", "prune", "recursive", "health_rules")
    same = {name: checked[name] for name in names if name in checked}
    return Wanted(str(what), parts, options=options_of(checked, who=who), phases=_phases(checked), **same)


def _of_service(
    call: str, service: ServiceRelease, sources: tuple[object, ...], given: Mapping[str, object], who: str
) -> Wanted:
    problems = ["a service names its manifests itself: no source can stand beside it"] if sources else []
    problems += [
        f"{name} cannot stand beside a service, which says it itself" for name in SAID_BY_SERVICES if name in given
    ]
    checked = check(call, DeploySettings, given, *problems)
    return Wanted(
        service.release_name,
        service=service,
        options=options_of(checked, who=who),
        mode=service.mode,
        versioned=not service.skip_versioning,
        prune=checked.get("prune"),
        phases=_phases(checked),
        health_rules=checked.get("health_rules"),
    )


def _phases(checked: Mapping[str, Any]) -> Mapping[str, Any]:
    """How the release takes the place of the one before, as far as that was said."""
    return {name: checked[name] for name in PHASES if name in checked}


def sorted_out(sources: tuple[object, ...]) -> tuple[tuple[One, ...], list[str]]:
    """Sources one by one, and what is wrong with them. What can be read only once is read here."""
    parts, problems = [], []
    for one in _one_by_one(sources):
        if isinstance(one, str) and "\n" in one:
            problems.append("a source with several lines is text, not a path: give what yaml.safe_load_all makes of it")
        elif isinstance(one, str | os.PathLike | Mapping | Resource):
            parts.append(one)
        else:
            problems.append(f"a source is a path, a mapping or a Resource, or several of these; not {described(one)}")
    return tuple(parts), problems


def _one_by_one(sources: Iterable[object]) -> Iterator[object]:
    for one in sources:
        single = isinstance(one, str | bytes | bytearray | os.PathLike | Mapping | Resource) or hasattr(one, "read")
        if isinstance(one, Iterable) and not single:
            yield from _one_by_one(one)
        else:
            yield one


def _resources_in(source: One, name: str, *, recursive: bool) -> Iterable[Resource]:
    if isinstance(source, Resource):
        return [source]
    if isinstance(source, Mapping):
        return resources_of(_decoded(source, name), name)
    return read([os.fspath(source)], recursive=recursive)


def _decoded(body: Mapping[str, Any], name: str) -> Any:
    """A copy as it would come out of JSON. Raises ``ManifestError`` for what JSON cannot hold."""
    (document,) = parse(as_json(body, name), name)
    return document.value


def as_json(body: Mapping[str, Any], name: str) -> str:
    """A mapping as JSON. Raises ``ManifestError``, which calls it by this name, for what JSON cannot hold."""
    try:
        return json.dumps(body, allow_nan=False, default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise ManifestError(f"cannot be written as JSON: {error}", origin=Origin(name)) from error


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"there is {described(value)} in it; write it as a string")
