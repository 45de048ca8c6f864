# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.lab01_pixels
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 01 · Pixels, templates, and why not an MLP
#
# **You will learn** that a picture is an array of numbers,
# that a linear classifier lays templates on it,
# what a fully connected network costs, and why it fails when things move,
# and how a small network that scans the picture mends this.
#
# **You need** Python functions and loops, and NumPy arrays with slices such as `x[1:4, 2:5]`.
# **It takes** about 90 minutes. There are 22 points, 3 of them for a short text that a person reads.

# %% [markdown]
# Answer in the cells that say `# your code here`, then run the `check(...)` cell below.
# You may check as often as you like, and `hint("split_channels")` opens a hint for the question of that name.
#
# "The lectures" are four public lectures on convolutional networks, which this course follows.
# Where they slip, a box says so and repairs it.

# %%
try:
    from course import check, hint, start
except ModuleNotFoundError:  # on Colab: install the course, and only what is missing there
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
    from course import check, hint, start

lab = start("lab01_pixels", learner="")
lab

# %%
import numpy as np

# yours(f, x) is f(x), or None while you have not written f
from course import datasets, explore, figures, yours

# %% [markdown]
# ## 1.1 A picture is an array ({points:split_channels})
#
# What does a computer see in a photograph? Numbers.
# Each pixel of a colour picture has three: how much red, how much green, how much blue.
# They are whole numbers from 0, which is dark, to 255, which is bright.
# All of them together are one array of shape **(height, width, 3)**.
# The three go by the name of **channels**; a grey picture has one.

# %%
photo = np.round(255 * datasets.photograph("coffee", (100, 150))).astype(np.uint8)
print("shape (height, width, channels):", photo.shape, "  type:", photo.dtype)
print("the pixel in row 25 and column 125:", photo[25, 125], " (red, green, blue)")
figures.photographs({"a photograph": photo})

# %% [markdown]
# The row comes first, then the column, then the channel, and all three are counted from 0.
# So `photo[25, 125]` is one pixel, `photo[25]` is one row of pixels,
# and `photo[25, 125, 0]` is one number: how red that pixel is.
#
# Take the red number of every pixel, and you have a picture again, of shape (height, width).
# It is called the red **plane**. The photograph is three planes, lying on each other.
# Some libraries count the channel first; TensorFlow, Keras and this course count it last.

# %% [markdown]
# **Write** `split_channels(img)` for a picture of shape (height, width, 3).
# It returns three arrays of shape (height, width): the red, the green and the blue plane, in this order,
# as a tuple or a list.
# The numbers stay as they are, whole or not, and `img` is not changed.

# %% tags=["question:split_channels"]
def split_channels(img):
    """The red, the green and the blue plane of a picture of shape (height, width, 3)."""
    ### BEGIN SOLUTION
    return img[:, :, 0], img[:, :, 1], img[:, :, 2]
    ### END SOLUTION


# %% tags=["check:split_channels"]
check("split_channels")

# %% [markdown]
# Look at the planes of the photograph. Each is shown in grey: bright means much of that colour.
# **Predict** first: in which plane is the wooden table darkest? (It is brown, that is dark orange.)

# %%
my_guess = None
print("your guess:", my_guess)
planes = yours(split_channels, photo)
named = {} if planes is None else dict(zip(("red plane", "green plane", "blue plane"), planes))
figures.photographs({"photograph": photo, **named})

# %% [markdown]
# Orange is red with some green and hardly any blue, so the table is darkest in the blue plane.

# %% [markdown]
# ## 1.2 Templates ({points:template_scores})
#
# How can numbers become the name of a digit?
# This course is about **supervised learning** (lab 00 tells the kinds apart):
# there are examples $x$ with their right answers $y$, and a function with parameters $\varphi$,
#
# $$y = f[x, \varphi].$$
#
# Learning means to choose $\varphi$ such that the function fits the examples, and to hope that it fits others too.
# The smallest example is a line, $y = \varphi_0 + \varphi_1 x$. It has two parameters.

# %% [markdown]
# ### Features, by hand or learned
#
# What is $x$? For decades, people did not give a learner the raw data. They wrote **features**.
# One lecture tells it with text. The task is to mark the names in a sentence, so each word is described
# by questions that somebody thought of:
#
# | word | capital letter? | first word? | word before | is it a name? |
# |---|---|---|---|---|
# | In | yes | yes | (none) | no |
# | May | yes | no | in | no |
# | Ada | yes | no | may | person |
# | flew | no | no | ada | no |
# | to | no | no | flew | no |
# | Lisbon | yes | no | to | place |

# %% [markdown]
# Such a table takes an expert and much work, and it is never finished: "May" is a month here, and elsewhere a name.
# For digits you would ask: how much ink is there, how many holes, is it symmetric?
# You try that at the end of this lab.
#
# A deep network gets the raw numbers instead, and **learns** its features, layer upon layer.
# In pictures the first layer finds edges, later ones find parts that are made of edges,
# the last ones find objects that are made of parts.

# %% [markdown]
# ### One template for each class
#
# Begin with a single layer. A digit has $28 \cdot 28 = 784$ pixels; lay them in one row, $x$.
# A **linear classifier** has for each class $c$ a row of 784 weights $w_c$ and one number $b_c$, the **bias**:
#
# $$\text{score}_c = w_c^T x + b_c = \sum_p w_{cp}\, x_p + b_c .$$
#
# The class with the largest score wins. All rows together are a matrix $W$ of shape (10, 784).
# Bring a row of $W$ back into the shape of a picture, and you can look at it: it is a **template**.
# Where it is positive, ink speaks for the class; where it is negative, ink speaks against it.

