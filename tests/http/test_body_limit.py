"""What is said of a body before it comes, by whoever says it."""

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.edge.middleware import BodyLimit

Headers = list[tuple[bytes, bytes]]


async def status(headers: Headers, *, method: str = "POST", pieces: tuple[bytes, ...] = ()) -> int:
    """What is answered to a request by an app that reads all of it."""
    sent: list[Message] = []
    rest = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    rest.append({"type": "http.request", "body": b"", "more_body": False})

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["more_body"]:
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return rest.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": "/", "headers": headers}
    await BodyLimit(app, 10, {"/more": 20}, 5.0, lambda _: None)(scope, receive, send)
    return int(sent[0]["status"])


def length(value: bytes) -> tuple[bytes, bytes]:
    return b"content-length", value


@pytest.mark.parametrize(
    "headers",
    [
        [length(b"11")],
        [length(b"9" * 5000)],
        [length(b"-1")],
        [length(b"1e1")],
        [length("\u0661".encode())],
        [length(b"1"), length(b"11")],
        [length(b"11"), length(b"1")],
        [length(b"11"), (b"transfer-encoding", b"chunked")],
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_length_that_cannot_be_is_refused_unread(headers: Headers, method: str) -> None:
    assert await status(headers, method=method) == 413


@pytest.mark.parametrize("headers", [[], [length(b"10")], [(b"transfer-encoding", b"chunked")]])
async def test_a_body_within_the_limit_is_read(headers: Headers) -> None:
    assert await status(headers, pieces=(b"12345", b"67890")) == 200
