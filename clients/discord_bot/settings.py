"""How the bot runs: read once from the environment, passed down."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from clients.discord_bot.records import Scope


class BotSettings(BaseSettings):
    """Where the service is, the client itself reads: `ELSEWHERE_API_URL`."""

    model_config = SettingsConfigDict(env_prefix="ELSEWHERE_BOT_", frozen=True, extra="ignore")

    token: SecretStr = Field(default=SecretStr(""), validation_alias="DISCORD_TOKEN")
    file: Path = Path("discord_bot.json")
    """Where it keeps which channel plays which session, and how a server has set it."""
    scope: Scope = "single"
    """Who shares a story on a server that has not set it. For a bot on many servers: `channel`."""
    sync: Literal["changed", "always", "never"] = "changed"
    """When commands are told to Discord: registering them is limited to a few times a day."""
    guild: int | None = None
    """Register the commands in this server alone, where they appear at once (for developers)."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    vote_seconds: float = Field(default=20.0, ge=2, le=600)
    """How long a vote is open in a game that has no deadline."""
