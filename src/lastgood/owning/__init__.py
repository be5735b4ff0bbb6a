"""Who owns which field of a live body, by its managedFields: what is ours, what is others', and folding. Pure."""

from __future__ import annotations

from lastgood.owning.applied import in_step, last_applied_back
from lastgood.owning.deploying import deployed
from lastgood.owning.fields import (
    FieldSet,
    entries,
    held_path,
    merged,
    owned_digest,
    owned_fields,
    owner_of,
    owners,
    owners_in,
    project,
    stays,
    value_at,
    we_own,
)
from lastgood.owning.folding import deployers, fold, goes
from lastgood.owning.foretelling import foretold, lost
from lastgood.owning.managers import Entry, is_by_hand, is_deploying, is_ours

__all__ = [
    "Entry",
    "FieldSet",
    "deployed",
    "deployers",
    "entries",
    "fold",
    "foretold",
    "goes",
    "held_path",
    "in_step",
    "is_by_hand",
    "is_deploying",
    "is_ours",
    "last_applied_back",
    "lost",
    "merged",
    "owned_digest",
    "owned_fields",
    "owner_of",
    "owners",
    "owners_in",
    "project",
    "stays",
    "value_at",
    "we_own",
]
