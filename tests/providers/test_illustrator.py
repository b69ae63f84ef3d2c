"""Asking for a picture: references, what a server refuses, time, money and trouble."""

import asyncio
import base64
import gc
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import Response
from fastapi.responses import StreamingResponse

from app.engine.providers.openai_compatible.breaker import Breaker
from app.engine.providers.openai_compatible.fetch import MAX_BYTES
from app.engine.providers.openai_compatible.image_asking import STRIKES, Learnt
from app.engine.providers.openai_compatible.prices import Prices
from app.errors import BudgetExhausted, ProviderError, ProviderTimeout
from app.models.narration import PictureRequest
from tests.providers.asked import Asked
from tests.providers.fake_openai import FakeOpenAI, Refused, listening
from tests.providers.painting import (
    LOCAL_URL,
    OPENAI_URL,
    BookPurse,
    BrokenSketcher,
    Sketcher,
    SlowSketcher,
    a_request,
    a_scene,
    an_illustrator,
    as_json,
    in_chat,
    in_data,
    marked_webp,
)
from tests.providers.profiles import GRUDGING, LLAMA_CPP, OLLAMA, OPENAI, Profile
from tests.providers.stills import HTML, SVG, animated, encoded, opened, png_claiming

PREVIOUS = marked_webp("Zqprevious")
PLAIN = Profile("plain")
"""Takes everything."""
NOT_FOUND = Refused(404, "Not Found")


def full(**fields: Any) -> PictureRequest:
    return a_request(previous=PREVIOUS, **fields)


def paths(fake: FakeOpenAI) -> list[str]:
    return [asked.path.removeprefix("/v1/") for asked in fake.asked]


EDIT, GENERATE, CHAT = "images/edits", "images/generations", "chat/completions"


# -- the picture ---------------------------------------------------------------------------


@pytest.mark.parametrize("profile", [OPENAI, OLLAMA, GRUDGING, PLAIN], ids=lambda one: one.name)
@pytest.mark.parametrize("picture_as", ["b64_json", "url"])
async def test_every_server_that_paints_gives_webp_of_the_scenes_size(
    profile: Profile, picture_as: Any
) -> None:
    fake = FakeOpenAI(Profile(profile.name, edit=profile.edit, picture_as=picture_as))
    async with an_illustrator(fake, LOCAL_URL, sketcher=Sketcher()) as illustrator:
        picture = await illustrator.paint(full(), purse=BookPurse())

    shown = opened(picture.data)
    assert (shown.format, shown.size) == ("WEBP", (320, 240))


async def test_over_real_sockets_too() -> None:
    fake = FakeOpenAI(Profile("url", picture_as="url"))
    async with (
        listening(fake.app) as url,
        an_illustrator(httpx2.AsyncHTTPTransport(), url, sketcher=Sketcher()) as illustrator,
    ):
        picture = await illustrator.paint(full(), purse=BookPurse())
    assert opened(picture.data).size == (320, 240)


# -- references ----------------------------------------------------------------------------


async def test_openai_is_shown_both_references_as_webp() -> None:
    fake, sketcher = FakeOpenAI(OPENAI), Sketcher()
    async with an_illustrator(fake, sketcher=sketcher) as illustrator:
        await illustrator.paint(full(), purse=BookPurse())

    (asked,) = fake.asked
    assert asked.path == "/v1/images/edits"
    assert [(one.name, one.filename, one.media_type) for one in asked.files] == [
        ("image[]", "composition.webp", "image/webp"),
        ("image[]", "look.webp", "image/webp"),
    ]
    assert asked.files[1].data == PREVIOUS
    assert "Image 1 is a rough render" in asked.prompt
    assert "Image 2 is the frame before" in asked.prompt
    assert asked.fields["output_format"] == "webp"
    assert "response_format" not in asked.fields
    assert "safety_identifier" not in asked.fields
    assert "moderation" not in asked.fields
    assert sketcher.requests[0].previous is None


async def test_other_servers_are_shown_png() -> None:
    fake = FakeOpenAI(PLAIN)
    async with an_illustrator(fake, LOCAL_URL, sketcher=Sketcher()) as illustrator:
        await illustrator.paint(full(), purse=BookPurse())

    (asked,) = fake.asked
    assert [one.filename for one in asked.files] == ["composition.png", "look.png"]
    assert all(opened(one.data).format == "PNG" for one in asked.files)
    assert all(b"Zqprevious" not in one.data for one in asked.files)
    assert asked.fields["response_format"] == "b64_json"


