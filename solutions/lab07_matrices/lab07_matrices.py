# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.lab07_matrices
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 07 · Matrix view, im2col, receptive field
#
# **You will learn** to write a convolution as a matrix,
# to turn a whole layer into one matrix product, as fast libraries do,
# and to say which pixels an output can see: by a rule, by hand for AlexNet and VGG,
# and by measuring a network whose layers you do not know.
#
# **You need** the sizes of lab 04, NumPy slices and `reshape`, and matrix products with `@`.
# **It takes** about 100 minutes. There are 30 points, 3 of them for a short text that a person reads.

# %% [markdown]
# Answer in the cells that say `# your code here`, then run the `check(...)` cell below.
# You may check as often as you like, and `hint("im2col")` opens a hint for the question of that name.
# If a cell shows an error, mend it before you check: the check sees the last version that ran.
#
# Sizes are as in lab 04: `n` numbers in a row or pixels on a side, filter side `f` or `k`, stride `s`, padding `p`.
# "The lectures" are four public lectures on convolutional networks, which this course follows.

# %%
try:
    from course import check, hint, start
except ModuleNotFoundError:  # on Colab: install the course, and only what is missing there
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
    from course import check, hint, start

lab = start("lab07_matrices", learner="")
lab

# %%
import time

import numpy as np

from course import explore, figures, given

# %% [markdown]
# ## 7.1 A convolution is a matrix ({points:conv1d_matrix})
#
# A convolution multiplies inputs by weights and adds up.
# A matrix product does nothing else.
# So a convolution must be a matrix. Which one?
#
# Take a row $x$ of six numbers. A **fully connected** layer with six outputs gives each output its own six weights:
# $h_i = \beta_i + \sum_j \Omega_{ij}\, x_j$, in short $h = \beta + \Omega x$.
# Row $i$ of the matrix $\Omega$ ("omega") belongs to output $i$, column $j$ to input $j$: 36 weights.
#
# The lectures' **convolutional** layer has three, $\omega_0$, $\omega_1$ and $\omega_2$,
# and one zero of padding at each end:
# $h_i = \beta + \omega_0\,x_{i-1} + \omega_1\,x_i + \omega_2\,x_{i+1}$, counted from 0.

# %%
figures.bands({"fully connected": None, "convolution, padding 1": (3, 1, 1)})

# %% [markdown]
# The weights stand in a **band** along the diagonal, each row shifted by one column.
# That is all that is special about a convolution:
#
# - most entries are zero (an output reads its neighbourhood only),
# - and the others are equal along the diagonals (all outputs share their weights).
#
# At the ends a weight hangs over. It would meet a zero of the padding, so it is left out:
# $\Omega$ has a column for each real input, and for nothing else.
#
# **Predict** how $\Omega$ looks with stride 2: how many rows has it, and how far is each shifted?

# %%
my_guess = (None, None)  # rows, columns from one row to the next
print("your guess:", my_guess)
figures.bands({"padding 1, stride 1": (3, 1, 1), "padding 1, stride 2": (3, 2, 1)})

# %% [markdown]
# Three rows are left, every second one of the six, so each is shifted by two columns.
#
# > **Lecture, repaired.** One slide says that the filter "shifts by 2", but its formula reads, in our letters,
# > $x_{i+a}$. In a matrix nobody could miss it: that formula shifts each row by one column.
# > A shift by $s$ reads $x_{s\,i+a}$: row $i$ begins at column $s\,i$, less the padding.

# %% [markdown]
# **Write** `conv1d_matrix(w, n, stride, pad)`: the matrix $\Omega$ for `k` weights `w` (a NumPy array)
# and a row of `n` numbers.
#
# - Its shape is (outputs, n), with $\lfloor (n + 2\,\text{pad} - k)/\text{stride} \rfloor + 1$ outputs.
# - The weights keep their order (cross-correlation): `Ω @ x` must be what sliding `w` over the padded row gives.
# - What meets a zero of the padding is left out. No bias.
# - Give an ordinary array or a list of rows. There is at least one place; `w` may be longer than the row.

# %% tags=["question:conv1d_matrix"]
def conv1d_matrix(w, n, stride, pad):
    """Matrix of shape (outputs, n) that slides w over a row of n numbers, pad zeros on each side."""
    ### BEGIN SOLUTION
    k = len(w)
    outputs = (n + 2 * pad - k) // stride + 1
    omega = np.zeros((outputs, n))
    for i in range(outputs):
        for a in range(k):
            j = i * stride - pad + a
            if 0 <= j < n:
                omega[i, j] = w[a]
    return omega
    ### END SOLUTION


# %% tags=["check:conv1d_matrix"]
check("conv1d_matrix")

# %% [markdown]
# Lab 02 worked out one row by hand, with weights 1, 0, −2, bias 1 and padding 1.
# Your matrix should give the same. (While the question is open, this cell says so.)

