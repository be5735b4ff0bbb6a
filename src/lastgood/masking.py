"""Text without what nobody should read in it: values of Secrets, and whatever looks like a credential. Pure.

Masking too much costs a word of a log, masking too little costs a password; but a log in which every other word is
masked tells nothing, so that each pattern names what it is about.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lastgood.diffing import MASK

SHORTEST_VALUE = 4
"""Characters of a Secret's value that is masked; a shorter one would mask half of every log."""
SHORT_VALUE = 8
"""One of fewer characters is masked only where it stands as a word: ``shop`` is not masked in ``shopping``."""
SHORTEST_LINE = 12
"""Characters of a line that is masked by itself, of a value that has several: a key, a file of settings."""
PLAIN = frozenset({"true", "false", "null", "none"})
"""Values that say nothing about whose they are."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One sort of credential. ``shows`` is what stands in its place: the groups that tell what it was, and the mask."""

    name: str
    expression: re.Pattern[str]
    shows: str


def _pattern(name: str, expression: str, shows: str = MASK, flags: re.RegexFlag = re.IGNORECASE) -> Pattern:
    return Pattern(name, re.compile(expression, flags), shows)


# Everything that repeats has a bound: a long line is never tried again and again.
_QUOTE = r"""\\{0,4}["']"""
_IS = r"\s{0,9}[:=]\s{0,9}"
_SECRET = (
    r"(?:password|passwd|passphrase|(?<![a-z])pwd|(?<=[_.-])pass|secret|token|credentials?|api[_-]?key|access[_-]?key|"
    r"secret[_-]?key|private[_-]?key|account[_-]?key|encryption[_-]?key|signature|(?<=[?&])sig)"
)
_KEY = rf"(?<![\w.-])[\w.-]{{0,64}}?{_SECRET}(?![\w.-])(?:{_QUOTE})?"
_VALUE = (
    r"(?!\*|/|<|\$|(?:true|false|null|nil|none|not|empty|redacted|unset|undefined)\b)"  # none, or masked already
    r"[^\s\"'\\,;&})\]]+"
)
_HEADER = rf"\b(?:proxy-)?authorization(?:{_QUOTE})?{_IS}\[?(?:{_QUOTE})?"
_SCHEME = r"(?:basic|bearer|negotiate|ntlm|token|apikey|oauth|aws4-hmac-sha256)"
_URL = r"\b[a-z][a-z0-9+.-]{0,20}://"
_FLAG = r"(?<![\w-])--?(?:\w[\w-]{0,40}-)?(?:password|passwd|passphrase|secret|token|api-?key|access-?key)"
_ISSUERS = (
    r"gh[pousr]_[A-Za-z0-9]{30,}", r"github_pat_\w{22,}", r"glpat-[\w-]{20,}", r"xox[abeprs]-[\w-]{10,}",
    r"npm_[A-Za-z0-9]{30,}", r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}", r"sk-[A-Za-z0-9_-]{20,}", r"AIza[\w-]{35}",
    r"hv[sbr]\.[\w-]{20,}", r"dckr_pat_[\w-]{20,}", r"SG\.[\w-]{16,}\.[\w-]{16,}",
)  # fmt: skip

