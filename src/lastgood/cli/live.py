"""What a terminal shows while a run waits: each resource that is not ready yet. The only module that imports rich."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from lastgood.cli.durations import spell
from lastgood.cli.lines import Line, Tone
from lastgood.cli.masking import OPEN, Masks
from lastgood.cli.outside import Outside
from lastgood.cli.words import one_line, state_of
from lastgood.model.health import Held, Judged, Ruling, Verdict

STYLES = {
    Tone.GOOD: "green",
    Tone.BAD: "red",
    Tone.CHANGED: "yellow",
    Tone.QUIET: "dim",
    Tone.STRONG: "bold",
}
ROWS_LEFT_FREE = 6
SIDE_BY_SIDE = 60
"""A terminal as wide as this has names in a column; on a narrower one they are short, and the rest comes after."""
TURNS_PER_SECOND = 8


class LiveDisplay:
    """A few lines at the bottom that are drawn again and again. ``seconds`` tells how long it has been.

    No line is padded: one that is as wide as the terminal becomes two when somebody makes the window narrower, and
    then more lines are on the screen than will be taken away.
    """

    def __init__(self, outside: Outside, seconds: Callable[[], float], masks: Masks = OPEN) -> None:
        colourless = not outside.has_colour(outside.out)
        sizes = {"COLUMNS", "LINES"}
        env = {name: said for name, said in outside.env.items() if name not in sizes or said.strip("0")}
        self._console = Console(file=outside.out, highlight=False, markup=False, no_color=colourless, _environ=env)
        self._seconds, self._masks = seconds, masks
        self._judged: Sequence[Judged] = ()
        self._held: Held | None = None
        self._drawn = 0.0
        self._turns, self._failed = ("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "✗") if outside.is_unicode else ("|/-\\", "x")
        self._overflow: Literal["crop", "ellipsis"] = "ellipsis" if outside.is_unicode else "crop"
        self._live = Live(
            console=self._console,
            get_renderable=self._picture,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            refresh_per_second=TURNS_PER_SECOND,
        )

    def draw(self, verdict: Verdict) -> None:
        """Show how each resource is now, and for how long all have been healthy."""
        self._judged = verdict.judged
        self._held, self._drawn = verdict.held, self._seconds()
        if not self._live.is_started:
            self._live.start()
        self._live.refresh()

    def print(self, lines: Sequence[Line]) -> None:
        """Print lines that stay, above the display."""
        for line in lines:
            self._console.print(Text(self._masks.text(line.printable), style=STYLES.get(line.tone, "")), soft_wrap=True)

    def close(self) -> None:
        """Take the display away."""
        self._live.stop()

    def _picture(self) -> Group:
        waiting = [one for one in self._judged if one.ruling is not Ruling.PASS]
        shown = waiting[: max(self._console.height - ROWS_LEFT_FREE, 1)]
        longest = max((len(self._name(one)) for one in shown), default=0)
        column = min(longest, self._console.width // 2) if self._is_wide else 0
        return Group(*(self._row(one, column) for one in shown), self._foot(len(waiting), len(shown)))

    @property
    def _is_wide(self) -> bool:
        return self._console.width >= SIDE_BY_SIDE

    def _name(self, one: Judged) -> str:
        return str(one.ref) if self._is_wide else one.ref.name

    def _row(self, one: Judged, column: int) -> Text:
        turn = self._turns[int(self._seconds() * TURNS_PER_SECOND) % len(self._turns)]
        mark = (self._failed, "red") if one.ruling is Ruling.FAIL else (turn, "")
        state = self._masks.text(Line(one_line(state_of(one))).printable)
        return self._line(mark, " ", (self._name(one).ljust(column), "bold"), f" {state}")

    def _foot(self, waiting: int, shown: int) -> Text:
        ready = len(self._judged) - waiting
        more = f", {waiting - shown} more not shown" if waiting > shown else ""
        held = f", {self._holding(self._held)}" if self._held else ""
        return self._line((f"  {ready} of {len(self._judged)} ready{more}{held} ({spell(self._seconds())})", "dim"))

    def _holding(self, held: Held) -> str:
        """Second by second: what was told last has grown since."""
        since = int(held.seconds + self._seconds() - self._drawn)
        return str(Held(min(since, held.of), held.of))

    def _line(self, *parts: str | tuple[str, str]) -> Text:
        return Text.assemble(*parts, no_wrap=True, overflow=self._overflow)
