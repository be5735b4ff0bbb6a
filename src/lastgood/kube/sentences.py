"""The API's own sentences, made fit to be shown: its causes added, a Secret's values taken out, a hint what to do.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lastgood.model.resource import Ref

_QUOTED_VALUE = re.compile(r'(Invalid value: |Unsupported value: |Duplicate value: )("(?:[^"\\]|\\.)*"|[^:\s]+)')
_GOT_VALUE = re.compile(r"got &?value\.\w+\{.*?\}(?=$|[,;\s])", re.DOTALL)

_HINTS = (
    (r"duplicate entries for key", "a list names the same entry twice (an env variable, a port): keep one of them"),
    (r"field not declared in schema", "the name of the field is misspelt, or this version of the API does not have it"),
    (r"failed to (create typed|convert)", "the field has another type than the API expects"),
    (r"illegal base64", "the values under data have to be base64; plain text goes under stringData"),
    (r"immutable", "this field cannot be changed on a live resource: it would have to be deleted and created again"),
    (r"does not support dry run", "this webhook has to declare sideEffects: None before anything can be checked"),
    (r"failed calling webhook", "the webhook's own service does not answer: see to it first, or remove the webhook"),
    (r"denied the request", "this is a rule of the cluster; whoever runs that webhook can say what it wants"),
    (r"exceeded quota", "ask for a larger quota, or request less"),
    (r"violates PodSecurity", "the namespace enforces a pod security level that these pods do not meet"),
    (r"is being terminated", "the namespace is being deleted: wait until it is gone, or use another one"),
)


def sentence_of(message: str, causes: Iterable[tuple[str, str]], ref: Ref | None) -> str:
    """The API's sentence, with those causes (field, sentence) that it does not already tell."""
    extra = [f"{field}: {cause}" if field else cause for field, cause in causes if cause and cause not in message]
    whole = "; ".join([message, *dict.fromkeys(extra)]).strip("; ")
    return without_values(whole) if ref is not None and ref.kind == "Secret" else whole


def without_values(sentence: str) -> str:
    """The same sentence about a Secret, without what is in it."""
    return _GOT_VALUE.sub("got another type", _QUOTED_VALUE.sub(r"\1(masked)", sentence))


def hint_for(sentence: str) -> str:
    """What to do about a refusal, where that can be told from the sentence."""
    return next((hint for pattern, hint in _HINTS if re.search(pattern, sentence)), "")
