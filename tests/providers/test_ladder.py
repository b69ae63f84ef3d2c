"""How a narrator finds out what a server takes, remembers it, and forgets it in time."""

import json
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from app.engine.providers.openai_compatible.profiles import (
    Profile,
    Profiles,
    lower,
    refused_parameter,
)
from app.errors import ProviderError
from tests.providers.narrating import (
    LOCAL,
    OPENAI,
    TOLD,
    Clock,
    Handler,
    Server,
    a_narrator,
    an_endpoint,
    chunks,
    refuses,
    says,
    stream_of,
    tell,
)

JSON = json.dumps(TOLD)
FENCED = f"Sure! Here it is:\n```json\n{JSON}\n```\nEnjoy."
PROSE = "You walk on, and the night walks with you. What a night it is."


def takes(*modes: str, otherwise: Handler) -> Handler:
    """Answers well when asked in one of `modes`."""

    def answer(asked: dict[str, Any]) -> Any:
        mode = asked.get("response_format", {}).get("type", "prompt")
        return (says(TOLD) if mode in modes else otherwise)(asked)

    return answer


async def test_a_server_that_refuses_the_schema_is_asked_for_an_object() -> None:
    refusal = refuses(400, "response_format type json_schema is not supported")
    server = Server(takes("json_object", otherwise=refusal))
    narrator = a_narrator(server)
    assert (await tell(narrator)).telling.source == "ai"
    assert server.modes == ["json_schema", "json_schema", "json_object"], "first without bounds"
    assert narrator.mode == "json_object"
    await tell(narrator)
    assert server.modes[3:] == ["json_object"], "it is remembered"


async def test_a_server_that_refuses_every_form_is_asked_in_words() -> None:
    refusal = refuses(422, "Unknown field", param="response_format")
    server = Server(takes("prompt", otherwise=refusal))
    narrator = a_narrator(server)
    assert (await tell(narrator)).telling.source == "ai"
    assert narrator.mode == "prompt"
    form = server.asked[-1]["messages"][0]["content"]
    assert '"required": ["dispatch", "vision_dispatch"' in form
    assert "response_format" not in server.asked[-1]


async def test_a_refusal_that_names_nothing_is_remembered_only_if_less_was_the_cure() -> None:
    server = Server(takes("prompt", otherwise=refuses(400, "Bad Request")))
    narrator = a_narrator(server)
    assert (await tell(narrator)).telling.source == "ai"
    assert server.modes == ["json_schema", "json_object", "prompt"]
    assert narrator.mode == "prompt"

    hopeless = Server(refuses(400, "Bad Request"))
    narrator = a_narrator(hopeless)
    with pytest.raises(ProviderError):
        await tell(narrator)
    assert narrator.mode == "json_schema"
    assert len(hopeless.asked) == 3


async def test_prose_is_asked_for_in_another_way_within_the_turn() -> None:
    server = Server(takes("prompt", otherwise=says(PROSE)))
    narrator = a_narrator(server)
    told = await tell(narrator)
    assert told.telling.source == "ai"
    assert server.modes == ["json_schema", "json_object", "prompt"]
    assert told.heard == TOLD["dispatch"], "nothing of the prose was heard"
    assert narrator.mode == "prompt"


async def test_an_object_wrapped_in_talk_is_used_and_twice_in_a_row_means_less_is_asked() -> None:
    server = Server(says(FENCED))
    narrator = a_narrator(server)
    for mode in ("json_schema", "json_object", "json_object", "prompt", "prompt"):
        assert (await tell(narrator)).telling.source == "ai"
        assert narrator.mode == mode
    assert server.modes == ["json_schema"] * 2 + ["json_object"] * 2 + ["prompt"]


async def test_one_good_answer_forgives_a_bad_one() -> None:
    server = Server(says(FENCED), says(TOLD), says(FENCED), says(TOLD))
    narrator = a_narrator(server)
    for _ in range(4):
        await tell(narrator)
    assert server.modes == ["json_schema"] * 4
    assert narrator.mode == "json_schema"


async def test_an_object_without_the_fields_asked_for_counts_as_ignoring_the_form() -> None:
    server = Server(says({"dispatch": TOLD["dispatch"]}))
    narrator = a_narrator(server)
    await tell(narrator)
    await tell(narrator)
    assert narrator.mode == "json_object"


