"""Pictures, and what is none, for the tests of what a model's server may send."""

import io
import struct
import zlib
from typing import Any

from PIL import Image


def encoded(kind: str, size: tuple[int, int] = (320, 240), mode: str = "RGB", **more: Any) -> bytes:
    """A picture whose pixels differ from each other."""
    file = io.BytesIO()
    grey = Image.radial_gradient("L").resize(size)
    picture = grey if mode == "L" else Image.merge("RGB", (grey, grey.rotate(90), grey))
    picture.convert(mode).save(file, kind, **more)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of 70 bytes that says it is this large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(64))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def jpeg_claiming(width: int, height: int) -> bytes:
    data = encoded("JPEG")
    at = data.index(b"\xff\xc0")
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def webp_claiming(width: int, height: int) -> bytes:
    """An extended WebP: its canvas is claimed apart from the picture in it."""
    frame = encoded("WEBP", lossless=True)[12:]
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def animated(kind: str) -> bytes:
    file = io.BytesIO()
    frames = [Image.new("RGB", (200, 150), colour) for colour in ("red", "blue", "green")]
    frames[0].save(file, kind, save_all=True, append_images=frames[1:])
    return file.getvalue()


HTML = b"<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>" * 20
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"><script/></svg>' * 20
XML_SVG = b'<?xml version="1.0"?>' + SVG
