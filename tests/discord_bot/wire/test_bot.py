"""The bot over discord.py's real gateway and HTTP, against the real service."""

import asyncio
from typing import Any

import aiohttp
import pytest

from clients.game_client import GameClient
from tests.clients.conftest import QUICK, AppMaker, listening
from tests.discord_bot.wire.asked import MODAL, Asked
from tests.discord_bot.wire.conftest import (
    ALICE,
    BEN,
    HANNA,
    HOST,
    BotMaker,
    answered,
    turns,
    until,
)
from tests.discord_bot.wire.minidiscord import EDITS, POSTS, MiniDiscord
from tests.discord_bot.wire.payloads import Json, User
from tests.discord_bot.wire.world import buttons, components, text_of

SOON = 0.5


async def begun(mini: MiniDiscord, channel: int, who: User = ALICE) -> Json:
    """A story that has begun; its first message."""
    await answered(await mini.slash(who, channel, "play"))
    await until(lambda: len(turns(mini, channel)) > 0)
    return turns(mini, channel)[-1]


def choices(message: Json) -> list[Json]:
    """The buttons that play a choice, or vote for one."""
    return [one for one in buttons(message) if one["custom_id"].split(":")[3][0] in "cv"]


async def chosen(mini: MiniDiscord, message: Json, number: int = 0, who: User = ALICE) -> Asked:
    return await mini.click(who, message, choices(message)[number]["custom_id"])


async def test_it_asks_for_guilds_alone_and_registers_its_commands_in_both_languages(
    mini: MiniDiscord, a_bot: BotMaker
) -> None:
    async with a_bot():
        assert mini.gateway.identified[0]["intents"] == 1
        assert mini.gateway.queries[0]["compress"] == "zlib-stream"
        commands = mini.rest.commands["/applications/9001/commands"]
        names = {one["name"] for one in commands}
    assert names == {
        "play",
        "continue",
        "act",
        "reset",
        "status",
        "history",
        "replay",
        "autoplay",
        "settings",
        "help",
    }
    assert all(one["description_localizations"]["de"] for one in commands)


async def test_commands_are_registered_only_when_they_have_changed(
    mini: MiniDiscord, a_bot: BotMaker
) -> None:
    for _ in range(2):
        async with a_bot():
            pass
    assert [call.path for call in mini.rest.log if call.method == "PUT"] == [
        "/applications/9001/commands"
    ]


async def test_everything_is_acknowledged_within_half_a_second(
    mini: MiniDiscord, a_bot: BotMaker, channel: int
) -> None:
    async with a_bot():
        asked = [await answered(await mini.slash(ALICE, channel, "play"))]
        await until(lambda: len(turns(mini, channel)) == 1)
        message = turns(mini, channel)[0]
        asked.append(await chosen(mini, message))
        await until(lambda: len(turns(mini, channel)) == 2)
        asked += [await answered(await mini.slash(ALICE, channel, n)) for n in ("status", "help")]
        message = turns(mini, channel)[1]
        for one in buttons(message):
            if one not in choices(message):
                asked.append(await answered(await mini.click(BEN, message, one["custom_id"])))
    latencies = [one.latency for one in asked]
    assert all(latency is not None and latency < SOON for latency in latencies), latencies


async def test_the_picture_arrives_as_it_is_with_its_description(
    mini: MiniDiscord, a_bot: BotMaker, channel: int
) -> None:
    async with a_bot() as bot:
        message = await begun(mini, channel)
        state = await bot.hall.house.client.state("default")
        assert state.image is not None
        painted = await bot.hall.house.client.media(state.image)
    (attached,) = message["attachments"]
    assert attached["description"]
    assert state.image.alt.startswith(attached["description"].rstrip("…"))
    async with aiohttp.ClientSession() as session, session.get(attached["url"]) as answer:
        assert await answer.read() == painted.content
    (gallery,) = [one for one in components(message) if one["type"] == 12]
    (item,) = gallery["items"]
    assert item["media"]["url"] == attached["url"]
    assert item["description"] == attached["description"]


async def test_nothing_is_lost_while_the_connection_is(
    mini: MiniDiscord, a_bot: BotMaker, channel: int
) -> None:
    async with a_bot():
        message = await begun(mini, channel)
        await mini.gateway.cut()
        asked = await chosen(mini, message)
        await until(lambda: len(turns(mini, channel)) == 2)
        assert asked.acknowledged.is_set()
        assert len(mini.gateway.resumed) == 1
        assert len(mini.gateway.identified) == 1


