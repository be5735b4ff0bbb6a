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
    accepted acknowledged active adopted alive allocated applied approved assigned atlatestknown attached available
    balanced bootstrapped bound built complete completed compliant configured connected consistent converged created
    current delivered deployed discovered done downloaded elected enabled encrypted enforced enrolled established
    executed exists exported failedover finished fulfilled good green healthok healthy idle imported inservice installed
    insync inuse issued joined launched leader licensed linked listening live loaded locked managed matched merged
    migrated mirrored mounted normal ok okay onboarded online open operational paired passed passive peered
    plannedandfinished populated present primary processed programmed promoted propagated protected provisioned
    published pushed reachable ready realized rebooted reconciled registered released relocated renewed replicated
    reserved resolved restored retained rotated running satisfied secondary serving settled signed skipped stable
    standby started steady stored streaming subscribed succeed succeeded success successful successfully superseded
    supported synced synchronised synchronized trusted unchanged unlocked unsealed up updated upgraded uploaded uptodate
    valid validated verified working
    """
)
"""All is as it should be.

``released``, ``superseded`` and ``idle`` are ends of a road that nobody has to do anything about. ``standby``,
``passive`` and ``secondary`` are what a replica is meant to be. ``failedover`` and ``relocated`` are what was asked
for; ``plannedandfinished`` is a plan that had nothing to change.
"""

CURRENT_ALONE = listed(
    """
    asexpected clean follower master member nochange nochanges optimal pass poweredon quorate ran readwrite replica
    voter writable
    """
)
"""What a thing is meant to be or to find, as the whole word only: ``MasterElection`` says something else."""

AT_WORK_WORDS = listed("accepted active created executing launched live open running serving started")
"""Success words that say of what comes to an end (a run, a job, a backup) only that it has not ended yet."""

DOING_WORDS = listed(
    """
    admitted await bootstrap cleanup cordoned deferred detached draft failingover failover halted held hibernated hold
    inactive incomplete inflight init initial initialise initialised initialize initialized inprogress inqueue
    insufficient maintenance needsapproval new notmet notready notstarted notyet onhold outdated outofdate outofsync
    partial partially paused pending planned prepared progress queued requested requiresapproval resync retry rollback
    rollout scale scheduled staged stopped submitted suspend suspended switchover throttled triggered unallocated
    unassigned unbound uninitialized unmet unschedulable unscheduled unset unsynced upgrade upgradeavailable
    upgradepending wait warn warning yellow
    """
)
"""It is not there yet, and may come.

A paused or stopped resource is not at work, as a paused Deployment is not. ``warning`` and ``yellow`` are not well,
and nothing has failed. ``scheduled`` and ``admitted`` are only the beginning of what they announce. ``failingover``
goes before ``failing``: somebody else is taking over.
"""

DOING_ALONE = listed("create delete download poweredoff upload")
"""What is being done, as the whole word only: ``SuccessfulCreate`` says something else."""

FAILED_WORDS = listed(
    """
    abnormal abort aborted backoff bad blocked broken canceled cancelled cannot conflict conflicted conflicting
    conflicts corrupt corrupted crash crashed crashing crashloop critical damaged dead degraded denied disallowed
    diskfull driftdetected duplicate duplicated err errimagepull error errored errors evicted exceeded exceeds exception
    exhausted expired fail failed failing fails failure failures fatal fault faulted faulty forbidden illegal impaired
    impossible inaccessible incompatible inconsistent incorrect interrupted invalid irreconcilable irrecoverable killed
    lockedout lost malformed misconfigured mismatch mismatched misscheduled missing nomatching noncompliant noquorum
    nosuch notaccepted notallowed notapproved notauthenticated notauthorized notconnected notfound nothealthy
    notpermitted notreachable notresponding notsupported notvalid oom orphan orphaned outofdisk outofmemory outofspace
    panic poisoned problem quarantined red refused rejected revoked rolledback splitbrain stalled stuck tainted terminal
    terminated timedout timeout unable unacceptable unauthenticated unauthorised unauthorized unexpected unhealthy
    unprocessable unprovisionable unreachable unrecognized unrecoverable unresolvable unresolved unresponsive
    unsatisfiable unsatisfied unsuccessful unsupported unusable violated violating violation
    """
)
"""It failed, or is not what it should be, and somebody has to do something.

``rolledback`` is a failure of what was asked for, however well what was there before runs.
"""

FAILED_ALONE = listed(
    """
    actionrequired closed disconnected down emergency ko nok notdeployed notenoughdiskspace offline sealed stale suspect
    unavailable undeployed
    """
)
"""Trouble as the whole word only: ``Unavailable`` says how it is, ``MinimumReplicasUnavailable`` why it is not yet."""

UNKNOWN_WORDS = listed("inconclusive indeterminate unclear undefined undetermined unknown")
"""The controller does not know. As the whole word only: ``UnknownImage`` says something else."""

SILENT_WORDS = listed("false none null true unspecified")
"""Words that say nothing of how it is."""

NOT_ACTIVITY = listed(
    """
    billing during existing having incoming logging managing mapping matching missing monitoring networking nothing
    operating outgoing outstanding ping remaining ring routing string thing upcoming using
    """
)
"""Words on -ing that are nothing that is being done; every other one is activity (``Rebalancing``, ``Cloning``)."""

FAR_NEGATIONS = listed("isnt never not")
"""They turn round a success that stands further behind, too: ``not correctly applied``."""

NEGATIONS = listed("0 false isnt never no non not without zero")
"""Success after one of these is none (``NotReady``), and trouble after one is no trouble (``NoErrors``)."""

SENTENCE_FAILED = listed(
    """
    abort aborted alreadyexists backoff badrequest broken cannot conflict couldnot couldnt crash crashloop
    crashloopbackoff degraded denied doesnotexist doesntexist duplicate errimagepull error errors exceeded exhausted
    expired fail failed failing failure failures fatal forbidden imagepullbackoff immutable incompatible invalid lost
    malformed mismatch missing noenough nomatches nospaceleft notallowed notenoughspace notfound nothavepermission
    notpermitted notsupported panic quorumlost refused rejected serviceunavailable timedout timeout unable unauthorized
    unexpected unhealthy unknownauthority unreachable unrecoverable unresolved unsuccessful unsupported violates
    """
)
"""What makes a controller's sentence one of trouble, where its reason tells nothing."""

SENTENCE_DOING = listed(
    """
    awaiting inprogress notyet pending progressing reconciling requeued retrying wait waiting waits willretry
    """
)
"""What makes a controller's sentence one of patience, when it stands before any word of trouble."""
