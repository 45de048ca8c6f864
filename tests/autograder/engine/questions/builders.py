"""A question about a model that is far too large to be made."""

from __future__ import annotations

from autograder.check import Given, case, group, question


@question("wide", points=1)
def wide(answer, draw):
    """A layer of 10,000 million weights"""
    with group("counted"):
        built = answer.lazily(100_000)
        yield case(built.count(), 10_000_000_000)
        yield case(built.card().then("units", lambda rows: rows[-1]["output"]), (100_000,))


@question("block", points=1, names=["block"])
def block(answer, draw):
    """A function from tensor to tensor"""
    with group("adds"):
        built = answer(Given("keras", "Input", ((4,),)))
        yield case(built.outputs([[1.0, 2.0, 3.0, 4.0]]), [[2.0, 4.0, 6.0, 8.0]])
