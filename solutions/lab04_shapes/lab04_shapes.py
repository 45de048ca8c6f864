# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.lab04_shapes
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 04 · Shape arithmetic
#
# **You will learn** to say how large the output of a convolution is,
# what happens to pixels that no window reads,
# why `same` padding is not always the same on both sides,
# and how to follow a picture's shape through a whole network with a pencil.
#
# **You need** Python functions, whole-number division `//`, and a little NumPy.
# **It takes** about an hour. There are 30 points, 2 of them for a short text that a person reads.
#
# Answer where the dots stand, in the cells that say `# your code here`, then run the `check(...)` cell below.
# You may check as often as you like; `hint("out_size")` in a new cell opens a hint.
#
# "The lectures" are four public lectures on convolutional networks, which this course follows.
# Where they slip, a box says so and repairs it.

# %%
try:
    from course import check, hint, start
except ModuleNotFoundError:  # on Colab: install the course, and only what is missing there
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
    from course import check, hint, start

lab = start("lab04_shapes", learner="")
lab

# %%
import numpy as np

from course import explore, figures

# %% [markdown]
# ## 4.1 How big is the output? ({points:out_size})
#
# A filter that is 3 pixels wide slides over a row of 7 pixels.
# The output has one number for every place where the filter stops.
# So the question "how big is the output?" is the question "how many places are there?"
# The pixels under the filter at one place are a **window**.
#
# The **stride** is how far the filter moves from one place to the next.
# With stride 1 it stops at 0, 1, 2, 3 and 4: five places.
# The last one is at 4, because 4 + 3 = 7 and the filter must stay inside.
# (The numbers are side, filter, stride and padding; padding comes in a moment. It is 0 here.)

# %%
figures.places(7, 3, 1, 0)

# %% [markdown]
# With stride 2 the filter moves two pixels at a time.
# **Predict** how many places are left, before you run the next cell.
# Write your guess instead of `None`; it is not graded.

# %%
my_guess = None
print("your guess:", my_guess, "   places:", len(range(0, 7 - 3 + 1, 2)))
figures.places(7, 3, 2, 0)

# %% [markdown]
# Now count without a picture.
# Padding adds $p$ zeros **on both sides**, so the row is $n + 2p$ wide.
# The filter can start at $0, s, 2s, \dots$ as long as it ends inside,
# so the last start is at most $n + 2p - f$:
#
# $$\text{out} = \left\lfloor \frac{n + 2p - f}{s} \right\rfloor + 1$$
#
# The brackets $\lfloor\ \rfloor$ round down: half a step leads nowhere.
# The $+1$ is the place at 0, where no step has been made yet.
# Move the sliders and watch each letter do its work.

# %%
explore.strides(n=7, f=3, s=2, p=1)

# %% [markdown]
# Here are the sizes that the lectures work out, beside what they should be.
# Your function is to give these, and all others.
#
# | side n | filter f | stride s | padding p | output |
# |---|---|---|---|---|
# | 7 | 3 | 1 | 0 | 5 |
# | 7 | 3 | 2 | 0 | 3 |
# | 7 | 3 | 1 | 1 | 7 |
# | 8 | 3 | 1 | 0 | 6 |
# | 32 | 5 | 1 | 0 | 28 |
# | 28 | 5 | 1 | 0 | 24 |
# | 32 | 5 | 1 | 2 | 32 |

# %% [markdown]
# **First by hand.** Here are six cases of your own: `(n, f, s, p)`.
# Half of them do not divide evenly.
# Work them out on paper and write the six sizes where the dots stand, with commas between them.

# %%
lab.numbers("my_sizes")

# %% tags=["question:out_size:my_sizes"]
my_sizes = [
    ### BEGIN SOLUTION
    (n + 2 * p - f) // s + 1 for n, f, s, p in lab.numbers("my_sizes")
    ### END SOLUTION
]

# %% [markdown]
# **Then the rule.** Write `out_size(n, f, s, p)`: side `n`, filter side `f`, stride `s`,
# padding `p` on each side, all in pixels.
# If the filter is wider than the padded input there is no place at all: raise a `ValueError`.

# %% tags=["question:out_size"]
def out_size(n, f, s, p):
    """Side of the output: input side n, filter side f, stride s, padding p on each side (pixels)."""
    ### BEGIN SOLUTION
    if n + 2 * p < f:
        raise ValueError(f"A filter of side {f} is wider than the padded input, {n + 2 * p}.")
    return (n + 2 * p - f) // s + 1
    ### END SOLUTION


