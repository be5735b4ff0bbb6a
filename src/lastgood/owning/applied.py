"""What kubectl remembers of its last apply, kept in step with ours: then a later ``kubectl apply`` does what it would.

kubectl removes the fields that stand in this annotation and not in the file that it is given. So it is written as if
kubectl had applied what we do, without the marks that are only ours: kubectl must not take those away.
https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/#how-apply-calculates-differences-and-merges-changes
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lastgood.diffing import LAST_APPLIED
from lastgood.model.marks import MARKS
from lastgood.model.resource import Body

LONGEST = 250_000
"""Bytes; the annotations of a resource together may have 262,144."""


def in_step(body: Body, live: Body | None) -> Body:
    """The body as it is sent: with the annotation if the live resource carries it, and if it is not too long."""
    if LAST_APPLIED not in annotations_of(live or {}):
        return body
    metadata = body["metadata"]
    return {**body, "metadata": {**metadata, "annotations": annotations_of(body) | last_applied(body)}}


def last_applied(body: Body) -> dict[str, str]:
    """The annotation for a body, as kubectl would write it; nothing for one that is too long."""
    text = json.dumps(_unmarked(body), separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n"
    return {LAST_APPLIED: text} if len(text.encode()) <= LONGEST else {}


def last_applied_back(live: Body, stored: Body, *, annotations: bool) -> dict[str, str]:
    """The annotation after an undo: what was applied last, but for the pod template (and annotations) of ``stored``."""
    if LAST_APPLIED not in annotations_of(live):
        return {}
    try:
        applied = json.loads(annotations_of(live)[LAST_APPLIED])
        metadata = applied["metadata"] | ({"annotations": annotations_of(stored)} if annotations else {})
        spec = {**applied["spec"], "template": stored["spec"]["template"]}
    except (ValueError, KeyError, TypeError):  # it is no longer what kubectl or we have written
        return last_applied(stored)
    return last_applied({**applied, "metadata": metadata, "spec": spec})


def annotations_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The annotations of a body."""
    return dict((body.get("metadata") or {}).get("annotations") or {})


def _unmarked(value: Any) -> Any:
    """Without our marks, wherever they stand, and with the annotations that kubectl always writes."""
    body: Body = _without_marks(value)
    kept = {key: one for key, one in annotations_of(body).items() if key != LAST_APPLIED}
    return {**body, "metadata": {**body["metadata"], "annotations": kept}}


def _without_marks(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_marks(one) for key, one in value.items() if key not in MARKS and not _is_emptied(one)}
    if isinstance(value, list):
        return [_without_marks(one) for one in value]
    return value


def _is_emptied(value: Any) -> bool:
    """Whether a mapping holds nothing but our marks."""
    return isinstance(value, Mapping) and bool(value) and MARKS.issuperset(value)
