"""The only place that prints: events as they come, and the answer at the end, as text or as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol, TextIO

from lastgood.cli.durations import spell
from lastgood.cli.lines import Line, Tone
from lastgood.cli.outside import Outside
from lastgood.cli.progress import Progress
from lastgood.model.event import Ended, Event, Failed, Proved, Watched
from lastgood.model.health import Judged

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


class Page(Protocol):
    """An answer that can be read by a person, and by a program."""

    @property
    def exit_code(self) -> int:
        """What the process leaves with after this answer."""
        ...

    def lines(self) -> Sequence[Line]:
        """For a person."""
        ...

    def document(self) -> Any:
        """For a program: something that JSON can hold."""
        ...


class Display(Protocol):
    """What is drawn on a terminal while a run waits; see ``live``."""

    def draw(self, judged: Sequence[Judged]) -> None:
        """Show how each resource is now."""
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
        """Something that the person who watches should know now."""
        ...

    def refuse(self, lines: Sequence[Line], document: Any) -> None:
        """There is no answer, and why."""
        ...

    def leave(self) -> None:
        """The process is about to go, in whatever state this is: leave the terminal usable."""
        ...


class Printer:
    """Writes lines to a stream at once. A reader who went away must not stop a deploy: then it falls silent."""

    def __init__(self, stream: TextIO, *, colour: bool = False) -> None:
        self._stream, self._colour, self._silent = stream, colour, False

    def write(self, lines: Sequence[Line]) -> None:
        """Print lines, whole and in order."""
        self.write_text("".join(f"{self._painted(line)}\n" for line in lines))

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
        return f"{colour}{line.printable}{PLAIN_AGAIN}" if colour and line.text else line.printable


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

    def __init__(self, outside: Outside, *, verbose: bool = False) -> None:
        self._outside = outside
        self._narrator = Narrator(outside, Progress(verbose=verbose, finals=outside.is_terminal))
        self._out = Printer(outside.out, colour=outside.has_colour(outside.out))
        self._err = Printer(outside.err, colour=outside.has_colour(outside.err))
        self._display: Display | None = None

    def tell(self, event: Event) -> None:
        """Print what is new; on a terminal, draw what is on its way below it."""
        if isinstance(event, NO_MORE_WAITING):
            self._close()
        self._print(self._narrator.lines(event))
        if isinstance(event, Watched) and self._outside.is_terminal:
            self._draw(event.verdict.judged)

    def show(self, page: Page) -> None:
        """Print the page."""
        self._close()
        self._out.write(page.lines())

    def warn(self, sentence: str) -> None:
        """One line on stderr."""
        self._err.write([Line(f"warning: {sentence}", Tone.CHANGED)])

    def note(self, sentence: str) -> None:
        """One line between those of the progress."""
        self._print([self._narrator.stamped(Line(sentence, Tone.CHANGED))])

    def refuse(self, lines: Sequence[Line], document: Any) -> None:
        """Lines on stderr."""
        self._close()
        self._err.write(lines)

    def leave(self) -> None:
        """The cursor may be hidden: show it."""
        if self._display is not None:
            self._out.write_text(SHOW_CURSOR)

    def _print(self, lines: Sequence[Line]) -> None:
        (self._display.print if self._display else self._out.write)(lines)

    def _draw(self, judged: Sequence[Judged]) -> None:
        from lastgood.cli.live import LiveDisplay  # noqa: PLC0415  # rich: only when somebody watches

        self._display = self._display or LiveDisplay(self._outside, lambda: self._narrator.seconds)
        self._display.draw(judged)

    def _close(self) -> None:
        if self._display is not None:
            self._display.close()
            self._display = None


class JsonReport:
    """One document on stdout and nothing else there; errors, and with ``-v`` events, are lines on stderr."""

    def __init__(self, outside: Outside, *, verbose: bool = False) -> None:
        self._narrator = Narrator(outside, Progress(verbose=True)) if verbose else None
        self._out = Printer(outside.out)
        self._err = Printer(outside.err, colour=outside.has_colour(outside.err))

    def tell(self, event: Event) -> None:
        """Nothing, or a line on stderr."""
        if self._narrator is not None:
            self._err.write(self._narrator.lines(event))

    def show(self, page: Page) -> None:
        """Print the document."""
        self._print(page.document())

    def warn(self, sentence: str) -> None:
        """One line on stderr."""
        self._err.write([Line(f"warning: {sentence}", Tone.CHANGED)])

    def note(self, sentence: str) -> None:
        """One line on stderr."""
        self._err.write([Line(sentence)])

    def refuse(self, lines: Sequence[Line], document: Any) -> None:
        """The error as a document, and for people on stderr."""
        self._print(document)
        self._err.write(lines)

    def leave(self) -> None:
        """Nothing was changed about the terminal."""

    def _print(self, document: Any) -> None:
        self._out.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def report_for(outside: Outside, *, output: str, verbose: bool) -> Report:
    """The report that ``-o`` asks for."""
    kind = JsonReport if output == "json" else TextReport
    return kind(outside, verbose=verbose)
