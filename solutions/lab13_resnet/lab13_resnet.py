# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.lab13_resnet
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 13 · ResNet
#
# **You will learn** to build residual blocks with each of their three kinds of shortcut,
# and ResNet-18, -34 and -50 out of them;
# to measure that a deeper plain network trains worse, and that shortcuts cure it;
# and to tell this **degradation** from vanishing gradients, with which it is often confused.
#
# **You need** Keras' functional style (lab 09), output sizes (lab 04), and how costs are counted (lab 05).
# **It takes** about three hours. There are 44 points, 6 of them for a text that a person reads.

# %% [markdown]
# Answer in the cells that say `# your code here`, then run the `check(...)` cell below.
# You may check as often as you like; `hint("basic_block")` in a new cell opens a hint for that question.
#
# The checks put weights of their own into your networks and compare what comes out.
# So names of layers do not matter, nor does it matter how you write the code;
# what counts is what the network computes.
# "The lectures" are four public lectures on convolutional networks, which this course follows.

# %%
try:
    from course import check, hint, start
except ModuleNotFoundError:  # on Colab: install the course, and only what is missing there
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
    from course import check, hint, start

lab = start("lab13_resnet", learner="")
lab

# %%
import numpy as np

from course import clinic, device, figures
from course.given import tiny_digit_labels, tiny_digits
from course.progress import progress
from course.tables import layer_table

with device.quiet():  # TensorFlow greets its developers when it starts
    import keras
from keras import layers, ops

# %% [markdown]
# (`keras` by itself and `tf.keras` are the same since TensorFlow 2.16.)
#
# ## 13.1 A block that may do nothing ({points:basic_block})
#
# Take a network that works, and put two more layers behind it.
# It should not get worse: the new layers could learn to pass on what they are given.
# But in 2015 deep networks did get worse, even on the images that they were trained on.
# To pass on its input, a stack of convolutions has to find a very particular set of weights.
# What if passing on were the starting point?

# %% [markdown]
# Call $H(x)$ what a few layers should compute from their input $x$.
# A **residual block** lets the layers learn only the difference, the residual $F(x) = H(x) - x$,
# and adds the input again:
#
# $$H(x) = F(x) + x$$
#
# To do nothing, the block needs $F(x) = 0$: all weights at zero.
# The line that carries $x$ around the layers is the **shortcut**, or skip connection.
# It costs an addition, and nothing has to be learned for it.
# The gradient takes it too: $\partial H / \partial x = \partial F / \partial x + 1$,
# so on its way back something always arrives.

# %%
basic = ["conv 3×3", "norm", "ReLU", "conv 3×3", "norm"]
figures.block_diagrams(
    {
        "plain, no shortcut": ([*basic, "ReLU"], None),
        "the shape stays": ([*basic, "add", "ReLU"], ""),
        "new shape, A": ([*basic, "add", "ReLU"], "every 2nd pixel, zeros"),
        "new shape, B": ([*basic, "add", "ReLU"], "conv 1×1, norm"),
    },
    note="Solid line: the input as it is. Dashed: it is changed first, so that its shape fits.",
)

# %% [markdown]
# > **Lecture, repaired.** "$H(x)$ maps the input to the receptive field."
# > It does not: $H(x)$ is the output that is desired of these layers, of the same kind as $x$, many maps.
# > The receptive field is the part of the picture that one number depends on; you met it in lab 07.

# %% [markdown]
# In the figure "norm" is **batch normalisation**.
# While training, it subtracts each map's mean over the batch and divides by the standard deviation;
# then it scales by a learned $\gamma$ and adds a learned $\beta$.
# A bias before it would be subtracted again at once, so these convolutions have none.
# For predictions it uses means and variances that it has averaged over the past batches.
# So it keeps four numbers for each map: $\gamma$ and $\beta$, and a mean and a variance that are not trained.

# %% [markdown]
# Where a block has stride 2 or new maps, $x$ does not fit the sum any more. He et al. try three ways:
#
# - **A**: every stride-th pixel of $x$ in both directions, from the first pixel on;
#   the maps that are missing are zeros, put behind the maps that are there. Nothing to learn.
# - **B**: a 1×1 convolution with that stride and the new number of maps, and its batch normalisation:
#   a **projection**. Where the shape stays, $x$ itself.
# - **C**: a projection in every block, also where the shape stays.

# %% [markdown]
# **Predict** how many parameters the block has that turns 64 maps into 128 with stride 2, for A and for B.
# Convolutions: $3 \cdot 3 \cdot 64 \cdot 128$ and $3 \cdot 3 \cdot 128 \cdot 128$ weights;
# each normalisation of 128 maps keeps 4 · 128 numbers; B adds $64 \cdot 128$ and a third normalisation.
# Write your guesses instead of `None`.

