"""JSON objects that carry a checksum of themselves as their first field.

`{"crc":"0badcafe",` and the rest. The checksum covers every byte of the rest and the bytes
before it are fixed, so any flipped bit is found; it is still plain JSON to everybody else.
"""

from zlib import crc32

from app.storage.faults import Damage

_HEAD = b'{"crc":"%08x",'
_HEAD_LENGTH = len(_HEAD % 0)


def seal(json_object: bytes) -> bytes:
    """Put the checksum in front of a non-empty JSON object without white space at its ends."""
    rest = json_object[1:]
    return _HEAD % crc32(rest) + rest


def unseal(sealed: bytes) -> bytes:
    """The object without its checksum. Raises `Damage`."""
    rest = sealed[_HEAD_LENGTH:]
    if len(rest) < 2 or sealed[:_HEAD_LENGTH] != _HEAD % crc32(rest):
        raise Damage("a checksum does not match")
    return b"{" + rest
