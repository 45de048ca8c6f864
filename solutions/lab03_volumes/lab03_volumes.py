# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.lab03_volumes
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 03 · Volumes, filters and 1×1
#
# **You will learn** how a filter reads a picture that has many channels,
# why several filters make several maps, and how their weights are laid out in one array;
# what a 1×1 convolution is good for,
# and how to put weights of your own into a Keras layer and get your own numbers back.
#
# **You need** lab 02 or its ideas, NumPy arrays with four axes, and slices of them.
# **It takes** about 90 minutes. There are 28 points, 3 of them for a short text that a person reads.

# %% [markdown]
# Answer in the cells that say `# your code here`, then run the `check(...)` cell below.
# You may check as often as you like, and `hint("conv_layer")` opens a hint for the question of that name.
# If a cell shows an error, mend it before you check: the check sees the last version that ran.
#
# "The lectures" are four public lectures on convolutional networks, which this course follows.
# Where they slip, a box says so and repairs it.

# %%
try:
    from course import check, hint, start
except ModuleNotFoundError:  # on Colab: install the course, and only what is missing there
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
    from course import check, hint, start

lab = start("lab03_volumes", learner="")
lab

# %%
import numpy as np

from course import datasets, explore, figures

# %% [markdown]
# ## 3.1 A filter has depth ({points:conv_layer})
#
# What does a filter do with colours?
# A photograph is not one grid of numbers but three, one for red, one for green, one for blue.
# Laid behind one another they make a **volume**: height × width × 3.
# Each of the three grids is a **channel**.
# Inside a network a volume has 6, 64 or 512 channels, and they are no colours any more:
# each one is the map that some filter has made.

# %%
china = datasets.photograph("china", (96, 144))
print("shape (height, width, channels):", china.shape)
planes = {"red": china[:, :, 0], "green": china[:, :, 1], "blue": china[:, :, 2]}
figures.photographs({"photograph": china, **planes})

# %% [markdown]
# A "5×5 filter" on this volume is really 5×5×3:
# it has a **slice** of 25 weights for each channel. A filter always spans the full depth of what it reads,
# and it slides along height and width only.
#
# At each place it meets 5 · 5 · 3 = 75 numbers.
# Laid in a row, they are a vector $x$, and the weights are a vector $w$:
# the output is $w^T x + b$, **one** number, from a dot product of 75 pairs and a bias.
# One dot product with its bias is the sum in lab 01's neuron; here the sum itself is called a **neuron**.
# In a fully connected layer on a 32×32×3 picture, a neuron reads all 3,072 numbers; here it reads 75 of them.

# %%
figures.filter_volume((32, 32, 3), (5, 5), 6)

# %% [markdown]
# One filter makes one map, 28×28 for a 5×5 filter on 32×32, because $32 - 5 + 1 = 28$.
# Six filters make six maps, and these lie behind one another as a new volume: 28×28×6.
# Five filters make 28×28×5. In general, $n$ filters of 3×3 turn a picture of $H \times W$
# into $(H-2) \times (W-2) \times n$.
# All filters that read the same volume together are one **layer**.
#
# You choose **how many** filters there are.
# You do not choose how **deep** they are: the input decides that.

# %% [markdown]
# ### All 27 products
#
# A well-known animation in the lectures shows every number of such a layer.
# The picture is 5×5 with 3 channels, and one ring of zeros makes it 7×7×3.
# There are two filters of 3×3×3, the stride is 2, and the biases are 1 and 0.
# Here they are, as arrays.

# %%
def digits(text):
    """A grid of digits, with spaces between the rows."""
    return [[int(digit) for digit in row] for row in text.split()]


x = np.stack(
    [
        digits("12001 22010 22121 01102 21021"),
        digits("02001 11022 01102 12020 02010"),
        digits("22100 21001 02221 12102 21111"),
    ],
    axis=-1,
)

# %%
w0 = np.stack(
    [
        [[1, -1, -1], [-1, 0, 0], [-1, -1, 0]],
        [[-1, 0, 1], [-1, 0, 0], [-1, -1, -1]],
        [[-1, -1, 1], [0, 0, 0], [1, -1, -1]],
    ],
    axis=-1,
)

