"""Secrets that ``<+secrets.getValue("ID")>`` asks for: given in a file or in the environment, and told to nobody."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lastgood.diffing import MASK
from lastgood.errors import InputError, ManifestError, SettingError
from lastgood.masking import SHORT_VALUE
from lastgood.model.source import File
from lastgood.parsing import as_written, parse
from lastgood.pipelines.expressions import Known, Part

VARIABLE = "LASTGOOD_SECRET_"
"""What an environment variable with a secret starts with; its ID follows, with ``_`` for every other sign."""

CALL = re.compile(r"""secrets\.getValue\(\s*(["'])(.*?)\1\s*\)""")
REACH = re.compile(r"^(account|org|project)\.")
SHORTEST = 4
"""How long a part of a secret, such as a line of a key, has to be to be masked on its own."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Secrets by their IDs, ``given`` in a file, or in the environment."""

    given: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)

    def value(self, identifier: str) -> str | None:
        """The secret, under its ID as it is written or without ``account.`` or ``org.``; None when there is none."""
        for name in (identifier, REACH.sub("", identifier)):
            if name in self.given:
                return self.given[name]
            if (variable := variable_of(name)) in self.env:
                return self.env[variable]
        return None

    def part(self) -> Part:
        """The scope's part that knows them."""
        return Part(lookups=(self._known,))

    def _known(self, name: str) -> Known | None:
        found = CALL.fullmatch(name)
        return known_secret(self, found[2]) if found else None


def read_secrets(file: File) -> Mapping[str, str]:
    """The secrets in a file: one mapping of IDs to values, as they are written. Raises ``InputError``.

    No message quotes the file: it names a line at most.
    """
    try:
        documents = [one.value for one in parse(file.text, file.name, scalar=as_written) if one.value not in (None, "")]
    except ManifestError as error:
        line = f":{error.origin.line}" if error.origin and error.origin.line else ""
        raise SettingError(f"{file.name}{line}: this is no YAML", hint="write one ID: VALUE on a line") from None
    found = documents[0] if len(documents) == 1 else {} if not documents else None
    if not isinstance(found, Mapping) or not all(isinstance(one, str) for one in found.values()):
        raise SettingError(f"{file.name}: a file of secrets is one mapping of IDs to values", hint="ID: VALUE")
    return found


def variable_of(identifier: str) -> str:
    """The environment variable for a secret: ``LASTGOOD_SECRET_db_password``."""
    return VARIABLE + re.sub(r"\W", "_", identifier, flags=re.ASCII)


def known_secret(secrets: Secrets, identifier: str) -> Known:
    """What an expression that stands for a secret comes to."""
    value = secrets.value(identifier)
    hint = f"give it in the environment, {variable_of(REACH.sub('', identifier))}, or in a file of secrets"
    return Known(value, why="is a secret that nothing was given for", hint=hint, secret=True)


def masker(secrets: Iterable[str]) -> Callable[[str], str]:
    """What takes secrets out of a text: themselves, their lines, their base64, and how JSON writes them."""
    forms = sorted({form for one in secrets for form in _forms(one)}, key=len, reverse=True)
    pattern = re.compile("|".join(map(_found, forms))) if forms else None
    return lambda text: pattern.sub(MASK, text) if pattern else text


def mask_error(error: InputError, secrets: Iterable[str]) -> InputError:
    """The same error without secrets in its message and hint."""
    mask = masker(secrets)
    error.args = tuple(mask(one) if isinstance(one, str) else one for one in error.args)
    error.hint = mask(error.hint)
    if isinstance(error, ManifestError):
        error.problem = mask(error.problem)
    return error


def _found(form: str) -> str:
    """Where a form stands; a short one only as a word, or half of every text would be masked."""
    exact = re.escape(form)
    return exact if len(form) >= SHORT_VALUE else rf"(?<![A-Za-z0-9]){exact}(?![A-Za-z0-9])"


def _forms(secret: str) -> Iterator[str]:
    text = secret.strip()
    if not text:
        return
    yield from (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
    yield from (base64.b64encode(one.encode()).decode() for one in {secret, text})
    yield from (line.strip() for line in text.split("\n") if len(line.strip()) >= SHORTEST)
