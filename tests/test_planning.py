"""Plans as goldens: each case is a folder ``tests/plans/<strategy>/<case>``.

``found.yaml`` holds what somebody has deployed with kubectl, ``history.yaml`` the resources of the last good release
(absent: there is none) and ``history-2.yaml`` those of a deploy after it, ``live.yaml`` what somebody changed since
(``ref`` and what to ``put`` where, or ``delete: true``), ``desired.yaml`` what is to be deployed. Their first line may
say ``# standard``, ``# no-prune``, a strategy, ``staged``, and ``hold`` for a minute of that.
``plan.txt`` is the plan as ``lastgood plan`` prints it; run with UPDATE_GOLDENS=1 to write it anew.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from lastgood.asking import guard_of
from lastgood.cli.pages.plan import PlanPage
from lastgood.deployer import Deployer
from lastgood.errors import DeployFailed, LastgoodError
from lastgood.loading import load
from lastgood.model.event import Planned
from lastgood.model.release import Mode, Release, Strategy
from lastgood.model.request import Options, Request
from lastgood.model.resource import Body, GroupKind, Ref, Resource
from lastgood.planning import Findings, Past, is_settled, plan
from lastgood.ports import Served
from lastgood.testing import FakeClock, MemoryCluster, MemoryStore
from tests.stories.cast import GOOD_1, config, web

CASES = sorted((Path(__file__).parent / "plans").glob("*/*/desired.yaml"))
NAMESPACE = "shop"


@pytest.mark.parametrize("desired", CASES, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
def test_the_plan_is_as_it_is_written_down(desired: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desired.parent)
    clock = FakeClock()
    text = clock.run(_planned(clock, desired.parent))
    golden = desired.parent / "plan.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        golden.write_text(text)
    assert golden.read_text() == text


async def _planned(clock: FakeClock, case: Path) -> str:
    cluster, store = MemoryCluster(clock), MemoryStore(NAMESPACE, clock)
    cluster.add_namespace(NAMESPACE)
    told: list[Any] = []
    deployer = Deployer(cluster, store, clock, NAMESPACE, "somebody", told.append, new_key=lambda: "00" * 16)
    await _found(cluster, clock, case / "found.yaml")
    for earlier in sorted(case.glob("history*.yaml"), key=lambda path: path.stem):
        with suppress(DeployFailed):
            await deployer.deploy(_request(earlier))
    await _by_hand(cluster, case / "live.yaml")
    try:
        await deployer.plan(_request(case / "desired.yaml"))
    except LastgoodError as error:
        return f"refused: {error}\n"
    planned = [one for one in told if isinstance(one, Planned)][-1]
    page = PlanPage(planned.release, planned.plan, planned.last_good, 0)
    return "".join(f"{line.text}\n" for line in page.lines())


def _request(path: Path) -> Request:
    first = path.read_text().partition("\n")[0]
    words = first.removeprefix("#").replace(",", " ").split() if first.startswith("#") else []
    request = Request("web", NAMESPACE, load([path.name]), options=Options(timeout=60))
    return replace(
        request,
        mode=Mode.STANDARD if "standard" in words else Mode.DECLARATIVE,
        prune=False if "no-prune" in words else None,
        strategy=next((one for one in Strategy if one in words), Strategy.ROLLING),
        staged="staged" in words,
        canary=next((word for word in words if word.endswith("%")), "1"),
        options=replace(request.options, hold=60.0 if "hold" in words else None),
    )


async def _found(cluster: MemoryCluster, clock: FakeClock, path: Path) -> None:
    for one in load([path.name]) if path.exists() else ():
        cluster.create({**one.body, "metadata": {**one.body["metadata"], "namespace": NAMESPACE}})
    await clock.sleep(60)


async def _by_hand(cluster: MemoryCluster, path: Path) -> None:
    for one in yaml.safe_load(path.read_text()) if path.exists() else ():
        ref = Ref(one["ref"].get("group", ""), one["ref"]["kind"], NAMESPACE, one["ref"]["name"])
        if one.get("delete"):
            live = (await cluster.read([ref]))[ref]
            await cluster.delete(ref, guard_of(live), propagation="Background")
        else:
            cluster.edit(ref, partial(_put, keys=one["put"]["at"].split("/"), value=one["put"]["value"]))


def _put(body: Body, *, keys: list[str], value: Any) -> None:
    place: Any = body
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value


# --- what is known without asking


def _past(*resources: Resource, **facts: Any) -> Past:
    release = Release("web", NAMESPACE, 1, FakeClock().now(), mode=Mode.DECLARATIVE, resources=resources, **facts)
    return Past(release, release.refs)


def test_what_was_never_sent_is_not_settled() -> None:
    assert not is_settled(config(a="1"), {"metadata": {"uid": "u"}}, Past())


def test_what_is_gone_is_not_settled() -> None:
    assert not is_settled(web(GOOD_1), None, _past(web(GOOD_1)))


def test_a_version_that_is_no_longer_served_is_no_way_back() -> None:
    """The record outlives API versions: it is said before the first write, not found out while coming back."""
    past = _past(web(GOOD_1))
    served = {GroupKind("apps", "Deployment"): Served(GroupKind("apps", "Deployment"), ("v2",), "deployments", True)}
    release = Release("web", NAMESPACE, 2, FakeClock().now())
    found = plan(release, past, Findings({}, {}, served))
    assert ["the cluster no longer serves apps/v1 Deployment"] == [one.sentence for one in found.irreversible]
