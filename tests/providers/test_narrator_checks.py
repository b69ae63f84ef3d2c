"""What is checked of a model's words, case by case."""

import json
import time
from typing import Any

import pytest

from app.engine.providers.openai_compatible.checks import Checks, is_noise
from app.engine.providers.openai_compatible.plain import (
    finished,
    line,
    newest,
    plain,
    shortened,
)
from app.engine.providers.openai_compatible.prompting import Prompts
from app.models.narration import Ending
from app.models.session import Choice
from tests.providers.narrating import DISPATCH, a_brief, a_grounding, a_voice, texts

DEATH = Ending(id="e", title="Shot", text="A shot. Then nothing.", epitaph="Shot.", tone="death")
ESCAPE = Ending(id="w", title="Out", text="You are out.", epitaph="Out.", tone="win")


def codes(text: str, *, brief: Any = None, **grounding: Any) -> list[str]:
    said = a_grounding(**grounding)
    checks = Checks(brief or a_brief(grounding=said), said)
    return [flaw.code for flaw in checks.dispatch(text)]


def after(sentence: str) -> str:
    return f"{DISPATCH} {sentence}"


def test_a_good_dispatch_has_no_flaw() -> None:
    assert codes(DISPATCH) == []


@pytest.mark.parametrize(
    ("text", "flaws"),
    [
        ("", ["short"]),
        ("You go on.", ["short"]),
        ("You go on. " * 60, ["long", "noise"]),
        (after("Suddenly it is dark."), ["banned"]),
        (after("The lamp is A testament to patience."), ["banned"]),
        (after("It ends unsuddenly."), []),
        (after("Somewhere corporal hale coughs."), ["absent"]),
        (after("Smoke stands over the pump house."), ["absent"]),
        (after("Over the pump houses smoke stands."), []),
        (after("You think of Margaret and her garden."), ["unknown"]),
        (after("A sign says Vladivostok in red."), ["unknown"]),
        (after("The lamp is German, and it is Friday."), []),
        (after("Margaret would have laughed."), []),
        (after("You're The Surveyor here, in 1961."), []),
        (after("Then you die."), ["dead"]),
        (after("You are dead before you hear it."), ["dead"]),
        (after("You're dead tired, and you are dead certain of the way."), []),
        (after("The lamp dies."), []),
        (after("Your heart stops for a beat."), []),
        (after("It is the last thing you see."), ["dead"]),
        (after("What do you do?"), ["asks"]),
        (after("The choice is yours."), ["asks"]),
        (after("You lose two health points."), ["asks"]),
        (after("You can still see the road."), []),
        (after('You read "vision": a word.'), ["form"]),
        (after("A {name} waits."), ["form"]),
        (after("It says [NAME] there."), ["form"]),
        (after('He says: "Go." You go.'), []),
    ],
)
def test_what_a_dispatch_may_say(text: str, flaws: list[str]) -> None:
    assert codes(text) == flaws


def test_the_problem_told_to_the_model_names_what_is_wrong() -> None:
    checks = Checks(a_brief(), a_grounding())
    (flaw,) = checks.dispatch(after("You think of Margaret."))
    assert "Margaret" in flaw.problem


@pytest.mark.parametrize(
    "where",
    [
        {"action": "Shout for Corporal Hale and for Margaret"},
        {"summary": "Met Corporal Hale and Margaret at the gate."},
        {"outcome": ("Corporal Hale and Margaret are here.",)},
        {"last_dispatches": ("Margaret hands Corporal Hale a lamp.",)},
    ],
)
def test_what_we_told_of_ourselves_may_be_named(where: dict[str, Any]) -> None:
    said = after("Down there Corporal Hale calls to Margaret.")
    assert codes(said, brief=a_brief(**where)) == []


def test_what_a_model_proposes_it_may_name() -> None:
    checks = Checks(a_brief(), a_grounding(), proposed=("Margaret Boone",))
    assert checks.dispatch(after("Down there a woman called Margaret waves.")) == []