@pytest.mark.parametrize(
    ("references", "files", "wants"),
    [
        ("both", ["composition.webp", "look.webp"], True),
        ("composition", ["composition.webp"], False),
        ("look", ["look.webp"], True),
        ("none", [], False),
    ],
)
async def test_the_references_are_those_of_the_settings(
    references: Any, files: list[str], wants: bool
) -> None:
    fake, sketcher = FakeOpenAI(OPENAI), Sketcher()
    async with an_illustrator(fake, sketcher=sketcher, references=references) as illustrator:
        assert illustrator.wants_previous is wants
        await illustrator.paint(full(), purse=BookPurse())

    (asked,) = fake.asked
    assert [one.filename for one in asked.files] == files
    assert asked.kind == ("edit" if files else "image")
    assert bool(sketcher.requests) == ("composition.webp" in files)


async def test_the_first_picture_of_a_scene_has_nothing_to_go_on_from() -> None:
    fake = FakeOpenAI(OPENAI)
    async with an_illustrator(fake, sketcher=Sketcher()) as illustrator:
        await illustrator.paint(a_request(), purse=BookPurse())
    assert [one.filename for one in fake.asked[0].files] == ["composition.webp"]


@pytest.mark.parametrize("kind", [SlowSketcher, BrokenSketcher])
async def test_a_sketch_that_does_not_come_is_done_without(kind: type[Sketcher]) -> None:
    fake, sketcher = FakeOpenAI(OPENAI), kind()
    async with an_illustrator(fake, sketcher=sketcher, sketch_seconds=0.01) as illustrator:
        await illustrator.paint(full(), purse=BookPurse())
    assert [one.filename for one in fake.asked[0].files] == ["look.webp"]
    if isinstance(sketcher, SlowSketcher):
        assert sketcher.cancelled.is_set()


@pytest.mark.parametrize(
    "previous", [b"", HTML, PREVIOUS[:200], png_claiming(50_000, 50_000), animated("GIF")]
)
async def test_a_damaged_reference_is_left_out(previous: bytes) -> None:
    fake = FakeOpenAI(PLAIN)
    async with an_illustrator(fake, LOCAL_URL, sketcher=Sketcher()) as illustrator:
        await illustrator.paint(a_request(previous=previous), purse=BookPurse())
    assert [one.filename for one in fake.asked[0].files] == ["composition.png"]


async def test_no_sketch_is_made_for_a_server_that_would_not_look_at_it() -> None:
    fake, sketcher = FakeOpenAI(OLLAMA), Sketcher()
    async with an_illustrator(fake, LOCAL_URL, sketcher=sketcher) as illustrator:
        await illustrator.paint(full(), purse=BookPurse())
        await illustrator.paint(full(), purse=BookPurse())
    assert paths(fake) == [EDIT, GENERATE, GENERATE]
    assert len(sketcher.requests) == 1


# -- what a server refuses -----------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 405, 415, 501])
async def test_without_edits_a_picture_is_generated_and_that_is_remembered(status: int) -> None:
    fake, purse = FakeOpenAI(OPENAI), BookPurse()
    fake.script.append(Refused(status, "Unknown request URL"))
    async with an_illustrator(fake, sketcher=Sketcher()) as illustrator:
        await illustrator.paint(full(), purse=purse)
        await illustrator.paint(full(), purse=purse)
    assert paths(fake) == [EDIT, GENERATE, GENERATE]
    assert "Image 1" not in fake.asked[1].prompt
    first, *others = purse.outcomes
    assert others == ["settled", "settled"]
    assert first == ("released" if status < 500 else "settled")


async def test_what_was_learnt_is_forgotten_after_a_while() -> None:
    now = 1000.0
    fake, learnt = FakeOpenAI(OPENAI), Learnt(keeps=60.0, now=lambda: now)
    fake.script.append(NOT_FOUND)
    async with an_illustrator(fake, sketcher=Sketcher(), learnt=learnt) as illustrator:
        await illustrator.paint(full(), purse=BookPurse())
        now += 59
        await illustrator.paint(full(), purse=BookPurse())
        now += 1
        await illustrator.paint(full(), purse=BookPurse())
    assert paths(fake) == [EDIT, GENERATE, GENERATE, EDIT]


