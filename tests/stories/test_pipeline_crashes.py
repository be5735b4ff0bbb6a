"""A run of a pipeline is killed at each of its writes, in the middle of a deploy or a swap, too; then it is resumed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from lastgood.errors import ReleaseNotFound
from lastgood.pipelines.running import GO_BACK, GO_ON
from lastgood.testing import FakeClock, Killed, KillSwitch, MemoryCluster
from tests.stories.company import in_memory
from tests.stories.test_pipeline_steps import GOOD_1, GOOD_2, ROLL, STAGED, SWAP, SWAP_BACK, UNROLL, Ship, shop_in, step

CANARY = step("K8sCanaryDeploy", "canary", "instanceSelection: {type: Count, spec: {count: 1}}")
UNCANARY = step("K8sCanaryDelete", "uncanary")
STAGES = {
    "rolling": ((ROLL,), UNROLL),
    "canary": ((CANARY, ROLL), UNCANARY + UNROLL),
    "blue-green": ((STAGED, SWAP), SWAP_BACK),
}
MOST = 80


class Street:
    """A ship whose cluster a run can be cut off from."""

    def __init__(self, folder: Path, stage: str) -> None:
        self.steps, self.undo = STAGES[stage]
        self.ship = Ship(in_memory(shop_in(folder), self._made), "shop")

    def _made(self, clock: FakeClock) -> MemoryCluster:
        self.cluster = MemoryCluster(clock)
        return self.cluster

    def deploys(self, image: str) -> None:
        self.ship(image, *self.steps, rollback=self.undo)

    @contextmanager
    def cut_off(self, switch: KillSwitch) -> Iterator[None]:
        store = self.cluster.store("shop")
        self.cluster.on_request = store.on_request = switch
        try:
            with suppress(Killed):
                yield
        finally:
            self.cluster.on_request = store.on_request = None

    def serving(self) -> str:
        """The image of the pods that the Service leads to."""
        service = self.ship.live("Service")
        assert service
        colour = service["spec"]["selector"].get("harness.io/color")
        return self.ship.image(f"shop-{colour}" if colour else "shop")


def killed_at(at: int, folder: Path, stage: str) -> Street | None:
    """The second run is killed at a write; None where it had no so many."""
    street = Street(folder / str(at), stage)
    street.deploys(GOOD_1)
    switch = KillSwitch(at)
    with street.cut_off(switch):
        street.deploys(GOOD_2)
    return street if switch.dead else None


@pytest.mark.parametrize(("resuming", "image"), [(GO_ON, GOOD_2), (GO_BACK, GOOD_1)])
@pytest.mark.parametrize("stage", STAGES)
def test_what_was_cut_off_is_live_when_it_is_gone_on_with_and_gone_when_it_is_taken_back(
    tmp_path: Path, stage: str, resuming: str, image: str
) -> None:
    for at in range(1, MOST):
        street = killed_at(at, tmp_path, stage)
        if street is None:
            break
        with suppress(ReleaseNotFound):  # it was killed before its journal was written, or after
            street.ship.company.run(GOOD_2, file="stage.yaml", resuming=resuming)
        told = street.ship.company.marks().get("ship")
        if told is not None and at > 1:
            assert street.serving() == (image if told != "Succeeded" or resuming == GO_ON else GOOD_2), (at, told)
        assert street.ship.live("Deployment", "shop-canary", "apps") is None, at
    assert 5 < at < MOST
