"""The client's files: read once, named after their content, ready to be sent."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from string import Template
from types import MappingProxyType
from typing import Final

from app.web.bundle import bundled

_TYPES: Final = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".webp": "image/webp",
        ".woff2": "font/woff2",
    }
)
_COMPRESSED: Final = frozenset((".css", ".js", ".svg"))
STYLE: Final = "app.css"
"""Every sheet in `css/`, in the order of their layers, as one file."""
_SHEETS: Final = ("tokens", "base", "stage", "play", "start", "history", "ending")
_OF_ROOT: Final = frozenset(("index.html", "sw.js", "manifest.webmanifest"))
"""Files with an address of their own."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    body: bytes
    zipped: bytes | None
    content_type: str


@dataclass(frozen=True, slots=True)
class Shell:
    """The client. `build` names all of its files together: one changed byte is a new build."""

    build: str
    assets: Mapping[str, Asset]
    page: Template
    worker: str
    manifest: Template

    def url(self, path: str) -> str:
        return f"/assets/{self.build}/{path}"

    def service_worker(self) -> str:
        """The worker's script: what to keep, and under which build."""
        files = json.dumps([self.url(path) for path in sorted(self.assets)])
        return f"const BUILD = {json.dumps(self.build)};\nconst FILES = {files};\n{self.worker}"


def load_shell() -> Shell:
    """Read the client's files. Blocking: some forty small files, compressed."""
    root = resources.files(__package__).joinpath("static")
    files = dict(_walk(root, ""))
    root_files = {name: files.pop(name).decode() for name in _OF_ROOT}
    sheets = [files.pop(f"css/{name}.css") for name in _SHEETS]
    files[STYLE] = b"\n".join(sheets)
    ours = [path for path in files if path.startswith("js/")]
    scripts = bundled({path: files.pop(path).decode() for path in ours})
    files |= {path: text.encode() for path, text in scripts.items()}
    return Shell(
        build=_digest(files | {name: text.encode() for name, text in root_files.items()}),
        assets=MappingProxyType({path: _asset(path, body) for path, body in files.items()}),
        page=Template(root_files["index.html"]),
        worker=root_files["sw.js"],
        manifest=Template(root_files["manifest.webmanifest"]),
    )


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        here = f"{path}{entry.name}"
        if entry.is_dir():
            yield from _walk(entry, f"{here}/")
        elif here in _OF_ROOT or _suffix(here) in _TYPES:
            yield here, entry.read_bytes()


def _asset(path: str, body: bytes) -> Asset:
    suffix = _suffix(path)
    zipped = gzip.compress(body, mtime=0) if suffix in _COMPRESSED else None
    return Asset(body, zipped, _TYPES[suffix])


def _suffix(path: str) -> str:
    return path[path.rfind(".") :]


def _digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.encode() + b"\0" + hashlib.sha256(files[path]).digest())
    return digest.hexdigest()[:12]
