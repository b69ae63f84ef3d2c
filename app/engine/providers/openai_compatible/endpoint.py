"""Where a model is: one server, one key, one model name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal
from urllib import parse

from pydantic import SecretStr

TextMode = Literal["auto", "json_schema", "json_object", "prompt"]

OPENAI_HOST: Final = "api.openai.com"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model of one server. Its repr can be logged: the key is not in it.

    Raises `ValueError` for an address that is none, or that carries a secret of its own.
    """

    base_url: str
    """Up to and including `/v1`."""
    api_key: SecretStr
    """Empty for a server that asks for none."""
    model: str
    deadline: float
    """Seconds for everything that one turn asks of it, retries and repairs included."""
    connect: float = 5.0
    idle: float = 20.0
    """The longest silence, in seconds, between two pieces of an answer that has begun."""
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """Parameters that are added to every request's body."""
    text_mode: TextMode = "auto"
    """How structured text is asked for; `auto` finds out."""

    def __post_init__(self) -> None:
        parts = parse.urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("base_url is not an http(s) address")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("base_url carries credentials or parameters: use api_key and extra")
        # Such a header cannot be sent, and the transport quotes it when it says so.
        key = self.api_key.get_secret_value().strip()
        if not (key.isascii() and key.isprintable()):
            raise ValueError("api_key has characters that no key has")
        if min(self.deadline, self.connect, self.idle) <= 0:
            raise ValueError("deadline, connect and idle are more than 0 seconds")
        if not self.model:
            raise ValueError("model is empty")

    @property
    def provider(self) -> str:
        """What the ledger calls this server."""
        return parse.urlsplit(self.base_url).netloc

    @property
    def is_openai(self) -> bool:
        """Whether this is OpenAI itself, whose rules are known rather than learnt."""
        return parse.urlsplit(self.base_url).hostname == OPENAI_HOST
