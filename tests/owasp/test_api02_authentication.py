"""API2:2023, Broken Authentication: guessing, forging, outliving.

OWASP's scenarios: passwords tried in bulk past a rate limit; an account changed for good by who
has a token for a moment. And its list: tokens in addresses, tokens that are not verified, that
never end. `tests/http/test_access.py` has every route with wrong, expired and replaced tokens.
"""

import base64
import json
from typing import Any, Final

from itsdangerous import URLSafeSerializer

from app.edge.access.gate import COOKIE, TOKEN_HEADER
from tests.http.conftest import Client, ClientMaker, assert_failed
from tests.http.house import KEPT, KEY, OURS, THEIRS, House, bearer, made
from tests.http.test_rates import ANOTHER, STRANGER, from_address


async def test_keys_cannot_be_tried_in_bulk(a_client: ClientMaker) -> None:
    """Neither one after the other nor with a good one among them: who guesses is not heard any
    more, and everybody else is."""
    async with (
        a_client(access="keys", service_keys=(KEPT,), rate_reads="20/minute") as client,
        from_address(client, STRANGER) as guesser,
        from_address(client, ANOTHER) as another,
    ):
        guesses = [bearer(f"ek_{number:043}") for number in range(30)]
        codes = [(await guesser.get("/metrics", headers=one)).status_code for one in guesses]
        assert codes == [401] * 20 + [429] * 10
        assert_failed(await guesser.get("/metrics", headers=bearer(KEY)), 429, "rate_limited")
        assert (await another.get("/metrics", headers=bearer(KEY))).status_code == 200


async def test_links_cannot_be_guessed_in_bulk(a_client: ClientMaker) -> None:
    """A code has 40 bits, and there may be 100 000 of them: at 1200 reads a minute somebody would
    find one in days. Who guesses is shown nothing by the right one either."""
    async with (
        a_client(access="keys", service_keys=(KEPT,), rate_guesses="20/minute") as client,
        from_address(client, STRANGER) as guesser,
        from_address(client, ANOTHER) as another,
    ):
        token = await made(client, OURS)
        code = (await client.get(f"/share/{OURS}", headers=bearer(token))).json()["play"]
        assert (await guesser.get(f"/s/{code}")).status_code == 200
        guesser.cookies.clear()
        codes = [(await guesser.get(f"/s/aaaa{n:04}")).status_code for n in range(25)]
        assert codes == [404] * 20 + [429] * 5
        for path in (f"/s/{code}", f"/s/{code}/0", f"/s/{code}/0/picture.webp"):
            refused = await guesser.get(path)
            assert_failed(refused, 429, "rate_limited")
            assert "set-cookie" not in refused.headers
        assert (await guesser.get("/api/info")).status_code == 200
        assert (await another.get(f"/s/{code}")).status_code == 200


async def test_many_guesses_are_not_one_request(house: House) -> None:
    """As a batch would hide them: several credentials in one request are none, or one."""
    wrong = ("ek_" + "a" * 43, "nonsense")
    for shown in (
        [("Authorization", f"Bearer {one}") for one in (*wrong, KEY)],
        [("Authorization", f"Bearer {', '.join((*wrong, KEY))}")],
        [("Authorization", f"Bearer {wrong[0]} {KEY}")],
    ):
        response = await house.client.get("/metrics", headers=shown)
        assert_failed(response, 401, "unauthorized")


def _parts(token: str) -> tuple[list[Any], str]:
    payload, _, signature = token.rpartition(".")
    return json.loads(base64.urlsafe_b64decode(payload + "==")), signature


