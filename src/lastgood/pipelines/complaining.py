"""What is wrong with the resources of a service, told with the template's line and where the value came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lastgood.errors import ManifestError
from lastgood.loading import Finding, Problem, problems, refusal
from lastgood.model.quantity import meant
from lastgood.model.resource import Origin, Resource
from lastgood.parsing import find
from lastgood.pipelines.definition import Service
from lastgood.pipelines.expressions import Scope
from lastgood.pipelines.making import Made
from lastgood.pipelines.scoping import Setting
from lastgood.pipelines.tracing import Cause, Trace

MOST_TOLD = 10
"""How many problems are traced and told; each costs some renderings."""


@dataclass(frozen=True, slots=True)
class Complaints:
    """Finds and tells problems. ``scope_of`` gives the scope of a setting, for tries with other values."""

    made: Sequence[Made]
    service: Service
    setting: Setting
    scope_of: Callable[[Setting], Scope]

    def error(self) -> ManifestError | None:
        """The error that tells all that is wrong; None when nothing is."""
        found = problems(resource for one in self.made for resource in one.resources)
        told = [self._finding(one) for one in found[:MOST_TOLD]]
        return refusal(told, beyond=len(found) - MOST_TOLD) if told else None

    def _finding(self, problem: Problem) -> Finding:
        made = self._made_of(problem.resource)
        cause = Trace(problem, made, self.scope_of(self.setting), self._rescope).cause(self._variables())
        return Finding(
            problem,
            origin=self._origin(problem, made),
            sentence=f"{problem.sentence}{self._twin(problem)}{self._from(cause)}",
            hint=self._hint(problem, made, cause),
        )

    def _variables(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.service.variables)

    def _rescope(self, name: str, value: str) -> Scope:
        return self.scope_of(replace(self.setting, variables={**self.setting.variables, name: value}))

    def _made_of(self, resource: Resource) -> Made:
        return next(made for made in self.made if any(one is resource for one in made.resources))

    def _origin(self, problem: Problem, made: Made) -> Origin:
        origin = problem.resource.origin or Origin(made.template.name)
        place = find(made.text, problem.steps, document=origin.document, line=origin.line)
        return made.written_at(Origin(origin.file, place.line if place else 0, origin.document))

    def _twin(self, problem: Problem) -> str:
        if problem.twin is None or problem.twin.origin is None:
            return ""
        return f", first in {self._made_of(problem.twin).written_at(problem.twin.origin)}"

    def _from(self, cause: Cause) -> str:
        parts = []
        if cause.variable in self.setting.variables:
            parts.append(f"from --set-variable {cause.variable}")
        elif cause.variable:
            spot = next(one.value.spot for one in self.service.variables if one.name == cause.variable)
            parts.append(f"from service variable {cause.variable} ({spot.place})")
        if cause.leaf:
            parts.append(f"{'via' if parts else 'from'} {cause.leaf}")
        return f" ({', '.join(parts)})" if parts else ""

    def _hint(self, problem: Problem, made: Made, cause: Cause) -> str:
        value = str(problem.value) if problem.steps else ""
        if problem.bare and made.text != made.template.text:
            return "let the template print it in quotes: | quote"
        if cause.variable and value == self._value_of(cause.variable) and meant(value):
            return f"{problem.hint}: --set-variable {cause.variable}={meant(value)[0]}"
        return problem.hint

    def _value_of(self, variable: str) -> str:
        spot = next(one.value.spot for one in self.service.variables if one.name == variable)
        return self.scope_of(self.setting).evaluate(f"<+serviceVariables.{variable}>", spot)
