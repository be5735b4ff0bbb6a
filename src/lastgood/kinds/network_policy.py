"""NetworkPolicies: a default that depends on the rules has to follow them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.model.kind import Transition
from lastgood.owning import owners, we_own

TYPES = ("spec", "policyTypes")


def transitions(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[Transition, ...]:
    """``policyTypes`` is defaulted once, from the first rules: egress rules that come later would do nothing.

    https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/networking/v1/defaults.go
    """
    wanted = desired.get("spec") or {}
    due = ["Ingress", *(["Egress"] if wanted.get("egress") else [])]
    if wanted.get("policyTypes") or (live.get("spec") or {}).get("policyTypes") == due or _is_held(dict(live)):
        return ()
    return (Transition("/spec/policyTypes", due, "policyTypes was defaulted for other rules, and an apply leaves it"),)


def _is_held(live: dict[str, Any]) -> bool:
    return we_own(live, TYPES) or bool(owners(live, TYPES))
