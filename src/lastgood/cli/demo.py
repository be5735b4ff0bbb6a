"""``lastgood demo``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lastgood.cli.commands import codes
from lastgood.cli.options import command, option

if TYPE_CHECKING:
    from lastgood.cli.running import Session


def demo(session: Session, *, pause: bool, yes: bool, image: str | None, broken_image: str | None) -> int:
    """Show what lastgood does, on a simulated cluster or on one of yours.

    A good release, a broken one, the way back, a rollback, and a change by hand: each command is typed and run.
    Without --context the cluster is simulated, in this process; nothing is contacted. With --context the demo is
    played there, in a namespace that it makes and removes.
    """
    from lastgood.cli.demos.stopping import Stopped  # noqa: PLC0415  # --help needs none of it
    from lastgood.errors import Interrupted  # noqa: PLC0415

    given = {"--image": image, "--broken-image": broken_image, "--yes": yes}
    _refuse(session, [flag for flag, value in given.items() if value], pause=pause)
    try:
        return _show(session, pause=pause, yes=yes, image=image, broken_image=broken_image)
    except Stopped as stopped:
        raise Interrupted("the demo was stopped", signal=stopped.signal) from stopped


def _show(session: Session, *, pause: bool, yes: bool, image: str | None, broken_image: str | None) -> int:
    if not session.where["context"]:
        from lastgood.cli.demos.simulated import show  # noqa: PLC0415

        return show(session.outside, pause=pause)
    from lastgood.cli.demos import own_cluster  # noqa: PLC0415  # only this one connects

    return own_cluster.show(session, own_cluster.images(image, broken_image), pause=pause, yes=yes)


def _refuse(session: Session, beside_context: list[str], *, pause: bool) -> None:
    """Raise ``SettingError`` for flags that mean nothing here, or not together."""
    from lastgood.cli.demos.asking import is_watched  # noqa: PLC0415
    from lastgood.errors import SettingError  # noqa: PLC0415

    if session.output == "json":
        raise SettingError("the demo is for people, and has no JSON", hint="leave -o out")
    if session.where["namespace"]:
        raise SettingError("the demo plays in a namespace of its own", hint="leave -n out")
    if pause and not is_watched(session.outside):
        raise SettingError("--pause waits for Enter, and here is no terminal", hint="leave it out")
    if session.where["context"]:
        return
    if session.where["kubeconfig"]:
        beside_context = ["--kubeconfig", *beside_context]
    if beside_context:
        hint = "--context NAME plays the demo on a cluster of yours; without it, it is simulated"
        raise SettingError(f"{beside_context[0]} means something only beside --context", hint=hint)


COMMAND = command(
    demo,
    [
        option("--pause", is_flag=True, help="Wait for Enter between the steps."),
        option("--yes", is_flag=True, help="Do not ask before a cluster is touched."),
        option("--image", metavar="IMAGE", help="An image that the cluster can pull, and that stays up; a tiny one of "
               "Kubernetes' own by default."),
        option("--broken-image", metavar="IMAGE", help="One that it cannot pull; the same without its tag by default."),
    ],
    "demo",
    "# step by step",
    "demo --pause",
    "# on a cluster of yours, in a namespace that is made for it and removed",
    "demo --context staging",
    exits=codes(0, 2, 130, 143) | {1: "a command ended differently than on the simulated cluster",
                                   3: "the namespace of the demo is left", 4: "the demo could not begin",
                                   70: "a bug in lastgood"},
)  # fmt: skip
