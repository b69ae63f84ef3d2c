"""What Schemathesis cannot know of this service. Loaded by its process, not by ours.

Left alone it asks about sessions that are not there, and turns that were played long ago: nearly
all of it is 404 or 409. So half of what is well formed is sent to a game that `run.py` has made.

A schema says which requests are well formed. Some of those are refused all the same, with a reason
of their own; these reasons are accepted, and no other.
"""

import json
import os
import random
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

EXPORT: Final = Path(__file__).parents[1] / "storage" / "exports" / "version_1.zip"
THERE: Final = json.loads(Path(os.environ["FUZZ_THERE"]).read_text("utf-8"))
"""What `run.games` has made: sessions, archives, a picture of each, and what may be ended."""
CHANCE: Final = random.Random(int(os.environ["FUZZ_SEED"]))
ENDS: Final = frozenset(("delete_session", "delete_archive", "reset_state"))
"""What would take the others' games away."""
NAMES_ANEW: Final = frozenset(("create_session", "fork_session", "restore_archive"))
KEY: Final = "Idempotency-Key"
REASONS: Final = frozenset(
    ("choice_not_offered", "idempotency_mismatch", "budget_exhausted", "payload_too_large")
)
"""What is on offer, what a key was used for, what is spent and how long all fields are together is
no matter of form."""
OF_ONE_ROUTE: Final = MappingProxyType(
    {
        "GET /api/sessions": "This cursor is not one that a list gave out.",
        "POST /api/sessions/import": "This file is not a session that can be imported.",
        # Of what can be printed: no pattern says that in every language.
        "POST /api/game/action": "an action needs words",
        "POST /api/game/action/image": "an action needs words",
    }
)

schemathesis.openapi.media_type(
    "application/zip", st.one_of(st.just(EXPORT.read_bytes()), st.binary(max_size=200))
)


@schemathesis.hook
def before_call(_: Any, case: Any, __: Any) -> None:
    """Send it to a game that is there, or leave it as it is."""
    meta = case.meta
    if meta is None or meta.phase.name is TestPhase.STATEFUL:
        return  # What is stateful is about what it has made itself.
    route = case.operation.definition.raw["operationId"]
    if route not in ENDS and CHANCE.random() < 0.4:
        return
    if case.path_parameters and not meta.is_negative_at(ParameterLocation.PATH):
        case.path_parameters.update(_places(route, case.path_parameters))
    if (
        case.query
        and "session_id" in case.query
        and not meta.is_negative_at(ParameterLocation.QUERY)
    ):
        case.query["session_id"] = _one_of("session_id", route)
    if KEY in (case.headers or {}) and not meta.is_negative_at(ParameterLocation.HEADER):
        case.headers[KEY] = CHANCE.randbytes(8).hex()
    if isinstance(case.body, dict) and not meta.is_negative_at(ParameterLocation.BODY):
        _play(route, case.body)


def _places(route: str, present: dict[str, Any]) -> dict[str, Any]:
    for name in ("session_id", "name"):
        if name in present and "file" in present:
            return dict(CHANCE.choice(THERE["pictures"][name]))
        if name in present:
            return {name: _one_of(name, route), **({"turn": 1} if "turn" in present else {})}
    return {"world_id": "cinder_flat"} if "world_id" in present else {}


def _play(route: str, body: dict[str, Any]) -> None:
    """About a game as it is now, whichever turn that is."""
    if route in NAMES_ANEW:
        body.pop("session_id", None)
    elif "session_id" in body:
        body["session_id"] = _one_of("session_id", route)
    body.pop("expected_turn", None)
    if isinstance(body.get("settings"), dict):
        body["settings"].pop("budget_usd", None)  # Without a budget there are no more turns.
    if isinstance(body.get("turn"), int):
        body["turn"] = CHANCE.randint(0, 2)
    if isinstance(body.get("choice_id"), str) and body.get("choice") is None:
        del body["choice_id"]
        body["choice"] = "Look around"


def _one_of(name: str, route: str) -> str:
    known: Sequence[str] = (THERE["spare"] if route in ENDS else THERE)[name]
    return CHANCE.choice(known)


@schemathesis.hook
def filter_failure(_: Any, failure: Any, case: Any, response: Any) -> bool:
    """Whether it is a failure: not where a well-formed request was refused with a good reason."""
    if type(failure).__name__ != "RejectedPositiveData" or response.status_code >= 500:
        return True
    told = response.json()
    said = f"{told['error']} {told['details']}"
    reason = OF_ONE_ROUTE.get(case.operation.label)
    return told["code"] not in REASONS and (reason is None or reason not in said)
