"""The library without ``await``, as scripts use it, on a cluster in memory that stands in for the real one."""

from __future__ import annotations

import asyncio
import inspect
import signal
from collections.abc import Callable, Iterator
from typing import Any, assert_type, get_type_hints

import pytest

import lastgood
from lastgood import blocking, connecting, events
from lastgood.client.settings import known_settings
from lastgood.model.release import State
from lastgood.testing import MemoryCluster, connect, stand_in, virtual_time
from tests.stories.cast import GOOD_1, MISSING, NOT_READY, config, web

VERBS = (
    "deploy", "promote", "swap", "abort", "rollback", "recover", "uninstall", "plan", "plan_rollback", "plan_uninstall",
    "verify", "status", "diff", "list_releases", "history", "show",
)  # fmt: skip


@pytest.fixture
def memory() -> Iterator[MemoryCluster]:
    """A cluster that stands in for every real one."""
    with stand_in() as cluster:
        yield cluster


@pytest.mark.usefixtures("memory")
def test_every_use_case_is_a_function() -> None:
    """Each connects for itself, and the history goes on from one to the next."""
    assert_type(lastgood.deploy("shop", config(A="1"), namespace="prod", timeout=120), lastgood.Release)
    assert_type(lastgood.plan("shop", config(A="2"), namespace="prod"), lastgood.Plan)
    assert lastgood.deploy("shop", config(A="2"), namespace="prod").number == 2
    assert_type(lastgood.rollback("shop", to=1, namespace="prod", why="later"), lastgood.Release)
    assert_type(lastgood.recover("shop", namespace="prod"), lastgood.Release | None)
    assert_type(lastgood.verify("shop", namespace="prod"), lastgood.Proof)
    assert_type(lastgood.show("shop", 3, namespace="prod"), lastgood.Release)
    history = assert_type(lastgood.history("shop", namespace="prod"), lastgood.History)
    assert [one.number for one in history.summaries] == [3, 2, 1]
    assert_type(lastgood.status("shop", namespace="prod"), lastgood.Status)
    assert_type(lastgood.diff("shop", 1, 2, namespace="prod"), lastgood.Comparison)
    assert_type(lastgood.plan_rollback("shop", to=2, namespace="prod"), lastgood.Plan)
    assert_type(lastgood.plan_uninstall("shop", namespace="prod"), lastgood.Plan)
    assert_type(lastgood.list_releases(namespace="prod"), tuple[lastgood.Listed, ...])
    lastgood.deploy("till", config("till"), namespace="other")
    assert [one.name for one in lastgood.list_releases(everywhere=True)] == ["till", "shop"]
    assert_type(lastgood.uninstall("shop", keep_history=True, namespace="prod"), lastgood.Release)
    assert lastgood.history("shop", namespace="prod").next_number == 5


def test_connections_and_functions_are_the_same_verbs() -> None:
    methods = {name for name, one in vars(lastgood.Client).items() if inspect.isfunction(one) and name[0] != "_"}
    assert set(VERBS) == methods
    assert set(VERBS) == {name for name in VERBS if getattr(lastgood, name) is getattr(blocking, name)}


@pytest.mark.parametrize("verb", VERBS)
def test_a_function_takes_what_its_method_takes_and_where(verb: str) -> None:
    method, function = getattr(lastgood.Client, verb), getattr(lastgood, verb)
    assert settings_of(function) == settings_of(method) | set(known_settings(blocking.Where))
    plain = [name for name in inspect.signature(method).parameters if name not in ("self", "settings")]
    assert [name for name in inspect.signature(function).parameters if name not in ("where", "settings")] == plain


def settings_of(function: Callable[..., Any]) -> set[str]:
    hints = get_type_hints(function)
    packed = hints.get("settings") or hints.get("where")
    return set() if packed is None else set(known_settings(packed.__args__[0]))


def test_where_is_what_a_connection_takes() -> None:
    assert set(known_settings(blocking.Where)) == set(inspect.signature(lastgood.connect).parameters)


