"""Lab 08: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import numpy as np

from tests.answers import right, wrong

# ---- numeric_grad ----


@right("numeric_grad")
def copies(f, x, d):
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[place] += d
        below[place] -= d
        gradient[place] = (f(above) - f(below)) / (2 * d)
    return gradient


@right("numeric_grad")
def moved_in_place_and_put_back(f, x, d):
    gradient = np.zeros_like(x)
    walk = np.nditer(x, flags=["multi_index"])
    while not walk.finished:
        place = walk.multi_index
        kept = x[place]
        x[place] = kept + d
        above = f(x)
        x[place] = kept - d
        below = f(x)
        x[place] = kept
        gradient[place] = (above - below) / (2 * d)
        walk.iternext()
    return gradient


@right("numeric_grad")
def steps_as_rows_of_an_identity(f, x, d):
    steps = d * np.eye(x.size).reshape(-1, *x.shape)
    return np.reshape([(f(x + e) - f(x - e)) / (2 * d) for e in steps], x.shape)


@right("numeric_grad")
def nested_lists(f, x, d):
    flat = x.reshape(-1).astype(np.float32)
    slopes = []
    for k in range(flat.size):
        e = np.zeros(flat.size, dtype=np.float32)
        e[k] = d
        slopes.append((f((flat + e).reshape(x.shape)) - f((flat - e).reshape(x.shape))) / 2 / d)
    return np.array(slopes, dtype=np.float32).reshape(x.shape).tolist()


def differences(f, x, above, below, divisor):
    """For wrong answers: (f(x + above·e) − f(x − below·e)) / divisor at every place."""
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[place] = 1
        gradient[place] = (f(x + above * e) - f(x - below * e)) / divisor
    return gradient


@wrong("numeric_grad", names="One-sided: f(x) is subtracted")
def forward(f, x, d):
    return differences(f, x, d, 0, d)


@wrong("numeric_grad", names="One-sided: f(x − d)")
def backward(f, x, d):
    return differences(f, x, 0, d, d)


@wrong("numeric_grad", names="changed its input")
def changes_x(f, x, d):
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        x[place] += d
        above = f(x)
        x[place] -= 2 * d
        gradient[place] = (above - f(x)) / (2 * d)
    return gradient


@wrong("numeric_grad", names="Divided by d")
def divided_by_d(f, x, d):
    return differences(f, x, d, d, d)


@wrong("numeric_grad", names="Divided by 2 only")
def divided_by_two(f, x, d):
    return differences(f, x, d, d, 2)


@wrong("numeric_grad", names="Not divided")
def not_divided(f, x, d):
    return differences(f, x, d, d, 1)


@wrong("numeric_grad", names="`/ 2 * d`")
def precedence(f, x, d):
    return differences(f, x, d, d, 1) / 2 * d


@wrong("numeric_grad", names="sign")
def turned_round(f, x, d):
    return differences(f, x, -d, -d, 2 * d)


@wrong("numeric_grad", names="All numbers are moved at once")
def all_at_once(f, x, d):
    return (f(x + d) - f(x - d)) / (2 * d)


@wrong("numeric_grad", names="put it back")
def never_moved_back(f, x, d):
    moved, gradient = x.copy(), np.zeros_like(x)
    for place in np.ndindex(x.shape):
        moved[place] += d
        above = f(moved)
        moved[place] -= 2 * d
        gradient[place] = (above - f(moved)) / (2 * d)
    return gradient


@wrong("numeric_grad", names="f is given one number")
def one_number(f, x, d):
    return np.array([(f(value + d) - f(value - d)) / (2 * d) for value in x.reshape(-1)]).reshape(x.shape)


@wrong("numeric_grad", names="Another step than d")
def own_step(f, x, d):
    return differences(f, x, 1e-5, 1e-5, 2e-5)


@wrong("numeric_grad", names="A whole row")
def whole_rows(f, x, d):
    gradient = np.zeros_like(x)
    for i in range(len(x)):
        above, below = x.copy(), x.copy()
        above[i] += d
        below[i] -= d
        gradient[i] = (f(above) - f(below)) / (2 * d)
    return gradient


@wrong("numeric_grad", names="shape of x")
def in_one_row(f, x, d):
    return differences(f, x, d, d, 2 * d).reshape(-1)


@wrong("numeric_grad")
def row_numbers_only(f, x, d):
    gradient = np.zeros_like(x)
    for i in range(len(x)):
        at = (i,) * x.ndim if i < min(x.shape) else (0,) * x.ndim
        gradient[at] = differences(f, x, d, d, 2 * d)[at]
    return gradient


@wrong("numeric_grad")
def one_index(f, x, d):
    gradient = np.zeros(x.size)
    for i in range(x.size):
        moved = x.copy()
        moved[i] += d
        gradient[i] = (f(moved) - f(x)) / d
    return gradient


@wrong("numeric_grad")
def whole_numbers(f, x, d):
    return np.round(differences(f, x, d, d, 2 * d)).astype(int)
