"""The narrator over the real SDK: what it makes of what a server streams."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest

from app.errors import BudgetExhausted, ProviderError, ProviderTimeout
from tests.providers.narrating import (
    DISPATCH,
    LOCAL,
    OPENAI,
    TOLD,
    Clock,
    Drip,
    Server,
    Till,
    a_brief,
    a_grounding,
    a_narrator,
    chunk,
    chunks,
    refuses,
    says,
    stream_of,
    tell,
    texts,
)


async def test_a_turn_is_one_call_worded_by_the_model() -> None:
    server = Server(says(TOLD))

    told = await tell(a_narrator(server))

    telling = told.telling
    assert telling.source == "ai"
    assert telling.dispatch == told.heard == DISPATCH
    assert telling.vision_dispatch == TOLD["vision_dispatch"]
    assert telling.situation == TOLD["situation"]
    assert telling.summary == TOLD["summary"]
    assert texts(telling.choices) == [choice["text"] for choice in TOLD["choices"]]
    assert [(c.id, c.kind, c.risk) for c in telling.choices] == [
        (c.id, c.kind, c.risk) for c in a_brief().choices
    ]
    assert len(server.asked) == 1
    assert told.till.lines[0].request_id == "req-1"


async def test_the_first_words_are_heard_while_the_rest_is_being_written() -> None:
    first_words, go_on = asyncio.Event(), asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        said = json.dumps(TOLD)
        for event in chunks(said[:60]):
            if not event["choices"] or event["choices"][0]["finish_reason"]:
                continue
            yield f"data: {json.dumps(event)}\n\n".encode()
        await go_on.wait()
        for event in chunks(said[60:]):
            yield f"data: {json.dumps(event)}\n\n".encode()
        yield b"data: [DONE]\n\n"

    headers = {"content-type": "text/event-stream"}
    server = Server(lambda _: httpx2.Response(200, headers=headers, stream=Drip(body)))
    heard: list[str] = []

    def hear(text: str) -> None:
        heard.append(text)
        first_words.set()

    telling = asyncio.create_task(a_narrator(server).tell(a_brief(), hear=hear, purse=Till()))
    async with asyncio.timeout(5):
        await first_words.wait()
        assert DISPATCH.startswith("".join(heard))
        go_on.set()
        assert (await telling).dispatch == "".join(heard) == DISPATCH


async def test_to_openai_goes_what_its_models_take() -> None:
    server = Server(says(TOLD))
    await tell(a_narrator(server, base_url=OPENAI))
    asked = server.asked[0]
    assert asked["reasoning_effort"] == "none"
    assert "max_completion_tokens" in asked
    assert asked["stream_options"] == {"include_usage": True}
    assert not {"max_tokens", "temperature", "seed"} & asked.keys()
    schema = json.dumps(asked["response_format"]["json_schema"]["schema"])
    assert "maxLength" not in schema
    assert "maxItems" not in schema


async def test_to_other_servers_goes_what_they_know() -> None:
    server = Server(says(TOLD))
    await tell(a_narrator(server, extra={"top_k": 20}))
    asked = server.asked[0]
    assert asked["max_tokens"] > 0
    assert asked["temperature"] > 0
    assert asked["top_k"] == 20
    assert not {"max_completion_tokens", "reasoning_effort"} & asked.keys()
    assert asked["response_format"]["json_schema"]["schema"]["properties"]["summary"]["maxLength"]


async def test_a_server_that_does_not_stream_is_read_whole() -> None:
    message = {"role": "assistant", "content": json.dumps(TOLD)}
    completion = {
        "id": "chat-7",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10},
    }
    told = await tell(a_narrator(Server(lambda _: httpx2.Response(200, json=completion))))
    assert told.heard == told.telling.dispatch == DISPATCH
    assert told.till.lines[0].units.output_tokens == 10
    assert told.till.lines[0].request_id == "chat-7"


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(200, text="<html>Log in</html>", headers={"content-type": "text/html"}),
        httpx2.Response(200, json={"choices": []}),
        httpx2.Response(200, json={"error": "busy"}),
        httpx2.Response(200, json=["what"]),
        httpx2.Response(200, content=b"{", headers={"content-type": "application/json"}),
        httpx2.Response(
            200, content=b"data: {]\n\n", headers={"content-type": "text/event-stream"}
        ),
        httpx2.Response(307, headers={"location": "http://elsewhere.test/"}),
        httpx2.Response(200, content=b"x", headers={"content-encoding": "gzip"}),
        stream_of([chunk(refusal="I cannot help with that.")]),
        stream_of([chunk("{"), chunk(finish="content_filter")]),
        stream_of([{"error": {"message": f"internal {LOCAL}", "code": 500}}]),
        stream_of([]),
    ],
    ids=lambda answer: answer.text[:24],
)
async def test_an_answer_that_is_none_fails_the_turn(answer: httpx2.Response) -> None:
    def again(_: dict[str, Any]) -> httpx2.Response:
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)

    till = Till()
    with pytest.raises(ProviderError) as failure:
        await tell(a_narrator(Server(again)), till=till)
    assert "model.test:8080" in str(failure.value)
    assert "http" not in str(failure.value)
    assert "reserved" not in till.statuses


@pytest.mark.parametrize(
    ("refusal", "calls"),
    [
        (refuses(401), 1),
        (refuses(403), 1),
        (refuses(404, "The model does not exist"), 1),
        (refuses(429, code="insufficient_quota"), 1),
        (refuses(429, wait=3), 3),
        (refuses(500), 3),
        (refuses(503), 3),
    ],
)
async def test_what_cannot_work_is_not_tried_again(refusal: Any, calls: int) -> None:
    server, clock = Server(refusal), Clock()
    with pytest.raises(ProviderError):
        await tell(a_narrator(server, clock))
    assert len(server.asked) == calls
    assert len(clock.slept) == calls - 1


async def test_a_server_that_recovers_is_asked_again_in_the_same_mode() -> None:
    server, clock = Server(refuses(503), refuses(429, wait=2), says(TOLD)), Clock()
    narrator = a_narrator(server, clock)
    told = await tell(narrator)
    assert told.telling.source == "ai"
    assert server.modes == ["json_schema"] * 3
    assert clock.slept == [0.5, 2.0]
    assert told.till.statuses == ["settled", "released", "settled"]


async def test_to_be_told_to_wait_longer_than_there_is_time_is_passed_on() -> None:
    server = Server(refuses(429, wait=90))
    with pytest.raises(ProviderError) as failure:
        await tell(a_narrator(server))
    assert failure.value.retry_after == 90
    assert len(server.asked) == 1


async def test_a_lost_connection_is_tried_again_at_once() -> None:
    lost = httpx2.RemoteProtocolError("Server disconnected without sending a response.")
    server, clock = Server(lost, says(TOLD)), Clock()
    assert (await tell(a_narrator(server, clock))).telling.source == "ai"
    assert clock.slept == []


async def test_every_call_may_meet_an_old_connection() -> None:
    lost = httpx2.RemoteProtocolError("Server disconnected without sending a response.")
    server, clock = Server(lost, says('{"dispatch": 7}'), lost, says(TOLD)), Clock()
    assert (await tell(a_narrator(server, clock))).telling.source == "ai"
    assert clock.slept == []


async def test_a_connection_that_cannot_be_made_costs_nothing() -> None:
    till = Till()
    with pytest.raises(ProviderError):
        await tell(a_narrator(Server(httpx2.ConnectError("refused"))), till=till)
    assert till.statuses == ["released"] * 3


async def test_what_breaks_off_in_the_middle_is_told_again_without_being_heard_twice() -> None:
    half = stream_of(chunks(json.dumps(TOLD)[:80], finish=None, usage=None), done=False)
    server = Server(half, says(TOLD))
    told = await tell(a_narrator(server))
    assert told.telling.dispatch == DISPATCH
    assert DISPATCH.startswith(told.heard)
    assert len(told.heard) < 80
    assert told.till.lines[0].estimated


async def test_an_answer_cut_off_by_its_length_is_asked_for_again_and_longer() -> None:
    server = Server(says(json.dumps(TOLD)[:150], finish="length"), says(TOLD))
    narrator = a_narrator(server)
    assert (await tell(narrator)).telling.source == "ai"
    first, second = (body["max_tokens"] for body in server.asked)
    assert second == 4 * first
    assert server.modes == ["json_schema"] * 2
    assert narrator.mode == "json_schema"


async def test_a_model_that_needs_room_is_given_it_from_then_on() -> None:
    server = Server(says("", finish="length"), says(TOLD))
    narrator = a_narrator(server)
    await tell(narrator)
    await tell(narrator)
    first, second, third = (body["max_tokens"] for body in server.asked)
    assert second == third == 4 * first


async def test_a_model_that_cannot_give_more_room_is_not_asked_again_without_a_limit() -> None:
    def answer(asked: dict[str, Any]) -> Any:
        if asked["max_tokens"] > 2000:
            return refuses(400, "max_tokens is too large", param="max_tokens")(asked)
        return says(json.dumps(TOLD)[:-20], finish="length")(asked)

    server = Server(answer)
    told = await tell(a_narrator(server))
    assert told.telling.dispatch == DISPATCH, "what there was of it is used"
    assert len(server.asked) == 3
    assert all("max_tokens" in body for body in server.asked)


async def test_a_server_that_does_not_hang_up_is_not_waited_for() -> None:
    async def body() -> AsyncIterator[bytes]:
        for event in chunks(json.dumps(TOLD)):
            yield f"data: {json.dumps(event)}\n\n".encode()
        yield b"data: [DONE]\n\n"
        await asyncio.Event().wait()

    headers = {"content-type": "text/event-stream"}
    server = Server(lambda _: httpx2.Response(200, headers=headers, stream=Drip(body)))
    async with asyncio.timeout(5):
        told = await tell(a_narrator(server, deadline=600.0, idle=0.05))
    assert told.telling.source == "ai"
    assert not told.till.lines[0].estimated


async def test_an_answer_without_end_is_used_as_far_as_it_goes_or_not_at_all() -> None:
    endless = json.dumps(TOLD)[:-2] + " " * 200_000
    told = await tell(a_narrator(Server(says(endless, size=5000))))
    assert told.telling.dispatch == DISPATCH

    shouting = Server(says('{"dispatch": "' + "a" * 200_000, size=5000))
    with pytest.raises(ProviderError):
        await tell(a_narrator(shouting))
    assert len(shouting.asked) < 8


async def test_brackets_ten_thousand_deep_do_no_harm() -> None:
    for text in ('{"dispatch":' + "[" * 10_000, "{" * 10_000 + "}" * 10_000, "[{" * 20_000):
        with pytest.raises(ProviderError):
            await tell(a_narrator(Server(says(text, size=4000))))


async def test_ten_megabytes_in_one_piece_are_cut_off() -> None:
    server = Server(says("x" * 10_000_000, size=10_000_000))
    async with asyncio.timeout(5):
        with pytest.raises(ProviderError):
            await tell(a_narrator(server))


async def test_a_server_that_never_answers_is_left_at_the_deadline() -> None:
    async def forever(_: dict[str, Any]) -> httpx2.Response:
        await asyncio.Event().wait()
        raise AssertionError

    till = Till()
    with pytest.raises(ProviderTimeout):
        await tell(a_narrator(Server(forever), deadline=0.05), till=till)
    assert till.statuses == ["settled"]
    assert till.lines[0].micros is not None
    assert 0 < till.lines[0].micros <= (till.lines[0].at_most or 0)


async def test_silence_in_the_middle_is_cut_off_before_the_deadline() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield f"data: {json.dumps(chunk('{'))}\n\n".encode()
        await asyncio.Event().wait()

    headers = {"content-type": "text/event-stream"}
    server = Server(lambda _: httpx2.Response(200, headers=headers, stream=Drip(body)))
    async with asyncio.timeout(5):
        with pytest.raises(ProviderTimeout):
            await tell(a_narrator(server, deadline=600.0, idle=0.02))


async def test_a_character_a_second_is_too_slow() -> None:
    clock, sent = Clock(), 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        for character in json.dumps(TOLD):
            clock.time += 1.0
            sent += 1
            yield f"data: {json.dumps(chunk(character))}\n\n".encode()

    headers = {"content-type": "text/event-stream"}
    server = Server(lambda _: httpx2.Response(200, headers=headers, stream=Drip(body)))
    with pytest.raises(ProviderTimeout):
        await tell(a_narrator(server, clock, deadline=600.0, idle=20.0))
    assert sent < 30


async def test_thinking_for_long_before_the_first_word_is_allowed() -> None:
    clock = Clock()

    async def body() -> AsyncIterator[bytes]:
        for _ in range(50):
            clock.time += 1.0
            yield f"data: {json.dumps(chunk(reasoning_content='hm'))}\n\n".encode()
        for event in chunks(json.dumps(TOLD)):
            yield f"data: {json.dumps(event)}\n\n".encode()

    headers = {"content-type": "text/event-stream"}
    server = Server(lambda _: httpx2.Response(200, headers=headers, stream=Drip(body)))
    assert (await tell(a_narrator(server, clock))).telling.source == "ai"


async def test_a_telling_that_is_cancelled_lets_go_of_its_money_and_its_call() -> None:
    closed, asked = asyncio.Event(), asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        try:
            yield f"data: {json.dumps(chunk('{'))}\n\n".encode()
            asked.set()
            await asyncio.Event().wait()
        finally:
            closed.set()

    headers = {"content-type": "text/event-stream"}
    server = Server(lambda _: httpx2.Response(200, headers=headers, stream=Drip(body)))
    till = Till()
    telling = asyncio.create_task(
        a_narrator(server).tell(a_brief(), hear=lambda _: None, purse=till)
    )
    async with asyncio.timeout(5):
        await asked.wait()
        telling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await telling
        await closed.wait()
    assert till.statuses == ["settled"]
    assert till.lines[0].estimated


class Line(Drip):
    """A body that never ends, and whether the line that it came over was hung up."""

    def __init__(self, *first: bytes) -> None:
        super().__init__(self._endless)
        self.first, self.hung_up = first, False
        self.waited_for = asyncio.Event()

    async def _endless(self) -> AsyncIterator[bytes]:
        for piece in self.first:
            yield piece
        self.waited_for.set()
        await asyncio.Event().wait()

    async def aclose(self) -> None:
        self.hung_up = True


@pytest.fixture
def no_collector() -> Iterator[None]:
    """It would hang up in the end, whenever it comes by: nobody may rely on it."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


