"""Server-sent events, however they are cut and whatever stands between them."""

import json
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.providers.openai_compatible.events import MAX_EVENT, events


async def read(pieces: Iterable[bytes]) -> list[object]:
    async def sent() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return [event async for event in events(sent())]


@given(
    st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=5), max_size=3), max_size=5),
    st.sampled_from([b"\n", b"\r\n"]),
    st.integers(1, 20),
)
async def test_events_are_the_same_however_they_are_cut(
    said: list[dict[str, str]], end: bytes, size: int
) -> None:
    body = b"".join(b"data: " + json.dumps(one).encode() + end * 2 for one in said)
    assert await read(body[at : at + size] for at in range(0, len(body), size)) == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", []),
        (b": keep-alive\n\n", []),
        (b"id: 7\nretry: 10\n\n", []),
        (b"event: ping\n\ndata: {}\n\n", [{}]),
        (b'data:{"a":1}\n\n\n\ndata: {"a":2}', [{"a": 1}, {"a": 2}]),
        (b'data: {"a":\ndata: 1}\n\n', [{"a": 1}]),
        (b"data: {}\n\ndata: [DONE]\n\n", [{}, None]),
        (b"data: [DONE] \n", [None]),
        (b"nonsense\n\n", []),
    ],
)
async def test_only_data_counts(body: bytes, said: list[object]) -> None:
    assert await read([body]) == said


@pytest.mark.parametrize(
    "body",
    [
        b"data: {]\n\n",
        b"data: []\n\n",
        b"data: 7\n\n",
        b"data: \xff\n\n",
        b"data: " + b"x" * MAX_EVENT,
        b"x" * (MAX_EVENT + 1),
        b"data: x\n" * (MAX_EVENT // 8 + 1),
    ],
    ids=lambda body: repr(body[:16]),
)
async def test_what_is_no_event_is_an_error(body: bytes) -> None:
    with pytest.raises((ValueError, TypeError)):
        await read(body[at : at + 65536] for at in range(0, len(body), 65536))