async def test_fifty_clicks_at_once_are_one_turn_and_everybody_is_answered(
    mini: MiniDiscord, a_bot: BotMaker, channel: int
) -> None:
    async with a_bot() as bot:
        message = await begun(mini, channel)
        crowd = [User(600 + number, f"player{number}") for number in range(50)]
        asked = await asyncio.gather(
            *(chosen(mini, message, number % 4, who) for number, who in enumerate(crowd))
        )
        async with asyncio.timeout(20):
            await asyncio.gather(*(one.acknowledged.wait() for one in asked))
        await until(lambda: sum(one.answered.is_set() for one in asked) >= 49)
        await until(lambda: len(turns(mini, channel)) == 2)
        assert (await bot.hall.house.client.state("default")).turn == 1
    told = [one for one in asked if one.texts]
    assert len(told) == 49
    assert all(one.is_ephemeral for one in told)
    assert all("discord.com/channels" in one.texts[-1] for one in told)
    late = [one.latency for one in asked if one.latency is None or one.latency > 2.5]
    assert late == []


async def test_a_crowd_votes_at_once_and_what_most_are_for_is_played(
    mini: MiniDiscord, a_bot: BotMaker, channel: int
) -> None:
    async with a_bot(vote_seconds=1.0) as bot:
        await answered(await mini.slash(HOST, channel, "settings mode", value="vote"))
        message = await begun(mini, channel)
        wanted = choices(message)[2]
        crowd = [User(700 + number, f"voter{number}") for number in range(20)]
        asked = await asyncio.gather(
            *(chosen(mini, message, 0 if number < 5 else 2, w) for number, w in enumerate(crowd))
        )
        await until(lambda: len(turns(mini, channel)) == 2)
        entry = await bot.hall.house.client.entry("default", turn=1)
        await asyncio.gather(*(answered(one) for one in asked))
    assert (entry.action or "").startswith(wanted["label"].partition(" · ")[0].rstrip("…"))
    assert all(one.acknowledged.is_set() for one in asked)
    edits = [call for call in mini.rest.log if call.method == "PATCH" and "/channels/" in call.path]
    assert len(edits) <= 8


async def test_german_is_spoken_to_whoever_has_set_it(
    mini: MiniDiscord, a_bot: BotMaker, channel: int
) -> None:
    async with a_bot():
        asked = await answered(await mini.slash(HANNA, channel, "status"))
        english = await answered(await mini.slash(ALICE, channel, "status"))
    assert "Mit /spielen fängst du eine an" in asked.texts[-1]
    assert "Begin one with /play" in english.texts[-1]


async def test_the_channel_reads_the_language_of_its_server(
    mini: MiniDiscord, a_bot: BotMaker, channel: int
) -> None:
    mini.world.locale = "de"
    async with a_bot():
        message = await begun(mini, channel)
    assert "Gesundheit" in text_of(message)
    assert "Etwas anderes …" in [one["label"] for one in buttons(message)]


async def test_own_words_are_played_through_the_window(
    mini: MiniDiscord, a_bot: BotMaker, channel: int
) -> None:
    async with a_bot() as bot:
        message = await begun(mini, channel)
        (own,) = [one for one in buttons(message) if one["custom_id"].endswith(":x")]
        opened = await answered(await mini.click(ALICE, message, own["custom_id"]))
        assert opened.kind == MODAL
        await mini.submit(ALICE, opened, "whistle a @everyone tune")
        await until(lambda: len(turns(mini, channel)) == 2)
        entry = await bot.hall.house.client.entry("default", turn=1)
        await until(lambda: "whistle" in text_of(turns(mini, channel)[0]))
    assert entry.is_custom_action
    assert "@everyone" not in text_of(turns(mini, channel)[0])


async def test_a_limit_that_discord_enforces_only_delays(
    mini: MiniDiscord, a_bot: BotMaker, channel: int
) -> None:
    mini.limit(EDITS, 2, 0.5)
    mini.limit(POSTS, 2, 0.5)
    mini.fail("PATCH", "/channels/*", 429, retry_after=0.2)
    mini.fail("POST", "/channels/*", 429, retry_after=0.2)
    async with a_bot():
        message = await begun(mini, channel)
        for number in range(3):
            await chosen(mini, message)
            await until(lambda n=number: len(turns(mini, channel)) == n + 2)  # type: ignore[misc]
            message = turns(mini, channel)[-1]
        await until(lambda: not choices(turns(mini, channel)[2]))
    assert mini.rest.limits.overdrawn == 0


async def test_a_message_too_old_to_be_edited_holds_up_nothing(
    mini: MiniDiscord, a_bot: BotMaker, channel: int
) -> None:
    async with a_bot():
        message = await begun(mini, channel)
        old = f"/channels/{channel}/messages/{message['id']}"
        mini.fail("PATCH", old, 429, code=30046, retry_after=0.01, times=100)
        await chosen(mini, message)
        await until(lambda: len(turns(mini, channel)) == 2)
        await chosen(mini, turns(mini, channel)[1])
        await until(lambda: len(turns(mini, channel)) == 3)


