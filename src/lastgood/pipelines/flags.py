"""Flags of kubectl in ``commandFlags``: which have a meaning here, which are what is done anyway, which are refused.

Flags that stand in neither table are refused by their name. https://kubernetes.io/docs/reference/kubectl/generated/
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from lastgood.errors import SettingError
from lastgood.pipelines.checking import meant
from lastgood.pipelines.expressions import has_expression
from lastgood.pipelines.mistake import Mistake
from lastgood.pipelines.nodes import Word
from lastgood.pipelines.stage import Step
from lastgood.pipelines.timeouts import SECONDS

NOTHING = ("", "true")
GO_PART = r"(\d+(?:\.\d+)?)(ms|s|m|h)"
GO_DURATION = rf"0|({GO_PART})+"


class Use(StrEnum):
    """What becomes of a flag."""

    HONOURED = "supported"
    ALWAYS = "done anyway"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag of one type of command.

    ``values`` is the pattern of what it takes; ``means`` says what it does, or why it is refused. ``needs`` are the
    commands of ``kubectl rollout`` that it belongs to.
    """

    type: str
    name: str
    use: Use
    means: str
    values: str = "|true"
    takes_word: bool = False
    needs: tuple[str, ...] = ()


def _honoured(kind: str, name: str, means: str, values: str = "|true|false", *needs: str, word: bool = False) -> Flag:
    return Flag(kind, name, Use.HONOURED, means, values, word, needs)


def _always(kind: str, name: str, means: str, values: str = "|true") -> Flag:
    return Flag(kind, name, Use.ALWAYS, means, values)


def _refused(kind: str, name: str, means: str) -> Flag:
    return Flag(kind, name, Use.REFUSED, means, ".*")


WAIT = "how long to wait, if that is less than the step's timeout"
DRY = "only shows what would change"
SERVER = "server"
NO_DRY = "K8sDiff and K8sDryRun show what would change"
OUR_NAME = "everything is written as lastgood, so that it knows what is its own"
SAFE = "what cannot be changed is replaced only where nothing is lost by it"

FLAGS = (
    _honoured("Apply", "--force-conflicts", "takes fields that others hold, and names them; false keeps theirs and "
              "fails (as --on-conflict says it)"),
    _honoured("Apply", "--dry-run", DRY, SERVER),
    _honoured("Apply", "--timeout", WAIT, GO_DURATION, word=True),
    _always("Apply", "--server-side", "everything is applied on the server"),
    _always("Apply", "--record", "every release is recorded"),
    _always("Apply", "--wait", "the step waits"),
    _always("Apply", "--overwrite", "what is written is what the manifests say", "|true"),
    _always("Apply", "--validate", "the API server checks every field", "|true|strict"),
    _refused("Apply", "--force", SAFE),
    _refused("Apply", "--prune", "say pruningEnabled: true, which prunes what releases made and nothing else"),
    _refused("Apply", "--field-manager", OUR_NAME),
    _refused("Apply", "--filename", "the service, or filePaths, says what is applied"),
    _refused("Apply", "--namespace", "the infrastructure says where"),
    _honoured("Delete", "--grace-period", "seconds that pods get to end", r"\d+", word=True),
    _honoured("Delete", "--cascade", "what becomes of dependents", "|background|foreground|orphan"),
    _honoured("Delete", "--timeout", WAIT, GO_DURATION, word=True),
    _always("Delete", "--wait", "the step waits until it is gone", "|true"),
    _honoured("Delete", "--now", "pods get one second to end", "|true"),
    _refused("Delete", "--dry-run", NO_DRY),
    _always("Delete", "--ignore-not-found", "what is gone already is no failure"),
    _refused("Delete", "--force", "pods could run on unseen: --grace-period=1 or --now is as quick"),
    _refused("Delete", "--all", "name what is deleted"),
    _refused("Delete", "--selector", "name what is deleted"),
    _refused("Patch", "--dry-run", NO_DRY),
    _always("Patch", "--record", "say recordChangeCause: true for the annotation; the run is recorded anyway"),
    _refused("Patch", "--type", "say mergeStrategyType"),
    _refused("Patch", "--patch", "say source"),
    _refused("Patch", "--subresource", "only what a manifest holds is patched; K8sScale sets replicas"),
    _refused("Patch", "--field-manager", OUR_NAME),
    _honoured("Rollout", "--to-revision", "the revision to go back to", r"\d+", "undo", word=True),
    _honoured("Rollout", "--revision", "the revision to tell of", r"\d+", "history", word=True),
    _honoured("Rollout", "--timeout", WAIT, GO_DURATION, "status",
              word=True),
    _honoured("Rollout", "--watch", "false looks once", "|true|false", "status"),
    _refused("Rollout", "--dry-run", NO_DRY),
    _refused("Rollout", "--selector", "name the workloads in resources"),
    _refused("Rollout", "--field-manager", OUR_NAME),
)  # fmt: skip
SHORT = {"-f": "--filename", "-n": "--namespace", "-l": "--selector", "-p": "--patch", "-w": "--watch"}


