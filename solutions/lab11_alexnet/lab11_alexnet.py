# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.lab11_alexnet
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 11 · AlexNet and its history
#
# **You will learn** how a network of 2012 grew out of experiments with cats in 1959,
# to build AlexNet exactly, in one tower and in two groups,
# to compute the top-5 error and local response normalisation by hand,
# to compile a model with AlexNet's recipe, and to train a small AlexNet.
#
# **You need** lab 04 (sizes), lab 05 (counting) and lab 09 (building in Keras).
# **It takes** about two hours. There are 28 points, 3 of them for a short text that a person reads.
#
# Answer where the dots stand, in the cells that say `# your code here`, then run the `check(...)` cell below.
# You may check as often as you like; `hint("alexnet")` in a new cell opens a hint.
#
# "The lectures" are four public lectures on convolutional networks, which this course follows.
# Where they slip, a box says so and repairs it.

# %%
try:
    from course import check, hint, start
except ModuleNotFoundError:  # on Colab: install the course, and only what is missing there
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
    from course import check, hint, start

lab = start("lab11_alexnet", learner="")
lab

# %%
import numpy as np

from course import figures

# %% [markdown]
# ## 11.1 From a cat's eye to ImageNet ({points:history})
#
# In 1959 David Hubel and Torsten Wiesel put an electrode beside one cell of a cat's visual cortex
# and moved bars of light over a screen. The cell was silent, until a bar had the right **orientation**.
# By 1962 they had two kinds. A **simple cell** answers to a bar of one orientation at one place.
# A **complex cell** answers to the same orientation anywhere in a small neighbourhood.
# Some cells, which they called hypercomplex, want the bar to end, too: they answer to corners.
# In 1968 they saw the same in monkeys, and a **topographic map**:
# neighbouring cells look at neighbouring places.
#
# A simple cell can be written as a template: bright in the middle, dark at both sides.

# %%
def bar(angle=0, shift=0, side=17, half=1.5):
    """A bright bar on black: degrees from upright, pixels to the right."""
    rows, columns = np.indices((side, side)) - side // 2
    angle = np.deg2rad(angle)
    away = columns * np.cos(angle) + rows * np.sin(angle) - shift
    return ((np.abs(away) < half) & (np.hypot(rows, columns) < 8)).astype(float)


template = 2 * bar() - bar(half=3.5)  # the bar counts plus one, its dark flanks minus one


def simple_cell(picture, place=0):
    """The template lies `place` pixels to the right; a cell cannot fire less than not at all."""
    return max(0.0, np.sum(np.roll(template, place, axis=1) * picture))


# %%
figures.grids({"template (its middle)": template[5:12, 3:14], "a bar at 45 degrees": bar(45)[5:12, 3:14]})

# %% [markdown]
# Turn the bar, and the simple cell falls silent: that is orientation tuning.
# Now let a complex cell listen to seven simple cells beside each other, and report the strongest.
#
# **Predict.** The bar stays upright and moves 3 pixels to the right.
# What is left of the simple cell's answer, and of the complex cell's? Write two shares from 0 to 1.

# %%
my_guess = (None, None)
shifts, most = np.arange(-7, 8), simple_cell(bar())
simple = [simple_cell(bar(shift=shift)) / most for shift in shifts]
complex_ = [max(simple_cell(bar(shift=shift), place) for place in range(-3, 4)) / most for shift in shifts]
print(f"3 pixels: simple {simple[10]:.2f}  complex {complex_[10]:.2f}  your guess: {my_guess}")
angles = np.arange(-90, 91, 15)
tuning = [simple_cell(bar(angle)) / most for angle in angles]
figures.curve({"simple cell": (angles, tuning)}, xlabel="orientation of the bar (degrees from upright)",
              ylabel="answer (share of the largest)", title="A simple cell wants one orientation")

# %%
figures.curve({"simple cell": (shifts, simple), "complex cell": (shifts, complex_)},
              xlabel="place of the bar (pixels to the right)", ylabel="answer (share of the largest)",
              title="A complex cell does not mind a small shift")

# %% [markdown]
# ### The Neocognitron: S, C, S, C
#
# In 1980 Kunihiko Fukushima built a network of this idea.
# A layer of **S-cells** (simple) looks for the same small features at every place: shared weights.
# A layer of **C-cells** (complex) asks whether a feature is anywhere near: today's pooling.
# S and C take turns, four times, until one cell stands for a whole character.
# It was trained without a teacher: nobody told it which character it saw.
#
# Here are one S-layer and one C-layer in NumPy. A letter is shown twice, the second time one pixel lower and
# further right.

# %%
letter = np.zeros((12, 12))
letter[2:9, 2] = letter[8, 2:9] = 1  # an L
moved = np.roll(letter, (1, 1), axis=(0, 1))
upright, level = np.array([[-1, 2, -1]] * 3) / 2, np.array([[-1], [2], [-1]]) * np.ones(3) / 2


def s_layer(picture):
    """Each feature at each place; what is weak is cut off. Shape (10, 10, 2)."""
    windows = np.lib.stride_tricks.sliding_window_view(picture, (3, 3))
    return np.stack([np.maximum(np.einsum("ijab,ab->ij", windows, f) - 1, 0) for f in (upright, level)], axis=-1)