# %%
row, weights, beta = np.array([1, 3, 2, 5, 4, 1]), np.array([1, 0, -2]), 1
omega = conv1d_matrix(weights, 6, 1, 1)
if omega is None:
    print("conv1d_matrix is not answered yet")
else:
    print("β + Ω x =", (beta + np.array(omega) @ row).tolist(), "  should be [-5, -2, -6, -5, 4, 5]")

# %% [markdown]
# ### What the matrix is good for
#
# Nobody stores it: for a picture of 224×224 pixels it would have 2.5 billion entries, nearly all of them zero.
# But it answers questions. Look at a **column**: it says which outputs one input goes to, and with which weight.
# So $\Omega^T$, the transposed matrix, sends numbers from the outputs back to the inputs they came from.
# Lab 08 needs exactly that to compute gradients, and so does the **transposed convolution**,
# which makes pictures larger.

# %%
if omega is not None:
    one_output = np.array([0, 0, 1, 0, 0, 0])
    back = (np.array(omega).T @ one_output).tolist()
    print("output 2 came from the inputs with weights:", back, "  should be [0, 1, 0, -2, 0, 0]")

# %% [markdown]
# ## 7.2 im2col: every window in a row ({points:im2col})
#
# The banded matrix repeats the *weights*, once for each place.
# For pictures the opposite is better: leave the weights alone and repeat the *pixels*.
# Write each window as one row of a matrix. The filter is a column, and the product of the two is the output.
# Since all places and all filters are then in **one** matrix product, the processor is busy with what it does best.
# The trick is called **im2col** ("image to columns"; which way round the matrix lies differs between libraries).

# %% [markdown]
# Here is a picture of 4×5 pixels, numbered row by row, and a window of 3×2.
#
# **Predict** the shape of the matrix, and how often pixel 7 stands in it.

# %%
my_guess = (None, None, None)  # rows, columns, times
print("your guess:", my_guess)
figures.im2col(4, 5, (3, 2), windows=(0, 5), pixel=7)

# %% [markdown]
# Eight windows make eight rows, and six pixels in each make six columns.
# A pixel stands in the matrix once for each window that reads it: pixel 7 four times, a corner once.
# Move the window, and watch the row.

# %%
explore.im2col(4, 5, (3, 2))

# %% [markdown]
# Real pictures come in batches and have channels, so the order must be agreed.
# **Write** `im2col(x, k, s, p)` for images `x` of shape (batch, height, width, channels):
#
# - `k` is a pair `(k_h, k_w)`; stride `s` and padding `p` (zeros) are the same in both directions.
# - The result is two-dimensional, of shape (batch · out_h · out_w, k_h · k_w · channels).
# - **Rows**: all places of image 0, then image 1, ...; in an image row by row, from left to right.
# - **Columns**: the window's upper row from left to right, then the next one; for each pixel all its channels.
#   In short: (k_h, k_w, channels), the last running fastest.

# %% [markdown]
# This order is chosen so that it fits the kernels. A layer's weights `W` have the shape (k_h, k_w, c_in, c_out).
# `W.reshape(-1, c_out)` lays each filter flat in the same order, as a column of its own. So the layer is
#
#     im2col(x, (k_h, k_w), s, p) @ W.reshape(-1, c_out) + b
#
# with a row for each place and a column for each filter.
# **Write** `conv_matmul(x, W, b, s, p)` with it: a whole layer, no activation, without turning the kernels.
# Its result has the shape (batch, out_h, out_w, c_out), so the rows must become a grid again.
#
# Loops and slices are welcome, and so is `np.lib.stride_tricks`; other libraries' patches and convolutions are not.

# %% tags=["question:im2col"]
def im2col(x, k, s, p):
    """All windows of a batch of images as rows, each in the order (k_h, k_w, channels)."""
    ### BEGIN SOLUTION
    k_h, k_w = k
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    batch, height, width, channels = padded.shape
    out_h, out_w = (height - k_h) // s + 1, (width - k_w) // s + 1
    windows = np.zeros((batch, out_h, out_w, k_h, k_w, channels))
    for u in range(k_h):
        for v in range(k_w):
            windows[:, :, :, u, v] = padded[:, u : u + s * out_h : s, v : v + s * out_w : s]
    return windows.reshape(batch * out_h * out_w, k_h * k_w * channels)
    ### END SOLUTION


def conv_matmul(x, W, b, s, p):
    """A convolution layer as one matrix product: shape (batch, out_h, out_w, c_out)."""
    ### BEGIN SOLUTION
    k_h, k_w, _, c_out = W.shape
    out_h = (x.shape[1] + 2 * p - k_h) // s + 1
    out_w = (x.shape[2] + 2 * p - k_w) // s + 1
    product = im2col(x, (k_h, k_w), s, p) @ W.reshape(-1, c_out) + b
    return product.reshape(len(x), out_h, out_w, c_out)
    ### END SOLUTION


