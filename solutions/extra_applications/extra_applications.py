# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.extra_applications
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Where these networks go
#
# **You will see** three applications of the lectures at work, each small, offline, and trained before your eyes:
# a detector that says what is where, a network that names every pixel,
# and a picture painted in the manner of another one.
# Then you read how captions and new pictures are made.
#
# **You need** lab 09 (Keras), lab 14, and for style transfer lab 10. **It takes** about an hour.
# **Nothing here is graded.** There is no check, and nothing to hand in.
# Run each cell, change something, and run it again.

# %% [markdown]
# All three keep what you know, convolutions that turn a picture into maps, and change what stands **behind** them:
#
# | task | what comes out | what the loss compares |
# |---|---|---|
# | detection | a class and four numbers | shares with a label, numbers with numbers |
# | segmentation | shares for each pixel | shares with a label, at each pixel |
# | style transfer | a picture | maps with maps |
#
# Each of the three states two numbers that it should reach; the course's tests run it and hold it to them.

# %%
try:
    from course import start
except ModuleNotFoundError:  # on Colab: install the course, and only what is missing there
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
    from course import start

start("extra_applications")

# %%
import numpy as np

from course import datasets, device, figures
from course.progress import progress
from course.shapes import NAMES
from course.targets import CLASSES, boxed_shapes, masked_shapes

with device.quiet():  # TensorFlow greets its developers when it starts
    import keras
    import tensorflow as tf
from keras import layers, ops

# %% [markdown]
# ## 1 Detection: what is it, and where?
#
# A classifier says "ring". A camera in a car needs more: a ring, **here**, and so large.
# The usual answer is a **box**: top, left, bottom and right.
#
# The pictures are drawn by the course, 32×32 pixels with one shape in each, so every true box is known.
# Boxes are written as shares of the picture's side: (0, 0, 1, 1) is the whole picture.

# %%
images, kinds, frames = boxed_shapes(2000, seed=1)
print("images", images.shape, "  classes", kinds.shape, "  boxes", frames.shape)
print("the first box in pixels:", 32 * frames[0])
notes = [NAMES[kind] for kind in kinds[:6]]
figures.boxes(images[:6], {"true box": frames[:6]}, notes=notes, title="Six pictures and their boxes")

# %% [markdown]
# How good is a box? Its four numbers may each be a little off, and what counts is how well the two areas agree.
# **Intersection over union** divides the area that both boxes cover by the area that at least one covers:
#
# $$\text{IoU} = \frac{|A \cap B|}{|A \cup B|} = \frac{|A \cap B|}{|A| + |B| - |A \cap B|}$$
#
# It is 1 for equal boxes and 0 for boxes that do not meet.
# Here are two boxes of 4×4 pixels. They share 3 rows and 2 columns. **Predict** their IoU before you run the cell.

# %%
def overlap(one, other):
    """Intersection over union of boxes, each of shape (count, 4): top, left, bottom, right."""
    top, left = np.maximum(one[:, 0], other[:, 0]), np.maximum(one[:, 1], other[:, 1])
    bottom, right = np.minimum(one[:, 2], other[:, 2]), np.minimum(one[:, 3], other[:, 3])
    shared = np.maximum(bottom - top, 0) * np.maximum(right - left, 0)
    areas = [(box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]) for box in (one, other)]
    return shared / (areas[0] + areas[1] - shared)


my_guess = None
first, second = np.array([[1, 1, 5, 5]]), np.array([[2, 3, 6, 7]])
print("your guess:", my_guess, "  IoU:", overlap(first, second)[0].round(2), "  should be 6/26 = 0.23")
chequered = np.indices((8, 8)).sum(axis=0) % 2 * 0.1 + 0.9
figures.boxes([chequered], {"A": first / 8, "B": second / 8}, title="6 pixels in common, 26 in the union")

# %% [markdown]
# IoU is strict. Boxes of which each lies to three eighths in the other reach 0.23,
# and 0.5 is what contests have long called a hit.
#
# Now the network. The trunk is an ordinary one. Behind it stand **two heads** that read the same 64 numbers:
# `kind` ends in softmax, six shares; `box` ends in four sigmoids, which give numbers between 0 and 1, as shares of the side are.

