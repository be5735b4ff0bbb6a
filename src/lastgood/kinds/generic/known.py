"""Kinds in wide use whose status has a convention of its own: what to read of them, as literal tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from lastgood.kinds.generic.answering import ANSWERING
from lastgood.kinds.generic.words import listed
from lastgood.model.health import Status


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of how a kind says how it is.

    ``words`` are paths under the body (``*`` for every entry) whose words speak for the whole; with ``only_words`` no
    other word does. ``conditions`` are the types that count, None for all; ``silent`` types do not. ``fatal`` types
    are failures when ``False``, unless their reason says that something is still being done; ``patient`` types are
    none, whatever it says. ``meaning`` is what a word means here, where that is not what it means elsewhere. Types
    and words stand as in ``types`` and ``words``. ``answers`` says that its controller always writes a status: one
    that is not there yet is still to come.
    """

    answers: bool = False
    words: tuple[str, ...] = ()
    only_words: bool = False
    conditions: frozenset[str] | None = None
    fatal: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    patient: frozenset[str] = frozenset()
    meaning: Mapping[str, Status] = field(default_factory=dict)
    source: str = ""


_CURRENT, _DOING, _FAILED = Status.CURRENT, Status.IN_PROGRESS, Status.FAILED
_STATE = Known(words=("status.state",), only_words=True, conditions=frozenset())
_PHASE = Known(words=("status.phase",), only_words=True, conditions=frozenset())
_REQUEST = replace(_PHASE, meaning={"running": _DOING, "approved": _DOING})

