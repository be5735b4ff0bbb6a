"""Events as lines of a log: one for each change, none for what is as it was a moment ago. Pure, but for its memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lastgood.cli.lines import Line, Tone
from lastgood.cli.words import DONE, back_as, changed, count, named, one_line, proved, state_of, tally
from lastgood.diffing import text
from lastgood.model.event import (
    AsFound,
    Ended,
    Event,
    Failed,
    Gathered,
    Left,
    NotWritten,
    Planned,
    Printed,
    Proved,
    Recorded,
    Restoring,
    Settled,
    Staged,
    Stepped,
    Unblocked,
    WaitingForLock,
    Watched,
    Written,
)
from lastgood.model.health import Held, Judged, Ruling, Status, Verdict
from lastgood.model.release import Mode, Release
from lastgood.model.resource import Ref
from lastgood.planning import NEEDED

BEGUN, WELL = "Running", ("Succeeded", "Skipped")
"""States of a step: the one that it begins with, and those that nobody has to look into."""
TONES = {Ruling.PASS: Tone.GOOD, Ruling.WAIT: Tone.PLAIN, Ruling.FAIL: Tone.BAD}


class Progress:
    """Tells a run's events as lines. ``finals`` leaves out what a live display shows while it lasts."""

    def __init__(self, *, verbose: bool = False, finals: bool = False) -> None:
        self._verbose, self._finals = verbose, finals
        self._home = ""
        self._told: dict[Ref, str] = {}
        self._held: Held | None = None
        self._tellers: dict[type, Callable[[Any], Iterator[Line]]] = {
            WaitingForLock: self._waiting_for_lock,
            Settled: self._settled,
            Planned: self._planned,
            Recorded: self._recorded,
            Written: self._written,
            NotWritten: self._not_written,
            Left: self._left,
            Watched: self._watched,
            Unblocked: self._unblocked,
            Gathered: self._gathered,
            Failed: self._failed,
            Restoring: self._restoring,
            AsFound: self._as_found,
            Proved: self._proved,
            Staged: self._staged,
            Ended: self._ended,
            Stepped: self._stepped,
            Printed: self._printed,
        }

    def lines(self, event: Event) -> list[Line]:
        """What there is to say about an event; often nothing."""
        teller = self._tellers.get(type(event))
        return list(teller(event)) if teller else []

    def _waiting_for_lock(self, event: WaitingForLock) -> Iterator[Line]:
        yield Line(f"waiting: another run works on {event.name} ({event.holder})")

    def _settled(self, event: Settled) -> Iterator[Line]:
        if event.aborted:
            yield Line(f"release {event.number} was staged and not promoted: it is aborted")
            return
        yield Line(f"an earlier run had died: its release {event.number} is now recorded as failed (interrupted)")

    def _planned(self, event: Planned) -> Iterator[Line]:
        release = event.release
        self._home = release.namespace
        content = f" with what release {release.restores} holds" if release.restores else ""
        does = "uninstallation" if release.uninstalls else f"release {release.number}"
        phase = f", {event.plan.phase}," if event.plan.phase else ""
        what = f"{does}{phase} in namespace {release.namespace}{content}"
        yield Line(f"{release.name}: {what}: {tally(event.plan.changes)}", Tone.STRONG)
        yield from (Line(one_line(note), Tone.CHANGED) for note in event.plan.notes)
        for one in event.plan.irreversible:
            yield Line(f"cannot be undone: {named(one.ref, self._home)}: {one_line(one.sentence)}", Tone.CHANGED)
        yield from self._left_to_others(release)

    def _left_to_others(self, release: Release) -> Iterator[Line]:
        """What a policy leaves as others have set it: the release is good without what its files say there."""
        paths: dict[Ref, list[str]] = {}
        for one in release.kept:
            paths.setdefault(one.ref, []).append(text(one.path))
        for ref, found in paths.items():
            more = f" and {len(found) - 3} more" if len(found) > 3 else ""
            yield Line(f"left to others: {named(ref, self._home)}: {', '.join(found[:3])}{more}", Tone.CHANGED)

    def _recorded(self, event: Recorded) -> Iterator[Line]:
        self._told.clear()
        self._held = None
        self._home = event.release.namespace
        if self._verbose:
            yield Line(f"release {event.release.number} is recorded as pending", Tone.QUIET)

    def _written(self, event: Written) -> Iterator[Line]:
        why = f": {one_line(event.note)}" if event.note else ""
        yield Line(f"{named(event.ref, self._home)} {DONE[event.op]}{why}")
        if self._verbose:
            yield from (Line(f"  took {changed(event.ref, one)}", Tone.CHANGED) for one in event.taken)
        elif event.taken:
            paths = ", ".join(f"{one.path} from {one.owner}" for one in event.taken[:3])
            more = f" and {len(event.taken) - 3} more" if len(event.taken) > 3 else ""
            yield Line(f"  took {paths}{more}", Tone.CHANGED)

    def _not_written(self, event: NotWritten) -> Iterator[Line]:
        sentence = f"{named(event.ref, self._home)} could not be {DONE[event.op]}: {one_line(event.sentence)}"
        yield Line(sentence, Tone.BAD)

    def _left(self, event: Left) -> Iterator[Line]:
        if event.why == NEEDED and not self._verbose:  # there may be many, and each is as it should be
            return
        paths = ", ".join(one.path for one in event.fields[:3])
        what = f" as it is ({paths})" if paths else ""
        yield Line(f"{named(event.ref, self._home)} is left{what}: {one_line(event.why)}", Tone.CHANGED)

    def _watched(self, event: Watched) -> Iterator[Line]:
        for judged in event.verdict.judged:
            said = one_line(state_of(judged))
            if self._is_news(judged, said):
                self._told[judged.ref] = said
                yield Line(f"{named(judged.ref, self._home)}: {said}", TONES[judged.ruling])
        yield from self._holding(event.verdict)

    def _holding(self, verdict: Verdict) -> Iterator[Line]:
        """A line for each step of a hold; on a terminal for its beginning and its end, since the rest is drawn."""
        said, self._held = self._held, verdict.held
        if verdict.held is None or verdict.held == said:
            return
        if not (self._finals and verdict.ruling is Ruling.WAIT and verdict.held.seconds):
            yield Line(str(verdict.held), TONES[verdict.ruling])

    def _is_news(self, judged: Judged, said: str) -> bool:
        if self._finals and judged.ruling is Ruling.WAIT:
            return False
        if judged.ref in self._told:
            return self._told[judged.ref] != said
        is_plain = judged.ruling is Ruling.PASS and judged.health.status is Status.CURRENT
        return not is_plain or judged.health.wanted is not None

    def _unblocked(self, event: Unblocked) -> Iterator[Line]:
        owner = named(event.owner, self._home)
        yield Line(f"{named(event.pod, self._home)} deleted: broken, it kept {owner} from coming back", Tone.CHANGED)

    def _gathered(self, event: Gathered) -> Iterator[Line]:
        if self._verbose:
            evidence = event.evidence
            kept = f"{count(len(evidence.pods), 'pod')} and {count(len(evidence.events), 'event')}"
            yield Line(f"evidence of release {event.number} is kept: {kept}", Tone.QUIET)

    def _failed(self, event: Failed) -> Iterator[Line]:
        what = "uninstallation" if event.release.uninstalls else f"release {event.release.number}"
        yield Line(f"{what} failed: {one_line(event.sentence)}", Tone.BAD)

    def _restoring(self, event: Restoring) -> Iterator[Line]:
        how = " by its revisions, workloads only" if event.mode is Mode.STANDARD else ""
        yield Line(f"bringing back release {event.number}{how}", Tone.STRONG)
        yield from [Line(f"  {event.why}", Tone.CHANGED)] if event.why else []

    def _as_found(self, event: AsFound) -> Iterator[Line]:
        release = event.release
        what = f"{count(len(release.resources), 'resource')} as found, healthy"
        yield Line(f"what runs already is recorded as release {release.number}: {what}", Tone.GOOD)

    def _proved(self, event: Proved) -> Iterator[Line]:
        words, tone = ("proved", Tone.GOOD) if event.proof.holds else ("not proved", Tone.BAD)
        yield Line(f"{words}: {proved(event.proof)}", tone)

    def _staged(self, event: Staged) -> Iterator[Line]:
        yield Line(f"release {event.release.number} is healthy beside the live one", Tone.GOOD)

    def _stepped(self, event: Stepped) -> Iterator[Line]:
        where, again = "/".join(event.path), f" (try {event.tried})" if event.tried > 1 else ""
        if event.state == BEGUN:
            back = f": is rolled back: {event.sentence}" if event.sentence else ""
            yield Line(f"{where}{again}{back}", Tone.STRONG)
        elif event.sentence or event.state not in WELL:
            told = f": {event.sentence}" if event.sentence else ""
            yield Line(f"{where}: {event.state}{told}", Tone.GOOD if event.state in WELL else Tone.BAD)

    def _printed(self, event: Printed) -> Iterator[Line]:
        yield Line(f"{event.path[-1]}| {event.line}")

    def _ended(self, event: Ended) -> Iterator[Line]:
        release = event.release
        if self._verbose and not release.uninstalls:
            yield Line(back_as(release) if release.restores else f"release {release.number} is good", Tone.GOOD)
