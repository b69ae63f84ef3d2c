"""A player's own words: the ladder from a plain match down to a true attempt."""

from random import Random

import pytest

from app.engine.world.draft import Draft
from app.engine.world.free_text import LONGEST, Reading, read
from app.engine.world.spelling import Speller
from app.engine.world.telling import LOOKED
from app.engine.world.vocabulary import key, stem, tokens
from app.engine.world.words import put_in, told_back
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


@pytest.mark.parametrize(
    ("place", "text", "action"),
    [
        ("wash", "search the culvert and then go to the fence", "do:culvert:search"),
        ("lobby", "walk up to the desk and open the drawer", "do:desk:search"),
        ("fence", "get the bolt cutters out and cut the wire", "do:wire:cut"),
        ("lobby", "go over to the phone and pick it up", "do:red_phone:lift"),
        ("wash", "instead of hiding, search the culvert", "do:culvert:search"),
    ],
)
def test_of_several_deeds_the_first_is_done(
    flagship: World, place: str, text: str, action: str
) -> None:
    found = reading(flagship, at(flagship, place), text)
    assert found.action is not None
    assert found.action.id == action


def test_what_leads_up_to_an_attempt_is_told_with_it(flagship: World) -> None:
    after = flagship.act(
        at(flagship, "wash"), seed=3, turn=5, fate="NORMAL", words="kneel and taste the sand, then"
    )
    assert after.wording.dispatch.startswith("You kneel and taste the sand.")


def test_a_place_known_from_before_is_gone_to_by_the_next_way(flagship: World) -> None:
    state = at(flagship, "mast", visited={"lobby": 1, "corridor": 2, "mast": 3})
    found = reading(flagship, state, "go back to the lobby")
    assert found.action is not None
    assert found.action.id == "go:mast:corridor"
    assert reading(flagship, at(flagship, "mast"), "go to the lobby").verdict == "absent"


def test_what_stands_at_the_next_place_cannot_be_used_from_here(flagship: World) -> None:
    found = reading(flagship, at(flagship, "wash"), "cut the fence")
    assert (found.verdict, found.noun) == ("absent", "fence")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("where am I?", "This is the dry wash. Within reach: the tracks in the sand"),
        ("what do I have?", "You have the camera, the flashlight and the bolt cutters."),
        ("am I alone?", "Nobody that you can see"),
        ("how badly am I hurt?", "You are sound, near enough."),
        ("what time is it?", "It is "),
        ("what am I supposed to do?", "You have not forgotten: photograph three proofs"),
    ],
)
def test_a_question_is_answered_from_the_facts(flagship: World, words: str, told: str) -> None:
    state = at(flagship, "wash", minutes=18 * 60 + 12)
    after = flagship.act(state, seed=3, turn=5, fate="UNLUCKY", words=words)
    assert after.wording.dispatch.startswith(told)
    assert after.world.health == state.health
    assert after.world.qualities["heat"] <= state.qualities["heat"]


def test_nobody_strikes_at_a_player_who_asks_once(flagship: World) -> None:
    state = met(flagship, "lobby", "orderly")
    hurt = {True: 0, False: 0}
    for seed in range(20):
        for again in hurt:
            before = state.model_copy(update={"recent": (LOOKED,) if again else ()})
            after = flagship.act(before, seed=seed, turn=9, fate="NORMAL", words="who is here?")
            assert after.wording.dispatch.startswith("The Orderly is here, and close.")
            hurt[again] += after.world.health < before.health
    assert hurt[False] == 0
    assert hurt[True] > 0


@pytest.mark.parametrize(
    ("place", "changes", "words", "told"),
    [
        ("motorpool", {}, "start the generator", "Not yet: "),
        ("bunker", {}, "throw the switch", "Not yet: "),
        ("fence", {"items": ("camera",)}, "cut the wire", "Not yet: something that cuts."),
        ("yard", {"items": ()}, "cut the loudspeaker", "For that you would need the bolt cutters."),
    ],
)
def test_what_cannot_be_done_yet_is_not_told_as_done(
    flagship: World, place: str, changes: dict[str, object], words: str, told: str
) -> None:
    state = at(flagship, place, **changes)
    assert reading(flagship, state, words).verdict == "locked"
    after = flagship.act(state, seed=3, turn=5, fate="LUCKY", words=words)
    assert after.wording.dispatch.startswith(told)
    assert after.world.props == state.props


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("please could I just sing?", "sing"),
        ("I'm going to kick it", "kick it"),
        ("I'm singing to myself", "are singing to yourself"),
        ("KICKING THE CAN", "are kicking the can"),
        ("sing " + "a" * 80, "sing"),
        ("we hold our breath", "hold your breath"),
    ],
)
def test_words_are_told_back_as_a_sentence(text: str, told: str) -> None:
    assert told_back(text) == told


def test_an_absent_noun_has_the_article_that_fits() -> None:
    assert put_in("No {noun}.", "{noun}", "doors") == "No doors."
    assert put_in("You want {noun} now.", "{noun}", "door") == "You want the door now."
    assert put_in("There may be {noun}.", "{noun}", "oar") == "There may be an oar."
    assert put_in("There may be {noun}.", "{noun}", "water") == "There may be water."


def test_a_long_word_is_mended_by_two_slips_and_a_compound_by_its_end() -> None:
    speller = Speller({"searchlight": "searchlight", "phone": "phon", "hide": "hid"})
    assert speller.mend("serchlihgt") == "searchlight"
    assert speller.mend("payphone") == "phon"
    assert speller.mend("hdie") == "hid"
    assert speller.mend("night") == "night"


def test_any_text_at_all_can_be_played(flagship: World) -> None:
    random = Random(7)
    letters = "abe gnotr'\"<>{}[]|&;,.!?\n\u00e9\u0436\u6f22\U0001f525-_*/\\"
    words = [
        "go",
        "the",
        "cut",
        "wire",
        "not",
        "and",
        "it",
        "my",
        "up",
        "look",
        "fence",
        "run",
        "I",
    ]
    state = met(flagship, "fence", "patrol")
    for turn in range(300):
        parts = random.choices(words, k=random.randint(0, 7))
        parts += ["".join(random.choices(letters, k=random.randint(0, 30)))]
        random.shuffle(parts)
        text = " ".join(parts)
        after = flagship.act(state, seed=turn, turn=9, fate="NORMAL", words=text)
        assert after.wording.dispatch, text
        assert not set("<>{}[]|") & set(after.wording.dispatch), text
