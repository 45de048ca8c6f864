"""One question that takes no time: what is left is the grader's own."""

from collections.abc import Iterator

from autograder.check import Draw, case, group, question


@question("double", points=2, hints=["Add n to itself.", "Or multiply by 2."])
def double(answer, draw: Draw) -> Iterator:
    """Twice a number"""
    with group("small numbers"):
        for n in draw.integers(3, 1, 9):
            yield case(answer(int(n)), 2 * int(n))
    with group("a negative number"):
        yield case(answer(-4), -8)
