"""Somebody with a token of their own, who may do no more than what ``lastgood rbac`` printed."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import yaml

from lastgood.deployer import Deployer
from lastgood.kube.calls import Answer
from lastgood.kube.clock import SystemClock
from lastgood.kube.cluster import KubeCluster
from lastgood.kube.config import Config, read_config
from lastgood.kube.store import KubeStore
from lastgood.kube.transport import Transport
from lastgood.model.event import Event
from lastgood.model.resource import Body, Resource
from lastgood.ports import Right
from tests.conftest import Lab
from tests.stories.stage import NAME, Scene
from tests.stories.test_bad_input import Person

ACCOUNT = "lastgood"


class Listening(Transport):
    """Writes down what the API refuses for want of a right."""

    def __init__(self, config: Config, refused: list[str]) -> None:
        super().__init__(config)
        self._refused = refused

    def _answer(self, response: httpx2.Response) -> Answer:
        if response.status_code == httpx2.codes.FORBIDDEN:
            self._refused.append(f"{response.request.method} {response.request.url.path}")
        return super()._answer(response)


@dataclass(frozen=True)
class Taken:
    """A verb of one resource, in one rule."""

    rule: dict[str, Any]
    verb: str
    resource: str

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}"

    def asked(self, namespace: str) -> Right:
        (name,) = self.rule.get("resourceNames", [""])
        return Right(self.verb, self.rule["apiGroups"][0], self.resource, namespace, name)

    def taken_from(self, manifests: list[Body]) -> list[Body]:
        """The same manifests without it."""
        found = copy.deepcopy(manifests)
        for body, rule in rules_of(found):
            if rule == self.rule:
                rest = {**rule, "verbs": [verb for verb in rule["verbs"] if verb != self.verb]}
                rule["resources"] = [one for one in rule["resources"] if one != self.resource]
                body["rules"].append({**rest, "resources": [self.resource]})
                body["rules"] = [one for one in body["rules"] if one["resources"] and one["verbs"]]
        return found


@dataclass
class Guest:
    """A ServiceAccount at work. ``refused`` are the requests that it was not allowed to make."""

    lab: Lab
    namespace: str
    folder: Path
    refused: list[str] = field(default_factory=list)
    lacking: Taken | None = None

    def prints(self, resources: Iterable[Resource], *flags: str) -> list[Body]:
        """What an administrator gets from ``lastgood rbac``."""
        text = "---\n".join(json.dumps(one.body) + "\n" for one in resources)
        (self.folder / "app.yaml").write_text(text)
        person = Person(self.lab, self.namespace, self.folder)
        said = person.types("rbac", "app.yaml", "--name", NAME, "-n", self.namespace, *flags)
        assert said.code == 0, said.text
        return [body for body in yaml.safe_load_all(said.answer) if body]

    def is_given(self, manifests: Iterable[Body]) -> None:
        """The administrator applies them."""
        bodies = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
        self.lab.run_kubectl("apply", "-f", "-", stdin=json.dumps(bodies))

    def logs_in(self) -> None:
        """A token, and nothing else, in a kubeconfig."""
        token = self.lab.run_kubectl("create", "token", ACCOUNT, "-n", self.namespace).strip()
        config = yaml.safe_load(self.lab.kubeconfig.read_text())
        config["users"] = [{"name": one["name"], "user": {"token": token}} for one in config["users"]]
        self.kubeconfig.write_text(yaml.safe_dump(config))

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"

    @property
    def scene(self) -> Scene:
        """The same hands as in every story, on this account's behalf."""
        return Scene(self._opened, self.namespace, in_memory=False, lab=self.lab)

    @asynccontextmanager
    async def _opened(self, tell: Callable[[Event], None]) -> AsyncIterator[Deployer]:
        config = read_config(kubeconfig=str(self.kubeconfig))
        async with Listening(config, self.refused) as transport:
            store = KubeStore(transport, self.namespace)
            clock, holder = SystemClock(), f"guest-{id(transport)}"
            yield Deployer(KubeCluster(transport), store, clock, self.namespace, holder, tell, lambda: "00" * 16)

    async def lacks(self, right: Taken | None, manifests: list[Body]) -> None:
        """The administrator takes this right away, and gives back what was taken before."""
        given_back, self.lacking = self.lacking, right
        self.is_given(right.taken_from(manifests) if right else manifests)
        if given_back:
            await self.until_it_may(given_back.asked(self.namespace), allowed=True)
        if right:
            await self.until_it_may(right.asked(self.namespace), allowed=False)

    async def until_it_may(self, right: Right, *, allowed: bool) -> None:
        """Wait until the API server has heard of a change of roles."""
        async with asyncio.timeout(30), self._opened(lambda event: None) as deployer:
            while (await deployer.cluster.denied([right])) == (() if not allowed else (right,)):
                await asyncio.sleep(0)


def rules_of(manifests: Iterable[Body]) -> list[tuple[Body, dict[str, Any]]]:
    """Each rule with the role that it stands in."""
    return [(body, rule) for body in manifests for rule in body.get("rules") or ()]


def play(story: Awaitable[None]) -> None:
    """Run it."""

    async def run() -> None:
        await story

    asyncio.run(run())


def rights_of(manifests: list[Body]) -> Iterator[Taken]:
    for _, rule in rules_of(manifests):
        for resource in rule["resources"]:
            yield from (Taken(rule, verb, resource) for verb in rule["verbs"])
