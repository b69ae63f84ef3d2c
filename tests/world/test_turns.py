"""What holds of every turn, on any sequence of choices, words, hesitation and other choices."""

import re
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.fate import draw
from app.engine.ports import unheard
from app.engine.providers.offline.narrator import OfflineNarrator
from app.engine.world.pack import Pack
from app.engine.world.resolution import Resolution
from app.engine.world.world import World
from app.errors import SessionOver
from app.models.narration import Brief
from app.models.world import WorldState
from tests.doubles import OpenPurse

PLACEHOLDER = re.compile(r"[{}<>]|\[[^\]]*\|")
MOVES = st.one_of(
    st.integers(0, 3),
    st.sampled_from(["penalty", "regenerate"]),
    st.sampled_from(
        [
            "hide",
            "run away",
            "open the door",
            "photograph the moon",
            "don't move",
            "fly home",
            "",
            "asdf qwer",
            "hit the man with the lamp",
            "talk to him",
            "<script>alert(1)</script>",
            "{place} %s [a|b]",
            "search the boat for my things. Then leave!",
            "\u0434\u0438\u043c\u0438\u0442\u0440\u0438\u0439 \u6f22\u5b57 \U0001f525",
        ]
    ),
    st.text("abdehilnorst .!?'{}[]<>|%\n\u00e9\u6f22\U0001f525", max_size=300),
)


def check_offers(state: WorldState, turn: int) -> None:
    if state.ending is not None:
        assert state.offers == ()
        return
    texts = [one.choice.text for one in state.offers]
    ids = [one.choice.id for one in state.offers]
    assert 3 <= len(texts) <= 4
    assert len({text.casefold() for text in texts}) == len(texts)
    assert len(set(ids)) == len(ids)
    assert all(one.startswith(str(turn)) for one in ids)
    assert all(text.strip() for text in texts)
    assert any(one.choice.risk == "low" for one in state.offers)


def check_turn(world: World, before: WorldState, after: Resolution, turn: int) -> None:
    state, pack = after.world, world.pack
    assert 0 <= state.health <= 100
    dead = state.health == 0 or (after.ending is not None and after.ending.tone == "death")
    assert after.view.player.alive is not dead
    assert after.scene.dead is dead
    if dead:
        assert after.ending is not None
        assert state.health == 0
    for name, quality in pack.qualities.items():
        assert quality.min <= state.qualities[name] <= quality.max
    assert state.minutes > before.minutes
    assert (after.ending is None) == (state.ending is None)
    check_offers(state, turn)
    dispatch = after.wording.dispatch
    assert dispatch.strip()
    assert not PLACEHOLDER.search(dispatch)
    assert not PLACEHOLDER.search(after.wording.vision_dispatch + after.wording.situation)
    if after.ending is None:
        assert len(dispatch.split()) <= 110
    assert len(state.threads) <= 8
    assert len(state.summary) <= 600
    assert len(state.last_dispatches) <= 3
    assert len(state.queue) <= 3
    assert len(state.recent) <= 8
    assert WorldState.model_validate_json(state.model_dump_json()) == state


def played(world: World, seed: int, moves: list[int | str]) -> Iterator[Resolution]:
    result = world.begin(seed)
    check_offers(result.world, 0)
    yield result
    turn = 0
    for move in moves:
        state = result.world
        if state.ending is not None:
            return
        if move == "regenerate":
            check_regenerated(world, state, seed, turn)
            continue
        turn += 1
        if move == "penalty":
            after = world.penalty(state, seed=seed, turn=turn)
        elif isinstance(move, int):
            offer = state.offers[move % len(state.offers)]
            fate = draw(seed, turn)
            after = world.act(state, seed=seed, turn=turn, fate=fate, offer=offer)
        else:
            after = world.act(state, seed=seed, turn=turn, fate=draw(seed, turn), words=move)
        check_turn(world, state, after, turn)
        yield after
        result = after


def check_regenerated(world: World, state: WorldState, seed: int, turn: int) -> None:
    again = state
    ids = {one.choice.id for one in state.offers}
    for _ in range(3):
        other = world.regenerate(again, seed=seed, turn=turn)
        check_offers(other, turn)
        old_texts = {one.choice.text for one in again.offers}
        assert not {one.action for one in other.offers} & {one.action for one in again.offers}
        assert not {one.choice.text for one in other.offers} & old_texts
        assert other.offered_series == again.offered_series + 1
        assert not ids & {one.choice.id for one in other.offers}
        ids |= {one.choice.id for one in other.offers}
        kept = {"offers": (), "offered_series": 0}
        assert other.model_copy(update=kept) == again.model_copy(update=kept)
        again = other


