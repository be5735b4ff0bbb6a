"""A cluster in memory that allows what it was told to allow, and writes down what it refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from lastgood.errors import Forbidden
from lastgood.model.health import Observation
from lastgood.model.permission import Permissions, Rule
from lastgood.model.resource import Body, GroupKind, Ref
from lastgood.ports import Right
from lastgood.testing import FakeClock, MemoryCluster

VERBS = {"read": ("get",), "label": ("patch",), "logs": ("get",)}
MADE = ("patch", "create")
"""An apply of what is not there needs both."""


class Strict(MemoryCluster):
    """Until it is told what is allowed, everything is. Records and Leases are kept elsewhere, and not asked for."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.given: Permissions | None = None
        self.lacks = ""
        self.refused: list[str] = []
        self._part = ""

    def is_given(self, permissions: Permissions, *, lacks: str = "") -> None:
        """Somebody applies the roles; ``lacks`` is a verb on a plural that is taken out, as in ``get pods``."""
        for name in permissions.absent:
            self.add_namespace(name)
        self.given, self.lacks = permissions, lacks

    async def denied(self, rights: Iterable[Right]) -> tuple[Right, ...]:
        """Which of these nobody gave."""
        return tuple(right for right in rights if not self._may(right))

    async def patch(self, ref: Ref, patch: Any, *, part: str = "", **more: Any) -> Body:
        self._part = part
        try:
            return await super().patch(ref, patch, part=part, **more)
        finally:
            self._part = ""

    def observe(
        self, refs: Collection[Ref], dependents: Mapping[GroupKind, Collection[GroupKind]]
    ) -> AbstractAsyncContextManager[AsyncIterator[Observation]]:
        below = {Ref(*kind, ref.namespace, "") for ref in refs for kind in dependents.get(ref.group_kind, ())}
        for ref in {*(Ref(*ref.group_kind, ref.namespace, "") for ref in refs), *below}:
            for verb in ("list", "watch"):
                self._need(verb, ref)
        return super().observe(refs, dependents)

    def _check_right(self, verb: str, ref: Ref) -> None:
        made = verb == "apply" and self.machinery.objects.get(ref) is None
        for one in MADE if made else ("patch",) if verb == "apply" else VERBS.get(verb, (verb,)):
            self._need(one, ref, "log" if verb == "logs" else self._part)

    def _need(self, verb: str, ref: Ref, part: str = "") -> None:
        facts = self.machinery.api.kinds.get(ref.group_kind)
        if facts is None:
            return
        plural, namespace = facts.served.plural, ref.namespace if facts.served.namespaced else ""
        right = Right(verb, ref.group, f"{plural}/{part}" if part else plural, namespace, ref.name)
        if not self._may(right):
            self.refused.append(f"{right.verb} {right.plural}")
            raise Forbidden(f"the user of this test cannot {right}")

    def _may(self, right: Right) -> bool:
        return self.given is None or any(_allows(rule, right) for rule in self._rules(right))

    def _rules(self, right: Right) -> Iterator[Rule]:
        assert self.given is not None
        home = right.name if right.plural == "namespaces" else right.namespace
        if f"{right.verb} {right.plural}" != self.lacks:
            yield from (*self.given.rules.get(home, ()), *self.given.rules.get("", ()))


def _allows(rule: Rule, right: Right) -> bool:
    named = not rule.names or right.name in rule.names
    return right.verb in rule.verbs and right.group in rule.groups and right.plural in rule.resources and named
