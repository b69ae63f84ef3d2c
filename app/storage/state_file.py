"""`state.json` and `meta.json`: small sealed files that say how long they are.

`state.json` is the one commit point of a session. It carries how much of `history.json` is true.
"""

from typing import Annotated, Final

from pydantic import Field

from app.models.base import Model
from app.models.record import FORMAT, SessionRecord
from app.models.session import Meta
from app.storage.faults import Damage
from app.storage.migrations import parsed, state_of_today
from app.storage.sealing import seal, unseal

STATE = "state.json"
META = "meta.json"
TEMPORARIES = (f"{STATE}.tmp", f"{META}.tmp")

_TODAY: Final = b'"record":{"version":%d,' % FORMAT


class Committed(Model):
    """The content of `state.json`."""

    turn: Annotated[int, Field(ge=-1)]
    history_bytes: Annotated[int, Field(ge=2)]
    """Length of the committed part of `history.json`, without the closing bracket."""
    history_crc: Annotated[int, Field(ge=0)]
    """Checksum over the whole of that part."""
    record: SessionRecord


def encode(content: Model) -> bytes:
    """Length, checksum and content as one line of JSON."""
    rest = content.model_dump_json().encode()[1:]
    return seal(b'{"length":%d,' % len(rest) + rest) + b"\n"


def opened(data: bytes) -> bytes:
    """The JSON in it. Raises `Damage` unless `data` is to the byte what `encode` made."""
    if not data.endswith(b"}\n"):
        raise Damage("a file is cut short")
    length, comma, rest = unseal(data[:-1]).partition(b",")
    if not comma or length != b'{"length":%d' % len(rest):
        raise Damage("a length does not match")
    return b"{" + rest


def decode_state(data: bytes) -> Committed:
    body = opened(data)
    try:
        # No text can hold this: quotes within one are escaped.
        if _TODAY in body:
            committed = Committed.model_validate_json(body)
        else:
            committed = parsed(body, Committed, state_of_today)
    except ValueError as error:
        raise Damage("a file is of another version or shape") from error
    if committed.turn != committed.record.snapshot.turn:
        raise Damage("state.json disagrees with itself")
    return committed


def decode_meta(data: bytes) -> Meta:
    try:
        return Meta.model_validate_json(opened(data))
    except ValueError as error:
        raise Damage("a file is of another version or shape") from error
