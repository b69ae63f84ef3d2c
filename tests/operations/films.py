"""A small film, for those who only look whether it is one."""

import tempfile
from functools import lru_cache
from pathlib import Path

import av
import numpy as np

FRAMES = 6


@lru_cache(maxsize=1)
def a_film() -> bytes:
    """Six grey frames as an MP4 that can be played as it comes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as film:
            stream = film.add_stream("libx264", rate=6)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for number in range(FRAMES):
                pixels = np.full((48, 64, 3), number * 40, np.uint8)
                film.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            film.mux(stream.encode())
        return path.read_bytes()
