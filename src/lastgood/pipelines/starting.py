"""A run of a pipeline begins, or goes on where an earlier process was cut off."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from lastgood.errors import ReleaseBusy, ReleaseNotFound
from lastgood.model.resource import digest
from lastgood.pipelines.grounds import Given
from lastgood.pipelines.journal import Journal, Mark
from lastgood.pipelines.keeping import Journals, run_name
from lastgood.pipelines.reacting import Verb
from lastgood.pipelines.stage import Pipeline


async def begin(journals: Journals, pipeline: Pipeline, given: Given, *, now: datetime, mark: str) -> Journal:
    """The journal of a new run, written down; ``mark`` tells it from others of the same second.

    Raises ``ReleaseBusy`` when an earlier run of the pipeline was cut off: it has to be ended first.
    """
    name = pipeline.identifier or next(pipeline.each_stage()).identifier
    earlier = await journals.of(name)
    if earlier and earlier[0].mark is Mark.RUNNING:
        raise ReleaseBusy(
            f"run {earlier[0].run} of {name} is at work, or was cut off",
            hint="--resume goes on with it, --resume=rollback takes back what it did",
        )
    sequence = max((one.sequence for one in earlier), default=0) + 1
    run = run_name(name, now, mark)
    return await journals.keep(Journal(run, name, content_of(pipeline, given), sequence=sequence))


async def resume(journals: Journals, pipeline: Pipeline, given: Given, *, going_back: bool) -> Journal:
    """The journal of the run that was cut off. Raises ``ReleaseNotFound`` when there is none.

    ``going_back`` rolls back the stages that have begun and not ended, whatever is in them. Going on asks for the files
    that the run was started with.
    """
    name = pipeline.identifier or next(pipeline.each_stage()).identifier
    cut_off = next((one for one in await journals.of(name) if one.mark is Mark.RUNNING), None)
    if cut_off is None:
        raise ReleaseNotFound(f"no run of {name} was cut off", hint="without --resume a new one is started")
    if cut_off.content != content_of(pipeline, given) and not going_back:
        raise ReleaseBusy(
            f"run {cut_off.run} was started with other files or other inputs",
            hint="give it the same, or take back what it did with --resume=rollback",
        )
    return _going_back(cut_off) if going_back else cut_off


def content_of(pipeline: Pipeline, given: Given) -> str:
    """A digest of all that decides what a run does."""
    files = sorted(one.file.text for one in given.neighbours.found)  # from wherever they are looked at
    images = {name: one.image for name, one in given.artifacts.items()}
    return digest([pipeline.file.text, files, dict(given.variables), given.inputs.tree, images])


def _going_back(journal: Journal) -> Journal:
    sentence, verb = "rolled back since the run was cut off", Verb.ROLL_BACK_STAGE.value
    for path, note in journal.notes.items():
        if len(path) == 1 and note.mark is Mark.RUNNING and not note.verb:
            journal = journal.noted(replace(note, verb=verb, sentence=sentence))
    return replace(journal, goes_back=True)