# %% tags=["check:im2col"]
check("im2col")

# %% [markdown]
# ### Is it worth it?
#
# Three ways to compute the same layer: 8 images of 64×64 pixels with 8 channels, 16 filters of 3×3.
# The first visits every number of the output in four nested loops.
# The second loops over the places only, and does all images and filters at once. The third is yours.
# All three do the same multiplications, 35 million of them.

# %%
def four_loops(x, W):
    out = np.zeros((len(x), x.shape[1] - 2, x.shape[2] - 2, W.shape[3]))
    for n, i, j, f in np.ndindex(out.shape):
        out[n, i, j, f] = np.sum(x[n, i : i + 3, j : j + 3] * W[..., f])
    return out


def two_loops(x, W):
    out = np.zeros((len(x), x.shape[1] - 2, x.shape[2] - 2, W.shape[3]))
    for i, j in np.ndindex(out.shape[1:3]):
        out[:, i, j] = np.tensordot(x[:, i : i + 3, j : j + 3], W, axes=3)
    return out


# %%
def seconds(layer, *inputs):
    """What the layer gives, and the time it takes; the better of two runs if it is quick."""
    times = []
    while not times or (len(times) < 2 and times[0] < 0.5):
        begin = time.perf_counter()
        out = layer(*inputs)
        times.append(time.perf_counter() - begin)
    return out, min(times)


# %% tags=["nbval-ignore-output"]
random = np.random.default_rng(0)
images, kernels = random.normal(size=(8, 64, 64, 8)), random.normal(size=(3, 3, 8, 16))
ways = {"four loops": four_loops, "two loops": two_loops}
ways["im2col, yours"] = lambda x, W: conv_matmul(x, W, np.zeros(16), 1, 0)
outputs, times = {}, {}
for name, layer in ways.items():
    outputs[name], times[name] = seconds(layer, images, kernels)
    if outputs[name] is None:  # conv_matmul is not answered yet
        del outputs[name], times[name]
figures.bars(
    {name: round(1000 * value, 1) for name, value in times.items()},
    ylabel="time (ms)", title="One layer, three ways, measured on this machine",
)

# %%
for name, out in outputs.items():
    same = np.shape(out) == (8, 62, 62, 16) and np.allclose(out, outputs["four loops"])
    print(f"{name:15} the same numbers: {same}")

# %% [markdown]
# The times are your machine's, and change a little from run to run. The pattern stays:
# what counts is how few steps Python takes. Four loops take 492,032 steps, two loops 3,844.
# im2col needs nine, and one product, if it copies the first pixel of all windows at once, then the second, and so on.
# On the machine that built this notebook that was more than 20 times as fast as four loops.
# Two loops come close to it here, since each of their steps does all images and filters at once;
# for a single image they would not.
#
# What it costs is memory. Question 7.7 asks how much.

# %% [markdown]
# ## 7.3 What an output can see ({points:receptive_field})
#
# One lecture looks at a layer as a sheet of 28×28 **neurons**, as in the brain's visual cortex.
# Each reads a small patch of the picture, 5×5 pixels: its **local receptive field**.
# All of them share their weights. With five filters there are five such sheets, 28×28×5,
# and the five neurons at one place look at the same patch for different things.
#
# A neuron of the *next* layer reads several of these neurons. So it sees more of the picture.
# How much? Count along one row; the other direction is alike.

# %%
figures.cone([(3, 1, 1, 1), (3, 1, 1, 1)], n=11)

# %% [markdown]
# Read it from the top. An output of the second layer reads three outputs of the first, and these read
# five pixels together: each further 3 wide filter adds one pixel on each side.
# So two 3×3 layers see as much as one 5×5 filter, and three as much as one 7×7.

# %%
figures.staircase({"two 3×3": [3, 3], "one 5×5": [5], "three 3×3": [3, 3, 3], "one 7×7": [7]})

# %% [markdown]
# | layers of 3×3 | sees | weights, one channel | one filter that sees as much | its weights |
# |---|---|---|---|---|
# | 1 | 3×3 | 9 | 3×3 | 9 |
# | 2 | 5×5 | 18 | 5×5 | 25 |
# | 3 | 7×7 | 27 | 7×7 | 49 |
# | 5 | 11×11 | 45 | 11×11 | 121 |
#
# Small filters are lighter, and there is a non-linearity after each of them.
# That is VGG's idea; with $c$ channels everywhere each of these numbers is multiplied by $c^2$ (lab 05).

# %% [markdown]
# **Strides change the sum.** After a layer with stride 2, two neighbouring outputs look at places that are
# two pixels apart. Whatever the next filter reads, it reads in steps of two pixels.
# Call this distance **jump**.
#
# **Predict** what an output sees behind a 3 wide filter, a pooling 2/2 (side 2, stride 2) and another 3 wide filter.

