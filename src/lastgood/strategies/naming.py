"""The names of copies: that of the original with a suffix, cut where it does not fit, and never anybody else's. Pure.

Names longer than a kind can bear are found out late, when its pods cannot be made:
https://github.com/kubernetes/kubernetes/issues/64023
https://github.com/kedacore/keda/pull/7762
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lastgood.errors import ManifestError
from lastgood.model.marks import COPY_OF
from lastgood.model.resource import Body, GroupKind, Ref, Resource
from lastgood.versioning import with_suffix

LONGEST = 253
"""Characters of a DNS subdomain: what most names may have."""

LONGEST_OF: Mapping[GroupKind, int] = {
    GroupKind("", "Service"): 63,  # a DNS label
    GroupKind("apps", "Deployment"): 63,  # its pods' names become host names
    GroupKind("apps", "StatefulSet"): 52,  # a label of its pods adds a hash of 11
    GroupKind("apps.openshift.io", "DeploymentConfig"): 52,  # labels of its pods add a number, and "-deploy"
    GroupKind("keda.sh", "ScaledObject"): 54,  # a label puts "keda-hpa-" before it
}


def named(ref: Ref, name: str) -> Ref:
    """The same kind and namespace, another name."""
    return Ref(ref.group, ref.kind, ref.namespace, name, ref.version)


def suffixed(ref: Ref, suffix: str, *, marked: bool = False) -> Ref:
    """Who the copy of this with a suffix is; ``marked`` puts a hash of the name before the suffix, too."""
    longest = LONGEST_OF.get(ref.group_kind, LONGEST)
    return named(ref, with_suffix(ref.name, f"-{suffix}", longest, marked=marked))


@dataclass(frozen=True, slots=True)
class Room:
    """What names there are: those of the release, and what lives.

    ``may_have(body, name)`` says whether what lives may become the copy of the original with that name.
    """

    refs: frozenset[Ref]
    live: Mapping[Ref, Body]
    may_have: Callable[[Body, str], bool]

    def copy_of(self, original: Resource, suffix: str) -> Ref:
        """Who the copy is. Raises ``ManifestError`` where every name for it is taken."""
        ref = original.ref
        names = (suffixed(ref, suffix), suffixed(ref, suffix, marked=True))
        free = next((one for one in names if self._is_free(one, ref.name)), None)
        if free is None:
            problem = f"its copy cannot be named {names[0].name}, nor {names[1].name}: both are taken"
            raise ManifestError(problem, origin=original.origin, ref=ref, hint="give it another name")
        return free

    def _is_free(self, ref: Ref, original: str) -> bool:
        there = self.live.get(ref)
        return ref not in self.refs and (there is None or self.may_have(there, original))

    def refuse_live_copies(self, resources: tuple[Resource, ...]) -> None:
        """Raise ``ManifestError`` for a resource whose own name is that of a copy which lives."""
        for one in resources:
            plain = copied_name(self.live.get(one.ref))
            if plain and plain != one.ref.name:
                problem = f"is live as the copy of {one.ref.kind} {plain}"
                raise ManifestError(problem, origin=one.origin, ref=one.ref, hint="give it another name")


def copied_name(body: Body | None) -> str:
    """The plain name of what this is a copy of; empty where it is none."""
    return str(((body or {}).get("metadata", {}).get("annotations") or {}).get(COPY_OF) or "")
