"""A workload gets another number of pods, through its scale subresource, as ``kubectl scale`` does it.

The number is nobody's but that of the scale: a rollback to an earlier pod template leaves it, and the next release that
says a number of its own takes it back.
"""

from __future__ import annotations

from lastgood.errors import Rejected, SettingError
from lastgood.model.operation import Amount, Done
from lastgood.model.plan import Op
from lastgood.model.request import DEFAULT_TIMEOUT
from lastgood.model.resource import Body, Ref, ref_of
from lastgood.operating.carrying_out import wait
from lastgood.operating.changing import Decide, Wish, change
from lastgood.operating.finding import read
from lastgood.operating.needing import need_to_patch
from lastgood.operating.site import Site
from lastgood.owning import value_at
from lastgood.sharing import REPLICAS, scale_target
from lastgood.surveying import autoscalers

SCALE = "scale"


async def scale(
    site: Site,
    ref: Ref,
    amount: Amount,
    *,
    base: int | None = None,
    skip_wait: bool = False,
    within: float = DEFAULT_TIMEOUT,
) -> Done:
    """Have so many pods, and wait until they are there. Percent are of ``base``, or of what is wanted until then.

    Raises ``SettingError`` for what cannot be scaled, ``Rejected`` where an autoscaler decides, ``NotFound``,
    ``Forbidden``: in all of these nothing was changed.
    """
    await _refuse_unscalable(site, ref)
    await need_to_patch(site, [ref], part=SCALE)
    await _refuse_scaled(site, ref)
    wanted = _wanted(ref, amount, _replicas(await read(site, ref)) if base is None else base)
    changed = await change(site, ref, _to(wanted))
    done = Done((changed.touched,))
    written = {} if changed.touched.op is Op.KEEP else {ref: changed.body}
    return done if skip_wait else await wait(site, done, written, within=within)


def _wanted(ref: Ref, amount: Amount, base: int | None) -> int:
    """Decided once: whoever decided it again after a lost answer would take percent of percent."""
    if amount.percent and base is None:
        raise SettingError(f"{ref} does not say how many pods it wants: give a number, not percent")
    return amount.of(base or 0)


def _to(wanted: int) -> Decide:
    def decide(live: Body) -> Wish | str:
        now = _replicas(live)
        if now == wanted:
            return f"it has {wanted} replicas already"
        note = f"scaled from {now} to {wanted}" if now is not None else f"scaled to {wanted}"
        return Wish({"spec": {"replicas": wanted}}, part=SCALE, note=note)

    return decide


def _replicas(live: Body) -> int | None:
    said = value_at(live, REPLICAS)
    return said if isinstance(said, int) else None


async def _refuse_unscalable(site: Site, ref: Ref) -> None:
    served = (await site.cluster.served()).get(ref.group_kind)
    if ref.kind == "DaemonSet":
        raise SettingError(
            f"{ref} cannot be scaled: a DaemonSet has one pod on each node that it wants",
            hint="its nodeSelector, affinity and tolerations say on which nodes it runs",
        )
    if served is None or SCALE not in served.parts:
        raise SettingError(f"{ref} cannot be scaled: a {ref.kind} has no replicas that others can set")


async def _refuse_scaled(site: Site, ref: Ref) -> None:
    for body in await autoscalers(site.cluster, frozenset({ref.namespace})):
        if scale_target(body) == ref:
            raise Rejected(
                f"{ref} is scaled by {ref_of(body)}, which would undo this within seconds",
                ref=ref,
                hint="change how many replicas that one allows, or delete it first",
            )
