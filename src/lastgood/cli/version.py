"""``lastgood version``, in the spellings that ``about`` does not answer at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lastgood.cli.about import answer
from lastgood.cli.commands import codes
from lastgood.cli.options import command

if TYPE_CHECKING:
    from lastgood.cli.running import Session


def version(session: Session) -> int:
    """Say which lastgood this is."""
    click.echo(answer(session.output), file=session.outside.out, nl=False)
    return 0


COMMAND = command(version, [], "version", "version -o json", exits=codes(0, 2))
