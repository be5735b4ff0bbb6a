"""The table of reasons: what each word of the API means for a wait. Pure data and look-ups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lastgood.model.health import Cause
from lastgood.model.resource import Ref

LONGEST = 400
"""How many characters of somebody else's message go into a sentence of ours."""


WAITING = "waiting state of a container"
ENDED = "terminated state of a container"
READY = "container that is not ready, and events of its pod"
EVENT = "event of a pod"
POD = "status of a pod"
MAKER = "condition or event of what makes the pods"
OWN = "status or event of the resource itself"
SEEN = "what was seen of it since it was written"

PLACES: Mapping[str, str] = {
    WAITING: "https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/kubelet/kuberuntime",
    ENDED: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states",
    READY: "https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/kubelet/prober/prober.go",
    EVENT: "https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/kubelet/events/event.go",
    POD: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions",
    MAKER: "https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/controller_utils.go",
    OWN: "https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/controller",
    SEEN: "",
}
"""Where a reason appears, and the code or documentation of who writes it there."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a reason means.

    ``says`` is filled in with ``{who}`` (a container, or a pod) and ``{detail}``. Hopeless reasons end the wait once
    they have stood for ``grace`` seconds; the others only explain it. Reasons of one ``clock`` are the same trouble
    seen at different moments (a pull that fails, the back-off after it), so their time counts together.
    ``patience`` is the time instead of the grace while something else of the release is on its way, which may bring it.
    ``where`` is one of ``PLACES``; ``note`` says for people what else decides, where the word alone does not.
    """

    says: str
    clock: str
    grace: float = 0.0
    hopeless: bool = True
    where: str = OWN
    note: str = ""
    patience: float = 0.0


def _waits(says: str, clock: str, where: str = OWN, note: str = "") -> Rule:
    return Rule(says, clock, hopeless=False, where=where, note=note)


_IMAGE = "{who} cannot start: image {detail}"
_START = "{who} cannot start: {detail}"
_NOT_YET = "{who} cannot start yet: {detail}"
_JOB = "the Job failed: {detail}"

_BY_ANSWER = "by what the registry answers"
_CRASHES = "from the third crash on, or the second if nothing else of the release is on its way"
_NAMED = "if something is not there that the pod names"
_UNREAD = "unless its node has only not read it yet"
_SLOW = "unless the runtime is only slow"

