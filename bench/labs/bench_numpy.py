# ---
# jupyter:
#   autograder:
#     questions: bench.questions.bench_numpy
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Bench · NumPy
#
# Four questions of labs 02, 06 and 08, with cells around them as a lab has them.

# %%
from autograder.check import check, hint, open_lab

lab = open_lab("convnet-course", "bench_numpy", "bench.questions.bench_numpy", learner="")

# %%
import numpy as np

from course import datasets, explore, figures

np.random.seed(1998)

# %%
image = np.array(
    [
        [1, 0, 0, 0, 0, 1],
        [0, 1, 0, 0, 1, 0],
        [0, 0, 1, 1, 0, 0],
        [1, 0, 0, 0, 1, 0],
        [0, 1, 0, 0, 1, 0],
        [0, 0, 1, 0, 1, 0],
    ]
)
diagonal = np.array([[1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
print("picture:", image.shape, " filter:", diagonal.shape)
figures.grids({"picture": image, "filter": diagonal})

# %% [markdown]
# ## Every window ({points:correlate2d})
#
# Slide the filter over the picture and write each sum to its place.


# %% tags=["question:correlate2d"]
def correlate2d(x, k):
    """Slide k over x without padding."""
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


# %%
def yours(function, *inputs):
    """What your function gives, None while it gives nothing."""
    try:
        return function(*inputs)
    except Exception:
        return None


print(yours(correlate2d, image, diagonal), "  should begin with 3 and -1")

# %% [markdown]
# ## What the word means ({points:convolve2d})
#
# The same with the filter turned by half a turn.


# %% tags=["question:convolve2d"]
def convolve2d(x, k):
    """True convolution of x with k without padding."""
    ### BEGIN SOLUTION
    return correlate2d(x, k[::-1, ::-1])
    ### END SOLUTION


# %% tags=["check:convolve2d"]
check("convolve2d")

# %%
bright = np.zeros((5, 5), int)
bright[2, 2] = 1
print(yours(convolve2d, bright, diagonal), "  should be the filter itself")

# %% [markdown]
# ## Five activation functions ({points:activations})
#
# relu, leaky_relu, elu, softplus and softmax, for numbers of any size.

# %%
numbers = np.arange(-4, 4).reshape(2, 4)
figures.grids({"x": numbers, "relu(x) should be": numbers * (numbers > 0)})


# %% tags=["question:activations"]
### BEGIN SOLUTION
def relu(x):
    return np.maximum(x, 0)


def leaky_relu(x, slope):
    return np.where(x > 0, x, slope * x)


def elu(x, alpha):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def softmax(x, axis):
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


### END SOLUTION


# %% tags=["check:activations"]
check("activations")

# %%
table = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
print("rows as shares:", yours(lambda: softmax(table, 1)))

# %% [markdown]
# ## The gradient of any function ({points:numeric_grad})
#
# Move one number after another by d, to both sides.


# %% tags=["question:numeric_grad"]
def numeric_grad(f, x, d):
    """Central differences, in the shape of x."""
    ### BEGIN SOLUTION
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[place] += d
        below[place] -= d
        gradient[place] = (f(above) - f(below)) / (2 * d)
    return gradient
    ### END SOLUTION


# %% tags=["check:numeric_grad"]
check("numeric_grad")

# %%
point = np.array([1.0, 2.0, 3.0])
print(yours(numeric_grad, lambda x: float(np.sum(x**2)), point, 0.25), "  should be [2. 4. 6.]")