async def test_a_server_without_image_routes_is_asked_in_a_chat() -> None:
    fake = FakeOpenAI(LLAMA_CPP)
    url = f"data:image/png;base64,{base64.b64encode(encoded('PNG')).decode()}"
    fake.script.extend([NOT_FOUND, NOT_FOUND, in_chat(url), in_chat(url)])
    async with an_illustrator(fake, LOCAL_URL, sketcher=Sketcher()) as illustrator:
        picture = await illustrator.paint(full(), purse=BookPurse())
        await illustrator.paint(full(), purse=BookPurse())

    assert opened(picture.data).size == (320, 240)
    assert paths(fake) == [EDIT, GENERATE, CHAT, CHAT]
    wanted = fake.asked[-1].json
    assert wanted["modalities"] == ["image", "text"]
    pieces = wanted["messages"][0]["content"]
    assert [piece["type"] for piece in pieces] == ["text", "image_url", "image_url"]
    assert all(
        piece["image_url"]["url"].startswith("data:image/webp;base64,") for piece in pieces[1:]
    )


async def test_a_server_that_refuses_everything_is_having_an_outage() -> None:
    fake = FakeOpenAI(OPENAI)
    fake.script.extend([NOT_FOUND] * 3)
    async with an_illustrator(fake, sketcher=Sketcher()) as illustrator:
        with pytest.raises(ProviderError):
            await illustrator.paint(full(), purse=BookPurse())
        await illustrator.paint(full(), purse=BookPurse())
    assert paths(fake) == [EDIT, GENERATE, CHAT, EDIT]


@pytest.mark.parametrize(
    "refused",
    ["quality", "size", "output_format", "output_compression"],
)
@pytest.mark.parametrize("named", ["param", "message"])
async def test_a_refused_parameter_is_left_out_from_then_on(refused: str, named: str) -> None:
    fake, purse = FakeOpenAI(OPENAI), BookPurse()
    if named == "param":
        fake.script.append(Refused(400, "No.", "invalid_value", refused))
    else:
        fake.script.append(Refused(400, f"Unknown parameter: '{refused}'.", "unknown_parameter"))
    async with an_illustrator(fake) as illustrator:
        await illustrator.paint(a_request(), purse=purse)
        await illustrator.paint(a_request(), purse=purse)

    assert paths(fake) == [GENERATE] * 3
    before, after, later = (asked.fields for asked in fake.asked)
    assert after == later
    if refused == "size":
        assert (before["size"], after["size"]) == ("1024x768", "1536x1024")
    else:
        assert before.keys() - after.keys() == {refused}
    assert purse.outcomes == ["released", "settled", "settled"]


async def test_sizes_are_tried_down_to_none() -> None:
    fake = FakeOpenAI(OPENAI)
    fake.script.extend([Refused(400, "Unsupported size.", None, "size")] * 3)
    async with an_illustrator(fake) as illustrator:
        await illustrator.paint(a_request(), purse=BookPurse())
    sizes = [asked.fields.get("size") for asked in fake.asked]
    assert sizes == ["1024x768", "1536x1024", "1024x1024", None]


async def test_a_server_that_refuses_one_thing_after_the_other_is_followed() -> None:
    profile = Profile("none", image_refuses=frozenset({"size", "quality", "response_format"}))
    fake, purse = FakeOpenAI(profile), BookPurse()
    async with an_illustrator(fake, LOCAL_URL) as illustrator:
        await illustrator.paint(a_request(), purse=purse)
    assert fake.asked[-1].fields.keys() == {"model", "prompt"}
    assert purse.outcomes[-1] == "settled"
    assert set(purse.outcomes[:-1]) == {"released"}


async def test_a_400_that_names_nothing_costs_the_second_reference_then_the_wishes() -> None:
    fake = FakeOpenAI(PLAIN)
    fake.script.extend([Refused(400, "Bad request.")] * 3)
    async with an_illustrator(fake, LOCAL_URL, sketcher=Sketcher()) as illustrator:
        await illustrator.paint(full(), purse=BookPurse())
    seen = [
        (len(asked.files), asked.fields.get("size"), "quality" in asked.fields)
        for asked in fake.asked
    ]
    assert seen == [
        (2, "1024x768", True),
        (1, "1024x768", True),
        (1, "1536x1024", False),
        (1, "1024x1024", False),
    ]


