"""Backward passes with one mistake each, and checks that notice some of them: the gallery of lab 08."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

__all__ = ["CHECKS", "VERSIONS", "conv_backward", "example", "notices", "three_means"]

Cache = tuple[np.ndarray, np.ndarray, np.ndarray, int, int]
Gradients = tuple[np.ndarray, np.ndarray, np.ndarray]
Backward = Callable[[np.ndarray, Cache], Gradients]

# What each fault does, in the words of the gallery. All of them were seen in learners' programs.
FAULTS = {
    "overwrites": "`=` for `+=`",
    "flips": "kernel flipped",
    "transposes": "dw transposed",
    "square": "height for width",
    "empties": "[pad:-pad]",
    "side": "steps of the kernel's side",
    "no stride": "stride ignored",
}


def conv_backward(d: np.ndarray, cache: Cache, fault: str = "") -> Gradients:
    """Gradients of a convolution (cross-correlation), window by window, with at most one fault.

    Args:
        d: Gradient by the output, shape (batch, out height, out width, c_out).
        cache: (x, W, b, stride, pad), x of shape (batch, height, width, c_in), W of (k_h, k_w, c_in, c_out),
            b of (c_out,).
        fault: "", or a key of `FAULTS`.

    Returns:
        Gradients by x, W and b, in their shapes where the fault does not spoil them.

    Raises:
        ValueError: If there is no such fault.
    """
    if fault and fault not in FAULTS:
        raise ValueError(f"No fault {fault!r}. There are: {', '.join(FAULTS)}.")
    x, W, _, stride, pad = cache
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dx, dw = np.zeros(padded.shape), np.zeros(W.shape)
    high, wide = W.shape[:2]
    down, across = {"no stride": (1, 1), "side": (high, wide)}.get(fault, (stride, stride))
    turned = W[::-1, ::-1] if fault == "flips" else W
    for i in range(d.shape[1]):
        for j in range(d.shape[1] if fault == "square" else d.shape[2]):
            window = np.s_[:, i * down : i * down + high, j * across : j * across + wide]
            share = np.einsum("nk,abck->nabc", d[:, i, j], turned)
            dx[window] = share if fault == "overwrites" else dx[window] + share
            dw += np.einsum("nabc,nk->abck", padded[window], d[:, i, j])
    if fault == "transposes":
        dw = dw.swapaxes(0, 1)
    end = -pad if fault == "empties" else None
    rows, columns = (slice(pad, end if fault == "empties" else pad + side) for side in x.shape[1:3])
    return dx[:, rows, columns], dw, d.sum(axis=(0, 1, 2))


VERSIONS: dict[str, Backward] = {text: partial(conv_backward, fault=fault) for fault, text in FAULTS.items()}


def example(
    height: int, width: int, kernel: tuple[int, int], stride: int, pad: int, *, symmetric: bool = False
) -> tuple[np.ndarray, Cache]:
    """A gradient d and a cache of whole numbers: two images, two channels, three filters.

    Args:
        height: Rows of the input.
        width: Columns of the input.
        kernel: Rows and columns of the kernels.
        stride: Pixels from one window to the next.
        pad: Zeros on each side.
        symmetric: Make every kernel equal to its own half turn.
    """
    random = np.random.default_rng(8)

    def numbers(*shape: int) -> np.ndarray:
        return random.integers(1, 10, shape) * random.choice([-1.0, 1.0], shape)

    W = numbers(*kernel, 2, 3)
    if symmetric:
        W = W + W[::-1, ::-1]
    x, b = numbers(2, height, width, 2), numbers(3)
    out = [(side + 2 * pad - k) // stride + 1 for side, k in zip((height, width), kernel, strict=True)]
    return numbers(2, *out, 3), (x, W, b, stride, pad)


def three_means(backward: Backward) -> bool:
    """Whether the means of dx, dw and db are right on one square example: 4×4, kernel 2×2, stride 2, pad 2."""
    d, cache = example(4, 4, (2, 2), 2, 2)
    got, right = backward(d, cache), conv_backward(d, cache)
    return all(bool(np.isclose(np.mean(one), np.mean(other))) for one, other in zip(got, right, strict=True))


def _element_by_element(*examples: tuple[np.ndarray, Cache]) -> Callable[[Backward], bool]:
    """A check that compares shapes, then every number, on some examples."""

    def check(backward: Backward) -> bool:
        for d, cache in examples:
            pairs = zip(backward(d, cache), conv_backward(d, cache), strict=True)
            if not all(np.shape(one) == other.shape and np.allclose(one, other) for one, other in pairs):
                return False
        return True

    return check


# Each check says whether it finds nothing wrong.
CHECKS: dict[str, Callable[[Backward], bool]] = {
    "three means": three_means,
    "stride 1": _element_by_element(example(5, 7, (3, 2), 1, 1)),
    "square": _element_by_element(example(5, 5, (2, 2), 2, 1)),
    "symmetric kernel": _element_by_element(example(6, 8, (3, 3), 2, 1, symmetric=True)),
    "all of it": _element_by_element(
        example(5, 8, (3, 3), 2, 0), example(6, 9, (3, 3), 2, 1), example(7, 6, (2, 3), 1, 2)
    ),
}


def notices(versions: Mapping[str, Backward]) -> dict[str, dict[str, bool]]:
    """Run every check on every version: for each version, whether each check notices something.

    A version that stops with an error or gives nothing that can be compared is noticed.

    Args:
        versions: Name -> a function of (d, cache) that returns dx, dw, db.
    """
    return {name: dict(_asked(backward)) for name, backward in versions.items()}


def _asked(backward: Backward) -> Iterator[tuple[str, bool]]:
    for name, check in CHECKS.items():
        try:
            passes = check(backward)
        except Exception:  # whatever a learner's own version raises
            passes = False
        yield name, not passes
