"""A game that a model has added to is played again without the model."""

import random
from collections.abc import Mapping

import pytest

from app.engine.ports import Hear, Purse
from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.world.world import World
from app.models.narration import Brief, Telling
from app.models.proposals import (
    Proposals,
    ProposedChoice,
    ProposedEffect,
    ProposedFact,
    ProposedPerson,
    ProposedPlace,
    ProposedProp,
)
from tests.engine.conftest import GameMaker
from tests.engine.play import begin
from tests.engine.replaying import endless_worlds, entries_of, first_difference, play_on, quiet


@pytest.fixture(scope="module")
def worlds() -> Mapping[str, World]:
    return endless_worlds()


class Proposing(OfflineNarrator):
    """Words turns its own way, and proposes something of every kind."""

    grounded = True

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        telling = await super().tell(brief, hear=hear, purse=purse)
        chance = random.Random(f"proposing|{brief.turn}|{brief.action}")
        worded = tuple(
            choice.model_copy(update={"text": f"{choice.text}, slowly"})
            for choice in telling.choices
        )
        return telling.model_copy(
            update={
                "dispatch": f"{telling.dispatch} It is turn {brief.turn}.",
                "summary": f"Something of turn {brief.turn}.",
                "choices": worded if chance.random() < 0.5 else telling.choices,
                "source": "ai",
                "proposed": self._proposals(brief, chance),
            }
        )

    def _proposals(self, brief: Brief, chance: random.Random) -> Proposals:
        assert brief.grounding is not None
        targets = [target.id for target in brief.grounding.targets]
        idea = chance.choice(("Sing to the dark", "Count your steps aloud", "Kneel and pray"))
        thing = chance.choice(("rusty pail", "child's shoe", "coil of rope", "glass float"))
        return Proposals(
            facts=(ProposedFact(text=f"Somebody has chalked the number {brief.turn} here."),),
            props=(ProposedProp(name=thing, text=f"A {thing} lies on its side.", portable=True),),
            people=(ProposedPerson(name="drifter", text="A drifter looks up.", manner="wary"),)
            if chance.random() < 0.2
            else (),
            places=(
                ProposedPlace(
                    name="old pump house",
                    biome="field",
                    way="Follow the ditch to the pump house",
                    text="A low brick house, its door off.",
                ),
            )
            if chance.random() < 0.3
            else (),
            threads=(f"who chalked the number {brief.turn}",) if chance.random() < 0.4 else (),
            effects=(
                ProposedEffect(kind="health", amount=-3, text="It hurts a little."),
                ProposedEffect(kind="gain", target="bent key", text="A bent key."),
            )
            if brief.is_custom_action
            else (),
            choices=(
                ProposedChoice(text=idea, kind="weird", risk="medium", target="here"),
                ProposedChoice(
                    text="Pick the thing up and look at it",
                    kind="investigate",
                    risk="low",
                    target=chance.choice(targets) if targets else "here",
                ),
            ),
        )


@pytest.mark.parametrize("world_id", ["cinder_flat", "skerry_light"])
async def test_what_a_model_added_is_added_again_without_it(
    a_game: GameMaker, worlds: Mapping[str, World], world_id: str
) -> None:
    async with a_game(narrator=Proposing()) as game:
        await quiet(game)
        await begin(game, seed=6, world=world_id)
        await play_on(game, "default", 40, random.Random(f"proposals|{world_id}"))
        entries = await entries_of(game)
    accepted = [stored.accepted for stored in entries if stored.accepted is not None]
    kinds = {name for one in accepted for name in type(one).model_fields if getattr(one, name)}
    assert {"facts", "props", "choices"} <= kinds, kinds
    world = worlds[world_id]
    assert first_difference(world, entries) is None
    # The acceptance itself is part of the record that is checked.
    turn = next(n for n, stored in enumerate(entries) if stored.accepted is not None)
    entries[turn] = entries[turn].model_copy(update={"accepted": None})
    found = first_difference(world, entries)
    assert found is not None
    assert found.turn == turn
