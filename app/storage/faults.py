"""What can go wrong below the store, and what it is called above it."""

import errno

from app.errors import StorageError, StorageFull

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Damage(Exception):
    """A file is not what was written to it. The message names the file and what is wrong."""


class SyncFailed(OSError):
    """The disk did not confirm a write. The same sync must not be trusted a second time."""


def is_full(error: OSError) -> bool:
    """Whether freeing space is all that it takes."""
    return error.errno in _FULL


def storage_error(error: OSError) -> StorageError:
    """Ours for the system's. The system's message holds paths, so it stays the cause only."""
    if is_full(error):
        return StorageFull()
    name = errno.errorcode.get(error.errno or 0, "unknown")
    return StorageError(details=f"system error {name}")
