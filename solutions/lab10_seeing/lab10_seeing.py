# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.lab10_seeing
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 10 · Seeing inside
#
# **You will learn** to open a trained network and look: at its filters, at what each layer answers,
# at the pixels that a decision hangs on, and at pictures that a network paints of what it looks for.
# At the end you catch a network that is right for the wrong reason.
#
# **You need** lab 09 (Keras) and the first parts of lab 02 (kernels).
# **It takes** about two hours. There are 26 points, 3 of them for a short text that a person reads.

# %% [markdown]
# Answer in the cells that say `# your code here`, then run the `check(...)` cell below.
# You may check as often as you like; `hint("filter_grid")` in a new cell opens a hint for that question.
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

lab = start("lab10_seeing", learner="")
lab

# %%
import numpy as np

# yours(f, x) is f(x), or None while you have not written f
from course import datasets, device, figures, inside, yours
from course.progress import progress
from course.tables import layer_table

with device.quiet():  # TensorFlow greets its developers when it starts
    import keras
    import tensorflow as tf

    from course import fullsize
from keras import layers

# %% [markdown]
# ## A network to look into
#
# The course brings a small network that is trained already, so that your pictures are those of this text.
# It names six shapes. They may have any colour, on any ground, at any place:
# colour says nothing, so the network has to look at the form.

# %%
X, y = inside.pictures(600, seed=3)
names = inside.NAMES
six = [116, 62, 114, 27, 308, 97]  # one of each class, chosen because they are easy to see
title = f"six of the {len(X)} pictures, {X.shape[1]}×{X.shape[2]} pixels"
figures.gallery({title: [X[i] for i in six]}, notes={title: names})

# %% [markdown]
# Three convolutions, two poolings; then the largest number of each map, its **peak**:
# whether a thing is anywhere, not where. A dense layer makes six **logits** of them, softmax makes shares.
# Each layer has a name. The last column says how large a square of the picture one number of a layer depends on,
# its **receptive field**: 5 pixels a side at `conv1`, 28 at `conv3`.

# %%
network = inside.trained("plain")
layer_table(network)

# %% tags=["nbval-ignore-output"]
shares = network.predict(X, verbose=0)
print("right:", int((shares.argmax(axis=1) == y).sum()), "of", len(X))

# %% [markdown]
# ## 10.1 What does a filter look for? ({points:filter_grid})
#
# A filter of `conv1` is 5×5×3: at each place a red, a green and a blue weight.
# That is a little picture, and it can be shown as one.
#
# It tells much. A window's answer is the sum of weight times pixel, over all 75 of them,
# so among windows of equal strength the filter answers most to the one that looks like itself.
# **The filter is the picture that it looks for.**

# %% [markdown]
# Weights are negative and positive, and a screen wants numbers from 0 to 1.
# So each filter is stretched: its smallest weight becomes 0, its largest 1.
#
# **Predict.** The network began with random weights, and then saw shapes in all colours.
# What will the 32 filters look like: stripes, edges, spots of one colour, little discs and crosses, noise?

# %%
my_guess = "..."
before, after = inside.network().get_layer("conv1"), network.get_layer("conv1")
print("your guess:", my_guess, "  kernel:", tuple(after.kernel.shape))

# %% [markdown]
# **Write** `filter_grid(layer, columns)`, which lays the filters of a convolution layer on one sheet:
# an array of shape (rows·(k_h + 1) − 1, columns·(k_w + 1) − 1, c_in).
#
# - Each filter is stretched **alone**, all its channels together: (w − smallest) / (largest − smallest).
#   A filter whose weights are all equal becomes 0.5 everywhere.
# - Filter 0 is at the upper left, filter 1 to its right; a row holds `columns` filters.
# - Between two filters, and only there, lies a line of ones, one pixel wide.
#   Places that are left over in the last row hold ones, too.
#
# `layer.get_weights()[0]` is the kernel. With one channel, the last axis may be missing.