async def test_a_downgrade_is_forgotten_after_a_while() -> None:
    clock = Clock()
    server = Server(takes("prompt", otherwise=says(PROSE)))
    narrator = a_narrator(server, clock)
    await tell(narrator)
    clock.time += 3599
    assert narrator.mode == "prompt"
    await tell(narrator)
    clock.time += 1
    assert narrator.mode == "json_schema"


@pytest.mark.parametrize("failure", [refuses(429), refuses(500), refuses(503, "schema")])
async def test_an_outage_changes_nothing_about_how_it_is_asked(failure: Handler) -> None:
    server = Server(failure)
    narrator = a_narrator(server)
    with pytest.raises(ProviderError):
        await tell(narrator)
    assert set(server.modes) == {"json_schema"}
    assert narrator.mode == "json_schema"


async def test_broken_json_is_repaired_once_in_the_same_mode() -> None:
    server = Server(says('{"dispatch": 7, "choices": []}'), says(TOLD))
    narrator = a_narrator(server)
    assert (await tell(narrator)).telling.source == "ai"
    assert server.modes == ["json_schema"] * 2
    *before, bad, repair = server.asked[1]["messages"]
    assert bad == {"role": "assistant", "content": '{"dispatch": 7, "choices": []}'}
    assert '"dispatch" is missing' in repair["content"]
    assert before == server.asked[0]["messages"]


async def test_it_gives_up_when_nothing_helps() -> None:
    server = Server(says('{"dispatch": 7}'))
    with pytest.raises(ProviderError, match="nothing that can be used"):
        await tell(a_narrator(server))
    assert len(server.asked) <= 6


async def test_a_configured_mode_is_kept() -> None:
    server = Server(says(PROSE))
    narrator = a_narrator(server, text_mode="json_object")
    with pytest.raises(ProviderError):
        await tell(narrator)
    assert server.modes == ["json_object"] * 2, "one repair, and no other mode"
    refusing = Server(refuses(400, "response_format is not supported"))
    with pytest.raises(ProviderError):
        await tell(a_narrator(refusing, text_mode="json_schema"))
    assert set(refusing.modes) == {"json_schema"}


class Picky:
    """Refuses parameters one at a time, as servers do."""

    def __init__(self, *names: str, message: str, param: bool = True) -> None:
        self.names, self.message, self.param = names, message, param

    def __call__(self, asked: dict[str, Any]) -> httpx2.Response:
        for name in self.names:
            if name in asked:
                message = self.message.format(name=name)
                error = {"message": message, "param": name if self.param else None, "code": None}
                return httpx2.Response(400, json={"error": error})
        return stream_of(chunks(JSON))


MESSAGES = {
    "param": "No.",
    "message": "Unsupported parameter: '{name}' is not supported with this model.",
    "extra": "[{{'type': 'extra_forbidden', 'loc': ('body', '{name}')}}]",
}


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        (LOCAL, "max_tokens"),
        (LOCAL, "temperature"),
        (LOCAL, "seed"),
        (LOCAL, "stream_options"),
        (OPENAI, "max_completion_tokens"),
        (OPENAI, "reasoning_effort"),
        (OPENAI, "stream_options"),
    ],
)
async def test_a_refused_parameter_is_not_sent_again(
    base_url: str, name: str, message: str
) -> None:
    server = Server(Picky(name, message=MESSAGES[message], param=message == "param"))
    narrator = a_narrator(server, base_url=base_url)
    assert (await tell(narrator)).telling.source == "ai"
    await tell(narrator)
    assert [name in asked for asked in server.asked] == [True, False, False]
    assert set(server.modes) == {"json_schema"}


async def test_all_of_them_at_once_are_learnt_in_one_turn() -> None:
    names = ("max_tokens", "max_completion_tokens", "temperature", "seed", "stream_options")
    server = Server(Picky(*names, message=MESSAGES["message"]))
    narrator = a_narrator(server)
    told = await tell(narrator)
    assert told.telling.source == "ai"
    assert not set(names) & server.asked[-1].keys()
    assert told.till.statuses == ["released"] * 5 + ["settled"]
    before = len(server.asked)
    await tell(narrator)
    assert len(server.asked) == before + 1


