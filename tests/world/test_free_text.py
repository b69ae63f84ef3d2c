"""A player's own words: the ladder from a plain match down to a true attempt."""

import pytest

from app.engine.world.draft import Draft
from app.engine.world.free_text import LONGEST, Reading, read
from app.engine.world.spelling import Speller
from app.engine.world.vocabulary import key, stem, tokens
from app.engine.world.world import World
from app.models.world import WorldState


def at(world: World, place: str, **changes: object) -> WorldState:
    return world.begin(1).world.model_copy(update={"place": place, "pending": (), **changes})


def met(world: World, place: str, agent: str) -> WorldState:
    state = at(world, place)
    agents = {
        name: one.model_copy(update={"place": place, "state": "here"}) if name == agent else one
        for name, one in state.agents.items()
    }
    return state.model_copy(update={"agents": agents})


def reading(world: World, state: WorldState, text: str) -> Reading:
    return read(Draft(world.compiled, state, seed=1, turn=5), text)


@pytest.mark.parametrize(
    ("place", "text", "action"),
    [
        ("wash", "read the tracks", "do:tracks:read"),
        ("wash", "I want to look at the footprints", "do:tracks:read"),
        ("wash", "serch the culvrt", "do:culvert:search"),
        ("wash", "SEARCHING THE PIPE!!", "do:culvert:search"),
        ("wash", "go to the fence", "go:wash:fence"),
        ("wash", "let's walk over to the road", "go:wash:road"),
        ("wash", "hide", "hide:wash"),
        ("wash", "get some rest", "rest:wash"),
        ("wash", "look around", "watch:wash"),
        ("wash", "do not go to the fence, hide instead", "hide:wash"),
        ("fence", "cut the fence", "do:wire:cut"),
        ("fence", "use bolt cutters on the wire", "do:wire:cut"),
        ("fence", "take a picture of the sign", "do:sign:shoot"),
        ("fence", "climb the tower", "go:fence:tower"),
        ("fence", "bandage my hand", "rest:fence"),
        ("lobby", "pick up the telephone", "do:red_phone:lift"),
        ("lobby", "open the drawer with the bolt cutters", "do:desk:search"),
        ("lobby", "hide under the desk", "hide:lobby"),
        ("lobby", "sit in a chair", "rest:lobby"),
    ],
)
def test_what_is_possible_is_understood(
    flagship: World, place: str, text: str, action: str
) -> None:
    found = reading(flagship, at(flagship, place), text)
    assert found.verdict == "action"
    assert found.action is not None
    assert found.action.id == action


@pytest.mark.parametrize(
    ("place", "text", "verdict"),
    [
        ("wash", "throw my notebook at the door", "absent"),
        ("wash", "open the desk drawer", "absent"),
        ("lobby", "swipe the keycard", "absent"),
        ("fence", "squeeze through the gap in the wire", "closed"),
        ("fence", "go to the yard", "closed"),
        ("wash", "fly away", "never"),
        ("wash", "teleport to Denver", "never"),
        ("wash", "don't shoot", "refuse"),
        ("wash", "I will never sing", "refuse"),
        ("wash", "kill myself", "refuse"),
        ("wash", "wait", "wait"),
        ("wash", "kick the culvert", "try"),
        ("wash", "sing a song about my mother", "try"),
        ("lobby", "photograph the fern", "try"),
        ("wash", "asdf", "none"),
        ("wash", "", "none"),
        ("wash", "\u6f22\u5b57 \U0001f525", "none"),
    ],
)
def test_everything_else_is_answered_honestly(
    flagship: World, place: str, text: str, verdict: str
) -> None:
    assert reading(flagship, at(flagship, place), text).verdict == verdict


@pytest.mark.parametrize(
    ("text", "source"),
    [("run", "flee"), ("run away from him", "flee"), ("hide", "hide"), ("escape", "flee")],
)
def test_before_somebody_the_words_answer_them(flagship: World, text: str, source: str) -> None:
    found = reading(flagship, met(flagship, "lobby", "orderly"), text)
    assert found.action is not None
    assert found.action.source == source


def test_kind_of_an_attempt(flagship: World) -> None:
    state = met(flagship, "lobby", "orderly")
    assert reading(flagship, state, "hit the orderly").kind == "fight"
    assert reading(flagship, state, "plead with the orderly").kind == "talk"
    assert reading(flagship, state, "take a photo of him").kind == "photograph"


def test_an_attempt_is_told_back_and_costs_what_it_costs(flagship: World) -> None:
    state = at(flagship, "wash")
    outcomes = {}
    for seed in range(40):
        after = flagship.act(state, seed=seed, turn=5, fate="NORMAL", words="I kick my <bag> hard")
        assert after.wording.dispatch.startswith("You kick your bag hard.")
        assert after.tier is not None
        outcomes[after.tier] = after.world.health - state.health
    assert outcomes["ok"] == 0
    assert outcomes["bad"] <= -6


def test_an_absent_thing_is_named(flagship: World) -> None:
    after = flagship.act(
        at(flagship, "wash"), seed=3, turn=5, fate="NORMAL", words="open the desk drawer"
    )
    first = after.wording.dispatch[:90]
    assert "desk" in first or "drawer" in first
    assert "{" not in after.wording.dispatch


def test_a_closed_way_says_why(flagship: World) -> None:
    state = at(flagship, "fence")
    after = flagship.act(state, seed=3, turn=5, fate="NORMAL", words="go through the gap")
    assert after.wording.dispatch.startswith("The gap you cut has been mended")
    assert after.world.place == "fence"


def test_words_are_data_however_they_are_written(flagship: World) -> None:
    state = at(flagship, "wash")
    for words in ("sing <script>alert(1)</script>", "sing {health: 0}", "sing `rm` | [a|b] **x**"):
        after = flagship.act(state, seed=3, turn=5, fate="NORMAL", words=words)
        assert not set("<>{}[]|`*") & set(after.wording.dispatch)


def test_a_long_text_is_read_to_its_limit(flagship: World) -> None:
    text = "x" * LONGEST + " search the culvert"
    assert reading(flagship, at(flagship, "wash"), text).verdict == "none"


def test_the_stemmer() -> None:
    assert {key(word) for word in ("run", "runs", "running")} == {"run"}
    assert {key(word) for word in ("climb", "climbs", "climbed", "climbing")} == {"climb"}
    assert {key(word) for word in ("photograph", "photographs", "photographing")} == {"photograph"}
    assert {key(word) for word in ("close", "closed", "closing")} == {"clos"}
    assert {key(word) for word in ("box", "boxes")} == {"box"}
    assert stem("glass") == "glass"
    assert tokens("Don\u2019t STOP, O'Hara!") == ["don't", "stop", "o'hara"]


def test_typos_of_distance_one_are_mended_and_no_others() -> None:
    speller = Speller({"culvert": "culvert", "fence": "fenc", "door": "door"})
    for typo in ("culvrt", "culvertt", "culvort", "cluvert", "fense", "fnece"):
        assert speller.mend(typo) in ("culvert", "fenc")
    assert speller.mend("clvrt") == "clvrt"
    assert speller.mend("dor") == "dor"
    assert speller.mend("door") == "door"
