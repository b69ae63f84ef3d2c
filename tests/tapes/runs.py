"""Runs to make tapes of: tiny pictures, few words, and what a finished film holds."""

import re
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.subtitles.subtitle import AssSubtitle
from PIL import Image

from app.engine.tapes_captions import captions
from app.engine.tapes_script import Form, Told, closing, opening, scenes
from app.models.session import HistoryEntry
from app.models.tape import SCRIPT, Closing, Opening, Scene
from app.storage.session_folder import is_media_name
from tests.factories import an_entry

SMALL = Form(width=96, height=72, fps=4)


def entries(turns: int, **last: object) -> list[HistoryEntry]:
    """A run of so many turns after the intro; `last` is what is special about its end."""
    made = [
        an_entry(turn=turn).entry.model_copy(
            update={
                "action": "Cut the wire" if turn else None,
                "fate": "UNLUCKY" if turn % 2 else "LUCKY",
                "dispatch": f"Turn {turn} is told. " + "The wire hums in the rain & <sings>. " * 6,
                "movement": ("still", "forward", "back", "left", "right", "fall")[turn % 6],
                "hard_transition": turn % 2 == 0,
            }
        )
        for turn in range(turns + 1)
    ]
    return [*made[:-1], made[-1].model_copy(update=dict(last))]


@dataclass(frozen=True)
class Written:
    """A script in its folder, and what stands in it."""

    folder: Path
    opening: Opening
    scenes: list[Scene]
    closing: Closing
    vtt: str


def write(
    folder: Path, run: list[HistoryEntry], form: Form = SMALL, *, year: int = 1993
) -> Written:
    """A script with a picture for every turn, each in a colour of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    told = Told("The Wire", "A fence, and rain.", year, run[0], run[-1], None)
    first = opening(told, form)
    files = [(entry, str(paint(folder, entry.turn))) for entry in run]
    middle = list(scenes(files, form, first.frames))
    last = closing(told, form, middle[-1].start + middle[-1].frames)
    lines = [one.model_dump_json() for one in (first, *middle, last)]
    (folder / SCRIPT).write_text("\n".join(lines) + "\n")
    return Written(folder, first, middle, last, "".join(captions(first, middle, last)))


def paint(folder: Path, turn: int) -> Path:
    path = folder / f"p{turn}.webp"
    Image.new("RGB", (128, 96), ((turn * 67) % 256, (turn * 31) % 256, 180)).save(path, "WEBP")
    return path


def frames(film: Path) -> list[np.ndarray]:
    """Every picture of a film, as RGB."""
    with av.open(str(film)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def subtitles(film: Path) -> list[str]:
    """What its text track says, in order."""
    said: list[str] = []
    with av.open(str(film)) as container:
        for packet in container.demux(container.streams.subtitles[0]):
            said += [
                one.dialogue.decode().replace("\\N", " ")
                for one in packet.decode()
                if isinstance(one, AssSubtitle)
            ]
    return said


def chapters(film: Path) -> list[tuple[float, float, str]]:
    with av.open(str(film)) as container:
        found = container.chapters()
    assert all(one["time_base"] is not None for one in found)
    return [
        (
            float(one["start"] * (one["time_base"] or 0)),
            float(one["end"] * (one["time_base"] or 0)),
            one["metadata"]["title"],
        )
        for one in found
    ]


@dataclass(frozen=True)
class Cue:
    name: str
    start: float
    end: float
    text: str


def cues(vtt: str) -> list[Cue]:
    """A WebVTT file as a player reads it; asserts that it is one."""
    head, *blocks = vtt.split("\n\n")
    assert head == "WEBVTT"
    found: list[Cue] = []
    for block in blocks:
        if block.startswith("NOTE"):
            continue
        name, times, *text = block.strip().split("\n")
        parts = re.fullmatch(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})", times)
        assert parts is not None, times
        numbers = [float(part) for part in parts.groups()]
        start = numbers[0] * 3600 + numbers[1] * 60 + numbers[2]
        end = numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
        assert start < end
        assert len(text) == 1
        assert "-->" not in text[0]
        assert "<" not in text[0]
        plain = text[0].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        found.append(Cue(name, start, end, plain))
    assert [one.start for one in found] == sorted(one.start for one in found)
    return found


def dispatches(found: list[Cue]) -> dict[int, str]:
    """What the captions tell, by turn, their pages joined."""
    told: dict[int, list[str]] = {}
    for cue in found:
        turn, _, page = cue.name.partition(".")
        if page not in ("", "0"):
            told.setdefault(int(turn), []).append(cue.text)
    return {turn: " ".join(pages) for turn, pages in told.items()}


def is_served(name: str) -> bool:
    return is_media_name("tapes", name)
