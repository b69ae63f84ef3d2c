"""Agents are bodies: they walk, climb one rung a turn, and always leave a turn to answer."""

import pytest

from app.engine.world.bots import BOTS, Run, play
from app.engine.world.draft import Draft
from app.engine.world.graph import ways_out
from app.engine.world.names import AGENT_STATES
from app.engine.world.world import World
from app.models.world import WorldState

HIT = "hits the player"


@pytest.fixture(scope="module")
def games(worlds: dict[str, World]) -> dict[str, list[Run]]:
    return {
        name: [play(world, seed, policy, turns=35) for _, policy in BOTS for seed in range(12)]
        for name, world in worlds.items()
    }


@pytest.mark.parametrize("name", ["salt_works", "cinder_flat"])
def test_nobody_skips_a_rung_on_the_way_up(games: dict[str, list[Run]], name: str) -> None:
    for run in games[name]:
        before = run.opening.world
        for step in run.steps:
            after = step.after.world
            for agent, state in after.agents.items():
                old = AGENT_STATES.index(before.agents[agent].state)
                new = AGENT_STATES.index(state.state)
                # An outcome of the pack may rouse somebody; it never puts them at one's throat.
                assert new <= old + 1 or new <= AGENT_STATES.index("alert")
            before = after


@pytest.mark.parametrize("name", ["salt_works", "cinder_flat"])
def test_whoever_hits_was_here_for_a_turn(games: dict[str, list[Run]], name: str) -> None:
    hits = 0
    for run in games[name]:
        before = run.opening.world
        for step in run.steps:
            struck = any(HIT in fact for fact in step.after.outcome)
            if struck:
                hits += 1
                assert any(agent.state == "here" for agent in before.agents.values())
            before = step.after.world
    assert hits


@pytest.mark.parametrize("name", ["salt_works", "cinder_flat"])
def test_after_a_hit_there_are_three_turns_of_grace(games: dict[str, list[Run]], name: str) -> None:
    for run in games[name]:
        grace: dict[str, int] = {}
        before = run.opening.world
        for turn, step in enumerate(run.steps, 1):
            after = step.after.world
            for agent, state in after.agents.items():
                if turn <= grace.get(agent, 0):
                    assert state.state not in ("near", "here")
                was_here = before.agents[agent].state == "here"
                if was_here and any(HIT in fact for fact in step.after.outcome):
                    grace[agent] = turn + 3
            before = after


@pytest.mark.parametrize("name", ["salt_works", "cinder_flat"])
def test_bodies_walk_and_do_not_jump(
    worlds: dict[str, World], games: dict[str, list[Run]], name: str
) -> None:
    world = worlds[name]
    for run in games[name]:
        before = run.opening.world
        for turn, step in enumerate(run.steps, 1):
            after = step.after.world
            # Twice as far in a turn that the player let pass.
            steps = 2 if step.taken is None else 1
            for agent, state in after.agents.items():
                reach = reachable(world, after, before.agents[agent].place, agent, steps + 1, turn)
                assert state.place in reach
            before = after


def reachable(
    world: World, state: WorldState, place: str, agent: str, steps: int, turn: int
) -> set[str]:
    draft = Draft(world.compiled, state, seed=0, turn=turn)
    avoids = world.compiled.bodies[agent].avoids
    found = {place}
    for _ in range(steps):
        found |= {
            way for origin in found for way in ways_out(world.compiled, draft.facts, origin, avoids)
        }
    # A way that the player opened or closed in this very turn may have been open before it.
    return found


@pytest.mark.parametrize("name", ["salt_works", "cinder_flat"])
def test_who_is_here_is_here(games: dict[str, list[Run]], name: str) -> None:
    for run in games[name]:
        for step in run.steps:
            state = step.after.world
            for agent in state.agents.values():
                if agent.state == "here":
                    assert agent.place == state.place


def test_it_is_told_when_somebody_comes_into_view(
    flagship: World, games: dict[str, list[Run]]
) -> None:
    for run in games["cinder_flat"]:
        before = run.opening.world
        for step in run.steps:
            after = step.after
            for name, agent in after.world.agents.items():
                arrived = agent.state == "here" and before.agents[name].state != "here"
                if arrived and after.ending is None:
                    body = flagship.compiled.bodies[name]
                    told = [said.text for said in body.lines["seen"]]
                    plain = "is here, and has seen you"
                    assert any(text in after.wording.dispatch for text in [*told, plain])
            before = after.world


def test_somebody_here_can_be_answered_in_two_ways(
    flagship: World, games: dict[str, list[Run]]
) -> None:
    met = 0
    for run in games["cinder_flat"]:
        for step in run.steps:
            state = step.after.world
            if state.ending or not any(one.state == "here" for one in state.agents.values()):
                continue
            met += 1
            answers = [
                one
                for one in state.offers
                if one.action.startswith(("flee:", "answer:", "hide:"))
                or flagship.compiled.actions[one.action].kind == "hide"
            ]
            assert len(answers) >= 2
    assert met > 20


def test_a_figure_stands_still_while_the_player_stays(
    flagship: World, games: dict[str, list[Run]]
) -> None:
    seen = 0
    for run in games["cinder_flat"]:
        before = run.opening
        for step in run.steps:
            old = {one.token: one for one in before.scene.figures}
            same_place = before.world.place == step.after.world.place
            for name, agent in step.after.world.agents.items():
                was = before.world.agents[name]
                if same_place and agent.state == was.state == "near" and was.x is not None:
                    seen += 1
                    assert (agent.x, agent.z) == (was.x, was.z)
            assert len(old) <= len(flagship.pack.agents)
            before = step.after
    assert seen


def test_figures_are_drawn_only_of_those_who_are_near_or_here(
    games: dict[str, list[Run]],
) -> None:
    for run in games["cinder_flat"]:
        for step in run.steps:
            shown = [
                agent
                for agent in step.after.world.agents.values()
                if agent.state in ("near", "here") and agent.x is not None
            ]
            assert len(step.after.scene.figures) == len(shown)
            if step.after.scene.biome in ("lab", "bunker", "cave"):
                assert all(agent.state == "here" for agent in shown)


def test_a_locked_way_holds_a_body_back_unless_it_takes_a_key(salt: World) -> None:
    draft = Draft(salt.compiled, salt.begin(1).world, seed=1, turn=1)
    # The office is locked for the player, who has no key; the watchman has his own.
    assert "office" in ways_out(salt.compiled, draft.facts, "sheds", frozenset())