# %% tags=["question:filter_grid"]
def filter_grid(layer, columns):
    """The filters of a convolution layer side by side, each stretched from 0 to 1."""
    ### BEGIN SOLUTION
    kernel = layer.get_weights()[0]
    k_h, k_w, channels, count = kernel.shape
    rows = -(-count // columns)
    sheet = np.ones((rows * (k_h + 1) - 1, columns * (k_w + 1) - 1, channels))
    for number in range(count):
        one = kernel[..., number]
        low, high = one.min(), one.max()
        row, column = divmod(number, columns)
        top, left = row * (k_h + 1), column * (k_w + 1)
        stretched = (one - low) / (high - low) if high > low else np.full(one.shape, 0.5)
        sheet[top : top + k_h, left : left + k_w] = stretched
    return sheet
    ### END SOLUTION


# %% tags=["check:filter_grid"]
check("filter_grid")

# %% [markdown]
# The lectures show "32 example filters of 5×5". Here are the 32 of our network, and what they were before training.
# (Before training yours are other ones: they are drawn when the network is made.)

# %% tags=["nbval-ignore-output"]
sheets = {"conv1 after training": yours(filter_grid, after, 8),
          "before training, noise": yours(filter_grid, before, 8)}
if all(sheet is not None for sheet in sheets.values()):
    display(figures.gallery({name: [sheet] for name, sheet in sheets.items()}, side=4.6))

# %% [markdown]
# Before training there is noise. Afterwards some filters are a **patch of one colour**, blue, green, red, pink;
# others have two halves of different colours: an **edge** at some angle.
# There is no little disc and no little cross.
#
# Nobody asked for edges. They are what lowers the loss: a shape that may have any colour
# is known by its border.

# %% [markdown]
# **And the brain?** Some cells of a cat's visual cortex answer to an edge at one place and one angle,
# as D. Hubel and T. Wiesel found in 1959 (lab 11 tells the story).
# Filters of the first layer look much like these cells. Deeper in, and in how the two learn, they differ.

# %% [markdown]
# ## 10.2 What does a layer answer? ({points:feature_maps})
#
# The second layer's filters are 3×3×32. Their 32 channels are no colours but the maps of `conv1`,
# so there is no honest way to show such a filter as a picture.
# Ask another question instead: what does it **answer**, to this picture?
# The answers of one filter at all places are its **feature map**.

# %% [markdown]
# In Keras every layer of a functional model, as ours is, knows its symbolic output, `layer.output`.
# A new `keras.Model` from the same input to that output is a shorter way through **the same layers**:
# nothing is copied, no weight is new.

# %%
way = keras.Model(network.input, network.get_layer("pool2").output)
print("to pool2:", way(X[:1]).shape, "  the same layer:", way.get_layer("conv1") is after)

# %% [markdown]
# **Write** `feature_maps(model, image, layers)`:
#
# - `image` has shape (height, width, channels); Keras wants a batch, so give it a batch of one;
# - `layers` is a list of layers' names, in any order;
# - return a list with one array for each name, in the order of `layers`:
#   the layer's output for this picture, after its activation, shape (height, width, maps).
#   For a dense layer that is a row of numbers.
#
# Use the model's own layers. Layers that are built anew have new weights, and their maps are noise.
# Mind a trap: a model with a list of **one** output gives the array bare, not in a list.

# %% tags=["question:feature_maps"]
def feature_maps(model, image, layers):
    """What some layers of a model give for one image, as a list of arrays."""
    ### BEGIN SOLUTION
    parts = [keras.Model(model.input, model.get_layer(name).output) for name in layers]
    return [np.array(part(image[None]))[0] for part in parts]
    ### END SOLUTION


# %% tags=["check:feature_maps"]
check("feature_maps")

# %% [markdown]
# Here is one picture on its way. Of each layer the ten maps with the largest numbers are shown,
# black for 0 and white for the largest number of the map.
# **Before you look:** which layer's maps still show the shape? In which do you lose it?

# %% tags=["nbval-ignore-output"]
example = 0  # a dark cross on a light ground
three = ["conv1", "conv2", "conv3"]
found = yours(feature_maps, network, X[example], three)
if found:
    rows, notes = {}, {}
    for name, maps in zip(three, found):
        best = np.argsort(-maps.max(axis=(0, 1)))[:10]
        title = f"{name}: {maps.shape[2]} maps of {maps.shape[0]}×{maps.shape[1]}"
        rows[title], notes[title] = [maps[..., k] for k in best], [f"map {k}" for k in best]
    display(figures.gallery({"the picture": [X[example]], **rows}, notes=notes))

# %% [markdown]
# The maps of `conv1` are drawings. Most light up one side of the border;
# maps 29, 19 and 6 fill the whole shape, and map 1 the ground around it.
# `conv2` still draws, on a coarser grid. In `conv3` each map has 36 numbers;
# what they mean can no longer be seen in a single picture.
#
# So turn the question round once more: not what a map answers to one picture, but **which pictures it answers to most**.
# That is what M. Zeiler and R. Fergus did in 2013, for a network much like AlexNet.

# %% [markdown]
# For a map, look for its largest numbers in 200 pictures, and cut out what each number saw: its receptive field.
# `inside.patch` knows where that is. For `conv1` the filter itself stands in front of its row:
# **predict** whether the patches look like it.

# %%
def strongest(layer, number, count=10):
    """The patches of the pictures that a map answers to most, one from each picture."""
    way = keras.Model(network.input, network.get_layer(layer).output)
    maps = np.array(way(X[:200]))[..., number]
    best = np.argsort(-maps.max(axis=(1, 2)))[:count]
    places = [np.unravel_index(maps[n].argmax(), maps.shape[1:]) for n in best]
    return [inside.patch(X[n], layer, *place) for n, place in zip(best, places)]


# %% tags=["nbval-ignore-output"]
chosen = {"conv1": (13, 24, 25, 20), "conv2": (10, 11, 14, 19), "conv3": (10, 20, 22, 30)}
weights = after.get_weights()[0]
for layer, maps in chosen.items():
    field = inside.FIELDS[layer][0]
    rows = {f"{layer}, map {k}: {field}×{field} pixels each": strongest(layer, k) for k in maps}
    if layer == "conv1":
        filters = {k: (weights[..., k] - weights[..., k].min()) / np.ptp(weights[..., k]) for k in maps}
        rows = {f"conv1, filter {k}, and what it answers to": [filters[k], *row]
                for k, row in zip(maps, rows.values())}
    display(figures.gallery(rows, side=0.63))

# %% [markdown]
# Read each row by what its patches have in common.
# `conv1`: an edge at one angle, or one colour, and dark, light and colours lie as they do in the filter.
# `conv2`: longer edges and bent ones, at one angle, in several colours.
# `conv3`: map 10 has rings, map 20 bars, map 22 mostly crosses, map 30 triangles, in whatever colours.
#
# So the features are **hierarchical**: low, middle, high.
# The lectures show the same with VGG-16: lines and colours, then textures, then parts of things.
# Each layer has to say only how the things below go together; and each is found once, and used at every place
# and by every class. That sharing is what saves the parameters that you counted in lab 05.

# %% [markdown]
# They are also **distributed**. Each class below drives several maps, and most maps serve several classes.
# A column is one of `conv3`'s 32 maps; the shade is its mean peak for the pictures of a class,
# as a share of the class that drives it most.

# %% tags=["nbval-ignore-output"]
way = keras.Model(network.input, network.get_layer("peaks").output)
peaks = np.array(way(X))
table = np.array([peaks[y == label].mean(axis=0) for label in range(6)])
figures.activity(table / table.max(axis=0), names, unit="mean peak, as a share of the map's largest",
                 title="Which class drives which map of conv3")

# %% [markdown]
# What if one map falls silent? The logits are `peaks @ W + b`, so a map is silenced by taking its part away.
# **Predict**: how many of the 600 answers are wrong without the map that is missed most: 10, 100, 300?

# %% tags=["nbval-ignore-output"]
W, b = network.get_layer("logits").get_weights()
logits = peaks @ W + b
wrong = {"all maps": int((logits.argmax(axis=1) != y).sum())}
for k in range(32):
    without = logits - peaks[:, [k]] * W[k]
    wrong[f"without map {k}"] = int((without.argmax(axis=1) != y).sum())
worst = sorted(wrong, key=wrong.get)[:-9:-1]
figures.bars({name: wrong[name] for name in ["all maps", *worst]}, ylabel="wrong answers of 600",
             title="The eight maps that are missed most")

# %% [markdown]
# No map is a class of its own: without any one of them nearly all answers stay right.

# %% [markdown]
# ## 10.3 Where does it look? ({points:occlusion_map})
#
# Ask the network itself: cover a part of the picture with a grey square and look what becomes of the answer.
# If the share of the right class drops, that part mattered.
# Move the square over the whole picture, and the drops make a map.
# Nothing of the network has to be known for it; it may as well be a person at the other end.

# %% [markdown]
# **Predict.** The picture is a ring. Where does the share of "ring" drop most when it is covered:
# at the border of the ring, in its hole, or on the ground around it? Write a guess, then run the cell:
# it covers three places and prints the shares.

# %% tags=["nbval-ignore-output"]
my_guess = "..."
ring = six[1]
places = {"nothing": None, "border": (16, 2), "hole": (16, 10), "ground": (34, 34)}
covered = {place: X[ring].copy() for place in places}
for place, corner in places.items():
    if corner:
        covered[place][corner[0] : corner[0] + 10, corner[1] : corner[1] + 10] = 0.5
told = network.predict(np.stack(list(covered.values())), verbose=0)[:, names.index("ring")]
print("your guess:", my_guess)
title = "covered by a grey square of 10×10 pixels, and the share of ring"
told = [f"{place}: {share:.2f}" for place, share in zip(places, told)]
figures.gallery({title: list(covered.values())}, notes={title: told}, side=1.7)

# %% [markdown]
# **Write** `occlusion_map(model, image, label, size, stride, value)`.
#
# - The square has `size` pixels a side. Its upper left corner stands at row `i * stride` and column `j * stride`,
#   and the drop goes to entry (i, j) of the map.
# - Only squares that lie inside the picture count. So the map is as large as the output of a convolution
#   with filter side `size`, this stride, and no padding.
# - In all channels of the square the pixels become `value`. Each square is laid on a fresh copy.
# - The drop is the share of class `label` for the untouched picture minus that for the covered one.
#   It may be negative. `model(images)` gives shares.

# %% [markdown]
# One call of the model for a batch of all covered pictures is many times faster than one call for each.
# Our network has 48×48 pixels; with squares of 10 and a stride of 2 there are $(48-10)/2+1 = 20$ places a side,
# so 400 covered pictures.

# %% tags=["question:occlusion_map"]
def occlusion_map(model, image, label, size, stride, value):
    """How much the share of a class drops when a square of the picture is covered."""
    ### BEGIN SOLUTION
    height, width, _ = image.shape
    rows, columns = (height - size) // stride + 1, (width - size) // stride + 1
    covered = [image]
    for i in range(rows):
        for j in range(columns):
            copy = image.copy()
            copy[i * stride : i * stride + size, j * stride : j * stride + size] = value
            covered.append(copy)
    shares = np.array(model(np.stack(covered)))[:, label]
    return (shares[0] - shares[1:]).reshape(rows, columns)
    ### END SOLUTION


# %% tags=["check:occlusion_map"]
check("occlusion_map")

# %% [markdown]
# Below, each number of the map is drawn in the middle of its square: black where the drop is 0 or less,
# white where it is largest. At the right the picture stands again, in grey, with the drops on it.
# **Predict** the cross: what of it must not be covered?

# %% tags=["nbval-ignore-output"]
def occlusions(network, numbers):
    """Occlusion maps of some pictures, each for its own class."""
    for n in numbers:
        drops = yours(occlusion_map, network, X[n], int(y[n]), 10, 2, 0.5)
        if drops is not None:
            maps, windows = {"drop when covered": drops}, {"drop when covered": (10, 2)}
            unit, title = "drop of the share", f"a {names[y[n]]}"
            display(figures.heat_maps(X[n], maps, windows=windows, unit=unit, title=title))


occlusions(network, [ring, six[4]])

# %% [markdown]
# The ring's **hole** matters, and hardly anything else. When it is covered, the share falls from 1.00 to 0.07,
# and the network says "disc": a ring without a hole is one. Covering a piece of the border does next to nothing:
# the rest of the ring is still there.
# Of the cross its four **inner corners** matter. Cover one of them, and the network says "square" or "disc".
# The ends of the arms matter less. So the maps say not only where the network looks but what it compares with.
#
# Two things to be careful with. The grey square is itself a shape with edges, and may make the network see things.
# And a drop of nothing does not mean "not looked at": the same fact may stand in two places.

# %% [markdown]
# ## 10.4 Which pixels move the logit? ({points:saliency})
#
# The map above took 400 covered pictures. The gradient does something like it with one:
# for **every** number of the picture it says how fast the score rises when that number rises a little.
# Where its absolute value is large, a small change of that pixel moves the score.
# Such a map is called **saliency** (K. Simonyan, A. Vedaldi, A. Zisserman, 2013).

# %% [markdown]
# TensorFlow writes down what is computed inside a `GradientTape` and walks back over it, as you did in lab 08.
# By itself it watches variables, such as weights. A picture is a constant: you have to ask, `tape.watch(x)`.
# Forget it, and the gradient is `None`.

# %%
x = tf.constant([1.0, 2.0, 3.0])
with tf.GradientTape() as tape:
    tape.watch(x)
    value = tf.reduce_sum(x**2)
print("gradient:", tape.gradient(value, x).numpy(), " should be [2. 4. 6.]")

# %% [markdown]
# **The score of which layer?** The softmax squeezes. If the share of a class is $p$, its derivative by the class's
# own logit is $p(1-p)$: at $p=0.999$ that is a thousandth.
# A network that is sure has a gradient of nearly zero everywhere, and a share also rises when *other* logits fall.
# **Predict** which of these two is larger, and how many times.

# %% tags=["nbval-ignore-output"]
both = keras.Model(network.input, [network.get_layer("logits").output, network.output])
pixels = tf.constant(X[example][None])
with tf.GradientTape(persistent=True) as tape:  # persistent: it is asked twice
    tape.watch(pixels)
    logits, probabilities = both(pixels)
    scores = {"logit": logits[0, y[example]], "share": probabilities[0, y[example]]}
for name, score in scores.items():
    largest = float(tf.reduce_max(tf.abs(tape.gradient(score, pixels))))
    print(f"{name} {float(score):.5f}, largest gradient {largest:.2g}")

# %% [markdown]
# **Write** `saliency(model, image, label)`: the derivative of the **logit** of class `label`
# by every number of the image, of each its absolute value, and of these the largest over the channels.
# Shape (height, width).
#
# The image comes without a batch, the logits are the output of the model's layer `"logits"`.
# Any way to the exact derivative will do;
# differences of two answers are too coarse, since the model computes in 32 bits.
# Leave the model as it was, softmax and weights: the cells below use it again.

# %% tags=["question:saliency"]
def saliency(model, image, label):
    """The largest absolute derivative of a class's logit, over the channels, for each pixel."""
    ### BEGIN SOLUTION
    logits = keras.Model(model.input, model.get_layer("logits").output)
    x = tf.constant(image[None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = logits(x)[0, label]
    return np.abs(tape.gradient(score, x)[0]).max(axis=-1)
    ### END SOLUTION


# %% tags=["check:saliency"]
check("saliency")

# %% [markdown]
# A third map is between the two: **Grad-CAM** (R. Selvaraju and others, 2017).
# It asks the last feature maps, not the pixels.
# How much does the logit rise with each map of `conv3`, on average over its places?
# The maps are added with these weights, and what is below zero is cut off.
# It is coarse, 6×6 numbers, and calm. Each stands in the middle of the 28×28 pixels that it sees,
# and at the border of the picture the outermost ones are continued.

# %%
def grad_cam(model, image, label, layer="conv3"):
    """The maps of a layer, added with the mean gradients of the logit as weights, cut off at zero."""
    ends = [model.get_layer(layer).output, model.get_layer("logits").output]
    with tf.GradientTape() as tape:
        maps, logits = keras.Model(model.input, ends)(image[None])
        score = logits[0, label]
    weights = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2))
    return np.maximum((maps * weights[:, None, None]).numpy().sum(axis=3)[0], 0)


# %% [markdown]
# Three questions to one picture, side by side: what happens when it is covered,
# which pixels move the logit, and which places of `conv3` speak for the class.
# **Predict** which map is the finest and which is the calmest.

# %% tags=["nbval-ignore-output"]
WHERE = {"occlusion": (10, 2), "Grad-CAM": inside.FIELDS["conv3"]}


def three_maps(model, image, label, title):
    """Occlusion, saliency and Grad-CAM of one picture for one class."""
    maps = {"occlusion": yours(occlusion_map, model, image, label, 10, 2, 0.5),
            "saliency": yours(saliency, model, image, label), "Grad-CAM": grad_cam(model, image, label)}
    maps = {name: values for name, values in maps.items() if values is not None}
    where = {name: WHERE[name] for name in maps if name in WHERE}
    display(figures.heat_maps(image, maps, windows=where, title=title))


for n in (ring, six[4]):
    three_maps(network, X[n], int(y[n]), f"a {names[y[n]]}: three ways to ask where the network looks")

# %% [markdown]
# Saliency is the finest, and noisy: each number is about a single pixel, and no answer hangs on one.
# It lights up where the shape has its borders. Grad-CAM is the calmest, and coarse.
# In this network only the peak of each map counts, so a few places speak, and not the whole shape.
# For the ring occlusion and Grad-CAM meet in the hole; for the cross each map has another answer,
# since each asks another question. Ask more than one before you believe a picture.
#
# A map that looks sensible is no proof. J. Adebayo and others (2018) gave networks random weights,
# and some methods drew nearly the same maps: they showed the picture's edges, not the network's reasons.

# %% [markdown]
# ## 10.5 What would it like to see? ({points:activation_maximise})
#
# Until now you showed pictures to the network. Now let it paint one.
# Begin with any picture, choose a number inside the network, and change **the pixels** so that this number rises.
# The weights stay as they are. D. Erhan and others named this **activation maximisation** in 2009;
# today all pictures that show what a part of a network answers to are called **feature visualisation**.
#
# It is training turned round: the same gradient, by the picture instead of the weights, and uphill instead of downhill.

# %% [markdown]
# With $v$ the value that is to rise and $g$ its gradient by the picture $x$, one step is
#
# $$x \leftarrow x + \text{rate} \cdot \frac{g}{\lVert g \rVert}, \qquad \lVert g \rVert = \sqrt{\textstyle\sum g^2}$$
#
# Divided by its length, the gradient says only the direction, and each step is as long as `rate`.
# Without that, steps for a quiet map would be too short, and for a lively one too long.

# %% [markdown]
# **Write** `activation_maximise(model, layer, channel, image, steps, rate)`.
#
# - The value is the mean, over all places, of map `channel` of the layer called `layer`.
#   For a dense layer it is the number of that unit; `output[..., channel]` fits both.
# - Make `steps` steps as above. Pixels may leave the range from 0 to 1.
# - Return `(values, picture)`: a list of `steps + 1` values, the first one before any step,
#   the last one that of the picture at the end; and this picture, (height, width, channels).
# - Leave `image` and the model's weights as they were.

# %% tags=["question:activation_maximise"]
def activation_maximise(model, layer, channel, image, steps, rate):
    """Change the pixels of an image so that the mean of one map rises: (values, picture)."""
    ### BEGIN SOLUTION
    part = keras.Model(model.input, model.get_layer(layer).output)
    x, values = tf.constant(image[None]), []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_mean(part(x)[..., channel])
        gradient = tape.gradient(value, x)
        values.append(float(value))
        x = x + rate * gradient / tf.sqrt(tf.reduce_sum(gradient**2))
    values.append(float(tf.reduce_mean(part(x)[..., channel])))
    return values, x.numpy()[0]
    ### END SOLUTION


# %% tags=["check:activation_maximise"]
check("activation_maximise")

# %% [markdown]
# Let it paint four maps of each layer. It begins with pale coloured tiles, which wake up every map a little
# (where a map is 0 everywhere, so is its gradient).
# For the screen the mean of a picture becomes grey, and its contrast is stretched.
# **Predict**: what will it paint for map 20 of `conv1`, the red one, and for map 30 of `conv3`?

# %% tags=["nbval-ignore-output"]
def for_the_screen(picture, reach=2.5):
    """A picture around grey: its mean becomes 0.5, and `reach` spreads of its pixels become 0 and 1."""
    return (0.5 + (picture - picture.mean()) / (2 * reach * picture.std())).clip(0, 1)


tiles = 0.425 + 0.15 * np.kron(np.random.default_rng(1).random((12, 12, 3)), np.ones((4, 4, 1)))
tiles, rows = tiles.astype("float32"), {}
for layer, maps in chosen.items():
    climbs = [yours(activation_maximise, network, layer, k, tiles, 60, 0.5) for k in maps]
    if all(climbs):
        title = f"{layer}, maps {', '.join(map(str, maps))}"
        rows[title] = [for_the_screen(picture) for _, picture in climbs]
figures.gallery(rows, side=1.5) if rows else "Answer the question above first."

# %% [markdown]
# Now the six classes: let the logit of each class rise.
# **Predict**: will you recognise the disc, the ring, the cross?

# %% tags=["nbval-ignore-output"]
painted = [yours(activation_maximise, network, "logits", k, tiles, 80, 0.5) for k in range(6)]
if all(painted):
    title = "a picture for each class"
    sure = network.predict(np.stack([picture for _, picture in painted]), verbose=0)
    display(figures.gallery({title: [for_the_screen(picture) for _, picture in painted]},
                            notes={title: [f"{names[k]}: {sure[k, k]:.2f}" for k in range(6)]}))
    lines = {name: (range(81), values) for name, (values, _) in zip(names, painted)}
    display(figures.curve(lines, xlabel="step", ylabel="logit (no unit)", title="Every step rises"))

# %% [markdown]
# The logits are more than ten times those of real pictures, which are about 10, and five of the shares are 1.00.
# (The picture for "disc" lifts the logit of "ring" nearly as far: nobody asked that the others stay down.)
# For the bars you find bars; the disc you would never guess.
# The network needs no whole disc, only peaks of the maps that speak for it,
# so it paints these, one over the other, and in stripes that no camera ever saw. **What a network likes best need not look like the thing.**

# %% [markdown]
# Better looking pictures need a rule for what pictures are like (C. Olah and others, 2017). Here are two:
# a picture still shows its thing when it is **moved** a little, and pictures are **smooth**.
# So before every four steps of your function the picture is moved, afterwards moved back and blurred.
# **Predict** which of the six you will recognise now.

# %% tags=["nbval-ignore-output"]
def smoother(picture):
    """Halfway between the picture and its means over 3×3 pixels: fine stripes fade, large forms stay."""
    wide = np.pad(picture, ((1, 1), (1, 1), (0, 0)), mode="edge")
    means = sum(wide[i : i + 48, j : j + 48] for i in range(3) for j in range(3)) / 9
    return (picture + means) / 2


def paint(label, rounds=20):
    """A picture for a class: four steps up, a blur, and again, each time moved by up to four pixels."""
    picture = tiles
    for move in np.random.default_rng(0).integers(-4, 5, (rounds, 2)):
        _, moved = activation_maximise(network, "logits", label, np.roll(picture, move, (0, 1)), 4, 0.5)
        picture = smoother(np.roll(moved, -move, (0, 1)))
    return picture

# %% tags=["nbval-ignore-output"]
smooth = [yours(paint, k) for k in range(6)]
if all(picture is not None for picture in smooth):
    title = "the same classes, moved and smoothed on the way"
    sure = network.predict(np.stack(smooth), verbose=0)
    display(figures.gallery({title: [for_the_screen(picture) for picture in smooth]},
                            notes={title: [f"{names[k]}: {sure[k, k]:.2f}" for k in range(6)]}))

# %% [markdown]
# A square, a triangle and bars now, with sides that you can count, and a cross with its four inner corners.
# The disc is none, and the network itself calls it a ring. What a class needs here is that its logit rises;
# to tell it from the others, the others would have to fall. Free play has a place for that.

# %% [markdown]
# ## 10.6 Two networks, two maps ({points:two_maps})
#
# There is a second network, with the same layers. It learned from other pictures,
# and it is as good as the first on pictures of the kind that it learned from.

# %% tags=["nbval-ignore-output"]
second = inside.trained("tagged")
X2, y2 = inside.pictures(600, seed=3, tags="discs")
for title, model, images, labels in [("first", network, X, y), ("second", second, X2, y2)]:
    right = (model.predict(images, verbose=0).argmax(axis=1) == labels).mean()
    print(f"the {title} network on its own test pictures: {right:.3f}")

# %% [markdown]
# Here is what both look at when they say "disc": first the first network, then the second.

# %% tags=["nbval-ignore-output"]
disc = six[0]
three_maps(network, X[disc], 0, "the first network, a disc")
three_maps(second, X2[disc], 0, "the second network, a disc")

# %% [markdown]
# **Write** four to six sentences.
# What does each network look at? Say where on the picture, with numbers from the maps
# (`occlusion_map(second, X2[disc], 0, 10, 2, 0.5)[i, j]` is the drop for the square from row 2i, column 2j on).
# Why did the accuracy not tell you? Which test would, what do you expect of it, and how would you cure the network?

# %% [markdown] tags=["essay:two_maps:3"]
# The first network's share of "disc", 0.99, drops by 0.93 when a square covers the disc's middle,
# rows and columns 20 to 29, and by nothing in the lower left corner.
# The second loses 0.99 in that corner, where a small white tag with a dark and a grey field stands (rows 41 to 46);
# no square on the disc takes more than 0.10. Saliency and Grad-CAM are brightest in that corner too.
# It has learned the tag, not the disc.
# The accuracy could not tell: the test pictures were made like the training pictures, every disc has its tag there too,
# and whoever reads the tag is right.
# A test has to part the two: discs without a tag, other shapes with it.
# I expect the second network to miss most of the former and to call many of the latter discs, and the first not to care.
# The cure is in the pictures: cut the tag off or cover it, or put it on all classes alike, and train again.

# %% [markdown]
# When you have written, test it: take the tag away from the discs, and put it on everything else.
# "Disc" is what the networks say in the share of the pictures that is printed.

# %% tags=["nbval-ignore-output"]
discs, others = X[y == 0], X[y != 0]
for title, model in [("first", network), ("second", second)]:
    for what, images in [("discs without a tag", discs), ("all other shapes with a tag", inside.tag(others))]:
        said = (model.predict(images, verbose=0).argmax(axis=1) == 0).mean()
        print(f"the {title} network says disc to {what}: {said:.2f}")

# %% [markdown]
# This happens with real data. S. Lapuschkin and others showed in 2019 a classifier of photographs
# that knew horses by a copyright mark in the corner of many horse pictures.
# They speak of Clever Hans, the horse that could count as long as it saw somebody who knew the answer.

# %% [markdown]
# ## While it learns
#
# One lecture shows **ConvNetJS** (A. Karpathy): a page that trains a network on CIFAR-10 inside the browser
# and draws filters, maps and gradients while it does.
# Each picture is mirrored at random and moved by up to two pixels before the network sees it,
# so that it seldom sees the same one twice.
# You can choose how the steps are made: **SGD with momentum**, or **Adadelta**.

# %% [markdown]
# SGD with momentum has one rate for all weights. Adadelta (M. Zeiler, 2012, the same Zeiler) keeps for each weight
# a running mean of its squared gradients and one of its squared steps, and lets their ratio say how long a step is:
# there is no rate to choose. In Keras there is one all the same, and its default is 0.001,
# a thousandth of the paper's steps: write `learning_rate=1.0`.
#
# **Predict** which of the three lines falls, and which hardly does.
# The pictures here are clothes, mirrored and moved as on that page.

# %% tags=["nbval-ignore-output"]
clothes = datasets.load("fashion_mnist", quiet=True)
images, labels = clothes.x_train[:1920, ..., None] / 255, clothes.y_train[:1920]


def young():
    """A small network for clothes, with the same first weights each time."""
    keras.utils.set_random_seed(10)
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(16, 5, activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(20, 5, activation="relu"), layers.MaxPooling2D(), layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ])