async def test_a_picture_that_discord_refuses_leaves_the_words(
    mini: MiniDiscord, a_bot: BotMaker, channel: int
) -> None:
    mini.world.upload_limit = 16
    async with a_bot():
        message = await begun(mini, channel)
        assert message["attachments"] == []
        assert not [one for one in components(message) if one["type"] == 12]
        assert "No picture this turn" in text_of(message)
        assert len(choices(message)) == 4
        await chosen(mini, message)
        await until(lambda: len(turns(mini, channel)) == 2)
        await until(lambda: not choices(message))
    refused = [call for call in mini.rest.log if call.status == 413]
    assert len(refused) == 2


@pytest.mark.parametrize("how", [{"status": 502}, {"status": 500, "is_lost": True}])
async def test_discord_may_stumble(
    mini: MiniDiscord, a_bot: BotMaker, channel: int, how: dict[str, Any]
) -> None:
    async with a_bot():
        message = await begun(mini, channel)
        mini.fail("PATCH", "/channels/*", **how)
        await chosen(mini, message)
        await until(lambda: len(turns(mini, channel)) == 2)
        await until(lambda: not choices(turns(mini, channel)[0]))


@pytest.mark.parametrize("is_lost", [False, True], ids=["unheard", "heard"])
async def test_a_connection_that_breaks_leaves_nobody_without_an_answer(
    mini: MiniDiscord, a_bot: BotMaker, channel: int, is_lost: bool
) -> None:
    async with a_bot():
        message = await begun(mini, channel)
        mini.fail("POST", "/interactions/*", 500, is_cut=True, is_lost=is_lost)
        asked = await chosen(mini, message)
        await until(asked.acknowledged.is_set)
        await until(lambda: len(turns(mini, channel)) == 2)
        mini.fail("POST", "/interactions/*", 500, is_cut=True, is_lost=is_lost)
        asked = await answered(await mini.slash(ALICE, channel, "status"))
    assert "Health" in asked.texts[-1]
    assert asked.is_ephemeral


async def test_it_leaves_nothing_behind(mini: MiniDiscord, a_bot: BotMaker, channel: int) -> None:
    before = asyncio.all_tasks()
    async with a_bot() as bot:
        message = await begun(mini, channel)
        await chosen(mini, message)
        await until(lambda: len(turns(mini, channel)) == 2)
    assert bot.is_closed()
    await until(lambda: not mini.gateway.lines)
    ours = {task for task in asyncio.all_tasks() - before if "aiohttp" not in repr(task)}
    assert {task.get_name() for task in ours} == set()


async def test_it_plays_over_a_real_socket_and_wakes_where_it_was(
    mini: MiniDiscord, a_bot: BotMaker, channel: int, an_app: AppMaker
) -> None:
    async with listening(an_app()) as url:

        def client() -> GameClient:
            return GameClient(url, client_name="discord", retries=QUICK)

        async with a_bot(client()):
            message = await begun(mini, channel)
        async with a_bot(client()):
            await chosen(mini, message)
            await until(lambda: len(turns(mini, channel)) == 2)
        async with GameClient(url) as other:
            assert (await other.state()).turn == 1
    (attached,) = turns(mini, channel)[1]["attachments"]
    assert attached["size"] > 0


async def test_a_run_in_a_thread_of_its_own(
    mini: MiniDiscord, a_bot: BotMaker, channel: int
) -> None:
    async with a_bot() as bot:
        await answered(await mini.slash(HOST, channel, "settings scope", value="thread"))
        await answered(await mini.slash(HANNA, channel, "play"))
        (thread,) = [one for one in mini.world.channels.values() if one["type"] == 11]
        message = turns(mini, int(thread["id"]))[-1]
        await chosen(mini, message, who=BEN)
        await until(lambda: len(turns(mini, int(thread["id"]))) == 2)
        assert (await bot.hall.house.client.state(f"dt-{thread['id']}")).turn == 1
    assert thread["name"] == "Die Geschichte von Hanna"
    assert turns(mini, channel) == []


async def test_a_story_of_ones_own_in_direct_messages(
    mini: MiniDiscord, a_bot: BotMaker, channel: int
) -> None:
    async with a_bot() as bot:
        asked = await answered(await mini.slash(ALICE, channel, "play", private=True))
        (direct,) = [int(name) for name, one in mini.world.channels.items() if one["type"] == 1]
        assert f"channels/@me/{direct}" in asked.texts[-1]
        await chosen(mini, turns(mini, direct)[-1])
        await until(lambda: sum(len(choices(one)) for one in turns(mini, direct)) == 4)
        await until(lambda: "Turn 1" in text_of(turns(mini, direct)[-1]))
        assert (await bot.hall.house.client.state(f"du-{ALICE.id}")).turn == 1
    assert turns(mini, channel) == []
