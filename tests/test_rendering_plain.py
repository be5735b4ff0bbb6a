"""Files that are YAML already."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lastgood.errors import SettingError
from lastgood.model.source import File, Source
from lastgood.rendering import RENDERERS, renderer


def test_a_plain_file_stays_as_it_is() -> None:
    files = (File("a.yaml", "a: {{ not an action }}\n"), File("b.yaml", ""))
    assert renderer("plain")(Source(files, {"a": 1})) == files


def test_an_unknown_renderer_is_named() -> None:
    with pytest.raises(SettingError, match='there is no renderer "jinja"') as caught:
        renderer("jinja")
    assert caught.value.hint == "there are plain, go-template"


@pytest.mark.parametrize("name", RENDERERS)
def test_every_entry_renders(name: str) -> None:
    assert renderer(name)(Source(())) == ()


def test_the_template_engine_is_imported_only_by_who_needs_it() -> None:
    """It takes half a second."""
    code = "import sys; from lastgood.rendering import renderer; renderer('plain'); print('gotpl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