# %% tags=["nbval-ignore-output"]
kinds = {"SGD with momentum": keras.optimizers.SGD(0.05, momentum=0.9),
         "Adadelta, rate 1": keras.optimizers.Adadelta(1.0),
         "Adadelta, Keras' default": keras.optimizers.Adadelta()}
lines = {}
for name, optimizer in kinds.items():
    model = young()
    model.compile(optimizer, "sparse_categorical_crossentropy")
    batches = fullsize.Augmented(images, labels, batch=32, seed=10, flips=True, shift=2)
    lines[name] = (range(1, 7), model.fit(batches, epochs=6, verbose=0, callbacks=[progress()]).history["loss"])

# %% tags=["nbval-ignore-output"]
figures.curve(lines, xlabel="epoch (1,920 pictures of clothes)", ylabel="mean loss (nats)",
              title="Three ways to make the steps")

# %% [markdown]
# With rate 1 Adadelta keeps pace with SGD, and nobody had to search for its rate. With Keras' default it hardly moves.
#
# > **Lecture, repaired.** The slide's "Adadelata" is **Adadelta**,
# > and the 90 % that it calls the best on CIFAR-10 have long been passed (lab 01).

# %% [markdown]
# ## The full size, on a GPU
#
# The same eyes on a larger network: CIFAR-10, 50,000 photographs, moved and mirrored as above, and then its first filters.
# With a GPU this trains for 60 passes in mixed precision, compiled by XLA, keeps the best weights, and stops early.
# Without one it makes three small steps on shipped pictures, so that you see the code run.
# The penalty on large weights (L2) and batch normalisation are explained in labs 11 and 13.
# How long it takes and how good it gets on a GPU is **not measured here**.