def test_failures_and_events_reach_the_caller(memory: MemoryCluster) -> None:
    heard: list[lastgood.Event] = []
    lastgood.deploy("shop", web(GOOD_1))
    with pytest.raises(lastgood.DeployFailed, match="not found"):
        lastgood.deploy("shop", web(MISSING), tell=heard.append)
    assert any(isinstance(event, events.Restoring) for event in heard)
    with pytest.raises(lastgood.ReleaseNotFound):
        lastgood.history("shop", namespace="elsewhere")
    assert memory.store("default").requests


def test_wrong_settings_are_refused_before_anything_is_asked(memory: MemoryCluster) -> None:
    with pytest.raises(lastgood.SettingError, match="timeot"):
        lastgood.deploy("shop", config(), timeot=3)  # type: ignore[call-arg]
    with pytest.raises(lastgood.SettingError, match="there is no setting nmespace; did you mean namespace"):
        lastgood.history("shop", nmespace="prod")  # type: ignore[call-arg]
    assert memory.requests == []


def test_inside_a_running_event_loop_the_error_names_the_other_form() -> None:
    async def handler() -> None:
        lastgood.deploy("shop", config())

    with pytest.raises(RuntimeError, match=r"lastgood\.connect\(\.\.\.\) as cluster: await cluster\.deploy\("):
        asyncio.run(handler())


def interrupts(kind: type) -> Callable[[lastgood.Event], None]:
    """A listener that presses Ctrl-C once, at the first event of this type."""
    pressed: list[lastgood.Event] = []

    def listen(event: lastgood.Event) -> None:
        if isinstance(event, kind) and not pressed:
            pressed.append(event)
            signal.raise_signal(signal.SIGINT)

    return listen


@pytest.mark.usefixtures("memory")
def test_ctrl_c_records_the_release_as_interrupted() -> None:
    lastgood.deploy("shop", web(GOOD_1))
    with pytest.raises(KeyboardInterrupt):
        lastgood.deploy("shop", web(NOT_READY), tell=interrupts(events.Written))
    stopped = lastgood.show("shop")
    assert (stopped.number, stopped.state, stopped.reason) == (2, State.FAILED, "interrupted")
    recovered = lastgood.recover("shop")
    assert recovered is not None
    assert recovered.restores == 1


@pytest.mark.usefixtures("memory")
def test_ctrl_c_brings_the_last_good_release_back_when_asked_to() -> None:
    lastgood.deploy("shop", web(GOOD_1))
    with pytest.raises(lastgood.DeployFailed, match="interrupted") as raised:
        lastgood.deploy("shop", web(NOT_READY), tell=interrupts(events.Written), on_interrupt="restore")
    assert raised.value.restored is not None


# --- what stands in


@pytest.mark.usefixtures("memory")
def test_a_stand_in_serves_who_awaits_as_well() -> None:
    async def main() -> int:
        async with lastgood.connect(namespace="prod", context="anywhere") as cluster:
            return (await cluster.deploy("shop", config())).number

    assert asyncio.run(main()) == 1
    assert lastgood.history("shop", namespace="prod").next_number == 2


def test_a_stand_in_leaves_everything_as_it_was() -> None:
    before = asyncio.run, connecting.connect_deployer
    with stand_in():
        assert asyncio.run is not before[0]
    assert (asyncio.run, connecting.connect_deployer) == before


def test_a_cluster_in_memory_says_whose_time_it_needs() -> None:
    async def test() -> None:
        async with connect():
            pass

    with pytest.raises(RuntimeError, match="virtual_time above the test"):
        asyncio.run(test())


@virtual_time
async def test_a_cluster_keeps_its_histories_from_one_connection_to_the_next() -> None:
    memory = MemoryCluster()
    for number in (1, 2):
        async with connect(memory, namespace="prod") as cluster:
            assert (await cluster.deploy("shop", config(N=str(number)))).number == number


@pytest.mark.parametrize("number", [1, 2])
@virtual_time
async def test_a_test_in_virtual_time_takes_fixtures_and_parameters(number: int, tmp_path: object) -> None:
    assert number in (1, 2)
    assert tmp_path