def c_layer(maps):
    """The strongest S-cell of each 5×5 neighbourhood, every fifth place. Shape (2, 2, 2)."""
    return maps.reshape(2, 5, 2, 5, 2).max(axis=(1, 3))


# %%
s, s_moved = s_layer(letter), s_layer(moved)
c, c_moved = c_layer(s), c_layer(s_moved)
for name, before, after in (("S", s, s_moved), ("C", c, c_moved)):
    active = (before > 0) | (after > 0)
    print(f"{name}-cells that fire: {active.sum()}, of these changed: {np.mean((before != after)[active]):.0%}")
figures.grids({"S: upright strokes": s[..., 0], "S: after the move": s_moved[..., 0],
               "C: upright": c[..., 0], "C: after the move": c_moved[..., 0]})

# %% [markdown]
# The S-cells' answers move with the letter (equivariance); the C-cells' stay (invariance, as long as
# a stroke does not leave its neighbourhood: roll the letter by 3 pixels and look again).
#
# What was missing was a teacher for the layers in between.
# Back-propagation became that in 1986, and Yann LeCun's group put both together:
# LeNet of 1989, LeNet-5 of 1998, read the digits on cheques.
#
# Then it was quiet. Networks came back through **speech**: in 2010 deep belief networks (DBN)
# modelled the sounds of speech (phones),
# and by 2012 context-dependent deep networks with a hidden Markov model (CD-DNN-HMM) had cut the word errors of
# large recognisers by up to a third. For pictures two things were missing: many labelled images, and fast processors.

# %%
figures.timeline([
    (1959, "cells", "Hubel and Wiesel: a cell of the cat's visual cortex wants one orientation"),
    (1962, "cells", "Hubel and Wiesel: simple and complex cells, one above the other (1968: the same in monkeys)"),
    (1980, "networks", "Fukushima's Neocognitron: S- and C-layers in turn, trained without a teacher"),
    (1986, "networks", "Rumelhart, Hinton and Williams: back-propagation trains hidden units"),
    (1998, "networks", "LeNet-5: convolutions, pooling and back-propagation read cheques"),
    (2009, "data and contests", "ImageNet is presented: pictures for the nouns of WordNet"),
    (2010, "data and contests", "The first ILSVRC; deep belief networks tell sounds of speech apart"),
    (2012, "networks", "AlexNet wins ILSVRC; CD-DNN-HMMs in speech recognisers"),
    (2014, "networks", "GoogLeNet wins, VGG comes second"),
    (2015, "networks", "ResNet wins with 152 layers"),
], title="From cells to networks")

# %% [markdown]
# ### ImageNet and its contest
#
# **ImageNet** holds 14 million pictures of 22,000 kinds of things.
# Its contest, ILSVRC, took 1000 of these kinds. A program may name five for each picture;
# the **top-5 error** is the share of pictures where all five are wrong.
#
# In 2010 NEC-UIUC won, in 2011 XRCE, both with features made by hand.
# In 2012 a team called **SuperVision** (Krizhevsky, Sutskever and Hinton) came with AlexNet.
# Clarifai won in 2013 (Matthew Zeiler's company; ZFNet is its kin), GoogLeNet in 2014 with VGG second,
# and MSRA's ResNet in 2015.
# A trained person makes about 5.1 % errors.

# %%
figures.bars({
    "2010 (by hand)": 28.2, "2011 (by hand)": 25.8, "2012 (8 layers)": 16.4, "2013 (8 layers)": 11.7,
    "2014 (22 layers)": 6.7, "2015 (152 layers)": 3.6,
}, ylabel="top-5 error of the winner (%)", title="ILSVRC, classification")

# %% [markdown]
# **Four answers to read off.**
#
# - `order`: these seven events from the oldest to the newest, as letters.
#   **A** an eight-layer network wins by nearly ten points; **B** a cell turns out to want one orientation;
#   **C** layers of two kinds take turns, without a teacher; **D** hidden units get their teacher;
#   **E** a network reads cheques; **F** pictures for the nouns of a dictionary; **G** 152 layers.
# - `winners`: who won in 2010, 2012, 2014, 2015, as four letters:
#   **C**larifai, **G**oogLeNet, **M**SRA, **N**EC-UIUC, **S**uperVision, **V**GG, **X**RCE.
# - `chart`: (the year whose bar fell most in percentage points, by how many points,
#   the year whose bar fell most as a share of the bar before it, that share in whole per cent).

# %% [markdown]
# - `images`: the lectures give 1,431,167 pictures. That is the sum of those to train on,
#   50,000 to validate and 100,000 to test.
#   Write (pictures to train on, their pixels when each is seen once at 224×224,
#   how many times MNIST's 60,000 pictures of 28×28 that is, rounded to a whole number).
#   A pixel is a place, whatever its colours.
#
# Letters may stand in a text such as `"ABC"` or in a list. You may compute.

# %% tags=["question:history"]
order = (
    ### BEGIN SOLUTION
    "BCDEFAG"
    ### END SOLUTION
)
winners = (
    ### BEGIN SOLUTION
    "NSGM"
    ### END SOLUTION
)
chart = (
    ### BEGIN SOLUTION
    2012, 25.8 - 16.4, 2015, round(100 * (6.7 - 3.6) / 6.7)
    ### END SOLUTION
)
images = (
    ### BEGIN SOLUTION
    1_281_167, 1_281_167 * 224**2, round(1_281_167 * 224**2 / (60_000 * 28**2))
    ### END SOLUTION
)