# %%
digits = datasets.load("mnist")
X_train, y_train = digits.x_train[:4000, :, :, None], digits.y_train[:4000]
X_test, y_test = digits.x_test[:, :, :, None], digits.y_test
print("images (batch, height, width, channels):", X_train.shape, X_test.shape)
figures.photographs({f"a {label}": image for image, label in zip(X_train[:5], y_train)}, columns=5)

# %% [markdown]
# The next cell learns the ten templates from 4,000 digits.
# It begins with zeros and goes through the digits ten times (epochs), in small heaps (batches).
# After each heap it moves the templates
# a little: towards pictures of their own class, away from pictures that they took by mistake.
# (This is gradient descent. Lab 08 takes it apart; here you may take it as given.)
#
# **Predict**, before you run the cell after it: what does the template of the 0 look like in its middle?

# %%
def learn_templates(X, y, epochs=10, rate=0.1, batch=100):
    """Templates W, shape (classes, numbers), and biases b, learned from rows X with classes y."""
    W, b, right = np.zeros((10, X.shape[1])), np.zeros(10), np.eye(10)[y]
    for start in list(range(0, len(X), batch)) * epochs:
        rows = X[start : start + batch]
        scores = rows @ W.T + b
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))  # softmax: scores as shares of 1
        error = shares / shares.sum(axis=1, keepdims=True) - right[start : start + batch]
        W -= rate * error.T @ rows / len(rows)
        b -= rate * error.mean(axis=0)
    return W, b


# %% tags=["nbval-ignore-output"]
my_guess = "bright, dark or grey?"
W, b = learn_templates(X_train.reshape(4000, -1) / 255, y_train)
print("W:", W.shape, "  b:", b.shape, "  your guess:", my_guess)
figures.photographs({f"template {digit}": row.reshape(28, 28) for digit, row in enumerate(W)}, columns=5)

# %% [markdown]
# Grey is 0, pale blue is positive, dark orange negative.
# The middle of template 0 is dark: ink in the middle speaks against a 0.
# Template 1 wants a stroke there. Some templates are hard to read: the 8 has to fit slim eights and fat ones,
# and it must not fit a 3. One template serves them all, so it is a compromise.
#
# The lecture shows ten such templates for colour pictures of 32×32 pixels, the set CIFAR-10.
# Its classes are below. A horse may look to the left or to the right:
# what will the one template for horses look like?

# %%
print(", ".join(datasets.CLASS_NAMES["cifar10"]))

# %% [markdown]
# It gets two heads, one at each end. A single template cannot say "here **or** there".
#
# > **Lecture, repaired.** On that slide the symbol for a row of $W$ is lost; it is the $w_c$ above.
# > The lecture also gives 90 % as the best result on CIFAR-10, and 94 % for people.
# > That was so around 2014. Networks have long been above 99 %.

# %% [markdown]
# **Write** `template_scores(W, b, x)` for **one** picture `x` of shape (height, width, channels).
#
# - `W` has one row for each class, shape (classes, height · width · channels), and `b` has shape (classes,).
#   There are ten classes for digits; elsewhere there may be more or fewer.
# - The weights in a row of `W` stand in the order of `x.reshape(-1)`:
#   pixel by pixel along each row of the picture, the channels of one pixel side by side.
# - Return the scores, one for each class, shape (classes,): not shares that add up to 1, and no winner.

# %% tags=["question:template_scores"]
def template_scores(W, b, x):
    """Scores of shape (classes,) of one picture x of shape (height, width, channels)."""
    ### BEGIN SOLUTION
    return W @ x.reshape(-1) + b
    ### END SOLUTION


# %% tags=["check:template_scores"]
check("template_scores")

# %% [markdown]
# Let your function read a test digit, and then all 2,000 of them.
# The scores are printed from the largest to the smallest:
# the first digit is the answer, and it should be the one in the picture below.
# About 85 of 100 test digits should come out right.

# %% tags=["nbval-ignore-output"]
one = yours(template_scores, W, b, X_test[0] / 255)
if one is not None:
    order = np.argsort(one)[::-1]
    print("scores:", {int(digit): round(float(one[digit]), 1) for digit in order})
    winners = [np.argmax(template_scores(W, b, image / 255)) for image in X_test]
    print("right:", np.mean(winners == y_test))
figures.photographs({f"a {y_test[0]}": X_test[0]})

# %% [markdown]
# ## 1.3 From one neuron to a network ({points:mlp_params})
#
# A score that is compared with a threshold is an old idea.
# In 1943 W. **McCulloch** and W. Pitts described a nerve cell so: it adds up what comes in,
# and if the sum is large enough, it fires. In our letters, an **artificial neuron** says
#
# $$1 \text{ if } w^T x + b > 0, \quad \text{else } 0 .$$
#
# With two inputs that are 0 or 1, such a neuron computes AND or OR: the line $w^T x + b = 0$ parts the plane.
# Move the sliders. **Can you find weights for XOR**, which is 1 when the inputs differ?

# %%
explore.neuron()

# %% [markdown]
# > **Lecture, repaired.** The first name on the slide is spelt "McCullough". Warren **McCulloch** is meant.
# > (The same lecture has an "Adadelata"; that way of training is called **Adadelta**.)

