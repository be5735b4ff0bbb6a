"""What an answer is: something to be read by a person, and by a program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from lastgood.cli.lines import Line, Table


class Page(Protocol):
    """An answer. ``docs/reference/json.md`` and its schema tell what a document of each kind holds."""

    @property
    def kind(self) -> str:
        """What its document is: ``Run``, ``History``; said on the class."""
        ...

    @property
    def exit_code(self) -> int:
        """What the process leaves with after this answer."""
        ...

    def lines(self) -> Sequence[Line | Table]:
        """For a person."""
        ...

    def document(self) -> dict[str, Any] | list[dict[str, Any]]:
        """For a program: what JSON can hold, without ``apiVersion`` and ``kind``, which the report puts in front.

        A list is printed as it is, with nothing in front: that of ``health`` alone, whose shape others rely on.
        """
        ...


@runtime_checkable
class Named(Page, Protocol):
    """A page of a command that takes ``-o name``."""

    def names(self) -> Sequence[str]:
        """One line for each thing that the answer is about, as another command takes it."""
        ...


@runtime_checkable
class Wide(Page, Protocol):
    """A page of a command that takes ``-o wide``."""

    def wide_lines(self) -> Sequence[Line | Table]:
        """The table with more columns, and nothing in them cut short."""
        ...
