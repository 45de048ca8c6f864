"""Lab 14: how each picture of a batch was moved and mirrored, found by trying every way."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

REACH = 2
STEPS = tuple(range(-REACH, REACH + 1))
Move = tuple[bool, int, int]  # mirrored, pixels down, pixels to the right
MOVES: tuple[Move, ...] = tuple(product((False, True), STEPS, STEPS))


def moved(batch: np.ndarray, move: Move, *, border: str = "constant") -> np.ndarray:
    """The batch with all pictures mirrored or not, then moved; `border` says what comes in, zeros as it should."""
    mirrored, down, right = move
    sides = batch.shape[1:3]
    pictures = batch[:, :, ::-1] if mirrored else batch
    wide = np.pad(pictures, ((0, 0), (REACH, REACH), (REACH, REACH), (0, 0)), mode=border)
    top, left = REACH - down, REACH - right
    return wide[:, top : top + sides[0], left : left + sides[1]]


def read(value: Any, batch: np.ndarray) -> np.ndarray:
    """The augmented batch as an array.

    Raises:
        ValueError: If it has not the batch's shape, or holds no numbers.
    """
    made = np.asarray(value)
    if made.shape != batch.shape:
        raise ValueError(f"expected the batch's shape {batch.shape}; received {made.shape}")
    if made.dtype.kind not in "iuf":
        raise ValueError(f"expected numbers; received {made.dtype}")
    return made


def moves_of(value: Any, batch: np.ndarray) -> list[Move | None]:
    """For each picture the move that gives it, None where no move does."""
    made = read(value, batch)
    found: list[Move | None] = [None] * len(batch)
    for move in MOVES:
        for number in np.flatnonzero(_equal(made, moved(batch, move))):
            found[number] = found[number] or move
    return found


def _equal(made: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which pictures are equal."""
    return np.all(made == other, axis=(1, 2, 3))


def copies(value: Any, batch: np.ndarray) -> int:
    """How many pictures are moved copies of the batch's pictures in the same place."""
    return sum(move is not None for move in moves_of(value, batch))


def unmoved(value: Any, batch: np.ndarray) -> int:
    """How many pictures are as they were."""
    return int(_equal(read(value, batch), batch).sum())


# What a picture looks like that is moved in another way, in sentences.
OTHER_WAYS: dict[str, Callable[[np.ndarray, Move], np.ndarray]] = {
    "What leaves on one side comes in on the other (np.roll): zeros come in.": (
        lambda batch, move: moved(batch, move, border="wrap")
    ),
    "The border's pixels are repeated where zeros should come in.": (
        lambda batch, move: moved(batch, move, border="edge")
    ),
    "The picture is reflected at its border; zeros come in.": (
        lambda batch, move: moved(batch, move, border="reflect")
    ),
    "Pictures are turned upside down: mirror columns, axis 2 of the batch.": (
        lambda batch, move: moved(batch[:, ::-1] if move[0] else batch, (False, *move[1:]))
    ),
    "The channels are turned round: mirror columns, axis 2 of the batch.": (
        lambda batch, move: moved(batch[..., ::-1] if move[0] else batch, (False, *move[1:]))
    ),
}


def other_way(value: Any, batch: np.ndarray) -> str:
    """The sentence for a way that explains every picture that is no moved copy, "" if there is none."""
    made = np.asarray(value)
    if made.shape != batch.shape or made.dtype.kind not in "iuf":
        return ""
    right = np.array([move is not None for move in moves_of(made, batch)])
    for sentence, way in OTHER_WAYS.items():
        explained = right.copy()
        for move in MOVES:
            explained |= _equal(made, way(batch, move))
        if explained.all():
            return sentence
    if _from_others(made, batch):
        return "Pictures stand in other places of the batch: picture i of the result comes from picture i."
    if _rimmed(made, batch):
        return "Something else than zeros comes in where the picture has left."
    if _far(made, batch, right):
        return f"Pictures are moved by more than {REACH} pixels."
    return ""


def _from_others(made: np.ndarray, batch: np.ndarray) -> bool:
    """Whether every picture is a moved copy of some picture of the batch."""
    known = {one.tobytes() for move in MOVES for one in moved(batch, move)}
    with np.errstate(invalid="ignore"):
        alike = made.astype(batch.dtype)
    return bool(np.array_equal(alike, made)) and all(one.tobytes() in known for one in alike)


