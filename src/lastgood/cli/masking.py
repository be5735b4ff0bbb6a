"""What takes the secrets of a run out of all that is printed; nothing is a secret until somebody says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any


class Masks:
    """Told of secrets once they are known, and asked for every text before it is printed."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._mask: Callable[[str], str] | None = None

    def hide(self, secrets: Iterable[str]) -> None:
        """Print none of these from now on."""
        self._secrets.update(secrets)
        if self._secrets:
            from lastgood.pipelines.secret_store import masker  # noqa: PLC0415  # only who has secrets

            self._mask = masker(self._secrets)

    def text(self, text: str) -> str:
        """The text without them."""
        return self._mask(text) if self._mask else text

    def document(self, value: Any) -> Any:
        """A document without them: its texts, and no number or key, so that it stays what it is."""
        if self._mask is None:
            return value
        if isinstance(value, str):
            return self._mask(value)
        if isinstance(value, Mapping):
            return {key: self.document(one) for key, one in value.items()}
        return [self.document(one) for one in value] if isinstance(value, list | tuple) else value


OPEN = Masks()
"""Hides nothing."""
