"""The catalogue of what steps do, by their types. ``steps`` has what may be written in each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from lastgood.pipelines.acts import (
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
from lastgood.pipelines.crew import Done
from lastgood.pipelines.hands import Hands

ACTS: Mapping[str, Callable[[Hands], Awaitable[Done]]] = {
    "K8sRollingDeploy": rolling_deploy.act,
    "K8sRollingRollback": rolling_rollback.act,
    "K8sCanaryDeploy": canary_deploy.act,
    "K8sCanaryDelete": canary_delete.act,
    "K8sBlueGreenDeploy": blue_green_deploy.act,
    "K8sBGSwapServices": swap_services.act,
    "K8sBlueGreenStageScaleDown": stage_scale_down.act,
    "K8sBlueGreenStageScaleUp": stage_scale_up.act,
    "K8sApply": apply.act,
    "K8sScale": scale.act,
    "K8sDelete": delete.act,
    "K8sDryRun": dry_run.act,
    "K8sDiff": diff.act,
    "K8sPatch": patch.act,
    "K8sRollout": rollout.act,
    "ShellScript": shell_script.act,
    "Wait": wait.act,
}