# %% [markdown]
# ### Who sets the weights?
#
# D. Hebb proposed in 1949: if two cells are active together, make their connection stronger, $\Delta w = \eta\, y\, x$,
# where $y$ is the neuron's sum $w^T x$ and $\eta$ a small number.
# F. Rosenblatt's **perceptron** of 1958 compares its answer $a$, 0 or 1,
# with what the answer $t$ should have been: $\Delta w = \eta\,(t - a)\, x$.
#
# Below, both get the inputs of AND again and again; the first input is always 1, so its weight is the bias.
# **Predict** what becomes of the weights under Hebb's rule, which never says "enough".

# %%
inputs = np.array([[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]])


def lengths(rule, targets, steps=48):
    """Length of the weights after each step, and how many of the four answers are wrong at the end."""
    w, found = np.array([0.5, -0.4, 0.3]), []
    for step in range(steps):
        w = w + 0.2 * rule(w, inputs[step % 4], targets[step % 4])
        found.append(np.linalg.norm(w))
    return found, int(np.sum((inputs @ w > 0) != targets))


# %%
AND, XOR = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 0])
hebb, _ = lengths(lambda w, x, t: (w @ x) * x, AND)
rosenblatt, wrong = lengths(lambda w, x, t: (t - (w @ x > 0)) * x, AND)
_, wrong_for_xor = lengths(lambda w, x, t: (t - (w @ x > 0)) * x, XOR)
print("Rosenblatt, wrong answers at the end: AND", wrong, " XOR", wrong_for_xor)
figures.curve(
    {"Hebb": (range(48), hebb), "Rosenblatt": (range(48), rosenblatt)},
    xlabel="step", ylabel="length of the weights (no unit)", logy=True,
    title="Only one of the two rules comes to rest",
)

# %% [markdown]
# Hebb's weights grow without end: the rule is **unstable**.
# Rosenblatt's stop moving when all answers are right, if there are weights that make them right.
# For XOR there are none, as M. Minsky and S. Papert stressed in 1969. Suppose there were:
#
# - $(0,0)$ must give 0, so $b \le 0$;
# - $(1,0)$ and $(0,1)$ must give 1, so $w_1 + b > 0$ and $w_2 + b > 0$;
# - add these two: $w_1 + w_2 + 2b > 0$, so $w_1 + w_2 + b > -b \ge 0$.
#
# But then $(1,1)$ gives 1 as well, and it should give 0.

# %% [markdown]
# ### Several layers
#
# One more layer mends it: XOR is "OR, but not AND". Two neurons answer OR and AND, a third reads their answers.
# Neurons in the middle, which are neither input nor output, are called **hidden**;
# a neuron of a network is also called a **unit**.
#
# In this way a network can compute **any** table of zeros and ones:
# give each row whose answer is 1 a hidden neuron that fires for this row only, and let the output be an OR.
# **Predict** how many hidden neurons this needs for the table "an odd number of the 4 inputs is 1".

# %%
def step(sums):
    """1 where a sum is above 0, else 0."""
    return (sums > 0).astype(int)


x = inputs[:, 1:]
hidden = step(x @ np.array([[1, 1], [1, 1]]) + np.array([-0.5, -1.5]))  # OR, AND
print("XOR:", step(hidden @ np.array([1, -1]) - 0.5), " should be [0 1 1 0]")

rows = np.array(list(np.ndindex(2, 2, 2, 2)))  # all 16 rows of a table with 4 inputs
odd = rows.sum(axis=1) % 2
ones = rows[odd == 1]  # one hidden neuron for each of these rows
hidden = step(rows @ (2 * ones - 1).T - (ones.sum(axis=1) - 0.5))
said = step(hidden.sum(axis=1) - 0.5)
print("hidden neurons:", len(ones), "  all 16 rows right:", np.array_equal(said, odd))

# %% [markdown]
# Eight: half of the 16 rows. It works for every table, but each further input doubles the number of rows.
#
# Neurons in layers, each of which reads **all** outputs of the layer before it, make a
# **multi-layer perceptron**, MLP. Instead of a step they use an activation $f$ with a slope to learn from, such as
# ReLU, $\max(0, \cdot)$. With $d$ layers the network is $f_d(W_d^T \dots f_2(W_2^T f_1(W_1^T x)))$, biases left out.
#
# With enough hidden units an MLP can be any table of zeros and ones, part any two classes with a border of any form,
# and come as near as you like to any continuous function on a bounded region.

# %% [markdown]
# Here is the smallest one worth its name: one input, three hidden units, one output.
#
# $$y = \varphi_0 + \varphi_1 f[\theta_{10} + \theta_{11} x] + \varphi_2 f[\theta_{20} + \theta_{21} x]
# + \varphi_3 f[\theta_{30} + \theta_{31} x]$$
#
# Count its parameters: 6 times $\theta$ and 4 times $\varphi$ are 10.
# With ReLU each hidden unit adds one bend, so this function is a line with three bends.
# Below, a straight line with its 2 parameters and this network are fitted to the same points.
# (The $\theta$ are set by hand, so that you see where the bends are; training would find them.)

# %%
figures.dense_network([1, 3, 1])

# %%
x = np.linspace(0, 6, 25)
points = np.sin(x)
bends = np.maximum(0, np.array([1.1, -2.0, -4.7]) + np.array([-1, 1, 1]) * x[:, None])  # hidden units
ones = np.ones((25, 1))
fits = {"what is to be learned": (x, points)}
for name, columns in [("line, 2 parameters", x[:, None]), ("3 hidden units, 10 parameters", bends)]:
    table = np.hstack([ones, columns])
    fits[name] = (x, table @ np.linalg.lstsq(table, points, rcond=None)[0])
