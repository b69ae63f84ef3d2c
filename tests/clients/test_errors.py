"""Every error of the service is one of ours, by its code; what is no answer of it is one too."""

import inspect
from pathlib import Path
from types import MappingProxyType
from typing import Final

import httpx
import pytest

import clients.game_client as public
from clients.game_client import errors
from clients.game_client.errors import ServiceError
from tests.clients.conftest import ServiceMaker, answered_by
from tests.doubles import FailingNarrator
from tests.http.conftest import ClientMaker, Clock
from tests.http.conftest import a_client as a_client
from tests.http.test_errors import CODES, NEVER_RAISED, SCENARIOS, Stage

KINDS: Final = MappingProxyType(
    {
        "internal_error": errors.ServiceError,
        "validation_error": errors.Refused,
        "invalid_session_id": errors.Refused,
        "choice_not_offered": errors.ChoiceNotOffered,
        "idempotency_mismatch": errors.KeyReused,
        "route_not_found": errors.NotFound,
        "session_not_found": errors.SessionNotFound,
        "archive_not_found": errors.NotFound,
        "media_not_found": errors.NotFound,
        "world_not_found": errors.NotFound,
        "turn_not_found": errors.NotFound,
        "method_not_allowed": errors.Refused,
        "payload_too_large": errors.TooLarge,
        "range_not_satisfiable": errors.Refused,
        "session_exists": errors.SessionExists,
        "session_protected": errors.SessionProtected,
        "not_started": errors.NotStarted,
        "turn_in_progress": errors.Busy,
        "stale_turn": errors.Stale,
        "deadline_not_reached": errors.TooEarly,
        "no_deadline": errors.NoDeadline,
        "session_over": errors.Over,
        "provider_failed": errors.ProviderFailed,
        "provider_timeout": errors.ProviderTimedOut,
        "budget_exhausted": errors.BudgetExhausted,
        "not_ready": errors.NotReady,
        "storage_failed": errors.StorageFailed,
        "storage_full": errors.StorageFull,
        "rate_limited": errors.RateLimited,
        "request_timeout": errors.TooSlow,
        "malformed_request": errors.Refused,
        "session_damaged": errors.SessionDamaged,
        "unauthorized": errors.Denied,
        "forbidden": errors.Denied,
    }
)


def test_every_code_of_the_service_is_looked_at() -> None:
    assert set(CODES) - NEVER_RAISED <= set(KINDS)


@pytest.mark.parametrize("code", sorted(SCENARIOS))
async def test_an_error_of_the_service_is_raised_as_its_kind(
    code: str, a_client: ClientMaker, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await SCENARIOS[code](Stage(a_client, clock, tmp_path, monkeypatch))
    said = told.json()
    again = httpx.Response(told.status_code, headers=told.headers, content=told.content)
    async with answered_by(lambda _: again) as client:
        with pytest.raises(ServiceError) as raised:
            await client.state()
    error = raised.value
    assert type(error) is KINDS[code]
    assert (error.code, error.status) == (code, CODES[code])
    assert (str(error), error.details) == (said["error"], said["details"])
    wait = told.headers.get("retry-after")
    assert error.retry_after == (None if wait is None else float(wait))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.ServiceError),
        (401, errors.Denied),
        (402, errors.BudgetExhausted),
        (403, errors.Denied),
        (404, errors.NotFound),
        (408, errors.TooSlow),
        (409, errors.Conflict),
        (413, errors.TooLarge),
        (422, errors.Refused),
        (429, errors.RateLimited),
        (500, errors.ServiceError),
        (503, errors.StorageFailed),
    ],
)
async def test_a_code_of_a_newer_service_is_what_its_status_is(
    status: int, kind: type[ServiceError]
) -> None:
    body = {"success": False, "error": "New.", "code": "brand_new", "hint": {"more": [1]}}
    answer = httpx.Response(status, json=body, headers={"retry-after": "Fri, 31 Dec 1999"})
    async with answered_by(lambda _: answer) as client:
        with pytest.raises(ServiceError) as raised:
            await client.state()
    assert type(raised.value) is kind
    assert (raised.value.code, raised.value.retry_after) == ("brand_new", None)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>Welcome</html>"),
        httpx.Response(200, json={"success": True}),
        httpx.Response(200, json={"success": False, "error": "", "code": "odd"}),
        httpx.Response(200, json={"success": True, "data": {"turn": 1}}),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(200, content=b""),
        httpx.Response(302, headers={"location": "https://example.org/login"}),
        httpx.Response(403, text="Forbidden by the proxy"),
        httpx.Response(500, json={"detail": "Another program's error"}),
        httpx.Response(404, json=["not", "ours"]),
    ],
    ids=lambda answer: f"{answer.status_code} {answer.text[:20]}",
)
async def test_what_is_not_the_service_is_told_apart(answer: httpx.Response) -> None:
    asked = []

    def answering(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return answer

    async with answered_by(answering) as client:
        with pytest.raises(errors.NotOurs) as raised:
            await client.state()
    assert raised.value.status == answer.status_code
    assert [str(url.host) for url in asked] == ["elsewhere.test"], "nobody is followed elsewhere"


async def test_every_class_is_a_public_name_and_says_what_it_is() -> None:
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        if kind.__module__ != errors.__name__:
            continue
        assert issubclass(kind, ServiceError)
        assert getattr(public, name) is kind
        assert inspect.getdoc(kind)


async def test_a_failed_turn_can_be_asked_for_again(a_service: ServiceMaker) -> None:
    narrator = FailingNarrator()
    async with a_service(narrator=narrator) as client:
        with pytest.raises(errors.ProviderFailed) as raised:
            await client.intro(key="one")
        assert raised.value.retry_after == 5
        narrator.broken = False
        assert (await client.intro(key="one")).turn == 0


@pytest.mark.parametrize("name", ["", ".", ".."])
async def test_no_name_leads_to_another_address(name: str) -> None:
    def answering(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    async with answered_by(answering) as client:
        with pytest.raises(errors.Refused) as raised:
            await client.delete_session(name)
        assert raised.value.code == "invalid_session_id"
        with pytest.raises(errors.Refused):
            await client.delete_archive(name)
        with pytest.raises(errors.Refused):
            await client.events(name).__anext__()


@pytest.mark.parametrize("name", ["../default", "a/b", "a?b=c", "a#b", "%2e%2e", "a b", "日本"])
async def test_a_name_stays_one_part_of_its_path(name: str, a_service: ServiceMaker) -> None:
    async with a_service() as client:
        await client.intro()
        with pytest.raises(ServiceError) as raised:
            await client.status(name)
        assert raised.value.code in ("invalid_session_id", "route_not_found")
        with pytest.raises(errors.Refused) as refused:
            await client.state(name)
        assert refused.value.code == "invalid_session_id"


@pytest.mark.parametrize("key", ["", " ", "a\nb", "ключ", "x" * 201, " a", "a\x7f"])
async def test_a_key_that_no_header_can_carry_is_the_callers_mistake(key: str) -> None:
    async with answered_by(lambda request: httpx.Response(200)) as client:
        with pytest.raises(ValueError, match="printable ASCII"):
            await client.intro(key=key)


async def test_an_action_is_one_thing() -> None:
    async with answered_by(lambda request: httpx.Response(200)) as client:
        with pytest.raises(ValueError, match="one of them"):
            await client.act()
        with pytest.raises(ValueError, match="one of them"):
            await client.act("default", "Wait", choice_id="1a")
