"""A turn as a message. Pure: a state in, a page out; every limit of Discord is kept here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import discord
from discord import ui

from clients.discord_bot.records import Mode
from clients.discord_bot.ui import ids
from clients.discord_bot.ui.page import ALT, CHARACTERS, LABEL, Attached, Page, layout
from clients.discord_bot.ui.press import PressButton, button, row
from clients.discord_bot.ui.text import ELLIPSIS, cut, fitted, one_line
from clients.discord_bot.words import Words
from clients.game_client import Choice, State

CHOICES: Final = 8
"""Shown at most; the game offers four."""
MARGIN: Final = 100
NAME: Final = 64
LISTED: Final = 200

How = Literal["chosen", "own", "vote", "timeout", "auto", "elsewhere", "moved"]

_STYLES: Final = (
    ("high", discord.ButtonStyle.danger),
    ("medium", discord.ButtonStyle.primary),
)
OPEN: Final = 0xD98E2B
CLOSED: Final = 0x4B5058
LOST: Final = 0x8C1C13


@dataclass(frozen=True, slots=True)
class Closing:
    """What ended the turn that a message shows."""

    how: How
    name: str = ""
    text: str = ""
    choice_id: str | None = None
    fate: str = ""
    """A frame of the roll of fate."""


@dataclass(frozen=True, slots=True)
class Showing:
    """How a turn is shown."""

    words: Words
    mode: Mode = "anyone"
    attached: Attached | None = None
    """The picture, new in this message."""
    picture: str | None = None
    """The name of the picture that the message has."""
    closing: Closing | None = None
    is_resting: bool = False
    """Auto-play has stopped after this turn."""
    votes: Mapping[str, int] | None = None
    votes_end: int | None = None
    """When the vote ends, in seconds since 1970."""


def turn_page(state: State, showing: Showing) -> Page:
    """The message of a turn: open, or closed by what was chosen."""
    words = showing.words
    before = _title(state, words)
    after = list(_facts(state, showing))
    listed = _listed(state, showing)
    ending = _closing(showing.closing, words) if showing.closing else ""
    used = sum(map(len, (before, *after, listed, ending)))
    room = CHARACTERS - MARGIN - used
    told = fitted(state.dispatch, room)
    is_cut = told.endswith(ELLIPSIS) and not state.dispatch.endswith(ELLIPSIS)

    box: ui.Container[ui.LayoutView] = ui.Container(accent_color=_colour(state, showing))
    box.add_item(ui.TextDisplay(before))
    gallery = _gallery(state, showing)
    if gallery is not None:
        box.add_item(gallery)
    if told:
        box.add_item(ui.TextDisplay(told))
    for text in (*after, listed, ending):
        if text:
            box.add_item(ui.TextDisplay(text))
    for buttons in _rows(state, showing, is_cut=is_cut):
        box.add_item(row(*buttons))
    attached = (showing.attached,) if showing.attached is not None else ()
    return Page(layout(box), attached)


def early_page(turn: int, told: str, words: Words) -> Page:
    """The words of a turn that is being made. Nothing in it can be pressed."""
    title = words("turn.title", turn=turn) if turn > 0 else words("turn.intro")
    box: ui.Container[ui.LayoutView] = ui.Container(accent_color=CLOSED)
    box.add_item(ui.TextDisplay(f"### {title}"))
    box.add_item(ui.TextDisplay(fitted(told, CHARACTERS - MARGIN * 3) or ELLIPSIS))
    box.add_item(ui.TextDisplay("-# " + words("turn.early")))
    return Page(layout(box))


def alt_of(state: State, words: Words) -> str:
    """What the picture shows, for those who do not see it. Never empty."""
    image = state.image
    said = one_line((image.alt if image else "") or state.vision_dispatch)
    return cut(said or words("turn.picture", turn=state.turn), ALT)


def picture_name(turn: int, mime: str) -> str:
    """The file name of a turn's picture."""
    kind = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif"}.get(mime, "webp")
    return f"turn-{max(turn, 0)}.{kind}"


def _title(state: State, words: Words) -> str:
    place = fitted(one_line(state.location.name), 100)
    title = words("turn.title", turn=state.turn) if state.turn > 0 else words("turn.intro")
    return f"### {title} · {place}" if place else f"### {title}"


def _facts(state: State, showing: Showing) -> Iterator[str]:
    words = showing.words
    vitals = [words("turn.health", health=state.player.health)]
    if state.fate:
        vitals.append(words("turn.fate", fate=fate_name(state.fate, words)))
    if state.player.injuries:
        vitals.append(fitted(one_line(", ".join(state.player.injuries)), 200))
    yield "-# " + " · ".join(vitals)
    if state.over:
        key = "turn.over_dead" if not state.player.alive else "turn.over"
        yield f"**{words(key)}**"
    elif showing.closing is None:
        if showing.is_resting:
            yield "-# " + words("auto.stopped")
        yield from _time(state, showing)
    if _lacks_picture(state, showing):
        yield "-# " + words("turn.no_picture", alt=fitted(alt_of(state, words), 300))


