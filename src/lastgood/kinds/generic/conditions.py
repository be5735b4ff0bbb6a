"""What conditions say, each by its type, value, reason and severity. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lastgood.kinds.generic.condition import Condition, conditions_of, polarity_of
from lastgood.kinds.generic.facts import Facts
from lastgood.kinds.generic.reading import parts, plain, sentence_says, word_says
from lastgood.kinds.generic.signals import Signal
from lastgood.kinds.generic.types import ARRIVED, ENDED, TYPES, Polarity
from lastgood.kinds.generic.words import AT_WORK_WORDS, listed
from lastgood.model.health import Status

BOLD = listed("error errors failed failure")
"""Parts of a reason that contradict a success."""


def conditions_say(facts: Facts) -> Iterator[Signal]:
    """Each condition of the present generation, and one word for those that speak of an older one."""
    found = tuple(one for one in conditions_of(facts.status) if _counts(facts, one))
    fresh = [one for one in found if not _is_stale(facts, one)]
    is_tried = any(one.name == "reconciling" and one.value and not one.is_retried for one in fresh)
    for one in fresh:
        signal = _signal(facts, one)
        if signal and is_tried and signal.status is Status.FAILED and _polarity(facts, one) is Polarity.READY:
            signal = _make(facts, one, Status.IN_PROGRESS)
        if signal:
            yield signal
    if not any(one.value or _polarity(facts, one) for one in fresh) and any(one.value is False for one in fresh):
        yield _unheard_of(facts, next(one for one in fresh if one.value is False))
    if len(fresh) < len(found):
        yield Signal(
            Status.IN_PROGRESS,
            "observedGeneration of its conditions is behind",
            "its controller has not seen this change yet",
            is_hint=any(_is_success(facts, one) for one in fresh),
        )


HOPED_FOR = frozenset((Polarity.READY, Polarity.ACCEPTED))
"""What should be true."""

BEGUN = listed(
    """
    abletoscale accepted applied configured created deployed initialized installed lastasyncoperation launched loaded
    namesaccepted reconciled reconcilesuccess registered resolvedrefs synced valid
    """
)
"""Types of the whole that say, by ``True``, only that a beginning is made: no more than a hint that all is well."""


def _counts(facts: Facts, one: Condition) -> bool:
    known, name = facts.known, one.name
    return bool(name) and name not in known.silent and (known.conditions is None or name in known.conditions)


def _is_stale(facts: Facts, one: Condition) -> bool:
    return one.generation is not None and facts.generation is not None and one.generation < facts.generation


def _polarity(facts: Facts, one: Condition) -> Polarity | None:
    found = polarity_of(one.type)
    is_fatal = found in {Polarity.READY, Polarity.MILD} and one.name in facts.known.fatal
    return Polarity.ACCEPTED if is_fatal else found


def _is_success(facts: Facts, one: Condition) -> bool:
    return bool(one.value) and _polarity(facts, one) in {Polarity.READY, Polarity.ACCEPTED}


def _is_whole(one: Condition) -> bool:
    """Whether its type is one of those that controllers share, and not the readiness of a part."""
    return any(one.name in types for types in TYPES.values())


def _signal(facts: Facts, one: Condition) -> Signal | None:
    polarity = _polarity(facts, one)
    if polarity is Polarity.SILENT:
        return None
    if polarity and one.severity == "info" and one.value is False and not _is_whole(one):
        return _make(facts, one, Status.IN_PROGRESS, is_hint=True) if polarity in HOPED_FOR else None
    if one.value is None:
        return _neither(facts, one, polarity)
    return (TRUE if one.value else FALSE)[polarity](facts, one)


def _neither(facts: Facts, one: Condition, polarity: Polarity | None) -> Signal | None:
    """``Unknown`` of what should be true is on the way; another word in its place is read as a word."""
    if plain(one.word) in {"", "unknown"}:
        is_awaited = one.word and polarity in {Polarity.READY, Polarity.ACCEPTED}
        return _make(facts, one, Status.IN_PROGRESS) if is_awaited else None
    says = word_says(one.word)
    return _make(facts, one, says) if says and (polarity or says is not Status.CURRENT) else None


def _unheard_of(facts: Facts, one: Condition) -> Signal:
    """Where nothing but types that nobody knows is told, and none of them is true, its reason may tell something."""
    if one.says:
        return _make(facts, one, one.says, is_hint=True)
    sentence = f"its condition {one.type} is False, which no rule knows"
    return Signal(Status.UNKNOWN, f"{one.where}condition {one.type} is False", sentence, one.detail, is_hint=True)


def _tells_failure(one: Condition) -> bool:
    return Status.FAILED in {word_says(one.reason), sentence_says(one.message)}


def _is_patient(one: Condition) -> bool:
    return one.severity != "error" and (one.severity == "info" or one.says is Status.IN_PROGRESS)


def _well(facts: Facts, one: Condition) -> Signal:
    if facts.comes_to_an_end and one.name in AT_WORK_WORDS:
        return _make(facts, one, Status.IN_PROGRESS, is_hint=True)
    status = _success(one)
    return _make(facts, one, status, is_hint=True if status is Status.CURRENT and one.name in BEGUN else None)


def _success(one: Condition) -> Status:
    """What a good condition says beside its reason; one of the whole must not be at odds with it."""
    if not _is_whole(one) or BOLD.isdisjoint(parts(one.reason)) or word_says(one.reason) is not Status.FAILED:
        return Status.CURRENT
    return Status.FAILED if one.name in ENDED else Status.UNKNOWN


def _mild(facts: Facts, one: Condition) -> Signal:
    return _make(facts, one, _well(facts, one).status, is_hint=True)


def _failing(facts: Facts, one: Condition) -> Signal | None:
    return None if one.severity == "info" else _make(facts, one, Status.FAILED)


def _no_failure(facts: Facts, one: Condition) -> Signal | None:
    """Nothing, unless it tells the error itself: OpenShift's KubeletConfig writes so, and keeps what was.

    https://github.com/openshift/machine-config-operator/blob/release-4.12/pkg/controller/kubelet-config/helpers.go
    """
    is_newest = all(one.at >= other.at for other in conditions_of(facts.status))
    if is_newest and one.message.startswith("Error: "):
        return _make(facts, one, Status.FAILED)
    return _make(facts, one, Status.UNKNOWN, is_hint=True) if word_says(one.reason) is Status.FAILED else None


def _doing(facts: Facts, one: Condition) -> Signal:
    if one.name.endswith("progressing") and plain(one.reason) in ARRIVED:
        return _make(facts, one, Status.CURRENT, is_hint=True)
    if one.name == "stopped" and parts(one.reason)[-1:] == ("completed",):  # it came to its end
        return _make(facts, one, Status.CURRENT, is_hint=True)
    is_trouble = (one.is_retried and _tells_failure(one)) or (one.is_lack and one.says is Status.FAILED)
    is_trouble = is_trouble or one.severity == "error"
    return _make(facts, one, Status.FAILED if is_trouble else Status.IN_PROGRESS)


def _progressing(facts: Facts, one: Condition) -> Signal:
    if plain(one.reason) in ARRIVED:
        return _make(facts, one, Status.CURRENT, is_hint=True)
    return _make(facts, one, Status.FAILED if word_says(one.reason) is Status.FAILED else Status.IN_PROGRESS)


def _bad_reason(facts: Facts, one: Condition) -> Signal | None:
    """A type that says nothing by its value may have a reason that does, or be severe."""
    if one.value and one.severity == "error":
        return _make(facts, one, Status.FAILED)
    return _make(facts, one, Status.FAILED, is_hint=one.value) if word_says(one.reason) is Status.FAILED else None


def _not_begun(facts: Facts, one: Condition) -> Signal | None:
    """What is not scheduled or approved has not begun; what does not run, or is not active, may be so as wanted."""
    if word_says(one.reason) is Status.FAILED:
        return _make(facts, one, Status.FAILED)
    is_at_rest = one.name == "active" or (one.name == "running" and word_says(one.reason) is not Status.IN_PROGRESS)
    return None if is_at_rest else _make(facts, one, Status.IN_PROGRESS, is_hint=True)


def _not_yet(facts: Facts, one: Condition) -> Signal:
    is_trouble = one.severity == "error" or (one.severity != "info" and one.says is Status.FAILED)
    is_trouble = is_trouble and one.name not in facts.known.patient
    return _make(facts, one, Status.FAILED if is_trouble else Status.IN_PROGRESS)


def _refused(facts: Facts, one: Condition) -> Signal:
    return _make(facts, one, Status.IN_PROGRESS if _is_patient(one) else Status.FAILED)


Says = Callable[[Facts, Condition], Signal | None]

TRUE: Mapping[Polarity | None, Says] = {
    Polarity.READY: _well,
    Polarity.ACCEPTED: _well,
    Polarity.MILD: _mild,
    Polarity.FAILED: _failing,
    Polarity.DOING: _doing,
    Polarity.PROGRESSING: _progressing,
    None: _bad_reason,
}
FALSE: Mapping[Polarity | None, Says] = {
    Polarity.READY: _not_yet,
    Polarity.ACCEPTED: _refused,
    Polarity.MILD: _not_begun,
    Polarity.FAILED: _no_failure,
    Polarity.DOING: _bad_reason,
    Polarity.PROGRESSING: _bad_reason,
    None: _bad_reason,
}
"""What each polarity says when it is true, and when it is false."""


def _make(facts: Facts, one: Condition, status: Status, *, is_hint: bool | None = None) -> Signal:
    """Trouble counts wherever it stands; of a part, success and patience only hint."""
    hint = not _is_whole(one) and status is not Status.FAILED if is_hint is None else is_hint
    given_up = status is Status.FAILED and (one.name == "stalled" or one.severity == "error")
    return Signal(
        status,
        f"{one.where}condition {one.type} is {one.word}",
        _sentence(one, status),
        one.detail if status is not Status.CURRENT else "",
        is_hint=hint,
        is_of_now=facts.is_of_now or (one.generation is not None and one.generation == facts.generation),
        has_given_up=given_up,
    )


def _sentence(one: Condition, status: Status) -> str:
    said = SENTENCES.get((one.name, one.value))
    if status is Status.UNKNOWN:
        return f"contradicts itself: condition {one.type} is {one.word} with the reason {one.reason}"
    return said or f"its condition {one.type} is {one.word}"


SENTENCES: Mapping[tuple[str, bool | None], str] = {
    ("ready", True): "is ready",
    ("ready", False): "is not ready",
    ("ready", None): "is not ready",
    ("available", True): "is available",
    ("available", False): "is not available",
    ("healthy", True): "is healthy",
    ("healthy", False): "is not healthy",
    ("reconciling", True): "is being reconciled",
    ("progressing", True): "is progressing",
    ("stalled", True): "is stalled",
    ("degraded", True): "is degraded",
    ("failed", True): "failed",
    ("paused", True): "is paused",
    ("suspended", True): "is suspended",
}
