"""What the bot says, in the language of who reads it. Every sentence is in `locales/*.toml`.

A sentence has placeholders (`{name}`); one that counts has a form for `one` and one for `other`,
chosen by `count`. A key that a language lacks is said in English. Dispatches, choices and
descriptions of pictures are the world's, and in the world's language.
"""

import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from string import Formatter
from types import MappingProxyType
from typing import Any, Final

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as At

ENGLISH: Final = "en"
LANGUAGES: Final = (ENGLISH, "de")
_FORMS: Final = frozenset(("one", "other"))

Sentence = str | Mapping[str, str]
"""One form, or one for `one` and one for `other`."""
Sentences = Mapping[str, Sentence]


class Words:
    """The sentences of one language."""

    def __init__(self, language: str, sentences: Sentences, english: Sentences) -> None:
        self.language = language
        self._sentences = sentences
        self._english = english

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence. Raises `KeyError` for a key or a placeholder that there is none of."""
        sentence = self._sentences.get(key) or self._english[key]
        if not isinstance(sentence, str):
            sentence = sentence["one" if values["count"] == 1 else "other"]
        return sentence.format(**values)

    def __contains__(self, key: object) -> bool:
        return key in self._sentences or key in self._english


class Catalogue:
    """All languages. Made once, by `read`."""

    def __init__(self, languages: Mapping[str, Sentences]) -> None:
        english = languages[ENGLISH]
        made = {name: Words(name, said, english) for name, said in languages.items()}
        self._words = MappingProxyType(made)

    @classmethod
    def read(cls) -> "Catalogue":
        """The catalogue that ships with the bot. Reads files."""
        return cls({language: sentences_of(language) for language in LANGUAGES})

    def words(self, locale: discord.Locale | str | None) -> Words:
        """The words for a locale of Discord (`interaction.locale`, or `guild_locale` for what all
        can read); English for those that nobody has translated to."""
        language = str(locale or ENGLISH).partition("-")[0]
        return self._words.get(language) or self._words[ENGLISH]


class CommandWords(app_commands.Translator):
    """Names and descriptions of the commands, by where they stand: `command.play.name`,
    `command.play.world.description`, `option.off`. English is what stands in the code, but for
    options, which are words of the code's there."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def translate(
        self,
        string: app_commands.locale_str,  # noqa: ARG002 (told apart by where it stands)
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        words = self._catalogue.words(locale)
        if words.language == ENGLISH and context.location is not At.choice_name:
            return None
        key = command_key(context)
        return words(key) if key is not None and key in words else None


def command_key(context: app_commands.TranslationContextTypes) -> str | None:
    """The key of a command's text; None: a kind of text that the bot has not got."""
    place: At = context.location
    data: Any = context.data
    if place in (At.command_name, At.group_name):
        return f"command.{_path(data)}.name"
    if place in (At.command_description, At.group_description):
        return f"command.{_path(data)}.description"
    if place is At.parameter_name:
        return f"command.{_path(data.command)}.{data.name}.name"
    if place is At.parameter_description:
        return f"command.{_path(data.command)}.{data.name}.description"
    if place is At.choice_name:
        return f"option.{data.value}"
    return None


def _path(command: app_commands.Command[Any, ..., Any] | app_commands.Group) -> str:
    return command.qualified_name.replace(" ", ".")


def sentences_of(language: str) -> Sentences:
    """The sentences of a language, by key. Raises `FileNotFoundError` if nobody wrote any."""
    file = resources.files("clients.discord_bot") / "locales" / f"{language}.toml"
    return MappingProxyType(dict(_flat(tomllib.loads(file.read_text(encoding="utf-8")))))


def placeholders(sentence: Sentence) -> frozenset[str]:
    """The names of what is put into a sentence, in whichever form has most."""
    forms = (sentence,) if isinstance(sentence, str) else tuple(sentence.values())
    return frozenset(
        name for form in forms for _, name, _, _ in Formatter().parse(form) if name is not None
    )


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Sentence]]:
    for name, value in table.items():
        key = f"{before}{name}"
        if isinstance(value, str):
            yield key, value
        elif set(value) == _FORMS:
            yield key, MappingProxyType(value)
        else:
            yield from _flat(value, f"{key}.")
