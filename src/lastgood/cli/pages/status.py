"""How things stand with a release name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from lastgood.cli import documents
from lastgood.cli.lines import Line, Tone
from lastgood.cli.words import moment, one_line, proved
from lastgood.model.release import Release, State, Summary
from lastgood.model.status import Status

LABEL = 12


@dataclass(frozen=True, slots=True)
class StatusPage:
    """What is live, whether that holds, and what was tried last."""

    kind: ClassVar[str] = "Status"
    status: Status
    exit_code: int = 0

    def document(self) -> documents.Document:
        """The same for a program; ``live`` and ``proof`` are null when there is no good release."""
        one, good = self.status, self.status.history.last_good
        return {
            "name": one.name,
            "namespace": one.namespace,
            "holds": one.holds,
            "live": documents.release(one.live) if one.live else None,
            "proof": documents.proof(one.proof),
            "latest": documents.summary(one.latest, last_good=one.latest == good) if one.latest else None,
            "holder": one.holder or None,
            "exitCode": self.exit_code,
        }

    def lines(self) -> list[Line]:
        """A sentence that tells it all, and what it rests on."""
        one = self.status
        return [self._sentence(), *self._live(one.live), *self._latest(one.latest), *self._at_work(), *self._to_do()]

    def _sentence(self) -> Line:
        one = self.status
        if one.live is None or one.proof is None:
            return Line(f"{one.name}: {self._nothing_good()}", Tone.BAD)
        if one.holds:
            return Line(f"{one.name}: release {one.live.number} is live and healthy: {proved(one.proof)}", Tone.GOOD)
        return Line(f"{one.name}: release {one.live.number} is not what is live: {proved(one.proof)}", Tone.BAD)

    def _nothing_good(self) -> str:
        latest = self.status.latest
        is_gone = latest is not None and latest.state is State.UNINSTALLED
        return "it is uninstalled" if is_gone else "there is no good release"

    def _live(self, live: Release | None) -> Iterator[Line]:
        yield _told("namespace", self.status.namespace)
        if live is not None:
            back = f", release {live.restores} again" if live.restores else ""
            yield _told("deployed", f"{moment(live.created)} by {live.who or 'somebody'}{back}")
            yield from [_told("why", live.why)] if live.why else []
            yield _told("mode", f"{live.mode}, {live.strategy}")

    def _latest(self, latest: Summary | None) -> Iterator[Line]:
        if latest is None or (self.status.live is not None and latest.number == self.status.live.number):
            return
        why = f": {latest.reason}" if latest.reason else ""
        tone = Tone.BAD if latest.state is State.FAILED else Tone.CHANGED
        yield _told("latest", f"release {latest.number} {latest.state}, {moment(latest.created)}{why}", tone)

    def _at_work(self) -> Iterator[Line]:
        if self.status.holder:
            yield _told("at work", f"{self.status.holder}, heard of at {moment(self.status.renewed)}", Tone.CHANGED)

    def _to_do(self) -> Iterator[Line]:
        """What is next; nothing while a run is at work, which may be about to put right what is amiss."""
        if said := "" if self.status.holder else self._said_to_do():
            yield _told("what to do", said)

    def _said_to_do(self) -> str:
        one, name, where = self.status, self.status.name, f"-n {self.status.namespace}"
        state = one.latest.state if one.latest else None
        if state is State.PENDING:
            return f"a run died: lastgood recover {name} {where} finishes it or goes back"
        if one.live is not None and not one.holds:
            back = f"lastgood rollback {name} --to {one.live.number} {where} puts it back"
            return f"lastgood diff {name} {where} shows the fields; {back}"
        if state is State.STAGED and one.latest is not None:
            promote, abort = (f"lastgood {verb} {name} {where}" for verb in ("promote", "abort"))
            return f"{promote} makes release {one.latest.number} live; {abort} deletes it"
        return ""


def _told(label: str, text: str, tone: Tone = Tone.PLAIN) -> Line:
    return Line(f"{label:<{LABEL}}{one_line(text)}", tone)
