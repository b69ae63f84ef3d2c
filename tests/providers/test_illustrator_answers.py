"""The picture in an answer, however the server put it there."""

import base64
import json
import threading
import time
from typing import Any

import pytest

from app.engine.providers.openai_compatible.image_answer import Answer, NoPicture, read_answer
from app.engine.providers.openai_compatible.image_header import PictureRefused
from app.models.ledger import Units
from tests.providers.stills import HTML, SVG, encoded

PICTURE = encoded("PNG", (640, 480), compress_level=0)
TEXT = base64.b64encode(PICTURE).decode()
assert len(TEXT) > 250_000  # Several slices.


def read(told: Any) -> Answer:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return read_answer([body[at : at + 65_536] for at in range(0, len(body), 65_536)])


def data(**fields: Any) -> dict[str, Any]:
    return {"created": 0, "data": [fields]}


def chat(message: dict[str, Any]) -> dict[str, Any]:
    return {"choices": [{"index": 0, "message": {"role": "assistant", **message}}]}


URL = f"data:image/png;base64,{TEXT}"
SHORT = base64.b64encode(b"a short picture").decode()


@pytest.mark.parametrize(
    "told",
    [
        data(b64_json=TEXT),
        data(b64_json=TEXT, url=None, revised_prompt='Not "this"'),
        data(url=URL),
        data(b64_json=URL),
        data(url=f"data:image/webp;charset=utf-8;base64,{TEXT}"),
        data(b64_json=TEXT.rstrip("=")),
        data(b64_json="\n".join(TEXT[at : at + 76] for at in range(0, len(TEXT), 76))),
        {"data": [{}, {"b64_json": ""}, {"b64_json": TEXT}]},
        chat({"content": "Here.", "images": [{"type": "image_url", "image_url": {"url": URL}}]}),
        chat({"content": [{"type": "text", "text": "x"}, {"image_url": {"url": URL}}]}),
        chat({"content": None, "images": [{"image_url": URL}]}),
    ],
    ids=range(11),
)
def test_the_picture_is_found_and_unpacked(told: Any) -> None:
    assert read(told).data == PICTURE


def test_escapes_that_servers_write_are_understood() -> None:
    plain = json.dumps(data(b64_json=TEXT))
    for escaped in (
        plain.replace("/", "\\/"),
        plain.replace("+", "\\u002b"),
        plain.replace("+", "\\u002B").replace("/", "\\/").replace("=", "\\u003d"),
    ):
        assert escaped != plain
        assert read(escaped.encode()).data == PICTURE
    assert read(json.dumps(data(url=URL)).replace("/", "\\/").encode()).data == PICTURE


def test_a_short_picture_is_read_like_a_long_one() -> None:
    assert read(data(b64_json=SHORT)).data == b"a short picture"
    assert read(data(url=f"data:image/png;base64,{SHORT}")).data == b"a short picture"


def test_an_address_is_handed_on() -> None:
    answer = read(data(url="https://cdn.test/a.png?sig=1"))
    assert (answer.data, answer.url) == (None, "https://cdn.test/a.png?sig=1")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://cdn.test/a.png",
        f"data:image/svg+xml;utf8,{SVG.decode()}",
        f"data:text/html;base64,{TEXT}",
        "javascript:alert(1)",
        f"{TEXT[:5000]}*{TEXT}",
        "not base64 at all!",
    ],
)
def test_other_forms_are_refused(url: str) -> None:
    with pytest.raises(PictureRefused):
        read(data(url=url))