# %%
my_guess = None
print("your guess:", my_guess)
figures.cone([(3, 1, 1, 1), (2, 2, 0, 1), (3, 1, 1, 1)], n=16)

# %% [markdown]
# Eight pixels: 3 for the first filter, 1 more for the pooling, and $2 \cdot 2$ more for the last filter,
# whose three inputs are two pixels apart. In general a layer adds
#
# $$(f - 1) \cdot \text{jump} \quad\text{pixels, and then}\quad \text{jump becomes}\quad \text{jump} \cdot s .$$
#
# A layer's own stride does not stretch its own filter. It stretches those that come after it.
# Pooling is a layer like any other here.

# %% [markdown]
# Two more numbers matter.
#
# **Dilation** $d$ puts the filter's weights $d$ places apart ($d = 1$: neighbours),
# so it reaches over $d\,(f-1) + 1$ places instead of $f$. It adds $d\,(f - 1) \cdot \text{jump}$ pixels to the field.

# %% [markdown]
# **Padding** does not change the size of the field, it moves it.
# Let **start** be the first pixel that output 0 sees, counted from 0; it is below 0 if the field begins in the padding.
# A zero of the padding is one place of the layer's input, and these places are jump pixels apart.
# So $p$ zeros move start to the left by $p \cdot \text{jump}$, with the jump from before this layer's stride.
#
# Then output $i$ sees the pixels from $\text{start} + i \cdot \text{jump}$ on, size of them
# (those between its first and its last one, even if a stride or a dilation leaves some out).

# %% [markdown]
# Here is the first half of LeNet-5, and after it a small network with stride, padding and dilation.
# Follow the rows from one to the next.
#
# | layer | f | s | p | d | size | jump | start |
# |---|---|---|---|---|---|---|---|
# | (the picture) | | | | | 1 | 1 | 0 |
# | conv 5×5 | 5 | 1 | 0 | 1 | 5 | 1 | 0 |
# | pool 2/2 | 2 | 2 | 0 | 1 | 6 | 2 | 0 |
# | conv 5×5 | 5 | 1 | 0 | 1 | 14 | 2 | 0 |
# | pool 2/2 | 2 | 2 | 0 | 1 | 16 | 4 | 0 |

# %% [markdown]
# | layer | f | s | p | d | size | jump | start |
# |---|---|---|---|---|---|---|---|
# | (the picture) | | | | | 1 | 1 | 0 |
# | conv, stride 2 | 3 | 2 | 1 | 1 | 3 | 2 | −1 |
# | conv | 3 | 1 | 1 | 1 | 7 | 2 | −3 |
# | conv, dilation 2 | 3 | 2 | 2 | 2 | 15 | 4 | −7 |
#
# Output 0 sees the pixels −7 to 7, of which the negative ones are not there; output 1 sees −3 to 11.

# %%
figures.cone([(3, 2, 1, 1), (3, 1, 1, 1), (3, 2, 2, 2)], n=23, place=1)

# %% [markdown]
# **Write** `receptive_field(layers)` for a list of layers `(f, s, p, d)`, from the picture on,
# convolutions and poolings alike. It returns `(size, jump, start)` behind the last layer, in this order.
# For an empty list it is `(1, 1, 0)`: a pixel sees itself.

# %% tags=["question:receptive_field"]
def receptive_field(layers):
    """Size, jump and start (pixels) of the receptive field behind layers (f, s, p, d)."""
    ### BEGIN SOLUTION
    size, jump, start = 1, 1, 0
    for f, s, p, d in layers:
        size += d * (f - 1) * jump
        start -= p * jump
        jump *= s
    return size, jump, start
    ### END SOLUTION


# %% tags=["check:receptive_field"]
check("receptive_field")

# %% [markdown]
# Play with layers, strides and dilations. What makes the field grow faster, a wider filter or a stride?
# With dilation 2, can you find pixels inside the field that the output does not read?

# %%
explore.cone(layers=3, f=3)

# %% [markdown]
# ## 7.4 AlexNet and VGG by hand ({points:field_tables})
#
# AlexNet begins with 11×11 filters and stride 4, VGG-16 with 3×3 filters.
# **Predict** which of them sees more with its last pooling: AlexNet after 5 convolutions, or VGG-16 after 13?
# (A pooling has the number of the convolution before it, so AlexNet's third and last one is pool5.)

# %%
my_guess = None  # "AlexNet" or "VGG-16"
print("your guess:", my_guess)

# %%
alexnet_sees = {
    "conv1": 11, "pool1": 19, "conv2": 51, "pool2": 67,
    "conv3": 99, "conv4": 131, "conv5": 163, "pool5": 195,
}
vgg16_sees = {
    "conv1_2": 5, "pool1": 6, "conv2_2": 14, "pool2": 16, "conv3_3": 40, "pool3": 44,
    "conv4_3": 92, "pool4": 100, "conv5_3": 196, "pool5": 212,
}
figures.bars(alexnet_sees, ylabel="pixels in a row", title="AlexNet: what an output sees")

