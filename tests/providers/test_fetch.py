"""Where a model's server may send us for its picture, and where not."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import httpx2
import pytest

from app.engine.providers.openai_compatible.addresses import is_plain_host, is_public, resolved
from app.engine.providers.openai_compatible.fetch import MAX_BYTES, Fetcher
from app.engine.providers.openai_compatible.image_header import PictureRefused
from app.errors import ProviderError, ProviderTimeout
from tests.providers.stills import encoded

HOME = "http://models.lan:8000/v1"
PUBLIC = "93.184.216.34"
PICTURE = encoded("PNG")


class Names:
    """A resolver: each look-up of a host takes the next of its answers, the last for ever."""

    def __init__(self, **hosts: Sequence[str]) -> None:
        self.hosts = {name.replace("_", "."): list(answers) for name, answers in hosts.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answers = self.hosts.get(host)
        if answers is None:
            return [host]  # An address, as the system would say.
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer.split()


class Web:
    """Every host of the internet; what is asked of it is kept."""

    def __init__(self, answer: Callable[[httpx2.Request], httpx2.Response] | None = None) -> None:
        self.asked: list[httpx2.Request] = []
        self._answer = answer or (lambda _: httpx2.Response(200, content=PICTURE))
        self.transport = httpx2.MockTransport(self._take)

    def _take(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        return self._answer(request)


def redirecting(*to: str) -> Web:
    """Answers one redirect after the other, then the picture."""
    left = list(to)

    def answer(_: httpx2.Request) -> httpx2.Response:
        if left:
            return httpx2.Response(302, headers={"location": left.pop(0)})
        return httpx2.Response(200, content=PICTURE)

    return Web(answer)


@asynccontextmanager
async def fetching(
    web: Web, names: Names | None = None, home: str = HOME
) -> AsyncIterator[Fetcher]:
    fetcher = Fetcher(home, transport=web.transport, resolve=names or Names(cdn_test=[PUBLIC]))
    yield fetcher
    await fetcher.close()


async def test_a_public_picture_is_fetched_from_the_address_that_was_checked() -> None:
    web = Web()
    async with fetching(web) as fetcher:
        assert await fetcher.get("https://cdn.test/a%2Fb.png?sig=x%2By#f") == PICTURE

    (asked,) = web.asked
    assert str(asked.url) == f"https://{PUBLIC}/a%2Fb.png?sig=x%2By#f"
    assert asked.headers["host"] == "cdn.test"
    assert asked.extensions["sni_hostname"] == "cdn.test"
    assert "authorization" not in asked.headers
    assert "cookie" not in asked.headers


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "https://127.0.0.1/x",
        "https://127.0.0.1:8000/x",
        "https://169.254.169.254/latest/meta-data/",
        "http://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[::ffff:7f00:1]/x",
        "https://[::127.0.0.1]/x",
        "https://[64:ff9b::7f00:1]/x",
        "https://[64:ff9b:1::7f00:1]/x",
        "https://[2002:7f00:1::]/x",
        "https://[2001:0:7f00:1::]/x",
        "https://[fe80::1]/x",
        "https://[fc00::1]/x",
        "https://[ff02::1]/x",
        "https://10.0.0.1/x",
        "https://172.16.0.1/x",
        "https://192.168.1.1/x",
        "https://100.64.0.1/x",
        "https://192.0.2.1/x",
        "https://198.18.0.1/x",
        "https://224.0.0.1/x",
        "https://255.255.255.255/x",
        "https://0.0.0.0/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://0x7f.1/x",
        "https://0177.0.0.1/x",
        "https://127.1/x",
        "https://localhost/x",
        "https://inside.test/x",
        "https://mixed.test/x",
        "https://nowhere.test/x",
        "https://cdn.test:22/x",
        "https://cdn.test:8000/x",
        "http://models.lan:9000/x",
        "https://models.lan:8000/x",
        "https://user@cdn.test/x",
        "https://user:secret@cdn.test/x",
        "https://cdn.test\\@127.0.0.1/x",
        "https://cdn.test/a\nb",
        "https://cdn .test/x",
        "https://cdn.test%2f@127.0.0.1/x",
        "https://\uff11\uff12\uff17.0.0.1/x",
        "file:///etc/passwd",
        "ftp://cdn.test/x",
        "gopher://cdn.test/x",
        "data:image/png;base64,AAAA",
        "//cdn.test/x",
        "cdn.test/x",
        "",
        "https://",
        "https://cdn.test:99999999/x",
        "https://cdn.test/" + "x" * 5000,
    ],
)
async def test_nobody_is_asked_who_may_not_be(url: str) -> None:
    web = Web()
    names = Names(
        cdn_test=[PUBLIC],
        localhost=["127.0.0.1"],
        inside_test=["10.1.2.3"],
        mixed_test=[f"{PUBLIC} 127.0.0.1"],
        nowhere_test=[""],
        models_lan=["192.168.1.7"],
    )
    names.hosts |= {"2130706433": ["127.0.0.1"], "127.1": ["127.0.0.1"]}
    async with fetching(web, names) as fetcher:
        with pytest.raises(PictureRefused) as caught:
            await fetcher.get(url)

    assert web.asked == []
    assert url == "" or url not in str(caught.value)


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1/x",
        "https://169.254.169.254/latest/meta-data/",
        "//127.0.0.1/x",
        "file:///etc/passwd",
        "https://inside.test/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://2130706433/x",
        "",
    ],
)
@pytest.mark.parametrize("first", [(), ("/elsewhere",), ("/one", "https://cdn.test/two")])
async def test_a_redirect_is_checked_like_the_first_address(to: str, first: Sequence[str]) -> None:
    web = redirecting(*first, to)
    names = Names(cdn_test=[PUBLIC], inside_test=["10.1.2.3"])
    async with fetching(web, names) as fetcher:
        with pytest.raises(PictureRefused):
            await fetcher.get("https://cdn.test/x")

    assert {asked.url.host for asked in web.asked} == {PUBLIC}
    assert len(web.asked) == len(first) + 1


async def test_three_redirects_are_followed_and_no_more() -> None:
    web = redirecting("/b", "https://other.test/c", "d")
    names = Names(cdn_test=[PUBLIC], other_test=["1.1.1.1"])
    async with fetching(web, names) as fetcher:
        assert await fetcher.get("https://cdn.test/a") == PICTURE
        assert [asked.url.path for asked in web.asked] == ["/a", "/b", "/c", "/d"]
        assert [asked.headers["host"] for asked in web.asked][2:] == ["other.test"] * 2
    web = redirecting("/b", "/c", "/d", "/e")
    async with fetching(web) as fetcher:
        with pytest.raises(PictureRefused):
            await fetcher.get("https://cdn.test/a")
    assert len(web.asked) == 4


async def test_a_name_that_changes_its_meaning_is_not_looked_up_twice() -> None:
    """DNS rebinding: the check sees a public address, the connection would see a private one."""
    web = Web()
    names = Names(cdn_test=[PUBLIC, "127.0.0.1"])
    async with fetching(web, names) as fetcher:
        await fetcher.get("https://cdn.test/x")
        assert [asked.url.host for asked in web.asked] == [PUBLIC]
        assert names.asked == ["cdn.test"]
        with pytest.raises(PictureRefused):
            await fetcher.get("https://cdn.test/x")
    assert len(web.asked) == 1


async def test_the_configured_server_may_be_private_at_its_own_port_alone() -> None:
    web = Web()
    names = Names(models_lan=["192.168.1.7"])
    async with fetching(web, names) as fetcher:
        assert await fetcher.get("http://models.lan:8000/pictures/1") == PICTURE
        (asked,) = web.asked
        assert (asked.url.host, asked.headers["host"]) == ("192.168.1.7", "models.lan:8000")
        for url in ("http://models.lan/x", "http://models.lan:6379/x", "http://192.168.1.7:8000/x"):
            with pytest.raises(PictureRefused):
                await fetcher.get(url)
    assert len(web.asked) == 1


async def test_plain_http_is_taken_only_where_the_server_itself_speaks_it() -> None:
    web = Web()
    async with fetching(web, home="https://api.test/v1") as fetcher:
        with pytest.raises(PictureRefused):
            await fetcher.get("http://cdn.test/x")
    assert web.asked == []
    async with fetching(web) as fetcher:
        assert await fetcher.get("http://cdn.test/x") == PICTURE


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "1.1.1.1":
            raise httpx2.ConnectError("refused")
        return httpx2.Response(200, content=PICTURE)

    async with fetching(Web(answer), Names(cdn_test=["1.1.1.1 8.8.8.8"])) as fetcher:
        assert await fetcher.get("https://cdn.test/x") == PICTURE
    async with fetching(Web(answer), Names(cdn_test=["1.1.1.1"])) as fetcher:
        with pytest.raises(ProviderError):
            await fetcher.get("https://cdn.test/x")


class Endless(httpx2.AsyncByteStream):
    """More than anybody wants, in pieces; knows how much was taken."""

    def __init__(self) -> None:
        self.taken = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.taken += 2**20
            yield bytes(2**20)

    async def aclose(self) -> None:
        self.closed = True


async def test_what_is_too_large_is_cut_off_and_let_go() -> None:
    endless = Endless()
    async with fetching(Web(lambda _: httpx2.Response(200, stream=endless))) as fetcher:
        with pytest.raises(PictureRefused):
            await fetcher.get("https://cdn.test/x")
    assert endless.taken <= MAX_BYTES + 2 * 2**20
    assert endless.closed


async def test_a_packed_answer_is_refused_packed() -> None:
    endless = Endless()
    packed = httpx2.Response(200, headers={"content-encoding": "gzip"}, stream=endless)
    async with fetching(Web(lambda _: packed)) as fetcher:
        with pytest.raises(PictureRefused):
            await fetcher.get("https://cdn.test/x")
    assert endless.taken == 0


@pytest.mark.parametrize("status", [206, 304, 403, 404, 500])
async def test_only_a_200_is_a_picture(status: int) -> None:
    async with fetching(Web(lambda _: httpx2.Response(status, content=PICTURE))) as fetcher:
        with pytest.raises(ProviderError):
            await fetcher.get("https://cdn.test/x")


async def test_silence_is_a_timeout_of_ours() -> None:
    def answer(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("silence")

    async with fetching(Web(answer)) as fetcher:
        with pytest.raises(ProviderTimeout):
            await fetcher.get("https://cdn.test/x")


async def test_no_socket_is_opened_to_a_private_address() -> None:
    """With the real transport and the system's own resolver."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        fetcher = Fetcher("http://models.test:1/v1")
        for host in ("127.0.0.1", "localhost", "2130706433", "127.1", "[::ffff:127.0.0.1]"):
            for url in (f"http://{host}:{port}/x", f"http://{host}/x", f"https://{host}:{port}/"):
                with pytest.raises(PictureRefused):
                    await fetcher.get(url)
        await fetcher.close()
        with pytest.raises(BlockingIOError):
            listener.accept()


async def test_the_configured_server_is_really_reached_and_left() -> None:
    heads: list[bytes] = []
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PICTURE) + PICTURE)
        assert await reader.read() == b""
        writer.close()
        gone.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        fetcher = Fetcher(f"http://localhost:{port}/v1", resolve=_ipv4)
        async with asyncio.timeout(10):
            assert await fetcher.get(f"http://localhost:{port}/x.png") == PICTURE
            await gone.wait()  # The connection is not kept: it is known by its address alone.
        await fetcher.close()
    assert f"Host: localhost:{port}".encode().lower() in heads[0].lower()


async def _ipv4(host: str, port: int) -> Sequence[str]:
    return [one for one in await resolved(host, port) if "." in one]


def test_addresses_and_hosts_are_told_apart() -> None:
    assert is_public("8.8.8.8")
    assert is_public("2606:4700:4700::1111")
    assert not is_public("not an address")
    assert is_plain_host("a-b.example.com")
    assert is_plain_host("8.8.8.8")
    assert is_plain_host("2606:4700:4700::1111")
    for odd in ("", "8.8.2056", "0x8.8.8.8", "a b", "a%41", "\uff41.com", "1.2.3.4.", "999.1.1.1"):
        assert not is_plain_host(odd), odd
