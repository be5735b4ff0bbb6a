"""A run that is only foreseen: whatever an expression may ask of its steps has some value. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lastgood.pipelines.journal import Journal, Mark, Note
from lastgood.pipelines.stage import Pipeline

SOMETHING = "x"
"""Stands for whatever a step will give."""


class Anything(Mapping[str, str]):
    """Outputs that have whatever is asked for."""

    def __getitem__(self, key: str) -> str:
        return SOMETHING

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def foreseen(pipeline: Pipeline) -> Journal:
    """The journal of a run in which every step has gone well, and has given something."""
    steps = ((stage.identifier, step.identifier) for stage in pipeline.each_stage() for step in stage.steps())
    paths = (*((stage.identifier,) for stage in pipeline.each_stage()), *steps)
    notes = {path: Note(path, Mark.SUCCEEDED, outputs=Anything()) for path in paths}
    return Journal(SOMETHING, pipeline.identifier, "", notes)
