"""How a deploy, a rollback or a recovery ended: a paragraph, a last line that tells it all, and the document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from lastgood.cli import documents
from lastgood.cli.durations import spell
from lastgood.cli.lines import Line, Tone
from lastgood.cli.pages.evidence import last_words
from lastgood.cli.story import Story
from lastgood.cli.words import DONE, back_as, count, named, not_undone, one_line, proved, several, state_of
from lastgood.errors import DeployFailed, Fenced, Interrupted, LastgoodError, RestoreFailed, UninstallFailed
from lastgood.model.event import Left, NotWritten, Proved, Recorded, Unchanged, Written
from lastgood.model.health import Judged, Ruling
from lastgood.model.plan import Op
from lastgood.model.proof import Proof, Scope
from lastgood.model.release import Release, State

LABEL = 14


class Outcome(StrEnum):
    """What became of what was asked for."""

    GOOD = "good"
    UNCHANGED = "unchanged"
    RESTORED = "restored"
    FAILED = "failed"
    FENCED = "fenced"
    INTERRUPTED = "interrupted"
    UNINSTALLED = "uninstalled"
    STAGED = "staged"
    ABORTED = "aborted"


OUTCOMES: dict[type[LastgoodError], Outcome] = {
    RestoreFailed: Outcome.FAILED,
    DeployFailed: Outcome.RESTORED,
    Fenced: Outcome.FENCED,
    Interrupted: Outcome.INTERRUPTED,
}
TONES = dict.fromkeys(
    (Outcome.GOOD, Outcome.UNCHANGED, Outcome.UNINSTALLED, Outcome.STAGED, Outcome.ABORTED), Tone.GOOD
)
UNPROVED = (Outcome.UNINSTALLED, Outcome.STAGED, Outcome.ABORTED)
ENDED_OTHERWISE = {State.STAGED: Outcome.STAGED, State.FAILED: Outcome.ABORTED}
"""What became of a release that is returned, and is not good."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a run: the release that is live now, or the error that ended it. ``seconds`` is how long it took."""

    kind: ClassVar[str] = "Run"
    story: Story
    exit_code: int
    seconds: float
    live: Release | None = None
    error: LastgoodError | None = None
    recovering: bool = False

    @property
    def outcome(self) -> Outcome:
        """In one word."""
        if self.error is not None:
            found = (outcome for kind, outcome in OUTCOMES.items() if isinstance(self.error, kind))
            return next(found, Outcome.FAILED)
        if self.live is not None and self.live.uninstalls:
            return Outcome.UNINSTALLED
        if self.live is None or self.story.last(Unchanged) is not None:
            return Outcome.UNCHANGED
        if self.live.state in ENDED_OTHERWISE:
            return ENDED_OTHERWISE[self.live.state]
        return Outcome.RESTORED if self.recovering and self.live.restores else Outcome.GOOD

    @property
    def attempt(self) -> Release | None:
        """The release that was tried; without one, what is live."""
        if isinstance(self.error, DeployFailed | UninstallFailed):
            return self.error.release
        recorded = self.story.last(Recorded)
        return self.live or (recorded.release if recorded else None)

    @property
    def restored(self) -> Release | None:
        """The release that brought the last good one back, if one did."""
        if self.live is not None:
            return self.live if self.outcome is Outcome.RESTORED else None
        back = self.error.restored if isinstance(self.error, DeployFailed) else None
        return back if back is not None and back.state is State.GOOD else None

    @property
    def proof(self) -> Proof | None:
        """What was proved of that which is live now."""
        if unchanged := self.story.last(Unchanged):
            return unchanged.proof
        if isinstance(self.error, DeployFailed) and self.error.proof is not None:
            return self.error.proof
        proved_now = self.story.last(Proved)
        return proved_now.proof if proved_now else None

    @property
    def failures(self) -> tuple[Judged, ...]:
        """What condemned the release."""
        tried = self.attempt if isinstance(self.error, DeployFailed) else None
        return tuple(one for one in tried.judged if one.ruling is Ruling.FAIL) if tried else ()

    def document(self) -> documents.Document:
        """The whole outcome."""
        attempt, restored = self.attempt, self.restored
        return {
            "outcome": str(self.outcome),
            "exitCode": self.exit_code,
            "release": documents.release(attempt) if attempt else None,
            "restored": documents.release(restored) if restored else None,
            "proof": documents.proof(self.proof),
            "failures": [documents.judged(one) for one in self.failures],
            "evidence": documents.evidence(attempt.evidence if attempt and self.error else None),
            "error": documents.error(self.error) if self.error else None,
            "seconds": round(self.seconds, 3),
        }

    def lines(self) -> list[Line]:
        """A paragraph when it failed, and the line that tells how it ended."""
        paragraph = list(self._paragraph()) if isinstance(self.error, DeployFailed) else []
        around = [Line(), *paragraph, Line()] if paragraph else []
        last = f"{self.story.name}: {self._sentence()} ({spell(self.seconds)})"
        return [*around, Line(last, TONES.get(self.outcome, Tone.BAD if self.exit_code else Tone.GOOD))]

    def names(self) -> list[str]:
        """What the release that is live now is made of; nothing when it failed and is not restored."""
        live = self.restored or self.live
        return [str(resource.ref) for resource in live.resources] if live else []

    # --- the last line

    def _sentence(self) -> str:
        if isinstance(self.error, RestoreFailed):
            return (
                f"release {self.error.release.number} failed ({_reason(self.error)}); {_why_not_restored(self.error)}"
            )
        if isinstance(self.error, DeployFailed):
            return self._failed_and_back(self.error)
        if self.error is not None:
            return "; ".join(one_line(part) for part in (str(self.error), self.error.hint) if part)
        return f"{self._success()}{'' if self.outcome in UNPROVED else self._proved()}"

    def _failed_and_back(self, error: DeployFailed) -> str:
        what = f"release {error.release.number} failed ({_reason(error)})"
        return f"{what}; {back_as(error.restored)}{self._proved()}" if error.restored else what

    def _success(self) -> str:
        if self.live is None:
            return "nothing was pending"
        if self.outcome is Outcome.UNINSTALLED:
            return self._uninstalled()
        if self.outcome is Outcome.UNCHANGED:
            return f"nothing to do: release {self.live.number} is live"
        if self.outcome in (Outcome.STAGED, Outcome.ABORTED):
            return self._not_live(self.live)
        if self.live.restores:
            return back_as(self.live)
        return f"release {self.live.number} is {'finished and good' if self.recovering else 'good'}"

    def _not_live(self, release: Release) -> str:
        """What became of a release that is only staged, or was."""
        if self.outcome is Outcome.ABORTED:
            return f"release {release.number} is aborted; there is no good release"
        go_on, end = (f"lastgood {verb} {self.story.name} {self.story.where}".rstrip() for verb in ("promote", "abort"))
        return f"release {release.number} is staged: {go_on} makes it live, {end} deletes it"

    def _uninstalled(self) -> str:
        gone = sum(one.op is Op.DELETE for one in self.story.all(Written))
        left = [one.ref for one in self.story.all(Left)]
        stays = f"; left on purpose: {several(left, self.story.namespace)}" if left else ""
        return f"uninstalled: {count(gone, 'resource')} deleted{stays}"

    def _proved(self) -> str:
        return f", proved: {proved(self.proof)}" if self.proof is not None and self.proof.holds else ""

    # --- the paragraph

    def _paragraph(self) -> Iterator[Line]:
        assert isinstance(self.error, DeployFailed)
        failed = self.error.release
        yield _labelled("what failed", f"release {failed.number}: {_reason(self.error)}", Tone.BAD)
        if len(self.failures) > 1:
            yield from (_labelled("", f"{one.ref}: {state_of(one)}") for one in self.failures)
        if failed.evidence is not None:
            yield from (line.indented(LABEL) for line in last_words(failed.evidence))
        yield from self._what_is_true(self.error)
        yield _labelled("what to do", self.error.hint or "correct the cause and deploy again")
        yield _labelled("evidence", f"lastgood show {self.story.name} {failed.number} {self.story.where}")

    def _what_is_true(self, error: DeployFailed) -> Iterator[Line]:
        if self.restored is not None:
            yield _labelled("what is live", back_as(self.restored), Tone.GOOD)
        else:
            yield _labelled("not restored", _not_restored(error), Tone.BAD)
        for one in self.story.all(NotWritten):
            ref = named(one.ref, error.release.namespace)
            yield _labelled("", f"{ref} could not be {DONE[one.op]}: {one.sentence}", Tone.BAD)
        if self.proof is not None:
            tone = Tone.GOOD if self.proof.holds else Tone.BAD
            yield _labelled("proof", proved(self.proof), tone)
            if self.proof.scope is Scope.WORKLOADS:
                left = not_undone(self.proof, error.release.namespace)
                yield from [_labelled("left alone", f"not rolled back: {left}", Tone.CHANGED)] if left else []


def _not_restored(error: DeployFailed) -> str:
    tried = error.restored
    what = f"release {tried.number} was to bring release {tried.restores} back: " if tried else ""
    return f"{what}{_why_not_restored(error).removeprefix('not restored: ')}"


def _reason(error: DeployFailed) -> str:
    return one_line(error.release.reason or str(error))


def _why_not_restored(error: DeployFailed) -> str:
    return one_line(str(error).removeprefix(f"{error.release.reason}; "))


def _labelled(label: str, text: str, tone: Tone = Tone.PLAIN) -> Line:
    return Line(f"{label:<{LABEL}}{one_line(text)}", tone)
