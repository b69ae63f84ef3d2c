"""From the half-size painting to the full picture."""

import numpy as np
from PIL import Image

from app.engine.providers.offline.painter.arrays import FLOAT, Array
from app.engine.providers.offline.painter.camera import View


def smooth(planes: Array, base: View, view: View) -> Array:
    """Planar colours of the base view at full size."""
    return np.stack(
        [
            np.asarray(
                Image.fromarray(plane.reshape(base.height, base.width)).resize(
                    (view.width, view.height), Image.Resampling.BILINEAR
                ),
                FLOAT,
            ).ravel()
            for plane in planes.astype(FLOAT, copy=False)
        ]
    )


def nearest(values: Array, base: View, view: View) -> Array:
    """Values of the base view at full size, not interpolated: for distances."""
    rows = np.minimum((np.arange(view.height) * base.height) // view.height, base.height - 1)
    columns = np.minimum((np.arange(view.width) * base.width) // view.width, base.width - 1)
    return values.reshape(base.height, base.width)[rows][:, columns].ravel()
