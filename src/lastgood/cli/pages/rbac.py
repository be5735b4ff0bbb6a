"""Permissions as manifests: to be read, and to be piped into ``kubectl apply -f -``."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from lastgood.cli import documents
from lastgood.cli.lines import Line
from lastgood.emitting import emit
from lastgood.model.permission import Permissions, Rule
from lastgood.model.resource import Body

WIDTH = 98
API = "rbac.authorization.k8s.io"

DEPLOYING = (
    "What lastgood needs to deploy release {name} of namespace {namespace}, and to come back to its last good release."
)
RUNNING = (
    "What lastgood needs for a run of {name}: for what its stages deploy, for coming back, for what their steps do "
    "beside, whatever their conditions come to, and for the journal of the run."
)
LOOKING = (
    "What lastgood needs to look at release {name} of namespace {namespace}: list, history, show, status, verify and "
    "diff. It is not enough for plan, and what has moved is named without its fields: both take dry runs, which RBAC "
    "does not tell from writes."
)
SECRETS = (
    "The records of releases are Secrets, and RBAC cannot limit a rule to the names that records have: whoever holds "
    "this role can {do} every Secret of {where}."
)

Manifest = tuple[Body, tuple[Rule, ...]]
"""A body, and the rules that belong into it."""


@dataclass(frozen=True, slots=True)
class RbacPage:
    """Roles and bindings for a ServiceAccount of the release's namespace, or, where one is named, for a user."""

    kind: ClassVar[str] = "List"
    permissions: Permissions
    account: str
    user: str = ""
    exit_code: int = 0

    def document(self) -> documents.Document:
        """All of it as kubectl takes a list; without the comments."""
        items = [_with_rules(body, rules) for body, rules in self._manifests()]
        return {"apiVersion": "v1", "kind": self.kind, "items": items}

    def lines(self) -> list[Line]:
        """YAML, with what each rule is for."""
        texts = (emit(body) + "".join(_rules(rules)) for body, rules in self._manifests())
        return [Line(line) for line in (self._preface() + "---\n".join(texts)).splitlines()]

    def _preface(self) -> str:
        it = self.permissions
        first = LOOKING if it.looking else RUNNING if it.running else DEPLOYING
        do = "read" if it.looking else "read, change and delete"
        wide = [SECRETS.format(do=do, where=where) for where in self._where()]
        told = (first.format(name=it.name, namespace=it.namespace), *wide, *it.notes)
        return "".join(map(_comment, told))

    def _where(self) -> list[str]:
        """In which namespaces all Secrets are in the rules, in words; a run may keep records in several."""
        it = self.permissions
        if not it.running:
            return [f"namespace {it.namespace}"]
        names = [name for name, rules in it.rules.items() if any("secrets" in rule.resources for rule in rules)]
        return [f"the namespaces {', '.join(names)}" if len(names) > 1 else f"namespace {name}" for name in names[:1]]

    def _manifests(self) -> Iterator[Manifest]:
        for name in self.permissions.absent:
            yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, ()
        if not self.user:
            metadata = {"name": self.account, "namespace": self.permissions.namespace}
            yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}, ()
        for namespace, rules in self.permissions.rules.items():
            yield from self._role(namespace, rules)

    def _role(self, namespace: str, rules: tuple[Rule, ...]) -> Iterator[Manifest]:
        """A role with its binding. Its name says of which release: others of the same namespaces have their own."""
        it = self.permissions
        what = ["look"] if it.looking else ["run"] if it.running else []
        name = ":".join(["lastgood", it.namespace, it.name, *what])
        metadata, kind = {"name": name}, "Role" if namespace else "ClusterRole"
        if namespace:
            metadata["namespace"] = namespace
        api = {"apiVersion": f"{API}/v1"}
        yield {**api, "kind": kind, "metadata": metadata}, rules
        ref = {"apiGroup": API, "kind": kind, "name": name}
        yield {**api, "kind": f"{kind}Binding", "metadata": metadata, "roleRef": ref, "subjects": [self._subject()]}, ()

    def _subject(self) -> Body:
        if self.user:
            return {"apiGroup": API, "kind": "User", "name": self.user}
        return {"kind": "ServiceAccount", "name": self.account, "namespace": self.permissions.namespace}


def _with_rules(body: Body, rules: tuple[Rule, ...]) -> Body:
    return {**body, "rules": [_rule(one) for one in rules]} if rules else body


def _rules(rules: tuple[Rule, ...]) -> Iterator[str]:
    yield from ["rules:\n"] if rules else []
    for number, rule in enumerate(rules):
        if not number or rule.why != rules[number - 1].why:
            yield _comment(rule.why)
        yield _entry(rule)


def _rule(rule: Rule) -> Body:
    fields = {
        "apiGroups": rule.groups,
        "resources": rule.resources,
        "resourceNames": rule.names,
        "nonResourceURLs": rule.urls,
        "verbs": rule.verbs,
    }
    return {key: list(values) for key, values in fields.items() if values}


def _entry(rule: Rule) -> str:
    """A rule with each of its lists on a line; JSON is YAML."""
    fields = (f"{key}: {json.dumps(values, ensure_ascii=False)}" for key, values in _rule(rule).items())
    return "- " + "\n  ".join(fields) + "\n"


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False))
