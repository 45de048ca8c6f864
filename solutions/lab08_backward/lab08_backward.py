# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.lab08_backward
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 08 · Backward pass
#
# **You will learn** to compute the gradients of convolution, pooling, ReLU and softmax with your own hands,
# to check a gradient so that the check can really fail,
# and to train a network that you have written from the first line to the last.
#
# **You need** Python loops, NumPy slices such as `x[:, 1:4, 2:5]`, and what a derivative is.
# Lab 02 (sliding a kernel) and lab 04 (stride and padding) help.
# **It takes** about two hours. There are 34 points, 3 of them for a short text that a person reads.

# %% [markdown]
# Answer in the cells that say `# your code here`, then run the `check(...)` cell below.
# You may check as often as you like; `hint("conv_backward")` in a new cell opens a hint for that question.
#
# As everywhere in this course, images are arrays of shape (batch, height, width, channels),
# kernels are (k_h, k_w, c_in, c_out), and numbers are float64.
# "The lectures" are four public lectures on convolutional networks, which this course follows.

# %%
try:
    from course import check, hint, start
except ModuleNotFoundError:  # on Colab: install the course, and only what is missing there
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
    from course import check, hint, start

lab = start("lab08_backward", learner="")
lab

# %%
import numpy as np

from course import explore, figures
from course.given import digit_labels, small_digits, start_weights

# %% [markdown]
# ## 8.1 A gradient by trying ({points:numeric_grad})
#
# A network makes an error, and it has a million weights. Which of them should change, and which way?
# Ask each weight: if you grow by a little, how much does the error $E$ grow?
# That ratio is its **derivative** $\partial E / \partial w$, and all of them together are the **gradient**.

# %% [markdown]
# You can find it without any theory. Move one number by $+d$ and by $-d$, and look at the difference:
#
# $$\frac{\partial E}{\partial w} \approx \frac{E(w + d) - E(w - d)}{2d}$$
#
# This is the **central difference**. Here is one weight: the output is $o = w \cdot x$ with $x = 3$,
# it should be 5, and the error is $E = \frac12 (o - 5)^2$.

# %%
def error(w):
    return 0.5 * (w * 3 - 5) ** 2


for d in (1.0, 0.1, 0.001):
    central, one_sided = (error(2 + d) - error(2 - d)) / (2 * d), (error(2 + d) - error(2)) / d
    print(f"d = {d:<5}  central {central:.4f}   one-sided {one_sided:.4f}   should be 3")

# %% [markdown]
# The one-sided difference is off by an amount that shrinks with $d$; the central one is exact here,
# because $E$ is a parabola, and off by about $d^2$ in general.
# The price is the same for both: the whole network runs again for **each** weight.
# For a million weights that is hopeless.
# But it is the honest referee of everything that you write in this lab.

# %% [markdown]
# **Write** `numeric_grad(f, x, d)` for any function `f` that takes an array and returns one number.
#
# - `x` is an array of floats of any shape; the result has the shape of `x`.
# - For each number of `x`: the central difference with step `d`, all other numbers as they are.
# - Hand `f` an array **of the same shape as** `x`: some functions need their rows and columns.
# - Afterwards `x` must be what it was before.

# %% tags=["question:numeric_grad"]
def numeric_grad(f, x, d):
    """Gradient of f at x by central differences of step d: an array in the shape of x."""
    ### BEGIN SOLUTION
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[place] += d
        below[place] -= d
        gradient[place] = (f(above) - f(below)) / (2 * d)
    return gradient
    ### END SOLUTION


# %% tags=["check:numeric_grad"]
check("numeric_grad")

# %% [markdown]
# How small should $d$ be? Smaller steps make a better approximation,
# until the two values of $f$ agree in nearly all of their 16 digits and the difference is mostly rounding.
# **Predict** which step is best, 10⁻², 10⁻⁵ or 10⁻¹⁰, before you run the next cells.
# The function is $f(x) = \sum \sin x$, so the right gradient is $\cos x$.

# %%
def wave(x):
    return np.sum(np.sin(x))


def worst(gradient, right):
    """The largest error of a gradient; nothing to draw while the question is open."""
    return np.nan if gradient is None else max(np.max(np.abs(gradient - right)), 1e-17)


x = np.array([0.3, 1.1, -0.7])
exponents = np.arange(-12, 0)
steps = 10.0**exponents
one_sided = [worst(np.array([(wave(x + d * e) - wave(x)) / d for e in np.eye(3)]), np.cos(x)) for d in steps]
central = [worst(numeric_grad(wave, x, d), np.cos(x)) for d in steps]

