# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.lab09_lenet
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 09 · First Keras CNN and LeNet-5
#
# **You will learn** to write a convolutional network in Keras in three ways,
# to read what Keras says when something is wrong, and to notice what it does not say,
# to build LeNet-5 as it was in 1998 and as one builds it today,
# and to train it until it reads 94 of 100 handwritten digits.
#
# **You need** labs 04 and 05 (shapes, parameters) and Python functions.
# **It takes** about two hours. There are 32 points, 3 of them for a short text that a person reads.

# %% [markdown]
# Answer in the cells that say `# your code here`, then run the `check(...)` cell below.
# You may check as often as you like; `hint("generate_model")` in a new cell opens a hint for that question.
#
# Images are arrays of shape (batch, height, width, channels), kernels (k_h, k_w, c_in, c_out), as everywhere.
# "The lectures" are four public lectures on convolutional networks, which this course follows.
# Where they slip, a box says so and repairs it.

# %%
try:
    from course import check, hint, start
except ModuleNotFoundError:  # on Colab: install the course, and only what is missing there
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
    from course import check, hint, start

lab = start("lab09_lenet", learner="")
lab

# %%
import numpy as np

# yours(f, x) is f(x), or None while you have not written f
from course import datasets, device, explore, figures, lazily, patients, yours
from course.progress import progress
from course.tables import layer_table

with device.quiet():  # TensorFlow greets its developers when it starts
    import keras
from keras import layers

# %% [markdown]
# ## 9.1 A program from a lecture that does not run ({points:generate_model})
#
# Nearly every network for pictures has the same plan:
#
# $$[(\text{Conv} \to \text{Act})^N \to \text{Pool}]^M \to (\text{FC} \to \text{Act})^F \to \text{softmax}$$
#
# Convolutions with activations, $N$ of them, then a pooling, and all that $M$ times.
# Then the maps are **flattened** into one row, and $F$ fully connected (dense) layers follow.
# The first part finds out what is where; the second part decides.

# %% [markdown]
# At the end stands a number $z_k$ for each class, its **logit**.
# **Softmax** turns the logits into shares of 1, which one reads as probabilities of the classes:
#
# $$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$$

# %%
z = np.array([2.0, 1.0, 0.0])
print("shares:", (np.exp(z) / np.exp(z).sum()).round(3), " should be [0.665 0.245 0.09 ]")

# %% [markdown]
# The plan has changed less in thirty years than its numbers: filters became smaller, mostly 3×3,
# and networks deeper, with larger $N$ and $M$. Lab 12 says why.
#
# In Keras each step of the plan has a name. Slides say `tf.keras`, this course says `keras`:
# since TensorFlow 2.16 the two are the same thing.
#
# | in the plan | in Keras |
# |---|---|
# | Conv | `layers.Conv2D(filters, kernel_size)`, padding `"valid"` unless you say otherwise |
# | Act | `activation="relu"` in a layer, or `layers.Activation("relu")`; all are in `keras.activations` |
# | Pool | `layers.MaxPooling2D()`, also called `MaxPool2D`; `layers.AveragePooling2D(2)` |
# | FC | `layers.Flatten()` once, then `layers.Dense(units)` |

# %% [markdown]
# Here is a program of one lecture, in the plan with $N = 1$, $M = 2$, $F = 1$.
# It does not run. **Predict** which word is wrong, and what Keras will say.
# The last lines try the program as it stands, and then one layer that has the wrong argument beside the right one.

# %%
def from_the_slide():
    return keras.Sequential([
        layers.Conv2D(32, filter_size=3, activation="relu"), layers.MaxPool2D(pool_size=2, strides=2),
        layers.Conv2D(64, filter_size=3, activation="relu"), layers.MaxPool2D(pool_size=2, strides=2),
        layers.Flatten(), layers.Dense(1024, activation="relu"), layers.Dense(10, activation="softmax"),
    ])


for attempt in (from_the_slide, lambda: layers.Conv2D(32, 3, filter_size=3)):
    try:
        attempt()
    except (TypeError, ValueError) as error:
        print(f"{type(error).__name__}: {error}\n")

# %% [markdown]
# The first message speaks of something that is **missing** and never mentions what is **wrong**.
# `Conv2D` takes any further argument and lets a later line decide whether it has a meaning;
# Python stops earlier, because an argument that must be there is not.
# So only the second message names the culprit.
#
# > **Lecture, repaired.** `Conv2D` has no argument `filter_size`, which stands in the lecture's program twice.
# > The side of a filter is called `kernel_size`.
# > The program has a second gap: it never says how large an image is.
# > So Keras makes no weights, and `count_params()` stops with "isn't built".
# > `keras.Input(shape)` as first entry of the list mends that.
# > (Slides put `input_shape=` into the first layer. It works, with a warning.)

