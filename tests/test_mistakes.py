"""Known mistakes of exercises: where their words say how the answer follows from the right one.

Each is computed here from the right answer and the arguments, so that a mistake cannot be another
one than it says.
"""

import numpy as np
import pytest
import torch

from seglab.course import catalogue, checks

EXERCISES = catalogue.exercises()


def twins(first, second):
    """A pair in the other order."""
    return second, first


# exercise, beginning of the words -> the answer, from the right answer and the arguments
SAYS = {
    ("mask_of", "the mask is inside out"): lambda right, **_: ~right,
    ("count_pixels", "this counts the pixels of all the other"): lambda right, labels, **_: (
        labels.numel() - right
    ),
    ("count_pixels", "this counts all the pixels"): lambda right, labels, **_: labels.numel(),
    ("count_pixels", "this is the share"): lambda right, labels, **_: right / labels.numel(),
    ("overlay", "the picture is black outside"): lambda right, mask, **_: right * mask,
    ("multiply_adds", "these are twice as many"): lambda right, **_: 2 * right,
    ("multiply_adds", "the kernel has one row only"): lambda right, kernel_size, **_: (
        right // kernel_size
    ),
    ("multiply_adds", "the output channels are missing"): lambda right, channels_out, **_: (
        right // channels_out
    ),
    ("multiply_adds", "the input channels are missing"): lambda right, channels_in, **_: (
        right // channels_in
    ),
    ("tempered", "the probabilities are their logarithms"): lambda right, **_: right.log(),
    ("shift_of", "shift and score have changed places"): lambda right, **_: right[2:] + right[:2],
    ("shift_of", "rows and columns are swapped"): lambda right, **_: (
        right[1],
        right[0],
        right[3],
        right[2],
    ),
    ("shift_of", "the order is (y, u, x, v)"): lambda right, **_: (
        right[0],
        right[2],
        right[1],
        right[3],
    ),
    ("shift_of", "the order is (u, y, v, x)"): lambda right, **_: (
        right[2],
        right[0],
        right[3],
        right[1],
    ),
    ("cell_center", "that is the cell's first pixel"): lambda right, index, stride: index * stride,
    ("cell_center", "that is the cell's last pixel"): lambda right, index, stride: (
        index * stride + stride - 1
    ),
    ("cell_center", "that counts the cells from 1"): lambda right, stride, **_: right - stride,
    ("split", "training and validation have changed"): lambda right, **_: twins(*right),
    ("confusion_matrix", "rows and columns have changed"): lambda right, **_: right.T,
    ("boundary_band", "this is the inside without"): lambda right, mask, **_: mask & ~right,
    ("assign", "the numbers begin at 1"): lambda right, **_: right + 1,
    ("nms", "true and false are exchanged"): lambda right, **_: ~right,
    ("probability_of", "the softmax is over the group only"): lambda right, **_: torch.ones_like(
        right
    ),
    ("probability_of", "this is the mean over the group"): lambda right, group, **_: (
        right / len(group)
    ),
    ("labels_over", "red and blue are exchanged"): lambda right, image, labels, colours, opacity: (
        torch.where(
            labels > 0,
            (1 - opacity) * image + opacity * colours[labels].permute(2, 0, 1)[[2, 1, 0]],
            image,
        )
    ),
    ("labels_over", "the labels hide the picture"): lambda right, image, labels, colours, **_: (
        torch.where(labels > 0, colours[labels].permute(2, 0, 1), image)
    ),
    ("labels_over", "opacity works the wrong way"): lambda right, image, labels, colours, **_: (
        torch.where(labels > 0, image + colours[labels].permute(2, 0, 1) - right, image)
    ),
    ("take_away", "only this channel is left"): lambda right, features, **_: features - right,
    ("take_away", "nothing is taken away"): lambda right, features, **_: features,
    ("class_map", "this is the mean over the channels"): lambda right, features, **_: (
        right / len(features)
    ),
    ("side_loss", "that is the sum"): lambda right, labels, **_: right * (labels != 255).sum(),
    ("total_loss", "that is the mean"): lambda right, outputs, **_: right / len(outputs),
    ("total_loss", "the sum is divided by"): lambda right, weights, **_: right / sum(weights),
    ("mean_of_sides", "that is the sum"): lambda right, outputs, **_: right * len(outputs),
    ("focal_loss", "the sign is wrong"): lambda right, **_: -right,
    ("focal_loss", "this is the sum"): lambda right, p, **_: right * p.numel(),
    ("soft_dice_loss", "this is the coefficient"): lambda right, **_: 1 - right,
    ("balancing_weight", "this is one over it"): lambda right, **_: 1 / right,
    ("pixels_seen", "the margin is left out"): lambda right, first, end, alignment, length, **_: (
        first // alignment * alignment,
        min(length, -(-end // alignment) * alignment),
    ),
    ("cut_cost", "this is the length of the border"): lambda right, mask, **_: int(
        (mask[1:] != mask[:-1]).sum() + (mask[:, 1:] != mask[:, :-1]).sum()
    ),
    ("next_click", "the label is the wrong way round"): lambda right, **_: (
        *right[:2],
        1 - right[2],
    ),
}


def mistaken(name, beginning):
    """The wrong function whose words begin so."""
    (found,) = [
        function
        for words, function in EXERCISES[name].mistakes.items()
        if words.startswith(beginning)
    ]
    return found


@pytest.mark.parametrize(("name", "beginning"), SAYS)
def test_a_mistake_is_the_one_that_its_words_say(name, beginning):
    exercise = EXERCISES[name]
    for case in checks.cases_of(exercise)[:12]:
        found = mistaken(name, beginning)(**case)
        wanted = SAYS[name, beginning](exercise.reference(**case), **case)
        parts = zip(found, wanted, strict=True) if isinstance(found, tuple) else [(found, wanted)]
        for one, other in parts:
            assert np.allclose(np.asarray(one), np.asarray(other), atol=1e-5), case


def test_both_fractions_of_a_cut_make_the_whole():
    first, second = (
        mistaken("ncut", f"this is the fraction for {side} alone") for side in ("A", "B")
    )
    for case in checks.cases_of(EXERCISES["ncut"]):
        right = EXERCISES["ncut"].reference(**case)
        assert first(**case) + second(**case) == pytest.approx(right, rel=1e-5)
        assert first(case["weights"], ~case["side"]) == pytest.approx(second(**case), rel=1e-5)
