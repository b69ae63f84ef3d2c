"""A server that answers every request with the same picture of 4 MB as base64, at once.

python -m bench.picture_server PORT
"""

import asyncio
import base64
import io
import random
import sys

import uvloop
from PIL import Image

_SIDE = 1184
"""Of a picture of noise, which no format makes smaller: 4.2 MB."""
_READY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def _answer() -> bytes:
    pixels = random.Random(5).randbytes(_SIDE * _SIDE * 3)
    file = io.BytesIO()
    Image.frombytes("RGB", (_SIDE, _SIDE), pixels).save(file, "PNG", compress_level=1)
    picture = base64.b64encode(file.getvalue())
    body = b'{"created": 0, "data": [{"b64_json": "' + picture + b'"}]}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


async def _serve(port: int) -> None:
    answer = _answer()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(_length(head))
                writer.write(answer if head.startswith(b"POST") else _READY)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", port) as server:
        await server.serve_forever()


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