# %% tags=["nbval-ignore-output"]
import tempfile

print(device.prepare())
chosen_size = fullsize.setting()
data = fullsize.data(chosen_size)
batches = fullsize.Augmented(data.x_train, data.y_train, chosen_size.batch, seed=10, shift=2)

# %%
large = keras.Sequential([keras.Input(data.x_train.shape[1:]), layers.Rescaling(1 / 255)])
for filters, side in [(64, 5), (128, 3), (256, 3)]:
    large.add(layers.Conv2D(filters, side, padding="same", kernel_regularizer=keras.regularizers.L2(1e-4)))
    large.add(layers.BatchNormalization())
    large.add(layers.ReLU())
    large.add(layers.MaxPooling2D())
large.add(layers.GlobalAveragePooling2D())
large.add(layers.Dense(10, name="logits", dtype="float32"))
large.add(layers.Softmax(name="shares", dtype="float32"))
rate = keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=chosen_size.epochs * len(batches))
loss = "sparse_categorical_crossentropy"
large.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"], jit_compile=chosen_size.jit)

# %% tags=["nbval-ignore-output"]
best = tempfile.mkdtemp() + "/best.weights.h5"
callbacks = [
    keras.callbacks.ModelCheckpoint(best, "val_accuracy", mode="max",
                                    save_best_only=True, save_weights_only=True),
    keras.callbacks.EarlyStopping("val_accuracy", patience=15, mode="max"),
]
told = large.fit(batches, epochs=chosen_size.epochs, callbacks=[*callbacks, progress()], verbose=0,
                 validation_data=(data.x_test, data.y_test))
