"""What the training question of lab 12 says of a network that is unlucky once."""

from __future__ import annotations

from autograder.check import judge_names, open_lab
from tests.answers.lab12_vgg import fitted, stack_with


def test_one_unlucky_training_costs_no_point():
    """The first model has learnt nothing; the second, trained by the same function on other images, is good."""
    trainings = []

    def train_stack(kernel, images, labels, epochs):
        trainings.append(images[0])
        return fitted(stack_with(kernel), images, labels, epochs if len(trainings) > 1 else 0)

    lab = open_lab("convnet-course", "lab12_vgg", "course.questions.lab12_vgg", learner="sample")
    names = {"stack_net": stack_with, "train_stack": train_stack}
    assert judge_names(lab, lab.questions["stack_net"], names).verdict == "passed"
    assert len(trainings) == 3  # both kernels, the first of them twice
    assert (trainings[0] != trainings[1]).any()
