"""What "last good" means, and what retention may let go."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from lastgood.model.release import History, State, Summary

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LETTERS = {"g": State.GOOD, "f": State.FAILED, "p": State.PENDING, "s": State.STAGED}


def history(letters: str, restores: dict[int, int] | None = None) -> History:
    """Releases from the first on, a letter each: g(ood) f(ailed) p(ending) s(taged)."""
    goes_to = restores or {}
    summaries = [
        Summary(number, LETTERS[letter], NOW, restores=goes_to.get(number), content=f"c{goes_to.get(number, number)}")
        for number, letter in enumerate(letters, start=1)
    ]
    return History(tuple(reversed(summaries)))


def test_last_good_is_never_simply_the_previous_one() -> None:
    found = history("ggff").last_good
    assert found is not None
    assert found.number == 2


def test_there_is_no_last_good_before_the_first_success() -> None:
    assert history("ff").last_good is None
    assert history("").next_number == 1


def test_unfinished_and_staged_releases_are_not_good() -> None:
    found = history("gsp").last_good
    assert found is not None
    assert (found.number, history("gsp").next_number) == (1, 4)


def test_a_restore_counts_as_the_content_it_restores() -> None:
    """Release 4 brought 2 back: a plain rollback from there goes to 1."""
    found = history("ggfg", {4: 2}).differing_good()
    assert found is not None
    assert found.number == 1


def test_without_other_good_content_there_is_nothing_to_roll_back_to() -> None:
    assert history("gfg", {3: 1}).differing_good() is None


def test_failures_cannot_push_the_last_good_release_out() -> None:
    """Thirty failures in a row, each followed by nothing: ten are kept, and the good one."""
    gone = {one.number for one in history("g" + "f" * 30).superseded(good_kept=2)}
    assert gone == set(range(2, 22))


def test_a_restore_pins_what_it_restores() -> None:
    """Release 1 is old, but 9 restores it: it goes only when 9 does."""
    letters, restores = "ggggggggg", {9: 1}
    gone = {one.number for one in history(letters, restores).superseded(good_kept=2)}
    assert 1 not in gone
    assert gone == {2, 3, 4, 5, 6, 7}


def test_restores_of_one_content_count_once() -> None:
    """Good, failure, restore, over and over: the contents kept are distinct ones, not copies of one."""
    letters, restores = "gg" + "fg" * 5, dict.fromkeys(range(4, 13, 2), 2)
    kept = {one.number for one in history(letters, restores).summaries} - {
        one.number for one in history(letters, restores).superseded(good_kept=2, failed_kept=1)
    }
    assert {1, 2} <= kept


@given(
    letters=st.text(alphabet="gfps", max_size=40),
    good_kept=st.integers(2, 6),
    failed_kept=st.integers(1, 5),
    data=st.data(),
)
def test_retention_never_takes_what_may_be_needed(
    letters: str, good_kept: int, failed_kept: int, data: st.DataObject
) -> None:
    """Whatever the history: the last good release stays, with what it restores, and so does all that is unfinished."""
    roots: list[int] = []
    restores: dict[int, int] = {}
    for number, letter in enumerate(letters, start=1):
        if letter == "g" and roots and data.draw(st.booleans()):
            restores[number] = data.draw(st.sampled_from(roots))
        elif letter == "g":
            roots.append(number)
    found = history(letters, restores)
    gone = {one.number for one in found.superseded(good_kept=good_kept, failed_kept=failed_kept)}
    good = found.last_good
    if good is not None:
        assert not {good.number, good.content_number} & gone
    kept = [one for one in found.summaries if one.number not in gone]
    assert all(one.restores is None or one.restores not in gone for one in kept)
    assert all(one.number not in gone for one in found.summaries if one.state in (State.PENDING, State.STAGED))
    assert sum(one.state is State.FAILED for one in kept) <= failed_kept