async def test_a_server_that_takes_one_picture_gets_the_composition() -> None:
    fake = FakeOpenAI(PLAIN)
    fake.script.append(Refused(422, "image: expected one file", None, "image[]"))
    async with an_illustrator(fake, LOCAL_URL, sketcher=Sketcher()) as illustrator:
        await illustrator.paint(full(), purse=BookPurse())
        await illustrator.paint(full(), purse=BookPurse())
    names = [[(one.name, one.filename) for one in asked.files] for asked in fake.asked]
    assert names[1] == names[2] == [("image", "composition.png")]


async def test_uploads_that_are_too_large_are_not_tried_again() -> None:
    fake = FakeOpenAI(PLAIN)
    fake.script.extend([Refused(413, "Too large.")] * 2)
    async with an_illustrator(fake, LOCAL_URL, sketcher=Sketcher()) as illustrator:
        await illustrator.paint(full(), purse=BookPurse())
    assert paths(fake) == [EDIT, EDIT, GENERATE]


@pytest.mark.parametrize(
    "refused",
    [
        Refused(400, "Your request was rejected by the safety system.", "moderation_blocked"),
        Refused(400, "Billing hard limit has been reached.", "billing_hard_limit_reached"),
        Refused(401, "Incorrect API key."),
        Refused(403, "Your organization must be verified."),
        Refused(404, "The model `x` does not exist or you do not have access to it."),
        Refused(404, 'model "x" not found, try pulling it first'),
        Refused(429, "Quota.", "insufficient_quota"),
        Refused(429, "Slow down.", headers={"retry-after": "60"}),
    ],
    ids=lambda one: f"{one.status} {one.message[:12]}",
)
async def test_what_is_no_lesson_is_not_learnt(refused: Refused) -> None:
    fake, purse = FakeOpenAI(OPENAI), BookPurse()
    fake.script.append(refused)
    async with an_illustrator(fake, sketcher=Sketcher()) as illustrator:
        with pytest.raises(ProviderError) as caught:
            await illustrator.paint(full(), purse=purse)
        assert refused.message not in str(caught.value)
        await illustrator.paint(full(), purse=purse)
    assert paths(fake) == [EDIT, EDIT]
    assert purse.outcomes == ["released", "settled"]


async def test_a_server_that_says_200_to_everything_is_found_out() -> None:
    fake = FakeOpenAI(PLAIN)
    lost = as_json({"error": "Unexpected endpoint or method. (POST /v1/images/edits)"})
    fake.script.extend([lost, Response(HTML, media_type="text/html"), NOT_FOUND])
    purse = BookPurse()
    async with an_illustrator(fake, LOCAL_URL, sketcher=Sketcher()) as illustrator:
        with pytest.raises(ProviderError):
            await illustrator.paint(full(), purse=purse)
    assert paths(fake) == [EDIT, GENERATE, CHAT]
    assert set(purse.outcomes) == {"released"}


@pytest.mark.parametrize(
    "page", [Response(HTML, media_type="text/html"), as_json({"error": "Unexpected endpoint"})]
)
async def test_one_answer_without_a_picture_does_not_cost_the_references(page: Response) -> None:
    """A way is given up when it led nowhere several times in a row, and in no other case."""
    fake, learnt = FakeOpenAI(PLAIN), Learnt()
    async with an_illustrator(fake, LOCAL_URL, sketcher=Sketcher(), learnt=learnt) as illustrator:
        for _ in range(STRIKES - 1):
            fake.script.extend([page])
            await illustrator.paint(full(), purse=BookPurse())
        await illustrator.paint(full(), purse=BookPurse())
        assert paths(fake) == [EDIT, GENERATE] * (STRIKES - 1) + [EDIT]
        fake.asked.clear()
        for _ in range(STRIKES):
            assert illustrator.mode == "edit"
            fake.script.extend([page])
            await illustrator.paint(full(), purse=BookPurse())
        assert illustrator.mode == "generate"
        await illustrator.paint(full(), purse=BookPurse())
        assert paths(fake) == [EDIT, GENERATE] * STRIKES + [GENERATE]


