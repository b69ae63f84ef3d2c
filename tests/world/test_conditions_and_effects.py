"""Conditions are total; effects are a closed set and stay within every range."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.world.conditions import Condition, compile_condition
from app.engine.world.draft import Draft
from app.engine.world.effects import apply, compile_effects
from app.engine.world.names import Names
from app.engine.world.pack_error import PackError
from app.engine.world.world import World

values = st.one_of(
    st.none(), st.booleans(), st.integers(-20, 20), st.floats(-5, 5), st.text("ab><=3 ", max_size=5)
)
wanted = st.one_of(
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([">=3", "<=2", "night", "dust"]),
    st.lists(st.sampled_from(["night", "day", "dusk"]), min_size=1, max_size=3),
)


def holds(source: dict[str, Any], **facts: Any) -> bool:
    return compile_condition(source, "test").holds(facts)


def test_every_kind_of_test() -> None:
    assert holds({"heat": ">=3"}, heat=3)
    assert not holds({"heat": ">=3"}, heat=2)
    assert holds({"heat": "<=2"})
    assert holds({"tod": ["dusk", "night"]}, tod="night")
    assert not holds({"tod": "day"}, tod="night")
    assert holds({"open": False})
    assert holds({"open": True}, open="yes")
    assert holds({"evidence": [1, 2]}, evidence=2)
    assert holds({"any": [{"heat": ">=5"}, {"tod": "day"}]}, heat=0, tod="day")
    assert not holds({"tod": "day", "any": [{"heat": ">=5"}]}, heat=0, tod="day")


def test_not_used_asks_for_a_storylet() -> None:
    once = compile_condition({"not_used": "s_dog"}, "test")
    assert once.holds({})
    assert not once.holds({"storylet.s_dog": True})


@given(
    st.dictionaries(st.sampled_from("abcd"), wanted, max_size=4),
    st.dictionaries(st.sampled_from("abcd"), values, max_size=4),
)
def test_conditions_are_total(source: dict[str, Any], facts: dict[str, Any]) -> None:
    compiled = compile_condition(source, "test")
    assert compiled.holds(facts) in (True, False)
    assert compiled.specificity == len(source)


@given(
    st.dictionaries(st.sampled_from("abcd"), wanted, max_size=4),
    st.dictionaries(st.sampled_from("abcd"), values, max_size=4),
)
def test_testing_the_constant_part_first_changes_nothing(
    source: dict[str, Any], facts: dict[str, Any]
) -> None:
    compiled = compile_condition(source, "test")
    known = {key: value for key, value in facts.items() if key in "ab"}
    rest = compiled.given(known)
    assert (rest is not None and rest.holds(facts)) == compiled.holds(facts)


@pytest.mark.parametrize(
    "source",
    [
        {"heat": ">3"},
        {"heat": "=3"},
        {"heat": ">=many"},
        {"heat": "!=2"},
        {"heat": []},
        {"heat": {"more": 1}},
        {"heat": None},
        {"any": {"heat": 1}},
        {"any": ["heat"]},
    ],
)
def test_an_unknown_operator_is_a_fault_of_the_pack(source: dict[str, Any]) -> None:
    with pytest.raises(PackError, match="test"):
        compile_condition(source, "test")


def test_nothing_in_a_condition_is_ever_executed() -> None:
    text = "__import__('os').abort()"
    assert not holds({"tod": text}, tod="night")
    assert isinstance(compile_condition({text: True}, "test"), Condition)


@pytest.mark.parametrize(
    "source",
    [
        {"helth": 3},
        {"health": "3"},
        {"health": True},
        {"item+": "sword"},
        {"place": "moon"},
        {"prop.moon": "open"},
        {"clock.moon": 1},
        {"agent.watchman": "furious"},
        {"weather": "frogs"},
        {"camera": {"up": 3}},
        {"injury": {"part": "leg"}},
        {"fact": "nothing_known"},
        {"mood.x": 1},
    ],
)
def test_an_unknown_effect_is_a_fault_of_the_pack(salt: World, source: dict[str, Any]) -> None:
    with pytest.raises(PackError):
        compile_effects(source, Names.of(salt.pack), "test")


def effects_of(world: World) -> st.SearchStrategy[dict[str, Any]]:
    pack = world.pack
    names = [*pack.qualities, "health", *(f"clock.{hazard}" for hazard in pack.hazards)]
    numbers = st.dictionaries(st.sampled_from(names), st.integers(-200, 200), max_size=5)
    others = st.fixed_dictionaries(
        {},
        optional={
            "item+": st.sampled_from(sorted(pack.items)),
            "item-": st.sampled_from(sorted(pack.items)),
            "place": st.sampled_from(sorted(pack.places)),
            "injury": st.builds(lambda at: {"id": f"cut_{at}", "part": "hand"}, st.integers(0, 20)),
            "minutes": st.integers(-100, 100),
            "weather": st.sampled_from(["clear", "dust", "fog"]),
            "camera": st.builds(
                lambda far, turn: {"forward": far, "turn": turn},
                st.floats(-500, 500),
                st.floats(-9, 9),
            ),
            "thread": st.text("a b", max_size=300),
        },
    )
    return st.builds(lambda one, two: {**one, **two}, numbers, others)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_effects_never_leave_a_range(salt: World, data: st.DataObject) -> None:
    pack = salt.pack
    draft = Draft(salt.compiled, salt.begin(1).world, seed=1, turn=1)
    minutes = draft.minutes
    for source in data.draw(st.lists(effects_of(salt), max_size=12)):
        apply(compile_effects(source, Names.of(pack), "test"), draft)
        for name, quality in pack.qualities.items():
            assert quality.min <= draft.qualities[name] <= quality.max
        for name, hazard in pack.hazards.items():
            assert 0 <= draft.clocks.get(name, 0) <= hazard.segments
        assert 0 <= draft.health <= 100
        assert draft.minutes >= minutes
        assert len(draft.threads) <= 8
        assert len(draft.injuries) <= 6
        camera, home = draft.camera(), draft.setting.camera
        assert abs(camera.x - home.x) <= 40
        assert abs(camera.z - home.z) <= 40


def test_the_table_of_facts_follows_every_effect(salt: World) -> None:
    draft = Draft(salt.compiled, salt.begin(1).world, seed=1, turn=1)
    source = {
        "health": -10,
        "heat": 3,
        "item+": "key",
        "item-": "knife",
        "flag.door": True,
        "prop.boat": "sunk",
        "injury": {"id": "cut", "part": "hand", "text": "a cut"},
        "place": "office",
        "weather": "fog",
        "fact": "ledger_place",
        "clock.tide": 2,
    }
    apply(compile_effects(source, Names.of(salt.pack), "test"), draft)
    draft.refresh_agents()
    fresh = Draft(salt.compiled, draft.freeze(), seed=1, turn=1).facts
    ours = {key: value for key, value in draft.facts.items() if value or key in fresh}
    assert {key: ours.get(key) for key in fresh if key != "moved"} == {
        key: value for key, value in fresh.items() if key != "moved"
    }


def test_a_thing_with_several_uses_goes_with_the_last(salt: World) -> None:
    draft = Draft(salt.compiled, salt.begin(1).world, seed=1, turn=1)
    draft.gain("brandy")
    draft.lose("brandy")
    assert "brandy" in draft.items
    draft.lose("brandy")
    assert "brandy" not in draft.items
