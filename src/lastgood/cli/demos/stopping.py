"""What Ctrl-C, SIGTERM and a closed terminal do to the demo: it stops, and what it made is removed before it leaves."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LEAVES_WITH = {130: signal.SIGINT, 143: signal.SIGTERM}
"""The exit codes of a command that a signal stopped."""


class Stopped(KeyboardInterrupt):
    """A signal says that it is enough. An event loop lets it through, wherever it comes."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.signal = number


class Stops:
    """While it is entered, signals raise ``Stopped`` instead of ending the process on the spot."""

    def __enter__(self) -> Stops:
        known = ((number, signal.getsignal(number)) for number in SIGNALS)
        self._before = {number: handler for number, handler in known if handler not in (None, signal.SIG_IGN)}
        self.listen()
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def listen(self) -> None:
        """Listen again: a command that was run has its own way with signals, and leaves none behind."""
        for number in self._before:
            signal.signal(number, _stop)

    @contextmanager
    def held(self, note: Callable[[], None]) -> Iterator[None]:
        """Let the first signal only call ``note``; the next one raises."""

        def hold(number: int, frame: FrameType | None) -> None:
            self.listen()
            note()

        for number in self._before:
            signal.signal(number, hold)
        try:
            yield
        finally:
            self.listen()


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped(signal.SIGINT if number == signal.SIGINT else signal.SIGTERM)


def stop_now(code: int) -> None:
    """For ``Outside.leave``: a second signal ends the command at once, but not the demo, which has to tidy up."""
    raise Stopped(LEAVES_WITH.get(code, signal.SIGTERM))