figures.curve(fits, xlabel="x (no unit)", ylabel="y (no unit)", title="A line, and a line with bends")

# %% [markdown]
# ### What it costs to connect everything
#
# A unit of the first layer reads the whole picture: it has a weight for **every** number and one bias.
# It knows nothing of neighbours; shuffle the pixels of all pictures in the same way, and it learns no worse.
# Units of one layer are independent: none uses a weight of another.
# So a layer with $m$ units that reads $n$ numbers has $n \cdot m + m$ parameters.
#
# The lecture's picture is 200×200 in colour, $200 \cdot 200 \cdot 3 = 120{,}000$ numbers.
#
# | units in one layer | parameters |
# |---|---|
# | 1 | 120,001 |
# | $m$ | 120,001 · $m$ |
# | 1,000 | 120,001,000 |
# | 120,000, as many as inputs | 14,400,120,000 |

# %% [markdown]
# > **Lecture, repaired.** The slide says that an MLP on this picture has $14.4 \cdot 10^9$ weights, and does not say why.
# > That is $120{,}000^2$: it supposes a layer with **as many units as inputs**.
# > With 120,000 biases these are 14,400,120,000 parameters. With 100 units there would be 12 million.
# > Whoever gives such a number has to say how many units there are.

# %% [markdown]
# **First by hand.** Here are three networks of your own, `(height, width, channels, units of each layer)`.
# Every layer is fully connected and has biases.
# Count their parameters on paper and write the three numbers where the dots stand, with commas between them.

# %%
lab.numbers("my_mlps")

# %% tags=["question:mlp_params:my_mlps"]
my_mlps = [
    ### BEGIN SOLUTION
    sum((n + 1) * m for n, m in zip([h * w * c, *units], units))
    for h, w, c, units in lab.numbers("my_mlps")
    ### END SOLUTION
]

# %% [markdown]
# **Then the rule.** Write `mlp_params(h, w, c, units)`: all weights and biases of an MLP
# that reads pictures of `h` rows, `w` columns and `c` channels.
# `units` is a list with the units of each layer, from the first hidden layer to the output.
# It has at least one entry, and stays as it is.
# For instance, `mlp_params(28, 28, 1, [100, 10])` is a network for digits with 100 hidden units and 10 outputs.

# %% tags=["question:mlp_params"]
def mlp_params(h, w, c, units):
    """Weights and biases of an MLP on pictures of shape (h, w, c); units is a list, one entry a layer."""
    ### BEGIN SOLUTION
    total, inputs = 0, h * w * c
    for m in units:
        total += inputs * m + m
        inputs = m
    return total
    ### END SOLUTION


# %% tags=["check:mlp_params"]
check("mlp_params")

# %%
for network, expected in [((1, 1, 1, [3, 1]), 10), ((28, 28, 1, [100, 10]), 79_510)]:
    print(network, "->", yours(mlp_params, *network), " should be", expected)
largest = yours(mlp_params, 200, 200, 3, [120_000])
if largest is not None:
    print(f"{largest:,} parameters of 4 bytes are {4 * largest / 1e9:.1f} GB")

# %% [markdown]
# ## 1.4 A slide to repair ({points:fc_same_output})
#
# How much does a convolution save? One slide compares.
# A convolution with 10 filters of 5×5, stride 1 and padding 2 turns a 32×32×3 picture into 10 **maps**,
# tables of 32×32 numbers (labs 03 to 05 show how). It gives 32×32×10 numbers and has $(5 \cdot 5 \cdot 3 + 1) \cdot 10 = 760$ parameters.
# A fully connected layer with the same output, says the slide, would have
#
# $$(32 \cdot 32 \cdot 3 + 1) \cdot (32 \cdot 32 \cdot 3) \cdot 10 = 94{,}402{,}560 \approx 10^8 .$$
#
# The multiplication is right. The count is not. Which factor does not belong there?

# %% [markdown]
# **Write** `fc_same_output(h, w, c, k)`: the parameters, weights and biases, of one fully connected layer
# that reads a picture of shape (h, w, c) and gives as many numbers as `k` maps of shape (h, w).
# Each of its outputs has its own bias.

# %% tags=["question:fc_same_output"]
def fc_same_output(h, w, c, k):
    """Parameters of a fully connected layer from h·w·c numbers to h·w·k numbers."""
    ### BEGIN SOLUTION
    inputs, outputs = h * w * c, h * w * k
    return inputs * outputs + outputs
    ### END SOLUTION


# %% tags=["check:fc_same_output"]
check("fc_same_output")

# %% [markdown]
# > **Lecture, repaired.** The output has $32 \cdot 32 \cdot 10 = 10{,}240$ numbers.
# > The slide counts 30,720, because it multiplies by the 3 channels of the **input** a second time.
# > The layer has $(3072 + 1) \cdot 10{,}240 = 31{,}467{,}520 \approx 3.1 \cdot 10^7$ parameters,
# > a third of what the slide says. The convolution still wins, by a factor of 41,405.

# %%
same = yours(fc_same_output, 32, 32, 3, 10)
if same is not None:
    print(same, "should be 31467520;  divided by 760:", round(same / 760))
figures.bars(
    {"the slide's count": 94_402_560, "fully connected, repaired": 31_467_520, "convolution": 760},
    ylabel="parameters", title="From 32×32×3 to 32×32×10 numbers",
)

