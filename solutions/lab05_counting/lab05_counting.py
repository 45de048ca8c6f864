# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.lab05_counting
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 05 · Counting parameters, memory and multiply-adds
#
# **You will learn** to say what a layer costs before you build it:
# how many numbers it learns, how many it keeps in memory, how often it multiplies.
# You will see where VGG-16 and AlexNet spend their millions,
# why sharing weights makes such networks possible, and what small filters save.
#
# **You need** the sizes of lab 04, Python loops, and a little NumPy.
# **It takes** about 75 minutes. There are 32 points, 4 of them for a short text that a person reads.

# %% [markdown]
# Answer in the cells that say `# your code here`, then run the `check(...)` cell below.
# You may check as often as you like, and `hint("conv_params")` opens a hint.
# If a cell shows an error, mend it before you check: the check sees the last version that ran.
#
# "The lectures" are four public lectures on convolutional networks, which this course follows.

# %%
try:
    from course import check, hint, start
except ModuleNotFoundError:  # on Colab: install the course, and only what is missing there
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
    from course import check, hint, start

lab = start("lab05_counting", learner="")
lab

# %%
import math
import time

import numpy as np

from course import device, figures, lazily

# %% [markdown]
# ## 5.1 What does a convolution layer learn? ({points:conv_params})
#
# The lectures slide ten filters of 5×5 over a picture of 32×32×3.
# One filter reaches through all three channels,
# so it holds $5\cdot5\cdot3 = 75$ weights. They are multiplied with 75 values of the picture and added up.
# One more number, the bias, is added at the end: 76 parameters.
# Ten such filters make 760.

# %%
figures.volumes(
    [(32, 32, 3), (5, 5, 3), (32, 32, 10)],
    ["the picture", "one filter of ten", "the output, padded by 2"],
)

# %% [markdown]
# The output has $32\cdot32\cdot10 = 10{,}240$ values, but that is another number:
# values come and go with every picture, parameters stay.
#
# **Predict.** The same ten filters now slide over a picture of 224×224×3.
# How many parameters do they have, and how many values has the output?
# Write your two guesses instead of the two `None`; they are not graded.

# %%
my_guess = (None, None)
print("your guess:", my_guess)
print(f"parameters: 760   values of the output: {224 * 224 * 10:,}")

# %% [markdown]
# The parameters are still 760: the picture's size is not in the sum at all.
# That is the heart of a convolution. In general, with $k\times k$ filters:
#
# $$\text{parameters} = (k\cdot k\cdot c_\text{in} + 1)\cdot c_\text{out}$$
#
# where $c_\text{in}$ is the depth of the input and $c_\text{out}$ the number of filters.
# The lectures write $(F\cdot F\cdot D_1)\cdot K$ weights and $K$ biases; it is the same.
# Some layers have no biases (`use_bias=False`): then the $+1$ goes.

# %% [markdown]
# | the lectures' layer | weights of one filter | parameters |
# |---|---|---|
# | ten 5×5 filters on depth 3 | 75 | 760 |
# | six 5×5 filters on depth 3 | 75 | 456 |
# | kernel of shape (3, 3, 1, 32) | 9 | 320 |
# | kernel of shape (3, 3, 32, 64) | 288 | 18,496 |
# | 1×1, from 64 to 32 channels | 64 | 2,080 |
#
# A 1×1 filter has one weight for each channel. It mixes the channels of one pixel.

# %% [markdown]
# **Groups.** AlexNet was trained on two graphics cards.
# Each card kept half of the channels,
# so the second layer's 5×5 filters read 48 channels instead of 96.
# Keras calls this `groups=2`: the channels are dealt out to two groups,
# half of the filters read the first, half the second.
# All 256 filters are still there, and so are their biases.
# Each filter is half as deep: 307,456 parameters instead of 614,656.

# %% [markdown]
# **First by hand.** Here are three layers of your own, each as `(n, c_in, filters, k)`:
# a picture of n×n pixels with `c_in` channels, and so many k×k filters, with biases,
# padded so that the size stays.
# Write the number of **parameters** of each layer where the dots stand, with commas between them.
# The text writes 1,773 because that is easier to read. In code write 1773:
# to Python the comma begins the next number. This holds in the whole lab.

# %%
lab.numbers("my_counts")

