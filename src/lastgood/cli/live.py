"""What a terminal shows while a run waits: each resource that is not ready yet. The only module that imports rich."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from lastgood.cli.durations import spell
from lastgood.cli.lines import Line, Tone
from lastgood.cli.outside import Outside
from lastgood.cli.words import one_line, state_of
from lastgood.model.health import Judged, Ruling

STYLES = {
    Tone.GOOD: "green",
    Tone.BAD: "red",
    Tone.CHANGED: "yellow",
    Tone.QUIET: "dim",
    Tone.STRONG: "bold",
}
ROWS_LEFT_FREE = 6


class LiveDisplay:
    """A few lines at the bottom that are drawn again and again. ``seconds`` tells how long it has been."""

    def __init__(self, outside: Outside, seconds: Callable[[], float]) -> None:
        colourless = not outside.has_colour(outside.out)
        self._console = Console(file=outside.out, highlight=False, markup=False, no_color=colourless)
        self._seconds = seconds
        self._judged: Sequence[Judged] = ()
        self._spinner = Spinner("dots")
        self._live = Live(
            console=self._console,
            get_renderable=self._picture,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            refresh_per_second=8,
        )

    def draw(self, judged: Sequence[Judged]) -> None:
        """Show how each resource is now."""
        self._judged = judged
        if not self._live.is_started:
            self._live.start()

    def print(self, lines: Sequence[Line]) -> None:
        """Print lines that stay, above the display."""
        for line in lines:
            self._console.print(Text(line.printable, style=STYLES.get(line.tone, "")), soft_wrap=True)

    def close(self) -> None:
        """Take the display away."""
        self._live.stop()

    def _picture(self) -> Group:
        waiting = [one for one in self._judged if one.ruling is not Ruling.PASS]
        shown = waiting[: max(self._console.height - ROWS_LEFT_FREE, 1)]
        return Group(*([self._rows(shown)] if shown else []), self._foot(len(waiting), len(shown)))

    def _rows(self, shown: Sequence[Judged]) -> Table:
        rows = Table.grid(padding=(0, 1), expand=True)
        rows.add_column(width=1)
        rows.add_column(no_wrap=True)
        rows.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for one in shown:
            mark = Text("✗", style="red") if one.ruling is Ruling.FAIL else self._spinner
            rows.add_row(mark, Text(str(one.ref), style="bold"), Text(Line(one_line(state_of(one))).printable))
        return rows

    def _foot(self, waiting: int, shown: int) -> Text:
        ready = len(self._judged) - waiting
        more = f", {waiting - shown} more not shown" if waiting > shown else ""
        return Text(f"  {ready} of {len(self._judged)} ready{more} ({spell(self._seconds())})", style="dim")
