"""Which verb is used on what, and what for: the only place that says it. A table."""

from __future__ import annotations

from dataclasses import dataclass

from lastgood.model.plan import Op

READS = ("get", "list", "watch")
VERBS = {
    Op.CREATE: ("create", "patch", "delete"),
    Op.UPDATE: ("patch",),
    Op.REPLACE: ("create", "patch", "delete"),
    Op.UNDO: ("patch",),
    Op.DELETE: ("delete",),
    Op.KEEP: (),
}
"""What a change needs. What is made may have to be unmade, save for kinds that are never deleted."""
WRITES = tuple(dict.fromkeys(verb for verbs in VERBS.values() for verb in verbs))
UNNAMED = ("create", "list", "watch")
"""Verbs that RBAC cannot limit to names.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
"""


@dataclass(frozen=True, slots=True)
class Use:
    """What is done with some resources: the verbs, and what for; and those that only looking at them needs.

    ``part`` is the subresource with which it is done.
    """

    verbs: tuple[str, ...]
    why: str
    look: tuple[str, ...] = ()
    look_why: str = ""
    part: str = ""


RECORDS = Use(
    ("get", "list", "create", "update", "delete"),
    "the records of releases: for RBAC, all Secrets of the namespace",
    look=("get", "list"),
)
LEASE = Use(
    ("get", "update", "delete"),
    "the lock of this release: one run at a time; uninstall deletes it",
    look=("get",),
    look_why="whether a run is at work",
)
NEW_LEASE = Use(("create",), "the lock of a first release; RBAC cannot limit a create to a name")
HOME = Use(("get",), "whether the namespace is there")
RESOURCE = Use(
    (*READS, *WRITES),
    "resources of the release: read and watched, tried in dry runs and applied (patch; create where there is nothing "
    "yet), and deleted when they are undone, replaced or pruned",
    look=("get", "list"),
    look_why="resources of the release: compared with what is recorded",
)
LASTING = Use(
    tuple(verb for verb in RESOURCE.verbs if verb != "delete"),
    "resources of the release that are never deleted: read and watched, tried in dry runs and applied",
    look=RESOURCE.look,
    look_why=RESOURCE.look_why,
)
DEPENDENT = Use(("list", "watch"), "pods, their makers, events: what is healthy, and why not", look=("list",))
LOG = Use(("get",), "the last lines of containers that failed, kept as evidence")
AUTOSCALER = Use(("list",), "who scales workloads: their replicas are left alone", look=("list",))
KEEPER = Use(("get",), "standard mode: the pod templates that an undo goes back to", look=("get",))
STUCK = Use(("delete",), "a broken pod that keeps its StatefulSet from going on is deleted")

JOURNAL = Use(
    ("list", "create", "patch", "delete"),
    "the journals of runs, which say how far each has come: for RBAC, all Secrets of the namespace",
)
APPLIED = Use(RESOURCE.verbs, "what steps apply beside the release; deleted is only what has to be made anew")
SHOWN = Use(("get", "list", "create", "patch"), "what steps only show: for RBAC, a dry run is a write")
SCALED = Use(("patch",), "what steps scale", part="scale")
PATCHED = Use((*READS, "patch"), "what steps patch, restart, pause, resume or undo, and wait for")
WATCHED = Use(READS, "what steps wait for")
REVISION = Use(("list",), "the revisions that steps tell, or go back to")
GONE = Use(("get", "list", "delete"), "what steps delete")

WAITED_FOR = (APPLIED, PATCHED, WATCHED)
"""Uses of what is watched until it is healthy, with what stands below it."""

USES = (
    RECORDS, JOURNAL, LEASE, NEW_LEASE, HOME, RESOURCE, LASTING,
    APPLIED, SHOWN, SCALED, PATCHED, WATCHED, GONE,
    DEPENDENT, LOG, AUTOSCALER, KEEPER, REVISION, STUCK,
)  # fmt: skip
"""In the order in which they are printed. The second row is that of steps of pipelines, beside the release."""
