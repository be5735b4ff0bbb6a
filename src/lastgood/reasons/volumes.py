"""Why volumes are not there yet, in words, and whether what they lack may still come. Pure.

https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/volume/util/operationexecutor/operation_generator.go
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/kubelet/volumemanager/volume_manager.go
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.model.reading import items, part, text

Spec = Mapping[str, Any]

MISSING = re.compile(
    r'(configmap|secret|persistentvolumeclaims?) "[^"]+" not found|references non-existent|hostPath type check failed'
)
"""What a volume waits for in vain: the names and keys in the pod's own spec are wrong, or not made yet."""

SUMMARY = "Unable to attach or mount volumes"
"""The kubelet's word after two minutes, which says less than those before it."""

_FAILED = re.compile(r'(?:Mount|Map)Volume\S*(?: initialization)? failed for volume "([^"]+)" ?: ?(.*)', re.DOTALL)
_ATTACH = re.compile(r'AttachVolume\S* failed for volume "([^"]+)" ?: ?(.*)', re.DOTALL)
_MULTI = re.compile(r'Multi-Attach error for volume "([^"]+)" ?(.*)', re.DOTALL)
_SUMMARY = re.compile(rf"{SUMMARY}: unmounted volumes=\[([^\]]*)\].*\]: (.*)", re.DOTALL)
_CONFIG_KEY = re.compile(r"references non-existent config key: (\S+)")
_SECRET_KEY = re.compile(r"references non-existent secret key: (\S+)")


@dataclass(frozen=True, slots=True)
class Sort:
    """A way in which these messages are written: who is concerned, and what is said of it."""

    pattern: re.Pattern[str]
    says: Callable[[str, str], str]


SORTS = (
    Sort(_ATTACH, lambda name, why: f"volume {name} cannot be attached: {why}"),
    Sort(_FAILED, lambda name, why: f"volume {name} cannot be mounted: {why}"),
    Sort(_MULTI, lambda name, why: f"volume {name} is still attached elsewhere: {why}"),
    Sort(_SUMMARY, lambda names, why: f"not mounted in time: volume {names.replace(' ', ', ')}: {why}"),
)


def volume_words(message: str, spec: Spec) -> str:
    """What an event about a volume says, with the names that the pod's spec has for it."""
    for sort in SORTS:
        found = sort.pattern.match(message)
        if found:
            return sort.says(found[1], _named(found[1], found[2], spec))
    return message


def is_missing(message: str) -> bool:
    """Whether something is not there that the pod names."""
    return MISSING.search(message) is not None


def _named(volume: str, why: str, spec: Spec) -> str:
    """The kubelet leaves out in which ConfigMap or Secret a key is not."""
    for pattern, kind, field in ((_CONFIG_KEY, "ConfigMap", "configMap"), (_SECRET_KEY, "Secret", "secret")):
        found = pattern.search(why)
        if found:
            holders = {text(one, "secretName") or text(one, "name") for one in _sources(spec, volume, field, found[1])}
            return f"{kind}{f' {holders.pop()}' if len(holders) == 1 else ''} has no key {found[1]}"
    return why


def _sources(spec: Spec, volume: str, field: str, key: str) -> Iterator[Spec]:
    """The sources of that sort in a volume that ask for this key."""
    for one in items(spec, "volumes"):
        if text(one, "name") == volume:
            parts = (one, *items(one, "projected", "sources"))
            found = (part(source, field) for source in parts)
            yield from (source for source in found if any(text(item, "key") == key for item in items(source, "items")))
