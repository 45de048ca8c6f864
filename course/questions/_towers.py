"""A network in two groups that is built as two towers side by side: the same weights, in halves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

Arrays = list[np.ndarray]


def in_halves(weights: Sequence[np.ndarray], own: Sequence[np.ndarray], maps: int) -> Iterator[Arrays]:
    """The weights of a table as a model takes that makes some of its layers in two halves, or as one.

    Each half of a layer makes one half of its maps (or units): its kernel is the first or the last half of the
    whole kernel along the last axis. The halves stand next to each other in `own`, as two layers that are
    equally far from the input do.

    Args:
        weights: Kernel and bias of each layer of the table, from the input on.
        own: The model's weights by graph position.
        maps: Number of maps that are flattened.

    Yields:
        Nothing where the weights do not fit; else first the weights for maps that are joined before they are
        flattened, then for towers that are flattened one by one.
    """
    split, flat = _split(weights, own), next(n for n, array in enumerate(weights) if array.ndim == 2)
    if split is None:
        return
    yield split
    if maps % 2:
        return
    apart = list(weights)
    apart[flat] = _tower_by_tower(weights[flat], maps)
    yield _split(apart, own) or split


def _split(weights: Sequence[np.ndarray], own: Sequence[np.ndarray]) -> Arrays | None:
    left, found = [np.shape(array) for array in own], []
    for kernel, bias in zip(weights[::2], weights[1::2], strict=True):
        for count in (1, 2) if len(bias) % 2 == 0 else (1,):
            parts = list(zip(np.split(kernel, count, axis=-1), np.split(bias, count), strict=True))
            pieces = [array for part in parts for array in part]
            if len(left) >= len(pieces) and all(_fits(*pair) for pair in zip(pieces, left, strict=False)):
                found += pieces
                left = left[len(pieces) :]
                break
        else:
            return None
    return None if left else found


def _fits(array: np.ndarray, shape: tuple[int, ...]) -> bool:
    return array.size == np.prod(shape) and array.shape[-1:] == shape[-1:]


def _tower_by_tower(kernel: np.ndarray, maps: int) -> np.ndarray:
    """The rows of the first dense layer if the first half of the maps is flattened before the other half."""
    places = kernel.reshape(-1, maps, kernel.shape[-1])
    halves = np.split(places, 2, axis=1)
    return np.concatenate([half.reshape(-1, kernel.shape[-1]) for half in halves])
