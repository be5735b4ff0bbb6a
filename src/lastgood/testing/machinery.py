"""Everything that moves in a cluster, put together."""

from __future__ import annotations

from functools import partial

from lastgood.model.resource import Body
from lastgood.ports import Clock
from lastgood.testing.agenda import Agenda
from lastgood.testing.api import Api, By
from lastgood.testing.autoscalers import Autoscalers
from lastgood.testing.behaviour import Behaviours
from lastgood.testing.claims import Claims
from lastgood.testing.daemon_sets import DaemonSets
from lastgood.testing.definitions import Definitions
from lastgood.testing.deleting import Collector
from lastgood.testing.deployments import Deployments
from lastgood.testing.jobs import Jobs
from lastgood.testing.objects import Objects
from lastgood.testing.pods import Pods
from lastgood.testing.quotas import check
from lastgood.testing.replica_sets import ReplicaSets
from lastgood.testing.stateful_sets import StatefulSets

_SYSTEM = By("kube-apiserver")
_ROOM = {"cpu": "8", "memory": "16Gi", "pods": "110"}


class Machinery:
    """The objects, the API over them, and the controllers."""

    def __init__(self, clock: Clock, behaviours: Behaviours) -> None:
        self.objects, self.agenda = Objects(), Agenda(clock)
        self.api = Api(self.objects, clock)
        self.api.admission.append(partial(check, self.objects))
        self.collector = Collector(self.api, self.agenda)
        self.pods = Pods(self.api, self.agenda, behaviours)
        self.controllers = tuple(kind(self.api, self.agenda, self.collector) for kind in CONTROLLERS)

    def add_namespace(self, name: str) -> None:
        """Make a namespace."""
        self.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, _SYSTEM)

    def furnish(self, nodes: int) -> None:
        """Make what a new cluster has."""
        self.add_namespace("default")
        for number in range(1, nodes + 1):
            self.objects.put(_node(f"node-{number}", self.objects.new_uid()))


CONTROLLERS = (Autoscalers, Claims, DaemonSets, Definitions, Deployments, Jobs, ReplicaSets, StatefulSets)


def _node(name: str, uid: str) -> Body:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "uid": uid, "labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}},
        "status": {"allocatable": _ROOM, "capacity": _ROOM, "conditions": [{"type": "Ready", "status": "True"}]},
    }
