"""Whatever the engine tells, Discord takes it, nothing of it is lost for good, and every picture
can be read."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients.discord_bot.ui import ids
from clients.discord_bot.ui.page import Attached
from clients.discord_bot.ui.panels import (
    gallery_page,
    history_page,
    more_page,
    notice_page,
    status_page,
    text_pages,
)
from clients.discord_bot.ui.render import Closing, Showing, turn_page
from clients.discord_bot.ui.text import cut, fitted, one_line, pieces, plain
from clients.discord_bot.words import LANGUAGES, Catalogue
from clients.game_client import (
    Choice,
    HistoryEntry,
    HistoryPage,
    Image,
    Item,
    Location,
    LockedChoice,
    Player,
    State,
)
from tests.discord_bot.unit.limits_of_discord import BUTTON, GALLERY, TEXT, check

CATALOGUE = Catalogue.read()
MARKS = "*_~|`[]()<>#-+.:@/\\\n \u200b1aé字🎲"

words = st.sampled_from(LANGUAGES).map(CATALOGUE.words)


def texts(most: int) -> st.SearchStrategy[str]:
    """Prose, marks, and both at their longest."""
    anything = st.text(max_size=min(most, 300))
    marks = st.text(alphabet=MARKS, max_size=min(most, 300))
    long = st.tuples(
        st.sampled_from(["a", "*", "word ", "[x](y) ", "字", "\n"]), st.just(most)
    ).map(lambda pair: (pair[0] * pair[1])[:most])
    return st.one_of(anything, marks, long)


images = st.builds(
    Image,
    id=st.just("0000-abc"),
    url=st.one_of(st.none(), st.just("/api/sessions/default/images/a.webp")),
    status=st.sampled_from(["pending", "ready", "failed", "off", "new in 2027"]),
    alt=texts(2000),
)
choices = st.lists(
    st.builds(
        Choice,
        id=st.text(alphabet="0123456789abcz", min_size=1, max_size=16),
        text=texts(400),
        risk=st.sampled_from(["low", "medium", "high", "odd"]),
    ),
    max_size=12,
    unique_by=lambda choice: choice.id,
).map(tuple)
states = st.builds(
    State,
    session_id=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    turn=st.integers(-1, 10**6),
    phase=st.sampled_from(["new", "choosing", "resolving", "awaiting_choices", "over", "odd"]),
    player=st.builds(
        Player,
        alive=st.booleans(),
        health=st.integers(0, 100),
        injuries=st.lists(texts(200), max_size=20).map(tuple),
        inventory=st.lists(st.builds(Item, id=st.just("x"), name=texts(200)), max_size=30).map(
            tuple
        ),
    ),
    location=st.builds(Location, name=texts(300)),
    situation=texts(1000),
    dispatch=texts(20_000),
    vision_dispatch=texts(1000),
    choices=choices,
    locked=st.lists(st.builds(LockedChoice, text=texts(300), needs=texts(300)), max_size=3).map(
        tuple
    ),
    image=st.one_of(st.none(), images),
    fate=st.sampled_from([None, "LUCKY", "NORMAL", "UNLUCKY", "odd" * 30]),
    deadline_at=st.one_of(st.none(), st.just(datetime(2026, 11, 22, tzinfo=UTC))),
    held_by=st.one_of(st.none(), texts(100)),
)
closings = st.builds(
    Closing,
    how=st.sampled_from(["chosen", "own", "vote", "timeout", "auto", "elsewhere", "moved"]),
    name=texts(100),
    text=texts(400),
    choice_id=st.sampled_from([None, "0", "3a"]),
    fate=st.sampled_from(["", "🎲 …"]),
)
showings = st.builds(
    Showing,
    words=words,
    mode=st.sampled_from(["owner", "anyone", "vote"]),
    attached=st.one_of(st.none(), st.just(Attached("turn-1.webp", b"RIFF", "a fence"))),
    picture=st.one_of(st.none(), st.just("turn-1.webp")),
    closing=st.one_of(st.none(), closings),
    votes=st.one_of(st.none(), st.just({"0": 3, "3a": 1_000_000})),
    votes_end=st.one_of(st.none(), st.just(1_795_000_000)),
)
quick = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@quick
@given(states, showings)
def test_every_turn_is_a_message_that_discord_takes(state: State, showing: Showing) -> None:
    all_of_them = check(turn_page(state, showing))
    shown = [c["content"] for c in all_of_them if c["type"] == TEXT]
    presses = [ids.read_press(c["custom_id"]) for c in all_of_them if c["type"] == BUTTON]
    assert None not in presses, "every button says what it does"
    kinds = {press.kind for press in presses if press is not None}
    whole = plain(state.dispatch.strip())
    assert (
        ids.WHOLE_TEXT in kinds
        or not whole
        or any(text.strip() == whole for text in shown)
        or (plain(state.dispatch) in "\n".join(shown))
    ), "what does not fit can be read elsewhere"
    if showing.attached or showing.picture:
        assert any(c["type"] == GALLERY for c in all_of_them)
    if showing.closing and not state.over:
        assert all(c["disabled"] for c in all_of_them if c["type"] == BUTTON and _plays(c))


def _plays(component: dict[str, object]) -> bool:
    press = ids.read_press(str(component["custom_id"]))
    return press is not None and press.kind in (ids.CHOOSE, ids.VOTE)


@quick
@given(states, words, texts(300))
def test_every_panel_is_one_that_discord_takes(state: State, said: object, link: str) -> None:
    for page in (
        status_page(state, CATALOGUE.words("de"), link=link),
        more_page(state, CATALOGUE.words("en"), link=link),
    ):
        check(page)


entries = st.builds(
    HistoryEntry,
    session_id=st.just("s" * 64),
    turn=st.integers(0, 10**6),
    phase=st.just("choosing"),
    action=st.one_of(st.none(), texts(300)),
    fate=st.sampled_from([None, "LUCKY", "odd"]),
    dispatch=texts(20_000),
)


@quick
@given(st.lists(entries, max_size=5).map(tuple), st.one_of(st.none(), st.integers(1, 10**6)), words)
def test_every_page_of_the_history_is_one_that_discord_takes(
    items: tuple[HistoryEntry, ...], before: int | None, said: object
) -> None:
    found = HistoryPage(total=10**6, items=items, next_before=before)
    check(history_page("s" * 64, found, CATALOGUE.words("de")))


@quick
@given(texts(20_000))
def test_a_long_text_is_told_whole(text: str) -> None:
    pages = text_pages(text)
    for page in pages:
        check(page)
    told = "".join(pieces(text, 3800))
    squeezed = "".join(told.split())
    assert squeezed == "".join(plain(text).split())


@quick
@given(texts(5000))
def test_a_notice_is_one_that_discord_takes(text: str) -> None:
    check(notice_page(text or "."))


@quick
@given(texts(5000), st.integers(1, 500))
def test_what_is_fitted_fits_and_tears_no_mark(text: str, room: int) -> None:
    said = fitted(text, room)
    assert len(said) <= room
    trailing = len(said) - len(said.rstrip("\\"))
    assert trailing % 2 == 0, "no backslash is left alone"
    assert len(cut(text, room)) <= room


@pytest.mark.parametrize(
    "text",
    [
        "@everyone", "<@123>", "<#1>", "<t:0:R>", "**a**", "[a](https://evil.example)", "# a",
        "- a", "> a", "1. a", "`a`", "||a||", "https://evil.example", "_a_", "<:a:1>",
    ],
)  # fmt: skip
def test_nothing_that_is_told_is_a_mark(text: str) -> None:
    said = plain(text)
    assert said != text
    assert one_line(said.replace("\\", "").replace("\u200b", "")) == one_line(text)


def test_a_gallery_has_its_alternative_texts() -> None:
    pictures = [Attached(f"turn-{n}.webp", b"RIFF", f"picture {n}") for n in range(10)]
    all_of_them = check(gallery_page(pictures, "The pictures"))
    (gallery,) = (c for c in all_of_them if c["type"] == GALLERY)
    assert [item["description"] for item in gallery["items"]] == [p.alt for p in pictures]


def test_a_button_comes_back_as_what_it_was() -> None:
    made = ids.press_id("A-b_9" * 12, 10**6, "c123abc")
    assert ids.read_press(made) == ids.Press("A-b_9" * 12, 10**6, "c123abc")
    assert ids.read_words(ids.words_id("default", 3)) == ("default", 3)
    for wrong in ("", "g1:", "g2:default:1:x", "g1:a b:1:x", "g1:default:x:x", "g1:default:1:"):
        assert ids.read_press(wrong) is None
    with pytest.raises(ValueError, match="button"):
        ids.press_id("s" * 65, 1, "x")
