"""Each type of step in a stage: what it does to the cluster, and what of it a rollback leaves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest

from lastgood.model.resource import Body
from lastgood.pipelines.journal import Journal, Mark
from lastgood.pipelines.keeping import Journals
from lastgood.pipelines.running import GO_ON
from tests.conftest import Lab
from tests.stories.company import Company, in_memory, on_the_lab

SHOP = Path(__file__).parents[2] / "examples" / "shop"
GOOD_1, GOOD_2, MISSING = (f"registry.lab/web:{tag}" for tag in ("1", "2", "missing"))

STAGE = """
stage:
  name: ship
  identifier: ship
  type: Deployment
  spec:
    deploymentType: Kubernetes
    service:
      serviceRef: shop
    environment:
      environmentRef: staging
      infrastructureDefinitions:
        - identifier: here
    execution:
      steps:
{steps}
      rollbackSteps:
{rollback}
"""
HERE = """
infrastructureDefinition:
  name: here
  identifier: here
  environmentRef: staging
  deploymentType: Kubernetes
  type: KubernetesDirect
  spec:
    connectorRef: here
    namespace: {namespace}
    releaseName: shop
"""
JOB = """
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: registry.lab/web:done
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: migrated
data:
  to: {{ .Values.greeting | quote }}
"""


def step(kind: str, identifier: str, spec: str = "", timeout: str = "20s") -> str:
    head = f"- step:\n    type: {kind}\n    name: {identifier}\n    identifier: {identifier}\n    timeout: {timeout}\n"
    return head + (f"    spec:\n{indent(spec.strip(), '      ')}\n" if spec else "    spec: {}\n")


ROLL, UNROLL = step("K8sRollingDeploy", "roll"), step("K8sRollingRollback", "unroll")
STAGED, SWAP = step("K8sBlueGreenDeploy", "stage"), step("K8sBGSwapServices", "swap")
SWAP_BACK = step("K8sBGSwapServices", "swapBack")
FAILS = step("ShellScript", "fails", "shell: Bash\nsource: {type: Inline, spec: {script: exit 3}}")


SAYS = step("ShellScript", "says", "shell: Bash\nsource: {type: Inline, spec: {script: echo all is well}}")


class Ship:
    """A company with one stage, which each story writes for itself."""

    def __init__(self, company: Company, namespace: str) -> None:
        self.company, self.namespace = company, namespace
        (company.folder / "infrastructure" / "here.yaml").write_text(HERE.format(namespace=namespace))

    def __call__(self, image: str, *steps: str, rollback: str = "[]") -> Journal:
        self.write(*steps, rollback=rollback)
        return self.company.run(image, file="stage.yaml")

    def write(self, *steps: str, rollback: str = "[]") -> None:
        text = STAGE.format(steps=indent("".join(steps), " " * 8), rollback=indent(rollback, " " * 8))
        (self.company.folder / "stage.yaml").write_text(text)

    def live(self, kind: str, name: str = "shop", group: str = "") -> Body | None:
        return self.company.live(self.namespace, kind, name, group)

    def deployment(self, name: str = "shop") -> Body:
        found = self.live("Deployment", name, "apps")
        assert found
        return found

    def image(self, name: str = "shop") -> str:
        return str(self.deployment(name)["spec"]["template"]["spec"]["containers"][0]["image"])

    @property
    def history(self) -> list[str]:
        return self.company.history(self.namespace)

    def said(self, identifier: str) -> str:
        return self.company.sentence(f"ship/{identifier}")


def shop_in(folder: Path) -> Path:
    """A copy of the example, in which stages of one's own can be written."""
    copy = folder / "shop"
    shutil.copytree(SHOP, copy)
    (copy / "pipeline.yaml").unlink()
    (copy / "manifests" / "job.yaml").write_text("# harness.io/skip-file-for-deploy\n" + JOB.lstrip())
    return copy


@pytest.fixture(params=["memory", pytest.param("lab", marks=[pytest.mark.cluster, pytest.mark.pods])])
def ship(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ship]:
    folder = shop_in(tmp_path)
    if request.param == "memory":
        yield Ship(in_memory(folder), "shop")
        return
    lab: Lab = request.getfixturevalue("lab")
    if lab.node != "real":
        pytest.skip("only real pods run Jobs")
    yield Ship(on_the_lab(folder, str(lab.kubeconfig)), request.getfixturevalue("namespace"))


APPLY = step("K8sApply", "migrate", "filePaths: [job.yaml]")