# %%
my_guess = (None, None)
print("your guess:", my_guess, "  A and B:", (222_208, 230_912))

# %% [markdown]
# Write `basic_block(x, maps, stride=1, shortcut="B")`. It takes a symbolic tensor `x`, as `keras.Input(...)` or a layer makes,
# and returns the block's output, a tensor again.
#
# - Convolution 3×3 with the stride, normalisation, ReLU; convolution 3×3, normalisation; addition; ReLU.
# - Convolutions have no bias; the projection has a normalisation and no ReLU of its own.
# - The shape changes if the stride is not 1 **or** `x` has another number of maps than `maps`.
# - Padding keeps the size at stride 1. At stride 2, `padding="same"` and one zero on each side
#   differ for even sides; the checks use odd ones, where they agree, so both are right.
# - `normed` is a helper that you may fill in and use, or delete. Nothing checks it.

# %% tags=["question:basic_block"]
def normed(x, maps, kernel, stride=1):
    """A convolution without bias, then batch normalisation."""
    ### BEGIN SOLUTION
    x = layers.Conv2D(maps, kernel, strides=stride, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)
    ### END SOLUTION


def basic_block(x, maps, stride=1, shortcut="B"):
    """The basic residual block: symbolic tensor -> symbolic tensor; shortcut is "A", "B" or "C"."""
    ### BEGIN SOLUTION
    y = layers.ReLU()(normed(x, maps, 3, stride))
    y = normed(y, maps, 3)
    changes = stride != 1 or x.shape[-1] != maps
    if shortcut == "C" or (shortcut == "B" and changes):
        x = normed(x, maps, 1, stride)
    elif changes:
        new = maps - x.shape[-1]
        x = ops.pad(x[:, ::stride, ::stride], ((0, 0), (0, 0), (0, 0), (0, new)))
    return layers.ReLU()(layers.Add()([y, x]))
    ### END SOLUTION


# %% tags=["check:basic_block"]
check("basic_block")

# %% [markdown]
# Here are the numbers of your block from 64 to 128 maps at stride 2, beside what they should be.
# B and C agree, since the shape changes; they differ in blocks that keep it.

# %%
for shortcut, expected in [("A", 222_208), ("B", 230_912), ("C", 230_912)]:
    x = keras.Input((56, 56, 64))
    output = basic_block(x, 128, 2, shortcut)
    count = None if output is None else keras.Model(x, output).count_params()
    print("shortcut", shortcut, "->", count, " expected", expected)

# %% [markdown]
# ## 13.2 The bottleneck ({points:bottleneck})
#
# With 256 maps a basic block has two convolutions of $3 \cdot 3 \cdot 256 \cdot 256$ weights, 1,179,648 together.
# ResNet-50 and the deeper ones use a cheaper block. A 1×1 convolution first reduces 256 maps to 64,
# the 3×3 works on these 64, and another 1×1 leads back to 256:
# $256 \cdot 64 + 9 \cdot 64 \cdot 64 + 64 \cdot 256 = 69{,}632$ weights.
# The narrow part in the middle gives the **bottleneck** its name.

# %%
figures.block_diagrams(
    {
        "basic block": ([*basic, "add", "ReLU"], ""),
        "bottleneck": (
            ["conv 1×1, 64", "norm", "ReLU", "conv 3×3, 64", "norm", "ReLU", "conv 1×1, 256", "norm", "add", "ReLU"],
            "",
        ),
    }
)

# %% [markdown]
# > **Lecture, repaired.** "A residual block has two stacked convolutions."
# > The basic block has two. ResNet-50, -101 and -152 are made of bottlenecks, which have three.
# > And the network that the lecture calls "ResNet-100" is ResNet-101:
# > 33 bottlenecks of 3 layers, the first convolution, and the last dense layer.

# %% [markdown]
# Write `bottleneck(x, maps, stride=1)`, where `maps` is the number of maps **in the middle**:
#
# - 1×1 to `maps` maps with the stride, normalisation, ReLU; 3×3 with `maps` maps, normalisation, ReLU;
#   1×1 to 4 · `maps` maps, normalisation; addition; ReLU.
# - Shortcut B: a projection to 4 · `maps` maps where the shape changes, else `x`.
#
# This is version 1, of the paper. Many libraries give the stride to the 3×3 instead, as **version 1.5**:
# the same number of parameters, 6 % more multiply-adds, a slightly better accuracy.

# %% tags=["question:bottleneck"]
def bottleneck(x, maps, stride=1):
    """The bottleneck: symbolic tensor -> symbolic tensor with 4 · maps maps."""
    ### BEGIN SOLUTION
    y = layers.ReLU()(normed(x, maps, 1, stride))
    y = layers.ReLU()(normed(y, maps, 3))
    y = normed(y, 4 * maps, 1)
    if stride != 1 or x.shape[-1] != 4 * maps:
        x = normed(x, 4 * maps, 1, stride)
    return layers.ReLU()(layers.Add()([y, x]))
    ### END SOLUTION


