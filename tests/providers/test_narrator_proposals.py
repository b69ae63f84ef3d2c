"""What a model proposes: each on its own, bounded, and only where it was asked for."""

from typing import Any

import pytest

from app.engine.providers.openai_compatible.proposing import names_in, proposals_of
from app.models.narration import Ending
from app.models.proposals import Proposals
from tests.providers.narrating import TOLD, Server, a_brief, a_grounding, a_narrator, says, tell

ALL: dict[str, Any] = {
    "facts": [{"text": "The lamp is warm.", "about": "here"}],
    "props": [{"name": "Tin drum", "looks": "barrel", "text": "A dented drum.", "portable": True}],
    "people": [{"name": "Ada", "text": "A woman with a lamp.", "manner": "wary"}],
    "places": [
        {
            "name": "Culvert",
            "biome": "field",
            "indoor": False,
            "way": "Follow the ditch to the culvert",
            "text": "A pipe under the road.",
        }
    ],
    "threads": ["Who lit the lamp?"],
    "closes": ["Who moved the lamp?"],
    "choices": [{"text": "Knock on the drum", "kind": "weird", "risk": "low", "target": "here"}],
    "effects": [{"kind": "health", "target": "", "amount": -5, "text": "A cut."}],
}
GROWING = a_brief(grounding=a_grounding(grows=True), is_custom_action=True)


async def proposed(said: Any, brief: Any = GROWING) -> Proposals:
    told = await tell(a_narrator(Server(says(TOLD | {"proposed": said}))), brief)
    assert told.telling.source == "ai"
    return told.telling.proposed


async def test_all_that_was_asked_for_is_passed_on() -> None:
    kept = await proposed(ALL)
    assert {name for name in Proposals.model_fields if getattr(kept, name)} == ALL.keys()
    assert kept.people[0].name == "Ada"
    assert kept.effects[0].amount == -5


async def test_what_was_not_asked_for_is_not() -> None:
    assert not await proposed(ALL, a_brief())
    assert (await proposed(ALL, a_brief(is_custom_action=True))).model_dump(
        exclude={"effects"}
    ) == Proposals().model_dump(exclude={"effects"})
    assert not (await proposed(ALL, a_brief(grounding=a_grounding(grows=True)))).effects
    ending = Ending(id="e", title="Out", text="You are out.", epitaph="", tone="win")
    over = a_brief(grounding=a_grounding(grows=True), ending=ending, choices=())
    assert not await proposed(ALL, over)


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("facts", {"text": ""}),
        ("facts", {"text": "x" * 161}),
        ("facts", {"about": "here"}),
        ("facts", "The lamp is warm."),
        ("facts", None),
        ("facts", {"text": "Suddenly the lamp is warm."}),
        ("props", {"name": "x" * 41, "text": "A drum."}),
        ("people", {"name": "Bo", "text": "A man.", "manner": "furious"}),
        ("places", {"name": "Moon", "biome": "moon", "way": "Fly up", "text": "Dust."}),
        ("choices", {"text": "Go", "kind": "move", "risk": "low", "target": "here"}),
        ("choices", {"text": "Knock on it", "kind": "move", "risk": "none", "target": "here"}),
        ("effects", {"kind": "health", "amount": -100}),
        ("effects", {"kind": "win", "target": "here"}),
        ("threads", 7),
        ("threads", "x"),
        ("closes", "A thread that never was"),
    ],
)
async def test_one_that_is_invalid_is_dropped_alone(kind: str, bad: object) -> None:
    kept = await proposed(ALL | {kind: [bad]})
    assert {name for name in Proposals.model_fields if getattr(kept, name)} == ALL.keys() - {kind}
    both = await proposed(ALL | {kind: [bad, *ALL[kind]]})
    assert len(getattr(both, kind)) == 1


@pytest.mark.parametrize("said", [None, "none", 7, [], {"facts": "x"}, {"facts": {"text": "x"}}])
async def test_what_is_no_list_of_proposals_is_none(said: object) -> None:
    assert not await proposed(said)


async def test_there_are_never_more_than_there_may_be() -> None:
    kept = await proposed({name: one * 50 for name, one in ALL.items()})
    counts = {name: len(getattr(kept, name)) for name in Proposals.model_fields}
    assert counts == {
        "facts": 2, "props": 2, "people": 1, "places": 1,
        "threads": 1, "closes": 1, "effects": 2, "choices": 2,
    }  # fmt: skip


def test_texts_are_plain_and_what_is_unknown_or_null_is_left_out() -> None:
    said = {
        "facts": [{"text": "The **lamp**\nis <b>warm</b>.", "about": None, "truth": "yes"}],
        "effects": [{"kind": "health", "amount": "-3"}],
    }
    kept = proposals_of(said, grows=True, custom=True, threads=(), clean=lambda _: True)
    assert kept.facts[0].text == "The lamp is warm."
    assert kept.effects[0].amount == -3


def test_names_are_those_of_what_is_brought() -> None:
    assert names_in(ALL) == ("Tin drum", "Ada", "Culvert")
    assert names_in({"props": 3, "people": [7, {"name": 7}]}) == ()
