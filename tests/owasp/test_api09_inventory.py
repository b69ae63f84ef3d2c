"""API9:2023, Improper Inventory Management: what is there and nobody knows of, or minds.

OWASP's scenarios: an old host of an API, without the limit on guesses that the new one has; a
partner's app that was given more than anybody needed. `tests/http/test_docs.py` has that the
document holds every route and no other, `tests/http/test_headers.py` that what is mounted beside it
is listed with its reason. Here: the calls of the previous generation, and what is not there.
"""

from importlib.metadata import version

from tests.http.conftest import ClientMaker, assert_failed
from tests.http.house import KEPT, OURS, THEIRS, House, bearer
from tests.http.routes import ROUTES, SHOWN, name_of, path_of
from tests.http.test_rates import STRANGER, from_address

OLD = tuple(route for route in ROUTES if route.deprecated)
NOT_HERE = (
    "/redoc",
    "/docs/oauth2-redirect",
    "/swagger.json",
    "/openapi.yaml",
    "/api/openapi.json",
    "/api",
    "/api/",
    "/api/v0/state",
    "/api/v1/state",
    "/api/v2/state",
    "/api/beta/state",
    "/api/internal/state",
    "/api/debug",
    "/api/admin",
    "/admin",
    "/debug",
    "/console",
    "/graphql",
    "/actuator/env",
    "/server-status",
    "/metrics/prometheus",
    "/.env",
    "/.git/config",
    "/.well-known/openid-configuration",
    "/sessions/default/state.json",
    "/sessions/.share-key",
    "/static/index.html",
    "/assets/000000000000/index.html",
    "/docs-assets/../../../etc/passwd",
)


async def test_the_document_says_what_is_old_and_which_version_it_is_of(house: House) -> None:
    document = (await house.client.get("/openapi.json")).json()
    assert document["info"]["version"] == version("elsewhere")
    assert "servers" not in document, "no host of another environment is named"
    for route in SHOWN:
        operation = document["paths"][route.path][route.method.lower()]
        assert operation.get("deprecated", False) is route.deprecated, name_of(route)
        if route.deprecated:
            instead = ("Use `", "Read the state with `", "belong to the world pack now")
            assert any(words in operation["description"] for words in instead), name_of(route)
    assert {route.path for route in OLD} == {
        "/api/history",
        "/api/movement",
        "/api/config",
        "/api/prompts/{key}",
        "/api/state/save",
        "/api/state/path",
    }


async def test_an_old_call_lets_nobody_in_whom_the_new_ones_keep_out(house: House) -> None:
    before = house.digest()
    for route in OLD:
        for token, about in ((None, OURS), (house.theirs, OURS), ("nonsense", THEIRS)):
            response = await house.ask(route, token, about)
            assert response.status_code in (401, 403, 404), response.text
    assert house.digest() == before


async def test_an_old_call_is_limited_like_the_new_ones(a_client: ClientMaker) -> None:
    """OWASP's first scenario: six digits were guessed on the host without a limit. One count for
    all of them: what was asked of the new calls cannot be asked once more of the old ones."""
    async with (
        a_client(access="keys", service_keys=(KEPT,), rate_reads="5/minute") as client,
        from_address(client, STRANGER) as guesser,
    ):
        for number in range(5):
            response = await guesser.get(f"/api/state?session_id=s{number}")
            assert_failed(response, 401, "unauthorized")
        for route in OLD:
            if route.method == "GET":
                path = path_of(route)
                assert_failed(await guesser.get(path), 429, "rate_limited")
        for path in ("/", "/docs", "/openapi.json", f"/share/{OURS}", f"/p/{OURS}", "/nothing"):
            assert_failed(await guesser.get(path), 429, "rate_limited")


async def test_what_is_not_in_the_inventory_is_not_there(house: House) -> None:
    for path in NOT_HERE:
        for shown in ({}, bearer(house.ours)):
            response = await house.client.get(f"http://elsewhere.test{path}", headers=shown)
            code = "media_not_found" if path.startswith("/assets/") else "route_not_found"
            assert_failed(response, 404, code)
