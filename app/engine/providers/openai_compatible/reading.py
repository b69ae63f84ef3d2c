"""An answer while it comes and when it is there: the dispatch as it is written, then the object."""

import json
import re
from typing import Final

import json_repair

from app.engine.providers.openai_compatible.plain import uncontrolled

MAX_TEXT: Final = 64 * 1024
"""Characters of an answer; what goes on beyond is cut off."""
MAX_HEARD: Final = 4000
_MAX_DEPTH: Final = 24
_MAX_REPAIR, _MAX_QUOTES = 16_000, 500
"""Repairing takes time that grows with the square of the quotes: 0.1 s at these."""

_BEGIN: Final = re.compile(r'\{\s*"dispatch"\s*:\s*"')
_SEARCHED: Final = 4000
_THOUGHT: Final = "<think>"
_THOUGHT_OVER: Final = "</think>"
_ESCAPES: Final = frozenset('"\\/bfnrtu')
_UNICODE_ESCAPE: Final = 6
_QUOTES: Final = "\"'`\u2019\u201d"


class DispatchReader:
    """Gives the text of `dispatch` piece by piece, from an object that is still being written.

    Nothing is given for an answer that is no such object, or whose first field is another.
    """

    def __init__(self) -> None:
        self._pending = ""
        self._inside = False
        self._closed = False
        self._given = 0
        self.done = False
        """There is no more to give: it is complete, too long, or not there at all."""

    @property
    def told(self) -> bool:
        """Whether a dispatch was there, and its end."""
        return self._closed

    def feed(self, piece: str) -> str:
        """What `piece` adds to the dispatch."""
        if self.done:
            return ""
        self._pending += piece
        if not self._inside and not self._begun():
            return ""
        text = uncontrolled(self._taken())[: MAX_HEARD - self._given]
        self._given += len(text)
        self.done = self.done or self._given >= MAX_HEARD
        return text

    def _begun(self) -> bool:
        text = self._pending
        start = 0
        if text.lstrip().startswith(_THOUGHT):
            over = text.find(_THOUGHT_OVER)
            if over < 0:
                self.done = len(text) > MAX_TEXT
                return False
            start = over + len(_THOUGHT_OVER)
        found = _BEGIN.search(text, start)
        if found is None:
            self.done = len(text) - start > _SEARCHED
            return False
        self._inside = True
        self._pending = text[found.end() :]
        return True

    def _taken(self) -> str:
        """The whole characters at the front of what is pending; half an escape waits."""
        text, at = self._pending, 0
        while at < len(text):
            if text[at] == '"':
                self.done = self._closed = True
                break
            if text[at] != "\\":
                at += 1
                continue
            length = _escape(text, at)
            if length is None:
                break
            at += length
        self._pending = text[at:]
        try:
            # Strict would refuse a bare line break, which some models write.
            return str(json.loads(f'"{text[:at]}"', strict=False))
        except ValueError:
            self.done = True
            return ""


def _escape(text: str, at: int) -> int | None:
    """How long the escape at `at` is; None while more of it is to come."""
    if at + 1 >= len(text):
        return None
    if text[at + 1] not in _ESCAPES or text[at + 1] != "u":
        return 2
    end = at + _UNICODE_ESCAPE
    if end > len(text):
        return None
    if text[at + 2 : at + 4].lower() not in ("d8", "d9", "da", "db"):
        return _UNICODE_ESCAPE
    # The first half of a pair waits for the second, if that is what follows.
    if text[end : end + 2] not in ("", "\\", "\\u"):
        return _UNICODE_ESCAPE
    return 2 * _UNICODE_ESCAPE if end + _UNICODE_ESCAPE <= len(text) else None


def whole(text: str) -> object:
    """The JSON value that `text` is, or None if it is not exactly one."""
    if not _shallow(text):
        return None
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def extracted(text: str) -> object:
    """The object somewhere in `text`, mended if need be, or None. Takes up to 0.1 s."""
    text = _without_thought(text)
    for candidate in _objects(text):
        value = whole(candidate)
        if isinstance(value, dict):
            return value
    start = text.find("{")
    if start < 0 or not _shallow(text):
        return None
    rest = text[start : start + _MAX_REPAIR]
    if rest.count('"') > _MAX_QUOTES:
        return None
    try:
        value = json_repair.repair_json(rest, return_objects=True, skip_json_loads=True)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, dict) and _is_said(value.get("dispatch"), text) else None


def _is_said(dispatch: object, text: str) -> bool:
    """Whether a mended object's dispatch stands in the text from its beginning to its end.

    Mending makes an object of anything: of half an answer, and of one whose pieces came twice.
    """
    if not isinstance(dispatch, str):
        return False
    reader = DispatchReader()
    said = reader.feed(text)
    if reader.told:
        return said == uncontrolled(dispatch)
    return '"' not in dispatch and any(f"{dispatch}{quote}" in text for quote in _QUOTES)


def is_prose(text: str) -> bool:
    """Whether nothing in `text` even begins to be an object with fields."""
    return re.search(r'\{\s*(?:["\'}]|\w+\s*:)', _without_thought(text)) is None


def _without_thought(text: str) -> str:
    return text.partition(_THOUGHT_OVER)[2] if text.lstrip().startswith(_THOUGHT) else text


def _objects(text: str) -> list[str]:
    """The first few balanced `{...}` of `text`."""
    found: list[str] = []
    depth = start = at = 0
    quoted = False
    while at < len(text) and len(found) < 3:
        character = text[at]
        if quoted:
            at += character == "\\"
            quoted = character != '"'
        elif character == "{":
            start = start if depth else at
            depth += 1
        elif depth and character == '"':
            quoted = True
        elif depth and character == "}":
            depth -= 1
            if not depth:
                found.append(text[start : at + 1])
        at += 1
    return sorted(found, key=len, reverse=True)


def _shallow(text: str) -> bool:
    """Whether brackets are never nested deeper than any answer nests them."""
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest <= _MAX_DEPTH
