"""Questions to the person who watches the demo. Only for a terminal."""

from __future__ import annotations

from lastgood.cli.outside import Outside
from lastgood.cli.report import Printer


def is_watched(outside: Outside) -> bool:
    """Whether there is somebody to read a question, and to answer it."""
    return outside.out.isatty() and outside.stdin is not None and outside.stdin.isatty()


def ask(outside: Outside, question: str) -> str:
    """One line of answer, without its end; empty when there is none."""
    assert outside.stdin is not None
    printer = Printer(outside.out)
    printer.write_text(question)
    try:
        answer = outside.stdin.readline()
    except KeyboardInterrupt:
        printer.write_text("\n")  # what is said next stands on a line of its own
        raise
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
    return text.strip()


def wait(outside: Outside) -> None:
    """Until the person has read enough."""
    ask(outside, "\nEnter goes on, Ctrl-C leaves: ")