# %% tags=["check:history"]
check("history")

# %% [markdown]
# > **Lecture, repaired.** "Training pixels grew from 10⁷ in 1998 to 10¹⁴ in 2012." And "1,431,167 training images".
# > The 10⁷ counts MNIST once. The 10¹⁴ counts ImageNet with each picture 2048 times,
# > for all the crops (pieces of 224×224) and mirror images that AlexNet might see.
# > Counted alike, once each, 4.7·10⁷ pixels became 6.4·10¹⁰: a factor of 1367, not of ten million.
# > And only 1,281,167 of the pictures are trained on.
# > (Transistors on a processor did grow from about 10⁶ to 10⁹, as the lecture says.)

# %%
mnist, imagenet = 60_000 * 28**2, 1_281_167 * 224**2
figures.log_bars({
    "like for like": {"MNIST, each picture once": mnist, "ImageNet, each picture once": imagenet},
    "not like for like": {"90 passes, as AlexNet was trained": 90 * imagenet,
                          "one pass, 2048 versions of each (the lecture)": 2048 * imagenet},
}, xlabel="training pixels", title="How much more data?")

# %% [markdown]
# ## 11.2 Five guesses ({points:topk_error})
#
# Why five? A picture may show a dog on a sofa, and only one of the two is its label.
# So a network's scores for 1000 classes are sorted, and the picture is a **hit**
# if the right class is among the $k$ best; $k=1$ and $k=5$ are usual.
#
# What if scores are equal? A network that gives every class the same score knows nothing,
# and should not be praised for it. So here the right class stands **last among equals**:
#
# $$\text{hit} \iff \text{fewer than } k \text{ other classes have a score at least as large as the right class's}$$

# %% [markdown]
# Three pictures and four classes. For the first picture class 2 is right, for the second 0, for the third 3:
#
# | scores | right | others at least as large | top-1 | top-2 |
# |---|---|---|---|---|
# | .1 .2 **.6** .1 | 2 | 0 | hit | hit |
# | **.3** .1 .4 .2 | 0 | 1 | miss | hit |
# | .4 .2 .2 **.2** | 3 | 3 | miss | miss |
#
# So the top-1 error is 2/3 and the top-2 error 1/3.
#
# **Write** `topk_error(p, y, k)`: scores `p` of shape (images, classes), right classes `y` of shape (images,),
# whole numbers from 0. It returns the share of misses, from 0 to 1. `p` and `y` stay as they are.

# %% tags=["question:topk_error"]
def topk_error(p, y, k):
    """Share of images whose right class is not among the k best; equal scores count against it."""
    ### BEGIN SOLUTION
    own = p[np.arange(len(y)), y]
    others = (p >= own[:, None]).sum(axis=1) - 1  # the class itself is no other
    return float(np.mean(others >= k))
    ### END SOLUTION


# %% tags=["check:topk_error"]
check("topk_error")

# %% [markdown]
# **Predict** the top-5 error of a program that guesses at random among 1000 classes, then run the cell.

# %%
my_guess = None
random = np.random.default_rng(11)
scores, right = random.random((4_000, 1000)), random.integers(0, 1000, 4_000)
print("top-1:", topk_error(scores, right, 1), " should be near 0.999")
print("top-5:", topk_error(scores, right, 5), " should be near 0.995   your guess:", my_guess)

# %% [markdown]
# > **Lecture, repaired.** "An ensemble of 7 nets: 18.2 % → 15.4 %."
# > Both numbers are validation errors (on pictures that are held out), and the step has two causes.
# > One network alone has 18.2 %; **five** like it, averaged, have 16.4 %.
# > The 15.4 % are of seven, two of which had been trained on all of ImageNet's pictures first;
# > that entry had 15.3 % on the test images. The chart above has the bar without extra pictures, 16.4 %.

# %% [markdown]
# ## 11.3 AlexNet, exactly ({points:alexnet})
#
# Eight layers with weights: five convolutions and three dense layers.
# This is the list as the lectures print it, with one tower, from 227×227×3 to 1000 classes.
#
# | layer | filters, side, stride, padding | output |
# |---|---|---|
# | conv1 | 96 of 11×11, stride 4, no padding | 55×55×96 |
# | pool1 | max 3×3, stride 2 | 27×27×96 |
# | conv2 | 256 of 5×5, size stays | 27×27×256 |
# | pool2 | max 3×3, stride 2 | 13×13×256 |
# | conv3 | 384 of 3×3, size stays | 13×13×384 |
# | conv4 | 384 of 3×3, size stays | 13×13×384 |
# | conv5 | 256 of 3×3, size stays | 13×13×256 |
# | pool5 | max 3×3, stride 2 | 6×6×256 |
# | fc6, fc7, fc8 | 4096, 4096, 1000 units | 1000 |

# %%
figures.volumes(
    [(227, 227, 3), (55, 55, 96), (27, 27, 96), (27, 27, 256), (13, 13, 256), (13, 13, 384), (13, 13, 384),
     (13, 13, 256), (6, 6, 256), (4096,), (4096,), (1000,)],
    ["input", "conv1 11×11/4", "pool1 3/2", "conv2 5×5", "pool2 3/2", "conv3 3×3", "conv4 3×3",
     "conv5 3×3", "pool5 3/2", "fc6", "fc7", "fc8"],
)

