"""Resources become live beside every release, in waves, and are waited for. They are never recorded or rolled back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lastgood.drafting import place
from lastgood.errors import Rejected, SettingError
from lastgood.model.health import condition_is
from lastgood.model.marks import RELEASE, RELEASE_NAMESPACE
from lastgood.model.operation import Done
from lastgood.model.plan import Change, Op, Step, Wait
from lastgood.model.release import Mode, Release
from lastgood.model.request import DEFAULT_TIMEOUT, Options
from lastgood.model.resource import Body, GroupKind, Resource
from lastgood.operating.carrying_out import carry_out
from lastgood.operating.needing import need
from lastgood.operating.site import Site
from lastgood.planning import Past
from lastgood.strategies import arrange
from lastgood.surveying import Survey, survey

JOB = GroupKind("batch", "Job")
AGAIN = "it had failed: it is made anew"


async def apply(
    site: Site,
    resources: tuple[Resource, ...],
    *,
    skip_dry_run: bool = False,
    skip_wait: bool = False,
    take_over: bool = False,
    within: float = DEFAULT_TIMEOUT,
) -> Done:
    """Apply these as our manager, what others need first, and wait for all of it: for a Job until it is complete.

    A Job that changed, or had failed, is made anew. With ``skip_dry_run`` a refusal of the dry run stops nothing: the
    write is tried. Raises before the first write: ``ManifestError``, ``Forbidden``, ``Rejected`` for what the API
    refuses, and for what belongs to a release unless ``take_over``. Later failures are in the result.
    """
    surveyed = await look_at(site, resources, lenient=skip_dry_run)
    if not take_over:
        _refuse_of_releases(surveyed)
    changes = tuple(map(_again, surveyed.plan.changes))
    await need(site, changes)
    steps = arrange(changes, ())
    return await carry_out(site, _unwaited(steps) if skip_wait else steps, changes, within=within)


async def look_at(site: Site, resources: tuple[Resource, ...], *, lenient: bool = False) -> Survey:
    """What would have to be done so that these are live, as they are: they are of no release."""
    if not resources:
        raise SettingError("there is nothing to apply: the files hold no resources")
    placed = place(resources, await site.cluster.served(), site.namespace)
    return await survey(
        site.cluster, of_no_release(site, placed), Past(), options=Options(take_over=True), lenient=lenient
    )


def of_no_release(site: Site, placed: tuple[Resource, ...]) -> Release:
    """What is surveyed as a release is; it has no name, and is never recorded."""
    refs = tuple(one.ref for one in placed)
    now = site.clock.now()
    return Release("", site.namespace, 0, now, mode=Mode.DECLARATIVE, prune=False, resources=placed, inventory=refs)


def _refuse_of_releases(surveyed: Survey) -> None:
    for ref, body in sorted(surveyed.live.items()):
        name, namespace = owner(body)
        if name:
            raise Rejected(
                f"{ref} belongs to the release {name} in namespace {namespace}: its next deploy would undo what is "
                "applied to it here",
                ref=ref,
                hint="change it in the manifests of that release, or take it over for good",
            )


def owner(body: Body) -> tuple[str, str]:
    """The release that a live resource belongs to, and the namespace of that; empty if it belongs to none."""
    labels: Mapping[str, str] = body["metadata"].get("labels") or {}
    return labels.get(RELEASE, ""), labels.get(RELEASE_NAMESPACE, "?")


def _again(change: Change) -> Change:
    """A Job that failed stays failed: whoever applies it again wants it to run again."""
    live = change.live
    if change.ref.group_kind != JOB or live is None or not condition_is(live, "Failed", "True"):
        return change
    return change if change.op is Op.REPLACE else replace(change, op=Op.REPLACE, note=AGAIN)


def _unwaited(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Without the last wait. Definitions are waited for all the same: what they define is not served before."""
    return steps[:-1] if steps and isinstance(steps[-1], Wait) else steps
