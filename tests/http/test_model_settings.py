"""Which server does what, told from two or three settings."""

import pytest
from pydantic import ValidationError

from app.settings import IMAGE_MODEL, OPENAI, TEXT_MODEL, ServiceSettings


def test_without_anything_everything_is_built_in() -> None:
    settings = ServiceSettings()
    assert settings.text is None
    assert settings.image is None


def test_openais_key_alone_takes_text_and_image_to_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-1")
    settings = ServiceSettings()
    assert settings.text is not None
    assert settings.image is not None
    assert (settings.text.base_url, settings.text.model) == (OPENAI, TEXT_MODEL)
    assert (settings.image.base_url, settings.image.model) == (OPENAI, IMAGE_MODEL)
    assert settings.text.api_key.get_secret_value() == "canary-1"
    assert "canary" not in f"{settings!r}{settings}{settings.model_dump_json()}"


def test_openais_key_is_never_sent_to_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-1")
    monkeypatch.setenv("ELSEWHERE_TEXT_BASE_URL", "http://127.0.0.1:11434/v1/")
    monkeypatch.setenv("ELSEWHERE_TEXT_MODEL", "some-model")
    monkeypatch.setenv("ELSEWHERE_TEXT_EXTRA", '{"think": false}')
    settings = ServiceSettings()
    assert settings.text is not None
    assert settings.text.base_url == "http://127.0.0.1:11434/v1"
    assert settings.text.api_key.get_secret_value() == ""
    assert settings.text.extra == {"think": False}
    assert settings.image is not None
    assert settings.image.base_url == OPENAI


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TEXT_BASE_URL", "localhost:11434", "TEXT_BASE_URL"),
        ("IMAGE_BASE_URL", "file:///etc/passwd", "IMAGE_BASE_URL"),
        ("TEXT_BASE_URL", "http://me:secret@127.0.0.1/v1", "API_KEY"),
        ("IMAGE_BASE_URL", "http://127.0.0.1:9/v1", "ELSEWHERE_IMAGE_MODEL"),
        ("DAY_BUDGET_USD", "-1", "DAY_BUDGET_USD"),
    ],
)
def test_what_cannot_be_is_said(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ELSEWHERE_{name}", value)
    with pytest.raises(ValidationError) as refused:
        ServiceSettings()
    assert said.casefold() in str(refused.value).casefold()