# %% [markdown]
# Two graphics cards with 3 GB each trained it, and one card was too small.
# So each card had half of the maps, and conv2, conv4 and conv5 read only the half on their own card.
# Keras writes that `Conv2D(..., groups=2)`: the maps are split into two groups,
# and each group of filters reads one of them. conv3 and the dense layers read everything.
#
# **Predict.** What does `groups=2` do to the 614,400 weights of conv2?

# %%
from course import device, lazily
from course.progress import progress
from course.tables import layer_table

with device.quiet():  # TensorFlow greets its developers when it starts
    import keras
from keras import layers

# %%
my_guess = None
whole = layers.Conv2D(256, 5, padding="same", groups=1)
halves = layers.Conv2D(256, 5, padding="same", groups=2)
for layer in (whole, halves):
    layer.build((None, 27, 27, 96))
    print("groups", layer.groups, " kernel", tuple(layer.kernel.shape), " parameters", layer.count_params())
print("your guess:", my_guess)

# %% [markdown]
# (`import keras` and `tf.keras` are the same thing since TensorFlow 2.16.)
#
# **Write** `alexnet(groups, classes, width)`: a Keras model of any kind, built and not trained.
#
# - Images of 227×227×3. (224×224×3 is right too, if conv1 then pads two zeros on each side.)
# - ReLU after each convolution and after fc6 and fc7; softmax at the end. Dropout of 0.5 is welcome, not asked for.
# - `groups` is 1 or 2, for conv2, conv4 and conv5: use `Conv2D`'s argument of that name.
#   (Two towers side by side, joined where the network reads both, are the same and pass too.)
# - `width` multiplies each number of maps and the 4096 units, not the classes.
#   It is 1, 1/8 or 1/16, and all numbers come out whole.
# - No normalisation yet; it has no weights, and comes in 11.5.

# %% [markdown]
# The check counts at full width inside `lazily()`, where Keras makes no weights.
# At 1/8 and 1/16 of the width it puts weights of its own into your model, by their place in the graph,
# and compares the outputs with AlexNet in NumPy. Names of layers do not matter.
#
# `summary()` should say 62,378,344 parameters with one group and 60,965,224 with two.

# %% tags=["question:alexnet"]
def alexnet(groups, classes=1000, width=1.0):
    """AlexNet for 227×227×3; groups of conv2, conv4 and conv5, units of the last layer, part of the full width."""
    ### BEGIN SOLUTION
    def conv(number, maps, side, stride=1, padding="same", split=1):
        name = f"conv{number}"
        return layers.Conv2D(int(maps * width), side, stride, padding, groups=split, activation="relu", name=name)

    return keras.Sequential([
        keras.Input((227, 227, 3), name="input"),
        conv(1, 96, 11, 4, "valid"),
        layers.MaxPooling2D(3, 2, name="pool1"),
        conv(2, 256, 5, split=groups),
        layers.MaxPooling2D(3, 2, name="pool2"),
        conv(3, 384, 3),
        conv(4, 384, 3, split=groups),
        conv(5, 256, 3, split=groups),
        layers.MaxPooling2D(3, 2, name="pool5"),
        layers.Flatten(name="flatten"),
        layers.Dense(int(4096 * width), activation="relu", name="fc6"),
        layers.Dropout(0.5, name="dropout6"),
        layers.Dense(int(4096 * width), activation="relu", name="fc7"),
        layers.Dropout(0.5, name="dropout7"),
        layers.Dense(classes, activation="softmax", name="fc8"),
    ])
    ### END SOLUTION


# %% tags=["check:alexnet"]
check("alexnet")

# %% [markdown]
# Now read your own model, at full width and without a weight.
# The table has what lab 05 counted, and on the right how many pixels one number sees:
# 11, 19, 51, 67, 99, 131, 163 and 195 pixels a side from conv1 to pool5.

# %%
with lazily():
    towers = {groups: alexnet(groups) for groups in (1, 2)}
for groups, counts in [(1, "62,378,344 and 1,135,256,096"), (2, "60,965,224 and 724,406,816")]:
    if towers[groups] is not None:
        table = layer_table(towers[groups])
        print(f"groups {groups}: {table.parameters:,} and {table.multiply_adds:,}   should be {counts}")
layer_table(towers[2]) if towers[2] is not None else "Not built yet."

# %%
def costs(model):
    """Rows for the bars: layers that have parameters or do some work."""
    rows = [row for row in layer_table(model).rows if row.parameters or row.multiply_adds]
    return [
        {"name": row.layer.split()[0], "params": row.parameters, "memory": row.values, "macs": row.multiply_adds}
        for row in rows
    ]


if towers[1] is not None:
    display(figures.cost_bars({"one tower": costs(towers[1]), "two groups": costs(towers[2])}))

# %% [markdown]
# Two groups save 2.3 % of the parameters but 36 % of the multiply-adds,
# because parameters are in the dense layers (94 %) and work is in the convolutions.
# The paper's "60 million parameters" are the grouped network's.

# %% [markdown]
# ## 11.4 A first layer of your own ({points:my_costs})
#
# AlexNet's conv1 has $96\cdot(11\cdot11\cdot3+1) = 34{,}944$ parameters.
# Each of its $55\cdot55$ places takes all 34,848 weights once: 105,415,200 multiply-adds.
# Biases are added, not multiplied, so they are not counted there.
#
# Here are numbers of your own.
# The first four are a first layer without padding:
# side `n` of a colour picture, side `f` of a filter, stride `s`, number of filters `c_out`.

