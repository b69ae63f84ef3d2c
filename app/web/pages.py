"""The client's one document, with what each address puts into its head."""

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from app.edge.headers import PAGE
from app.web.bundle import JOINED
from app.web.shell import STYLE, Shell

NAME: Final = "Elsewhere"
ABOUT: Final = (
    "You are holding the camera. Look, read, choose. "
    "Every choice makes the next picture, and some pictures are the last."
)
_FONTS: Final = ("hyperlegible-400", "hyperlegible-700", "vt323")
_MODULES: Final = ("vendor/lit.js", JOINED)
_MAX_DESCRIPTION: Final = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """What a link shows of itself where it is posted."""

    title: str
    text: str
    picture: str | None = None
    """Path on this server."""
    alt: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """One address of the client."""

    title: str
    boot: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What the script would otherwise ask for first."""
    preview: Preview | None = None
    status: int = 200
    private: bool = True
    """Not for search engines."""


def render(shell: Shell, page: Page, request: Request) -> Response:
    """The document."""
    text = shell.page.substitute(
        title=html.escape(page.title),
        about=html.escape(ABOUT),
        head=_head(shell, page, request),
        build=f"/assets/{shell.build}",
        boot=_inert(json.dumps({"build": shell.build, **page.boot}, ensure_ascii=False)),
    )
    headers = {**PAGE, "cache-control": "no-cache"}
    if page.private:
        headers |= {"cache-control": "no-store", "x-robots-tag": "noindex"}
    return HTMLResponse(text, page.status, headers=headers)


def _head(shell: Shell, page: Page, request: Request) -> str:
    lines = [
        *(
            f'<link rel="preload" href="{shell.url(f"fonts/{name}.woff2")}" as="font" '
            'type="font/woff2" crossorigin>'
            for name in _FONTS
        ),
        f'<link rel="stylesheet" href="{shell.url(STYLE)}">',
        *(f'<link rel="modulepreload" href="{shell.url(path)}">' for path in _MODULES),
        *(_preview(page.preview, request) if page.preview else ()),
    ]
    return "\n".join(lines)


def _preview(preview: Preview, request: Request) -> list[str]:
    origin = str(request.base_url).rstrip("/")
    text = preview.text
    if len(text) > _MAX_DESCRIPTION:
        text = text[: text.rfind(" ", 0, _MAX_DESCRIPTION)].rstrip(",;:") + " …"
    named = {
        "og:site_name": NAME,
        "og:type": "website",
        "og:title": preview.title,
        "og:description": text,
    }
    if preview.picture:
        named |= {
            "og:image": origin + preview.picture,
            "og:image:type": "image/webp",
            "og:image:alt": preview.alt,
            "og:image:width": str(preview.width),
            "og:image:height": str(preview.height),
        }
    card = "summary_large_image" if preview.picture else "summary"
    return [
        *(
            f'<meta property="{name}" content="{html.escape(value)}">'
            for name, value in named.items()
        ),
        f'<meta name="twitter:card" content="{card}">',
        f'<meta name="description" content="{html.escape(text)}">',
    ]


def _inert(data: str) -> str:
    """JSON that cannot end the script element it stands in."""
    return data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