large.load_weights(best)
sheet = yours(filter_grid, large.layers[1], 16)
title = f"first layer after {int(large.optimizer.iterations)} steps"
figures.gallery({title: [sheet]}, side=6.0) if sheet is not None else title

# %% [markdown]
# ## Free play (not graded)
#
# **Fool it.** The gradient says which way to change each pixel so that the logit falls most.
# Follow its sign by a step that hardly shows (I. Goodfellow and others, 2014).
# From which `reach` on does the answer change? Is there a picture that resists?

# %% tags=["nbval-ignore-output"]
reach, victim = 0.03, six[0]
x = tf.constant(X[victim][None])
with tf.GradientTape() as tape:
    tape.watch(x)
    logits = keras.Model(network.input, network.get_layer("logits").output)(x)
    score = logits[0, int(y[victim])]
fooled = (X[victim] - reach * np.sign(tape.gradient(score, x)[0])).clip(0, 1)
said = network.predict(np.stack([X[victim], fooled]), verbose=0)
told = [f"{names[row.argmax()]}: {row.max():.2f}" for row in said]
title = "the picture, nudged, and the nudge itself"
added = (0.5 + (fooled - X[victim]) / (2 * reach)).clip(0, 1)
figures.gallery({title: [X[victim], fooled, added]}, notes={title: [*told, "what was added"]}, side=1.7)

