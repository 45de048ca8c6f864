"""Every figure of the course: each function draws one and returns a `Picture` with its alternative text."""

from ._charts import bars, curve, signals
from ._counting import columns, sharing
from ._grids import grids, sliding_frames, sliding_window
from ._kernels import border, kernel_gallery
from ._networks import cost_bars, volumes
from ._photographs import photographs
from ._places import places, places_2d, same_padding
from .picture import Picture

__all__ = [
    "Picture",
    "bars",
    "border",
    "columns",
    "cost_bars",
    "curve",
    "grids",
    "kernel_gallery",
    "photographs",
    "places",
    "places_2d",
    "same_padding",
    "sharing",
    "signals",
    "sliding_frames",
    "sliding_window",
    "volumes",
]
