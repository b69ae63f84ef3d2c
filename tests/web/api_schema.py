"""What the server says of its data, for the client's types: `python -m tests.web.api_schema`."""

import hashlib
import json
import sys
from typing import Any

from app.main import create_app
from app.settings import ServiceSettings


def schemas() -> dict[str, Any]:
    """By name, as in the OpenAPI document."""
    found: dict[str, Any] = create_app(ServiceSettings()).openapi()["components"]["schemas"]
    return found


def digest(of: Any) -> str:
    """Stands for a document, whatever the order of its keys; or for a text."""
    text = of if isinstance(of, str) else json.dumps(of, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


if __name__ == "__main__":
    told = schemas()
    sys.stdout.write(json.dumps({"schemas": told, "digest": digest(told)}))
