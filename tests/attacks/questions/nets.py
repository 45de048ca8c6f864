"""Questions about models: what a card says is believed only together with what the model does."""

from __future__ import annotations

import numpy as np

from autograder.check import Given, case, group, question

ORACLE = "canary-oracle-2ac41e"  # no attack may ever print it


def _outputs(kernel, bias, dense, last, images):
    maps = np.zeros((len(images), 4, 4, kernel.shape[-1])) + bias
    for row in range(3):
        for column in range(3):
            maps += images[:, row : row + 4, column : column + 4] @ kernel[row, column]
    return np.maximum(maps, 0).reshape(len(images), -1) @ dense + last


@question("small_net", points=4)
def small_net(answer, draw):
    """A convolution, a rectifier and a dense layer"""
    built = answer()
    images = draw.array((4, 6, 6, 1), -3, 3)
    shapes = [(3, 3, 1, 4), (4,), (64, 3), (3,)]
    weights = [draw.array(shape, -2, 2).astype(np.float32) for shape in shapes]
    with group("what it does"):
        yield case(built.count((6, 6, 1)), 3 * 3 * 4 + 4 + 64 * 3 + 3)
        yield case(built.outputs_with(weights, images), _outputs(*weights, images), tolerance=1e-4)
        yield case(answer(width=0.5).count((6, 6, 1)), 3 * 3 * 2 + 2 + 32 * 3 + 3)


@question("doubled", points=2)
def doubled(answer, draw):
    """Twice a function"""
    made = answer(Given("operator", "attrgetter", ("real",)))
    for number in draw.integers(5, 2, 90):
        yield case(made.applied_to(number), 2 * number)
