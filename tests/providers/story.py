"""What the double's models say and paint: the same for the same question, and always valid."""

import io
import json
import re
import zlib
from collections.abc import Mapping
from typing import Any

from PIL import Image as Pixels

from tests.providers.asked import Asked

MARKER = re.compile(r"Zq\w+?marker")
"""Words that a test plants in one session and looks for in all the others."""

_SENTENCES = (
    "You hold still and let the moment pass over you.",
    "The air is thin and dry, and it tastes of old iron.",
    "Something settles behind you with a small, patient sound.",
    "You count your own breath until the count is steady again.",
    "Then the light shifts by a finger's breadth, and you see what to do next.",
)
_SLOT = re.compile(r"^- slot (\S+) \([^)]*\): (.*)$", re.MULTILINE)


def telling(asked: Asked) -> dict[str, Any]:
    """One turn told: every slot of the prompt worded anew, and every marker of it said aloud."""
    spoken = " ".join(dict.fromkeys(MARKER.findall(asked.prompt)))
    aloud = f" You say it aloud: {spoken}." if spoken else ""
    told: dict[str, Any] = {
        "dispatch": " ".join(_SENTENCES) + aloud,
        "vision_dispatch": f"A quiet place under a pale sky. {spoken}".strip(),
        "situation": "You stand where you stood.",
        "choices": [
            {"slot": slot, "text": f"{text[:78]}, slowly"}
            for slot, text in _SLOT.findall(asked.prompt)
        ],
        "summary": f"You kept still and looked. {spoken}".strip(),
        "proposed": None,
    }
    schema = schema_of(asked)
    return fitted(told, schema, schema.get("$defs", {})) if schema else told


def schema_of(asked: Asked) -> dict[str, Any]:
    """The JSON schema that an answer was asked in; empty where none was given."""
    wanted = asked.json.get("response_format") or {}
    schema: dict[str, Any] = wanted.get("json_schema", {}).get("schema", {})
    return schema


def fitted(value: Any, schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Any:
    """`value` made to fit `schema`, as a grammar would: what is missing is filled in plainly."""
    if "$ref" in schema:
        return fitted(value, defs[schema["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in schema:
        options = schema["anyOf"]
        null = {"type": "null"} in options
        return None if value is None and null else fitted(value, options[0], defs)
    if "enum" in schema:
        return value if value in schema["enum"] else schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            given = value if isinstance(value, dict) else {}
            wanted = schema.get("properties", {})
            return {name: fitted(given.get(name), one, defs) for name, one in wanted.items()}
        case "array":
            items = [fitted(one, schema["items"], defs) for one in value or ()]
            short = schema.get("minItems", 0) - len(items)
            return items + [fitted(None, schema["items"], defs) for _ in range(short)]
        case "string":
            return value if isinstance(value, str) else "x" * schema.get("minLength", 0)
        case "integer" | "number":
            return value if isinstance(value, int | float) else schema.get("minimum", 0)
        case "boolean":
            return bool(value)
    return value


def fenced(told: Mapping[str, Any]) -> str:
    """The answer of a model that was never taught to answer in JSON alone."""
    return f"Sure! Here is the turn you asked for:\n\n```json\n{json.dumps(told)}\n```\nEnjoy."


def colour(words: str) -> tuple[int, int, int]:
    """The colour of the picture of these words: of their markers alone, where they have any."""
    key = " ".join(sorted(set(MARKER.findall(words)))) or words
    number = zlib.crc32(key.encode())
    return number % 256, number // 256 % 256, number // 65536 % 256


def picture(words: str, size: str = "1024x1024", encoding: str = "png") -> bytes:
    """A flat picture of these words."""
    width, _, height = size.partition("x")
    area = (int(width), int(height)) if height else (1024, 1024)
    file = io.BytesIO()
    Pixels.new("RGB", area, colour(words)).save(file, encoding.upper())
    return file.getvalue()
