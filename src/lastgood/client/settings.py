"""The settings of a call: their names and types, and what is refused before anything is asked of a cluster. Pure."""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal, TypedDict, TypeVar

from lastgood.errors import SettingError
from lastgood.model.naming import RULE, is_release_name
from lastgood.model.release import Mode, Strategy
from lastgood.model.request import LEAST_HISTORY_MAX, OnConflict, Options
from lastgood.reasons import RULES

Seconds = float | timedelta
"""A time: seconds as a number, or a ``timedelta``."""

HealthRules = str | os.PathLike[str] | Mapping[str, Any]
"""Rules of one's own: the file that holds them, or what would be in it."""

Word = TypeVar("Word", bound=StrEnum)


class _Unfit(Exception):
    """Why a value cannot be taken."""


class UninstallSettings(TypedDict, total=False):
    """How long an uninstall may take, and what it says; all of it may be left out, as for the commands.

    ``timeout`` bounds the wait until it is done, ``wait_lock`` how long to queue behind another run.
    ``who`` and ``why`` stand in the history.
    """

    timeout: Seconds
    wait_lock: Seconds
    who: str
    why: str


class RunSettings(UninstallSettings, total=False):
    """How a run behaves. ``timeout`` bounds the wait for health, and a restore has the same again.

    ``hold`` is how long a release then has to stay healthy before it counts as good. ``grace`` says for a reason how
    long it may stand before it fails the release, ``math.inf`` for ever.
    ``on_interrupt`` says what a cancelled run does: ``fail`` at once, or ``restore`` first. ``health_rules`` are rules
    of one's own by which health is judged.
    """

    hold: Seconds
    grace: Mapping[str, Seconds]
    history_max: int
    on_interrupt: Literal["fail", "restore"]
    strict: bool
    health_rules: HealthRules


class RollbackSettings(RunSettings, total=False):
    """Those of a rollback: ``force`` goes to a release that failed, too."""

    force: bool


class DeploySettings(RunSettings, total=False):
    """Those of a deploy, and of the plan of one.

    ``mode``, ``versioned`` and ``recursive`` are for files and bodies: a service says them itself. ``prune`` None
    leaves it to the mode. The rest is told in docs/commands.md, under the flag of the same name.
    """

    mode: Mode | Literal["declarative", "standard"]
    versioned: bool
    recursive: bool
    prune: bool | None
    on_conflict: OnConflict | Literal["take", "keep", "fail"]
    create_namespace: bool
    take_over: bool
    clean_up: bool
    strategy: Strategy | Literal["rolling", "canary", "blue-green"]
    canary: str
    staged: bool


def need(*problems: str) -> None:
    """Raise ``SettingError`` with all of these, if there are any."""
    if problems:
        raise SettingError("\n".join(problems))


def check(call: str, settings: type, given: Mapping[str, object], *problems: str) -> dict[str, Any]:
    """The values that were given, each as the inside wants it.

    ``settings`` is the class that names what ``call`` takes, ``problems`` what is known to be wrong already.
    Raises ``SettingError`` with all that is wrong.
    """
    known = known_settings(settings)
    wrong, checked = list(problems), {}
    for name, value in given.items():
        try:
            checked[name] = _CHECKS[name](value) if name in known else _refuse(call, name, known)
        except _Unfit as error:
            wrong.append(f"{name}: {error}" if name in known else str(error))
    if wrong:
        raise SettingError(
            "\n".join(wrong), hint=f"{call}() takes {', '.join(known)}" if _unknown(given, known) else ""
        )
    return checked


def known_settings(settings: type) -> tuple[str, ...]:
    """The names in one of the classes above, those that it inherits first."""
    return tuple(settings.__annotations__)


def name_problems(name: object) -> list[str]:
    """Why this cannot be the name of a release."""
    if not isinstance(name, str):
        return [f"the name of a release is a string, not {described(name)}"]
    if not is_release_name(name):
        return [f'"{name}" cannot be the name of a release: {RULE}']
    return []


def number_problems(**numbers: object) -> list[str]:
    """Why these cannot be numbers of releases, where None is none in particular."""
    return [
        f"{word}: has to be the number of a release, from 1, not {described(number)}"
        for word, number in numbers.items()
        if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 1)
    ]


def rules_problems(rules: object) -> list[str]:
    """Why these cannot be rules of health, where None is none."""
    try:
        _health_rules(rules) if rules is not None else None
    except _Unfit as error:
        return [f"health_rules: {error}"]
    return []


