"""Older formats, brought up to date as they are read.

`state.json` and every line of `history.json` say of which version they are; lines of version 1
say nothing. A file is never rewritten for it: the committed part of a history does not change, so
one may hold lines of several versions. An import is written anew, in the present one.

| version | what came with it |
|---|---|
| 1 | the first format |
| 2 | entries: `version`, `accepted` proposals, the edition of the `pack`; records: `hold` |

A change that older files do not fit is a new version: a higher `FORMAT` in `app.models.record`,
a row here, and a step in both tables.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final, TypeVar

from pydantic_core import from_json, to_json

from app.models.base import Model
from app.models.record import FORMAT
from app.storage.faults import Damage

Json = dict[str, Any]
Step = Callable[[Json], Json]
Content = TypeVar("Content", bound=Model)


def _entry_of_2(entry: Json) -> Json:
    """Narrators could only word: nothing was taken on. The pack's edition was not noted."""
    return {**entry, "accepted": None, "pack": None}


def _record_of_2(record: Json) -> Json:
    """A deadline ran, or there was none."""
    return {**record, "hold": None}


ENTRIES: Final = MappingProxyType[int, Step]({1: _entry_of_2})
"""From version n to n + 1, for a line of the history."""
RECORDS: Final = MappingProxyType[int, Step]({1: _record_of_2})
"""The same for the record of `state.json`."""


def parsed(data: bytes, kind: type[Content], migrate: Callable[[Json], Json]) -> Content:
    """`data` of an older version as a `kind` of the present one.

    Raises `ValueError` for what is not of any version's shape, and `Damage` for a newer version.
    """
    content = from_json(data)
    if not isinstance(content, dict):
        raise ValueError("not an object")  # noqa: TRY004 (what JSON it is, is a matter of value)
    return kind.model_validate_json(to_json(migrate(content)))


def entry_of_today(entry: Json) -> Json:
    """A line of the history in the present format."""
    return _stepped(entry, ENTRIES)


def state_of_today(committed: Json) -> Json:
    """The content of `state.json`, its record in the present format."""
    record = committed.get("record")
    if not isinstance(record, dict):
        raise ValueError("no record")  # noqa: TRY004 (the same)
    return {**committed, "record": _stepped(record, RECORDS)}


def _stepped(content: Json, steps: MappingProxyType[int, Step]) -> Json:
    version = content.get("version", 1)
    if type(version) is not int or version < 1:
        raise ValueError("no such version")
    if version > FORMAT:
        raise Damage(f"it is of format {version}, and this server knows {FORMAT} and older ones")
    for number in range(version, FORMAT):
        content = steps[number](content)
    return {**content, "version": FORMAT}
