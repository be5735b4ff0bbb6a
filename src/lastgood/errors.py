"""Every error a person can meet, and the exit code it becomes.

    LastgoodError
    ├── InputError                 2   files, flags or settings
    │   ├── ManifestError              names the file, the line, the resource and the field
    │   ├── TemplateError
    │   ├── ExpressionError
    │   └── SettingError
    ├── ClusterError               4   the API refused, or could not be reached
    │   ├── Unreachable
    │   ├── Forbidden                  names verb and resource
    │   ├── Rejected                   names the resource, and gives the API's own sentence
    │   ├── FieldConflict              names the fields and who holds them
    │   ├── NotFound
    │   └── Conflict                   a guard did not hold: somebody else wrote in between
    ├── HistoryError               5
    │   ├── ReleaseNotFound
    │   ├── NothingToRollBackTo
    │   ├── NothingStaged
    │   ├── RecordCorrupt
    │   └── ReleaseBusy
    ├── DeployFailed               1   failed, and what was good before is back
    │   ├── RestoreFailed          3   failed, and not restored
    │   └── Fenced                 3   another run took over, and decides from here on
    ├── UninstallFailed            3   something that was to go is still there
    └── Interrupted              130   Ctrl-C; 143 for SIGTERM

Codes 2, 4 and 5 are for runs that changed nothing. A message says what was being done and what is true
now; the hint says what to do next. Neither ever holds a Secret's data.
"""

from __future__ import annotations

from typing import ClassVar

from lastgood.model.proof import Proof
from lastgood.model.release import Release
from lastgood.model.resource import Origin, Ref


class LastgoodError(Exception):
    """Any error of ours. ``str()`` is the message; ``hint`` is what to do next, or empty."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class InputError(LastgoodError):
    """The input cannot be used. Nothing was touched."""

    exit_code = 2


class ManifestError(InputError):
    """A manifest cannot be used: where it stands, which resource and field, and what was expected."""

    def __init__(
        self,
        problem: str,
        *,
        origin: Origin | None = None,
        ref: Ref | None = None,
        field: str = "",
        hint: str = "",
    ) -> None:
        places = (str(origin) if origin else "", str(ref) if ref else "", field)
        super().__init__(": ".join([*filter(None, places), problem]), hint=hint)
        self.problem, self.origin, self.ref, self.field = problem, origin, ref, field


class TemplateError(InputError):
    """A template could not be rendered; the message names the file and the line."""


class ExpressionError(InputError):
    """An expression ``<+...>`` is unknown or has no value; the message names it and where it stands."""


class SettingError(InputError):
    """A flag, a setting, or a key of a service file or of ``lastgood.yaml`` is wrong."""


class ClusterError(LastgoodError):
    """The API refused, or could not be reached."""

    exit_code = 4


class Unreachable(ClusterError):
    """No answer: wrong address, no network, certificate not trusted, or a kubeconfig that leads nowhere."""


class Forbidden(ClusterError):
    """We may not do this; the message names verb, resource and namespace."""


class Rejected(ClusterError):
    """The API refuses a resource for what is in it. ``ref`` says which; the message is the API's sentence."""

    def __init__(self, message: str, *, ref: Ref | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.ref = ref


class FieldConflict(ClusterError):
    """Others hold fields with other values, and they are not to be taken."""


class NotFound(ClusterError):
    """Something that has to exist does not: a namespace, a kind, a resource."""


class Conflict(ClusterError):
    """A guard did not hold: the resource is not in the state that the write was decided on."""


class HistoryError(LastgoodError):
    """The history does not allow it."""

    exit_code = 5


class ReleaseNotFound(HistoryError):
    """There is no release of this name, or none with this number."""


class NothingToRollBackTo(HistoryError):
    """No good release with other content is recorded."""


class NothingStaged(HistoryError):
    """No release waits to be promoted, or not in this way."""


class RecordCorrupt(HistoryError):
    """A record is not what was written: its digest does not match, or it cannot be read."""


class ReleaseBusy(HistoryError):
    """Another run holds the release, and waiting for it took too long."""


class DeployFailed(LastgoodError):
    """It failed, and what was good before is live and proved again."""

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        release: Release,
        restored: Release | None = None,
        proof: Proof | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.release, self.restored, self.proof = release, restored, proof


class RestoreFailed(DeployFailed):
    """It failed and is not restored; nothing to go back to included. The message says what is true now."""

    exit_code = 3


class UninstallFailed(LastgoodError):
    """Something that was to go is still there. The message says what; the same again goes on from that."""

    exit_code = 3

    def __init__(self, message: str, *, release: Release, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.release = release


class Fenced(LastgoodError):
    """Another run took over; this one stopped writing. Not a ``DeployFailed``: it cannot know how it ends."""

    exit_code = 3


class Interrupted(LastgoodError):
    """Stopped by Ctrl-C or SIGTERM (``exit_code`` on the instance is 130 or 143)."""

    def __init__(self, message: str, *, signal: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.signal = signal
