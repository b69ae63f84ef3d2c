"""The one place that reads the environment: `ELSEWHERE_*`, read once, passed down."""

import ipaddress
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib import parse

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)
from pydantic_settings import NoDecode, SettingsConfigDict

from app.limit_settings import LimitSettings
from app.models.access import ServiceKey

OPENAI: Final = "https://api.openai.com/v1"
TEXT_MODEL: Final = "gpt-6-luna"
IMAGE_MODEL: Final = "gpt-image-2.5-flare"
"""OpenAI's current small models (shared/PROVIDERS.md section 4, as of 2026-11-22). Model names
age fast: they stand in settings and nowhere else, and `elsewhere doctor` says when one shuts."""


def _http_url(url: str) -> str:
    parts = parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an http or https address, such as http://127.0.0.1:11434/v1")
    if parts.username or parts.password:
        raise ValueError("a key belongs into the API_KEY setting, not into the address")
    return url.rstrip("/")


BaseUrl = Annotated[str, AfterValidator(_http_url)]


def _listed(value: object) -> object:
    """`a, b` as a list, which is how the environment says it."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _service_keys(value: object) -> object:
    if not isinstance(value, str):
        return value
    keys = []
    for part in value.split(","):
        name, _, digest = part.strip().partition(":")
        if name or digest:
            keys.append({"name": name, "sha256": digest.strip()})
    return tuple(keys)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address or name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class ModelServer(BaseModel):
    """Where one capability is served, and by which model."""

    model_config = ConfigDict(frozen=True)

    base_url: str
    api_key: SecretStr
    """Empty for a server that asks for none."""
    model: str
    deadline_seconds: float
    extra: dict[str, Any]


class ServiceSettings(LimitSettings):
    """How this process runs. Every field can be set as `ELSEWHERE_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="ELSEWHERE_", frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    sessions_dir: Path = Path("sessions")
    archives_dir: Path | None = None
    """Where ended runs go; `archives` beside the sessions folder unless set."""
    worlds_dir: Path | None = None
    """World packs; the ones that ship unless set."""
    reload_worlds: bool = False
    """For authors: a world whose files change is taken over between two turns."""
    default_world: str = "cinder_flat"
    access: Literal["open", "keys"] = "open"
    """`open`: whoever reaches this server may do everything, so that it listens on this machine
    only. `keys`: services show a key, players and spectators a token of their session."""
    open_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = ()
    """With `open`: names by which this server may be called besides `localhost`, for a proxy that
    asks for a password of its own."""
    service_keys: Annotated[tuple[ServiceKey, ...], NoDecode, BeforeValidator(_service_keys)] = ()
    """`name:sha256`, separated by commas, as `elsewhere key new NAME` prints them."""
    visitors: bool = True
    """With `keys`: whether somebody who shows nothing may begin a game, and play that."""
    token_days: Annotated[float, Field(gt=0, le=3650)] = 90
    """How long a token is good for."""
    cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = ()
    """Other sites whose pages may call the API, separated by commas. Cookies are no use to them:
    they show a token or a key."""
    durability: Literal["power", "process"] = "power"
    """Whether a turn survives a power cut (synced) or only the death of the process."""
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    text_deadline_seconds: float = Field(default=45.0, gt=0, le=600)
    image_deadline_seconds: float = Field(default=20.0, gt=0, le=600)
    """Counted from the turn's start. A picture that misses it is attached when it comes."""
    late_image_seconds: float = Field(default=180.0, gt=0, le=3600)
    """After this a picture that has not come counts as failed."""
    text_base_url: BaseUrl | None = None
    """An OpenAI-compatible server that words the turns, e.g. `http://127.0.0.1:11434/v1`."""
    text_api_key: SecretStr | None = None
    text_model: str | None = None
    text_extra: dict[str, Any] = {}
    """More fields for the body of every call, as a JSON object."""
    text_mode: Literal["auto", "json_schema", "json_object", "prompt"] = "auto"
    """How structured answers are asked for; `auto` finds out and remembers."""
    image_base_url: BaseUrl | None = None
    """An OpenAI-compatible server that paints."""
    image_api_key: SecretStr | None = None
    image_model: str | None = None
    image_extra: dict[str, Any] = {}
    image_references: Literal["both", "composition", "look", "none"] = "both"
    """What `images.edit` starts from: the built-in render of the frame, the last picture, or both.
    References cost input tokens; `GET /api/sessions/{id}/cost` shows them."""
    video_base_url: BaseUrl | None = None
    """A server that offers `POST /videos`. OpenAI's own was shut down on 2026-09-24."""
    video_api_key: SecretStr | None = None
    video_model: str | None = None
    video_deadline_seconds: float = Field(default=300.0, gt=0, le=3600)
    video_extra: dict[str, Any] = {}
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    """Set alone, text and image go to OpenAI."""
    prices: dict[str, dict[str, Any]] = {}
    """Prices that differ from the data file's, as a JSON object: model to field to USD."""
    day_budget_usd: float | None = Field(default=None, ge=0)
    """What all sessions together may spend in one day (UTC)."""
    min_free_mb: int = Field(default=64, ge=0, le=1 << 20)
    """With less room on a disk that it writes to, the service says that it is not ready."""
    shutdown_seconds: float = Field(default=10.0, ge=0, le=120)
    painters: int = Field(default=2, ge=1, le=64)
    """Pictures painted at the same time by the built-in illustrator."""
    filmmakers: int = Field(default=1, ge=1, le=16)
    """Clips made at the same time by the built-in filmmaker."""
    tapes: bool = True
    """Whether a run that ends, or is reset, becomes a film by itself; else only when asked for."""

    @property
    def archives(self) -> Path:
        return self.archives_dir or self.sessions_dir.parent / "archives"

    @property
    def text(self) -> ModelServer | None:
        """Who words the turns; None: the built-in narrator."""
        return self._server(
            self.text_base_url,
            self.text_api_key,
            self.text_model or TEXT_MODEL,
            self.text_deadline_seconds,
            self.text_extra,
        )

    @property
    def image(self) -> ModelServer | None:
        """Who paints; None: the built-in illustrator. A late picture is still wanted, so that
        its call may take longer than a turn waits for it."""
        return self._server(
            self.image_base_url,
            self.image_api_key,
            self.image_model or IMAGE_MODEL,
            self.image_deadline_seconds + self.late_image_seconds,
            self.image_extra,
        )

    @property
    def video(self) -> ModelServer | None:
        """Who makes clips of turns; None: nobody. Never OpenAI by its key alone: it has none."""
        if self.video_base_url is None:
            return None
        return self._server(
            self.video_base_url,
            self.video_api_key,
            self.video_model or "",
            self.video_deadline_seconds,
            self.video_extra,
        )

    def _server(
        self,
        base_url: str | None,
        key: SecretStr | None,
        model: str,
        deadline: float,
        extra: dict[str, Any],
    ) -> ModelServer | None:
        # OpenAI's key goes to OpenAI and to nobody else.
        if base_url is None or base_url == OPENAI:
            key = key or self.openai_api_key
        if base_url is None and key is None:
            return None
        return ModelServer(
            base_url=base_url or OPENAI,
            api_key=key or SecretStr(""),
            model=model,
            deadline_seconds=deadline,
            extra=extra,
        )

    @model_validator(mode="after")
    def _open_is_for_this_machine(self) -> Self:
        if self.access == "open" and not is_loopback(self.host):
            raise ValueError(
                f"ELSEWHERE_HOST={self.host} lets others in, and without keys everybody may do "
                "everything: set ELSEWHERE_ACCESS=keys (see `elsewhere key new`), or listen on "
                "127.0.0.1"
            )
        return self

    @model_validator(mode="after")
    def _models_are_named(self) -> Self:
        for name in ("text", "image", "video"):
            base_url = getattr(self, f"{name}_base_url")
            named = name == "video" or base_url != OPENAI
            if base_url is not None and named and not getattr(self, f"{name}_model"):
                raise ValueError(
                    f"ELSEWHERE_{name.upper()}_MODEL: name the model of {name} that "
                    f"ELSEWHERE_{name.upper()}_BASE_URL serves"
                )
        return self
