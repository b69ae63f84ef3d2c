"""Thousands of odd requests to every route: always an answer in the envelope, never a 5xx."""

import random
import string
from typing import Any, Final

import pytest

from app.edge.routes import Route
from tests.http.conftest import Client
from tests.http.routes import SHOWN, path_of

ODD: Final = (
    None, True, False, 0, -1, 1, 7, 2**31, 2**53 - 1, 2**53, -(2**63), 1.5, 1e308, -0.0,
    "", " ", "x", "default", "mine", "0a", "0b", "1a", "LUCKY", "NORMAL", "md", "high", "null",
    "\x00", "\u202e", "\u2028", "\U0001f525", "..", "../..", "a" * 300, "a" * 301, "%s%n",
    "cinder_flat", "'; drop table", "{{7*7}}", (), (1,), ("default",),
)  # fmt: skip
UNDER_API: Final = tuple(route for route in SHOWN if route.answers is None)
CASES: Final = 1500


class Odd:
    """Makes requests that are half right, from a seed."""

    def __init__(self, seed: int, document: dict[str, Any]) -> None:
        self._random = random.Random(seed)
        self._schemas = document["components"]["schemas"]
        self._document = document

    def request(self, route: Route) -> tuple[str, dict[str, Any], Any]:
        """A path, query parameters and a body."""
        operation = self._document["paths"][route.path][route.method.lower()]
        parts, query = {}, {}
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                parts[parameter["name"]] = self._part(parameter["name"])
            elif parameter["in"] == "query" and self._random.random() < 0.5:
                query[parameter["name"]] = str(self._random.choice(ODD))
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        body = self._value(schema, 0) if schema else None
        return path_of(route, **parts), query, body

    def _part(self, name: str) -> str:
        if self._random.random() < 0.6:
            return "default" if name == "session_id" else "cinder_flat"
        letters = string.ascii_letters + string.digits + "._-~!$&'()*+,;=:@"
        return "".join(self._random.choices(letters, k=self._random.randint(1, 70)))

    def _value(self, schema: dict[str, Any], depth: int) -> Any:
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        kinds = schema.get("anyOf", [schema])
        schema = self._random.choice(kinds)
        if "$ref" in schema:
            return self._value(schema, depth)
        if "properties" in schema and (depth == 0 or self._random.random() < 0.8):
            fields = schema["properties"].items()
            return {
                name: self._value(one, depth + 1)
                for name, one in fields
                if self._random.random() < 0.6
            }
        right = schema.get("enum") or schema.get("examples")
        if right and self._random.random() < 0.6:
            return self._random.choice(right)
        if schema.get("type") == "integer" and self._random.random() < 0.6:
            return self._random.randint(0, 3)
        if schema.get("type") == "boolean" and self._random.random() < 0.8:
            return self._random.random() < 0.5
        return self._random.choice(ODD)


@pytest.mark.parametrize("seed", range(3))
async def test_no_request_is_too_odd(client: Client, seed: int) -> None:
    await client.intro()
    odd = Odd(seed, client.app.openapi())
    chosen = random.Random(seed)
    met = set()
    for _ in range(CASES):
        route = chosen.choice(UNDER_API)
        path, query, body = odd.request(route)
        response = await client.request(route.method, path, params=query, json=body)
        told = response.json()
        asked = (route.method, path, query, body)
        assert response.status_code < 500, (asked, told)
        if route.path != "/api/health":
            assert told["success"] is response.is_success, asked
            assert response.is_success or told["code"], asked
        met.add((route.operation_id, response.is_success))
    assert len({name for name, good in met if good}) > 20, "most routes were met in good order"
