# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.lab14_capstone
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 14 · Capstone: choose, train, explain
#
# **You will learn** to choose a network within budgets, before a single weight is trained,
# to make more out of few pictures, and to hold pictures out without fooling yourself,
# to read from learning curves what went wrong,
# to let a trained classifier scan a picture of any size,
# and to say what else than a class a network can give.
#
# **You need** labs 05 and 07 (costs, receptive field) and Keras as in lab 09.
# **It takes** about three hours.
# There are 36 points, 6 of them for a page of text that a person reads.

# %% [markdown]
# Answer in the cells that say `# your code here`, then run the `check(...)` cell below.
# You may check as often as you like; `hint("my_network")` in a new cell opens a hint for that question.
#
# Images are arrays of shape (batch, height, width, channels), as everywhere.
# "The lectures" are four public lectures on convolutional networks, which this course follows.
# Nothing new is needed here but what the thirteen labs before have taught. New is that **you** decide.

# %%
try:
    from course import check, hint, start
except ModuleNotFoundError:  # on Colab: install the course, and only what is missing there
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
    from course import check, hint, start

lab = start("lab14_capstone", learner="")
lab

# %%
import numpy as np

# yours(f, x) is f(x), or None while you have not written f
from course import curves, device, explore, figures, lazily, scenes, yours
from course.progress import progress
from course.shapes import NAMES, coloured_shapes
from course.tables import layer_table

with device.quiet():  # TensorFlow greets its developers when it starts
    import keras
from keras import layers

# %% [markdown]
# ## 14.1 A network within three budgets ({points:my_network})
#
# Nobody gives you an architecture at work. You get a task and limits:
# the network must fit into a camera, answer in time, and see enough of the picture to decide.
#
# The task here is to name a shape. The pictures are drawn by the course, so there are as many as you like:
# 32×32 pixels, in colour, one of six shapes somewhere, large or small, a little slanted, on a noisy ground.
# The colours say nothing about the class.

# %%
X, y = coloured_shapes(12, seed=14, side=32)
figures.photographs({f"{number}: {NAMES[label]}": X[number] for number, label in enumerate(y)}, columns=6)

# %% [markdown]
# Three numbers are limited, and lab 05 and lab 07 say how they come about.
# For a convolution with a kernel of $f \times f$, $c_\text{in}$ channels and $c_\text{out}$ maps of $h \times w$ places:
#
# - **parameters**: $(f^2 c_\text{in} + 1)\,c_\text{out}$; memory, and what can be learned by heart;
# - **multiply-adds**: $h\,w\,f^2 c_\text{in}\,c_\text{out}$ for one picture; time and battery;
# - **receptive field**: how many pixels, down and across, one number of a map depends on.
#   Each layer adds $(f - 1)$ times the **jump**, the product of all strides before it.
#
# Sixteen filters of 3×3 on a picture of 32×32×3, with padding:

# %%
print("parameters:   ", (3 * 3 * 3 + 1) * 16, "  should be 448")
print("multiply-adds:", 32 * 32 * 3 * 3 * 3 * 16, "  should be 442368")

# %% [markdown]
# Each knob turns several of the numbers at once:
#
# | if you ... | parameters | multiply-adds | receptive field |
# |---|---|---|---|
# | double the maps of a layer | × 2, and × 2 in the next | × 2, and × 2 in the next | same |
# | pool earlier, or take stride 2 | same | those behind it: ÷ 4 | those behind it count double |
# | add a 3×3 layer | more | more | + 2 · jump |
# | take 5×5 instead of 3×3 | × 25/9 | × 25/9 | + 2 · jump |
# | `GlobalAveragePooling2D` for `Flatten` | far fewer in the dense layer | few | same |

# %% [markdown]
# Here is a first try, written without thinking. **Predict** which row holds most of the parameters,
# which one makes most of the multiply-adds, and how far the last convolution sees.

