"""What a failure looked like is kept before it is undone, without anything secret."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from lastgood.model.evidence import Evidence
from lastgood.ports import Right
from tests.stories.cast import CRASH, GOOD_1, MISSING, made, web
from tests.stories.stage import MemoryStage, Scene, story

PASSWORD = "correct-horse-battery"


async def evidence_of(scene: Scene, number: int) -> Evidence:
    found = (await scene.record(number)).evidence
    assert found is not None
    return found


async def somebody_makes_a_secret(scene: Scene) -> None:
    """It belongs to no release."""
    if scene.memory is None:
        scene.kubectl("create", "secret", "generic", "outside", f"--from-literal=password={PASSWORD}")
        return
    data = {"password": base64.b64encode(PASSWORD.encode()).decode()}
    body = made("v1", "Secret", "outside", data=data).body
    scene.memory.create({**body, "metadata": {**body["metadata"], "namespace": scene.namespace}})


def printing_a_secret() -> dict[str, Any]:
    """The program prints its VERSION when it starts."""
    reference = {"secretKeyRef": {"name": "outside", "key": "password"}}
    return {"env": [{"name": "VERSION", "valueFrom": reference}]}


@pytest.mark.pods
@story
async def test_secrets_that_the_release_does_not_hold_are_masked_too(scene: Scene) -> None:
    """They are read when a pod that reads them has failed, and nothing of them is kept."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    await somebody_makes_a_secret(scene)
    assert (await scene.deploy(web(CRASH, container=printing_a_secret()))).code == 1
    record = await scene.record(2)
    assert record.evidence is not None
    assert record.evidence.last_words is not None
    assert "starting web *****" in record.evidence.last_words[1].logs
    assert PASSWORD not in str(record.evidence)


@pytest.mark.pods
@story
async def test_both_instances_of_a_container_that_was_started_again_are_kept(scene: Scene) -> None:
    """The crash loop is noticed when it has crashed more than once."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    assert (await scene.deploy(web(CRASH, replicas=1))).code == 1
    found = await evidence_of(scene, 2)
    (container,) = found.pods[0].containers
    assert "DATABASE_URL is not set" in container.logs
    assert container.restarts > 0


@story
async def test_the_workload_and_the_nodes_say_how_they_are(scene: Scene) -> None:
    """Which of them was in trouble is known months later."""
    assert (await scene.deploy(web(GOOD_1))).code == 0
    assert (await scene.deploy(web(MISSING))).code == 1
    found = await evidence_of(scene, 2)
    kinds = {one.about.kind for one in found.conditions}
    assert "Deployment" in kinds
    assert scene.in_memory or "Node" in kinds
    assert found.notes == ()


def test_who_may_not_read_nodes_is_told_so_in_a_note() -> None:
    """And has the rest."""

    async def play(scene: Scene) -> None:
        assert scene.memory is not None
        scene.memory.deny(Right("get", "", "nodes", ""))
        assert (await scene.deploy(web(GOOD_1))).code == 0
        assert (await scene.deploy(web(MISSING))).code == 1
        found = await evidence_of(scene, 2)
        assert found.pods
        assert [
            note
            for note in found.notes
            if note.startswith("the conditions of node/") and "no right to get nodes" in note
        ]

    MemoryStage().play(play)


def test_what_is_read_of_secrets_is_what_the_failed_pods_read() -> None:
    """No other Secret, and none while everything is well."""

    async def play(scene: Scene) -> None:
        memory = scene.memory
        assert memory is not None

        def read() -> list[str]:
            refs = (one.ref for one in memory.requests)
            return [ref.name for ref in refs if ref is not None and ref.kind == "Secret"]

        await somebody_makes_a_secret(scene)
        assert (await scene.deploy(web(GOOD_1, container=printing_a_secret()))).code == 0
        assert read() == []
        assert (await scene.deploy(web(MISSING, container=printing_a_secret()))).code == 1
        assert read() == ["outside"]

    MemoryStage().play(play)