def _lacks_picture(state: State, showing: Showing) -> bool:
    """Whether there is none, or one that cannot be shown here."""
    if state.image is None or showing.attached is not None or showing.picture is not None:
        return False
    return state.image.status == "failed" or state.image.ready


def _time(state: State, showing: Showing) -> Iterator[str]:
    words = showing.words
    for locked in state.locked[:1]:
        text, needs = fitted(one_line(locked.text), 120), fitted(one_line(locked.needs), 160)
        yield "-# " + words("turn.locked", text=text, needs=needs)
    if state.held_by is not None:
        yield "-# " + words("turn.held", name=fitted(one_line(state.held_by), NAME))
    elif state.deadline_at is not None:
        at = f"<t:{int(state.deadline_at.timestamp())}:R>"
        yield words("turn.deadline", time=at)
    if showing.mode != "vote":
        return
    cast = sum((showing.votes or {}).values())
    yield words("turn.votes", count=cast)
    if showing.votes_end is not None and cast and state.deadline_at is None:
        yield words("turn.votes_end", time=f"<t:{showing.votes_end}:R>")


def fate_name(fate: str, words: Words) -> str:
    """Fate in the reader's language."""
    known = {"LUCKY": "fate.lucky", "NORMAL": "fate.normal", "UNLUCKY": "fate.unlucky"}
    return words(known[fate]) if fate in known else fitted(one_line(fate), 20)


def _closing(closing: Closing, words: Words) -> str:
    name = fitted(one_line(closing.name), NAME) or words("closing.somebody")
    text = fitted(one_line(closing.text), 320)
    said = words(f"closing.{closing.how}", name=name, text=text)
    return f"{said} {closing.fate}".rstrip()


def _gallery(state: State, showing: Showing) -> ui.MediaGallery[ui.LayoutView] | None:
    name = showing.attached.name if showing.attached else showing.picture
    if name is None:
        return None
    gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery()
    gallery.add_item(media=f"attachment://{name}", description=alt_of(state, showing.words))
    return gallery


def _colour(state: State, showing: Showing) -> int:
    if state.over:
        return CLOSED if state.player.alive else LOST
    return CLOSED if showing.closing else OPEN


def _offered(state: State) -> tuple[Choice, ...]:
    if state.over or state.phase not in ("choosing", "resolving"):
        return ()
    return tuple(choice for choice in state.choices if ids.fits(choice.id))[:CHOICES]


def _listed(state: State, showing: Showing) -> str:
    """The whole text of choices that are too long for a button."""
    choices = _offered(state)
    if showing.closing or all(len(_label(choice)) <= LABEL for choice in choices):
        return ""
    lines = (
        f"**{number}** {fitted(one_line(choice.text), LISTED)}"
        for number, choice in enumerate(choices, start=1)
        if len(_label(choice)) > LABEL
    )
    return "\n".join(lines)


def _label(choice: Choice) -> str:
    return one_line(choice.text)


def _rows(state: State, showing: Showing, *, is_cut: bool) -> Iterator[list[PressButton]]:
    closing = showing.closing
    for number, choice in enumerate(_offered(state), start=1):
        yield [_choice(state, showing, choice, number)]
    below: list[PressButton] = []
    if is_cut:
        below.append(_plain_button(state, ids.WHOLE_TEXT, showing.words("button.whole_text")))
    if state.over:
        again = ids.Press(state.session_id, state.turn, ids.AGAIN)
        style = discord.ButtonStyle.success
        below.append(
            button(again, showing.words("button.again"), style=style, disabled=closing is not None)
        )
        below.append(_plain_button(state, ids.HISTORY, showing.words("button.history")))
    elif closing is None:
        if _offered(state):
            own = showing.words("button.own_words")
            below.append(_plain_button(state, ids.OWN_WORDS, own))
        below.append(_plain_button(state, ids.MORE, showing.words("button.more")))
    if below:
        yield below


def _choice(state: State, showing: Showing, choice: Choice, number: int) -> PressButton:
    closing = showing.closing
    label = _label(choice)
    if len(label) > LABEL:
        label = f"{number} {label}"
    votes = showing.votes or {}
    if showing.mode == "vote" and closing is None and votes.get(choice.id):
        count = f" · {votes[choice.id]}"
        label = cut(label, LABEL - len(count)) + count
    chosen = closing is not None and closing.choice_id == choice.id
    if closing is not None:
        style = discord.ButtonStyle.success if chosen else discord.ButtonStyle.secondary
    else:
        style = dict(_STYLES).get(choice.risk, discord.ButtonStyle.secondary)
    # The same in a message that is closed: a click that is on its way still finds its button.
    what = (ids.VOTE if showing.mode == "vote" else ids.CHOOSE) + choice.id
    press = ids.Press(state.session_id, state.turn, what)
    return button(press, label, style=style, disabled=closing is not None)


def _plain_button(state: State, what: str, label: str) -> PressButton:
    return button(ids.Press(state.session_id, state.turn, what), label)
