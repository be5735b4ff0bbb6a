"""What the demo deploys: the manifests of a small shop, as one would write them. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields

FOLDER = "shop"
RELEASE = "shop"
WORKLOAD = "web"
PODS = 2

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
data:
  VERSION: %(version)s
"""

KEYS = """\
apiVersion: v1
kind: Secret
metadata: {name: shop-keys}
stringData:
  PASSWORD: only-for-the-demo
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
"""

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: %(pods)s
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: %(image)s
          envFrom:
            - configMapRef: {name: shop}
            - secretRef: {name: shop-keys}
          resources:
            requests: {cpu: 10m, memory: 16Mi}
            limits: {memory: 64Mi}
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop at one moment. Each field stands in the file that ``PLACES`` names."""

    version: str
    image: str

    def files(self) -> dict[str, str]:
        """The text of each file by its name."""
        values = {"version": json.dumps(self.version), "image": json.dumps(self.image), "pods": PODS}
        return {
            "config.yaml": CONFIG % values,
            "keys.yaml": KEYS,
            "service.yaml": SERVICE,
            "web.yaml": WEB % values,
        }

    def contents(self) -> list[tuple[str, str]]:
        """The files, and what a person should know of each."""
        return [
            ("config.yaml", f"ConfigMap shop: VERSION {self.version}"),
            ("keys.yaml", "Secret shop-keys: PASSWORD"),
            ("service.yaml", "Service web"),
            ("web.yaml", f"Deployment web: {PODS} pods of {self.image}, which read both as environment"),
        ]

    def changes(self, before: Shop) -> Iterator[tuple[str, str]]:
        """The files that are not as they were, and how they differ."""
        for name in (field.name for field in fields(self)):
            old, new = getattr(before, name), getattr(self, name)
            if old != new:
                file, key = PLACES[name]
                yield file, f"{key} {old} → {new}"


PLACES = {"version": ("config.yaml", "VERSION"), "image": ("web.yaml", "image")}
