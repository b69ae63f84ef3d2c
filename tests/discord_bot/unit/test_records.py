"""What the bot remembers: written whole or not at all, and never replaced by nothing."""

import json
from pathlib import Path

import pytest

from clients.discord_bot import records
from clients.discord_bot.records import MOST_PLAYERS, Game, Policy, Records, UnreadableRecords
from clients.discord_bot.voting import open_vote

GAME = Game(
    session_id="dc-1",
    channel_id=1,
    guild_id=2,
    owner_id=3,
    message_id=4,
    turn=5,
    seed=6,
    players=(3, 7),
    vote=open_vote(("5a", "5b"), seed=6, turn=5, deadline=9.0).cast(3, "5b", now=0.0),
    used_at=8.0,
)


async def opened(file: Path) -> Records:
    made = Records(file)
    await made.open()
    return made


async def test_everything_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "new" / "bot.json"
    first = await opened(file)
    first.set_game(GAME)
    first.set_policy("2", Policy(scope="channel", mode="vote", timer=30))
    first.set_commands("abc")
    await first.aclose()
    second = await opened(file)
    assert second.game("dc-1") == GAME
    assert second.games() == (GAME,)
    assert second.policy("2").mode == "vote"
    assert second.policy("3") == Policy()
    assert second.commands == "abc"
    second.forget_game("dc-1")
    await second.aclose()
    assert (await opened(file)).game("dc-1") is None
    assert [one.name for one in file.parent.iterdir()] == ["bot.json"]


async def test_only_the_newest_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    replace = records._replace

    def counted(file: Path, book: records.Book) -> None:
        written.append(book.commands)
        replace(file, book)

    monkeypatch.setattr(records, "_replace", counted)
    made = await opened(tmp_path / "bot.json")
    for number in range(100):
        made.set_commands(str(number))
    await made.aclose()
    assert written == ["99"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"games": {"a": {}}}'])
async def test_a_damaged_file_is_left_as_it_is(tmp_path: Path, content: str) -> None:
    file = tmp_path / "bot.json"
    file.write_text(content)
    with pytest.raises(UnreadableRecords, match=r"bot\.json"):
        await opened(file)
    assert file.read_text() == content


async def test_a_file_of_a_newer_bot_is_read(tmp_path: Path) -> None:
    file = tmp_path / "bot.json"
    book = {"version": 2, "moons": 1, "policies": {"2": {"mode": "owner", "tide": "high"}}}
    file.write_text(json.dumps(book))
    assert (await opened(file)).policy("2").mode == "owner"


async def test_a_disk_that_is_full_stops_no_game(tmp_path: Path) -> None:
    made = await opened(tmp_path / "bot.json")
    (tmp_path / "bot.json.part").mkdir()
    made.set_game(GAME)
    await made.written()
    assert made.game("dc-1") == GAME
    (tmp_path / "bot.json.part").rmdir()
    made.set_commands("x")
    await made.aclose()
    assert (await opened(tmp_path / "bot.json")).game("dc-1") == GAME


def test_only_so_many_players_are_remembered() -> None:
    game = GAME
    for player in range(1000, 1000 + 2 * MOST_PLAYERS):
        game = game.with_player(player)
    assert len(game.players) == MOST_PLAYERS
    assert game.with_player(game.players[0]) == game
