"""What a model server was asked, kept so that a test can look through all of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "image", "edit", "model", "other"]

KINDS: Mapping[str, Kind] = {
    "/v1/chat/completions": "text",
    "/v1/images/generations": "image",
    "/v1/images/edits": "edit",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One field or file of a multipart body."""

    name: str
    filename: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    kind: Kind
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    parts: tuple[Part, ...] = ()

    @property
    def json(self) -> dict[str, Any]:
        """The body of a JSON request."""
        read: dict[str, Any] = json.loads(self.body)
        return read

    @property
    def fields(self) -> dict[str, Any]:
        """What was asked for, whether it came as JSON or as a form; files apart."""
        if not self.parts:
            return self.json if self.body else {}
        return {one.name: one.data.decode() for one in self.parts if not one.filename}

    @property
    def files(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.filename)

    @property
    def prompt(self) -> str:
        """Every word that the model would read."""
        if self.kind != "text":
            return str(self.fields.get("prompt", ""))
        return "\n".join(_text(message["content"]) for message in self.json["messages"])


def read(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Asked:
    """A request from its raw pieces; the names of `headers` are in lower case."""
    kind = KINDS.get(path, "model" if path.startswith("/v1/models/") else "other")
    form = headers.get("content-type", "")
    parts = _parts(body, form) if form.startswith("multipart/form-data") else ()
    return Asked(kind, method, path, headers, body, parts)


def _text(content: Any) -> str:
    """The words of one message: a string, or a list of typed pieces."""
    if isinstance(content, str):
        return content
    return "\n".join(piece.get("text", "") for piece in content or ())


def _parts(body: bytes, form: str) -> tuple[Part, ...]:
    boundary = b"--" + form.partition("boundary=")[2].strip('"').encode()
    found = []
    for piece in body.split(boundary)[1:-1]:
        head, _, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        said = {name.lower(): value for name, value in lines.items()}
        options = said["content-disposition"]
        found.append(
            Part(
                name=_option(options, "name"),
                filename=_option(options, "filename"),
                media_type=said.get("content-type", ""),
                data=data.removesuffix(b"\r\n"),
            )
        )
    return tuple(found)


def _option(options: str, name: str) -> str:
    _, found, rest = options.partition(f'; {name}="')
    return rest.partition('"')[0] if found else ""
