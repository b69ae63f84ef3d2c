"""Everything that is shown beside the turns: status, history, pictures, notices. Pure."""

from collections.abc import Sequence
from typing import Final

from discord import ui

from clients.discord_bot.ui import ids
from clients.discord_bot.ui.page import Attached, Page, layout
from clients.discord_bot.ui.press import PressButton, button, row
from clients.discord_bot.ui.render import NAME, OPEN, fate_name
from clients.discord_bot.ui.text import cut, fitted, one_line, pieces
from clients.discord_bot.words import Words
from clients.game_client import HistoryEntry, HistoryPage, State

TEXT: Final = 3800
"""Characters of one text message."""
ENTRIES: Final = 5
"""Turns a page of the history."""


def notice_page(text: str, *buttons: PressButton) -> Page:
    """A sentence, and what can be done about it."""
    items: list[ui.Item[ui.LayoutView]] = [ui.TextDisplay(cut(text, TEXT))]
    if buttons:
        items.append(row(*buttons))
    return Page(layout(*items))


def text_pages(text: str) -> list[Page]:
    """A long text, whole, in as many messages as it takes."""
    return [Page(layout(ui.TextDisplay(piece))) for piece in pieces(text, TEXT)]


def gallery_page(pictures: Sequence[Attached], title: str) -> Page:
    """Up to ten pictures under a title."""
    gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery()
    for picture in pictures:
        gallery.add_item(media=f"attachment://{picture.name}", description=picture.alt)
    return Page(layout(ui.TextDisplay(cut(title, 200)), gallery), tuple(pictures))


def status_page(state: State, words: Words, *, link: str) -> Page:
    """How the player stands."""
    lines = [f"### {fitted(one_line(state.location.name), 100) or words('turn.intro')}"]
    if state.situation:
        lines.append(fitted(state.situation, 600))
    lines.append(words("turn.health", health=state.player.health))
    injuries = ", ".join(state.player.injuries) or words("status.unhurt")
    lines.append(words("status.injuries", list=fitted(one_line(injuries), 500)))
    items = ", ".join(item.name for item in state.player.inventory) or words("status.nothing")
    lines.append(words("status.inventory", list=fitted(one_line(items), 900)))
    if state.cost.budget_usd is not None:
        spent, budget = f"{state.cost.spent_usd:.2f}", f"{state.cost.budget_usd:.2f}"
        lines.append("-# " + words("status.cost", spent=spent, budget=budget))
    if link:
        lines.append(link)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_color=OPEN)
    box.add_item(ui.TextDisplay("\n".join(lines)))
    return Page(layout(box))


def more_page(state: State, words: Words, *, link: str) -> Page:
    """What can be done beside playing a choice."""
    page = status_page(state, words, link=link)
    asked = [(ids.HISTORY, "button.history")]
    if not state.over:
        asked.insert(0, (ids.OTHER_CHOICES, "button.other_choices"))
        if state.settings.deadline_seconds:
            asked.append((ids.MORE_TIME, "button.more_time"))
        on = state.settings.auto_play
        what, key = (ids.AUTO_OFF, "button.auto_off") if on else (ids.AUTO_ON, "button.auto_on")
        asked.append((what, key))
    buttons = (
        button(ids.Press(state.session_id, state.turn, what), words(key)) for what, key in asked
    )
    page.view.add_item(row(*buttons))
    return page


def history_page(session_id: str, page: HistoryPage, words: Words) -> Page:
    """A few turns, newest first, and the way to older and newer ones."""
    box: ui.Container[ui.LayoutView] = ui.Container(accent_color=OPEN)
    room = (TEXT - 200) // max(1, len(page.items))
    for entry in page.items[:ENTRIES]:
        box.add_item(ui.TextDisplay(_told(entry, words, room)))
    if not page.items:
        box.add_item(ui.TextDisplay(words("history.empty")))
    buttons = []
    newest = page.items[0].turn if page.items else 0
    if page.items and newest < page.total - 1:
        newer = ids.Press(session_id, newest + ENTRIES + 1, ids.HISTORY_PAGE)
        buttons.append(button(newer, words("button.newer")))
    if page.next_before is not None:
        older = ids.Press(session_id, page.next_before, ids.HISTORY_PAGE)
        buttons.append(button(older, words("button.older")))
    if buttons:
        box.add_item(row(*buttons))
    return Page(layout(box))


def _told(entry: HistoryEntry, words: Words, room: int) -> str:
    title = words("turn.title", turn=entry.turn) if entry.turn > 0 else words("turn.intro")
    lines = [f"**{title}**"]
    if entry.action:
        fate = f" · {fate_name(entry.fate, words)}" if entry.fate else ""
        lines.append(f"-# {fitted(one_line(entry.action), min(NAME * 3, room // 3))}{fate}")
    left = room - sum(len(line) + 1 for line in lines)
    lines.append(fitted(entry.dispatch, max(1, left)))
    return "\n".join(lines)
