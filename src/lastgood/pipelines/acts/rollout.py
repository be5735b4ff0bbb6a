"""``K8sRollout``: what ``kubectl rollout`` does."""

from __future__ import annotations

from collections.abc import Sequence

from lastgood import operating
from lastgood.model.operation import Command
from lastgood.model.resource import Ref
from lastgood.pipelines.choosing import named
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands, operated

HISTORY = "history"


async def act(hands: Hands) -> Done:
    """Do it to each workload, and wait for what was restarted, resumed or undone."""
    refs = await named(hands, hands.step.spec.entry("resources"))
    if hands.text("command").strip().lower() == HISTORY:
        return await _history(hands, refs)
    command = hands.one_of("command", Command)
    revision = hands.flag("--to-revision")
    done = await operating.roll_out(
        hands.site,
        command,
        refs,
        revision=int(revision) if revision else None,
        waits=command != Command.PAUSE,
        within=0.0 if hands.flag("--watch") == "false" else hands.within,
    )
    told = operated(done, command.value)
    return Done(sentence=f"rolled out: {', '.join(map(str, refs))}") if command is Command.STATUS else told


async def _history(hands: Hands, refs: Sequence[Ref]) -> Done:
    wanted = hands.flag("--revision")
    for ref in refs:
        for one in await operating.look_back(hands.site, ref):
            if wanted and str(one.number) != wanted:
                continue
            hands.hear(f"{ref} {one.number}{' (live)' if one.is_live else ''}: {one.cause or 'no change cause'}")
    return Done(sentence=f"told the history of {', '.join(map(str, refs))}")
