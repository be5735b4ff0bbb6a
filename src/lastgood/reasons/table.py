"""The table of reasons: what each word of the API means for a wait. Pure data and look-ups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lastgood.model.health import Cause
from lastgood.model.resource import Ref

LONGEST = 400
"""How many characters of somebody else's message go into a sentence of ours."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a reason means.

    ``says`` is filled in with ``{who}`` (a container, or a pod) and ``{detail}``. Hopeless reasons end the wait once
    they have stood for ``grace`` seconds; the others only explain it. Reasons of one ``clock`` are the same trouble
    seen at different moments (a pull that fails, the back-off after it), so their time counts together.
    """

    says: str
    clock: str
    grace: float = 0.0
    hopeless: bool = True


def _waits(says: str, clock: str) -> Rule:
    return Rule(says, clock, hopeless=False)


_IMAGE = "{who} cannot start: image {detail}"
_START = "{who} cannot start: {detail}"

RULES: Mapping[str, Rule] = {
    # Images. What the registry says for certain counts at once (see images.py); no answer may pass.
    "ErrImagePull": Rule(_IMAGE, "image", 30),
    "ImagePullBackOff": Rule(_IMAGE, "image", 30),
    "RegistryUnavailable": Rule(_IMAGE, "image", 30),
    "ImageInspectError": Rule(_IMAGE, "image", 30),
    "ErrImageNeverPull": Rule(_IMAGE, "image", 5),
    "InvalidImageName": Rule(_IMAGE, "image"),
    "SignatureValidationFailed": Rule(_IMAGE, "image"),
    # What a container needs before it starts. A ConfigMap or a Secret may arrive a moment later.
    "CreateContainerConfigError": Rule(_START, "config", 5),
    "FailedMount": Rule("{who} cannot start: a volume cannot be mounted: {detail}", "config", 20),
    # A container that never ran: the runtime refuses it, and will refuse it again.
    "CreateContainerError": Rule(_START, "start", 10),
    "RunContainerError": Rule(_START, "start", 5),
    "StartError": Rule(_START, "start", 5),
    "ContainerCannotRun": Rule(_START, "start", 5),
    "PreCreateHookError": Rule(_START, "start", 10),
    "PreStartHookError": Rule(_START, "start", 10),
    "PostStartHookError": Rule("{who} is stopped by its postStart hook: {detail}", "crash", 10),
    # A container that ran and ended. One crash at the start is often only impatience (see pods.py).
    "CrashLoopBackOff": Rule("{who} {detail}", "crash", 10),
    "Error": Rule("{who} {detail}", "crash", 10),
    "OOMKilled": Rule("{who} {detail}", "crash", 10),
    "Completed": Rule("{who} {detail}", "crash", 10),
    "Restarted": _waits("{who} {detail}", "crash"),
    "PodFailed": Rule("the pod failed: {detail}", "crash"),
    # Pods that wait for something outside of them.
    "Unschedulable": _waits("no node takes the pod: {detail}", "schedule"),
    "SchedulingGated": _waits("the pod is held back by its scheduling gates", "schedule"),
    "ContainerCreating": _waits("{who} is being created", "create"),
    "PodInitializing": _waits("{who} waits for the init containers", "create"),
    "Initializing": _waits("{who} has not finished yet", "create"),
    "FailedCreatePodSandBox": _waits("{who} cannot start yet: its pod cannot be set up: {detail}", "create"),
    "FailedAttachVolume": _waits("{who} cannot start yet: a volume cannot be attached: {detail}", "create"),
    "Unhealthy": _waits("{who} is not ready: {detail}", "ready"),
    "Evicted": _waits("a pod was evicted: {detail}", "evicted"),
    "PodEnded": _waits("a pod was ended from outside: {detail}", "evicted"),
    "Terminating": _waits("the pod is being deleted", "deleted"),
    # Makers of pods that are not allowed to, or cannot. Quota and policy stay; a webhook may come back (see makers.py).
    "FailedCreate": Rule("pods cannot be created: {detail}", "create pods", 10),
    # Workloads and other kinds.
    "DeploymentPaused": Rule("the rollout is paused and goes no further until it is resumed", "paused", 30),
    "BackoffLimitExceeded": Rule("the Job failed: {detail}", "job"),
    "DeadlineExceeded": Rule("the Job failed: {detail}", "job"),
    "FailedIndexes": Rule("the Job failed: {detail}", "job"),
    "JobFailed": Rule("the Job failed: {detail}", "job"),
    "MaxFailedIndexesExceeded": Rule("the Job failed: {detail}", "job"),
    "PodFailurePolicy": Rule("the Job failed: {detail}", "job"),
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
    "Deleted": Rule("somebody deleted it", "gone", 5),
    "Replaced": Rule("somebody deleted it and made another of the same name", "gone", 30),
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
) -> Cause:
    """A Cause with the table's sentence. ``hopeless`` and ``grace`` only where a message tells more than the word."""
    rule = rule_of(reason)
    told = rule.says.format(who=who, detail=short(detail) or "no reason is given")
    return Cause(
        reason=reason,
        sentence=f"{told} ({reason})",
        hopeless=rule.hopeless if hopeless is None else hopeless,
        grace=rule.grace if grace is None else grace,
        source=source,
        container=container,
    )


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
