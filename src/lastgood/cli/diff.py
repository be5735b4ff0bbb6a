"""``lastgood diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lastgood.cli.options import EXIT_CODE, Number, argument, command, release_name

if TYPE_CHECKING:
    from lastgood.cli.pages.comparison import ComparisonPage
    from lastgood.cli.running import Session
    from lastgood.deployer import Deployer

DIFFERENCE = 6
MOST = 2


def diff(session: Session, name: str, numbers: tuple[int, ...], *, exit_code: bool) -> int:
    """Show the fields in which live and a release, or two releases, differ.

    Without numbers, from what is live to the last good release; with one, from what is live to that release; with two,
    from the first to the second, as recorded. Values of Secrets are masked.
    """
    from lastgood.cli.pages.comparison import ComparisonPage  # noqa: PLC0415  # --help needs none of it
    from lastgood.errors import SettingError  # noqa: PLC0415

    if len(numbers) > MOST:
        raise SettingError(
            f"{len(numbers)} releases cannot be compared", hint="name two of them, or one and what is live"
        )

    async def question(deployer: Deployer) -> ComparisonPage:
        before, after = (None, None, *numbers)[-MOST:]
        found = await deployer.diff(name, before, after)
        return ComparisonPage(found, DIFFERENCE if exit_code and found.differing else 0)

    return session.ask(question)


COMMAND = command(
    diff,
    [
        release_name(),
        argument("numbers", type=Number(min=1), nargs=-1, metavar="[NUMBER [NUMBER]]"),
        EXIT_CODE,
    ],
    "diff shop -n prod",
    "diff shop 4 5",
    "diff shop 3 --exit-code",
)
