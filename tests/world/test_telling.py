"""How small and old things are told: many and one, indoors, forward only, by name."""

from typing import Any

import pytest

from app.engine.world import agents, hazards
from app.engine.world.deeds import Deed
from app.engine.world.doing import do
from app.engine.world.draft import Draft
from app.engine.world.grammar import is_plural
from app.engine.world.pack import Line, Pack
from app.engine.world.prose import Page, Rank
from app.engine.world.seeing import in_words
from app.engine.world.turn import play
from app.engine.world.world import World
from app.models.world import AgentState, WorldState


def at(world: World, place: str, **facts: Any) -> WorldState:
    return world.begin(1).world.model_copy(update={"place": place, **facts})


def looked(world: World, place: str, prop: str, *, turn: int = 1, **facts: Any) -> str:
    draft = Draft(world.compiled, at(world, place, **facts), seed=1, turn=turn)
    page = Page(draft)
    do(draft, page, world.compiled.actions[f"look:{place}:{prop}"], "NORMAL")
    return page.compose()[0]


@pytest.mark.parametrize(
    ("name", "many"),
    [
        ("the drying prints", True),
        ("the tracks in the sand", True),
        ("the sheep", True),
        ("the lamp posts", True),
        ("the writing on the walls", False),
        ("the observation glass", False),
        ("the visitors' book", False),
        ("the runner's camp", False),
        ("the bus", False),
        ("", False),
    ],
)
def test_a_name_tells_one_from_many(name: str, many: bool) -> None:
    assert is_plural(name) is many


def test_many_are_as_they_were_left(salt: World) -> None:
    assert looked(salt, "causeway", "lamp_posts") == "The lamp posts are as you left them."
    assert looked(salt, "pans", "rake") == "The rake is as you left it."


def test_an_author_may_say_that_a_thing_is_many(salt: World) -> None:
    pack = salt.pack.model_dump(mode="json")
    pack["props"]["rake"]["plural"] = True
    assert looked(World(Pack.model_validate(pack)), "pans", "rake").startswith("The rake are")


def test_looking_again_soon_is_told_otherwise(salt: World) -> None:
    used = {"look:pans:rake~0": 3}
    assert looked(salt, "pans", "rake", turn=4, used=used) == "You look the rake over once more."


def test_looking_has_lines_of_its_own_for_each_state(salt: World) -> None:
    lines = [*salt.pack.lines]
    lines.append(Line(slot="look.boat", c={"prop.boat": "sunk"}, t="Bubbles, one by one."))
    world = World(salt.pack.model_copy(update={"lines": lines}))
    assert looked(world, "jetty", "boat", props={"boat": "sunk"}) == "Bubbles, one by one."
    assert looked(world, "jetty", "boat") != "Bubbles, one by one."


def test_an_arc_goes_forward_only(salt: World) -> None:
    draft = Draft(salt.compiled, at(salt, "pans"), seed=1, turn=1)
    draft.set_arc("ferris", 2)
    draft.set_arc("ferris", 1)
    assert draft.arcs["ferris"] == draft.facts["arc.ferris"] == 2


def storm(world: World, place: str) -> tuple[Draft, Page]:
    state = at(world, place, clocks={"storm": 7})
    draft = Draft(world.compiled, state, seed=1, turn=9)
    page = Page(draft)
    hazards.advance(draft, page, quiet=False)
    return draft, page


def test_the_horizon_is_not_told_of_indoors(flagship: World) -> None:
    wall = "A brown wall has stood up"
    draft, page = storm(flagship, "fence")
    assert wall in page.compose()[0]
    draft, page = storm(flagship, "bunker")
    assert not page.has(Rank.EVENT)
    assert not any(wall in fact for fact in draft.outcome)


def test_what_waits_to_be_told_is_forgotten_indoors(flagship: World) -> None:
    waiting = next(iter(flagship.compiled.stages))
    for place, told in (("fence", True), ("bunker", False)):
        draft = Draft(flagship.compiled, at(flagship, place, queue=(waiting,)), seed=1, turn=9)
        page = Page(draft)
        assert hazards.tell_waiting(draft, page) is told
        assert draft.queue == []


def test_the_picture_is_told_with_names(flagship: World) -> None:
    state = at(flagship, "yard")
    figures = {
        "patrol": AgentState(place="yard", state="near", x=1.0, z=12.0),
        "orderly": AgentState(place="yard", state="here", x=1.0, z=12.0),
    }
    state = state.model_copy(update={"agents": {**state.agents, **figures}})
    told = in_words(flagship.compiled, state)
    who = flagship.pack.agents["patrol"].name
    assert "The Orderly stands before you and" in told
    assert who.removeprefix("the ") in told
    assert told.endswith("stands further off.")
    assert "figure" not in told


def test_somebody_who_is_only_heard_leaves_room_for_an_event(
    salt: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def heard(draft: Draft, page: Page, deed: Deed, *, steps: int = 1) -> str:
        del draft, deed, steps
        page.put(Rank.EVENT, "Keys ring.")
        return agents.HEARD

    monkeypatch.setattr(agents, "advance", heard)

    def nothing(draft: Draft, page: Page) -> tuple[Deed, str, str]:
        del draft
        page.put(Rank.CONSEQUENCE, "You wait.")
        return Deed(kind="rest", tier="ok", fateless="ok"), "wait", "Wait"

    happened = 0
    for seed in range(10):
        state = at(salt, "pans")
        after = play(Draft(salt.compiled, state, seed=seed, turn=3), "NORMAL", nothing)
        happened += len(after.world.storylets) > len(state.storylets)
        assert "Keys ring." in after.wording.dispatch
        assert after.world.beats[-1] != agents.HEARD
    assert happened >= 5
