"""What a refusal to create a pod speaks of, and whether it is for good. Pure data and look-ups.

https://github.com/kubernetes/apiserver/tree/v0.36.0/pkg/admission/plugin
https://github.com/kubernetes/kubernetes/tree/v1.36.0/plugin/pkg/admission
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lastgood.model.quantity import quantity

CONTENDED = 30.0
"""Seconds for a quota that others may leave. Once they are gone, the next try comes within some twenty seconds: the
controllers wait 5 ms after the first refusal and twice as long after each."""

UNKNOWN = 60.0
"""Seconds for words that are not known."""


@dataclass(frozen=True, slots=True)
class Denial:
    """One sort of refusal.

    ``says`` is filled in with the pattern's groups, by name; without it the message stands as it is. ``who`` names it
    in the documentation. Hopeless ones end the wait after ``grace`` seconds, or after the table's where that is None.
    """

    who: str
    pattern: str
    says: str = ""
    hopeless: bool = True
    grace: float | None = None
    quota: bool = False

    def words(self, message: str) -> str:
        """The message in our words, or as it is."""
        found = re.search(self.pattern, message, re.DOTALL) if self.says else None
        return self.says.format(**_filled(found)) if found else message

    def grace_of(self, message: str, pods: int) -> float | None:
        """What asks for more than a quota's whole limit, with all of its ``pods``, never fits, whoever else goes."""
        return None if self.quota and _never_fits(message, pods) else self.grace


def _waits(who: str, pattern: str, says: str = "") -> Denial:
    return Denial(who, pattern, says, hopeless=False)


# Read from the top: what is over by itself also says "forbidden", and a webhook's silence does not say "denied".
DENIALS = (
    _waits(
        "a webhook that cannot be called",
        r'failed calling webhook "(?P<name>[^"]+)": (failed to call webhook: )?(?P<why>.*)',
        "webhook {name} cannot be called: {why}",
    ),
    _waits("a webhook that cannot be called, in other words", r"failed calling webhook|failed to call webhook"),
    _waits("two pods at one moment, under one quota", r"the object has been modified"),
    _waits("a quota that was made a moment ago", r"status unknown for quota"),
    _waits("an API server that has only just started", r"not yet ready to handle request|at this time because"),
    _waits(
        "an API server in trouble",
        r"unable to return a response in the time allotted|etcdserver: |too many requests"
        r"|connection refused|context deadline exceeded|i/o timeout|TLS handshake timeout|currently unable to handle",
    ),
    Denial(
        "a quota",
        r"exceeded quota: (?P<name>[^,]+), requested: (?P<asked>.*), used: (?P<used>.*), limited: (?P<limit>.*)",
        "quota {name} leaves no room: it asks for {asked}, used {used}, limit {limit}",
        grace=CONTENDED,
        quota=True,
    ),
    Denial(
        "a quota of something that the pod does not say",
        r"failed quota: (?P<name>[^:]+): must specify (?P<what>.*)",
        "quota {name} wants every pod to say {what}",
    ),
    Denial(
        "a LimitRange",
        r"(?P<why>(minimum|maximum) \S+ usage per .*|\S+ max limit to request ratio per .*)",
        "a LimitRange of the namespace refuses it: {why}",
    ),
    Denial(
        "Pod Security",
        r'violates PodSecurity "(?P<level>[^"]+)": (?P<why>.*)',
        "the namespace allows only pods of the level {level}: {why}",
    ),
    Denial(
        "a ValidatingAdmissionPolicy",
        r"ValidatingAdmissionPolicy '(?P<name>[^']+)' (with binding '[^']+' )?denied request: (?P<why>.*)",
        "policy {name} denies it: {why}",
    ),
    Denial(
        "a webhook that denies it",
        r'admission webhook "(?P<name>[^"]+)" denied the request:? ?(?P<why>.*)',
        "webhook {name} denies it: {why}",
    ),
    Denial(
        "a service account that is not there",
        r'error looking up service account \S+: serviceaccount "(?P<name>[^"]+)" not found',
        "service account {name} is not there",
    ),
    Denial(
        "a priority class that is not there",
        r"no PriorityClass with name (?P<name>\S+) was found",
        "priority class {name} is not there",
    ),
    Denial(
        "a runtime class that is not there",
        r'pod rejected: RuntimeClass "(?P<name>[^"]+)" not found',
        "runtime class {name} is not there",
    ),
    Denial(
        "a namespace that is being deleted",
        r"create new content in namespace (?P<name>\S+) because it is being terminated",
        "namespace {name} is being deleted",
    ),
    Denial("any other refusal", r"forbidden|denied|violates|is invalid|not found"),
)

OTHER = Denial("words that are not known", r"", grace=UNKNOWN)


def denial_of(message: str) -> Denial:
    """What sort of refusal this is."""
    return next((one for one in DENIALS if re.search(one.pattern, message, re.DOTALL)), OTHER)


def _filled(found: re.Match[str]) -> Mapping[str, str]:
    return {name: value or "no reason is given" for name, value in found.groupdict().items()}


def _never_fits(message: str, pods: int) -> bool:
    """Whether some part of ``requested``, so many times, is more than its ``limited``."""
    found = re.search(r"requested: (.*), used: .*, limited: (.*)", message)
    if not found:
        return False
    asked, limits = _amounts(found[1]), _amounts(found[2])
    return any(_is_more(pods, asked[name], limits.get(name, "")) for name in asked)


def _amounts(written: str) -> Mapping[str, str]:
    pairs = (part.strip().rpartition("=") for part in written.split(","))
    return {name: amount for name, _, amount in pairs if name}


def _is_more(times: int, one: str, other: str) -> bool:
    try:
        return times * quantity(one) > quantity(other)
    except ValueError:
        return False