# %% tags=["check:out_size"]
check("out_size")

# %% [markdown]
# ## 4.2 What if it does not fit? ({points:unread_pixels})
#
# Slide a 3 wide filter over 7 pixels with stride 3.
# The formula says $(7-3)/3 + 1 = 2.33$.
# The lectures stop here and say that this stride "does not fit".
# On paper that is good advice. A program does something else.

# %%
figures.places(7, 3, 3, 0)

# %% [markdown]
# There are two places, and the pixel at the end is read by neither.
# Keras does not complain: it rounds down and forgets that pixel.
# Below, `Conv2D` is Keras' convolution layer, `"valid"` means no padding,
# and the picture's shape is (images, height, width, channels): one grey picture of 7×7 has (1, 7, 7, 1).
# Run the cell and see the sizes. (It is the first cell that needs TensorFlow, and takes a moment.)

# %%
from course import device

with device.quiet():  # TensorFlow greets its developers when it starts
    import keras

picture = np.zeros((1, 7, 7, 1), "float32")
for stride, expected in [(1, (5, 5)), (2, (3, 3)), (3, (2, 2))]:
    layer = keras.layers.Conv2D(filters=1, kernel_size=3, strides=stride, padding="valid")
    print("stride", stride, "->", tuple(layer(picture).shape[1:3]), " expected", expected)

# %% [markdown]
# > **Lecture, repaired.** "7×7 input, 3×3 filter, stride 3: doesn't fit, cannot apply."
# > The division leaves a remainder, that much is right.
# > But Keras and PyTorch both apply it: the output is 2×2,
# > and the last row and the last column are never looked at.
# > Nothing warns you. A size that does not fit is a quiet loss, not an error.

# %%
figures.places_2d(7, 7, 3, 3, 0)

# %% [markdown]
# Write two functions.
#
# - `fits(n, f, s, p)` is `True` when the last window ends exactly at the end of the padded row, else `False`.
# - `unread_pixels(n, f, s, p)` is how many of the `n` pixels of the picture no window reads.
#   A zero of the padding that is left over is no loss, so it does not count.
#   With a stride above `f` there are unread pixels between the windows too.
#
# You may take for granted that the filter is no wider than the padded row.

# %% tags=["question:unread_pixels"]
def fits(n, f, s, p):
    """Whether no pixel is left over at the end: True or False."""
    ### BEGIN SOLUTION
    return (n + 2 * p - f) % s == 0
    ### END SOLUTION


def unread_pixels(n, f, s, p):
    """Pixels of the picture, not of its padding, that no window reads."""
    ### BEGIN SOLUTION
    read = np.zeros(n + 2 * p, dtype=bool)
    for start in range(0, n + 2 * p - f + 1, s):
        read[start : start + f] = True
    return int(np.sum(~read[p : p + n]))
    ### END SOLUTION


# %% tags=["check:unread_pixels"]
check("unread_pixels")

# %% [markdown]
# ## 4.3 What `same` really does ({points:same_padding})
#
# Without padding a picture shrinks at every layer: 32, 28, 24, ...
# For an odd filter and stride 1 the cure is well known:
# $p = (f-1)/2$ zeros on each side keep the size.
# That is 1 zero for $f=3$, 2 for $f=5$ and 3 for $f=7$.
#
# Keras offers this as `padding="same"`. The name promises too much.
# With stride $s$ the output has $\lceil n/s \rceil$ places (rounded **up**),
# and Keras adds the fewest zeros that make room for them.
# If that number is odd, the extra zero goes to the **end**.

# %%
figures.same_padding(8, 5, 2)

# %% [markdown]
# Follow the numbers of the upper half. 8 pixels at stride 2 make $\lceil 8/2 \rceil = 4$ places.
# Without padding the last one would start at $3 \cdot 2 = 6$ and end at 11, with only 8 pixels there.
# So 3 zeros are needed: 1 before and 2 after.
#
# The lectures' row of 32 pixels behaves alike: 16 places, and again 1 zero before and 2 after.
# The lower half shows the symmetric padding: the same 4 places, but one zero that nobody reads.
#
# **Predict** the three sizes that Keras gives for a 7×7 picture, a 3×3 filter,
# `same`, and strides 1, 2 and 3. Then run the cell.

