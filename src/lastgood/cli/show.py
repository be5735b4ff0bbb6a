"""``lastgood show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lastgood.cli import candidates
from lastgood.cli.options import Number, argument, command, option, release_name

if TYPE_CHECKING:
    from lastgood.cli.page import Page
    from lastgood.cli.running import Session
    from lastgood.deployer import Deployer
    from lastgood.model.release import Release


def show(session: Session, name: str, number: int | None, *, manifests: bool) -> int:
    """Show one release, with what is kept of its failure.

    Without NUMBER, the newest. Of a failure are kept the states of containers, their last lines, and events, as they
    were before they were undone. With --manifests, the resources as they were recorded, as YAML; the values of Secrets
    are masked.
    """

    async def question(deployer: Deployer) -> Page:
        release = await deployer.show(name, number)
        return _manifests(release) if manifests else _told(release)

    return session.ask(question)


def _manifests(release: Release) -> Page:
    from lastgood.cli.pages.manifests import ManifestsPage  # noqa: PLC0415  # writing YAML is for who asks for it

    return ManifestsPage(release)


def _told(release: Release) -> Page:
    from lastgood.cli.pages.release import ReleasePage  # noqa: PLC0415  # --help needs none of it

    return ReleasePage(release)


NUMBER = argument("number", type=Number(min=1), required=False, metavar="[NUMBER]", shell_complete=candidates.numbers)
MANIFESTS = option("--manifests", is_flag=True, help="Its resources as YAML, with the values of Secrets masked.")
COMMAND = command(
    show,
    [release_name(), NUMBER, MANIFESTS],
    "show shop -n prod",
    "# why release 5 failed, with the last words of its pods",
    "show shop 5 -n prod",
    "show shop 5 -o json | jq .evidence",
    "# what release 4 is made of",
    "show shop 4 --manifests",
    see=("history", "diff", "verify"),
)