@pytest.mark.parametrize(
    ("told", "astray"),
    [
        (HTML, True),
        (b"", False),
        (b"[]", False),
        (b"null", False),
        (b"[" * 50_000, False),
        (b'{"data": [{"b64_json": "' + TEXT.encode(), False),
        (b'{"data": [{"b64_json": "' + SHORT.encode(), False),
        ({"error": "Unexpected endpoint or method. (POST /v1/images/edits)"}, True),
        ({"error": {"code": 502, "message": "upstream"}}, False),
        ({"data": []}, False),
        ({"data": None}, False),
        ({"data": {"b64_json": TEXT}}, False),
        (data(b64_json=None, url=None), False),
        (data(b64_json=7), False),
        (chat({"content": "I cannot draw."}), False),
        (chat({"content": None, "images": "none"}), False),
        ({"choices": "none"}, False),
        (chat({"content": [{"image_url": {"url": 3}}]}), False),
    ],
    ids=range(18),
)
def test_an_answer_without_a_picture_is_none(told: Any, astray: bool) -> None:
    with pytest.raises(NoPicture) as caught:
        read(told)
    assert caught.value.astray is astray


def test_a_forged_number_finds_nothing_but_what_the_same_answer_held() -> None:
    for forged in ("\0" + "0", "\0" + "7", "\0" + "x", "\0"):
        with pytest.raises((NoPicture, PictureRefused)):
            read(data(b64_json=forged))


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": [' + b'"",' * 2_000_000 + b'""]}',
        b'{"data": [' + b"1," * 4_000_000 + b"1]}",
        b'{"data": ' + b"[" * 4_000_000,
        b'"' + b'\\"' * 4_000_000,
    ],
    ids=["strings", "numbers", "depth", "quotes"],
)
def test_megabytes_that_are_no_picture_are_given_up_early(body: bytes) -> None:
    begun = time.perf_counter()
    with pytest.raises((NoPicture, PictureRefused)):
        read(body)
    assert time.perf_counter() - begun < 5


def test_what_was_counted_is_read() -> None:
    usage = {
        "input_tokens": 2300,
        "input_tokens_details": {"text_tokens": 300, "image_tokens": 2000},
        "output_tokens": 196,
        "total_tokens": 2496,
    }
    assert read({**data(b64_json=SHORT), "usage": usage}).units == Units(
        input_tokens=300, image_input_tokens=2000, image_output_tokens=196, images=1
    )
    del usage["input_tokens_details"]
    units = read({**data(b64_json=SHORT), "usage": usage}).units
    assert units == Units(input_tokens=2300, image_output_tokens=196, images=1)


def test_a_chat_counts_words_and_pictures_apart() -> None:
    usage = {
        "prompt_tokens": 400,
        "prompt_tokens_details": {"image_tokens": 258},
        "completion_tokens": 1320,
        "completion_tokens_details": {"image_tokens": 1290, "reasoning_tokens": 0},
    }
    told = chat({"images": [{"image_url": {"url": URL}}]})
    assert read({**told, "usage": usage}).units == Units(
        input_tokens=142,
        image_input_tokens=258,
        output_tokens=30,
        image_output_tokens=1290,
        images=1,
    )


@pytest.mark.parametrize(
    "usage", [None, {}, [], "many", {"input_tokens": "7"}, {"input_tokens": -3}, {"total": 1}]
)
def test_what_was_not_counted_is_not_made_up(usage: Any) -> None:
    assert read({**data(b64_json=SHORT), "usage": usage}).units is None


def test_the_pieces_are_given_up() -> None:
    pieces = [json.dumps(data(b64_json=TEXT)).encode()]
    read_answer(pieces)
    assert pieces == []


def test_another_thread_is_not_kept_waiting_by_a_large_answer() -> None:
    """The one thing the slices are for: no call into C holds the lock for long."""
    body = json.dumps(data(b64_json="Qk1C" * 4_000_000)).encode()
    done = threading.Event()
    waits: list[float] = []

    def tick() -> None:
        while not done.is_set():
            begun = time.perf_counter()
            time.sleep(0.0005)
            waits.append(time.perf_counter() - begun)

    ticker = threading.Thread(target=tick)
    ticker.start()
    reads = time.perf_counter()
    read_answer([body])
    reads = time.perf_counter() - reads
    done.set()
    ticker.join()
    # One call over all of it would let the ticker run twice: before it and after it.
    assert len(waits) > 4
    assert sorted(waits)[len(waits) // 2] < max(0.010, reads / 3)
