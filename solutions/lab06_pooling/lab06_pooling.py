# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.lab06_pooling
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 06 · Non-linearity, pooling, invariance
#
# **You will learn** what an activation function adds to a network and how to write five of them
# so that large numbers do not break them;
# to pool by hand and in code;
# and to *measure* two words that are often mixed up, equivariance and invariance.
#
# **You need** labs 02 and 04: sliding windows, strides, the size formula.
# **It takes** about an hour and a half. There are 30 points, 3 of them for a short text that a person reads.

# %% [markdown]
# Answer in the cells that say `# your code here`, then run the `check(...)` cell below.
# You may check as often as you like; `hint("pool2d")` in a new cell opens a hint.
# Images are arrays of shape (batch, height, width, channels), as in lab 04.
#
# "The lectures" are four public lectures on convolutional networks, which this course follows.
# Where they slip, a box says so and repairs it.

# %%
try:
    from course import check, hint, start
except ModuleNotFoundError:  # on Colab: install the course, and only what is missing there
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
    from course import check, hint, start

lab = start("lab06_pooling", learner="")
lab

# %%
import numpy as np

from course import datasets, explore, figures
from course.given import shift_net

# %% [markdown]
# ## 6.1 Why bend a straight line? ({points:activations})
#
# Suppose two convolutions follow each other, with nothing between them.
# Is that more than one convolution?
# Take a row of numbers, slide the weights 1, 2 over it, then slide 1, −1 over the result.
# **Predict** which single filter of three weights does the same in one go.
# Write it instead of `None`; it is not graded.

# %%
my_guess = None
row = np.array([3, -1, 4, 1, -5, 9])
twice = np.correlate(np.correlate(row, [1, 2]), [1, -1])
print("one after the other:", twice)
print("your guess:         ", None if my_guess is None else np.correlate(row, my_guess))

# %% [markdown]
# The filter is 1, 1, −2: from $1\cdot(x_0 + 2x_1) - 1\cdot(x_1 + 2x_2)$ follows $x_0 + x_1 - 2x_2$.
# However many such layers you stack, one layer does the same.
# Something that is not a straight line has to stand between them: an **activation function**.
# It reads one number and writes one number,
# so it changes neither the shape of a map nor which pixels an output sees (its receptive field).
#
# The commonest one is ReLU, $a[x] = \max(0, x)$: negative numbers become 0.

# %%
bent = np.correlate(np.maximum(np.correlate(row, [1, 2]), 0), [1, -1])
print("without ReLU between:", twice)
print("with ReLU between:   ", bent)
print("the filter 1, 1, -2: ", np.correlate(row, [1, 1, -2]), " the same as without")

# %% [markdown]
# The lectures name a whole family. $\alpha$ and the slope are numbers that you choose beforehand.
#
# | name | $a[x]$ for $x > 0$ | $a[x]$ for $x \le 0$ |
# |---|---|---|
# | ReLU | $x$ | $0$ |
# | leaky ReLU | $x$ | $\text{slope} \cdot x$, with a small slope |
# | PReLU, parametric | $x$ | $\text{slope} \cdot x$, where the slope is learned |
# | randomised ReLU | $x$ | $\text{slope} \cdot x$, where the slope is drawn anew in training |
# | ELU | $x$ | $\alpha\,(e^x - 1)$ |
# | SELU | $1.051\,x$ | $1.758\,(e^x - 1)$ |

# %% [markdown]
# The others have one formula for all $x$.
#
# | name | $a[x]$ |
# |---|---|
# | softplus | $\log(1 + e^x)$, a ReLU without a corner |
# | sigmoid | $1 / (1 + e^{-x})$, from 0 to 1 |
# | tanh | $(e^x - e^{-x}) / (e^x + e^{-x})$, from −1 to 1 |
# | hard tanh | $x$, cut off at −1 and 1 |
# | softsign | $x / (1 + \lvert x\rvert)$, from −1 to 1 |
#
# **Predict** how many of the ten curves in the next cell have a slope below 0.1 at $x = 4$.

# %%
x = np.linspace(-5, 5, 201)
family = {
    "ReLU": lambda x: np.maximum(x, 0),
    "leaky ReLU, 0.1": lambda x: np.where(x > 0, x, 0.1 * x),
    "PReLU at 0.25": lambda x: np.where(x > 0, x, 0.25 * x),
    "ELU, α = 1": lambda x: np.where(x > 0, x, np.expm1(x)),
    "SELU": lambda x: np.where(x > 0, 1.051 * x, 1.758 * np.expm1(x)),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "hard tanh": lambda x: np.clip(x, -1, 1),
    "softsign": lambda x: x / (1 + np.abs(x)),
}

