"""The only place that prints: events as they come, and the answer at the end, for people or for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import Protocol, TextIO

from lastgood.cli.documents import envelope
from lastgood.cli.durations import spell
from lastgood.cli.encoding import as_json, as_line, as_names, as_yaml, to_line
from lastgood.cli.events import EventDocuments
from lastgood.cli.lines import Line, Table, Tone
from lastgood.cli.masking import OPEN, Masks
from lastgood.cli.outside import Outside
from lastgood.cli.page import Page, Wide
from lastgood.cli.progress import Progress
from lastgood.cli.words import instant
from lastgood.model.event import Ended, Event, Failed, Proved, Watched
from lastgood.model.health import Verdict

COLOURS = {
    Tone.GOOD: "\x1b[32m",
    Tone.BAD: "\x1b[31m",
    Tone.CHANGED: "\x1b[33m",
    Tone.QUIET: "\x1b[2m",
    Tone.STRONG: "\x1b[1m",
}
PLAIN_AGAIN = "\x1b[0m"
SHOW_CURSOR = "\x1b[?25h"
NO_MORE_WAITING = (Failed, Proved, Ended)
Spelled = Callable[[Page, Masks], str]
ANSWERS = (0, 6)
"""Exit codes of what is no failure: 6 answers that there is a difference."""


class Display(Protocol):
    """What is drawn on a terminal while a run waits; see ``live``."""

    def draw(self, verdict: Verdict) -> None:
        """Show how each resource is now, and for how long all have been healthy."""
        ...

    def print(self, lines: Sequence[Line]) -> None:
        """Print lines that stay, above what is drawn."""
        ...

    def close(self) -> None:
        """Take it away."""
        ...


class Report(Protocol):
    """Where a command's progress and answer go."""

    def tell(self, event: Event) -> None:
        """Something happened."""
        ...

    def show(self, page: Page) -> None:
        """The answer."""
        ...

    def warn(self, sentence: str) -> None:
        """Something is odd, and the work goes on."""
        ...

    def note(self, sentence: str) -> None:
        """Something that the person who watches a run should know now."""
        ...

    def aside(self, sentence: str) -> None:
        """Something about the command itself, for who asked to be told more: never among what is piped on."""
        ...

    def refuse(self, lines: Sequence[Line], page: Page) -> None:
        """There is no answer: ``lines`` tell a person why, ``page`` a program."""
        ...

    def leave(self) -> None:
        """The process is about to go, in whatever state this is: leave the terminal usable."""
        ...


class Printer:
    """Writes lines to a stream at once. A reader who went away must not stop a deploy: then it falls silent.

    Tables fold to ``columns``, if there is such a number.
    """

    def __init__(
        self, stream: TextIO, *, colour: bool = False, columns: int | None = None, masks: Masks = OPEN
    ) -> None:
        self._stream, self._colour, self._columns, self._silent = stream, colour, columns, False
        self._masks = masks

    def write(self, lines: Sequence[Line | Table]) -> None:
        """Print lines, whole and in order."""
        drawn = (one.lines(self._columns) if isinstance(one, Table) else [one] for one in lines)
        self.write_text("".join(f"{self._painted(line)}\n" for line in chain.from_iterable(drawn)))

    def write_text(self, text: str) -> None:
        """Print text as it is."""
        if self._silent or not text:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:  # the pipe, the disk or the terminal behind it is gone
            self._silent = True

    def _painted(self, line: Line) -> str:
        colour = COLOURS.get(line.tone, "") if self._colour else ""
        text = self._masks.text(line.printable)
        return f"{colour}{text}{PLAIN_AGAIN}" if colour and line.text else text


class Narrator:
    """Events as lines that carry the time since the command began."""

    def __init__(self, outside: Outside, progress: Progress) -> None:
        self._monotonic, self._progress = outside.monotonic, progress
        self._began = outside.monotonic()

    def lines(self, event: Event) -> list[Line]:
        """What there is to say about an event: ``[  1.2s] deployment.apps/web updated``."""
        return [self.stamped(line) for line in self._progress.lines(event)]

    def stamped(self, line: Line) -> Line:
        """The line with the time in front."""
        return Line(f"[{spell(self.seconds):>6}] {line.text}", line.tone)

    @property
    def seconds(self) -> float:
        """How long it has been."""
        return max(self._monotonic() - self._began, 0.0)