# %% [markdown]
# **Your own picture.** Draw one with NumPy, shape (48, 48, 3), values from 0 to 1. What does the network say, and why?
# It has never seen two shapes at once: put two of them into one picture and cover one.
# A photograph works too: `datasets.photograph("coffee", 48)`.

# %%
mine = np.full((48, 48, 3), 0.2, "float32")
mine[8:22, 8:22] = [0.9, 0.4, 0.1]  # a square, upper left
mine[26:42, 32:36] = mine[32:36, 26:42] = [0.2, 0.8, 0.9]  # a cross, lower right
figures.gallery({"my picture": [mine]})

# %% tags=["nbval-ignore-output"]
said = network.predict(mine[None], verbose=0)[0]
print({names[k]: round(float(said[k]), 2) for k in np.argsort(-said)[:3]})
three_maps(network, mine, int(said.argmax()), f"what speaks for {names[int(said.argmax())]}")

# %% [markdown]
# **More to try.** Paint a disc that is no ring: let the logit of one class rise and the others fall.
# Move a picture by one pixel after another: does the share stay (lab 06)?
# Cover with black, white or noise instead of grey: is a black square a shape too?
# Look at `strongest("conv2", k)` for other maps, and let them be painted.
#
# **With pretrained weights** (a download of 528 MB, best on Colab): your functions take any Keras model
# that has the layers you name, for example VGG-16, trained on ImageNet.
# Its pictures do not run from 0 to 1 but from about −120 to 150; 0 is a mean colour.
#
# ```python
# vgg = keras.applications.VGG16(weights="imagenet", classifier_activation="softmax")
# print([layer.name for layer in vgg.layers])          # "block1_conv1", ..., "predictions"
# start = np.random.default_rng(0).normal(0, 5, (224, 224, 3)).astype("float32")
# values, picture = activation_maximise(vgg, "block5_conv1", 7, start, 200, 200.0)
# figures.gallery({"block5_conv1, map 7": [for_the_screen(picture)[..., ::-1]]}, side=4)  # VGG has blue first
# ```