# %%
def first_try():
    return keras.Sequential([
        keras.Input((32, 32, 3)), layers.Rescaling(1 / 255),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.Conv2D(32, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(6, activation="softmax"),
    ])


with lazily():
    table = layer_table(first_try())
table

# %% [markdown]
# The dense layer behind `Flatten` holds 98 % of the 534,886 parameters.
# The second convolution makes 9.4 of 10.8 million multiply-adds, since it runs at full size.
# And for all that the convolutions see 5 pixels. The largest shape measures 20:
# no number in the last map has ever seen a whole ring. (The dense layer sees everything, each place with its own weights,
# and has to learn a ring anew for every place.)
#
# These are **your** limits: at most so many parameters and multiply-adds,
# and a field of at least so many pixels.

# %%
lab.numbers("my_network")

# %% [markdown]
# Play before you program. The list below is a network, one layer a line, and the last layer (six units, softmax)
# is added by itself. Type over it: the table counts what your limits count, at once.
#
# Move `pool 2` in front of `gap`: which of the three numbers change?
# Then put it back and press **train**, with the two `norm` and without.
# Now find a list within your limits: a stride and a pooling first, then 3×3 convolutions with the same few maps
# until the last one sees far enough. At the end raise the number of maps as far as the budgets go.

# %% tags=["nbval-ignore-output"]
some, kinds = coloured_shapes(768, seed=768, side=32)
explore.layer_list(some / 255, kinds, """conv 12 3 stride 2
norm
relu
pool 2
conv 12 3
norm
relu
gap""", epochs=4)

# %% [markdown]
# **Write** `my_network()`. It returns a Keras model of any kind for pictures of shape (32, 32, 3):
#
# - six numbers for each picture, which end in softmax;
# - within your limits, as `layer_table` counts them.
#   Layers with weights are `Conv2D`, `DepthwiseConv2D` (one filter for each map), `Dense` and normalisations.
#   (Multiply-adds of normalisations are not counted, their parameters are, even those that are not trained.)
# - The field is that of the last layer with weights that still gives a **map**, of more than one place.
#   What pools, flattens or averages behind it does not count.

# %% [markdown]
# You may scale the pixels inside, normalise, drop out, branch. Make it a network that can learn the task:
# you train it in 14.3, and there it needs ReLU or something like it between the layers,
# and learns best with `BatchNormalization` behind each convolution (four parameters a map).
#
# The check believes no table. It puts its own numbers into the kernels, changes rows and columns of random pictures,
# and **measures** how far the last map sees. Zeros of the padding are no pixels: so that you get what you count,
# the field that is asked for is much smaller than the picture.

# %% tags=["question:my_network"]
def my_network():
    """A classifier of 32×32×3 pictures into six classes, within my three limits."""
    ### BEGIN SOLUTION
    def build(maps):
        model = keras.Sequential([keras.Input((32, 32, 3)), layers.Rescaling(1 / 127.5, offset=-1)])
        model.add(layers.Conv2D(maps, 3, strides=2, padding="same", use_bias=False))
        for filters, pooled in ((2 * maps, True), (3 * maps, False), (3 * maps, False)):
            model.add(layers.BatchNormalization(momentum=0.9))
            model.add(layers.ReLU())
            if pooled:
                model.add(layers.MaxPooling2D())
            model.add(layers.Conv2D(filters, 3, padding="same", use_bias=False))
        model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        model.add(layers.GlobalAveragePooling2D())
        model.add(layers.Dense(6, activation="softmax"))
        return model

    limits = lab.numbers("my_network")
    for maps in range(12, 3, -1):  # as many maps as the budgets allow
        with lazily():
            table = layer_table(build(maps))
        if table.parameters <= limits["parameters"] and table.multiply_adds <= limits["multiply_adds"]:
            return build(maps)
    ### END SOLUTION


# %% tags=["check:my_network"]
check("my_network")

# %%
model = yours(my_network)
layer_table(model) if model else "Answer the question above first."

# %% [markdown]
# Look at the last column: one number of the last map should see as far as your limit asks.
# The figure draws a stack like that in one direction:
# each layer's dots hang above the dots that they read, and the cone at the bottom is the field.

# %%
figures.cone([(3, 2, 1, 1), (2, 2, 0, 1), (3, 1, 1, 1), (3, 1, 1, 1)], n=32, place=4)

# %% [markdown]
# ## 14.2 More out of few pictures ({points:augment})
#
# A ring is a ring in the mirror, and two pixels further left. Your network does not know that:
# it has to see it. **Augmentation** shows it: each time a picture comes up, it comes mirrored or not,
# and moved a little. The label stays, the pixels do not.
#
# One lecture shows ConvNetJS, a library that trained on CIFAR-10 in the browser, before your eyes.
# It did this and no more: mirror at random, move by up to two pixels.
# Which changes are allowed depends on the task. A mirrored ring is a ring; a mirrored 2 is no digit.

# %% [markdown]
# **Write** `augment(batch, seed)` for an array of shape (count, height, width, channels), whole numbers or fractions.
# It returns an array of the same shape, in which picture `i` is made from picture `i`:
#
# - **mirrored** left to right with probability 1/2;
# - **moved** by −2, −1, 0, 1 or 2 pixels down, and by −2, −1, 0, 1 or 2 pixels to the right
#   (−1 down is 1 up). All five are equally likely in each direction;
# - **zeros come in** where the picture has left; the numbers that stay are as they were.

# %% [markdown]
# All three are drawn **for each picture anew**. A whole batch that moves two pixels to the left
# teaches the network, in that step, about pictures two pixels to the left.
#
# `seed` decides everything: the same batch and the same seed give the same result, another seed gives another.
# `np.random.default_rng(seed)` is a generator for that. `batch` itself is not changed.

# %% tags=["question:augment"]
def augment(batch, seed):
    """Each picture mirrored or not, and moved by up to two pixels; zeros come in."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    count, height, width, _ = batch.shape
    mirrored = rng.random(count) < 0.5
    starts = rng.integers(0, 5, (count, 2))  # where the window begins in the padded picture
    padded = np.pad(batch, ((0, 0), (2, 2), (2, 2), (0, 0)))
    made = np.empty_like(batch)
    for i, (top, left) in enumerate(starts):
        window = padded[i, top : top + height, left : left + width]
        made[i] = window[:, ::-1] if mirrored[i] else window
    return made
    ### END SOLUTION


# %% tags=["check:augment"]
check("augment")

# %% [markdown]
# Look at it before you trust it: that finds mistakes which no accuracy shows. One picture, as it is and seven times augmented.
# (The black rim is what came in. On a dark ground it hardly shows; on a light one a network can learn to see it,
# and libraries offer to repeat the border instead.)

# %%
seen = yours(augment, np.repeat(X[1:2], 7, axis=0), 1)
made = {} if seen is None else {f"copy {number}": picture for number, picture in enumerate(seen, start=1)}
figures.photographs({"as it is": X[1], **made}, columns=8)

# %% [markdown]
# ## 14.3 Train it, and do not fool yourself ({points:train_shapes})
#
# How good is a network? Ask it about pictures that it has not seen in training: the **validation** set.
# It is held out before the training begins. That sounds easy, and it goes wrong all the time.
#
# Take 60 photographs and augment each of them five times, which makes 300 pictures. Mix them, hold out a quarter, train.
# The network has not seen any of the 75 pictures that are held out.
# **Predict** whether their accuracy tells how good it is on new photographs.

# %%
photographs, kinds = coloured_shapes(60, seed=60, side=32)
sources = np.repeat(np.arange(60), 5)  # which photograph each picture was made from
rng = np.random.default_rng(3)
padded = np.pad(photographs, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="edge")
starts = rng.integers(0, 5, (300, 2))
pictures = np.stack([padded[at, i : i + 32, j : j + 32] for at, (i, j) in zip(sources, starts)])
held = rng.permutation(300) < 75
new_pictures, new_kinds = coloured_shapes(1000, seed=61, side=32)


# %%
def small_net():
    return keras.Sequential([
        keras.Input((32, 32, 3)), layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(16, 5, strides=2, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(48, activation="relu"), layers.Dense(6, activation="softmax"),
    ])

# %% tags=["nbval-ignore-output"]
my_guess = "about the same, or higher, or lower?"
keras.utils.set_random_seed(14)
leaky = small_net()
leaky.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
leaky.fit(pictures[~held], kinds[sources[~held]], epochs=30, verbose=0, callbacks=[progress()])
print("pictures that were held out:", round(leaky.evaluate(pictures[held], kinds[sources[held]], verbose=0)[1], 2))
print("new photographs:            ", round(leaky.evaluate(new_pictures, new_kinds, verbose=0)[1], 2))
print("your guess:", my_guess)

# %% [markdown]
# The pictures that were held out are not new at all: their sisters, moved by a pixel or two, were learned by heart.
# This is a **leak**: the validation knows something of the training.
# In medicine it is two scans of one patient, in video two neighbouring frames, in a web crawl the same photograph twice.
#
# The rule: first divide what the pictures **come from**, then augment, and augment only what is trained on.

# %% [markdown]
# **Write** `hold_out(sources, share, seed)`.
# `sources` is an array with one whole number for each picture: which photograph it was made from.
# The numbers are in disorder, need not be 0, 1, 2, ..., and may stand there once or several times.
#
# Return two lists or arrays of places (0 is the first picture): **training**, then **validation**.
#
# - Each place stands in exactly one of the two; their order does not matter.
# - All pictures of one photograph are on the same side.
# - `share` of the **photographs** are held out, `round(share * number_of_photographs)` of them.
# - `seed` decides which; another seed holds out others.
#
# One check, behind the next function, asks both.

# %% tags=["question:train_shapes:hold_out"]
def hold_out(sources, share, seed):
    """Places for training and places for validation; no photograph is on both sides."""
    ### BEGIN SOLUTION
    photographs = np.unique(sources)
    shuffled = np.random.default_rng(seed).permutation(photographs)
    held = np.isin(sources, shuffled[: round(share * len(photographs))])
    return np.flatnonzero(~held), np.flatnonzero(held)
    ### END SOLUTION


# %% [markdown]
# Now the training. **Write** `train_shapes(images, labels, epochs)`: it makes a new network, trains it,
# and returns the model.
#
# - `images` are uint8 from 0 to 255, shape (n, 32, 32, 3); `labels` are whole numbers from 0 to 5.
# - In each epoch the network sees every picture once, augmented anew: `augment(images, epoch)` with its own seed for each epoch,
#   then `model.fit(..., epochs=1)`. (Keras' own layers `RandomFlip` and `RandomTranslation` do, too.)
# - The model gets pictures as they come or divided by 255; any other scaling belongs into it.
#
# `my_network()` is meant for this, and you may take another network.

# %% [markdown]
# The check gives 1,200 images and 8 epochs, and then asks about 1,000 pictures that it draws itself.
# It asks for 35 and for 75 of 100. A network like the one of 14.1 reaches .90 and more with Adam,
# a learning rate of .001 to .003 and batches of 32, if it has **batch normalisation** behind its convolutions
# (`momentum=0.9`: some hundred steps are few for Keras' own .99). Without it, ours got .53 to .92.
# An unlucky start costs nothing: a model that is not good is trained once more.

# %% tags=["question:train_shapes"]
def train_shapes(images, labels, epochs):
    """A network, trained on pictures from 0 to 255 of shape (n, 32, 32, 3), augmented anew in each epoch."""
    ### BEGIN SOLUTION
    model = my_network()
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    for epoch in range(epochs):
        model.fit(augment(images, epoch), labels, batch_size=32, epochs=1, verbose=0)
    return model
    ### END SOLUTION


# %% tags=["check:train_shapes", "nbval-ignore-output"]
check("train_shapes")

# %% [markdown]
# Now as one does it for oneself: divide, train on one part, validate on the other.
# All 2,400 pictures come from different photographs here, so `sources` is 0, 1, 2, ...
# The last line is new: the accuracy of a validation set is itself a measurement. With $n$ pictures and accuracy $a$
# it is off by about $\sqrt{a(1 - a)/n}$ in two of three cases.

# %% tags=["nbval-ignore-output"]
X, y = coloured_shapes(2400, seed=2400, side=32)
parts = yours(hold_out, np.arange(2400), 0.25, 14)
keras.utils.set_random_seed(14)
trained = yours(train_shapes, X[parts[0]], y[parts[0]], 8) if parts else None
said = trained.predict(X[parts[1]], verbose=0).argmax(axis=1) if trained else None
if trained:
    right = float(np.mean(said == y[parts[1]]))
    spread = (right * (1 - right) / len(parts[1])) ** 0.5
    print(f"{len(parts[0])} to train on, {len(parts[1])} held out: {right:.3f} right, give or take {spread:.3f}")
    print("new pictures:", round(trained.evaluate(new_pictures, new_kinds, verbose=0)[1], 3))

# %% [markdown]
# The two numbers should lie near each other, no further apart than two or three such spreads.
# Which shapes does it take for which?

# %% tags=["nbval-ignore-output"]
counts = np.zeros((6, 6), int)
if trained:
    np.add.at(counts, (y[parts[1]], said), 1)
figures.confusion(counts, NAMES, title="Shapes that were held out")

# %% [markdown]
# ## 14.4 What the curves say ({points:diagnose_runs})
#
# When a training goes wrong, the loss after each epoch is the first thing to look at.
# The charts below are real: networks with two convolutions were trained on shapes of 20×20 pixels for 20 epochs,
# and this is what went on in them. Each has three lines.
#
# - **training**: the mean loss on the pictures that it was trained on, as they passed;
# - **validation**: the loss on pictures that were held out, or should have been;
# - **new pictures**: the loss on 600 others. They were looked at afterwards; nobody has this line while training.
#
# The loss of guessing six classes is $\ln 6 = 1.79$. Losses above 4 are drawn at 4.

# %% [markdown]
# What can happen, and the codes for it:
#
# | code | what is wrong |
# |---|---|
# | `"healthy"` | nothing: the losses fall together and come near to rest |
# | `"overfits"` | too few pictures for the network: it learns them by heart |
# | `"underfits"` | the network is too small: it learns something and comes to rest, and the loss is high on all pictures |
# | `"rate high"` | the learning rate is too large: the loss leaps, once or often, and nothing is learned |
# | `"rate low"` | the learning rate is too small: nothing has come to rest yet |
# | `"leak"` | the validation pictures are pictures of the training set |
# | `"labels"` | the labels of the training pictures are in disorder; those of the others are right |

# %% [markdown]
# Before you look: **predict**, for each code, where the three lines go. Draw two or three of them on paper.
# Which pair of codes would you not be able to tell apart without the third line?
#
# These six runs are yours. They are all different, so one of the seven codes is not among them.

# %%
my_numbers = lab.numbers("my_runs")
guessing = {"guessing": ([1, curves.EPOCHS], [curves.GUESSING] * 2)}
figures.panels(
    {f"run {number}": curves.learning_curves(number) | guessing for number in my_numbers},
    xlabel="epoch", ylabel="loss (nats)", columns=3,
)

# %% tags=["question:diagnose_runs:rule"]
### BEGIN SOLUTION
def read_off(number):
    """A code from the numbers behind the chart."""
    training, validation, new = (curves.learning_curves(number)[name][1] for name in curves.LINES)
    if training.max() > 2.2:
        return "rate high"
    if training[-1] < 0.6 and new[-1] > 0.8:
        if validation[-1] < 0.5:
            return "leak"
        return "labels" if validation.min() > 1.7 else "overfits"
    if training[-1] > 0.8:
        return "underfits" if training[9] < 1.55 else "rate low"  # what comes to rest has fallen early
    return "healthy"
### END SOLUTION

# %% [markdown]
# **Write** your six codes in the order of your charts, from left to right, the upper row first.
# They count in pairs: charts 1 and 2, 3 and 4, 5 and 6. (The cell before is for notes, or for a rule, if you like to write one.)

# %% tags=["question:diagnose_runs"]
my_runs = [
    ### BEGIN SOLUTION
    read_off(number) for number in my_numbers
    ### END SOLUTION
]

# %% tags=["check:diagnose_runs"]
check("diagnose_runs")

# %% [markdown]
# The healthy run and the leak look alike as long as one sees two lines: training and validation agree.
# That is what makes leaks expensive. They do not look like a mistake, they look like success.
#
# What would you do? Overfitting: more pictures, augmentation, a smaller network, dropout, an earlier end.
# Underfitting: a larger network. A rate too high or too low: another rate, by factors of 3 or 10.
# Labels in disorder: look at twenty pictures with their labels, before you change anything else.

# %% [markdown]
# ## 14.5 A classifier that scans ({points:fc_to_conv})
#
# Lab 01 let a small network scan a picture: cut out every window, ask the network about each.
# It found that the first layer is a convolution. Now the circle closes: **the whole network** is one.
#
# Think of the first dense layer behind `Flatten`. Its maps have shape (h, w, c), and a unit has a weight for each of their
# $h \cdot w \cdot c$ numbers. It multiplies and adds up. That is a filter of $h \times w \times c$ that has one place to stand.
# Give it a larger map, and it has more places: one for each window of the larger picture.
# A dense layer behind it reads the units of one place: a convolution with a 1×1 kernel.

# %% [markdown]
# `Flatten` writes the maps row by row, and in each row place by place, with the c numbers of a place side by side:
# the order of `reshape`. The kernel of the dense layer has shape (h·w·c, units) and is in this order too.
# **Predict** the shape that it takes as a convolution's kernel, and check it with numbers: both lines must agree.

# %%
rng = np.random.default_rng(0)
maps, kernel = rng.integers(-3, 4, (2, 3, 4)), rng.integers(-3, 4, (2 * 3 * 4, 5))  # h 2, w 3, c 4, five units
print("dense:      ", maps.reshape(-1) @ kernel)
print("as a filter:", np.einsum("hwc,hwcu->u", maps, kernel.reshape(2, 3, 4, 5)))

# %% [markdown]
# **Write** `fc_to_conv(model)`. `model` is a `keras.Sequential` for windows of a fixed shape:
#
# - convolutions and poolings, all without padding, each with its activation (there may be none of them);
#   perhaps `Rescaling` in front;
# - one `Flatten`, then one or several `Dense` layers, with `Dropout` between them perhaps.
#   Hidden layers have ReLU, the last one softmax.
#
# Return a Keras model with the same weights for pictures of **any** size, `keras.Input((None, None, channels))`.
# It ends in maps of shares, shape (batch, rows, columns, classes). On one window alone that is (batch, 1, 1, classes).
# `model` itself stays as it is.

# %% [markdown]
# A layer may be called on a second input and brings its weights along: `x = layer(x)`.
# A new layer gets its weights when it has seen its input: `new = layers.Conv2D(...)`, `x = new(x)`,
# `new.set_weights([kernel, bias])`.
#
# Why without padding? A padded convolution in a window sees zeros beyond the window's rim.
# In the large picture it sees the neighbours. Then the two would differ, by what stands next to the window.

# %% tags=["question:fc_to_conv"]
def fc_to_conv(model):
    """A model for pictures of any size that says at each place what `model` says of the window there."""
    ### BEGIN SOLUTION
    inputs = x = keras.Input((None, None, model.input_shape[-1]))
    side = None
    for layer in model.layers:
        if isinstance(layer, layers.Flatten):
            side = layer.input.shape[1:]
        elif isinstance(layer, layers.Dense):
            kernel, bias = layer.get_weights()
            first = (*side, layer.units) if side is not None else (1, 1, *kernel.shape)
            convolution = layers.Conv2D(layer.units, first[:2], activation=layer.activation)
            x, side = convolution(x), None
            convolution.set_weights([kernel.reshape(first), bias])
        else:
            x = layer(x)
    return keras.Model(inputs, x)
    ### END SOLUTION


# %% tags=["check:fc_to_conv"]
check("fc_to_conv")

# %% [markdown]
# Let it scan. The next network learns windows of 32×32 pixels that are cut from larger pictures:
# the six shapes, each near the middle of its window, and a seventh class, **nothing**,
# for windows without a shape or with one that stands off the middle.
# All its convolutions are without padding, and `Flatten` comes before the dense layers.

# %%
def window_classifier():
    return keras.Sequential([
        keras.Input((32, 32, 3)), layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(16, 5, activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(24, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(48, activation="relu"), layers.Dense(7, activation="softmax"),
    ])

# %% tags=["nbval-ignore-output"]
windows, contents = scenes.window_set(3600, seed=1)
keras.utils.set_random_seed(14)
classifier = window_classifier()
classifier.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
classifier.fit(windows, contents, batch_size=32, epochs=7, verbose=0, callbacks=[progress()])
tests = scenes.window_set(600, seed=2)
print("windows of new pictures:", round(classifier.evaluate(*tests, verbose=0)[1], 2))

# %% [markdown]
# Here is a picture of 96×128 pixels with seven shapes. The strides of the network multiply to 4:
# two poolings. **Predict** how many places its map has, down and across. Windows are 32 wide, and begin at 0, 4, 8, ...

# %% tags=["nbval-ignore-output"]
my_guess = None
large = scenes.scene(96, 128, [1, 3, 5, 0, 1, 4, 2], seed=5)
scanner = yours(fc_to_conv, classifier)
shares = np.array(scanner(large.image[None].astype("float32")))[0] if scanner else np.zeros((17, 25, 7))
print("your guess:", my_guess, "  map:", shares.shape, "  should be (17, 25, 7)")
figures.scanned(
    large.image, {name: shares[..., number] for number, name in enumerate(NAMES)}, window=32, stride=4,
)

# %% [markdown]
# Each map answers "where is one?" for one class, and nobody ever told the network a place.
# A window's answer is drawn at its **middle**, so the outer 16 pixels have none.
#
# Was it worth it? Cutting out 17·25 = 425 windows and asking the classifier about each would compute
# the same convolutions of the same pixels again and again: a pixel in the middle lies in 64 windows.
# **Predict** how many times less work one scan is. More than 64, or fewer?

# %%
with lazily():
    one = layer_table(window_classifier()).multiply_adds
first = (96 - 4) * (128 - 4) * (5 * 5 * 3 * 16)  # 92×124 places; pooled 46×62
second = (46 - 2) * (62 - 2) * (3 * 3 * 16 * 24)  # 44×60 places; pooled 22×30
dense = 17 * 25 * (6 * 6 * 24 * 48 + 48 * 7)  # the first dense layer: a filter of 6×6 on 22×30 places
scan = first + second + dense
print(f"425 windows, one by one: {425 * one:,} multiply-adds")
print(f"one scan:                {scan:,} multiply-adds, {425 * one / scan:.1f} times less; should be 15.5")

# %% [markdown]
# This is how detection began: Sermanet and others
# scanned with a converted network in the manner of AlexNet (OverFeat, 2013),
# and Long, Shelhamer and Darrell made segmentation networks out of classifiers in 2015.
# They also had to bring the small map back to the picture's size; a place for every 4 pixels is coarse.
#
# From the map to a list of things: take the highest share, write down class and place, wipe its neighbourhood out,
# and go on. That is **non-maximum suppression** in its simplest form.

# %% tags=["nbval-ignore-output"]
left = shares[..., :6].copy()
while left.max() > 0.8:
    row, column, kind = np.unravel_index(left.argmax(), left.shape)
    print(f"{NAMES[kind]:8} at row {16 + 4 * row}, column {16 + 4 * column}   share {left.max():.2f}")
    left[max(0, row - 4) : row + 5, max(0, column - 4) : column + 5] = 0
print("in the picture:", sorted((NAMES[label], *map(round, at)) for label, at in zip(large.labels, large.middles)))

# %% [markdown]
# Compare the two lists. The triangle cannot be found: its middle is 6 pixels from the border,
# and no window has its middle nearer to the border than 16. (Whoever wants the rim puts a frame around the picture first.)
# What else is missing, or too much? The highest shares are not always right: the network learned from 3,600 windows,
# and every place of a large picture is one more chance to be wrong.

# %% [markdown]
# ## 14.6 What else can come out? ({points:task_outputs})
#
# A class is the simplest answer to a picture. The lectures name many tasks that end otherwise,
# and nearly all of them keep the convolutions and change what stands behind them.
#
# | word | what comes out for one picture |
# |---|---|
# | `"class"` | one share for each class of a fixed list; the largest wins |
# | `"numbers"` | several numbers with a meaning of their own, side by side |
# | `"boxes"` | a list: for each thing four numbers and a class |
# | `"mask"` | a class for each pixel |
# | `"points"` | places in the picture: two numbers, or one heat map, for each |
# | `"vector"` | some hundred numbers without names, to be compared with those of other pictures |
# | `"sentence"` | words, one after another |
# | `"image"` | pixels to look at |

# %% [markdown]
# Ten tasks, most of them from the lectures. Which word says best what the network gives?
#
# | | task |
# |---|---|
# | 1 | signs: a traffic sign, cut out already; which of 43 is it? |
# | 2 | street: all cars and people in front of a car, how large and where |
# | 3 | roads: in a photograph from an aeroplane, which pixels are road |
# | 4 | runner: where are wrists, elbows, knees and ankles? |
# | 5 | galaxies: of people who look at it, which share would choose each of 37 answers? |

# %% [markdown]
# | | task |
# |---|---|
# | 6 | whales: a photograph from a helicopter; which of the known animals is it? |
# | 7 | similar: find the ten most similar ones among a million photographs, at once, whatever they show |
# | 8 | tumour: its outline in a mammogram |
# | 9 | caption: tell a blind person what is going on in a photograph |
# | 10 | painting: this photograph, in the manner of that painting |
#
# **Write** ten words in this order. A word may be needed twice, or not at all. Five in a row count together.

# %% tags=["question:task_outputs"]
my_outputs = [
    ### BEGIN SOLUTION
    "class", "boxes", "mask", "points", "numbers",
    "class", "vector", "mask", "sentence", "image",
    ### END SOLUTION
]

# %% tags=["check:task_outputs"]
check("task_outputs")

# %% [markdown]
# Who did this first, as the lectures tell it: Sermanet and LeCun, and Cireșan and others, for traffic signs (2011);
# Ren and others for boxes (Faster R-CNN, 2015); Mnih and Hinton for roads (2010); Farabet and others for a class at each pixel (2013);
# Toshev and Szegedy for joints (DeepPose, 2014); Dieleman and others for galaxies (2015); Vinyals and others, and Karpathy and Fei-Fei,
# for captions (2015); Gatys and others for style (2015). Lévy and Jain read mammograms (2016).
#
# > **Lecture, repaired.** GAN stands for **generative** adversarial network; one slide has "generalised".
# > Of the networks that make pictures from nothing (VAE, GAN, diffusion) none classifies;
# > but all are built from convolutions, and most begin with a small map and make it larger, step by step.

# %% [markdown]
# ## One page ({points:one_page})
#
# Choose **one** of the lectures' applications: detection, segmentation, pose, captioning, style transfer, retrieval,
# or another one of the table above. Write about a page, 250 to 400 words, for somebody who has done labs 01 to 13.
#
# - What comes in, what comes out? Give shapes.
# - Which part of a trained classifier would you keep, and why that part? What do its maps know that this task needs?
# - What do you put on top instead, and what loss, or what comparison, trains it?
# - Use something that this course **measured or proved**, with its number.
# - What can go wrong, and how would you notice?

# %% [markdown] tags=["essay:one_page:6"]
# **Segmentation of roads in aerial photographs.**
#
# In comes a photograph from an aeroplane, say (512, 512, 3), out comes a mask (512, 512, 2): for each pixel the shares of
# "road" and "no road". The classes are few; what is hard is that each pixel needs both the edge at its feet
# and the neighbourhood: a grey stripe is a road because it goes on, and a roof because it ends.
#
# I keep all convolutions of a trained classifier, say VGG-16 without its dense layers. Its first layers know edges and colours,
# its later ones textures and parts, and since weights are shared (equivariance, lab 06) they know them at every place.
# The dense layers go: they hold 89 % of VGG-16's parameters (lab 12) and throw the place away, which is what I need.
# As in 14.5 the dense layers could become convolutions, and the classifier would scan:
# the map then has one place for every 32 pixels, since five poolings multiply to a jump of 32. A road of 8 pixels falls between.
# So on top comes a decoder: the map is enlarged step by step, and at each step the maps of the same size from
# the way down are added by a shortcut, as in ResNet: they bring the edges back. The last layer is a 1×1 convolution with two maps.
#
# The loss is cross-entropy at each pixel, averaged. Roads are perhaps 5 % of the pixels: whoever always says "no road" is right in 95 %.
# So I look at the intersection of found and true road over their union, not at the accuracy.
#
# What else can go wrong? Tiles of one photograph that lie side by side, one in the training set, one held out:
# that is the leak of 14.3, in which the pictures held out looked far better than new photographs.
# I divide by town, not by tile, and keep a town for the end. Shadows and snow are not in the data: I would look at the
# worst hundred tiles with my own eyes. Mirroring and turning are allowed here, since from above there is no up.

# %% [markdown]
# ## The full size, on a GPU
#
# Everything above runs on a laptop. This section is the same code at full size, and it is your choice what to train.
# With a GPU it takes all 50,000 pictures of CIFAR-10; without one it makes a few steps on 96 shipped pictures,
# so that you can read it and see it run. `device.prepare()` chooses mixed precision, `fullsize.setting()` how much to train.

# %% tags=["nbval-ignore-output"]
from course import fullsize

print(device.prepare())
chosen = fullsize.setting()
pictures = fullsize.data(chosen)
keep = int(0.9 * len(pictures.x_train))  # a tenth is held out; the test pictures are for the end
batches = fullsize.Augmented(pictures.x_train[:keep], pictures.y_train[:keep], chosen.batch, seed=14, shift=4)
held = pictures.x_train[keep:], pictures.y_train[keep:]
print(chosen)

# %% [markdown]
# A network in the manner of your own, wider: convolutions with batch normalisation in three blocks, averaged at the end.
# `AdamW` (Adam with weight decay) takes steps that fall along a cosine; `jit_compile` lets XLA compile the step; the checkpoint with the best validation is kept,
# and early stopping ends what no longer improves. The test pictures are used **once**.

# %%
def wide(shape, maps):
    inputs = x = keras.Input(shape)
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    for filters in (maps, 2 * maps, 4 * maps):
        for stride in (1, 2):
            x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
            x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(10, activation="softmax", dtype="float32")(x))


keras.utils.set_random_seed(14)
network = wide(pictures.x_train.shape[1:], 64 if chosen.gpu else 8)

# %% tags=["nbval-ignore-output"]
import tempfile

rate = keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=chosen.epochs * len(batches))
loss = "sparse_categorical_crossentropy"
network.compile(keras.optimizers.AdamW(rate), loss, metrics=["accuracy"], jit_compile=chosen.jit)
best = tempfile.mkdtemp() + "/best.weights.h5"
kept = {"monitor": "val_accuracy", "mode": "max", "save_best_only": True, "save_weights_only": True}
callbacks = [
    keras.callbacks.ModelCheckpoint(best, **kept),
    keras.callbacks.EarlyStopping("val_accuracy", patience=15, mode="max"),
]
told = network.fit(
    batches, epochs=chosen.epochs, callbacks=[*callbacks, progress()], validation_data=held, verbose=0
)
print("epochs:", len(told.history["loss"]), "  steps:", int(network.optimizer.iterations))

# %% tags=["nbval-ignore-output"]
network.load_weights(best)
if chosen.gpu:
    print("held out:", max(told.history["val_accuracy"]))
    print("test:    ", network.evaluate(pictures.x_test, pictures.y_test, verbose=0)[1])

# %% [markdown]
# What to expect on a GPU, in time and in accuracy, is **not measured here**; docs/gpu.md has the table that waits for it.

# %% [markdown]
# ## Where these networks go
#
# A detector, a segmentation network and a style transfer are small enough to be trained here, in a minute all together:
# they stand in the notebook [extra_applications](../extra_applications/extra_applications.ipynb),
# with captions and new pictures to read about.
# Take your trained maps, and put another head on them. None of it is graded.

# %% [markdown]
# ## Free play (not graded)
#
# **Other limits.** How few parameters are enough for 60 of 100 shapes? And for 90?
#
# **Which augmentation helps?** Train `my_network` on 200 pictures, with `augment` and without, five seeds each,
# and compare the difference with the spread. Then allow moves by 6 pixels, or turn pictures upside down: a triangle minds that.
#
# **Padding in the scanner.** Give `window_classifier` convolutions with `padding="same"`, convert it, and look where
# the shares differ from those of the windows, and by how much.
#
# **Your own scene.** `scenes.scene(height, width, labels, seed)` draws one. What does the scanner say of two shapes that touch,
# of a shape twice as large, of the photograph of a cat?

# %% tags=["nbval-ignore-output"]
from course import datasets

cat = (255 * datasets.photograph("chelsea", (96, 144))).astype("float32")
if scanner:
    found = np.array(scanner(cat[None]))[0]
    print("the scanner is sure of a shape at", int((found[..., :6].max(axis=-1) > 0.9).sum()), "of", found[..., 0].size)

# %% [markdown]
# (It was never shown a cat, and softmax has no way to say "I do not know". A share of .99 is a promise only for pictures
# like those of the training.)

# %% [markdown]
# ## What you take with you
#
# - Parameters, multiply-adds and the receptive field can be chosen before anything is trained, and measured afterwards.
# - Augmentation multiplies pictures by what the task does not mind. Each picture draws for itself.
# - Hold out what the pictures come from, not the pictures. A leak looks like success.
# - Curves tell overfitting, underfitting, a wrong rate and broken labels apart. They do not show a leak.
# - A dense layer behind maps is a convolution with one place. A classifier can scan, at a fraction of the cost of windows.
# - Other tasks keep the convolutions and change what stands behind them.

# %% [markdown]
# **Where to read on**
#
# - J. Long, E. Shelhamer, T. Darrell, *Fully Convolutional Networks for Semantic Segmentation*, CVPR 2015.
# - P. Sermanet and others, *OverFeat: Integrated Recognition, Localization and Detection using Convolutional Networks*, ICLR 2014.
# - S. Kaufman, S. Rosset, C. Perlich, *Leakage in Data Mining*, KDD 2011.
# - A. Karpathy, *A Recipe for Training Neural Networks*, 2019, on his web page: what to look at, in which order.
#
# This was the last lab. You have built, by hand and in Keras, most of what the lectures tell of.
# Choose a task that somebody needs, and begin with its data.

# %%
lab.score()