# %% tags=["check:bottleneck"]
check("bottleneck")

# %% [markdown]
# ## 13.3 ResNet-18, -34 and -50 ({points:resnet})
#
# The whole network is the same frame with more or fewer blocks.
# Blocks with equally many maps, one behind the other, are a **stage**; "/2" means stride 2:
#
# | | output | 18 layers | 34 layers | 50 layers |
# |---|---|---|---|---|
# | conv1 7×7/2, norm, ReLU | 112×112×64 | | | |
# | max pooling 3×3/2 | 56×56×64 | | | |
# | stage 1: 64 maps | 56×56 | 2 blocks | 3 | 3 bottlenecks |
# | stage 2: 128 maps | 28×28 | 2 | 4 | 4 |
# | stage 3: 256 maps | 14×14 | 2 | 6 | 6 |
# | stage 4: 512 maps | 7×7 | 2 | 3 | 3 |
# | global average pooling, dense, softmax | classes | | | |

# %% [markdown]
# The first block of stages 2, 3 and 4 has stride 2; every other block has stride 1.
# In ResNet-50 the last 1×1 gives four times the maps of the table, so its stages end with 256, 512, 1024 and 2048.
#
# The pooling is padded: 112 becomes 56.
# With `padding="valid"` it would be 55, and no parameter would tell you.
#
# Write `resnet(depth, shortcut="B", classes=1000, width=1.0, shape=(224, 224, 3))`; it returns a Keras model.
# With 50 layers the shortcut is always B.
# `width` makes a narrow network for quick trials: every number of maps is `round(maps * width)`, in a bottleneck
# the number in the middle; `classes` stays.

# %% tags=["question:resnet"]
def resnet(depth, shortcut="B", classes=1000, width=1.0, shape=(224, 224, 3)):
    """ResNet-18, -34 or -50 for images of this shape (height, width, channels)."""
    ### BEGIN SOLUTION
    blocks = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}[depth]
    inputs = keras.Input(shape)
    x = layers.ReLU()(normed(inputs, round(64 * width), 7, 2))
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for stage, count in enumerate(blocks):
        for number in range(count):
            stride = 2 if stage > 0 and number == 0 else 1
            maps = round(64 * 2**stage * width)
            x = bottleneck(x, maps, stride) if depth == 50 else basic_block(x, maps, stride, shortcut)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))
    ### END SOLUTION


# %% tags=["check:resnet"]
check("resnet")

# %% [markdown]
# Building ResNet-50 in full takes 100 MB. `lazily()` builds it without making a single weight,
# which is enough to count: parameters, as `count_params()` has them with the moving means and variances,
# and multiply-adds for one image.

# %%
from course import lazily

expected = {
    (18, "A"): (11_523_496, 1_794_805_760), (18, "B"): (11_699_112, 1_814_073_344),
    (34, "A"): (21_639_080, 3_644_493_824), (34, "B"): (21_814_696, 3_663_761_408),
    (34, "C"): (22_739_624, 3_830_747_136), (50, "B"): (25_610_152, 3_857_973_248),
}
for (depth, shortcut), numbers in expected.items():
    with lazily():
        model = resnet(depth, shortcut)
        table = None if model is None else layer_table(model)
    received = table and (table.parameters, table.multiply_adds)
    print(f"ResNet-{depth} {shortcut}:", received, " expected", numbers)

# %% [markdown]
# Trainable parameters are fewer: 11,689,512 in ResNet-18 B and 25,557,032 in ResNet-50.
# With biases in its convolutions, as in `keras.applications`, ResNet-50 counts 25,636,712 in all, trainable or not.
# Where does ResNet-34 do its work?

# %%
with lazily():
    model = resnet(34)
    table = None if model is None else layer_table(model)
sides = {f"stage {number}, {side}×{side}": side for number, side in enumerate((112, 56, 28, 14, 7))}
macs = {
    name.replace("stage 0", "conv1"): sum(row.multiply_adds for row in table.rows if row.output[0] == side) / 1e9
    for name, side in sides.items()
} if table else {"not built yet": 0}  # fmt: skip
figures.bars(macs, ylabel="multiply-adds (billions)", title="ResNet-34 B: each stage halves the sides, doubles the maps")

# %% [markdown]
# ## 13.4 The plain twin ({points:plain34})
#
# To find out what shortcuts are good for, one needs the same network without them.
# Shortcut A has no parameters, so ResNet-34 A and the plain network have exactly as many, 21,639,080,
# and as many multiply-adds. A summary can hardly tell them apart. How would you find out?
#
# A probe: set every 3×3 kernel to zero and show two different images.
# In the plain network nothing gets through. **Predict** what gets through in the other.
#
# Write `plain34(classes=1000, width=1.0, shape=(224, 224, 3))`: each pair of 3×3 convolutions has its ReLU
# after the first and after the second, as in the block, and nothing is added.

