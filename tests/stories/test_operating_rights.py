"""With the rights that docs/permissions.md names, all that is done beside a release works, and nothing is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lastgood.model.operation import Amount, Command
from lastgood.model.patching import Style
from lastgood.model.resource import Body
from lastgood.operating import apply, delete, diff, dry_run, look_back, patch, refs_in, roll_out, scale
from tests.conftest import Lab
from tests.stories.cast import GOOD_1, GOOD_2, config, web
from tests.stories.guest import Guest, play
from tests.stories.site import WITHIN, at_work, workload
from tests.stories.stage import Scene

pytestmark = pytest.mark.cluster

SCALING: dict[str, Any] = {"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["patch"]}


def test_what_is_printed_for_a_release_and_the_right_to_scale_are_enough(
    lab: Lab, namespace: str, tmp_path: Path
) -> None:
    guest = Guest(lab, namespace, tmp_path)
    manifests = guest.prints((config(), web(GOOD_1)))
    guest.is_given(with_scaling(manifests))
    guest.logs_in()
    play(all_there_is(guest.scene))
    assert guest.refused == []


def with_scaling(manifests: list[Body]) -> list[Body]:
    return [{**one, "rules": [*one["rules"], SCALING]} if one["kind"] == "Role" else one for one in manifests]


async def all_there_is(scene: Scene) -> None:
    mine, ref = (config(), web(GOOD_1)), workload(scene)
    note = {"metadata": {"annotations": {"note": "a"}}}
    async with at_work(scene) as site:
        assert (await dry_run(site, mine)).text
        done = [await apply(site, mine, within=WITHIN), await apply(site, (config(), web(GOOD_2)), within=WITHIN)]
        assert (await diff(site, mine)).differs
        done.append(await scale(site, ref, Amount(1), within=WITHIN))
        done.append(await patch(site, ref, note, style=Style.MERGE, within=WITHIN))
        assert len(await look_back(site, ref)) == 2
        for command in Command:
            done.append(await roll_out(site, command, [ref], within=WITHIN, waits=command is not Command.PAUSE))
            if command is Command.PAUSE:
                done.append(await roll_out(site, Command.RESUME, [ref], within=WITHIN))
        done.append(await delete(site, await refs_in(site, mine), within=WITHIN))
    assert [one.failure for one in done if not one.ok] == []