async def test_an_empty_answer_costs_its_picture_and_teaches_nothing() -> None:
    fake = FakeOpenAI(PLAIN)
    async with an_illustrator(fake, LOCAL_URL, sketcher=Sketcher()) as illustrator:
        for _ in range(STRIKES):
            fake.script.append(Response(b"", media_type="application/json"))
            with pytest.raises(ProviderError):
                await illustrator.paint(full(), purse=BookPurse())
        await illustrator.paint(full(), purse=BookPurse())
    assert paths(fake) == [EDIT] * (STRIKES + 1)


# -- settings ------------------------------------------------------------------------------


async def test_quality_is_honoured_and_extra_goes_before_it() -> None:
    fake = FakeOpenAI(OPENAI)
    async with an_illustrator(fake) as illustrator:
        await illustrator.paint(a_request(quality="fast"), purse=BookPurse())
        await illustrator.paint(a_request(quality="high"), purse=BookPurse())
    extra = {"quality": "max", "background": "opaque"}
    async with an_illustrator(fake, extra=extra, sketcher=Sketcher()) as illustrator:
        await illustrator.paint(a_request(), purse=BookPurse())
        await illustrator.paint(full(), purse=BookPurse())
    assert [asked.fields["quality"] for asked in fake.asked] == ["low", "medium", "max", "max"]
    assert fake.asked[3].kind == "edit"
    assert fake.asked[3].fields["background"] == "opaque"


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(1024, 768, "1024x768"), (320, 240, "1024x768"), (1024, 576, "1184x672"), (768, 1024, None)],
)
async def test_the_size_asked_for_has_the_frames_shape(
    width: int, height: int, size: str | None
) -> None:
    fake = FakeOpenAI(OPENAI)
    scene = a_scene(width=width, height=height)
    async with an_illustrator(fake) as illustrator:
        picture = await illustrator.paint(a_request(scene=scene), purse=BookPurse())
    asked = fake.asked[0].fields["size"]
    assert asked == (size or "768x1024")
    assert all(int(side) % 16 == 0 for side in asked.split("x"))
    assert opened(picture.data).size == (width, height)


# -- money ---------------------------------------------------------------------------------


async def test_what_references_cost_is_reserved_for_and_shown() -> None:
    fake, purse = FakeOpenAI(OPENAI), BookPurse()
    async with an_illustrator(fake, sketcher=Sketcher()) as illustrator:
        await illustrator.paint(full(), purse=purse)

    (entry,) = purse.book
    words = len(fake.asked[0].prompt) // 4
    assert entry.units.image_input_tokens == 2000
    assert entry.units.image_output_tokens == 196
    assert entry.units.input_tokens == words
    assert entry.micros == words * 5 + 2000 * 8 + 196 * 30
    assert entry.at_most is not None
    assert entry.at_most > entry.micros
    assert (entry.provider, entry.model) == ("api.openai.com", "gpt-image-2.5-flare")
    assert entry.request_id == "req-1"
    assert not entry.estimated


async def test_a_server_that_does_not_count_is_estimated() -> None:
    fake, purse = FakeOpenAI(Profile("silent", usage=False)), BookPurse()
    async with an_illustrator(fake, sketcher=Sketcher()) as illustrator:
        await illustrator.paint(full(), purse=purse)
    (entry,) = purse.book
    assert entry.estimated
    assert entry.micros == entry.at_most
    assert entry.units.image_output_tokens == 196


async def test_an_unknown_model_has_no_price_rather_than_none_to_pay() -> None:
    fake, purse = FakeOpenAI(PLAIN), BookPurse()
    async with an_illustrator(fake, LOCAL_URL, model="sd-turbo") as illustrator:
        await illustrator.paint(a_request(), purse=purse)
    (entry,) = purse.book
    assert (entry.at_most, entry.micros) == (None, None)
    assert entry.units.images == 1


