"""The engine's failures in words that help: file, line, the action, and what may have been meant. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import gotpl

from lastgood.errors import TemplateError
from lastgood.model.source import File, Source
from lastgood.rendering.go_template.bounding import BUDGET, LARGEST_OUTPUT, TooMuch
from lastgood.rendering.go_template.functions import REMOVED, Unprintable

LONGEST_ACTION = 100  # characters of an action that are shown
MOST_KEYS = 12  # of those that there are, when one is missing

VALUE = re.compile(r"\.Values((?:\.\w+)+)")
POSITION = re.compile(r"^template:\d+:\d+: ")
UNKNOWN_FUNCTION = re.compile(r"function '(\w+)' not defined")
NO_FIELDS = re.compile(r"(?:attribute|method|property) '(\w+)' is not allowed")
UNKNOWN_TEMPLATE = re.compile(r"template '([^']*)' is not defined")
ARITY = re.compile(r"wrong number of args for (\w+): want (.+) got (\d+)")
REWORDED = (
    (NO_FIELDS, "there is no mapping to take {0} from"),
    (UNKNOWN_TEMPLATE, 'there is no template "{0}"'),
    (ARITY, "{0} takes {1} arguments, and is given {2}"),
)
FAILED = re.compile(r"^function '(\w+)' failed: ")
SAYS_ITSELF = re.compile(r"^(required|fail): ")
WRONG_TYPE = re.compile(r"argument \d+ to (\w+): expected (\w+), got (\w+)")
TYPES = {
    "NoneType": "nothing",
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "a boolean",
    "list": "a list",
    "dict": "a mapping",
}
BUDGETS = {
    "output character": f"it gives more than {LARGEST_OUTPUT // 2**20} MiB",
    "iteration": f"it loops more than {BUDGET.max_iterations} times",
    "template-depth": f"its templates call each other more than {BUDGET.max_template_depth} levels deep",
    "function-call": f"it calls more than {BUDGET.max_function_calls} functions",
}
INCOMPATIBLE = "incompatible types for comparison"
CONVERT = (
    "numbers of values files are floats here, service variables are strings: convert with int, float64 or toString"
)
GUARD = "guard it with if, or give it a default"
HELM_OBJECTS = ("Release", "Chart", "Capabilities", "Files", "Template", "Subcharts")


def not_a_template(error: Exception, file: File, known: Iterable[str]) -> TemplateError:
    """The error for a file that cannot be read as a template."""
    if not isinstance(error, gotpl.TemplateSyntaxError):
        return TemplateError(f"{file.name}: this is not a Go template: {_reason(error)}")
    problem = POSITION.sub("", str(error))
    found = UNKNOWN_FUNCTION.search(problem)
    hint = _function_hint(found[1], known) if found else ""
    problem = f"there is no function {found[1]}" if found else problem
    return TemplateError(f"{file.name}:{error.line}: this is not a Go template: {problem}", hint=hint)


def explained(error: Exception, file: File, source: Source) -> TemplateError:
    """The error for a template that fails while it is carried out."""
    action = _action(error, file, source)
    parts = (_place(error, file), action, _reason(error))
    return TemplateError(": ".join(filter(None, parts)), hint=_hint(error, action, source))


def no_value(error: gotpl.TemplateExecutionError, file: File, source: Source) -> TemplateError:
    """The error for printing what is not there."""
    action = _action(error, file, source)
    hint = _missing_hint(action, source.values)
    return TemplateError(f"{_place(error, file)}: {action} has no value", hint=hint)


def _place(error: Exception, file: File) -> str:
    name, line = getattr(error, "source_name", None), getattr(error, "line", None)
    if line is None:
        return file.name
    return f"{name}:{line}" if name not in (None, "tpl") else f"{file.name}: line {line} of what is given to tpl"


def _reason(error: Exception) -> str:
    cause = error.__cause__
    if isinstance(cause, TooMuch | Unprintable):
        return str(cause)
    if isinstance(error, RecursionError) or isinstance(cause, RecursionError):
        return "it is nested too deeply"
    message = str(getattr(error, "message", error))
    if isinstance(error, gotpl.BudgetExceededError):
        return next(text for label, text in BUDGETS.items() if message.startswith(label))
    return _reworded(message)


def _reworded(message: str) -> str:
    wrong = WRONG_TYPE.search(message)
    if wrong:
        name, wanted, given = wrong.groups()
        return f"{name} needs {TYPES.get(wanted, wanted)}, and is given {TYPES.get(given, given)}"
    for pattern, text in REWORDED:
        found = pattern.search(message)
        if found:
            return text.format(*found.groups())
    return SAYS_ITSELF.sub("", FAILED.sub(r"\1: ", message))


def _hint(error: Exception, action: str, source: Source) -> str:
    wrong = WRONG_TYPE.search(str(error))
    if isinstance(error, gotpl.SandboxViolationError) or (wrong and wrong[3] == "NoneType"):
        return _missing_hint(action, source.values)
    return CONVERT if INCOMPATIBLE in str(error) else ""


def _action(error: Exception, file: File, source: Source) -> str:
    """The action that fails, as it is written; empty when that is not known."""
    name, position = getattr(error, "source_name", None), getattr(error, "position", None)
    text = next((one.text for one in source.files if one.name == name), None)
    if text is None or position is None:
        return ""
    data = text.encode()
    start, end = data.rfind(b"{{", 0, position + 2), data.find(b"}}", position)
    action = " ".join(data[start : end + 2].decode(errors="replace").split()) if 0 <= start < end else ""
    return action if len(action) <= LONGEST_ACTION else f"{action[:LONGEST_ACTION]}..."


def _missing_hint(action: str, values: Mapping[str, Any]) -> str:
    """Which key is missing, and which ones are there."""
    helm = next((name for name in HELM_OBJECTS if f".{name}." in action), None)
    if helm:
        return f"there is no .{helm} here, only .Values"
    for found in VALUE.finditer(action):
        hint = _missing_key(found[1].split(".")[1:], values)
        if hint:
            return hint
    return GUARD


def _missing_key(keys: list[str], values: Any) -> str:
    path = ""
    for key in keys:
        if not isinstance(values, Mapping):
            return f"{path or 'it'} is no mapping"
        if key not in values or values[key] is None:
            return _known_keys(key, path, values)
        path, values = f"{path}.{key}".lstrip("."), values[key]
    return ""


def _known_keys(key: str, path: str, values: Mapping[str, Any]) -> str:
    full = f"{path}.{key}".lstrip(".")
    if key in values:
        return f"{full} is null; {GUARD}"
    near = difflib.get_close_matches(key, map(str, values), n=1)
    if near:
        return f"there is no {full}: did you mean {near[0]}?"
    known = ", ".join(list(map(str, values))[:MOST_KEYS])
    return f"there is no {full}, only {known}; {GUARD}" if known else f"there is no {full}; {GUARD}"


def _function_hint(name: str, known: Iterable[str]) -> str:
    if name in REMOVED:
        return f"{name} is left out on purpose: a template sees its values and nothing else"
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]}?" if near else ""