def flag_problems(**flags: object) -> list[str]:
    """Why these cannot say yes or no."""
    return [
        f"{word}: has to be True or False, not {described(flag)}"
        for word, flag in flags.items()
        if not isinstance(flag, bool)
    ]


def options_of(checked: Mapping[str, Any], *, who: str) -> Options:
    """How the run behaves; what was not given is as usual."""
    same = {name: value for name, value in checked.items() if name in Options.__dataclass_fields__}
    return Options(**{"who": who, **same, "restore_on_interrupt": checked.get("on_interrupt") == "restore"})


def described(value: object) -> str:
    """A value as a message may name it: what it is, never what is in it when that may be long or secret."""
    if isinstance(value, bool | int | float | timedelta) or value is None:
        return repr(value)
    if isinstance(value, str):
        return f'"{value[:40]}"'
    return f"{_article(type(value).__name__)} {type(value).__name__}"


def _article(word: str) -> str:
    return "an" if word[:1].lower() in "aeiou" else "a"


def _unknown(given: Iterable[str], known: Iterable[str]) -> bool:
    return not set(given) <= set(known)


def _refuse(call: str, name: str, known: Iterable[str]) -> Any:
    if name in _CHECKS:
        raise _Unfit(f"{call}() does not take {name}")
    near = difflib.get_close_matches(name, known, n=1)
    raise _Unfit(f"there is no setting {name}" + (f"; did you mean {near[0]}?" if near else ""))


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Unfit(f"has to be True or False, not {described(value)}")
    return value


def _maybe_flag(value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise _Unfit(f"has to be True, False or None, not {described(value)}")
    return value


def _seconds(value: object) -> float:
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise _Unfit(f"has to be a number of seconds or a timedelta, not {described(value)}")
    if not math.isfinite(seconds) or seconds < 0:
        raise _Unfit(f"cannot be {described(value)} seconds")
    return float(seconds)


def _some_seconds(value: object) -> float:
    seconds = _seconds(value)
    if not seconds:
        raise _Unfit("has to be longer than nothing")
    return seconds


def _graces(value: object) -> Mapping[str, float]:
    if not isinstance(value, Mapping):
        raise _Unfit(f"has to be a mapping of reasons to seconds, not {described(value)}")
    unknown = [reason for reason in value if reason not in RULES]
    if unknown:
        near = difflib.get_close_matches(str(unknown[0]), RULES, n=1)
        raise _Unfit(f"there is no reason {described(unknown[0])}" + (f"; did you mean {near[0]}?" if near else ""))
    return {reason: math.inf if time == math.inf else _seconds(time) for reason, time in value.items()}


def _health_rules(value: object) -> HealthRules:
    if not isinstance(value, str | os.PathLike | Mapping):
        raise _Unfit(f"has to be the path of a file or a mapping, not {described(value)}")
    return value


def _history_max(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < LEAST_HISTORY_MAX:
        raise _Unfit(f"has to be a whole number, at least {LEAST_HISTORY_MAX}, not {described(value)}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Unfit(f"has to be a string, not {described(value)}")
    return value


def _one_of(words: type[Word]) -> Callable[[object], Word]:
    def chosen(value: object) -> Word:
        return words(_one_of_these(value, [str(one) for one in words]))

    return chosen


def _on_interrupt(value: object) -> str:
    return _one_of_these(value, ["fail", "restore"])


def _one_of_these(value: object, words: list[str]) -> str:
    if not isinstance(value, str) or value not in words:
        raise _Unfit(f"has to be {' or '.join(words)}, not {described(value)}")
    return value


_CHECKS: Mapping[str, Callable[[object], Any]] = MappingProxyType(
    {
        "timeout": _some_seconds,
        "hold": _seconds,
        "grace": _graces,
        "wait_lock": _seconds,
        "health_rules": _health_rules,
        "history_max": _history_max,
        "on_interrupt": _on_interrupt,
        "strict": _flag,
        "who": _text,
        "why": _text,
        "force": _flag,
        "mode": _one_of(Mode),
        "versioned": _flag,
        "recursive": _flag,
        "prune": _maybe_flag,
        "on_conflict": _one_of(OnConflict),
        "create_namespace": _flag,
        "take_over": _flag,
        "clean_up": _flag,
        "strategy": _one_of(Strategy),
        "canary": _text,
        "staged": _flag,
    }
)
