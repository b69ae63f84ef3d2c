"""Exports as an attacker rewrites them: other contents, and every checksum right again."""

import hashlib
import io
import zipfile
from typing import Any, Final

from app.storage.parcel import MANIFEST, FileSum, Manifest
from app.storage.state_file import META, decode_meta, encode

ZIPPED: Final = {"content-type": "application/zip"}


def rewritten(export: bytes, **fields: Any) -> bytes:
    """The same session with other fields in its `meta.json`."""
    with zipfile.ZipFile(io.BytesIO(export)) as old:
        files = {name: old.read(name) for name in old.namelist() if name != MANIFEST}
    files[META] = encode(decode_meta(files[META]).model_copy(update=fields))
    sums = {
        name: FileSum(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
        for name, data in files.items()
    }
    files[MANIFEST] = Manifest(files=sums).model_dump_json().encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, data in files.items():
            new.writestr(name, data)
    return out.getvalue()
