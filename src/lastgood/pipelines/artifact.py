"""An image reference taken apart, as the product's artifact expressions name the parts. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lastgood.errors import SettingError

# https://github.com/distribution/reference/blob/main/regexp.go
COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
HOST = r"(?:[a-zA-Z0-9.-]+|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
IMAGE = re.compile(
    rf"(?:(?P<registry>{HOST})/)?(?P<path>{COMPONENT}(?:/{COMPONENT})*)"
    r"(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>[A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Artifact:
    """``registry.example:5000/team/web:1.2@sha256:...`` and its parts; what is not written is empty."""

    image: str
    path: str
    registry: str = ""
    tag: str = ""
    digest: str = ""


def artifact_of(image: str) -> Artifact:
    """The artifact that an image reference names. Raises ``SettingError`` when it names none."""
    found = IMAGE.fullmatch(image.strip())
    if not found:
        raise SettingError(f'"{image}" is no image', hint="write it as registry/path:tag, or registry/path@sha256:...")
    registry, path = found["registry"] or "", found["path"]
    if registry and not _is_host(registry):
        registry, path = "", f"{registry}/{path}"
    return Artifact(found[0], path, registry, found["tag"] or "", found["digest"] or "")


def _is_host(component: str) -> bool:
    """What tells a registry from the first part of a path."""
    return component == "localhost" or any(sign in component for sign in ".:[") or component != component.lower()
