"""Events as a test writes them: what it is about; the rest is filled in and must be valid."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic import TypeAdapter

from app.models.events import AnyEvent
from app.models.session import HistoryEntry, State

AT: Final = "2026-11-22T20:00:00Z"
PAGE: Final = "page."
_EVENT: Final[TypeAdapter[Any]] = TypeAdapter(AnyEvent)


def choice(words: str, number: int = 0) -> dict[str, Any]:
    return {"id": f"c{number}", "text": words, "kind": "bold", "risk": "low"}


def choices(words: list[str]) -> list[dict[str, Any]]:
    return [choice(one, number) for number, one in enumerate(words)]


def picture(status: str = "ready", name: str = "p1") -> dict[str, Any]:
    url = f"/api/sessions/s/images/{name}.webp" if status == "ready" else None
    return {
        "id": name, "url": url, "status": status, "alt": "A fence.", "width": 1024, "height": 768,
        "mime": "image/webp",
    }  # fmt: skip


def clip(status: str = "ready", name: str = "p1") -> dict[str, Any]:
    """Named as the picture that it sets in motion."""
    at = f"/api/sessions/s/videos/{name}"
    there = status == "ready"
    return {
        "id": name, "url": f"{at}.mp4" if there else None, "status": status, "alt": "A fence.",
        "width": 640, "height": 480, "mime": "video/mp4", "duration_s": 3.0,
        "poster": f"{at}.webp" if there else None,
    }  # fmt: skip


def turn(number: int, **more: Any) -> dict[str, Any]:
    """A turn with everything that it has."""
    return {
        "session_id": "s", "turn": number, "phase": "choosing", "action": "Wait",
        "is_custom_action": False, "is_timeout": False, "fate": "NORMAL",
        "dispatch": f"Turn {number} is told.", "vision_dispatch": "A fence.", "movement": None,
        "hard_transition": False, "alive": True, "health": 100, "chaos": 0,
        "situation": "The fence, at dusk.", "evolution_summary": "", "image": picture(),
        "video": None, "choices": choices(["Wait", "Run"]), "locked": [], "deadline_at": None,
        "source": "offline", "cost_usd": 0.0, **more,
    }  # fmt: skip


def snapshot(number: int, commit: int, **more: Any) -> dict[str, Any]:
    return {
        "session_id": "s", "world": "cinder_flat", "seed": 7, "turn": number,
        "last_event_id": commit, "phase": "choosing" if number >= 0 else "new",
        "player": {"alive": True, "health": 100, "injuries": [], "inventory": []},
        "location": {"id": "fence", "name": "the fence"}, "time_of_day": "dusk",
        "weather": "clear", "mood": "quiet", "chaos": 0, "situation": "The fence, at dusk.",
        "dispatch": f"Turn {number} is told.", "vision_dispatch": "A fence.",
        "choices": choices(["Wait", "Run"]), "locked": [], "image": picture(), "video": None,
        "fate": None, "movement": None, "deadline_at": None, "spent_usd": 0.0,
        "created_at": AT, "updated_at": AT, **more,
    }  # fmt: skip


def state(number: int, commit: int, **more: Any) -> dict[str, Any]:
    cost = {"spent_usd": 0.0, "budget_usd": None}
    return {**snapshot(number, commit), "settings": {}, "cost": cost, **more}


def entry(number: int, commit: int, **more: Any) -> dict[str, Any]:
    after = snapshot(number, commit)
    return {**turn(number, **more), "at": AT, "offered": [], "request_key": None, "state": after}


_MAKING: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "actor": {"name": None, "client": "web"},
        "choice": {"id": "c0", "text": "Wait"},
        "fate": "LUCKY",
        "image": {"status": "pending", "width": 1024, "height": 768},
    }
)


def filled(event: dict[str, Any]) -> dict[str, Any]:
    """The whole event. Raises if the server could not have sent it."""
    kind = event["type"]
    rest = {name: value for name, value in event.items() if name not in ("type", "id")}
    about: dict[str, Any] = {name: event[name] for name in ("type", "id") if name in event}
    if kind.startswith(PAGE):
        return {**about, **_page(kind, rest)}
    body = {"type": kind, **_streamed(kind, rest)}
    _EVENT.validate_json(json.dumps(body))
    return {**body, **about}


def _streamed(kind: str, rest: dict[str, Any]) -> dict[str, Any]:
    number = rest.get("turn", 0)
    if "choices" in rest and isinstance(rest["choices"][0], str):
        rest = {**rest, "choices": choices(rest["choices"])}
    if "image" in rest and isinstance(rest["image"], str):
        rest = {**rest, "image": picture(*rest["image"].split())}
    if "video" in rest and isinstance(rest["video"], str):
        rest = {**rest, "video": clip(*rest["video"].split())}
    match kind:
        case "turn.committed":
            return turn(number, **{k: v for k, v in rest.items() if k != "turn"})
        case "turn.started":
            return {**_MAKING, "expected_turn": number - 1, **rest}
        case "hello":
            running = rest.get("running_turn")
            if running is not None:
                running = {**_MAKING, "expected_turn": running["turn"] - 1, **running}
            common = {"role": "player", "server_time": AT, "players": 1, "watchers": 1}
            return {**common, **rest, "running_turn": running}
        case "turn.failed":
            common = {"code": "provider_timeout", "error": "Too late.", "unchanged": True}
            return {**common, "retry_after": 5, **rest}
        case "image.failed" | "video.failed":
            return {"code": "provider_failed", **rest}
        case _:
            return rest


def _page(kind: str, rest: dict[str, Any]) -> dict[str, Any]:
    if kind == "page.loaded":
        number, commit = rest["turn"], rest["commit"]
        more = rest.get("state", {})
        if "video" in more:
            more = {**more, "video": clip(*more["video"].split())}
        loaded = state(number, commit, **more)
        told = entry(number, commit, **rest.get("entry", {})) if number >= 0 else None
        State.model_validate_json(json.dumps(loaded))
        if told is not None:
            HistoryEntry.model_validate_json(json.dumps(told))
        return {"state": loaded, "entry": told}
    if kind == "page.sent":
        common = {"key": "k", "kind": "act", "accepted": False, "problem": None, "at": 0}
        wish = {"id": "c0", "text": "Wait"}
        base = {"base": [0, 0, 0], "since": [-1, 0, 0], "choice": wish, "expected": 0}
        return {"intent": {**common, **base, **rest}}
    if kind == "page.answered":
        return {"key": "k", "turn": turn(rest["turn"])}
    if kind in ("page.refused", "page.gone"):
        problem = {"message": "No.", "status": 409, "retryAfter": None, **rest}
        return {"key": "k", "problem": problem}
    if kind == "page.link":
        return {"retryAt": None, **rest}
    return {"key": "k", **rest}