# %% tags=["question:plain34"]
def plain34(classes=1000, width=1.0, shape=(224, 224, 3)):
    """ResNet-34 without shortcuts."""
    ### BEGIN SOLUTION
    inputs = keras.Input(shape)
    x = layers.ReLU()(normed(inputs, round(64 * width), 7, 2))
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for stage, count in enumerate((3, 4, 6, 3)):
        for number in range(2 * count):
            stride = 2 if stage > 0 and number == 0 else 1
            x = layers.ReLU()(normed(x, round(64 * 2**stage * width), 3, stride))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))
    ### END SOLUTION


# %% tags=["check:plain34"]
check("plain34")

# %%
def probe(model):
    """How much two images differ at the output once every 3×3 kernel is zero."""
    for weight in model.weights:
        if tuple(weight.shape[:2]) == (3, 3):
            weight.assign(ops.zeros_like(weight))
    images = np.random.default_rng(0).random((2, 33, 65, 3)).astype("float32")
    first, second = ops.convert_to_numpy(model(images, training=False))
    return float(np.abs(first - second).max())


pair = {"plain-34": plain34(10, 1 / 8, (33, 65, 3)), "ResNet-34 A": resnet(34, "A", 10, 1 / 8, (33, 65, 3))}
for name, model in pair.items():
    print(f"{name}: the image gets through:", None if model is None else probe(model) > 0)

# %% [markdown]
# ## 13.5 The clinic ({points:clinic})
#
# Six blocks were handed in. All are called as yours, `block(x, maps, stride)`, with shortcut B,
# and Keras builds nearly everything without a complaint.
# Addition is the worst: it **broadcasts**. A tensor with one map is added to a tensor with 64 maps
# as if it were repeated 64 times, and nobody tells you.

# %%
many, one = np.ones((1, 4, 4, 64), "float32"), np.ones((1, 4, 4, 1), "float32")
print("added by Keras:", tuple(layers.Add()([many, one]).shape))

# %% [markdown]
# Each patient has at most one of these illnesses; the same one may come twice.
# The words at the left are the codes that you write down.

# %%
for code, meaning in clinic.CODES.items():
    print(f"{code:20} {meaning}")

# %% [markdown]
# Your patients are six numbers. Examine each: `clinic.patient(number)` is the block,
# and `clinic.wiring(x, output)` lists its layers and **what each of them reads**, by number.
# Change the number, the stride and the maps below. Ask: what does `Add` read, and which shapes?

# %%
lab.numbers("my_diagnoses")

# %%
patient = clinic.patient(lab.numbers("my_diagnoses")[0])
x = keras.Input((9, 9, 16))
print(clinic.wiring(x, patient(x, 16, 1)))

# %%
try:
    print(clinic.wiring(x, patient(x, 32, 2)))
except ValueError as error:
    print("an error:", str(error).splitlines()[0])

# %% [markdown]
# Write the six codes in the order of your patients, as texts in quotes with commas between them.
# The check says which are wrong, not what they have.
#
# Then write a test that finds the silent illness in any model:
# `unequal_adds(model)` returns the names of all `Add` layers of a functional model whose inputs do **not** all
# have the same shape. An `Add` may have more than two inputs, and any side may differ: rows, columns, maps.
# The order of the names does not matter; if there is none, return an empty list.

# %% tags=["question:clinic"]
my_diagnoses = [
    ### BEGIN SOLUTION
    clinic.illness(number) for number in lab.numbers("my_diagnoses")
    ### END SOLUTION
]


def unequal_adds(model):
    """Names of the Add layers that add tensors of different shapes."""
    ### BEGIN SOLUTION
    adds = [layer for layer in model.layers if isinstance(layer, layers.Add)]
    return [layer.name for layer in adds if len({tuple(tensor.shape) for tensor in layer.input}) > 1]
    ### END SOLUTION


# %% tags=["check:clinic"]
check("clinic")

# %% [markdown]
# ## 13.6 Deeper and worse ({points:train_stack})
#
# Now the experiment, small enough for a laptop: digits of 8×8 pixels (a row and a column of zeros make them 9×9),
# and the kind of network that He et al. use for small images, with half their maps.
# A 3×3 convolution with 8 maps, normalisation, ReLU; then three stages of $n$ basic blocks with 8, 16 and 32 maps,
# the first block of stages 2 and 3 with stride 2; global average pooling and 10 outputs with softmax.
# That makes $6n + 2$ layers with weights: 20 for $n = 3$ and 56 for $n = 9$.

