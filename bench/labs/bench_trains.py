# ---
# jupyter:
#   autograder:
#     questions: bench.questions.bench_trains
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Bench · a model is trained
#
# Question 9.4 of the course, with cells around it as a lab has them.

# %%
from autograder.check import check, hint, open_lab

lab = open_lab("convnet-course", "bench_trains", "bench.questions.bench_trains", learner="")

# %%
import keras
import numpy as np
from keras import layers

from course import datasets

keras.utils.set_random_seed(1998)

# %%
digits = datasets.load("mnist")
images, labels = digits.x_train[..., None], digits.y_train.astype("int64")
print("images:", images.shape, images.dtype, " labels:", labels[:10])

# %% [markdown]
# ## Train LeNet-5 on a budget ({points:train_lenet5})


# %% tags=["question:train_lenet5"]
def train_lenet5(images, labels, epochs):
    """A trained model for images of 28x28, 0 to 255."""
    ### BEGIN SOLUTION
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images, labels, epochs=epochs, verbose=0)
    return model
    ### END SOLUTION


# %% tags=["check:train_lenet5"]
check("train_lenet5")

# %%
try:
    model = train_lenet5(images[:500], labels[:500], 1)
    guesses = np.argmax(model.predict(digits.x_test[:200, ..., None], verbose=0), axis=1)
    print("after one round of 500 images:", np.mean(guesses == digits.y_test[:200]))
except Exception as error:
    print("not yet:", error)