@dataclass(frozen=True, slots=True)
class Given:
    """A flag as it was written: ``value`` is empty where there is none. ``word`` is the field that it stands in."""

    type: str
    name: str
    value: str
    word: Word


def given_flags(step: Step) -> tuple[Given, ...]:
    """The flags of a step, in order; those that hold expressions too. What cannot be split is one flag."""
    entries = step.spec.entries("commandFlags")
    return tuple(flag for one in entries for flag in split(one.word("commandType").text, one.word("flag")))


def flags_of(step: Step, evaluated: Callable[[Word], str]) -> tuple[Given, ...]:
    """The flags of a step with their expressions replaced. Raises ``SettingError`` for what these have made wrong."""
    entries = step.spec.entries("commandFlags")
    words = ((one.word("commandType").text, one.word("flag")) for one in entries)
    found = tuple(flag for kind, word in words for flag in split(kind, replace(word, text=evaluated(word))))
    for given in found:
        problem = _problem(given, step.spec.word("command").text.lower())
        if problem:
            raise SettingError(f"{given.word.spot}: {given.name} {problem}")
    return found


def seconds_of_flag(value: str) -> float:
    """A duration as Go writes it, in seconds; 0 is what kubectl takes for no limit of its own."""
    return sum(float(number) * SECONDS[unit] for number, unit in re.findall(GO_PART, value, re.ASCII))


def split(kind: str, word: Word) -> Iterator[Given]:
    """The flags in one text: ``--a --b=c``, and ``--revision 3`` where a flag takes a word."""
    try:
        parts = shlex.split(word.text)
    except ValueError:
        parts = [word.text]
    while parts:
        name, equals, value = parts.pop(0).partition("=")
        name = SHORT.get(name, name)
        flag = known(kind, name)
        if flag and flag.takes_word and not equals and parts and not parts[0].startswith("-"):
            value = parts.pop(0)
        yield Given(kind, name, value, word)


def known(kind: str, name: str) -> Flag | None:
    """The row of a flag."""
    return next((flag for flag in FLAGS if (flag.type, flag.name) == (kind, name)), None)


def flag_mistakes(step: Step) -> Iterator[Mistake]:
    """What is wrong with the flags of a step."""
    seen: set[str] = set()
    for given in given_flags(step):
        problem = _problem(given, step.spec.word("command").text.lower())
        if not problem and given.name in seen:
            problem = "stands twice"
        if problem:
            yield Mistake(given.word.spot.steps, f"{given.name} {problem}")
        seen.add(given.name)


def _problem(given: Given, command: str) -> str:
    if has_expression(given.name):
        return ""
    if not given.name.startswith("--"):
        return "is no flag of kubectl: write --name or --name=value"
    flag = known(given.type, given.name)
    if flag is None:
        names = [one.name for one in FLAGS if one.type == given.type and one.use is not Use.REFUSED]
        return f"has no meaning here{meant(given.name, names)}"
    if flag.use is Use.REFUSED:
        return f"is not honoured: {flag.means}"
    if flag.needs and command and not has_expression(command) and command not in flag.needs:
        return f"belongs to {' and '.join(flag.needs)}, and the command is {command}"
    return _wrong_value(flag, given.value)


def _wrong_value(flag: Flag, value: str) -> str:
    if has_expression(value) or re.fullmatch(flag.values, value, re.ASCII):
        return ""
    if flag.use is Use.ALWAYS:
        return f"cannot be {value}: {flag.means}"
    return f"cannot be {value}" if value else "needs a value: write --name=value"