# %%
w1 = np.stack(
    [
        [[0, 0, 1], [1, 1, 0], [0, 0, 0]],
        [[1, 0, 0], [1, -1, 1], [-1, 0, 0]],
        [[-1, 1, 0], [0, -1, 1], [1, 0, -1]],
    ],
    axis=-1,
)
W, b = np.stack([w0, w1], axis=-1), np.array([1, 0])
print("x", x.shape, "  W", W.shape, "  b", b.shape)

# %% [markdown]
# Move the slider and follow one output at a time.
# Slice 0 lies on channel 0, slice 1 on channel 1, slice 2 on channel 2.
# Each channel gives a **partial sum** of nine products.
# The three partial sums and the bias are added: that is the output, one number.
# Then the window moves on, in all three channels at once.
#
# **Predict**, before you count: how many numbers are in the two output maps together,
# and how many multiplications did they take?

# %%
my_guess = None
print("your guess:", my_guess)
explore.channel_products(x, W, b, stride=2, pad=1)

# %% [markdown]
# There are 2 · 3 · 3 = 18 numbers of 27 products each, 486 multiplications.
#
# Why add the channels up? Because then a filter can compare them.
# The next filter looks for upright edges: in red as they are, in blue with the opposite sign, in green not at all.
# Where something grey begins, red and blue change alike, and their partial sums cancel.
# Where a **colour** begins, they do not.

# %%
from scipy import signal

edge = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
colour_edge = np.stack([edge, 0 * edge, -edge], axis=-1)
parts = [signal.correlate2d(china[:, :, d], colour_edge[:, :, d], mode="valid") for d in range(3)]
figures.photographs({
    "red's partial sums": parts[0], "blue's partial sums": parts[2], "added up": sum(parts),
})

# %% [markdown]
# Each picture has its own scale, so read the numbers below it.
# On the right, dark trees stand before a pale sky: strong edges in red and in blue,
# and in the sum almost nothing. The edges of the roofs fade too; the painted walls remain.

# %% [markdown]
# ### The layer as a formula
#
# Pictures go through a layer several at a time: they are a **batch**, and the array's first axis counts them.
# Let $\tilde x$ be the batch with its zeros around, $s$ the stride, and count everything from 0:
#
# $$\text{out}[n, i, j, f] = b[f] + \sum_{a}\sum_{c}\sum_{d} \tilde x[n,\; i s + a,\; j s + c,\; d] \cdot W[a, c, d, f]$$
#
# $n$ counts images, $i, j$ places, $f$ filters; $a, c$ are row and column inside the window, $d$ is the channel.

# %% [markdown]
# **Write** `conv_layer(x, W, b, stride, pad)`.
#
# - `x` is a batch, `(batch, height, width, c_in)`; height and width may differ.
# - `W` is `(k_h, k_w, c_in, c_out)`: `W[:, :, :, f]` is filter `f`. The kernel's height and width may differ.
# - `b` has one bias for each filter, `(c_out,)`.
# - `stride` is the same in both directions; `pad` zeros stand on **each** of the four sides.
# - Only whole windows count: there are $\lfloor (\text{height} + 2\,\text{pad} - k_h)/\text{stride} \rfloor + 1$ rows
#   of them, and at least one fits.

# %% [markdown]
# The output has the shape `(batch, rows, columns, c_out)`.
# The weights lie as they stand (cross-correlation), nothing comes after the bias,
# and fractions must survive. `x`, `W` and `b` stay as they are.
# An array or nested lists are welcome.
# If you want to keep something for later, return a tuple with the output first: the check reads only that.
#
# Write it yourself, with as many loops as you like: no `scipy.signal`, no network library.
# `np.pad`, `np.tensordot` and `np.einsum` are allowed.

# %% tags=["question:conv_layer"]
def conv_layer(x, W, b, stride, pad):
    """A convolution layer: x (batch, height, width, c_in), W (k_h, k_w, c_in, c_out), b (c_out,)."""
    ### BEGIN SOLUTION
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    k_h, k_w, _, c_out = W.shape
    rows = (padded.shape[1] - k_h) // stride + 1
    columns = (padded.shape[2] - k_w) // stride + 1
    out = np.zeros((len(x), rows, columns, c_out))
    for i in range(rows):
        for j in range(columns):
            windows = padded[:, i * stride : i * stride + k_h, j * stride : j * stride + k_w]
            out[:, i, j] = np.tensordot(windows, W, axes=3) + b
    return out
    ### END SOLUTION


