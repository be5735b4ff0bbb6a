"""Operations beside a release: what steps of a pipeline do to a cluster besides deploying.

They are neither recorded nor rolled back, and take no Lease, save for ``remove``, which deletes a release. Each is
given the ``Site`` where it works, checks its rights before it writes, and returns what became of what it touched.
"""

from __future__ import annotations

from lastgood.operating.applying import apply
from lastgood.operating.deleting import delete, refs_in
from lastgood.operating.finding import find
from lastgood.operating.patching import patch, read_patch
from lastgood.operating.previewing import diff, dry_run
from lastgood.operating.removing import remove, site_of
from lastgood.operating.rolling_out import look_back, meant, roll_out
from lastgood.operating.scaling import scale
from lastgood.operating.site import Site

__all__ = [
    "Site",
    "apply",
    "delete",
    "diff",
    "dry_run",
    "find",
    "look_back",
    "meant",
    "patch",
    "read_patch",
    "refs_in",
    "remove",
    "roll_out",
    "scale",
    "site_of",
]