def test_the_dead_do_not_live_on_and_an_end_is_an_end() -> None:
    brief = a_brief(ending=DEATH, choices=())
    assert codes(after("Then you die."), brief=brief, alive=False) == []
    assert codes(after("You survive."), brief=brief, alive=False) == ["alive"]
    assert codes(after("You can still reach the road."), brief=brief, alive=False) == ["goes_on"]
    won = a_brief(ending=ESCAPE, choices=())
    assert codes(after("You are out."), brief=won) == []
    assert codes(after("You die."), brief=won) == ["dead"]
    assert codes(after("Is it over?"), brief=won) == ["goes_on"]


def test_another_language_is_measured_but_not_read() -> None:
    voice = a_voice(language="de", banned_words=("plötzlich",))
    german = (
        "Am Tor kniest du nieder und setzt die Zange an den Draht. Der dritte Strang gibt nach, "
        "und der Wächter in der Bude hebt den Kopf nicht."
    )
    assert codes(german, voice=voice) == []
    assert codes(f"{german} Plötzlich ist es dunkel.", voice=voice) == ["banned"]
    assert codes("Am Tor.", voice=voice) == ["short"]
    japanese = (
        "門の前に膝をつき、針金に鋏を入れる。三本目が切れても、番小屋の男は顔を上げない。" * 2
    )
    assert codes(japanese, voice=a_voice(language="ja")) == []


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Creep through the gate", "Creep through the gate"),
        ("creep through the gate.", "Creep through the gate"),
        ("**Creep** through the\ngate", "Creep through the gate"),
        ("Crawl in under the wire", "Crawl in under the wire"),
        ("Run", None),
        ("Continue", None),
        ("Look around", None),
        ("Wait", None),
        ("—", None),
        ("", None),
        ("Watch the guard", None),
        ("Sing to the moon until it falls", None),
        ("Suddenly crawl through the gate", None),
        ("Crawl through the gate to Corporal Hale", None),
        ("Crawl through the gate to Margaret", None),
        ("Crawl through the gate " + "and on " * 20, None),
    ],
)
def test_a_choice_is_reworded_or_keeps_its_own_words(said: str, kept: str | None) -> None:
    brief = a_brief()
    choices = Checks(brief, a_grounding()).choices([("4a", said)])
    assert choices[0].text == (kept or "Crawl through the gate")
    assert choices[1:] == brief.choices[1:]
    assert [c.id for c in choices] == [c.id for c in brief.choices]


def test_no_two_choices_read_the_same() -> None:
    said = [
        ("4a", "Walk through the gate"),
        ("4d", "Walk through the Gate"),
        ("4b", "Walk up and watch"),
        ("4b", "Second words for one of them"),
        ("9z", "An unknown one"),
    ]
    choices = Checks(a_brief(), a_grounding()).choices(said)
    assert texts(choices) == [
        "Walk through the gate",
        "Walk up and watch",
        "Throw the flare",
        "Walk back down the road",
    ]


def test_two_choices_cannot_swap_their_words() -> None:
    brief = a_brief(
        choices=(
            Choice(id="4a", text="Open the gate", kind="move", risk="low"),
            Choice(id="4b", text="Close the gate", kind="move", risk="high"),
        )
    )
    choices = Checks(brief, a_grounding()).choices(
        [("4a", "Close the gate"), ("4b", "Open the gate")]
    )
    assert choices == brief.choices