# %% tags=["check:conv_layer"]
check("conv_layer")

# %% [markdown]
# Let your layer read the animation. On the left is what it gives, on the right what the lecture prints.
# While the question is open, your grids stay empty; they stay empty too
# if your function stops with an error or its output has another shape.

# %%
def yours(x, W, b, stride=1, pad=0):
    """What your conv_layer gives, or nan everywhere while it gives nothing of the right shape."""
    rows, columns = ((x.shape[a] + 2 * pad - W.shape[a - 1]) // stride + 1 for a in (1, 2))
    empty = np.full((len(x), rows, columns, W.shape[3]), np.nan)
    try:
        out = conv_layer(x, W, b, stride, pad)
        out = np.array(out[0] if isinstance(out, tuple) else out, float)
    except Exception:
        return empty
    return out if out.shape == empty.shape else empty


# %%
printed_0 = np.array([[-6, -7, -5], [-9, -6, -9], [3, -5, -8]])
printed_1 = np.array([[2, 3, -2], [7, 4, 1], [5, 5, 7]])
maps = yours(x[None], W, b, stride=2, pad=1)[0]
figures.grids({
    "map 0: yours": maps[:, :, 0], "map 0: should be": printed_0,
    "map 1: yours": maps[:, :, 1], "map 1: should be": printed_1,
})

# %% [markdown]
# ## 3.2 The shape of the weights ({points:shapes})
#
# Which shape has the array that holds all filters of a layer?
# One filter is $(k, k, c_{in})$. There are $c_{out}$ of them, and they lie side by side along a fourth axis:
# $(k, k, c_{in}, c_{out})$.
# The lectures give two layers in a row as an example, and a warning:
# the depth belongs to the shape, even where it is 1. The first layer's weights are not $(3, 3, 32)$.

# %% [markdown]
# | layer | reads | weights | weights + biases |
# |---|---|---|---|
# | 32 filters 3×3 | a grey picture, depth 1 | (3, 3, 1, 32) | 9 · 1 · 32 + 32 = 320 |
# | 64 filters 3×3 | the 32 maps | (3, 3, 32, 64) | 9 · 32 · 64 + 64 = 18,496 |
#
# Weights and biases together are the layer's **parameters**.
# Both layers have 3×3 filters, and the second has 58 times as many parameters: the depth makes the difference.

# %% [markdown]
# Another example: 10 filters of 5×5 on a 32×32×3 picture, stride 1, two zeros on each side.
# The output is 32×32×10, that is 10,240 numbers. The weights are (5, 5, 3, 10):
# each filter has 75 weights and a bias, $10 \cdot 76 = 760$ parameters.
# Neither height nor width of the picture is in that number.

# %%
for shape in [(3, 3, 1, 32), (3, 3, 32, 64), (5, 5, 3, 10)]:
    print(shape, "->", int(np.prod(shape)) + shape[-1], "parameters")
print("they should be 320, 18496 and 760")

# %% [markdown]
# > **Lecture, repaired.** One lecture sums up weight sharing as "from $m^2$ weights to $k$".
# > That is true in one dimension, for one channel and one filter with $k$ weights.
# > A layer on pictures has $k_h \cdot k_w \cdot c_{in} \cdot c_{out}$ weights and $c_{out}$ biases:
# > channels and filters count too.

# %% [markdown]
# **First by hand.** Below are the shape of a batch, and two layers in a row, each as
# `(k, filters, stride, padding)`. Write four shapes, each in round brackets:
# the weights of layer 1, its output, the weights of layer 2, its output.
# Outputs are `(batch, height, width, maps)`; remember to round down.
# The check stands below the next two functions, and looks at your four shapes first.

# %%
my_batch, my_layer_1, my_layer_2 = lab.numbers("my_shapes")
print("batch (images, height, width, channels):", my_batch)
print("layer 1 (k, filters, stride, padding):  ", my_layer_1)
print("layer 2 (k, filters, stride, padding):  ", my_layer_2)

# %% tags=["question:shapes:my_shapes"]
my_shapes = [
    ### BEGIN SOLUTION
    (my_layer_1[0], my_layer_1[0], my_batch[3], my_layer_1[1]),
    (
        my_batch[0],
        *(sides := [(n + 2 * my_layer_1[3] - my_layer_1[0]) // my_layer_1[2] + 1 for n in my_batch[1:3]]),
        my_layer_1[1],
    ),
    (my_layer_2[0], my_layer_2[0], my_layer_1[1], my_layer_2[1]),
    (
        my_batch[0],
        *((n + 2 * my_layer_2[3] - my_layer_2[0]) // my_layer_2[2] + 1 for n in sides),
        my_layer_2[1],
    ),
    ### END SOLUTION
]

# %% [markdown]
# **Then the rules.** Write two functions. Both return four numbers.
#
# - `filter_shape(k, c_in, c_out)`: the shape of the weights of `c_out` filters with side `k`.
# - `output_shape(shape, w_shape, stride, pad)`: the output's shape for a batch of the shape
#   `(batch, height, width, c_in)` and weights of the shape `(k_h, k_w, c_in, c_out)`. A window fits, you may take
#   that for granted. If the weights are not as deep as the picture, there is no output: raise a `ValueError`.

# %% tags=["question:shapes"]
def filter_shape(k, c_in, c_out):
    """Shape of the weights: c_out filters of side k on c_in channels."""
    ### BEGIN SOLUTION
    return (k, k, c_in, c_out)
    ### END SOLUTION


def output_shape(shape, w_shape, stride, pad):
    """Shape of the output: shape (batch, height, width, c_in), w_shape (k_h, k_w, c_in, c_out)."""
    ### BEGIN SOLUTION
    if shape[3] != w_shape[2]:
        raise ValueError(f"Filters of depth {w_shape[2]} cannot read a picture of depth {shape[3]}.")
    rows = (shape[1] + 2 * pad - w_shape[0]) // stride + 1
    columns = (shape[2] + 2 * pad - w_shape[1]) // stride + 1
    return (shape[0], rows, columns, w_shape[3])
    ### END SOLUTION


# %% tags=["check:shapes"]
check("shapes")

# %% [markdown]
# ## 3.3 The animation with your numbers ({points:my_outputs})
#
# Take the animation's picture `x` and its two filters once more, but with other settings:
# **padding 2** instead of 1, **stride 3** instead of 2, and biases of your own.
# With two rings of zeros each channel is 9×9, and there are 3×3 places again.
# You are asked for two outputs, one of each filter.
#
# **Predict** first which part of the window lies on zeros: it saves most of the work.

# %%
mine = lab.numbers("my_outputs")
print("stride", mine.stride, "  padding", mine.pad)
for f, row, column in mine.wanted:
    print(f"filter {f}, bias {mine.biases[f]}: output at [row {row}, column {column}]")

# %%
channels = {f"channel {d}": x[:, :, d] for d in range(3)}
slices = {f"filter {f}, slice {d}": W[:, :, d, f] for f in range(2) for d in range(3)}
figures.grids(channels | slices, columns=3)

# %% [markdown]
# Write the two numbers where the dots stand, in the order in which they are asked for, with a comma between them.
# Row and column of the output are counted from 0, and so are filters and channels.
# The slices lie as they stand.

# %% tags=["question:my_outputs"]
my_outputs = [
    ### BEGIN SOLUTION
    *(
        int(yours(x[None], W, np.array(mine.biases), mine.stride, mine.pad)[0, row, column, f])
        for f, row, column in mine.wanted
    )
    ### END SOLUTION
]

# %% tags=["check:my_outputs"]
check("my_outputs")

# %% [markdown]
# ## 3.4 The slice that was lost ({points:recover_slice})
#
# You have had both filters of the animation since 3.1. The lecture has not:
# when the animation was copied, two slices were lost, and a third came to stand under a wrong name.
# How could the filters be found again?
# Here is what is left: one slice under the name of the first filter, three under that of the second,
# and both outputs.

# %%
as_printed = np.stack([w1[:, :, 0], w0[:, :, 1], w1[:, :, 2]], axis=-1)
figures.grids({
    "w0, slice 0": w0[:, :, 0], "w1, slice 0": w1[:, :, 0],
    '"w1, slice 1"': as_printed[:, :, 1], "w1, slice 2": w1[:, :, 2],
    "output 0": printed_0, "output 1": printed_1,
    "w1 as printed gives": yours(x[None], as_printed[..., None], b[1:], 2, 1)[0, :, :, 0],
}, columns=4)  # fmt: skip

# %% [markdown]
# Be a detective. As printed, the second filter gives `[[-2, -3, -3], [4, 1, -1], [5, -2, 1]]`,
# which is not output 1. So one of its slices is wrong.
# **Suspicion:** the middle one belongs to the *first* filter, as its slice 1.
# Then each filter lacks one slice: the first one slice 2, the second one slice 1.
#
# Can a slice be found again? The animation draws its weights from −1, 0 and 1.
# Nine such weights make $3^9 = 19{,}683$ slices, few enough to try them all.
# (Two missing slices at once would be $3^{18} = 387{,}420{,}489$: a reason to follow the suspicion first.)
# Each output number is a condition; there are nine.

# %% [markdown]
# **Write** `recover_slice(x, w, missing, b, out, stride)`. It tries all 19,683 slices and returns
# **every** one that fits, each once, in any order.
#
# - `x` is one picture with its zeros around it already, `(height, width, channels)`.
# - `w` is one filter, `(3, 3, channels)`. Its slice `w[:, :, missing]` is lost, and zeros stand there.
# - `b` is its bias, a number; `out` is its output, `(rows, columns)`, made with this `stride`.
# - Return a list of 3×3 slices, or an array of the shape `(count, 3, 3)`. If none fits, it is empty.
#
# All numbers are whole. A call may take a few seconds; half a minute is the limit.

# %% tags=["question:recover_slice"]
def recover_slice(x, w, missing, b, out, stride):
    """All 3×3 slices of −1, 0 and 1 that make the filter w give out where they stand in w[:, :, missing]."""
    ### BEGIN SOLUTION
    places = [(i * stride, j * stride) for i in range(out.shape[0]) for j in range(out.shape[1])]
    windows = np.array([x[i : i + 3, j : j + 3] for i, j in places])
    left_over = out.ravel() - b - np.sum(windows * w, axis=(1, 2, 3))
    candidates = np.indices((3,) * 9).reshape(9, -1).T - 1
    given = candidates @ windows[:, :, :, missing].reshape(len(places), 9).T
    return candidates[np.all(given == left_over, axis=1)].reshape(-1, 3, 3)
    ### END SOLUTION


# %% tags=["check:recover_slice"]
check("recover_slice")

# %% [markdown]
# Now close the case. If the suspicion is right, the search finds slices for both filters.
# If it finds exactly **one** for each, then nothing else can have stood there: a proof, by trying everything.
# The third line tests another story, in which the stray slice is slice 2 of the first filter.

# %%
ringed = np.pad(x, ((1, 1), (1, 1), (0, 0)))
lost, stray = np.zeros((3, 3)), as_printed[:, :, 1]
stories = {
    "filter 0, stray slice is slice 1": (np.stack([w0[:, :, 0], stray, lost], axis=-1), 2, 1, printed_0),
    "filter 1, its slice 1 is lost": (np.stack([w1[:, :, 0], lost, w1[:, :, 2]], axis=-1), 1, 0, printed_1),
    "filter 0, stray slice is slice 2": (np.stack([w0[:, :, 0], lost, stray], axis=-1), 1, 1, printed_0),
}
for story, (w, missing, bias, out) in stories.items():
    found = recover_slice(ringed, w, missing, bias, out, 2)
    count = "no answer yet" if found is None else len(found)
    print(f"{story}: {count}", "" if found is None else np.array(found).astype(int).tolist())
print("there should be 1, 1 and 0")

# %% [markdown]
# > **Lecture, repaired.** In the copied animation, the first three rows of channel 0 have a zero too many.
# > The slice under the name `w1[:,:,1]` is `w0[:,:,1]`; the true `w1[:,:,1]` and `w0[:,:,2]` are missing.
# > With the two slices that you have found, both printed outputs come out, all eighteen numbers.
# > Nothing in these kernels is symmetrical, so they catch a flipped kernel:
# > the best example in the lectures to test code with.

# %% [markdown]
# ## 3.5 One by one ({points:conv1x1_as_matmul})
#
# What can a filter see that is one pixel wide? No edges, no corners, no neighbours.
# On a grey picture it only multiplies by a number.
# But a filter has depth: on 64 channels it is 1×1×64, and each output is a dot product of 64 pairs.
# It **mixes the channels** of a pixel. The lectures' example turns 64 channels into 32.

# %%
figures.filter_volume((56, 56, 64), (1, 1), 32, places=((30, 22),))

# %%
print("weights and biases:", 64 * 32 + 32, "  should be 2080")
print("multiply-adds on 56×56:", 56 * 56 * 64 * 32, "  should be 6422528")

# %% [markdown]
# Networks use it to make a volume thinner before an expensive layer, and thicker after it.
#
# There is a second way to see it. Forget that pixels have places.
# Each pixel is a row of $c_{in}$ numbers, and each row is multiplied by the same matrix $(c_{in}, c_{out})$:
# a small fully connected layer, applied at every pixel.
# Put all pixels of all images beneath one another, and the whole layer is **one matrix product**:
#
# $$(\text{pixels} \times c_{in}) \cdot (c_{in} \times c_{out}) = (\text{pixels} \times c_{out})$$

# %% [markdown]
# Mind one thing on the way. `reshape` does not move numbers, it cuts the same row of numbers into other pieces.
# The channels of a pixel lie next to each other in memory, because the channel is the last axis.
# **Predict** which of these two lines keeps the pixel `[10, 11]` together, then run the cell.

# %%
my_guess = None
tiny = np.array([[[10, 11], [20, 21], [30, 31]]])  # (height 1, width 3, channels 2)
print("tiny.reshape(-1, 2):  ", tiny.reshape(-1, 2).tolist())
print("tiny.reshape(2, -1).T:", tiny.reshape(2, -1).T.tolist(), "  your guess:", my_guess)

# %% [markdown]
# The first one: `[10, 11]` is a row of it. The second one has the same shape, and its rows are mixtures.
# No error tells you. Shapes that are right prove little.
#
# **Write** `conv1x1_as_matmul(x, W, b)` for a batch `x` `(batch, height, width, c_in)`,
# weights `W` `(1, 1, c_in, c_out)` and biases `b` `(c_out,)`. It returns `(batch, height, width, c_out)`.
# Use a matrix product (`@`, `np.dot`, `np.matmul`), not your `conv_layer` and no network library.
# To compare with `conv_layer`, use another cell.

# %% tags=["question:conv1x1_as_matmul"]
def conv1x1_as_matmul(x, W, b):
    """A 1×1 convolution, stride 1, no padding, as a matrix product over pixels."""
    ### BEGIN SOLUTION
    batch, height, width, c_in = x.shape
    pixels = x.reshape(-1, c_in)
    return (pixels @ W[0, 0] + b).reshape(batch, height, width, -1)
    ### END SOLUTION


# %% tags=["check:conv1x1_as_matmul"]
check("conv1x1_as_matmul")

# %% [markdown]
# ## 3.6 Your weights in Keras ({points:set_keras_weights})
#
# Does Keras compute what you compute? Its convolution layer is `Conv2D`.
# It does not know the depth of its filters until it knows its input: `build` tells it,
# and then it makes its weights, **random** ones. Training will change them; nobody designs them.
# Run the cell. (It is the first one that needs TensorFlow, and takes a moment.)

# %%
from course import device

with device.quiet():  # TensorFlow greets its developers when it starts
    import keras

layer = keras.layers.Conv2D(filters=64, kernel_size=3)
layer.build((None, None, None, 32))  # any number of images, any height and width, 32 channels
print("kernel", tuple(layer.kernel.shape), "  should be (3, 3, 32, 64)")
print("bias  ", tuple(layer.bias.shape), "  parameters", layer.count_params(), "  should be 18496")

# %% [markdown]
# Keras' order is ours: height, width, input channels, output channels, **HWIO** for short.
# Other libraries keep the same numbers in another order. Weights that are carried over have to be turned:
#
# | library | order | 64 filters 3×5 on 32 channels |
# |---|---|---|
# | Keras, TensorFlow | HWIO | (3, 5, 32, 64) |
# | PyTorch | OIHW | (64, 32, 3, 5) |
# | TensorFlow Lite | OHWI | (64, 3, 5, 32) |
#
# A wrong order usually shows as a wrong shape.
# With 3 filters of 3×3 on 3 channels all four sizes are 3, and it does not show at all.

# %% [markdown]
# The order of the **picture's** axes can go wrong in silence too.
# PyTorch's pictures are (batch, channels, height, width).
# **Predict** what Keras does with 8 such pictures, 3 channels of 32×32: does it raise an error?

# %%
my_guess = None
channels_first = np.zeros((8, 3, 32, 32), "float32")
silent = keras.layers.Conv2D(filters=6, kernel_size=3)
print("your guess:", my_guess)
print("output", tuple(silent(channels_first).shape), "  kernel", tuple(silent.kernel.shape))

# %% [markdown]
# It raises none: it reads pictures 3 pixels high and 32 wide with 32 channels.
#
# **Write** `set_keras_weights(layer, W, b, order)`. It puts weights into a Keras layer and **returns the layer**.
#
# - `layer` is a `Conv2D` that is built already.
# - `W` holds the weights, with its axes in the order that the text `order` spells with the letters H, W, I and O,
#   each once: `"HWIO"`, `"OIHW"`, or any other.
# - `b` holds the biases, `(c_out,)`.
# - `layer.set_weights([kernel, bias])` sets them; `layer.kernel.assign(kernel)` works too.
#
# The check sends pictures through your layer and compares with a tolerance of $10^{-5}$: Keras computes in float32.

# %% tags=["question:set_keras_weights"]
def set_keras_weights(layer, W, b, order):
    """Put weights whose axes are in the given order, such as "OIHW", and biases into a built Conv2D."""
    ### BEGIN SOLUTION
    axes = [order.index(letter) for letter in "HWIO"]
    layer.set_weights([np.transpose(W, axes), b])
    return layer
    ### END SOLUTION


# %% tags=["check:set_keras_weights"]
check("set_keras_weights")

# %% [markdown]
# And now both on one photograph: the animation's two filters, by your code and by Keras.
# (Keras' `same` at stride 1 is one zero on each side here.)

# %%
ours = yours(china[None], W, b, stride=1, pad=1)
twin = keras.layers.Conv2D(filters=2, kernel_size=3, padding="same")
twin.build((None, None, None, 3))
if np.isnan(ours).any():
    print("Answer 3.1 first: the comparison needs your conv_layer.")
elif set_keras_weights(twin, W, b, "HWIO") is None:
    print("Answer 3.6 first: the comparison needs its weights.")
else:
    theirs = np.array(twin(china[None].astype("float32")))
    difference = np.abs(theirs - ours).max()
    print("shape", theirs.shape, "  largest difference below 1e-5:", bool(difference < 1e-5))

# %% [markdown]
# ## 3.7 The neurons' view ({points:neuron_view})
#
# The lectures offer one more picture of the same layer, borrowed from the eye.
# Read each number of the output as a **neuron**. It sees a small window of the input only, its **receptive field**.
# A map of 28×28 numbers is a sheet of 28×28 neurons that all have the **same** weights,
# each with another window. Neurons at the same place of different sheets see the same window
# and have different weights. Five filters make a grid of 28×28×5 neurons.

# %%
figures.filter_volume((32, 32, 3), (5, 5), 6, places=((4, 5), (19, 16)), neurons=True)

# %% [markdown]
# Take six filters of 5×5 on 32×32×3, as in the figure. In a few sentences, for a person to read:
# How many neurons are there? How many weights and biases does the layer have,
# and why is this not the number of neurons times 76?
# What do the neurons that are marked at one place have in common, and what do all neurons of one sheet?

# %% [markdown] tags=["essay:neuron_view:3"]
# There are 28 · 28 · 6 = 4,704 neurons, one for each number of the output.
# Each filter has 5 · 5 · 3 = 75 weights and one bias, so the layer has 6 · 76 = 456 parameters (450 weights).
# 4,704 · 76 would be right if every neuron had weights of its own; here the 784 neurons of a sheet share one set.
# The six neurons at one place see the same 5×5×3 pixels, with six different sets of weights.
# The neurons of one sheet have the same weights and see different windows.

# %% [markdown]
# ## Free play (not graded)
#
# **Colours against each other.** Some cells of your own eye compare colours: red against green, blue against yellow.
# Such a **colour-opponent** filter adds up to 0 over the channels, so it is silent on everything grey.
# Change the weights. Can you find only the sky? Only the leaves? What does a filter see whose weights add up to 1?

# %%
flower = datasets.photograph("flower", (96, 144)).round(3)
opponents = {"red − green": [1, -1, 0], "blue − yellow": [-0.5, -0.5, 1]}
opponents["brightness"] = [0.2, 0.7, 0.1]
mixing = np.array(list(opponents.values())).T.reshape(1, 1, 3, 3)
seen = yours(flower[None], mixing, np.zeros(3))[0]
pictures = {"photograph": flower}
if np.isfinite(seen).all():
    pictures |= {name: seen[:, :, f] for f, name in enumerate(opponents)}
else:
    print("Answer 3.1 first: the maps come from your conv_layer.")
figures.photographs(pictures)

# %% [markdown]
# A filter may compare colours and places at once: red in the middle against green around it.
# Some cells of the eye answer to this. Try a larger ring, or exchange the colours.

# %%
ring = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]]) / 8
middle = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
double = np.stack([middle, -ring, 0 * ring], axis=-1)[..., None]
spots = yours(flower[None], double, np.zeros(1), pad=1)[0, :, :, 0]
if np.isfinite(spots).all():
    pictures = {"photograph": flower, "red middle, green ring": spots}
figures.photographs(pictures)

# %% [markdown]
# **Without the suspicion.** Could you have found *both* lost slices of the first filter at once,
# among $3^{18}$ pairs? Not by trying them. But you can **meet in the middle**:
# note what each of the 19,683 slices on channel 1 gives; then, for each slice on channel 2,
# look up whether something on channel 1 gives the rest. That is twice 19,683 steps.
# The result says that the pair is unique too, without any suspicion.

# %%
def contributions(channel):
    """All 19,683 slices, and what each gives at the nine places of one channel."""
    corners = [(i, j) for i in (0, 2, 4) for j in (0, 2, 4)]
    windows = np.array([channel[i : i + 3, j : j + 3].ravel() for i, j in corners])
    slices = np.indices((3,) * 9).reshape(9, -1).T - 1
    return slices, slices @ windows.T


slices, gives_0 = contributions(ringed[:, :, 0])
of_slice_0 = gives_0[np.all(slices == w0[:, :, 0].ravel(), axis=1)][0]
rest = printed_0.ravel() - b[0] - of_slice_0  # what slices 1 and 2 must give together

# %%
on_channel_1 = {}
for slice_1, given in zip(*contributions(ringed[:, :, 1])):
    on_channel_1.setdefault(tuple(given), []).append(slice_1.tolist())
pairs = []
for slice_2, given in zip(*contributions(ringed[:, :, 2])):
    for slice_1 in on_channel_1.get(tuple(rest - given), []):
        pairs.append((slice_1, slice_2.tolist()))
print("pairs that fit:", len(pairs), "  should be 1")
print(pairs)

# %% [markdown]
# ## What you take with you
#
# - A filter is as deep as its input; it gives one number at each place, and one map in all.
# - $c_{out}$ filters make $c_{out}$ maps; their weights are one array, $(k_h, k_w, c_{in}, c_{out})$, with $c_{out}$ biases.
# - The channels' partial sums are added, and the bias once.
# - A 1×1 convolution mixes channels: one matrix product over all pixels.
# - `reshape` and a wrong order of axes keep silent. Test with sizes that all differ.

# %% [markdown]
# **Read on.** The notes of Stanford's course CS231n, *Convolutional Neural Networks for Visual Recognition*,
# hold the animation of this lab, alive.
# M. Lin, Q. Chen and S. Yan, *Network In Network* (2013), brought the 1×1 convolution into fashion.
# In the next lab you work out how large every output is, whatever stride and padding do.

# %%
lab.score()
