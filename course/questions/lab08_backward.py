"""Lab 08: gradients, first by trying, then by rule; and a network that is trained by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.check import Draw, Given, Received, case, essay, group, question
from course.given import NoTable, given
from course.questions._lab08_layers import (
    conv_gradients,
    conv_wrong,
    cross_entropy,
    pool_gradient,
    pool_wrong,
    relu_wrong,
    softmax_shares,
    softmax_wrong,
)
from course.questions._lab08_network import Weights, descent, scores, train_mistakes

Function = Callable[[np.ndarray], float]
LIBRARIES = ("tensorflow", "keras", "torch", "jax", "autograd")


# ---- 8.1: by trying ----


def _moved(x: np.ndarray, place: tuple[int, ...], step: float) -> np.ndarray:
    moved = x.copy()
    moved[place] += step
    return moved


def _each(x: np.ndarray, slope: Callable[[tuple[int, ...]], float]) -> np.ndarray:
    return np.array([slope(place) for place in np.ndindex(x.shape)]).reshape(x.shape)


def _never_moved_back(f: Function, x: np.ndarray, d: float) -> np.ndarray:
    """Every number stays at -d from where it was when the next one is moved."""
    x, slopes = x.copy(), np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        above, below = f(_moved(x, place, d)), f(_moved(x, place, -d))
        slopes[place] = (above - below) / (2 * d)
        x[place] -= d
    return slopes


def _gradient_mistakes(made: Given, x: np.ndarray, d: float) -> dict:
    f = made.make()

    def slope(place: tuple[int, ...]) -> float:
        return (f(_moved(x, place, d)) - f(_moved(x, place, -d))) / (2 * d)

    right = _each(x, slope)
    tiny = _each(x, lambda at: (f(_moved(x, at, 1e-5)) - f(_moved(x, at, -1e-5))) / 2e-5)
    alone = _each(x, lambda at: (f(x[at] + d) - f(x[at] - d)) / (2 * d))
    wrong = {
        "One-sided: f(x) is subtracted. Take one step d to each side: f(x + d) − f(x − d).": _each(
            x, lambda at: (f(_moved(x, at, d)) - f(x)) / d
        ),
        "One-sided: f(x − d) is subtracted from f(x). Take one step d to each side.": _each(
            x, lambda at: (f(x) - f(_moved(x, at, -d))) / d
        ),
        "Divided by d: the two points are 2d apart.": 2 * right,
        "Divided by 2 only: the two points are 2d apart.": d * right,
        "Not divided: the two points are 2d apart.": 2 * d * right,
        "`/ 2 * d` divides by 2 and then multiplies by d: write `/ (2 * d)`.": d * d * right,
        "The sign is turned round: it is f(x + d) − f(x − d).": -right,
        "All numbers are moved at once, or their slopes are added: move one, and keep its slope.": (
            (f(x + d) - f(x - d)) / (2 * d)
        ),
        "A number that was moved stays there: put it back before you move the next one.": (
            _never_moved_back(f, x, d)
        ),
        "All numbers are moved at once, and their joint slope stands everywhere: move one number at a time.": (
            np.full(x.shape, (f(x + d) - f(x - d)) / (2 * d))
        ),
        "f is given one number: it needs the whole array, with one number moved.": alone,
        "Another step than d is used.": tiny,
    }
    if x.ndim > 1:
        wrong["A whole row is moved at once: move one number, x[i, j]."] = _each(
            x, lambda at: (f(_moved(x, at[:1], d)) - f(_moved(x, at[:1], -d))) / (2 * d)
        )
        wrong["The slopes stand in one row: give them the shape of x."] = right.reshape(-1)
    return wrong


def _table_mistakes(received: Received) -> dict:
    """A function of a table stops when it is given less than one; how it was asked stands in its message."""
    text = received.failure.text if received.failure else ""
    alone = "f is given one number: it needs the whole array, with one number moved."
    in_a_row = "f is given all numbers in one row: it needs an array of the shape that x has."
    return {alone if "shape ()" in text else in_a_row: NoTable}


@question(
    "numeric_grad",
    points=4,
    hints=[
        "The slope at one number: move it by +d, ask f; move it by −d, ask f; divide the difference by 2d.",
        "Loop over all places of x, whatever its shape: `for place in np.ndindex(x.shape):`.",
        "Work on `moved = x.copy()`, made afresh for each place: then x stays as it was.",
    ],
)
def numeric_grad(answer, draw: Draw) -> Iterator:
    """The gradient of any function, by central differences

    f takes an array of x's shape and gives one number; some f stop with an error if the shape is another. d is
    the step. x holds floats and must be afterwards what it was before. The answer has x's shape. All numbers
    here are whole multiples of 1/8, so that the differences are exact in floating point; the tolerance of 1e-6
    is for answers that round.
    """

    def numbers(*shape: int) -> np.ndarray:
        signs = [draw.choice([1, -1]) for _ in range(int(np.prod(shape)))]
        return draw.array(shape, 1, 16) * np.reshape(signs, shape) / 4

    def step() -> float:
        return draw.choice([0.25, 0.125])

    with group("each number has its own slope"):
        for size in (3, 5):
            a, b, x = draw.integer(1, 5), draw.integer(1, 9), numbers(size)
            slopes = 2 * a * np.arange(1, size + 1) * x + b
            yield case(answer(given("quadratic", a, b), x, step()), slopes, mistakes=_gradient_mistakes)
    with group("the numbers meet in the function"):
        for size in (2, 6):
            a, b, x = draw.integer(1, 5), draw.integer(1, 4), numbers(size)
            slopes = np.array(
                [
                    (k + 1) * a * (x[k + 1] if k + 1 < size else 0) + k * a * (x[k - 1] if k else 0) + 2 * b * x[k]
                    for k in range(size)
                ]
            )
            yield case(answer(given("neighbours", a, b), x, step()), slopes, mistakes=_gradient_mistakes)
    with group("the step is d, to both sides"):
        for d in (0.25, 0.125):
            a, b, x = draw.integer(1, 4), draw.integer(1, 9), numbers(4)
            slopes = np.arange(1, 5) * a * (3 * x**2 + d**2) + b  # (x + d)³ − (x − d)³ = 2d·(3x² + d²)
            yield case(answer(given("cubic", a, b), x, d), slopes, mistakes=_gradient_mistakes)
    with group("tables and volumes"):
        for shape in ((2, 3), (3, 2), (2, 1, 3)):
            a, b, x = draw.integer(1, 4), draw.integer(1, 9), numbers(*shape)
            slopes = 2 * a * np.arange(1, 7).reshape(shape) * x + b
            yield case(answer(given("quadratic", a, b), x, step()), slopes, mistakes=_gradient_mistakes)
        for shape in ((2, 4), (3, 2)):
            a, b, x = draw.integer(1, 4), draw.integer(1, 9), numbers(*shape)
            rows, columns = np.indices(shape) + 1
            received = answer(given("table", a, b), x, step())
            yield case(received, 2 * rows * a * x + columns * b, mistakes=_table_mistakes(received))


# ---- 8.2: convolution ----


PARTS = ("dx", "dw", "db")
THREE = "three arrays were expected: dx, dw and db"


def _parts(received: Received) -> list[Received]:
    """The three arrays of one reply; db may stand in (1, 1, 1, c_out)."""

    def part(index: int) -> Callable[[Any], Any]:
        def take(value: Any) -> Any:
            if not isinstance(value, list | tuple) or len(value) != 3:
                raise ValueError(THREE)
            is_row = index == 2 and np.ndim(value[2]) > 1 and set(np.shape(value[2])[:-1]) == {1}
            return np.reshape(value[2], -1) if is_row else value[index]

        return take

    return [received.then(name, part(index)) for index, name in enumerate(PARTS)]


def _conv_mistakes(
    d: np.ndarray, cache: tuple, replies: list[Received], part: int, again: Received | None
) -> dict[str, Any]:
    """What each mistake gives for one of the three arrays, and what the reply itself gives away."""
    wrong = {name: value[part] for name, value in conv_wrong(d, cache).items() if value[part] is not None}
    right, reply = conv_gradients(d, cache), replies[part]
    if reply.failure:
        text = reply.failure.text
        if cache[-1] == 0 and "(0,0" in text:  # could not broadcast input array from shape (0,0,2)
            wrong["[pad:-pad] with pad = 0 is [0:0], which is empty: write [pad : pad + height]."] = ValueError
        return wrong
    others = [value for place, value in enumerate(right) if place != part]
    swapped = [value for value in others if np.shape(value) == np.shape(reply.value)]
    if swapped:
        wrong["The three stand in another order: return dx, dw, db."] = swapped[0]
    if again is not None and not again.failure and not np.array_equal(reply.value, again.value):
        wrong["The same call gives other numbers each time: begin with np.zeros, not np.empty or random ones."] = (
            reply.value
        )
    return wrong


Geometry = tuple[tuple[int, int, int, int], tuple[int, int], int, int, int]

# (images, height, width, channels), the kernel's sides, filters, stride, padding
PLAIN: tuple[Geometry, ...] = (
    ((1, 3, 4, 1), (2, 2), 1, 1, 0),
    ((2, 4, 6, 2), (2, 3), 3, 1, 0),
    ((3, 6, 4, 1), (3, 3), 2, 1, 0),
    ((2, 5, 5, 2), (3, 2), 2, 1, 0),
)
MOVED: tuple[Geometry, ...] = (
    ((2, 4, 5, 2), (3, 3), 2, 1, 1),
    ((2, 6, 5, 1), (2, 2), 3, 2, 0),
    ((1, 7, 6, 2), (3, 2), 1, 3, 0),
    ((2, 5, 8, 2), (3, 3), 2, 2, 1),
    ((1, 6, 9, 1), (2, 3), 2, 3, 2),
    ((2, 8, 5, 2), (3, 3), 2, 2, 0),
    ((3, 4, 5, 1), (1, 1), 2, 2, 1),
    ((2, 4, 6, 2), (4, 3), 2, 1, 2),
)


def _whole(draw: Draw, *shape: int) -> np.ndarray:
    """Whole numbers from −9 to 9, none of them 0."""
    signs = draw.array(shape, 0, 1) * 2 - 1
    return draw.array(shape, 1, 9) * signs


def _conv_example(draw: Draw, geometry: Geometry) -> tuple[np.ndarray, tuple]:
    shape, kernel, filters, stride, pad = geometry
    sides = [len(range(0, side + 2 * pad - k + 1, stride)) for side, k in zip(shape[1:3], kernel, strict=True)]
    x, W, b = _whole(draw, *shape), _whole(draw, *kernel, shape[3], filters), _whole(draw, filters)
    return _whole(draw, shape[0], *sides, filters), (x, W, b, stride, pad)


@question(
    "conv_backward",
    points=9,
    forbidden=("course.broken", "scipy", *LIBRARIES),
    hints=[
        "Loop over the places [i, j] of the output, as the forward pass does, and cut the same window from the "
        "padded x. Each place adds to dw: window times d. And to the window of dx: W times d.",
        "For all images and filters at once: np.tensordot(window, d[:, i, j], axes=(0, 0)) has the shape of W, "
        "np.tensordot(d[:, i, j], W, axes=(1, 3)) that of the window.",
        "Begin with zeros of the padded shape for dx, add with +=, and cut at the end: "
        "dx[:, pad : pad + height, pad : pad + width]. [pad:-pad] is empty when pad is 0.",
        "db: sum d over images, rows and columns, axis=(0, 1, 2).",
    ],
)
def conv_backward(answer, draw: Draw) -> Iterator:
    """The gradients of a convolution, number by number

    conv_backward(d, cache): d is the gradient by the output, (batch, out height, out width, c_out); the cache
    is (x, W, b, stride, pad) with x (batch, height, width, c_in), W (k_h, k_w, c_in, c_out), b (c_out,). The
    answer is dx, dw, db in this order, in the shapes of x, W and b; db in (1, 1, 1, c_out) counts too. They
    are sums over all images and places. A cross-correlation, zeros around x, pixels that no window reads get
    0. All numbers are whole.
    """
    asked = []
    for geometry in (*PLAIN, *MOVED):
        d, cache = _conv_example(draw, geometry)
        replies = _parts(answer(d, cache))
        again = _parts(answer(d, cache)) if geometry is PLAIN[0] else [None] * 3
        asked.append((d, cache, replies, again))

    def cases(part: int, some: list) -> Iterator:
        for d, cache, replies, again in some:
            mistakes = _conv_mistakes(d, cache, replies, part, again[part])
            yield case(replies[part], conv_gradients(d, cache)[part], mistakes=mistakes)

    plain, moved = asked[: len(PLAIN)], asked[len(PLAIN) :]
    with group("db"):
        yield from cases(2, asked)
    with group("dw, stride 1, no padding"):
        yield from cases(1, plain)
    with group("dw, strides 1 to 3, padding 0 to 2", weight=2):
        yield from cases(1, moved)
    with group("dx, stride 1, no padding", weight=2):
        yield from cases(0, plain)
    with group("dx, strides 1 to 3, padding 0 to 2", weight=3):
        yield from cases(0, moved)


# ---- 8.3 and 8.4: pooling ----


def _pooled_shape(shape: tuple, f: int, stride: int) -> tuple:
    sides = (len(range(0, side - f + 1, stride)) for side in shape[1:3])
    return (shape[0], *sides, shape[3])


def _distinct(draw: Draw, shape: tuple) -> np.ndarray:
    """Different whole numbers, about half of them below zero."""
    count = int(np.prod(shape))
    return np.reshape(draw.shuffled(range(-count // 2, count - count // 2)), shape).astype(float)


def _ties(draw: Draw, shape: tuple) -> np.ndarray:
    """Few different numbers, so that most windows have several largest ones; some are all below zero."""
    return draw.array(shape, -3, -1) + 3.0 * draw.array((shape[0], 1, 1, shape[3]), 0, 1)


SIDE_BY_SIDE = (((1, 4, 4, 1), 2, 2), ((2, 4, 6, 2), 2, 2), ((2, 6, 3, 1), 3, 3))
OVERLAPPING = (((1, 4, 4, 1), 3, 1), ((2, 5, 7, 2), 3, 2), ((2, 6, 4, 1), 2, 1), ((1, 7, 5, 2), 3, 2))
LEFT_OVER = (((2, 7, 5, 1), 2, 3), ((1, 5, 8, 2), 3, 4), ((2, 5, 7, 1), 2, 2), ((1, 8, 6, 2), 3, 2))


@question(
    "maxpool_backward",
    points=5,
    forbidden=LIBRARIES,
    hints=[
        "Begin with zeros in the shape of x. For every window find the place of its largest number, "
        "and add d there.",
        "np.argmax reads a window row by row and gives the first of several largest ones; "
        "divmod(number, f) makes row and column of it.",
        "Where windows overlap, a pixel can be the largest in several of them: +=, not =.",
    ],
)
def maxpool_backward(answer, draw: Draw) -> Iterator:
    """The gradient of max pooling

    maxpool_backward(d, cache) with cache (x, f, stride): windows of side f, no padding, every channel alone.
    The answer is dx, an array in the shape of x. Each window gives its d to its largest pixel; if several are
    equal, to the first of them in row order (left to right, then down), as np.argmax and TensorFlow do.
    Windows that overlap add up; pixels that no window reads get 0.
    """

    def cases(geometries: tuple, pixels: Callable[[Draw, tuple], np.ndarray]) -> Iterator:
        for shape, f, stride in geometries:
            x, d = pixels(draw, shape), _whole(draw, *_pooled_shape(shape, f, stride))
            cache = (x, f, stride)
            wrong = pool_wrong(d, cache, "max")
            yield case(answer(d, cache), pool_gradient(d, cache), mistakes=wrong)

    with group("windows side by side"):
        yield from cases(SIDE_BY_SIDE, _distinct)
    with group("windows that overlap", weight=2):
        yield from cases(OVERLAPPING, _distinct)
    with group("several largest pixels in a window"):
        yield from cases((*SIDE_BY_SIDE, *OVERLAPPING), _ties)
    with group("pixels that no window reads"):
        yield from cases(LEFT_OVER, _distinct)


@question(
    "avgpool_backward",
    points=4,
    forbidden=LIBRARIES,
    hints=[
        "An average is a sum of f² pixels, each times 1 / f². So each pixel of a window gets the same share of d.",
        "Begin with zeros in the shape of x, and add d / f² to the whole window: numbers are spread by NumPy, "
        "dx[n, rows, columns, c] += d[n, i, j, c] / f**2.",
    ],
)
def avgpool_backward(answer, draw: Draw) -> Iterator:
    """The gradient of average pooling

    avgpool_backward(d, cache) with cache (x, f, stride) as for max pooling: each window divides its d evenly among
    its f² pixels. Windows that overlap add up; pixels that no window reads get 0. The answer has the shape of x.
    Shares may be fractions, as in the last example of windows side by side.
    """

    def cases(geometries: tuple, unit: int = 36) -> Iterator:
        for shape, f, stride in geometries:
            x, d = _distinct(draw, shape), unit * _whole(draw, *_pooled_shape(shape, f, stride))
            cache = (x, f, stride)
            right = pool_gradient(d, cache, average=True)
            yield case(answer(d, cache), right, mistakes=pool_wrong(d, cache, "average"))

    with group("windows side by side"):
        yield from cases(SIDE_BY_SIDE)
        yield from cases(SIDE_BY_SIDE[1:2], unit=1)
    with group("windows that overlap", weight=2):
        yield from cases(OVERLAPPING)
    with group("pixels that no window reads"):
        yield from cases(LEFT_OVER)


# ---- 8.5: ReLU, softmax and cross-entropy ----


@question(
    "relu_softmax_xent",
    points=4,
    names=("relu_backward", "softmax_xent"),
    forbidden=("scipy.special", *LIBRARIES),
    strict=True,
    hints=[
        "relu_backward: d times 1 where x is positive, d times 0 elsewhere. The sign of d does not matter.",
        "softmax_xent: p = exp(z) / sum, row by row with keepdims=True; loss = mean of −log p[i, labels[i]]. "
        "p[np.arange(len(z)), labels] picks one share from each row.",
        "dz is p, minus 1 at each image's label, all divided by the number of images.",
        "exp(1000) overflows: z − z.max(axis=1, keepdims=True) gives the same shares.",
    ],
)
def relu_softmax_xent(answer, draw: Draw) -> Iterator:
    """ReLU, softmax and cross-entropy, backwards

    relu_backward(d, x): x is what went into the ReLU; d, of the same shape, is the gradient by what came out.
    Where x is 0 the gradient is 0. softmax_xent(z, labels): scores of shape (images, classes) and class
    numbers (images,) give two things, the loss (one number, the mean over the images of −log of the label's
    share, natural logarithm) and its gradient by z. Scores may be ±1000: here NumPy's warnings are errors.
    Tolerance 1e-5.
    """
    with group("relu_backward"):
        for shape in ((7,), (3, 4), (2, 3, 2, 2)):
            count = int(np.prod(shape))
            x = np.reshape([0.0, 3.0, -2.0, 2.0, -1.0, *draw.integers(count - 5, -3, 3)], shape)
            d = np.reshape([4.0, -5.0, 6.0, 7.0, -8.0, *_whole(draw, count - 5)], shape)
            right = np.reshape([d.flat[k] if x.flat[k] > 0 else 0.0 for k in range(count)], shape)
            yield case(answer["relu_backward"](d, x), right, mistakes=relu_wrong)
    pairs = []
    for images, classes in ((1, 3), (4, 3), (3, 5), (2, 10)):
        z = draw.array((images, classes), -8, 8) / 4
        pairs.append((z, np.array(draw.integers(images, 0, classes - 1))))
    far = np.array([[1000.0, 999.0, -1000.0], [-1000.0, -1001.0, -998.0], [2.0, 0.0, 1.0]])
    pairs.append((far, np.array([1, 0, 2])))
    replies = [_pair(answer["softmax_xent"](z, labels)) for z, labels in pairs]

    def cases(part: int, some: slice) -> Iterator:
        for (z, labels), reply in zip(pairs[some], replies[some], strict=True):
            losses = cross_entropy(z, labels)
            rights = float(losses.mean()), (softmax_shares(z) - np.eye(z.shape[1])[labels]) / len(z)
            wrong = {
                name: value[part] for name, value in softmax_wrong(z, labels).items() if value[part] is not None
            }
            if not reply[part].failure and np.shape(reply[part].value) == np.shape(rights[1 - part]):
                wrong["The two stand in another order: return the loss, then dz."] = rights[1 - part]
            yield case(reply[part], rights[part], tolerance=1e-5, mistakes=wrong)

    ordinary, large = slice(0, -1), slice(-1, None)
    with group("softmax_xent: the loss"):
        yield from cases(0, ordinary)
    with group("softmax_xent: dz"):
        yield from cases(1, ordinary)
    with group("softmax_xent: scores of ±1000"):
        yield from cases(0, large)
        yield from cases(1, large)


def _pair(received: Received) -> list[Received]:
    """Loss and gradient of one reply."""

    def part(index: int) -> Callable[[Any], Any]:
        def take(value: Any) -> Any:
            if not isinstance(value, list | tuple) or len(value) != 2:
                raise ValueError("two things were expected: the loss and dz")
            return value[index]

        return take

    return [received.then(name, part(index)) for index, name in enumerate(("loss", "dz"))]


# ---- 8.6: a network ----


# Measured with 50 digits, rate 0.5, 100 steps; start weights, digits and names of sixty draws (twenty for the last
# two). Share of the 50 digits that the trained weights read: lowest, mean, standard deviation of one run.
#   as asked                            1.0   1.0   0
#   the convolution is not trained      .78   .961  .051: too often it passes here; number by number it is caught
#   the kernel's gradient is flipped    .64   .844  .1
#   uphill                              .04   .092  .034
# READ leaves three digits. One training takes 0.3 s of processor time, 20 s if layers are written in four loops.
DIGITS, STEPS, RATE, READ = 50, 100, 0.5, 0.94


@question(
    "train",
    points=5,
    limit=90.0,
    forbidden=("course.broken", *LIBRARIES),
    hints=[
        "A step: conv_forward, ReLU, maxpool_forward, reshape(len(images), -1), times W2 plus b2. Keep what each "
        "returns: the way back needs it.",
        "Back: softmax_xent gives dz. Then dW2 = flat.T @ dz, db2 = dz.sum(axis=0), and dz @ W2.T, in the "
        "shape of the pooled maps, goes through maxpool_backward, relu_backward and conv_backward.",
        "Make new arrays, W1 = W1 - rate * dW1: `-=` would change the weights that came in.",
        "If the numbers are off after one step, check the earlier questions first: this one calls their answers.",
    ],
)
def train(answer, draw: Draw) -> Iterator:
    """A network in NumPy memorises 50 digits

    train(weights, images, labels, steps, rate): weights as `start_weights` makes them, images (n, 14, 14, 1),
    labels (n,). Convolution 3×3 with stride 2 and padding 1, ReLU, max pooling with f = 3 and stride 2,
    flatten, dense; the loss is the mean cross-entropy. `steps` times, with all images: weights minus rate
    times gradient. The answer is a dictionary with the same four names. After few steps all numbers are
    compared (tolerance 1e-5); after 100 steps at rate 0.5 the check computes itself what the returned weights
    say of the 50 digits. What the digits are called is drawn anew: a 3 may have to be called 7.
    """
    names = np.array(draw.shuffled(range(10)))

    def digits(count: int) -> tuple[Given, np.ndarray]:
        first = draw.integer(0, 9_000)
        return given("small_digits", count, first), names[given("digit_labels", count, first).make()]

    with group("after a few steps, number by number", weight=2):
        for count, steps, rate in ((4, 1, 0.5), (6, 3, 0.25)):
            start, (images, labels) = given("start_weights", draw.integer(0, 999)), digits(count)
            right = descent(start.make(), images.make(), labels, steps, rate)
            reply = answer(start, images, labels, steps, rate).then("weights", _weights)
            yield case(reply, right, tolerance=1e-5, mistakes=train_mistakes)
    with group("fifty digits, memorised", weight=3):
        start, (images, labels) = given("start_weights", draw.integer(0, 999)), digits(DIGITS)
        reply = answer(start, images, labels, STEPS, RATE)

        def read(value: Any) -> float:
            with np.errstate(all="ignore"):
                said = scores(_weights(value), images.make())
            return float(np.mean(np.argmax(said, axis=1) == labels)) if np.isfinite(said).all() else 0.0

        yield case(reply.then("share of the 50 digits that are read right, by the weights", read), at_least=READ)


def _weights(value: Any) -> Weights:
    """The four arrays; if more was returned, such as the losses, the first thing counts."""
    if isinstance(value, list | tuple) and value and isinstance(value[0], dict):
        value = value[0]
    if not isinstance(value, dict):
        raise ValueError("a dictionary with W1, b1, W2 and b2 was expected")
    shapes = {"W1": (3, 3, 1, 8), "b1": (8,), "W2": (72, 10), "b2": (10,)}
    for name, shape in shapes.items():
        if np.shape(value.get(name)) != shape:
            raise ValueError(f"{name} of shape {shape} was expected, received {np.shape(value.get(name))}")
    return {name: np.asarray(value[name], dtype=float) for name in shapes}


max_pool_gradient = essay(
    "max_pool_gradient",
    points=3,
    title="Where max pooling sends the gradient",
    rubric=[
        (1, "Says that only the largest pixel of each window gets the gradient, and the others get exactly zero."),
        (1, "Names a consequence: most values learn nothing from this image (3 of 4 at 2×2, stride 2), or the "
            "place depends on the image, or only a change of the largest pixel changes the output."),
        (1, "Compares with something that spreads it: average pooling gives each pixel d / f², or a strided "
            "convolution gives each pixel that a window reads its weight times d."),
    ],
)  # fmt: skip