# %%
figures.bars(vgg16_sees, ylabel="pixels in a row", title="VGG-16: what an output sees")

# %% [markdown]
# VGG-16, by a little: 212 pixels of 224, against 195 of 227.
# Both see almost the whole picture before the dense layers begin. AlexNet gets there by its strides,
# VGG by its depth: 13 layers, each of which adds $2 \cdot \text{jump}$.

# %% [markdown]
# Now two networks of your own.
#
# - `alexnet_fields`: like AlexNet, but with other sides and strides. Below are its layers `(name, f, s)`,
#   filter side and stride, all with dilation 1. Write what an output sees behind **each** of them: eight numbers.
# - `vgg_fields`: like VGG. Each pair `(c, f)` is a block of `c` convolutions of f×f with stride 1, followed by a pooling 2/2.
#   Write what an output sees behind the **last convolution of each block**, and behind the **last pooling**: six numbers.

# %% [markdown]
# Use paper, or your function, or both. Padding does not matter for the size, so it is left out below.
# `layers_of` writes blocks as a list of layers; try your function on VGG-16, whose six numbers are
# 5, 14, 40, 92, 196 and 212.

# %%
def layers_of(blocks):
    """The layers (f, s, p, d) of blocks (c, f), a pooling at the end of each."""
    return [layer for c, f in blocks for layer in [(f, 1, 0, 1)] * c + [(2, 2, 0, 1)]]


vgg16 = [(2, 3), (2, 3), (3, 3), (3, 3), (3, 3)]
print("behind block 1:", receptive_field(layers_of(vgg16[:1])), "  should be (6, 2, 0)")
print("behind block 5:", receptive_field(layers_of(vgg16)), "  should be (212, 32, 0)")

# %%
for layer in lab.numbers("alexnet_fields"):
    print("your AlexNet:", layer)
print("your VGG:", lab.numbers("vgg_fields"))

# %% tags=["question:field_tables"]
alexnet_fields = [
    ### BEGIN SOLUTION
    receptive_field([(f, s, 0, 1) for name, f, s in lab.numbers("alexnet_fields")[:count]])[0]
    for count in range(1, 9)
    ### END SOLUTION
]
vgg_fields = [
    ### BEGIN SOLUTION
    *(receptive_field(layers_of(lab.numbers("vgg_fields")[:count])[:-1])[0] for count in range(1, 6)),
    receptive_field(layers_of(lab.numbers("vgg_fields")))[0],
    ### END SOLUTION
]

# %% tags=["check:field_tables"]
check("field_tables")

# %% [markdown]
# ## 7.5 Measure it ({points:measure_rf})
#
# A rule can be wrong, and sometimes you do not know the layers. So measure:
# change one pixel, and see whether the output changes.
# The pixels that make a difference are the receptive field.
#
# `given.network(layers, seed)` makes a small network with drawn weights.
# Its layers are `("conv", (k_h, k_w), s, p, d)` or `("pool", (k_h, k_w), s)`, with a ReLU between convolutions.
# You call it with pictures of shape (batch, height, width, 1), values from 0 to 1,
# and get maps of shape (batch, out_h, out_w, 1). Keras' models are called in the same way.

# %%
network = given.network([("conv", (3, 3), 1, 1, 1), ("conv", (3, 3), 1, 1, 1)], 3)
picture = np.random.default_rng(0).random((1, 9, 11, 1))
changed = picture.copy()
changed[0, 4, 6, 0] += 1  # one pixel brighter
moved = network(changed)[0, ..., 0] != network(picture)[0, ..., 0]
figures.grids({"1: this output changed": moved.astype(int)})

# %% [markdown]
# One pixel reaches at most 5×5 outputs, and turned round, an output depends on at most 5×5 pixels.
#
# **Not every pixel shows itself at once.** A ReLU that is shut gives 0, and it gives 0 too when its input
# moves a little. On one picture, a path from the pixel to the output may be shut at some ReLU;
# on another picture it is open.
# On an even picture, all black, all grey or all white, nearly all paths of these networks are shut.
# Gradients have the same trouble: the gradient of a shut ReLU is 0.
#
# The cure is to try **many random pictures**, and to unite what you find.

# %% [markdown]
# Here is a network that is deep and only one pixel wide: four layers, three ReLUs between them.
# By the rule, output 6 sees the six rows 6 to 11.
#
# **Predict** how many of them a single random picture shows.

