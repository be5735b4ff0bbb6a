"""What expressions may ask of a run: the outputs of its steps, and how steps and stages ended. Pure."""

from __future__ import annotations

from lastgood.pipelines.expressions import Known, Part
from lastgood.pipelines.journal import ROLLBACK, Journal, Mark, Note
from lastgood.pipelines.surroundings import Address, steps_part

STATUSES = {Mark.SUCCEEDED: "Success", Mark.ROLLED_BACK: "Failed"}
"""The product's words for what has another here."""
STATUS = ("status", "currentStatus")
OUTPUT = "output."
ROLLED_BACK = "rollbackSteps"


def outcomes_part(journal: Journal, stage: str) -> Part:
    """The part of the scope that knows the run so far; ``stage`` is the one that asks."""
    return steps_part(lambda address: _known(journal, stage, address))


def _known(journal: Journal, stage: str, address: Address) -> Known | None:
    where = (address.stage or stage, *address.steps)
    note = _note(journal, where, rolls_back=address.section == ROLLED_BACK)
    if note is None:
        return Known(None, why="has no value: it has not been run", hint="only what was run before can be asked for")
    if address.field in STATUS:
        return Known(STATUSES.get(note.mark, note.mark.value))
    found = note.outputs.get(address.field.removeprefix(OUTPUT), note.outputs.get(address.field))
    if found is not None:
        return Known(found)
    there = ", ".join(sorted(note.outputs)) or "none"
    return Known(None, why="has no value: the step has no such output", hint=f"it has: {there}")


def _note(journal: Journal, where: tuple[str, ...], *, rolls_back: bool) -> Note | None:
    """By its whole path, or else by its name: names are not used twice in a stage."""
    path = (*where[:-1], ROLLBACK, where[-1]) if rolls_back else where
    stage, name = where[0], where[-1]
    same = (one for key, one in journal.notes.items() if key[0] == stage and key[-1] == name and len(where) > 1)
    return journal.note(path) or next(same, None)
