# ---
# jupyter:
#   autograder:
#     course: convnet-course
#     questions: course.questions.lab02_convolution
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 02 · Convolution by hand
#
# **You will learn** to compute a convolution with a pencil and in code,
# to tell what networks really do from what the word means,
# to read the classic kernels and see what they do to a photograph,
# and to notice when a test cannot fail.
#
# **You need** Python functions, loops and NumPy arrays, with slices such as `x[1:4, 2:5]`.
# **It takes** about 75 minutes. There are 30 points, 4 of them for a short text that a person reads.

# %% [markdown]
# Answer in the cells that say `# your code here`, then run the `check(...)` cell below.
# You may check as often as you like, and `hint("by_hand")` opens a hint for the question of that name.
# If a cell shows an error, mend it before you check: the check sees the last version that ran.
#
# "The lectures" are four public lectures on convolutional networks, which this course follows.

# %%
try:
    from course import check, hint, start
except ModuleNotFoundError:  # on Colab: install the course, and only what is missing there
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")
    from course import check, hint, start

lab = start("lab02_convolution", learner="")
lab

# %%
import numpy as np

from course import datasets, explore, figures

# %% [markdown]
# ## 2.1 One window, one number ({points:by_hand})
#
# Does this picture have a diagonal stroke somewhere, and where?
# A small table of numbers can ask that question at every place of the picture.
# The table is called a **kernel** or **filter**; its numbers are **weights**.
#
# The lecture's picture is 6×6, black and white, so its pixels are 0 or 1.
# Its first filter has 1 on the diagonal and −1 elsewhere:
# a pixel on the diagonal speaks for a stroke, a pixel beside it speaks against one.

