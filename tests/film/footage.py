"""Pictures to film and films to look at, small enough to be made in milliseconds."""

import io
from typing import Literal

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

Frame = npt.NDArray[np.uint8]


def webp(pixels: Frame) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "WEBP", lossless=True)
    return out.getvalue()


def landscape(width: int = 96, height: int = 72) -> Frame:
    """A sky, and a ground with stripes that run away from the eye."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    down = y / height - 0.46
    ground = down > 0
    along = (x / width - 0.5) / np.maximum(down, 0.02)
    stripes = np.where(np.sin(along * 9) > 0, 180, 60)
    grey = np.where(ground, stripes, 120 + 60 * (x / width))
    return np.stack([grey, grey * 0.9, grey * 0.7], 2).astype(np.uint8)


def flat(red: int, green: int, blue: int, width: int = 96, height: int = 72) -> Frame:
    return np.full((height, width, 3), (red, green, blue), np.uint8)


def decoded(data: bytes) -> list[Frame]:
    """Every frame of an MP4."""
    with av.open(io.BytesIO(data), "r") as container:
        return [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            for frame in container.decode(video=0)
        ]


def opened_image(data: bytes) -> Frame:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"), np.uint8)


def away(a: Frame, b: Frame) -> float:
    """The mean difference of two frames, 0 to 255."""
    return float(np.abs(a.astype(np.int16) - b).mean())


def boxes(data: bytes) -> list[str]:
    """The names of an MP4's outermost boxes, in order."""
    found, at = [], 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        found.append(data[at + 4 : at + 8].decode())
        at += max(8, size)
    return found


Codec = Literal["libx264", "mpeg4", "mjpeg", "libvpx-vp9"]


def mp4(
    frames: list[Frame], *, codec: Codec = "libx264", fps: int = 24, form: str = "mp4"
) -> bytes:
    """A film that somebody else made."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        stream = container.add_stream(codec, rate=fps)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for pixels in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return out.getvalue()
