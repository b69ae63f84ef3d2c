"""What every kind of answer tells browsers: the table of `app.edge.headers`, on every route.

Headers as OWASP's REST Security and HTTP Headers cheat sheets have them; `docs/access.md` says why
some are not sent.
"""

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from app.edge.headers import ALWAYS, CORP, CSP, FILE, PAGE, PREVIEW, always
from app.edge.limits.sockets import PIPELINED
from app.edge.metrics import Metrics
from app.edge.middleware import RequestLog
from tests.http.conftest import Client, ClientMaker
from tests.http.house import KEPT, KEY, OURS, House, a_house, bearer
from tests.http.routes import OUTSIDE, ROUTES, Outside, mounted, name_of
from tests.http.served import GET, line_to, served

DOCS = Path(__file__).parents[2] / "docs" / "access.md"
A_PERSON = {"Accept": "text/html"}
PROXY = "10.1.2.3"


@pytest.fixture
async def house(a_client: ClientMaker, tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(a_client, tmp_path) as opened:
        yield opened


def missed(response: httpx.Response, kind: Mapping[str, str]) -> list[str]:
    """Headers that are not as they should be; how long it may be kept is asked for apart."""
    wanted = {**ALWAYS, **kind}
    wanted.pop("cache-control")
    return [
        f"{name}: {response.headers.get(name)}"
        for name, value in wanted.items()
        if response.headers.get_list(name) != [value]
    ]


def assert_nobody_keeps_it(response: httpx.Response) -> None:
    assert response.headers.get_list("cache-control") == ["no-store"], response.url


async def addresses(house: House) -> list[tuple[Outside, str]]:
    """Where all of them are, for our session; the one that replaces our token comes last."""
    client, shown = house.client, bearer(house.ours)
    codes = (await client.get(f"/share/{OURS}", headers=shown)).json()
    state = await client.data("GET", f"/api/state?session_id={OURS}", headers=shown)
    ended = await client.data("GET", f"/api/archives/{house.archive}", headers=shown)
    script = re.search(r'/assets/(\w+)/(js/app\.js)"', (await client.get("/")).text)
    assert script is not None
    found = []
    for one in sorted(OUTSIDE, key=lambda one: one.methods):
        image = (ended["state"] if one.asks == "archive" else state)["image"]
        path = one.path.format(
            session_id=OURS,
            archive=house.archive,
            file=image["url"].rpartition("/")[2],
            code=codes["play"],
            turn="0",
            world="cinder_flat",
            build=script[1],
            path=script[2],
        )
        found.append((one, path + ("/swagger-ui.css" if one.path == "/docs-assets" else "")))
    return found


async def test_all_that_is_mounted_is_walked_here_and_by_the_tests_of_access(
    client: Client,
) -> None:
    """The OpenAPI document holds `ROUTES` and no other (`test_docs`); with what stands in
    `OUTSIDE`, each with its reason, they are the whole app. A new route is walked by itself, and
    one that is mounted past the table is found here."""
    outside = {(one.methods, one.path) for one in OUTSIDE}
    tabled = {(route.method, route.path) for route in ROUTES}
    assert not outside & tabled
    assert mounted(client.app) == outside | tabled
    assert all(one.why for one in OUTSIDE)


@pytest.mark.parametrize("token", [KEY, None, "nonsense"], ids=["key", "nothing", "nonsense"])
async def test_every_answer_of_the_api(house: House, token: str | None) -> None:
    """Good ones and refusals; those that a service gets, and those that a stranger gets."""
    wrong, good = {}, 0
    ends = ("delete_session", "delete_archive")
    for route in sorted(ROUTES, key=lambda route: route.operation_id in ends):
        response = await house.ask(route, token)
        good += response.is_success
        assert_nobody_keeps_it(response)
        if found := missed(response, {}):
            wrong[name_of(route)] = found
    assert wrong == {}
    assert good >= (25 if token == KEY else 5)


async def test_media_are_shown_and_never_run(house: House) -> None:
    shown = bearer(house.ours)
    state = await house.client.data("GET", "/api/state", params={"session_id": OURS}, headers=shown)
    url = state["image"]["url"]
    whole = await house.client.get(url, headers=shown)
    part = await house.client.get(url, headers={**shown, "Range": "bytes=0-9"})
    known = {**shown, "If-None-Match": whole.headers["etag"]}
    same = await house.client.get(url, headers=known)
    assert (whole.status_code, part.status_code, same.status_code) == (200, 206, 304)
    for response in (whole, part, same):
        assert missed(response, FILE) == []
        assert response.headers["cache-control"].startswith("private, ")
    refused = await house.client.get(url, headers={**shown, "Range": "bytes=99999999-"})
    assert refused.status_code == 416
    assert missed(refused, {}) == []
    assert_nobody_keeps_it(refused)


async def test_all_that_the_document_does_not_speak_of(house: House) -> None:
    wrong = {}
    shown = bearer(house.ours)
    for one, url in await addresses(house):
        more = {"content-type": "application/json"} if one.methods == "POST" else {}
        response = await house.client.request(one.methods, url, headers={**shown, **more})
        house.client.cookies.clear()
        assert response.status_code == 200, url
        kept = response.headers["cache-control"]
        if one.asks == "nothing":
            assert kept
        elif one.kind == PAGE or one.path.startswith("/share/"):
            assert_nobody_keeps_it(response)
        else:
            assert kept.startswith("private, ")
        kind = {CSP: response.headers[CSP]} if one.path == "/docs" else one.kind
        if found := missed(response, kind):
            wrong[one.path] = found
    assert wrong == {}


async def test_what_the_document_does_not_speak_of_is_closed_alike(house: House) -> None:
    """The counterpart of `test_access`, which walks the routes of the document."""
    before = house.kept()
    for one, url in await addresses(house):
        if one.asks == "nothing":
            continue  # open to all, and asked for above
        for token in (None, house.theirs, "nonsense"):
            house.client.cookies.clear()
            headers = {"content-type": "application/json"} | (bearer(token) if token else {})
            response = await house.client.request(one.methods, url, headers=headers)
            if one.asks == "code":
                assert response.status_code in (200, 401), url
            else:
                assert response.status_code in (401, 404), (url, token)
                assert b"Cinder" not in response.content.split(b'id="boot"')[0], url
    assert house.kept() == before


async def test_pages_that_are_not_there(house: House) -> None:
    for url in ("/nothing", "/p/nobody", "/s/no-such-code", "/t/nobody"):
        response = await house.client.get(url, headers=A_PERSON)
        assert response.status_code in (401, 404)
        assert response.headers["content-type"].startswith("text/html")
        assert missed(response, PAGE) == []
        assert_nobody_keeps_it(response)


async def test_refusals_before_any_route(a_client: ClientMaker) -> None:
    """Another host, too often, too large, no such method, no such address, a preflight."""
    settings = {"rate_reads": "1/minute", "unlimited": "", "max_body_bytes": 1024}
    async with a_client(**settings) as client:
        answers = [
            await client.get("/api/health"),
            await client.get("/api/health"),
            await client.post("/api/game/intro", content=b"x" * 2000),
            await client.request("BREW", "/api/state"),
            await client.post("/nothing"),
        ]
        rebound = await client.post("http://127.0.0.1/", headers={"Host": "evil.example"})
    assert [one.status_code for one in answers] == [200, 429, 413, 405, 404]
    async with a_client(cors_origins="https://games.example") as client:
        asks = {"Origin": "https://games.example", "Access-Control-Request-Method": "POST"}
        preflight = await client.options("/api/game/intro", headers=asks)
        assert missed(preflight, PREVIEW) == []
    for response in (*answers, rebound):
        assert missed(response, {}) == []
        assert_nobody_keeps_it(response)
    assert rebound.status_code == 403


async def test_refusals_before_there_is_a_request(client: Client) -> None:
    async with served(client.app, max_head_bytes=1024) as port:
        for said, status in ((b"nonsense\r\n\r\n", 400), (GET.replace(b"GET", b"G" * 2000), 400)):
            async with line_to(port) as line:
                await line.say(said)
                answer = await line.answer()
            assert answer.status_code == status
            assert missed(answer, {}) == []
            assert_nobody_keeps_it(answer)
        async with line_to(port) as line:
            await line.say(GET)
            answer = await line.answer()
        assert missed(answer, {}) == []
    assert PIPELINED  # its refusal is made where these two are


async def test_what_nobody_foresaw(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.engine.sessions.Sessions.state", breaks)
    response = await client.get("/api/state")
    assert response.status_code == 500
    assert missed(response, {}) == []
    assert_nobody_keeps_it(response)


async def test_other_sites_show_pictures_only_where_they_are_let_in(a_client: ClientMaker) -> None:
    for origins, told in (("", "same-origin"), ("https://games.example", "cross-origin")):
        async with a_client(cors_origins=origins) as client:
            turn = await client.intro()
            picture = await client.get(turn["image"]["url"])
        assert picture.headers[CORP] == told


async def test_the_docs_run_their_own_script_and_no_other(client: Client) -> None:
    page = await client.get("/docs")
    policy = dict(part.split(" ", 1) for part in page.headers[CSP].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    (inline,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    own = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert own
    assert all(url.startswith("/docs-assets/") for url in own)
    for url in own:
        assert (await client.get(url)).status_code == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_every_cookie_is_for_us_alone(a_client: ClientMaker, scheme: str) -> None:
    """Those that are set and those that are taken back; `Secure` where a proxy says https."""
    async with a_client(
        access="keys", service_keys=(KEPT,), trusted_proxies="10.0.0.0/8"
    ) as client:
        transport = httpx.ASGITransport(client.app, client=(PROXY, 1))
        said = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": scheme}
        async with httpx.AsyncClient(
            transport=transport, base_url="https://games.example", headers=said
        ) as browser:
            answers = [
                await browser.post("/api/sessions", json={"session_id": f"s{n}"}) for n in range(27)
            ]
            await browser.post("/api/game/intro", json={"session_id": "s26"})
            codes = (await browser.get("/share/s26")).json()
            watches = await browser.get(f"/s/{codes['watch']}")
            answers += [watches, await browser.get(f"/s/{codes['play']}")]
        cookies = [one for answer in answers for one in answer.headers.get_list("set-cookie")]
    assert len(cookies) > 27 + 2, "some are taken back"
    for cookie in cookies:
        parts = {part.lower() for part in cookie.split("; ")}
        assert {"httponly", "samesite=lax", "path=/"} <= parts
        assert ("secure" in parts) is (scheme == "https")
        assert not any(part.startswith("domain=") for part in parts)


async def test_an_answer_that_says_more_is_believed() -> None:
    sent: list[Message] = []

    async def says(_: Scope, __: Receive, send: Send) -> None:
        headers = [(b"referrer-policy", b"origin")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    await RequestLog(says, Metrics(), always(other_sites=False))(scope, receive, send)
    names = [name.decode() for name, _ in sent[0]["headers"]]
    assert sorted(names) == sorted([*ALWAYS, "x-request-id"])
    assert (b"referrer-policy", b"origin") in sent[0]["headers"]


def test_the_table_stands_in_the_docs() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for name, value in ALWAYS.items():
        assert f"`{name}: {value}`" in text, name
