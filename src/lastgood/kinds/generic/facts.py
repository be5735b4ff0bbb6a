"""A body of any form as the rule sees it: its parts made safe to read, and what is known of its kind. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lastgood.kinds.generic.known import Known, known_of
from lastgood.kinds.generic.reading import parts, plain, sentence_says, word_says
from lastgood.kinds.generic.words import listed
from lastgood.model.health import Status

ENDING_KINDS = listed(
    """
    action backup benchmark build download experiment export import job migration operation pipelinerun restore run scan
    task taskrun test trial upgrade upload workflow
    """
)
"""The last part of the name of a kind that comes to an end: while it runs it is not done yet."""

ENDS = listed(
    """
    complete completed completedat completiontime completiontimestamp done endtime endtimestamp finished finishedat
    finishtime finishtimestamp
    """
)
"""Fields that are set once it has ended."""

KEEPING_TIME = listed("cron schedule scheduled")
"""Parts of the name of a kind that does something at certain times, and may be asked not to."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rule reads. ``generation`` and ``observed`` are None where they are not told, or not as numbers."""

    kind: str
    known: Known
    metadata: Mapping[str, Any]
    spec: Mapping[str, Any]
    status: Mapping[str, Any]
    generation: int | None
    observed: int | None

    @property
    def is_behind(self) -> bool:
        """Whether the status speaks of an older generation."""
        return self.observed is not None and self.generation is not None and self.observed < self.generation

    @property
    def is_of_now(self) -> bool:
        """Whether the status vouches for the present generation."""
        return self.observed is not None and self.generation is not None and not self.is_behind

    @property
    def comes_to_an_end(self) -> bool:
        """Whether it is of a kind that runs and ends."""
        return not self.keeps_time and not ENDING_KINDS.isdisjoint(parts(self.kind)[-1:])

    @property
    def keeps_time(self) -> bool:
        """Whether it is of a kind that does something at certain times."""
        return not KEEPING_TIME.isdisjoint(parts(self.kind))

    @property
    def has_ended(self) -> bool:
        """Whether it says when it ended, or that it did."""
        return any(value and plain(key) in ENDS for key, value in self.status.items())

    @property
    def message(self) -> str:
        """What the status as a whole gives as its reason."""
        found = (text_of(self.status.get(key)) for key in ("message", "statusMessage", "errorMessage", "reason"))
        return next((text for text in found if text), "")

    @property
    def tells_of_trouble(self) -> bool:
        """Whether that reason is one of trouble."""
        reason = word_says(text_of(self.status.get("reason")))
        return reason is Status.FAILED or (reason is None and sentence_says(self.message) is Status.FAILED)

    def meaning(self, text: str) -> Status | None:
        """What a word says: of this kind, or of any."""
        return self.known.meaning.get(plain(text)) or word_says(text)

    def known_words(self) -> Iterator[tuple[str, str, bool]]:
        """The words that stand where this kind is known to have them: where, the word, and that it is plain."""
        for path in self.known.words:
            for word in _at(self.status, path.removeprefix("status.").split(".")):
                if isinstance(word, str) and word:
                    yield path, word, True


def facts_of(body: Mapping[str, Any]) -> Facts:
    """The facts of one body; what has not the form that Kubernetes gives it counts as not there."""
    metadata, status = mapping_of(body.get("metadata")), _status_of(body)
    kind, version = text_of(body.get("kind")), text_of(body.get("apiVersion"))
    group = version.partition("/")[0] if "/" in version else ""
    return Facts(
        kind,
        known_of(group, kind),
        metadata,
        mapping_of(body.get("spec")),
        status,
        number_of(metadata.get("generation")),
        generation_of(status.get("observedGeneration")),
    )


def _status_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its status; where that is one word, or words stand in the body itself, as of old kinds, these if they are known.

    What is no word of a status is not told: it may be anything.
    """
    status = body.get("status")
    if isinstance(status, Mapping):
        return mapping_of(status)
    keys = ("health", "phase", "state") if status is None else ("status",)
    return {key: body[key] for key in keys if isinstance(body.get(key), str) and word_says(body[key])}


def mapping_of(value: Any) -> Mapping[str, Any]:
    """The value if it is a mapping; only what has text for its name."""
    return {key: one for key, one in value.items() if isinstance(key, str)} if isinstance(value, Mapping) else {}


def text_of(value: Any) -> str:
    """A value as text: itself, the message in it, or what a list holds first; else nothing."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Mapping):
        found = next((value[key] for key in ("message", "reason", "description", "code") if value.get(key)), "")
        return found if isinstance(found, str) else ""
    return text_of(value[0]) if isinstance(value, list) and value and not isinstance(value[0], list) else ""


def number_of(value: Any) -> int | None:
    """A whole number that is not negative, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def generation_of(value: Any) -> int | None:
    """A generation; Argo Rollouts writes it as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    return number_of(value)


def _at(value: Any, path: list[str]) -> Iterator[Any]:
    """What stands at a path; ``*`` is every entry of a list or a mapping."""
    if not path:
        yield value
    elif path[0] == "*":
        inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        for one in inner:
            yield from _at(one, path[1:])
    elif isinstance(value, Mapping):
        yield from _at(value.get(path[0]), path[1:])
