"""Deploys that cannot work, and slow ones that can: what is different from a good release, and what has to be said.

Data for ``fault_matrix``. Every case starts from ``good()``; ``before`` is what somebody else has put into the
namespace, ``meanwhile`` what somebody does some seconds after the deploy began.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]
IMAGE = "registry.lab/web:1"


@dataclass(frozen=True)
class Case:
    """A deploy and its end. ``says`` is a regular expression for the sentence that names the trouble.

    ``live`` is what is good before, where that is not ``good()``. ``before``, like the release itself, may name the
    namespace as ``NAMESPACE``. ``timeout`` is that of the deploy, in seconds; a case that is hopeless has to
    end long before it.
    """

    name: str
    release: tuple[Body, ...]
    says: str = ""
    hopeless: bool = True
    timeout: int = 60
    flags: tuple[str, ...] = ()
    before: tuple[Body, ...] = ()
    meanwhile: tuple[float, tuple[str, ...]] | None = None
    labels: tuple[str, ...] = ()
    live: tuple[Body, ...] = ()


def config(**data: str) -> Body:
    """The ConfigMap that every release has."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "app"}, "data": {"LEVEL": "info", **data}}


def container(**more: Any) -> Body:
    """A container that is ready when it answers."""
    ready = {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1}
    return {"name": "web", "image": IMAGE, "readinessProbe": ready, **more}


def mode(name: str, after: str = "1s") -> list[Body]:
    """The environment that makes the lab's program fail in that way."""
    return [{"name": "MODE", "value": name}, {"name": "AFTER", "value": after}]


def workload(kind: str = "Deployment", name: str = "web", *, pod: Mapping[str, Any] | None = None, **spec: Any) -> Body:
    """A workload of one pod; ``pod`` adds to the pod's spec, the rest to the workload's."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container()], **(pod or {})}}
    own: Body = {"selector": {"matchLabels": labels}, "template": template}
    own |= {} if kind == "DaemonSet" else {"replicas": 1}
    own |= {"serviceName": name} if kind == "StatefulSet" else {}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": own | spec}


def good() -> tuple[Body, ...]:
    """What is live before every case."""
    return config(), workload()


def web(**more: Any) -> tuple[Body, ...]:
    """The good release with another container."""
    return config(CHANGED="yes"), workload(pod={"containers": [container(**more)]})


def pod(**more: Any) -> tuple[Body, ...]:
    """The good release with another pod."""
    return config(CHANGED="yes"), workload(pod=more)


def beside(*more: Body) -> tuple[Body, ...]:
    """The good release and something else."""
    return (*good(), *copy.deepcopy(more))


def job(**spec: Any) -> Body:
    """A Job that ends as ``MODE`` says."""
    own = spec.pop("mode", "fail")
    one = {"name": "job", "image": IMAGE, "env": mode(own)}
    template = {"spec": {"restartPolicy": "Never", "containers": [one]}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"},
            "spec": {"backoffLimit": 0, "template": template, **spec}}  # fmt: skip


def volume(*, command: Sequence[str] = (), **source: Any) -> dict[str, Any]:
    """A pod with this volume mounted; ``command`` where it is not to run what it always does."""
    mounted = container(volumeMounts=[{"name": "v", "mountPath": "/v"}], **({"command": command} if command else {}))
    return {"volumes": [{"name": "v", **source}], "containers": [mounted]}


def quota(**hard: str) -> Body:
    """A ResourceQuota."""
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "quota"}, "spec": {"hard": hard}}


LIMITS: Body = {
    "apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "limits"},
    "spec": {"limits": [{"type": "Container", "max": {"memory": "64Mi"}}]},
}  # fmt: skip
WEBHOOK_DOWN: Body = {
    "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "NAMESPACE"},
    "webhooks": [{
        "name": "pods.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"], "failurePolicy": "Fail",
        "timeoutSeconds": 1, "clientConfig": {"service": {"name": "nobody", "namespace": "NAMESPACE"}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "NAMESPACE"}},
    }],
}  # fmt: skip
POLICY: tuple[Body, ...] = (
    {
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "NAMESPACE"},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]},
            "validations": [{"expression": "has(object.metadata.annotations) && 'owner' in object.metadata.annotations",
                             "message": "pods must name their owner"}],
        },
    },
    {
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "NAMESPACE"},
        "spec": {"policyName": "NAMESPACE", "validationActions": ["Deny"], "matchResources": {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "NAMESPACE"}}}},
    },
)  # fmt: skip
WIDGETS: Body = {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.faults.example.com"},
    "spec": {
        "group": "faults.example.com", "scope": "Namespaced",
        "names": {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"},
        "versions": [{"name": "v1", "served": True, "storage": True, "subresources": {"status": {}}, "schema": {
            "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}],
    },
}  # fmt: skip
WIDGET: Body = {
    "apiVersion": "faults.example.com/v1", "kind": "Widget", "metadata": {"name": "one"}, "spec": {"size": 1},
}  # fmt: skip


def status_of_widget(kind: str, value: str, reason: str) -> tuple[str, ...]:
    """What its operator would write."""
    condition = f'{{"type":"{kind}","status":"{value}","reason":"{reason}","message":"the disk is on fire"}}'
    return ("patch", "widget", "one", "--subresource=status", "--type=merge", "-p",
            f'{{"status":{{"observedGeneration":1,"conditions":[{condition}]}}}}')  # fmt: skip


def claim(storage_class: str = "none") -> Body:
    """A claim that nobody serves."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}},
            "storageClassName": storage_class}  # fmt: skip
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": spec}


