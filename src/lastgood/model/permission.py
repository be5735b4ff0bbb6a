"""What somebody has to be allowed to do, as values: rules of Roles, each with what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as RBAC has it. ``resources`` are plurals, ``names`` limit the rule where there are any.

    https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/role-v1/
    """

    why: str
    groups: tuple[str, ...]
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    names: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Permissions:
    """The rules that a release, or a run, needs, by the namespace they hold in; ``""`` is the whole cluster.

    ``absent`` are namespaces that the release is to have and that are not there yet: no rule can stand in them before.
    ``looking`` says that the rules are for commands that change nothing, ``running`` that ``name`` is a pipeline's and
    ``namespace`` that of its first stage. ``notes`` say in sentences what is not in the rules.
    """

    name: str
    namespace: str
    rules: Mapping[str, tuple[Rule, ...]]
    absent: tuple[str, ...] = ()
    looking: bool = False
    running: bool = False
    notes: tuple[str, ...] = ()
