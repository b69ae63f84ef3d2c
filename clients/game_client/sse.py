"""Server-sent events, read as the WHATWG's standard has it, from bytes in pieces of any size.

Not httpx's lines: those end at form feeds and at U+2028 too, which may stand in a story.
"""

import re
from dataclasses import dataclass
from typing import Final

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_BOM: Final = b"\xef\xbb\xbf"
MAX_EVENT: Final = 8 * 1024 * 1024


class TooLong(ValueError):
    """An event that is larger than any of the service's."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One event as it came. `id` is the last one that the stream named, if it named any."""

    event: str
    data: str
    id: str


class Frames:
    """Takes bytes, gives events. What was begun and not ended when a stream breaks is dropped."""

    def __init__(self, last_id: str = "", *, max_event: int = MAX_EVENT) -> None:
        self.last_id = last_id
        self.retry_ms: int | None = None
        """What the server asked for."""
        self._max_event = max_event
        self._rest = b""
        self._begun = False
        self._event = ""
        self._data: list[str] = []
        self._size = 0
        self._id = last_id

    def feed(self, piece: bytes) -> list[Frame]:
        """The events that are whole with this piece. Raises `TooLong`."""
        buffer = self._rest + piece
        if not self._begun:
            if len(buffer) < len(_BOM) and _BOM.startswith(buffer):
                self._rest = buffer
                return []
            buffer, self._begun = buffer.removeprefix(_BOM), True
        # A `\r` at the end may be half of a `\r\n`: its line waits for what comes.
        held = b"\r" if buffer.endswith(b"\r") else b""
        *lines, self._rest = _LINE_END.split(buffer[: len(buffer) - len(held)])
        self._rest += held
        frames = [frame for line in lines if (frame := self._line(line)) is not None]
        if self._size + len(self._rest) > self._max_event:
            raise TooLong
        return frames

    def _line(self, raw: bytes) -> Frame | None:
        line = raw.decode("utf-8", errors="replace")
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
            self._size += len(raw) + 1
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry_ms = int(value[:9])
        return None

    def _dispatch(self) -> Frame | None:
        self.last_id = self._id
        data, event = self._data, self._event
        self._data, self._event, self._size = [], "", 0
        if not data:
            return None
        return Frame(event or "message", "\n".join(data), self.last_id)
