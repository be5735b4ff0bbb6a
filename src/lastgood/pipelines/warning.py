"""What is odd about a release and yet no mistake, and where its values come from: for people who look closer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lastgood.model.source import NUMBER_MARKER
from lastgood.pipelines.artifact_sources import PULL_SECRETS
from lastgood.pipelines.bundling import Bundle
from lastgood.pipelines.expressions import Scope, is_expression
from lastgood.pipelines.layering import Laid
from lastgood.pipelines.making import Made
from lastgood.pipelines.scoping import RELEASE_NUMBER, Setting
from lastgood.pipelines.secret_store import masker
from lastgood.pipelines.spots import Spot
from lastgood.pipelines.values import told


def holds_marker(made: Sequence[Made]) -> bool:
    """Whether the number of the release is to be put somewhere."""
    return any(NUMBER_MARKER in one.text for one in made)


def warnings(parts: Sequence[Bundle], made: Sequence[Made], scope: Scope, setting: Setting) -> Iterator[str]:
    """What is odd, one sentence each; ``scope`` has been asked for all that is rendered."""
    for part in parts:
        yield from (f"{path} is not there, and need not be" for path in part.missing)
        yield from _false_strings(part, scope)
    for name in setting.variables:
        if f"serviceVariables.{name}" not in scope.used:
            yield f"--set-variable {name} has no effect: nothing uses <+serviceVariables.{name}>"
    unused = setting.inputs.unused(scope.answered) if setting.inputs else ()
    yield from (f"{key} has no effect: no <+input> stands there" for key in unused)
    for secret in PULL_SECRETS:
        if f"artifacts.primary.{secret}" in scope.used:
            yield f"<+artifacts.primary.{secret}> is empty: no pull Secrets are made; deploy one with the manifests"
    if RELEASE_NUMBER in scope.used and not holds_marker(made):
        yield f"<+{RELEASE_NUMBER}> has no effect: no manifest prints it, or a template function has changed it"


def _false_strings(part: Bundle, scope: Scope) -> Iterator[str]:
    """What an ``if`` would take for true."""
    for one in part.values:
        for steps, value in one.leaves():
            spot = Spot(one.file, steps)
            if is_expression(value) and scope.evaluate(value, spot).strip().lower() == "false":
                yield f'{spot}: is the string "false", which if takes for true: compare it, eq .Values.KEY "false"'


def origins(whole: Laid, parts: Sequence[Bundle], scope: Scope, setting: Setting) -> tuple[str, ...]:
    """Where each variable of the service and each value of its templates comes from, and what that lies over."""
    given = setting.variables
    variables = (
        f"variable {one.name} from --set-variable" if one.name in given
        else f"variable {one.name} from {one.value.spot.place} ({whole.layers[one.name][-1]})"
        for one in whole.service.variables
    )  # fmt: skip
    values = (f"{part.identifier}: {one}" for part in parts for one in told(part.values, scope))
    return tuple(map(masker(scope.secret), (*variables, *values)))
