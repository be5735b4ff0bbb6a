"""A file store and a service file in a folder of a test's own."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lastgood.pipelines.service import ServiceRelease, load_service

ROOT = Path(__file__).parent.parent.parent
NGINX = ROOT / "examples" / "nginx"

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: config
data:
"""

SERVICE = """\
service:
  name: shop
  identifier: Shop_1
  tags: {{ {tags} }}
  serviceDefinition:
    type: Kubernetes
    spec:
      artifacts:
        primary: {{}}
      manifests:
        - manifest:
            identifier: dev
            type: K8sManifest
            spec:
              store:
                type: Harness
                spec:
                  files: {files}
              valuesPaths: {values}
{settings}
      variables:
{variables}
"""


@dataclass(frozen=True)
class Shop:
    """A folder with a file store."""

    folder: Path

    @property
    def store(self) -> Path:
        """The root of the file store."""
        return self.folder / "store"

    def put(self, name: str, text: str) -> Shop:
        """Write a file of the store."""
        path = self.store / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return self

    def config(self, name: str = "/app/config.yaml", **data: str) -> Shop:
        """Write a ConfigMap whose data are templates."""
        return self.put(name, CONFIG + "".join(f"  {key}: {value}\n" for key, value in data.items()))

    def load(self, service: str = "", **given: Any) -> ServiceRelease:
        """The release of a service file with this text."""
        path = self.folder / "service.yaml"
        path.write_text(service or service_text())
        return load_service(path, file_store=self.store, **given)


def service_text(
    *,
    files: str = "[/app]",
    values: str = "[]",
    tags: str = "",
    settings: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
    types: Mapping[str, str] | None = None,
) -> str:
    """A service file with one manifest."""
    lines = [f"              {key}: {value}" for key, value in (settings or {}).items()]
    entries = [
        f"        - name: {name}\n          type: {(types or {}).get(name, 'String')}\n          value: {value}"
        for name, value in (variables or {}).items()
    ]
    text = SERVICE.format(
        files=files, values=values, tags=tags, settings="\n".join(lines), variables="\n".join(entries)
    )
    return text if entries else text.replace("      variables:\n", "")


def data_of(release: ServiceRelease) -> dict[str, Any]:
    """The data of its one ConfigMap."""
    (resource,) = release.resources
    data: dict[str, Any] = resource.body["data"]
    return data
