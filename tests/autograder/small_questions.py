"""The questions of the small lab that the engine's tests grade."""

from __future__ import annotations

from autograder.check import case, essay, group, question


@question("double", points=4, hints=["Add the number to itself."])
def double(answer, draw):
    """Twice a number"""
    with group("positive"):
        yield case(answer(3), 6, mistakes={"squared": 9})
    with group("drawn"):
        for number in draw.integers(3, 5, 50):
            yield case(answer(-number), -2 * number)


@question("mine", points=1)
def mine(answer, draw):
    """A number of one's own"""
    yield case(answer.value(), len(draw.learner))


why = essay("why", points=3, title="Why", rubric=[(3, "a reason")])
