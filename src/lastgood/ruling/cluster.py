"""A cluster whose resources are judged by a user's own rules, too: the rules go along with what is observed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace

from lastgood.model.health import Observation
from lastgood.model.patching import Patch, Style
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref
from lastgood.model.rule import Rules
from lastgood.ports import MANAGER, Cluster, Right, Served


@dataclass(frozen=True, slots=True)
class RuledCluster:
    """Everything as the cluster inside it does; only observations carry the rules."""

    inner: Cluster
    rules: Rules

    async def served(self) -> Mapping[GroupKind, Served]:
        """As the cluster inside."""
        return await self.inner.served()

    def forget_kinds(self) -> None:
        """As the cluster inside."""
        self.inner.forget_kinds()

    async def read(self, refs: Collection[Ref], *, label: str = "") -> dict[Ref, Body]:
        """As the cluster inside."""
        return await self.inner.read(refs, label=label)

    async def find(self, group_kinds: Collection[GroupKind], namespace: str, *, label: str) -> list[Body]:
        """As the cluster inside."""
        return await self.inner.find(group_kinds, namespace, label=label)

    async def apply(self, body: Body, guard: Guard, *, dry_run: bool = False) -> Body:
        """As the cluster inside."""
        return await self.inner.apply(body, guard, dry_run=dry_run)

    async def patch(
        self,
        ref: Ref,
        patch: Patch,
        *,
        style: Style = Style.JSON,
        part: str = "",
        dry_run: bool = False,
        manager: str = MANAGER,
    ) -> Body:
        """As the cluster inside."""
        return await self.inner.patch(ref, patch, style=style, part=part, dry_run=dry_run, manager=manager)

    async def label(self, ref: Ref, labels: Mapping[str, str | None], *, manager: str) -> Body | None:
        """As the cluster inside."""
        return await self.inner.label(ref, labels, manager=manager)

    async def delete(self, ref: Ref, guard: Guard, *, propagation: str, grace: int | None = None) -> None:
        """As the cluster inside."""
        await self.inner.delete(ref, guard, propagation=propagation, grace=grace)

    @asynccontextmanager
    async def observe(
        self, refs: Collection[Ref], dependents: Mapping[GroupKind, Collection[GroupKind]]
    ) -> AsyncIterator[AsyncIterator[Observation]]:
        """As the cluster inside, with the rules."""
        async with self.inner.observe(refs, dependents) as observations, aclosing(self._ruled(observations)) as ruled:
            yield ruled

    async def _ruled(self, observations: AsyncIterator[Observation]) -> AsyncGenerator[Observation]:
        async for one in observations:
            yield replace(one, rules=self.rules)

    async def logs(self, pod: Ref, container: str, *, previous: bool, lines: int) -> str:
        """As the cluster inside."""
        return await self.inner.logs(pod, container, previous=previous, lines=lines)

    async def denied(self, rights: Iterable[Right]) -> tuple[Right, ...]:
        """As the cluster inside."""
        return await self.inner.denied(rights)
