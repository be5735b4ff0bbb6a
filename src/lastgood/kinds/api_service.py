"""APIServices: an injected certificate stays in the way of doing without one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastgood.model.kind import Transition
from lastgood.owning import stays


def transitions(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[Transition, ...]:
    """``insecureSkipTLSVerify`` is refused beside a ``caBundle``, which is another manager's once it was injected."""
    wanted = desired.get("spec") or {}
    if not wanted.get("insecureSkipTLSVerify") or wanted.get("caBundle") or not stays(live, ("spec", "caBundle")):
        return ()
    why = "an apply leaves the caBundle that others put there, which insecureSkipTLSVerify does not go with"
    return (Transition("/spec", wanted, why),)
