"""Who runs this, as far as the machine knows: told in the history, and never a proof of anything."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping


def identify(env: Mapping[str, str]) -> str:
    """The person and the machine: ``ann@build-7``."""
    named = (env.get(name) for name in ("LOGNAME", "USER", "LNAME", "USERNAME"))
    return f"{next(filter(None, named), None) or _user()}@{socket.gethostname()}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user without a name
        return f"uid-{os.getuid()}"