async def test_the_old_name_of_the_limit_gives_way_to_the_new_one() -> None:
    message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    server = Server(Picky("max_tokens", message=message))
    await tell(a_narrator(server))
    assert "max_completion_tokens" in server.asked[1]
    assert "max_tokens" not in server.asked[1]


async def test_a_server_that_cannot_stream_is_asked_for_the_whole() -> None:
    def answer(asked: dict[str, Any]) -> httpx2.Response:
        if asked.get("stream"):
            return refuses(400, "stream is not supported", param="stream")(asked)  # type: ignore[return-value]
        message = {"role": "assistant", "content": JSON}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return httpx2.Response(200, json={"id": "c", "choices": [choice]})

    server = Server(answer)
    assert (await tell(a_narrator(server))).telling.source == "ai"
    assert "stream_options" not in server.asked[1]


async def test_a_prompt_that_is_too_long_is_nobodys_mode() -> None:
    server = Server(refuses(400, "This model's maximum context length is 2048 tokens."))
    narrator = a_narrator(server)
    with pytest.raises(ProviderError):
        await tell(narrator)
    assert len(server.asked) == 1


async def test_a_field_of_the_operators_own_is_not_left_out_silently() -> None:
    server = Server(refuses(400, "Unknown parameter: 'top_q'.", param="top_q"))
    with pytest.raises(ProviderError):
        await tell(a_narrator(server, extra={"top_q": 1}))
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("param", "reason", "sent", "name"),
    [
        ("max_tokens", "", {"max_tokens", "model"}, "max_tokens"),
        ("stream_options.include_usage", "", {"stream", "stream_options"}, "stream_options"),
        ("", "stream_options needs", {"stream", "stream_options"}, "stream_options"),
        ("", "cannot stream", {"stream", "stream_options"}, "stream"),
        ("messages", "the model is odd", {"messages", "model", "seed"}, None),
        ("", "no idea", {"seed", "temperature"}, None),
    ],
)
def test_what_a_refusal_is_about(param: str, reason: str, sent: set[str], name: str | None) -> None:
    assert refused_parameter(param, reason, frozenset(sent)) == name


def test_there_is_always_a_way_down_to_words() -> None:
    assert lower("json_schema") == "json_object"
    assert lower("json_object") == "prompt"
    assert lower("prompt") is None


def test_what_is_learnt_of_one_model_says_nothing_of_another() -> None:
    clock = Clock()
    profiles = Profiles(keeps=10, now=clock)
    here, there = an_endpoint(), an_endpoint(model="other")
    profiles.learn(here, Profile("prompt"))
    assert profiles.of(here).mode == "prompt"
    assert profiles.of(there).mode == "json_schema"
    clock.time += 9
    profiles.learn(here, Profile("prompt"))
    clock.time += 1
    assert profiles.of(here).mode == "json_schema", "its use does not keep it"


def test_a_limit_that_is_refused_under_both_names_is_left_out() -> None:
    profile = Profile("prompt").without("max_tokens")
    assert profile.cap == "max_completion_tokens"
    assert profile.without("max_completion_tokens").cap == ""


SCHEMAS: Mapping[str, Any] = {
    "grammar": "failed to parse grammar",
    "openai": "Invalid schema for response_format 'turn': 'maxLength' is not permitted.",
    "param": "Invalid parameter",
}


@pytest.mark.parametrize("reason", SCHEMAS)
async def test_a_schema_that_is_refused_for_its_bounds_goes_without_them(reason: str) -> None:
    def answer(asked: dict[str, Any]) -> Any:
        if "maxLength" in json.dumps(asked.get("response_format", {})):
            param = "response_format" if reason == "param" else None
            return refuses(400, SCHEMAS[reason], param=param)(asked)
        return says(TOLD)(asked)

    server = Server(answer)
    narrator = a_narrator(server)
    assert (await tell(narrator)).telling.source == "ai"
    assert narrator.mode == "json_schema"
    assert len(server.asked) == 2


async def test_what_an_outage_refuses_is_not_remembered() -> None:
    refusal = refuses(400, "response_format, seed and temperature are not supported")
    server = Server(refusal)
    narrator = a_narrator(server)
    with pytest.raises(ProviderError):
        await tell(narrator)
    server._answers[:] = [says(TOLD)]
    asked = len(server.asked)
    await tell(narrator)
    assert server.modes[asked:] == ["json_schema"]
    assert "seed" in server.asked[-1]