BEGUN = f"data: {json.dumps(chunk('{'))}\n\n".encode()


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("text/html", ()),
        ("text/event-stream", (BEGUN, b'data: {"error": {"message": "no"}}\n\n')),
        ("text/event-stream", (BEGUN, b"data: [not json\n\n")),
        ("text/event-stream", (BEGUN,)),
        ("application/json", (b"{",)),
    ],
    ids=["a page", "an error in the middle", "nonsense", "silence", "half a completion"],
)
@pytest.mark.usefixtures("no_collector")
async def test_whatever_fails_the_line_is_hung_up(kind: str, first: tuple[bytes, ...]) -> None:
    lines: list[Line] = []

    def answer(_: dict[str, Any]) -> httpx2.Response:
        lines.append(Line(*first))
        return httpx2.Response(200, headers={"content-type": kind}, stream=lines[-1])

    narrator = a_narrator(Server(answer), deadline=1.0, idle=0.05)
    await narrator.open()  # Loading the SDK may take as long.
    async with asyncio.timeout(30):
        with pytest.raises(ProviderError):
            await tell(narrator)
    assert lines
    assert all(line.hung_up for line in lines)


@pytest.mark.usefixtures("no_collector")
async def test_whoever_leaves_hangs_up() -> None:
    line = Line(BEGUN)
    headers = {"content-type": "text/event-stream"}
    server = Server(lambda _: httpx2.Response(200, headers=headers, stream=line))
    telling = asyncio.create_task(tell(a_narrator(server)))
    async with asyncio.timeout(30):
        await line.waited_for.wait()
        assert not line.hung_up
        telling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await telling
    assert line.hung_up


