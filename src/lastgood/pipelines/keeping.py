"""The journals of runs in the cluster: one Secret for each run, since what a step gives may be a secret.

A journal is written under the version that was read: of two processes that go on with one run, one stops.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lastgood.errors import ClusterError, Conflict, Fenced, RecordCorrupt
from lastgood.model.plan import Guard
from lastgood.model.resource import Body, GroupKind, Ref, digest
from lastgood.pipelines.joining import together
from lastgood.pipelines.journal import Journal, Mark, Note
from lastgood.ports import Cluster

RUN_OF = "lastgood.dev/pipeline"
"""The label of a journal that names its pipeline."""
TYPE = "lastgood.dev/run.v1"
KEPT = 10
"""How many journals of a pipeline are kept."""
SECRET = GroupKind("", "Secret")
LONGEST = 40  # of a pipeline's name in that of its journal
GONE = "gone"
"""The version of a journal that was deleted while its run went on."""
OF_PIPELINE = 6  # hexadecimal digits in it that are those of its whole identifier


@dataclass(frozen=True, slots=True)
class Journals:
    """The journals in one namespace."""

    cluster: Cluster
    namespace: str

    async def keep(self, journal: Journal) -> Journal:
        """Write it down; raises ``Fenced`` when somebody else has in the meantime.

        One that somebody deleted, as a step may with its whole namespace, is not made again: the run goes on without.
        """
        if journal.version == GONE:
            return journal
        uid, _, version = journal.version.partition("/")
        try:
            answer = await self.cluster.apply(_body(journal, self.namespace), Guard(uid, version))
        except ClusterError as error:
            if journal.version and not await self._is_there(journal):
                return replace(journal, version=GONE)
            if not isinstance(error, Conflict):
                raise
            hint = "the other tells how it ends"
            raise Fenced(f"another process goes on with run {journal.run}: this one stops", hint=hint) from error
        metadata = answer["metadata"]
        return replace(journal, version=f"{metadata['uid']}/{metadata['resourceVersion']}")

    async def _is_there(self, journal: Journal) -> bool:
        name = _ref(journal, self.namespace).name
        return any(one["metadata"]["name"] == name for one in await self._called_alike(journal.pipeline))

    async def _called_alike(self, pipeline: str) -> Sequence[Body]:
        """The journals of this pipeline, and of those whose identifiers become the same label."""
        return await self.cluster.find([SECRET], self.namespace, label=f"{RUN_OF}={as_label(pipeline)}")

    async def of(self, pipeline: str) -> tuple[Journal, ...]:
        """The journals of a pipeline, the newest first. Raises ``RecordCorrupt`` for one that cannot be read.

        What is called alike has the same label: only the whole identifier, in the journal itself, tells whose it is.
        """
        found = map(_read, await self._called_alike(pipeline))
        its = (one for one in found if one.pipeline == pipeline)
        return tuple(sorted(its, key=lambda one: one.run, reverse=True))

    async def tidy(self, pipeline: str) -> None:
        """Let go of old journals; one that is not at its end stays."""
        old = [one for one in (await self.of(pipeline))[KEPT:] if one.mark is not Mark.RUNNING]
        doings = (
            self.cluster.delete(
                _ref(one, self.namespace), Guard(one.version.partition("/")[0]), propagation="Background"
            )
            for one in old
        )
        await together(doings)


def run_name(pipeline: str, now: datetime, mark: str) -> str:
    """What a run is called, and its journal by it: runs of pipelines that are called alike in one second differ."""
    return f"{as_label(pipeline)}-{now:%Y%m%d-%H%M%S}-{digest(pipeline)[:OF_PIPELINE]}{mark}"


def as_label(pipeline: str) -> str:
    """An identifier as the value of a label, and as part of a name; several may become one."""
    return re.sub(r"[^a-z0-9]+", "-", pipeline.lower()).strip("-")[:LONGEST].rstrip("-") or "pipeline"


def _ref(journal: Journal, namespace: str) -> Ref:
    return Ref("", "Secret", namespace, f"lastgood.run.{journal.run}", "v1")


def _body(journal: Journal, namespace: str) -> Body:
    ref = _ref(journal, namespace)
    packed = base64.b64encode(zlib.compress(json.dumps(_written(journal)).encode())).decode()
    metadata = {"name": ref.name, "namespace": namespace, "labels": {RUN_OF: as_label(journal.pipeline)}}
    return {"apiVersion": "v1", "kind": "Secret", "type": TYPE, "metadata": metadata, "data": {"journal": packed}}


def _written(journal: Journal) -> dict[str, Any]:
    notes = [
        {
            "path": note.path,
            "mark": note.mark,
            "sentence": note.sentence,
            "outputs": dict(note.outputs),
            "left": note.left,
            "tried": note.tried,
            "verb": note.verb,
            "broken": note.is_broken,
        }
        for note in journal.notes.values()
    ]
    return {
        "run": journal.run,
        "pipeline": journal.pipeline,
        "content": journal.content,
        "mark": journal.mark,
        "sequence": journal.sequence,
        "goesBack": journal.goes_back,
        "notes": notes,
    }


def _read(body: Body) -> Journal:
    metadata = body["metadata"]
    try:
        found = json.loads(zlib.decompress(base64.b64decode(body["data"]["journal"])))
        notes = map(_note, found["notes"])
        return Journal(
            run=found["run"],
            pipeline=found["pipeline"],
            content=found["content"],
            notes={note.path: note for note in notes},
            mark=Mark(found["mark"]),
            sequence=found["sequence"],
            goes_back=found["goesBack"],
            version=f"{metadata['uid']}/{metadata['resourceVersion']}",
        )
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        hint = f"delete it when no run has to be gone on with: kubectl delete secret {metadata['name']}"
        raise RecordCorrupt(f"the journal {metadata['name']} cannot be read: {error}", hint=hint) from error


def _note(found: Mapping[str, Any]) -> Note:
    return Note(
        path=tuple(found["path"]),
        mark=Mark(found["mark"]),
        sentence=found["sentence"],
        outputs=found["outputs"],
        left=tuple(found["left"]),
        tried=found["tried"],
        verb=found["verb"],
        is_broken=found["broken"],
    )