# %% [markdown]
# ## 1.5 When the deer moves ({points:scan_detect})
#
# Size is not the worst. One lecture asks: is there a deer in the picture?
# An MLP has learned it from pictures with the deer on the left. Now the deer stands on the right.
#
# Try it with a deer of 5×5 pixels. Half of the pictures hold the deer, in grey noise;
# the other half hold **the same pixels in disorder**, so that counting bright pixels does not help.

# %%
deer = np.array([[1, 0, 1, 0, 0], [0, 1, 0, 0, 0], [1, 1, 1, 1, 1], [0, 0, 1, 1, 1], [0, 0, 1, 0, 1]])


def pictures(count, columns, seed):
    """Pictures of 10×22 pixels; whether the deer is there, 1 or 0; where deer or disorder begins."""
    rng = np.random.default_rng(seed)
    X, y, places = rng.uniform(0, 0.5, (count, 10, 22)), np.arange(count) % 2, []
    for picture, there in zip(X, y):
        i, j = rng.integers(0, 6), rng.choice(columns)
        shape = deer if there else rng.permutation(deer.reshape(-1)).reshape(5, 5)
        picture[i : i + 5, j : j + 5] = np.maximum(picture[i : i + 5, j : j + 5], shape)
        places.append((i, j))
    return X, y, places


# %%
LEFT, RIGHT = range(7), range(11, 18)  # columns in which the deer may begin
X_left, y_left, places = pictures(2000, LEFT, seed=0)
X_new, y_new, _ = pictures(1000, LEFT, seed=1)
X_right, y_right, _ = pictures(1000, RIGHT, seed=2)
shown = {"no deer": X_left[0], "deer, left": X_left[1], "deer, right": X_right[1]}
figures.photographs({"the deer": deer, **shown}, columns=4)

# %% [markdown]
# Train an MLP with 40 hidden units on 2,000 pictures with the deer on the left.
# Then try it on new pictures with the deer on the left, and on pictures with the deer on the right.
# **Predict** both numbers. Half of the answers are right by guessing.

# %% tags=["nbval-ignore-output"]
from sklearn.neural_network import MLPClassifier

my_guess = (None, None)
training = {"batch_size": 100, "learning_rate_init": 0.003, "tol": 0.01, "n_iter_no_change": 3}
mlp = MLPClassifier((40,), alpha=0.1, random_state=0, **training)
mlp.fit(X_left.reshape(2000, -1), y_left)
print("parameters:", sum(part.size for part in (*mlp.coefs_, *mlp.intercepts_)), "  your guess:", my_guess)
print("new pictures, deer on the left: ", mlp.score(X_new.reshape(1000, -1), y_new))
print("new pictures, deer on the right:", mlp.score(X_right.reshape(1000, -1), y_right))

# %% [markdown]
# On the right the MLP guesses. It has weights for the pixels there, but no example ever told it what they mean.
# It did not learn "a deer"; it learned "a deer here, or here, or here".
#
# ### Scanning
#
# The lecture's answer: train **one small network** for a patch as large as the deer.
# Then let it scan: lay it on every window of the picture, with the same weights, and write down each score.
# If one of the scores says yes, the deer is in the picture. And the place of that score says where.
# The figure shows it for a single row of 9 pixels and windows of 3.

# %%
figures.sub_networks(9, 3)

# %% [markdown]
# Arrange the scores like the windows, and they form a **map**.
# A window of $k \times k$ pixels can begin in rows $0, 1, \dots, n-k$ of $n$ rows, and likewise in the columns:
# $n - k + 1$ places in each direction.
#
# **Write** `scan_detect(img, patch_fn, k)`. `img` is a grey picture, a two-dimensional array, and may hold integers.
# `patch_fn` is a function: it takes a patch, an array of shape (k, k), and gives its score, one number.
# Return the map as an array (or a list of lists) of shape (height − k + 1, width − k + 1):
# entry `[i, j]` is the score of the window whose upper left corner is pixel `[i, j]`.
# Scores may be fractions, and negative; keep them as they are.

# %% [markdown]
# **Write** `present(scores)` for such a map: `True` if the thing is in the picture, else `False`.
# A detector says yes with a score **above 0**; 0 is a no.
# One yes is enough, wherever it stands.
#
# The check makes its detectors with `patch_template` and `patch_mlp`.
# To repeat one of its calls, write `from course.given import patch_template, patch_mlp`.

# %% tags=["question:scan_detect"]
def scan_detect(img, patch_fn, k):
    """Scores of patch_fn for all k×k windows of img: shape (height - k + 1, width - k + 1)."""
    ### BEGIN SOLUTION
    height, width = img.shape[0] - k + 1, img.shape[1] - k + 1
    scores = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            scores[i, j] = patch_fn(img[i : i + k, j : j + k])
    return scores
    ### END SOLUTION


def present(scores):
    """Whether at least one score of the map is above 0."""
    ### BEGIN SOLUTION
    return bool(np.any(scores > 0))
    ### END SOLUTION


# %% tags=["check:scan_detect"]
check("scan_detect")

# %% [markdown]
# Now cut patches from the same 2,000 pictures, all with the deer on the **left**:
# the deer, the disorder, and four windows from anywhere in the picture, which hold noise and parts of a deer.
# A network with 4 hidden units learns to tell the deer from all the rest.
# Its score is its output before the last activation; above 0 means "deer".