# %%
layers = [("conv", (2, 1), 1, 0, 1), ("conv", (3, 1), 1, 0, 1)] + 2 * [("conv", (2, 1), 1, 0, 1)]
narrow = given.network(layers, 22)
my_guess = None
print("your guess:", my_guess)
for seed in range(5):
    picture = np.random.default_rng(seed).random((1, 18, 1, 1))
    steps = 0.5 * np.eye(18).reshape(18, 18, 1, 1)  # 18 pictures, in each another pixel is brighter
    moved = narrow(picture + steps)[:, 6, 0, 0] != narrow(picture)[0, 6, 0, 0]
    print("picture", seed, "shows the rows", np.flatnonzero(moved).tolist(), "  the field: 6 to 11")

# %% [markdown]
# **Write** `measure_rf(model, shape, place)`.
#
# - `model` is called as above; you know nothing of its layers. `shape` is `(height, width)` of the picture.
# - `place` is `(i, j)`: the output in row i and column j of the map.
# - Return `(top, left, height, width)`: the smallest rectangle with all pixels of the picture that can change this output.
#   `top` is its first row and `left` its first column, counted from 0.
#   At the border the rectangle ends where the picture ends: padding cannot be changed.
#
# Use at least 100 random pictures, and do not count on one alone.
# A model takes a whole batch: give it all changed versions of a picture in one call, that is quick.

# %% tags=["question:measure_rf"]
def measure_rf(model, shape, place):
    """Rectangle (top, left, height, width) of the pixels that can change the output at place (i, j)."""
    ### BEGIN SOLUTION
    height, width = shape
    i, j = place
    random = np.random.default_rng(0)
    steps = 0.5 * np.eye(height * width).reshape(-1, height, width, 1)
    seen = np.zeros(height * width, dtype=bool)
    for _ in range(100):
        picture = random.random((1, height, width, 1))
        before = np.asarray(model(picture))[0, i, j]
        after = np.asarray(model(picture + steps))[:, i, j]
        seen |= (after != before).any(axis=-1)
    rows, columns = np.nonzero(seen.reshape(height, width))
    top, left = rows.min(), columns.min()
    return int(top), int(left), int(rows.max() - top + 1), int(columns.max() - left + 1)
    ### END SOLUTION


# %% tags=["check:measure_rf"]
check("measure_rf")

# %% [markdown]
# ### Rule and measurement side by side
#
# A network of five layers, cut off behind the first, the second, and so on.
# Each picture shows how often a pixel mattered to the output in the middle, over 24 random pictures of 17×17 pixels.
# The frame is what `receptive_field` computes.

# %%
five = [
    ("conv", (3, 3), 1, 0, 1), ("conv", (3, 3), 1, 0, 1), ("pool", (2, 2), 2),
    ("conv", (3, 3), 1, 0, 1), ("conv", (3, 3), 1, 0, 1),
]


def how_often(model, side, place, count=24):
    """Share of random pictures on which each pixel matters to the output at (place, place)."""
    random, hits = np.random.default_rng(0), np.zeros(side * side)
    steps = 0.5 * np.eye(side * side).reshape(-1, side, side, 1)
    for _ in range(count):
        picture = random.random((1, side, side, 1))
        hits += (model(picture + steps) != model(picture))[:, place, place, 0]
    return hits.reshape(side, side) / count


# %%
shares, frames = {}, {}
for count in range(1, 6):
    part = [(each[1][0], *each[2:]) if each[0] == "conv" else (2, 2, 0, 1) for each in five[:count]]
    size, jump, first = receptive_field(part) or (1, 1, 0)
    model = given.network(five[:count], 1)
    place = model(np.zeros((1, 17, 17, 1))).shape[1] // 2
    name = f"{count} layer{'s' * (count > 1)}"
    shares[name] = how_often(model, 17, place)
    frames[name] = (first + place * jump, first + place * jump, size, size)
figures.field_maps(shares, frames, columns=3)

# %% [markdown]
# They agree: 3, 5, 6, 10 and 14 pixels.
# The pictures show something that the rule does not. The pixels in the corners matter less often than
# those in the middle: only one path leads from a corner to the output, and many lead from the middle.
# So they also matter *less*, as the last figure of the section on Keras shows.
# The part that really counts is called the **effective receptive field**, and it is smaller than the frame.
# A network that must see an object of 50 pixels needs a field that is a good deal larger than 50.

# %% [markdown]
# ## 7.6 A slide to repair ({points:repair_factor})
#
# "A 5×5 filter reduces the picture by a factor of 5, a 3×3 filter by a factor of 3."
# Lab 04 had a first look at this sentence. Now you can say what is right instead, and what was confused with it.
# Everything here is at stride 1, without padding.
#
# The lectures themselves have the counterexample: with two 5×5 filters 32 becomes 28, and 28 becomes 24.

