"""What is offered, and what can be seen."""

import pytest

from app.engine.world.bots import BOTS, play
from app.engine.world.choices import letters
from app.engine.world.draft import Draft
from app.engine.world.seeing import threats
from app.engine.world.world import World
from app.models.world import WorldState


def states(world: World) -> list[WorldState]:
    return [
        step.after.world
        for _, policy in BOTS
        for seed in range(8)
        for step in play(world, seed, policy, turns=30).steps
        if step.after.ending is None
    ]


@pytest.fixture(scope="module")
def visited(flagship: World) -> list[WorldState]:
    return states(flagship)


def test_the_best_way_on_comes_first(flagship: World, visited: list[WorldState]) -> None:
    first = [flagship.compiled.actions[state.offers[0].action] for state in visited]
    assert sum(action.kind == "move" for action in first) / len(first) > 0.95


def test_every_choice_is_possible_here_and_now(flagship: World, visited: list[WorldState]) -> None:
    for state in visited:
        draft = Draft(flagship.compiled, state, seed=0, turn=99)
        for offer in state.offers:
            action = flagship.compiled.actions[offer.action]
            assert action.place in ("", state.place)
            assert action.needs.holds(draft.facts)
            if action.source == "prop":
                assert action.target in flagship.pack.places[state.place].props
            if action.source in ("flee", "answer"):
                assert state.agents[action.target].state == "here"
            if action.source == "event":
                assert action.target in {one.storylet for one in state.pending}


def test_choices_of_an_event_are_gone_after_their_time(flagship: World) -> None:
    seen = 0
    for _, policy in BOTS:
        for seed in range(15):
            run = play(flagship, seed, policy, turns=30)
            for turn, step in enumerate(run.steps, 1):
                for offer in step.after.world.offers:
                    action = flagship.compiled.actions[offer.action]
                    if action.source == "event":
                        seen += 1
                        told = step.after.world.storylets[action.target]
                        assert turn - told < action.ttl
    assert seen > 20


def test_what_was_done_once_is_not_offered_again(flagship: World) -> None:
    for _, policy in BOTS:
        for seed in range(10):
            done: set[str] = set()
            for step in play(flagship, seed, policy, turns=30).steps:
                assert not done & {offer.action for offer in step.offers}
                if step.taken is None or step.after.tier == "bad":
                    continue
                if flagship.compiled.actions[step.taken.action].once:
                    done.add(step.taken.action)


def test_a_locked_way_is_no_choice(salt: World) -> None:
    state = salt.begin(1).world.model_copy(update={"place": "sheds"})
    other = salt.regenerate(state, seed=1, turn=0)
    offered = {
        one.action for one in (*other.offers, *salt.regenerate(other, seed=1, turn=0).offers)
    }
    assert "go:sheds:office" not in offered


def test_ids_never_end() -> None:
    assert [letters(number) for number in (0, 3, 25, 26, 27, 51, 52)] == [
        "a", "d", "z", "aa", "ab", "az", "ba",
    ]  # fmt: skip


def test_the_scene_shows_the_props_of_the_place_in_their_states(salt: World) -> None:
    state = salt.begin(2).world.model_copy(update={"place": "jetty", "props": {"boat": "sunk"}})
    scene = salt.scene(state, seed=2, turn=4)
    boat = next(prop for prop in scene.props if prop.token == "boat")
    assert (boat.x, boat.z, boat.state) == (2.0, 9.0, "sunk")
    assert scene.place_seed == salt.scene(state, seed=9, turn=7).place_seed
    assert (scene.width, scene.height) == (1024, 768)


def test_the_flashlight_burns_at_night_or_indoors_while_it_lasts(salt: World) -> None:
    state = salt.begin(2).world.model_copy(update={"place": "jetty", "minutes": 12 * 60})
    assert not salt.scene(state, seed=1, turn=1).flashlight
    night = state.model_copy(update={"minutes": 23 * 60})
    assert salt.scene(night, seed=1, turn=1).flashlight
    indoors = state.model_copy(update={"place": "office"})
    assert salt.scene(indoors, seed=1, turn=1).flashlight
    flat = indoors.model_copy(update={"qualities": {**state.qualities, "battery": 0}})
    assert not salt.scene(flat, seed=1, turn=1).flashlight


def test_looking_into_a_thing_brings_it_nearer(salt: World) -> None:
    for seed in range(20):
        state = salt.begin(seed).world
        offer = next((one for one in state.offers if one.action == "do:boat:search"), None)
        if offer is None:
            continue
        after = salt.act(state, seed=seed, turn=1, fate="LUCKY", offer=offer)
        camera = after.scene.camera
        assert (2.0 - camera.x) ** 2 + (9.0 - camera.z) ** 2 < 2.0**2 + 9.0**2
        assert not after.hard_transition
        return
    pytest.fail("nobody was offered the boat")


def test_walking_somewhere_is_a_hard_transition(salt: World) -> None:
    state = salt.begin(1).world
    offer = state.offers[0]
    after = salt.act(state, seed=1, turn=1, fate="LUCKY", offer=offer)
    assert offer.choice.kind == "move"
    assert after.hard_transition
    assert after.world.place == offer.target
    assert (after.movement == "fall") == (after.tier == "bad")


def test_a_bad_way_is_a_fall(salt: World) -> None:
    fell = 0
    for seed in range(60):
        state = salt.begin(seed).world
        after = salt.act(state, seed=seed, turn=1, fate="UNLUCKY", offer=state.offers[0])
        if after.tier == "bad":
            fell += 1
            assert after.movement == "fall"
            assert after.scene.camera.pitch > 0
            assert 0.05 < abs(after.scene.camera.roll) < 0.11
            assert after.world.health < state.health
    assert fell


def test_threats_are_those_one_can_know_of(flagship: World) -> None:
    state = flagship.begin(3).world.model_copy(
        update={"place": "wash", "clocks": {"storm": 9}, "agents": {}}
    )
    assert threats(flagship.compiled, state) == ("a wall of dust in the west",)
    indoors = state.model_copy(update={"place": "lobby"})
    assert threats(flagship.compiled, indoors) == ()


def test_the_words_of_a_picture_name_what_is_in_it(flagship: World) -> None:
    begun = flagship.begin(1)
    assert begun.wording.vision_dispatch.startswith("The ")
    shown = len(begun.scene.props)
    assert shown > 0


def test_every_scene_is_of_the_state(flagship: World, visited: list[WorldState]) -> None:
    for turn, state in enumerate(visited):
        scene = flagship.scene(state, seed=1, turn=turn)
        assert scene.place == state.place
        assert 0 <= scene.threat <= 1
        assert scene.weather == state.weather
        tokens = {prop.token for prop in scene.props}
        for prop in flagship.pack.places[state.place].props:
            paint = flagship.pack.props[prop].paint
            assert paint is None or paint.token in tokens
