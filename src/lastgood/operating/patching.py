"""One live resource is changed by a patch of the user's own, in any of the API's three styles. It is not rolled back.

What it sets is held by a manager of its own (``ports.BESIDE``): later releases leave it, unless they say it themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lastgood.errors import Rejected, SettingError
from lastgood.model.operation import Done
from lastgood.model.patching import Patch, Style
from lastgood.model.plan import Op
from lastgood.model.request import DEFAULT_TIMEOUT
from lastgood.model.resource import Body, Ref
from lastgood.operating.carrying_out import wait
from lastgood.operating.changing import Changed, Wish, change
from lastgood.operating.needing import need_to_patch
from lastgood.operating.site import Site
from lastgood.parsing import parse

CHANGE_CAUSE = "kubernetes.io/change-cause"
EXPECTED = {
    Style.JSON: "a list of operations, each with op and path (RFC 6902)",
    Style.MERGE: "a mapping, the part of the resource that is to change",
    Style.STRATEGIC: "a mapping, the part of the resource that is to change",
}


async def patch(
    site: Site,
    ref: Ref,
    wanted: Patch,
    *,
    style: Style = Style.STRATEGIC,
    cause: str = "",
    skip_wait: bool = False,
    within: float = DEFAULT_TIMEOUT,
) -> Done:
    """Change it, and wait until it is healthy; ``cause`` is recorded on it as kubectl's ``kubernetes.io/change-cause``.

    Raises ``NotFound``, ``Forbidden``, and ``Rejected`` with the API's sentence: in all of these nothing was changed.
    """
    await need_to_patch(site, [ref])
    changed = await _change(site, ref, wanted, style, cause)
    done = Done((changed.touched,))
    written = {} if changed.touched.op is Op.KEEP else {ref: changed.body}
    return done if skip_wait else await wait(site, done, written, within=within)


def read_patch(text: str, style: Style, file: str) -> Patch:
    """The patch that is written in a text, JSON or YAML. Raises ``ManifestError``, ``SettingError``."""
    values = [one.value for one in parse(text, file) if one.value is not None]
    value = values[0] if len(values) == 1 else None
    fits = _is_operations(value) if style is Style.JSON else isinstance(value, dict)
    if value is None or not fits:
        raise SettingError(f"{file}: this is no {style} patch: expected {EXPECTED[style]}")
    found: Patch = value
    return found


def _is_operations(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and {"op", "path"} <= one.keys() for one in value)


async def _change(site: Site, ref: Ref, wanted: Patch, style: Style, cause: str) -> Changed:
    def decide(live: Body) -> Wish:
        return Wish(_with_cause(wanted, live, cause), style, note=f"patched ({style})")

    try:
        return await change(site, ref, decide)
    except Rejected as error:
        raise Rejected(str(error), ref=ref, hint=error.hint or _hint(str(error), style)) from error


def _hint(sentence: str, style: Style) -> str:
    if style is Style.STRATEGIC and "media type" in sentence:
        return "custom resources take merge and json patches only"
    return ""


def _with_cause(wanted: Patch, live: Body, cause: str) -> Patch:
    if not cause:
        return wanted
    if not isinstance(wanted, Mapping):
        return [*_annotated(live), *wanted, {"op": "add", "path": _CAUSE_POINTER, "value": cause}]
    metadata = wanted.get("metadata") or {}
    annotations = {**(metadata.get("annotations") or {}), CHANGE_CAUSE: cause}
    return {**wanted, "metadata": {**metadata, "annotations": annotations}}


def _annotated(live: Body) -> Sequence[Mapping[str, Any]]:
    """What it takes for there to be annotations that one can be added to."""
    there = live["metadata"].get("annotations")
    return () if there else ({"op": "add", "path": "/metadata/annotations", "value": {}},)


_CAUSE_POINTER = f"/metadata/annotations/{CHANGE_CAUSE.replace('/', '~1')}"
