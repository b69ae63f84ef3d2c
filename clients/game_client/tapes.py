"""Tapes: whole runs as films."""

from pathlib import Path
from typing import Final, Literal

import aiofiles
import aiofiles.os

from clients.game_client.calls import DEFAULT_SESSION, given, segment, session_path
from clients.game_client.errors import NotFound
from clients.game_client.media import MediaCalls
from clients.game_client.models import Tape, TapeList

MAX_TAPE: Final = 2**31


class TapeCalls(MediaCalls):
    """Films of runs, and their files."""

    async def make_tape(
        self, session_id: str = DEFAULT_SESSION, *, turn: int | None = None
    ) -> Tape:
        """Have the run, or its beginning up to `turn`, made into a film, unless there is one.

        Returns at once, with the captions; `TapeReady` tells of the film. Raises `NotStarted`.
        """
        path = session_path(session_id, "tapes")
        return await self._change(Tape, "POST", path, body=given({"turn": turn}), repeatable=True)

    async def tapes(self, session_id: str = DEFAULT_SESSION) -> TapeList:
        """The films of the present run, those that are being made among them."""
        return await self._get(TapeList, session_path(session_id, "tapes"))

    async def archived_tapes(self, name: str) -> TapeList:
        """Those of an ended run."""
        return await self._get(TapeList, f"/api/archives/{segment(name)}/tapes")

    async def tape_to(
        self,
        file: Path,
        tape: Tape,
        *,
        part: Literal["film", "captions", "preview"] = "film",
        max_bytes: int = MAX_TAPE,
    ) -> int:
        """One of a tape's files, into a file that appears when it is whole. Returns its size.

        `film` is MP4, `captions` WebVTT, `preview` an animated WebP under 8 MB. Raises `NotFound`
        for one that is not there yet, and `TooLarge` above `max_bytes`.
        """
        urls = {"film": tape.url, "captions": tape.captions_url, "preview": tape.preview_url}
        if (url := urls[part]) is None:
            raise NotFound("This tape is not there yet.", code="media_not_ready")
        unfinished = file.with_name(f"{file.name}.part")
        size = 0
        try:
            async with (
                self.media_stream(url, max_bytes=max_bytes) as pieces,
                aiofiles.open(unfinished, "wb") as out,
            ):
                async for piece in pieces:
                    size += await out.write(piece)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        await aiofiles.os.replace(unfinished, file)
        return size
