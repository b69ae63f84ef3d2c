"""What can go wrong in one call, told once in our own words."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.errors import ProviderError, ProviderTimeout

if TYPE_CHECKING:
    from openai import APIConnectionError, APIStatusError

TOO_MANY: Final = 429
SERVER_FAULT: Final = 500
_CLIENT_FAULT: Final = 400
_LONGEST_WAIT: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a failed call says about itself. `reason` is the server's: never shown or logged."""

    status: int | None = None
    sent: bool = True
    """Whether the server may have read the request."""
    servers: bool = False
    """Whether the server, or the way to it, is at fault: the same request may work later."""
    final: bool = False
    """Whether asking again is of no use for now."""
    lost: bool = False
    """The connection went before any answer: it may have been an old one that was kept."""
    wait: float | None = None
    """Seconds the server asks us to wait."""
    param: str = ""
    reason: str = ""

    @property
    def kind(self) -> str:
        """See `ProviderError.kind`."""
        if self.status is not None:
            if self.status == TOO_MANY:
                return "rate_limited"
            return "server_error" if self.status >= SERVER_FAULT else "refused"
        return "unreachable" if self.servers else "answer"

    @property
    def billed(self) -> bool:
        """Whether the call may have been billed: all but what never went out or was refused."""
        refused = self.status is not None and _CLIENT_FAULT <= self.status < SERVER_FAULT
        return self.sent and not refused


class BrokenOff(Exception):
    """The server says in the middle of its answer that there will be no more of it."""


class CallFailed(ProviderError):
    """A call to a model failed."""

    def __init__(self, message: str, trouble: Trouble) -> None:
        super().__init__(message)
        self.trouble, self.kind = trouble, trouble.kind
        _pass_on_wait(self, trouble)


class CallTimedOut(ProviderTimeout):
    """A call to a model was not answered in time."""

    def __init__(self, message: str, trouble: Trouble) -> None:
        super().__init__(message)
        self.trouble = trouble
        _pass_on_wait(self, trouble)


def trouble_of(error: ProviderError) -> Trouble:
    """Why a call failed; what we ourselves found wrong with an answer is nobody's outage."""
    if isinstance(error, CallFailed | CallTimedOut):
        return error.trouble
    return Trouble(servers=isinstance(error, ProviderTimeout))


@contextmanager
def translated(provider: str) -> Iterator[None]:
    """Turn every failure of the SDK and of its transport into ours, once.

    The message names the server and the status. It never holds the key, an address or what the
    server wrote, and the cause is not chained: a header that cannot be sent quotes itself in it.
    """
    import httpx2  # Both are heavy, and loaded by the time a call is made.
    import openai
    from pydantic import ValidationError

    try:
        yield
    except openai.APITimeoutError as error:
        raise _timed_out(provider, error) from None
    except openai.APIConnectionError as error:
        raise _unreachable(provider, error) from None
    except openai.APIStatusError as error:
        raise _refused(provider, error) from None
    except (BrokenOff, openai.OpenAIError):
        raise CallFailed(f"{provider} broke off its answer.", Trouble(servers=True)) from None
    except (httpx2.TimeoutException, TimeoutError):
        raise CallTimedOut(f"{provider} did not answer in time.", Trouble(servers=True)) from None
    except httpx2.DecodingError:
        trouble = Trouble(final=True)
        raise CallFailed(f"{provider} answered nothing that can be read.", trouble) from None
    except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError):
        raise CallFailed(f"{provider} cannot be reached.", Trouble(servers=True)) from None
    except (ValidationError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        # What the SDK's own parsers raise over an envelope that is none.
        raise CallFailed(f"{provider} answered nothing that can be read.", Trouble()) from None


def _timed_out(provider: str, error: "APIConnectionError") -> ProviderError:
    import httpx2

    unsent = isinstance(error.__cause__, httpx2.ConnectTimeout | httpx2.PoolTimeout)
    trouble = Trouble(sent=not unsent, servers=True)
    return CallTimedOut(f"{provider} did not answer in time.", trouble)


def _unreachable(provider: str, error: "APIConnectionError") -> ProviderError:
    import httpx2

    cause = error.__cause__
    if isinstance(cause, httpx2.LocalProtocolError | httpx2.UnsupportedProtocol):
        return CallFailed(
            f"{provider}: the request cannot be sent; is the key well-formed?",
            Trouble(sent=False, final=True),
        )
    if isinstance(cause, httpx2.DecodingError):
        return CallFailed(f"{provider} answered nothing that can be read.", Trouble(final=True))
    unsent = isinstance(cause, httpx2.ConnectError | httpx2.ProxyError)
    return CallFailed(
        f"{provider} cannot be reached.",
        Trouble(sent=not unsent, servers=True, lost=not unsent),
    )


def _refused(provider: str, error: "APIStatusError") -> ProviderError:
    status = error.status_code
    trouble = Trouble(
        status=status,
        servers=status == TOO_MANY or status >= SERVER_FAULT,
        final=error.code == "insufficient_quota" or status < TOO_MANY,
        wait=_wait(error.response.headers.get("retry-after")),
        param=str(error.param or ""),
        reason=str(error.message).lower(),
    )
    return CallFailed(f"{provider} answered {status}.", trouble)


def _wait(header: str | None) -> float | None:
    """Seconds of a `Retry-After`; its other form, a date, is as good as none."""
    try:
        seconds = float(header or "")
    except ValueError:
        return None
    return min(seconds, _LONGEST_WAIT) if seconds >= 0 else None


def _pass_on_wait(error: ProviderError, trouble: Trouble) -> None:
    if trouble.wait is not None:
        error.retry_after = max(1, math.ceil(trouble.wait))
