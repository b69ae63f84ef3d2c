"""The secret of this server: what share codes and tokens are made with. It never leaves."""

import os
import secrets
from pathlib import Path
from typing import Final

SECRET_FILE: Final = ".share-key"  # noqa: S105 (a name)
"""In the sessions folder, whose owner alone may read it. Who deletes it makes every share code and
every token invalid."""


def read_or_make(path: Path) -> bytes:
    """The server's key; made complete under another name, so that two makers agree on one."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(made, path)
        except FileExistsError:
            pass  # Somebody was quicker: theirs counts.
        finally:
            made.unlink()
        return path.read_bytes()
