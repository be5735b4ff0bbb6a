"""The library as people use it: stories on the cluster in memory, through the public names alone."""

from __future__ import annotations

import asyncio
import logging
import math
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, assert_type

import pytest
import yaml

import lastgood
from lastgood import events
from lastgood.client.settings import known_settings
from lastgood.model.plan import Wait
from lastgood.model.release import Mode, State
from lastgood.model.request import Options, Request
from lastgood.testing import MemoryCluster, connect, virtual_time
from tests.conftest import Lab
from tests.stories.cast import GOOD_1, GOOD_2, MISSING, NOT_READY, config, secret, service, web

NO_NAME = (
    '"Shop" cannot be the name of a release: lower-case letters, digits, "-" and ".", at most 63, '
    'a letter or digit at both ends and beside each "."'
)


def told(run: lastgood.Run[Any]) -> list[str]:
    return [type(event).__name__ for event in run.events]


async def until(run: lastgood.Run[Any], kind: type) -> None:
    """Listen until an event of this type, and no longer."""
    async for event in run:
        if isinstance(event, kind):
            return


@asynccontextmanager
async def shop(cluster: MemoryCluster | None = None) -> AsyncIterator[lastgood.Client]:
    """A connection to a cluster on which release 1 of shop is good."""
    async with connect(cluster) as client:
        await client.deploy("shop", config(LEVEL="info"), web(GOOD_1))
        yield client


# --- each use case


@virtual_time
async def test_every_use_case_is_a_method() -> None:
    async with connect() as cluster:
        first = await cluster.deploy("shop", config(LEVEL="info"), why="the first")
        plan = await cluster.plan("shop", config(LEVEL="debug"))
        second = await cluster.deploy("shop", config(LEVEL="debug"))
        back = await cluster.rollback("shop")
        proof = await cluster.verify("shop", strict=True)
        history = await cluster.history("shop")
        shown, newest = await cluster.show("shop", 1), await cluster.show("shop")
        nothing = await cluster.recover("shop")
        status, comparison = await cluster.status("shop"), await cluster.diff("shop", 2, 3)
        (listed,) = await cluster.list_releases()
        back_again, away = await cluster.plan_rollback("shop", to=2), await cluster.plan_uninstall("shop")
        gone = await cluster.uninstall("shop", timeout=60)
        with pytest.raises(lastgood.ReleaseNotFound):
            await cluster.history("shop")
    assert (first.number, first.why, len(plan.writes), second.number) == (1, "the first", 1, 2)
    assert (back.restores, proof.holds, proof.number) == (1, True, 3)
    assert [one.number for one in history.summaries] == [3, 2, 1]
    assert (shown.number, newest.number, nothing) == (1, 3, None)
    assert (status.holds, len(comparison.differing), listed.name) == (True, 1, "shop")
    assert ([one.op for one in back_again.writes], [one.op for one in away.writes]) == (["update"], ["delete"])
    assert gone.state is State.UNINSTALLED


@virtual_time
async def test_a_release_that_fails_is_undone_and_tells_all_of_it() -> None:
    """The error carries the failed release with its evidence, the one that came back, and the proof of that."""
    async with shop() as cluster:
        with pytest.raises(lastgood.DeployFailed, match="not found") as raised:
            await cluster.deploy("shop", config(LEVEL="debug"), web(MISSING))
    failure = raised.value
    assert (failure.release.number, failure.release.state) == (2, State.FAILED)
    assert failure.release.evidence is not None
    assert failure.restored is not None
    assert failure.restored.restores == 1
    assert failure.proof is not None
    assert failure.proof.holds


@virtual_time
async def test_minutes_of_patience_pass_at_once() -> None:
    async with shop() as cluster:
        with pytest.raises(lastgood.DeployFailed):
            await cluster.deploy("shop", web(NOT_READY), timeout=timedelta(minutes=10))


