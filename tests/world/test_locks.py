"""What cannot be chosen yet, shown so that a goal is learnt."""

from typing import Any

import pytest

from app.engine.world.conditions import compile_condition
from app.engine.world.draft import Draft
from app.engine.world.locks import compile_lock, locked, missing
from app.engine.world.world import World
from app.models.session import LockedChoice
from app.models.world import WorldState


def at(world: World, place: str, **facts: Any) -> WorldState:
    return world.begin(1).world.model_copy(update={"place": place, **facts})


def shown(world: World, state: WorldState) -> tuple[LockedChoice, ...]:
    return locked(Draft(world.compiled, state, seed=1, turn=1))


def test_what_ismissing_is_named(salt: World) -> None:
    (one,) = shown(salt, at(salt, "jetty"))
    assert one.text == "The boat is for leaving with something worth it"
    assert one.needs == "the ledger"


def test_what_is_there_is_no_longer_locked(salt: World) -> None:
    assert shown(salt, at(salt, "jetty", items=("ledger",))) == ()


def test_the_authors_words_in_brackets_are_what_ismissing(flagship: World) -> None:
    state = at(flagship, "mast")
    (one,) = shown(flagship, state)
    assert one.text == "Transmit the pictures"
    assert one.needs == "three proofs, and a live set to send them"


def test_what_is_done_is_not_a_goal_any_more(flagship: World) -> None:
    flags = {"flag": "done"}
    assert any(one.text.startswith("Get through") for one in shown_at_fence(flagship, {}))
    assert not shown_at_fence(flagship, {"wire_cut": True, **flags})


def shown_at_fence(world: World, flags: dict[str, Any]) -> tuple[LockedChoice, ...]:
    return shown(world, at(world, "fence", items=(), flags=flags))


def test_nothing_is_taught_before_somebody_who_is_here(salt: World) -> None:
    state = at(salt, "jetty")
    watchman = state.agents["watchman"].model_copy(update={"state": "here", "place": "jetty"})
    state = state.model_copy(update={"agents": {"watchman": watchman}})
    assert shown(salt, state) == ()


def test_a_turn_and_its_end(salt: World) -> None:
    begun = salt.begin(1)
    state = begun.world.model_copy(update={"place": "jetty"})
    offer = next(one for one in state.offers if one.choice.risk == "low")
    after = salt.act(state, seed=1, turn=1, fate="NORMAL", offer=offer)
    assert len(after.locked) <= 1
    assert len(after.world.offers) == 4
    away = state.model_copy(update={"flags": {"away": True}})
    ended = salt.act(away, seed=1, turn=1, fate="NORMAL", offer=offer)
    assert ended.ending is not None
    assert ended.locked == ()


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        ({"item.key": True}, "the brass key"),
        ({"heat": ">=3"}, "looked for"),
        ({"heat": ">=5"}, "noticed 5"),
        ({"flag.knows_safe": True}, "something that you do not know yet"),
        ({"item.key": True, "item.ledger": True}, "the brass key and the ledger"),
    ],
)
def test_things_are_named_when_the_author_does_not(
    salt: World, needs: dict[str, Any], said: str
) -> None:
    state = at(salt, "jetty")
    draft = Draft(salt.compiled, state, seed=1, turn=1)

    lock = compile_lock("Try it", needs, salt.pack, lambda source: compile_condition(source, "x"))
    assert lock is not None
    wanted = [want.words for want in lock.wants if not want.holds.holds(draft.facts)]
    assert wanted
    assert missing(draft, lock) == said
