"""A turn and a state of ordinary size, for the references."""

from datetime import UTC, datetime

from app.models.session import (
    CarriedItem,
    Choice,
    Cost,
    Image,
    Location,
    Player,
    Settings,
    State,
    Turn,
)

AT = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
DISPATCH = (
    "Eight strands, eight small gunshots, and the mesh folds back like a page. The hum stops "
    "when the last one goes. Somewhere behind the dark building a bucket is set down."
)
ALT = "The quarantine fence at dusk: chain-link, a warning sign, a watchtower, mesas behind."


def _choices() -> tuple[Choice, ...]:
    texts = (
        "Squeeze through the cut wire",
        "Photograph the warning sign with the building behind it",
        "Count the seconds between passes of the light",
        "Flatten behind the concrete footing",
    )
    return tuple(
        Choice(id=f"3{letter}", text=text, kind="careful", risk="low")
        for letter, text in zip("abcd", texts, strict=True)
    )


def _image() -> Image:
    url = "/api/sessions/bench/images/000003-0123456789ab.webp"
    return Image(id="000003-0123456789ab", url=url, status="ready", alt=ALT, width=1024, height=768)


def a_turn() -> Turn:
    return Turn(
        session_id="bench",
        turn=3,
        phase="choosing",
        action="Cut a gap in the wire with the bolt cutters",
        is_custom_action=False,
        fate="NORMAL",
        dispatch=DISPATCH,
        vision_dispatch=ALT,
        movement="still",
        hard_transition=False,
        alive=True,
        health=93,
        chaos=1,
        situation="You are at the quarantine fence. The gap is open.",
        evolution_summary="You cut the wire.",
        image=_image(),
        video=None,
        choices=_choices(),
        deadline_at=None,
        source="offline",
        cost_usd=0.0,
    )


def a_state() -> State:
    return State(
        session_id="bench",
        world="cinder_flat",
        seed=7,
        turn=3,
        last_event_id=4,
        phase="choosing",
        player=Player(health=93, inventory=(CarriedItem(id="camera", name="the camera"),)),
        location=Location(id="fence", name="the quarantine fence"),
        time_of_day="dusk",
        weather="clear",
        mood="uneasy",
        chaos=1,
        situation="You are at the quarantine fence. The gap is open.",
        dispatch=DISPATCH,
        vision_dispatch=ALT,
        choices=_choices(),
        image=_image(),
        video=None,
        fate="NORMAL",
        movement="still",
        deadline_at=None,
        created_at=AT,
        updated_at=AT,
        settings=Settings(),
        cost=Cost(),
    )