@virtual_time
async def test_every_result_has_its_type() -> None:
    """What a type checker makes of each call; ``mypy --strict`` reads this file."""
    async with shop() as cluster:
        assert_type(await cluster.deploy("shop", web(GOOD_2)), lastgood.Release)
        assert_type(await cluster.plan("shop", web(GOOD_2)), lastgood.Plan)
        assert_type(await cluster.rollback("shop"), lastgood.Release)
        assert_type(await cluster.recover("shop"), lastgood.Release | None)
        assert_type(await cluster.verify("shop"), lastgood.Proof)
        assert_type(await cluster.history("shop"), lastgood.History)
        assert_type(await cluster.show("shop"), lastgood.Release)
        assert_type(await cluster.status("shop"), lastgood.Status)
        assert_type(await cluster.diff("shop"), lastgood.Comparison)
        assert_type(await cluster.list_releases(), tuple[lastgood.Listed, ...])
        assert_type(await cluster.plan_rollback("shop", to=1), lastgood.Plan)
        assert_type(await cluster.plan_uninstall("shop"), lastgood.Plan)
        run = cluster.history("shop")
        assert_type(run, lastgood.Run[lastgood.History])
        async for event in run:
            assert_type(event, lastgood.Event)
        task = asyncio.create_task(cluster.verify("shop"))
        assert_type(await task, lastgood.Proof)
        assert_type(await cluster.uninstall("shop"), lastgood.Release)


# --- what is deployed


@pytest.mark.parametrize(
    "sources",
    [
        lambda folder: [str(folder)],
        lambda folder: [folder],
        lambda folder: [folder / "app.yaml", folder / "web.yaml"],
        lambda folder: [config().body, web(GOOD_1).body],
        lambda folder: [config(), web(GOOD_1)],
        lambda folder: [[config().body, folder / "web.yaml"]],
        lambda folder: [one.body for one in (config(), web(GOOD_1))],
        lambda folder: [yaml.safe_load_all((folder / "all.txt").read_text())],
        lambda folder: [{"apiVersion": "v1", "kind": "List", "items": [config().body, web(GOOD_1).body]}],
        lambda folder: [MappingProxyType(config().body), lastgood.load([str(folder / "web.yaml")])],
    ],
)
def test_a_source_is_a_path_a_body_a_resource_or_several(
    sources: Callable[[Path], list[lastgood.Source]], tmp_path: Path
) -> None:
    bodies = {"app.yaml": config().body, "web.yaml": web(GOOD_1).body}
    for name, body in bodies.items():
        (tmp_path / name).write_text(yaml.safe_dump(body))
    (tmp_path / "all.txt").write_text(yaml.safe_dump_all(bodies.values()))

    @virtual_time
    async def deployed() -> set[str]:
        async with connect() as cluster:
            release = await cluster.deploy("shop", *sources(tmp_path))
        return {str(ref) for ref in release.refs}

    assert deployed() == {"configmap/app", "deployment.apps/web"}


@virtual_time
async def test_what_is_wrong_in_a_body_is_told_with_its_place() -> None:
    async with connect() as cluster:
        nameless = cluster.deploy("shop", config(), {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}})
        with pytest.raises(lastgood.ManifestError, match=r"^source 2: metadata.name: is missing$"):
            await nameless
        with pytest.raises(lastgood.ManifestError, match=r"^source 1: cannot be written as JSON: .* a set in it"):
            await cluster.deploy("shop", {"spec": {1, 2}})
        with pytest.raises(lastgood.ManifestError, match="there is no such file or folder"):
            await cluster.deploy("shop", "nowhere/")
        with pytest.raises(lastgood.ManifestError, match="is there twice"):
            await cluster.deploy("shop", config(), config().body)