# %% [markdown]
# ## What you take with you
#
# - A first filter is the picture that it looks for; deeper filters have no colours, so look at what they answer to.
# - Features are hierarchical (edges, then corners, then parts) and distributed (many maps for a class, many classes for a map).
# - Occlusion asks what happens without a part; saliency asks which pixels move the logit; Grad-CAM asks the last maps.
# - Take the gradient of the logit: that of the share fades when the network is sure.
# - What a network likes best need not look like what we call a ring.
# - A high accuracy does not say that a network is right for the right reason. Look.

# %% [markdown]
# **Where to read on**
#
# - M. Zeiler, R. Fergus, *Visualizing and Understanding Convolutional Networks* (ECCV 2014; as a preprint 2013).
# - K. Simonyan, A. Vedaldi, A. Zisserman, *Deep Inside Convolutional Networks: Visualising Image Classification Models
#   and Saliency Maps* (2013).
# - D. Erhan, Y. Bengio, A. Courville, P. Vincent, *Visualizing Higher-Layer Features of a Deep Network* (2009).
# - R. Selvaraju and others, *Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization* (ICCV 2017).
# - C. Olah, A. Mordvintsev, L. Schubert, *Feature Visualization* (Distill, 2017).
# - J. Adebayo and others, *Sanity Checks for Saliency Maps* (NeurIPS 2018).
# - S. Lapuschkin and others, *Unmasking Clever Hans predictors and assessing what machines really learn*
#   (Nature Communications, 2019).
#
# Next is lab 11: AlexNet, whose first filters started it all.

# %%
lab.score()
