"""Expressions in CEL, the language that Kubernetes itself uses for such questions. Needs the extra ``lastgood[cel]``.

https://kubernetes.io/docs/reference/using-api/cel/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lastgood.errors import SettingError
from lastgood.model.rule import Answer

PARTS = ("metadata", "spec", "status")
"""Fields of a resource that can be named without ``object.`` before them; one that is not there is empty."""


class Compiler:
    """Turns texts into questions. Raises ``SettingError`` when CEL is not installed."""

    def __init__(self) -> None:
        try:
            from cel_expr_python import cel  # noqa: PLC0415  # an extra, for those who write rules
        except ImportError as error:
            hint = "pip install 'lastgood[cel]'"
            raise SettingError("rules of health are written in CEL, which is not installed", hint=hint) from error
        self._cel = cel
        self._env = cel.NewEnv(variables=dict.fromkeys(("object", *PARTS), cel.Type.DYN))

    def test(self, text: str) -> Callable[[Mapping[str, Any]], Answer]:
        """A question that is answered with yes or no. Raises ``ValueError`` with what is wrong with it."""
        ask = self._compiled(text, self._cel.Type.BOOL, "true or false")

        def answer(body: Mapping[str, Any]) -> Answer:
            value, why = ask(body)
            if isinstance(value, bool):
                return value
            return why or f"{text} gives {value!r}, which is neither true nor false"

        return answer

    def message(self, text: str) -> Callable[[Mapping[str, Any]], str]:
        """A sentence; empty where it cannot be made. Raises ``ValueError`` with what is wrong with it."""
        ask = self._compiled(text, self._cel.Type.STRING, "a text")

        def sentence(body: Mapping[str, Any]) -> str:
            value, _ = ask(body)
            return value if isinstance(value, str) else ""

        return sentence

    def _compiled(self, text: str, wanted: Any, named: str) -> Callable[[Mapping[str, Any]], tuple[Any, str]]:
        try:
            expression = self._env.compile(text)
        except RuntimeError as error:
            raise ValueError(_problem(str(error))) from error
        if expression.return_type() not in (wanted, self._cel.Type.DYN):
            raise ValueError(f"gives {expression.return_type().name().lower()}, expected {named}")
        return lambda body: self._ask(expression, body)

    def _ask(self, expression: Any, body: Mapping[str, Any]) -> tuple[Any, str]:
        """The value, or None and why there is none."""
        data = {"object": dict(body)} | {part: body.get(part) or {} for part in PARTS}
        try:
            found = expression.eval(data=data)
            value = found.plain_value()
        except (RuntimeError, ValueError, TypeError, OverflowError) as error:
            return None, str(error)
        return (None, str(value)) if found.type() == self._cel.Type.ERROR else (value, "")


def _problem(message: str) -> str:
    """The first line of what CEL says, with its place: ``ERROR: <input>:1:16: Syntax error: …``."""
    line = message.partition("\n")[0].rpartition("ERROR: ")[2]
    place, _, sentence = line.removeprefix("<input>:").partition(": ")
    return f"{sentence} (at {place} of the expression)" if sentence else line