KNOWN: Mapping[str, Known] = {
    # Argo: the phase of a Rollout sums its conditions up, of which Healthy and Completed are False on the way.
    "Rollout.argoproj.io": Known(
        words=("status.phase",), conditions=listed("invalidspec"),
        source="https://argo-rollouts.readthedocs.io/en/stable/features/specification/",
    ),
    "Application.argoproj.io": Known(
        words=("status.health.status",), only_words=True, meaning={"missing": _DOING},
        source="https://argo-cd.readthedocs.io/en/stable/operator-manual/health/",
    ),
    # OpenShift: an operator that is not available has failed, whatever its reason.
    "ClusterOperator.config.openshift.io": Known(
        fatal=listed("available"),
        source="https://github.com/openshift/enhancements/blob/master/dev-guide/cluster-version-operator/dev/clusteroperator.md",
    ),
    "ClusterVersion.config.openshift.io": Known(
        fatal=listed("available"), silent=listed("retrievedupdates"),
        source="https://github.com/openshift/enhancements/blob/master/dev-guide/cluster-version-operator/dev/clusteroperator.md",
    ),
    # OLM
    "ClusterServiceVersion.operators.coreos.com": Known(
        words=("status.phase",), meaning={"installready": _DOING}, source="https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/",
    ),
    "CatalogSource.operators.coreos.com": Known(
        words=("status.connectionState.lastObservedState",), meaning={"idle": _CURRENT},
        source="https://olm.operatorframework.io/docs/concepts/crds/catalogsource/",
    ),
    # AWS: what failed stands in Terminal and Recoverable.
    "*.services.k8s.aws": Known(
        patient=listed("resourcesynced"), source="https://aws-controllers-k8s.github.io/community/docs/user-docs/resource-crud"
    ),
    # Knative: False is the end of the way, Unknown the way.
    "*.knative.dev": Known(  # every group of it: serving, eventing, messaging, sources
        fatal=listed("ready"), source="https://github.com/knative/specs/blob/main/specs/serving/overview.md#error-signalling"
    ),
    # Kueue: a queue that is not active takes nothing.
    "*.kueue.x-k8s.io": Known(fatal=listed("active"), source="https://kueue.sigs.k8s.io/docs/concepts/cluster_queue/"),
    # Rancher: True of Pending and Waiting says that this step is over, as of every other condition.
    "*.cattle.io": Known(
        silent=listed("pending waiting"), source="https://github.com/rancher/wrangler/blob/main/pkg/condition/condition.go"
    ),
    # Databases. Percona's conditions are a diary: states that are over stay True.
    "*.pxc.percona.com": replace(_STATE, source="https://docs.percona.com/percona-operator-for-mysql/pxc/"),
    "*.psmdb.percona.com": replace(_STATE, source="https://docs.percona.com/percona-operator-for-mongodb/"),
    "*.ps.percona.com": replace(_STATE, source="https://docs.percona.com/percona-operator-for-mysql/ps/"),
    "*.pgv2.percona.com": replace(_STATE, source="https://docs.percona.com/percona-operator-for-postgresql/"),
    "postgresql.acid.zalan.do": Known(
        words=("status.PostgresClusterStatus",), source="https://postgres-operator.readthedocs.io/en/latest/user/"
    ),
    "Tenant.minio.min.io": Known(
        words=("status.currentState", "status.healthStatus"), meaning={"initialized": _CURRENT},
        source="https://min.io/docs/minio/kubernetes/upstream/reference/operator-crd.html",
    ),
    "CassandraDatacenter.cassandra.datastax.com": Known(
        words=("status.cassandraOperatorProgress",), source="https://docs.k8ssandra.io/components/cass-operator/"
    ),
    "KafkaMirrorMaker2.kafka.strimzi.io": Known(
        words=("status.connectors.*.connector.state", "status.connectors.*.tasks.*.state"),
        source="https://strimzi.io/docs/operators/latest/deploying",
    ),
    # Koperator leaves the error messages of brokers that are well again.
    "KafkaCluster.kafka.banzaicloud.io": Known(
        words=("status.state", "status.brokersState.*.gracefulActionState.cruiseControlState"), only_words=True,
        source="https://github.com/banzaicloud/koperator/blob/master/api/v1beta1/common_types.go",
    ),
    "KafkaConnector.kafka.strimzi.io": Known(
        words=("status.connectorStatus.connector.state", "status.connectorStatus.tasks.*.state"),
        source="https://strimzi.io/docs/operators/latest/deploying",
    ),
    # Jobs that are meant to go on
    "*.flink.apache.org": Known(
        words=("status.lifecycleState", "status.jobStatus.state", "status.jobManagerDeploymentStatus"),
        only_words=True,
        meaning={"created": _DOING, "deployed": _DOING, "running": _CURRENT},
        source="https://nightlies.apache.org/flink/flink-kubernetes-operator-docs-main/docs/concepts/architecture/",
    ),
    "SparkApplication.sparkoperator.k8s.io": Known(
        words=("status.applicationState.state",), only_words=True, meaning={"running": _CURRENT},
        source="https://www.kubeflow.org/docs/components/spark-operator/user-guide/",
    ),
    # Initialized is what a canary is while there is nothing new.
    "Canary.flagger.app": replace(
        _PHASE, meaning={"initialized": _CURRENT}, source="https://docs.flagger.app/usage/how-it-works#canary-status"
    ),
    # ResourceReleased comes after success and after failure.
    "*.spark.apache.org": Known(
        words=("status.currentState.currentStateSummary",), only_words=True,
        meaning={
            "driverready": _DOING, "driverstarted": _DOING, "runningwithbelowthresholdexecutors": _DOING,
            "resourcereleased": Status.UNKNOWN,
        },
        source="https://github.com/apache/spark-kubernetes-operator/blob/main/docs/architecture.md",
    ),
    "FlinkCluster.flinkoperator.k8s.io": Known(
        words=("status.state", "status.components.job.state"), only_words=True,
        source="https://github.com/spotify/flink-on-k8s-operator/blob/master/docs/crd.md",
    ),
    # Requests for an operation: their conditions are a diary.
    "OpsRequest.apps.kubeblocks.io": replace(_REQUEST, source="https://github.com/apecloud/kubeblocks/blob/main/apis/operations/v1alpha1/opsrequest_types.go"),
    "OpsRequest.operations.kubeblocks.io": replace(_REQUEST, source="https://github.com/apecloud/kubeblocks/blob/main/apis/operations/v1alpha1/opsrequest_types.go"),
    "*.ops.kubedb.com": replace(_REQUEST, source="https://github.com/kubedb/apimachinery/tree/master/apis/ops/v1alpha1"),
    # Runs, though their kinds do not say so
    "Terraform.tf.galleybytes.com": Known(
        words=("status.phase",), meaning={"running": _DOING}, source="https://github.com/GalleyBytes/terraform-operator"
    ),
    "ActionSet.cr.kanister.io": Known(
        words=("status.state",), meaning={"running": _DOING}, source="https://docs.kanister.io/architecture.html#actionsets"
    ),
    "VirtualMachineInstanceMigration.kubevirt.io": Known(
        words=("status.phase",), meaning={"targetready": _DOING}, source="https://kubevirt.io/user-guide/compute/live_migration/"
    ),
    "NodeMaintenance.nodemaintenance.medik8s.io": Known(
        words=("status.phase",), meaning={"running": _DOING},
        source="https://github.com/medik8s/node-maintenance-operator/blob/main/api/v1beta1/nodemaintenance_types.go",
    ),
    # Machines that are there before their nodes are
    "Machine.machine.openshift.io": Known(
        words=("status.phase",), meaning={"provisioned": _DOING},
        source="https://github.com/openshift/api/blob/master/machine/v1beta1/types_machine.go",
    ),
    "GameServer.agones.dev": Known(
        words=("status.state",),
        meaning={"portallocation": _DOING, "requestready": _DOING, "reserved": _CURRENT, "shutdown": _DOING},
        source="https://agones.dev/site/docs/reference/gameserver/",
    ),
    # What is called otherwise
    "*.ibp.com": Known(
        words=("status.type",), source="https://github.com/hyperledger-labs/fabric-operator/blob/main/api/v1beta1/common_struct.go"
    ),
    "Keycloak.keycloak.org": Known(
        words=("status.phase",), meaning={"reconciling": _CURRENT}, source="https://github.com/keycloak/keycloak-operator"
    ),
    # Storage. Rook lets conditions that are over stay True.
    "*.ceph.rook.io": Known(
        words=("status.phase", "status.state", "status.ceph.health"), only_words=True,
        conditions=listed("failure ready"),
        source="https://rook.io/docs/rook/latest/CRDs/Cluster/ceph-cluster-crd/",
    ),
    "LocalVolumeDiscovery.local.storage.openshift.io": Known(
        words=("status.phase",), meaning={"discovering": _CURRENT},
        source="https://github.com/openshift/local-storage-operator/blob/master/api/v1alpha1/localvolumediscovery_types.go",
    ),
    "Volume.longhorn.io": Known(
        words=("status.state", "status.robustness"), only_words=True, conditions=listed("scheduled"),
        meaning={"detached": _CURRENT, "unknown": _CURRENT}, source="https://longhorn.io/docs/latest/concepts/",
    ),
    # Networks
    "CiliumLoadBalancerIPPool.cilium.io": Known(
        silent=listed("ipstotal ipsavailable ipsused"), source="https://docs.cilium.io/en/stable/network/lb-ipam/"
    ),
    "*.gateway.solo.io": Known(
        words=("status.state", "status.statuses.*.state"), source="https://docs.solo.io/gloo-edge/latest/reference/api/"
    ),
    "*.networking.istio.io": Known(
        words=("status.validationMessages.*.level",), meaning={"warning": _CURRENT, "info": _CURRENT},
        source="https://istio.io/latest/docs/reference/config/istio-status/",
    ),
    # Policies
    "ConstraintTemplate.templates.gatekeeper.sh": Known(
        words=("status.byPod.*.errors.*.code",), meaning={"ingesterror": _FAILED, "createerror": _FAILED},
        source="https://open-policy-agent.github.io/gatekeeper/website/docs/constrainttemplates/",
    ),
    # PostgreSQL of CloudNativePG: the last backup is not the cluster.
    "Cluster.postgresql.cnpg.io": Known(
        words=("status.phase",), only_words=True, source="https://cloudnative-pg.io/documentation/current/"
    ),
    "Cluster.postgresql.k8s.enterprisedb.io": Known(
        words=("status.phase",), only_words=True,
        source="https://www.enterprisedb.com/docs/postgres_for_kubernetes/latest/",
    ),
}  # fmt: skip
"""By the names that kubectl gives: the kind, a dot, the group; ``*`` for every kind of a group."""


@lru_cache(maxsize=1024)
def known_of(group: str, kind: str) -> Known:
    """What is known of a kind, by its own name or that of its group; nothing of most."""
    names = (f"{kind}.{group}", f"*.{group}", f"*.{group.partition('.')[2]}")
    found = next((KNOWN[name] for name in names if name in KNOWN), Known())
    return replace(found, answers=any(name in ANSWERING for name in names))
