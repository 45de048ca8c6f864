# ---
# jupyter:
#   autograder:
#     questions: bench.questions.bench_builds
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Bench · a model is built
#
# Question 9.2 of the course, with cells around it as a lab has them.

# %%
from autograder.check import check, hint, open_lab

lab = open_lab("convnet-course", "bench_builds", "bench.questions.bench_builds", learner="")

# %%
import keras
import numpy as np
from keras import layers

from course import figures

keras.utils.set_random_seed(1998)

# %%
first = keras.Sequential([keras.Input((32, 32, 1)), layers.Conv2D(6, 5, activation="tanh")])
first.summary()

# %%
print("one layer:", first.count_params(), "parameters, should be", 6 * (5 * 5 + 1))
figures.bars({"C1": 156, "C3": 2416, "C5": 48120, "F6": 10164}, ylabel="parameters", title="where they are")

# %% [markdown]
# ## LeNet-5 as one builds it today ({points:lenet5_modern})


# %% tags=["question:lenet5_modern"]
def lenet5_modern(activation, pool):
    """LeNet-5 for images of 32x32."""
    ### BEGIN SOLUTION
    pooling = layers.AveragePooling2D if pool == "average" else layers.MaxPooling2D
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(6, 5, activation=activation),
            pooling(2),
            layers.Conv2D(16, 5, activation=activation),
            pooling(2),
            layers.Flatten(),
            layers.Dense(120, activation=activation),
            layers.Dense(84, activation=activation),
            layers.Dense(10, activation="softmax"),
        ]
    )
    ### END SOLUTION


# %% tags=["check:lenet5_modern"]
check("lenet5_modern")

# %%
try:
    model = lenet5_modern("tanh", "average")
    model.build((None, 32, 32, 1))
    model.summary()
    print("yours:", model.count_params(), "parameters, should be 61706")
except Exception as error:
    print("not yet:", error)

# %%
try:
    print("ten shares for one image:", np.round(model(np.zeros((1, 32, 32, 1), "float32")), 2))
except Exception as error:
    print("not yet:", error)