# %%
n, f, s, c_out = lab.numbers("my_conv1")
print("n, f, s, c_out =", (n, f, s, c_out))

# %% [markdown]
# Write (parameters with biases, multiply-adds).

# %% tags=["question:my_costs:my_conv1"]
my_conv1 = (
    ### BEGIN SOLUTION
    c_out * (f * f * 3 + 1), ((n - f) // s + 1) ** 2 * c_out * f * f * 3
    ### END SOLUTION
)

# %% [markdown]
# The other six are a network's end: the last maps' side and number, the units of three dense layers,
# and the parameters of all its convolutions together.
# Write (parameters of the three dense layers with biases, their share of **all** parameters in per cent,
# rounded to a whole number).

# %%
side, maps, first, second, third, others = lab.numbers("my_dense")
print("side, maps =", (side, maps), "  units =", (first, second, third), "  convolutions' parameters =", others)

# %% tags=["question:my_costs:my_dense"]
my_dense = (
    ### BEGIN SOLUTION
    dense := (side * side * maps + 1) * first + (first + 1) * second + (second + 1) * third,
    round(100 * dense / (dense + others)),
    ### END SOLUTION
)

# %% tags=["check:my_costs"]
check("my_costs")

# %% [markdown]
# ## 11.5 Neighbours that hold each other down ({points:local_response_norm})
#
# In an eye, a cell that fires strongly dampens its neighbours.
# AlexNet copies that **between maps**: at each place, a number is divided by a power of
# what the maps beside it have at the **same place**.
# So a few maps stand out, and the others fall back.
#
# With $a_i$ the number in map $i$ (after ReLU), $N$ maps, and a window of $n$ maps around $i$:
#
# $$b_i = \frac{a_i}{\left(k + \alpha \sum_{j=\max(0,\,i-(n-1)/2)}^{\min(N-1,\,i+(n-1)/2)} a_j^2\right)^{\beta}}$$
#
# The paper takes $n=5$, $k=2$, $\alpha=10^{-4}$, $\beta=0.75$: two maps on each side, and the map itself.
# (This $k$ is a constant under the power, not the $k$ of the top-$k$ error.)

# %% [markdown]
# Follow one place by hand, with $n=3$, $k=1$, $\alpha=1$, $\beta=1$.
# The maps there hold 1, 2, 0, 3. The window of map 0 is cut off at the end: $1/(1 + 1^2+2^2) = 1/6$.
# Map 1: $2/(1+1^2+2^2+0^2) = 2/6$. Map 3: $3/(1+0^2+3^2) = 3/10$.
#
# **Write** `local_response_norm(x, n, k, alpha, beta)` in NumPy for `x` of shape (batch, height, width, maps).
#
# - `n` is odd, and may be larger than the number of maps; at the first and last maps the window is cut off.
# - `alpha` multiplies the sum as it stands; it is not divided by `n`.
# - The output has `x`'s shape; `x` stays as it is. Values may be negative.
# - TensorFlow's own function is not allowed in this cell; compare with it in the next one.

# %% tags=["question:local_response_norm"]
def local_response_norm(x, n, k, alpha, beta):
    """Each number over (k + alpha · sum of squares of n neighbouring maps)^beta; shape as x."""
    ### BEGIN SOLUTION
    half, squares = (n - 1) // 2, np.square(x)
    out = np.empty(x.shape)
    for i in range(x.shape[-1]):
        total = squares[..., max(0, i - half) : i + half + 1].sum(axis=-1)
        out[..., i] = x[..., i] / (k + alpha * total) ** beta
    return out
    ### END SOLUTION


# %% tags=["check:local_response_norm"]
check("local_response_norm")

# %% [markdown]
# Keras has no such layer; TensorFlow has a function.
# Its `depth_radius` counts the maps on **one** side, 2 for $n=5$.
# (Caffe and PyTorch divide $\alpha$ by $n$. Read what a library means before you copy constants.)

# %%
import tensorflow as tf

maps_of_noise = np.random.default_rng(5).normal(scale=40, size=(2, 5, 7, 96)).astype("float32")
theirs = tf.nn.local_response_normalization(maps_of_noise, depth_radius=2, bias=2.0, alpha=1e-4, beta=0.75)
yours = local_response_norm(maps_of_noise, 5, 2.0, 1e-4, 0.75)
if yours is not None:
    print("largest difference below 0.0001:", np.abs(yours - np.asarray(theirs)).max() < 1e-4)

# %% [markdown]
# Does it matter? The paper reports 1.2 points less top-5 error; VGG, two years later, found no gain, and left it out.
# Batch normalisation (lab 13) took its place.
# One place with 24 maps shows what LRN does: five neighbouring maps fire together, and one fires alone.
# (The position in the figure is the number of the map.)

# %%
one_place = np.zeros((1, 1, 1, 24))
one_place[..., 4:9] = one_place[..., 15] = 60.0
damped = local_response_norm(one_place, 5, 2.0, 1e-4, 0.75)
if damped is not None:
    display(figures.signals({"before": one_place.ravel(), "after LRN": np.round(damped.ravel())},
                            ylabel="activity"))

# %% [markdown]
# Everybody shrinks, but the lone map keeps most; those in company hold each other down, the middle one hardest.

# %% [markdown]
# ## 11.6 The recipe ({points:compile_recipe})
#
# A network is half of the work. The other half is how it was trained:
#
# - stochastic gradient descent, batches of 128, momentum 0.9, 90 passes, five to six days on two GTX 580;
# - learning rate 0.01, **divided by 10** when the validation error stops falling (three times in all):
#   the error on pictures that are held out, the **validation** set;
# - **weight decay** 0.0005, small but important for learning, says the paper;
# - dropout 0.5 in fc6 and fc7; crops and mirror images, and changes of colour;
# - first weights from a normal distribution with spread 0.01, some biases 1, so that ReLU starts alive.

# %% [markdown]
# In a formula, with gradient $g$, speed $v$ and learning rate $\varepsilon$:
#
# $$v \leftarrow 0.9\,v - 0.0005\,\varepsilon\,w - \varepsilon\,g, \qquad w \leftarrow w + v$$
#
# The middle term pulls each weight towards 0, in each step by the share $0.0005\,\varepsilon$.
# Kernels need that, since large ones fit noise. Biases do not: they only move a threshold.
#
# **Predict.** A kernel's weight is 1 and has no gradient for 1000 steps. What is it then?

# %%
my_guess = None
print("after 1000 steps:", round((1 - 0.0005 * 0.01) ** 1000, 4), " your guess:", my_guess)

# %% [markdown]
# **Write** two functions.
#
# - `compile_recipe(model)` compiles this model (built, not compiled, ending in softmax) and returns it.
#   SGD with rate 0.01 and momentum 0.9, not Nesterov's; weight decay 0.0005 on kernels, none on biases;
#   a loss for labels that are class numbers.
# - `plateau()` returns one Keras callback, not in a list: the rate is divided by 10
#   after 3 epochs in which the validation did not improve. Watch `val_loss` or `val_accuracy`.
#
# The check trains a small model by one or two steps whose gradients are known,
# and reads rate, momentum and decay off its weights. Decay by the optimizer passes, and so does an L2 penalty
# (a term $0.00025\sum w^2$ in the loss, whose gradient is the same pull).
# Then it shows your callback some epochs.

# %% [markdown]
# Two pitfalls. `layer.kernel_regularizer = ...` on a layer that is already built does nothing, and nobody says so.
# And Keras' `weight_decay` pulls at **all** weights, unless the optimizer is told which to leave alone:
# look for `exclude_from_weight_decay` in its documentation.

# %% tags=["question:compile_recipe"]
def compile_recipe(model):
    """Compile with AlexNet's recipe, and return the model."""
    ### BEGIN SOLUTION
    optimizer = keras.optimizers.SGD(learning_rate=0.01, momentum=0.9, weight_decay=0.0005)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


def plateau():
    """A callback: a tenth of the learning rate after 3 epochs without a better validation."""
    ### BEGIN SOLUTION
    return keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.1, patience=3)
    ### END SOLUTION