# %% [markdown]
# **Repair it.** Write `generate_model(shape)`: the lecture's model for images of `shape`, (height, width, channels),
# height and width of which may differ.
#
# - It is a `keras.Sequential`, as in the lecture (another kind of model counts, too), and states its input.
# - Two convolutions with 32 and 64 filters of 3×3, no padding, each with ReLU and 2×2 max pooling;
#   flatten; 1024 units with ReLU; 10 units with softmax.
# - Return the model; it need not be compiled.
#
# The check counts the parameters. Then it puts numbers of its own into the weights and compares what comes out.

# %% tags=["question:generate_model"]
def generate_model(shape):
    """The lecture's model for images of this shape (height, width, channels)."""
    ### BEGIN SOLUTION
    return keras.Sequential([
        keras.Input(shape),
        layers.Conv2D(32, kernel_size=3, activation="relu"),
        layers.MaxPool2D(pool_size=2, strides=2),
        layers.Conv2D(64, kernel_size=3, activation="relu"),
        layers.MaxPool2D(pool_size=2, strides=2),
        layers.Flatten(),
        layers.Dense(1024, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ])
    ### END SOLUTION


# %% tags=["check:generate_model"]
check("generate_model")

# %% [markdown]
# Look at what you built. The table is made from your model:
# **window** is the side of the filter (`/2`: stride 2), **values** is how many numbers the layer gives out.
# The sum should be 1,668,490. Before you look: which layer holds nearly all of it?

# %%
model = yours(generate_model, (28, 28, 1))
layer_table(model) if model else "Answer the question above first."

# %% [markdown]
# The dense layer of 1024 units holds 98 % of the parameters, and the convolutions do most of the work.
# Each convolution keeps a **kernel** of shape (k_h, k_w, c_in, c_out) and a bias for each filter.

# %%
if model:
    for number, expected in [(0, "(3, 3, 1, 32) 320"), (2, "(3, 3, 32, 64) 18496")]:
        layer = model.layers[number]
        print(tuple(layer.kernel.shape), layer.count_params(), " should be", expected)
    print(model.count_params(), " should be 1668490")
    print(generate_model((32, 32, 3)).count_params(), " should be 2389962, for 32×32 in colour")
figures.volumes(
    [(28, 28, 1), (26, 26, 32), (13, 13, 32), (11, 11, 64), (5, 5, 64), (1600,), (1024,), (10,)],
    ["input", "conv 3×3", "pool 2/2", "conv 3×3", "pool 2/2", "flatten", "dense", "dense"],
)

# %% [markdown]
# The same lecture shows a second network, A. Géron's, for the same images.
# It runs as printed; only `input_shape` in its first layer draws a warning.
# **Predict** the eight sides, one after each convolution and each pooling:
# the first filter is 7×7, all convolutions are padded (`same`), and 7 is odd.
# Inside `lazily()` Keras works out shapes and makes no weight: enough to count.

# %%
with lazily():
    geron = keras.Sequential([keras.Input((28, 28, 1))])
    geron.add(layers.Conv2D(64, 7, padding="same", activation="relu"))
    for filters in (128, 256):
        geron.add(layers.MaxPooling2D(2))
        for _ in range(2):
            geron.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
    geron.add(layers.MaxPooling2D(2))
    geron.add(layers.Flatten())
    for units in (128, 64):
        geron.add(layers.Dense(units, activation="relu"))
        geron.add(layers.Dropout(0.5))
    geron.add(layers.Dense(10, activation="softmax"))
    geron_table = layer_table(geron)
geron_table

# %% [markdown]
# The sides are 28, 14, 14, 14, 7, 7, 7 and 3: the last pooling drops a row and a column.
# Flattened that makes 3·3·256 = 2,304 numbers, and the sum is 1,413,834.
# `Dropout(0.5)` sets half of the numbers to zero while training, others each time; it has no weights.
#
# > **Lecture, repaired.** The nearest heading announces "Six convolutional layers".
# > Count in the table: there are five.

# %% [markdown]
# ## 9.2 LeNet-5, as one builds it today ({points:lenet5_modern})
#
# In 1998 Y. LeCun and his colleagues published a network that read the digits on bank cheques.
# It has two convolutions (C1, C3), each followed by a subsampling (S2, S4), and three layers that decide (C5, F6, output).
# The digits of MNIST are 28×28; the network gets them in a frame of zeros, 32×32,
# so that a stroke's end may lie in the middle of a window.

# %%
figures.volumes(
    [(32, 32, 1), (28, 28, 6), (14, 14, 6), (10, 10, 16), (5, 5, 16), (400,), (120,), (84,), (10,)],
    ["input", "C1: conv 5×5", "S2: pool 2/2", "C3: conv 5×5", "S4: pool 2/2", "flatten"]
    + ["C5: dense", "F6: dense", "output"],
)

# %% [markdown]
# Write `lenet5_modern(activation, pool)`: a Keras model of any kind for images of shape (32, 32, 1).
#
# - C1 has 6 and C3 has 16 filters of 5×5, without padding; after each comes a pooling of 2×2.
# - C5, F6 and the output have 120, 84 and 10 units.
# - `activation` is `"tanh"`, `"relu"` or `"sigmoid"`; C1, C3, C5 and F6 have it, before the pooling.
#   The output has softmax.
# - `pool` is `"average"` or `"max"`. Mind that `AveragePooling2D()` wants its size; `MaxPooling2D()` does not.
#
# It has 61,706 parameters. **That number does not see the activation, nor the kind of pooling.**
# So the check compares outputs too, with weights of its own.

# %% tags=["question:lenet5_modern"]
def lenet5_modern(activation, pool):
    """LeNet-5 for images of shape (32, 32, 1), with this activation and pooling ("average" or "max")."""
    ### BEGIN SOLUTION
    pooling = {"average": layers.AveragePooling2D, "max": layers.MaxPooling2D}[pool]
    return keras.Sequential([
        keras.Input((32, 32, 1)),
        layers.Conv2D(6, 5, activation=activation, name="C1"),
        pooling(2, name="S2"),
        layers.Conv2D(16, 5, activation=activation, name="C3"),
        pooling(2, name="S4"),
        layers.Flatten(),
        layers.Dense(120, activation=activation, name="C5"),
        layers.Dense(84, activation=activation, name="F6"),
        layers.Dense(10, activation="softmax", name="output"),
    ])
    ### END SOLUTION


# %% tags=["check:lenet5_modern"]
check("lenet5_modern")

# %%
lenet = yours(lenet5_modern, "tanh", "average")
layer_table(lenet) if lenet else "Answer the question above first."

# %% [markdown]
# Two mistakes give a network that trains without complaint. Compare their numbers with yours.
# With images of 28×28 and no padding the sides are 24, 12, 8 and 4, and 44,426 parameters are left.
# (Right for 28×28 is `padding="same"` in C1: it adds the same frame of zeros, and gives 61,706 again.)
# With 32 filters in C1 there are many more.

# %%
def variant(shape, filters, padding):
    """LeNet-5 with another input, other filters in C1, another padding there."""
    parts = [layers.Conv2D(filters, 5, padding=padding), layers.MaxPooling2D()]
    parts += [layers.Conv2D(16, 5), layers.MaxPooling2D(), layers.Flatten()]
    parts += [layers.Dense(units) for units in (120, 84, 10)]
    return keras.Sequential([keras.Input(shape), *parts]).count_params()


with lazily():
    print("28×28, no padding:", variant((28, 28, 1), 6, "valid"), "  should be 44426")
    print("28×28, C1 `same`: ", variant((28, 28, 1), 6, "same"), "  should be 61706")
    print("32 filters in C1: ", variant((32, 32, 1), 32, "valid"), "  should be 72782")

# %% [markdown]
# ## 9.3 LeNet-5, as it was ({points:lenet5_1998})
#
# The network of 1998 is not quite yours. Here they stand side by side.
#
# | | 1998 | today |
# |---|---|---|
# | S2, S4 | the four inputs are **added**, times a trained coefficient, plus a trained bias; one pair for each map | average or maximum, nothing to train |
# | activation | $1.7159 \tanh(\frac23 a)$ up to F6, in S2 and S4 too | after C1, C3, C5 and F6, mostly ReLU |
# | C3 | each map reads **some** of the six maps of S2 | each map reads all six |
# | C5 | 120 filters of 5×5 on maps of 5×5 | flatten and dense: the same numbers |
# | output | 10 distances to fixed pictures of digits | dense, softmax |

# %% [markdown]
# The ten output units are **radial basis functions**: unit $k$ gives $\sum_j (x_j - w_{kj})^2$,
# how far the 84 numbers of F6 are from a little drawing of digit $k$, 7 wide and 12 high.
# That is why F6 has 84 units. The drawings are made by hand and stay as they are.
#
# Why does a map of C3 not read all six maps of S2? The paper gives two reasons.
# It saves connections, which mattered in 1998.
# And maps that read different inputs **must** come to look for different things.

# %% [markdown]
# The paper's table I says who reads whom. It follows a rule. Count in a ring: after map 5 comes map 0.
#
# - C3's maps 0 to 5 read three neighbours: map $k$ reads $k$, $k+1$ and $k+2$. So map 4 reads 4, 5 and 0.
# - Maps 6 to 11 read four neighbours: map 6 begins at 0, map 7 at 1, and so on.
# - Maps 12 to 14 read two pairs with a gap between: map 12 reads 0, 1 and 3, 4; map 13 begins at 1, map 14 at 2.
# - Map 15 reads all six.
#
# Write `c3_connection_table()`: an array or list of 16 rows, one for each map of C3, and 6 columns, one for each map of S2;
# `True` (or 1) where the one reads the other.
# The picture below stands as in the paper: each of your rows is a column there. It should have 60 crosses.

# %% tags=["question:lenet5_1998"]
def c3_connection_table():
    """Which map of C3 (row, 0 to 15) reads which map of S2 (column, 0 to 5)."""
    ### BEGIN SOLUTION
    reaches = [(0, 1, 2)] * 6 + [(0, 1, 2, 3)] * 6 + [(0, 1, 3, 4)] * 3 + [range(6)]
    table = np.zeros((16, 6), dtype=bool)
    for row, reach in enumerate(reaches):
        for step in reach:
            table[row, (row % 6 + step) % 6] = True
    return table
    ### END SOLUTION


# %%
table = yours(c3_connection_table)
right_shape = yours(np.shape, table) == (16, 6)
figures.connection_table(
    table if right_shape else np.zeros((16, 6)), rows="map of S2", columns="map of C3",
    title="Who reads whom, from your function",
)

# %% [markdown]
# Now count, for any table of this kind. There are two counts for each layer.
# **Trainable parameters** are the numbers that training changes.
# **Connections** are wires from number to number, each used once for one image
# (a cross of the table above stands for many of them):
# a map with $w$ weights and a bias has $w + 1$ connections at **each of its places**.
#
# For C1, with 28·28 places, that makes 6·(25 + 1) = 156 parameters and 28·28·156 = 122,304 connections.
# In S2 a map has 2 parameters, and at each of its 14·14 places 4 + 1 connections:
# four inputs (all through the one coefficient) and the bias.

# %% [markdown]
# Write `lenet5_1998_params(table)`. It returns a dictionary with the keys
# `"C1"`, `"S2"`, `"C3"`, `"S4"`, `"C5"`, `"F6"` and `"output"`; each value is a pair (trainable parameters, connections).
#
# - A map of C3 has 25 weights for each map that it reads in `table`, and **one** bias.
#   C3 has 10·10 places, S4 has 16 maps with 5·5 places.
# - C5 has 120 units, each of which reads all 400 numbers of S4; F6 has 84. Each unit has a bias. They have one place.
# - The output has 10 units with 84 connections each, no bias, and nothing that is trained.

# %% tags=["question:lenet5_1998:params"]
def lenet5_1998_params(table):
    """Pairs (trainable parameters, connections) of every layer, for a table like c3_connection_table()."""
    ### BEGIN SOLUTION
    c1, c3 = 6 * (25 + 1), sum(25 * int(np.sum(row)) + 1 for row in table)
    c5, f6 = 120 * (400 + 1), 84 * (120 + 1)
    return {
        "C1": (c1, 28 * 28 * c1),
        "S2": (6 * 2, 14 * 14 * 6 * 5),
        "C3": (c3, 10 * 10 * c3),
        "S4": (16 * 2, 5 * 5 * 16 * 5),
        "C5": (c5, c5),
        "F6": (f6, f6),
        "output": (0, 10 * 84),
    }
    ### END SOLUTION


# %% tags=["check:lenet5_1998"]
check("lenet5_1998")

# %% [markdown]
# The sums are printed in the paper: 60,000 trainable parameters and 340,908 connections.
# And a C3 that reads everything has 2,416 parameters instead of 1,516.

# %%
counts = yours(lenet5_1998_params, np.asarray(table, bool)) if right_shape else None
totals = yours(lambda: [sum(column) for column in zip(*counts.values(), strict=True)]) or "??"
for number, name, expected in [(0, "trainable parameters", 60_000), (1, "connections", 340_908)]:
    print(f"{name:21}", totals[number], " should be", expected)
full = yours(lambda: lenet5_1998_params(np.ones((16, 6), bool))["C3"][0]) or "?"
print("a full C3:           ", full, " should be 2416")

# %% [markdown]
# ## 9.4 Train it ({points:train_lenet5})
#
# A model must be **compiled** before it can learn: that fixes the optimizer, which changes the weights,
# and the loss, which says how wrong the model is.
# The usual optimizer is **Adam**: gradient descent (lab 08) with a step length of its own for each weight.
# For classes the loss is cross-entropy: minus the logarithm of the share that the right class got.
#
# - Labels that are numbers (`7`) need the **sparse** loss, rows such as `[0, 0, ..., 1, 0, 0]` (one-hot) the other one.
# - Softmax at the end goes with `from_logits=False`, which is the default; logits at the end go with `from_logits=True`.

# %% [markdown]
# Write `train_lenet5(images, labels, epochs)`.
# Build LeNet-5 for digits of 28×28 (C1 with `same`), compile, fit, and return the **model**.
#
# - `images` are uint8 from 0 to 255, shape (n, 28, 28, 1); `labels` are whole numbers from 0 to 9.
# - The model gets such images, as they come or divided by 255; **any other scaling belongs into it**.
#   A first layer `layers.Rescaling(1 / 255)` makes it safe.
# - `fit` prints bars; with `verbose=0` it is silent, and `callbacks=[progress()]` adds one line that counts down.
# - It gives ten numbers for each image; the largest is its answer.

# %% [markdown]
# The check trains with 2,000 images and 5 epochs and asks about 2,000 others, each moved by a pixel or none.
# It asks for 40 and for 68 of 100. ReLU or tanh, Adam and batches of 32 to 128 reach that with room to spare.
# An unlucky start costs nothing: a model that is not good is trained once more.

# %% tags=["question:train_lenet5"]
def train_lenet5(images, labels, epochs):
    """LeNet-5, trained on images from 0 to 255 of shape (n, 28, 28, 1)."""
    ### BEGIN SOLUTION
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Rescaling(1 / 255)])
    for filters, padding in ((6, "same"), (16, "valid")):
        model.add(layers.Conv2D(filters, 5, padding=padding, activation="relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    for units in (120, 84):
        model.add(layers.Dense(units, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images, labels, epochs=epochs, verbose=0)
    return model
    ### END SOLUTION


# %% tags=["check:train_lenet5", "nbval-ignore-output"]
check("train_lenet5")

# %% [markdown]
# Now with 4,000 digits. With ReLU, max pooling and Adam we got .940 to .951 of the 2,000 test digits in six starts.
# Below .92 something is not as it should be.

# %% tags=["nbval-ignore-output"]
digits = datasets.load("mnist")
X, y = digits.x_train[:4000, ..., None], digits.y_train[:4000]
X_test, y_test = digits.x_test[..., None], digits.y_test
keras.utils.set_random_seed(9)
trained = yours(train_lenet5, X, y, 5)
answers = yours(lambda: trained.predict(X_test, verbose=0, batch_size=500).argmax(axis=1))
if answers is not None:
    print("right:", np.mean(answers == y_test), " expected about .945")

# %% [markdown]
# Which digits does it take for which? A **confusion matrix** counts: a row for what is shown, a column for the answer.
# Right answers lie on the diagonal. **Predict** two digits that are often exchanged.

# %% tags=["nbval-ignore-output"]
counts = np.zeros((10, 10), int)
if answers is not None:
    np.add.at(counts, (y_test, answers), 1)
figures.confusion(counts, digits.class_names, title="LeNet-5 on 2,000 test digits")

# %% [markdown]
# And here are some that it got wrong: what was shown, and what it said. Would you have known?

# %% tags=["nbval-ignore-output"]
told = ["?"] * len(y_test) if answers is None else answers
wrong = np.flatnonzero(told != y_test)[:8]
figures.photographs(
    {f"{y_test[i]} → {told[i]}" + " " * k: X_test[i] for k, i in enumerate(wrong)},
    columns=8,
)

# %% [markdown]
# Does it matter which activation and which pooling? We trained each at least five times, as above:
#
# | activation | pooling | share of right answers |
# |---|---|---|
# | ReLU | max | .940 to .951 |
# | tanh | max | .942 to .953 |
# | ReLU | average | .927 to .940 |
# | tanh | average | .904 to .927 |
# | sigmoid | average | .817 to .831 |
#
# Five epochs are few; with more of them the rows move together.
# The sigmoid is slow because its slope is at most 1/4, and four such layers multiply.

# %% [markdown]
# ## 9.5 Six broken programs ({points:diagnose})
#
# An error is the friendly way for a program to be wrong. The other way is to run.
# Six programs of your own follow. Each trains a small network on 1,000 digits, and **each has one fault**;
# no two have the same. They begin with
# `images`, from 0 to 1, shape (1000, 28, 28, 1), and `labels`, whole numbers, shape (1000,).
#
# Read a program and predict what it does. Then run it.
# A right program of this kind reaches about .85 on its own images after three epochs, but so may a wrong one.

# %%
my_programs = lab.numbers("my_causes")
for number in my_programs[:3]:
    print(f"# ---- program {number}\n{patients.program(number)}\n")

# %%
for number in my_programs[3:]:
    print(f"# ---- program {number}\n{patients.program(number)}\n")

# %% tags=["nbval-ignore-output"]
for number in my_programs:
    patients.examine(number)

# %% [markdown]
# The causes, with their codes. Three of them occur nowhere.
#
# | code | the fault |
# |---|---|
# | `"channels"` | the channels stand first, where Keras wants them last |
# | `"flatten"` | the maps are never flattened before the dense layers |
# | `"loss"` | the last layer and the loss disagree about softmax and logits |
# | `"padding"` | `padding` is something that Keras does not know |
# | `"activation"` | the hidden layers have no activation: the network is linear but for its pooling |
# | `"labels"` | the labels have a form that the loss does not expect |
# | `"scale"` | the pixels are not scaled |
# | `"units"` | the last layer has the wrong number of units |
# | `"rate"` | the learning rate is too large |

# %% [markdown]
# Write your six codes in the order of your programs. They count in pairs: programs 1 and 2, 3 and 4, 5 and 6.

# %% tags=["question:diagnose"]
my_causes = [
    ### BEGIN SOLUTION
    next(
        code
        for code, seen in {
            "channels": "transpose" in text,
            "labels": "to_categorical" in text,
            "padding": "padding=1" in text,
            "flatten": "Flatten" not in text,
            "activation": "relu" not in text and "tanh" not in text,
            "loss": True,
        }.items()
        if seen
    )
    for text in map(patients.program, my_programs)
    ### END SOLUTION
]

# %% tags=["check:diagnose"]
check("diagnose")

# %% [markdown]
# Three of the six stop, though not one of the messages names the fault:
# `padding=1` ends in "'int' object has no attribute 'lower'", because Keras expected a word;
# the two others complain of a rank.
#
# Three run. With the channels first Keras takes an image of 1×28 with 28 channels, and learns what it can.
# Without activations the network is nearly a linear classifier, and on digits that is not bad.
# Only logits in a loss for probabilities ruin the training.
# (The other way round, softmax with `from_logits=True`, Keras notices, warns, and uses the logits.
# A loop of your own may not be so lucky.)

# %% [markdown]
# ## 9.6 One network, written three times ({points:three_ways})
#
# Keras has three ways to write a network.
#
# - **Sequential**: a list of layers. Short, and enough for a chain.
# - **Functional**: each layer is called on what came before, `x = layers.Dense(3)(x)`,
#   and `keras.Model(inputs, outputs)` ties the ends together. It can branch and meet again, as ResNet does in lab 13.
# - **Subclassed**: a class with layers in `__init__` and the way through them in `call`. It can do whatever Python can,
#   and Keras knows its shapes only when an image has passed.

# %%
inputs = keras.Input((3,))
x = layers.Dense(4, activation="relu")(inputs)
small_functional = keras.Model(inputs, layers.Dense(2)(x))


class SmallSubclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = layers.Dense(4, activation="relu")
        self.second = layers.Dense(2)

    def call(self, x):
        return self.second(self.first(x))

# %% [markdown]
# Write the network of 9.1 in all three ways, as functions of `shape`, (height, width, channels), that return a model:
#
# - `sequential_model(shape)`: a `keras.Sequential`; you may use your answer to 9.1;
# - `functional_model(shape)`: made with `keras.Model(inputs, outputs)`;
# - `subclassed_model(shape)`: an object of a class of yours that derives from `keras.Model` and has a `call`.
#   It need not use `shape`: `Dense` and `Conv2D` find out by themselves what comes in.
#   Flatten with `layers.Flatten()`: a reshape by hand to (batch, -1) hides from `Dense` how many numbers come.
#
# The check gives all three the same weights, by place and not by name, and compares what they give.

# %% tags=["question:three_ways"]
def sequential_model(shape):
    """The network of 9.1 as a list of layers."""
    ### BEGIN SOLUTION
    return generate_model(shape)
    ### END SOLUTION


def functional_model(shape):
    """The network of 9.1, each layer called on what came before."""
    ### BEGIN SOLUTION
    inputs = x = keras.Input(shape)
    for filters in (32, 64):
        x = layers.Conv2D(filters, 3, activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dense(1024, activation="relu")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
    ### END SOLUTION


# %% tags=["question:three_ways:subclassed"]
def subclassed_model(shape):
    """The network of 9.1 as an object of a class of your own."""
    ### BEGIN SOLUTION
    class Network(keras.Model):
        def __init__(self):
            super().__init__()
            self.conv1 = layers.Conv2D(32, 3, activation="relu")
            self.conv2 = layers.Conv2D(64, 3, activation="relu")
            self.pool, self.flatten = layers.MaxPooling2D(), layers.Flatten()
            self.hidden = layers.Dense(1024, activation="relu")
            self.last = layers.Dense(10, activation="softmax")

        def call(self, x):
            x = self.pool(self.conv1(x))
            x = self.pool(self.conv2(x))
            return self.last(self.hidden(self.flatten(x)))

    return Network()
    ### END SOLUTION


# %% tags=["check:three_ways"]
check("three_ways")

# %% [markdown]
# See it yourself: `get_weights()` of one model, `set_weights(...)` of the others.
# A subclassed model has no weights before its first image, so it sees one first.
# The largest difference should be 0, or as small as rounding.

# %%
three = [yours(write, (28, 28, 1)) for write in (sequential_model, functional_model, subclassed_model)]
one_digit = digits.x_test[:1, ..., None] / 255
if all(three):
    shares = []
    for network in three:
        network(one_digit)
        network.set_weights(three[0].get_weights())
        shares.append(np.array(network(one_digit)))
    gap = max(np.abs(part - shares[0]).max() for part in shares)
    print("largest difference below 1e-6:", bool(gap < 1e-6))

# %% [markdown]
# ## 9.7 Against an MLP of the same size ({points:why_lenet})
#
# An MLP, a network of dense layers alone, can have as many parameters as LeNet-5: two layers of 56 units make 61,162.
# Both get the digits in their frame of 32×32.
# The 2,000 test digits are only asked, never learned from; Keras calls such pictures *validation* data.
# **Predict** the two shares of right answers after five epochs: write your guess instead of `None` in the second cell.

# %%
def framed(images):
    """Digits from 0 to 1 in a frame of zeros, shape (n, 32, 32, 1)."""
    return np.pad(images / np.float32(255), ((0, 0), (2, 2), (2, 2), (0, 0)))


mlp = keras.Sequential([
    keras.Input((32, 32, 1)), layers.Flatten(), layers.Dense(56, activation="relu"),
    layers.Dense(56, activation="relu"), layers.Dense(10, activation="softmax"),
])
rivals = {"MLP": mlp, "LeNet-5": yours(lenet5_modern, "relu", "max")}
for name, rival in rivals.items():
    if rival:
        costs = layer_table(rival)
        print(f"{name:8} {costs.parameters:,} parameters, {costs.multiply_adds:,} multiply-adds")

# %% tags=["nbval-ignore-output"]
my_guess = {"MLP": None, "LeNet-5": None}
keras.utils.set_random_seed(9)
lines, tests = {}, (framed(X_test), y_test)
for name, rival in rivals.items():
    if rival:
        rival.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        told = rival.fit(framed(X), y, epochs=5, verbose=0, validation_data=tests, callbacks=[progress()]).history
        lines[f"{name}, test digits"] = (list(range(1, 6)), told["val_accuracy"])
        lines[f"{name}, its own digits"] = (list(range(1, 6)), told["accuracy"])
        print(name, "guess:", my_guess[name], " measured:", round(told["val_accuracy"][-1], 3))
figures.curve(
    lines,
    xlabel="epoch", ylabel="accuracy (share of the digits)", title="About 61,000 parameters each, 4,000 digits",
)

# %% [markdown]
# With five starts each the MLP got .878 to .896 of the test digits right, LeNet-5 .940 to .951.
# (After the first epoch the test digits do better than its own: the share of its own is the mean of the whole epoch,
# whose first batches met an untrained network.)
#
# Why? Both have about 61,000 parameters, and both have seen the same 4,000 digits.
# Write three to five sentences. Say what LeNet-5's layers know of pictures before any training,
# what the MLP has to learn instead, and use a number of this lab.

# %% [markdown] tags=["essay:why_lenet:3"]
# LeNet-5 is built on two things that hold for pictures: neighbouring pixels belong together,
# and a stroke means the same wherever it is.
# A filter of C1 sees 5×5 neighbours and has 25 weights, which are used at 28·28 places:
# whatever it learns from a stroke in one corner serves in all others.
# So 61,706 parameters do 416,520 multiply-adds: those of the convolutions are used again and again.
# In the MLP every weight belongs to one pixel. The same stroke, two pixels further, meets other weights,
# which have to learn it from examples that have it there, and 4,000 digits are few for that.
# It does not even know which pixels are neighbours: shuffled pixels would be the same to it.
# Of 100 test digits it gets about 6 more wrong.

# %% [markdown]
# ## The full size, on a GPU
#
# Everything above runs on a laptop. This section is the same code at full size.
# With a GPU it trains LeNet-5 on all 60,000 digits of MNIST, as the paper did.
# Without one it makes three steps on 96 shipped digits, so that you can read it and see it run.
#
# `device.prepare()` lets the GPU's memory grow as needed and chooses **mixed precision**:
# most arithmetic in 16 bits, weights in 32. `fullsize.setting()` says how much to train;
# `fullsize.data(...)` puts the digits into their frame of 32×32.

# %% tags=["nbval-ignore-output"]
from course import fullsize

print(device.prepare())
chosen = fullsize.setting()
pictures = fullsize.data(chosen, "mnist", small="mnist")
print(chosen)

# %% [markdown]
# The pipeline: `Augmented` is a `keras.utils.PyDataset` that shuffles and moves each digit by up to two pixels.
# It does not mirror: a mirrored 2 is no digit. The paper distorted its digits in the same spirit.

# %%
batches = fullsize.Augmented(pictures.x_train, pictures.y_train, chosen.batch, seed=9, flips=False, shift=2)
first, first_labels = batches[0]
print("one step has shape", first.shape[1:], "and numbers up to", int(first.max()))

# %% [markdown]
# The same as a `tf.data` pipeline, for those who work with TensorFlow alone; the only cell that needs it.

# %%
import tensorflow as tf

pipeline = tf.data.Dataset.from_tensor_slices((pictures.x_train, pictures.y_train)).shuffle(1000, seed=9)
wide = [[2, 2], [2, 2], [0, 0]]  # zeros above and below, left and right
pipeline = pipeline.map(lambda image, label: (tf.image.random_crop(tf.pad(image, wide), image.shape), label))
pipeline = pipeline.batch(chosen.batch, drop_remainder=True).prefetch(tf.data.AUTOTUNE)
print(pipeline.element_spec[0].shape[1:])

# %% [markdown]
# The recipe: the paper made 20 passes over the digits, one digit at a time,
# with a learning rate that fell from pass to pass and a second derivative that scaled it for each weight.
# Today one takes batches and Adam, which also scales for each weight, and lets the rate fall along a cosine.
# The last layer computes in float32, where 16 bits would be too coarse.
# `jit_compile` lets XLA compile the whole step. A checkpoint keeps the best weights; early stopping ends what no longer improves.

# %%
import tempfile

large = keras.Sequential([keras.Input((32, 32, 1)), layers.Rescaling(1 / 255)])
for filters in (6, 16):
    large.add(layers.Conv2D(filters, 5, activation="tanh"))
    large.add(layers.AveragePooling2D(2))
for layer in (layers.Flatten(), layers.Dense(120, activation="tanh"), layers.Dense(84, activation="tanh")):
    large.add(layer)
large.add(layers.Dense(10, activation="softmax", dtype="float32"))
rate = keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=chosen.epochs * len(batches))
loss = "sparse_categorical_crossentropy"
large.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"], jit_compile=chosen.jit)

# %% tags=["nbval-ignore-output"]
best = tempfile.mkdtemp() + "/best.weights.h5"
callbacks = [
    keras.callbacks.EarlyStopping("val_accuracy", patience=15, mode="max"),
    keras.callbacks.ModelCheckpoint(
        best, "val_accuracy", mode="max", save_best_only=True, save_weights_only=True
    ),
]
told = large.fit(
    batches, epochs=chosen.epochs, callbacks=[*callbacks, progress()], verbose=0,
    validation_data=(pictures.x_test, pictures.y_test),
)
print("epochs:", len(told.history["loss"]), "  steps:", int(large.optimizer.iterations))
large.load_weights(best)
if chosen.gpu:
    print("best validation accuracy:", max(told.history["val_accuracy"]))

# %% [markdown]
# What to expect on a GPU, in time and in accuracy, is **not measured here**; docs/gpu.md has the table that waits for it.
# The paper reports 99.05 % for its LeNet-5, and 99.2 % with distorted digits.
#
# (The test digits choose the checkpoint here. For a number that you want to publish,
# keep some training digits aside for that, and use the test digits once.)

# %% [markdown]
# ## Free play (not graded)
#
# Here is a network as a list. ConvNetJS, a library that trained in the browser, had such a list on its page,
# and you could change it while it ran. This one is its network for CIFAR-10; it should have 22,466 parameters.
# The last layer, ten units and softmax, is added by itself.

# %%
from course.layer_list import network

convnetjs = """conv 16 5 relu    # 16 maps, filters of 5x5
pool 2
conv 20 5 relu
pool 2
conv 20 5 relu
pool 2"""
layer_table(network(convnetjs, (32, 32, 3), 10))

# %% [markdown]
# Now it reads your digits. Type over the list: the table follows at once, and a line that is no layer is named.
# Then train it, and watch its loss and its first maps.
# How few parameters are enough for 9 of 10 digits? Begin with two lines: `conv 4 5 tanh` and `pool 4`.
# Which pooling, which activation?

# %% tags=["nbval-ignore-output"]
explore.layer_list(X[:512] / 255, y[:512], convnetjs)

# %% [markdown]
# ## What you take with you
#
# - Convolutions with activations, pooling, flatten, dense layers, softmax: the plan of most networks for pictures.
# - Keras names what is missing, not what is wrong. The shapes in an error say more than its words.
# - What runs may be wrong: channels first, a missing activation, logits in a loss for probabilities.
#   A count of parameters sees none of these.
# - LeNet-5 has 61,706 parameters as one builds it today. In 1998 it had 60,000, and 340,908 connections.
# - At the same size it beats an MLP, because it uses its weights again and again.
#
# **Where to read on**
#
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-Based Learning Applied to Document Recognition*,
#   Proceedings of the IEEE, 1998: section II has LeNet-5, table I the connections, figure 9 the results.
# - A. Géron, *Hands-On Machine Learning with Scikit-Learn, Keras and TensorFlow*: the chapter on convolutional networks.
# - The Keras guides at keras.io: *The Sequential model*, *The Functional API*, *Making new layers and models via subclassing*.
#
# Next is lab 10: what the filters that you trained look for.

# %%
lab.score()
