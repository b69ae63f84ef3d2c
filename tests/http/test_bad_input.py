"""Whatever is sent, to whichever route: an answer in the envelope, and never a 5xx.

The routes are read from the service itself, so that a new one is covered by being there.
"""

import json
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import pytest

from app.edge.routes import Route
from app.engine.world.world import World
from app.main import create_app
from app.routers.media import IMPORT_PATH
from app.settings import ServiceSettings
from tests.http.conftest import Client, assert_failed
from tests.http.routes import ROUTES, SHOWN, TAKES_JSON, body_schema, name_of, path_of

JSON: Final = MappingProxyType({"content-type": "application/json"})
NOT_JSON: Final = MappingProxyType(
    {
        "no JSON": b"choice=run",
        "cut off": b'{"session_id": "def',
        "two documents": b"{}{}",
        "a comma too many": b'{"session_id": "default",}',
        "invalid UTF-8": b'{"session_id": "\xff\xfe"}',
        "UTF-16": '{"session_id": "default"}'.encode("utf-16"),
        "a lone surrogate": b'{"session_id": "\\ud800"}',
        "NaN": b'{"seed": NaN}',
        "infinity": b'{"seed": Infinity}',
        "a number of 5000 digits": b'{"seed": ' + b"9" * 5000 + b"}",
        "ten thousand objects deep": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        "ten thousand lists deep": b"[" * 10_000 + b"]" * 10_000,
    }
)
NOT_AN_OBJECT: Final = MappingProxyType(
    {"a list": "[]", "a string": '"run"', "a number": "7", "null": "null", "true": "true"}
)
every_json_route = pytest.mark.parametrize("route", TAKES_JSON, ids=name_of)


@pytest.fixture(scope="module")
def document(worlds: Mapping[str, World]) -> dict[str, Any]:
    """What the service says of itself: a quarter of a second that each of a hundred tests asks."""
    return create_app(ServiceSettings(), worlds=worlds).openapi()


@every_json_route
async def test_what_is_not_json_is_refused(client: Client, route: Route) -> None:
    for what, body in NOT_JSON.items():
        response = await client.request(route.method, path_of(route), content=body, headers=JSON)
        failed = assert_failed(response, 422, "validation_error")
        assert "JSON" in failed["details"], what


@every_json_route
async def test_what_is_no_object_is_refused(client: Client, route: Route) -> None:
    for what, body in NOT_AN_OBJECT.items():
        response = await client.request(route.method, path_of(route), content=body, headers=JSON)
        assert response.status_code == 422, what
        assert_failed(response, 422, "validation_error")


@every_json_route
async def test_a_body_that_does_not_say_once_that_it_is_json_is_refused(
    client: Client, route: Route
) -> None:
    for types in (
        (),
        ("text/plain",),
        ("application/x-www-form-urlencoded",),
        ("application/json", "application/json"),
        ("application/json", "text/plain"),
        ("application/jsonish",),
    ):
        headers = [("content-type", one) for one in types]
        response = await client.request(route.method, path_of(route), content="{}", headers=headers)
        assert response.status_code == 422, types
        assert_failed(response, 422, "validation_error")


@every_json_route
async def test_an_unknown_field_is_named(client: Client, route: Route) -> None:
    response = await client.request(route.method, path_of(route), json={"surprise": 1})
    failed = assert_failed(response, 422, "validation_error")
    assert "body.surprise" in failed["details"]


@every_json_route
async def test_a_field_of_the_wrong_type_is_named(
    client: Client, route: Route, document: dict[str, Any]
) -> None:
    properties = body_schema(document, route)["properties"]
    assert properties
    for field in properties:
        response = await client.request(route.method, path_of(route), json={field: [[]]})
        code = "invalid_session_id" if field == "session_id" else "validation_error"
        failed = assert_failed(response, 422, code)
        assert f"body.{field}" in failed["details"]


@every_json_route
async def test_a_text_that_is_too_long_is_named(
    client: Client, route: Route, document: dict[str, Any]
) -> None:
    properties = body_schema(document, route)["properties"]
    for field, schema in properties.items():
        if not _takes_text(schema):
            continue
        response = await client.request(route.method, path_of(route), json={field: "x" * 25_000})
        code = "invalid_session_id" if field == "session_id" else "validation_error"
        failed = assert_failed(response, 422, code)
        assert f"body.{field}" in failed["details"]
        assert "xxx" not in failed["details"]


@every_json_route
async def test_a_number_out_of_range_is_named(
    client: Client, route: Route, document: dict[str, Any]
) -> None:
    properties = body_schema(document, route)["properties"]
    for field in {"seed", "turn", "expected_turn"} & properties.keys():
        for number in (-2, 2**53, 2**70, 1.5, 1e300, True, "1"):
            response = await client.request(route.method, path_of(route), json={field: number})
            failed = assert_failed(response, 422, "validation_error")
            assert f"body.{field}" in failed["details"], number


async def test_a_whole_number_may_be_written_with_a_point(client: Client) -> None:
    """JSON knows one kind of number, and some programs write all of them so."""
    body = '{"session_id": "lua", "seed": 7.0, "settings": {"deadline_seconds": 60.0}}'
    made = await client.data("POST", "/api/sessions", content=body, headers=JSON)
    assert made["settings"]["deadline_seconds"] == 60
    assert (await client.intro("lua", expected_turn=-1.0, seed=7.0))["turn"] == 0


