"""The prose: told once, in order, within bounds, and never contradicting itself."""

import random

import pytest

from app.engine.world.compiled import Said
from app.engine.world.conditions import compile_condition
from app.engine.world.deeds import Deed
from app.engine.world.draft import Draft
from app.engine.world.prose import MAX_QUEUE, Page, Rank
from app.engine.world.turn import play
from app.engine.world.words import deed, definite, listing, settle, shorten, told_back
from app.engine.world.world import World


@pytest.fixture
def draft(salt: World) -> Draft:
    return Draft(salt.compiled, salt.begin(1).world, seed=1, turn=3)


def said(name: str, text: str = "", *, excl: str = "", **when: object) -> Said:
    text = text or f"This is {name}."
    tags = frozenset(excl.split())
    return Said(name, text, compile_condition(when, name), len(text.split()), tags)


def sorted_pool(*pool: Said) -> list[Said]:
    return sorted(pool, key=lambda one: -one.when.specificity)


def test_the_most_specific_unused_text_wins(draft: Draft) -> None:
    page = Page(draft)
    draft.facts.update(heat=5, tod="night")
    pool = sorted_pool(said("plain"), said("hot", heat=">=3"), said("both", heat=5, tod="night"))
    told = []
    while (one := page.pick(pool, "x")) is not None:
        page.tell(Rank.EVENT, one)
        told.append(one.id)
    assert told == ["both", "hot", "plain"]


def test_silence_rather_than_the_same_again(draft: Draft) -> None:
    page = Page(draft)
    pool = [said("only")]
    assert page.tell_one(Rank.AMBIENT, pool, "x")
    assert not page.tell_one(Rank.AMBIENT, pool, "x")
    assert not page.line(Rank.AMBIENT, "a slot nobody wrote for")


def test_what_must_be_said_comes_again_least_recently_told_first(draft: Draft) -> None:
    draft.turn = 40
    draft.used.update(early=3, late=9, fresh=39)
    page = Page(draft)
    pool = [said("late"), said("early"), said("fresh")]
    picked = page.pick(pool, "x", again=12)
    assert picked is not None
    assert picked.id == "early"


def test_texts_of_one_turn_never_share_a_tag(draft: Draft) -> None:
    page = Page(draft)
    page.tell(Rank.EVENT, said("storm", excl="sky"))
    assert page.pick([said("moon", excl="sky light")], "x") is None
    assert page.pick([said("rain", excl="ground")], "x") is not None
    assert page.tags == ("sky",)


def test_nor_do_those_of_the_turn_after(salt: World) -> None:
    state = salt.begin(1).world.model_copy(update={"excl": ("sky",)})
    page = Page(Draft(salt.compiled, state, seed=1, turn=2))
    assert page.pick([said("moon", excl="sky")], "x") is None


def test_the_order_is_consequence_fate_arrival_event_ambient(draft: Draft) -> None:
    page = Page(draft)
    for rank in (Rank.AMBIENT, Rank.EVENT, Rank.FATE, Rank.ARRIVAL, Rank.CONSEQUENCE):
        page.put(rank, f"{rank.name}.")
    assert page.compose()[0] == "CONSEQUENCE. FATE. ARRIVAL. EVENT. AMBIENT."


def test_what_does_not_fit_waits_or_is_left_out(draft: Draft) -> None:
    page = Page(draft)
    page.put(Rank.CONSEQUENCE, "word " * 40)
    page.put(Rank.EVENT, "The clock strikes. " * 14, keep=False, later=True)
    page.put(Rank.AMBIENT, "Dust. " * 20, keep=False)
    text, queue = page.compose()
    assert len(text.split()) <= 75
    assert "Dust" not in text
    assert len(queue) == 1
    assert queue[0].startswith("The clock")


def test_the_queue_is_bounded_and_told_the_turn_after(salt: World) -> None:
    state = salt.begin(1).world.model_copy(update={"queue": tuple("abcd")})
    draft = Draft(salt.compiled, state, seed=1, turn=1)
    assert len(Page(draft).compose()[1]) == MAX_QUEUE
    waiting = "Three bells ring out at sea."
    state = state.model_copy(update={"queue": (waiting,)})
    draft = Draft(salt.compiled, state, seed=1, turn=1)

    def nothing(_draft: Draft, page: Page) -> tuple[Deed, str, str]:
        page.put(Rank.CONSEQUENCE, "You wait.")
        return Deed(kind="rest", tier="ok", fateless="ok"), "wait", "Wait"

    result = play(draft, "NORMAL", nothing)
    assert waiting in result.wording.dispatch
    assert result.world.queue == ()


def test_luck_is_told_only_where_it_made_the_difference(flagship: World) -> None:
    texts = {one.text for one in (*flagship.compiled.lucky, *flagship.compiled.unlucky)}
    checked = 0
    for seed in range(30):
        state = flagship.begin(seed).world
        for offer in state.offers:
            normal = flagship.act(state, seed=seed, turn=1, fate="NORMAL", offer=offer)
            assert not any(text in normal.wording.dispatch for text in texts)
            lucky = flagship.act(state, seed=seed, turn=1, fate="LUCKY", offer=offer)
            told = any(text in lucky.wording.dispatch for text in texts)
            if told:
                checked += 1
                assert lucky.tier != normal.tier
    assert checked


def test_a_label_is_told_as_done() -> None:
    assert deed("Cut the wire") == "You cut the wire."
    assert deed("TANK 5 first") == "You TANK 5 first."


def test_a_players_words_are_told_back_in_the_second_person() -> None:
    assert told_back("I throw my notebook at the door!") == "throw your notebook at the door"
    assert told_back("Give me the key. Then run.") == "give you the key"
    assert told_back("<b>shout</b> `rm -rf` **at** {him}") == "b shout b rm -rf at him"
    assert told_back("I'm sitting down, myself") == "are sitting down, yourself"
    assert len(told_back("run " * 100)) <= 120
    assert told_back("\u2026\n") == ""


def test_small_words() -> None:
    assert definite("wash") == "the wash"
    assert definite("the wash") == "the wash"
    assert definite("Corridor B") == "Corridor B"
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert shorten("one two three", 9) == "one two\u2026"
    assert settle("A [red|red] lamp", random.Random(1)) == "A red lamp"
