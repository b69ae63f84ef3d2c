"""The documents that teach the API: `/openapi.json` with played examples, and `/docs`."""

import asyncio
import json
import re
from collections.abc import Sequence
from importlib import resources
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.sse import EventSourceResponse
from fastapi.staticfiles import StaticFiles

from app.edge.bodies import ACCESS
from app.edge.envelope import Failure
from app.edge.headers import docs
from app.edge.routes import RouteTable
from app.edge.service import Service

EXAMPLES: Final = "examples.json"
"""Beside this module: what was asked and answered in a played game, by operation id.
`python -m tests.http.record_examples` writes it anew."""

ASSETS_PATH: Final = "/docs-assets"
_DEMANDS: Final = frozenset(("required", "oneOf", "anyOf"))
"""What in a schema may keep `{}` from being enough."""
_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
"""The one that stands in the page of the docs."""

DESCRIPTION: Final = """
AI-illustrated survival stories that many people play at once.

**Play**: `POST /api/game/intro`, then `POST /api/game/action` with one of the four choices that
were offered, or with your own words. Every game is a *session*, named by `session_id`; left out,
it is `default`. Sessions never see each other.

**Answers** come in one envelope: `{"success": true, "message", "data"}`. Errors as
`{"success": false, "error", "details", "code"}`; `code` is stable, and programs decide by it.

**Once**: send an `Idempotency-Key` with every request that plays, and a retry never plays a
second turn. Send `expected_turn` and a click on an old screen is refused instead of played.
"""


class Documented(FastAPI):
    """An app whose OpenAPI document carries an example for every request and answer."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas["Failure"] = Failure.model_json_schema()
            _type_streams(document)
            _allow_no_body(document, schemas)
            service: Service = self.state.service
            if service.gate is not None:
                _say_what_to_show(document, visitors=service.settings.visitors)
            _show_examples(document, load_examples())
        return self.openapi_schema or {}


def load_examples() -> dict[str, Any]:
    """The recorded examples, by operation id."""
    text = resources.files(__package__).joinpath(EXAMPLES).read_text("utf-8")
    examples: dict[str, Any] = json.loads(text)
    return examples


def install_docs(app: FastAPI) -> None:
    """Add `/openapi.json` and `/docs`."""

    async def openapi_document(_: Request) -> Response:
        # A tenth of a second of computing the first time: not on the event loop.
        return Response(await asyncio.to_thread(_as_json, app), media_type="application/json")

    async def docs_page(_: Request) -> Response:
        page = get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=f"{app.title}: the API",
            swagger_js_url=f"{ASSETS_PATH}/swagger-ui-bundle.js",
            swagger_css_url=f"{ASSETS_PATH}/swagger-ui.css",
            swagger_favicon_url=f"{ASSETS_PATH}/favicon.png",
        )
        script = _SCRIPT.search(bytes(page.body).decode())
        page.headers.update(docs(script[1] if script else ""))
        return page

    app.router.add_route("/openapi.json", openapi_document, include_in_schema=False)
    app.router.add_route("/docs", docs_page, include_in_schema=False)
    # FastAPI would have the page fetch its parts from a CDN: blank without the internet.
    assets = StaticFiles(packages=[("fastapi_offline", "static")])
    app.router.mount(ASSETS_PATH, assets, name="docs assets")


def tags_of(tables: Sequence[RouteTable]) -> list[dict[str, Any]]:
    """The sections of the docs, in order."""
    return [{"name": table.tag, "description": table.about} for table in tables]


def _as_json(app: FastAPI) -> bytes:
    return json.dumps(app.openapi(), ensure_ascii=False).encode()


def _type_streams(document: dict[str, Any]) -> None:
    """Say of each stream what one event of it is, as FastAPI says it of its own."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                stream = answer.get("content", {}).get(EventSourceResponse.media_type)
                if stream is not None:
                    stream["itemSchema"] = _item(stream.pop("schema"))


def _item(schema: dict[str, Any]) -> dict[str, Any]:
    event = {name: value for name, value in schema.items() if name != "type"}
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": event}
    fields = {
        "data": data,
        "event": {"type": "string"},
        "id": {"type": "string"},
        "retry": {"type": "integer", "minimum": 0},
    }
    return {"type": "object", "properties": fields, "required": ["data"]}


def _allow_no_body(document: dict[str, Any], schemas: dict[str, Any]) -> None:
    """An empty body means `{}`, which is enough wherever nothing in it must be said."""
    for operations in document["paths"].values():
        for operation in operations.values():
            body = operation.get("requestBody", {})
            schema = body.get("content", {}).get("application/json", {}).get("schema")
            if schema is not None:
                named = schemas[schema["$ref"].rpartition("/")[2]]
                body["required"] = not named.keys().isdisjoint(_DEMANDS)


def _say_what_to_show(document: dict[str, Any], *, visitors: bool) -> None:
    """Per operation, what the gate lets in; browsers show their tokens as cookies."""
    key: dict[str, Any] = {"serviceKey": []}
    token: dict[str, Any] = {"sessionToken": []}
    shown: dict[str, list[dict[str, Any]]] = {
        "public": [],
        "visitor": [{}, key, token] if visitors else [key, token],
        "session": [key, token],
        "archive": [key, token],
        "service": [key],
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["security"] = shown[operation[ACCESS]]
    document["components"]["securitySchemes"] = {
        "serviceKey": _bearer("A key of the service's: may do everything."),
        "sessionToken": _bearer(
            "A token of the session that the request is about: the header `Elsewhere-Token` of the "
            "answer that made it, or `POST /api/sessions/{session_id}/tokens`."
        ),
    }


def _bearer(about: str) -> dict[str, str]:
    return {"type": "http", "scheme": "bearer", "description": about}


def _show_examples(document: dict[str, Any], examples: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            example = examples.get(operation["operationId"])
            if example is not None:
                _show(operation, example)


def _show(operation: dict[str, Any], example: dict[str, Any]) -> None:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None and "body" in example:
        body["example"] = example["body"]
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in example.get("parameters", {}):
            parameter["example"] = example["parameters"][parameter["name"]]
    content = operation["responses"][str(example["status"])]["content"]
    for media_type, value in example["answers"].items():
        content.setdefault(media_type, {})["example"] = value
