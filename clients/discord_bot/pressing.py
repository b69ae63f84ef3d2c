"""What each button does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import discord

from clients.discord_bot.answering import acknowledge, answer, insist, say
from clients.discord_bot.asking import (
    check_host,
    check_may_steer,
    check_player,
    is_host,
    key_of,
    who_of,
)
from clients.discord_bot.opening import begin_again
from clients.discord_bot.refusals import Refusal
from clients.discord_bot.table import Table
from clients.discord_bot.ui import ids
from clients.discord_bot.ui.modals import OwnWords
from clients.discord_bot.ui.panels import ENTRIES, history_page, more_page, text_pages
from clients.discord_bot.ui.text import fitted, one_line

if TYPE_CHECKING:
    from clients.discord_bot.bot import GameBot

    Interaction = discord.Interaction[GameBot]


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button, who pressed it, and the table it is of."""

    interaction: "Interaction"
    press: ids.Press
    table: Table

    @property
    def message_id(self) -> int | None:
        message = self.interaction.message
        return message.id if message is not None else None

    def check_may_play(self) -> None:
        game = self.table.game
        check_player(self.interaction, game, self.table.house.policy(game))

    def check_may_steer(self) -> None:
        game = self.table.game
        check_may_steer(self.interaction, game, self.table.house.policy(game))

    async def check_present(self) -> None:
        await self.table.check_present(self.message_id, self.press.turn)


async def handle(interaction: "Interaction", press: ids.Press) -> None:
    """Do what a button says. Raises what is said by `apologize`."""
    bot = interaction.client
    if press.kind == ids.OWN_WORDS:
        # A window has to be the first answer, so that nothing can be asked of the service before.
        words = bot.words_of(interaction)
        window = OwnWords(press.session_id, press.turn, words)
        await insist(lambda: interaction.response.send_modal(window))
        return
    if press.kind in _BESIDE and press.what != ids.HISTORY_PAGE:
        await acknowledge(interaction, privately=True)
    else:
        await acknowledge(interaction)
    doing = _DOING.get(press.kind)
    if doing is None:
        raise Refusal("error.stale")
    await doing(Pressed(interaction, press, await bot.hall.table(press.session_id)))


async def play_words(interaction: "Interaction", session_id: str, turn: int, text: str) -> None:
    """What came out of the window for one's own words."""
    await acknowledge(interaction)
    table = await interaction.client.hall.table(session_id)
    game = table.game
    policy = table.house.policy(game)
    check_player(interaction, game, policy)
    if policy.mode == "vote" and not is_host(interaction, game):
        raise Refusal("vote.own_words")
    if not text.strip():
        raise Refusal("error.empty_words")
    message = interaction.message
    await table.check_present(message.id if message is not None else None, turn)
    await table.act(who_of(interaction), text=text.strip(), turn=turn, key=key_of(interaction))


async def _choose(pressed: Pressed) -> None:
    pressed.check_may_play()
    await pressed.check_present()
    await pressed.table.act(
        who_of(pressed.interaction),
        choice_id=pressed.press.choice_id,
        turn=pressed.press.turn,
        key=key_of(pressed.interaction),
    )


async def _vote(pressed: Pressed) -> None:
    await pressed.check_present()
    table, choice_id = pressed.table, pressed.press.choice_id
    vote = table.game.vote
    is_changed = vote is not None and vote.choice_of(pressed.interaction.user.id) is not None
    state = table.state
    text = next((c.text for c in state.choices if c.id == choice_id), "") if state else ""
    if await table.ballots.cast(who_of(pressed.interaction), choice_id):
        return
    words = pressed.interaction.client.words_of(pressed.interaction)
    key = "vote.changed" if is_changed else "vote.cast"
    await say(pressed.interaction, words(key, text=fitted(one_line(text), 300)))


async def _more(pressed: Pressed) -> None:
    interaction, table = pressed.interaction, pressed.table
    state = await table.house.client.state(table.session_id)
    words = interaction.client.words_of(interaction)
    await answer(interaction, more_page(state, words, link=""))


async def _other_choices(pressed: Pressed) -> None:
    pressed.check_may_steer()
    table = pressed.table
    await table.reroll(key_of(pressed.interaction), who_of(pressed.interaction), pressed.press.turn)
    await _done(pressed)


async def _more_time(pressed: Pressed) -> None:
    pressed.check_may_play()
    table = pressed.table
    await table.house.client.extend(table.session_id, name=who_of(pressed.interaction).name)
    await table.catch_up()
    await _done(pressed)


async def _auto(pressed: Pressed) -> None:
    pressed.check_may_steer()
    table = pressed.table
    on = pressed.press.kind == ids.AUTO_ON
    await table.house.client.change_session(table.session_id, settings={"auto_play": on})
    words = pressed.interaction.client.words_of(pressed.interaction)
    await say(pressed.interaction, words("auto.on" if on else "auto.off"))


async def _whole_text(pressed: Pressed) -> None:
    table = pressed.table
    entry = await table.house.client.entry(table.session_id, turn=max(0, pressed.press.turn))
    for page in text_pages(entry.dispatch):
        await answer(pressed.interaction, page)


async def _history(pressed: Pressed) -> None:
    interaction, table = pressed.interaction, pressed.table
    turns_page = pressed.press.what == ids.HISTORY_PAGE
    before = pressed.press.turn if turns_page else None
    found = await table.house.client.history(table.session_id, limit=ENTRIES, before=before)
    page = history_page(table.session_id, found, interaction.client.words_of(interaction))
    if turns_page:
        await interaction.edit_original_response(view=page.view)
    else:
        await answer(interaction, page)


async def _again(pressed: Pressed) -> None:
    pressed.check_may_play()
    await pressed.check_present()
    await begin_again(pressed.table, pressed.interaction)


async def _confirm_reset(pressed: Pressed) -> None:
    check_host(pressed.interaction, pressed.table.game)
    await begin_again(pressed.table, pressed.interaction)
    await _done(pressed)


async def _done(pressed: Pressed) -> None:
    """End the waiting: what was asked for can be seen in the channel."""
    words = pressed.interaction.client.words_of(pressed.interaction)
    await say(pressed.interaction, f"{words('notice.done')} {pressed.table.link}")


Doing = Callable[[Pressed], Awaitable[None]]

_BESIDE: Final = frozenset(
    (
        ids.MORE,
        ids.OTHER_CHOICES,
        ids.MORE_TIME,
        ids.AUTO_ON,
        ids.AUTO_OFF,
        ids.WHOLE_TEXT,
        ids.HISTORY,
        ids.CONFIRM_RESET,
    )
)
"""Answered to who pressed, and to nobody else."""

_DOING: Final = MappingProxyType[str, Doing](
    {
        ids.CHOOSE: _choose,
        ids.VOTE: _vote,
        ids.MORE: _more,
        ids.OTHER_CHOICES: _other_choices,
        ids.MORE_TIME: _more_time,
        ids.AUTO_ON: _auto,
        ids.AUTO_OFF: _auto,
        ids.WHOLE_TEXT: _whole_text,
        ids.HISTORY: _history,
        ids.AGAIN: _again,
        ids.CONFIRM_RESET: _confirm_reset,
    }
)
