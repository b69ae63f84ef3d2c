"""The one place that reads the environment: `ELSEWHERE_*`, read once, passed down."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
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
    durability: Literal["power", "process"] = "power"
    """Whether a turn survives a power cut (synced) or only the death of the process."""
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    text_deadline_seconds: float = Field(default=45.0, gt=0, le=600)
    image_deadline_seconds: float = Field(default=20.0, gt=0, le=600)
    """Counted from the turn's start. A picture that misses it is attached when it comes."""
    late_image_seconds: float = Field(default=180.0, gt=0, le=3600)
    """After this a picture that has not come counts as failed."""
    shutdown_seconds: float = Field(default=10.0, ge=0, le=120)
    max_body_bytes: int = Field(default=64 * 1024, ge=1024)
    max_import_bytes: int = Field(default=512 * 1024 * 1024, ge=1024)
    painters: int = Field(default=2, ge=1, le=64)
    """Pictures painted at the same time by the built-in illustrator."""

    @property
    def archives(self) -> Path:
        return self.archives_dir or self.sessions_dir.parent / "archives"