async def test_a_budget_that_is_spent_stops_before_the_call() -> None:
    server = Server(says(TOLD))
    with pytest.raises(BudgetExhausted):
        await tell(a_narrator(server), till=Till(calls=0))
    assert server.asked == []


async def test_a_turn_it_was_told_nothing_of_is_not_asked_for() -> None:
    server = Server(says(TOLD))
    with pytest.raises(ProviderError):
        await tell(a_narrator(server), a_brief(grounding=None))
    assert server.asked == []


async def test_words_that_will_not_do_are_asked_for_once_more() -> None:
    bad = TOLD | {"dispatch": f"{DISPATCH} Suddenly the lamp goes out."}
    server = Server(says(bad), says(TOLD))
    told = await tell(a_narrator(server))
    assert told.telling.dispatch == DISPATCH
    assert told.telling.source == "ai"
    repair = server.asked[1]["messages"]
    assert len(repair) == 6
    assert "Suddenly" in repair[5]["content"]
    assert told.heard.startswith(DISPATCH), "the first words were heard, the second were not"
    assert told.heard.count(DISPATCH) == 1


async def test_words_that_still_will_not_do_give_way_to_the_built_in_ones() -> None:
    bad = TOLD | {"dispatch": f"{DISPATCH} Corporal Hale waves at you."}
    brief = a_brief(grounding=a_grounding(grows=True))
    proposed = {"facts": [{"text": "Hale waves.", "about": "here"}]}
    server = Server(says(bad | {"proposed": proposed}))
    told = await tell(a_narrator(server), brief)
    assert told.telling.dispatch == brief.wording.dispatch
    assert told.telling.source == "offline"
    assert not told.telling.proposed, "what nobody was told of does not come to be"
    assert texts(told.telling.choices)[0] == TOLD["choices"][0]["text"]
    assert len(server.asked) == 2
    assert sum(line.micros or 0 for line in told.till.lines) == 2 * 235