# %%
my_guess = (None, None, None)
for stride in (1, 2, 3):
    layer = keras.layers.Conv2D(filters=1, kernel_size=3, strides=stride, padding="same")
    print("stride", stride, "->", layer(picture).shape[1], " your guess", my_guess[stride - 1])

# %% [markdown]
# They are 7, 4 and 3.
#
# Write `same_padding(n, f, s)`: the zeros before, the zeros after, and the side of the output,
# in this order, as TensorFlow's `same` has them. Think of a filter that is narrower than the stride:
# there are never fewer than no zeros.

# %% tags=["question:same_padding"]
def same_padding(n, f, s):
    """TensorFlow's `same` for side n, filter side f, stride s: (zeros before, zeros after, output side)."""
    ### BEGIN SOLUTION
    out = -(-n // s)
    total = max((out - 1) * s + f - n, 0)
    return total // 2, total - total // 2, out
    ### END SOLUTION


# %% tags=["check:same_padding"]
check("same_padding")

# %% [markdown]
# ## 4.4 Padding a picture ({points:pad2d})
#
# Zeros are one way to continue a picture beyond its border.
# A filter then sees a dark frame and answers to it.
# Another way is to mirror the picture at the border pixel: `reflect`.
# Look at the first row of each: 1 2 3 becomes 0 1 2 3 0 or 2 1 2 3 2.

# %%
small = np.array([[1, 2, 3], [4, 5, 6]])
figures.grids(
    {
        "a 2×3 picture": small,
        "zeros, 1 on each side": np.pad(small, 1),
        "mirrored, 1 on each side": np.pad(small, 1, mode="reflect"),
    }
)

# %% [markdown]
# > **Lecture, repaired.** A 7×7 picture with one ring of zeros is 9×9.
# > Three of the four lectures print the padded grid only 8 wide: a column of zeros was lost.
# > Both sides get their zeros, so $7 + 2\cdot 1 = 9$.

# %% [markdown]
# Write `pad2d(x, top, bottom, left, right, mode)` for a batch of images
# of shape `(batch, height, width, channels)`. It returns a new, larger batch.
#
# - `mode="zero"` puts zeros around each image.
# - `mode="reflect"` mirrors each image at its border pixel, which is not repeated.
#
# The four numbers may differ. Only height and width grow. You may use `np.pad` or slices.

# %% tags=["question:pad2d"]
def pad2d(x, top, bottom, left, right, mode):
    """Pad images of shape (batch, height, width, channels); mode is "zero" or "reflect"."""
    ### BEGIN SOLUTION
    pairs = ((0, 0), (top, bottom), (left, right), (0, 0))
    return np.pad(x, pairs, mode="constant" if mode == "zero" else "reflect")
    ### END SOLUTION


# %% tags=["check:pad2d"]
check("pad2d")

# %% [markdown]
# ## 4.5 "P = ? (whatever fits)" ({points:paddings})
#
# The lectures list common settings of a convolution layer.
# One of them is $F=5$, $S=2$, $P=\,?$ with the remark "whatever fits".
# What does fit? A padding fits when the filter has a place at all ($n + 2p \ge f$)
# and nothing is left over at the end: $n + 2p - f$ is a multiple of $s$.
#
# The others keep the size: $F=3$, $S=1$, $P=1$; $F=5$, $S=1$, $P=2$; $F=1$, $S=1$, $P=0$.
# The number of filters $K$ is usually a power of 2.

# %%
for n in (31, 32):
    print(f"n={n}:", {p: (n + 2 * p - 5) / 2 + 1 for p in range(4)})

# %% [markdown]
# For 31 pixels every padding fits. For 32 pixels none does:
# $s$ is 2 and $2p$ is always even, so the half place stays, whatever you choose.
#
# **First by hand.** For each of your three triples `(n, f, s)` write the list of all paddings
# from 0 to f that fit. An empty list is an answer too.

# %%
lab.numbers("my_paddings")

# %% tags=["question:paddings:my_paddings"]
my_paddings = [
    ### BEGIN SOLUTION
    [p for p in range(f + 1) if (n + 2 * p - f) % s == 0] for n, f, s in lab.numbers("my_paddings")
    ### END SOLUTION
]

# %% [markdown]
# **Then the rule.** Write `paddings(n, f, s)`: the list of all whole paddings `p` from 0 to `f`,
# both included, that fit. The order does not matter. If none fits, the list is empty: `[]`.

# %% tags=["question:paddings"]
def paddings(n, f, s):
    """All paddings from 0 to f that fit side n, filter side f and stride s."""
    ### BEGIN SOLUTION
    return [p for p in range(f + 1) if n + 2 * p >= f and (n + 2 * p - f) % s == 0]
    ### END SOLUTION


# %% tags=["check:paddings"]
check("paddings")

# %% [markdown]
# ## 4.6 Through a whole network ({points:trace_shapes})
#
# A network is a chain of layers. Each filter makes one picture of numbers, a **map**;
# how many maps lie behind each other is the **depth**, also called the number of channels.
#
# - a **convolution** with $c_\text{out}$ filters has depth $c_\text{out}$, whatever came in;
# - **pooling** shrinks each map alone, by keeping one number of each window, so the depth stays;
# - **flatten** lays all numbers in one row: height · width · depth;
# - a **dense** layer turns a row into as many numbers as it has units.
#
# This is LeNet-5 of 1998, which read handwritten digits, from 32×32×1 to ten numbers.
# "pool 2/2" means side 2 and stride 2.

# %%
figures.volumes(
    [(32, 32, 1), (28, 28, 6), (14, 14, 6), (10, 10, 16), (5, 5, 16), (400,), (120,), (84,), (10,)],
    ["input", "conv 5×5", "pool 2/2", "conv 5×5", "pool 2/2", "flatten", "dense", "dense", "dense"],
)

# %% [markdown]
# The list below says the same to a program. Each layer is one of
#
# - `("conv", filters, f, s, p)`, `("pool", f, s)`: filter side, stride, padding (pooling has none);
# - `("flatten",)`, `("dense", units)`.

# %%
lenet = [
    ("conv", 6, 5, 1, 0), ("pool", 2, 2), ("conv", 16, 5, 1, 0), ("pool", 2, 2),
    ("flatten",), ("dense", 120), ("dense", 84), ("dense", 10),
]

# %% [markdown]
# Write `trace_shapes(spec, shape)`: the list of the shapes after **each** layer of `spec`.
# `shape` is the input's `(height, width, channels)`. Shapes of pictures have three numbers,
# `(height, width, depth)`; after flatten they have one, `(400,)` and not `400`. Height and width may differ.

# %% tags=["question:trace_shapes"]
def trace_shapes(spec, shape):
    """Shapes after every layer of spec, for an input of this shape (height, width, channels)."""
    ### BEGIN SOLUTION
    shapes = []
    for kind, *numbers in spec:
        if kind == "conv":
            filters, f, s, p = numbers
            shape = (out_size(shape[0], f, s, p), out_size(shape[1], f, s, p), filters)
        elif kind == "pool":
            f, s = numbers
            shape = (out_size(shape[0], f, s, 0), out_size(shape[1], f, s, 0), shape[2])
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            shape = (numbers[0],)
        shapes.append(shape)
    return shapes
    ### END SOLUTION


# %% tags=["check:trace_shapes"]
check("trace_shapes")

# %% [markdown]
# Now let your function read AlexNet, as the lectures print it.
# It won a contest of naming photographs in 2012 (lab 11 tells the story).
# The sides should be 227 → 55 → 27 → 27 → 13 → 13 → 13 → 13 → 6,
# and after flatten 9216 numbers are left.

# %%
alexnet = [
    ("conv", 96, 11, 4, 0), ("pool", 3, 2), ("conv", 256, 5, 1, 2), ("pool", 3, 2),
    ("conv", 384, 3, 1, 1), ("conv", 384, 3, 1, 1), ("conv", 256, 3, 1, 1), ("pool", 3, 2),
    ("flatten",), ("dense", 4096), ("dense", 4096), ("dense", 1000),
]
alexnet_shapes = trace_shapes(alexnet, (227, 227, 3)) or []
for layer, shape in zip(alexnet, alexnet_shapes):
    print(layer, "->", shape)

# %%
figures.volumes(
    [(227, 227, 3), (55, 55, 96), (27, 27, 96), (27, 27, 256), (13, 13, 256)]
    + [(13, 13, 384), (13, 13, 256), (6, 6, 256), (9216,)],
    ["input", "conv 11×11/4", "pool 3/2", "conv 5×5", "pool 3/2"]
    + ["conv 3×3 twice", "conv 3×3", "pool 3/2", "flatten"],
)

# %% [markdown]
# ## 4.7 Three slides to repair ({points:repair})
#
# Slides are written at night, too. Here are three sentences from lectures; each has a slip.
# Put the right numbers where the dots stand, with commas between them.
#
# - **Slide A.** "A 3×3 input, a 2×2 filter, stride 2: the output is 2×2."
#   `slide_a = (side of the output with stride 2, side of the output with stride 1)`
# - **Slide B.** "A 5×5 filter reduces the picture by a factor of 5, a 3×3 filter by a factor of 3."
#   Take a 100×100 picture, stride 1, no padding.
#   `slide_b = (side after the 5×5 filter, side after the 3×3 filter)`
# - **Slide C.** "We pad such that the output has the size of the input: `same`."
#   Take 7 pixels and a 3 wide filter with Keras' `same`.
#   `slide_c = (side with stride 1, side with stride 2, side with stride 3)`

# %% tags=["question:repair"]
slide_a = (
    ### BEGIN SOLUTION
    1, 2
    ### END SOLUTION
)
slide_b = (
    ### BEGIN SOLUTION
    96, 98
    ### END SOLUTION
)
slide_c = (
    ### BEGIN SOLUTION
    7, 4, 3
    ### END SOLUTION
)

# %% tags=["check:repair"]
check("repair")

# %% [markdown]
# ## 4.8 Why not 224? ({points:why_227})
#
# The AlexNet paper prints an input of 224×224 and a first layer of 55×55 places
# with an 11×11 filter and stride 4. Without padding these numbers do not go together.
# Why not? Show the arithmetic, and name one change that does give 55.
# Two or three sentences are enough; a person reads them.

# %% [markdown] tags=["essay:why_227:2"]
# Without padding there are (224 − 11) / 4 + 1 = 54.25 places, that is 54 after rounding down, not 55.
# With 227 pixels the division is even: (227 − 11) / 4 + 1 = 55.
# So is the result with 224 pixels and a padding of 2: (228 − 11) / 4 + 1 = 55.25, rounded down to 55.

# %% [markdown]
# > **Lecture, repaired.** The lectures print 227 where the paper prints 224, and neither says why.
# > Now you can. With 224 pixels and no padding the later sides are 26, 12 and 5 instead of 27, 13 and 6:
# > a different, smaller network. You will build the right one in lab 11.

# %% [markdown]
# ## Free play (not graded)
#
# A **dilated** filter leaves gaps of $d - 1$ pixels between its weights, so it is $d\,(f-1) + 1$ wide.
# A **transposed** convolution goes the other way, from few places back to many pixels:
# $n = (\text{out} - 1)\,s + f - 2p$. Change the numbers.
# For which strides does a transposed convolution bring back the size that you began with?

# %%
n, f, s, p, d = 32, 3, 2, 1, 2
wide = d * (f - 1) + 1
print(f"a {f} wide filter with dilation {d} is {wide} wide: {(n + 2 * p - wide) // s + 1} places")
out = (n + 2 * p - f) // s + 1
print(f"{n} pixels -> {out} places -> transposed: {(out - 1) * s + f - 2 * p} pixels")

# %%
sides = range(8, 33)
figures.curve(
    {
        f"stride {s}": (list(sides), [n - (((n + 2 - 3) // s) * s + 3 - 2) for n in sides])
        for s in (1, 2, 3)
    },
    xlabel="side before (pixels)",
    ylabel="pixels lost there and back",
    title="Convolution (f = 3, p = 1), then its transpose",
)

# %% [markdown]
# ## What you take with you
#
# - The output counts places: $\lfloor (n + 2p - f)/s \rfloor + 1$.
# - What does not fit is dropped in silence; the formula on paper warns you, the program does not.
# - `same` keeps the size at stride 1; in general it gives $\lceil n/s \rceil$, with the odd zero at the end.
# - Depth is the number of filters; pooling leaves it alone.
#
# **Read on.** V. Dumoulin and F. Visin, *A guide to convolution arithmetic for deep learning* (2016),
# draws every case of this lab and the transposed ones.
# In the next lab you count what these shapes cost: parameters, memory and multiply-adds.

# %%
lab.score()
