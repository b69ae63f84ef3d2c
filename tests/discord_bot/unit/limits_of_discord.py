"""What Discord takes in a message of components (docs.discord.com, as of 2026-11)."""

from collections.abc import Iterator
from typing import Any

from clients.discord_bot.ui.page import Page

TEXT, BUTTON, GALLERY, ROW = 10, 2, 12, 1


def walk(components: Any) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from walk(component.get("components", ()))


def check(page: Page) -> list[dict[str, Any]]:
    """All components, if Discord would take them."""
    all_of_them = list(walk(page.view.to_components()))  # type: ignore[no-untyped-call]
    assert 0 < len(all_of_them) <= 40
    texts = [c["content"] for c in all_of_them if c["type"] == TEXT]
    assert all(texts), "no text is empty"
    assert sum(map(len, texts)) <= 4000
    buttons = [c for c in all_of_them if c["type"] == BUTTON]
    assert all(1 <= len(b["label"]) <= 80 for b in buttons)
    assert all(1 <= len(b["custom_id"]) <= 100 for b in buttons)
    assert len({b["custom_id"] for b in buttons}) == len(buttons)
    assert all(1 <= len(c["components"]) <= 5 for c in all_of_them if c["type"] == ROW)
    items = [item for c in all_of_them if c["type"] == GALLERY for item in c["items"]]
    assert all(1 <= len(c["items"]) <= 10 for c in all_of_them if c["type"] == GALLERY)
    assert all(1 <= len((item["description"] or "").strip()) <= 256 for item in items)
    named = {item["media"]["url"] for item in items}
    assert {f"attachment://{one.name}" for one in page.attached} <= named
    assert len(page.attached) <= 10
    return all_of_them
