"""Journals of runs in the cluster: written at every step, read by whoever goes on, and never by two at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lastgood.errors import Fenced, RecordCorrupt, ReleaseNotFound
from lastgood.model.plan import Guard
from lastgood.model.resource import Ref
from lastgood.model.source import File
from lastgood.pipelines.grounds import Given
from lastgood.pipelines.journal import Journal, Mark, Note
from lastgood.pipelines.keeping import KEPT, RUN_OF, Journals, as_label
from lastgood.pipelines.neighbours import Neighbours
from lastgood.pipelines.spots import Spot
from lastgood.pipelines.stage import Pipeline
from lastgood.pipelines.starting import begin, resume
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
async def test_a_run_whose_journal_was_deleted_goes_on_without() -> None:
    """Nobody has taken it over, and nobody can."""
    journals = empty()
    kept = await journals.keep(START)
    secret = Ref("", "Secret", "prod", f"lastgood.run.{START.run}", "v1")
    await journals.cluster.delete(secret, Guard(kept.version.partition("/")[0]), propagation="Background")
    after = await journals.keep(kept.noted(NOTE))
    assert (await journals.keep(after)).notes == {NOTE.path: NOTE}
    assert await journals.of("Shop_Pipeline") == ()


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


LONG = "deploy_the_shop_to_each_of_its_regions_in_turn"
ALIKE = pytest.mark.parametrize(
    ("one", "other"), [(f"{LONG}_eu", f"{LONG}_us"), ("ship_shop", "Ship_Shop"), ("ship_shop", "ship__shop")]
)


@ALIKE
@virtual_time
async def test_pipelines_that_are_called_alike_have_journals_of_their_own(one: str, other: str) -> None:
    journals = empty()
    assert as_label(one) == as_label(other)
    for number in range(KEPT + 1):
        await journals.keep(Journal(f"shop-{number:02}", one, "abc", mark=Mark.SUCCEEDED))
    mine = await journals.keep(Journal("shop-99", other, "abc"))
    assert await journals.of(other) == (mine,)
    await journals.tidy(other)
    assert len(await journals.of(one)) == KEPT + 1


@ALIKE
@virtual_time
async def test_pipelines_that_are_called_alike_begin_in_the_same_second(one: str, other: str) -> None:
    journals, given = empty(), Given(Neighbours(Path(), ()), Path())
    now = datetime(2026, 11, 26, tzinfo=UTC)
    runs = [await begin(journals, pipeline(name), given, now=now, mark="9543") for name in (one, other)]
    assert [(await journals.of(name))[0] for name in (one, other)] == runs
    with pytest.raises(ReleaseNotFound, match=f"no run of {other}x was cut off"):
        await resume(journals, pipeline(f"{other}x"), given, going_back=True)
    assert await resume(journals, pipeline(other), given, going_back=False) == runs[1]


def pipeline(identifier: str) -> Pipeline:
    file = File("pipeline.yaml", "pipeline: {}")
    return Pipeline(identifier, "", (), None, (), (), file, Spot(file))


@virtual_time
async def test_a_journal_that_cannot_be_read_is_named() -> None:
    journals = empty()
    metadata = {"name": "lastgood.run.bad", "namespace": "prod", "labels": {RUN_OF: "shop"}}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"journal": "AAAA"}}
    await journals.cluster.apply(body, Guard())
    with pytest.raises(RecordCorrupt, match=r"lastgood\.run\.bad cannot be read"):
        await journals.of("shop")
