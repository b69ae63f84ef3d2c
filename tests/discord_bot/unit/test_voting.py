"""Votes: who may, what counts, when it ends, who wins; and the same after a restart."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from clients.discord_bot.voting import NotEligible, NotOffered, Vote, VoteClosed, open_vote

CHOICES = ("a", "b", "c", "d")
ANN, BEN, CAT = 101, 102, 2**63 + 5

casts = st.lists(st.tuples(st.integers(1, 6), st.sampled_from(CHOICES)), max_size=20)


def _vote(*, eligible: Sequence[int] | None = None, deadline: float | None = 100.0) -> Vote:
    return open_vote(CHOICES, seed=7, turn=3, eligible=eligible, deadline=deadline)


def _cast(vote: Vote, votes: Sequence[tuple[int, str]]) -> Vote:
    for voter, choice in votes:
        vote = vote.cast(voter, choice, now=0.0)
    return vote


def test_a_vote_counts_and_leaves_the_old_value_alone() -> None:
    before = _vote()
    after = before.cast(ANN, "b", now=1.0)
    assert before.tally() == {"a": 0, "b": 0, "c": 0, "d": 0}
    assert after.tally() == {"a": 0, "b": 1, "c": 0, "d": 0}
    assert after.voters_for("b") == (ANN,)
    assert after.winner() == "b"


def test_a_vote_can_be_changed_and_counts_once() -> None:
    vote = _cast(_vote(), [(ANN, "a"), (BEN, "b"), (ANN, "c")])
    assert vote.tally() == {"a": 0, "b": 1, "c": 1, "d": 0}
    assert vote.choice_of(ANN) == "c"
    assert [ballot.voter for ballot in vote.ballots] == [ANN, BEN]


def test_it_closes_when_all_have_voted_and_not_before() -> None:
    vote = _vote(eligible=(ANN, BEN), deadline=None).cast(ANN, "a", now=0.0)
    assert vote.missing() == 1
    assert not vote.is_closed(now=10**9)
    vote = vote.cast(BEN, "b", now=0.0)
    assert vote.is_closed(now=0.0)
    with pytest.raises(VoteClosed):
        vote.cast(ANN, "b", now=0.0)


def test_it_closes_at_its_deadline() -> None:
    vote = _vote(deadline=100.0)
    assert not vote.is_closed(now=99.9)
    assert vote.is_closed(now=100.0)
    with pytest.raises(VoteClosed):
        vote.cast(ANN, "a", now=100.0)


def test_a_deadline_can_be_moved_but_not_taken_from_an_open_vote() -> None:
    vote = _vote(deadline=100.0).cast(ANN, "a", now=0.0)
    later = vote.until(200.0)
    assert later.ballots == vote.ballots
    assert not later.is_closed(now=150.0)
    with pytest.raises(ValueError, match="ends at a deadline"):
        vote.until(None)


def test_who_does_not_play_does_not_vote() -> None:
    with pytest.raises(NotEligible):
        _vote(eligible=(ANN,)).cast(BEN, "a", now=0.0)


def test_what_is_not_offered_cannot_be_voted_for() -> None:
    with pytest.raises(NotOffered):
        _vote().cast(ANN, "z", now=0.0)


def test_nobody_wins_a_vote_that_nobody_cast() -> None:
    assert _vote().winner() is None


def test_one_vote_is_enough() -> None:
    assert _vote(eligible=(ANN, BEN, CAT)).cast(CAT, "d", now=0.0).winner() == "d"


@pytest.mark.parametrize(
    "fields",
    [
        {"choices": ()},
        {"choices": ("a", "a")},
        {"choices": ("a",), "eligible": ()},
        {"choices": ("a",), "deadline": None},
        {"choices": ("a",), "ballots": ({"voter": 1, "choice": "b"},)},
        {"choices": ("a",), "eligible": (2,), "ballots": ({"voter": 1, "choice": "a"},)},
        {"choices": ("a",), "ballots": ({"voter": 1, "choice": "a"},) * 2},
    ],
)
def test_what_could_never_be_decided_is_no_vote(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Vote.model_validate({"seed": 1, "turn": 1, "deadline": 5.0} | fields)


@given(casts)
def test_the_last_word_of_each_voter_counts(votes: list[tuple[int, str]]) -> None:
    vote = _cast(_vote(), votes)
    last = dict(votes)
    assert sum(vote.tally().values()) == len(last)
    assert {b.voter: b.choice for b in vote.ballots} == last


@given(casts)
def test_a_restart_changes_nothing(votes: list[tuple[int, str]]) -> None:
    vote = _cast(_vote(), votes)
    again = Vote.model_validate_json(vote.model_dump_json())
    assert again == vote
    assert again.winner() == vote.winner()


@given(st.dictionaries(st.integers(1, 9), st.sampled_from(CHOICES), min_size=1))
def test_the_winner_does_not_depend_on_the_order(votes: dict[int, str]) -> None:
    turned = sorted(votes.items(), reverse=True)
    one, other = _cast(_vote(), list(votes.items())), _cast(_vote(), turned)
    assert one.winner() == other.winner()
    assert one.tally()[one.winner() or ""] == max(one.tally().values())


def test_ties_are_not_always_won_by_the_same_place() -> None:
    won = set()
    for turn in range(20):
        vote = open_vote(CHOICES, seed=7, turn=turn, deadline=1.0)
        won.add(_cast(vote, [(ANN, "a"), (BEN, "b")]).winner())
    assert won == {"a", "b"}
