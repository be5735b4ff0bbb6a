"""Where a bad value of a resource comes from: proved, by putting a mark in the place of each value in turn.

Only done when something is wrong; a value whose mark arrives in the field is its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from lastgood.errors import InputError
from lastgood.loading import Problem, resources_in
from lastgood.model.source import File, Source
from lastgood.pipelines.bundling import Bundle, rendered, source_of
from lastgood.pipelines.expressions import Scope
from lastgood.pipelines.making import Made
from lastgood.pipelines.spots import Spot

MARKS = ("lgmarklg", "7340517")
"""A word, and a number for what is calculated with."""

MOST_TRIED = 200
"""How many values are tried in the place of one; each is a rendering."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The service variable and the leaf of a values file that a field got its value from, as far as it has them."""

    variable: str = ""
    leaf: Spot | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """One problem of one rendered file. ``rescope`` gives the scope with another value for a service variable."""

    problem: Problem
    made: Made
    scope: Scope
    rescope: Callable[[str, str], Scope]

    def cause(self, variables: Iterable[str]) -> Cause:
        """What gave the field its value; nothing when it stands in the manifest itself, or cannot be told."""
        if isinstance(self.problem.value, dict | list) or not self.problem.steps:
            return Cause()
        return Cause(
            variable=next((name for name in variables if self._variable_arrives(name)), ""),
            leaf=next((leaf for leaf in islice(self._leaves(), MOST_TRIED) if self._leaf_arrives(leaf)), None),
        )

    def _variable_arrives(self, name: str) -> bool:
        return any(self._arrives(mark, self.made.bundle, self.rescope(name, mark)) for mark in MARKS)

    def _leaf_arrives(self, leaf: Spot) -> bool:
        return any(self._arrives(mark, _marked(self.made.bundle, leaf, mark), self.scope) for mark in MARKS)

    def _leaves(self) -> Iterator[Spot]:
        """Every value of the values files, the last file first, since it wins."""
        for one in reversed(self.made.bundle.values):
            yield from (Spot(one.file, steps) for steps, _ in one.leaves())

    def _arrives(self, mark: str, bundle: Bundle, scope: Scope) -> bool:
        place = next(place for place, one in enumerate(self.made.resources) if one is self.problem.resource)
        try:
            (file, *_) = rendered(_narrowed(source_of(bundle, scope), self.made.template))
            resource = tuple(resources_in(File(file.name, file.text)))[place]
            return mark in str(replace(self.problem, resource=resource).value)
        except (InputError, LookupError, TypeError):
            return False  # with the mark it is no manifest any more, or another one


def _narrowed(source: Source, template: File) -> Source:
    """Only the template, and the files whose definitions it may use."""
    others = (file for file in source.files if file != template and "define" in file.text)
    return replace(source, files=(template, *others))


def _marked(bundle: Bundle, leaf: Spot, mark: str) -> Bundle:
    values = (one.with_leaf(leaf.steps, mark) if one.file == leaf.file else one for one in bundle.values)
    return replace(bundle, values=tuple(values))
