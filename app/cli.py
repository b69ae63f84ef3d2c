"""The console command: `elsewhere serve` and its helpers; each has its own module."""

import argparse
import asyncio
import logging
import runpy
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path
from socket import socket
from typing import Final, get_args

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from app import authoring, backing, checking, doctor, keymaking, logs, pictures, replaying, taping
from app.edge.limits.sockets import Config, Patience
from app.engine.world.pack_error import PackError
from app.errors import GameError
from app.main import SHIPPED_WORLDS, WAITING_SHARE, create_app
from app.models.vocabulary import Biome, Weather
from app.settings import ServiceSettings
from app.tuning import composing, tune_process

logger = logging.getLogger(__name__)

CANNOT_START: Final = 3
ROLL_BACK_SHARE: Final = 0.85
"""Of the time that requests have to be answered in, for turns to end by themselves."""


class Server(uvicorn.Server):
    """uvicorn, with the service opened and closed by us: a start that cannot be says why in one
    line, and our log says where the service is once it can be reached."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app
        self._opened = AsyncExitStack()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        try:
            await self._opened.enter_async_context(self._app.router.lifespan_context(self._app))
        except GameError as error:
            logger.error("cannot start", extra={"reason": str(error)})  # noqa: TRY400 (said whole)
            sys.exit(CANNOT_START)
        try:
            await super().startup(sockets)
        except SystemExit:
            await self._opened.aclose()  # The port is taken: uvicorn has said so.
            raise
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        host = f"[{host}]" if ":" in host else host
        logger.info("serving", extra={"url": f"http://{host}:{port}", "docs": "/docs"})

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        # Streams never end by themselves, and uvicorn waits for every answer to end.
        service = self._app.state.service
        service.readiness.stopping = True
        service.game.events.close()
        # Turns that take too long are rolled back, and their clients told, before uvicorn would
        # cut these off.
        grace = (self.config.timeout_graceful_shutdown or 0) * ROLL_BACK_SHARE
        ending = asyncio.create_task(service.game.jobs.close(grace), name="turns end")
        await super().shutdown(sockets)
        await ending
        await self._opened.aclose()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    asked = _parser().parse_args(arguments)
    if asked.command == "bot":
        # By its name alone: the app knows no client.
        runpy.run_module("clients.discord_bot", run_name="__main__", alter_sys=True)
    if asked.command == "key":
        return keymaking.run(asked.name)  # Before settings, which may be wrong for want of a key.
    given = {
        name: value
        for name, value in vars(asked).items()
        if name in ServiceSettings.model_fields and value is not None
    }
    try:
        settings = ServiceSettings(**given)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            sys.stderr.write(f"elsewhere: {_named(problem['loc'])}{_plain(problem['msg'])}\n")
        return 2
    if asked.command == "pictures":
        return _pictures(asked, settings.worlds_dir or SHIPPED_WORLDS)
    if asked.command == "world":
        return authoring.run(asked, settings.worlds_dir or SHIPPED_WORLDS)
    if asked.command == "replay":
        return replaying.run(asked.file, settings.worlds_dir or SHIPPED_WORLDS)
    if asked.command == "tape":
        return taping.run(asked, settings, settings.worlds_dir or SHIPPED_WORLDS)
    if asked.command == "check":
        return checking.run(asked, settings.sessions_dir, settings.archives)
    if asked.command in ("backup", "restore"):
        return backing.run(asked, settings.sessions_dir, settings.archives)
    if asked.command == "doctor":
        return _doctor(settings)
    return serve(settings)


def _doctor(settings: ServiceSettings) -> int:
    try:
        return doctor.run(settings, settings.worlds_dir or SHIPPED_WORLDS)
    except (PackError, ValueError) as error:
        sys.stderr.write(f"elsewhere: {error}\n")
        return 2


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")


def _named(loc: tuple[int | str, ...]) -> str:
    """The environment variable that a problem is about; nothing when it is about several."""
    if not loc:
        return ""
    name = "_".join(str(part) for part in loc).upper()
    return f"{name}: " if name == "OPENAI_API_KEY" else f"ELSEWHERE_{name}: "


def serve(settings: ServiceSettings) -> int:
    """Serve until SIGINT or SIGTERM; then let turns finish, within the time that is set."""
    logs.configure(style=settings.log_format, level=settings.log_level)
    try:
        with composing():
            app = create_app(settings)
    except (PackError, ValueError) as error:
        logger.error("cannot start", extra={"reason": str(error)})  # noqa: TRY400 (said whole)
        return CANNOT_START
    config = Config(
        app,
        patience=Patience.of(settings),
        refused=app.state.service.metrics.refused,
        host=settings.host,
        port=settings.port,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=max(1, int(settings.shutdown_seconds * WAITING_SHARE)),
    )
    server = Server(config, app)
    tune_process(settings.max_connections)
    try:
        server.run()
    except KeyboardInterrupt:
        logger.info("stopped")
    return 0 if server.started else CANNOT_START


def _pictures(asked: argparse.Namespace, worlds: Path) -> int:
    """Paint a page for people to look at; prints where it is."""
    try:
        page = (
            pictures.world_page(asked.out, worlds / asked.world)
            if asked.world
            else pictures.biomes_page(asked.out, tuple(asked.biomes), tuple(asked.weathers))
        )
    except PackError as error:
        sys.stderr.write(f"elsewhere: {error}\n")
        return 2
    sys.stdout.write(f"{page}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="elsewhere", description="A server for AI-illustrated survival stories."
    )
    parser.add_argument("--version", action="version", version=f"elsewhere {version('elsewhere')}")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser(
        "serve",
        help="run the service",
        description="Run the service. Everything else is set by ELSEWHERE_* in the environment.",
    )
    command.add_argument("--host", help="address to listen on (127.0.0.1)")
    command.add_argument("--port", type=int, help="port to listen on (8000; 0 takes a free one)")
    command.add_argument("--sessions-dir", type=Path, help="where sessions are kept (sessions)")
    command.add_argument(
        "--reload-worlds",
        action="store_true",
        default=None,
        help="take over changes of world packs while serving (for authors)",
    )
    commands.add_parser(
        "doctor",
        help="try the models that are configured",
        description="Tries each configured model once; says what works, which mode was found, what "
        "a turn costs and whether a model is about to be shut down. The tries are billed. The exit "
        "status is 1 if something that is configured does not work.",
    )
    checking.add_command(commands)
    backing.add_commands(commands)
    keymaking.add_command(commands)
    authoring.add_commands(commands)
    replaying.add_command(commands)
    taping.add_command(commands)
    commands.add_parser(
        "bot",
        help="play in Discord",
        description="Play in Discord. The bot's token is in DISCORD_TOKEN; without "
        "ELSEWHERE_API_URL the service runs in the same process (docs/discord.md).",
    )
    _add_pictures(commands.add_parser("pictures", help="paint a page of pictures to look at"))
    return parser


def _add_pictures(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, default=Path("pictures"), help="folder (pictures)")
    command.add_argument("--world", help="every place of this world pack, not biomes")
    command.add_argument("--biomes", nargs="+", choices=get_args(Biome), default=(), metavar="B")
    command.add_argument(
        "--weathers", nargs="+", choices=get_args(Weather), default=(), metavar="W"
    )
