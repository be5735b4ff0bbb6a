"""ValidatingAdmissionPolicies: ready when there. What is doubtful in their expressions is told; it counts all the same.

https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking
"""

from __future__ import annotations

from lastgood.model.health import Health, Observation, Status, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import items, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import short

GROUP_KIND = GroupKind("admissionregistration.k8s.io", "ValidatingAdmissionPolicy")


def assess(body: Body, _observation: Observation) -> Health:
    """That it is there, and the first warning about an expression of it."""
    early = unsettled(body)
    if early:
        return early
    found = items(body, "status", "typeChecking", "expressionWarnings")
    if not found:
        return Health(Status.CURRENT, "is there", rule="it is there")
    words = f"is there; {text(found[0], 'fieldRef')} may be wrong: {short(text(found[0], 'warning'))}"
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Health(Status.CURRENT, words + more, rule="status.typeChecking has warnings")


KIND = Kind(
    GROUP_KIND,
    Rank.POLICY,
    assess,
    meaning=Meaning(current="it is there; warnings about its expressions are told"),
    source="https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking",
)
