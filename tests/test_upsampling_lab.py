"""Lab 10: the width of learned kernels, and what a hole's features become."""

import pytest

from seglab.lessons.upsampling import LAB
from seglab.nets import coarse_maps


def width(run):
    """Rows of the output that a single 1 reaches."""
    return int((run.values["upsampler"].impulse().squeeze() != 0).any(1).sum())


def right(run):
    return float((run.values["decided"] == run.values["mosaic"].labels).float().mean())


@pytest.mark.parametrize(
    ("kind", "k"),
    [("transposed convolution", "3f"), ("resize-convolution", "2f"), ("pixel shuffle", "2f")],
)
def test_learned_kernels_of_one_width_do_nearly_the_same(kind, k):
    run = LAB.at(first=kind, k=k, weights="learned")
    assert width(run) == 24
    assert right(run) == pytest.approx(0.89, abs=0.005)
    assert right(LAB.at(weights="learned")) < 0.875  # 16 wide


@pytest.mark.parametrize(
    ("kind", "k", "side"),
    [
        ("transposed convolution", "2f", 16),
        ("resize-convolution", "2f", 17),  # the next odd size
        ("pixel shuffle", "f + 1", 24),  # whole blocks of 8 × 8
    ],
)
def test_each_type_stores_a_kernel_size_in_its_own_way(kind, k, side):
    assert LAB.at(first=kind, k=k).numbers["parameters"] == f"{side**2} ({side} × {side})"


def test_all_holes_get_the_class_of_the_largest_bias():
    run = LAB.at(first="bed of nails", where="features")
    labels = run.values["decided"].clone()
    bias = coarse_maps.classifier(run.values["model"].net).bias
    labels[..., ::8, ::8] = bias.argmax()
    assert (labels == bias.argmax()).all()
