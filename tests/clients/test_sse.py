"""Reading server-sent events: the standard's rules, whatever the pieces that the bytes come in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.game_client.sse import Frame, Frames, TooLong

ENDS = ("one", "two", "3")
PARTS = (
    *(b"data: a\n", b"data:b\r\n", b"data\r", b"\n", b"\r\n", b"\r", b"id: 7\n", b"id\n"),
    *(b"event: e\n", b": note\n", b"retry: 5\n", "data: …\u2028\n".encode()),
    *(b"\xff\n", b"\xef", b"\xef\xbb\xbf", b"data: \xe2", b"\x80\xa6\n"),
)
BYTES = st.lists(st.sampled_from(PARTS), max_size=14).map(b"".join)


def frames_of(text: bytes, last_id: str = "") -> list[tuple[str, str, str]]:
    return [(one.event, one.data, one.id) for one in Frames(last_id).feed(text)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"data: one\n\n", [("message", "one", "")]),
        (
            b"data: one\r\n\r\ndata: two\r\rdata: 3\n\n",
            [("message", w, "") for w in ENDS],
        ),
        (b"data:no space\n\n", [("message", "no space", "")]),
        (b"data:  two spaces\n\n", [("message", " two spaces", "")]),
        (b"data: a\ndata: b\n\n", [("message", "a\nb", "")]),
        (b"data\n\n", [("message", "", "")]),
        (b"event: x\n\n", []),
        (b"event: x\ndata: a\n\ndata: b\n\n", [("x", "a", ""), ("message", "b", "")]),
        (b"id: 7\ndata: a\n\ndata: b\n\n", [("message", "a", "7"), ("message", "b", "7")]),
        (b"id: 7\n\ndata: a\n\n", [("message", "a", "7")]),
        (b"id: 7\ndata: a\n\nid\ndata: b\n\n", [("message", "a", "7"), ("message", "b", "")]),
        (b"id: a\0b\ndata: a\n\n", [("message", "a", "")]),
        (b": a comment\ndata: a\n:\n\n", [("message", "a", "")]),
        (b"\xef\xbb\xbfdata: a\n\n", [("message", "a", "")]),
        (b"data: never ended\n", []),
        (b"DATA: a\nnonsense: b\ndata: c\n\n", [("message", "c", "")]),
        ("data: a\u2028b\x0b\x0c\x85\n\n".encode(), [("message", "a\u2028b\x0b\x0c\x85", "")]),
        (b"data: \xff\n\n", [("message", "\ufffd", "")]),
    ],
)
def test_the_rules(text: bytes, told: list[tuple[str, str, str]]) -> None:
    assert frames_of(text) == told


def test_an_id_from_before_stays_until_another_comes() -> None:
    assert frames_of(b"data: a\n\nid: 9\ndata: b\n\n", "8") == [
        ("message", "a", "8"),
        ("message", "b", "9"),
    ]


def test_an_id_whose_event_never_ended_does_not_count() -> None:
    frames = Frames("1")
    frames.feed(b"id: 2\ndata: half")
    assert frames.last_id == "1"


@pytest.mark.parametrize(("text", "asked"), [(b"retry: 1000\n", 1000), (b"retry: soon\n", None)])
def test_what_the_server_asks_for(text: bytes, asked: int | None) -> None:
    frames = Frames()
    assert frames.feed(text) == []
    assert frames.retry_ms == asked


@given(BYTES, st.lists(st.integers(0, 200), max_size=6))
def test_it_does_not_matter_where_the_bytes_are_cut(text: bytes, cuts: list[int]) -> None:
    # A line feed at the end settles what a carriage return there means.
    text += b":\n"
    whole = Frames()
    told = whole.feed(text)
    at = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = Frames()
    assert [frame for a, b in pairwise(at) for frame in pieces.feed(text[a:b])] == told
    assert (pieces.last_id, pieces.retry_ms) == (whole.last_id, whole.retry_ms)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_what_is_said_is_heard(lines: list[str]) -> None:
    said = ["".join(c for c in line if c not in "\r\n") for line in lines]
    text = "".join(f"data: {line}\n" for line in said) + "\n"
    assert Frames().feed(text.encode()) == [Frame("message", "\n".join(said), "")]


@pytest.mark.parametrize("text", [b"x", b"data: x\n"])
def test_an_event_without_an_end_is_not_kept_for_ever(text: bytes) -> None:
    frames = Frames(max_event=8000)
    piece = text * (1000 // len(text))
    for _ in range(8):
        frames.feed(piece)
    with pytest.raises(TooLong):
        frames.feed(piece)
