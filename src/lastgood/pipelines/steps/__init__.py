"""The catalogue of steps: all that is known of each type, found by its name. Pure."""

from __future__ import annotations

from lastgood.pipelines.step import COMES_LATER, StepType
from lastgood.pipelines.steps import (
    apply,
    blue_green_deploy,
    canary_delete,
    canary_deploy,
    delete,
    diff,
    dry_run,
    patch,
    rolling_deploy,
    rolling_rollback,
    rollout,
    scale,
    shell_script,
    stage_scale_down,
    stage_scale_up,
    swap_services,
    wait,
)

ENTRIES = (
    rolling_deploy.STEP,
    rolling_rollback.STEP,
    canary_deploy.STEP,
    canary_delete.STEP,
    blue_green_deploy.STEP,
    swap_services.STEP,
    stage_scale_down.STEP,
    stage_scale_up.STEP,
    apply.STEP,
    scale.STEP,
    delete.STEP,
    dry_run.STEP,
    diff.STEP,
    patch.STEP,
    rollout.STEP,
    shell_script.STEP,
    wait.STEP,
)
STEPS: dict[str, StepType] = {entry.type: entry for entry in ENTRIES}

NOT_RUN = "is a step of the product that is not run here: a ShellScript step may do what it does"
OTHER_STEPS = (
    "Http", "Email", "HarnessApproval", "CustomApproval", "JiraApproval", "JiraCreate", "JiraUpdate",
    "ServiceNowApproval", "ServiceNowCreate", "ServiceNowUpdate", "ServiceNowImportSet", "Barrier", "Queue", "Policy",
    "Container", "Run", "RunTests", "Plugin", "Background", "GitClone", "Verify", "AnalyzeDeploymentImpact", "Command",
    "HelmDeploy", "HelmRollback", "TerraformApply", "TerraformPlan", "TerraformDestroy", "TerraformRollback",
    "ShellScriptProvision", "GitOpsSync", "MergePR", "RevertPR", "Chaos", "DownloadManifests",
)  # fmt: skip
REFUSED: dict[str, str] = {
    "K8sProgressiveCanaryRollback": COMES_LATER,
    "K8sTrafficRouting": COMES_LATER,
    **dict.fromkeys(OTHER_STEPS, NOT_RUN),
}
"""Types that the product knows, and what becomes of them here."""
