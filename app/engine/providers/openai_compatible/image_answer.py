"""The picture in a server's answer: megabytes of base64 in JSON, read without holding anyone up.

Everything here runs off the event loop, but the interpreter's lock is held by one call into C at a
time, and one call over a whole picture holds it for 10 ms and more. So the long strings are cut
out first, what is left is parsed, and base64 is unpacked in slices.
"""

import binascii
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.engine.providers.openai_compatible.image_header import PictureRefused
from app.errors import ProviderError
from app.models.ledger import Units

_LONG: Final = 4096
"""Strings from here on are cut out: no error message, address or reply is that long."""
_MOST_ELSE: Final = 256 * 1024
"""Bytes of JSON beside the long strings; an answer with a picture has less than 10 kB."""
_MOST_QUOTES: Final = 10_000
"""Within one string."""
_SLICE: Final = 96 * 1024
_ESCAPES: Final = ((b"\\/", b"/"), (b"\\n", b""), (b"\\r", b""))
_CODED: Final = re.compile(rb"\\u00(2[bBfF]|3[dD])")
_LONGEST_ESCAPE: Final = 6
_BLANKS: Final = b" \t\r\n"
_DATA_URL: Final = re.compile(rb"data:image/[\w.+-]+(?:;[\w=.-]+)*;base64,", re.IGNORECASE)
_LONGEST_PREFIX: Final = 128
_ASTRAY: Final = re.compile(r"endpoint|no route|not supported", re.IGNORECASE)
"""LM Studio says 200, and that it knows no such endpoint."""


class NoPicture(ProviderError):
    """The server answered, and there is no picture in what it said."""

    def __init__(self, message: str, *, astray: bool = False, units: Units | None = None) -> None:
        super().__init__(message)
        self.astray = astray
        """Whether it looks as if the server does not know the address that was asked."""
        self.units = units


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the picture or where it is, and what was counted if the server said so."""

    data: bytes | None
    url: str | None
    units: Units | None


def read_answer(pieces: list[bytes]) -> Answer:
    """Read what `/images/generations`, `/images/edits` or a chat with pictures answered.

    Takes the pieces over: the list is empty afterwards, so that no answer is held twice.

    Raises `NoPicture`, or `PictureRefused` for a picture in a form that we do not take.
    """
    body = b"".join(pieces)
    pieces.clear()
    short, long = _without_long_strings(body)
    try:
        told = json.loads(short)
    except (ValueError, RecursionError) as error:
        page = body.lstrip()[:1] == b"<"
        raise NoPicture("The server answered nothing that can be read.", astray=page) from error
    if not isinstance(told, dict):
        raise NoPicture("The server answered no picture.")
    units = _units(told.get("usage"))
    found = _found(told)
    if found is None:
        units = units and units.model_copy(update={"images": 0})
        astray = _ASTRAY.search(str(told.get("error"))) is not None
        raise NoPicture("The server answered no picture.", astray=astray, units=units)
    picture = _long(found, long) or found.encode()
    if found.startswith(("http://", "https://")):
        return Answer(None, found, units)
    return Answer(_unpacked(picture), None, units)


def _without_long_strings(body: bytes) -> tuple[bytes, list[memoryview]]:
    """The JSON with every long string replaced by its number, and those strings."""
    view = memoryview(body)
    kept: list[bytes] = []
    long: list[memoryview] = []
    at = cut = 0
    while (start := body.find(b'"', at)) >= 0:
        end = _end_of_string(body, start + 1)
        if end < 0:
            break
        if end - start > _LONG:
            kept.append(body[at : start + 1] + b"\\u0000%d" % len(long))
            long.append(view[start + 1 : end])
            cut += end - start
            at = end
        kept.append(body[at : end + 1])
        at = end + 1
        if at - cut > _MOST_ELSE:
            break
    if len(body) - cut > _MOST_ELSE:
        raise NoPicture("The server answered more than a picture.")
    kept.append(body[at:])
    return b"".join(kept), long


def _end_of_string(body: bytes, at: int) -> int:
    """Where the string that begins at `at` is closed; -1 if it is not."""
    for _ in range(_MOST_QUOTES):
        end = body.find(b'"', at)
        if end < 0:
            break
        before = end
        while before > at and body[before - 1] == ord("\\"):
            before -= 1
        if (end - before) % 2 == 0:
            return end
        at = end + 1
    return -1


def _long(found: str, long: Sequence[memoryview]) -> memoryview | None:
    number = found.removeprefix("\0")
    if number == found or not number.isdecimal() or int(number) >= len(long):
        return None
    return long[int(number)]


def _found(told: Mapping[str, Any]) -> str | None:
    """The picture's text, wherever the server put it."""
    return next((text for text in _offered(told) if isinstance(text, str) and text), None)


