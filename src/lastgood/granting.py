"""What somebody needs to be allowed: the cluster says how it serves each kind, the history what may come back."""

from __future__ import annotations

from lastgood.drafting import draft
from lastgood.model.permission import Permissions
from lastgood.model.release import History, Mode
from lastgood.model.request import Request
from lastgood.permitting import Needs, needs_of_release, permit
from lastgood.ports import Clock, Cluster, Store
from lastgood.preparing import absent_namespaces
from lastgood.recalling import recall


async def grant(cluster: Cluster, store: Store, clock: Clock, request: Request, *, looking: bool) -> Permissions:
    """The rights to deploy this and to come back, or, ``looking``, to see what became of it. Nothing is changed.

    Raises ``NotFound`` for a namespace that is not there and may not be made.
    """
    needs, absent = await needs_of(cluster, store, clock, request)
    found = Permissions(request.name, request.namespace, {}, tuple(sorted(absent)), looking=looking)
    return permit(found, [needs])


async def needs_of(cluster: Cluster, store: Store, clock: Clock, request: Request) -> tuple[Needs, frozenset[str]]:
    """What this release needs, and the namespaces of it that are not there yet. Raises as ``grant`` does."""
    served = await cluster.served()
    drafted = draft(request, served, clock.now())
    absent = await absent_namespaces(cluster, drafted, may_create=request.options.create_namespace)
    history = History(await store.summaries(request.name))
    past = await recall(store, request.name, history)
    undoes = Mode.STANDARD in (drafted.mode, *(one.mode for one in history.summaries))
    return needs_of_release(drafted, past, served, undoes=undoes), absent