@pytest.mark.parametrize("name", ["salt_works", "cinder_flat"])
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**53 - 1), moves=st.lists(MOVES, max_size=25))
def test_any_sequence_of_moves_is_a_game(
    worlds: dict[str, World], name: str, seed: int, moves: list[int | str]
) -> None:
    for result in played(worlds[name], seed, moves):
        assert result.world.place in worlds[name].pack.places


@pytest.mark.parametrize("name", ["salt_works", "cinder_flat"])
def test_long_games_by_choices_alone(worlds: dict[str, World], name: str) -> None:
    for seed in range(25):
        moves: list[int | str] = [(seed * 7 + turn * 3) % 4 for turn in range(40)]
        assert len(list(played(worlds[name], seed, moves))) > 1


def test_an_action_is_an_offer_or_words_and_not_both(salt: World) -> None:
    state = salt.begin(1).world
    with pytest.raises(ValueError, match="one of them only"):
        salt.act(state, seed=1, turn=1, fate="NORMAL")
    with pytest.raises(ValueError, match="one of them only"):
        salt.act(state, seed=1, turn=1, fate="NORMAL", offer=state.offers[0], words="run")


def test_a_turn_leaves_the_state_before_it_untouched(flagship: World) -> None:
    state = flagship.begin(4).world
    copy = state.model_dump_json()
    for offer in state.offers:
        flagship.act(state, seed=4, turn=1, fate="UNLUCKY", offer=offer)
    flagship.penalty(state, seed=4, turn=1)
    flagship.regenerate(state, seed=4, turn=0)
    assert state.model_dump_json() == copy


def test_view_and_scene_are_those_of_the_resolution(flagship: World) -> None:
    first = flagship.begin(9)
    after = flagship.act(first.world, seed=9, turn=1, fate="NORMAL", offer=first.world.offers[1])
    assert flagship.view(after.world, turn=1) == after.view
    assert flagship.scene(after.world, seed=9, turn=1) == after.scene


def test_fate_changes_the_tier_and_nothing_without_risk(flagship: World) -> None:
    state = flagship.begin(11).world
    for offer in state.offers:
        results = [
            flagship.act(state, seed=11, turn=1, fate=fate, offer=offer)
            for fate in ("UNLUCKY", "NORMAL", "LUCKY")
        ]
        if offer.choice.risk == "low":
            worlds = {result.world.model_dump_json() for result in results}
            assert len(worlds) == 1
        same = [result for result in results if result.tier == results[1].tier]
        assert len({result.wording.dispatch for result in same}) == 1


def test_a_penalty_can_kill(salt: World) -> None:
    killed = 0
    for seed in range(40):
        state = salt.begin(seed).world
        agents = {
            name: agent.model_copy(update={"place": state.place, "state": "here"})
            for name, agent in state.agents.items()
        }
        state = state.model_copy(update={"health": 15, "agents": agents})
        after = salt.penalty(state, seed=seed, turn=5)
        killed += not after.view.player.alive
        assert after.tier is None
    assert killed


@pytest.mark.parametrize(
    ("pack", "flags", "ending", "alive"),
    [
        ("cinder_flat", ("cleansed",), "cleansed", False),
        ("cinder_flat", ("cleansed", "mailed"), "posted", False),
        ("cinder_flat", ("cleansed", "sent"), "sent", True),
        ("cinder_flat", ("took_hand",), "tenth", True),
        ("cinder_flat", ("took_hand", "mailed"), "posted", False),
        ("cinder_flat", ("signed",), "tuesday", True),
        ("cinder_flat", ("detained",), "detained", True),
        ("skerry_light", ("took_oar",), "took_oar", True),
        ("skerry_light", ("took_oar", "bottled"), "bottle", False),
        ("skerry_light", ("struck",), "struck", True),
        ("skerry_light", ("taken_off",), "taken_off", True),
        ("hut_six", ("stays",), "stayed", True),
    ],
)
def test_who_an_ending_kills_is_dead(
    shipped: Mapping[str, World], pack: str, flags: tuple[str, ...], ending: str, *, alive: bool
) -> None:
    world = shipped[pack]
    state = world.begin(1).world
    state = state.model_copy(update={"flags": {**state.flags, **dict.fromkeys(flags, True)}})
    after = world.act(state, seed=1, turn=1, fate="NORMAL", offer=state.offers[0])
    assert after.world.ending == ending
    assert after.view.player.alive is alive
    assert (after.world.health > 0) is alive


