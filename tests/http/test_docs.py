"""The docs teach: every route says what it does, shows it, and lists what can go wrong."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.edge.docs import load_examples
from app.edge.envelope import Failure
from app.edge.routes import Route
from app.errors import GameError
from app.main import TABLES
from tests.http.conftest import Client, ClientMaker
from tests.http.record_examples import recorded
from tests.http.routes import ROUTES, SHOWN, name_of, path_of

BINARY = frozenset(("image/webp", "video/mp4", "application/zip"))
NOT_UNDER_API = frozenset(("/metrics",))


@pytest.fixture
async def document(client: Client) -> dict[str, Any]:
    response = await client.get("/openapi.json")
    assert response.headers["content-type"] == "application/json"
    found: dict[str, Any] = response.json()
    return found


def operation_of(document: dict[str, Any], route: Route) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][route.path][route.method.lower()]
    return found


async def test_the_document_holds_every_route_and_no_other(document: dict[str, Any]) -> None:
    documented = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
    }
    assert documented == {(route.method, route.path) for route in SHOWN}


async def test_every_route_has_words(document: dict[str, Any]) -> None:
    for route in SHOWN:
        operation = operation_of(document, route)
        assert 5 < len(operation["summary"]) < 60, name_of(route)
        assert len(operation["description"]) > 20, name_of(route)
        assert operation["tags"], name_of(route)
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), (name_of(route), parameter["name"])


async def test_operation_ids_are_clean_and_unique() -> None:
    ids = [route.operation_id for route in SHOWN]
    assert len(set(ids)) == len(ids)
    assert all(one.isidentifier() and one == one.lower() for one in ids)


async def test_every_route_shows_a_request_and_an_answer(document: dict[str, Any]) -> None:
    for route in SHOWN:
        operation = operation_of(document, route)
        body = operation.get("requestBody", {}).get("content", {})
        if "application/json" in body:
            assert body["application/json"]["example"], name_of(route)
        for parameter in operation.get("parameters", ()):
            if parameter["required"] and parameter["in"] == "path":
                assert parameter["example"], name_of(route)
        content = operation["responses"][str(route.status)]["content"]
        shown = [kind for kind, answer in content.items() if "example" in answer]
        assert shown or content.keys() <= BINARY, name_of(route)


async def test_every_error_of_a_route_is_listed_with_an_example(document: dict[str, Any]) -> None:
    for route in SHOWN:
        responses = operation_of(document, route)["responses"]
        for error in route.raises:
            answer = responses[str(error.status)]
            example = answer["content"]["application/json"]["examples"][error.code]["value"]
            assert Failure.model_validate(example).code == error.code
            assert error.code in answer["description"]
            assert ("Retry-After" in answer.get("headers", {})) or error.retry_after is None


async def test_every_answer_under_api_is_typed_in_the_envelope(document: dict[str, Any]) -> None:
    for route in SHOWN:
        if route.answers is not None or route.path in {"/api/health", *NOT_UNDER_API}:
            continue
        content = operation_of(document, route)["responses"][str(route.status)]["content"]
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"][name]
        assert set(schema["properties"]) == {"success", "message", "data"}, name_of(route)


async def test_where_access_is_open_nothing_is_asked_for(document: dict[str, Any]) -> None:
    assert "securitySchemes" not in document["components"]
    assert not any("security" in operation_of(document, route) for route in SHOWN)


@pytest.mark.parametrize("visitors", [True, False])
async def test_the_document_says_what_the_gate_asks_for(
    a_client: ClientMaker, visitors: bool
) -> None:
    async with a_client(access="keys", visitors=visitors) as client:
        document = (await client.get("/openapi.json")).json()
        known = document["components"]["securitySchemes"]
        for route in SHOWN:
            operation = operation_of(document, route)
            asked = operation["security"]
            assert {name for one in asked for name in one} <= set(known)
            body: dict[str, str] | None
            body = {} if route.method in ("POST", "PATCH") and not route.body_type else None
            client.cookies.clear()
            answer = await client.request(route.method, path_of(route), json=body)
            closed = bool(asked) and {} not in asked
            assert (answer.status_code == 401) is closed, name_of(route)
            assert ("401" in operation["responses"]) is (route.access != "public")


async def test_an_empty_body_is_enough_where_the_document_says_so(client: Client) -> None:
    document = (await client.get("/openapi.json")).json()
    await client.intro()
    for route in SHOWN:
        body = operation_of(document, route).get("requestBody")
        if body is None or route.body_type:
            continue
        answer = await client.request(route.method, path_of(route))
        assert (answer.status_code == 422) is body["required"], (name_of(route), answer.text)


async def test_references_lead_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for reference in set(_references(document)):
        assert reference.removeprefix("#/components/schemas/") in schemas


async def test_tags_come_in_order_and_are_explained(document: dict[str, Any]) -> None:
    assert [tag["name"] for tag in document["tags"]] == [table.tag for table in TABLES]
    assert all(tag["description"] for tag in document["tags"])


async def test_the_examples_are_what_the_service_answers() -> None:
    """Playing the recorded game again gives the same examples, ids and times aside."""
    assert _shape(await recorded()) == _shape(load_examples())


async def test_only_calls_of_the_previous_generation_are_deprecated(
    document: dict[str, Any],
) -> None:
    old = {route.path for route in ROUTES if route.deprecated}
    marked = {
        path
        for path, operations in document["paths"].items()
        if any(operation.get("deprecated") for operation in operations.values())
    }
    assert marked == old
    assert "/api/state/save" in old


async def test_the_docs_page_reads_the_document(client: Client) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    assert "/openapi.json" in page.text


def test_every_error_has_a_sentence() -> None:
    for route in ROUTES:
        for error in route.raises:
            assert issubclass(error, GameError)
            assert str(error()).endswith((".", "again."))


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


MAY_BE_EMPTY = frozenset({"locked", "injuries", "threats", "inventory"})
"""Whether they hold anything is the story's affair, and changes when a world is rewritten."""


def _shape(value: Any) -> Any:
    """What a value is made of: names and types, and no contents."""
    if isinstance(value, dict):
        return {name: _shape(one) for name, one in value.items() if name not in MAY_BE_EMPTY}
    if isinstance(value, list):
        return [_shape(one) for one in value[:1]]
    if isinstance(value, str) or value is None:
        return "text"
    return type(value).__name__


def test_the_examples_hold_no_address_of_a_machine() -> None:
    text = json.dumps(load_examples())
    assert "/tmp" not in text  # noqa: S108 (looked for, not used)
    assert "/root" not in text


async def test_the_docs_page_fetches_nothing_from_elsewhere(client: Client) -> None:
    page = (await client.get("/docs")).text
    assert "http://" not in page
    assert "https://" not in page
    for address in re.findall(r'(?:src|href)="([^"]+)"', page):
        answer = await client.get(address)
        assert answer.status_code == 200, address
        assert len(answer.content) > 1000
