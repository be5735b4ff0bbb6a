"""The conditions that controllers share, and which of their values is good news: literal tables.

https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties
and https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md. A type stands here in lower case
and without anything between its parts; what stands before a dot or a slash (``ACK.``, ``cilium.io/``) does not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from lastgood.kinds.generic.words import listed


class Polarity(StrEnum):
    """What a type of condition says, by its value."""

    READY = "ready"  # True: well. False: not yet, or failed where its reason says so
    ACCEPTED = "accepted"  # True: well. False: refused, unless its reason says that it is still being done
    FAILED = "failed"  # True: failed. False: nothing
    DOING = "doing"  # True: in progress. False: nothing, or failed where its reason says so
    PROGRESSING = "progressing"  # as doing; but True is good news where its reason says that it has arrived
    MILD = "mild"  # True: well, if nothing plainer speaks. False: nothing, or failed where its reason says so
    SILENT = "silent"  # nothing, whatever its value


TYPES: Mapping[Polarity, frozenset[str]] = {
    Polarity.READY: listed(
        """
        abletoscale accomplished allocated assigned attached available balanced bound built complete completed
        configured connected created deployed done enforced established finished healthy initialized installed issued
        launched loaded operational programmed provisioned reachable ready reconciled registered released serving
        updated uptodate wellformed
        """
    ),
    # Succeeded as Knative and Tekton use it: False is the end, Unknown the way there.
    Polarity.ACCEPTED: listed(
        """
        accepted applied lastasyncoperation namesaccepted reconcilesuccess resolvedrefs succeeded success successful
        synced valid validated
        """
    ),
    # Fallback is KEDA's: the metric cannot be read. Recoverable is ACK's, of an error that it tries to get over.
    # Remediated is Flux': a release that failed was taken back.
    Polarity.FAILED: listed(
        """
        blocked conflicted corrupted crashed deadlineexceeded degraded denied error errored erroroccurred errors failed
        failing failure fallback haserrors invalid irreconcilable misconfigured multipleoperatorgroups
        nomatchinginstance nomatchinginstances nomatchingnode orphan orphaned reconcileerror recoverable rejected
        remediated stalled terminal unhealthy unreachable
        """
    ),
    # Paused, Stopped and Suspended: as a paused Deployment, it goes no further until somebody resumes it.
    Polarity.DOING: listed(
        """
        bootstrapping creating deleting deploying disabled draining expanding failingover hibernating importing
        initializing installing issuing migrating modifying notready outofsync partiallyready paused pending
        pendingproposal preparing processing provisioning queued rebalancing reconciling recovering remediating
        repairing resizing restarting restoring resyncing rollingback rollingout rollingupdate scaling scalingdown
        scalingup starting stopped stopping suspended suspending synchronizing syncing terminating unavailable updating
        upgrading waiting
        """
    ),
    Polarity.PROGRESSING: frozenset(("progressing",)),
    # False may be as wanted: there is nothing to do now (Active of KEDA and Knative), or it has ended.
    Polarity.MILD: listed("active admitted approved running scheduled started"),
    # Neither good nor bad: OLM's Upgradeable, Strimzi's Warning, Karpenter's Drifted, a guest agent that is not there.
    Polarity.SILENT: listed(
        """
        agentconnected clustersetempty deletable deprecated drifted evictable livemigratable nowarnings recommended
        storagelivemigratable upgradeable upgradeavailable warning
        """
    ),
}

ENDINGS: Mapping[Polarity, frozenset[str]] = {
    Polarity.READY: listed(
        """
        allocated applied assigned available bound complete completed configured connected contactable created deployed
        done established healthy initialized injected installed issued joined passed programmed provisioned reachable
        ready reconciled registered resolved satisfied selected synced synchronized updated uptodate valid validated
        """
    ),
    Polarity.ACCEPTED: listed("accepted succeeded success successful"),
    Polarity.FAILED: listed(
        """
        blocked conflict conflicted conflicts corrupted crashed degraded denied error errors exceeded expired failed
        failing failure failures halted invalid lost misconfigured mismatch missing notfound rejected stalled stuck
        terminal timedout timeout unhealthy unreachable unsupported violation
        """
    ),
    Polarity.DOING: listed("failover inprogress paused pending progressing suspended unavailable"),
}
"""The last parts of a longer type: ``DatabaseReady``, ``RolloutInProgress``. Not ``Active``, not ``Running``."""

BEGINNINGS: Mapping[Polarity, frozenset[str]] = {
    Polarity.ACCEPTED: listed("successful successfully"),
    Polarity.FAILED: listed("bad conflicting error failed invalid missing unhealthy unsupported"),
    Polarity.SILENT: listed("last previous"),
}
"""The first part of a longer type: ``InvalidSpec``, ``MissingSecret``; ``LastBackupSucceeded`` is about what was."""

ARRIVED = listed(
    "asexpected available complete completed newreplicasetavailable ready reconciled steady succeeded uptodate"
)
"""Reasons with which ``Progressing`` says, by ``True``, that it has arrived.

Of a Deployment ``True`` is good news when its reason is ``NewReplicaSetAvailable``, of OLM's ClusterExtension when
it is ``Succeeded``; of an OpenShift ClusterOperator ``True`` says that something is being done.
"""

ENDED = listed("complete completed done finished")
"""Types that say, by ``True``, only that it has ended; how, their reason says."""

NEGATED = {Polarity.FAILED: Polarity.READY, Polarity.READY: Polarity.DOING, Polarity.ACCEPTED: Polarity.FAILED}
"""What becomes of a longer type's polarity behind ``No`` or ``Not``: ``NoErrors``, ``DnsNotReady``."""
