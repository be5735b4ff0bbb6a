"""One command as a process of its own, which says at its end what it imported. Everything is real but the deployer.

    python -m tests.cli.alone [--terminal] history shop

The world of these tests is imported first; what it needs of lastgood, every command that connects needs too.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from lastgood.cli.main import run
from lastgood.cli.outside import Outside, connect_to_cluster
from lastgood.model.event import Ended, Event, Planned, Proved, Recorded, Watched, Written
from lastgood.model.permission import Permissions
from lastgood.model.plan import Op
from lastgood.model.status import Comparison, Listed, Status
from tests.cli.cast import GOOD, HISTORY, PLAN, UPDATE_WEB, WEB, judged, proof, release, verdict
from tests.cli.world import FakeDeployer, Screen

STORY = (
    Planned(release(5), PLAN),
    Recorded(release(5)),
    Written(WEB, Op.UPDATE),
    Watched(verdict(judged("new pods up: 0 of 3", 0))),
    Proved(proof(5)),
    Ended(GOOD),
)

ANSWERS = {
    "verify": proof(5),
    "status": Status("shop", "prod", HISTORY, GOOD, proof(5)),
    "list": (Listed("shop", "prod", HISTORY),),
    "rbac": Permissions("shop", "prod", {"prod": ()}),
    "diff": Comparison("shop", "prod", 4, 5, (UPDATE_WEB,)),
}
"""What a question is answered; all else ends with a good release."""


class Deployer(FakeDeployer):
    """Tells the story of a good deploy; it stands where a real one would stand, on a real connection."""

    @asynccontextmanager
    async def connect(self, *, tell: Callable[[Event], None], **where: Any) -> AsyncIterator[FakeDeployer]:
        async with connect_to_cluster(tell=tell, **where), super().connect(tell=tell, **where) as deployer:
            yield deployer


def _ends_well() -> None:
    """A pipeline has ended as soon as it was begun; its steps need more of a deployer than its answers."""
    from lastgood.pipelines import permitting, running  # only for that one
    from lastgood.pipelines.journal import Journal, Mark

    async def run(*_: Any, **__: Any) -> Journal:
        return Journal("shop-1", "shop", "", mark=Mark.SUCCEEDED)

    async def permissions(*_: Any, **__: Any) -> Permissions:
        return Permissions("shop", "prod", {"prod": ()}, running=True)

    running.run, permitting.permissions = run, permissions


def main(arguments: list[str]) -> int:
    """Run it, and write the modules as JSON on stderr, as its last line."""
    terminal = arguments[:1] == ["--terminal"]
    line = arguments[terminal:]
    deployer = Deployer(STORY, answer=ANSWERS.get(line[0], GOOD), past=HISTORY)
    out = Screen() if terminal else sys.stdout
    if {"run", "--run"} & set(line):
        _ends_well()
    outside = Outside(out, sys.stderr, sys.stdin.buffer, {"TERM": "xterm"}, deployer.clock, deployer.connect)
    code = run(line, outside)
    sys.stderr.write(f"{json.dumps(sorted(sys.modules))}\n")
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
