"""``lastgood verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lastgood.cli.commands import DIFFERENCE, codes
from lastgood.cli.options import command, health_rules, option, release_name

if TYPE_CHECKING:
    from lastgood.cli.pages.proof import ProofPage
    from lastgood.cli.running import Session
    from lastgood.deployer import Deployer


def verify(session: Session, name: str, *, strict: bool) -> int:
    """Compare what is live with the last good release.

    Leaves with 6 when something is not as recorded, is missing, is left over from a failed release, or is not ready.
    """
    from lastgood.cli.pages.proof import ProofPage  # noqa: PLC0415  # --help needs none of it

    async def question(deployer: Deployer) -> ProofPage:
        proof = await deployer.verify(name, strict=strict)
        code = 0 if proof.holds else DIFFERENCE
        return ProofPage(name, deployer.namespace, proof, code, verbose=session.verbose)

    return session.ask(question)


STRICT = option("--strict", is_flag=True, help="Fields that controllers rewrote count as differences.")
COMMAND = command(
    verify,
    [release_name(), STRICT, health_rules()],
    "verify shop -n prod",
    "# every night: has anybody changed what was deployed?",
    "verify shop -n prod --strict -o json | jq '.proof.findings[] | select(.holds | not)'",
    exits=codes(0, 2, 4, 5) | {0: "everything is as recorded", 6: "something is not as recorded"},
    see=("history", "plan", "docs/living-with-others.md"),
)
