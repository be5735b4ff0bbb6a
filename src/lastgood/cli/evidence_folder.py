"""Where a run leaves what its failures looked like as files, for a build to keep."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lastgood.cli.encoding import as_json
from lastgood.cli.pages.evidence import event_text
from lastgood.cli.pages.release import ReleasePage
from lastgood.errors import SettingError
from lastgood.model.evidence import ContainerEvidence, Evidence, PodEvidence
from lastgood.model.release import Release


@dataclass(slots=True)
class EvidenceFolder:
    """A folder that could be written when the run began. ``kept`` are the releases that are in it."""

    path: Path
    kept: list[int] = field(default_factory=list)

    def keep(self, release: Release) -> Path | None:
        """Write the evidence of a failed release; None when there is none, or it is there already.

        The first one stands in the folder itself, another (a restore that failed too) in one of its own below.
        Raises ``OSError``.
        """
        if release.evidence is None or release.number in self.kept:
            return None
        folder = self.path / f"release-{release.number}" if self.kept else self.path
        self.kept.append(release.number)
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files_of(release, release.evidence):
            (folder / name).write_text(text, encoding="utf-8")
        return folder


def writable_folder(path: str) -> EvidenceFolder:
    """The folder of that name, made if there is none. Raises ``SettingError`` when nothing can be written there."""
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return EvidenceFolder(folder)
    except OSError as error:
        raise SettingError(
            f"--evidence-dir {path} cannot be written: {error.strerror}",
            hint="name a folder that this user may write, or leave it out; nothing was changed",
        ) from error


def files_of(release: Release, evidence: Evidence) -> Iterator[tuple[str, str]]:
    """The name and the text of each file."""
    yield "evidence.json", as_json(ReleasePage(release))
    yield "events.txt", "".join(f"{event_text(one)}\n" for one in evidence.events)
    for pod in evidence.pods:
        for container in pod.containers:
            yield from _logs(_stem(pod, container, release.namespace), container)


def _logs(stem: str, one: ContainerEvidence) -> Iterator[tuple[str, str]]:
    now, before = (one.other_logs, one.logs) if one.previous else (one.logs, one.other_logs)
    if now:
        yield f"{stem}.log", now
    if before:
        yield f"{stem}.previous.log", before


def _stem(pod: PodEvidence, container: ContainerEvidence, home: str) -> str:
    """``web-6587f6db4c-cw68v.web``; names of the API are names of files, but nobody else's word is taken for that."""
    elsewhere = [] if pod.ref.namespace == home else [pod.ref.namespace]
    return ".".join([*elsewhere, pod.ref.name, container.name]).replace("/", "_").lstrip(".")
