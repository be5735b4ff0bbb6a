"""An API server's objects, as far as records and Leases need them: names, versions, labels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2

from tests.kube.api import ok, query_of, status


class Shelf:
    """Objects by path. The answers to the next ``lose_answers`` writes are lost."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.lose_answers = 0
        self._version = 100

    def secrets(self, *, type_: str = "") -> list[str]:
        """The names of the Secrets, or of those of one type."""
        return sorted(
            body["metadata"]["name"]
            for path, body in self.objects.items()
            if "/secrets/" in path and (not type_ or body["type"] == type_)
        )

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        self.asked.append(f"{request.method} {path}")
        answer = getattr(self, f"_{request.method.lower()}")(request, path)
        if request.method in ("POST", "PUT") and self.lose_answers:
            self.lose_answers -= 1
            raise httpx2.ReadError("lost")
        assert isinstance(answer, httpx2.Response)
        return answer

    def _get(self, request: httpx2.Request, path: str) -> httpx2.Response:
        if path.endswith(("/secrets", "/leases")):
            return self._list(request, path)
        return ok(self.objects[path]) if path in self.objects else _missing(path)

    def _list(self, request: httpx2.Request, path: str) -> httpx2.Response:
        only_metadata = "PartialObjectMetadataList" in request.headers["Accept"]
        wanted = dict(part.split("=") for part in query_of(request).get("labelSelector", "").split(",") if part)
        items = list(self._matching(path, wanted))
        found = [{"metadata": one["metadata"]} if only_metadata else one for one in items]
        return ok({"metadata": {"resourceVersion": str(self._version)}, "items": found})

    def _matching(self, path: str, wanted: dict[str, str]) -> Iterator[dict[str, Any]]:
        for own, body in self.objects.items():
            labels = body["metadata"].get("labels", {})
            if own.startswith(f"{path}/") and wanted.items() <= labels.items():
                yield body

    def _post(self, request: httpx2.Request, path: str) -> httpx2.Response:
        body = json.loads(request.content)
        own = f"{path}/{body['metadata']['name']}"
        if own in self.objects:
            return status(409, f"{own} already exists", "AlreadyExists")
        return ok(self._put_down(own, body), 201)

    def _put(self, request: httpx2.Request, path: str) -> httpx2.Response:
        body = json.loads(request.content)
        if path not in self.objects:
            return _missing(path)
        if self.objects[path]["metadata"]["resourceVersion"] != body["metadata"]["resourceVersion"]:
            return status(409, "the object has been modified", "Conflict")
        return ok(self._put_down(path, body))

    def _delete(self, _request: httpx2.Request, path: str) -> httpx2.Response:
        return ok(self.objects.pop(path)) if path in self.objects else _missing(path)

    def _put_down(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self._version += 1
        namespace = path.split("/namespaces/")[1].split("/", maxsplit=1)[0]
        body["metadata"] |= {"resourceVersion": str(self._version), "namespace": namespace, "uid": f"u{self._version}"}
        self.objects[path] = body
        return body


def _missing(path: str) -> httpx2.Response:
    return status(404, f"{path} not found", "NotFound")
