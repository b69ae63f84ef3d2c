"""`state.json` and `meta.json`: small sealed files that say how long they are.

`state.json` is the one commit point of a session. It carries how much of `history.json` is true.
"""

from typing import Annotated, TypeVar

from pydantic import Field, ValidationError

from app.models.base import Model
from app.models.record import SessionRecord
from app.models.session import Meta
from app.storage.faults import Damage
from app.storage.sealing import seal, unseal

STATE = "state.json"
META = "meta.json"
TEMPORARIES = (f"{STATE}.tmp", f"{META}.tmp")

Content = TypeVar("Content", bound=Model)


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


def decode(data: bytes, kind: type[Content]) -> Content:
    """Raises `Damage` unless `data` is to the byte what `encode` made."""
    if not data.endswith(b"}\n"):
        raise Damage("a file is cut short")
    length, comma, rest = unseal(data[:-1]).partition(b",")
    if not comma or length != b'{"length":%d' % len(rest):
        raise Damage("a length does not match")
    try:
        return kind.model_validate_json(b"{" + rest)
    except ValidationError as error:
        raise Damage("a file is of another version or shape") from error


def decode_state(data: bytes) -> Committed:
    committed = decode(data, Committed)
    if committed.turn != committed.record.snapshot.turn:
        raise Damage("state.json disagrees with itself")
    return committed


def decode_meta(data: bytes) -> Meta:
    return decode(data, Meta)