# %%
my_guess = None
print("your guess:", my_guess)
lines = {"one-sided": (exponents, one_sided), "central, by your code": (exponents, central)}
figures.curve(
    {name: line for name, line in lines.items() if np.isfinite(line[1]).all()},
    xlabel="exponent of the step d (d = 10 to this power)",
    ylabel="largest error of the gradient",
    title="Too large a step, and too small a step",
    logy=True,
)

# %% [markdown]
# To the right the error falls as the theory says: tenfold per power of ten for the one-sided difference,
# a hundredfold for the central one. To the left rounding takes over and grows again.
# The central difference is best near $d = 10^{-5}$, with ten right digits.
#
# ### The chain rule
#
# A network is a chain: the weight changes an output, the output changes the error. The effects multiply.
# In 1986 D. Rumelhart, G. Hinton and R. Williams showed what can be learned with this rule:
#
# $$\frac{\partial E}{\partial w} = \frac{\partial E}{\partial o} \cdot \frac{\partial o}{\partial w}$$

# %% [markdown]
# In the example, $o = 2 \cdot 3 = 6$. The first factor is $o - 5 = 1$, the second is $x = 3$, and $1 \cdot 3 = 3$.
# Nothing had to be tried.
#
# Each layer needs to know only its own part. From the layer behind it comes
# $d = \partial E / \partial(\text{output})$, an array in the shape of its **output**.
# (In 8.1 a small step was called $d$. From here on $d$ is this array.)
# From $d$ it computes the gradient by its weights, and the gradient by its **input**, which is the $d$ of the layer before.
# This walk from the end to the start is the **backward pass**, or back-propagation.
# It costs about as much as two forward passes, however many weights there are.

# %% [markdown]
# ## 8.2 Backwards through a convolution ({points:conv_backward})
#
# Begin with a row of numbers, four pixels and three weights: $x = (1, 3, 2, 5)$, $w = (1, 0, -2)$.
# There are two outputs, $z_0 = x_0 w_0 + x_1 w_1 + x_2 w_2 = -3$ and $z_1 = x_1 w_0 + x_2 w_1 + x_3 w_2 = -7$.
# Suppose the layer behind says $d = (1, 10)$: a change of $z_1$ matters ten times as much as one of $z_0$.

# %% [markdown]
# **Weights.** $w_0$ met $x_0$ in the first window and $x_1$ in the second:
# its gradient is $1 \cdot 1 + 10 \cdot 3 = 31$.
#
# **Pixels.** $x_1$ met $w_1$ in the first window and $w_0$ in the second:
# its gradient is $1 \cdot 0 + 10 \cdot 1 = 10$.

# %%
x, w, d = np.array([1, 3, 2, 5]), np.array([1, 0, -2]), np.array([1, 10])
dw, dx = np.zeros(3, int), np.zeros(4, int)
for i in range(2):
    dw += d[i] * x[i : i + 3]  # the window, d times
    dx[i : i + 3] += d[i] * w  # the kernel, d times, onto the window's place
print("dw", dw, " should be [31 23 52]")
print("dx", dx, " should be [  1  10  -2 -20]")

# %% [markdown]
# So both gradients walk over the same windows as the forward pass.
# For the weights, each window adds its pixels, $d$ times.
# For the pixels, each number of $d$ **stamps** a copy of the kernel onto the place of its window.
# Forward, a window is gathered into one number; backward, one number is scattered over the window.
# The same in two dimensions, with stride 2:

# %%
kernel = np.array([[1, 2, 0], [3, -1, 1], [0, 0, 4]])
explore.stamping([[1, 10], [100, -2]], kernel, shape=(5, 6), stride=2)

# %% [markdown]
# Look at three things in the last picture.
# Where windows overlap, the copies **add up**: 31 is 1 + 30. A program that writes `=` loses the 1.
# The kernel is stamped **as it stands**, not turned.
# And the last column stays 0: no window read it, so nothing that it does can change the error.
#
# Padding adds zeros around the picture. They get their share of the gradient like any pixel,
# but nobody needs it: the border is cut away at the end.
# **Predict** the gradient of the four corner pixels below, then look: kernel 2×2, stride 3, padding 1.

# %%
my_guess = None
print("your guess:", my_guess)
figures.stamping([[1, 10], [100, -2]], [[1, 2], [3, -1]], shape=(4, 4), steps=[3], stride=3, pad=1)

