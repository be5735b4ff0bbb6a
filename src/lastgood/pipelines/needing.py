"""What a step needs beside what its stage deploys: what it does with which resources, told before it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from lastgood import operating, using
from lastgood.drafting import place
from lastgood.errors import SettingError
from lastgood.model.operation import Command
from lastgood.model.resource import GroupKind, Ref, Resource
from lastgood.permitting import Doing
from lastgood.pipelines.acts import rollout
from lastgood.pipelines.choosing import chosen, named
from lastgood.pipelines.entry import Entry
from lastgood.pipelines.hands import Hands
from lastgood.pipelines.steps import STEPS
from lastgood.using import Use

NAMESPACE = GroupKind("", "Namespace")
RELEASE = "ReleaseName"
LOOKING = (rollout.HISTORY, Command.STATUS)
SCRIPT = "step {step} is a script: what it does to a cluster needs rights of its own"
UNKNOWN = "step {step}: {why}; what it needs is not in the rules"


@dataclass(frozen=True, slots=True)
class Beside:
    """What a step does beside a release: with ``resources`` that it applies or tries; ``note`` is what is not known."""

    doings: tuple[Doing, ...] = ()
    resources: tuple[Resource, ...] = ()
    note: str = ""


async def beside(hands: Hands) -> Beside:
    """What a step needs for itself; nothing where that is what its release needs. Raises ``InputError``."""
    if hands.step.type not in NEEDS:
        return Beside()
    try:
        return await NEEDS[hands.step.type](hands)
    except SettingError as error:  # a name that an earlier step gives, and that is not known before
        return Beside(note=UNKNOWN.format(step=hands.step.identifier, why=error))


def is_of_release(hands: Hands) -> bool:
    """Whether a step needs what a deploy of its stage's release does."""
    return STEPS[hands.step.type].deploys or _of_release(_resources(hands))


def _resources(hands: Hands) -> Entry:
    key = "deleteResources" if "deleteResources" in hands.step.spec else "resources"
    return hands.step.spec.entry(key)


def _of_release(resources: Entry) -> bool:
    return resources.word("type").text == RELEASE


async def _apply(hands: Hands) -> Beside:
    use = using.SHOWN if hands.only_shows else using.APPLIED
    return await _of_all(hands, use, chosen(hands))


async def _show(hands: Hands) -> Beside:
    return await _of_all(hands, using.SHOWN, hands.ground.release().resources)


async def _of_all(hands: Hands, use: Use, resources: tuple[Resource, ...]) -> Beside:
    placed = place(resources, await hands.site.cluster.served(), hands.site.namespace)
    return Beside(_each(use, (one.ref for one in placed)), placed)


async def _scale(hands: Hands) -> Beside:
    refs = await operating.find(hands.site, [hands.text("workload")])
    return Beside((*_each(using.SCALED, refs), *_each(using.WATCHED, refs)))


async def _patch(hands: Hands) -> Beside:
    return Beside(_each(using.PATCHED, await operating.find(hands.site, [hands.text("workload")])))


async def _roll_out(hands: Hands) -> Beside:
    command, refs = hands.text("command").lower(), await _named(hands)
    doings = _each(using.WATCHED if command in LOOKING else using.PATCHED, refs)
    tells = command in (rollout.HISTORY, Command.UNDO)
    return Beside((*doings, *(_each(using.REVISION, refs) if tells else ())))


async def _delete(hands: Hands) -> Beside:
    resources = _resources(hands)
    if not _of_release(resources):
        return Beside(_each(using.GONE, await _named(hands)))
    whole = hands.is_true("deleteNamespace", resources.entry("spec"))
    return Beside(_each(using.GONE, [Ref(*NAMESPACE, "", hands.site.namespace)] if whole else ()))


async def _named(hands: Hands) -> tuple[Ref, ...]:
    """Of a release that may not be there yet, what is to be deployed."""
    resources = _resources(hands)
    if not _of_release(resources):
        return await named(hands, resources)
    refs = await operating.refs_in(hands.site, hands.ground.release().resources)
    return operating.meant(Command.RESTART, refs)


async def _run(hands: Hands) -> Beside:
    return Beside(note=SCRIPT.format(step=hands.step.identifier))


def _each(use: Use, refs: Iterable[Ref]) -> tuple[Doing, ...]:
    return tuple(Doing(use, ref) for ref in refs)


NEEDS: Mapping[str, Callable[[Hands], Awaitable[Beside]]] = {
    "K8sApply": _apply,
    "K8sScale": _scale,
    "K8sDelete": _delete,
    "K8sDryRun": _show,
    "K8sDiff": _show,
    "K8sPatch": _patch,
    "K8sRollout": _roll_out,
    "ShellScript": _run,
}
"""The types of steps that work beside the release."""