# %%
def slope(a, x, d=1e-6):
    """The derivative of a at x, from two points close by."""
    return (a(x + d) - a(x - d)) / (2 * d)


flat = [name for name, a in family.items() if slope(a, 4.0) < 0.1]
print(len(flat), "curves are nearly flat at 4:", ", ".join(flat))
curves = {name: {"a[x]": (x, a(x)), "its slope": (x, slope(a, x))} for name, a in family.items()}
figures.panels(curves, xlabel="x (no unit)", ylabel="a[x] and its slope (no unit)")

# %% [markdown]
# Why care about slopes? Training sends its corrections backwards through the slopes (lab 08).
# Where a curve is flat, little comes through.
# The four curves that flatten out at both ends are called **saturating**.
# ReLU is flat on the left only: a unit that never gets above 0 learns nothing more.
# The leaky ones and ELU leave it a way back.
# Cheap to compute, and never flat on the right: so the ReLU family became the usual choice between layers.

# %% [markdown]
# ### Softmax is another kind of thing
#
# At the end of a classifier stand as many numbers $x_k$ as there are classes.
# **Softmax** turns them into shares that are positive and add up to 1, the class probabilities:
#
# $$\text{softmax}[x]_k = \frac{e^{x_k}}{\sum_j e^{x_j}}$$
#
# Each share depends on **all** the numbers. Change one of them, and every share moves.

# %%
for scores in ([1, 2, 3], [1, 2, 5]):
    shares = np.exp(scores) / np.exp(scores).sum()
    print(scores, "->", shares.round(3), " sum", shares.sum().round(6))

# %% [markdown]
# > **Lecture, repaired.** One lecture lists softmax among the activations that work on each number alone.
# > It does not: it needs all numbers of a row, and the **axis** along which they are to add up to 1.
# > In the same list, "parameterized ReLU" is called **parametric** ReLU (PReLU),
# > and "soft-tanh" is no standard name: softsign or hard tanh may be meant.

# %% [markdown]
# ### Large numbers
#
# $e^{1000}$ is too large for a computer's floats: it becomes infinity, and infinity divided by infinity is "not a number".
# So the formula on paper is not yet a program.
#
# - For softmax, take the same number $m$ away from every $x_k$: numerator and denominator both shrink by $e^m$,
#   and the shares stay. With the largest one as $m$, no exponent is above 0.
# - For softplus, $\log(1 + e^x) = x + \log(1 + e^{-x})$: choose the side whose exponent is negative.
# - `np.where` computes **both** sides for all numbers, also the one that it throws away.

# %% [markdown]
# **Write** these five, in two cells. Each takes an array of floats of any shape and gives an array of that shape.
#
# - `relu(x)`, `leaky_relu(x, slope)`, `elu(x, alpha)`, `softplus(x)`: for each number alone.
#   `slope` multiplies, and `alpha` scales, what is below 0. At 0 both sides agree.
# - `softmax(x, axis)`: the shares along `axis` add up to 1.
#
# Numbers of ±1000 must pass without overflow; in this check NumPy's warnings count as errors.
# Leave the libraries' own versions aside (Keras, TensorFlow, PyTorch, SciPy, scikit-learn), and `x` as it is.

# %% tags=["question:activations"]
def relu(x):
    """max(0, x) for each number."""
    ### BEGIN SOLUTION
    return np.maximum(x, 0)
    ### END SOLUTION


def leaky_relu(x, slope):
    """x above 0, slope · x below."""
    ### BEGIN SOLUTION
    return np.where(x > 0, x, slope * x)
    ### END SOLUTION


def elu(x, alpha):
    """x above 0, alpha · (exp(x) − 1) below."""
    ### BEGIN SOLUTION
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    ### END SOLUTION


# %% tags=["question:activations:soft"]
def softplus(x):
    """log(1 + exp(x)) for each number."""
    ### BEGIN SOLUTION
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    ### END SOLUTION


def softmax(x, axis):
    """Positive shares that add up to 1 along axis."""
    ### BEGIN SOLUTION
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)
    ### END SOLUTION


# %% tags=["check:activations"]
check("activations")

