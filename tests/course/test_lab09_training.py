"""What the training question says of models that are unlucky, and of those that have learnt a little."""

from __future__ import annotations

import pytest

from autograder.check import judge_names, open_lab
from tests.answers.lab09_lenet import untrained


def judged(answer):
    """The question's result for one answer."""
    lab = open_lab("convnet-course", "lab09_lenet", "course.questions.lab09_lenet", learner="sample")
    question = lab.questions["train_lenet5"]
    return judge_names(lab, question, {"train_lenet5": answer})


def fitted(images, labels, epochs, **options):
    """LeNet-5, trained."""
    model = untrained(**options)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images, labels, epochs=epochs, verbose=0)
    return model


def test_one_unlucky_training_costs_no_point():
    """The first model is poor; the second, trained by the same function, is good."""
    trainings = []

    def answer(images, labels, epochs):
        trainings.append(images[0])
        return fitted(images, labels, epochs if len(trainings) > 1 else 0)

    assert judged(answer).verdict == "passed"
    assert (trainings[0] != trainings[1]).any()


@pytest.mark.parametrize("inside", [True, False], ids=["scales inside", "scales outside"])
def test_a_model_that_learnt_a_little_is_not_told_that_it_learnt_nothing(inside):
    """Sigmoids learn slowly: about half of the digits, and many different ones."""
    options = {"activation": "sigmoid", "pool": "average", "scale": 1 / 255 if inside else 1.0}

    def answer(images, labels, epochs):
        return fitted(images if inside else images / 255, labels, epochs, **options)

    result = judged(answer)
    assert result.points < 5
    assert "same digit" not in str(result.to_dict())
