"""Forty turns that grow: what was taken on stays true, in its place, and within bounds."""

from itertools import pairwise
from random import Random

import pytest

from app.engine.fate import draw
from app.engine.providers.offline.painter.kin import nearest_token
from app.engine.world.draft import Draft
from app.engine.world.free_text import read
from app.engine.world.loader import load_world
from app.engine.world.overlays import Overlays
from app.engine.world.world import World
from app.models.scene import SceneFacts
from app.models.world import Grown, WorldState
from tests.world.conftest import SHIPPED
from tests.world.proposing import Game, play_proposing, telling_of

SEEDS = range(3)
LARGEST = 48_000
"""Characters of a state as it is stored."""


@pytest.fixture(scope="module")
def bare() -> World:
    return load_world(SHIPPED / "hut_six")


@pytest.fixture(scope="module")
def games(bare: World, flagship: World) -> list[Game]:
    return [play_proposing(world, seed) for world in (bare, flagship) for seed in SEEDS]


def grown_of(state: WorldState) -> Grown:
    return state.grown or Grown()


def test_they_are_played_and_they_grow(games: list[Game]) -> None:
    turns = [len(game.told) for game in games]
    assert sum(turns) > len(games) * 25
    for game in games:
        grown = grown_of(game.state)
        assert grown.props
        assert grown.facts
        assert bool(grown.places) is (game.world.pack.meta.grows is True)
    kinds = {
        kind
        for game in games
        for told in game.told
        if told.accepted
        for kind in type(told.accepted).model_fields
        if getattr(told.accepted, kind)
    }
    assert kinds == set(type(games[0].told[0].proposed).model_fields)


def test_there_are_always_four_choices_that_differ_and_one_is_safe(games: list[Game]) -> None:
    for game in games:
        for told in game.told:
            if told.resolution.ending is not None:
                continue
            choices = told.telling.choices
            assert len({choice.text.casefold() for choice in choices}) == len(choices) == 4
            assert [choice.id for choice in choices] == [f"{told.turn}{one}" for one in "abcd"]
            assert any(choice.risk == "low" for choice in choices)
            assert [offer.choice for offer in told.resolution.world.offers] == list(choices)


def test_ways_lead_both_ways_and_everything_can_be_reached(games: list[Game]) -> None:
    for game in games:
        world = game.world.at(game.state)
        for way in grown_of(game.state).ways:
            assert any(one.target == way.to for one in world.settings[way.origin].exits)
            assert any(one.target == way.origin for one in world.settings[way.to].exits)
        reached = {game.state.place}
        edge = [game.state.place]
        while edge:
            for exit_ in world.settings[edge.pop()].exits:
                if exit_.target not in reached:
                    reached.add(exit_.target)
                    edge.append(exit_.target)
        assert reached >= {place.id for place in grown_of(game.state).places}


def test_what_is_true_stays_true_and_where_it_is(games: list[Game]) -> None:
    for game in games:
        for one, two in pairwise(game.told):
            before, after = grown_of(one.resolution.world), grown_of(two.resolution.world)
            assert after.facts[: len(before.facts)] == before.facts
            assert after.places[: len(before.places)] == before.places
            assert after.ways[: len(before.ways)] == before.ways
            assert after.items[: len(before.items)] == before.items
            for prop, later in zip(before.props, after.props, strict=False):
                same = {"place": later.place, "states": later.states}
                assert prop.model_copy(update=same) == later
                assert later.states[: len(prop.states)] == prop.states
                assert later.place in (prop.place, "")


def test_what_was_taken_is_carried_and_no_longer_stands_there(games: list[Game]) -> None:
    taken = 0
    for game in games:
        for one, two in pairwise(game.told):
            before, after = one.resolution.world, two.resolution.world
            gone = {prop.id for prop in grown_of(after).props if not prop.place}
            for prop in gone - {prop.id for prop in grown_of(before).props if not prop.place}:
                taken += 1
                assert prop in after.items
            world = game.world.at(after)
            standing = {prop for setting in world.settings.values() for prop in setting.props}
            assert gone.isdisjoint(standing)
    assert taken


