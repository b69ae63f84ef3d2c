"""The console command: `elsewhere serve`."""

import argparse
import logging
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import uvicorn
from pydantic import ValidationError

from app import logs
from app.main import create_app
from app.settings import ServiceSettings

logger = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """uvicorn, saying in our log where it can be reached once it can."""

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            host = f"[{host}]" if ":" in host else host
            logger.info("serving", extra={"url": f"http://{host}:{port}", "docs": "/docs"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    asked = _parser().parse_args(arguments)
    given = {
        name: value
        for name, value in vars(asked).items()
        if name in ServiceSettings.model_fields and value is not None
    }
    try:
        settings = ServiceSettings(**given)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            name = "_".join(str(part) for part in problem["loc"]).upper()
            sys.stderr.write(f"elsewhere: ELSEWHERE_{name}: {problem['msg']}\n")
        return 2
    return serve(settings)


def serve(settings: ServiceSettings) -> int:
    """Serve until SIGINT or SIGTERM; then let turns finish, within the time that is set."""
    logs.configure(style=settings.log_format, level=settings.log_level)
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=max(1, int(settings.shutdown_seconds)),
    )
    server = Server(config)
    try:
        server.run()
    except KeyboardInterrupt:
        logger.info("stopped")
    return 0 if server.started else 1


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
    return parser