# %% [markdown]
# They are −1, 30, 200 and −2: each corner of the picture meets another weight of the kernel.
#
# With images $n$, places $i, j$, channels $c$ and filters $k$, and with $\tilde x$ for the padded input,
# every product of the forward pass appears again. Weight $[a, b, c, k]$ met pixel $[n, is + a, js + b, c]$,
# and went into output $[n, i, j, k]$ (lab 03 called the four numbers of a weight $a, c, d, f$):
#
# $$dw[a,b,c,k] = \sum_{n,i,j} d[n,i,j,k]\; \tilde x[n,\, is+a,\, js+b,\, c]$$
#
# $$d\tilde x[n,\, is+a,\, js+b,\, c] \mathrel{+}= \sum_k d[n,i,j,k]\; w[a,b,c,k]
# \qquad db[k] = \sum_{n,i,j} d[n,i,j,k]$$

# %% [markdown]
# The forward pass is given. It returns the output and a **cache**: what the backward pass will need.
# `np.tensordot` multiplies and adds over the axes that it is told, here channel, row and column of the window.

# %%
def conv_forward(x, W, b, stride, pad):
    """Cross-correlation: output (batch, out height, out width, c_out), and the cache."""
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, W.shape[:2], axis=(1, 2))
    windows = windows[:, ::stride, ::stride]  # (batch, out height, out width, c_in, k_h, k_w)
    z = np.tensordot(windows, W, axes=((3, 4, 5), (2, 0, 1))) + b
    return z, (x, W, b, stride, pad)


z, cache = conv_forward(np.ones((2, 7, 9, 3)), np.ones((3, 3, 3, 4)), np.zeros(4), 2, 1)
print("output", z.shape, " should be (2, 4, 5, 4);  a corner", z[0, 0, 0, 0], " should be 12")

# %% [markdown]
# **Write** `conv_backward(d, cache)`. The cache is `(x, W, b, stride, pad)`, as above;
# `d` has the shape of the output. Return `dx, dw, db`, in this order.
#
# - `dx` has the shape of `x` (without the border), `dw` that of `W`, `db` that of `b`, `(c_out,)`.
#   A `db` of shape `(1, 1, 1, c_out)` counts too.
# - They are **sums** over images and places. Do not divide: where the error is a mean over the images,
#   `d` is divided already.
# - Height and width may differ, in images and kernels. Stride 1 to 3, padding 0 to 2.
# - Pixels that no window reads get 0. `x`, `W`, `b` and `d` stay as they are.

# %% [markdown]
# Two loops over the places are fast; four, over images and filters too, are right and take 20 seconds in 8.6.
# Write it in NumPy: no `scipy`, no network library, no `course.broken`.

# %% tags=["question:conv_backward"]
def conv_backward(d, cache):
    """Gradients dx, dw, db of a convolution; cache is (x, W, b, stride, pad)."""
    ### BEGIN SOLUTION
    x, W, _, stride, pad = cache
    (k_h, k_w), (height, width) = W.shape[:2], x.shape[1:3]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dx, dw = np.zeros(padded.shape), np.zeros(W.shape)
    for i in range(d.shape[1]):
        for j in range(d.shape[2]):
            rows, columns = slice(i * stride, i * stride + k_h), slice(j * stride, j * stride + k_w)
            dw += np.tensordot(padded[:, rows, columns], d[:, i, j], axes=(0, 0))
            dx[:, rows, columns] += np.tensordot(d[:, i, j], W, axes=(1, 3))
    return dx[:, pad : pad + height, pad : pad + width], dw, d.sum(axis=(0, 1, 2))
    ### END SOLUTION


# %% tags=["check:conv_backward"]
check("conv_backward")

# %% [markdown]
# ### Let the referee decide
#
# Your `numeric_grad` can judge your `conv_backward`. It needs a function with **one** number as its value:
# take $E = \sum d \cdot z$, the output weighted with $d$. Then $\partial E / \partial z$ is $d$, by definition.
# This is **gradient checking**: two programs that have nothing in common must agree, number by number.
#
# Small arrays are enough, if they are nasty: height unlike width, stride 2, padding 1.

