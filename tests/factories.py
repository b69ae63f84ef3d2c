"""Well-formed pieces of a game for tests; name only what a test is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from app.models.media_urls import media_url
from app.models.record import MediaFile, SessionRecord, StoredEntry
from app.models.session import (
    CarriedItem,
    Choice,
    HistoryEntry,
    Image,
    Location,
    Meta,
    Player,
    Settings,
    Snapshot,
    Video,
)
from app.models.world import WorldState

THE_START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def at_turn(turn: int) -> datetime:
    """The time of a turn in a game that is played by nobody in a hurry."""
    return THE_START + timedelta(minutes=turn + 1)


def a_meta(session_id: str = "a", **fields: Any) -> Meta:
    given: dict[str, Any] = {
        "session_id": session_id,
        "name": f"The story of {session_id}",
        "description": "",
        "world": "cinder_flat",
        "settings": Settings(),
        "created_at": THE_START,
    }
    return Meta(**(given | fields))


def an_image(session_id: str = "a", turn: int = 0, **fields: Any) -> Image:
    image_id = f"t{turn:06d}-{session_id.lower().replace('_', '-')}"
    given: dict[str, Any] = {
        "id": image_id,
        "url": media_url(session_id, "images", f"{image_id}.webp"),
        "status": "ready",
        "alt": "A fence in the rain.",
        "width": 1024,
        "height": 768,
    }
    return Image(**(given | fields))


def a_video(session_id: str = "a", turn: int = 0, **fields: Any) -> Video:
    video_id = f"v{turn:06d}-{session_id.lower().replace('_', '-')}"
    given: dict[str, Any] = {
        "id": video_id,
        "url": media_url(session_id, "videos", f"{video_id}.mp4"),
        "status": "ready",
        "alt": "A fence in the wind.",
        "width": 1024,
        "height": 768,
        "duration_s": 2.5,
    }
    return Video(**(given | fields))


def a_choice(choice_id: str = "1a", text: str = "Cut the wire", **fields: Any) -> Choice:
    given: dict[str, Any] = {"id": choice_id, "text": text, "kind": "bold", "risk": "medium"}
    return Choice(**(given | fields))


def some_choices(turn: int = 0) -> tuple[Choice, ...]:
    return (
        a_choice(f"{turn + 1}a", "Cut the wire", risk="high"),
        a_choice(f"{turn + 1}b", "Follow the wire", kind="move", risk="low"),
        a_choice(f"{turn + 1}c", "Watch the wire", kind="investigate", risk="low"),
        a_choice(f"{turn + 1}d", "Pull at the wire", kind="weird"),
    )


def a_snapshot(session_id: str = "a", turn: int = -1, **fields: Any) -> Snapshot:
    begun = turn >= 0
    given: dict[str, Any] = {
        "session_id": session_id,
        "world": "cinder_flat",
        "seed": 7,
        "turn": turn,
        "last_event_id": max(0, 2 * (turn + 1)),
        "phase": "choosing" if begun else "new",
        "player": Player(inventory=(CarriedItem(id="flare", name="a flare"),)),
        "location": Location(id="gate", name="The gate"),
        "time_of_day": "dusk",
        "weather": "rain",
        "mood": "uneasy",
        "chaos": 1,
        "situation": "You stand at the gate." if begun else "",
        "dispatch": f"Turn {turn}: the wire hums — “again”." if begun else "",
        "vision_dispatch": "A wire fence in the rain." if begun else "",
        "choices": some_choices(turn) if begun else (),
        "image": None,
        "video": None,
        "fate": "NORMAL" if turn > 0 else None,
        "movement": "forward" if turn > 0 else None,
        "deadline_at": None,
        "created_at": THE_START,
        "updated_at": at_turn(turn),
    }
    return Snapshot(**(given | fields))


def a_world(turn: int = 0, **fields: Any) -> WorldState:
    given: dict[str, Any] = {
        "place": "gate",
        "minutes": 1080 + 11 * turn,
        "qualities": {"heat": turn % 11},
        "items": ("flare",),
        "flags": {"gate_open": turn > 3},
        "summary": f"{turn} turns went by.",
    }
    return WorldState(**(given | fields))


def a_record(session_id: str = "a", turn: int = -1, **fields: Any) -> SessionRecord:
    """`fields` of the snapshot go in as `snapshot=a_snapshot(...)`."""
    given: dict[str, Any] = {
        "snapshot": a_snapshot(session_id, turn),
        "world": a_world(turn) if turn >= 0 else None,
        "lineage": f"lineage-{session_id}-{turn}",
    }
    return SessionRecord(**(given | fields))


def an_entry(session_id: str = "a", turn: int = 0, **fields: Any) -> StoredEntry:
    """What history keeps of a turn; `fields` are those of its `HistoryEntry`."""
    snapshot = fields.pop("state", None) or a_snapshot(session_id, turn)
    given: dict[str, Any] = {
        "session_id": session_id,
        "turn": turn,
        "phase": snapshot.phase,
        "action": f"Cut the wire of turn {turn}" if turn > 0 else None,
        "is_custom_action": False,
        "fate": snapshot.fate,
        "dispatch": snapshot.dispatch,
        "vision_dispatch": snapshot.vision_dispatch,
        "movement": snapshot.movement,
        "hard_transition": turn == 0,
        "alive": snapshot.player.alive,
        "health": snapshot.player.health,
        "chaos": snapshot.chaos,
        "situation": snapshot.situation,
        "evolution_summary": "The rain goes on.",
        "image": snapshot.image,
        "video": snapshot.video,
        "choices": snapshot.choices,
        "deadline_at": None,
        "source": "offline",
        "cost_usd": 0.0,
        "at": at_turn(turn),
        "offered": some_choices(turn - 1) if turn > 0 else (),
        "request_key": None,
        "state": snapshot,
    }
    entry = HistoryEntry(**(given | fields))
    return StoredEntry(entry=entry, world=a_world(turn), lineage=f"lineage-{session_id}-{turn}")


def a_picture(session_id: str = "a", turn: int = 0, size: int = 200) -> MediaFile:
    """The file that belongs to `an_image`, with bytes that no other turn has."""
    head = f"RIFF webp of {session_id} at {turn} ".encode()
    return MediaFile(name=f"{an_image(session_id, turn).id}.webp", data=head.ljust(size, b"."))


def an_illustrated_entry(session_id: str = "a", turn: int = 0) -> StoredEntry:
    """An entry that shows `a_picture`."""
    image = an_image(session_id, turn)
    return an_entry(session_id, turn, state=a_snapshot(session_id, turn, image=image))