@pytest.mark.parametrize(
    ("text", "noise"),
    [
        ("", False),
        ("}, " + "0" * 300, True),
        ("The the the the the the the the the the the the the the gate.", True),
        ("-- -- 12 -- 44 -- 81 %%", True),
        ("Aaaaaaargh!", False),
        ("You count: 1, 2, 3, 4, 5, 6, and the lamp goes out.", False),
        ("No, no, no, says the radio.", False),
        (DISPATCH, False),
    ],
)
def test_a_model_that_lost_itself_is_heard(text: str, noise: bool) -> None:
    assert is_noise(text) is noise


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("A  gate\nin the dusk.", "A gate in the dusk."),
        ("of " * 8 + "a gate in the dusk" + " and a lamp" * 30, None),
        ("a" * 60, None),
        ("}, 0000 0000 0000 0000", None),
        ("Corporal Hale at the gate.", None),
        ("", None),
        (None, None),
    ],
)
def test_the_other_texts(text: str | None, kept: str | None) -> None:
    assert Checks(a_brief(), a_grounding()).aside(text, 400) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("One\r\n\r\n\r\nTwo", "One\nTwo"),
        ("# Head\nText", "Head\nText"),
        ("- a\n* b\n1. c\n> d", "a\nb\nc\nd"),
        ("**bold** and _thin_ and `code` snake_case 2*3", "bold and thin and code snake_case 23"),
        ("```json\nx\n```", "x"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("a < b > c", "a < b > c"),
        ("see https://a.test/x?y=1 now", "see now"),
        ("[click](javascript:alert) ![i](data:image/png;base64,AAAA)", "click i"),
        ("a\x00b\x1b[31mc\u202ed\ud800e\ufeff", "ab[31mcde"),
        ("tab\tand\u00a0space", "tab and space"),
        ("He said: 'no' — and left…", "He said: 'no' — and left…"),
    ],
)
def test_plain_text_is_what_is_left_of_markup(text: str, kept: str) -> None:
    assert plain(text) == kept
    assert plain(kept) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("It opens. You go in. The la", "It opens. You go in."),
        ("It opens. 'Go,' he says. 'No", "It opens. 'Go,' he says."),
        ("It is 3.5 miles to the", "It is 3.5 miles to the"),
        ("It opens.", "It opens."),
        ("He says 'go'", "He says 'go'"),
        ("It opens…", "It opens…"),
        ("門が開く。君は入", "門が開く。"),
        ("no end at all", "no end at all"),
        ("", ""),
    ],
)
def test_a_sentence_that_is_cut_off_is_left_out(text: str, kept: str) -> None:
    assert finished(text) == kept


def test_the_example_is_not_told_again() -> None:
    example = Prompts.load().example_words
    copied = json.loads(example)
    checks = Checks(a_brief(), a_grounding(), example=example)
    assert {flaw.code for flaw in checks.dispatch(copied["dispatch"])} == {"copied"}
    assert checks.dispatch(f"You fold the coat twice and leave. {DISPATCH}") == []
    assert checks.aside(copied["vision_dispatch"], 400) is None
    assert checks.aside(copied["situation"], 400) is None
    said = [("4a", "Call up to the ferryman by the lamp")]
    offered = (Choice(id="4a", text="Call to the ferryman", kind="clever", risk="low"),)
    brief = a_brief(choices=offered)
    assert Checks(brief, a_grounding(), example=example).choices(said) == offered


def test_small_tools_for_text() -> None:
    assert line("a\nb") == "a b"
    assert shortened("one two three", 9) == "one two…"
    assert newest(["old", "newer", "new"], 8) == ["newer", "new"]


def test_the_checks_take_no_time_over_the_worst_text() -> None:
    checks = Checks(a_brief(), a_grounding())
    for text in ("A" * 60_000, "[" * 60_000, "<a" * 30_000, "you " * 15_000, " \n" * 30_000,
                 "will you a" * 6_000, "*_`" * 20_000, json.dumps(["x"] * 10_000)):  # fmt: skip
        began = time.perf_counter()
        checks.dispatch(plain(text[:6000]))
        checks.choices([("4a", text[:6000])])
        checks.aside(text[:6000], 400)
        assert time.perf_counter() - began < 1, text[:9]