PATTERNS = (
    _pattern(
        "private key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----.*?(-----END [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----|\Z)",
        flags=re.DOTALL,
    ),
    _pattern(
        "private key whose beginning is cut off",
        r"(?:^[A-Za-z0-9+/=]{16,100}\r?\n){1,80}-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----",
        flags=re.MULTILINE,
    ),
    _pattern("JSON web token", r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}", flags=re.NOFLAG),
    _pattern("digest", r"(\b(?:proxy-)?authorization\s{0,9}:\s{0,9}digest\s)[^\r\n]+", rf"\1{MASK}"),
    _pattern("authorization header", rf"({_HEADER}{_SCHEME}\s{{1,9}})[^\s\"'\\\]][^\"'\\\]\r\n]*", rf"\1{MASK}"),
    _pattern(
        "authorization header without a scheme",
        rf"({_HEADER})(?=[^\s\"'\\]{{0,200}}\d)[^\s\"'\\,]{{16,}}",
        rf"\1{MASK}",
    ),
    _pattern("bearer token", r"(\bbearer\s{1,9})(?=\S{0,200}\d)[\w.~+/-]{16,}=*", rf"\1{MASK}"),
    _pattern(
        "header of a key",
        rf"(\bx-(?:api-key|[\w-]{{0,40}}token)(?:{_QUOTE})?{_IS}(?:{_QUOTE})?){_VALUE}",
        rf"\1{MASK}",
    ),
    _pattern("cookie", r"(\b(?:set-)?cookie\s{0,9}:\s{0,9})[^\s=;:]{1,200}=[^\r\n]*", rf"\1{MASK}"),
    _pattern("AWS access key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b", flags=re.NOFLAG),
    _pattern("token that begins as its issuer has it", rf"\b(?:{'|'.join(_ISSUERS)})", flags=re.NOFLAG),
    _pattern("password of a URL", rf"({_URL}[^\s/:@?#\"']{{0,200}}:)[^\s/?#\"']{{1,400}}(@)", rf"\1{MASK}\2"),
    _pattern("token of a URL", rf"({_URL})[^\s/:@?#\"']{{16,400}}(@)", rf"\1{MASK}\2"),
    _pattern("password of a DSN", r"((?<![\w.-])[\w.-]{1,64}:)[^\s@/:]{1,200}(@(?:tcp|unix|udp)\()", rf"\1{MASK}\2"),
    _pattern(
        "assignment in quotes",
        rf"({_KEY}\s{{0,9}}(?:=>|[:=])\s{{0,9}}({_QUOTE}))(?:(?!\2)(?:\\.|.))+",
        rf"\1{MASK}",
    ),
    _pattern(
        "assignment",
        rf"({_KEY}(?:\s{{0,9}}=(?![>=])\s{{0,9}}|:(?!=))){_VALUE}",
        rf"\1{MASK}",
    ),
    _pattern(
        "value that ends its line",
        rf"({_KEY}(?:\s{{0,9}}=>|:)[ \t]{{1,9}}){_VALUE}(?=[ \t]{{0,9}}(?:[,;}})\]]|\r?$))",
        rf"\1{MASK}",
        flags=re.IGNORECASE | re.MULTILINE,
    ),
    _pattern(
        "flag",
        rf"({_FLAG}[ \t]{{1,9}})(?![-*/<$])\S+(?=[ \t]{{0,9}}(?:$|[ \t]-))",
        rf"\1{MASK}",
        flags=re.IGNORECASE | re.MULTILINE,
    ),
)
"""What looks like a credential, whoever wrote it; in this order, since one may hold another."""


def without_credentials(text: str) -> str:
    """The text with a mask for each credential in it."""
    for pattern in PATTERNS:
        text = pattern.expression.sub(pattern.shows, text)
    return text


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without these values, which stand from the longest to the shortest, and without credentials."""
    for secret in secrets:
        text = text.replace(secret, MASK) if len(secret) >= SHORT_VALUE else _word_masked(text, secret)
    return without_credentials(text)


def _word_masked(text: str, secret: str) -> str:
    return re.sub(rf"(?<![A-Za-z0-9]){re.escape(secret)}(?![A-Za-z0-9])", lambda _: MASK, text)


def values_to_mask(secrets: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """What is secret in the bodies of Secrets, as it is written and as it is read; the longest first."""
    encoded = (value for body in secrets for value in (body.get("data") or {}).values())
    values = {text for one in encoded for text in _readings(str(one)) if _is_telling(text)}
    return tuple(sorted(values, key=lambda value: (-len(value), value)))


def _readings(encoded: str) -> Iterator[str]:
    text = _decoded(encoded)
    yield encoded
    yield text
    lines = text.splitlines()
    yield from (line.strip() for line in lines if len(lines) > 1 and len(line.strip()) >= SHORTEST_LINE)


def _is_telling(text: str) -> bool:
    return len(text) >= SHORTEST_VALUE and text.lower() not in PLAIN


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value).decode().strip()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