def test_a_rollback_leaves_what_was_applied_beside_the_release(ship: Ship) -> None:
    """S4 and S18: the Job and the ConfigMap stay, the scale is told, and the release is back."""
    assert ship(GOOD_1, ROLL).mark is Mark.SUCCEEDED
    journal = ship(MISSING, APPLY, ROLL, rollback=UNROLL)
    assert journal.mark is Mark.ROLLED_BACK
    assert ship.history == ["good", "failed", "good=1"]
    assert ship.image() == GOOD_1
    job, config = ship.live("Job", "migrate", "batch"), ship.live("ConfigMap", "migrated")
    assert job
    assert config
    assert config["data"] == {"to": "hello from staging"}
    assert "lastgood.dev/release" not in config["metadata"].get("labels", {})
    assert set(journal.left()) == {"configmap/migrated created", "job.batch/migrate created"}


def test_what_a_step_did_before_it_failed_is_told_too(tmp_path: Path) -> None:
    """A Job that failed is there, and a script may have done half of it; the script that cleans up is no news."""
    folder = shop_in(tmp_path)
    job = folder / "manifests" / "job.yaml"
    job.write_text(
        job.read_text().replace("web:done", "web:fail").replace("template:", "backoffLimit: 0\n  template:", 1)
    )
    ship = Ship(in_memory(folder), "shop")
    tidy = step("ShellScript", "tidy", "shell: Bash\nsource: {type: Inline, spec: {script: 'true'}}")
    applied = ship(GOOD_1, APPLY, rollback=tidy).left()
    assert set(applied) == {"configmap/migrated created", "job.batch/migrate created"}
    assert ship(GOOD_1, FAILS, rollback=tidy).left() == ("what the script fails did",)


def test_a_rolling_rollback_may_stand_among_the_steps(ship: Ship) -> None:
    """S17: the cluster ends at the earlier release."""
    ship(GOOD_1, ROLL)
    assert ship(GOOD_2, ROLL, UNROLL).mark is Mark.SUCCEEDED
    assert ship.history == ["good", "good", "good=1"]
    assert ship.image() == GOOD_1
    assert ship.said("unroll") == "release 1 is back as release 3"


def test_a_rollback_with_nothing_to_undo_says_so(ship: Ship) -> None:
    ship(GOOD_1, ROLL)
    assert ship(GOOD_2, FAILS, ROLL, rollback=UNROLL).mark is Mark.ROLLED_BACK
    assert ship.history == ["good"]
    assert ship.company.sentence("ship/rollback/unroll") == "release 1 is live: nothing is to be rolled back"


def test_a_first_deploy_that_fails_has_nothing_to_go_back_to(ship: Ship) -> None:
    journal = ship(MISSING, ROLL, rollback=UNROLL)
    assert journal.mark is Mark.FAILED
    assert "there is no good release to go back to" in ship.said("roll")


SCALE = step(
    "K8sScale", "scale", "workload: Deployment/shop\ninstanceSelection: {type: Percentage, spec: {percentage: 75}}"
)


def test_a_canary_of_a_first_release_that_failed_is_deleted_by_its_rollback(ship: Ship) -> None:
    """There is nothing to come back to, which would have taken it away."""
    canary = step("K8sCanaryDeploy", "canary", "instanceSelection: {type: Count, spec: {count: 1}}")
    assert ship(MISSING, canary, ROLL, rollback=step("K8sCanaryDelete", "gone")).mark is Mark.ROLLED_BACK
    assert ship.live("Deployment", "shop-canary", "apps") is None
    assert ship.live("ConfigMap", "shop-canary") is None
    assert ship(GOOD_1, canary, ROLL).mark is Mark.SUCCEEDED


def test_a_first_release_that_is_live_and_cannot_be_rolled_back_is_told(ship: Ship) -> None:
    journal = ship(GOOD_1, ROLL, FAILS, rollback=UNROLL)
    assert "release 1 of shop: there was no good release before it" in journal.left()


def test_a_run_that_deletes_its_own_namespace_goes_on_to_its_end(ship: Ship) -> None:
    away = "deleteResources: {type: ReleaseName, spec: {deleteNamespace: true}}"
    assert ship(GOOD_1, ROLL, step("K8sDelete", "away", away, timeout="60s"), SAYS).mark is Mark.SUCCEEDED
    assert ship.company.heard == ["all is well"]


GROUP = """\
- stepGroup:
    name: {name}
    identifier: {name}
    variables: [{variables}]
    steps:
{steps}"""


