"""Reading an answer: while it comes, character by character, and when it is there."""

import json
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.providers.openai_compatible.plain import uncontrolled
from app.engine.providers.openai_compatible.reading import (
    MAX_HEARD,
    DispatchReader,
    extracted,
    is_prose,
    whole,
)

TEXTS = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from('"\\/\n\t{}[]:,u \u00e9\U0001f525\u2028'),
    ),
    max_size=60,
)


def heard(pieces: list[str]) -> str:
    reader = DispatchReader()
    return "".join(reader.feed(piece) for piece in pieces)


def split(text: str, cuts: list[int]) -> list[str]:
    at = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[a:b] for a, b in pairwise(at)]


@given(TEXTS, st.booleans(), st.lists(st.integers(0, 10_000), max_size=40))
def test_the_dispatch_is_the_same_however_it_is_cut(
    text: str, escaped: bool, cuts: list[int]
) -> None:
    said = json.dumps({"dispatch": text, "choices": ['"', "}"]}, ensure_ascii=escaped)
    assert heard(split(said, cuts)) == uncontrolled(text)
    assert heard(list(said)) == uncontrolled(text)


@given(TEXTS, st.sampled_from(["", "Sure:\n```json\n", "<think>{no}</think>\n", "\n\n  "]))
def test_every_prefix_is_heard_as_a_prefix(text: str, preamble: str) -> None:
    said = preamble + json.dumps({"dispatch": text, "summary": "x"})
    reader, so_far = DispatchReader(), ""
    for character in said:
        so_far += reader.feed(character)
        assert uncontrolled(text).startswith(so_far)
    assert so_far == uncontrolled(text)
    assert reader.told


@given(st.text(max_size=80))
def test_whatever_is_no_object_is_not_heard(text: str) -> None:
    if '"dispatch"' not in text:
        assert heard(list(text)) == ""


@pytest.mark.parametrize(
    "text",
    [
        "You walk on. { What now? }",
        '{"summary": "x", "dispatch": "late"}',
        '{"dispatch": 7}',
        '{"dispatch": null, "choices": []}',
        '["dispatch", "a"]',
        '<think>{"dispatch": "a draft"',
    ],
)
def test_what_begins_otherwise_is_not_heard(text: str) -> None:
    assert heard(list(text)) == ""


def test_a_pair_of_escapes_is_one_character() -> None:
    reader = DispatchReader()
    assert reader.feed('{"dispatch": "a\\ud83d') == "a"
    assert reader.feed("\\udd") == ""
    assert reader.feed('25b"') == "\U0001f525b"


def test_half_a_pair_is_left_out() -> None:
    assert heard(list('{"dispatch": "a\\ud83d b"}')) == "a b"


def test_what_is_heard_is_bounded() -> None:
    reader = DispatchReader()
    heard_of_it = reader.feed('{"dispatch": "' + "a" * 100_000)
    assert len(heard_of_it) == MAX_HEARD
    assert reader.done
    assert not reader.told


def test_an_endless_preamble_is_given_up() -> None:
    reader = DispatchReader()
    for _ in range(200):
        reader.feed("Let me think about it. ")
    assert reader.done


@pytest.mark.parametrize(
    "text",
    [
        '{"dispatch": "x"}',
        'Sure!\n```json\n{"dispatch": "x"}\n```\nEnjoy {it}.',
        '{not json} then {"dispatch": "x"}',
        '<think>{"dispatch": "draft"}</think>{"dispatch": "x"}',
        "{'dispatch': 'x'}",
        '{"dispatch": "x",}',
        '{"dispatch": "x"',
        "{“dispatch”: “x”}",
        '{"dispatch": "x", "choices": [{"slot": "4a", "te',
        '[{"dispatch": "x", "choices": [',
        "{dispatch: 'x'}",
    ],
)
def test_an_object_is_found_and_mended(text: str) -> None:
    value = extracted(text)
    assert isinstance(value, dict)
    assert value["dispatch"] == "x"


@pytest.mark.parametrize("text", ["", "You walk on.", "[1, 2]", '"{"', "{" * 500, "[{" * 20_000])
def test_where_there_is_none_none_is_found(text: str) -> None:
    assert not isinstance(extracted(text), dict) or extracted(text) == {}


@pytest.mark.parametrize(
    "text",
    [
        '{"dispatch": "You go on and then',
        "{'dispatch': 'You go on and then",
        '{"di{"dispatchspatch": "You ": "You go on"go on", "cho", "choices": []}',
        '{"dispatch": {"text": "You go on"',
        '{"summary": "You go on',
    ],
)
def test_half_a_dispatch_or_one_in_shreds_is_not_mended(text: str) -> None:
    assert extracted(text) is None


@pytest.mark.parametrize(
    "text",
    ['{"' * 20_000, '{"a":' + '"b" ' * 15_000, '{"a":"' + "\\" * 60_000, "{" + "," * 60_000,
     "{}" * 30_000, '{"a":"' + '\\"' * 25_000],
)  # fmt: skip
def test_the_worst_text_is_read_in_no_time(text: str) -> None:
    began = time.perf_counter()
    extracted(text[: 64 * 1024])
    whole(text)
    is_prose(text)
    heard(split(text, list(range(0, 60_000, 40))))
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("You walk on.", True),
        ("a { b", True),
        ('{"a": 1', False),
        ("{'a'", False),
        ("{a: 1}", False),
    ],
)
def test_prose_is_told_from_broken_json(text: str, prose: bool) -> None:
    assert is_prose(text) is prose
