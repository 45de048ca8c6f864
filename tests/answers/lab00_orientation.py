"""Lab 00: right answers in several styles, and what goes wrong."""

from __future__ import annotations

import math

import numpy as np

from course import draws
from tests.answers import right, wrong

PICTURE = draws.numbers("lab00_orientation", "my_picture", "sample")
KINDS = ["unsupervised", "supervised", "supervised", "unsupervised", "supervised", "reinforcement"]
TASKS = ["anomaly detection", "regression", "sequence labelling", "clustering", "classification"]


# ---- count_numbers ----


def counted(rule):
    return {"count_numbers": rule, "my_picture": rule(*PICTURE)}


@right("count_numbers", namespace=True)
def a_product():
    def count_numbers(height, width, channels):
        return height * width * channels

    return {"count_numbers": count_numbers, "my_picture": count_numbers(*PICTURE)}


@right("count_numbers", namespace=True)
def one_by_one():
    def count_numbers(height, width, channels):
        total = 0
        for _ in range(height):
            for _ in range(width):
                total += channels
        return total

    return {"count_numbers": count_numbers, "my_picture": float(count_numbers(*PICTURE))}


@right("count_numbers", namespace=True)
def the_size_of_an_array():
    def count_numbers(height, width, channels):
        return np.ones((height, width, channels), np.float32).size

    return {"count_numbers": count_numbers, "my_picture": np.array(math.prod(PICTURE))}


@right("count_numbers", namespace=True)
def with_numpy_and_in_a_list():
    return {"count_numbers": lambda *sides: np.prod(sides), "my_picture": np.int64(np.prod(PICTURE))}


@wrong("count_numbers", names="The channels are left out", namespace=True)
def without_channels():
    return counted(lambda h, w, c: h * w)


@wrong("count_numbers", names="Added up", namespace=True)
def a_sum():
    return counted(lambda h, w, c: h + w + c)


@wrong("count_numbers", names="The height is there twice", namespace=True)
def the_height_twice():
    return counted(lambda h, w, c: h * h * c)


@wrong("count_numbers", names="The width is there twice", namespace=True)
def the_width_twice():
    return counted(lambda h, w, c: w * w * c)


@wrong("count_numbers", names="Three channels every time", namespace=True)
def always_in_colour():
    return counted(lambda h, w, c: h * w * 3)


@wrong("count_numbers", names="The channels are left out", namespace=True)
def right_code_wrong_hand():
    return {"count_numbers": lambda h, w, c: h * w * c, "my_picture": PICTURE[0] * PICTURE[1]}


@wrong("count_numbers", names="These fit the sample numbers", namespace=True)
def sample_numbers_kept():
    sample = draws.numbers("lab00_orientation", "my_picture", "")
    return {"count_numbers": lambda h, w, c: h * w * c, "my_picture": math.prod(sample)}


@wrong("count_numbers", names="without commas", namespace=True)
def the_shape_itself():
    return {"count_numbers": lambda h, w, c: h * w * c, "my_picture": PICTURE}


@wrong("count_numbers", names="A comma stands after the number", namespace=True)
def a_comma_too_many():
    return {"count_numbers": lambda h, w, c: h * w * c, "my_picture": (math.prod(PICTURE),)}


@wrong("count_numbers", names="is a `return` missing?", namespace=True)
def printed():
    return {"count_numbers": lambda h, w, c: print(h * w * c), "my_picture": math.prod(PICTURE)}


@wrong("count_numbers", namespace=True)
def the_lectures_picture():
    return counted(lambda h, w, c: 3072)


# ---- learning ----


@right("learning", namespace=True)
def lists():
    return {"kinds": KINDS, "tasks": TASKS}


@right("learning", namespace=True)
def other_letters():
    kinds = tuple(f" {kind.upper()} Learning" for kind in KINDS)
    return {"kinds": kinds, "tasks": ["-".join(task.title().split()) for task in TASKS]}


@right("learning", namespace=True)
def arrays_in_american_spelling():
    return {"kinds": np.array(KINDS), "tasks": np.array([task.replace("ll", "l") for task in TASKS])}


