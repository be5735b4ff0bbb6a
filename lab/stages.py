"""What a KWOK node does with pods: stages, each of which waits for a situation and leads on from it.

The situations are told apart by kwok/situation.jq, and what an event changes is in kwok/pod-status.gotmpl.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SOURCES = Path(__file__).parent / "kwok"

_SLOW = '[acting[] | select(runs and mode == "slow") | after] | .[0]'
_DIES = "[acting[] | select(runs and dies) | after] | .[0]"
_BACKOFF = '["10s", "20s", "40s", "80s", "160s", "300s"][[[acting[] | .now.restartCount - 1] | max, 5] | min]'
_GRACE = '(.metadata.deletionGracePeriodSeconds // 30 | tostring) + "s"'


@dataclass(frozen=True, slots=True)
class Stage:
    """In this situation, after this delay (milliseconds, or what a jq expression says), the event happens."""

    situation: str
    event: str
    milliseconds: int = 0
    delay: str = ""
    says: tuple[str, str, str] | None = None


_PULL_FAILED = ("Warning", "Failed", "Failed to pull image: rpc error: code = NotFound desc = not found")
_PULL_BACKOFF = ("Normal", "BackOff", "Back-off pulling image")
_STARTED = ("Normal", "Started", "Container started")
_CRASH_BACKOFF = ("Warning", "BackOff", "Back-off restarting failed container")
_KILLING = ("Normal", "Killing", "Stopping container")

STAGES = (
    Stage("start", "start", 100),
    Stage("run", "run", 300, says=_STARTED),
    Stage("pull", "pull", 500, says=_PULL_FAILED),
    Stage("pull-backoff", "pull-backoff", 2000, says=_PULL_BACKOFF),
    Stage("pull-again", "pull", 10_000, says=_PULL_FAILED),
    Stage("ready", "ready", 5000, delay=_SLOW),
    Stage("die", "die", 5000, delay=_DIES),
    Stage("restart", "restart", 300, says=_STARTED),
    Stage("backoff", "backoff", 300, says=_CRASH_BACKOFF),
    Stage("restart-later", "restart-later", 10_000, delay=_BACKOFF, says=_STARTED),
    Stage("deleted", "delete", 1000, says=_KILLING),
    Stage("deleted-stubborn", "delete", 30_000, delay=_GRACE, says=_KILLING),
)
"""Every situation that leads on. Delays are a little longer than a real node's on an idle machine."""


def text() -> str:
    """Give the stages as KWOK reads them: JSON documents, which are YAML."""
    jq = (_SOURCES / "situation.jq").read_text()
    template = (_SOURCES / "pod-status.gotmpl").read_text()
    documents = [_node_stage(), *(_pod_stage(stage, jq, template) for stage in STAGES)]
    return "\n---\n".join(json.dumps(document) for document in documents)


def _pod_stage(stage: Stage, jq: str, template: str) -> dict[str, Any]:
    when = {"jq": {"key": f"{jq}\nsituation", "operator": "In", "values": [stage.situation]}}
    delay: dict[str, Any] = {"durationMilliseconds": stage.milliseconds}
    if stage.delay:
        delay["durationFrom"] = {"jq": {"expression": f"{jq}\n{stage.delay}"}}
    return _stage(f"pod-{stage.situation}", "Pod", when, delay, _steps(stage, template))


def _steps(stage: Stage, template: str) -> list[dict[str, Any]]:
    told = [{"event": dict(zip(("type", "reason", "message"), stage.says, strict=True))}] if stage.says else []
    if stage.event == "delete":
        return [*told, {"delete": True}]
    return [*told, _patch(f'{{{{- $event := "{stage.event}" -}}}}\n{template}')]


def _patch(template: str) -> dict[str, Any]:
    return {"patch": {"subresource": "status", "root": "status", "template": template}}


def _stage(
    name: str, kind: str, when: dict[str, Any], delay: dict[str, Any], steps: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": name},
        "spec": {
            "resourceRef": {"apiGroup": "v1", "kind": kind},
            "selector": {"matchExpressions": [when]},
            "delay": delay,
            "steps": steps,
        },
    }


def _node_stage() -> dict[str, Any]:
    ready = '.status.conditions.[] | select( .type == "Ready" ) | .status'
    when = {"jq": {"key": ready, "operator": "NotIn", "values": ["True"]}}
    return _stage("node-ready", "Node", when, {}, [_patch((_SOURCES / "node-status.gotmpl").read_text())])
