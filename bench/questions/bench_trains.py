"""Class "trains": question 9.4, LeNet-5 trained on its small budget."""

from course.questions.lab09_lenet import train_lenet5

__all__ = ["train_lenet5"]
