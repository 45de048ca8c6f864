"""Figures with sliders; where no slider can work they stand still, as a few frames that teach by themselves."""

from ._channels import channel_products
from ._exploration import Exploration, shown
from ._fields import cone, im2col
from ._kernel import KERNELS, kernel
from ._layer_list import layer_list
from ._neuron import neuron
from ._pooling import pooling
from ._stamping import stamping
from ._windows import sliding_window, strides

__all__ = [
    "KERNELS",
    "Exploration",
    "channel_products",
    "cone",
    "im2col",
    "kernel",
    "layer_list",
    "neuron",
    "pooling",
    "shown",
    "sliding_window",
    "stamping",
    "strides",
]