# %% tags=["check:compile_recipe"]
check("compile_recipe")

# %% [markdown]
# ## 11.7 A small AlexNet learns ({points:train_alexnet})
#
# ImageNet is too large for a laptop, so we draw our own pictures:
# six coloured shapes on coloured ground, 64×64×3, nothing to download.
# Place, size, slant and colours differ; colours say nothing about the class.

# %%
from course.shapes import NAMES, coloured_shapes

X, y = coloured_shapes(1500, seed=1)
X_test, y_test = coloured_shapes(600, seed=2)
print(X.shape, X.dtype, " classes:", ", ".join(NAMES))
one_of_each = {f"{number}: {name}": X[np.argmax(y == number)] for number, name in enumerate(NAMES)}
figures.photographs(one_of_each, columns=6)

# %% [markdown]
# The network is AlexNet at an eighth of its width, with stride 2 instead of 4 in conv1,
# because the picture is smaller. Its sides are 64 → 27 → 13 → 13 → 6 → 6 → 6 → 6 → 2:
#
# conv 12 of 11×11, stride 2 · pool 3/2 · conv 32 of 5×5 · pool 3/2 · conv 48, 48, 32 of 3×3 · pool 3/2 ·
# flatten (128 numbers) · dense 512, 512, 6.
#
# **Write** `train_alexnet(images, labels, epochs)`: build it, train it for `epochs` passes, return the model.
# Images are uint8 from 0 to 255, so let its first layer be `layers.Rescaling(1 / 127.5, offset=-1)`;
# labels are from 0 to 5, and the model gives six numbers for each image.

# %% [markdown]
# Which recipe? AlexNet's has 90 passes over 1.2 million pictures, which is 850,000 steps; you have about 280.
# SGD with 0.01 often stands still that long before it learns at all. Adam with its own settings finds its way
# in time, with batches of 32.
#
# The check gives 1500 other pictures and 6 epochs, and asks about 600 more, as they come or divided by 255.
# A model that is not good enough is trained a second time on other pictures, and the better of the two counts.
# (It takes a minute or so.)

