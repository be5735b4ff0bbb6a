"""One guarded change of one live resource: decided on what is live, and anew when somebody else wrote in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lastgood.errors import Conflict, Rejected
from lastgood.model.event import Written
from lastgood.model.operation import Touched
from lastgood.model.patching import Patch, Style
from lastgood.model.plan import Op
from lastgood.model.resource import Body, Ref
from lastgood.operating.finding import read
from lastgood.operating.site import Site
from lastgood.ports import BESIDE

TRIES = 8
"""How often a change is decided anew."""
PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be changed; ``part`` is a subresource, ``note`` says in a clause what it is about."""

    patch: Patch
    style: Style = Style.MERGE
    part: str = ""
    manager: str = BESIDE
    note: str = ""
    op: Op = Op.UPDATE


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of it, and the live body after it."""

    touched: Touched
    body: Body


Decide = Callable[[Body], Wish | str]
"""What is to be changed of a live body, or why nothing is."""


async def change(site: Site, ref: Ref, decide: Decide) -> Changed:
    """Change it. Raises ``NotFound`` when it is not there, and whatever ``decide`` and the API raise."""
    live = await read(site, ref)
    for turn in range(TRIES):
        wish = decide(live)
        if isinstance(wish, str):
            return Changed(Touched(ref, Op.KEEP, wish), live)
        try:
            return await _write(site, ref, live, wish)
        except Conflict as conflict:
            last = conflict
        await site.clock.sleep(PAUSE * turn)
        live = await _moved(site, ref, live, last)
    raise Rejected(f"{ref} was changed by others {TRIES} times in a row: {last}", ref=ref)


async def _write(site: Site, ref: Ref, live: Body, wish: Wish) -> Changed:
    patch = guarded(wish.patch, live)
    answer = await site.cluster.patch(ref, patch, style=wish.style, part=wish.part, manager=wish.manager)
    body = await read(site, ref) if wish.part else answer
    if _version(body) == _version(live):
        return Changed(Touched(ref, Op.KEEP, "it is so already"), body)
    site.tell(Written(ref, wish.op, note=wish.note))
    return Changed(Touched(ref, wish.op, wish.note), body)


async def _moved(site: Site, ref: Ref, live: Body, conflict: Conflict) -> Body:
    """What is live by now. If it is what was live before, the patch itself does not fit: a ``test`` of its own."""
    now = await read(site, ref)
    if _version(now) == _version(live):
        raise Rejected(f"{ref}: a test in the patch does not hold: {conflict}", ref=ref) from conflict
    return now


def guarded(patch: Patch, live: Body) -> Patch:
    """The patch for exactly this state of the resource; one that names a state itself stays as it is."""
    uid, version = live["metadata"]["uid"], _version(live)
    if isinstance(patch, Mapping):
        return {**patch, "metadata": {"uid": uid, "resourceVersion": version, **(patch.get("metadata") or {})}}
    if any(one.get("path") == "/metadata/resourceVersion" for one in patch):
        return patch
    return [
        {"op": "test", "path": "/metadata/uid", "value": uid},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
        *patch,
    ]


def _version(body: Body) -> str:
    return str(body["metadata"]["resourceVersion"])