# %% [markdown]
# Write `train_stack(depth, residual, images, labels, epochs)`. It builds the network with shortcuts B
# (`residual=True`) or without any (`residual=False`), trains it with `fit` and returns the model.
#
# - Images have shape (count, 9, 9, 1) and values from 0 to 1; take them as they are.
# - Recipe: SGD with learning rate 0.02 and momentum 0.9, batches of 64. Labels are numbers from 0 to 9.
# - What saves time: `jit_compile=False` in `compile` (XLA's compilation is meant for long trainings), no `metrics`,
#   and `optimizer.build(model.trainable_variables)` before `fit`. Metrics, and an optimizer that is not built,
#   make variables in the first step, and TensorFlow has to record that step twice.
# - The check gives 1,408 digits and 3 epochs to three networks, which takes about a minute.
#   It takes your weights and works out the **training loss** itself.
#   A fourth network, with 8 layers, gets a few black images: they show the recipe.

# %% tags=["question:train_stack"]
def train_stack(depth, residual, images, labels, epochs):
    """A trained plain or residual network with 6n + 2 layers, for images of shape (9, 9, 1)."""
    ### BEGIN SOLUTION
    inputs = keras.Input((9, 9, 1))
    x = layers.ReLU()(normed(inputs, 8, 3))
    for stage in range(3):
        for number in range((depth - 2) // 6):
            maps, stride = 8 * 2**stage, 2 if stage > 0 and number == 0 else 1
            if residual:
                x = basic_block(x, maps, stride)
            else:
                x = layers.ReLU()(normed(layers.ReLU()(normed(x, maps, 3, stride)), maps, 3))
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
    optimizer = keras.optimizers.SGD(0.02, momentum=0.9)
    model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
    optimizer.build(model.trainable_variables)  # else the first step makes them, and is recorded twice
    model.fit(images, labels, batch_size=64, epochs=epochs, verbose=0)
    return model
    ### END SOLUTION


# %% tags=["check:train_stack", "nbval-ignore-output"]
check("train_stack")

# %% [markdown]
# Let your function train all four, plain and residual, with 20 and with 56 layers. It takes about a minute.
# **Predict** their order, from the lowest training loss to the highest: write the four names into the list.
# The loss is in nats, made with natural logarithms: guessing one of ten digits costs $\ln 10 = 2.30$.

# %%
my_guess = []  # such as "plain, 20 layers" or "residual, 56 layers"
images, labels, epochs = tiny_digits(1_408), tiny_digit_labels(1_408), 3
losses, settled = {}, {}
for depth in (20, 56):
    for residual in (False, True):
        keras.utils.set_random_seed(13)
        model = train_stack(depth, residual, images, labels, epochs)
        name = f"{'residual' if residual else 'plain'}, {depth} layers"
        if model is not None:
            losses[name] = model.history.history["loss"]
            shares = ops.convert_to_numpy(model(images[:256], training=False))
            settled[name] = -float(np.mean(np.log(shares[np.arange(256), labels[:256]] + 1e-7)))
        del model
        keras.utils.clear_session()  # the graphs of 56 layers need memory

# %% tags=["nbval-ignore-output"]
print("your guess:", my_guess, "  measured:", sorted(losses, key=lambda name: losses[name][-1]))
steps = list(range(1, epochs + 1))
figures.curve(
    {name: (steps, values) for name, values in losses.items()} or {"nothing trained yet": (steps, steps)},
    xlabel="epoch",
    ylabel="training loss (nats), mean of the epoch",
    title="56 layers need shortcuts",
)

# %% [markdown]
# The two lines of 56 layers tell the story. 56 plain layers could do what 20 do: 36 layers would have to
# pass their input on. They do not find it.
# This is no **overfitting**, no learning by heart, since the loss is that of the training images.
# He et al. call it **degradation**.
#
# Change the seed, and the numbers move. We trained each of the four with seven seeds.
# In the third epoch plain-56 had between 1.9 and 2.3, ResNet-56 between 0.2 and 0.5,
# plain-20 between 0.4 and 0.8, and ResNet-20 below 0.2.
# The recipe matters, too: at a rate of 0.05 ResNet-56 sometimes stays above 2 for all three epochs.
# For 110 layers He et al. begin with a smaller rate as well.

# %% [markdown]
# One trap on the way. The same four models and 256 of the same **training** images, but `training=False`,
# as in `predict` and `evaluate`: normalisation with moving averages. **Predict** whether the losses are the same.

# %% tags=["nbval-ignore-output"]
for name, loss in settled.items():
    print(f"{name}: {losses[name][-1]:.2f} while training, {loss:.2f} afterwards (guessing: 2.30)")

# %% [markdown]
# The deep ones are far worse than guessing, with shortcuts too. For a prediction Keras normalises with moving averages,
# and it keeps 0.99 of the old average at every step. After 66 steps half of the average
# ($0.99^{66} = 0.52$) is still the value that it started from, and every layer adds its own error.
# Whoever judges a short training by its validation accuracy blames the architecture for this.
# The cures: train for longer, or `BatchNormalization(momentum=0.9)`.
# The check looked at your weights with the batch's own statistics.

# %% [markdown]
# ## Is it the gradient?
#
# The lectures give a reason for all this: gradients vanish on their way back, and ResNet prevents it.
# Measure it. Below, each line is one untrained network of 56 layers, and each point the size (norm) of the
# gradient that arrives at the output of one block, for 64 digits. The gradient travels from right to left.
# **Predict** which line falls on that way.

# %%
def stacked(block):
    """A network of 27 blocks that gives the output of every block, and the ten scores at the end."""
    keras.utils.set_random_seed(13)
    inputs = x = keras.Input((9, 9, 1))
    between = []
    for maps in (8, 16, 32):
        for number in range(9):
            x = block(x, maps, 2 if maps > 8 and number == 0 else 1)
            between.append(x)
    scores = layers.Dense(10)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, [*between, scores])


