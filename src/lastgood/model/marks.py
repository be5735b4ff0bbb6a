"""The labels and annotations that this tool puts on what it deploys, and how those are read that users put there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RELEASE = "lastgood.dev/release"
"""A label: the release that a resource belongs to."""
RELEASE_NAMESPACE = "lastgood.dev/release-namespace"
"""A label: where the history of that release lives."""
CONFIG_HASH = "lastgood.dev/config-hash"
"""An annotation on a pod template: a keyed hash of the configuration that its pods read."""
VERSION_OF = "lastgood.dev/version-of"
"""An annotation on a numbered ConfigMap or Secret: its plain name."""

COPY_OF = "lastgood.dev/copy-of"
"""An annotation on a copy that lives beside its original, for a canary or a colour: the plain name."""

MARKS = frozenset({RELEASE, RELEASE_NAMESPACE, CONFIG_HASH, VERSION_OF, COPY_OF})

TRACK = "harness.io/track"
"""A label of canaries and their pods: ``canary``."""
COLOUR = "harness.io/color"
"""A label of what belongs to one colour, and of its pods: ``blue`` or ``green``."""
DIRECT_APPLY = "harness.io/direct-apply"
"""The annotation by which a resource asks only to be applied: it is not waited for, not undone, and not copied."""


def says(body: Mapping[str, Any], annotation: str) -> bool:
    """Whether an annotation of a body is true, quoted or not, however it is written."""
    annotations = (body.get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(annotation, "")).lower() == "true"
