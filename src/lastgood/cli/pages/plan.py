"""A plan: step by step, field by field, and whether there is a way back."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from lastgood.cli import documents
from lastgood.cli.lines import Line, Tone
from lastgood.cli.words import STEPS, changed, count, is_secret, named, one_line, several, tally
from lastgood.diffing import text
from lastgood.model.plan import Change, FieldChange, Irreversible, Op, Plan, Step, Wait
from lastgood.model.release import Release
from lastgood.model.resource import Path
from lastgood.planning import NEEDED, OUTSIDE

MARKS = {Op.CREATE: "+", Op.UPDATE: "~", Op.REPLACE: "±", Op.UNDO: "<", Op.DELETE: "-", Op.KEEP: "="}
TONES = {Op.CREATE: Tone.GOOD, Op.DELETE: Tone.BAD, Op.KEEP: Tone.PLAIN}
LONGEST_TEXT = 40


@dataclass(frozen=True, slots=True)
class PlanPage:
    """What a deploy would do now. ``last_good`` is where it could come back to."""

    kind: ClassVar[str] = "Plan"
    release: Release
    plan: Plan
    last_good: Release | None
    exit_code: int

    def document(self) -> documents.Document:
        """The plan, whole."""
        irreversible = documents.irreversible(self._irreversible)
        good = self.last_good.number if self.last_good else None
        return {
            "release": documents.release(self.release),
            **documents.plan(self.plan),
            "comingBack": {"to": good, "possible": bool(good) and not irreversible, "irreversible": irreversible},
            "exitCode": self.exit_code,
        }

    def lines(self) -> list[Line]:
        """The plan as a person reads it."""
        release = self.release
        how = f"release {release.number} in namespace {release.namespace} ({release.mode}, {release.strategy})"
        what = f"uninstallation in namespace {release.namespace}" if release.uninstalls else how
        changes = [change for plan in self.plan.phases for change in plan.changes]
        head = Line(f"{release.name}: plan for {what}: {tally(changes)}", Tone.STRONG)
        return [head, *self._phases(), *([] if release.uninstalls else self._coming_back())]

    def _phases(self) -> Iterator[Line]:
        """Each phase with its steps, numbered through."""
        before = 0
        for plan in self.plan.phases:
            yield from [Line(f"phase {plan.phase}:", Tone.STRONG)] if plan.phase else []
            yield from self._steps(plan, before)
            yield from self._rest(plan)
            before += len(plan.steps)

    def _coming_back(self) -> Iterator[Line]:
        yield self._way_back()
        yield from map(self._no_way_back, self._irreversible)

    def names(self) -> list[str]:
        """What would change."""
        return [str(one.ref) for plan in self.plan.phases for one in plan.writes]

    @property
    def _irreversible(self) -> tuple[Irreversible, ...]:
        found = (one for plan in self.plan.phases for one in plan.irreversible)
        return tuple(dict.fromkeys(found))

    @property
    def _home(self) -> str:
        return self.release.namespace

    def _steps(self, plan: Plan, before: int) -> Iterator[Line]:
        for number, step in enumerate(plan.steps, start=before + 1):
            yield from self._step(number, step)

    def _step(self, number: int, step: Step) -> Iterator[Line]:
        if isinstance(step, Wait):
            hold = f", and stay so for {step.hold:g} s" if step.hold else ""
            yield Line(f"{number:>2}. wait until healthy{hold}: {several(step.refs, self._home)}")
            return
        yield Line(f"{number:>2}. {STEPS[type(step)]} {count(len(step.changes), 'resource')}")
        for change in step.changes:
            yield from told(change, self._home)

    def _rest(self, plan: Plan) -> Iterator[Line]:
        yield from (Line(f"note: {one_line(note)}", Tone.CHANGED) for note in plan.notes)
        kept = sum(not change.writes for change in plan.changes)
        if kept:
            yield Line(f"{count(kept, 'resource')} unchanged")
        needed = sum(one.note == NEEDED for one in plan.left)
        if needed:
            yield Line(f"kept for pods of earlier good releases: {count(needed, 'version')} of configuration")
        for one in (*plan.left, *plan.outside):
            if one.note == NEEDED:
                continue
            why = one.note or OUTSIDE
            yield Line(f"left on purpose: {named(one.ref, self._home)}: {one_line(why)}", Tone.CHANGED)
        for change in plan.changes:
            yield from (self._kept(change, path) for path in change.kept)

    def _kept(self, change: Change, path: Path) -> Line:
        return Line(f"left to others: {named(change.ref, self._home)}: {text(path)}", Tone.CHANGED)

    def _way_back(self) -> Line:
        if self.last_good is None:
            return Line("coming back: there is no good release yet to come back to", Tone.CHANGED)
        found = " (what runs now, as found)" if self.last_good.found and not self.last_good.version else ""
        where = f"coming back to release {self.last_good.number}{found}"
        if self._irreversible:
            return Line(f"{where}: not whole", Tone.BAD)
        return Line(f"{where}: possible", Tone.GOOD)

    def _no_way_back(self, one: Irreversible) -> Line:
        return Line(f"    {named(one.ref, self._home)}: {one_line(one.sentence)}", Tone.BAD)


def told(change: Change, home: str) -> Iterator[Line]:
    """One change, field by field; ``home`` is the namespace that need not be named."""
    remarks = [change.note, f"not checked: {change.unchecked}" if change.unchecked else ""]
    remark = "; ".join(filter(None, remarks))
    text = f"    {MARKS[change.op]} {change.op} {named(change.ref, home)}"
    yield Line(f"{text}  ({one_line(remark)})" if remark else text, TONES.get(change.op, Tone.CHANGED))
    for field in change.fields:
        yield from _field(change, field)


def _field(change: Change, field: FieldChange) -> Iterator[Line]:
    texts = [side for side in (field.before, field.after) if isinstance(side, str)]
    if len(texts) < 2 or not any("\n" in text for text in texts) or is_secret(change.ref, field.path):
        yield Line(f"        {changed(change.ref, field)}")
        return
    yield Line(f"        {field.path}:")
    yield from _lines_that_differ(*texts)


def _lines_that_differ(before: str, after: str) -> Iterator[Line]:
    """A text of several lines, as a unified diff without its head."""
    found = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm=""))[2:]
    for line in found[:LONGEST_TEXT]:
        tone = {"+": Tone.GOOD, "-": Tone.BAD}.get(line[:1], Tone.QUIET)
        yield Line(f"          {line}", tone)
    if len(found) > LONGEST_TEXT:
        yield Line(f"          … {len(found) - LONGEST_TEXT} more lines", Tone.QUIET)
