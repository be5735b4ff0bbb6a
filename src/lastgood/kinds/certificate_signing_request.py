"""CertificateSigningRequests: ready when the certificate is issued. A refused one has failed.

A person or a controller of its own approves it, and need not do so while a deploy runs: it is told, not waited for.
https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
"""

from __future__ import annotations

from lastgood.model.health import Health, Observation, Status, condition, condition_is, unsettled
from lastgood.model.kind import Kind, Meaning, Rank
from lastgood.model.reading import at, text
from lastgood.model.resource import Body, GroupKind
from lastgood.reasons import cause

GROUP_KIND = GroupKind("certificates.k8s.io", "CertificateSigningRequest")


def assess(body: Body, _observation: Observation) -> Health:
    """What its conditions say; a refusal does not go with an approval, and is for ever."""
    early = unsettled(body)
    if early:
        return early
    for kind, words in (("Denied", "is denied"), ("Failed", "could not be signed")):
        if condition_is(body, kind, "True"):
            said = condition(body, kind)
            refused = cause("CertificateRefused", detail=text(said, "message") or text(said, "reason"))
            return Health(Status.FAILED, words, (refused,), rule=f"condition {kind} is True")
    if at(body, "status", "certificate"):
        return Health(Status.CURRENT, "is issued", rule="status.certificate is there")
    approved = condition_is(body, "Approved", "True")
    words = "is approved, and not issued yet" if approved else "waits for somebody to approve it"
    return Health(Status.IN_PROGRESS, words, enough_after=0.0, rule="status.certificate is not there")


KIND = Kind(
    GROUP_KIND,
    Rank.OTHER,
    assess,
    immutable=("spec.request", "spec.signerName", "spec.usages", "spec.expirationSeconds"),
    recreate=True,
    meaning=Meaning(
        current="its certificate is issued",
        in_progress="it is not approved or not issued yet",
        failed="it is `Denied` or `Failed`",
        passes="one that waits for its approval or its signer",
    ),
    source="https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/",
)
