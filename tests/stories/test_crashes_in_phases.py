"""A blue-green or canary run is killed at each of its writes; whoever comes next ends on one side, and leaves nothing.

Traffic is on one colour and the stage on the other, or neither has moved; no canary is left, no colour without its
Service.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from lastgood.deployer import Deployer
from lastgood.errors import NothingStaged
from lastgood.model.marks import COLOUR
from lastgood.model.release import Mode, Release, State, Strategy
from lastgood.model.request import Options, Request
from lastgood.model.resource import Ref, Resource
from lastgood.testing import KillSwitch
from tests.stories.cast import GOOD_1, GOOD_2, GOOD_3, MISSING, config, service, web
from tests.stories.test_crashes import NAME, NAMESPACE, World

OPTIONS = Options(timeout=60)
OTHER = {"blue": "green", "green": "blue"}


def shop(image: str, **data: str) -> tuple[Resource, ...]:
    """A Deployment that reads a ConfigMap, behind a Service."""
    return (config(**data), service(), web(image, reads="app"))


FIRST, SECOND, THIRD, BROKEN = shop(GOOD_1, a="1"), shop(GOOD_2, a="2"), shop(GOOD_3, a="3"), shop(MISSING, a="4")


@dataclass
class Staged:
    """A world in which releases have two phases."""

    world: World
    strategy: Strategy
    mode: Mode = Mode.DECLARATIVE

    def deploy(self, resources: tuple[Resource, ...], switch: KillSwitch | None = None, *, staged: bool = False) -> Any:
        """A deploy in both phases, or in the first."""
        request = Request(NAME, NAMESPACE, resources, options=OPTIONS, strategy=self.strategy, mode=self.mode)
        request = Request(**{**{one: getattr(request, one) for one in request.__slots__}, "staged": staged})
        return self.world.run(lambda deployer: deployer.deploy(request), switch)

    def swap(self, switch: KillSwitch | None = None) -> Any:
        return self.world.run(lambda deployer: deployer.promote(NAME, options=OPTIONS), switch)

    def abort(self, switch: KillSwitch | None = None) -> Any:
        return self.world.run(lambda deployer: deployer.abort(NAME, options=OPTIONS), switch)

    def swap_back(self, switch: KillSwitch | None = None) -> Any:
        return self.world.run(lambda deployer: deployer.rollback(NAME, to=1, options=OPTIONS), switch)

    def recover(self) -> Any:
        return self.world.run(lambda deployer: deployer.recover(NAME, options=OPTIONS))

    def traffic(self) -> tuple[str, str]:
        """The colours that the primary and the stage Service select."""
        refs = [Ref("", "Service", NAMESPACE, name) for name in ("web", "web-stage")]

        async def look(deployer: Deployer) -> tuple[str, str]:
            live = await deployer.cluster.read(refs)
            primary, stage = (live[ref]["spec"]["selector"].get(COLOUR, "") if ref in live else "" for ref in refs)
            return primary, stage

        found: tuple[str, str] = self.world.run(look)
        return found

    def good(self) -> Release:
        """The last good release."""

        async def read(deployer: Deployer) -> Release:
            good = (await deployer.history(NAME)).last_good
            assert good is not None
            return await deployer.show(NAME, good.number)

        found: Release = self.world.run(read)
        return found

    def check(self, at: int) -> None:
        """What has to be true however it was cut off: the last good release is live, proved, and has the traffic."""
        assert self.world.verify().holds, at
        assert self.world.states()[0] is State.GOOD, at
        assert not {State.PENDING, State.STAGED} & set(self.world.states()), at
        good, names = self.good(), self.world.names()
        assert not {name for name in names if "canary" in name}, at
        if good.colour:
            assert self.traffic() == (good.colour, OTHER[good.colour]), at
            assert f"Deployment/web-{good.colour}" in names, at


Play = Callable[[Staged, KillSwitch], Any]


def blue_green(mode: Mode) -> Staged:
    """Release 1 is blue, with traffic."""
    staged = Staged(World(), Strategy.BLUE_GREEN, mode)
    staged.deploy(FIRST)
    return staged


def canary(mode: Mode) -> Staged:
    """Release 1 is live."""
    staged = Staged(World(), Strategy.CANARY, mode)
    staged.deploy(FIRST)
    return staged


def with_stage(begin: Callable[[Mode], Staged]) -> Callable[[Mode], Staged]:
    """The same, with release 2 staged."""

    def begun(mode: Mode) -> Staged:
        staged = begin(mode)
        staged.deploy(SECOND, staged=True)
        return staged

    return begun


def with_two_colours(mode: Mode) -> Staged:
    """Release 1 is blue, and release 2 green, with traffic."""
    staged = blue_green(mode)
    staged.deploy(SECOND)
    return staged


PLAYS: dict[str, tuple[Callable[[Mode], Staged], Play]] = {
    "a blue-green deploy": (blue_green, lambda one, switch: one.deploy(SECOND, switch)),
    "a third blue-green deploy": (with_two_colours, lambda one, switch: one.deploy(THIRD, switch)),
    "a blue-green deploy that fails": (blue_green, lambda one, switch: one.deploy(BROKEN, switch)),
    "a swap": (with_stage(blue_green), lambda one, switch: one.swap(switch)),
    "a swap back": (with_two_colours, lambda one, switch: one.swap_back(switch)),
    "an abort": (with_stage(blue_green), lambda one, switch: one.abort(switch)),
    "a canary deploy": (canary, lambda one, switch: one.deploy(SECOND, switch)),
    "a canary deploy that fails": (canary, lambda one, switch: one.deploy(BROKEN, switch)),
    "a promotion": (with_stage(canary), lambda one, switch: one.swap(switch)),
}
EVERYWHERE = pytest.mark.parametrize(("begin", "play"), PLAYS.values(), ids=PLAYS)
BOTH_MODES = pytest.mark.parametrize("mode", Mode)


def killed_everywhere(begin: Callable[[Mode], Staged], play: Play, mode: Mode) -> Iterator[tuple[Staged, int]]:
    """What is left of each run that was killed, and at which of its writes that was."""
    for at in itertools.count(1):
        staged, switch = begin(mode), KillSwitch(at)
        play(staged, switch)
        if not switch.dead:
            assert at > 3
            return
        yield staged, at


@BOTH_MODES
@EVERYWHERE
def test_after_a_kill_anywhere_recover_ends_on_one_side(
    begin: Callable[[Mode], Staged], play: Play, mode: Mode
) -> None:
    """It finishes, or goes back. What was staged and not yet begun to be promoted waits on, and nothing is amiss."""
    for staged, at in killed_everywhere(begin, play, mode):
        outcome = staged.recover()
        assert not isinstance(outcome, Exception), (at, outcome)
        if staged.world.states()[0] is State.STAGED:
            assert staged.traffic() in (("blue", "green"), ("", "")), at
            assert staged.world.verify().holds, at
            assert not isinstance(staged.abort(), Exception), at
        staged.check(at)


@EVERYWHERE
def test_after_a_kill_anywhere_the_next_deploy_ends_well(begin: Callable[[Mode], Staged], play: Play) -> None:
    for staged, at in killed_everywhere(begin, play, Mode.DECLARATIVE):
        outcome = staged.deploy(THIRD)
        assert not isinstance(outcome, Exception), (at, outcome)
        staged.check(at)


@pytest.mark.parametrize("name", ["a blue-green deploy", "a swap back", "a canary deploy"])
def test_after_a_kill_anywhere_a_failing_deploy_still_comes_back(name: str) -> None:
    """In standard mode, in which pruning is off."""
    for staged, at in killed_everywhere(*PLAYS[name], Mode.STANDARD):
        outcome = staged.deploy(BROKEN)
        assert outcome.exit_code == 1, (at, outcome)
        staged.check(at)


@pytest.mark.parametrize("strategy", [Strategy.BLUE_GREEN, Strategy.CANARY])
def test_after_a_kill_anywhere_a_rolling_deploy_leaves_no_colour_and_no_canary(strategy: Strategy) -> None:
    """In standard mode, in which pruning is off."""
    mode = Mode.STANDARD
    begin = blue_green if strategy is Strategy.BLUE_GREEN else canary
    for staged, at in killed_everywhere(begin, lambda one, switch: one.deploy(SECOND, switch), mode):
        outcome = Staged(staged.world, Strategy.ROLLING, mode).deploy(THIRD)
        assert not isinstance(outcome, Exception), (at, outcome)
        assert staged.world.verify().holds, at
        deployments = {name for name in staged.world.names() if name.startswith("Deployment")}
        assert deployments == {"Deployment/web"}, at


@BOTH_MODES
def test_after_a_kill_anywhere_in_a_swap_the_same_again_ends_it(mode: Mode) -> None:
    """A swap that was recorded is finished by the next; then there is nothing left to swap."""
    for staged, at in killed_everywhere(with_stage(blue_green), lambda one, switch: one.swap(switch), mode):
        outcome = staged.swap()
        assert not isinstance(outcome, Exception) or isinstance(outcome, NothingStaged), (at, outcome)
        assert staged.traffic() == ("green", "blue"), at
        staged.check(at)


def test_after_a_kill_anywhere_in_a_take_over_the_next_deploy_ends_well() -> None:
    """What runs without a colour is given one first; that can be cut off, too."""

    def begin(mode: Mode) -> Staged:
        staged = Staged(World(), Strategy.ROLLING, mode)
        staged.deploy(FIRST)
        return Staged(staged.world, Strategy.BLUE_GREEN, mode)

    for staged, at in killed_everywhere(begin, lambda one, switch: one.deploy(SECOND, switch), Mode.DECLARATIVE):
        outcome = staged.deploy(THIRD)
        assert not isinstance(outcome, Exception), (at, outcome)
        staged.check(at)
