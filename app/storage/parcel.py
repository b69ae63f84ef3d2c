"""The shape of an exported session: one `.zip`, the same files as in its folder and a manifest."""

import re
from typing import Annotated, Final, Literal

from pydantic import Field

from app.models.base import Model
from app.storage.history import HISTORY
from app.storage.ledger_file import LEDGER
from app.storage.session_folder import is_media_name
from app.storage.state_file import META, STATE

MANIFEST: Final = "manifest.json"
MOST_FILES: Final = 65_000
"""Below what needs the 64-bit extension of the zip format."""

_TEXTS = frozenset({MANIFEST, META, STATE, HISTORY, LEDGER})
"""A ledger is in backups only. It is of a session of this server: an import leaves it out."""
_MEDIA = re.compile(r"([a-z]+)/([a-z0-9.-]+)")


class FileSum(Model):
    """What a file of the parcel must be."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0)]


class Manifest(Model):
    """Written last: it names every other file."""

    format: Literal["elsewhere-session"] = "elsewhere-session"
    version: Literal[1] = 1
    files: dict[str, FileSum]


def is_text(name: str) -> bool:
    return name in _TEXTS


def media_parts(name: str) -> tuple[str, str] | None:
    """Folder and file name when `name` is that of a media file, and nothing else."""
    match = _MEDIA.fullmatch(name)
    if match is None or not is_media_name(match[1], match[2]):
        return None
    return match[1], match[2]
