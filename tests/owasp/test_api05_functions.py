"""API5:2023, Broken Function Level Authorization: what takes a key, reached without one.

OWASP's scenarios: the same address with another method does what only administrators may; an
address for administrators that somebody guesses. `tests/http/test_access.py` asks every route with
every credential. Here: the same routes by other names, other methods and other manners.
"""

from typing import Final

from app.routers.legacy import PROMPTS
from tests.http.conftest import assert_failed
from tests.http.house import KEY, OURS, House, bearer
from tests.http.routes import OUTSIDE, ROUTES, path_of

SERVICES: Final = tuple(route for route in ROUTES if route.access == "service")
OTHER_NAMES: Final = (
    "/METRICS",
    "/metrics/",
    "//metrics",
    "/%6detrics",
    "/metrics;.css",
    "/metrics.json",
    "/metrics%00",
    "/metrics%20",
    "/./metrics",
    "/assets/../metrics",
    "/api/..;/metrics",
    "/docs-assets/..%2f..%2fmetrics",
    "/docs-assets/../metrics",
    "/api/CONFIG",
    "/api/config/",
    "/api//config",
    "/api/%63onfig",
    "/api/prompts/%2e%2e/config",
)


def test_what_takes_a_key_is_named_here() -> None:
    """So that a route which should take one and does not is a decision and no oversight."""
    assert {(route.method, route.path) for route in SERVICES} == {
        ("GET", "/metrics"),
        ("GET", "/api/config"),
        ("POST", "/api/config"),
        ("GET", "/api/prompts/{key}"),
    }


async def test_another_spelling_is_no_way_around(house: House) -> None:
    before = house.digest()
    for path in OTHER_NAMES:
        url = f"http://elsewhere.test{path}"
        for method in ("GET", "POST", "HEAD", "OPTIONS", "TRACE", "PUT"):
            for shown in ({}, bearer(house.ours), {"X-Original-URL": "/metrics"}):
                response = await house.client.request(method, url, headers=shown)
                assert response.status_code in (401, 403, 404, 405), (method, path)
                assert b"elsewhere_http_requests_total" not in response.content
                assert b"IMAGE_ENABLED" not in response.content
    assert house.digest() == before


async def test_another_method_is_not_another_right(house: House) -> None:
    """As `GET` became `POST` on the way to an invitation: by the method itself, and by the headers
    and fields by which frameworks let it be changed."""
    before = house.kept()
    watch = bearer(
        (
            await house.client.data(
                "POST", f"/api/sessions/{OURS}/tokens", json={}, headers=bearer(house.ours)
            )
        )["token"]
    )
    for_all = {(route.method, route.path) for route in ROUTES if route.access == "visitor"}
    for route in ROUTES:
        if route.method not in ("GET", "HEAD") or "/events" in route.path:
            continue
        path = path_of(route, session_id=OURS, name=house.archive)
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            for wish in ("DELETE", "PATCH", "POST"):
                await house.client.get(path, headers={**watch, name: wish})
        for method in ("POST", "PUT", "PATCH", "DELETE", "BREW"):
            response = await house.client.request(method, path, headers=watch, json={})
            refused = response.status_code in (401, 403, 404, 405, 422)
            assert refused or (method, route.path) in for_all, (method, path)
        await house.client.get(path, headers=watch, params={"_method": "DELETE"})
    assert house.kept() == before


async def test_saying_that_one_is_somebody_makes_nobody_somebody(house: House) -> None:
    """Headers that proxies and gateways set for the services behind them."""
    claims = {
        "X-Forwarded-For": "127.0.0.1",
        "X-Real-IP": "127.0.0.1",
        "X-Forwarded-User": "discord",
        "X-Remote-User": "discord",
        "X-Admin": "true",
        "X-API-Key": KEY,
        "Elsewhere-Client": "discord",
        "Elsewhere-Player": "discord",
        "Host": "localhost",
        "Origin": "http://localhost",
        "Forwarded": "for=127.0.0.1;host=localhost",
    }
    for route in SERVICES:
        path = path_of(route, key=min(PROMPTS))
        response = await house.client.request(route.method, path, headers=claims)
        assert_failed(response, 401, "unauthorized")
        response = await house.client.request(
            route.method, path, headers={**claims, **bearer(house.ours)}
        )
        assert_failed(response, 403, "forbidden")


async def test_there_is_no_other_door(house: House) -> None:
    """Of all that is mounted, what asks for nothing changes nothing."""
    assert {one.methods for one in OUTSIDE if one.asks == "nothing"} == {"GET"}
    public = {route.method for route in ROUTES if route.access == "public"}
    assert public == {"GET"}
