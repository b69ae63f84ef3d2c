"""Everything that can go wrong and be told about.

    GameError
    ├── InvalidRequest        validation_error 422
    │   ├── MalformedRequest  malformed_request 400
    │   ├── InvalidSessionId  invalid_session_id 422
    │   ├── ChoiceNotOffered  choice_not_offered 422
    │   └── IdempotencyMismatch
    ├── NotFound              route_not_found 404
    │   ├── SessionNotFound, ArchiveNotFound, MediaNotFound, WorldNotFound, TurnNotFound
    ├── Conflict
    │   ├── SessionExists, SessionProtected, NotStarted, TurnInProgress, StaleTurn,
    │   └── DeadlineNotReached, NoDeadline, SessionOver
    ├── Unauthorized          unauthorized 401
    ├── Forbidden             forbidden 403
    │   └── ReadOnly
    ├── MethodNotAllowed 405, PayloadTooLarge 413, RangeNotSatisfiable 416
    ├── RequestTimeout        request_timeout 408
    ├── RateLimited           rate_limited 429
    ├── ProviderError         provider_failed 502
    │   └── ProviderTimeout   provider_timeout 504
    ├── BudgetExhausted 402
    ├── NotReady              not_ready 503
    ├── StorageError          storage_failed 503
    │   └── StorageFull 507
    └── SessionDamaged 500

Raised in the engine and in storage, rendered once in `app.main`. `code` is part of the API;
the message is prose for a person and carries no path, key or stack trace.
"""

from typing import ClassVar


class GameError(Exception):
    """Something the player or client can be told about."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    retry_after: int | None = None
    """Seconds after which the same request may work; sent as `Retry-After`. An instance may know
    better than its class."""

    def __init__(self, message: str | None = None, *, details: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").split("\n")[0])
        self.details = details


class InvalidRequest(GameError):
    """The request is missing something, or something in it is malformed."""

    code, status = "validation_error", 422


class InvalidSessionId(InvalidRequest):
    """A session id is 1 to 64 letters, digits, underscores or hyphens."""

    code = "invalid_session_id"


class ChoiceNotOffered(InvalidRequest):
    """That choice is not on offer now."""

    code = "choice_not_offered"


class MalformedRequest(InvalidRequest):
    """What was sent is not HTTP."""

    code, status = "malformed_request", 400


class IdempotencyMismatch(InvalidRequest):
    """This Idempotency-Key was used with another request."""

    code = "idempotency_mismatch"


class NotFound(GameError):
    """There is nothing at this address."""

    code, status = "route_not_found", 404


class SessionNotFound(NotFound):
    """There is no such session."""

    code = "session_not_found"


class ArchiveNotFound(NotFound):
    """There is no such archive."""

    code = "archive_not_found"


class MediaNotFound(NotFound):
    """There is no such file."""

    code = "media_not_found"


class WorldNotFound(NotFound):
    """There is no such world."""

    code = "world_not_found"


class TurnNotFound(NotFound):
    """This session has no such turn."""

    code = "turn_not_found"


class MethodNotAllowed(GameError):
    """This address does not take that method."""

    code, status = "method_not_allowed", 405


class RequestTimeout(GameError):
    """The request did not arrive in time."""

    code, status, retry_after = "request_timeout", 408, 1


class RateLimited(GameError):
    """Too much was asked at once: wait a little and ask again."""

    code, status, retry_after = "rate_limited", 429, 1

    def __init__(
        self, message: str | None = None, *, details: str | None = None, after: int = 1
    ) -> None:
        super().__init__(message, details=details)
        self.retry_after = after


class PayloadTooLarge(GameError):
    """The request is larger than this server takes."""

    code, status = "payload_too_large", 413


class RangeNotSatisfiable(GameError):
    """The file has no such part."""

    code, status = "range_not_satisfiable", 416


class Conflict(GameError):
    """The session is not in a state in which this can be done."""

    code, status = "conflict", 409


class SessionExists(Conflict):
    """A session of this id exists already."""

    code = "session_exists"


class SessionProtected(Conflict):
    """This session cannot be deleted."""

    code = "session_protected"


class NotStarted(Conflict):
    """The story has not begun: play the intro first."""

    code = "not_started"


class TurnInProgress(Conflict):
    """Another turn of this session is being made."""

    code, retry_after = "turn_in_progress", 1


class StaleTurn(Conflict):
    """The session has moved on from the turn this request expected."""

    code = "stale_turn"


class DeadlineNotReached(Conflict):
    """There is time left to choose."""

    code = "deadline_not_reached"


class NoDeadline(Conflict):
    """This session has no deadline: set `deadline_seconds` first."""

    code = "no_deadline"


class SessionOver(Conflict):
    """This run has ended: reset to play again."""

    code = "session_over"


class Unauthorized(GameError):
    """This is for those who hold a key or a token."""

    code, status = "unauthorized", 401


class Forbidden(GameError):
    """That token is not for this: it takes a service key."""

    code, status = "forbidden", 403


class ReadOnly(Forbidden):
    """You are watching this story: only its players can change it."""


class ProviderError(GameError):
    """A model did not deliver; nothing changed, and the same request may work later."""

    code, status, retry_after = "provider_failed", 502, 5
    kind: str = "answer"
    """What kind of failure it was, in one of few words, for those who count them; unless a
    provider knows better, what is wrong is the answer."""


class ProviderTimeout(ProviderError):
    """A model did not answer in time; nothing changed, and the same request may work later."""

    code, status = "provider_timeout", 504
    kind = "timeout"


class BudgetExhausted(GameError):
    """This session's budget is spent and it is set to stop rather than to go on without a model."""

    code, status = "budget_exhausted", 402


class NotReady(GameError):
    """This server cannot work at the moment."""

    code, status, retry_after = "not_ready", 503, 5


class StorageError(GameError):
    """The session cannot be written at the moment; nothing acknowledged is lost."""

    code, status, retry_after = "storage_failed", 503, 30


class StorageFull(StorageError):
    """The disk is full; nothing acknowledged is lost."""

    code, status = "storage_full", 507


class SessionDamaged(GameError):
    """A file of this session fails its checksum; it is set aside and other sessions are fine."""

    code, status = "session_damaged", 500
