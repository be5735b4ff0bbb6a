"""An image reference and its parts."""

from __future__ import annotations

import pytest

from lastgood.errors import SettingError
from lastgood.pipelines.artifact import artifact_of

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("image", "registry", "path", "tag", "digest"),
    [
        ("nginx", "", "nginx", "", ""),
        ("nginx:1.27", "", "nginx", "1.27", ""),
        ("library/nginx:1", "", "library/nginx", "1", ""),
        ("registry.lab/web:1", "registry.lab", "web", "1", ""),
        ("localhost/web", "localhost", "web", "", ""),
        ("localhost:5000/team/web:1", "localhost:5000", "team/web", "1", ""),
        ("host:5000/web", "host:5000", "web", "", ""),
        ("[::1]:5000/web:1", "[::1]:5000", "web", "1", ""),
        (f"ghcr.io/a/b_c/d-e@{DIGEST}", "ghcr.io", "a/b_c/d-e", "", DIGEST),
        (f"ghcr.io/a/b:v1.2@{DIGEST}", "ghcr.io", "a/b", "v1.2", DIGEST),
        (" nginx:1 ", "", "nginx", "1", ""),
    ],
)
def test_an_image_is_taken_apart(image: str, registry: str, path: str, tag: str, digest: str) -> None:
    found = artifact_of(image)
    assert (found.registry, found.path, found.tag, found.digest) == (registry, path, tag, digest)
    assert found.image == image.strip()


@pytest.mark.parametrize("image", ["", "Nginx", "a b", "nginx:", "nginx@sha256:short", "nginx:a:b", "/nginx", "a//b"])
def test_what_names_no_image_is_refused(image: str) -> None:
    with pytest.raises(SettingError, match="is no image"):
        artifact_of(image)
