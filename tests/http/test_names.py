"""R9 over HTTP: no address and no name leads out of the folders, whatever is planted in them."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import app
from app.edge.routes import Route
from tests.conftest import Measured
from tests.http.conftest import Client
from tests.http.routes import SHOWN, TAKES_JSON, path_of

NAMES: Final = (
    "..%2fx",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f%2e%2e%2fsecret",
    "..%5csecret",
    "%2fetc%2fpasswd",
    "%00",
    "a%00b",
    "a%2fb",
    "C:%5cx",
    "%2e%2e",
    ".lock",
    "CON",
    "nul",
    "con.txt",
    "x" * 65,
    "%D0%B0",  # looks like an a
    "%EF%BD%81",
    "a%E2%80%AE",
    "a%0A",
    "~",
    "%ff",
    "linked",  # planted
    "linked.webp",
    "000000-linked.webp",
)
FILES: Final = ("secret", "state.json", "meta.json", "history.json", "x.webp")
"""What lies outside."""
CONTENT: Final = b"not yours"
CASES: Final = tuple(
    (route, part, name)
    for route in SHOWN
    for part in ("session_id", "name", "file", "world_id")
    if f"{{{part}}}" in route.path
    for name in NAMES
)
HERE: Final = tuple(str(Path(path).resolve()) for path in (sys.prefix, sys.base_prefix))
"""Where Python loads its modules from, whenever it does."""


class Watch:
    """Files that were opened, in any thread, while it was on."""

    def __init__(self) -> None:
        self.on = False
        self.opened: list[str] = []

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        if self.on and event == "open" and isinstance(args[0], str | bytes | Path):
            self.opened.append(os.fsdecode(args[0]))


@pytest.fixture(scope="module")
def the_watch() -> Watch:
    watch = Watch()
    sys.addaudithook(watch.hook)  # there is no way to take one away: it is switched off instead
    return watch


@pytest.fixture
def watch(the_watch: Watch) -> Iterator[Watch]:
    the_watch.opened.clear()
    yield the_watch
    the_watch.on = False


def _plant(root: Path, outside: Path) -> None:
    """Links that lead out, with the names that are asked for."""
    links = {"linked": outside}
    images = ("linked.webp", "000000-linked.webp")
    links |= {f"default/images/{name}": outside / "x.webp" for name in images}
    for name, target in links.items():
        if not (root / name).is_symlink():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).symlink_to(target)


async def test_no_address_leads_out_of_the_folders(
    client: Client, tmp_path: Path, watch: Watch, measured: Measured
) -> None:
    elsewhere = tmp_path / "outside"
    elsewhere.mkdir()
    for name in FILES:
        (elsewhere / name).write_bytes(CONTENT)
    await client.intro()
    for route, part, name in CASES:
        _plant(tmp_path / "sessions", elsewhere)
        watch.on = True
        address = path_of(route, **{part: name})
        response = await client.request(route.method, address, json=_body(route))
        watch.on = False
        assert CONTENT not in response.content, (route, name)
        if part == "session_id" and name in ("CON", "nul"):
            assert response.status_code < 500  # a name like any other
        elif part == "session_id" and name == "linked":
            # Found to be damaged, or the link itself is taken away.
            damaged = response.status_code == 500 and response.json()["code"] == "session_damaged"
            assert damaged or response.status_code < 500, route
        else:
            assert 400 <= response.status_code < 500, (route, name)
    assert sorted(path.name for path in elsewhere.iterdir()) == sorted(FILES)
    own = (str(tmp_path / "sessions"), str(tmp_path / "archives"), *HERE, *app.__path__)
    outside = [path for path in watch.opened if "/" in path and not path.startswith(own)]
    assert outside == []
    assert not any(str(elsewhere) in path for path in watch.opened)
    measured("addresses", len(CASES))
    measured("files opened outside", len(outside))


def _body(route: Route) -> dict[str, int] | None:
    """What lets a request come as far as its session."""
    if route.path.endswith(("/fork", "/rewind")):
        return {"turn": 0}
    return {} if route in TAKES_JSON else None
