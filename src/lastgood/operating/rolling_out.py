"""What ``kubectl rollout`` does to Deployments, StatefulSets and DaemonSets. Nothing of it is recorded or rolled back.

https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from lastgood.diffing import RESTARTED
from lastgood.errors import ClusterError, Conflict, Rejected, SettingError
from lastgood.kinds import kind_of
from lastgood.model.operation import Command, Done, Numbered, Touched
from lastgood.model.patching import Style
from lastgood.model.plan import Op
from lastgood.model.reading import at
from lastgood.model.request import DEFAULT_TIMEOUT
from lastgood.model.resource import Body, GroupKind, Ref
from lastgood.operating.carrying_out import wait
from lastgood.operating.changing import Changed, Decide, Wish, change
from lastgood.operating.finding import read
from lastgood.operating.needing import need_to_patch
from lastgood.operating.revisions import numbered, undone
from lastgood.operating.site import Site
from lastgood.owning import fold, owned_fields
from lastgood.ports import MANAGER
from lastgood.undoing import patch as undo_patch

DEPLOYMENT = GroupKind("apps", "Deployment")
ROLLED_OUT = (DEPLOYMENT, GroupKind("apps", "StatefulSet"), GroupKind("apps", "DaemonSet"))
PAUSABLE = (DEPLOYMENT,)


@dataclass(frozen=True, slots=True)
class _Doing:
    """How a command is done: on which kinds, and what it changes of a live body at some time."""

    kinds: tuple[GroupKind, ...]
    decide: Callable[[Ref, Body, str], Wish | str]


async def roll_out(
    site: Site,
    command: Command,
    refs: Collection[Ref],
    *,
    revision: int | None = None,
    waits: bool = False,
    within: float = DEFAULT_TIMEOUT,
) -> Done:
    """Do this to each, one after the other; ``waits`` until they are ready, as STATUS always does.

    ``revision`` is where UNDO goes back to, without one to the revision before. Raises before the first write
    ``SettingError``, ``Forbidden``, ``NotFound``, ``Rejected``; what fails later is told in the result.
    """
    _refuse_others(command, refs)
    if command is Command.STATUS:
        return await _status(site, refs, within=within)
    await need_to_patch(site, refs)
    decisions = {ref: await _decision(site, command, ref, revision) for ref in refs}
    done, bodies = await _change_all(site, decisions)
    return await wait(site, done, bodies, within=within) if waits and done.ok and done.touched else done


def meant(command: Command, refs: Iterable[Ref]) -> tuple[Ref, ...]:
    """Those of these that a command is for: of all that is in manifests or in a release."""
    return tuple(ref for ref in refs if ref.group_kind in _kinds(command))


async def look_back(site: Site, ref: Ref) -> tuple[Numbered, ...]:
    """The revisions that the cluster keeps of a workload, the oldest first, with why they came to be."""
    _refuse_others(Command.UNDO, [ref])
    return await _revisions(site, await read(site, ref), ref)


async def _revisions(site: Site, live: Body, ref: Ref) -> tuple[Numbered, ...]:
    keeper = kind_of(ref.group_kind).keeper
    assert keeper is not None
    return numbered(live, await site.cluster.find([keeper.group_kind], ref.namespace, label=""))


async def _status(site: Site, refs: Collection[Ref], *, within: float) -> Done:
    for ref in refs:
        await read(site, ref)
    done = Done(tuple(Touched(ref, Op.KEEP) for ref in refs))
    return await wait(site, done, {}, within=within)


async def _decision(site: Site, command: Command, ref: Ref, revision: int | None) -> Decide:
    """Whether it can be done is found out here, of all, before the first is changed."""
    live = await read(site, ref)
    if command is Command.UNDO:
        known = await _revisions(site, live, ref)
        decide = _undoing(ref, known, revision)
    else:
        when, doing = site.clock.now().isoformat(timespec="seconds"), DOINGS[command]
        decide = lambda body: doing.decide(ref, body, when)  # noqa: E731
    decide(live)
    return decide


async def _change_all(site: Site, decisions: Mapping[Ref, Decide]) -> tuple[Done, dict[Ref, Body]]:
    done, bodies = Done(), dict[Ref, Body]()
    for ref, decide in decisions.items():
        try:
            changed = await change(site, ref, decide)
        except ClusterError as error:
            if not done.changed:
                raise
            return replace(done, failure=str(error)), bodies
        done = replace(done, touched=(*done.touched, changed.touched))
        if changed.touched.op is not Op.KEEP:
            bodies[ref] = await _folded(site, changed)
    return done, bodies


# --- what each command changes


def _restart(ref: Ref, live: Body, when: str) -> Wish | str:
    _refuse_paused(ref, live, "restarted")
    return Wish({"spec": {"template": {"metadata": {"annotations": {RESTARTED: when}}}}}, note="restarted")


def _pause(_ref: Ref, live: Body, _when: str) -> Wish | str:
    return "it is paused already" if _is_paused(live) else Wish({"spec": {"paused": True}}, note="paused")


def _resume(_ref: Ref, live: Body, _when: str) -> Wish | str:
    return Wish({"spec": {"paused": None}}, note="resumed") if _is_paused(live) else "it is not paused"


DOINGS = {
    Command.RESTART: _Doing(ROLLED_OUT, _restart),
    Command.PAUSE: _Doing(PAUSABLE, _pause),
    Command.RESUME: _Doing(PAUSABLE, _resume),
}


def _undoing(ref: Ref, known: tuple[Numbered, ...], number: int | None) -> Decide:
    def decide(live: Body) -> Wish | str:
        _refuse_paused(ref, live, "undone")
        found = undone(live, ref, known, number=number)
        if isinstance(found, str):
            return found
        # As our manager: the next release takes back what this brings back, and does not have itself.
        return Wish(undo_patch(found), Style.JSON, manager=MANAGER, note=found.note, op=Op.UNDO)

    return decide


async def _folded(site: Site, changed: Changed) -> Body:
    """What an undo of a release's workload leaves in an entry of its own is folded, as after every undo of ours.

    A conflict does no harm: the next deploy folds it. What is not ours is left to those who deployed it.
    """
    if changed.touched.op is Op.UNDO and owned_fields(changed.body):
        with suppress(Conflict):
            moves = fold(changed.body)
            return await site.cluster.patch(changed.touched.ref, moves) if moves else changed.body
    return changed.body


# --- what cannot be done


def _refuse_others(command: Command, refs: Collection[Ref]) -> None:
    kinds = _kinds(command)
    for ref in refs:
        if ref.group_kind not in kinds:
            words = " or ".join(f"a {kind.kind}" for kind in kinds)
            raise SettingError(f"{ref}: {command} is not for a {ref.kind}: only for {words}")


def _kinds(command: Command) -> tuple[GroupKind, ...]:
    return DOINGS[command].kinds if command in DOINGS else ROLLED_OUT


def _refuse_paused(ref: Ref, live: Body, what: str) -> None:
    if _is_paused(live):
        raise Rejected(f"{ref} is paused, and cannot be {what}", ref=ref, hint="resume it first")


def _is_paused(live: Body) -> bool:
    return at(live, "spec", "paused") is True