# %%
def patches_of(X, y, places, seed):
    """Patches of 5×5 pixels, and whether each is a deer."""
    rng, patches, labels = np.random.default_rng(seed), [], []
    for picture, there, (i, j) in zip(X, y, places):
        corners = [(i, j, there)] + [(*rng.integers(0, (6, 18)), 0) for _ in range(4)]
        for row, column, label in corners:
            if label or not there or (row, column) != (i, j):
                patches.append(picture[row : row + 5, column : column + 5].reshape(-1))
                labels.append(label)
    return np.array(patches), np.array(labels)


# %%
small = MLPClassifier((4,), tol=0.001, n_iter_no_change=5, random_state=0)
small.fit(*patches_of(X_left, y_left, places, seed=3))
(first, last), (bias, last_bias) = small.coefs_, small.intercepts_
print("parameters:", first.size + bias.size + last.size + last_bias.size)


def deer_score(patch):
    """Output of the small network for one patch of shape (5, 5): above 0 means a deer."""
    hidden = np.maximum(0, patch.reshape(-1) @ first + bias)
    return float(hidden @ last[:, 0] + last_bias[0])


# %% tags=["nbval-ignore-output"]
def accuracy(X, y):
    """Share of pictures for which your `present` of your `scan_detect` is right."""
    said = [present(scan_detect(picture, deer_score, 5)) for picture in X]
    return np.mean(np.array(said) == y)


if yours(scan_detect, X_left[1], deer_score, 5) is None or yours(present, np.ones((1, 1))) is None:
    print("Answer the question above first: this cell scans with your functions.")
else:
    print("new pictures, deer on the left: ", accuracy(X_new[:200], y_new[:200]))
    print("new pictures, deer on the right:", accuracy(X_right[:200], y_right[:200]))

# %% [markdown]
# Right nearly every time, on **both** sides, although no example ever had a deer on the right.
# And the network has 109 parameters, where the MLP has 8,881.
# Here are two pictures and their maps: the one pale blue spot is where the deer stands.

# %% tags=["nbval-ignore-output"]
maps, drawn = {}, {}
for name in ("deer, left", "deer, right"):
    drawn[name] = shown[name]
    scores = yours(scan_detect, shown[name], deer_score, 5)
    if scores is not None:
        maps[name] = drawn[f"{name}: map of scores"] = np.array(scores)
figures.photographs(drawn, columns=2)

# %% [markdown]
# ### From a map to one answer
#
# "Is one score above 0?" is an OR over the windows, and the same as "is the **maximum** above 0?".
# There are softer ways: a **softmax** gives large scores large shares, and the answer is the weighted mean;
# or a further MLP reads the whole map, which can also learn that a deer's place matters.
# The plain mean is no good: one yes drowns in a hundred noes.

# %% tags=["nbval-ignore-output"]
scores = maps.get("deer, right")
if scores is not None:
    shares = np.exp(scores - np.max(scores))
    shares = shares / shares.sum()
    print("OR:", yours(present, scores), "  maximum:", round(np.max(scores), 2))
    print("softmax-weighted mean:", round(np.sum(shares * scores), 2))
    print("plain mean:", round(np.mean(scores), 2))

# %% [markdown]
# ### One large network, and its name
#
# Scanning is itself a network: $6 \cdot 18 = 108$ copies of the small one, with **identical weights**,
# and one unit above them. Fully connected, its hidden layer would read $10 \cdot 22 = 220$ pixels
# with $108 \cdot 4 = 432$ units and have $220 \cdot 432 + 432 = 95{,}472$ parameters. It has 104.
#
# Look at one hidden unit. At every window it multiplies 25 pixels with its 25 weights and adds up.
# Such a table of weights is a **kernel** or **filter**, sliding it over the picture is what networks call a **convolution**,
# and lab 02 is about nothing else. So the scan must be a convolution, ReLU, and a weighted sum of four maps. Is it?

# %% tags=["nbval-ignore-output"]
from scipy.signal import correlate2d

picture = shown["deer, right"]
kernels = first.T.reshape(4, 5, 5)
hidden = [np.maximum(0, correlate2d(picture, k, mode="valid") + b_k) for k, b_k in zip(kernels, bias)]
as_convolution = np.tensordot(last[:, 0], np.array(hidden), axes=1) + last_bias[0]
if scores is not None:
    print("scan and convolution agree to 9 digits:", np.allclose(scores, as_convolution, atol=1e-9))
figures.photographs({f"kernel {number}": k for number, k in enumerate(kernels)}, columns=4)

# %% [markdown]
# They are the same, up to rounding.
# That is the whole step from an MLP to a **convolutional network**: small windows, the same weights everywhere.
#
# ### Three reasons
#
# One lecture gives three reasons why this suits pictures.
#
# 1. What matters is often **small**: a beak, an edge, a stroke. One unit need not see everything.
# 2. The same small thing turns up in **many places**. One detector can serve them all.
# 3. Leave out every second row and column, and **the object stays the same**.
#    So maps can be made smaller on the way (lab 06), and the next layers have less to do.

# %%
cat = datasets.photograph("chelsea", (108, 160))
smaller = {"all pixels": cat, "every second": cat[::2, ::2], "every fourth": cat[::4, ::4]}
figures.photographs(smaller, columns=3)

# %% [markdown]
# ## 1.6 How much does a shift hurt? ({points:shift_accuracy})
#
# Deer are a toy. Measure it with real digits and two networks of about equal size:
# an MLP, and LeNet-5, a convolutional network of 1998, here in today's dress (you build it yourself in lab 09).
# Both learn from digits that stand in the middle. Then shift the **test** digits sideways, pixel by pixel.
#
# What comes in at the other side? Zeros: the background. Nothing wraps around,
# what leaves the picture is gone.