async def test_a_price_for_each_picture_is_reserved_and_paid() -> None:
    fake, purse = FakeOpenAI(Profile("silent", usage=False)), BookPurse()
    prices = Prices.load({"sd-turbo": {"per_image": 0.004}})
    async with an_illustrator(fake, LOCAL_URL, model="sd-turbo", prices=prices) as illustrator:
        await illustrator.paint(a_request(), purse=purse)
    (entry,) = purse.book
    assert entry.at_most == entry.micros == 4000


async def test_nothing_is_asked_that_cannot_be_paid() -> None:
    fake = FakeOpenAI(OPENAI)
    async with an_illustrator(fake) as illustrator:
        with pytest.raises(BudgetExhausted):
            await illustrator.paint(a_request(), purse=BookPurse(micros=100))
    assert fake.asked == []


# -- trouble -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble",
    [
        Refused(500, "Oops."),
        Refused(503, "Busy."),
        Refused(429, "Slow down.", headers={"retry-after": "0.01"}),
    ],
    ids=lambda one: str(one.status),
)
async def test_a_stumble_is_tried_again_once_and_is_no_lesson(trouble: Refused) -> None:
    fake, purse = FakeOpenAI(OPENAI), BookPurse()
    fake.script.append(trouble)
    async with an_illustrator(fake, sketcher=Sketcher()) as illustrator:
        await illustrator.paint(full(), purse=purse)
        assert paths(fake) == [EDIT, EDIT]
        fake.script.extend([trouble, trouble])
        with pytest.raises(ProviderError):
            await illustrator.paint(full(), purse=purse)
        assert paths(fake) == [EDIT] * 4
        await illustrator.paint(full(), purse=purse)
    assert paths(fake) == [EDIT] * 5
    assert purse.outcomes[0] == ("released" if trouble.status == 429 else "settled")
    assert len(purse.book) == 5


async def test_a_connection_that_breaks_is_tried_again_once() -> None:
    calls: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        calls.append(request)
        raise httpx2.ReadError("reset") if len(calls) < 2 else httpx2.ConnectError("refused")

    purse = BookPurse()
    async with an_illustrator(httpx2.MockTransport(answer)) as illustrator:
        with pytest.raises(ProviderError):
            await illustrator.paint(a_request(), purse=purse)
    assert len(calls) == 2
    assert purse.outcomes == ["settled", "released"]


async def test_a_server_that_keeps_failing_is_left_alone() -> None:
    fake, purse = FakeOpenAI(OPENAI), BookPurse()
    fake.script.extend([Refused(500, "Oops.")] * 20)
    breaker = Breaker("image", failures=3)
    async with an_illustrator(fake, breaker=breaker) as illustrator:
        for _ in range(5):
            with pytest.raises(ProviderError):
                await illustrator.paint(a_request(), purse=purse)
        assert illustrator.breaker.state == "open"
    assert len(fake.asked) == 6
    assert len(purse.book) == 6


async def test_a_picture_we_do_not_take_does_not_count_against_the_server() -> None:
    fake = FakeOpenAI(OPENAI)
    fake.script.extend([in_data(SVG)] * 4)
    breaker = Breaker("image", failures=3)
    async with an_illustrator(fake, breaker=breaker) as illustrator:
        for _ in range(4):
            with pytest.raises(ProviderError):
                await illustrator.paint(a_request(), purse=BookPurse())
        await illustrator.paint(a_request(), purse=BookPurse())
    assert breaker.state == "closed"


@pytest.mark.parametrize(
    "picture",
    [png_claiming(50_000, 50_000), encoded("PNG")[:400], HTML, SVG, animated("GIF"), b""],
    ids=["bomb", "truncated", "html", "svg", "gif", "nothing"],
)
async def test_a_bad_picture_is_refused_and_paid_for(picture: bytes) -> None:
    fake, purse = FakeOpenAI(OPENAI), BookPurse()
    fake.script.append(in_data(picture))
    async with an_illustrator(fake) as illustrator:
        with pytest.raises(ProviderError):
            await illustrator.paint(a_request(), purse=purse)
    assert len(fake.asked) == 1
    assert purse.outcomes == ["settled"]
    assert purse.book[0].estimated


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/x",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "http://[::ffff:127.0.0.1]/x",
        "http://2130706433/x",
    ],
)
async def test_an_address_we_do_not_go_to_is_not_gone_to(url: str) -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        return httpx2.Response(200, json={"data": [{"url": url}]})

    purse = BookPurse()
    async with an_illustrator(httpx2.MockTransport(answer), LOCAL_URL) as illustrator:
        with pytest.raises(ProviderError):
            await illustrator.paint(a_request(), purse=purse)
    assert asked == ["/v1/images/generations"]
    assert purse.outcomes == ["settled"]


