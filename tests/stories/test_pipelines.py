"""Pipelines that are run to their end, one way or the other: the shop of the examples, on the cluster in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lastgood.errors import ReleaseBusy, ReleaseNotFound, SettingError
from lastgood.pipelines.journal import Mark, Note
from lastgood.pipelines.running import GO_BACK, GO_ON
from tests.stories.company import Company, in_memory

SHOP = Path(__file__).parents[2] / "examples" / "shop"
STAGING, PRODUCTION = "shop-staging", "shop-production"
BROKEN = {"smokeTest": "echo not what it was; false"}


def colour(company: Company, service: str = "shop") -> str:
    body = company.live(PRODUCTION, "Service", service)
    assert body
    return str(body["spec"]["selector"]["harness.io/color"])


def test_a_release_goes_through_staging_into_production() -> None:
    company = in_memory(SHOP)
    assert company.run("registry.lab/web:1").mark is Mark.SUCCEEDED
    assert company.history(STAGING) == ["good"]
    assert company.history(PRODUCTION) == ["good"]
    assert colour(company) == "blue"
    assert company.heard == ["canary shop-canary is live beside the shop"]
    assert company.live(STAGING, "Deployment", "shop-canary", "apps") is None
    assert company.run("registry.lab/web:2").mark is Mark.SUCCEEDED
    assert colour(company) == "green"
    assert company.history(PRODUCTION) == ["good", "good"]


def test_a_smoke_test_that_fails_after_the_swap_swaps_back() -> None:
    company = in_memory(SHOP)
    company.run("registry.lab/web:1")
    journal = company.run("registry.lab/web:2", variables=BROKEN)
    assert journal.mark is Mark.ROLLED_BACK
    assert company.marks()["production"] == "RolledBack"
    assert company.sentence("production/rollback/rollbackBgSwapServices") == (
        "release 1 has the traffic again, as release 3"
    )
    assert colour(company) == "blue"
    assert company.history(PRODUCTION) == ["good", "good", "good=1"]
    assert company.history(STAGING) == ["good", "good"]


def test_a_canary_that_never_runs_leaves_everything_as_it_was() -> None:
    company = in_memory(SHOP)
    company.run("registry.lab/web:1")
    journal = company.run("registry.lab/web:missing")
    assert journal.mark is Mark.ROLLED_BACK
    assert company.history(STAGING) == ["good", "failed", "good=1"]
    assert company.history(PRODUCTION) == ["good"]
    assert company.live(STAGING, "Deployment", "shop-canary", "apps") is None
    assert company.marks()["production"] == "Skipped"


def test_nothing_is_swapped_back_that_was_never_swapped() -> None:
    company = in_memory(SHOP)
    company.run("registry.lab/web:1")
    production = company.live(PRODUCTION, "Service", "shop")
    company.run("registry.lab/web:missing")
    assert company.live(PRODUCTION, "Service", "shop") == production


def test_a_variable_that_the_pipeline_does_not_have_is_refused_before_anything_is_done() -> None:
    company = in_memory(SHOP)
    with pytest.raises(
        SettingError, match=r"--var smoketest: pipeline.yaml has no variable .* did you mean smokeTest?"
    ):
        company.run("registry.lab/web:1", variables={"smoketest": "false"})
    assert company.told == []


class Killed(BaseException):
    """The process is gone."""


def killed_after(moment: int) -> Callable[[Note], None]:
    seen: list[Note] = []

    def tell(note: Note) -> None:
        seen.append(note)
        if len(seen) == moment:
            raise Killed

    return tell


def moments(variables: dict[str, str]) -> int:
    company = in_memory(SHOP)
    company.run("registry.lab/web:1")
    company.run("registry.lab/web:2", variables=variables)
    return len(company.told)


@pytest.mark.parametrize(
    ("variables", "mark", "now"), [({}, Mark.SUCCEEDED, "green"), (BROKEN, Mark.ROLLED_BACK, "blue")]
)
def test_a_run_that_was_killed_is_gone_on_with(variables: dict[str, str], mark: Mark, now: str) -> None:
    """After each step in turn: production ends on the same colour as if nothing had happened."""
    for moment in range(1, moments(variables) + 1):
        company = in_memory(SHOP)
        company.run("registry.lab/web:1")
        with pytest.raises(Killed):
            company.run("registry.lab/web:2", tell=killed_after(moment), variables=variables)
        assert company.run("registry.lab/web:2", resuming=GO_ON, variables=variables).mark is mark, moment
        assert colour(company) == now, moment
        assert company.live(STAGING, "Deployment", "shop-canary", "apps") is None, moment


def test_the_stage_in_which_a_run_was_killed_is_rolled_back_and_no_other_begins() -> None:
    for moment in range(1, moments({}) + 1):
        company = in_memory(SHOP)
        company.run("registry.lab/web:1")
        with pytest.raises(Killed):
            company.run("registry.lab/web:2", tell=killed_after(moment))
        ended = company.marks().get("production") == "Succeeded"
        company.run("registry.lab/web:2", resuming=GO_BACK)
        assert company.live(STAGING, "Deployment", "shop-canary", "apps") is None, moment
        assert colour(company) == ("green" if ended else "blue"), moment


def test_until_a_run_that_was_killed_is_ended_no_other_begins() -> None:
    company = in_memory(SHOP)
    with pytest.raises(Killed):
        company.run("registry.lab/web:1", tell=killed_after(5))
    with pytest.raises(ReleaseBusy, match="was cut off"):
        company.run("registry.lab/web:1")
    with pytest.raises(ReleaseBusy, match="other files or other inputs"):
        company.run("registry.lab/web:2", resuming=GO_ON)
    company.run("registry.lab/web:2", resuming=GO_BACK)
    assert company.run("registry.lab/web:1").mark is Mark.SUCCEEDED


def test_where_nothing_was_cut_off_nothing_is_gone_on_with() -> None:
    company = in_memory(SHOP)
    company.run("registry.lab/web:1")
    with pytest.raises(ReleaseNotFound, match="no run of ship_shop was cut off"):
        company.run("registry.lab/web:1", resuming=GO_ON)
