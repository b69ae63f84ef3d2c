"""The catalogue: complete in every language, and nothing in it that nobody says."""

import ast
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Final

import discord
import pytest
from discord import app_commands

import clients.discord_bot
from clients.discord_bot.bot import COGS, GameBot
from clients.discord_bot.settings import BotSettings
from clients.discord_bot.words import (
    ENGLISH,
    LANGUAGES,
    Catalogue,
    CommandWords,
    command_key,
    placeholders,
    sentences_of,
)

PACKAGE: Final = Path(clients.discord_bot.__path__[0])
OTHERS: Final = tuple(language for language in LANGUAGES if language != ENGLISH)
KEY: Final = re.compile(r"[a-z][a-z_]*(\.[a-z_]+)+")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.read()


def test_the_languages_are_those_of_the_files() -> None:
    files = {file.stem for file in (PACKAGE / "locales").glob("*.toml")}
    assert files == set(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_says_the_same(language: str) -> None:
    english, other = sentences_of(ENGLISH), sentences_of(language)
    assert sorted(other) == sorted(english)
    for key, sentence in english.items():
        assert placeholders(other[key]) == placeholders(sentence), key
        assert isinstance(other[key], str) == isinstance(sentence, str), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_or_longer_than_a_message(language: str) -> None:
    for key, sentence in sentences_of(language).items():
        forms = (sentence,) if isinstance(sentence, str) else tuple(sentence.values())
        for form in forms:
            assert form.strip() == form, key
            assert 0 < len(form) <= 2000, key
            if isinstance(sentence, str):
                assert "{count}" not in form, f"{key} counts, and has one form"


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_and_windows_fit_what_discord_takes(language: str) -> None:
    sentences = sentences_of(language)
    limits = {"button.": 80, "modal.title": 45, "modal.label": 45, "modal.placeholder": 100}
    for key, sentence in sentences.items():
        for start, limit in limits.items():
            if key.startswith(start):
                assert len(str(sentence)) <= limit, key


def test_words_are_chosen_by_the_locale_of_discord(catalogue: Catalogue) -> None:
    assert catalogue.words(discord.Locale.german)("button.more") == "Mehr"
    assert catalogue.words("de")("button.more") == "Mehr"
    for locale in (discord.Locale.american_english, discord.Locale.british_english, None, "", "fi"):
        assert catalogue.words(locale)("button.more") == "More"


def test_what_is_counted_has_its_form(catalogue: Catalogue) -> None:
    words = catalogue.words("de")
    assert words("turn.votes", count=1) == "🗳 Bisher 1 Stimme."
    assert words("turn.votes", count=0) == "🗳 Bisher 0 Stimmen."
    assert words("turn.votes", count=2) == "🗳 Bisher 2 Stimmen."


def test_what_is_not_translated_is_said_in_english() -> None:
    words = Catalogue({"en": {"a": "A {x}", "b": "B"}, "de": {"b": "Be"}}).words("de")
    assert (words("a", x=1), words("b")) == ("A 1", "Be")


def test_what_nobody_wrote_is_an_error(catalogue: Catalogue) -> None:
    words = catalogue.words("de")
    with pytest.raises(KeyError):
        words("no.such.key")
    with pytest.raises(KeyError):
        words("turn.title")


def test_what_is_put_in_is_not_read_again(catalogue: Catalogue) -> None:
    assert "{health}" in catalogue.words("en")("closing.chosen", name="{health}", text="{0}")


async def test_commands_are_translated_by_where_they_stand() -> None:
    group = app_commands.Group(name="outer", description="an outer one")

    @group.command(name="inner", description="an inner one")
    @app_commands.describe(size="how large")
    @app_commands.choices(size=[app_commands.Choice(name="small", value="small")])
    async def inner(interaction: discord.Interaction, size: str) -> None:
        raise NotImplementedError

    english = {"option.small": "quite small"}
    german = {
        "command.outer.name": "außen",
        "command.outer.description": "ein äußerer",
        "command.outer.inner.name": "innen",
        "command.outer.inner.description": "ein innerer",
        "command.outer.inner.size.name": "größe",
        "command.outer.inner.size.description": "wie groß",
        "option.small": "klein",
    }
    catalogue = Catalogue({"en": english, "de": german})
    tree = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    await tree.set_translator(CommandWords(catalogue))
    payload = await group.get_translated_payload(tree, _translator(tree))
    assert payload["name_localizations"] == {"de": "außen"}
    assert payload["description_localizations"] == {"de": "ein äußerer"}
    one = payload["options"][0]
    assert one["name_localizations"] == {"de": "innen"}
    assert one["options"][0]["description_localizations"] == {"de": "wie groß"}
    option = one["options"][0]["choices"][0]["name_localizations"]
    assert (option["de"], option["en-US"], option["fi"]) == ("klein", "quite small", "quite small")


def _translator(tree: app_commands.CommandTree) -> app_commands.Translator:
    translator = tree.translator
    assert translator is not None
    return translator


class Said:
    """The keys that the code says: whole ones, and beginnings of those that it puts together."""

    def __init__(self) -> None:
        self.whole: set[str] = set()
        self.beginnings: set[str] = set()
        for file in PACKAGE.rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                self._take(node)

    def _take(self, node: ast.AST) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if KEY.fullmatch(node.value):
                self.whole.add(node.value)
        elif isinstance(node, ast.JoinedStr) and node.values:
            first = node.values[0]
            if isinstance(first, ast.Constant) and re.fullmatch(r"[a-z_.]+\.", str(first.value)):
                self.beginnings.add(str(first.value))


def _called() -> Iterator[tuple[Path, str]]:
    """Every key that is given to something called `words`, or to a `Refusal`."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            key = node.args[0]
            is_key = isinstance(key, ast.Constant) and isinstance(key.value, str)
            if name in ("words", "_words", "Refusal") and is_key:
                yield file, str(ast.literal_eval(key))


def test_every_sentence_that_the_code_says_is_there(catalogue: Catalogue) -> None:
    words = catalogue.words(ENGLISH)
    subjects = {key.partition(".")[0] for key in sentences_of(ENGLISH)}
    missing = {key for _, key in _called() if key not in words}
    said = Said()
    missing |= {k for k in said.whole if k.partition(".")[0] in subjects and k not in words}
    assert missing == set()
    for beginning in said.beginnings:
        if beginning.partition(".")[0] in subjects:
            assert any(key.startswith(beginning) for key in sentences_of(ENGLISH)), beginning


def test_no_sentence_is_there_that_nobody_says() -> None:
    said = Said()
    unsaid = {
        key
        for key in sentences_of(ENGLISH)
        if key not in said.whole and not any(key.startswith(start) for start in said.beginnings)
    }
    assert unsaid == set()


class Recorder(app_commands.Translator):
    """Notes what is to be translated."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        key = command_key(context)
        assert key is not None
        self.seen[key] = string.message
        return None


@pytest.fixture
async def commands(tmp_path: Path) -> dict[str, str]:
    """What stands in the code, by key."""
    bot = GameBot(BotSettings(file=tmp_path / "bot.json"), nullcontext())  # type: ignore[arg-type]
    for cog in COGS:
        await bot.load_extension(cog)
    recorder = Recorder()
    for command in bot.tree.get_commands():
        await command.get_translated_payload(bot.tree, recorder)
    return recorder.seen


def test_every_command_is_in_the_catalogue_and_says_the_same(commands: dict[str, str]) -> None:
    english = sentences_of(ENGLISH)
    told = {key: text for key, text in commands.items() if key.startswith("command.")}
    assert told == {key: text for key, text in english.items() if key.startswith("command.")}
    words = {key for key in commands if key.startswith("option.") and not key[7:].isdigit()}
    assert words <= set(english)


@pytest.mark.parametrize("language", OTHERS)
def test_translated_commands_fit_what_discord_takes(
    language: str, commands: dict[str, str]
) -> None:
    for key, text in sentences_of(language).items():
        if key.startswith("command.") and key.endswith(".name"):
            assert re.fullmatch(r"[a-z0-9äöüß_-]{1,32}", str(text)), key
        elif key.startswith(("command.", "option.")):
            assert len(str(text)) <= 100, key


def test_who_is_told_of_a_command_is_told_its_name_in_their_language() -> None:
    """German players have /spielen and no /play."""
    for language in OTHERS:
        sentences = sentences_of(language)
        names = {str(s) for k, s in sentences.items() if re.fullmatch(r"command\.\w+\.name", k)}
        for key, sentence in sentences.items():
            forms = (sentence,) if isinstance(sentence, str) else tuple(sentence.values())
            for form in forms:
                assert set(re.findall(r"(?<![\w*])/([a-zäöüß]+)", form)) <= names, key