def _payload(said: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


async def test_what_a_token_says_cannot_be_changed(house: House) -> None:
    given = await house.client.data(
        "POST", f"/api/sessions/{OURS}/tokens", json={"role": "watch"}, headers=bearer(house.ours)
    )
    said, signature = _parts(given["token"])
    session_id, born, edition, role, expires = said
    assert (session_id, role) == (OURS, "watch")
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    forged = [
        f"{_payload([session_id, born, edition, 'play', expires])}.{signature}",
        f"{_payload([THEIRS, born, edition, role, expires])}.{signature}",
        f"{_payload([session_id, born, edition, role, expires * 2])}.{signature}",
        f"{_payload(said)}.",
        _payload(said),
        f"{_payload(said)}.{signature[:-2]}",
        f"{header}.{_payload(said)}.",
        f"{given['token']}.{signature}",
        *(
            str(URLSafeSerializer(secret, salt=salt).dumps(said))
            for secret in (b"", b"secret", b"\0" * 32, OURS.encode())
            for salt in ("elsewhere session token", "itsdangerous")
        ),
    ]
    before = house.digest()
    for token in forged:
        for session in (OURS, THEIRS):
            url = f"/api/state?session_id={session}"
            assert_failed(await house.client.get(url, headers=bearer(token)), 401, "unauthorized")
        cookie = {"Cookie": f"{COOKIE}{OURS}={token}"}
        body = {"session_id": OURS, "choice": "Wait"}
        response = await house.client.post("/api/game/action", json=body, headers=cookie)
        assert_failed(response, 401, "unauthorized")
    assert house.digest() == before


async def test_the_same_secret_signs_nothing_else_that_is_taken_for_a_token(house: House) -> None:
    codes = (await house.client.get(f"/share/{OURS}", headers=bearer(house.ours))).json()
    for code in codes.values():
        response = await house.client.get(f"/api/state?session_id={OURS}", headers=bearer(code))
        assert_failed(response, 401, "unauthorized")
    assert (await house.client.get(f"/s/{house.ours}")).status_code == 404


async def test_a_token_in_an_address_is_none(house: House) -> None:
    """Addresses are kept by logs, histories and proxies: not even a good one is taken there."""
    for name in ("token", "access_token", "api_key", "key", "authorization"):
        for token in (KEY, house.ours):
            for path in (f"/api/state?session_id={OURS}&", "/metrics?"):
                response = await house.client.get(f"{path}{name}={token}")
                assert response.status_code in (401, 422), (path, name)
                assert token not in response.text


SHOWN: Final = (
    "Basic {basic}",
    "Token {token}",
    "{token}",
    "Bearer",
    "Bearer  ",
    "Bearer: {token}",
    "Bearer \x00{token}",
    'Bearer "{token}"',
)


async def test_a_token_that_is_shown_otherwise_is_none(house: House) -> None:
    for token in (KEY, house.ours):
        basic = base64.b64encode(f"discord:{token}".encode()).decode()
        for shown in SHOWN:
            value = shown.format(token=token, basic=basic).encode()
            response = await house.client.get(
                f"/api/state?session_id={OURS}", headers={b"authorization": value}
            )
            assert_failed(response, 401, "unauthorized")


async def test_a_token_in_hand_for_a_moment_is_not_kept_for_ever(house: House) -> None:
    """OWASP's second scenario. Who has got hold of a token can be shut out by who holds another;
    a spectator cannot make themselves a player, nor shut out the players."""
    client, shown = house.client, bearer(house.ours)
    url = f"/api/sessions/{OURS}/tokens"
    watch = bearer((await client.data("POST", url, json={"role": "watch"}, headers=shown))["token"])
    before = house.kept()
    for body in ({"role": "play"}, {"role": "watch"}, {"replace": True}, {}):
        assert_failed(await client.post(url, json=body, headers=watch), 403, "forbidden")
    assert house.kept() == before
    stolen = bearer((await client.data("POST", url, json={"role": "play"}, headers=shown))["token"])
    answer = await client.post(url, json={"replace": True}, headers=shown)
    client.cookies.clear()
    fresh = bearer(answer.headers[TOKEN_HEADER])
    for old in (stolen, watch, shown):
        assert_failed(await client.post(url, json={}, headers=old), 401, "unauthorized")
    assert (await client.get(f"/api/sessions/{OURS}", headers=fresh)).status_code == 200


async def test_a_key_that_was_taken_back_is_worth_nothing_after_a_restart(
    a_client: ClientMaker,
) -> None:
    async def codes(client: Client) -> list[int]:
        shown: tuple[dict[str, str], ...] = (bearer(KEY), {})
        return [(await client.get("/metrics", headers=one)).status_code for one in shown]

    async with a_client(access="keys", service_keys=(KEPT,)) as client:
        assert await codes(client) == [200, 401]
    async with a_client(access="keys") as client:
        assert await codes(client) == [401, 401]
