"""The catalogue of kinds: all that is known of each, found by group and kind. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lastgood.kinds import (
    api_service,
    certificate_signing_request,
    cron_job,
    custom_resource_definition,
    daemon_set,
    deployment,
    deployment_config,
    flow_schema,
    gateway_api,
    generic,
    horizontal_pod_autoscaler,
    ingress,
    job,
    namespace,
    node,
    openshift_route,
    persistent_volume,
    persistent_volume_claim,
    pod,
    pod_disruption_budget,
    ranked,
    replica_set,
    resource_claim,
    resource_quota,
    service,
    stateful_set,
    storage_version_migration,
    validating_admission_policy,
    volume_attachment,
    volume_snapshot,
)
from lastgood.kinds.comparing import changes, value_at
from lastgood.kinds.generic.facts import facts_of
from lastgood.kinds.pod_templates import with_template_rules
from lastgood.kinds.unreadable import readable
from lastgood.model.health import Health, Observation
from lastgood.model.kind import Kind, Rank
from lastgood.model.resource import Body, GroupKind, Ref, ref_of
from lastgood.model.rule import Rule
from lastgood.ruling import annotated, by_rule

IRREVERSIBLE = "lastgood.dev/irreversible"
"""The annotation by which a resource says, with the reason as its value, that a change of it cannot be undone."""

_ENTRIES = (
    api_service.KIND,
    certificate_signing_request.KIND,
    cron_job.KIND,
    custom_resource_definition.KIND,
    daemon_set.KIND,
    deployment.KIND,
    deployment_config.KIND,
    flow_schema.KIND,
    horizontal_pod_autoscaler.KIND,
    ingress.KIND,
    job.KIND,
    namespace.KIND,
    node.KIND,
    openshift_route.KIND,
    persistent_volume.KIND,
    persistent_volume_claim.KIND,
    pod.KIND,
    pod_disruption_budget.KIND,
    replica_set.KIND,
    replica_set.OLDER_KIND,
    resource_claim.KIND,
    resource_quota.KIND,
    service.KIND,
    stateful_set.KIND,
    storage_version_migration.KIND,
    validating_admission_policy.KIND,
    volume_attachment.KIND,
    volume_snapshot.KIND,
    *gateway_api.KINDS,
    *ranked.KINDS,
)

KINDS: Mapping[GroupKind, Kind] = {entry.group_kind: readable(with_template_rules(entry)) for entry in _ENTRIES}


def kind_of(group_kind: GroupKind) -> Kind:
    """What is known of a kind; of one that is not in the catalogue, what holds for any."""
    return KINDS.get(group_kind) or readable(Kind(group_kind, Rank.OTHER, generic.assess_unheard_of))


def assess(ref: Ref, body: Body, observation: Observation, *, kind: Kind | None = None) -> Health:
    """How a resource is: by the rule on it or that of the user for its kind, else by what is known of the kind.

    ``kind`` is given where that is another than the ref names: kinds that have moved to another group.
    """
    health = (kind or kind_of(ref.group_kind)).assess(body, observation)
    rule = rule_of(ref, body, observation)
    if rule is None:
        return health
    facts = facts_of(body)
    return by_rule(rule, body, health, is_behind=facts.is_behind, is_of_now=facts.is_of_now)


def rule_of(ref: Ref, body: Body, observation: Observation) -> Rule | None:
    """The rule on a resource itself, or else that of the user for its kind."""
    return annotated(body) or observation.rules.get(ref.group_kind)


def revision_of(body: Body, observation: Observation) -> str:
    """The name of the ReplicaSet or ControllerRevision that holds the live pod template; empty where there is none."""
    return kind_of(ref_of(body).group_kind).revision(body, observation)


def unchangeable(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[str, ...]:
    """The field paths that the API would refuse to change from what is live to what is desired."""
    kind = kind_of(ref_of(live).group_kind)
    fixed = (path for path in kind.immutable if changes(live, desired, path))
    return tuple(dict.fromkeys((*fixed, *kind.refuses(live, desired))))


def irreversible(old: Mapping[str, Any], new: Mapping[str, Any], *, found: bool = False) -> tuple[str, ...]:
    """Why going from the new body back to the old one would lose something or be refused; both as sent.

    One clause each. A change that is made by deleting and creating can be made again. An old body that was ``found``
    spells out defaults, which the new one may leave unsaid.
    """
    return () if old == new else tuple(dict.fromkeys(_no_way_back(old, new, changes if found else _differ)))


def _differ(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> bool:
    return bool(value_at(old, path) != value_at(new, path))


def _no_way_back(
    old: Mapping[str, Any], new: Mapping[str, Any], differ: Callable[[Mapping[str, Any], Mapping[str, Any], str], bool]
) -> Iterator[str]:
    kind = kind_of(ref_of(new).group_kind)
    told = ((new.get("metadata") or {}).get("annotations") or {}).get(IRREVERSIBLE)
    if told:
        yield str(told)
    for path in () if kind.recreate else kind.immutable:
        if differ(old, new, path):
            yield f"{path} cannot be changed back"
    yield from kind.one_way(old, new)