# %%
random = np.random.default_rng(8)
x, W, b = random.normal(size=(2, 5, 6, 2)), random.normal(size=(3, 2, 2, 3)), random.normal(size=3)
d = random.normal(size=conv_forward(x, W, b, 2, 1)[0].shape)
by_rule = conv_backward(d, (x, W, b, 2, 1)) or (None, None, None)
by_trying = (
    numeric_grad(lambda x: np.sum(d * conv_forward(x, W, b, 2, 1)[0]), x, 1e-5),
    numeric_grad(lambda W: np.sum(d * conv_forward(x, W, b, 2, 1)[0]), W, 1e-5),
    numeric_grad(lambda b: np.sum(d * conv_forward(x, W, b, 2, 1)[0]), b, 1e-5),
)
for name, one, other in zip(("dx", "dw", "db"), by_rule, by_trying):
    if one is not None and other is not None:
        print(f"{name}: largest difference below 1e-8? {bool(np.max(np.abs(one - other)) < 1e-8)}")

# %% [markdown]
# ### A check that cannot fail
#
# A popular exercise checks `conv_backward` in another way: it compares the **mean** of `dx`, `dw` and `db`
# with three printed numbers, for 4×4 images, a 2×2 kernel, stride 2 and padding 2.
# How many wrong programs does that let pass?
#
# The course keeps seven, each with one mistake that learners really make.
# You can read them in `course/broken.py`, after your own answer is right.
# **Predict** how many of the seven keep all three means.

# %%
from course import broken


def compare_three_means():
    for name, backward in broken.VERSIONS.items():
        print(f"{name:<28}", "passes" if broken.three_means(backward) else "is noticed")


my_guess = None
print("your guess:", my_guess)
compare_three_means()

# %% [markdown]
# Six of seven pass. The means are blind: a flipped kernel or a transposed `dw` has the same numbers in other places.
# And the example is blind: windows of side 2 at stride 2 do not overlap, so `=` and `+=` agree.
# With padding 2, `[pad:-pad]` works; on a square, height is width.
#
# Below are four more checks, all of them number by number. "Stride 1" and "square" say what their examples are like.
# "Symmetric kernel" has kernels that equal their own half turn, like both filters of the lecture's 6×6 example.
# "All of it" has rectangles, strides 1 and 2, padding 0 to 2, and windows that overlap.

# %%
figures.verdicts(
    broken.notices({"right": broken.conv_backward, **broken.VERSIONS, "yours": conv_backward}),
    title="What five checks notice",
)

# %% [markdown]
# Every check but the last one is fooled by something.
# The rules that follow are worth more than this lab:
# compare **numbers in their places**, use **rectangles**, **asymmetric** kernels, **strides above 1**,
# padding **0 and more**, and windows that **overlap**.
# If your own row says "noticed", look at the check in 8.2: it names the mistake.

# %% [markdown]
# ## 8.3 Backwards through max pooling ({points:maxpool_backward})
#
# Max pooling keeps the largest number of each window and drops the others.
# Growing a dropped number a little changes nothing, so its derivative is **0**.
# Growing the largest one by a little changes the output by the same amount: its derivative is **1**.
# So the whole $d$ of a window goes to one pixel, and the others get nothing.
#
# This is the grid of the lectures' pooling example, with windows of side 2, stride 2 (green: the largest ones).

# %%
grid = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])
d = np.array([[10, 20], [30, 40]])
figures.grids(
    {
        "input": grid,
        "max, should be 6 8 3 4": grid.reshape(2, 2, 2, 2).max(axis=(1, 3)),
        "d": d,
        "dx": [[0, 0, 0, 0], [0, 10, 0, 20], [30, 0, 0, 0], [0, 0, 0, 40]],
    },
    outlines={name: [(1, 1, 1, 1), (1, 3, 1, 1), (2, 0, 1, 1), (3, 3, 1, 1)] for name in ("input", "dx")},
)

# %% [markdown]
# When windows overlap, one pixel can win several of them. With side 3 and stride 1 there are four windows.
# **Predict** which pixels win, and what they get if $d$ is 1, 10, 100, 1000. Powers of ten show who paid.

# %%
my_guess = None
print("your guess:", my_guess)
dx = np.zeros((4, 4), int)
for (i, j), paid in zip([(0, 0), (0, 1), (1, 0), (1, 1)], [1, 10, 100, 1000]):
    row, column = divmod(int(grid[i : i + 3, j : j + 3].argmax()), 3)
    dx[i + row, j + column] += paid
figures.grids({"input": grid, "d": [[1, 10], [100, 1000]], "dx": dx})