# %% [markdown]
# - **Write** `sides_after(n, filters)`: a list with the side behind each layer, for filters of these sides, one after another.
#   `sides_after(32, [5, 5])` is `[28, 24]`. All filters fit.
# - `lost`: by how many pixels does the **side** shrink with one 5×5 filter, two 3×3, one 7×7, three 3×3? Four numbers.
# - `seen`: how many pixels of a **side** does an output see behind one 5×5, two 3×3, one 7×7, three 3×3? Four numbers.
#   Compare them with `lost`: the two are one fact, seen from both ends.
# - `kept`: what share of the side is kept by one 5×5 filter if the side is 10, 100, 1000? Three decimal fractions;
#   0.5 would be one half.

# %% tags=["question:repair_factor"]
def sides_after(n, filters):
    """Sides behind each of the layers, stride 1, no padding."""
    ### BEGIN SOLUTION
    sides = []
    for f in filters:
        n = n - f + 1
        sides.append(n)
    return sides
    ### END SOLUTION


lost = (
    ### BEGIN SOLUTION
    4, 4, 6, 6
    ### END SOLUTION
)
seen = (
    ### BEGIN SOLUTION
    5, 5, 7, 7
    ### END SOLUTION
)
kept = (
    ### BEGIN SOLUTION
    0.6, 0.96, 0.996
    ### END SOLUTION
)

# %% tags=["check:repair_factor"]
check("repair_factor")

# %% [markdown]
# > **Lecture, repaired.** Nothing is divided. A filter of side $k$ takes $k - 1$ pixels from the side, whatever the side is:
# > $n - k + 1$ are left. And it adds $k - 1$ to what an output sees.
# > At stride 1, what the map loses the field gains.
# > What does divide is the **stride**: with a 5×5 filter and stride 5, a side of 100 becomes 20.

# %% [markdown]
# ## 7.7 What does im2col cost? ({points:memory_of_im2col})
#
# Take VGG-16's second layer: a map of 224×224 with 64 channels, 3×3 filters, stride 1, padding 1,
# numbers of four bytes (`float32`).
#
# How many values does its im2col matrix have for one picture, and how many bytes? Compare with the map itself.
# Say where the factor comes from, how it changes with the stride,
# why libraries use im2col all the same, and one way to need less memory.
# Four to six sentences; a person reads them.

# %% [markdown] tags=["essay:memory_of_im2col:3"]
# With padding 1 there are 224 · 224 windows of 3 · 3 · 64 = 576 values: 28,901,376 values, 115.6 MB in float32.
# The map itself has 224 · 224 · 64 = 3,211,264 values, 12.8 MB. So the matrix is 9 times as large.
# Neighbouring windows overlap: at stride 1 a pixel lies in k_h · k_w = 9 windows and is written once for each of them.
# With stride s there are s² times fewer windows, so the factor is about k_h · k_w / s²; with stride 3 it would be 1.
# It is used because one large matrix product runs near the processor's full speed, and loops over windows do not.
# Less memory is needed if the matrix is made for one image, or for some rows of windows, at a time.
# A 1×1 layer needs no copy at all: its matrix is the map itself.

# %% [markdown]
# ## And Keras?
#
# Three claims of this lab can be held against Keras: your layer gives what `Conv2D` gives,
# im2col is fast but a library is faster, and the receptive field of a Keras model is what the rule says.
# Keras computes with seven digits (`float32`), so "equal" means up to 0.0001 here.
# (This cell needs TensorFlow, and takes a moment.)

# %%
from course import device

with device.quiet():  # TensorFlow greets its developers when it starts
    import keras
    import tensorflow as tf

layer = keras.layers.Conv2D(16, 3, use_bias=False)
layer.build(images.shape)
layer.set_weights([kernels])
from_keras = np.asarray(layer(images))
for name, out in outputs.items():
    print(f"{name:15} equals Keras: {np.allclose(out, from_keras, atol=1e-4)}")

# %% tags=["nbval-ignore-output"]
compiled = tf.function(layer)
times["Keras"] = seconds(lambda: np.asarray(compiled(images.astype("float32"))))[1]
times["Keras"] = seconds(lambda: np.asarray(compiled(images.astype("float32"))))[1]  # the first run compiles
figures.bars(
    {name: round(1000 * value, 1) for name, value in times.items()},
    ylabel="time (ms)", title="The same layer with Keras, measured on this machine",
)

# %% [markdown]
# A library does not write the large matrix to memory: it copies small tiles of it, computes in `float32`,
# and uses all cores. The idea is the same.
#
# For the receptive field, Keras offers the **gradient**: the derivative of one output by every pixel.
# Where it is not 0, the pixel matters. Here is the network of 7.5 in Keras, with random weights,
# and the sizes of the gradient added up over random pictures. Shut ReLUs have gradient 0, so here too one picture is not enough.

