"""What is said when something cannot be done: a sentence for each kind of error."""

import pytest

from clients.discord_bot.refusals import Refusal, sentence
from clients.discord_bot.words import LANGUAGES, Catalogue
from clients.game_client import errors
from clients.game_client.errors import ServiceError

PLAIN = ("ServiceError", "Refused", "KeyReused", "TooLarge", "Conflict")
PLAIN_TOO = ("SessionExists", "SessionProtected")
"""Which the bot does not cause, or which say by themselves what is wrong."""
LINK = "https://discord.com/channels/1/2/3"

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ServiceError)
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_of_the_client_has_its_sentence(
    kind: type[ServiceError], language: str
) -> None:
    words = Catalogue.read().words(language)
    said = sentence(kind("told by the service", code="some_code"), words, link=LINK)
    assert ("told by the service" in said) == (kind.__name__ in PLAIN + PLAIN_TOO)
    assert said.strip()


@pytest.mark.parametrize("kind", [errors.Stale, errors.Busy, errors.ChoiceNotOffered])
def test_who_was_late_is_led_to_where_the_game_is(kind: type[ServiceError]) -> None:
    words = Catalogue.read().words("en")
    assert sentence(kind("x", code="x"), words, link=LINK).endswith(LINK)
    assert LINK not in sentence(errors.Unreachable("x", code="x"), words, link=LINK)


def test_what_a_service_says_is_no_markdown_and_no_mention() -> None:
    words = Catalogue.read().words("en")
    said = sentence(ServiceError("**@everyone** [x](http://y)", code="x"), words)
    assert "@everyone" not in said
    assert "](http://" not in said


def test_a_refusal_says_what_it_was_given() -> None:
    words = Catalogue.read().words("de")
    assert "<@5>" in sentence(Refusal("error.not_yours", name="<@5>"), words)
