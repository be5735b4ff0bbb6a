"""The form in which a resource is planned, sent and recorded. Pure."""

from __future__ import annotations

import base64
from typing import Any

from lastgood.diffing import LAST_APPLIED, SERVER_METADATA
from lastgood.model.resource import Body, Resource

OWN_ANNOTATIONS = ("harness.io/", "lastgood.dev/")


def normalised(resource: Resource) -> Resource:
    """The same resource as it can be compared with what is live, and sent again at any time.

    ``stringData`` of a Secret becomes ``data``, over what stands there, as the API does it. What only the server
    says (uid, resourceVersion, managedFields, ...) and kubectl's own record are left out: exported manifests have
    them. Annotations that this tool reads are strings, however they were written.
    """
    body = {**resource.body, "metadata": _metadata(resource.body["metadata"])}
    if resource.ref.kind == "Secret" and resource.ref.group == "":
        body = _without_string_data(body)
    return resource if body == resource.body else resource.with_body(body)


def _metadata(metadata: Body) -> Body:
    kept = {key: value for key, value in metadata.items() if key not in SERVER_METADATA}
    annotations = kept.get("annotations")
    if isinstance(annotations, dict):
        kept["annotations"] = {key: _text(key, value) for key, value in annotations.items() if key != LAST_APPLIED}
        if annotations and not kept["annotations"]:
            del kept["annotations"]
    return kept


def _text(key: str, value: Any) -> Any:
    if key.startswith(OWN_ANNOTATIONS) and isinstance(value, bool | int):
        return str(value).lower()
    return value


def _without_string_data(body: Body) -> Body:
    plain, data = body.get("stringData") or {}, body.get("data") or {}
    shaped = isinstance(plain, dict) and isinstance(data, dict)
    if not shaped or not all(isinstance(value, str | None) for value in plain.values()):
        return body  # the API will refuse it; ``check`` has said so before
    kept = {key: value for key, value in body.items() if key != "stringData"}
    encoded = {key: base64.b64encode((value or "").encode()).decode() for key, value in plain.items()}
    return {**kept, "data": {**data, **encoded}} if encoded else kept
