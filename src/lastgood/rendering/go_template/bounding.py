"""What a template may use up, counted while it runs: no time is measured, so that the same input always ends alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gotpl import ContextFunction, ExecutionBudget
from gotpl.runtime.callables import CallSpec, call_spec
from gotpl.runtime.values import INVALID

from lastgood.rendering.go_template.functions import Function

LARGEST_OUTPUT = 16 * 1024 * 1024  # characters
LARGEST_RESULT = 4 * 1024 * 1024  # characters that one function may give; an element of a list counts for several
LARGEST_WORK = 32 * 1024 * 1024  # characters that all functions together may take and give
BUDGET = ExecutionBudget(
    max_output_chars=LARGEST_OUTPUT, max_iterations=200_000, max_template_depth=40, max_function_calls=200_000
)
ELEMENT = 16  # how many characters an element counts for


class TooMuch(Exception):
    """A template uses up more than it may."""


class Meter:
    """Counts what the functions of one template take and give."""

    def __init__(self) -> None:
        self._work = 0

    def metered(self, functions: Mapping[str, Function]) -> dict[str, Function]:
        """The same functions, each refusing to go beyond the bounds."""
        return {name: self._metered(name, function) for name, function in functions.items()}

    def _metered(self, name: str, function: Function) -> Function:
        if isinstance(function, ContextFunction):  # these render templates, whose output is counted
            return function
        spec, expected = call_spec(function), EXPECTED.get(name)

        def counted(*given: Any) -> Any:
            arguments = _complete(given, spec.minimum if spec else 0)
            _check(name, arguments, spec)
            if expected is not None and _expectation(expected, arguments) > LARGEST_RESULT:
                raise TooMuch(f"{name} would give more than {LARGEST_RESULT // 2**20} MiB")
            result = function(*arguments)
            self._count(name, arguments, result)
            return result

        return counted

    def _count(self, name: str, arguments: Sequence[Any], result: Any) -> None:
        size = _size(result)
        if size > LARGEST_RESULT:
            raise TooMuch(f"{name} gives more than {LARGEST_RESULT // 2**20} MiB")
        self._work += size + sum(len(one) for one in arguments if isinstance(one, str))
        if self._work > LARGEST_WORK:
            raise TooMuch(f"its functions handle more than {LARGEST_WORK // 2**20} MiB")


def _complete(given: Sequence[Any], least: int) -> list[Any]:
    """The arguments, where a value that is not there is nil, as in Go: the engine drops it from a pipeline's end."""
    arguments = [None if one is INVALID else one for one in given]
    return [*arguments, None] if len(arguments) == least - 1 else arguments


def _check(name: str, arguments: Sequence[Any], spec: CallSpec | None) -> None:
    problem = spec and (spec.arity_error(name, len(arguments)) or spec.type_error(name, arguments))
    if problem:
        raise TypeError(problem)


def _size(value: Any) -> int:
    """Characters and elements of a value, everything in it counted as often as it would be printed."""
    if not isinstance(value, dict | list | tuple):
        return len(value) if isinstance(value, str) else ELEMENT
    size, rest = 0, list[Any]([value])
    while rest and size <= LARGEST_RESULT:
        one: Any = rest.pop()
        size += len(one) if isinstance(one, str) else ELEMENT
        if isinstance(one, dict):
            rest.extend(one.values())
        elif isinstance(one, list | tuple):
            rest.extend(one)
    return size


def _expectation(expected: Callable[..., int], arguments: Sequence[Any]) -> int:
    try:
        return expected(*arguments)
    except (TypeError, ValueError, AttributeError, LookupError):
        return 0  # not what the function takes: it will say so itself


def _of_repeat(count: int, text: str) -> int:
    return int(count) * len(text)


def _of_indent(spaces: int, text: str) -> int:
    return int(spaces) * (text.count("\n") + 1) + len(text)


def _of_until(count: int) -> int:
    return abs(int(count)) * ELEMENT


def _of_until_step(start: int, stop: int, step: int) -> int:
    return abs(int(stop) - int(start)) // max(abs(int(step)), 1) * ELEMENT


def _of_seq(*numbers: int) -> int:
    start, stop = (1, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[-1])
    return abs(int(stop) - int(start)) // max(abs(numbers[1]) if len(numbers) == 3 else 1, 1) * ELEMENT


def _of_random(count: int) -> int:
    return int(count)


def _of_replace(old: str, new: str, text: str) -> int:
    return (text.count(old) if old else len(text) + 1) * len(new) + len(text)


def _of_regex_replace(_pattern: str, text: str, new: str) -> int:
    """At most one match a character, and each reference in the replacement gives at most the match."""
    return (len(text) + 1) * len(new) if len(new) > 16 else 0


def _of_wrap_with(width: int, separator: str, text: str) -> int:
    return (len(text) // max(int(width), 1) + 1) * len(separator) + len(text)


def _of_join(separator: str, elements: Any) -> int:
    return len(separator) * len(elements) if isinstance(elements, list | tuple) else 0


def _of_printf(text: str, *_arguments: Any) -> int:
    """Widths and precisions; ``*`` takes them from the arguments."""
    widths = sum(int(digits[:9]) for digits in re.findall(r"%[^a-zA-Z%]*?(\d{4,})", text))
    return widths + sum(int(one) for one in _arguments if "*" in text and isinstance(one, int | float))


EXPECTED: Mapping[str, Callable[..., int]] = {
    "repeat": _of_repeat,
    "indent": _of_indent,
    "nindent": _of_indent,
    "until": _of_until,
    "untilStep": _of_until_step,
    "seq": _of_seq,
    "replace": _of_replace,
    "wrapWith": _of_wrap_with,
    "join": _of_join,
    "printf": _of_printf,
    **dict.fromkeys(("regexReplaceAll", "mustRegexReplaceAll"), _of_regex_replace),
    **dict.fromkeys(("regexReplaceAllLiteral", "mustRegexReplaceAllLiteral"), _of_regex_replace),
    **dict.fromkeys(("randAlpha", "randAlphaNum", "randAscii", "randNumeric", "randBytes"), _of_random),
}
"""How much a function will give, told by its arguments: for those that give far more than they take."""
