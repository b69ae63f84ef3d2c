"""What a fair game master would make of typed actions, and how often the rules agree."""

import re
from collections.abc import Mapping

import pytest

from app.engine.world.world import World
from tests.world.typed_corpus import Marks, corpus, mark, standing

FEWEST, FEWEST_OF_THE_SECOND = 300, 60
ALL, EACH = 0.9, 0.8


@pytest.fixture(scope="module")
def marks(shipped: Mapping[str, World]) -> Marks:
    return mark(shipped)


def test_the_corpus_covers_what_ships(shipped: Mapping[str, World]) -> None:
    typed = list(corpus())
    assert len(typed) >= FEWEST
    places = {(one.pack, one.place) for one in typed}
    for name, world in shipped.items():
        if world.pack.base is not None:
            continue  # What can be typed there grows with every game.
        assert sum(one.pack == name for one in typed) >= FEWEST_OF_THE_SECOND
        assert {(name, place) for place in world.compiled.settings} <= places


def test_nine_in_ten_are_answered_as_a_fair_game_master_would(marks: Marks) -> None:
    assert marks.share() >= ALL, marks.page()


def test_four_in_five_are_in_every_category(marks: Marks) -> None:
    assert {name for name in marks.asked if marks.share(name) < EACH} == set(), marks.page()


def test_every_typed_action_can_be_played(shipped: Mapping[str, World]) -> None:
    for at, one in enumerate(corpus()):
        state = standing(shipped[one.pack], one)
        after = shipped[one.pack].act(state, seed=at, turn=5, fate="NORMAL", words=one.words)
        assert after.wording.dispatch
        assert re.search(r"[<>{}\[\]|`*]", after.wording.dispatch) is None, one.words
