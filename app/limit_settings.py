"""What one client, one session and all together may ask of a service: `docs/limits.md`."""

import ipaddress
from typing import Annotated, Any, Final

import limits
from pydantic import AfterValidator, BeforeValidator, ByteSize, Field
from pydantic_settings import BaseSettings, NoDecode

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

NO_RATE: Final = "none"
_GIB: Final = 2**30


def _loopback() -> tuple[Network, ...]:
    return ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")


def _rate(text: str) -> str:
    try:
        if text != NO_RATE:
            limits.parse_many(text)
    except ValueError:
        raise ValueError(f"a rate, such as 300/minute or 200/10 minutes, or {NO_RATE}") from None
    return text


def _networks(given: Any) -> Any:  # noqa: ANN401 (whatever the environment has there)
    """Addresses and networks, parted by commas."""
    if not isinstance(given, str):
        return given
    parts = [part.strip() for part in given.split(",") if part.strip()]
    try:
        return tuple(ipaddress.ip_network(part) for part in parts)
    except ValueError as error:
        raise ValueError(f"addresses or networks, such as 10.0.0.0/8, ::1: {error}") from None


Rate = Annotated[str, AfterValidator(_rate)]
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]


class LimitSettings(BaseSettings):
    """Every one is far from what an honest player meets. 0, or `none` for a rate, is no limit."""

    max_body_bytes: int = Field(default=64 * 1024, ge=1024)
    max_import_bytes: int = Field(default=512 * 1024 * 1024, ge=1024)
    max_head_bytes: int = Field(default=16 * 1024, ge=1024)
    """The address and the headers of a request, together."""
    head_seconds: float = Field(default=10.0, gt=0)
    """In which they must be there, counted from the connection or from the first byte."""
    body_seconds: float = Field(default=20.0, gt=0)
    """In which a body must be there; a large one has more time, the more of it has come."""
    stall_seconds: float = Field(default=60.0, gt=0)
    """A client that takes nothing of its answer for so long is let go."""
    max_connections: int = Field(default=4096, ge=0)

    rate_reads: Rate = "1200/minute"
    """Of one address: what changes nothing."""
    rate_changes: Rate = "300/minute"
    """Of one address: what plays, sets, makes or ends."""
    rate_makes: Rate = "200/10 minutes"
    """Of one address, and counted as changes too: what may make a session, an archive, a film."""
    rate_guesses: Rate = "30/minute; 200/hour"
    """Of one address: share codes that stand for nothing. Then it is shown nothing by any code."""
    rate_session: Rate = "120/minute"
    """Of one session: what changes it, whoever asks."""
    turns_per_address: int = Field(default=32, ge=0)
    """Being made at the same time."""
    imports_at_once: int = Field(default=4, ge=0)
    """Of everybody; one address has half of them. Each lies whole in the system's temporary folder
    while it is checked."""
    streams_per_address: int = Field(default=128, ge=0)
    streams_per_session: int = Field(default=2000, ge=0)
    max_streams: int = Field(default=3000, ge=0)

    max_session_bytes: ByteSize = ByteSize(2 * _GIB)
    """Of one session, its pictures and films included."""
    max_disk_bytes: ByteSize = ByteSize(50 * _GIB)
    """Of all sessions and archives together."""
    max_sessions: int = Field(default=50_000, ge=0)
    max_sessions_per_owner: int = Field(default=1000, ge=0)
    """Made by one service (by the name of its key) or, where no key is shown, by one address."""
    archive_idle_days: int = Field(default=0, ge=0)
    """Sessions in which nothing was played or changed for so many days become archives."""

    trusted_proxies: Networks = ()
    """Who may say by `X-Forwarded-For` for whom they ask. Nobody else is believed."""
    unlimited: Networks = Field(default_factory=_loopback)
    """Clients that no limit of one address holds for. Nobody from outside can have an address of
    loopback, and what runs on the machine itself (a bot, a benchmark, a test) is the host's own.
    A proxy on this machine that is not trusted does not count as one: what it forwards is limited,
    all of it as one client."""
