"""Class "builds": question 9.2, LeNet-5 in Keras."""

from course.questions.lab09_lenet import lenet5_modern

__all__ = ["lenet5_modern"]