# %% [markdown]
# The 7 wins the two windows at the left, the 8 those at the right.
#
# If several numbers of a window are the largest, who gets $d$?
# Mathematics has no answer: the maximum has a kink there. A program must choose.
# Here **the first one in row order** gets all of it (left to right, then down),
# as `np.argmax` finds it and as TensorFlow does.
# After a ReLU ties are common: many numbers are exactly 0.

# %% [markdown]
# **Write** `maxpool_backward(d, cache)`. The cache is `(x, f, stride)`: the input of shape
# (batch, height, width, channels), the side of the square windows, and the stride. There is no padding.
# Return `dx`, in the shape of `x`.
#
# - Every channel is pooled alone. In a tie, the first largest number in row order gets all.
# - Windows may overlap, and then shares add up. They may leave pixels out, and those get 0.
# - Height and width may differ; `x` may be negative; the inputs stay as they are.

# %%
def maxpool_forward(x, f, stride):
    """Largest number of each f×f window: output, and the cache for the way back."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (f, f), axis=(1, 2))[:, ::stride, ::stride]
    return windows.max(axis=(4, 5)), (x, f, stride)


# %% tags=["question:maxpool_backward"]
def maxpool_backward(d, cache):
    """Gradient by the input of max pooling; cache is (x, f, stride)."""
    ### BEGIN SOLUTION
    x, f, stride = cache
    dx = np.zeros(x.shape)
    n, c = np.ogrid[: x.shape[0], : x.shape[3]]
    for i in range(d.shape[1]):
        for j in range(d.shape[2]):
            window = x[:, i * stride : i * stride + f, j * stride : j * stride + f]
            row, column = np.divmod(window.reshape(len(x), f * f, -1).argmax(axis=1), f)
            dx[n, i * stride + row, j * stride + column, c] += d[:, i, j]
    return dx
    ### END SOLUTION


# %% tags=["check:maxpool_backward"]
check("maxpool_backward")

# %% [markdown]
# ## 8.4 Backwards through average pooling ({points:avgpool_backward})
#
# An average treats all alike. It is a sum of $f^2$ pixels, each times $1/f^2$.
# So each pixel of the window gets the same share: $d / f^2$.
# With side 2, a $d$ of 40 becomes four times 10.
#
# **Write** `avgpool_backward(d, cache)` with the same cache `(x, f, stride)`, and return `dx` in the shape of `x`.
# Again windows may overlap or leave pixels out. (It needs only the shape of `x`; do you see why?)

# %% tags=["question:avgpool_backward"]
def avgpool_backward(d, cache):
    """Gradient by the input of average pooling; cache is (x, f, stride)."""
    ### BEGIN SOLUTION
    x, f, stride = cache
    dx = np.zeros(x.shape)
    for i in range(d.shape[1]):
        for j in range(d.shape[2]):
            share = d[:, i : i + 1, j : j + 1] / f**2
            dx[:, i * stride : i * stride + f, j * stride : j * stride + f] += share
    return dx
    ### END SOLUTION


# %% tags=["check:avgpool_backward"]
check("avgpool_backward")

# %% [markdown]
# Now look at both on a real picture. A digit goes through pooling with side 2 and stride 2,
# and every output sends back a gradient of 1.
# Under average pooling each pixel hears a quarter of it.
# Under max pooling one pixel in four hears everything, and three hear nothing:
# mostly the ones on the ridge of the stroke. (Where all four are black, the first one is paid.)

# %%
digit = small_digits(1, 7)
ones = np.ones((1, 7, 7, 1))
gradients = {
    "max pooling, your dx": maxpool_backward(ones, (digit, 2, 2)),
    "average pooling, your dx": avgpool_backward(ones, (digit, 2, 2)),
}
pictures = {name: np.asarray(dx)[0, :, :, 0] for name, dx in gradients.items() if dx is not None}
figures.photographs({"a digit, 14×14": digit[0, :, :, 0], **pictures}, columns=3)

# %% [markdown]
# > **Lecture, repaired.** One lecture says that pooling has "no difficulties with propagating gradients".
# > Average pooling has none. Max pooling passes the gradient to the largest pixel only:
# > with side 2 and stride 2, three of four pixels get exactly zero from this image.
# > The path that is left is a good one, its factor is 1, so the gradient does not shrink.
# > But it is one path, and which one depends on the image.

# %% [markdown]
# ## 8.5 ReLU, softmax and cross-entropy ({points:relu_softmax_xent})
#
# **ReLU** is $\max(x, 0)$. Where $x$ is positive its slope is 1, so $d$ passes unchanged, with its sign;
# where $x$ is negative the slope is 0. At 0 there is a kink: the gradient is **0** there, by convention.
#
# **Softmax** turns the scores $z$ of an image into shares $p_k = e^{z_k} / \sum_m e^{z_m}$ that add up to 1.
# The **cross-entropy** is $-\ln p_y$ for the right class $y$: 0 if the network is sure and right, large if it is sure and wrong.
# The loss is the mean over the images.

# %% [markdown]
# The gradient is a small miracle. The logarithm undoes the exponential, and what is left is
#
# $$\frac{\partial E}{\partial z_k} = \frac{1}{N}\,\big(p_k - [k = y]\big)$$
#
# for $N$ images; the bracket is 1 for the right class and 0 for the others.
# The right score is pulled up, the others are pushed down, all the more the larger their share is.
# Three scores as an example: $z = (2, 1, 0)$ and the right class is 1.

# %%
z = np.array([2.0, 1.0, 0.0])
p = np.exp(z) / np.exp(z).sum()
print("shares  ", np.round(p, 4), " should be [0.6652 0.2447 0.09  ]")
print("loss    ", np.round(-np.log(p[1]), 4), " should be 1.4076")
print("gradient", np.round(p - [0, 1, 0], 4), " should be [ 0.6652 -0.7553  0.09  ]; its sum is 0")

# %% [markdown]
# **Write** two functions.
#
# - `relu_backward(d, x)`: the gradient by `x`, where `x` is what went **into** the ReLU, of the shape of `d`.
#   Where `x` is 0 the answer is 0.
# - `softmax_xent(z, labels)`: scores of shape (images, classes) and the right classes, whole numbers of shape (images,).
#   It returns two things: the loss, one number, the **mean** over the images, with the natural logarithm;
#   and its gradient by `z`, in the shape of `z`.
#
# Scores can be as large as ±1000, and $e^{1000}$ overflows. The same number taken from all scores of an image
# changes no share: take its largest score. NumPy's warnings are errors here.

# %% tags=["question:relu_softmax_xent"]
def relu_backward(d, x):
    """Gradient by the input x of a ReLU, for the gradient d by its output."""
    ### BEGIN SOLUTION
    return d * (x > 0)
    ### END SOLUTION


def softmax_xent(z, labels):
    """Mean cross-entropy of the scores z (images, classes), and its gradient by z."""
    ### BEGIN SOLUTION
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    images = np.arange(len(z))
    loss = -np.mean(np.log(p[images, labels]))
    p[images, labels] -= 1
    return loss, p / len(z)
    ### END SOLUTION


# %% tags=["check:relu_softmax_xent"]
check("relu_softmax_xent")

# %% [markdown]
# ## 8.6 A network that learns ({points:train})
#
# You have every part. A good first test of a new network is to let it **memorise** a few images:
# a network that cannot learn 50 digits by heart will not learn 50,000, and something is broken.
#
# The digits are made smaller, 14×14. The network has three layers with weights or windows:
# convolution 3×3 with 8 filters, stride 2, padding 1, then ReLU; max pooling with side 3 and stride 2, which overlaps;
# and a dense layer, a matrix product, from the 72 pooled numbers to ten scores.

# %%
figures.volumes(
    [(14, 14, 1), (7, 7, 8), (3, 3, 8), (72,), (10,)],
    ["image", "conv 3×3/2, ReLU", "max pool 3/2", "flatten", "dense: scores"],
)

# %% [markdown]
# **Write** `train(weights, images, labels, steps, rate)`. The weights are a dictionary of four arrays:
# `W1` (3, 3, 1, 8), `b1` (8,), `W2` (72, 10), `b2` (10,). Each step takes **all** images and
#
# 1. goes forward: `conv_forward` with stride 2 and padding 1, ReLU, `maxpool_forward` with 3 and 2,
#    `reshape(len(images), -1)`, then scores = flat @ W2 + b2, and the loss;
# 2. goes backward, with the functions that you wrote;
# 3. makes a step downhill, all four at once: weights ← weights − rate · gradient.
#
# For the dense layer, `dW2 = flat.T @ dz`, `db2 = dz.sum(axis=0)`, and `dz @ W2.T` goes on to the pooling.

# %% [markdown]
# After `steps` steps return a **new** dictionary with the same four names. The weights that came in stay as they are.
#
# The check looks twice. After a few steps it compares all four arrays, number by number:
# this is plain gradient descent, so there is one right result.
# Then it gives 50 digits, 100 steps and rate 0.5, and asks the returned weights what they see, with a network of its own.
# It also gives the digits other names, so that a 3 may have to be called 7:
# only what is learned here counts.

# %% tags=["question:train"]
def train(weights, images, labels, steps, rate):
    """Gradient descent on the mean cross-entropy: a new dictionary with W1, b1, W2, b2."""
    ### BEGIN SOLUTION
    W1, b1, W2, b2 = (weights[name] for name in ("W1", "b1", "W2", "b2"))
    for _ in range(steps):
        z, conv_cache = conv_forward(images, W1, b1, 2, 1)
        pooled, pool_cache = maxpool_forward(np.maximum(z, 0), 3, 2)
        flat = pooled.reshape(len(images), -1)
        _, d = softmax_xent(flat @ W2 + b2, labels)
        dW2, db2 = flat.T @ d, d.sum(axis=0)
        d = maxpool_backward((d @ W2.T).reshape(pooled.shape), pool_cache)
        _, dW1, db1 = conv_backward(relu_backward(d, z), conv_cache)
        W1, b1 = W1 - rate * dW1, b1 - rate * db1
        W2, b2 = W2 - rate * dW2, b2 - rate * db2
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    ### END SOLUTION


# %% tags=["check:train"]
check("train")

# %% [markdown]
# Watch it learn: 15 times 10 steps, and after each ten the loss and the share of the 50 digits that are read right.
# A network that gives ten classes the same share has the loss $\ln 10 \approx 2.3$.
# At the start this one should have 3.1: the first weights are random, and favour some classes.
# (The unit of a natural logarithm is the nat.)

# %%
def loss_and_share(weights, images, labels):
    """Mean cross-entropy, and the share of images whose largest score is the right one."""
    maps = np.maximum(conv_forward(images, weights["W1"], weights["b1"], 2, 1)[0], 0)
    flat = maxpool_forward(maps, 3, 2)[0].reshape(len(images), -1)
    z = flat @ weights["W2"] + weights["b2"]
    return softmax_xent(z, labels)[0], np.mean(z.argmax(axis=1) == labels)


images, labels, weights = small_digits(50), digit_labels(50), start_weights(0)
history = []
for _ in range(16):
    if softmax_xent(np.zeros((1, 10)), np.array([0])) is None or weights is None:
        break  # 8.5 or 8.6 is still open
    history.append(loss_and_share(weights, images, labels))
    weights = train(weights, images, labels, 10, 0.5)

# %%
learning = "Answer 8.2 to 8.6 first: the network is made of your functions."
if len(history) == 16:
    learning = figures.curve(
        {
            "loss (nats)": (np.arange(16) * 10, [loss for loss, _ in history]),
            "share read right": (np.arange(16) * 10, [share for _, share in history]),
        },
        xlabel="steps of gradient descent",
        ylabel="loss (nats), share (1 = all)",
        title="Fifty digits, learned by heart",
    )
    print(f"at the end: loss {history[-1][0]:.2f}, share {history[-1][1]:.2f}, which should be 1.00")
learning

# %% [markdown]
# All 50 are read. That proves less than it seems: these are the images that it was trained on.
# **Predict** what share of 1,000 new digits it reads, then run the next cell.
#
# And it does not prove that every gradient is right.
# If the convolution is not trained at all, random filters and a trained dense layer still memorise most of the 50:
# all of them in 43 of 60 runs of 150 steps that were tried for this course.
# Memorising shows that the chain is not broken.
# Only the comparison number by number shows that each link is right. You need both.

# %%
my_guess = None
print("your guess:", my_guess)
if len(history) == 16:
    new_images, new_labels = small_digits(1000, 5000), digit_labels(1000, 5000)
    print(f"share of 1,000 new digits: {loss_and_share(weights, new_images, new_labels)[1]:.2f}")

# %% [markdown]
# ### Now ask TensorFlow
#
# A network library does the same. While it computes forward, a "tape" notes every operation;
# then it walks the tape backwards, with a backward function for each operation, like yours.
# The next cell compares your three gradients with TensorFlow's, for stride 2 and padding 1.
# (It is the first cell that needs TensorFlow, and takes a moment.)

# %%
from course import device

with device.quiet():  # TensorFlow greets its developers when it starts
    import tensorflow as tf


def tensorflow_gradients(d, x, W, b):
    inputs = [tf.Variable(part) for part in (x, W, b)]
    with tf.GradientTape() as tape:
        z = tf.nn.conv2d(inputs[0], inputs[1], 2, [[0, 0], [1, 1], [1, 1], [0, 0]]) + inputs[2]
        E = tf.reduce_sum(d * z)
    return [part.numpy() for part in tape.gradient(E, inputs)]


# %%
def compare_with_tensorflow(x, d):
    yours = conv_backward(d, (x, W, b, 2, 1)) or ()
    for name, one, other in zip(("dx", "dw", "db"), yours, tensorflow_gradients(d, x, W, b)):
        print(f"{name} {other.shape}: equal to your own? {np.allclose(one, other)}")


compare_with_tensorflow(random.normal(size=(2, 5, 6, 2)), random.normal(size=(2, 3, 4, 3)))

# %% [markdown]
# ## 8.7 Where does max pooling send the gradient? ({points:max_pool_gradient})
#
# "Pooling has no difficulties with propagating gradients", says the slide.
# Repair the sentence in three or four sentences of your own, for max pooling with side 2 and stride 2.
# Which pixels get the gradient, and how much? What do the others learn from this image?
# Compare it with one layer that shrinks the picture too and spreads the gradient. A person reads your text.

# %% [markdown] tags=["essay:max_pool_gradient:3"]
# In each window of four pixels only the largest one gets the gradient, and it gets all of d; the other three get
# exactly 0. So three quarters of the values, and the weights as far as they made those values, learn nothing from
# this image, and which quarter does learn changes from image to image.
# Average pooling of the same size gives each of the four pixels d / 4, so all of them learn a little;
# a convolution with stride 2 gives each pixel that it reads its weight times d.

# %% [markdown]
# ## Free play (not graded)
#
# **Break the backward pass on purpose.** Copy your answer, spoil one thing, and see which checks notice.
# Can you find a mistake that passes four of the five?
# The two below are a start. One of them passes all five: why? What would the sixth check have to be?

# %%
def short_steps(d, cache):
    """Strides above 2 are taken for 2."""
    x, W, b, stride, pad = cache
    return broken.conv_backward(d, (x, W, b, min(stride, 2), pad))


def first_images(d, cache):
    """The last image is forgotten."""
    dx, dw, db = broken.conv_backward(d[:-1], (cache[0][:-1], *cache[1:]))
    return np.concatenate([dx, 0 * cache[0][-1:]]), dw, db


figures.verdicts(broken.notices({"short steps": short_steps, "first images": first_images}))

# %% [markdown]
# **Look at your network's filters**, before and after training. Which ones have become little strokes?
# Each picture has a scale of its own: do the weights grow or shrink?
#
# **Other steps.** What happens at rate 0.05, at rate 2, at rate 5?
# Give every digit a random label (`random.integers(0, 10, 50)`): does the network learn nonsense by heart, too?
#
# **Gradient at the input.** `conv_backward` returns `dx` even for the first layer, where nobody needs it for training.
# It says which pixels of the image matter for the loss. Lab 10 makes pictures of that.

# %%
filters = {}
for name, some in [("before", start_weights(0)), ("after", weights)]:
    if some is not None:
        filters |= {f"filter {k}, {name}": some["W1"][:, :, 0, k] for k in range(4)}
figures.photographs(filters, columns=4)

# %% [markdown]
# ## What you take with you
#
# - Each layer turns the gradient by its output into the gradients by its weights and its input: the chain rule.
# - Convolution: weights gather window times $d$, pixels receive stamps of the kernel, and overlaps add up.
# - Max pooling pays one pixel of each window, average pooling pays all alike, ReLU pays where its input was positive.
# - Softmax with cross-entropy: share minus one at the right class, divided by the number of images.
# - A check must be able to fail: rectangles, strides, padding, overlaps, number by number.

# %% [markdown]
# **Read on.** D. Rumelhart, G. Hinton and R. Williams, *Learning representations by back-propagating errors*,
# Nature 323 (1986), is four pages long.
# M. Nielsen, *Neural Networks and Deep Learning* (2015), chapter 2, derives the equations slowly.
# V. Dumoulin and F. Visin, *A guide to convolution arithmetic for deep learning* (2016), draws the backward pass
# of a convolution, which they call transposed convolution.
# In the next lab Keras does all of this for you, and you build LeNet-5.

# %%
lab.score()