def _offered(told: Mapping[str, Any]) -> Iterator[Any]:
    for item in _dicts(told.get("data")):
        yield item.get("b64_json")
        yield item.get("url")
    for choice in _dicts(told.get("choices")):
        message = choice.get("message")
        if isinstance(message, dict):
            for item in (*_dicts(message.get("images")), *_dicts(message.get("content"))):
                url = item.get("image_url")
                yield url.get("url") if isinstance(url, dict) else url


def _dicts(value: object) -> Iterator[Mapping[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def _unpacked(text: bytes | memoryview) -> bytes:
    """The bytes of a base64 text or of a `data:` address."""
    head = bytes(text[:_LONGEST_PREFIX]).replace(b"\\/", b"/")
    prefix = _DATA_URL.match(head)
    if prefix is not None:
        skipped = bytes(text[:_LONGEST_PREFIX]).find(b",") + 1
        text = text[skipped:]
    elif b":" in head:
        raise PictureRefused("The model's picture is at an address that may not be fetched.")
    try:
        return b"".join(_slices(text))
    except (binascii.Error, ValueError) as error:
        raise PictureRefused("The model's picture is damaged.") from error


def _slices(text: bytes | memoryview) -> Iterator[bytes]:
    """The unpacked text, slice by slice: whatever waits for the lock gets it in between."""
    rest = b""
    at = 0
    while at < len(text):
        end = min(len(text), at + _SLICE)
        if end < len(text):
            escape = bytes(text[end - _LONGEST_ESCAPE : end]).rfind(b"\\")
            if escape > 0:
                end -= _LONGEST_ESCAPE - escape
        plain = rest + _plain(bytes(text[at:end]))
        if end == len(text):
            plain += b"=" * (-len(plain) % 4)  # Some leave the padding out.
        whole = len(plain) // 4 * 4
        yield binascii.a2b_base64(plain[:whole], strict_mode=True)
        rest = plain[whole:]
        at = end


def _plain(text: bytes) -> bytes:
    if b"\\" in text:
        for escape, meant in _ESCAPES:
            text = text.replace(escape, meant)
        text = _CODED.sub(lambda found: bytes([int(found[1], 16)]), text)
    return text.translate(None, _BLANKS)


def _units(usage: object) -> Units | None:
    """What the server counted; None where it did not, or not in a way that can be read."""
    if not isinstance(usage, dict):
        return None
    read = _count(usage, "input_tokens") or _count(usage, "prompt_tokens")
    made = _count(usage, "output_tokens") or _count(usage, "completion_tokens")
    if not read and not made:
        return None
    shown = _count(usage.get("input_tokens_details"), "image_tokens")
    shown = shown or _count(usage.get("prompt_tokens_details"), "image_tokens")
    details = usage.get("completion_tokens_details") or usage.get("output_tokens_details")
    said = _count(details, "text_tokens")
    if "completion_tokens" in usage:
        said = max(0, made - _count(details, "image_tokens"))
    return Units(
        input_tokens=max(0, read - shown),
        image_input_tokens=shown,
        output_tokens=min(said, made),
        image_output_tokens=max(0, made - said),
        images=1,
    )


def _count(told: object, name: str) -> int:
    count = told.get(name) if isinstance(told, dict) else None
    return count if isinstance(count, int) and count > 0 else 0