# %% [markdown]
# `GradientTape` is TensorFlow's: it writes down what is computed, and then goes back (lab 08 did this by hand).
# The loss is the usual cross-entropy, of scores before softmax.

# %%
import tensorflow as tf


def gradient_norms(block, images, labels):
    """Norm of the loss's gradient by the output of each block, from the first to the last."""
    model = stacked(block)
    with tf.GradientTape() as tape:
        *between, scores = model(images, training=True)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, scores)
    return [max(float(tf.norm(gradient)), 1e-30) for gradient in tape.gradient(loss, between)]


# %%
def conv_norm(x, maps, kernel=3, stride=1):
    """As `normed` above, which you may have deleted: a convolution without bias, then normalisation."""
    return layers.BatchNormalization()(layers.Conv2D(maps, kernel, stride, "same", use_bias=False)(x))


def bare(x, maps, stride):
    """Two plain convolutions with biases, no normalisation."""
    for step in (stride, 1):
        x = layers.Conv2D(maps, 3, strides=step, padding="same", activation="relu")(x)
    return x


def plain(x, maps, stride):
    """Two plain convolutions with normalisation."""
    return layers.ReLU()(conv_norm(layers.ReLU()(conv_norm(x, maps, 3, stride)), maps))


# %% tags=["nbval-ignore-output"]
answered = basic_block(keras.Input((8, 8, 4)), 4) is not None
own_block = basic_block if answered else plain  # until 13.1 is answered there is no shortcut to look at
kinds = {"plain, no normalisation": bare, "plain, normalised": plain, "residual, normalised": own_block}
norms = {}
for name, block in kinds.items():
    norms[name] = gradient_norms(block, images[:64], labels[:64])
    keras.utils.clear_session()
figures.curve(
    {name: (list(range(1, len(values) + 1)), values) for name, values in norms.items()},
    xlabel="block, counted from the input",
    ylabel="norm of the gradient (no unit)",
    title="One of them vanishes",
    logy=True,
)

# %% [markdown]
# Without normalisation the gradient **vanishes**: on its way to the first block it shrinks by many powers of ten.
# With normalisation it does not; in the plain network it even grows.
# And yet the plain network with normalisation is the one that trained so badly.
# So degradation is something else: the gradients are there, but following them leads nowhere soon.
# With shortcuts they change least from block to block.

# %% [markdown]
# > **Lecture, repaired.** "Vanishing gradients are the problem; ResNet solves it."
# > He et al. name **degradation** as the problem, and argue that vanishing gradients are unlikely to be its cause:
# > with batch normalisation, signals on the way forward and gradients on the way back stay alive.
# > Their plain network of 34 layers still trains, to a useful accuracy, but a lower one than with 18 layers.
# > Nor does ReLU saturate for $x > 0$, where its slope is 1.
# > That shortcuts help gradients is true; that this explains ResNet's success is a guess.

# %% [markdown]
# ## 13.7 What it costs ({points:costs})
#
# **By hand.** Here are two blocks of your own, `(side, maps that come in, maps, stride)`:
# a basic block with shortcut B, then a bottleneck whose shape stays (`maps` is the number in the middle).
# For each of them write the pair (weights of its convolutions, multiply-adds for one image).
# Normalisation is not counted; every convolution keeps the size but for its stride.
# The cell takes two pairs: `(1, 2), (3, 4)`.

# %%
lab.numbers("my_block_costs")

# %% [markdown]
# **A slide to repair.** "ResNet-34 has fewer **parameters** than VGG-19: 3.6 against 19.6 billion **FLOPs**."
# Two units are mixed. 3.6 and 19.6 billion are multiply-adds; neither is a number of parameters.
#
# | | multiply-adds | trainable parameters |
# |---|---|---|
# | ResNet-34 (A) | 3,644,493,824 | 21,623,848 |
# | VGG-19 | 19,632,062,464 | 143,667,240 |
#
# Write `slide = (a, b)`: VGG-19 needs `a` times the multiply-adds and has `b` times the parameters of ResNet-34.
# Two decimals are enough.

