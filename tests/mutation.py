"""Machine-made wrong answers: change one thing in a right answer, and see whether the check notices.

`make mutate` runs all of them and lists the survivors; `tests/test_mutation.py` runs a sample. A survivor is
either a gap in a question or an answer that is still right; the latter are listed, with the reason, in
tests/mutation_survivors.toml.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import os
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from autograder.check import judge_names, open_lab
from tests.answers import Sample, compiled, samples

LABS = (  # those without training, but for TRAINING
    "lab00_orientation",
    "lab01_pixels",
    "lab02_convolution",
    "lab03_volumes",
    "lab04_shapes",
    "lab05_counting",
    "lab06_pooling",
    "lab07_matrices",
    "lab08_backward",
    "lab09_lenet",
    "lab10_seeing",
    "lab11_alexnet",
    "lab12_vgg",
    "lab13_resnet",
    "lab14_capstone",
)
TRAINING = (
    "lab08_backward train",
    "lab09_lenet train_lenet5",
    "lab10_seeing activation_maximise",
    "lab10_seeing feature_maps",
    "lab10_seeing occlusion_map",
    "lab10_seeing saliency",
    "lab11_alexnet alexnet",
    "lab11_alexnet compile_recipe",
    "lab11_alexnet train_alexnet",
    "lab12_vgg vgg",
    "lab12_vgg stack_net",
    "lab13_resnet resnet",
    "lab13_resnet plain34",
    "lab13_resnet train_stack",
    "lab14_capstone my_network",
    "lab14_capstone train_shapes",
)  # questions of these labs whose answers train: too slow to try by hundreds
SURVIVORS = Path(__file__).with_name("mutation_survivors.toml")
SYMMETRIC = {"max", "min", "np.maximum", "np.minimum", "np.logaddexp"}  # arguments that may be swapped
SECONDS = 1.0  # for one call of a mutant, which may never end

_SWAPS: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Lt: (ast.LtE,),
    ast.LtE: (ast.Lt,),
    ast.Gt: (ast.GtE,),
    ast.GtE: (ast.Gt,),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Pairs of a description and a changed source; each differs from the given one in one place."""
    tree = ast.parse(source)
    for number, node in enumerate(ast.walk(tree)):
        for change, (text, _) in enumerate(_changes(node)):
            mutated = copy.deepcopy(tree)
            target = next(item for index, item in enumerate(ast.walk(mutated)) if index == number)
            _changes(target)[change][1](target)
            yield f"{text} in `{_line(tree, node)}`", ast.unparse(ast.fix_missing_locations(mutated))


def _line(tree: ast.AST, node: ast.AST) -> str:
    """The statement that a node belongs to, on one line."""
    best = tree
    for item in ast.walk(tree):
        if isinstance(item, ast.stmt) and any(child is node for child in ast.walk(item)):
            best = item
    return " ".join(ast.unparse(best).split())[:80]


def _changes(node: ast.AST) -> list:
    """What can be changed about a node: (description, function that does it in place)."""
    found = []
    if isinstance(node, ast.BinOp | ast.AugAssign):
        for new in _SWAPS.get(type(node.op), ()):
            found.append(
                (f"{type(node.op).__name__} to {new.__name__}", lambda item, new=new: _set(item, "op", new()))
            )
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for new in _SWAPS.get(type(node.ops[0]), ()):
            name = f"{type(node.ops[0]).__name__} to {new.__name__}"
            found.append((name, lambda item, new=new: _set(item, "ops", [new()])))
    if isinstance(node, ast.BoolOp):
        for new in _SWAPS[type(node.op)]:
            found.append(
                (f"{type(node.op).__name__} to {new.__name__}", lambda item, new=new: _set(item, "op", new()))
            )
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for step in (1, -1):
            found.append(
                (
                    f"{node.value} to {node.value + step}",
                    lambda item, step=step: _set(item, "value", item.value + step),
                )
            )
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        found.append(("minus to plus", lambda item: _set(item, "op", ast.UAdd())))
    if (
        isinstance(node, ast.Call)
        and len(node.args) >= 2
        and not any(isinstance(a, ast.Starred) for a in node.args)
    ):
        found.append(
            (
                "first two arguments swapped",
                lambda item: _set(item, "args", [item.args[1], item.args[0], *item.args[2:]]),
            )
        )
    return found


def _set(node: ast.AST, field: str, value: object) -> None:
    setattr(node, field, value)


def survivors(sample: Sample, lab: str, *, every: int = 1, offset: int = 0) -> tuple[int, list[str]]:
    """How many mutants of a right answer were tried, and those that still score full."""
    opened = open_lab("convnet-course", lab, f"course.questions.{lab}", learner="sample")
    question = dataclasses.replace(opened.questions[sample.question], limit=SECONDS)
    tried, alive = 0, []
    for index, (text, source) in enumerate(mutants(sample.source())):
        if index % every != offset % every:
            continue
        tried += 1
        name = f"{lab} {sample.label}: {text}"
        try:
            function, names = compiled(
                source, sample.function.__name__, f"mutant {index}", sample.function.__globals__
            )
            names.update(function() if sample.namespace else {question.names[0]: function})
        except Exception:
            continue  # a mutant that cannot even be defined
        if judge_names(opened, question, names).points == question.points:
            alive.append(name)
    return tried, alive


def is_tried(lab: str, sample: Sample) -> bool:
    """Whether mutants of this answer are made: a right one, of a question without training."""
    return sample.is_right and f"{lab} {sample.question}" not in TRAINING


def known() -> dict[str, str]:
    """Survivors that are still right answers, with the reason."""
    return tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))["still_right"] if SURVIVORS.exists() else {}


def main() -> int:
    """Run every mutant; exit status 1 if one survives that is not known to be right."""
    expected = known()
    total, new = 0, []
    for lab in LABS:
        for sample in samples(lab):
            if is_tried(lab, sample):
                tried, alive = survivors(sample, lab)
                total += tried
                new += [name for name in alive if name not in expected]
    print(f"{total} mutants, {len(expected)} known to be right answers still, {len(new)} new survivors")
    print("\n".join(new))
    return 1 if new else 0


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())