async def test_an_answer_without_end_is_cut_off() -> None:
    sent = 0

    async def flood() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"data": [{"b64_json": "'
        while True:
            sent += 2**20
            await asyncio.sleep(0)  # Lets uvicorn hear that nobody listens any more.
            yield b"A" * 2**20

    fake, purse = FakeOpenAI(OPENAI), BookPurse()
    fake.script.append(StreamingResponse(flood(), media_type="application/json"))
    async with (
        listening(fake.app) as url,
        an_illustrator(httpx2.AsyncHTTPTransport(), url) as illustrator,
        asyncio.timeout(20),
    ):
        with pytest.raises(ProviderError):
            await illustrator.paint(a_request(), purse=purse)
    assert sent < MAX_BYTES * 2
    assert purse.outcomes == ["settled"]


async def test_an_error_of_megabytes_is_not_read_to_its_end() -> None:
    sent = 0

    async def rant() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(200):
            sent += 2**18
            await asyncio.sleep(0)
            yield b'{"error": ' + b"[" * 2**18

    fake = FakeOpenAI(OPENAI)
    fake.script.append(StreamingResponse(rant(), 400, media_type="application/json"))
    async with (
        listening(fake.app) as url,
        an_illustrator(httpx2.AsyncHTTPTransport(), url, deadline=5.0) as illustrator,
    ):
        with pytest.raises(ProviderError):
            await illustrator.paint(a_request(), purse=BookPurse())
    assert sent < 100 * 2**18


# -- time ----------------------------------------------------------------------------------


async def _never(_: Asked) -> None:
    await asyncio.Event().wait()


async def test_the_deadline_covers_everything() -> None:
    fake, purse = FakeOpenAI(OPENAI), BookPurse()
    fake.before = _never
    async with an_illustrator(fake, deadline=0.2) as illustrator:
        with pytest.raises(ProviderTimeout):
            await illustrator.paint(a_request(), purse=purse)
    assert purse.outcomes == ["settled"]
    assert purse.book[0].estimated


async def test_an_answer_that_stops_in_its_middle_is_given_up() -> None:
    async def stops() -> AsyncIterator[bytes]:
        yield b'{"data": [{"b64_json": "AAAA'
        await asyncio.Event().wait()

    fake, purse = FakeOpenAI(OPENAI), BookPurse()
    fake.script.append(StreamingResponse(stops(), media_type="application/json"))
    async with (
        listening(fake.app) as url,
        an_illustrator(httpx2.AsyncHTTPTransport(), url, idle=0.1) as illustrator,
    ):
        with pytest.raises(ProviderTimeout):
            await illustrator.paint(a_request(), purse=purse)
    assert purse.outcomes == ["settled"]


async def test_who_cancels_leaves_nothing_behind() -> None:
    fake, purse, arrived = FakeOpenAI(OPENAI), BookPurse(), asyncio.Event()
    left = asyncio.Event()

    async def held(_: Asked) -> None:
        arrived.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    fake.before = held
    async with an_illustrator(fake) as illustrator:
        before = asyncio.all_tasks()
        painting = asyncio.create_task(illustrator.paint(a_request(), purse=purse))
        await arrived.wait()
        painting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await painting
        assert left.is_set()
        assert asyncio.all_tasks() == before
        fake.before = FakeOpenAI().before
        await illustrator.paint(a_request(), purse=purse)
    assert purse.outcomes == ["settled", "settled"]
    assert purse.book[0].estimated
    assert not purse.book[1].estimated
    gc.collect()  # A socket or a stream left open would be complained of here.


async def test_openais_own_rules_are_known_from_its_address() -> None:
    fake = FakeOpenAI(OPENAI)
    async with an_illustrator(fake, OPENAI_URL) as illustrator:
        await illustrator.paint(a_request(), purse=BookPurse())
    assert fake.asked[0].fields.keys() == {
        "model",
        "prompt",
        "size",
        "quality",
        "output_format",
        "output_compression",
    }
