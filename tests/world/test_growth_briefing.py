"""The slice of the world that a model is told: bounded, true, and silent about secrets."""

import pytest

from app.engine.world.bots import curious, play
from app.engine.world.growth_text import says
from app.engine.world.kit import KIT, look_of
from app.engine.world.world import World
from app.models.narration import Grounding
from app.models.proposals import Proposals
from tests.world.conftest import SHIPPED
from tests.world.proposing import play_proposing

NAMES = sorted(one.parent.name for one in SHIPPED.glob("*/pack.yaml"))
TOKENS = 900
"""About four characters each, of everything that may stand in a prompt."""


def tokens(grounding: Grounding) -> int:
    voice = grounding.voice
    said = [voice.title, voice.role, voice.goal, voice.style, *voice.banned_words]
    said += [grounding.place, grounding.sample, *grounding.facts, *grounding.threads]
    said += [f"{target.id} ({target.name}), " for target in grounding.targets]
    said += [f"{look}, " for look in grounding.looks]
    return sum(map(len, said)) // 4


@pytest.mark.parametrize("name", NAMES)
def test_it_is_as_short_late_in_a_game_as_it_may_be(shipped: dict[str, World], name: str) -> None:
    world = shipped[name]
    late = [step.after.grounding() for seed in (1, 2) for step in play(world, seed, curious).steps]
    told = play_proposing(world, 1).told
    late += [one.resolution.grounding() for one in told]
    assert max(map(tokens, late)) <= TOKENS
    assert max(len(one.facts) for one in late) > 12


@pytest.mark.parametrize("name", NAMES)
def test_what_may_be_named_and_what_may_not_are_two_things(
    shipped: dict[str, World], name: str
) -> None:
    world = shipped[name]
    for step in play(world, 3, curious).steps:
        grounding = step.after.grounding()
        assert not set(grounding.names) & set(grounding.absent)
        told = "\n".join((*grounding.facts, *step.after.outcome))
        assert [one for one in grounding.absent if says(one, told)] == []
        assert {target.name for target in grounding.targets if target.id != "here"} <= set(
            grounding.names
        )


def test_secrets_are_known_to_the_check_and_to_nobody_else(shipped: dict[str, World]) -> None:
    grounding = shipped["skerry_light"].begin(2).grounding()
    assert "Anders" in grounding.absent
    assert "Blithe" in grounding.absent
    assert not any("Anders" in fact or "Blithe" in fact for fact in grounding.facts)
    known = shipped["skerry_light"].begin(2).world
    known = known.model_copy(update={"known": ("anders", "blithe")})
    made = shipped["skerry_light"].act(known, seed=2, turn=1, fate="NORMAL", words="wait")
    assert "Anders" not in made.grounding().absent


def test_nobody_is_named_before_they_were_met(shipped: dict[str, World]) -> None:
    world = shipped["cinder_flat"]
    grounding = world.begin(4).grounding()
    for agent in world.pack.agents.values():
        assert agent.name not in grounding.names
    met = [
        step.after
        for step in play(world, 4, curious).steps
        if any(agent.state == "here" for agent in step.after.world.agents.values())
    ]
    for result in met:
        here = next(name for name, agent in result.world.agents.items() if agent.state == "here")
        who = world.compiled.bodies[here].spec.name
        assert who in result.grounding().names
        assert f"agent:{here}" in {target.id for target in result.grounding().targets}


def test_looks_lead_back_to_something_that_can_be_painted(shipped: dict[str, World]) -> None:
    opening = shipped["cinder_flat"].begin(1)
    grounding = opening.grounding()
    indoor = shipped["cinder_flat"].compiled.settings[opening.world.place].indoor
    assert len(grounding.looks) >= 20
    assert all(look_of(look, "thing") == look for look in grounding.looks)
    fits = {look for look, kind in KIT.looks.items() if (kind.indoor if indoor else kind.outdoor)}
    assert set(grounding.looks) <= fits
    assert look_of("", "old grandfather clock") == "clock"
    assert look_of("", "dried oaks") == "tree"
    assert look_of("nonsense", "nonsense") == ""


def test_a_model_is_asked_only_for_what_there_is_room_for(shipped: dict[str, World]) -> None:
    bare, whole = shipped["hut_six"].begin(1).grounding(), shipped["cinder_flat"].begin(1)
    assert bare.grows
    assert set(bare.wanted) == set(Proposals.model_fields) - {"effects"}
    assert whole.grounding().grows
    assert "places" not in whole.grounding().wanted
    late = play_proposing(shipped["cinder_flat"], 2).told[-1].resolution
    if late.ending is None:
        assert "facts" not in late.grounding().wanted
        assert not late.grounding().grows
