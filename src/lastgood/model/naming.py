"""What a release may be called. Pure.

The name is part of the names of its records, and the value of a label on its pods: one that breaks either is refused
before anything is written, not when pods cannot be made.
"""

from __future__ import annotations

import re

LONGEST = 63
"""Of a label's value: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set"""

_PART = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_NAME = re.compile(rf"{_PART}(?:\.{_PART})*", re.ASCII)
RULE = f'lower-case letters, digits, "-" and ".", at most {LONGEST}, a letter or digit at both ends and beside each "."'


def is_release_name(text: str) -> bool:
    """Whether a release may be called so: a DNS subdomain that is a label's value too."""
    return len(text) <= LONGEST and _NAME.fullmatch(text) is not None