@virtual_time
async def test_text_and_open_files_are_told_from_paths(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(yaml.safe_dump(config().body))
    async with connect() as cluster:
        with pytest.raises(lastgood.SettingError, match="is text, not a path"):
            cluster.deploy("shop", (tmp_path / "app.yaml").read_text())
        with (tmp_path / "app.yaml").open() as file, pytest.raises(lastgood.SettingError, match="not a TextIOWrapper"):
            cluster.deploy("shop", file)


@virtual_time
async def test_a_service_stands_in_place_of_name_and_sources(tmp_path: Path) -> None:
    service = lastgood.load_service(a_service(tmp_path))
    async with connect() as cluster:
        assert [change.op for change in (await cluster.plan(service)).writes] == ["create"]
        release = await cluster.deploy(service, timeout=60)
        with pytest.raises(lastgood.SettingError, match="mode cannot stand beside a service"):
            cluster.deploy(service, "k8s/", mode="declarative")
    assert (release.name, release.mode) == ("shop", Mode.STANDARD)


def a_service(folder: Path) -> Path:
    (folder / "app.yaml").write_text(yaml.safe_dump(config().body))
    store = {"store": {"type": "Harness", "spec": {"files": ["/app.yaml"]}}}
    manifest = {"manifest": {"identifier": "m", "type": "K8sManifest", "spec": store}}
    spec = {"type": "Kubernetes", "spec": {"manifests": [manifest], "manifestConfigurations": {}}}
    service = {"service": {"name": "shop", "identifier": "shop", "serviceDefinition": spec}}
    path = folder / "service.yml"
    path.write_text(yaml.safe_dump(service))
    return path


# --- settings


def test_settings_are_those_of_options_and_request() -> None:
    """The same words; how files are read, what judges, and what an interruption does have names of their own."""
    request = set(Request.__dataclass_fields__) - {
        "name",
        "namespace",
        "resources",
        "uses_number",
        "pod_labels",
        "options",
    }
    options = set(Options.__dataclass_fields__) - {"restore_on_interrupt"}
    everything = {*known_settings(lastgood.DeploySettings), *known_settings(lastgood.RollbackSettings)}
    assert everything == request | options | {"recursive", "on_interrupt", "health_rules"}


@virtual_time
async def test_settings_arrive_where_they_belong() -> None:
    settings: lastgood.DeploySettings = {"mode": "standard", "prune": True, "who": "ann", "why": "because"}
    settings |= {"on_conflict": "keep"}
    async with connect() as cluster:
        release = await cluster.deploy("shop", web(GOOD_1), **settings)
    assert (release.mode, release.prune, release.who, release.why) == (Mode.STANDARD, True, "ann", "because")


@virtual_time
async def test_a_release_that_has_to_stay_healthy_takes_that_long() -> None:
    """The plan says so, and the record."""
    async with connect() as cluster:
        plan = await cluster.plan("shop", web(GOOD_1), hold=timedelta(minutes=1))
        assert [step.hold for step in plan.steps if isinstance(step, Wait)] == [60.0]
        began = asyncio.get_running_loop().time()
        release = await cluster.deploy("shop", web(GOOD_1), hold=60, grace={"ErrImagePull": 90, "Error": math.inf})
        assert asyncio.get_running_loop().time() - began > 60
    assert release.hold == 60


RED = {"rules": [{"kind": "ConfigMap", "healthy": "object.data.COLOUR != 'red'"}]}


@virtual_time
async def test_rules_of_ones_own_judge_what_is_deployed(tmp_path: Path) -> None:
    """Those of a file, or what would be in it; what was good by them is what comes back."""
    file = tmp_path / "health.yaml"
    file.write_text(yaml.safe_dump(RED))
    async with connect() as cluster:
        await cluster.deploy("shop", config(COLOUR="blue"), health_rules=RED)
        with pytest.raises(lastgood.DeployFailed, match="configmap/app: not ready in time"):
            await cluster.deploy("shop", config(COLOUR="red"), health_rules=file, timeout=5)
        await cluster.deploy("shop", config(COLOUR="red"))
        judged, as_ever = await cluster.status("shop", health_rules=file), await cluster.status("shop")
        proof = await cluster.verify("shop", health_rules=RED)
    assert (judged.holds, as_ever.holds, proof.holds) == (False, True, False)


@virtual_time
async def test_rules_that_cannot_be_read_change_nothing(tmp_path: Path) -> None:
    memory = MemoryCluster()
    async with connect(memory) as cluster:
        with pytest.raises(lastgood.SettingError, match=r"^health_rules:1:\d+: rules\[0\].healthy: "):
            await cluster.deploy(
                "shop", config(), health_rules={"rules": [{"kind": "ConfigMap", "healthy": "object."}]}
            )
        with pytest.raises(lastgood.SettingError, match="cannot be read"):
            await cluster.deploy("shop", config(), health_rules=tmp_path / "absent.yaml")
        with pytest.raises(lastgood.SettingError, match="has to be the path of a file or a mapping, not 3"):
            cluster.verify("shop", health_rules=3)  # type: ignore[arg-type]
    assert memory.live(lastgood.Ref("", "ConfigMap", "default", "app")) is None


class TestHealth:
    """Of what a cluster wrote down, without one."""

    WEB: ClassVar[dict[str, Any]] = {
        **web(GOOD_1).body,
        "status": {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 1},
    }

    def test_bodies_and_files_are_judged_in_their_order(self, tmp_path: Path) -> None:
        (tmp_path / "app.yaml").write_text(yaml.safe_dump(config().body))
        listed = {"apiVersion": "v1", "kind": "List", "items": [self.WEB]}
        found = lastgood.health(listed, tmp_path, config(name="other"))
        assert [(one.ref.name, str(one.health.status)) for one in found] == [
            ("web", "InProgress"),
            ("app", "Current"),
            ("other", "Current"),
        ]
        assert_type(found, tuple[lastgood.Diagnosis, ...])

    def test_by_rules_of_ones_own(self) -> None:
        (one,) = lastgood.health(config(COLOUR="red"), health_rules=RED)
        assert (str(one.health.status), one.source) == ("InProgress", "")

    def test_what_is_no_object_is_refused(self) -> None:
        with pytest.raises(lastgood.SettingError, match="a source is a path, a mapping or a Resource"):
            lastgood.health(7)  # type: ignore[arg-type]
        with pytest.raises(lastgood.ManifestError, match="source 1: this is no object of a cluster: kind is missing"):
            lastgood.health({"colour": "red"})


@virtual_time
async def test_all_wrong_settings_are_refused_at_the_call() -> None:
    """Before anything is awaited, and before anything is asked of the cluster."""
    memory = MemoryCluster()
    wrong: dict[str, Any] = {
        "timeot": 3, "timeout": "2m", "hold": -1, "grace": {"ErrImagePul": 3},
        "wait_lock": -1, "history_max": 1, "prune": "no", "on_conflict": "ask",
        "strict": 1, "why": None, "force": True, "on_interrupt": "ignore", "mode": 3,
    }  # fmt: skip
    async with connect(memory) as cluster:
        with pytest.raises(lastgood.SettingError) as raised:
            cluster.deploy("Shop", 7, b"bytes", **wrong)  # type: ignore[arg-type]
    assert str(raised.value).splitlines() == [
        NO_NAME,
        "a source is a path, a mapping or a Resource, or several of these; not 7",
        "a source is a path, a mapping or a Resource, or several of these; not a bytes",
        "there is no setting timeot; did you mean timeout?",
        'timeout: has to be a number of seconds or a timedelta, not "2m"',
        "hold: cannot be -1 seconds",
        'grace: there is no reason "ErrImagePul"; did you mean ErrImagePull?',
        "wait_lock: cannot be -1 seconds",
        "history_max: has to be a whole number, at least 2, not 1",
        'prune: has to be True, False or None, not "no"',
        'on_conflict: has to be take or keep or fail, not "ask"',
        "strict: has to be True or False, not 1",
        "why: has to be a string, not None",
        "deploy() does not take force",
        'on_interrupt: has to be fail or restore, not "ignore"',
        "mode: has to be declarative or standard, not 3",
    ]
    assert memory.requests == []


@virtual_time
async def test_the_other_calls_refuse_as_well() -> None:
    async with connect() as cluster:
        for call in (
            lambda: cluster.deploy("shop"),
            lambda: cluster.plan("shop", config(), timeout=0),
            lambda: cluster.rollback("shop", to=0),
            lambda: cluster.rollback("shop", prune=True),  # type: ignore[call-arg]
            lambda: cluster.recover("shop", timeout=float("nan")),
            lambda: cluster.verify("shop", strict="yes"),  # type: ignore[arg-type]
            lambda: cluster.history("k8s/"),
            lambda: cluster.show("shop", True),
            lambda: cluster.diff("shop", 0),
            lambda: cluster.uninstall("shop", everything="yes"),  # type: ignore[arg-type]
            lambda: cluster.uninstall("shop", strict=True),  # type: ignore[call-arg]
            lambda: cluster.plan_rollback("shop", to=-1),
            lambda: cluster.plan_uninstall("Shop"),
            lambda: cluster.list_releases(everywhere=1),  # type: ignore[arg-type]
            lambda: cluster.status(""),
            lambda: cluster.show(None),  # type: ignore[arg-type]
        ):
            with pytest.raises(lastgood.SettingError):
                call()


# --- events


@virtual_time
async def test_a_run_is_awaited_and_iterated_over() -> None:
    async with shop() as cluster:
        run = cluster.deploy("shop", config(LEVEL="debug"), web(GOOD_2))
        heard = [event async for event in run]
        release = await run
        assert release.number == 2
    assert tuple(heard) == run.events
    assert (told(run)[0], told(run)[-1]) == ("Planned", "Ended")
    assert await run is release


@virtual_time
async def test_an_iteration_ends_with_the_error_of_its_run() -> None:
    """So that nobody takes a failed release for a good one; awaiting it raises the same once more."""
    async with shop() as cluster:
        run = cluster.deploy("shop", web(MISSING))
        heard = []
        with pytest.raises(lastgood.DeployFailed) as raised:  # noqa: PT012
            async for event in run:
                heard.append(type(event))  # noqa: PERF401  # it raises at the end
        with pytest.raises(lastgood.DeployFailed) as again:
            await run
    assert again.value is raised.value
    assert {events.Failed, events.Restoring} < set(heard)


@virtual_time
async def test_every_iteration_begins_with_the_first_event() -> None:
    """Also one that begins when all is over, and two at the same time."""
    async with shop() as cluster:
        run = cluster.deploy("shop", web(GOOD_2))
        await run
        assert [event async for event in run] == list(run.events)
        second = cluster.deploy("shop", web(GOOD_1))

        async def listen() -> list[lastgood.Event]:
            return [event async for event in second]

        one, other = await asyncio.gather(listen(), listen())
    assert one == other == list(second.events)


@virtual_time
async def test_two_runs_at_once_hear_only_their_own_events() -> None:
    heard: list[lastgood.Event] = []
    async with connect(tell=heard.append) as cluster:
        runs = [cluster.deploy(name, config(name)) for name in ("shop", "till")]
        async with asyncio.TaskGroup() as group:
            for run in runs:
                group.create_task(run)
    for run, name in zip(runs, ("shop", "till"), strict=True):
        assert {event.release.name for event in run.events if isinstance(event, events.Recorded)} == {name}
    assert len(heard) == sum(len(run.events) for run in runs)


@virtual_time
async def test_two_runs_of_one_release_come_one_after_the_other() -> None:
    """Of one connection too: each run has a name of its own in the Lease."""
    async with connect() as cluster:
        first, second = cluster.deploy("shop", config(A="1")), cluster.deploy("shop", config(A="2"))
        releases = await asyncio.gather(first, second)
    assert [release.number for release in releases] == [1, 2]
    assert "WaitingForLock" in told(second)


@virtual_time
async def test_a_slow_reader_holds_nobody_up() -> None:
    async with shop() as cluster:
        run = cluster.deploy("shop", web(GOOD_2))
        first = await anext(aiter(run))
        await asyncio.sleep(3600)
        assert run.done
        assert run.events[0] is first
        assert (await run).number == 2


@virtual_time
async def test_a_run_that_nobody_awaits_does_nothing() -> None:
    memory = MemoryCluster()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        async with connect(memory) as cluster:
            run = cluster.deploy("shop", config())
            assert repr(run) == "<Run: deploy of shop, not begun>"
    assert (memory.requests, run.done, run.events) == ([], False, ())


@virtual_time
async def test_awaited_twice_it_works_once() -> None:
    memory = MemoryCluster()
    async with connect(memory) as cluster:
        run = cluster.deploy("shop", config())
        one, other = await asyncio.gather(run, run)
        assert one is other is await run
    assert [request.verb for request in memory.store("default").requests].count("create") == 1


@virtual_time
async def test_tell_hears_every_event_of_every_run() -> None:
    heard: list[lastgood.Event] = []
    async with connect(tell=heard.append) as cluster:
        one, other = cluster.deploy("shop", config()), cluster.verify("shop")
        await one
        await other
    assert heard == [*one.events, *other.events]


@virtual_time
async def test_a_listener_that_fails_does_not_stop_a_deploy(caplog: pytest.LogCaptureFixture) -> None:
    """What it raises is logged where asyncio logs what callbacks raise."""

    def broken(event: lastgood.Event) -> None:
        raise ValueError(f"cannot post {type(event).__name__}")

    with caplog.at_level(logging.ERROR, "asyncio"):
        async with connect(tell=broken) as cluster:
            assert (await cluster.deploy("shop", config())).state is State.GOOD
    assert "the function given as tell= failed; the run goes on" in caplog.text
    assert "cannot post Ended" in caplog.text


@virtual_time
async def test_a_listener_cannot_be_an_async_function() -> None:
    async def listen(event: lastgood.Event) -> None: ...

    with pytest.raises(lastgood.SettingError, match="not awaited"):
        async with connect(tell=listen):  # type: ignore[arg-type]
            pass


@virtual_time
async def test_an_event_is_a_sentence_and_holds_no_secret_that_is_seen() -> None:
    """Whatever is printed or logged of events, releases and plans."""
    async with shop() as cluster:
        runs = (
            cluster.deploy("shop", secret("db", PASSWORD="aHVudGVyMg=="), web(GOOD_2)),
            cluster.deploy("shop", secret("db", PASSWORD="aHVudGVyMw=="), web(MISSING)),
            cluster.plan("shop", secret("db", PASSWORD="aHVudGVyNA==")),
        )
        for run in runs:
            await asyncio.gather(run, return_exceptions=True)
    shown = "\n".join(f"{event} {event!r}" for run in runs for event in run.events)
    assert "aHVudGVy" not in shown
    assert [str(event) for event in runs[1].events if not isinstance(event, events.Watched)] == [
        "shop: release 3: 2 to change",
        "release 3 is recorded as pending",
        "secret/db updated",
        "deployment.apps/web updated",
        "evidence of release 3 is kept",
        f"release 3 failed: deployment.apps/web: container web cannot start: image {MISSING}: not found (ErrImagePull)",
        "bringing back release 2",
        "release 4 is recorded as pending",
        "secret/db updated",
        "deployment.apps/web updated",
        "proved: 2 as recorded",
        "release 4 is good",
    ]


# --- stopping


@virtual_time
async def test_cancelling_who_awaits_stops_the_run_as_ctrl_c_does() -> None:
    """The release is recorded as interrupted, and the next one goes on from there."""
    async with shop() as cluster:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await cluster.deploy("shop", web(NOT_READY))
        stopped = await cluster.show("shop")
        recovered = await cluster.recover("shop")
    assert (stopped.number, stopped.state, stopped.reason) == (2, State.FAILED, "interrupted")
    assert recovered is not None
    assert recovered.restores == 1


@virtual_time
async def test_a_cancelled_run_brings_the_last_good_release_back_when_asked_to() -> None:
    async with shop() as cluster:
        with pytest.raises(lastgood.DeployFailed, match="interrupted") as raised:
            async with asyncio.timeout(30):
                await cluster.deploy("shop", web(NOT_READY), on_interrupt="restore")
    assert raised.value.restored is not None


@virtual_time
async def test_breaking_off_an_iteration_does_not_stop_the_run() -> None:
    """It goes on, and leaving the connection waits for it: a release is never left half made by a ``break``."""
    async with shop() as cluster:
        run = cluster.deploy("shop", web(GOOD_2))
        await until(run, events.Written)
        broken_off = run.done
    assert (broken_off, run.done, (await run).state) == (False, True, State.GOOD)


@virtual_time
async def test_a_task_that_was_made_of_a_run_does_not_outlive_the_connection_either() -> None:
    """Left in peace, the connection waits for the run; left in haste, it stops it, and so who awaits it."""
    memory = MemoryCluster()
    async with shop(memory) as cluster:
        task = asyncio.create_task(cluster.deploy("shop", web(GOOD_2)))
        await asyncio.sleep(0)
    assert (await task).number == 2
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with connect(memory) as cluster:
            task = asyncio.create_task(cluster.deploy("shop", web(NOT_READY)))
            await asyncio.sleep(5)
            raise ZeroDivisionError
    with pytest.raises(asyncio.CancelledError):
        await task
    async with connect(memory) as cluster:
        assert (await cluster.show("shop")).reason == "interrupted"


@virtual_time
async def test_a_failure_that_nobody_waited_for_is_raised_when_the_connection_closes() -> None:
    with pytest.raises(lastgood.DeployFailed, match="not found"):
        async with shop() as cluster:
            await until(cluster.deploy("shop", web(MISSING)), events.Recorded)


@virtual_time
async def test_a_failure_that_is_known_is_not_raised_again() -> None:
    async with shop() as cluster:
        run = cluster.deploy("shop", web(MISSING))
        await until(run, events.Recorded)
        with pytest.raises(lastgood.DeployFailed):
            await run


@virtual_time
async def test_several_unknown_failures_are_one_error_with_notes() -> None:
    with pytest.raises(lastgood.DeployFailed) as raised:  # noqa: PT012
        async with connect() as cluster:
            for name in ("one", "two"):
                await cluster.deploy(name, web(GOOD_1, name))
                await until(cluster.deploy(name, web(MISSING, name)), events.Recorded)
    assert raised.value.release.name == "one"
    assert [note.partition(":")[0] for note in raised.value.__notes__] == ["meanwhile"]


@virtual_time
async def test_an_exception_on_the_way_out_stops_what_is_at_work() -> None:
    """And waits until that is written down: no task outlives the connection."""
    memory = MemoryCluster()
    before = asyncio.all_tasks()
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with shop(memory) as cluster:
            run = cluster.deploy("shop", web(NOT_READY))
            async for event in run:
                if isinstance(event, events.Written):
                    raise ZeroDivisionError
    assert asyncio.all_tasks() == before
    assert run.done
    async with connect(memory) as cluster:
        assert (await cluster.show("shop")).reason == "interrupted"


@virtual_time
async def test_what_becomes_of_a_run_meanwhile_is_a_note_on_the_exception() -> None:
    with pytest.raises(ZeroDivisionError) as raised:  # noqa: PT012
        async with shop() as cluster:
            await until(cluster.deploy("shop", web(NOT_READY), on_interrupt="restore"), events.Written)
            raise ZeroDivisionError
    assert raised.value.__notes__ == ["meanwhile: interrupted"]


@virtual_time
async def test_cancelling_who_waits_for_the_connection_to_close_stops_what_is_at_work() -> None:
    memory = MemoryCluster()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(30), shop(memory) as cluster:
            await until(cluster.deploy("shop", web(NOT_READY)), events.Written)
    async with connect(memory) as cluster:
        assert (await cluster.show("shop")).reason == "interrupted"


@virtual_time
async def test_a_run_can_be_stopped_from_elsewhere() -> None:
    async with shop() as cluster:
        run = cluster.deploy("shop", web(NOT_READY))
        await until(run, events.Written)
        await run.stop()
        assert (await cluster.show("shop")).reason == "interrupted"
        with pytest.raises(asyncio.CancelledError):
            await run
        await run.stop()


@virtual_time
async def test_a_run_that_was_stopped_before_it_began_never_does() -> None:
    memory = MemoryCluster()
    async with connect(memory) as cluster:
        run = cluster.deploy("shop", config())
        await run.stop()
        with pytest.raises(asyncio.CancelledError):
            await run
    assert memory.requests == []


@virtual_time
async def test_a_run_stopped_at_its_first_step_is_over() -> None:
    """Its task is cancelled before it has run at all."""
    async with connect() as cluster:
        run = cluster.deploy("shop", config())
        listening = asyncio.create_task(until(run, events.Ended))
        await asyncio.sleep(0)
        await run.stop()
        with pytest.raises(asyncio.CancelledError):
            await listening
    assert run.done


@virtual_time
async def test_nothing_begins_on_a_connection_that_is_closed() -> None:
    async with connect() as cluster:
        run, other = cluster.deploy("shop", config()), cluster.history("shop")
    for _ in range(2):
        with pytest.raises(RuntimeError, match="deploy of shop, not begun>: the connection is closed"):
            await run
        with pytest.raises(RuntimeError, match="history of shop, not begun>: the connection is closed"):
            await anext(aiter(other))


# --- on a real API server


@pytest.mark.cluster
def test_the_same_words_work_on_a_real_cluster(lab: Lab, namespace: str, tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(yaml.safe_dump(config(LEVEL="info").body))

    async def story() -> None:
        async with lastgood.connect(namespace=namespace, kubeconfig=lab.kubeconfig) as cluster:
            run = cluster.deploy("shop", tmp_path, timeout=60)
            assert [type(event) async for event in run][-1] is events.Ended
            assert (await cluster.plan("shop", config(LEVEL="debug"))).writes
            assert (await cluster.verify("shop")).holds

    asyncio.run(story())
    where: dict[str, Any] = {"namespace": namespace, "kubeconfig": lab.kubeconfig}
    assert lastgood.deploy("shop", config(LEVEL="debug"), **where).number == 2
    assert lastgood.rollback("shop", **where).restores == 1


@virtual_time
async def test_a_release_can_be_staged_and_then_swapped_promoted_or_aborted() -> None:
    """The strategy is a setting of the deploy; the rest are calls of their own."""
    async with connect() as cluster:
        ends = (cluster.swap, cluster.promote, cluster.abort)
        for number, (end, image) in enumerate(zip(ends, (GOOD_1, GOOD_2, GOOD_1), strict=True), start=1):
            staged = await cluster.deploy("shop", service(), web(image), strategy="blue-green", staged=True)
            assert (staged.number, staged.state) == (number, lastgood.State.STAGED)
            assert_type(await end("shop"), lastgood.Release)
        assert (await cluster.verify("shop")).holds
        with pytest.raises(lastgood.NothingStaged):
            await cluster.promote("shop")
