"""A vote of a channel on what to do next: a value that is replaced, never changed.

It knows neither Discord nor the service. Times are seconds since 1970, so that a vote that was
written down can be taken up after a restart.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from random import Random
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, model_validator

QUORUM: Final = 1


class VoteError(Exception):
    """This vote cannot be cast."""


class VoteClosed(VoteError):
    """The vote is over."""


class NotEligible(VoteError):
    """Only those who play may vote."""


class NotOffered(VoteError):
    """That is not up for the vote."""


class Ballot(BaseModel):
    """Who is for what."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    voter: int
    choice: str


class Vote(BaseModel):
    """One vote. `Vote.model_validate_json(vote.model_dump_json())` is the same vote.

    `eligible` are those who may vote, in any order; None: whoever comes. It closes at the
    `deadline`, or when all who may vote have voted; one that is open to all needs a deadline.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    seed: int
    turn: int
    choices: tuple[str, ...]
    eligible: tuple[int, ...] | None = None
    deadline: float | None = None
    ballots: tuple[Ballot, ...] = ()
    """One a voter, in the order in which they first voted."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if not self.choices or len(set(self.choices)) < len(self.choices):
            raise ValueError("a vote is on choices, each of which is there once")
        if self.eligible is not None and not self.eligible:
            raise ValueError("a vote needs somebody who may vote")
        if self.eligible is None and self.deadline is None:
            raise ValueError("a vote that is open to all ends at a deadline")
        voters = {ballot.voter for ballot in self.ballots}
        if len(voters) < len(self.ballots):
            raise ValueError("everybody has one vote")
        if self.eligible is not None and not voters <= set(self.eligible):
            raise ValueError("only those who may vote have voted")
        if any(ballot.choice not in self.choices for ballot in self.ballots):
            raise ValueError("votes are for what is offered")
        return self

    def choice_of(self, voter: int) -> str | None:
        """What they are for; None: they have not voted."""
        return next((b.choice for b in self.ballots if b.voter == voter), None)

    def cast(self, voter: int, choice: str, *, now: float) -> "Vote":
        """The vote with theirs in it, in place of the one that they gave before.

        Raises `VoteClosed`, `NotEligible` or `NotOffered`.
        """
        if self.is_closed(now=now):
            raise VoteClosed
        if self.eligible is not None and voter not in self.eligible:
            raise NotEligible
        if choice not in self.choices:
            raise NotOffered
        mine = Ballot(voter=voter, choice=choice)
        if self.choice_of(voter) is None:
            return self.model_copy(update={"ballots": (*self.ballots, mine)})
        kept = tuple(mine if b.voter == voter else b for b in self.ballots)
        return self.model_copy(update={"ballots": kept})

    def until(self, deadline: float | None) -> "Vote":
        """The vote with another deadline: that of a clock which was held or set anew.

        Raises `ValueError` if it would never close.
        """
        return Vote.model_validate(dict(self) | {"deadline": deadline})

    def tally(self) -> Mapping[str, int]:
        """How many are for each choice, in the order of the choices; those without votes too."""
        counted = Counter(ballot.choice for ballot in self.ballots)
        return {choice: counted[choice] for choice in self.choices}

    def voters_for(self, choice: str) -> tuple[int, ...]:
        """Those who are for it, in the order in which they first voted."""
        return tuple(b.voter for b in self.ballots if b.choice == choice)

    def missing(self) -> int | None:
        """How many may still vote; None: nobody knows."""
        if self.eligible is None:
            return None
        return len(set(self.eligible)) - len(self.ballots)

    def is_closed(self, *, now: float) -> bool:
        """Whether the vote is over."""
        return self.missing() == 0 or (self.deadline is not None and now >= self.deadline)

    def winner(self) -> str | None:
        """What has most votes; None while nobody has voted.

        A tie is broken by seed and turn: not by who was first, so that the same votes win again.
        """
        if len(self.ballots) < QUORUM:
            return None
        tally = self.tally()
        most = max(tally.values())
        leading = [choice for choice, count in tally.items() if count == most]
        return Random(f"{self.seed}|{self.turn}|vote").choice(leading)


def open_vote(
    choices: Iterable[str],
    *,
    seed: int,
    turn: int,
    eligible: Iterable[int] | None = None,
    deadline: float | None = None,
) -> Vote:
    """A vote nobody has voted in. Raises `ValueError` for one that could never be decided."""
    voters = None if eligible is None else tuple(sorted(set(eligible)))
    return Vote(seed=seed, turn=turn, choices=tuple(choices), eligible=voters, deadline=deadline)