def test_what_stands_in_a_group_knows_the_variables_of_the_groups_around_it(tmp_path: Path) -> None:
    """The nearest counts, in conditions too; outside of the group nobody knows them."""
    script = (
        "shell: Bash\nsource: {type: Inline, spec: {script: echo <+stepGroup.variables.a> <+stepGroup.variables.b>}}"
    )
    asks = step("ShellScript", "asks", script)
    asks += '    when: {stageStatus: Success, condition: <+stepGroup.variables.b> == "inner"}\n'
    inner = "{name: b, type: String, value: inner}"
    outer = "{name: a, type: String, value: <+env.name>}, {name: b, type: String, value: outer}"
    nested = GROUP.format(name="inside", variables=inner, steps=indent(asks, " " * 6))
    ship = Ship(in_memory(shop_in(tmp_path)), "shop")
    assert (
        ship(GOOD_1, GROUP.format(name="around", variables=outer, steps=indent(nested, " " * 6))).mark is Mark.SUCCEEDED
    )
    assert ship.company.heard == ["staging inner"]
    outside = step("ShellScript", "asks", script)
    ship(GOOD_1, GROUP.format(name="around", variables=outer, steps=indent(ROLL, " " * 6)), outside)
    assert "<+stepGroup.variables.a> is not known" in ship.said("asks")


def test_who_asks_how_a_rollout_goes_learns_it(ship: Ship) -> None:
    asks = step("K8sRollout", "asks", "command: status\nresources: {type: ReleaseName}")
    assert ship(GOOD_1, ROLL, asks).mark is Mark.SUCCEEDED
    assert ship.said("asks") == "rolled out: deployment.apps/shop"


def test_a_percentage_is_of_what_the_manifest_says(ship: Ship) -> None:
    ship(
        GOOD_1,
        ROLL,
        step("K8sScale", "up", "workload: Deployment/shop\ninstanceSelection: {type: Count, spec: {count: 4}}"),
    )
    assert ship.deployment()["spec"]["replicas"] == 4
    ship(GOOD_1, SCALE)
    assert ship.deployment()["spec"]["replicas"] == 2


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (
            step(
                "K8sScale",
                "x",
                "workload: Deployment/shop\ninstanceSelection: {type: Count, spec: {count: <+env.name>}}",
            ),
            'spec.instanceSelection.spec.count: expected a whole number, and <+env.name> is "staging"',
        ),
        (
            step("K8sRollout", "x", "command: <+env.name>\nresources: {type: ReleaseName}"),
            'spec.command: "staging" is none of restart, resume, pause, status, undo',
        ),
        (step("Wait", "x", "duration: <+env.name>"), "spec.duration: expected a duration"),
        (
            step("K8sRollingDeploy", "x", "commandFlags: [{commandType: Apply, flag: --timeout=<+env.name>}]"),
            "commandFlags[0].flag: --timeout cannot be staging",
        ),
    ],
)
def test_an_expression_that_stands_for_something_else_is_a_failure_with_its_place(
    tmp_path: Path, broken: str, problem: str
) -> None:
    ship = Ship(in_memory(shop_in(tmp_path)), "shop")
    assert ship(GOOD_1, ROLL).mark is Mark.SUCCEEDED
    assert ship(GOOD_2, broken).mark is Mark.ROLLED_BACK
    assert problem in ship.said("x")
    assert ship.image() == GOOD_1


@pytest.mark.parametrize("flag", ["--timeout=1.5m", "--timeout=0", "--timeout 1h0.5m", "<+service.tags.flag>"])
def test_a_timeout_is_written_as_go_writes_it_or_by_an_expression(tmp_path: Path, flag: str) -> None:
    folder = shop_in(tmp_path)
    service = folder / "service.yaml"
    service.write_text(service.read_text().replace("tags:\n", "tags:\n    flag: --timeout=20s\n"))
    ship = Ship(in_memory(folder), "shop")
    roll = step("K8sRollingDeploy", "roll", f'commandFlags: [{{commandType: Apply, flag: "{flag}"}}]')
    assert ship(GOOD_1, roll).mark is Mark.SUCCEEDED


@pytest.mark.parametrize(
    ("says", "stays"), [("", False), ("pruningEnabled: false", True), ("pruningEnabled: true", False)]
)
def test_what_the_rolling_step_says_of_pruning_holds_for_the_release_that_its_canary_has_shown(
    tmp_path: Path, says: str, stays: bool
) -> None:
    folder = shop_in(tmp_path)
    ship = Ship(in_memory(folder), "shop")
    extra = folder / "manifests" / "extra.yaml"
    extra.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n")
    ship(GOOD_1, ROLL)
    extra.unlink()
    canary = step("K8sCanaryDeploy", "canary", "instanceSelection: {type: Count, spec: {count: 1}}")
    assert ship(GOOD_2, canary, step("K8sRollingDeploy", "roll", says)).mark is Mark.SUCCEEDED
    assert (ship.live("ConfigMap", "extra") is not None) is stays


