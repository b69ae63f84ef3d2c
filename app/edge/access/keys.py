"""Service keys: what bots and servers show. They may do everything."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

from app.models.access import ServiceKey

_PREFIX: Final = "ek_"
_RANDOM_BYTES: Final = 32


class ServiceKeys:
    """The keys that this server takes."""

    def __init__(self, keys: Sequence[ServiceKey]) -> None:
        self._keys = tuple(keys)

    def name_of(self, shown: str) -> str | None:
        """Whose key this is; None if it is nobody's.

        Takes as long for a wrong key as for a right one, whichever it is.
        """
        digest = _digest(shown)
        found: str | None = None
        for key in self._keys:
            if hmac.compare_digest(key.sha256, digest):
                found = key.name
        return found


def new_key(name: str) -> tuple[str, ServiceKey]:
    """A key to be given away once, and what settings keep of it.

    It is 256 random bits: no slow hash is needed to keep it from being guessed.
    """
    shown = _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    return shown, ServiceKey(name=name, sha256=_digest(shown))


def _digest(shown: str) -> str:
    return hashlib.sha256(shown.encode("utf-8", "surrogateescape")).hexdigest()