# %% tags=["question:conv_params:my_counts"]
my_counts = [
    ### BEGIN SOLUTION
    (k * k * c_in + 1) * filters for n, c_in, filters, k in lab.numbers("my_counts")
    ### END SOLUTION
]

# %% [markdown]
# **Then the rule.** Write `conv_params(k, c_in, c_out, bias, groups)`:
# filters of k×k, `c_in` channels in, `c_out` filters.
# `bias` says whether every filter has one.
# With `groups` above 1 a filter reads `c_in / groups` channels;
# you may take for granted that `groups` divides both `c_in` and `c_out`.

# %% tags=["question:conv_params"]
def conv_params(k, c_in, c_out, bias=True, groups=1):
    """Parameters of a convolution layer with c_out filters of k×k on c_in channels."""
    ### BEGIN SOLUTION
    one_filter = k * k * (c_in // groups)
    return (one_filter + int(bias)) * c_out
    ### END SOLUTION


# %% tags=["check:conv_params"]
check("conv_params")

# %% [markdown]
# ## 5.2 And if nothing were shared? ({points:fc_params})
#
# In a **dense** layer (fully connected, as in an MLP) every unit reads every input.
# A convolution departs from that in two steps.
# First cut connections: a unit reads its neighbourhood only.
# Then share: all units use the same weights, each at its own place.
# The picture shows both steps for a row of 8 values.

# %%
figures.sharing(8, 3)

# %% [markdown]
# > **Lecture, repaired.** One lecture says that sharing takes the weights "from $m^2$ to $k$".
# > That is the picture above: one row, one channel, one filter,
# > where $k$ is the filter's side. Dense, from 8 to 6 values, it has $8\cdot6 = 48$ weights;
# > with as many values out as in, which takes padding, it would be $m\cdot m = m^2$.
# > A real layer has two dimensions, channels and filters: $k^2\cdot c_\text{in}\cdot c_\text{out}$ weights.
# > Another slide announces that a CNN compresses a dense network "in two ways" and lists three.
# > Three it is: fewer connections, shared weights, and pooling, which leaves less for the layers behind it.

# %% [markdown]
# > **Lecture, repaired.** "Multiple convolutional layers as in a standard MLP" says too little.
# > The layers are stacked as in an MLP, but each of them shares its weights over all places.

# %% [markdown]
# The step in the middle has a name: a **locally connected** layer.
# At every place of its output it keeps filters of its own, biases included.
# Take AlexNet's first layer: 96 filters of 11×11×3, output 55×55×96.
#
# | the layer | parameters |
# |---|---|
# | shared (a convolution) | 34,944 |
# | locally connected | 105,705,600 |
# | dense, from 227×227×3 to 55×55×96 | 44,892,355,200 |
#
# Cutting saves a factor of 425, sharing another 3,025: one for every place.

# %% [markdown]
# Write two functions, both with all biases.
#
# - `fc_params(inputs, units)`: parameters of a dense layer that reads `inputs` values.
# - `locally_connected_params(height, width, k, c_in, c_out)`:
#   the **output** has height × width places and `c_out` maps,
#   every place has its own k×k filters on `c_in` channels, and its own biases.

# %% tags=["question:fc_params"]
def fc_params(inputs, units):
    """Parameters of a dense layer, biases included."""
    ### BEGIN SOLUTION
    return (inputs + 1) * units
    ### END SOLUTION


def locally_connected_params(height, width, k, c_in, c_out):
    """Parameters when each of the height × width places of the output has filters of its own."""
    ### BEGIN SOLUTION
    return height * width * (k * k * c_in + 1) * c_out
    ### END SOLUTION


# %% tags=["check:fc_params"]
check("fc_params")

# %% [markdown]
# > **Lecture, repaired.** To show what a convolution saves, one lecture asks
# > how large a dense layer would be with the same output, 32×32×10,
# > and computes $(32\cdot32\cdot3+1)\cdot(32\cdot32\cdot3)\cdot10 = 94{,}402{,}560$.
# > That layer has 30,720 units; the output has 10,240 values.
# > It should be $(3072+1)\cdot10{,}240 = 31{,}467{,}520$: a third of that, and still 41,405 times 760.
# >
# > The same lecture gives an MLP on 200×200 colour pixels $14.4\cdot10^9$ weights.
# > That is so only if the layer has as many units as inputs, which the slide does not say:
# > $120{,}000^2$ weights and 120,000 biases, together 14,400,120,000.

# %% [markdown]
# **A whole network.** LeNet-5 has 61,706 parameters. Here is where they are.
# With about as many parameters, 62,110, an MLP on the same 32×32 pixels affords one hidden layer of 60 units.
# LeNet-5's first layer computes 4,704 values with 156 parameters, because 784 places share them.

# %%
lenet = {
    "conv 5×5, 1 → 6": conv_params(5, 1, 6),
    "conv 5×5, 6 → 16": conv_params(5, 6, 16),
    "dense 400 → 120": fc_params(400, 120),
    "dense 120 → 84": fc_params(120, 84),
    "dense 84 → 10": fc_params(84, 10),
}
print("LeNet-5:          ", sum(count or 0 for count in lenet.values()), " should be 61706")
print("MLP 1024 → 60 → 10:", (fc_params(1024, 60) or 0) + (fc_params(60, 10) or 0), " should be 62110")

# %%
lenet_parameters = {
    "conv 5×5, 1 → 6": 156,
    "conv 5×5, 6 → 16": 2416,
    "dense 400 → 120": 48120,
    "dense 120 → 84": 10164,
    "dense 84 → 10": 850,
}
figures.bars(
    lenet_parameters,
    ylabel="parameters",
    title="LeNet-5: most of what it learns is in the first dense layer",
)

# %% [markdown]
# ## 5.3 How much work is it? ({points:macs})
#
# A filter's weights are few, but they are used again and again:
# every value of the output takes one multiplication and one addition for each weight.
# Such a pair is a **multiply-add**, MAC for short.
#
# LeNet-5's first layer has $28\cdot28\cdot6 = 4{,}704$ output values, and each filter has 25 weights:
# $4{,}704\cdot25 = 117{,}600$ multiply-adds.
# The lectures' 1×1 convolution from 64 to 32 channels, on 56×56 places,
# needs $56\cdot56\cdot32\cdot64 = 6{,}422{,}528$ of them, with 2,080 parameters.

# %% [markdown]
# Conventions differ between papers, so here are ours.
#
# - MACs are those of convolutions and dense layers, **without** the additions of the biases.
# - Pooling and flatten count 0: they compare or average, but no weight is multiplied.
# - One MAC is two floating-point operations: FLOPs = 2 · MACs.
#   Many papers write "FLOPs" where they count multiply-adds. Always ask which.

# %% [markdown]
# Write `macs(layer, shape)` for one layer, in the notation of lab 04:
#
# - `("conv", filters, f, s, p)`, `("pool", f, s)`: filter side, stride, padding on each side;
# - `("flatten",)`, `("dense", units)`.
#
# `shape` is what goes **in**: `(height, width, channels)`, or `(inputs,)` for a dense layer.
# Height and width may differ. Divisions that do not fit are rounded down, as in lab 04.

# %% tags=["question:macs"]
def macs(layer, shape):
    """Multiply-adds of one layer for one image, biases not counted."""
    ### BEGIN SOLUTION
    kind, *numbers = layer
    if kind == "conv":
        filters, f, s, p = numbers
        places = ((shape[0] + 2 * p - f) // s + 1) * ((shape[1] + 2 * p - f) // s + 1)
        return places * filters * f * f * shape[2]
    if kind == "dense":
        return shape[0] * numbers[0]
    return 0
    ### END SOLUTION


# %% tags=["check:macs"]
check("macs")

# %% [markdown]
# ## 5.4 VGG-16, row by row ({points:vgg_table})
#
# One lecture prints VGG-16 as a table: for each layer the values that it gives, and its weights.
# It begins with the picture, $224\cdot224\cdot3 = 150{,}528$ values and nothing to learn.
# The first layer gives $224\cdot224\cdot64 = 3{,}211{,}264$ values with $3\cdot3\cdot3\cdot64 = 1{,}728$ weights.
# Each value takes four bytes, because Keras computes in `float32`.
# While a network trains, all of them are kept,
# because each layer's values are used once more when its weights are corrected, from the last layer back to the first.

# %% [markdown]
# The table's rules: every convolution is 3×3, padded so that height and width stay.
# Every pooling is 2×2 with stride 2. At the end stand three dense layers of 4096, 4096 and 1000 units.
# So a list of widths and poolings says it all:

# %%
vgg16 = [64, 64, "pool", 128, 128, "pool", 256, 256, 256, "pool", 512, 512, 512, "pool", 512, 512, 512, "pool"]

# %% [markdown]
# **Predict**, before you count. Where are most of VGG-16's parameters:
# in the first convolutions, in the last ones, or in the dense layers?
# And where are most of its values? Write it down; there is no check.

# %%
most_parameters = None
most_values = None

# %% [markdown]
# Write `vgg_table(column, bias)`: a list with one pair `(values, parameters)` for each row, in order:
# the input (224×224×3), every entry of `column`, then the three dense layers.
# For `vgg16` that makes 22 pairs.
#
# - `values` is how many numbers the row gives, for one image: values, not bytes, throughout this section.
#   The rows of pooling count too.
# - `parameters` counts biases only if `bias` is `True`.
#
# The function must do for other columns as well.

# %% tags=["question:vgg_table"]
def vgg_table(column, bias=True):
    """Rows (values, parameters) of a VGG network: input, each entry of column, three dense layers."""
    ### BEGIN SOLUTION
    side, channels = 224, 3
    rows = [(side * side * channels, 0)]
    for entry in column:
        parameters = 0
        if entry == "pool":
            side = side // 2
        else:
            parameters = conv_params(3, channels, entry, bias)
            channels = entry
        rows.append((side * side * channels, parameters))
    inputs = side * side * channels
    for units in (4096, 4096, 1000):
        rows.append((units, (inputs + int(bias)) * units))
        inputs = units
    return rows
    ### END SOLUTION


# %% [markdown]
# The lecture gives no totals. Add them up for VGG-16, with your function or by any other way:
#
# - `total_values`: all values of the table, the input's row included;
# - `total_weights`: all parameters **without** biases;
# - `total_parameters`: all parameters **with** biases;
# - `total_bytes`: what these parameters, with biases, take as `float32`, in bytes.

# %% tags=["question:vgg_table:totals"]
total_values = (
    ### BEGIN SOLUTION
    sum(values for values, parameters in vgg_table(vgg16))
    ### END SOLUTION
)
total_weights = (
    ### BEGIN SOLUTION
    sum(parameters for values, parameters in vgg_table(vgg16, bias=False))
    ### END SOLUTION
)
total_parameters = (
    ### BEGIN SOLUTION
    sum(parameters for values, parameters in vgg_table(vgg16, bias=True))
    ### END SOLUTION
)
total_bytes = (
    ### BEGIN SOLUTION
    4 * total_parameters
    ### END SOLUTION
)

# %% tags=["check:vgg_table"]
check("vgg_table")

# %% [markdown]
# > **Lecture, repaired.** You will meet both of your totals as "the" number of VGG-16's parameters.
# > Neither is a slip: between them are the biases, 0.01 % of the whole,
# > and both round to the lecture's 138 M.
# > The lecture calls the bytes "almost 600 MB". Divide yours by a million (MB), and by $2^{20}$ (MiB), and compare.
# >
# > For the values many notes print a total of 24 M, or 93 MB.
# > Their own rows add up to what you have found: not even two thirds of that, for one image on the way forward.

# %% [markdown]
# ### Where the costs are
#
# Does Keras agree? We let it build VGG-16 and AlexNet and count.
# Inside `lazily()` no weight is made: Keras works out shapes only,
# so that half a gigabyte of weights costs nothing and the cell answers at once.
# Activations are left out: they change no count.
# (This is the first cell that needs TensorFlow; the import takes a moment.)

# %%
with device.quiet():  # TensorFlow greets its developers when it starts
    import keras
from keras import layers


def vgg_model(head=(4096, 4096), widths=(64, 128, 256, 512, 512), repeats=(2, 2, 3, 3, 3)):
    stack = [keras.Input((224, 224, 3), name="input")]
    for block, (width, repeat) in enumerate(zip(widths, repeats), start=1):
        for number in range(1, repeat + 1):
            stack.append(layers.Conv2D(width, 3, padding="same", name=f"conv{block}_{number}"))
        stack.append(layers.MaxPooling2D(name=f"pool{block}"))
    flat = layers.Flatten(name="flatten") if head else layers.GlobalAveragePooling2D(name="average")
    dense = [layers.Dense(units, name=f"fc{6 + i}") for i, units in enumerate((*head, 1000))]
    return keras.Sequential([*stack, flat, *dense])


# %%
def alexnet_model():
    stack = [keras.Input((227, 227, 3))]
    settings = [(96, 11, 4), (256, 5, 1), (384, 3, 1), (384, 3, 1), (256, 3, 1)]
    for number, (filters, side, stride) in enumerate(settings, start=1):
        padding = "valid" if number == 1 else "same"
        stack.append(layers.Conv2D(filters, side, stride, padding, name=f"conv{number}"))
        if number in (1, 2, 5):
            stack.append(layers.MaxPooling2D(3, 2, name=f"pool{number}"))
    dense = [layers.Dense(units, name=f"fc{6 + i}") for i, units in enumerate((4096, 4096, 1000))]
    return keras.Sequential([*stack, layers.Flatten(name="flatten"), *dense])


# %%
begin = time.perf_counter()
with lazily():
    vgg, alexnet = vgg_model(), alexnet_model()
seconds = time.perf_counter() - begin
print("200 million parameters, no weights:", "under a second" if seconds < 1 else f"{seconds:.0f} s")

# %%
yours = "not answered yet" if total_parameters is ... else total_parameters
print("VGG-16: ", vgg.count_params(), " yours:", yours)
print("AlexNet:", alexnet.count_params(), " should be 62378344 (60965224 in two groups)")

# %% [markdown]
# Now ask every layer for the three costs: parameters, values kept, multiply-adds.
# A Keras layer knows its output's shape and its kernel's shape;
# each weight of the kernel is used once at every place.
# The values stand under the key `memory`, as numbers, not as bytes.

# %%
def costs(model):
    rows = [{"name": "input", "params": 0, "memory": math.prod(model.input_shape[1:]), "macs": 0}]
    for layer in model.layers:
        shape = layer.output.shape[1:]
        if layer.name != "flatten":  # the same values again, written in one row
            work = math.prod(shape[:-1]) * math.prod(layer.kernel.shape) if hasattr(layer, "kernel") else 0
            values = math.prod(shape)
            rows.append({"name": layer.name, "params": layer.count_params(), "memory": values, "macs": work})
    return rows


figures.cost_bars({"VGG-16": costs(vgg), "AlexNet": costs(alexnet)})

# %% [markdown]
# Compare with your guess. The dense layers hold 89.4 % of VGG-16's parameters and 94.0 % of AlexNet's,
# yet they do next to none of the work in VGG-16.
# The values are at the other end: the first block alone, with its pooling, keeps 47 % of them.
# And the multiply-adds, 15.5 billion for one picture, are spread over the convolutions.
# So there is no single "size" of a network. Ask what is scarce: disk, memory or time.

# %% [markdown]
# > **Lecture, repaired.** "More layers are better because there are more parameters."
# > The bars say otherwise: nine tenths of VGG-16's parameters are in three dense layers.
# > VGG-19 has eight layers more than VGG-11 and only 8 % more parameters (143.7 M against 132.9 M).
# > ResNet-34 has 34 layers, 21.8 M parameters, and makes fewer errors than either.
# > Depth and number of parameters are two different things.

# %% [markdown]
# **Predict.** The same lecture shows two Keras programs for 28×28 pixels.
# The first has five convolutions (one with 64 filters of 7×7, then 128, 128, 256, 256 of 3×3)
# and three dense layers (128, 64, 10).
# The second has two convolutions (32 and 64 filters of 3×3) and two dense layers (1024, 10).
# Which has more parameters?

# %%
my_guess = None  # "first" or "second"
conv, pool = layers.Conv2D, layers.MaxPooling2D
with lazily():
    five = [conv(64, 7, padding="same"), pool()]
    for width in (128, 256):
        five += [conv(width, 3, padding="same"), conv(width, 3, padding="same"), pool()]
    five += [layers.Flatten(), layers.Dense(128), layers.Dense(64), layers.Dense(10)]
    short = [conv(32, 3), pool(), conv(64, 3), pool(), layers.Flatten(), layers.Dense(1024), layers.Dense(10)]
    for stack, known in ((five, "1,413,834"), (short, "1,668,490")):
        model = keras.Sequential([keras.Input((28, 28, 1)), *stack])
        print(f"{model.count_params():,}", " should be", known, " your guess:", my_guess)

# %% [markdown]
# The second one: its first dense layer reads $5\cdot5\cdot64 = 1600$ values with 1024 units,
# which alone is 1.6 million.
# On 32×32×3 pixels the same program has 2,389,962 parameters.
# The convolutions hardly notice; the dense layer behind them does.

# %% [markdown]
# ## 5.5 Two small filters or one large one? ({points:stacks})
#
# A value behind two 3×3 convolutions depends on 5×5 pixels: the second filter adds one pixel on each side.
# Three of them see 7×7, and $n$ of them $2n+1$.
# So a stack of small filters can stand in for one large filter,
# and after each layer its values are bent once more (by a ReLU, say; lab 06):
# there is a **non-linearity** after each. What does it cost?
#
# A $k\times k$ layer has $k^2\cdot c_\text{in}\cdot c_\text{out}$ weights (we leave the biases out here).
# With $c$ channels everywhere, two 3×3 layers have $2\cdot9\,c^2 = 18\,c^2$ and one 5×5 layer has $25\,c^2$:
# the stack saves 28 %.

# %% [markdown]
# **A slide to repair.** "A 5×5 filter has 25/9 more weights than a 3×3 filter."
# Write the pair `(how many times as many, how many times more)`.
# As a comparison: 30 is 3 times as many as 10, and 2 times more than 10.
# In this pair fractions are fine, and so are two decimals.
#
# **By hand.** Here are two stacks of your own, `(c_in, c_mid, c_out)`:
# a 3×3 layer from `c_in` to `c_mid` channels, then one from `c_mid` to `c_out`.
# For each write the pair (weights of the stack, weights of one 5×5 layer from `c_in` to `c_out`), without biases.

# %%
lab.numbers("my_stacks")

# %% tags=["question:stacks:by_hand"]
five_against_three = (
    ### BEGIN SOLUTION
    25 / 9,
    25 / 9 - 1,
    ### END SOLUTION
)
my_stacks = [
    ### BEGIN SOLUTION
    (9 * a * b + 9 * b * d, 25 * a * d) for a, b, d in lab.numbers("my_stacks")
    ### END SOLUTION
]

# %% [markdown]
# **Then the rule.** Write `stack_ratio(widths)`.
# The list `widths` has the channels before, between and after the layers:
# `[64, 32, 128]` is a 3×3 layer from 64 to 32 channels and one from 32 to 128.
# Return the stack's weights **divided by** the weights of the one layer that sees as far,
# from the first width to the last. There may be one layer, or five. No biases.
# This ratio is **not** rounded.

# %% tags=["question:stacks"]
def stack_ratio(widths):
    """Weights of a stack of 3×3 layers divided by those of one layer with the same view."""
    ### BEGIN SOLUTION
    count = len(widths) - 1
    stack = sum(9 * widths[i] * widths[i + 1] for i in range(count))
    side = 2 * count + 1
    return stack / (side * side * widths[0] * widths[-1])
    ### END SOLUTION


# %% tags=["check:stacks"]
check("stacks")

# %%
middles = range(8, 129, 8)
figures.curve(
    {
        "two 3×3 to one 5×5": (list(middles), [stack_ratio([64, c, 64]) or 0 for c in middles]),
        "three 3×3 to one 7×7": (list(middles), [stack_ratio([64, c, c, 64]) or 0 for c in middles]),
        "as many weights": ([8, 128], [1, 1]),
    },
    xlabel="width between (channels)",
    ylabel="weights, stack / single",
    title="64 channels before and after",
)

# %% [markdown]
# > **Lecture, repaired.** "Times as many" and "times more" always differ by one, as with 30 and 10 above.
# > The slide gives the first number and calls it by the second's name.
# > The next slide gives two 3×3 layers $2\cdot3^2\cdot c_\text{in}\cdot c_\text{out}$ weights.
# > That is right only if the width between equals both: in truth it is
# > $3^2\cdot c_\text{in}\cdot c_\text{mid} + 3^2\cdot c_\text{mid}\cdot c_\text{out}$.
# > With 64 channels at both ends two layers are cheaper up to 88 channels between, and dearer from 89 on;
# > for three layers, with two equal widths between, the last cheaper width is 98.

# %% [markdown]
# ## 5.6 The case of the missing layers ({points:missing_layers})
#
# The VGG paper describes six networks as columns of one table.
# In the lectures it stands twice, and both copies have slipped while they were typed.
# You can find out what was lost, because two things are known:
# how many layers with weights each network has (it stands above the column), and how many parameters.
# `conv3-256` is a 3×3 convolution with 256 filters, `conv1-256` a 1×1 one,
# and `FC-4096` a dense layer of 4096 units.
# `LRN`, local response normalisation, scales each value by its neighbours in other channels; it has no weights.

# %%
def names_in(text):  # names of a column's layers; | stands for maxpool
    return (text.replace("|", "maxpool") + " maxpool FC-4096 FC-4096 FC-1000").split()


pairs = "| conv3-256 conv3-256 | conv3-512 conv3-512 | conv3-512 conv3-512"
fours = "| " + 4 * "conv3-256 " + 2 * ("| " + 4 * "conv3-512 ")
first_copy = {
    "A (11)": names_in("conv3-64 | conv3-128 " + pairs),
    "A-LRN (11)": names_in("conv3-64 LRN | conv3-128 " + pairs),
    "B (13)": names_in("conv3-64 conv3-64 | conv3-128 " + pairs),
    "C (16)": names_in("conv3-64 conv3-64 | conv3-128 conv3-128 " + pairs),
    "D (16)": names_in("conv3-64 conv3-64 | conv3-128 conv3-128 " + pairs),
    "E (19)": names_in("conv3-64 conv3-64 | conv3-128 conv3-128 " + fours),
}
figures.columns(first_copy)

# %% [markdown]
# The second copy has the columns B to E only.
# Above each stands again how many layers with weights the paper's network has.
# Compare that with what is printed below it.

# %%
start_of_all = "conv3-64 conv3-64 | conv3-128 conv3-128 "
ones = "| conv3-256 conv3-256 conv1-256 | conv3-512 conv3-512 conv1-512 | conv3-512 conv3-512 conv1-512"
second_copy = {
    "B (13)": names_in(start_of_all + ones),
    "C (16)": names_in(start_of_all + ones.replace("conv1", "conv3")),
    "D (16)": names_in(start_of_all + ones.replace("conv1", "conv3")),
    "E (19)": names_in(start_of_all + ones.replace("conv1", "conv3")),
}
figures.columns(second_copy)

# %% [markdown]
# These are the parameters, with biases: what the paper's network has, and what the printed layers have.
# (A and A-LRN have equally many.)
#
# | column | the paper's | first copy, as printed | second copy, as printed |
# |---|---|---|---|
# | A | 132,863,336 | 132,863,336 | |
# | B | 133,047,848 | 132,900,264 | 133,638,952 |
# | C | 133,638,952 | 133,047,848 | 138,357,544 |
# | D | 138,357,544 | 133,047,848 | 138,357,544 |
# | E | 143,667,240 | 143,667,240 | 138,357,544 |
#
# The paper rounds them: 133, 133, 134, 138 and 144 million.

# %% [markdown]
# Write `weight_layers(column)`: how many layers of a list of names have weights.
# Names are `conv3-…`, `conv1-…`, `FC-…`, `maxpool`, `LRN` and `soft-max`;
# the last has no weights either. It ends every column of the paper, and the pictures above leave it out.
#
# Then be the detective. Each answer is a list of names such as `"conv3-64", "conv1-64"`,
# in any order, a name as often as the layer is meant:
#
# - `missing_b`, `missing_c`, `missing_d`: what these columns of the **first** copy lack.
# - `moved_b`: what stands in B of the **second** copy but belongs elsewhere.
# - `missing_e`: what E of the second copy lacks.

# %% tags=["question:missing_layers"]
def weight_layers(column):
    """Number of layers with weights among a column's names."""
    ### BEGIN SOLUTION
    return sum(name.startswith(("conv", "FC")) for name in column)
    ### END SOLUTION


# %%
for name, names in first_copy.items():
    print(name, "printed:", weight_layers(names) or "not answered yet")

# %% tags=["question:missing_layers:lists"]
missing_b = [
    ### BEGIN SOLUTION
    "conv3-128",
    ### END SOLUTION
]
missing_c = [
    ### BEGIN SOLUTION
    "conv1-256",
    "conv1-512",
    "conv1-512",
    ### END SOLUTION
]
missing_d = [
    ### BEGIN SOLUTION
    "conv3-256",
    "conv3-512",
    "conv3-512",
    ### END SOLUTION
]
moved_b = [
    ### BEGIN SOLUTION
    "conv1-256",
    "conv1-512",
    "conv1-512",
    ### END SOLUTION
]
missing_e = [
    ### BEGIN SOLUTION
    "conv3-256",
    "conv3-512",
    "conv3-512",
    ### END SOLUTION
]

# %% tags=["check:missing_layers"]
check("missing_layers")

# %% [markdown]
# > **Lecture, repaired.** The first copy has lost layers in three columns,
# > the second has moved some from one column to another and lost some in the last.
# > Your five lists put both right: the headers and the parameters then agree in every column.
# > One more sentence from these slides, "VGGNet used only 3×3 filters", is not quite true either,
# > as you know now. The other filters add 591,104 parameters and see no further than before:
# > what they add is one more non-linearity in a block.

# %% [markdown]
# ## 5.7 Two slides to repair ({points:repair_slides})
#
# Explain to a fellow student what is wrong with each sentence, and what would be right.
# Use numbers where you can. Three to six sentences in all; a person reads them.
#
# - **Slide A**, on pooling: "Uses pooling instead of strides, again reducing the number of parameters."
# - **Slide B**, on ResNet-34 and VGG-19: "fewer parameters (3.6 against 19.6 billion FLOPs)".
#
# Your functions and the bars of 5.4 can help. ResNet-34 has 21.8 million parameters
# (21.6 million with shortcuts that learn nothing).

# %% [markdown] tags=["essay:repair_slides:4"]
# Slide A: a convolution has (k·k·c_in + 1)·c_out parameters, and neither its stride nor a pooling layer is in this sum.
# Pooling and strides both make the maps smaller.
# That saves values and multiply-adds, and weights only in a dense layer that reads the maps later:
# 7·7·512 values instead of 14·14·512 make VGG-16's first dense layer a quarter as large.
#
# Slide B: 3.6 and 19.6 billion are multiply-adds for one picture, which is work, not parameters.
# In parameters it is 21.6 million for ResNet-34 (its shortcuts learn nothing) against 143.7 million for VGG-19.
# So VGG-19 has 6.6 times as many parameters and does 5.4 times as much work
# (19,632,062,464 against 3,644,493,824 multiply-adds).

# %% [markdown]
# ## Free play (not graded)
#
# Almost nine tenths of VGG-16 are three dense layers. Later networks throw them out:
# they take the **average of each map**, 512 numbers, and put one small dense layer behind.
# Build that network and see where the bars go.
# Then try your own: `head=(256,)`, other `widths`, other `repeats`.
# What does it take to halve the multiply-adds? What to halve the values?

# %%
with lazily():
    averaged = vgg_model(head=())
    narrow = vgg_model(head=(256,), widths=(32, 64, 128, 256, 256))
for name, model in {"VGG-16": vgg, "with averages": averaged, "half as wide": narrow}.items():
    rows = costs(model)
    totals = [sum(row[key] for row in rows) for key in ("params", "memory", "macs")]
    print(f"{name:14} {totals[0]:>11,} parameters {totals[1]:>10,} values {totals[2]:>14,} MACs")

# %%
figures.cost_bars({"VGG-16 with averages": costs(averaged)})

# %% [markdown]
# Nine tenths of the parameters are gone: 15,227,688 are left. The work is almost what it was.
# Half the width is a quarter of the work, since both $c_\text{in}$ and $c_\text{out}$ halve,
# but half of the values.

# %% [markdown]
# ## What you take with you
#
# - A convolution has $(k^2\,c_\text{in}+1)\,c_\text{out}$ parameters; the picture's size does not matter.
# - Its multiply-adds are its weights times the places of its output. FLOPs are twice that, if they are FLOPs.
# - Dense layers hold the parameters, early layers the values, convolutions the work.
# - Stacked 3×3 filters are cheaper than one large filter, unless the width between is large.
#
# **Read on.** K. Simonyan and A. Zisserman, *Very deep convolutional networks for large-scale image recognition* (2015),
# section 2.3, argues for small filters with the numbers of 5.5.
# In the next lab you meet the layers without parameters: activations and pooling.

# %%
lab.score()
