"""Every figure of the course: each function draws one and returns a `Picture` with its alternative text."""

from ._backward import stamping, verdicts
from ._boxes import boxes
from ._capstone import scanned
from ._charts import bars, curve, signals
from ._counting import columns, sharing
from ._fields import cone, field_maps
from ._filters import channel_products, filter_volume
from ._grids import grids, sliding_frames, sliding_window
from ._history import log_bars, timeline
from ._inside import activity, gallery, heat_maps
from ._kernels import border, kernel_gallery
from ._lenet import confusion, connection_table
from ._masks import class_maps
from ._matrices import bands, im2col
from ._networks import cost_bars, volumes
from ._neurons import dense_network, neurons, sub_networks
from ._photographs import photographs
from ._places import places, places_2d, same_padding
from ._pooling import panels, pooling
from ._residual import block_diagrams
from ._stacks import staircase
from .picture import Picture

__all__ = [
    "Picture",
    "activity",
    "bands",
    "bars",
    "block_diagrams",
    "border",
    "boxes",
    "channel_products",
    "class_maps",
    "columns",
    "cone",
    "confusion",
    "connection_table",
    "cost_bars",
    "curve",
    "dense_network",
    "field_maps",
    "filter_volume",
    "gallery",
    "grids",
    "heat_maps",
    "im2col",
    "kernel_gallery",
    "log_bars",
    "neurons",
    "panels",
    "photographs",
    "places",
    "places_2d",
    "pooling",
    "same_padding",
    "scanned",
    "sharing",
    "signals",
    "sliding_frames",
    "sliding_window",
    "staircase",
    "stamping",
    "sub_networks",
    "timeline",
    "verdicts",
    "volumes",
]
