"""What running pods answer when somebody calls them: their version, and what they read when they were started."""

from __future__ import annotations

from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.testing.labels import labels_of
from lastgood.testing.objects import Objects
from lastgood.testing.pods import Pods
from lastgood.testing.workloads import is_ready

SERVICE, POD = GroupKind("", "Service"), GroupKind("", "Pod")


def answers(objects: Objects, pods: Pods, ref: Ref) -> list[dict[str, str]]:
    """One answer of each ready pod: ``version``, ``greeting`` and ``host``, as the lab's web program gives them."""
    ready = [pod for pod in _behind(objects, ref) if is_ready(pod) and "deletionTimestamp" not in pod["metadata"]]
    return [_answer(pods, pod) for pod in ready]


def _behind(objects: Objects, ref: Ref) -> list[Body]:
    body = objects.get(ref)
    if body is None:
        return []
    everything = objects.of_kind(POD, ref.namespace)
    if ref.group_kind == SERVICE:
        selector = body["spec"].get("selector") or {}
        return [pod for pod in everything if selector and selector.items() <= labels_of(pod).items()]
    uid = body["metadata"]["uid"]
    return [pod for pod in everything if ref_of(pod) == ref or uid in objects.above(pod["metadata"]["uid"])]


def _answer(pods: Pods, pod: Body) -> dict[str, str]:
    life = pods.life(pod)
    found = life.mains[0].found if life else {}
    return {
        "version": found.get("VERSION", "v0"),
        "greeting": found.get("GREETING", ""),
        "host": pod["metadata"]["name"],
    }