def _rimmed(made: np.ndarray, batch: np.ndarray) -> bool:
    """Whether every picture is a moved copy but for what has come in."""
    same = np.zeros(len(batch), bool)
    inside = np.ones((1, *batch.shape[1:3], 1), bool)
    for move in MOVES:
        within = moved(inside, move)
        same |= _equal(np.where(within, made, 0), np.where(within, moved(batch, move), 0))
    return bool(same.all())


def _far(made: np.ndarray, batch: np.ndarray, right: np.ndarray) -> bool:
    """Whether moves of up to four pixels explain every picture."""
    for mirrored, down, across in product((False, True), range(-4, 5), range(-4, 5)):
        pictures = batch[:, :, ::-1] if mirrored else batch
        wide = np.pad(pictures, ((0, 0), (4, 4), (4, 4), (0, 0)))
        top, left = 4 - down, 4 - across
        right = right | _equal(made, wide[:, top : top + batch.shape[1], left : left + batch.shape[2]])
    return bool(right.all())


def shifts(value: Any, batch: np.ndarray, *, mirrored_last: bool = False) -> list[Any]:
    """Which shifts occur, down and to the right, and how many pairs of them; what no move explains is left out.

    Args:
        value: The augmented batch.
        batch: What it was made from.
        mirrored_last: Count shifts before the mirror, as one does who moves first and mirrors afterwards.
    """
    known = [move for move in moves_of(value, batch) if move is not None]
    found = {(down, -right if mirrored and mirrored_last else right) for mirrored, down, right in known}
    return [sorted({down for down, _ in found}), sorted({right for _, right in found}), len(found)]


SHIFT_MISTAKES = {  # the surest first
    "Pictures are not moved at all.": "still",
    "All pictures of the batch are moved alike: draw two numbers for each picture.": "alike",
    "The same number is used down and across: draw one for each direction.": "diagonal",
    f"{REACH} (or −{REACH}) never occurs: the upper end of integers(low, high) is left out.": "upper end",
    f"Only moves by one pixel occur; up to {REACH} are asked for.": "one pixel",
    "Pictures are moved up and down only: draw a number for each direction.": "down",
    "Pictures are moved left and right only: draw a number for each direction.": "across",
    "Pictures are moved to one side only: shifts are from −2 to 2.": "one side",
}


def shift_slip(value: Any, batch: np.ndarray) -> str:
    """A key of what is wrong with the shifts that occur, "" if it is none of those."""
    slips = {_slip(shifts(value, batch, mirrored_last=last)) for last in (False, True)}
    return next((slip for slip in SHIFT_MISTAKES.values() if slip in slips), "")


def _slip(found: list[Any]) -> str:
    downs, rights, pairs = found
    every, still = list(STEPS), [0]
    if downs == still and rights == still:
        return "still"
    if pairs == 1:
        return "alike"
    if downs == rights and len(downs) > 1 and pairs == len(downs):
        return "diagonal"
    if rights == still:
        return "down"
    if downs == still:
        return "across"
    if downs == rights and downs in (every[:-1], every[1:]):
        return "upper end"
    if downs == rights == [-1, 0, 1]:
        return "one pixel"
    return "one side" if downs and (min(downs) >= 0 or max(downs) <= 0) else ""


def rough(count: int, total: int) -> str:
    """ "none", "all", "half", or else the number."""
    if count in (0, total):
        return "none" if count == 0 else "all"
    return "half" if abs(count - total / 2) < 5.5 * np.sqrt(total) / 2 else f"{count} of {total}"


def evenly(value: Any, batch: np.ndarray) -> list[str]:
    """For each step from −2 to 2, down and then to the right: "a fifth" of the pictures, or how many."""
    found = [move for move in moves_of(value, batch) if move is not None]
    told = []
    for place in (1, 2):
        for step in STEPS:
            count = sum(move[place] == step for move in found)
            near = abs(count - len(batch) / 5) < 5.5 * np.sqrt(len(batch) * 0.16)
            told.append("a fifth" if near else f"{count} of {len(batch)}")
    return told