def affinity(key: str) -> Body:
    """Only nodes that have this label."""
    terms = {"nodeSelectorTerms": [{"matchExpressions": [{"key": key, "operator": "Exists"}]}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}


ALONE = {
    "podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"}
        ]
    }
}
SECOND_FAILS = ["sh", "-c", "case $(hostname) in *-1) echo no second; exit 3;; esac; exec /web"]
PORTS = [{"containerPort": 8080, "hostPort": 18080}]
QUICKLY = {"periodSeconds": 1, "failureThreshold": 1}

FAULTS = (
    Case("image that is not there", web(image="registry.lab/web:missing"), r"image .*missing.*not found"),
    Case("image name that is none", web(image="registry.lab/WEB:1"), r"(?i)invalid|InvalidImageName"),
    Case("image that may never be pulled", web(image="registry.lab/web:missing", imagePullPolicy="Never"), r"image"),
    Case("crash at start", web(env=mode("crash")), r"exit code 3"),
    Case("crash after 8 s", web(env=mode("crash-later", "8s")), r"exit code 3", flags=("--hold", "20s"), timeout=90),
    Case("program that is not there", web(command=["/nope"]), r"cannot start|no such file"),
    Case("program for another sort of processor", pod(**volume(
        configMap={"name": "app", "defaultMode": 0o755}, command=["/v/LEVEL"])), r"another sort of processor"),
    Case("init container that fails", pod(initContainers=[{"name": "init", "image": IMAGE, "env": mode("fail")}]),
         r"init.*exit code 1"),
    Case("out of memory", web(env=mode("oom"), resources={"limits": {"memory": "32Mi"}}), r"(?i)memory|OOMKilled"),
    Case("never ready", web(env=mode("notready")), r"(?i)ready", hopeless=False, timeout=15),
    Case("liveness that fails", web(env=mode("liveness"), livenessProbe={
        "httpGet": {"path": "/live", "port": 8080}, **QUICKLY}), r"(?i)liveness", flags=("--hold", "10s")),
    Case("startup that fails", web(startupProbe={"httpGet": {"path": "/nope", "port": 9}, **QUICKLY}), r"(?i)startup"),
    Case("postStart hook that fails", web(lifecycle={"postStart": {"exec": {"command": ["sh", "-c", "exit 5"]}}}),
         r"(?i)postStart"),
    Case("ConfigMap that is not there", web(envFrom=[{"configMapRef": {"name": "nobody"}}]), r'configmap "nobody"'),
    Case("key that is not in the ConfigMap", web(env=[
        {"name": "X", "valueFrom": {"configMapKeyRef": {"name": "app", "key": "NOPE"}}}]), r"NOPE"),
    Case("Secret that is not there", web(envFrom=[{"secretRef": {"name": "nobody"}}]), r'secret "nobody"'),
    Case("Secret in a volume that is not there", pod(**volume(secret={"secretName": "nobody"})), r'secret "nobody"'),
    Case("claim that is not there", pod(**volume(persistentVolumeClaim={"claimName": "nobody"})), r"nobody",
         hopeless=False, timeout=15),
    Case("root where root may not be", web(securityContext={"runAsNonRoot": True}), r"(?i)root"),
    Case("quota of pods", (*good()[:1], workload(replicas=3)), r"(?i)quota", before=(quota(pods="2"),)),
    Case("limit range", web(resources={"limits": {"memory": "1Gi"}}), r"(?i)64Mi", before=(LIMITS,)),
    Case("admission webhook that is down", web(env=mode("ok")), r"(?i)webhook", before=(WEBHOOK_DOWN,), timeout=45,
         hopeless=False),
    Case("admission policy", web(env=mode("ok")), r"pods must name their owner", before=POLICY),
    Case("pod security", web(env=mode("ok")), r"(?i)podsecurity|restricted",
         labels=("pod-security.kubernetes.io/enforce=restricted",)),
    Case("service account that is not there", pod(serviceAccountName="nobody"), r"nobody"),
    Case("priority class that is not there", pod(priorityClassName="nobody"), r"nobody"),
    Case("runtime class that is not there", pod(runtimeClassName="nobody"), r"nobody"),
    Case("more memory than any node has", web(resources={"requests": {"memory": "900Gi"}}), r"(?i)memory",
         hopeless=False, timeout=15),
    Case("node selector that no node has", pod(nodeSelector={"disk": "gold"}), r"(?i)node", hopeless=False, timeout=15),
    Case("node affinity that no node meets", pod(affinity=affinity("gold")), r"(?i)node", hopeless=False, timeout=15),
    Case("two pods that will not share a node", (config(), workload(replicas=2, pod={"affinity": ALONE})),
         r"keeps away from", hopeless=False, timeout=15),
    Case("port of the node that is taken", (config(), workload(replicas=2, pod={
        "containers": [container(ports=PORTS)]})), r"(?i)port", hopeless=False, timeout=15),
    Case("Job that fails", beside(job()), r"(?i)job.*(back-?off|failed)|exit code 1"),
    Case("Job that does not end", beside(job(mode="ok", activeDeadlineSeconds=5)), r"(?i)deadline|longer"),
    Case("StatefulSet whose second pod is broken", beside(workload("StatefulSet", "db", replicas=2, pod={
        "containers": [container(command=SECOND_FAILS)]})), r"exit code 3"),
    Case("DaemonSet that crashes", beside(workload("DaemonSet", "agent", pod={
        "containers": [container(env=mode("crash"))]})), r"exit code 3"),
    Case("custom resource that is never ready", beside(WIDGET), r"the disk is on fire", before=(WIDGETS,),
         hopeless=False, timeout=15, meanwhile=(3, status_of_widget("Ready", "False", "Waiting"))),
    Case("custom resource that has failed", beside(WIDGET), r"the disk is on fire", before=(WIDGETS,),
         meanwhile=(3, status_of_widget("Stalled", "True", "DiskOnFire"))),
    Case("paused Deployment", (config(), workload(paused=True, pod={"containers": [container(env=mode("ok"))]})),
         r"(?i)paused", timeout=60),
    Case("progress deadline", (config(), workload(progressDeadlineSeconds=5, pod={
        "containers": [container(env=mode("notready"))]})), r"(?i)deadline|ready"),
    Case("claim that nobody serves", beside(claim()), r"(?i)claim|bound|storage", hopeless=False, timeout=15),
)  # fmt: skip

