"""What is healthy is what the user's own rules say, in a deploy, in its restore, and when it is asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from lastgood.connecting import with_rules
from lastgood.deployer import Deployer
from lastgood.model.event import Event
from lastgood.model.proof import Match
from lastgood.model.resource import Resource
from lastgood.ruling.reading import read_rules
from tests.stories.cast import GOOD_1, GOOD_2, config, web
from tests.stories.stage import Scene, story

RULES = read_rules("rules: [{kind: ConfigMap, healthy: 'object.data.state == \"up\"'}]", "health.yaml")

STEADY = "harness.io/steadyStateCondition"


def ruled(scene: Scene) -> Scene:
    """The same scene, in which each command is given the file of rules."""

    @asynccontextmanager
    async def opened(tell: Callable[[Event], None]) -> AsyncIterator[Deployer]:
        async with scene.open(tell) as deployer:
            yield with_rules(deployer, RULES)

    return replace(scene, open=opened)


def managed(name: str, condition: str, **data: str) -> Resource:
    resource = config(name, **data)
    body = resource.copy_body()
    body["metadata"]["annotations"] = {"harness.io/managed-workload": "true", STEADY: condition}
    return resource.with_body(body)


@story
async def test_a_release_that_a_rule_calls_unhealthy_is_undone(scene: Scene) -> None:
    """And the one that it comes back to is judged by the same rule."""
    with_file = ruled(scene)
    assert (await with_file.deploy(config("app", state="up"), web(GOOD_1))).code == 0
    ending = await with_file.deploy(config("app", state="down"), web(GOOD_2), timeout=5.0)
    assert ending.code == 1
    assert "configmap/app" in ending.sentence
    assert "healthy of health.yaml:1 is not true" in ending.sentence
    live = await scene.live("ConfigMap", "app")
    assert live is not None
    assert live["data"] == {"state": "up"}


@story
async def test_without_the_file_nobody_asks(scene: Scene) -> None:
    """Rules are those of a run; nothing of them stays in the cluster."""
    assert (await scene.deploy(config("app", state="down"), web(GOOD_1))).code == 0
    assert (await scene.verify()).holds
    (finding,) = (await ruled(scene).verify()).failures
    assert (str(finding.ref), finding.match) == ("configmap/app", Match.NOT_READY)


@story
async def test_a_condition_on_the_resource_itself_is_waited_for(scene: Scene) -> None:
    condition = '${json.select("$.data.state", response) == "up"}'
    assert (await scene.deploy(managed("app", condition, state="up"), web(GOOD_1))).code == 0
    ending = await scene.deploy(managed("app", condition, state="down"), web(GOOD_2), timeout=5.0)
    assert ending.code == 1
    assert f"{STEADY} is not true" in ending.sentence