# %%
from scipy import ndimage

one = X_test[1, :, :, 0]
moved = {f"shift {s}": ndimage.shift(one, (0, s), order=0) for s in (-4, -2, 0, 2, 4)}
figures.photographs(moved, columns=5)

# %% [markdown]
# **Write** `shift_accuracy(model, X, y, shifts)`.
#
# - `X` has shape (batch, height, width, channels), `y` holds the right class numbers, shape (batch,).
# - `model.predict(images)` takes such a batch and gives **class numbers**, shape (batch,).
# - `shifts` is a list of whole numbers: how many pixels the pictures move **to the right**.
#   A negative number moves them to the left, 0 leaves them alone. All are smaller than the width.
# - Zeros come in, nothing wraps around, height and channels stay. Every shift begins with `X` as it came.
# - Return a dictionary: for each shift the **accuracy**, the share of pictures (0 to 1) whose class is right.

# %% [markdown]
# The check has a stand-in for the model, `pixel_reader`, whose classes depend on where every pixel is,
# and pictures of noise. To look at them, write `from course.given import pixel_reader, random_pictures, random_labels`.

# %% tags=["question:shift_accuracy"]
def shift_accuracy(model, X, y, shifts):
    """{shift: accuracy} of model.predict for pictures moved to the right by each shift, zeros coming in."""
    ### BEGIN SOLUTION
    width, found = X.shape[2], {}
    for s in shifts:
        moved = np.zeros_like(X)
        if s >= 0:
            moved[:, :, s:] = X[:, :, : width - s]
        else:
            moved[:, :, :s] = X[:, :, -s:]
        found[s] = float(np.mean(model.predict(moved) == y))
    return found
    ### END SOLUTION


# %% tags=["check:shift_accuracy"]
check("shift_accuracy")

# %% [markdown]
# Now the networks. (This is the first cell that needs TensorFlow; it takes a moment.)
# Both read numbers from 0 to 255 and scale them themselves, and both end in ten shares of 1.
# You need not understand each layer yet: labs 02 to 09 go through them.

# %%
from course import device

with device.quiet():  # TensorFlow greets its developers when it starts
    import keras
from keras import layers

keras.utils.set_random_seed(0)
mlp = keras.Sequential([
    keras.Input((28, 28, 1)), layers.Rescaling(1 / 255), layers.Flatten(),
    layers.Dense(77, activation="relu"), layers.Dense(10, activation="softmax"),
])
random_start = mlp.layers[-2].get_weights()[0]
print("MLP:", mlp.count_params(), "  from your function:", yours(mlp_params, 28, 28, 1, [77, 10]))

# %%
lenet = keras.Sequential([
    keras.Input((28, 28, 1)), layers.Rescaling(1 / 255),
    layers.Conv2D(6, 5, padding="same", activation="relu"), layers.MaxPooling2D(),
    layers.Conv2D(16, 5, activation="relu"), layers.MaxPooling2D(), layers.Flatten(),
    layers.Dense(120, activation="relu"), layers.Dense(84, activation="relu"),
    layers.Dense(10, activation="softmax"),
])
print("LeNet-5:", lenet.count_params(), " should be 61706")
for network in (mlp, lenet):
    network.compile("adam", "sparse_categorical_crossentropy")
    network.fit(X_train, y_train, epochs=3, verbose=0)

# %% [markdown]
# `predict` of a Keras network gives ten shares for each picture.
# Your function wants class numbers, so each model is wrapped: the class with the largest share.
#
# **Predict** the three accuracies at a shift of 3 pixels: for the templates of 1.2, for the MLP, and for LeNet-5.
# Without a shift they are about .86, .89 and .94 (on the first 1,000 test digits).

# %%
class ClassNumbers:
    """Any model whose predict gives class numbers: the largest of ten scores wins."""

    def __init__(self, scores):
        self.scores = scores

    def predict(self, images):
        return np.argmax(self.scores(images), axis=1)


models = {
    "templates": ClassNumbers(lambda images: images.reshape(len(images), -1) / 255 @ W.T + b),
    "MLP": ClassNumbers(lambda images: mlp.predict(images, batch_size=500, verbose=0)),
    "LeNet-5": ClassNumbers(lambda images: lenet.predict(images, batch_size=500, verbose=0)),
}

# %% tags=["nbval-ignore-output"]
my_guess = (None, None, None)
shifts = list(range(-4, 5))
trial = X_test[:1000], y_test[:1000], shifts
measured = {name: yours(shift_accuracy, model, *trial) for name, model in models.items()}
result = "Answer the question above first: this cell measures with your function."
if all(isinstance(row, dict) for row in measured.values()):
    for name, row in measured.items():
        print(f"{name:9}", "  ".join(f"{s}: {row[s]:.3f}" for s in shifts))
    result = figures.curve(
        {name: (shifts, list(row.values())) for name, row in measured.items()},
        xlabel="shift to the right (pixels)", ylabel="accuracy (share of 1,000 digits)",
        title="Accuracy when digits move",
    )
result

# %% [markdown]
# Read the curves. All three fall on both sides: even two pixels cost the MLP a quarter of its answers or more.
# LeNet-5 falls later and less far, because it finds the strokes wherever they are.
# But it is **not** immune: behind its convolutions stand fully connected layers,
# and these have learned where in the map to expect a stroke.
#
# Sharing weights makes the maps move along with the picture. It does not make the answer stay the same.
# Lab 06 gives the two properties their names, and measures them.

