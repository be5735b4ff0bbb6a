"""A pipeline is run from its first stage to its end, and what became of it is written down all the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lastgood.errors import ClusterError, SettingError
from lastgood.model.request import Options
from lastgood.pipelines.checking import meant
from lastgood.pipelines.crew import Question
from lastgood.pipelines.crewing import ClusterCrew, Connect
from lastgood.pipelines.grounds import Given, Grounds
from lastgood.pipelines.hands import RunScript
from lastgood.pipelines.journal import Journal, Note, Path
from lastgood.pipelines.keeping import Journals
from lastgood.pipelines.shell import run as run_script
from lastgood.pipelines.stage import Pipeline
from lastgood.pipelines.starting import begin, resume
from lastgood.pipelines.walking import Walk
from lastgood.preparing import absent_namespace, create_namespace

GO_ON, GO_BACK = "continue", "rollback"
"""What can be done about a run that was cut off."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What a run needs besides its files: clusters, somebody to ask, and who listens.

    ``ask`` gives an answer to a question or None; ``tell`` is called with what became of each node, ``hear`` with lines
    that steps print. ``mark`` makes the name of the run its own; ``environment`` is that of scripts, which
    ``script`` runs.
    """

    connect: Connect
    options: Options
    ask: Callable[[Question], Awaitable[str | None]]
    tell: Callable[[Note], Any]
    hear: Callable[[Path, str], Any]
    mark: str
    environment: Mapping[str, str]
    script: RunScript = run_script


async def run(pipeline: Pipeline, given: Given, outside: Outside, *, resuming: str = "") -> Journal:
    """Run it; the journal says how it ended. The journals are kept beside the releases of the first stage.

    ``resuming`` goes on with a run that was cut off (``GO_ON``), or takes back what it did (``GO_BACK``).
    Raises ``InputError`` for what is not there, ``ReleaseBusy`` and ``ReleaseNotFound`` where there is a run that was
    cut off, or none.
    """
    grounds = Grounds(pipeline, given)
    check(grounds)
    first = await outside.connect(grounds.of(next(pipeline.each_stage()), Journal("", "", "")))
    if await absent_namespace(first.cluster, first.namespace, may_create=outside.options.create_namespace):
        await create_namespace(first.cluster, first.namespace)
    journals = Journals(first.cluster, first.namespace)
    if resuming:
        journal = await resume(journals, pipeline, given, going_back=resuming == GO_BACK)
    else:
        journal = await begin(journals, pipeline, given, now=first.clock.now(), mark=outside.mark)
    crew = ClusterCrew(grounds, outside.connect, outside.options, outside.environment, outside.hear, outside.script)
    walk = Walk(crew, first.clock, journal, journals.keep, outside.ask, outside.tell)
    ended = await walk.pipeline(pipeline)
    with suppress(ClusterError):  # how a run has ended is not lost for old journals: the next one lets go of them
        await journals.tidy(ended.pipeline)
    return ended


def check(grounds: Grounds) -> None:
    """Whatever a stage names is there, before the first step is done, and what is given is asked for.

    Raises ``InputError``.
    """
    _refuse_unknown(grounds)
    for stage in grounds.pipeline.each_stage():
        grounds.of(stage, Journal("", "", ""))


def _refuse_unknown(grounds: Grounds) -> None:
    names = [one.name for one in grounds.pipeline.variables]
    unknown = next((one for one in grounds.given.variables if one not in names), None)
    if unknown is not None:
        what = f"{grounds.pipeline.file.name} has no variable of the pipeline that is called so"
        there = f"it has {', '.join(names)}" if names else "it has none"
        raise SettingError(f"--var {unknown}: {what}{meant(unknown, names)}", hint=there)