# %% tags=["question:costs"]
my_block_costs = (
    ### BEGIN SOLUTION
    tuple(
        (weights, weights * (side // stride) ** 2)
        for (side, before, maps, stride), weights in zip(
            lab.numbers("my_block_costs"),
            [
                9 * before * maps + 9 * maps * maps + before * maps if stride == 2 else 17 * maps * maps
                for _, before, maps, stride in lab.numbers("my_block_costs")
            ],
        )
    )
    ### END SOLUTION
)
slide = (
    ### BEGIN SOLUTION
    19_632_062_464 / 3_644_493_824, 143_667_240 / 21_623_848
    ### END SOLUTION
)

# %% tags=["check:costs"]
check("costs")

# %% [markdown]
# ## 13.8 Read a table ({points:why_deep})
#
# Error rates on ImageNet's validation images in %, from the paper (He et al. 2016, tables 2 and 3).
# Each network sees ten crops, cut-outs of an image, and its answers are averaged.
# Top-1 error: the likeliest class is not the right one. Top-5: nor are the four next.
# PReLU-net is a plain network of He and others, of 2015, whose ReLUs have a learned slope (lab 06).
#
# | network | top-1 error | top-5 error |
# |---|---|---|
# | VGG-16 | 28.07 | 9.33 |
# | GoogLeNet | | 9.15 |
# | PReLU-net | 24.27 | 7.38 |
# | plain-18 | 27.94 | |
# | ResNet-18 (A) | 27.88 | |
# | plain-34 | 28.54 | 10.02 |
# | ResNet-34 A | 25.03 | 7.76 |
# | ResNet-34 B | 24.52 | 7.46 |
# | ResNet-34 C | 24.19 | 7.40 |
# | ResNet-50 | 22.85 | 6.71 |
# | ResNet-101 | 21.75 | 6.05 |
# | ResNet-152 | 21.43 | 5.71 |

# %% [markdown]
# A friend says: "Plain-34 is worse than plain-18 because its gradients vanish. Shortcuts with projections repair that."
# Answer in about ten sentences.
#
# - What is degradation, and what is a vanishing gradient? Which did the four losses show, which the three lines of gradients?
# - What speaks against the friend's reason? Use your own figures, and what you know of normalisation and of ReLU.
# - Which rows of the table show what shortcuts do, and what do the rows A, B and C say about projections?
#
# A person reads it.

# %% [markdown] tags=["essay:why_deep:6"]
# Degradation is that a deeper plain network has a higher error on the images that it is trained on;
# so it is no overfitting. A gradient vanishes if it shrinks on its way back until the first layers no longer learn.
# The four losses showed degradation: plain-56 ended with a far higher training loss than plain-20.
# The gradients vanish without normalisation, but with it they reach the first layers of the plain network
# undiminished. Plain-56 is normalised, and it trains badly all the same, so the two are different things.
# He et al. say the same of plain-34, which does train, to 28.54 %. ReLU has slope 1 for all positive inputs,
# so it does not saturate there.
# In the table plain-34 is worse than plain-18 (28.54 against 27.94),
# while ResNet-34 A is much better than ResNet-18 (25.03 against 27.88).
# A has no parameters at all and already gains 3.5 points over plain-34.
# B and C gain another 0.5 and 0.8: projections help a little, but they are not the cure.

# %% [markdown]
# ## The full size, on a GPU
#
# The paper's CIFAR-10 networks have 16, 32 and 64 maps. Its recipe: batches of 128, SGD with momentum 0.9
# and weight decay 0.0001, rate 0.1, divided by 10 after 32,000 and 48,000 steps, 64,000 steps in all;
# images mirrored, and shifted by up to 4 pixels. It reports 8.75 % error with 20 layers and 6.97 % with 56.
# `device.prepare()` chooses 16-bit arithmetic where the GPU is made for it. Time on a GPU: not measured here.
# Without a GPU the cells run three steps on small images that ship with the course.

# %%
from course import fullsize

chosen = fullsize.setting()
print(device.prepare())
data = fullsize.data(chosen)

# %%
def cifar_resnet(depth, shape, classes=10):
    """ResNet-20, -32, -44, -56 or -110 for small images; shortcuts B."""
    inputs = keras.Input(shape)
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = layers.ReLU()(conv_norm(x, 16))
    for maps in (16, 32, 64):
        for number in range((depth - 2) // 6):
            x = own_block(x, maps, 2 if maps > 16 and number == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax", dtype="float32")(x))


# %% [markdown]
# The last layer stays in 32 bits, so that softmax is exact.
# The rate falls in steps; the best weights so far are kept in a file, and training stops
# when the validation accuracy has not risen for 20 epochs.

# %%
network = cifar_resnet(20 if chosen.gpu else 8, data.x_train.shape[1:])
batches = fullsize.Augmented(data.x_train, data.y_train, chosen.batch, seed=13)
total = chosen.epochs * len(batches)
rate = keras.optimizers.schedules.PiecewiseConstantDecay([total // 2, total * 3 // 4], [0.1, 0.01, 0.001])
sgd = keras.optimizers.SGD(rate, momentum=0.9, weight_decay=1e-4)
network.compile(sgd, "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=chosen.jit)
print(f"{network.count_params():,} parameters; ResNet-20 for colour images should have 274,042")

# %%
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    best = str(Path(folder) / "best.weights.h5")
    kept = keras.callbacks.ModelCheckpoint(best, "val_accuracy", save_best_only=True, save_weights_only=True)
    stop = keras.callbacks.EarlyStopping("val_accuracy", patience=20)
    tests = (data.x_test.astype("float32"), data.y_test)
    options = {"epochs": chosen.epochs, "validation_data": tests, "callbacks": [kept, stop, progress()]}
    done = network.fit(batches, verbose=0, **options)
    network.load_weights(best)
print("epochs:", len(done.history["loss"]), "  steps in each:", len(batches))

# %% [markdown]
# The test images choose the best weights here, as in many papers of that time;
# a fair comparison would keep a third set for that.
# Without a GPU the cells above build 8 layers, so their count is smaller than that of ResNet-20.
# He et al. use shortcut A for CIFAR-10, you use B.

# %% [markdown]
# ## Free play (not graded)
#
# - **Pre-activation** (He et al. 2016, second paper): normalisation and ReLU **before** each convolution,
#   nothing after the addition. The shortcut is then free from the first block to the last.
# - **Zero γ**: start the last normalisation of each block at $\gamma = 0$
#   (`gamma_initializer="zeros"`); every block begins as "do nothing".
# - **Stochastic depth** (Huang et al. 2016): leave out each block's layers by chance while training.
#   A `Dropout` whose noise has the shape (batch, 1, 1, 1) does it.
#
# Choose one. Does the loss of the first epoch fall faster than that of your basic block?

# %% tags=["nbval-ignore-output"]
def variant(x, maps, stride, kind="zero gamma"):
    """A block to play with: kind is "pre-activation", "zero gamma" or "stochastic depth"."""
    before = layers.ReLU()(layers.BatchNormalization()(x)) if kind == "pre-activation" else x
    y = layers.ReLU()(conv_norm(before, maps, 3, stride))
    y = layers.Conv2D(maps, 3, padding="same", use_bias=False)(y)
    if kind != "pre-activation":
        y = layers.BatchNormalization(gamma_initializer="zeros" if kind == "zero gamma" else "ones")(y)
    if kind == "stochastic depth":
        y = layers.Dropout(0.2, noise_shape=(None, 1, 1, 1))(y)
    if stride != 1 or x.shape[-1] != maps:
        x = conv_norm(x, maps, 1, stride)
    total = layers.Add()([x, y])
    return total if kind == "pre-activation" else layers.ReLU()(total)


# %% tags=["nbval-ignore-output"]
for block in (own_block, variant):
    keras.utils.set_random_seed(13)
    inputs = x = keras.Input((9, 9, 1))
    for number in range(3):
        x = block(x, 8 * 2**number, 2 if number else 1)
    model = keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(x)))
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "sparse_categorical_crossentropy", jit_compile=False)
    done = model.fit(images, labels, batch_size=64, epochs=1, verbose=0, callbacks=[progress()])
    print(f"{block.__name__}: loss of the first epoch {done.history['loss'][0]:.2f}")

# %% [markdown]
# ## What you take with you
#
# - A residual block learns $F(x) = H(x) - x$; doing nothing is its starting point.
# - Shortcut A adds zeros, B projects where the shape changes, C everywhere. The differences are small.
# - Counts cannot tell a plain network from one with shortcuts. Behaviour can.
# - `Add` broadcasts in silence: look at the shapes that it reads.
# - Degradation is a higher **training** error of a deeper network. Vanishing gradients are something else.
# - Multiply-adds are work, parameters are memory: do not mix them.

# %% [markdown]
# **Read on.** K. He, X. Zhang, S. Ren, J. Sun, *Deep Residual Learning for Image Recognition* (CVPR 2016), and
# *Identity Mappings in Deep Residual Networks* (ECCV 2016).
# S. Ioffe, C. Szegedy, *Batch Normalization* (ICML 2015).
# G. Huang and others, *Deep Networks with Stochastic Depth* (ECCV 2016).
#
# In the next lab you choose, train and explain a network of your own.

# %%
lab.score()