@every_json_route
async def test_a_body_over_the_limit_is_refused(client: Client, route: Route) -> None:
    body = json.dumps({"choice": "x" * 70_000}).encode()
    response = await client.request(route.method, path_of(route), content=body, headers=JSON)
    assert_failed(response, 413, "payload_too_large")


@every_json_route
async def test_a_body_without_a_length_is_refused_as_soon_as_it_is_too_large(
    client: Client, route: Route
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 50_000_000:
            sent += 8192
            yield b" " * 8192

    response = await client.request(route.method, path_of(route), content=endless(), headers=JSON)
    assert_failed(response, 413, "payload_too_large")


@pytest.mark.parametrize("route", SHOWN, ids=name_of)
async def test_a_method_that_the_route_does_not_take(client: Client, route: Route) -> None:
    taken = {other.method for other in ROUTES if other.path == route.path}
    if route.path == IMPORT_PATH:
        taken |= {"GET", "PATCH", "DELETE"}  # A session may be called `import`.
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - taken:
        response = await client.request(method, path_of(route))
        assert_failed(response, 405, "method_not_allowed")
        allowed = {name.strip() for name in response.headers["allow"].split(",")}
        assert allowed - {"HEAD"} == taken - {"HEAD"}


@pytest.mark.parametrize(
    "path",
    ["/api", "/api/", "/api/state/", "/api/nothing", "/nothing", "/api/game", "//api/state"],
)
async def test_an_address_that_leads_nowhere(client: Client, path: str) -> None:
    for method in ("GET", "POST"):
        response = await client.request(method, path)
        assert_failed(response, 404, "route_not_found")


BAD_IDS: Final = ("a b", "x" * 65, "ключ", "a/b", "..", "a\n", "a\x00", "", "\uff0a", "con.txt")


@pytest.mark.parametrize(
    "route", [route for route in SHOWN if "{session_id}" in route.path], ids=name_of
)
async def test_a_bad_session_id_in_the_path(client: Client, route: Route) -> None:
    for bad in ("a%20b", "x" * 65, "%D0%BA", "a%00", "a%0A", "con.txt", "*"):
        response = await client.request(route.method, path_of(route, session_id=bad))
        assert_failed(response, 422, "invalid_session_id")


@every_json_route
async def test_a_bad_session_id_in_the_body(
    client: Client, route: Route, document: dict[str, Any]
) -> None:
    if "session_id" not in body_schema(document, route)["properties"]:
        return
    for bad in BAD_IDS:
        response = await client.request(route.method, path_of(route), json={"session_id": bad})
        assert_failed(response, 422, "invalid_session_id")


async def test_a_bad_session_id_in_the_query(client: Client) -> None:
    for bad in BAD_IDS:
        response = await client.get("/api/state", params={"session_id": bad})
        assert_failed(response, 422, "invalid_session_id")


async def test_a_misspelt_parameter_does_not_read_the_default_session(client: Client) -> None:
    response = await client.get("/api/state", params={"sesion_id": "mine"})
    assert "query.sesion_id" in assert_failed(response, 422, "validation_error")["details"]


async def test_a_parameter_given_twice_is_refused(client: Client) -> None:
    response = await client.get("/api/state?session_id=default&session_id=other")
    assert_failed(response, 422, "invalid_session_id")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "before=-1", "before=1.5", "limit=" + "9" * 5000]
)
async def test_a_page_that_cannot_be(client: Client, query: str) -> None:
    response = await client.get(f"/api/sessions/default/history?{query}")
    assert_failed(response, 422, "validation_error")


async def test_an_idempotency_key_has_a_length(client: Client) -> None:
    for key in ("", "k" * 201):
        response = await client.post("/api/game/intro", headers={"Idempotency-Key": key})
        failed = assert_failed(response, 422, "validation_error")
        assert "Idempotency-Key" in failed["details"]


async def test_an_action_is_one_choice(client: Client) -> None:
    await client.intro()
    for body in ({}, {"choice": "Wait", "choice_id": "0a"}, {"choice": "  "}, {"choice": "\x01"}):
        response = await client.post("/api/game/action", json=body)
        assert_failed(response, 422, "validation_error")


async def test_a_setting_cannot_be_null_unless_it_is_the_budget(client: Client) -> None:
    path = "/api/sessions/default"
    response = await client.patch(path, json={"settings": {"images": None}})
    assert "settings.images" in assert_failed(response, 422, "validation_error")["details"]
    meta = await client.data("PATCH", path, json={"settings": {"budget_usd": None}})
    assert meta["settings"]["budget_usd"] is None


async def test_a_field_name_is_never_sent_back_unless_it_is_plain(client: Client) -> None:
    response = await client.post("/api/state/reset", json={"<script>" * 1000: 1})
    failed = assert_failed(response, 422, "validation_error")
    assert "script" not in failed["details"]


async def test_many_problems_are_summed_up(client: Client) -> None:
    body = {f"field{n}": n for n in range(40)}
    failed = assert_failed(
        await client.post("/api/state/reset", json=body), 422, "validation_error"
    )
    assert failed["details"].endswith("and 35 more")


def _takes_text(schema: dict[str, Any]) -> bool:
    kinds = schema.get("anyOf", [schema])
    return any(kind.get("type") == "string" for kind in kinds)