# %%
def detector():
    inputs = x = keras.Input((32, 32, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    for maps in (16, 32, 48):
        x = layers.Conv2D(maps, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
        x = layers.MaxPooling2D()(x)
    x = layers.Dense(64, activation="relu")(layers.Flatten()(x))
    kind = layers.Dense(6, activation="softmax", name="kind")(x)
    box = layers.Dense(4, activation="sigmoid", name="box")(x)
    return keras.Model(inputs, {"kind": kind, "box": box})

# %% [markdown]
# Two heads, two losses, and one sum of them that is made small:
#
# $$L = L_\text{kind} + 10 \cdot L_\text{box}$$
#
# $L_\text{kind}$ is the cross-entropy, $\ln 6 = 1.79$ at the start. $L_\text{box}$ is the mean distance of the four numbers from the true ones.
# Two pixels off is $2/32 = 0.06$, so small that nobody would listen to it: hence the factor.
# The next cell trains for about half a minute.

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(14)
finder = detector()
rate = keras.optimizers.schedules.CosineDecay(3e-3, decay_steps=10 * 63)  # 10 epochs of 63 steps
losses = {"kind": "sparse_categorical_crossentropy", "box": "mean_absolute_error"}
finder.compile(keras.optimizers.Adam(rate), losses, loss_weights={"kind": 1, "box": 10})
told = finder.fit(images, {"kind": kinds, "box": frames}, batch_size=32, epochs=10, verbose=0, callbacks=[progress()])
epochs = np.arange(1, 11)
heads = {"kind: cross-entropy (nats)": "kind_loss", "box: distance (shares of the side)": "box_loss"}
lines = {name: (epochs, told.history[key]) for name, key in heads.items()}
figures.curve(lines, xlabel="epoch", ylabel="loss", title="Both losses fall", logy=True)

# %% [markdown]
# Pictures that it has never seen, drawn with another seed.
# A number is worth something beside what one gets **without looking**: the commonest class, and the mean of all boxes.

# %% tags=["nbval-ignore-output"]
new_images, new_kinds, new_frames = boxed_shapes(1000, seed=2)
said = finder.predict(new_images, verbose=0)
found = said["kind"].argmax(axis=1)
agreement = overlap(said["box"], new_frames)
kind_accuracy, mean_iou = float(np.mean(found == new_kinds)), float(agreement.mean())
blind = overlap(np.repeat(frames.mean(axis=0)[None], 1000, axis=0), new_frames).mean()
commonest = np.bincount(new_kinds).max() / 1000
print(f"classes: {kind_accuracy:.3f} right   should be above 0.95   without looking: {commonest:.2f}")
print(f"boxes:   mean IoU {mean_iou:.3f}   should be above 0.75   without looking: {blind:.2f}")

# %% tags=["nbval-ignore-output"]
notes = [f"{NAMES[kind]}, IoU {share:.2f}" for kind, share in zip(found[:12], agreement[:12])]
both = {"true box": new_frames[:12], "predicted box": said["box"][:12]}
figures.boxes(new_images[:12], both, notes=notes, title="Twelve new pictures")

# %% [markdown]
# It has one class and four numbers to say, whatever comes in. So what does it do with **two** shapes?
# **Predict** where the box lies.

# %% tags=["nbval-ignore-output"]
several, masks = masked_shapes(40, seed=5, shapes=2)
crowded = np.array([len(np.unique(mask)) == 3 for mask in masks])
answers = finder.predict(several[crowded][:6], verbose=0)
notes = [f"{NAMES[shares.argmax()]} {shares.max():.2f}" for shares in answers["kind"]]
predicted = {"predicted box": answers["box"]}
figures.boxes(several[crowded][:6], predicted, notes=notes, title="Two shapes, one box")

# %% [markdown]
# One box cannot hold two answers. Real detectors give **many** boxes, each with shares, and keep the good ones:
#
# - R-CNN (2014) cuts out some two thousand windows that may hold things, and classifies each;
#   Faster R-CNN (2015) computes the maps once, and a small network proposes the windows.
# - YOLO (2016) lays a grid over the picture; every cell has heads like the two above, all at once.
#
# Boxes that overlap too much, by IoU, are one thing found twice: the better one stays.
# That is the non-maximum suppression of lab 14.

# %% [markdown]
# **Try it.**
#
# - Give the boxes the weight 0.1, or 1000. Which head suffers?
#   (We measured 0.997 of the classes and an IoU of 0.56 with the one, 0.23 and 0.86 with the other.)
# - Put `layers.GlobalAveragePooling2D()` in the place of `layers.Flatten()`. The mean of a map has no place in it,
#   so **predict** what becomes of the boxes. (We measured 0.78, and 0.78 again with `padding="valid"`. Where is the place kept?
#   Each number in the last maps sees a window of 22 pixels, and may know where in its window a shape stands.)
# - Let it look at a picture without a shape, `np.full((1, 32, 32, 3), 60)`. Does it say that nothing is there? Could it?

# %% [markdown]
# ## 2 Segmentation: a class for each pixel
#
# A box around a ring is mostly not ring. **Semantic segmentation** asks at each pixel: what is this?
# Seven classes: the ground, and the six shapes. A picture of 32×32 pixels has 1024 labels, its **mask**.
#
# Up to three shapes stand in a picture. They never touch, and the ground is most of it.

# %%
pictures, masks = masked_shapes(1000, seed=3)
new_pictures, new_masks = masked_shapes(500, seed=4)
print("pictures", pictures.shape, "  masks", masks.shape)
print("share of the ground:", round(float(np.mean(new_masks == 0)), 2))
figures.class_maps(pictures[:6], {"truth": masks[:6]}, CLASSES, title="Six pictures and their masks")

# %% [markdown]
# So a network that says "ground" everywhere is right at more than four of five pixels, and has found nothing.
# **Pixel accuracy** misleads wherever one class is common: roads from the air, tumours.
#
# IoU helps again. For each class take the pixels that are it, the pixels that are called it, and divide:
# those in both by those in at least one. The mean over the classes counts a small class as much as the ground.
# **Predict** the mean IoU of "ground everywhere", with seven classes.

# %%
def class_ious(truth, found):
    """Intersection over union of each class, over the pixels of all pictures."""
    both = [np.sum((truth == number) & (found == number)) for number in range(7)]
    either = [np.sum((truth == number) | (found == number)) for number in range(7)]
    return np.array(both) / np.array(either)


my_guess = None
lazy = np.zeros_like(new_masks)
print("pixel accuracy:", round(float(np.mean(lazy == new_masks)), 2))
print("your guess:", my_guess, "  mean IoU:", round(float(class_ious(new_masks, lazy).mean()), 2))

# %% [markdown]
# The network has no dense layer and no `Flatten`: it is **fully convolutional**, and each output has a place.
#
# - **Down.** Two poolings bring 32 to 8. There a number sees 26 pixels, enough to tell a ring from a disc.
# - **Up.** A **transposed convolution** is a convolution run backwards: each number is multiplied by a kernel of 2×2 and
#   written to a 2×2 patch. So 8 becomes 16, then 32.
# - **Across.** What pooling threw away, where exactly an edge lies, comes back over a **skip**:
#   the map of the same size from the way down is added, as in ResNet.

# %%
def block(x, maps, name=None):
    x = layers.Conv2D(maps, 3, padding="same", use_bias=False)(x)
    return layers.ReLU(name=name)(layers.BatchNormalization(momentum=0.9)(x))


def segmenter():
    inputs = keras.Input((None, None, 3))  # any size that 4 divides
    fine = block(layers.Rescaling(1 / 127.5, offset=-1)(inputs), 12, "fine")
    middle = block(layers.MaxPooling2D()(fine), 24, "middle")
    coarse = block(block(layers.MaxPooling2D()(middle), 48), 48, "coarse")
    x = layers.Conv2DTranspose(24, 2, strides=2)(coarse)  # up
    x = block(layers.add([x, middle]), 24)  # across
    x = block(layers.add([layers.Conv2DTranspose(12, 2, strides=2)(x), fine]), 12)
    return keras.Model(inputs, layers.Conv2D(7, 1, activation="softmax")(x))

# %% [markdown]
# The last layer is a 1×1 convolution with softmax: seven shares at each pixel.
# The loss is the one of lab 09, the cross-entropy, averaged over all pixels; Keras does that by itself
# when labels have shape (batch, height, width). This trains for about half a minute.

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(14)
painter = segmenter()
rate = keras.optimizers.schedules.CosineDecay(5e-3, decay_steps=9 * 63)  # 9 epochs of 63 steps
painter.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
painter.fit(pictures, masks, batch_size=16, epochs=9, verbose=0, callbacks=[progress()])
painted = painter.predict(new_pictures, verbose=0).argmax(axis=-1)
pixel_accuracy = float(np.mean(painted == new_masks))
ious = class_ious(new_masks, painted)
print(f"pixel accuracy {pixel_accuracy:.3f}   should be above 0.97, and 'ground' alone reaches 0.85")
print(f"mean IoU       {ious.mean():.3f}   should be above 0.90, and 'ground' alone reaches 0.12")
print("  ".join(f"{name} {share:.2f}" for name, share in zip(CLASSES, ious)))

# %% tags=["nbval-ignore-output"]
rows = {"truth": new_masks[:6], "prediction": painted[:6]}
figures.class_maps(new_pictures[:6], rows, CLASSES, title="Six new pictures")

# %% [markdown]
# Nearly every pixel is right, because the task is easy: flat shapes, lighter than their ground, each by itself.
# Photographs are harder. The first fully convolutional networks reached a mean IoU of 0.62
# on the 21 classes of a well-known contest, PASCAL VOC.
#
# Nothing in our network knows the size of the picture, as in lab 14 when a classifier became a scanner.
# It has seen 32×32 pixels with up to three shapes. Here are 64×96 pixels with more.

# %% tags=["nbval-ignore-output"]
wide, wide_mask = masked_shapes(1, seed=15, height=64, width=96, shapes=9)
seen = painter.predict(wide, verbose=0).argmax(axis=-1)
print("pixel accuracy:", round(float(np.mean(seen == wide_mask)), 3))
figures.class_maps(wide, {"truth": wide_mask, "prediction": seen}, CLASSES, title="Six times as large")

# %% [markdown]
# Long, Shelhamer and Darrell made such networks out of classifiers in 2015;
# U-Net (Ronneberger and others, 2015) has the form of ours, joins where we add, and reads cells and organs to this day.
#
# **Try it.**
#
# - Take the skips out: `block(x, 24)` without `layers.add`. What happens to the edges?
#   (We measured a mean IoU of 0.95.)
# - Let shapes be common: train on pictures with `shapes=1`, test on three.
# - Give it `datasets.photograph("coffee", 96)` times 255. What does a network call a cup that knows six shapes?

# %% [markdown]
# ## 3 Style transfer: two pictures in one
#
# Paint the cat of one photograph in the manner of another. Gatys, Ecker and Bethge did it in 2015 without training anything:
# they took a trained network and changed **the picture**, by gradient descent, until its maps were as they should be.
#
# What is content, what is style? Their answer: content is **what answers where** in the maps.
# Style is **which maps answer together**, wherever that is.
# The maps are those of a network that you know: the way down of section 2, which has learned edges, corners and spots from drawn shapes.

# %%
def coloured(name):
    """A photograph of 96×96 pixels from 0 to 1; a grey one gets three equal channels."""
    return (np.atleast_3d(datasets.photograph(name, 96)) * np.ones(3)).astype("float32")


content, style = coloured("chelsea"), coloured("brick")
levels = ("fine", "middle", "coarse")
features = keras.Model(painter.input, [painter.get_layer(name).output for name in levels])
for name, maps in zip(levels, features(255 * content[None])):
    print(f"{name:7} {tuple(maps.shape)}")

# %% [markdown]
# "Answer together" in numbers is the **Gram matrix**: for maps $i$ and $j$, multiply them place by place and take the mean.
#
# $$G_{ij} = \frac{1}{hw} \sum_{y,x} m_i(y, x)\, m_j(y, x)$$
#
# Twelve maps give 12×12 numbers, whatever the size of the picture. The places are gone:
# if the maps are shuffled, all in the same way, the Gram matrix stays. The cell shows it.

# %%
def gram(maps):
    """Which maps answer together: mean products, shape (maps, maps)."""
    flat = ops.reshape(maps, (-1, maps.shape[-1]))  # a row for each place
    return ops.matmul(ops.transpose(flat), flat) / flat.shape[0]


rows = np.random.default_rng(0).random((96 * 96, 12)).astype("float32")  # stands for twelve maps
shuffled = np.random.default_rng(1).permutation(rows)  # the same rows, other places
same = np.allclose(gram(rows), gram(shuffled), atol=1e-4)
print("Gram matrix:", gram(rows).shape, "  after shuffling the same:", same)

# %% [markdown]
# Two losses, each divided by its size so that they can be compared:
#
# - **content**: squared differences of the `fine` maps from those of the cat, place by place;
# - **style**: squared differences of the three Gram matrices from those of the bricks.
#
# A third term keeps neighbouring pixels alike; without it the picture fills with noise that the maps do not notice.

# %%
content_maps = features(255 * content[None])[0]
style_grams = [gram(maps) for maps in features(255 * style[None])]


def two_losses(picture):
    maps = features(255 * picture[None])
    content_loss = ops.sum((maps[0] - content_maps) ** 2) / ops.sum(content_maps**2)
    style_losses = [ops.sum((gram(m) - g) ** 2) / ops.sum(g**2) for m, g in zip(maps, style_grams)]
    return content_loss, sum(style_losses) / 3


def roughness(picture):
    return ops.mean((picture[1:] - picture[:-1]) ** 2) + ops.mean((picture[:, 1:] - picture[:, :-1]) ** 2)

# %% [markdown]
# The picture begins as grey with a little noise, and **the pixels are what is learned**:
# the tape watches `picture`, and the network's weights stay as they are.
# (Lab 10 paints what a map looks for in the same way.) **Predict** what is left of the cat: her colours, her eyes, her fur?

# %% tags=["nbval-ignore-output"]
noise = np.random.default_rng(14).normal(0.5, 0.02, content.shape)
picture = tf.Variable(noise.astype("float32"))
optimizer = keras.optimizers.Adam(0.03)


@tf.function  # compiled once, then fast
def step(style_weight):
    with tf.GradientTape() as tape:
        content_loss, style_loss = two_losses(picture)
        loss = content_loss + style_weight * style_loss + 20 * roughness(picture)
    optimizer.apply([tape.gradient(loss, picture)], [picture])
    picture.assign(tf.clip_by_value(picture, 0, 1))
    return content_loss, style_loss

# %% tags=["nbval-ignore-output"]
history = np.array([step(tf.constant(5.0)) for _ in range(200)])
(content_factor, style_factor), last = history[0] / history[-1], history[-1].round(4)
print(f"content: to {last[0]}, {content_factor:.1f} times less   should be above 2")
print(f"style:   to {last[1]}, {style_factor:.0f} times less   should be above 10")
lines = {name: (np.arange(200), history[:, at]) for at, name in enumerate(["content", "style"])}
figures.curve(lines, xlabel="step", ylabel="loss (relative)", title="Both losses fall", logy=True)

# %% tags=["nbval-ignore-output"]
figures.photographs({"content": content, "style": style, "result": picture.numpy()})

# %% [markdown]
# (At first the content loss rises: the style pulls harder than the cat.)
#
# **What this network can do**: colours go, lines come, running the way the rows of bricks run,
# and the eyes and the nose stay where they were.
#
# **What it cannot**: there is not one brick. A number of its deepest maps sees 26 pixels,
# and it has only ever seen six flat shapes. It knows strokes, not things.
# The paintings in the paper come from VGG-19: sixteen convolutions, and behind them a million photographs.

# %% [markdown]
# **Try it.**
#
# - Other pictures: "astronaut", "china", "coffee", "flower", "camera". Which make a style, and which do not?
# - `tf.constant(1.0)` for the style, or 100. Make `picture` anew first, and `step` and `optimizer` with it.
# - Let it begin as the content, `tf.Variable(content)`. The content loss then starts at 0 and can only rise.
# - Take `segmenter()` without training for `features`. How much of the style was learned from shapes,
#   and how much do random filters know?

# %% [markdown]
# ## 4 To read: a sentence out of a picture
#
# A caption is not one of a fixed list of classes. It is made word by word, by two networks.
#
# The **encoder** is a trained classifier without its last layer: a picture becomes some hundred or thousand numbers.
# The **decoder** is a network for sequences. It gets these numbers and the words so far, and gives shares over a dictionary:
# which word comes next? The word is chosen, joined to the others, and the decoder is asked again, until it says "end".
# The loss is the cross-entropy of lab 09, at each word.
#
# Vinyals and others (2015) and Karpathy and Fei-Fei (2015) did it in the same year.
# NeuralTalk2 is Karpathy's program for it.
# What goes wrong is instructive: fluent sentences about things that are not there.
# The decoder knows which words follow one another, whatever the picture.

# %% [markdown]
# ## 5 To read: pictures out of nothing
#
# A network that **makes** pictures runs the other way: numbers in, a picture out,
# often with the transposed convolutions of section 2. How does it learn when there is no right answer for each input?
#
# - **VAE**, variational autoencoder (Kingma and Welling, 2013): an encoder writes a picture as a few numbers, with some noise;
#   a decoder restores it. Numbers drawn at random then give new pictures, somewhat blurred.
# - **GAN**, generative adversarial network (Goodfellow and others, 2014): one network makes pictures,
#   another tells them from real ones, and each learns from the other.
# - **Diffusion** (Ho and others, 2020): noise is added to pictures in many small steps, and a network like our segmenter
#   learns to take one step back. **Stable Diffusion** (after Rombach and others, 2022) does so on the maps
#   of an autoencoder, led by a text.

# %% [markdown]
# > **Lecture, repaired.** One slide says "Generalised Adversarial Nets". The G stands for **generative**: the network makes pictures.
# > Another heading, "Raise of Stable Diffusion", means its **rise**.
# > None of the three classifies; and GoogLeNet, which does, won ImageNet's contest in 2014.

# %% [markdown]
# ## The others that the lectures name
#
# | task | what goes in | what comes out | who |
# |---|---|---|---|
# | retrieval | a photograph | some thousand numbers, compared with those of other photographs | Krizhevsky and others, 2012 |
# | pose | a person, cut out | two numbers for each joint | Toshev and Szegedy, 2014 |
# | galaxies | a galaxy, in colour | the share of people who would give each of 37 answers | Dieleman and others, 2015 |
# | traffic signs | a sign, cut out | one of 43 classes | Sermanet and LeCun, 2011; Cireșan and others, 2011 |
# | mammograms | a piece of an X-ray picture | benign or malignant | Lévy and Jain, 2016 |
# | roads | a photograph from an aeroplane | road or not, for each pixel | Mnih and Hinton, 2010 |
# | whales | a photograph from a helicopter | which of some hundred animals | a contest on Kaggle, 2015 |

# %% [markdown]
# ## What you take with you
#
# - The trunk stays, the head changes. Several heads may share a trunk; their losses are weighted and added.
# - Boxes are compared by intersection over union, and so are masks. Pixel accuracy flatters where one class is common.
# - Without dense layers a network takes pictures of any size, and transposed convolutions bring maps back to the picture's size.
# - A picture can be learned like weights. What its maps should be is a loss.
# - A number needs another beside it: what one reaches without looking.

# %% [markdown]
# **Where to read on**
#
# - S. Ren, K. He, R. Girshick, J. Sun, *Faster R-CNN*, NIPS 2015; J. Redmon and others, *You Only Look Once*, CVPR 2016.
# - J. Long, E. Shelhamer, T. Darrell, *Fully Convolutional Networks for Semantic Segmentation*, CVPR 2015.
# - O. Ronneberger, P. Fischer, T. Brox, *U-Net*, MICCAI 2015.
# - L. Gatys, A. Ecker, M. Bethge, *Image Style Transfer Using Convolutional Neural Networks*, CVPR 2016.
# - O. Vinyals and others, *Show and Tell*, CVPR 2015.
# - A. Karpathy, L. Fei-Fei, *Deep Visual-Semantic Alignments for Generating Image Descriptions*, CVPR 2015.
# - D. Kingma, M. Welling, *Auto-Encoding Variational Bayes*, 2013.
# - I. Goodfellow and others, *Generative Adversarial Nets*, NIPS 2014.
# - J. Ho, A. Jain, P. Abbeel, *Denoising Diffusion Probabilistic Models*, NeurIPS 2020.
# - R. Rombach and others, *High-Resolution Image Synthesis with Latent Diffusion Models*, CVPR 2022.