def test_a_dry_run_and_a_diff_only_show(ship: Ship) -> None:
    ship(GOOD_1, ROLL)
    shows = step("K8sDryRun", "dry") + step("K8sDiff", "diff")
    echo = step(
        "ShellScript", "echo",
        "shell: Bash\nsource: {type: Inline, spec: {script: 'echo \"$YAML\" | grep image:'}}\n"
        "environmentVariables: [{name: YAML, type: String, value: <+execution.steps.dry.k8s.ManifestDryRun>}]",
    )  # fmt: skip
    assert ship(GOOD_2, shows, echo).mark is Mark.SUCCEEDED
    assert ship.said("diff") == "would change: update deployment.apps/shop"
    fields = [line for line in ship.company.heard if ".apps/shop: " in line]
    assert [line.split(": ")[1] for line in fields] == ["spec.template.spec.containers[name=shop].image"]
    assert GOOD_2 in ship.company.heard[-1]
    assert ship.image() == GOOD_1
    assert ship.history == ["good"]


def test_a_flag_makes_a_deploy_show_what_it_would_do(ship: Ship) -> None:
    ship(GOOD_1, ROLL)
    dry = step("K8sRollingDeploy", "roll", "commandFlags: [{commandType: Apply, flag: --dry-run=server}]")
    ship(GOOD_2, dry)
    assert ship.said("roll") == "would change: update deployment.apps/shop"
    assert ship.history == ["good"]


PATCH = """
workload: Deployment/shop
source: {type: Inline, spec: {content: '{"metadata": {"annotations": {"who": "<+service.name>"}}}'}}
mergeStrategyType: Merge
recordChangeCause: true
"""


def test_a_patch_stays_through_a_rollback(ship: Ship) -> None:
    ship(GOOD_1, ROLL)
    ship(MISSING, step("K8sPatch", "patch", PATCH), ROLL, rollback=UNROLL)
    annotations = ship.deployment()["metadata"]["annotations"]
    assert annotations["who"] == "shop"
    assert annotations["kubernetes.io/change-cause"] == "lastgood run: patch"
    assert ship.image() == GOOD_1


def rollout(command: str, identifier: str, flag: str = "") -> str:
    flags = f"commandFlags: [{{commandType: Rollout, flag: {flag}}}]" if flag else ""
    names = "resources: {type: ResourceName, spec: {resourceNames: [Deployment/shop]}}"
    return step("K8sRollout", identifier, f"command: {command}\n{names}\n{flags}")


def test_rollouts_restart_tell_and_undo(ship: Ship) -> None:
    ship(GOOD_1, ROLL)
    ship(GOOD_2, ROLL, rollout("Restart", "restart"), rollout("history", "history"), rollout("status", "status"))
    assert "kubectl.kubernetes.io/restartedAt" in ship.deployment()["spec"]["template"]["metadata"]["annotations"]
    told = [line for line in ship.company.heard if line.startswith("deployment.apps/shop")]
    assert [line.split(":")[0] for line in told] == [
        "deployment.apps/shop 1", "deployment.apps/shop 2", "deployment.apps/shop 3 (live)",
    ]  # fmt: skip
    ship(GOOD_2, rollout("undo", "undo", "--to-revision=1"))
    assert ship.image() == GOOD_1


def delete(identifier: str, kind: str, spec: str) -> str:
    return step("K8sDelete", identifier, f"deleteResources: {{type: {kind}, spec: {spec}}}")


def test_things_are_deleted_by_name_by_manifest_and_as_a_release(ship: Ship) -> None:
    ship(GOOD_1, ROLL, APPLY)
    by_name = delete("byName", "ResourceName", "{resourceNames: [Job/migrate, ConfigMap/never]}")
    by_file = delete("byFile", "ManifestPath", "{manifestPaths: [job.yaml]}")
    assert ship(GOOD_1, by_name, by_file).mark is Mark.SUCCEEDED
    assert (ship.live("Job", "migrate", "batch"), ship.live("ConfigMap", "migrated")) == (None, None)
    assert ship.said("byName") == "deleted: job.batch/migrate deleted"
    assert ship(GOOD_1, delete("all", "ReleaseName", "{deleteNamespace: false}")).mark is Mark.SUCCEEDED
    assert ship.live("Deployment", "shop", "apps") is None
    assert ship.history == []


