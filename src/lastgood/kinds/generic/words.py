"""The words in which controllers say how things are: literal tables, with the reason where one is surprising.

Gathered from the documented statuses of operators. A word stands here in lower case and without anything between its
parts: ``inprogress`` for ``InProgress``, ``IN_PROGRESS`` and ``in progress``.
"""

from __future__ import annotations


def listed(text: str) -> frozenset[str]:
    """The words of a text, as a table."""
    return frozenset(text.split())


CURRENT_WORDS = listed(
    """
    accepted active alive allocated applied approved assigned atlatestknown attached available bound complete completed
    compliant configured connected consistent created current delivered deployed done enabled enforced established
    executed exists failedover finished fulfilled good green healthok healthy idle imported inservice installed insync
    issued joined launched leader listening live loaded locked managed matched mounted normal ok okay online open
    operational passed passive plannedandfinished present primary processed programmed promoted provisioned published
    reachable ready realized reconciled registered released relocated resolved restored running satisfied secondary
    serving signed skipped stable standby started steady streaming succeed succeeded success successful successfully
    superseded supported synced synchronized trusted unlocked unsealed up updated uptodate valid validated verified
    working
    """
)
"""All is as it should be.

``released``, ``superseded`` and ``idle`` are ends of a road that nobody has to do anything about. ``standby``,
``passive`` and ``secondary`` are what a replica is meant to be. ``failedover`` and ``relocated`` are what was asked
for; ``plannedandfinished`` is a plan that had nothing to change.
"""

AT_WORK_WORDS = listed("accepted active created executing launched live open running serving started")
"""Success words that say of what comes to an end (a run, a job, a backup) only that it has not ended yet."""

DOING_WORDS = listed(
    """
    admitted await bootstrap cordoned deferred detached draft failingover failover halted held hibernated hold inactive
    inflight init initial initialise initialised initialize initialized inprogress inqueue insufficient maintenance new
    notready notstarted notyet onhold outdated outofdate outofsync partial partially paused pending planned prepared
    progress queued requested requiresapproval retry rollback scale scheduled staged stopped submitted suspend suspended
    switchover triggered unassigned unbound uninitialized unmet unschedulable unscheduled unset unsynced upgrade
    upgradeavailable upgradepending wait warn warning yellow
    """
)
"""It is not there yet, and may come.

A paused or stopped resource is not at work, as a paused Deployment is not. ``warning`` and ``yellow`` are not well,
and nothing has failed. ``scheduled`` and ``admitted`` are only the beginning of what they announce. ``failingover``
goes before ``failing``: somebody else is taking over.
"""

DOING_ALONE = listed("create delete download upload")
"""What is being done, as the whole word only: ``SuccessfulCreate`` says something else."""

FAILED_WORDS = listed(
    """
    abnormal abort aborted backoff bad blocked broken canceled cancelled cannot conflict conflicted conflicting
    conflicts corrupt corrupted crash crashed crashing crashloop critical damaged dead degraded denied disallowed
    duplicate duplicated err errimagepull error errored errors evicted exceeded exceeds exception expired fail failed
    failing fails failure failures fatal faulted faulty forbidden illegal impossible inaccessible incompatible
    inconsistent incorrect invalid irreconcilable killed lost malformed misconfigured mismatch mismatched misscheduled
    missing nomatching noncompliant noquorum nosuch notaccepted notallowed notapproved notconnected notfound nothealthy
    notpermitted notreachable notsupported notvalid oom orphan orphaned panic problem quarantined red refused rejected
    revoked rolledback stalled stuck terminal terminated timedout timeout unable unacceptable unauthenticated
    unauthorised unauthorized unexpected unhealthy unprocessable unreachable unrecognized unrecoverable unresolvable
    unresolved unsatisfiable unsatisfied unsuccessful unsupported unusable violated violation
    """
)
"""It failed, or is not what it should be, and somebody has to do something.

``rolledback`` is a failure of what was asked for, however well what was there before runs.
"""

FAILED_ALONE = listed(
    "actionrequired closed disconnected down notdeployed notenoughdiskspace offline sealed stale unavailable"
)
"""Trouble as the whole word only: ``Unavailable`` says how it is, ``MinimumReplicasUnavailable`` why it is not yet."""

UNKNOWN_WORDS = listed("inconclusive indeterminate unclear undefined undetermined unknown")
"""The controller does not know. As the whole word only: ``UnknownImage`` says something else."""

SILENT_WORDS = listed("false none null true unspecified")
"""Words that say nothing of how it is."""

NOT_ACTIVITY = listed(
    """
    billing during existing having incoming logging mapping matching missing monitoring networking nothing operating
    outgoing outstanding ping remaining ring routing string thing upcoming using
    """
)
"""Words on -ing that are nothing that is being done; every other one is activity (``Rebalancing``, ``Cloning``)."""

FAR_NEGATIONS = listed("isnt never not")
"""They turn round a success that stands further behind, too: ``not correctly applied``."""

NEGATIONS = listed("false isnt never no non not without zero")
"""Success after one of these is none (``NotReady``), and trouble after one is no trouble (``NoErrors``)."""

SENTENCE_FAILED = listed(
    """
    abort aborted cannot conflict crash crashloop crashloopbackoff degraded denied doesnotexist doesntexist errimagepull
    error errors exceeded expired fail failed failing failure failures fatal forbidden imagepullbackoff incompatible
    invalid lost mismatch missing notallowed notfound notpermitted notsupported panic refused rejected timedout timeout
    unable unauthorized unhealthy unreachable unrecoverable unsuccessful unsupported
    """
)
"""What makes a controller's sentence one of trouble, where its reason tells nothing."""

SENTENCE_DOING = listed(
    """
    awaiting inprogress notyet pending progressing reconciling requeued retrying wait waiting waits willretry
    """
)
"""What makes a controller's sentence one of patience, when it stands before any word of trouble."""
