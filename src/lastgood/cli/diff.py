"""``lastgood diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lastgood.cli import candidates
from lastgood.cli.commands import DIFFERENCE, codes
from lastgood.cli.options import EXIT_CODE, Number, argument, command, release_name

if TYPE_CHECKING:
    from lastgood.cli.pages.comparison import ComparisonPage
    from lastgood.cli.running import Session
    from lastgood.deployer import Deployer

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
        argument(
            "numbers", type=Number(min=1), nargs=-1, metavar="[NUMBER [NUMBER]]", shell_complete=candidates.numbers
        ),
        EXIT_CODE,
    ],
    "diff shop -n prod",
    "# what did release 5 change?",
    "diff shop 4 5",
    "# would going back to release 3 change anything?",
    "diff shop 3 --exit-code",
    exits=codes(0, 2, 4, 5)
    | {0: "done; with --exit-code, there is no difference", 6: "with --exit-code: there is a difference"},
    see=("plan", "status", "rollback"),
)
