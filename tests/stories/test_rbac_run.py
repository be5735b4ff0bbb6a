"""What ``lastgood rbac --run`` prints is enough for the run of a pipeline, and no step's right is for nothing."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from lastgood.errors import Forbidden, SettingError
from lastgood.model.permission import Permissions
from lastgood.pipelines.journal import Journal, Mark
from lastgood.pipelines.keeping import KEPT
from tests.stories.company import Company, in_memory
from tests.stories.strict import Strict
from tests.stories.test_pipeline_steps import (
    APPLY,
    DOWN,
    FAILS,
    GOOD_1,
    GOOD_2,
    JOB,
    PATCH,
    ROLL,
    SCALE,
    STAGED,
    SWAP,
    UNROLL,
    UP,
    Ship,
    delete,
    rollout,
    step,
)  # fmt: skip
from tests.stories.test_pipelines import BROKEN, PRODUCTION, SHOP, STAGING

IMAGES = ("registry.lab/web:1", "registry.lab/web:2", "registry.lab/web:missing")


def strict(folder: Path) -> tuple[Company, Strict]:
    clusters: list[Strict] = []

    def make(clock: object) -> Strict:
        clusters.append(Strict(clock))  # type: ignore[arg-type]
        return clusters[0]

    return in_memory(folder, make), clusters[0]


def said(permissions: Permissions, namespace: str) -> set[str]:
    rules = permissions.rules.get(namespace, ())
    return {f"{verb} {one}" for rule in rules for one in rule.resources for verb in rule.verbs}


def test_with_what_is_printed_a_pipeline_runs_and_comes_back() -> None:
    """Good, a smoke test that fails after the swap, an image that cannot be pulled, good again."""
    company, cluster = strict(SHOP)
    cluster.is_given(company.rights(IMAGES[0]))
    assert company.run(IMAGES[0]).mark is Mark.SUCCEEDED
    assert company.run(IMAGES[1], variables=BROKEN).mark is Mark.ROLLED_BACK
    assert company.run(IMAGES[2]).mark is Mark.ROLLED_BACK
    assert company.run(IMAGES[1]).mark is Mark.SUCCEEDED
    assert cluster.refused == []


def test_it_is_one_set_of_rules_for_the_namespaces_of_all_stages() -> None:
    company, _ = strict(SHOP)
    found = company.rights(IMAGES[0])
    assert (found.name, found.namespace, found.running) == ("ship_shop", STAGING, True)
    assert (set(found.rules), found.absent) == ({STAGING, PRODUCTION}, (PRODUCTION, STAGING))
    assert "patch secrets" in said(found, STAGING), "the journal is beside the releases of the first stage"
    assert "patch secrets" not in said(found, PRODUCTION)
    assert all("update leases" in said(found, one) for one in (STAGING, PRODUCTION))
    assert [note.split(" is")[0] for note in found.notes] == ["step tell", "step smokeTest"]


def test_the_stages_of_one_cluster_are_asked_for_by_name() -> None:
    company, _ = strict(SHOP)
    assert set(company.rights(IMAGES[0], "production").rules) == {PRODUCTION}
    several = {"production": "prod-cluster"}
    with pytest.raises(SettingError, match="staging to that of the kubeconfig, production to prod-cluster"):
        company.rights(IMAGES[0], connectors=several)
    assert set(company.rights(IMAGES[0], "production", connectors=several).rules) == {PRODUCTION}
    with pytest.raises(SettingError, match="no stage prod in this pipeline"):
        company.rights(IMAGES[0], "prod")


# --- each type of step


@dataclass
class Alone:
    """A stage whose release is there already, made by somebody who may do everything."""

    ship: Ship
    cluster: Strict

    def may_do(self, *steps: str) -> Permissions:
        """What is printed for these steps."""
        self.ship.write(*steps)
        return self.ship.company.rights(GOOD_2, file="stage.yaml")

    def does(self, *steps: str, lacks: str = "") -> Journal:
        """Do them with what is printed, or without one right of it."""
        self.cluster.is_given(self.may_do(*steps), lacks=lacks)
        return self.ship(GOOD_2, *steps)


@pytest.fixture
def alone(tmp_path: Path) -> Alone:
    folder = tmp_path / "shop"
    shutil.copytree(SHOP, folder)
    (folder / "pipeline.yaml").unlink()
    (folder / "manifests" / "job.yaml").write_text("# harness.io/skip-file-for-deploy\n" + JOB.lstrip())
    company, cluster = strict(folder)
    return Alone(Ship(company, "shop"), cluster)


WORK = ["configmaps", "services", "deployments"]
CASES: dict[str, tuple[str, set[str]]] = {
    "apply": (APPLY, {f"{verb} {one}" for one in ("jobs", "configmaps") for verb in ("get", "create", "patch")}),
    "scale": (SCALE, {"get deployments", "patch deployments/scale", "list horizontalpodautoscalers"}),
    "patch": (step("K8sPatch", "patch", PATCH), {"get deployments", "patch deployments"}),
    "restart": (rollout("Restart", "restart"), {"get deployments", "patch deployments"}),
    "undo": (rollout("undo", "undo"), {"get deployments", "patch deployments", "list replicasets"}),
    "history": (rollout("history", "history"), {"get deployments", "list replicasets"}),
    "delete": (delete("gone", "ResourceName", "{resourceNames: [Service/shop]}"), {"get services", "delete services"}),
    "dry run": (step("K8sDryRun", "dry"), {f"{verb} {one}" for one in WORK for verb in ("get", "patch")}),
    "diff": (step("K8sDiff", "diff"), {f"{verb} {one}" for one in WORK for verb in ("get", "patch")}),
}
GOES_ON_WITHOUT = {"list horizontalpodautoscalers"}


@pytest.mark.parametrize("case", CASES)
def test_a_step_beside_the_release_has_what_it_needs_and_fails_without(alone: Alone, case: str) -> None:
    text, needed = CASES[case]
    alone.ship(GOOD_1, ROLL)
    alone.ship(GOOD_2, ROLL)
    printed = said(alone.may_do(text), "shop")
    assert needed <= printed
    assert not {"update leases", "delete pods", "update secrets"} & printed, "nothing is deployed here"
    for right in needed - GOES_ON_WITHOUT:
        assert alone.does(text, lacks=right).mark is not Mark.SUCCEEDED, right
    alone.cluster.refused.clear()
    assert alone.does(text).mark is Mark.SUCCEEDED
    assert alone.cluster.refused == []


def test_a_run_that_may_not_keep_its_journal_does_nothing(alone: Alone) -> None:
    alone.ship(GOOD_1, ROLL)
    for right in ("list secrets", "create secrets", "patch secrets"):
        with pytest.raises(Forbidden):
            alone.does(ROLL, lacks=right)
    assert alone.ship.history == ["good"]


def test_a_run_whose_old_journals_cannot_go_has_ended_all_the_same(alone: Alone) -> None:
    for _ in range(KEPT + 1):
        alone.ship(GOOD_1, ROLL)
    assert alone.does(ROLL, lacks="delete secrets").mark is Mark.SUCCEEDED
    assert "delete secrets" in alone.cluster.refused


def test_colours_that_come_and_go_need_what_their_release_does(alone: Alone) -> None:
    alone.ship(GOOD_1, STAGED, SWAP)
    assert alone.does(STAGED, SWAP, DOWN, UP).mark is Mark.SUCCEEDED
    assert alone.cluster.refused == []


def test_a_release_that_a_step_deletes_goes(alone: Alone) -> None:
    alone.ship(GOOD_1, ROLL)
    assert alone.does(delete("all", "ReleaseName", "{deleteNamespace: false}")).mark is Mark.SUCCEEDED
    assert alone.cluster.refused == []
    whole = alone.may_do(delete("all", "ReleaseName", "{deleteNamespace: true}"))
    assert [(one.resources, one.names) for one in whole.rules[""] if "delete" in one.verbs] == [
        (("namespaces",), ("shop",))
    ]


def test_what_rolls_back_counts_and_conditions_do_not(alone: Alone) -> None:
    alone.ship(GOOD_1, ROLL)
    never = SCALE.replace(
        "    timeout", "    when: {stageStatus: Success, condition: \"<+stage.name> == 'no'\"}\n    timeout"
    )
    alone.ship.write(FAILS, never, rollback=UNROLL)
    printed = said(alone.ship.company.rights(GOOD_2, file="stage.yaml"), "shop")
    assert {"patch deployments/scale", "update leases"} <= printed


@pytest.mark.parametrize(
    ("workload", "told"),
    [("Deployment/<+execution.steps.roll.output.name>", 0), ("<+execution.steps.roll.output.name>", 1)],
)
def test_what_an_earlier_step_names_is_known_by_its_kind_or_told(alone: Alone, workload: str, told: int) -> None:
    named = step("K8sScale", "scale", f'workload: "{workload}"\ninstanceSelection: {{type: Count, spec: {{count: 2}}}}')
    found = alone.may_do(ROLL, named)
    assert ("patch deployments/scale" in said(found, "shop")) is (not told)
    assert [note[:10] for note in found.notes] == ["step scale"] * told