# %%
kinds = {"conv": lambda: keras.layers.Conv2D(8, 3, activation="relu"), "pool": keras.layers.MaxPooling2D}
model = keras.Sequential([keras.Input((17, 17, 1)), *(kinds[kind]() for kind, *_ in five)])
random, slopes = np.random.default_rng(0), np.zeros((17, 17))
for _ in range(20):
    batch = tf.constant(random.normal(size=(16, 17, 17, 1)), "float32")
    with tf.GradientTape() as tape:
        tape.watch(batch)
        middle = tf.reduce_sum(model(batch)[:, 1, 1])
    slopes += np.abs(tape.gradient(middle, batch)).sum(axis=(0, 3))

# %%
rows, columns = np.nonzero(slopes)
sides = int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1
print("by gradient:", (int(rows.min()), int(columns.min()), *sides))
size, jump, first = receptive_field([(3, 1, 0, 1)] * 2 + [(2, 2, 0, 1)] + [(3, 1, 0, 1)] * 2) or (0, 0, 0)
print("by the rule:", (first + jump, first + jump, size, size), "  both should be (2, 2, 14, 14)")
name = "gradient of output (1, 1) in Keras"
figures.field_maps(
    {name: slopes / slopes.max()}, {name: (2, 2, 14, 14)},
    legend="size of the gradient, as a share of the largest",
)

# %% [markdown]
# ## Free play (not graded)
#
# **Dilated stacks.** Four 3 wide layers with dilations 1, 2, 4 and 8 see 31 pixels, with twelve weights in all.
# How many ordinary 3 wide layers would that take?
# Change the dilations to 2, 2, 2, 2: the field is large, but every second pixel is never read.
# Which dilations leave no hole?

# %%
dilations = [1, 2, 4, 8]
stack = [(3, 1, d, d) for d in dilations]
print("size, jump, start:", receptive_field(stack), "  should be (31, 1, -15) for 1, 2, 4, 8")
figures.cone(stack, n=35)

# %% [markdown]
# **Convolution by Fourier transform.** If the weights that hang over the end come back at the other end,
# the matrix is called *circulant*. All circulant matrices have the same eigenvectors, waves,
# so a Fourier transform turns the product $\Omega x$ into a product number by number.
# The cost no longer depends on the filter's size.
# For one small filter the two are close together; the larger the filter, the more the transform gains.
# From which side on is it faster on your machine?

# %%
def by_fourier(x, w):
    """Cross-correlation of two pictures without padding, through the frequencies."""
    high, wide = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    spectrum = np.fft.rfft2(x) * np.conj(np.fft.rfft2(w, x.shape))  # conj: the weights are not turned round
    return np.fft.irfft2(spectrum, x.shape)[:high, :wide]


def by_windows(x, w):
    """The same with im2col and one matrix product."""
    out = conv_matmul(x[None, ..., None], w[..., None, None], np.zeros(1), 1, 0)
    return None if out is None else np.asarray(out)[0, ..., 0]


# %% tags=["nbval-ignore-output"]
photo, sides = np.random.default_rng(0).random((128, 128)), [3, 7, 11, 15, 21, 27, 33]
curves = {"Fourier transform": by_fourier, "im2col, yours": by_windows}
for name, method in list(curves.items()):
    runs = [seconds(method, photo, np.random.default_rng(1).random((side, side))) for side in sides]
    curves[name] = (sides, [1000 * value for _, value in runs])
    if runs[0][0] is None:  # conv_matmul is not answered yet
        del curves[name]
figures.curve(
    curves, xlabel="side of the filter (pixels)", ylabel="time (ms)", title="One picture of 128×128", logy=True
)

# %%
small = np.random.default_rng(2).random((5, 4))
direct = by_windows(photo, small)
if direct is not None:
    print("both give the same numbers:", np.allclose(by_fourier(photo, small), direct))

# %% [markdown]
# ## What you take with you
#
# - A convolution is a matrix with a band of shared weights; its transpose leads back.
# - im2col turns a layer into one matrix product: fast, at the price of about $k_h \cdot k_w / s^2$ copies of each pixel.
# - A layer adds $d\,(f-1) \cdot \text{jump}$ to what an output sees; jump is the product of the strides before it.
# - At stride 1 a filter takes $k - 1$ from the side and adds $k - 1$ to the field. Only strides divide.
# - A measured field needs many inputs: behind a shut ReLU nothing shows.

# %% [markdown]
# **Read on.** V. Dumoulin and F. Visin, *A guide to convolution arithmetic for deep learning* (2016),
# writes convolutions as matrices, and transposed ones too.
# A. Araujo, W. Norris and J. Sim, *Computing receptive fields of convolutional neural networks* (Distill, 2019),
# derives the rule, also for networks with several paths.
# W. Luo and others, *Understanding the effective receptive field in deep convolutional neural networks* (2016),
# explains the dark middle of your pictures. S. Prince, *Understanding Deep Learning* (2023), chapter 10, draws $\Omega$.
# In the next lab $\Omega^T$ goes to work: the backward pass.

# %%
lab.score()
