"""The bytes of a file become text, as kubectl takes them: UTF-8, or UTF-16 where a mark says so. Pure."""

from __future__ import annotations

import codecs
import re

from lastgood.errors import ManifestError
from lastgood.model.resource import Origin

LARGEST = 32 * 1024 * 1024
"""How many bytes a file may have; a release that is larger than this could not be stored anyway."""

FLOW = re.compile(r"\s*[{\[]")
"""How a text starts that may be JSON."""

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes, file: str, *, largest: int = LARGEST) -> str:
    """The text of a file. Raises ``ManifestError`` if it has more than ``largest`` bytes, or is not text."""
    if len(data) > largest:
        raise too_large(file, largest)
    mark, encoding = next((one for one in MARKS if data.startswith(one[0])), (b"", "utf-8"))
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: len(mark) + error.start].count(b"\n") + 1
        raise ManifestError(
            f"this is not text in {encoding.upper()}: byte 0x{error.object[error.start]:02x} cannot stand here",
            origin=Origin(file, line),
            hint="save the file as UTF-8; binary data belongs into binaryData or a Secret, as base64",
        ) from error


def too_large(file: str, largest: int = LARGEST) -> ManifestError:
    """What is said of a file with more than so many bytes."""
    hint = "split it; is this really a manifest?"
    return ManifestError(f"is larger than {largest // 2**20} MiB", origin=Origin(file), hint=hint)


def without_tabs(text: str) -> str:
    """JSON may have tabs between its tokens, where YAML does not know them; its strings cannot hold any."""
    return text.replace("\t", " ") if FLOW.match(text) else text