def test_it_stays_within_bounds_and_survives_being_stored(games: list[Game]) -> None:
    for game in games:
        for told in game.told:
            stored = told.resolution.world.model_dump_json()
            assert len(stored) < LARGEST
        assert WorldState.model_validate_json(stored) == game.state


def test_a_game_goes_on_from_what_was_stored_as_it_would_have(games: list[Game]) -> None:
    for game in games:
        state = game.told[-2].resolution.world
        again = World(game.world.pack)
        loaded = WorldState.model_validate_json(state.model_dump_json())
        turn, seed = game.told[-2].turn + 1, game.seed
        for offer in state.offers:
            here = game.world.act(state, seed=seed, turn=turn, fate=draw(seed, turn), offer=offer)
            there = again.act(loaded, seed=seed, turn=turn, fate=draw(seed, turn), offer=offer)
            assert here.world == there.world
            assert here.wording == there.wording
            assert here.scene == there.scene


def test_the_accepted_proposals_give_the_same_world_again(games: list[Game]) -> None:
    for game in games:
        for told in game.told:
            if told.accepted is None:
                continue
            telling = telling_of(told.raw, told.accepted, told.telling.dispatch)
            again, words, accepted = game.world.accept(told.raw, telling, seed=game.seed)
            assert accepted == told.accepted
            assert again.world == told.resolution.world
            assert again.scene == told.resolution.scene
            assert again.view == told.resolution.view
            assert words.choices == told.telling.choices
            # What was stored is what the player was shown: the choices that there were in the end.
            shown = telling.model_copy(update={"choices": told.telling.choices})
            assert game.world.accept(told.raw, shown, seed=game.seed)[0].world == again.world


def test_every_grown_place_can_be_painted(games: list[Game]) -> None:
    for game in games:
        state, world = game.state, game.world.at(game.state)
        for place in grown_of(state).places:
            there = state.model_copy(update={"place": place.id})
            scene = game.world.scene(there, seed=game.seed, turn=3)
            assert SceneFacts.model_validate(scene.model_dump()) == scene
            assert scene.place == place.id
            indoors = world.settings[place.id].indoor
            for prop in scene.props:
                assert nearest_token(prop.token, indoors=indoors) == prop.token
            spots = [(prop.x, prop.z) for prop in scene.props]
            assert len(set(spots)) == len(spots)


def test_all_of_it_can_be_named_and_is_told_of(games: list[Game]) -> None:
    """What a model made true is in later prompts and in what the player's own words mean."""
    random = Random(3)
    for game in games:
        told = random.choice([one for one in game.told[5:] if one.resolution.ending is None])
        state, grounding = told.resolution.world, told.resolution.grounding()
        setting = game.world.at(told.raw.world).settings[told.raw.world.place]
        named = {target.id for target in grounding.targets}
        people = {person.id for person, _ in setting.people}
        assert {f"prop:{prop}" for prop in setting.props if prop not in people} <= named
        assert {f"person:{person}" for person in people} <= named
        here = game.world.at(state)
        draft = Draft(here, state, seed=game.seed, turn=told.turn)
        for prop in (one for one in grown_of(state).props if one.place == state.place):
            reading = read(draft, f"look at the {prop.name}")
            assert reading.verdict == "action", prop.name
            assert reading.action is not None
            assert reading.action.target == prop.id


def test_overlays_are_kept_while_they_are_used_and_no_longer(bare: World) -> None:
    overlays = Overlays(bare.compiled)
    assert overlays.of(None) is bare.compiled
    first = Grown()
    world = overlays.of(first)
    assert overlays.of(first) is world
    for _ in range(40):
        overlays.of(Grown())
    assert overlays.of(first) is not world