DATABASE = workload("Deployment", "db", pod={"containers": [container(env=mode("slow", "6s"))]})

SLOW = (
    Case("ready after 15 s", web(env=mode("slow", "15s"))),
    Case("three pods one after the other, 3 s each", beside(workload("StatefulSet", "db", replicas=3, pod={
        "containers": [container(env=mode("slow", "3s"))]}))),
    Case("one crash before its database is there", pod(volumes=[{"name": "v", "emptyDir": {}}], containers=[container(
        volumeMounts=[{"name": "v", "mountPath": "/v"}],
        command=["sh", "-c", "if [ -e /v/second ]; then exec /web; fi; touch /v/second; sleep 1; exit 1"])])),
    Case("init container that waits 10 s", pod(initContainers=[
        {"name": "init", "image": IMAGE, "command": ["sleep", "10"]}])),
    Case("Job of 15 s", beside(job(mode="ok", template={"spec": {"restartPolicy": "Never", "containers": [
        {"name": "job", "image": IMAGE, "command": ["sleep", "15"]}]}}))),
    Case("Job whose second try works", beside(job(backoffLimit=3, template={"spec": {
        "restartPolicy": "OnFailure", "volumes": [{"name": "v", "emptyDir": {}}], "containers": [{
            "name": "job", "image": IMAGE, "volumeMounts": [{"name": "v", "mountPath": "/v"}],
            "command": ["sh", "-c", "[ -e /v/second ] && exit 0; touch /v/second; exit 1"]}]}}))),
    Case("old pods that do not stop for 10 s", web(), live=(config(), workload(pod={
        "terminationGracePeriodSeconds": 10, "containers": [container(env=mode("stubborn"))]}))),
    Case("minReadySeconds of 10", (config(), workload(minReadySeconds=10, pod={
        "containers": [container(env=mode("ok"))]}))),
    Case("DaemonSet that is ready after 8 s", beside(workload("DaemonSet", "agent", pod={
        "containers": [container(env=mode("slow", "8s"))]}))),
    Case("startup probe of 15 s", web(env=mode("slow", "12s"), startupProbe={
        "httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1, "failureThreshold": 30})),
    Case("ConfigMap that comes 3 s later", web(envFrom=[{"configMapRef": {"name": "late"}}]),
         meanwhile=(3, ("create", "configmap", "late", "--from-literal=A=1"))),
    Case("quota that is raised after 3 s", (*good()[:1], workload(replicas=3)), before=(quota(pods="2"),),
         meanwhile=(3, ("delete", "resourcequota", "quota"))),
    Case("webhook that comes back after 8 s", web(env=mode("ok")), before=(WEBHOOK_DOWN,),
         meanwhile=(8, ("delete", "validatingwebhookconfiguration", "NAMESPACE"))),
    Case("Secret in a volume that comes 3 s later", pod(**volume(secret={"secretName": "late"})),
         meanwhile=(3, ("create", "secret", "generic", "late", "--from-literal=A=1"))),
    Case("service account that comes 3 s later", pod(serviceAccountName="late"),
         meanwhile=(3, ("create", "serviceaccount", "late"))),
    Case("two crashes while the database of the release gets ready", (*pod(
        volumes=[{"name": "v", "emptyDir": {}}], containers=[container(
            volumeMounts=[{"name": "v", "mountPath": "/v"}],
            command=["sh", "-c", "echo >>/v/n; [ $(wc -l </v/n) -gt 2 ] && exec /web; exit 1"])]), DATABASE)),
    Case("custom resource whose operator answers after 3 s", beside(WIDGET), before=(WIDGETS,),
         meanwhile=(3, status_of_widget("Ready", "True", "AllWell"))),
    Case("one restart by somebody else meanwhile", web(env=mode("slow", "6s")),
         meanwhile=(3, ("rollout", "restart", "deployment/web"))),
)  # fmt: skip
