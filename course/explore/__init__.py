"""Figures with sliders; where no slider can work they stand still, as a few frames that teach by themselves."""

from ._exploration import Exploration, shown
from ._kernel import KERNELS, kernel
from ._windows import sliding_window, strides

__all__ = ["KERNELS", "Exploration", "kernel", "shown", "sliding_window", "strides"]