# %% [markdown]
# What did the MLP learn? Each of its 77 hidden units is a template too.
# They began at random, so here is, for ten of them, what training has **added** to the random start.
# They are what one lecture calls **feature detectors**: the first layer asks for blobs and strokes,
# the next layer lays its own templates on these answers, and so on. An MLP is a cascade of detectors.
# Each of these asks at **one place** of the picture.

# %% tags=["nbval-ignore-output"]
added = mlp.layers[-2].get_weights()[0] - random_start
figures.photographs({f"unit {unit}": added[:, unit].reshape(28, 28) for unit in range(10)}, columns=5)

# %% [markdown]
# ## 1.7 Why? ({points:why_shift_hurts})
#
# A friend looks at your curves and says: "Of course the MLP is worse on shifted digits. They are different images."
# That is true, and explains nothing: for LeNet-5 they are different images too.
#
# Explain in three to five sentences why a shift hurts an MLP so much.
# Say what happens to the weights of a hidden unit when the digit moves, what the MLP would need to do better,
# and what LeNet-5 does instead. A person reads your text.

# %% [markdown] tags=["essay:why_shift_hurts:3"]
# Every weight of a hidden unit belongs to one pixel. When the digit moves by two pixels, its strokes meet other weights,
# which were learned for other strokes or for background, so the unit's sum has nothing to do with the digit any more.
# Nothing that was learned at one place is known at another, because no two places share a weight:
# the MLP would need examples of every digit at every place (or more units and shifted training pictures).
# LeNet-5's kernels use the same weights at every window, so a stroke is found wherever it is, and pooling forgives a pixel.
# It loses accuracy too, since its last layers are fully connected and still read the map place by place.

# %% [markdown]
# ## Free play (not graded)
#
# **Features by hand.** Describe each digit by twelve numbers instead of 784 pixels: ink, height and width,
# centre, holes, symmetry, and how often some rows and one column change between ink and paper.
# Then learn templates for these. Which is better? And both together?
# Add a feature of your own, or take one away: which one matters most?

# %%
def changes(line):
    """How often a row of pixels changes between ink and paper."""
    return np.sum(line[1:] != line[:-1])


def features(image):
    """Twelve numbers that describe a digit."""
    ink = image[:, :, 0] > 127
    rows, columns = np.nonzero(ink)
    holes = ndimage.label(~ink)[1] - 1  # areas of paper, without the one around the digit
    mirrored = [np.mean(ink == ink[:, ::-1]), np.mean(ink == ink[::-1])]
    crossings = [changes(ink[9]), changes(ink[14]), changes(ink[18]), changes(ink[:, 14])]
    box = [np.ptp(rows), np.ptp(columns), rows.mean(), columns.mean()]
    return [ink.mean(), holes, *box, *mirrored, *crossings]


# %% tags=["nbval-ignore-output"]
by_hand = np.array([features(image) for image in np.concatenate([X_train, X_test])], float)
by_hand = (by_hand - by_hand.mean(axis=0)) / by_hand.std(axis=0)  # all features on one scale
pixels = np.concatenate([X_train, X_test]).reshape(6000, -1) / 255
compared = {}
both = np.hstack([by_hand, pixels])
for name, table in [("12 features", by_hand), ("784 pixels", pixels), ("both", both)]:
    weights, biases = learn_templates(table[:4000], y_train, epochs=20)
    said = np.argmax(table[4000:] @ weights.T + biases, axis=1)
    compared[name] = float(np.mean(said == y_test))
title = "Templates for features, for pixels, for both"
figures.bars(compared, ylabel="accuracy (share of test digits)", title=title)

# %% [markdown]
# Twelve good questions know a lot, and with the pixels they add what no template can see: a hole is a hole
# wherever it is. But somebody had to think of them. LeNet-5 above is better than all three,
# and nobody told it about holes.
#
# **More to try.**
#
# - Load `"fashion_mnist"` instead of `"mnist"`. Which templates can you recognise?
# - Train the MLP with digits shifted by up to two pixels at random. How much of its loss does that mend, and at what price?
# - Write another detector for `scan_detect`, such as `lambda patch: patch[:, 0].mean() - patch[:, -1].mean() - 0.3`,
#   and scan `cat.mean(axis=2)` with it. What does its map show?

# %% [markdown]
# ## What you take with you
#
# - A picture is an array (height, width, channels); a linear classifier has one template a class.
# - One neuron parts the plane by a line and cannot do XOR; with a hidden layer any table can be computed.
# - A fully connected layer has $n \cdot m + m$ parameters: its price grows with the picture, and a shift spoils what it knows.
# - One small network at every window, with the same weights, is a convolution. Its map says where, its maximum says whether.
# - Shared weights help when things move. They do not make a network immune.

# %% [markdown]
# **Read on.** I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning* (2016), chapter 6, on multi-layer perceptrons.
# S. Prince, *Understanding Deep Learning* (2023), chapters 2 to 4, on $f[x, \varphi]$ and shallow networks.
# M. Minsky and S. Papert, *Perceptrons* (1969). Y. LeCun, L. Bottou, Y. Bengio and P. Haffner,
# *Gradient-based learning applied to document recognition* (1998), on LeNet-5.
#
# In the next lab you compute a convolution with a pencil.

# %%
lab.score()
