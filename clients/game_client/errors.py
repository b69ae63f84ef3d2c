"""What can go wrong, told apart by the `code` of the service's answer.

    ServiceError
    ├── Refused            the request is wrong (422, 405); the same one never works
    │   ├── ChoiceNotOffered, KeyReused, TooLarge
    ├── Denied             401, 403
    ├── NotFound           404
    │   └── SessionNotFound
    ├── Conflict           409: the session is not in a state in which this can be done
    │   ├── Busy, Stale, NotStarted, Over, TooEarly, NoDeadline, SessionExists, SessionProtected
    ├── ProviderFailed     a model did not deliver; nothing changed
    │   └── ProviderTimedOut
    ├── BudgetExhausted, RateLimited, NotReady, SessionDamaged
    ├── TooSlow            the request did not reach the service in time: nothing has happened
    ├── StorageFailed
    │   └── StorageFull
    ├── Unreachable        no answer at all
    │   └── TimedOut       the service has the request: a turn may still be made
    └── NotOurs            an answer, but none of the service's: a proxy's, or another program's

A code that this client does not know becomes the class of its status, so that a newer service
breaks nothing.
"""

from types import MappingProxyType
from typing import Final


class ServiceError(Exception):
    """A call did not work. `str()` of it is one line for a person."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        details: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        """Stable: what programs decide by."""
        self.details = details
        self.status = status
        """The HTTP status; None where there was no answer."""
        self.retry_after = retry_after
        """Seconds after which the same request may work; None: nobody said."""


class Refused(ServiceError):
    """Something in the request is missing or wrong."""


class ChoiceNotOffered(Refused):
    """That choice is not on offer now."""


class KeyReused(Refused):
    """The idempotency key was used with another request."""


class TooLarge(Refused):
    """More than the service takes, or more than the caller wanted to be given."""


class Denied(ServiceError):
    """The service does not let this caller do that."""


class NotFound(ServiceError):
    """There is no such thing."""


class SessionNotFound(NotFound):
    """There is no such session."""


class Conflict(ServiceError):
    """The session is not in a state in which this can be done."""


class Busy(Conflict):
    """Another turn of this session is being made."""


class Stale(Conflict):
    """The session has moved on from the turn that the request expected."""


class NotStarted(Conflict):
    """The story has not begun: play the intro first."""


class Over(Conflict):
    """The run has ended: reset to play again."""


class TooEarly(Conflict):
    """There is time left to choose."""


class NoDeadline(Conflict):
    """The session has no deadline."""


class SessionExists(Conflict):
    """A session of this id exists already."""


class SessionProtected(Conflict):
    """This session cannot be deleted."""


class ProviderFailed(ServiceError):
    """A model did not deliver; nothing changed, and the same request may work later."""


class ProviderTimedOut(ProviderFailed):
    """A model did not answer in time."""


class BudgetExhausted(ServiceError):
    """The session's budget is spent, and it is set to stop then."""


class RateLimited(ServiceError):
    """Too much was asked, or too much at once; `retry_after` says how long to wait."""


class NotReady(ServiceError):
    """The service cannot work at the moment, or is stopping."""


class TooSlow(ServiceError):
    """The request did not reach the service in time. Nothing has happened."""


class StorageFailed(ServiceError):
    """The session cannot be written at the moment; nothing acknowledged is lost."""


class StorageFull(StorageFailed):
    """The service's disk is full."""


class SessionDamaged(ServiceError):
    """A file of the session fails its checksum; other sessions are fine."""


class Unreachable(ServiceError):
    """The service did not answer."""


class TimedOut(Unreachable):
    """The service did not answer in time. What was asked may still happen."""


class NotOurs(ServiceError):
    """What answered is not the service, or speaks another language."""


_BY_CODE: Final = MappingProxyType(
    {
        "choice_not_offered": ChoiceNotOffered,
        "idempotency_mismatch": KeyReused,
        "payload_too_large": TooLarge,
        "session_not_found": SessionNotFound,
        "turn_in_progress": Busy,
        "stale_turn": Stale,
        "not_started": NotStarted,
        "session_over": Over,
        "deadline_not_reached": TooEarly,
        "no_deadline": NoDeadline,
        "session_exists": SessionExists,
        "session_protected": SessionProtected,
        "provider_failed": ProviderFailed,
        "provider_timeout": ProviderTimedOut,
        "budget_exhausted": BudgetExhausted,
        "rate_limited": RateLimited,
        "request_timeout": TooSlow,
        "malformed_request": Refused,
        "not_ready": NotReady,
        "storage_failed": StorageFailed,
        "storage_full": StorageFull,
        "session_damaged": SessionDamaged,
    }
)
_BY_STATUS: Final = MappingProxyType(
    {
        401: Denied,
        402: BudgetExhausted,
        403: Denied,
        404: NotFound,
        405: Refused,
        408: TooSlow,
        409: Conflict,
        413: TooLarge,
        416: Refused,
        422: Refused,
        429: RateLimited,
        502: ProviderFailed,
        503: StorageFailed,
        504: ProviderTimedOut,
        507: StorageFull,
    }
)


def kind_of(code: str, status: int) -> type[ServiceError]:
    """The class for an error of the service."""
    return _BY_CODE.get(code) or _BY_STATUS.get(status) or ServiceError