# %%
image = np.array([
    [1, 0, 0, 0, 0, 1],
    [0, 1, 0, 0, 1, 0],
    [0, 0, 1, 1, 0, 0],
    [1, 0, 0, 0, 1, 0],
    [0, 1, 0, 0, 1, 0],
    [0, 0, 1, 0, 1, 0],
])
diagonal = np.array([[1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
vertical = np.array([[-1, 1, -1], [-1, 1, -1], [-1, 1, -1]])
figures.grids({"picture": image, "filter 1: diagonal": diagonal, "filter 2: vertical": vertical})

# %% [markdown]
# Lay the filter on the upper left corner.
# Nine pixels meet nine weights: multiply each pair, add the nine products.
# This **dot product** is one number of the output.
# Then move one pixel to the right and do it again.
# At place $(i, j)$ the window's upper left corner is pixel $(i, j)$, counted from 0:
#
# $$\text{out}[i, j] = \sum_{a=0}^{2} \sum_{b=0}^{2} x[i+a,\; j+b] \cdot k[a, b]$$
#
# In all of this lab $i, j$ say where the window is, and $a, b$ which weight of the kernel is meant.
# The lecture prints the first two numbers, 3 and −1. Here is the first.

# %%
figures.sliding_window(image, diagonal, step=0)

# %% [markdown]
# This window holds a whole diagonal and nothing else: three times 1 is 3, the most that this filter can say.
# One pixel further, the next one gives −1.
#
# **Predict** the third number, before you run the next cell: count the ones on the diagonal and those beside it.
# Write your guess instead of `None`; it is not graded.

# %%
my_guess = None
print("your guess:", my_guess)
figures.sliding_window(image, diagonal, step=2)

# %% [markdown]
# Move the window yourself. The output fills up, row by row, until it has 4×4 numbers:
# a window 3 wide has $6 - 3 + 1 = 4$ places on 6 pixels.
# This grid is a **feature map**: it says how strongly the feature is present at each place.

# %%
explore.sliding_window(image, diagonal)

# %% [markdown]
# > **Lecture, repaired.** Some copies of this picture on the slides have slipped:
# > one has a seventh column, one ends in `0 0 1 0 0 1`, one has blank cells.
# > Only with the last row `0 0 1 0 1 0` do the printed outputs come out.

# %% [markdown]
# **Now you, with a pencil.** Below are a picture, a kernel and four places `[row, column]` of your own.
# Compute the output at these places: lay the kernel on as it stands,
# with its upper left corner, not its middle, on that pixel; rows and columns are counted from 0.
# Mind the signs. Write the four numbers where the dots stand,
# in the order of the places, with commas between them.

# %%
my_image, my_kernel, my_places = lab.numbers("by_hand")
my_image, my_kernel = np.array(my_image), np.array(my_kernel)
print("places:", [list(place) for place in my_places])
figures.grids({"your picture": my_image, "your kernel": my_kernel})

# %% tags=["question:by_hand"]
by_hand = [
    ### BEGIN SOLUTION
    *(int(np.sum(my_image[i : i + 3, j : j + 3] * my_kernel)) for i, j in my_places)
    ### END SOLUTION
]

# %% tags=["check:by_hand"]
check("by_hand")

# %% [markdown]
# ## 2.2 Every window ({points:correlate2d})
#
# A computer does not mind doing this sixteen times, or a million times.
# How many windows are there? On $n$ rows a kernel with $k$ rows can begin at $0, 1, \dots, n-k$:
# that is $n - k + 1$ places, and the same law holds for the columns.
# Visit them all, row by row, and write each sum to its place in the output.

# %% [markdown]
# **Write** `correlate2d(x, k)` for a picture `x` and a kernel `k`, both two-dimensional NumPy arrays.
#
# - Only windows that lie wholly inside the picture count; nothing is added around it.
# - The kernel lies as it stands, and the products are **summed**.
# - Height and width may differ, in the picture and in the kernel. `x` and `k` stay as they are.
# - The output is two-dimensional (an array or a list of lists); whether it holds integers or floats is up to you,
#   but fractions must survive.
#
# Compare with a library in another cell, if you like, but write this cell yourself: no `scipy.signal`, `scipy.ndimage`, `np.correlate` or network library.
# Loops and slices are welcome, and so is `np.lib.stride_tricks`.

# %% tags=["question:correlate2d"]
def correlate2d(x, k):
    """Slide k over x without padding: shape (x height - k height + 1, x width - k width + 1)."""
    ### BEGIN SOLUTION
    height, width = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            out[i, j] = np.sum(x[i : i + k.shape[0], j : j + k.shape[1]] * k)
    return out
    ### END SOLUTION


# %% tags=["check:correlate2d"]
check("correlate2d")

# %% [markdown]
# Let your function read the lecture's picture with both filters.
# On the left is what it gives, on the right what it should give.
# While the question is open, the left grids stay empty. They stay empty too
# if your function stops with an error or its output has another shape; `check` then says more.

# %%
def yours(x, k):
    """What your correlate2d gives, or an empty grid while it gives nothing of the right shape."""
    shape = (x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1)
    try:
        out = np.array(correlate2d(x, k), float)
    except Exception:
        return np.full(shape, np.nan)
    return out if out.shape == shape else np.full(shape, np.nan)


# %%
diagonal_map, vertical_map = yours(image, diagonal), yours(image, vertical)
diagonal_expected = [[3, -1, -3, -1], [-3, 1, 0, -3], [-3, -3, 0, 1], [3, -2, -2, -1]]
vertical_expected = [[-1, -1, -1, -1], [-1, -1, -2, 1], [-1, -1, -2, 1], [-1, 0, -4, 3]]
figures.grids({
    "diagonal: yours": diagonal_map, "should be": diagonal_expected,
    "vertical: yours": vertical_map, "this should be": vertical_expected,
})

# %% [markdown]
# ### Bigger steps, and the best of four
#
# With **stride** 2 the window moves two pixels at a time, so it visits every second place in both directions.
# You need no new function for that: take every second row and column of the map, `[::2, ::2]`.
#
# The lecture then keeps only the largest of each 2×2 block, which is called **max pooling**:
# "somewhere in this quarter there was a diagonal". Both make the map smaller; lab 06 compares them.

# %%
def best_of_four(grid):
    """Largest number of every 2×2 block."""
    return grid.reshape(2, 2, 2, 2).max(axis=(1, 3))


print("diagonal, stride 2:", diagonal_map[::2, ::2].tolist(), "  should be [[3, -3], [-3, 0]]")
print("diagonal, pooled:  ", best_of_four(diagonal_map).tolist(), "  should be [[3, 0], [3, 1]]")
print("vertical, pooled:  ", best_of_four(vertical_map).tolist(), "  should be [[-1, 1], [0, 3]]")

# %% [markdown]
# Another lecture has a 5×5 picture and a kernel with ones on its two diagonals. It prints the first value, 4.
# **Predict** the value in the middle of the output: it belongs to the window with the green frame.
# Then compare it with what your function gives.

# %%
small = np.array(
    [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]
)
cross = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
figures.grids({"picture": small, "kernel": cross}, outlines={"picture": [(1, 1, 3, 3)]})

# %%
figures.grids({"your output": yours(small, cross), "should be": [[4, 3, 4], [2, 4, 3], [2, 3, 4]]})

# %% [markdown]
# ### Where is it, or is it there?
#
# You may also read the sixteen numbers as the answers of sixteen small detectors, one for each window,
# all with the same weights. A plain list of answers has lost the picture.
# **Arranged like the windows**, they are a picture again.
# A network computes in steps, called **layers**: the next layer can scan this picture in the same way.
#
# Two questions then have two different answers.
# *Is it there?* needs one number, such as the maximum: it forgets the place.
# *Where is it?* needs the map.

# %%
answers = [answer for row in diagonal_expected for answer in row]
print("a list:", answers)
scores = np.array(answers).reshape(4, 4)
print("is it there?", scores.max() == 3)
print("where is it?", [(int(i), int(j)) for i, j in np.argwhere(scores == scores.max())])

# %% [markdown]
# ### "A 4×4 filter, shift by 2"
#
# One lecture cuts the picture into patches: a 4×4 filter reads one patch, shifts by 2 and reads the next.
# Neighbouring patches overlap by two pixels. Number the patches $i$ (down) and $j$ (across), from 0.
# Patch $(i, j)$ begins at pixel $(2i, 2j)$, so its score is
#
# $$\sum_{a=0}^{3}\sum_{b=0}^{3} w_{ab}\; x_{2i+a,\; 2j+b} + \beta .$$
#
# The $\beta$ is the **bias**, $b$ in lab 01: one number that is added to every score of this filter.
#
# The figure counts the patches of an 8×10 picture: 3 down and 4 across.
# The brackets $\lfloor\;\rfloor$ in it mean "rounded down to a whole number",
# and its $2\cdot0$ counts **padding**, zeros laid around the picture: here there are none.

# %%
figures.places_2d(8, 10, 4, 2, 0)

# %% [markdown]
# > **Lecture, repaired.** The slide says "shift by 2", but its formula has, in our letters, $x_{i+a,\; j+b}$.
# > Patch $i = 1$ then begins at pixel 1: that is a shift by 1.
# > For a shift by $s$ the index is $s\,i + a$. Formulas and pictures have to agree; here the picture is right.

# %% [markdown]
# ## 2.3 What the word means ({points:convolve2d})
#
# In mathematics, the **convolution** of $f$ and $g$ is
#
# $$(f * g)(t) = \int f(\tau)\, g(t - \tau)\, d\tau
# \qquad (f * g)[n] = \sum_{m} f[m]\; g[n - m].$$
#
# Look at the minus sign: while $f$ is read forwards, $g$ is read **backwards**.
# What you wrote in 2.2 has a plus there, $x[i + a]\,k[a]$. That operation is called **cross-correlation**.
# In two dimensions the minus signs turn the kernel by half a turn, upside down:
# left and right change places, and so do top and bottom.

# %%
kernel = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
print("f and g in one dimension: 1 2 3 and 1 0 10")
print("n = 2:  f[0] g[2] + f[1] g[1] + f[2] g[0] =", 1 * 10 + 2 * 0 + 3 * 1)
figures.grids({
    "kernel": kernel,
    "half a turn": [[9, 8, 7], [6, 5, 4], [3, 2, 1]],
    "transposed: something else": [[1, 4, 7], [2, 5, 8], [3, 6, 9]],
})

# %% [markdown]
# The shortest way to tell the two apart is a picture with a single bright pixel.
# **Predict** which of them gives the kernel back as it stands, cross-correlation or convolution.
# Then run the cell.

# %%
my_guess = None
bright = np.zeros((5, 5), int)
bright[2, 2] = 1
print("your guess:", my_guess)
answer = yours(bright, kernel)
figures.grids({"one bright pixel": bright, "kernel": kernel, "cross-correlated, by your code": answer})

# %% [markdown]
# Cross-correlation gives the kernel upside down: its last weight reaches the bright pixel first.
# Convolution turns it beforehand, so the copy stands upright. It **stamps** a copy of the kernel
# onto every bright pixel. Cross-correlation **compares**: it is large where the picture looks like the kernel.
#
# A network learns its weights. If the layer turned the kernel, training would find the turned weights, and
# nothing else would change. So every network library leaves the turn out, and keeps the word "convolution".

# %% [markdown]
# > **Lecture, repaired.** Two lectures write $f * g = \sum\sum f[n]\, g[x - n]$ and explain it
# > as "multiply filter and picture element by element and add". Another one starts with the integral
# > $\int_0^t f(\tau)\, g(t-\tau)\, d\tau$, draws an arrow down, and arrives at $\sum w(s,t)\, f(x+s,\; y+t)$.
# > The first formula turns the kernel, the second does not. They are two operations.
# > What a layer computes is the second one, cross-correlation.

# %% [markdown]
# **Write** `convolve2d(x, k)`: true convolution, the kernel turned by half a turn.
# As before, only whole windows count, so the output has the shape that `correlate2d` gives,
# and height and width may differ. You may call your own `correlate2d`; the libraries are off limits again.

# %% tags=["question:convolve2d"]
def convolve2d(x, k):
    """True convolution of x with k without padding: the kernel is turned by half a turn."""
    ### BEGIN SOLUTION
    return correlate2d(x, k[::-1, ::-1])
    ### END SOLUTION


# %% tags=["check:convolve2d"]
check("convolve2d")

# %% [markdown]
# ## 2.4 One dimension ({points:conv1d})
#
# Sound, temperatures, text: many signals are a row of numbers, and one lecture begins there.
# In a **fully connected** layer each of the outputs $h_i$ has its own weight for every one of the $D$ inputs $x_j$:
# $h_i = \text{act}\big[\beta_i + \sum_{j=0}^{D-1} \omega_{ij}\, x_j\big]$.
# For 6 inputs and 6 outputs these are 36 weights and 6 biases.
# A **convolutional** layer uses the same three weights and one bias everywhere:
#
# $$h_i = \text{act}\Big[\beta + \sum_{a=0}^{2} \omega_a\; x_{i+a-1}\Big]$$

# %% [markdown]
# Places and weights are counted from 0, as in Python (the lecture counts from 1).
# The sum reads the left neighbour, the place itself and the right neighbour.
# At the ends a neighbour is missing; there a zero stands in for it, which is padding 1.
#
# The bias $\beta$ is added **once**. The **activation function** act comes last:
# take ReLU, which changes negative numbers to 0 (lab 06). Here it is left out.

# %%
row = np.array([1, 3, 2, 5, 4, 1])
omega, beta = np.array([1, 0, -2]), 1
print("place 3, before act: β + ω[0] x[2] + ω[1] x[3] + ω[2] x[4] =", beta + 1 * 2 + 0 * 5 - 2 * 4)
figures.signals(
    {"x": row, "weights ω": omega, "β + Σ ω x, padding 1": [-5, -2, -6, -5, 4, 5]},
    ylabel="value (no unit)",
)

# %% [markdown]
# Three numbers change which inputs meet the weights.
#
# - **Padding** `pad`: that many zeros before the row *and* that many after it.
# - **Stride**: how far the window moves from one output to the next.
# - **Dilation**: the distance between two neighbouring weights. Dilation 1 means neighbours, no gap;
#   dilation 2 leaves one number out between two weights. Three weights then reach over five numbers.
#
# **Predict** how many outputs there are for 6 numbers, 3 weights, dilation 2, stride 1 and no padding.

# %%
my_guess = None
print("your guess:", my_guess)
places = {
    "dilation 1, first place": [1, 1, 1, 0, 0, 0],
    "dilation 2, first place": [1, 0, 1, 0, 1, 0],
    "dilation 2, last place": [0, 1, 0, 1, 0, 1],
}
figures.grids(places, columns=1, title="1: a weight reads this number")

# %% [markdown]
# There are two: the first reads positions 0, 2 and 4, the second 1, 3 and 5.
#
# **Write** `conv1d(x, w, beta, stride, dilation, pad)` for a row `x` and weights `w`.
# It returns the values **before** the activation, as a row:
# counted from 0, weight $a$ of output $i$ reads the padded row
# at $i \cdot \text{stride} + a \cdot \text{dilation}$.
# The weights stay in their order (cross-correlation, as in the lecture), and `beta` is added once.
# There are as many outputs as places at which all weights find a number; at least one fits.
# No `np.convolve`, `np.correlate` or other library.

# %% tags=["question:conv1d"]
def conv1d(x, w, beta, stride, dilation, pad):
    """Slide w over x with bias beta; pad zeros on each side, dilation 1 is no gap."""
    ### BEGIN SOLUTION
    padded = np.concatenate([np.zeros(pad), x, np.zeros(pad)])
    reach = (len(w) - 1) * dilation + 1
    starts = range(0, len(padded) - reach + 1, stride)
    return np.array([beta + np.sum(w * padded[i : i + reach : dilation]) for i in starts])
    ### END SOLUTION


# %% tags=["check:conv1d"]
check("conv1d")

# %% [markdown]
# ## 2.5 Seven classic kernels ({points:kernel_table})
#
# Long before kernels were learned, people designed them.
# The lectures show a table of them: one that does nothing, three that find edges,
# one that sharpens, two that blur.
# Before you look at the result, add up each kernel's weights. On an evenly grey patch
# every pixel is the same number $g$, so the output is $g$ times that sum:
# **1** keeps the brightness, **0** turns everything flat into zero.

# %%
kernels = {
    "identity": np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    "edge_1": np.array([[1, 0, -1], [0, 0, 0], [-1, 0, 1]]),
    "edge_2": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "edge_3": np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "box": np.full((3, 3), 1 / 9),
    "gauss": np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
}
print({name: round(float(np.sum(kernel)), 6) for name, kernel in kernels.items()})
camera = datasets.photograph("camera", 128)
figures.kernel_gallery(camera, kernels)

# %% [markdown]
# Read the pictures with the sums in mind.
# The edge kernels add up to 0, so the flat sky is mid-grey, which stands for zero;
# pale blue marks edges above zero, dark orange those below.
# Sharpening is the picture minus `edge_2`: in the middle, $1 - (-4) = 5$.
# Box and Gauss are averages: their weights are positive and add up to 1.
# Gauss trusts the middle more, so it blurs more gently.
#
# An output may be negative or above 1. A screen cannot show that, a network can use it:
# do not clip it.

# %% [markdown]
# > **Lecture, repaired.** One lecture defines convolution as giving "a single average output".
# > That fits the box exactly, nine times 1/9, with which another lecture shows
# > how scanning a picture makes a new picture.
# > In general the word is **weighted sum**: weights may be negative, and they need not add up to 1.
# > A filter that could only average could only blur.

# %% [markdown]
# > **Lecture, repaired.** In one lecture $\begin{bmatrix}0&-1&0\\-1&5&-1\\0&-1&0\end{bmatrix}$
# > stands under "Edge detection". Its label was lost: it is the **sharpening** kernel.
# > Its weights add up to 1, so a flat patch keeps its brightness. An edge kernel would make it 0.
# > The sum tells you which is which.

# %% [markdown]
# **Write** `apply_kernel_table(img)`.
# It takes a grey picture (two-dimensional, intensities from 0 to 1)
# and returns a dictionary with the seven outputs, under the names of the dictionary `kernels` above.
# Its seven entries are NumPy arrays, ready for your function; the factors 1/9 and 1/16 are in them.
#
# - Use your `correlate2d`: only whole windows, so each output is 2 smaller in both directions.
# - Nothing is clipped, rounded or made positive.

# %% tags=["question:kernel_table"]
def apply_kernel_table(img):
    """Outputs of the seven kernels: a dictionary from name to picture."""
    ### BEGIN SOLUTION
    return {name: correlate2d(img, kernel) for name, kernel in kernels.items()}
    ### END SOLUTION


# %% tags=["check:kernel_table"]
check("kernel_table")

# %% [markdown]
# ### At the border
#
# Whole windows only: the picture shrinks by 2 with every 3×3 kernel.
# If it is to keep its size, something has to stand beyond the border.
# Zeros are the usual choice (the gallery above has them), and they are black:
# a blurred picture gets a dark frame, and an edge kernel reports an edge all around,
# although nothing is there in the scene.
# A mirrored picture has no such frame. Below is the upper left corner, blurred by a 5×5 box:
# compare the corner values.

# %%
figures.border(camera, np.full((5, 5), 1 / 25), modes=("zero", "reflect"))

# %% [markdown]
# ## 2.6 Sobel, and a sign ({points:sobel})
#
# How fast does the picture get brighter from left to right?
# The shortest answer subtracts each pixel from its right neighbour: kernel $[-1\;\;1]$, one subtraction a pixel.
# A fully connected layer that did this to a picture of 320×280 pixels would need
# $320\cdot280\cdot319\cdot280$ weights, 8 billion, nearly all of them zero; the kernel has two.
#
# **Sobel X** asks the same more calmly: right column minus left column, the middle row counting twice.
# **Sobel Y** is its transpose: bottom minus top. Their answers are called $g_x$ and $g_y$,
# and $\sqrt{g_x^2 + g_y^2}$ is the strength of an edge in any direction.

# %%
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel_y = sobel_x.T
china = datasets.photograph("china", (96, 144), grey=True)
figures.kernel_gallery(china, {"Sobel X": sobel_x, "Sobel Y": sobel_y})

# %%
strength = np.hypot(yours(china, sobel_x), yours(china, sobel_y))
pictures = {"photograph": china}
if np.isfinite(strength).all():
    pictures["edge strength, by your code"] = strength
else:
    print("Answer 2.2 first: the edge strength comes from your correlate2d.")
figures.photographs(pictures, columns=2)

# %% [markdown]
# In $g_x$ upright edges shine, and those that lie flat vanish; $g_y$ does the opposite.
# The sign says which side is brighter.
#
# Now turn each Sobel kernel by half a turn, as true convolution does.
# **Predict** which of $g_x$ and $g_y$ changes, and how. Then compute it for the 3×3 patch of your own:
# `sobel_values` holds four numbers, $g_x$ and $g_y$ by cross-correlation,
# then $g_x$ and $g_y$ by true convolution.

# %%
my_patch = np.array(lab.numbers("sobel"))
figures.grids({"your patch": my_patch, "Sobel X": sobel_x, "Sobel Y": sobel_y})

# %% [markdown]
# In `sobel_signs`, say for each of these what happens to the output, for **every** picture,
# when true convolution takes the place of cross-correlation:
#
# 1. $g_x$
# 2. $g_y$
# 3. $g_x + g_y$
# 4. $g_x^2 + g_y^2$
# 5. the output of the Gauss kernel
# 6. the output of the corner kernel $\begin{bmatrix}0&0&0\\0&-1&0\\0&0&1\end{bmatrix}$
#
# Write six words, in this order, each in quotes: `"same"` if the output is the same,
# `"minus"` if every value changes its sign and nothing else, `"other"` if neither is so.
# Capitals do not matter.

# %% tags=["question:sobel"]
sobel_values = [
    ### BEGIN SOLUTION
    *(int(np.sum(my_patch * k)) for k in (sobel_x, sobel_y, sobel_x[::-1, ::-1], sobel_y[::-1, ::-1]))
    ### END SOLUTION
]
sobel_signs = [
    ### BEGIN SOLUTION
    "minus",
    "minus",
    "minus",
    "same",
    "same",
    "other",
    ### END SOLUTION
]

# %% tags=["check:sobel"]
check("sobel")

# %% [markdown]
# ## 2.7 A test that cannot fail ({points:exposes_flip})
#
# Suppose a friend's `correlate2d` turns the kernel by mistake,
# and she tests it with the lecture's picture and filter 1.
# The test passes. It also passes with filter 2, with the 5×5 example, and with all seven kernels of the table.
# Every one of them looks the same upside down, so the mistake leaves no trace.
# It is a common trap: of 218 wrong programs that were collected for this course,
# one in three passes the example that came with its exercise.
#
# Which of these five kernels can **expose** the mistake, on some picture?

# %%
five = {
    "A": np.array([[1, 2, 3], [4, 0, 4], [3, 2, 1]]),
    "B": sobel_x,
    "C": cross,
    "D": np.array([[1, -1, -1], [-1, 0, 0], [-1, -1, 0]]),
    "E": np.array([[2, 1, 0], [1, 3, 1], [0, 1, 1]]),
}
figures.grids(five)

# %% [markdown]
# First by eye: put the letters into `picked`, each in quotes, with commas between them. Small letters will do.
#
# Then **write** `exposes_flip(kernels)`. It gets a dictionary from name to kernel:
# two-dimensional arrays with 1 to 9 rows and 1 to 9 columns.
# It returns the names of those kernels that can expose a flip: for which there is **some** picture
# on which cross-correlation and true convolution differ. A list or a set, in any order.
# One small picture of your own is a weak test: on it the two may agree by chance, or a kernel may not fit.

# %% tags=["question:exposes_flip"]
picked = [
    ### BEGIN SOLUTION
    "B",
    "D",
    "E",
    ### END SOLUTION
]


def exposes_flip(kernels):
    """Names of the kernels with which a test can notice that the kernel was turned."""
    ### BEGIN SOLUTION
    return [name for name, kernel in kernels.items() if not np.array_equal(kernel, kernel[::-1, ::-1])]
    ### END SOLUTION


# %% tags=["check:exposes_flip"]
check("exposes_flip")

# %% [markdown]
# Kernel D comes from a well-known animation of a convolution layer, which you meet again in lab 03.
# It is a good test for code, because nothing in it is symmetrical.
# Keep one such kernel at hand, and one picture whose height and width differ:
# together they catch a flipped kernel, a transposed kernel, and swapped sides.

# %% [markdown]
# ## 2.8 Two definitions, repaired ({points:repair_definition})
#
# Here are two sentences, as lectures put them.
#
# - "The layer computes the convolution $f * g = \sum f[n]\, g[x-n]$: we multiply filter and picture
#   element by element and add."
# - "Convolution slides the filter over the picture and gives a single **average** output for each place."
#
# Repair each of them in one or two sentences of your own. Say what is wrong, what is right,
# and give one kernel for which the slip makes a difference. A person reads your text.

# %% [markdown] tags=["essay:repair_definition:4"]
# A layer lays the kernel on the picture as it stands, with a plus in the index, x[n + a]·k[a]: cross-correlation.
# The formula g[x − n] reads the kernel backwards, so true convolution turns it by half a turn; with Sobel X that
# changes every sign.
# The output is a weighted sum of the window, not its average. It is an average only if the weights add up to 1,
# as in the box kernel with 1/9; the edge kernels add up to 0 and give 0 on a flat patch, whose average is not 0.

# %% [markdown]
# ## Free play (not graded)
#
# **Design a kernel.** Change the numbers and look.
# Can you make one that answers only to strokes that rise to the right?
# One that shifts the picture by a pixel? One that looks like a relief, lit from the upper left?

# %%
explore.kernel(camera)

# %%
mine = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
figures.kernel_gallery(camera, {"mine": mine, "mine, upside down": mine[::-1, ::-1]})

# %% [markdown]
# **Learn a kernel.** Nobody designs the kernels of a network. Suppose you only know a picture and the output
# that some secret kernel gave. Begin with random weights, compare your output with the right one,
# and move each weight a little against its share of the error.
# That share is a sum over all places: error times the pixel that met the weight.
# Sum over places of error times pixel: this is a cross-correlation too, with the error as its kernel.

# %%
def learn(x, wanted, steps=100, rate=0.05):
    """Gradient descent from random weights: the kernel, and the mean squared error at each step."""
    kernel, losses = np.random.default_rng(0).normal(size=(3, 3)), []
    for _ in range(steps):
        error = yours(x, kernel) - wanted
        losses.append(np.mean(error**2))
        gradient = 2 * yours(x, error) / error.size
        kernel = kernel - rate * gradient
    return kernel, losses


# %%
part = np.random.default_rng(1).normal(size=(16, 20))  # noise: every pixel tells something new
learned, losses = learn(part, yours(part, sobel_x))
figures.grids({"secret kernel": sobel_x, "learned kernel": learned})

# %%
curve = "Answer 2.2 first: the learner uses your correlate2d."
if np.isfinite(losses).all():
    curve = figures.curve(
        {"mean squared error": (range(len(losses)), losses)},
        xlabel="step of gradient descent",
        ylabel="loss (squared intensity)",
        title="Nine weights, learned from one picture and its output",
        logy=True,
    )
curve

# %% [markdown]
# On noise the loss falls fast. On a photograph it falls slowly, because neighbouring pixels say nearly the same:
# with `part = camera[40:60, 40:64]` it takes `steps=5000` until every weight is within 0.25 of its goal.
# Try that, or a secret kernel of your own.
# Then hand the learner the output of `convolve2d` instead, with the same secret kernel.
# It learns the kernel upside down and fits equally well: this is why networks do not care about the turn.

# %% [markdown]
# ## What you take with you
#
# - One output number is a weighted sum of one window; the map of all windows says *where*.
# - A layer computes cross-correlation. True convolution turns the kernel by half a turn.
# - Weights that add up to 1 keep the brightness, weights that add up to 0 find changes.
# - Whole windows only: $n - k + 1$ places. Zeros around the picture show at its border.
# - Test with a kernel that a half turn changes, on a picture that is not square.
#
# **Read on.** I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning* (2016), chapter 9, names both operations.
# A. Zhang and others, *Dive into Deep Learning*, learn an edge kernel from examples as you did.
# In the next lab pictures get colours, and a filter reaches through all channels.

# %%
lab.score()