async def test_a_second_answer_that_fails_leaves_the_first_with_built_in_words() -> None:
    bad = TOLD | {"dispatch": "Too short."}
    for server, till in (
        (Server(says(bad), refuses(401)), Till()),
        (Server(says(bad), says("no idea", finish="stop")), Till()),
        (Server(says(bad)), Till(calls=1)),
    ):
        told = await tell(a_narrator(server), till=till)
        assert told.telling.dispatch == a_brief().wording.dispatch
        assert told.telling.source == "offline"


async def test_parts_that_are_missing_have_their_built_in_words() -> None:
    told = await tell(a_narrator(Server(says({"dispatch": DISPATCH}))))
    brief = a_brief()
    assert told.telling.source == "ai"
    assert told.telling.choices == brief.choices
    assert told.telling.vision_dispatch == brief.wording.vision_dispatch
    assert told.telling.situation == brief.wording.situation
    assert told.telling.summary == brief.wording.summary


async def test_markup_never_reaches_the_player() -> None:
    said = DISPATCH.replace("small clean", "**small** <b>clean</b>").replace("a lamp", "a `lamp`")
    marked = TOLD | {"dispatch": f"# [Turn](http://a.test/x) 4\n\n{said}"}
    told = await tell(a_narrator(Server(says(marked))))
    assert told.telling.dispatch == f"Turn 4\n{DISPATCH}"


async def test_many_tellings_at_once_share_one_narrator() -> None:
    def by_turn(asked: dict[str, Any]) -> httpx2.Response:
        action = asked["messages"][-1]["content"]
        number = action.partition("<<<PLAYER\nDig hole ")[2].partition("\n")[0]
        return stream_of(chunks(json.dumps(TOLD | {"summary": f"Dug hole {number}."})))

    narrator = a_narrator(Server(by_turn))
    told = await asyncio.gather(
        *(tell(narrator, a_brief(action=f"Dig hole {n}")) for n in range(20))
    )
    assert [one.telling.summary for one in told] == [f"Dug hole {n}." for n in range(20)]
    await narrator.close()
