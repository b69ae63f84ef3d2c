"""`elsewhere doctor`: what it says of models that work, and of those that do not."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI, Response

from app.cli import main
from app.doctor import ILL, WELL, examine
from app.main import SHIPPED_WORLDS
from app.settings import ServiceSettings
from tests.providers.fake_openai import FakeOpenAI, Refused, listening
from tests.providers.profiles import ANY, SILENT

CANARY = "sk-canary-0815"


def _settings(base_url: str, **more: object) -> ServiceSettings:
    return ServiceSettings.model_validate(
        {
            "text_base_url": base_url,
            "text_model": "gpt-6-luna",
            "text_api_key": CANARY,
            "image_base_url": base_url,
            "image_model": "gpt-image-2.5-flare",
            "image_api_key": CANARY,
            **more,
        }
    )


async def test_what_works_and_what_a_turn_costs(capsys: pytest.CaptureFixture[str]) -> None:
    fake = FakeOpenAI(ANY)
    async with listening(fake.app) as base_url:
        status = await examine(_settings(base_url, day_budget_usd=2.0), SHIPPED_WORLDS)
    said = capsys.readouterr().out
    assert status == WELL
    assert "json_schema mode" in said
    assert "first words after" in said
    assert "edit, 1024x768" in said
    assert "a game of 40 turns: $" in said
    assert "stop at $2.00 a day" in said
    assert "WARNING" not in said
    assert CANARY not in said
    assert len(fake.calls("text")) == len(fake.calls("edit")) == 1


async def test_a_model_that_will_be_shut_down_is_warned_of(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fake = FakeOpenAI(ANY)
    ends = datetime.now(UTC).date() + timedelta(days=9)
    fake.shutdown_date = str(ends)
    async with listening(fake.app) as base_url:
        await examine(_settings(base_url), SHIPPED_WORLDS)
    assert f"gpt-6-luna is shut down on {ends}" in capsys.readouterr().out


async def test_the_mode_that_was_found_and_a_price_that_is_not_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fake = FakeOpenAI(SILENT)
    async with listening(fake.app) as base_url:
        settings = ServiceSettings(text_base_url=base_url, text_model="some-small-model")
        status = await examine(settings, SHIPPED_WORLDS)
    said = capsys.readouterr().out
    assert status == WELL
    assert " mode" in said
    assert "price unknown" in said
    assert "image: built in" in said


@pytest.mark.parametrize(
    ("refused", "reason"),
    [(Refused(401, "No such key."), "401"), (Refused(404, "No such model."), "404")],
)
async def test_what_does_not_work_is_said_in_one_line(
    refused: Refused, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = FakeOpenAI(ANY)
    fake.script.extend([refused] * 20)
    async with listening(fake.app) as base_url:
        status = await examine(_settings(base_url), SHIPPED_WORLDS)
    said = capsys.readouterr().out
    assert status == ILL
    assert f"does not work: 127.0.0.1:{base_url.split(':')[2].split('/')[0]}" in said
    assert reason in said
    assert CANARY not in said


def test_without_models_there_is_nothing_to_try(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out.count("built in") == 2


def test_a_price_that_is_none_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELSEWHERE_TEXT_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("ELSEWHERE_TEXT_MODEL", "mine")
    monkeypatch.setenv("ELSEWHERE_PRICES", '{"mine": {"input": "a lot"}}')
    assert main(["doctor"]) == 2
    said = capsys.readouterr().err
    assert "ELSEWHERE_PRICES: input" in said
    assert said.count("\n") == 1


async def test_a_clip_is_tried_where_a_server_makes_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    films = FastAPI(openapi_url=None)
    job = {"id": "v1", "status": "completed"}
    films.add_api_route("/v1/videos", lambda: job, methods=["POST"])
    content = Response(b"\0\0\0\x18ftypmp42" + b"\0" * 2048, media_type="video/mp4")
    films.add_api_route("/v1/videos/v1/content", lambda: content, response_model=None)
    async with listening(films) as base_url:
        settings = ServiceSettings(video_base_url=base_url, video_model="reel")
        status = await examine(settings, SHIPPED_WORLDS)
    said = capsys.readouterr().out
    assert status == WELL
    assert "video: reel" in said
    assert "works: 4 s asked for, 2 KiB" in said
