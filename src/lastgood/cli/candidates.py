"""What could stand next on a command line, for the shell to offer. Whatever goes wrong, there is nothing to offer.

Asked only while somebody types: what these functions need is imported in them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from lastgood.deployer import Deployer
    from lastgood.model.release import Summary

    Items = list[CompletionItem[str]]

Answer = TypeVar("Answer")


def files(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """The shell knows files better."""
    return _by_the_shell("file", incomplete)


def folders(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """The shell knows folders better."""
    return _by_the_shell("dir", incomplete)


def contexts(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """The contexts of the kubeconfig that the command line names, or of the usual one."""
    from lastgood.errors import LastgoodError  # noqa: PLC0415
    from lastgood.kube.kubeconfig import find_files, read_files  # noqa: PLC0415

    try:
        found = read_files(find_files(_said(ctx, "kubeconfig"), ctx.obj.outside.env))
    except LastgoodError:
        return []
    return _items(((name, "") for name in sorted(found.contexts)), incomplete)


def releases(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """The names of the releases in the namespace."""
    listed = _asked(ctx, lambda deployer: deployer.list(everywhere=False)) or ()
    return _items(((one.name, _latest(one.history.latest)) for one in listed), incomplete)


def numbers(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """The releases of the name that stands before, newest first; for ``--to`` those one can go back to."""
    from lastgood.cli.words import moment  # noqa: PLC0415

    name = ctx.params.get("name")
    history = _asked(ctx, lambda deployer: deployer.history(name)) if name else None
    summaries = history.summaries if history else ()
    wanted = [one for one in summaries if param.name != "to" or one.state == "good" or ctx.params.get("force")]
    return _items(((str(one.number), f"{one.state}, {moment(one.created)}") for one in wanted), incomplete)


def _by_the_shell(kind: str, incomplete: str) -> Items:
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    return [CompletionItem(incomplete, type=kind)]


def _items(found: Iterable[tuple[str, str]], incomplete: str) -> Items:
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    return [CompletionItem(value, help=text) for value, text in found if value.startswith(incomplete)]


def _said(ctx: click.Context, name: str) -> Any:
    """The value of a common flag, after the command or before it."""
    before = ctx.parent.params if ctx.parent else {}
    return ctx.params.get(name) or before.get(name)


def _latest(latest: Summary | None) -> str:
    return f"release {latest.number} {latest.state}" if latest else ""


def _asked(ctx: click.Context, question: Callable[[Deployer], Awaitable[Answer]]) -> Answer | None:
    """What the cluster answers to a question, or None."""
    where = {name: _said(ctx, name) for name in ("context", "kubeconfig", "namespace")}

    async def connected() -> Answer:
        async with ctx.obj.outside.connect(**where, tell=lambda event: None) as deployer:
            return await question(deployer)

    try:
        answer: Answer = ctx.obj.outside.run_loop(connected())
    except Exception:  # noqa: BLE001  # nobody wants to read of it in the middle of a line
        return None
    return answer
