"""What answers tell browsers beside their content: one table, by kind of answer.

`ALWAYS` is added to every answer that does not say otherwise itself (`middleware.RequestLog`), so
that one which nobody thought of has the strictest. The other kinds are what pages, files and the
docs say instead. HSTS is for the proxy that speaks https: this server never does.
"""

import base64
import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Headers = Mapping[str, str]
Raw = tuple[tuple[bytes, bytes], ...]

CSP: Final = "content-security-policy"
CORP: Final = "cross-origin-resource-policy"

ALWAYS: Final[Headers] = MappingProxyType(
    {
        # What is true now is not what was true then, and is nobody else's.
        "cache-control": "no-store",
        # Data is never a document: whoever opens it as one can run, load and frame nothing.
        CSP: "default-src 'none'; frame-ancestors 'none'",
        CORP: "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
)

FILE: Final[Headers] = MappingProxyType(
    {CSP: "default-src 'none'; sandbox; frame-ancestors 'none'", "content-disposition": "inline"}
)
"""Pictures, films and subtitles of players."""

PREVIEW: Final[Headers] = MappingProxyType({CORP: "cross-origin"})
"""The picture of a link, which other sites show where the link is posted."""

_PERMISSIONS: Final = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

PAGE: Final[Headers] = MappingProxyType(
    {
        CSP: "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self' blob:",
                "media-src 'self' blob:",
                "font-src 'self'",
                "connect-src 'self'",
                "manifest-src 'self'",
                "worker-src 'self'",
                "form-action 'self'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
                "require-trusted-types-for 'script'",
                "trusted-types lit-html elsewhere",
            )
        ),
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": _PERMISSIONS,
        "referrer-policy": "same-origin",
    }
)
"""The game's own page."""

WORKER: Final[Headers] = MappingProxyType(
    {CSP: "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"}
)
"""The service worker, for which its own policy holds, and not the page's."""

_DOCS: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' '{script}'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def docs(script: str) -> Headers:
    """For the page that shows the API: Swagger's, with `script` standing in the page itself."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return {
        CSP: _DOCS.format(script=f"sha256-{digest}"),
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": _PERMISSIONS,
    }


def always(*, other_sites: bool) -> Raw:
    """`ALWAYS` as it goes over the wire. `other_sites`: their pages may show what is here."""
    headers = {**ALWAYS, **PREVIEW} if other_sites else ALWAYS
    return tuple((name.encode(), value.encode()) for name, value in headers.items())