# %% tags=["question:train_alexnet"]
def train_alexnet(images, labels, epochs):
    """Train AlexNet at an eighth of its width on pictures of 64×64×3; returns the model."""
    ### BEGIN SOLUTION
    model = keras.Sequential([
        keras.Input((64, 64, 3)),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(12, 11, strides=2, activation="relu", name="conv1"),
        layers.MaxPooling2D(3, 2),
        layers.Conv2D(32, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(3, 2),
        layers.Conv2D(48, 3, padding="same", activation="relu"),
        layers.Conv2D(48, 3, padding="same", activation="relu"),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(3, 2),
        layers.Flatten(),
        layers.Dense(512, activation="relu"),
        layers.Dense(512, activation="relu"),
        layers.Dense(6, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images, labels, batch_size=32, epochs=epochs, verbose=0)
    return model
    ### END SOLUTION


# %% tags=["check:train_alexnet", "nbval-ignore-output"]
check("train_alexnet")

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(11)
trained = train_alexnet(X, y, 6)
if trained is not None:
    scores = trained.predict(X_test, batch_size=200, verbose=0)
    print(f"top-1 error {np.mean(scores.argmax(axis=1) != y_test):.3f}")

# %% tags=["nbval-ignore-output"]
history = getattr(getattr(trained, "history", None), "history", {})
if "accuracy" in history:
    epochs = range(1, len(history["accuracy"]) + 1)
    display(figures.curve({"training": (epochs, history["accuracy"])}, xlabel="epoch",
                          ylabel="accuracy (share of right answers)", title="A small AlexNet on coloured shapes"))

# %% [markdown]
# ### What conv1 has learned
#
# The paper's best-known picture shows AlexNet's 96 first filters: stripes and blobs of colour,
# much like the cells of 1959.
# **Predict** what twelve filters look like after 280 steps on our shapes, then run the cell.
# Each filter is 11×11×3 and stretched to the full range of brightness.

# %% tags=["nbval-ignore-output"]
def filter_sheet(kernel, columns=6):
    """Twelve 11×11×3 filters side by side, each stretched to 0..1, with a white line between them."""
    low, high = kernel.min(axis=(0, 1, 2)), kernel.max(axis=(0, 1, 2))
    filters = np.pad((kernel - low) / (high - low), ((0, 1), (0, 1), (0, 0), (0, 0)), constant_values=1.0)
    rows = filters.shape[3] // columns
    sheet = filters.transpose(3, 0, 1, 2).reshape(rows, columns, 12, 12, 3)
    return sheet.transpose(0, 2, 1, 3, 4).reshape(rows * 12, columns * 12, 3)


first_layer = next((part for part in getattr(trained, "layers", []) if hasattr(part, "kernel")), None)
if first_layer is not None and tuple(first_layer.kernel.shape) == (11, 11, 3, 12):
    noise = np.random.default_rng(0).normal(size=(11, 11, 3, 12))
    display(figures.photographs({"conv1 after training": filter_sheet(np.asarray(first_layer.kernel)),
                                 "noise, for comparison": filter_sheet(noise)}, columns=2))

# %% [markdown]
# Compare the two sheets. Much of the start is still in the filters: 280 steps are few.
# In some of them one side has become lighter than the other, or the three colours have come to agree,
# because our shapes are told by their edges and not by their colours.

# %% [markdown]
# ## 11.8 Three sentences to correct ({points:three_corrections})
#
# A lecture says of AlexNet:
#
# 1. "It was the first network that used ReLU."
# 2. "CONV1 → MAX POOL1 → NORM1 → CONV2 → MAX POOL2 → NORM2 → ..."
# 3. "Its input has 227×227 pixels, as in the paper."
#
# **Correct each in one or two sentences, with a reason.**
# For the first, look for rectified units before 2012 (the list at the end of this lab may help).
# For the second, the paper, section 3.5: the normalisation follows conv1 and conv2,
# and max pooling follows both normalisation layers. For the third, do the arithmetic.

# %% [markdown] tags=["essay:three_corrections:3"]
# 1. ReLU is older: Fukushima's networks of 1969 had rectified units, Jarrett and others compared rectifiers in 2009,
#    and Nair and Hinton named and used them in 2010. AlexNet made ReLU the standard, since it learned several times
#    faster with it than with tanh.
# 2. In the paper the normalisation comes before the pooling: conv → ReLU → LRN → pool. Pooling first is the order of
#    CaffeNet, a copy of AlexNet in the program Caffe.
# 3. The paper prints 224×224. But (224 − 11)/4 + 1 = 54.25, which is not 55. 227 pixels without padding give
#    (227 − 11)/4 + 1 = 55; so do 224 pixels with a padding of 2, (228 − 11)/4 + 1 = 55.25, rounded down.

# %% [markdown]
# ## Free play (not graded)
#
# **Two towers.** With two groups, the second half of conv2's maps cannot see the first half of conv1's.
# The cell below disturbs one input map and looks which output maps notice.
# Change `disturbed`, and put `groups=1`.

# %%
split = layers.Conv2D(8, 3, padding="same", groups=2)
still = np.random.default_rng(3).normal(size=(1, 9, 9, 6)).astype("float32")
disturbed = 0
changed = still.copy()
changed[..., disturbed] += 1
difference = np.abs(np.asarray(split(changed)) - np.asarray(split(still))).max(axis=(0, 1, 2))
print("output maps that notice:", np.flatnonzero(difference > 0).tolist())

# %% [markdown]
# **LRN or batch normalisation?** Put one of them behind conv1 and conv2 of the small network and train for two epochs.
# Which one changes more? Try other constants, a larger `n`, more epochs, or SGD with `compile_recipe`.

# %% tags=["nbval-ignore-output"]
class ResponseNorm(layers.Layer):
    def call(self, x):
        return tf.nn.local_response_normalization(x, 2, 2.0, 1e-4, 0.75)


# %%
def short_training(norm, count=600, epochs=2):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((64, 64, 3)), layers.Rescaling(1 / 127.5, offset=-1)])
    for maps, side, stride in ((12, 11, 2), (32, 5, 1), (32, 3, 1)):
        model.add(layers.Conv2D(maps, side, stride, "same" if stride == 1 else "valid", activation="relu"))
        model.add(norm())
        model.add(layers.MaxPooling2D(3, 2))
    model.add(layers.Flatten())
    model.add(layers.Dense(6, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    run = model.fit(X[:count], y[:count], epochs=epochs, verbose=0, callbacks=[progress()])
    return run.history["accuracy"][-1]


# %% tags=["nbval-ignore-output"]
norms = {"none": layers.Identity, "LRN": ResponseNorm, "batch normalisation": layers.BatchNormalization}
figures.bars({name: short_training(norm) for name, norm in norms.items()},
             ylabel="training accuracy in epoch 2", title="Three layers behind each convolution")

# %% [markdown]
# ## The full size, on a GPU
#
# ImageNet itself takes days and a licence, so here AlexNet learns CIFAR-10, enlarged from 32×32 to 64×64.
# The pieces are those of a real training: batches that are mirrored and moved as they are read (`Augmented`),
# 16-bit arithmetic where the GPU has it, the step compiled by XLA, the plateau, checkpoints and early stopping.
#
# On a GPU this cell trains for 60 passes on 50,000 images; how long that takes and how good it gets
# is not measured here. Without a GPU it takes three small steps on pictures that ship with the course.

# %%
import tempfile

from course import fullsize

print(device.prepare())
setting = fullsize.setting()
data = fullsize.data(setting)
batches = fullsize.Augmented(data.x_train, data.y_train, setting.batch, seed=11)
print("one batch:", batches[0][0].shape, " steps in an epoch:", len(batches))

# %% [markdown]
# Half of AlexNet's width is plenty for ten classes.
# The last layer computes in 32 bits whatever the others do: small probabilities need them.

# %%
def half_alexnet(channels, classes):
    model = keras.Sequential([keras.Input((32, 32, channels)), layers.Resizing(64, 64)])
    model.add(layers.Rescaling(1 / 127.5, offset=-1))
    for number, (maps, side) in enumerate(((48, 11), (128, 5), (192, 3), (192, 3), (128, 3)), start=1):
        model.add(layers.Conv2D(maps, side, 2 if number == 1 else 1, "valid" if number == 1 else "same"))
        model.add(layers.BatchNormalization())
        model.add(layers.Activation("relu"))
        if number in (1, 2, 5):
            model.add(layers.MaxPooling2D(3, 2))
    model.add(layers.Flatten())
    for _ in range(2):
        model.add(layers.Dense(2048, activation="relu"))
        model.add(layers.Dropout(0.5))
    model.add(layers.Dense(classes, activation="softmax", dtype="float32"))
    return model


# %% tags=["nbval-ignore-output"]
large = half_alexnet(data.x_train.shape[-1], 10)
optimizer = keras.optimizers.SGD(0.01, momentum=0.9, weight_decay=0.0005)
optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
large.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=setting.jit)
best = tempfile.mkdtemp() + "/alexnet.keras"
callbacks = [
    keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.1, patience=3),
    keras.callbacks.ModelCheckpoint(best, monitor="val_accuracy", save_best_only=True),
    keras.callbacks.EarlyStopping(monitor="val_loss", patience=8, restore_best_weights=True),
]
tests = (data.x_test.astype("float32"), data.y_test)
run = large.fit(batches, validation_data=tests, epochs=setting.epochs, callbacks=[*callbacks, progress()], verbose=0)
print(f"{len(batches)} steps an epoch, validation accuracy {run.history['val_accuracy'][-1]:.2f}")

# %% [markdown]
# ## What you take with you
#
# - Simple and complex cells, S and C, convolution and pooling: one idea, three times.
# - AlexNet: 5 convolutions and 3 dense layers, 62.4 million parameters in one tower, 61.0 million in two groups.
# - Parameters are in the dense layers, work is in the convolutions.
# - LRN divides by neighbouring **maps**; it went out of use, the recipe (SGD, momentum, decay, plateau) did not.
# - Compare numbers like with like: test or validation, one network or seven, one pass or all crops.

# %% [markdown]
# **Read on.** A. Krizhevsky, I. Sutskever, G. Hinton, *ImageNet classification with deep convolutional neural
# networks* (NeurIPS 2012). O. Russakovsky and others, *ImageNet large scale visual recognition challenge* (IJCV 2015).
# D. Hubel, T. Wiesel, *Receptive fields of single neurones in the cat's striate cortex* (1959).
# K. Fukushima, *Visual feature extraction by a multilayered network of analog threshold elements* (1969) and
# *Neocognitron* (1980). K. Jarrett and others, *What is the best multi-stage architecture for object recognition?*
# (ICCV 2009). V. Nair, G. Hinton, *Rectified linear units improve restricted Boltzmann machines* (ICML 2010).
# In the next lab the filters get smaller and the network deeper: VGG.

# %%
lab.score()
