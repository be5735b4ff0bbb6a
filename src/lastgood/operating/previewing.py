"""What resources would become, and what of that differs from what is live. Dry runs: nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lastgood.asking import Asking
from lastgood.diffing import MASK, SECRET_FIELDS, comparable
from lastgood.drafting import place
from lastgood.emitting import emit
from lastgood.model.marks import CONFIG_HASH, RELEASE, RELEASE_NAMESPACE
from lastgood.model.operation import Compared, Preview
from lastgood.model.reading import part
from lastgood.model.request import OnConflict
from lastgood.model.resource import Body, Ref, Resource
from lastgood.operating.applying import look_at, of_no_release
from lastgood.operating.site import Site
from lastgood.planning import Past, Twin, Unchecked
from lastgood.planning import Preview as Answer
from lastgood.surveying import NAMESPACE, what_waits
from lastgood.versioning import pod_template


async def dry_run(site: Site, resources: tuple[Resource, ...]) -> Preview:
    """Each as the API would make it, in YAML, the data of Secrets masked.

    Raises ``ManifestError``, and ``Rejected`` for the first that the API refuses.
    """
    placed = await _marked(site, resources)
    served = await site.cluster.served()
    live = await site.cluster.read([one.ref for one in placed])
    made = frozenset(one.ref.name for one in placed if one.ref.group_kind == NAMESPACE and one.ref not in live)
    waits = what_waits(of_no_release(site, placed), served, made)
    asking = Asking(site.cluster, live, Past(), OnConflict.TAKE, lenient=False, waits=waits)
    answers = await asking.all(placed, {})
    bodies = {one.ref: _answer(one, answers.previews.get(one.ref)) for one in placed}
    return Preview("---\n".join(_documents(bodies, waits)), waits)


async def diff(site: Site, resources: tuple[Resource, ...]) -> Compared:
    """What an apply of these would change; what a release has put on its own stays out of it.

    Raises as ``dry_run`` does.
    """
    surveyed = await look_at(site, await _marked(site, resources))
    return Compared(surveyed.plan.changes)


async def _marked(site: Site, resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """With the marks of the release that they belong to: these are in no manifest, and would seem to go."""
    placed = place(resources, await site.cluster.served(), site.namespace)
    live = await site.cluster.read([one.ref for one in placed])
    return tuple(_with_marks(one, live[one.ref]) if one.ref in live else one for one in placed)


def _with_marks(resource: Resource, live: Body) -> Resource:
    body = resource.copy_body()
    _add(body, "labels", _marks(live, "labels", (RELEASE, RELEASE_NAMESPACE)))
    template, lives = pod_template(body), pod_template(live)
    if template is not None and lives is not None:
        _add(template, "annotations", _marks(lives, "annotations", (CONFIG_HASH,)))
    return resource.with_body(body)


def _marks(body: Body, field: str, names: tuple[str, ...]) -> dict[str, str]:
    there = part(body, "metadata", field)
    return {name: there[name] for name in names if name in there}


def _add(body: Body, field: str, marks: Mapping[str, str]) -> None:
    if marks:
        metadata = body.get("metadata") or {}
        body["metadata"] = {**metadata, field: {**(metadata.get(field) or {}), **marks}}


def _answer(resource: Resource, answer: Answer | None) -> Body:
    if answer is None or isinstance(answer, Unchecked):
        return resource.body
    if isinstance(answer, Twin):
        named = {**answer.body["metadata"], "name": resource.ref.name}
        return {**answer.body, "metadata": named}
    return answer


def _documents(bodies: Mapping[Ref, Body], unchecked: Mapping[Ref, str]) -> Iterator[str]:
    for ref, body in bodies.items():
        note = f"# not checked: {unchecked[ref]}\n" if ref in unchecked else ""
        yield note + emit(masked(comparable(body)))


def masked(body: Body) -> Body:
    """The same with the data of a Secret masked."""
    if (body.get("apiVersion"), body.get("kind")) != ("v1", "Secret"):
        return body
    hidden = {name: dict.fromkeys(body[name] or (), MASK) for name in SECRET_FIELDS if name in body}
    return {**body, **hidden}
