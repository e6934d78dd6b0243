"""The oracle is torch: the same layer on a real tensor."""

from contextlib import suppress

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from seglab.ops import arithmetic

sizes, kernels, strides = st.integers(1, 24), st.integers(1, 6), st.integers(1, 5)
paddings, dilations = st.integers(0, 4), st.integers(1, 4)
laws = settings(deadline=None, derandomize=True, max_examples=300)


def torch_says(layer, size):
    """Torch's output size, or None where torch refuses."""
    try:
        length = int(layer(torch.zeros(1, 1, size)).shape[-1])
    except (RuntimeError, ValueError):
        return None
    return length or None


def we_say(function, *arguments, **options):
    try:
        return function(*arguments, **options)
    except ValueError:
        return None


@laws
@given(sizes, kernels, strides, paddings, dilations)
def test_convolution_is_what_torch_gives(size, kernel, stride, padding, dilation):
    layer = nn.Conv1d(1, 1, kernel, stride, padding, dilation)
    ours = we_say(arithmetic.conv_output_size, size, kernel, stride, padding, dilation)
    assert ours == torch_says(layer, size)


@laws
@given(sizes, kernels, strides, paddings, dilations, st.booleans())
def test_max_pooling_is_what_torch_gives(size, kernel, stride, padding, dilation, ceil_mode):
    layer = nn.MaxPool1d(kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    ours = we_say(
        arithmetic.pool_output_size, size, kernel, stride, padding, dilation, ceil_mode=ceil_mode
    )
    assert ours == torch_says(layer, size)


@laws
@given(sizes, kernels, strides, paddings, st.integers(0, 4), dilations)
def test_transposed_convolution_is_what_torch_gives(size, k, stride, padding, extra, dilation):
    layer = nn.ConvTranspose1d(1, 1, k, stride, padding, extra, dilation=dilation)
    ours = we_say(
        arithmetic.transposed_output_size, size, k, stride, padding, extra, dilation=dilation
    )
    assert ours == torch_says(layer, size)


@given(sizes, kernels, strides, paddings, dilations)
@laws
def test_transposed_convolution_returns_to_the_size_convolution_came_from(size, k, s, p, d):
    small = we_say(arithmetic.conv_output_size, size, k, s, p, d)
    if small is None:
        return
    left_over = (size + 2 * p - arithmetic.dilated_kernel_size(k, d)) % s
    assert arithmetic.transposed_output_size(small, k, s, p, left_over, d) == size


def test_several_sizes_fall_on_one():
    assert {arithmetic.conv_output_size(n, 3, stride=2) for n in (7, 8)} == {3}


def test_dilated_kernel_counts_the_ordinary_kernel_as_dilation_one():
    assert arithmetic.dilated_kernel_size(3, 1) == 3
    assert arithmetic.dilated_kernel_size(3, 2) == 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: arithmetic.conv_output_size(4, 5), "size=4 is too small.*spans 5"),
        (lambda: arithmetic.conv_output_size(0, 1), "size=0 must be at least 1"),
        (lambda: arithmetic.conv_output_size(4, 1, stride=0), "stride=0"),
        (lambda: arithmetic.pool_output_size(9, 2, padding=2), "padding=2.*padding <= 1"),
        (lambda: arithmetic.transposed_output_size(3, 3, 2, 0, 2), "output_padding=2"),
        (lambda: arithmetic.transposed_output_size(1, 3, padding=2), "padding=2 .*padding <= 1"),
    ],
)
def test_impossible_sizes_say_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("bad", [2.0, "3", True])
def test_sizes_are_whole_numbers(bad):
    with pytest.raises(TypeError, match="kernel_size="):
        arithmetic.conv_output_size(8, bad)


LAYER = {
    "kernel_size": st.integers(1, 5),
    "stride": st.integers(1, 4),
    "padding": st.integers(0, 3),
    "dilation": st.integers(1, 3),
}


@laws
@given(size=st.integers(1, 20), **LAYER)
def test_the_input_sizes_of_an_output_size_are_all_that_give_it(size, **layer):
    sizes = arithmetic.conv_input_sizes(size, **layer)
    every = []
    for candidate in range(1, 120):
        with suppress(ValueError):
            if arithmetic.conv_output_size(candidate, **layer) == size:
                every.append(candidate)
    assert sizes == every


@laws
@given(size=st.integers(1, 20), extra=st.integers(0, 3), **LAYER)
def test_a_transposed_output_has_one_input_size(size, extra, **layer):
    with suppress(ValueError):
        made = arithmetic.transposed_output_size(size, output_padding=extra, **layer)
        assert arithmetic.transposed_input_size(made, output_padding=extra, **layer) == size


@pytest.mark.parametrize(("size", "near"), [(6, 5), (1, 3), (2, 3)])
def test_a_size_that_no_transposed_convolution_makes_is_refused_with_one_that_is_made(size, near):
    with pytest.raises(ValueError, match=f"size={size} is no output .*; use {near}$"):
        arithmetic.transposed_input_size(size, kernel_size=3, stride=2)
    arithmetic.transposed_input_size(near, kernel_size=3, stride=2)


@laws
@given(size=st.integers(1, 20), **LAYER)
def test_unreached_rows_are_those_after_the_last_tap(size, **layer):
    try:
        windows = arithmetic.conv_output_size(size, **layer)
    except ValueError:
        return
    stride, dilation = layer["stride"], layer["dilation"]
    last = (windows - 1) * stride + dilation * (layer["kernel_size"] - 1)
    padded = size + 2 * layer["padding"]
    assert arithmetic.unreached_rows(size, **layer) == padded - 1 - last


def test_with_much_padding_the_size_that_is_named_is_one_that_is_made():
    layer = {"kernel_size": 2, "stride": 3, "padding": 5}
    with pytest.raises(ValueError, match=r"use 1$"):
        arithmetic.transposed_input_size(2, **layer)
    assert (
        arithmetic.transposed_output_size(arithmetic.transposed_input_size(1, **layer), **layer)
        == 1
    )