RULES: Mapping[str, Rule] = {
    # Images. What the registry says for certain counts at once (see images.py); no answer may pass.
    "ErrImagePull": Rule(_IMAGE, "image", 30, where=WAITING, note=_BY_ANSWER),
    "ImagePullBackOff": Rule(_IMAGE, "image", 30, where=WAITING, note=_BY_ANSWER),
    "RegistryUnavailable": Rule(_IMAGE, "image", 30, where=WAITING, note=_BY_ANSWER),
    "ImageInspectError": Rule(_IMAGE, "image", 30, where=WAITING),
    "ErrImageNeverPull": Rule(_IMAGE, "image", 5, where=WAITING),
    "InvalidImageName": Rule(_IMAGE, "image", where=WAITING),
    "SignatureValidationFailed": Rule(_IMAGE, "image", where=WAITING),
    "Pulling": _waits("{who} cannot start yet: image {detail}", "pull", EVENT),
    # What a container needs before it starts. A ConfigMap or a Secret may arrive a moment later.
    "CreateContainerConfigError": Rule(_START, "config", 7, where=WAITING, note=_UNREAD, patience=20),
    "FailedMount": Rule(_START, "config", 8, where=EVENT, note=_NAMED, patience=20),
    "FailedMapVolume": Rule(_START, "config", 8, where=EVENT, note=_NAMED, patience=20),
    # A container that never ran: the runtime refuses it, and will refuse it again.
    "CreateContainerError": Rule(_START, "start", 7, where=WAITING, note=_SLOW),
    "ImageVolumeMountFailed": Rule(_START, "start", 7, where=WAITING),
    "RunContainerError": Rule(_START, "start", 5, where=WAITING, note=_SLOW),
    "StartError": Rule(_START, "start", 5, where=ENDED, note=_SLOW),
    "ContainerCannotRun": Rule(_START, "start", 5, where=ENDED, note=_SLOW),
    "PreCreateHookError": Rule(_START, "start", 7, where=WAITING),
    "PreStartHookError": Rule(_START, "start", 7, where=WAITING),
    "PostStartHookError": Rule("{who} is stopped by its postStart hook: {detail}", "crash", 6, where=WAITING),
    # A container that ran and ended. The first crashes are often only impatience (see containers.py).
    "CrashLoopBackOff": Rule("{who} {detail}", "crash", 6, where=WAITING, note=_CRASHES),
    "Error": Rule("{who} {detail}", "crash", 6, where=ENDED, note=_CRASHES),
    "OOMKilled": Rule("{who} {detail}", "crash", 6, where=ENDED, note=_CRASHES),
    "Completed": Rule("{who} {detail}", "crash", 6, where=ENDED, note=_CRASHES),
    "Restarted": _waits("{who} {detail}", "crash", SEEN),
    "PodFailed": Rule("the pod failed: {detail}", "crash", where=POD),
    "ContainerStatusUnknown": _waits("{who} was lost with its node, and is to start again", "lost", ENDED),
    "Unknown": _waits("{who} was lost when its node or its runtime began anew", "lost", ENDED),
    # Pods that wait for something outside of them.
    "Unschedulable": _waits("no node takes the pod: {detail}", "schedule", POD, "hopeless if its claim is not there"),
    "SchedulerError": _waits("the scheduler could not place the pod: {detail}", "schedule", POD),
    "SchedulingGated": _waits("the pod is held back by its scheduling gates", "schedule", POD),
    "ContainerCreating": _waits("{who} is being created", "create", WAITING),
    "PodInitializing": _waits("{who} waits for the init containers", "create", WAITING),
    "Initializing": _waits("{who} has not finished yet", "create", READY),
    "FailedCreatePodSandBox": _waits("{who} cannot start yet: its pod cannot be set up: {detail}", "create", EVENT),
    "NetworkNotReady": _waits("{who} cannot start yet: its node has no network: {detail}", "create", EVENT),
    "FailedAttachVolume": _waits(_NOT_YET, "create", EVENT),
    "FailedPrepareDynamicResources": _waits("{who} cannot start yet: a device is not there: {detail}", "create", EVENT),
    "Unhealthy": _waits("{who} is not ready: {detail}", "ready", READY),
    "NodeNotReady": _waits("the pod is well, and its node went silent: {detail}", "node", POD),
    "Evicted": _waits("a pod was evicted: {detail}", "evicted", POD),
    "PodEnded": _waits("a pod was ended from outside: {detail}", "evicted", POD),
    "Terminating": _waits("the pod is being deleted", "deleted", POD),
    # Makers of pods that are not allowed to, or cannot. What is refused, and for how long, is told by denials.py.
    "FailedCreate": Rule("pods cannot be created: {detail}", "create pods", 8, where=MAKER, note="by who refuses them"),
    "QuotaInUse": _waits("pods have to wait for others that are going: {detail}", "quota", MAKER),
    # Workloads and other kinds.
    "DeploymentPaused": Rule(
        "the rollout is paused and goes no further until it is resumed", "paused", 7, note="if its own files pause it"
    ),
    "BackoffLimitExceeded": Rule(_JOB, "job"),
    "DeadlineExceeded": Rule(_JOB, "job"),
    "FailedIndexes": Rule(_JOB, "job"),
    "JobFailed": Rule(_JOB, "job"),
    "MaxFailedIndexesExceeded": Rule(_JOB, "job"),
    "PodFailurePolicy": Rule(_JOB, "job"),
    "NamesNotAccepted": Rule("its names are not accepted: {detail}", "names", 5),
    "Stalled": Rule("its controller gave up: {detail}", "stalled", 5),
    "ReportedFailure": Rule("its controller reports a failure: {detail}", "reported", 60),
    "NotReady": _waits("{detail}", "ready"),
    "ClaimLost": Rule("the volume that the claim was bound to is gone", "claim", 5),
    "ProvisioningFailed": _waits("no volume can be made for the claim: {detail}", "claim"),
    "FailedGetScale": _waits("cannot scale: {detail}", "scale"),
    "ResizeFailed": _waits("the volume cannot be changed as asked: {detail}", "claim"),
    "VolumeFailed": Rule("the volume cannot be used again: {detail}", "claim", 5),
    "SnapshotFailed": _waits("the snapshot cannot be taken: {detail}", "snapshot"),
    "CertificateRefused": Rule("the certificate is not issued: {detail}", "certificate", 5),
    "MigrationFailed": Rule("what is stored could not be rewritten: {detail}", "migration", 5),
    "LoadBalancerPending": _waits("waits for an address of its load balancer", "address"),
    "LoadBalancerFailed": _waits("no load balancer can be made: {detail}", "address"),
    "LoadBalancerUnclaimed": _waits("no controller for load balancers has taken it up", "address"),
    # What is seen of the resource itself.
    "Deleted": Rule("somebody deleted it", "gone", 5, where=SEEN),
    "Replaced": Rule("somebody deleted it and made another of the same name", "gone", 30, where=SEEN),
}

UNKNOWN = _waits("{who} waits: {detail}", "unknown")
"""For a word that the table does not have: it is told, and ends nothing."""


def rule_of(reason: str) -> Rule:
    """What this word means."""
    return RULES.get(reason, UNKNOWN)


def cause(
    reason: str,
    *,
    who: str = "the pod",
    detail: str = "",
    source: Ref | None = None,
    container: str = "",
    hopeless: bool | None = None,
    grace: float | None = None,
    crashes: int = 0,
) -> Cause:
    """A Cause with the table's sentence. ``hopeless`` and ``grace`` only where a message tells more than the word."""
    rule = rule_of(reason)
    says = rule.says if detail.strip() else rule.says.removesuffix(": {detail}")  # the word itself is the reason
    told = says.format(who=who, detail=short(detail) or "no reason is given")
    return Cause(
        reason=reason,
        sentence=f"{told} ({reason})",
        hopeless=rule.hopeless if hopeless is None else hopeless,
        grace=rule.grace if grace is None else grace,
        source=source,
        container=container,
        crashes=crashes,
        patience=rule.patience,
    )


MERELY_ON_ITS_WAY = frozenset({"ContainerCreating", "PodInitializing", "Initializing"})
"""What every pod says for a moment."""


def weight(*causes: Cause | None) -> int:
    """How much the first of these has to say: hopeless, a trouble that may pass, on its way, nothing at all."""
    one = next(filter(None, causes), None)
    if one is None:
        return 3
    return 0 if one.hopeless else 2 if one.reason in MERELY_ON_ITS_WAY else 1


def short(message: str) -> str:
    """A message on one line, and not longer than a person reads."""
    text = " ".join(message.split()).rstrip(".")
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def worst_first(causes: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """Hopeless before transient, certain before likely; what several pods say in the same words is said once."""
    said: dict[tuple[str, str], Cause] = {}
    for one in causes:
        said.setdefault((one.container, one.sentence.removesuffix(f" ({one.reason})")), one)
    return tuple(sorted(said.values(), key=lambda one: (not one.hopeless, one.grace)))
