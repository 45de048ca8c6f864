"""Pictures with boxes and masks: what they say of the picture is true."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from course.shapes import NAMES
from course.targets import CLASSES, boxed_shapes, masked_shapes


def test_same_seed_same_pictures():
    """One seed gives the same pictures, another one others."""
    for draw in (boxed_shapes, masked_shapes):
        first, again, other = draw(3, 1), draw(3, 1), draw(3, 2)
        assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
        assert not np.array_equal(first[0], other[0])


def test_boxes_hold_what_is_lighter():
    """A shape is at least 64 steps lighter than its ground: none of it lies outside, and each side touches it."""
    images, _, boxes = boxed_shapes(60, 3, side=40)
    for image, box in zip(images.astype(float), 40 * boxes, strict=True):
        mean = image.mean(axis=2)
        outside = np.ones(mean.shape, bool)
        top, left, bottom, right = np.rint(box).astype(int)
        outside[top:bottom, left:right] = False
        ground = np.median(mean[outside])
        shape = mean > ground + 32
        assert not shape[outside].any()
        for edge in (mean[top, left:right], mean[bottom - 1, left:right]):
            assert edge.max() > ground + 32
        for edge in (mean[top:bottom, left], mean[top:bottom, right - 1]):
            assert edge.max() > ground + 32


def test_boxes_are_shares_of_the_side():
    """Top before bottom, left before right, within the picture; every class occurs."""
    images, kinds, boxes = boxed_shapes(300, 4)
    assert images.shape == (300, 32, 32, 3) and images.dtype == np.uint8
    assert boxes.min() >= 0 and boxes.max() <= 1 and (boxes[:, 2:] > boxes[:, :2]).all()
    assert set(kinds) == set(range(len(NAMES)))


def test_masks_name_what_is_lighter():
    """Where a mask says ground, the picture is dark; where it names a shape, light."""
    images, masks = masked_shapes(40, 5, height=32, width=48)
    for image, mask in zip(images.astype(float).mean(axis=3), masks, strict=True):
        ground = np.median(image[mask == 0])
        assert np.array_equal(image > ground + 32, mask > 0)


def test_shapes_do_not_touch():
    """No pixel of one shape is beside a pixel of another kind."""
    _, masks = masked_shapes(300, 6)
    for mask in masks:
        for number in np.unique(mask[mask > 0]):
            around = ndimage.binary_dilation(mask == number, np.ones((3, 3)))
            assert set(np.unique(mask[around])) <= {0, number}


def test_as_many_shapes_as_asked_for():
    """From one to the most that are asked for; every class occurs, and the ground is most of it."""
    _, masks = masked_shapes(300, 7)
    kinds = [len(np.unique(mask)) - 1 for mask in masks]
    assert min(kinds) == 1 and max(kinds) == 3
    assert set(np.unique(masks)) == set(range(len(CLASSES)))
    assert np.mean(masks == 0) > 0.8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "Received 0"),
        ({"height": 15}, "sides >= 16"),
        ({"shapes": 0}, "shapes >= 1"),
        ({"count": 30, "shapes": 12}, "find no room in 32×32 pixels: ask for fewer"),
    ],
)
def test_what_cannot_be_drawn_is_refused(options, message):
    """The message says what was expected and what came."""
    with pytest.raises(ValueError, match=message):
        masked_shapes(**({"count": 2, "seed": 0} | options))