DOWN, UP = step("K8sBlueGreenStageScaleDown", "down"), step("K8sBlueGreenStageScaleUp", "up")


def test_the_idle_colour_gives_its_pods_back_and_has_them_again(ship: Ship) -> None:
    ship(GOOD_1, STAGED, SWAP)
    ship(GOOD_2, STAGED, SWAP, DOWN)
    assert ship.live("Deployment", "shop-blue", "apps") is None
    assert ship.image("shop-green") == GOOD_2
    ship(GOOD_2, UP)
    assert ship.image("shop-blue") == GOOD_1
    assert ship(GOOD_2, UP).mark is Mark.SUCCEEDED


def test_a_swap_back_brings_a_colour_back_first_that_was_scaled_down(ship: Ship) -> None:
    """S15: traffic never goes to a colour without pods."""
    ship(GOOD_1, STAGED, SWAP)
    journal = ship(GOOD_2, STAGED, SWAP, DOWN, FAILS, rollback=SWAP_BACK)
    assert journal.mark is Mark.ROLLED_BACK
    service = ship.live("Service")
    assert service
    assert service["spec"]["selector"]["harness.io/color"] == "blue"
    assert ship.deployment("shop-blue")["status"]["readyReplicas"] == 2


def test_the_same_manifests_again_stage_nothing_and_swap_nothing(ship: Ship) -> None:
    ship(GOOD_1, STAGED, SWAP)
    same = step("K8sBlueGreenDeploy", "stage", "skipDeploymentIfSameManifest: true")
    assert ship(GOOD_1, same, SWAP, rollback=SWAP_BACK).mark is Mark.SUCCEEDED
    assert ship.history == ["good"]
    assert ship.said("swap") == "this stage has staged nothing: there is nothing to swap"


def test_swapping_back_twice_is_swapping_back_once(ship: Ship) -> None:
    """S13."""
    ship(GOOD_1, STAGED, SWAP)
    ship(GOOD_2, STAGED, SWAP, FAILS, rollback=SWAP_BACK + step("K8sBGSwapServices", "again"))
    service = ship.live("Service")
    assert service
    assert service["spec"]["selector"]["harness.io/color"] == "blue"
    assert ship.history == ["good", "good", "good=1"]


class Killed(BaseException):
    """The process is gone."""


PLAYS = {
    "rolling": ((ROLL, FAILS), UNROLL),
    "blue-green": ((STAGED, SWAP, FAILS), SWAP_BACK),
    "canary": (
        (
            step("K8sCanaryDeploy", "canary", "instanceSelection: {type: Count, spec: {count: 1}}"),
            step("K8sCanaryDelete", "delete"),
            ROLL,
            FAILS,
        ),
        step("K8sCanaryDelete", "deleteBack") + UNROLL,
    ),
}


@pytest.mark.parametrize("play", PLAYS)
def test_killed_before_a_step_is_written_down_a_run_that_goes_on_still_comes_back(
    play: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between what a step did and the journal, at every step: release 1 is live at the end, and nothing is left."""
    steps, rollback = PLAYS[play]
    keep = Journals.keep
    for moment in range(2, 30):
        folder = tmp_path / f"{moment}"
        shutil.copytree(SHOP, folder)
        ship = Ship(in_memory(folder), "shop")
        kept: list[int] = []
        ship(GOOD_1, *(one for one in steps if one != FAILS))

        async def dying(journals: Journals, journal: Journal, kept: list[int] = kept, moment: int = moment) -> Journal:
            kept.append(1)
            if len(kept) == moment:
                raise Killed
            return await keep(journals, journal)

        monkeypatch.setattr(Journals, "keep", dying)
        try:
            journal = ship(GOOD_2, *steps, rollback=rollback)
        except Killed:
            monkeypatch.setattr(Journals, "keep", keep)
            journal = ship.company.run(GOOD_2, file="stage.yaml", resuming=GO_ON)
        else:
            assert moment > 5
            return
        assert journal.mark is Mark.ROLLED_BACK, moment
        assert ship.live("Deployment", "shop-canary", "apps") is None, moment
        service = ship.live("Service")
        assert service
        colour = service["spec"]["selector"].get("harness.io/color")
        assert ship.image("shop" if colour is None else f"shop-{colour}") == GOOD_1, moment
