"""The catalogue of renderers: a source becomes YAML text. An entry is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from lastgood.errors import SettingError
from lastgood.model.source import Render

RENDERERS = {
    "plain": "lastgood.rendering.plain",
    "go-template": "lastgood.rendering.go_template",
}
"""Each entry is a module with a ``render``."""


def renderer(name: str) -> Render:
    """The entry with this name. Raises ``SettingError`` when there is none."""
    if name not in RENDERERS:
        raise SettingError(f'there is no renderer "{name}"', hint=f"there are {', '.join(RENDERERS)}")
    render: Render = import_module(RENDERERS[name]).render
    return render