# %% [markdown]
# ## 6.2 One number for a window ({points:pool2d})
#
# A map says how strongly a feature is present at each place, to the pixel.
# Often a coarser answer will do: was it *somewhere in this quarter*?
# **Pooling** replaces each window of a map by one number, a summary statistic:
# its largest number (**max pooling**) or its average (**average pooling**).
#
# It has no weights, so there is nothing to learn.
# Two settings are usual, side 2 with stride 2, and side 3 with stride 2, where windows overlap.
# As a rule nothing is padded.

# %%
lecture = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]])
figures.pooling(lecture, 2, 2, title="A lecture's example: side 2, stride 2")

# %% [markdown]
# The maxima should be 6, 8 above and 3, 4 below; the averages 3.25, 5.25 above and 2, 2 below.
# The number of windows follows the rule of lab 04 without padding, with $k$ for the side of the window:
# $\lfloor (n - k) / s \rfloor + 1$, for the height and for the width.
#
# Here is another lecture's example. **Predict** its four maxima before you look: move the window with the slider.
# Then set the stride to 1, or the side to 3.

# %%
explore.pooling(np.array([[4, 3, 1, 5], [1, 3, 4, 8], [4, 5, 4, 3], [6, 5, 9, 4]]))

# %% [markdown]
# They should be 4, 8, 6, 9, and the averages 2.75, 4.5, 5, 5.
#
# > **Lecture, repaired.** Two lectures show only the result of the first example, `6 8` and `3 4`:
# > the input was lost. A third one still has it, and you saw it above.

# %%
printed = {29: [36, 80, 12, 15], 31: [36.5, 80, 12, 15]}
for corner, expected in printed.items():
    grid = np.array([[corner, 15, 28, 184], [0, 100, 70, 38], [12, 12, 7, 2], [12, 12, 45, 6]])
    blocks = grid.reshape(2, 2, 2, 2)  # rows of blocks, rows, columns of blocks, columns
    print("corner", corner, " maxima", blocks.max(axis=(1, 3)).ravel(), " should be [100 184 12 45]")
    print("           averages", blocks.mean(axis=(1, 3)).ravel(), " should be", expected)

# %% [markdown]
# > **Lecture, repaired.** One lecture prints this grid twice, once with 29 in the corner and once with 31.
# > Its first average is 36.
# > That fits the grid with 29 only: (29 + 15 + 0 + 100) / 4 = 36.
# > With 31 it is 146 / 4 = **36.5**.
# > An average of whole numbers is in general no whole number: do not cut it off.

# %% [markdown]
# And what if all numbers of a window are negative? Their maximum is negative too.
# Lab 02's map of upright strokes begins with such a window:
# a search that starts with "largest so far: 0" would answer 0, a number that is nowhere in it.
# The pooled map should be −1, 1 above and 0, 3 below.

# %%
strokes = np.array([[-1, -1, -1, -1], [-1, -1, -2, 1], [-1, -1, -2, 1], [-1, 0, -4, 3]])
figures.pooling(strokes, 2, 2, step=0, title="Lab 02's map of upright strokes")

# %% [markdown]
# **Write** `pool2d(x, k, s, mode)` for a batch of images `x`, shape (batch, height, width, channels).
#
# - Windows are `k`×`k`, `s` pixels apart in both directions. They may overlap, or leave gaps. Only whole windows count.
# - `mode` is `"max"` or `"average"`. Every map of every image is pooled alone.
# - The result is an array of shape (batch, windows down, windows across, channels); fractions must survive,
#   also when `x` holds whole numbers. `x` stays as it is, and it is at least `k` high and wide.
#
# NumPy is yours, `np.lib.stride_tricks` too; network and image libraries are not.