def with_kind(number, word):
    return {"kinds": [*KINDS[:number], word, *KINDS[number + 1 :]], "tasks": TASKS}


def with_task(number, word):
    return {"kinds": KINDS, "tasks": [*TASKS[:number], word, *TASKS[number + 1 :]]}


@wrong("learning", names="Bottles: nobody marked any of them", namespace=True)
def bottles_supervised():
    return with_kind(0, "supervised")


@wrong("learning", names="Bottles: nothing is tried out", namespace=True)
def bottles_reinforcement():
    return with_kind(0, "reinforcement")


@wrong("learning", names="Fruit: each example comes with its right answer", namespace=True)
def fruit_unsupervised():
    return with_kind(1, "unsupervised")


@wrong("learning", names="Fruit: nothing is tried out", namespace=True)
def fruit_reinforcement():
    return with_kind(1, "reinforcement")


@wrong("learning", names="Sentences: each example comes", namespace=True)
def sentences_unsupervised():
    return with_kind(2, "unsupervised")


@wrong("learning", names="Sentences: nothing is tried out", namespace=True)
def sentences_reinforcement():
    return with_kind(2, "reinforcement")


@wrong("learning", names="Holiday: nobody said", namespace=True)
def holiday_supervised():
    return with_kind(3, "supervised")


@wrong("learning", names="Holiday: nothing is tried out", namespace=True)
def holiday_reinforcement():
    return with_kind(3, "reinforcement")


@wrong("learning", names="Digits: each example comes", namespace=True)
def digits_unsupervised():
    return with_kind(4, "unsupervised")


@wrong("learning", names="Digits: nothing is tried out", namespace=True)
def digits_reinforcement():
    return with_kind(4, "reinforcement")


@wrong("learning", names="Car: nobody says which turn is right", namespace=True)
def car_supervised():
    return with_kind(5, "supervised")


@wrong("learning", names="Car: there is something to learn from", namespace=True)
def car_unsupervised():
    return with_kind(5, "unsupervised")


@wrong("learning", names="Bottles: there are no classes", namespace=True)
def bottles_classified():
    return with_task(0, "classification")


@wrong("learning", names="Bottles: no groups are asked for", namespace=True)
def bottles_clustered():
    return with_task(0, "clustering")


@wrong("learning", names="Fruit: grams are a number", namespace=True)
def fruit_classified():
    return with_task(1, "classification")


@wrong("learning", names="Sentences: not one label for the whole", namespace=True)
def sentences_classified():
    return with_task(2, "classification")


@wrong("learning", names="Holiday: the piles have no names", namespace=True)
def holiday_classified():
    return with_task(3, "classification")


@wrong("learning", names="Holiday: not the one odd photograph", namespace=True)
def holiday_anomaly():
    return with_task(3, "anomaly detection")


@wrong("learning", names="Digits: a name is wanted", namespace=True)
def digits_regression():
    return with_task(4, "regression")


@wrong("learning", names="Digits: the classes are known", namespace=True)
def digits_clustered():
    return with_task(4, "clustering")


@wrong("learning", names="is none of the words", namespace=True)
def a_slip_of_the_pen():
    return with_task(1, "regresion")


@wrong("learning", names="these are 5, and 6 are asked for", namespace=True)
def the_car_forgotten():
    return {"kinds": KINDS[:5], "tasks": TASKS}


@wrong("learning", names="these are 6, and 5 are asked for", namespace=True)
def a_task_for_the_car():
    return {"kinds": KINDS, "tasks": [*TASKS, "control"]}


@wrong("learning", names="One pair of brackets too many".lower(), namespace=True)
def brackets_in_brackets():
    return {"kinds": [KINDS], "tasks": TASKS}


@wrong("learning", names="write 6 words in quotes", namespace=True)
def one_long_text():
    return {"kinds": ", ".join(KINDS), "tasks": TASKS}


@wrong("learning", namespace=True)
def one_kind_for_all():
    return {"kinds": ["supervised"] * 6, "tasks": ["classification"] * 5}


@wrong("learning", namespace=True)
def numbers_instead():
    return {"kinds": [2, 1, 1, 2, 1, 3], "tasks": [5, 2, 3, 4, 1]}
