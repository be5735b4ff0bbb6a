"""Journals of runs in the cluster: written at every step, read by whoever goes on, and never by two at once."""

from __future__ import annotations

import pytest

from lastgood.errors import Fenced, RecordCorrupt
from lastgood.model.plan import Guard
from lastgood.pipelines.journal import Journal, Mark, Note
from lastgood.pipelines.keeping import KEPT, RUN_OF, Journals
from lastgood.testing import MemoryCluster, virtual_time

START = Journal("shop-2026-1", "Shop_Pipeline", "abc")
NOTE = Note(("prod", "roll"), Mark.SUCCEEDED, "release 3 is good", {"release": "3"}, ("Job/migrate",), 2, "")


def empty() -> Journals:
    cluster = MemoryCluster()
    cluster.add_namespace("prod")
    return Journals(cluster, "prod")


@virtual_time
async def test_what_was_written_is_read() -> None:
    journals = empty()
    kept = await journals.keep((await journals.keep(START)).noted(NOTE))
    assert await journals.of("Shop_Pipeline") == (kept,)
    assert kept.notes == {NOTE.path: NOTE}


@virtual_time
async def test_of_two_processes_that_go_on_with_a_run_one_stops() -> None:
    journals = empty()
    kept = await journals.keep(START)
    await journals.keep(kept.noted(NOTE))
    with pytest.raises(Fenced, match="another process goes on with run shop-2026-1"):
        await journals.keep(kept.noted(NOTE))


@virtual_time
async def test_two_runs_do_not_get_one_journal() -> None:
    journals = empty()
    await journals.keep(START)
    with pytest.raises(Fenced):
        await journals.keep(START)


@virtual_time
async def test_old_journals_go_and_unfinished_ones_stay() -> None:
    journals = empty()
    for number in range(KEPT + 5):
        mark = Mark.RUNNING if number == 0 else Mark.SUCCEEDED
        await journals.keep(Journal(f"shop-{number:02}", "shop", "abc", mark=mark))
    await journals.keep(Journal("other-1", "other", "abc", mark=Mark.SUCCEEDED))
    await journals.tidy("shop")
    left = [one.run for one in await journals.of("shop")]
    assert left == [*(f"shop-{number:02}" for number in range(KEPT + 4, 4, -1)), "shop-00"]
    assert [one.run for one in await journals.of("other")] == ["other-1"]


@virtual_time
async def test_a_journal_that_cannot_be_read_is_named() -> None:
    journals = empty()
    metadata = {"name": "lastgood.run.bad", "namespace": "prod", "labels": {RUN_OF: "shop"}}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"journal": "AAAA"}}
    await journals.cluster.apply(body, Guard())
    with pytest.raises(RecordCorrupt, match=r"lastgood\.run\.bad cannot be read"):
        await journals.of("shop")