# %% tags=["question:pool2d"]
def pool2d(x, k, s, mode):
    """Max or average pooling: windows of side k, stride s, no padding."""
    ### BEGIN SOLUTION
    batch, height, width, channels = x.shape
    out = np.zeros((batch, (height - k) // s + 1, (width - k) // s + 1, channels))
    reduce = np.max if mode == "max" else np.mean
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            window = x[:, i * s : i * s + k, j * s : j * s + k, :]
            out[:, i, j, :] = reduce(window, axis=(1, 2))
    return out
    ### END SOLUTION


# %% tags=["check:pool2d"]
check("pool2d")

# %% [markdown]
# Now let your function loose on a photograph, with side 4 and stride 4,
# and compare it with taking every fourth pixel.
# All three keep 1 number of 16.
# The maximum lets bright spots grow and thin dark lines vanish.
# The average blurs. Every fourth pixel has the sharpest edges, and jagged ones: it never looked at the other 15.
# Whatever you choose, information is lost.

# %%
def yours(function, *arguments):
    """What your function gives, or None while it gives nothing."""
    try:
        out = function(*arguments)
    except Exception:
        return None
    return None if out is None else np.asarray(out, float)


# %%
camera = datasets.photograph("camera", (160, 160), grey=True)
pictures = {"photograph": camera, "every 4th pixel": camera[::4, ::4]}
for mode in ("max", "average"):
    out = yours(pool2d, camera[None, :, :, None], 4, 4, mode)
    if out is not None and out.shape == (1, 40, 40, 1):
        pictures[f"{mode} of 4×4 pixels"] = out[0, :, :, 0]
figures.photographs(pictures, columns=4)

# %% [markdown]
# ## 6.3 Two grids of your own ({points:my_pools})
#
# With a pencil, because the windows have to be in your fingers once.
#
# - `my_max`: the maxima of the **first** grid, side 2, stride 2.
# - `my_average`: its averages, exactly, with all their decimals.
# - `my_overlap`: the maxima of the **second** grid, side 3, stride **2**.
#
# Each is a list of four numbers, row by row: the two upper windows from left to right, then the two lower ones.

# %%
first, second = (np.array(grid) for grid in lab.numbers("my_pools"))
figures.grids({"first grid": first, "second grid": second})

# %% tags=["question:my_pools"]
my_max = [
    ### BEGIN SOLUTION
    *yours(pool2d, first[None, :, :, None], 2, 2, "max").ravel()
    ### END SOLUTION
]
my_average = [
    ### BEGIN SOLUTION
    *yours(pool2d, first[None, :, :, None], 2, 2, "average").ravel()
    ### END SOLUTION
]
my_overlap = [
    ### BEGIN SOLUTION
    *yours(pool2d, second[None, :, :, None], 3, 2, "max").ravel()
    ### END SOLUTION
]

# %% tags=["check:my_pools"]
check("my_pools")

# %% [markdown]
# ## 6.4 Is it there, wherever it is? ({points:global_pools})
#
# Is there a 5 in this picture? A detector for 28×28 pixels can be pushed over a wider picture:
# one score for each window, always with the same weights.
# You may read that as one network made of many identical sub-networks.
# The scores, arranged like the windows, are a map.
#
# **Where** is it? At the largest score. **Is it there?** Yes, if *any* window says so:
# an OR over all windows. The maximum is that OR for scores.

# %%
digit = datasets.load("mnist", quiet=True).x_train[0] / 255
template = digit - digit.mean()
pictures = {}
for side, column in (("left", 6), ("right", 60)):
    scene = np.zeros((32, 96))
    scene[2:30, column : column + 28] = digit
    windows = np.lib.stride_tricks.sliding_window_view(scene, (28, 28))
    scores = np.einsum("ijab,ab->ij", windows, template)
    pictures |= {f"a 5 on the {side}": scene, f"scores, 5 on the {side}": scores}
    place = np.unravel_index(scores.argmax(), scores.shape)
    print(f"{side}: largest score {scores.max():.2f} at row {place[0]}, column {place[1]}")
figures.photographs(pictures, columns=2)

# %% [markdown]
# The place differs, the largest score does not.
# Other ways to merge the windows' answers: average them, weigh them by softmax,
# or let a small network read them all.
#
# Where place no longer matters, a network can end in two ways.
#
# - **Flatten**: lay all maps in one row, then a fully connected (dense) layer and softmax.
#   64 maps of 7×7 are 3,136 numbers; ten classes take 3,136·10 + 10 = 31,370 parameters.
# - **Global pooling**: one number a map, then the dense layer: 64·10 + 10 = 650 parameters, for maps of any size.

# %% [markdown]
# **Write** `global_max_pool(x)` and `global_avg_pool(x)`
# for images or maps of shape (batch, height, width, channels).
#
# - Each gives one number for every map: the largest, or the average.
# - The result has shape **(batch, channels)**; the axes of height and width are gone.
# - Negative numbers and whole numbers occur, and fractions survive.
#
# No loop is needed; loops are welcome.

# %% tags=["question:global_pools"]
def global_max_pool(x):
    """The largest number of each map: shape (batch, channels)."""
    ### BEGIN SOLUTION
    return x.max(axis=(1, 2))
    ### END SOLUTION


def global_avg_pool(x):
    """The average of each map: shape (batch, channels)."""
    ### BEGIN SOLUTION
    return x.mean(axis=(1, 2))
    ### END SOLUTION


# %% tags=["check:global_pools"]
check("global_pools")

# %% [markdown]
# ## 6.5 Two words, measured ({points:gaps})
#
# Let $t$ be a shift of the picture, and $f$ a layer or a whole network.
# A 5 moves three pixels to the right. What should $f$ do?
#
# - **Move along**: $f[t[x]] = t[f[x]]$. The map is the same, three pixels further. This is **equivariance**.
# - **Not notice**: $f[t[x]] = f[x]$. The answer stays. This is **invariance**.
#
# "Where is it?" asks for the first, "is it there?" for the second.
# A filter with the same weights everywhere gives the first. The largest number of a map gives the second.

# %%
def shift(x, dx):
    """t: all columns move dx to the right; those that leave come back on the left."""
    return np.roll(x, dx, axis=2)


rows = {"x": np.array([0, 0, 3, 1, 0, 0, 0, 0])}
rows["t[x], by 2"] = np.roll(rows["x"], 2)
for name in list(rows):
    rows[f"filter 2, 1 on {name}"] = 2 * rows[name] + np.roll(rows[name], -1)
figures.grids(rows, columns=2)

# %% [markdown]
# The lower right row, $f[t[x]]$, is the lower left one, $f[x]$, moved by 2: equivariant.
# Both have the same largest number, 7: that number alone is invariant.
#
# Pooling is often said to be "approximately invariant to small shifts".
# Look at windows of 2 with stride 2. **Predict** the maxima when the row moves by 1, and by 2.

# %%
row = np.array([0, 0, 9, 2, 0, 0, 0, 0])
moved = {}
for dx in (0, 1, 2):
    moved[f"moved by {dx}"] = np.roll(row, dx)
    moved[f"its maxima, moved by {dx}"] = np.roll(row, dx).reshape(4, 2).max(axis=1)
figures.grids(moved, columns=2)

# %% [markdown]
# Moved by 1, the 9 stays in its window, but a 2 appears in the next one: nearly the same.
# Moved by 2, which is the stride, the pooled row has moved by one place: not invariant, but equivariant.
#
# Words like "nearly" call for a measure. For images `x` and a shift by `dx` columns:
#
# - equivariance gap: the largest $\lvert f[t[x]] - t[f[x]] \rvert$,
# - invariance gap: the largest $\lvert f[t[x]] - f[x] \rvert$,
#
# over **all** numbers: every image, row, column and channel. A gap of 0 means that the equation holds exactly.

# %% [markdown]
# **Write** `equivariance_gap(f, x, dx)` and `invariance_gap(f, x, dx)`. Each gives one number.
#
# - `x` has shape (batch, height, width, channels). `f` is a function that takes such an array.
# - $t$ is the cyclic `shift` above, along the width (axis 2). `dx` may be negative, or larger than the width.
# - For the equivariance gap, `f` gives maps as high and wide as `x`, and they are shifted by the same `dx`.
# - For the invariance gap, `f` may give an array of any shape.

# %% tags=["question:gaps"]
def equivariance_gap(f, x, dx):
    """Largest |f[t[x]] − t[f[x]]| for a cyclic shift t by dx columns."""
    ### BEGIN SOLUTION
    return np.max(np.abs(f(shift(x, dx)) - shift(f(x), dx)))
    ### END SOLUTION


def invariance_gap(f, x, dx):
    """Largest |f[t[x]] − f[x]| for a cyclic shift t by dx columns."""
    ### BEGIN SOLUTION
    return np.max(np.abs(f(shift(x, dx)) - f(x)))
    ### END SOLUTION


# %% tags=["check:gaps"]
check("gaps")

# %% [markdown]
# How invariant is pooling? The curve shows the invariance gap of a photograph against the shift.
# Without pooling, one pixel already changes some number by 0.6, on a scale from 0 to 1.
# **Predict** how far max pooling with side 2, or side 8, brings that down.

# %%
photograph = datasets.photograph("camera", (64, 96), grey=True)[None, :, :, None]
layers = {
    "no pooling": lambda x: x,
    "max, side 2": lambda x: pool2d(x, 2, 2, "max"),
    "max, side 8": lambda x: pool2d(x, 8, 8, "max"),
    "average, side 8": lambda x: pool2d(x, 8, 8, "average"),
    "global max": lambda x: global_max_pool(x),
}
shifts = range(9)
lines = {}
for name, f in layers.items():
    gaps = [yours(invariance_gap, f, photograph, dx) for dx in shifts]
    if all(gap is not None and gap.ndim == 0 for gap in gaps):
        lines[name] = (shifts, [float(gap) for gap in gaps])

# %%
chart = "Answer 6.2, 6.4 and 6.5 first: the curves come from your functions."
if lines:
    chart = figures.curve(
        lines,
        xlabel="shift (pixels)",
        ylabel="invariance gap (intensity)",
        title="Max pooling forgives less than is often said",
    )
chart

# %% [markdown]
# With max pooling the gap hardly shrinks, 0.60 to 0.58 and 0.51: *somewhere* an edge enters a new window,
# and the largest gap sees it. Averages of 64 pixels forgive more: 0.08 after one pixel, 0.55 after eight.
# The global maximum forgives everything, for this cyclic shift.
#
# > **Lecture, repaired.** One lecture says that pooling makes a network invariant to translation "in all cases".
# > You measured it: a little, with averages, for small shifts. For all shifts only a global pooling does it,
# > and only as long as nothing leaves the picture.

# %% [markdown]
# ## 6.6 Three networks in Keras ({points:my_nets})
#
# Now whole networks: two convolutions with ReLU, with a max pooling after each, if any.
# Where are they equivariant? Two things can go wrong.
#
# **The border.** Zero padding puts a black frame around the picture. It does not move with the picture,
# so maps near it differ. With *cyclic* padding, rows go on at their other end, and there is no border.
#
# **The stride.** A map of 16 columns for 96 pixels has one column for 6 pixels.
# If the picture moves by 6, the map can move by 1. If it moves by 1, the map would have to move by a sixth.

# %% [markdown]
# First two networks without pooling, both with 3×3 filters: one with zeros at the border, one cyclic.
# Their weights are whole numbers, so that their outputs are exact, and a gap of 0 is exactly 0.
# (This is the first cell that needs TensorFlow; it takes a moment.)

# %%
from course import device

with device.quiet():  # TensorFlow greets its developers when it starts
    import keras

pictures = np.random.default_rng(6).integers(0, 10, (2, 8, 96, 1)).astype("float32")


def function_of(net):
    """A Keras model as a function from arrays to arrays."""
    return lambda x: np.asarray(net(x))


with_zeros = function_of(shift_net("zeros", (3, 3), (1, 1)))
cyclic = function_of(shift_net("cyclic", (3, 3), (1, 1)))

# %%
def column_gaps(f, x, dx):
    """Largest |f[t[x]] − t[f[x]]| in each column of the map; dx must be whole columns of the map."""
    maps, moved = f(x), f(shift(x, dx))
    pixels = x.shape[2] // maps.shape[2]  # columns of the picture for one column of the map
    return np.abs(moved - shift(maps, dx // pixels)).max(axis=(0, 1, 3))


by_column = {"zeros": column_gaps(with_zeros, pictures, 1), "cyclic": column_gaps(cyclic, pictures, 1)}
for name, values in by_column.items():
    print(f"{name}: columns that differ: {np.flatnonzero(values).tolist()}")

# %%
figures.curve(
    {name: (range(-8, 8), np.roll(values, 8)[:16]) for name, values in by_column.items()},
    xlabel="column of the map (−1 is the last one)",
    ylabel="largest gap (no unit)",
    title="Picture moved by 1 pixel: gaps at the border",
)

# %% [markdown]
# Cyclic: no gap anywhere. With zeros: five columns differ, the rest is exact.
# Why five? Two 3×3 filters see 2 pixels to either side, so zeros reach into columns 0, 1 and 94, 95 of every map.
# In $t[f[x]]$ the spoilt columns have moved on by one: 1, 2 and 95, 0.
# A column differs where *either* is spoilt: 0, 1, 2, 94, 95.
#
# With pooling, count in columns of the map. A layer behind a pooling of 3 sees three times as far in pixels.

# %%
my_nets = lab.numbers("my_nets")
for number, (padding, sides, pools) in enumerate(my_nets):
    print(f"net {number}: {padding} at the border", end="")
    for side, pool in zip(sides, pools):
        print(f", conv {side}×{side}" + (f", pool 1×{pool}" if pool > 1 else ""), end="")
    print()
nets = [function_of(shift_net(*net)) for net in my_nets]

# %% [markdown]
# These three are yours. "pool 1×3" takes the largest of 3 neighbours in a row, with stride 3; rows are not merged.
# **Predict** for each net, with a pencil:
#
# - the smallest shift of the picture, at least 1 pixel, by which the map moves along exactly, the border aside;
# - after that shift, in how many columns of the **map** $f[t[x]]$ and $t[f[x]]$ differ, the border included.
#
# Then measure. The chart stretches each map to 96 columns, looks at its middle third, and shows the gap there.

# %%
def inner_gap(f, x, dx):
    """Equivariance gap in the middle third of the map, each column repeated until there are 96."""
    maps, moved = (np.repeat(y, 96 // y.shape[2], axis=2) for y in (f(x), f(shift(x, dx))))
    return np.abs(moved - shift(maps, dx))[:, :, 32:64].max()


steps = range(13)
figures.curve(
    {f"net {i}": (steps, [inner_gap(f, pictures, dx) for dx in steps]) for i, f in enumerate(nets)},
    xlabel="shift of the picture (pixels)",
    ylabel="gap in the middle (no unit)",
    title="Equivariant where the curve touches 0",
)

# %% [markdown]
# Write three numbers into each list, for net 0, net 1 and net 2.
#
# - `my_steps`: the smallest shifts, in pixels of the picture.
# - `my_broken`: the numbers of columns of the map that differ after that shift.
#
# `column_gaps(nets[0], pictures, ...)` with the shift instead of the dots has one number for each column of the map.
# Use it to confirm your count.

# %% tags=["question:my_nets"]
my_steps = [
    ### BEGIN SOLUTION
    *(96 // net(pictures).shape[2] for net in nets)
    ### END SOLUTION
]
my_broken = [
    ### BEGIN SOLUTION
    *(int(np.count_nonzero(column_gaps(net, pictures, step))) for net, step in zip(nets, my_steps))
    ### END SOLUTION
]

# %% tags=["check:my_nets"]
check("my_nets")

# %% [markdown]
# ## 6.7 Three slides to repair ({points:three_slides})
#
# **Slide A.** "Weights are shared, *therefore* the layer is invariant to translation."
# The row $0\;0\;1\;4\;0\;0\;0\;0\;0$ meets the filter 1, 2, without padding:
# $f[x]_i = x_i + 2\,x_{i+1}$, a map of 8 numbers. Then the row moves 3 to the right (zeros come in).
# `slide_a` = (place of the largest number in the first map, its place in the second map,
# that largest number in the first, in the second). Places are counted from 0.
#
# **Slide B.** "Pooling requires three hyperparameters: their side $F$, their stride $S$."
# `slide_b` = (how many it lists, parameters that a pooling layer learns,
# height, width and depth after pooling 14×23×5 with $F = 3$, $S = 2$).

# %% [markdown]
# **Slide C.** "Pooling has no difficulties with propagating gradients."
# Take the lecture's grid once more: rows 1 1 2 4, then 5 6 7 8, then 3 2 1 0, then 1 2 3 4; side 2, stride 2.
# From behind, the four outputs receive the gradients 1, 2, 3, 4, row by row: if output $o$ has gradient $g$,
# a pixel that changes $o$ by $c$ times its own change gets $c \cdot g$.
# `slide_c` = (how many of the 16 pixels get a gradient other than 0 with max pooling, with average pooling,
# the gradient of the pixel 8 with max, with average, the gradient of the pixel 7 with max).

# %% tags=["question:three_slides"]
slide_a = (
    ### BEGIN SOLUTION
    2, 5, 9, 9
    ### END SOLUTION
)
slide_b = (
    ### BEGIN SOLUTION
    2, 0, 6, 11, 5
    ### END SOLUTION
)
slide_c = (
    ### BEGIN SOLUTION
    4, 16, 2, 0.5, 0
    ### END SOLUTION
)

# %% tags=["check:three_slides"]
check("three_slides")

# %% [markdown]
# ## 6.8 Pool, or take bigger steps? ({points:pool_or_stride})
#
# Networks get smaller maps in two ways: a pooling layer, or a convolution with stride 2.
# Older networks pool; many newer ones have dropped it, all but a global average at the end.
#
# Take 64 maps that are to become half as high and wide, still 64 of them.
# Compare 2×2 max pooling with a 3×3 convolution with stride 2:
# give the number of parameters of each,
# and for each of the two **one argument for it and one against it**, with the reason.
# Five or six sentences; a person reads them.

# %% [markdown] tags=["essay:pool_or_stride:3"]
# Max pooling has 0 parameters; the convolution has 3·3·64·64 + 64 = 36,928.
# For pooling: it is cheap and has nothing that could learn the examples by heart, and the maximum stays when the feature moves inside its
# window. Against it: it is fixed, it keeps the largest number whether or not that is what the task needs, forgets
# where in the window it was, and hands the gradient to the winner alone.
# For the strided convolution: it learns what to keep, mixes maps, and filters and shrinks in one layer, with gradient
# for all inputs. Against it: its parameters and multiply-adds cost time and data, and nothing makes it forgive a
# small shift, unless it learns to.

# %% [markdown]
# ## Free play (not graded)
#
# **Which first, ReLU or pooling?** Pool before ReLU, and ReLU has a quarter of the numbers to do.
# Is the result the same? Try both modes, then say why.
# ReLU never turns the order of two numbers round: which of the two modes looks at nothing but the order?

# %%
maps = np.random.default_rng(0).normal(size=(1, 8, 8, 3))
for mode in ("max", "average"):
    before, after = yours(pool2d, np.maximum(maps, 0), 2, 2, mode), yours(pool2d, maps, 2, 2, mode)
    if before is not None and after is not None:
        print(f"{mode}: largest difference", np.abs(before - np.maximum(after, 0)).max().round(3))

# %% [markdown]
# **Blur before you step.** Taking every second pixel loses whatever lies between.
# If each pixel first takes a share of its neighbours, with weights 1/4, 1/2, 1/4, less depends on where the steps fall.
# Put that blur after a dense maximum (side 2, stride 1), then take every second pixel: **blur pooling**.
# The invariance gap for one pixel falls. Which of the three would you trust with a moving object?

# %%
def every_second(x):
    return x[:, ::2, ::2]


def blur(x):
    """Weights 1/4, 1/2, 1/4 along height and width; the picture goes on at its other end."""
    for axis in (1, 2):
        x = (np.roll(x, 1, axis) + 2 * x + np.roll(x, -1, axis)) / 4
    return x


def dense_max(x):
    across = np.maximum(x, np.roll(x, -1, axis=2))
    return np.maximum(across, np.roll(across, -1, axis=1))


# %%
ways = {
    "every 2nd pixel": every_second,
    "max, side 2, stride 2": lambda x: every_second(dense_max(x)),
    "blur pooling": lambda x: every_second(blur(dense_max(x))),
}
gaps = {name: yours(invariance_gap, f, photograph, 1) for name, f in ways.items()}
chart = "Answer 6.5 first: the bars come from your invariance_gap."
if all(gap is not None and gap.ndim == 0 for gap in gaps.values()):
    chart = figures.bars(
        {name: float(gap) for name, gap in gaps.items()},
        ylabel="invariance gap (intensity)",
        title="A photograph moves by one pixel",
    )
chart

# %% [markdown]
# **OR, or a softer OR?** The maximum listens to one window.
# Softmax over the windows lets the strongest speak loudest and the others a little:
# the scores' average, weighted by their own softmax.
# Hide windows at random and watch which answer jumps.
# Try a temperature too: divide the scores by 10, or by 0.1, before the softmax.

# %%
rng = np.random.default_rng(1)
scores = rng.normal(size=200)
for kept in (200, 100, 50):
    some = rng.permutation(scores)[:kept]
    weights = np.exp(some - some.max())
    soft = np.sum(weights * some) / weights.sum()
    print(f"{kept:3} windows: max {some.max():.2f}  softmax {soft:.2f}  average {some.mean():.2f}")

# %% [markdown]
# ## What you take with you
#
# - Without a bend between them, layers collapse into one. Activations work on each number alone; softmax does not.
# - Pooling summarises windows, map by map, and learns nothing. Averages have fractions, maxima may be negative.
# - Equivariant: $f[t[x]] = t[f[x]]$, from shared weights; at a border of zeros it breaks,
#   and behind strides it holds for whole steps only.
# - Invariant: $f[t[x]] = f[x]$. Pooling gives a little of it, global pooling all.
# - Before you say "invariant", measure.

# %% [markdown]
# **Read on.** S. Prince, *Understanding Deep Learning* (2023), chapter 10, has both definitions.
# D. Scherer, A. Müller and S. Behnke (ICANN 2010) compare kinds of pooling;
# M. Lin, Q. Chen and S. Yan, *Network in Network* (2014), introduce global average pooling;
# J. T. Springenberg and others, *Striving for Simplicity* (2015), do without pooling;
# R. Zhang, *Making Convolutional Networks Shift-Invariant Again* (2019), blurs before the step;
# O. S. Kayhan and J. C. van Gemert (CVPR 2020) show that networks use the border to know places.
#
# In the next lab a convolution becomes a matrix.

# %%
lab.score()