def test_the_dead_do_not_act(salt: World) -> None:
    state = salt.begin(1).world
    dead = state.model_copy(update={"health": 0, "ending": "beaten"})
    with pytest.raises(SessionOver):
        salt.act(dead, seed=1, turn=1, fate="LUCKY", offer=state.offers[0])
    with pytest.raises(SessionOver):
        salt.act(dead, seed=1, turn=1, fate="LUCKY", words="get up")
    with pytest.raises(SessionOver):
        salt.penalty(dead, seed=1, turn=1)
    assert salt.regenerate(dead, seed=1, turn=0) == dead


def test_the_game_goes_on_after_a_first_hesitation(flagship: World) -> None:
    for seed in range(10):
        state = flagship.begin(seed).world
        after = flagship.penalty(state, seed=seed, turn=1)
        assert after.view.player.alive
        assert after.world.health == state.health


def test_memory_is_small_after_a_long_game(flagship: World) -> None:
    sizes = []
    for seed in range(6):
        moves: list[int | str] = [(seed + turn) % 4 for turn in range(30)]
        *_, last = played(flagship, seed, moves)
        sizes.append(len(last.world.model_dump_json()))
    assert sorted(sizes)[len(sizes) // 2] < 6_500


async def test_the_built_in_narrator_hands_on_what_the_world_composed(salt: World) -> None:
    result = salt.begin(3)
    choices = tuple(one.choice for one in result.world.offers)
    telling = await OfflineNarrator().tell(
        Brief(
            session_id="s",
            world="salt_works",
            seed=3,
            turn=0,
            action=None,
            is_custom_action=False,
            fate=None,
            tier=None,
            movement=result.movement,
            grounding=result.grounding(),
            outcome=result.outcome,
            last_dispatches=(),
            summary="",
            choices=choices,
            ending=None,
            wording=result.wording,
        ),
        hear=unheard,
        purse=OpenPurse(),
    )
    assert telling.dispatch == result.wording.dispatch
    assert telling.choices == choices
    assert telling.source == "offline"


def bare_premise() -> World:
    """The least that a pack may be: two places, one way between them, one ending."""
    place: dict[str, object] = {
        "biome": "forest",
        "first": ["Trees."],
        "back": ["Trees again."],
        "observe": [{"text": "A branch moves."}, {"text": "A bird."}, {"text": "No wind."}],
        "hide_label": "Lie down in the ferns",
        "rest_label": "Sit on a root",
    }
    here = {"name": "the clearing", "exits": [{"to": "path", "label": "Take the path"}]}
    there = {"name": "the path", "exits": [{"to": "clearing", "label": "Go back"}]}
    return World(
        Pack.model_validate(
            {
                "schema_version": 1,
                "id": "woods",
                "title": "Woods",
                "tagline": "Trees.",
                "year": 1900,
                "rating": "6+",
                "meta": {"start_place": "clearing", "start_hour": 9},
                "player": {"role": "a child"},
                "goal": "Get home.",
                "bible": [],
                "qualities": {},
                "items": {},
                "props": {},
                "lines": [],
                "places": {
                    "clearing": {**place, **here, "map": {"col": 0, "row": 0}},
                    "path": {**place, **there, "map": {"col": 1, "row": 0}},
                },
                "endings": [
                    {
                        "id": "dead",
                        "when": {"health": "<=0"},
                        "title": "Dead",
                        "tone": "death",
                        "text": [{"text": "The trees go on."}],
                    }
                ],
                "intros": [{"id": "one", "text": "You are in the woods."}],
                "style": {"llm_voice": "Plain.", "image_prompt_prefix": "Woods,"},
            }
        )
    )


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), moves=st.lists(MOVES, max_size=20))
def test_a_bare_premise_can_be_played(seed: int, moves: list[int | str]) -> None:
    for result in played(bare_premise(), seed, [*moves, "regenerate"]):
        assert result.world.place in ("clearing", "path")
