"""A run becomes a script and captions, without a picture being looked at."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.tapes_captions import facts
from app.engine.tapes_script import PAGE_LETTERS, Form, Told, closing, paged
from app.models.narration import Ending
from tests.tapes.runs import SMALL, cues, dispatches, entries, write

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=600)


@given(WORDS)
def test_pages_joined_are_the_dispatch_again(text: str) -> None:
    assert " ".join(paged(text)) == " ".join(text.split())


@given(st.lists(st.text("abc", min_size=1, max_size=12), min_size=1, max_size=200))
def test_no_page_is_longer_than_can_be_read_at_a_glance(words: list[str]) -> None:
    assert max(map(len, paged(". ".join(words)))) <= PAGE_LETTERS


def test_pages_end_with_sentences_where_they_can() -> None:
    text = "The wire hums in the rain, and nobody hears it. " * 6
    assert all(page.endswith(".") for page in paged(text))


def test_a_page_is_shown_for_as_long_as_it_takes_to_read_it(tmp_path: Path) -> None:
    written = write(tmp_path, entries(2))
    for scene in written.scenes:
        for page in scene.pages:
            letters_a_second = len(page.text) / (page.frames / SMALL.fps)
            assert letters_a_second < 20


def test_scenes_follow_one_another_without_a_gap(tmp_path: Path) -> None:
    written = write(tmp_path, entries(5))
    at = written.opening.frames
    for scene in written.scenes:
        assert scene.start == at
        at += scene.frames
    assert written.closing.start == at
    assert [scene.turn for scene in written.scenes] == [0, 1, 2, 3, 4, 5]
    assert written.scenes[0].action_frames == 0


def test_captions_are_the_dispatches_in_order(tmp_path: Path) -> None:
    run = entries(3)
    found = cues(write(tmp_path, run).vtt)
    assert dispatches(found) == {e.turn: " ".join(e.dispatch.split()) for e in run}
    done = [cue.text for cue in found if cue.name.endswith(".0")]
    assert done == [f"You: Cut the wire ({fate})" for fate in ("unlucky", "lucky", "unlucky")]
    assert found[-1].name == "ending"


def test_captions_say_themselves_what_the_film_will_be(tmp_path: Path) -> None:
    written = write(tmp_path, entries(3))
    known = facts(written.vtt[:256])
    assert known is not None
    assert known.turns == 4
    assert known.seconds == pytest.approx(written.closing.frames / SMALL.fps, abs=0.001)
    assert facts("WEBVTT\n\nNOTE made by somebody else\n") is None


@pytest.mark.parametrize(
    ("year", "alive", "phase", "headline", "verdict"),
    [
        (1993, False, "over", "Tape ends", "Died, turn 2"),
        (1993, True, "over", "Tape ends", "It ends, turn 2"),
        (1907, False, "over", "The last plate", "Died, turn 2"),
        (1993, True, "choosing", "So far", "Turn 2, alive"),
    ],
)
def test_the_end_says_how_and_when(
    year: int, alive: bool, phase: str, headline: str, verdict: str
) -> None:
    run = entries(2, alive=alive, phase=phase)
    ending = Ending(id="x", title="Carrier Lost", text="It ends.", epitaph="Gone.", tone="death")
    told = Told("The Wire", "", year, run[0], run[-1], ending if phase == "over" else None)
    end = closing(told, Form(), 100)
    assert (end.headline, end.verdict, end.died) == (headline, verdict, not alive)
    assert ("Seed", str(run[0].state.seed)) in end.credits
    if phase == "over":
        assert end.title == "Carrier Lost"
        assert "You: Cut the wire" in end.lines
        assert "Gone." in end.lines
