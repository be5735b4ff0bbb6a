"""``lastgood abort``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lastgood.cli.options import command, release_name, running

if TYPE_CHECKING:
    from lastgood.cli.running import Session


def abort(session: Session, name: str, **flags: Any) -> int:
    """Delete what is staged; the live release stays as it is.

    The staged release is recorded as failed (aborted), and the live one is proved again.
    """
    from lastgood.cli.sources import options  # noqa: PLC0415  # --help needs none of it

    run_options = options(session.outside, flags)
    session.keep_evidence(flags["evidence_dir"])
    return session.release(name, lambda deployer: deployer.abort(name, options=run_options))


COMMAND = command(
    abort,
    [release_name(), *running()],
    "abort shop -n prod",
    "# and why",
    "abort shop -n prod --why 'the search is slow'",
    see=("deploy", "promote", "docs/strategies.md"),
)