class TextReport:
    """Progress and answer on stdout, errors and warnings on stderr, as kubectl and Helm do."""

    def __init__(self, outside: Outside, *, masks: Masks = OPEN, verbose: bool = False, wide: bool = False) -> None:
        self._outside, self._wide, self._masks = outside, wide, masks
        self._narrator = Narrator(outside, Progress(verbose=verbose, finals=outside.finals or outside.is_terminal))
        columns = outside.columns if outside.out.isatty() and not wide else None
        self._out = Printer(outside.out, colour=outside.has_colour(outside.out), columns=columns, masks=masks)
        self._err = Printer(outside.err, colour=outside.has_colour(outside.err), masks=masks)
        self._display: Display | None = None

    def tell(self, event: Event) -> None:
        """Print what is new; on a terminal, draw what is on its way below it."""
        if isinstance(event, NO_MORE_WAITING):
            self._close()
        self._print(self._narrator.lines(event))
        if isinstance(event, Watched) and self._outside.is_terminal:
            self._draw(event.verdict)

    def show(self, page: Page) -> None:
        """Print the page."""
        self._close()
        if self._wide:
            assert isinstance(page, Wide), f"{type(page).__name__} has no wide table"
            self._out.write(page.wide_lines())
        else:
            self._out.write(page.lines())

    def warn(self, sentence: str) -> None:
        """One line on stderr."""
        self._err.write([Line(f"warning: {sentence}", Tone.CHANGED)])

    def note(self, sentence: str) -> None:
        """One line between those of the progress."""
        self._print([self._narrator.stamped(Line(sentence, Tone.CHANGED))])

    def aside(self, sentence: str) -> None:
        """One line on stderr."""
        self._err.write([Line(sentence, Tone.QUIET)])

    def refuse(self, lines: Sequence[Line], page: Page) -> None:
        """Lines on stderr."""
        self._close()
        self._err.write(lines)

    def leave(self) -> None:
        """The cursor may be hidden: show it."""
        if self._display is not None:
            self._out.write_text(SHOW_CURSOR)

    def _print(self, lines: Sequence[Line]) -> None:
        (self._display.print if self._display else self._out.write)(lines)

    def _draw(self, verdict: Verdict) -> None:
        from lastgood.cli.live import LiveDisplay  # noqa: PLC0415  # rich: only when somebody watches

        self._display = self._display or LiveDisplay(self._outside, lambda: self._narrator.seconds, self._masks)
        self._display.draw(verdict)

    def _close(self) -> None:
        if self._display is not None:
            self._display.close()
            self._display = None


class QuietReport:
    """The answer on stdout and nothing else there; errors, and with ``-v`` events, are lines on stderr.

    ``spelled`` is how an answer becomes text.
    """

    def __init__(self, outside: Outside, *, spelled: Spelled, masks: Masks = OPEN, verbose: bool = False) -> None:
        self._spelled, self._masks = spelled, masks
        self._narrator = Narrator(outside, Progress(verbose=True)) if verbose else None
        self._out = Printer(outside.in_utf8())
        self._err = Printer(outside.err, colour=outside.has_colour(outside.err), masks=masks)

    def tell(self, event: Event) -> None:
        """Nothing, or a line on stderr."""
        if self._narrator is not None:
            self._err.write(self._narrator.lines(event))

    def show(self, page: Page) -> None:
        """Print the answer."""
        self._out.write_text(self._spelled(page, self._masks))

    def warn(self, sentence: str) -> None:
        """One line on stderr."""
        self._err.write([Line(f"warning: {sentence}", Tone.CHANGED)])

    def note(self, sentence: str) -> None:
        """One line on stderr."""
        self._err.write([Line(sentence)])

    aside = note

    def refuse(self, lines: Sequence[Line], page: Page) -> None:
        """The error for programs, and for people on stderr."""
        self.show(page)
        self._err.write(lines)

    def leave(self) -> None:
        """Nothing was changed about the terminal."""


class NameReport(QuietReport):
    """Names alone on stdout: how a run failed has no place among them, and is told on stderr."""

    def __init__(self, outside: Outside, *, masks: Masks = OPEN, verbose: bool = False) -> None:
        super().__init__(outside, spelled=as_names, masks=masks, verbose=verbose)

    def show(self, page: Page) -> None:
        """Print the names."""
        super().show(page)
        if page.exit_code not in ANSWERS:
            self._err.write(page.lines())

    def refuse(self, lines: Sequence[Line], page: Page) -> None:
        """Lines on stderr; there is nothing to name."""
        self._err.write(lines)


class EventReport(QuietReport):
    """Events as lines of JSON while they happen, and the answer as the last line."""

    def __init__(self, outside: Outside, *, masks: Masks = OPEN, verbose: bool = False) -> None:
        super().__init__(outside, spelled=as_line, masks=masks, verbose=verbose)
        self._outside, self._began = outside, outside.monotonic()
        self._documents = EventDocuments()

    def tell(self, event: Event) -> None:
        """Print the event, unless it says what was said before."""
        document = self._documents.document(event)
        if document is not None:
            event_document = {"type": document["type"], **self._when(), **self._masks.document(document)}
            self._out.write_text(to_line(envelope("Event", event_document)))
        super().tell(event)

    def _when(self) -> dict[str, str | float]:
        seconds = max(self._outside.monotonic() - self._began, 0.0)
        return {"at": instant(self._outside.now()), "seconds": round(seconds, 3)}


REPORTS: dict[str, Callable[..., Report]] = {
    "text": TextReport,
    "wide": partial(TextReport, wide=True),
    "name": NameReport,
    "json": partial(QuietReport, spelled=as_json),
    "yaml": partial(QuietReport, spelled=as_yaml),
    "jsonl": EventReport,
}
"""One for each of ``formats.FORMATS``."""


def report_for(outside: Outside, *, output: str, verbose: bool, masks: Masks = OPEN) -> Report:
    """The report that ``-o`` asks for; ``masks`` go over all that it prints."""
    return REPORTS[output](outside, verbose=verbose, masks=masks)
