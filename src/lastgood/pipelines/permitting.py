"""What a run of a pipeline has to be allowed to do: what its stages deploy, what their steps do beside, its journal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lastgood.errors import SettingError
from lastgood.granting import needs_of
from lastgood.model.permission import Permissions
from lastgood.model.request import Options
from lastgood.permitting import Needs, needs_of_run, needs_of_steps, permit
from lastgood.pipelines.crewing import Connect
from lastgood.pipelines.foreseeing import foreseen
from lastgood.pipelines.grounds import Given, Ground, Grounds
from lastgood.pipelines.hands import Hands
from lastgood.pipelines.journal import Journal
from lastgood.pipelines.needing import beside, is_of_release
from lastgood.pipelines.running import check
from lastgood.pipelines.shell import run as run_script
from lastgood.pipelines.stage import Pipeline, Stage
from lastgood.preparing import absent_namespace


@dataclass(frozen=True, slots=True)
class Asked:
    """What one stage needs, the namespaces that are not there yet, and what cannot be told before it is run."""

    needs: tuple[Needs, ...] = ()
    absent: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


async def permissions(
    grounds: Grounds, connect: Connect, options: Options, *, only: Collection[str] = ()
) -> Permissions:
    """The rights that a run needs, whatever its conditions come to; with ``only``, for these stages alone.

    They are for one cluster. Nothing is changed. Raises ``InputError`` for what is not there, for stages of several
    clusters, and ``NotFound`` for a namespace that is not there and may not be made.
    """
    pipeline, journal = grounds.pipeline, foreseen(grounds.pipeline)
    check(grounds)
    stages = _chosen(pipeline, only)
    places = {one.identifier: grounds.of(one, journal) for one in stages}
    _refuse_several_clusters(places, grounds.given)
    asked = [await _asked(await _hands(one, places[one.identifier], journal, connect, options)) for one in stages]
    first, home = next(pipeline.each_stage()), places[stages[0].identifier].namespace
    whole = [needs_of_run(home)] if first in stages else []
    found = Permissions(
        name=pipeline.identifier or first.identifier,
        namespace=home,
        rules={},
        absent=tuple(sorted({name for one in asked for name in one.absent})),
        running=True,
        notes=tuple(dict.fromkeys(note for one in asked for note in one.notes)),
    )
    return permit(found, [*whole, *(needs for one in asked for needs in one.needs)])


def _chosen(pipeline: Pipeline, only: Collection[str]) -> tuple[Stage, ...]:
    stages = {one.identifier: one for one in pipeline.each_stage()}
    for unknown in (one for one in only if one not in stages):
        raise SettingError(f"there is no stage {unknown} in this pipeline", hint=f"there are: {', '.join(stages)}")
    return tuple(one for name, one in stages.items() if name in only or not only)


def _refuse_several_clusters(places: Mapping[str, Ground], given: Given) -> None:
    clusters = {name: given.connectors.get(one.connector) or "that of the kubeconfig" for name, one in places.items()}
    if len(set(clusters.values())) > 1:
        told = ", ".join(f"{name} to {cluster}" for name, cluster in clusters.items())
        hint = "roles are applied to one cluster: --stage ID prints those of a stage alone"
        raise SettingError(f"the stages deploy to several clusters: {told}", hint=hint)


async def _hands(
    stage: Stage, ground: Ground, journal: Journal, connect: Connect, options: Options
) -> tuple[Hands, ...]:
    """Those of each step of a stage."""
    deployer = await connect(ground)
    return tuple(
        Hands(
            stage=stage,
            step=step,
            ground=ground,
            journal=journal,
            deployer=deployer,
            options=options,
            rolls_back=False,
            environment={},
            script=run_script,
            hear=lambda line: None,
        )
        for step in stage.steps()
    )


async def _asked(steps: tuple[Hands, ...]) -> Asked:
    if not steps:
        return Asked()
    release = next((one for one in steps if is_of_release(one)), None)
    needs, absent = await (_of_release(release) if release else _of_none(steps[0]))
    found = [await beside(one) for one in steps]
    doings = (doing for one in found for doing in one.doings)
    resources = (resource for one in found for resource in one.resources)
    more = needs_of_steps(doings, resources, await steps[0].site.cluster.served())
    return Asked((*needs, more), absent, tuple(one.note for one in found if one.note))


async def _of_release(hands: Hands) -> tuple[tuple[Needs, ...], frozenset[str]]:
    deployer = hands.deployer
    needs, absent = await needs_of(deployer.cluster, deployer.store, deployer.clock, hands.request())
    return (needs,), absent


async def _of_none(hands: Hands) -> tuple[tuple[Needs, ...], frozenset[str]]:
    """Nothing is deployed in the stage, but it has a namespace."""
    site, may_create = hands.site, hands.options.create_namespace
    return (), await absent_namespace(site.cluster, site.namespace, may_create=may_create)
