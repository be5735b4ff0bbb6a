"""A history and a Lease in memory, with the manners of Secrets and of a Lease in a cluster."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace

from lastgood.errors import Conflict, LastgoodError, RecordCorrupt, ReleaseNotFound
from lastgood.model.release import History, Release, Summary
from lastgood.model.resource import Ref
from lastgood.model.status import Listed
from lastgood.ports import Clock, Lease
from lastgood.testing.faults import LATENCY, Faults, Hook, Request


class MemoryStore:
    """Implements ``lastgood.ports.Store``, for one namespace.

    What was written stays, whatever becomes of the run that wrote it: give the same store to the next one.
    ``beside`` are the stores of all namespaces, this one among them, where there are others.
    Values are copied on their way in and out, so that nothing is shared with a run that has died.
    """

    def __init__(self, namespace: str, clock: Clock, *, beside: Mapping[str, MemoryStore] | None = None) -> None:
        self.namespace, self._clock = namespace, clock
        self._stores: Mapping[str, MemoryStore] = {namespace: self} if beside is None else beside
        self._faults = Faults()
        self._records: dict[tuple[str, int], Release] = {}
        self._leases: dict[str, Lease] = {}
        self._corrupt: set[tuple[str, int]] = set()
        self._version = 0

    @property
    def requests(self) -> list[Request]:
        """Every request so far; clear it to count anew."""
        return self._faults.requests

    @property
    def on_request(self) -> Hook | None:
        """Called before each request; what it raises, the caller gets."""
        return self._faults.hook

    @on_request.setter
    def on_request(self, hook: Hook | None) -> None:
        self._faults.hook = hook

    def fail_next(self, error: LastgoodError, *, verb: str = "", times: int = 1) -> None:
        """Let the next so many requests of this verb fail with this error."""
        self._faults.plan(error, verb=verb, times=times)

    def corrupt(self, name: str, number: int) -> None:
        """Let this record be unreadable from now on."""
        self._corrupt.add((name, number))

    async def summaries(self, name: str) -> tuple[Summary, ...]:
        """Every recorded attempt, newest first."""
        await self._request("summaries", name)
        return self._summaries(name)

    def _summaries(self, name: str) -> tuple[Summary, ...]:
        numbers = sorted((number for owner, number in self._records if owner == name), reverse=True)
        return tuple(self._whole(name, number).summary for number in numbers)

    async def listing(self, *, everywhere: bool = False) -> tuple[Listed, ...]:
        """Every name with its history; ``everywhere`` those of the stores beside it, too."""
        await self._request("listing", "")
        stores = [self._stores[one] for one in sorted(self._stores)] if everywhere else [self]
        return tuple(listed for store in stores for listed in store._listed())  # noqa: SLF001  # another of these

    def _listed(self) -> Iterator[Listed]:
        for name in sorted({name for name, _ in self._records}):
            yield Listed(name, self.namespace, History(self._summaries(name)))

    async def read(self, name: str, number: int) -> Release:
        """One record; one that restores another comes with that one's resources."""
        await self._request("read", name, number)
        if (name, number) in self._corrupt:
            raise RecordCorrupt(f"the record of release {number} of {name} is not what was written")
        return copy.deepcopy(self._whole(name, number))

    async def create(self, release: Release) -> Release:
        """Record an attempt."""
        await self._request("create", release.name, release.number)
        if (release.name, release.number) in self._records:
            raise Conflict(f'secrets "{_secret(release.name, release.number)}" already exists')
        return self._keep(release)

    async def update(self, release: Release) -> Release:
        """Write the same attempt again."""
        await self._request("update", release.name, release.number)
        held = self._records.get((release.name, release.number))
        if held is None or held.version != release.version:
            what = f'Operation cannot be fulfilled on secrets "{_secret(release.name, release.number)}"'
            raise Conflict(f"{what}: the object has been modified")
        return self._keep(release)

    async def delete(self, name: str, number: int) -> None:
        """Forget an attempt."""
        await self._request("delete", name, number)
        self._records.pop((name, number), None)

    async def read_lease(self, name: str) -> Lease | None:
        """Who works on this release."""
        await self._request("read lease", name)
        return self._leases.get(name)

    async def write_lease(self, name: str, lease: Lease) -> Lease:
        """Create the Lease, or replace exactly that version."""
        await self._request("write lease", name)
        held = self._leases.get(name)
        if lease.version != (held.version if held else ""):
            raise Conflict(f'Operation cannot be fulfilled on leases "lastgood.{name}": the object has been modified')
        self._leases[name] = replace(lease, version=self._next())
        return self._leases[name]

    async def delete_lease(self, name: str) -> None:
        """Take the Lease away if nobody holds it."""
        await self._request("delete lease", name)
        held = self._leases.get(name)
        if held is not None and not held.holder:
            del self._leases[name]

    def _whole(self, name: str, number: int) -> Release:
        held = self._records.get((name, number))
        if held is None:
            raise ReleaseNotFound(f"there is no release {number} of {name}")
        if held.restores is None:
            return held
        return replace(held, resources=self._whole(name, held.restores).resources)

    def _keep(self, release: Release) -> Release:
        """Hold a copy; a release that restores another holds no resources of its own."""
        written = replace(release, version=self._next())
        own = () if release.restores is not None else release.resources
        self._records[release.name, release.number] = copy.deepcopy(replace(written, resources=own))
        return written

    def _next(self) -> str:
        self._version += 1
        return str(self._version)

    async def _request(self, verb: str, name: str, number: int | None = None) -> None:
        what = _secret(name, number) if number is not None else f"lastgood.{name}"
        kind = "Lease" if verb.endswith("lease") else "Secret"
        self._faults.meet(Request(verb, Ref("", kind, self.namespace, what, "v1")))
        await self._clock.sleep(LATENCY)


def _secret(name: str, number: int) -> str:
    return f"lastgood.{name}.v{number}"
