"""The oracles are torch's own layers, matrices written out with loops, and autograd's transpose."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seglab.ops import upsample

laws = settings(deadline=None, derandomize=True, max_examples=25)
factors, sizes, seeds = st.integers(1, 5), st.integers(1, 7), st.integers(0, 999)


def values(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def pooled(x, kernel_size, stride=None):
    return F.max_pool2d(x, kernel_size, stride, return_indices=True)


def same(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)


def by_name():
    """Every upsampler by two on one row, as an operator of float64 [1, C, 1, w]."""
    row = partial(values, seed=3)
    _, indices = pooled(row(1, 1, 1, 12), (1, 2))
    return {
        "nearest": lambda x: upsample.nearest(x, (1, 2)),
        "nearest on both axes": lambda x: upsample.nearest(x, 2),
        "bilinear": lambda x: upsample.bilinear(x, (1, 2)),
        "bilinear, corners aligned": lambda x: upsample.bilinear(x, (1, 2), align_corners=True),
        "bed of nails": lambda x: upsample.bed_of_nails(x, (1, 2)),
        "max unpooling": lambda x: upsample.max_unpool(x, indices, (1, 12)),
        "transposed": lambda x: upsample.transposed_conv(x, row(1, 1, 1, 3), 2),
        "transposed, cropped": lambda x: upsample.transposed_conv(
            x, row(1, 1, 1, 4), (1, 2), (0, 1), (0, 1)
        ),
        "resize-convolution": lambda x: upsample.resize_conv(x, row(1, 1, 1, 3), (1, 2)),
        "resize-convolution, bilinear": lambda x: upsample.resize_conv(
            x, row(1, 1, 3, 3), 2, mode="bilinear"
        ),
        "convolution": lambda x: F.conv2d(x, row(1, 1, 1, 3), stride=2),
    }


# smoke


def test_a_small_example_by_hand():
    x = torch.tensor([[[[1.0, 2.0]]]])
    assert upsample.nearest(x, 2).tolist() == [[[[1, 1, 2, 2], [1, 1, 2, 2]]]]
    assert upsample.bed_of_nails(x, 2).tolist() == [[[[1, 0, 2, 0], [0, 0, 0, 0]]]]
    assert upsample.bilinear(x, (1, 2)).tolist() == [[[[1, 1.25, 1.75, 2]]]]
    assert upsample.bilinear(x, (1, 2), align_corners=True)[0, 0, 0, 1] == pytest.approx(4 / 3)
    unpooled = upsample.max_unpool(x, torch.tensor([[[[3, 4]]]]), (2, 4))
    assert unpooled.tolist() == [[[[0, 0, 0, 1], [2, 0, 0, 0]]]]
    weight = torch.tensor([[[[1.0, 10.0, 100.0]]]])
    assert upsample.transposed_conv(x, weight, 2).tolist() == [[[[1, 10, 102, 20, 200]]]]
    assert upsample.pixel_shuffle(x.reshape(1, 2, 1, 1), (2, 1)).tolist() == [[[[1], [2]]]]


def test_bilinear_kernels_by_hand():
    assert upsample.bilinear_kernel((1, 2), 1).flatten().tolist() == [0.25, 0.75, 0.75, 0.25]
    assert upsample.bilinear_kernel((3, 1), 1).flatten() == pytest.approx(
        [1 / 3, 2 / 3, 1, 2 / 3, 1 / 3]
    )
    assert upsample.bilinear_kernel(1, 2).flatten().tolist() == [1, 0, 0, 1]


# exception

picture, ones = torch.ones(1, 2, 3, 4), torch.ones(2, 1, 3, 3)
places = torch.zeros(1, 2, 3, 4, dtype=torch.int64)


@pytest.mark.parametrize(
    "op", [upsample.nearest, upsample.bed_of_nails, upsample.bilinear, upsample.pixel_shuffle]
)
class TestFactorsThatCannotBe:
    @pytest.mark.parametrize("bad", [0, -2, (1, 0), (2, 2, 2), ()])
    def test_value(self, op, bad):
        with pytest.raises(ValueError, match=r"factor.*use"):
            op(picture, bad)

    @pytest.mark.parametrize("bad", [2.0, 1.5, True, "2", None, (2, False)])
    def test_type(self, op, bad):
        with pytest.raises(TypeError, match=r"factor.*use an int"):
            op(picture, bad)

    @pytest.mark.parametrize("bad", [picture[0], picture[None], picture[:0], picture[..., :0]])
    def test_shape(self, op, bad):
        with pytest.raises(ValueError, match=r"x has shape.*use"):
            op(bad, 2)

    def test_not_a_tensor(self, op):
        with pytest.raises(TypeError, match="x is ndarray; use a tensor"):
            op(picture.numpy(), 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: upsample.pixel_shuffle(picture, 2), "factor=2 takes 4.*the 2 of x; use"),
        (lambda: upsample.max_unpool(picture, places[:, :1], (6, 8)), r"\[1, 1, 3, 4\].*use"),
        (lambda: upsample.max_unpool(picture, places + 48, (6, 8)), "0 to 47.*to 48; use the size"),
        (lambda: upsample.max_unpool(picture, places - 1, (6, 8)), "go from -1"),
        (lambda: upsample.max_unpool(picture, places.to("meta"), (6, 8)), r"indices.to\(x.device"),
        (lambda: upsample.max_unpool(picture, places, (6, 0)), r"output_size\[1\]=0"),
        (lambda: upsample.max_unpool(picture, places, (6, 8, 1)), "output_size=.*3 entries"),
        (lambda: upsample.transposed_conv(picture, ones, 2, 0, 2), "output_padding=2 must be"),
        (lambda: upsample.transposed_conv(picture, ones, 1, 0, (0, 1)), "output_padding=1 must be"),
        (lambda: upsample.transposed_conv(picture, ones, 0), "stride=0.*use at least 1"),
        (lambda: upsample.transposed_conv(picture, ones, 1, -1), "padding=-1.*use at least 0"),
        (lambda: upsample.transposed_conv(picture, ones, 1, 3), "padding=3 .*use padding <="),
        (lambda: upsample.transposed_conv(picture, ones[:1], 2), "weight has.*x has 2.*C_in=2"),
        (lambda: upsample.transposed_conv(picture, ones[0], 2), r"use \[C_in, C_out, kh, kw\]"),
        (lambda: upsample.transposed_conv(picture, ones[..., :0], 2), "weight has shape"),
        (lambda: upsample.transposed_conv(picture, ones.double(), 2), r"use weight.to\(x\)"),
        (lambda: upsample.transposed_conv(picture, ones.to("meta"), 2), r"use weight.to\(x\)"),
        (lambda: upsample.resize_conv(picture, ones, 2), r"use \[C_out, C_in, kh, kw\]"),
        (lambda: upsample.resize_conv(picture, ones.mT[None, 0, :, 1:], 2), "weight has shape"),
        (lambda: upsample.resize_conv(picture, torch.ones(1, 2, 3, 2), 2), "3 x 2.*use odd"),
        (
            lambda: upsample.resize_conv(picture, torch.ones(1, 2, 3, 3), 2, mode="bicubic"),
            "mode='bicubic'.*use 'nearest' or 'bilinear'",
        ),
        (lambda: upsample.resize_conv(picture, torch.ones(1, 2, 3, 3), 0), "factor=0"),
        (lambda: upsample.bilinear_kernel(2, 0), "channels=0"),
        (lambda: upsample.overlap_count(3, 0, 4), "stride=0"),
        (lambda: upsample.overlap_count(0, 1, 4), "kernel_size=0"),
        (lambda: upsample.impulse_response(torch.neg, 4, (0, 4)), r"at=\(0, 4\).*use at most"),
        (lambda: upsample.impulse_response(torch.neg, 4, channel=1), "channel=1.*use at most 0"),
        (lambda: upsample.impulse_response(torch.sum, 4), r"op made \[\] of.*use an op from"),
        (lambda: upsample.impulse_response(lambda x: None, 4), "op made NoneType of"),
        (lambda: upsample.as_matrix(torch.neg, 0), "length=0"),
        (lambda: upsample.as_matrix(torch.neg, 4, row=1), "row=1.*1 rows; use at most 0"),
        (
            lambda: upsample.as_matrix(lambda x: x[..., x[0, 0, 0] == 0], 5),
            "several sizes; use one",
        ),
        (lambda: upsample.as_matrix(lambda x: x / 0, 3), "op is not linear.*nan"),
    ],
)
def test_what_cannot_be_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: upsample.bilinear(places, 2), r"x is torch.int64.*use x.float\(\)"),
        (lambda: upsample.transposed_conv(places, ones, 2), r"use x.float\(\)"),
        (lambda: upsample.resize_conv(places, ones, 2), r"use x.float\(\)"),
        (lambda: upsample.transposed_conv(picture, [[1.0]], 2), "weight is list; use a tensor"),
        (lambda: upsample.transposed_conv(picture, ones, True), "stride=True"),
        (lambda: upsample.transposed_conv(picture, ones, 2, 0.5), "padding=0.5"),
        (lambda: upsample.transposed_conv(picture, ones, 2, 0, True), "output_padding=True"),
        (lambda: upsample.max_unpool(picture, places.float(), (6, 8)), "indices are torch.float32"),
        (lambda: upsample.max_unpool(picture, [0], (6, 8)), "indices are list"),
        (lambda: upsample.max_unpool(picture, places, (6, 8.0)), r"output_size\[1\]=8.0"),
        (lambda: upsample.bilinear_kernel(2, True), "channels=True"),
        (lambda: upsample.overlap_count(3, 2, 4.0), "length=4.0"),
        (lambda: upsample.as_matrix(torch.neg, True), "length=True"),
    ],
)
def test_arguments_of_another_type_say_why(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize(
    "op", [torch.relu, torch.abs, torch.square, lambda x: x + 1, lambda x: F.max_pool2d(x, (1, 2))]
)
@pytest.mark.parametrize("length", [2, 3, 9])
def test_no_matrix_for_what_is_not_linear(op, length):
    with pytest.raises(ValueError, match=r"op is not linear.*use an op without bias"):
        upsample.as_matrix(op, length)


# shape


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_answers_follow_the_inputs_dtype_and_device(dtype, device):
    x = torch.ones(2, 4, 3, 5, dtype=dtype, device=device)
    kernel = upsample.bilinear_kernel(2, 4, dtype=dtype, device=device)
    for answer, shape in {
        upsample.nearest(x, 2): (2, 4, 6, 10),
        upsample.bilinear(x, (2, 1)): (2, 4, 6, 5),
        upsample.bed_of_nails(x, (1, 3)): (2, 4, 3, 15),
        upsample.pixel_shuffle(x, 2): (2, 1, 6, 10),
        upsample.transposed_conv(x, kernel, 2, 1): (2, 4, 6, 10),
        upsample.transposed_conv(x, kernel[:, :3], (2, 3), 0, (1, 2)): (2, 3, 9, 18),
        upsample.resize_conv(x, kernel[:3, :, 1:, 1:], 2): (2, 3, 6, 10),
    }.items():
        assert (answer.shape, answer.dtype, answer.device.type) == (shape, dtype, device)


@pytest.mark.parametrize("op", [upsample.nearest, upsample.bed_of_nails, upsample.pixel_shuffle])
@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.bool])
def test_values_that_only_move_may_be_labels(op, dtype):
    x = torch.arange(16).reshape(1, 4, 2, 2).to(dtype)
    assert op(x, 2).dtype == dtype
    same(op(x, 2).double(), op(x.double(), 2))


def test_matrices_and_responses_take_a_dtype_and_a_device():
    half = partial(upsample.nearest, factor=2)
    assert upsample.as_matrix(half, 3).dtype == torch.float32
    assert upsample.as_matrix(half, 3, dtype=torch.bfloat16).dtype == torch.bfloat16
    assert upsample.as_matrix(half, 3, dtype=torch.int64).dtype == torch.int64
    assert upsample.as_matrix(lambda x: half(x).double(), 3).dtype == torch.float64
    assert upsample.impulse_response(half, 3, device="meta").device.type == "meta"
    assert upsample.impulse_response(half, (3, 4), channels=2).shape == (1, 2, 6, 8)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_cuda_device_gives_what_the_processor_gives():
    x, weight = values(2, 4, 6, 8, dtype=torch.float32), values(4, 3, 3, 3, dtype=torch.float32)
    small, indices = pooled(x, 2)
    for op in (
        lambda x, w, i: upsample.bilinear(x, 3),
        lambda x, w, i: upsample.pixel_shuffle(x, 2),
        lambda x, w, i: upsample.max_unpool(x[..., :3, :4], i, (6, 8)),
        lambda x, w, i: upsample.transposed_conv(x, w, 2, 1, 1),
        lambda x, w, i: upsample.resize_conv(x, w.transpose(0, 1), 2),
    ):
        there = op(x.cuda(), weight.cuda(), indices.cuda())
        assert there.is_cuda
        torch.testing.assert_close(there.cpu(), op(x, weight, indices), rtol=1e-2, atol=1e-2)
    kernel = upsample.bilinear_kernel((1, 2), 1, device="cuda")
    matrix = upsample.as_matrix(
        lambda x: upsample.transposed_conv(x, kernel / 3, 2), 9, device="cuda"
    )
    assert matrix.shape == (20, 9)
    with pytest.raises(ValueError, match="indices go from"):
        upsample.max_unpool(small.cuda(), indices.cuda() + 40, (6, 8))


# law: torch's own layers


@laws
@given(factors, factors, sizes, sizes, seeds)
def test_nearest_and_bilinear_are_torchs(rows, columns, height, width, seed):
    x = values(2, 3, height, width, seed=seed)
    scale = (float(rows), float(columns))
    same(upsample.nearest(x, (rows, columns)), F.interpolate(x, scale_factor=scale, mode="nearest"))
    exact = F.interpolate(x, scale_factor=scale, mode="nearest-exact")
    same(upsample.nearest(x, (rows, columns)), exact)
    for align in (False, True):
        theirs = F.interpolate(x, scale_factor=scale, mode="bilinear", align_corners=align)
        same(upsample.bilinear(x, (rows, columns), align_corners=align), theirs)


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize(("length", "factor"), [(1, 3), (2, 2), (5, 3), (4, 5)])
def test_bilinear_is_its_formula(length, factor, align_corners):
    """Written out from the coordinates, for the oracle above runs the same code as we do."""
    signal = values(length)
    for o, ours in enumerate(
        upsample.bilinear(signal.view(1, 1, 1, -1), (1, factor), align_corners).flatten()
    ):
        if align_corners:
            at = o * (length - 1) / (length * factor - 1)
        else:
            at = min(max((o + 0.5) / factor - 0.5, 0), length - 1)
        left = min(int(at), length - 1)
        right = min(left + 1, length - 1)
        same(ours, signal[left] + (at - left) * (signal[right] - signal[left]))


@laws
@given(factors, st.integers(1, 3), sizes, sizes)
def test_pixel_shuffle_is_torchs_and_comes_back(factor, channels, height, width):
    x = values(2, channels * factor**2, height, width)
    same(upsample.pixel_shuffle(x, factor), F.pixel_shuffle(x, factor))
    same(F.pixel_unshuffle(upsample.pixel_shuffle(x, factor), factor), x)


@laws
@given(st.integers(1, 3), st.integers(0, 2), st.integers(5, 9), st.integers(5, 9), seeds)
def test_max_unpooling_is_torchs(stride, more, height, width, seed):
    x = values(2, 3, height, width, seed=seed)
    small, indices = pooled(x, stride + more, stride)
    theirs = F.max_unpool2d(small, indices, stride + more, stride, output_size=(height, width))
    same(upsample.max_unpool(small, indices, (height, width)), theirs)


@laws
@given(st.integers(1, 4), st.integers(1, 4), factors, factors, st.integers(0, 1), seeds)
def test_transposed_convolution_is_torchs(kh, kw, sh, sw, padding, seed):
    x, weight = values(2, 3, 3, 5, seed=seed), values(3, 2, kh, kw, seed=seed + 1)
    extra = (seed % sh, seed % sw)
    theirs = F.conv_transpose2d(x, weight, None, (sh, sw), padding, extra)
    same(upsample.transposed_conv(x, weight, (sh, sw), padding, extra), theirs)


@laws
@given(factors, factors, seeds)
def test_resize_convolution_is_the_two_after_each_other(rows, columns, seed):
    x, weight = values(2, 3, 3, 4, seed=seed), values(2, 3, 3, 5, seed=seed + 1)
    for mode in ("nearest", "bilinear"):
        larger = F.interpolate(x, size=(3 * rows, 4 * columns), mode=mode)
        ours = upsample.resize_conv(x, weight, (rows, columns), mode)
        same(ours, F.conv2d(larger, weight, padding="same"))


# law: what is the same as what


@laws
@given(factors, sizes, sizes, seeds)
def test_nearest_is_bed_of_nails_then_a_box(factor, height, width, seed):
    x = values(2, 3, height, width, seed=seed)
    nails = F.pad(upsample.bed_of_nails(x, factor), (factor - 1, 0, factor - 1, 0))
    box = torch.ones(3, 1, factor, factor, dtype=x.dtype)
    same(upsample.nearest(x, factor), F.conv2d(nails, box, groups=3))


@laws
@given(factors, sizes, seeds)
def test_three_upsamplers_are_transposed_convolutions(factor, size, seed):
    x = values(1, 1, size, size, seed=seed)
    box, nail = torch.ones(1, 1, factor, factor).double(), torch.ones(1, 1, 1, 1).double()
    same(upsample.nearest(x, factor), upsample.transposed_conv(x, box, factor))
    extra = factor - 1
    same(upsample.bed_of_nails(x, factor), upsample.transposed_conv(x, nail, factor, 0, extra))
    many = values(1, factor**2, size, size, seed=seed)
    one_each = torch.eye(factor**2).double().view(factor**2, 1, factor, factor)
    same(upsample.pixel_shuffle(many, factor), upsample.transposed_conv(many, one_each, factor))


@laws
@given(factors, st.integers(2, 6), st.integers(1, 3), seeds)
def test_bilinear_weights_interpolate_in_the_interior_only(factor, size, channels, seed):
    x = values(2, channels, size, size + 1, seed=seed)
    kernel = upsample.bilinear_kernel(factor, channels, dtype=x.dtype)
    assert kernel.shape[2] == 2 * factor - factor % 2
    border = factor // 2
    ours = upsample.transposed_conv(x, kernel, factor, border)
    theirs = upsample.bilinear(x, factor)
    assert ours.shape == theirs.shape
    inside = (..., slice(border, ours.shape[2] - border), slice(border, ours.shape[3] - border))
    same(ours[inside], theirs[inside])
    if border:
        for edge in ((..., 0, slice(None)), (..., -1, slice(None)), (..., 0), (..., -1)):
            assert not torch.allclose(ours[edge], theirs[edge])
        constant = torch.ones_like(x)
        faded = upsample.transposed_conv(constant, kernel, factor, border)
        same(upsample.bilinear(constant, factor), torch.ones_like(faded))
        edge = torch.ones_like(faded, dtype=torch.bool)
        edge[inside] = False
        assert (faded[edge] < 1 - 1e-6).all()


def test_max_unpooling_leaves_holes_and_needs_the_size():
    x = values(1, 2, 7, 7)
    small, indices = pooled(x, 2)
    back = upsample.max_unpool(small, indices, (7, 7))
    assert int((back != 0).sum()) == small.numel()
    same(back[back != 0], x[back != 0])
    assert not torch.equal(upsample.max_unpool(small, indices, (6, 8)), back[..., :6, :])
    same(pooled(upsample.max_unpool(small.abs(), indices, (7, 7)), 2)[0], small.abs())
    assert not torch.equal(upsample.bed_of_nails(small, 2), back[..., :6, :6])


def test_transposed_convolution_is_not_the_inverse():
    x, weight = values(1, 1, 7, 7), values(1, 1, 3, 3, seed=1)
    back = upsample.transposed_conv(F.conv2d(x, weight, stride=2), weight, 2)
    assert back.shape == x.shape
    assert not torch.allclose(back, x, rtol=0.1)


# law: the transpose


@laws
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 2), st.integers(5, 12), seeds)
def test_adjoint_of_convolution_by_dot_products(kernel_size, stride, padding, size, seed):
    weight = values(2, 3, kernel_size, kernel_size, seed=seed)  # [out, in] of the convolution
    x = values(2, 3, size, size + 1, seed=seed + 1)
    ahead = F.conv2d(x, weight, stride=stride, padding=padding)
    y = values(*ahead.shape, seed=seed + 2)
    extra = tuple((n + 2 * padding - kernel_size) % stride for n in (size, size + 1))
    back = upsample.transposed_conv(y, weight, stride, padding, extra)
    assert back.shape == x.shape
    same((ahead * y).sum(), (x * back).sum())


def convolution_matrix(kernel, stride, padding, length):
    """Row u of a convolution holds the kernel, u strides along; what hangs over is cut off."""
    positions = (length + 2 * padding - len(kernel)) // stride + 1
    matrix = torch.zeros(positions, length + 2 * padding, dtype=kernel.dtype)
    for u in range(positions):
        matrix[u, u * stride : u * stride + len(kernel)] = kernel
    return matrix[:, padding : padding + length]


@laws
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 2), st.integers(5, 12), seeds)
def test_transposed_convolution_is_the_transposed_matrix(k, stride, padding, length, seed):
    weight = values(1, 1, 1, k, seed=seed)
    conv = partial(F.conv2d, weight=weight, stride=(1, stride), padding=(0, padding))
    ahead = upsample.as_matrix(conv, length, dtype=weight.dtype)
    same(ahead, convolution_matrix(weight.flatten(), stride, padding, length))
    back = upsample.as_matrix(
        lambda x: upsample.transposed_conv(
            x, weight, stride, (0, padding), (0, (length + 2 * padding - k) % stride)
        ),
        len(ahead),
        dtype=weight.dtype,
    )
    same(back, ahead.T)


# law: matrices and impulses


@pytest.mark.parametrize("name", by_name())
def test_the_matrix_does_what_the_operator_does(name):
    op, signal = by_name()[name], values(6, seed=7)
    matrix = upsample.as_matrix(op, 6, dtype=signal.dtype)
    answer = op(signal.view(1, 1, 1, 6))
    same(matrix @ signal, answer[0, 0, 0])
    for i in range(6):
        response = upsample.impulse_response(op, (1, 6), (0, i), dtype=signal.dtype)
        same(matrix[:, i], response[0, 0, 0])
    if answer.shape[2] == 2:
        same(upsample.as_matrix(op, 6, row=1, dtype=signal.dtype) @ signal, answer[0, 0, 1])


def test_a_matrix_over_channels():
    mix = values(2, 3, 1, 3)
    signal = values(1, 2, 1, 5, seed=1)
    op = partial(upsample.transposed_conv, weight=mix, stride=2)
    matrix = upsample.as_matrix(op, 5, channels=2, dtype=mix.dtype)
    same(matrix @ signal.flatten(), op(signal).flatten())
    shuffle = upsample.as_matrix(partial(upsample.pixel_shuffle, factor=(1, 3)), 4, channels=3)
    assert torch.equal(shuffle.sum(0), torch.ones(12))  # a permutation of the values
    assert torch.equal(shuffle.sum(1), torch.ones(12))


def test_matrices_by_hand():
    nails = upsample.as_matrix(partial(upsample.bed_of_nails, factor=2), 2)
    assert nails.tolist() == [[1, 0], [0, 0], [0, 1], [0, 0]]
    repeat = upsample.as_matrix(partial(upsample.nearest, factor=2), 2)
    assert repeat.tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]]


@laws
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2), st.integers(0, 3))
def test_impulse_response_is_the_kernel_at_its_place(k, stride, row, column):
    weight = values(2, 1, k, k)
    response = upsample.impulse_response(
        lambda x: upsample.transposed_conv(x, weight, stride),
        (3, 4),
        (row, column),
        channel=1,
        channels=2,
        dtype=weight.dtype,
    )
    box = (slice(row * stride, row * stride + k), slice(column * stride, column * stride + k))
    same(response[0, 0][box], weight[1, 0])
    assert int((response != 0).sum()) == k * k


def test_an_impulse_stands_in_the_middle_unless_told():
    assert torch.neg(upsample.impulse_response(torch.neg, 5)).nonzero().tolist() == [[0, 0, 2, 2]]


# law: overlap


@laws
@given(st.integers(1, 9), st.integers(1, 6), st.integers(1, 9))
def test_overlap_is_what_a_kernel_of_ones_writes(kernel_size, stride, length):
    ones = torch.ones(1, 1, 1, kernel_size)
    count = upsample.overlap_count(kernel_size, stride, length)
    assert count.dtype == torch.int64
    assert torch.equal(
        count.float(),
        F.conv_transpose2d(torch.ones(1, 1, 1, length), ones, stride=(1, stride))[0, 0, 0],
    )
    plane = upsample.transposed_conv(torch.ones(1, 1, length, length), ones.mT @ ones, stride)
    assert torch.equal(torch.outer(count, count).float(), plane[0, 0])


@laws
@given(st.integers(1, 12), st.integers(1, 8))
def test_overlap_is_even_iff_the_stride_divides_the_kernel(kernel_size, stride):
    length = 3 + 2 * kernel_size
    inside = upsample.overlap_count(kernel_size, stride, length)[kernel_size:-kernel_size]
    assume(len(inside) >= stride)  # less than one period shows nothing
    assert (len(inside.unique()) == 1) == (kernel_size % stride == 0)


def test_kernel_three_stride_two_is_twice_in_a_line_and_four_times_in_a_plane():
    count = upsample.overlap_count(3, 2, 4)
    assert count.tolist() == [1, 1, 2, 1, 2, 1, 2, 1, 1]
    assert set(torch.outer(count, count).flatten().tolist()) == {1, 2, 4}


@laws
@given(st.integers(2, 4), seeds)
def test_resize_convolution_of_a_constant_is_flat_and_an_uneven_overlap_is_not(factor, seed):
    x, weight = torch.ones(1, 1, 8, 8).double(), values(1, 1, 3, 3, seed=seed)
    flat = upsample.resize_conv(x, weight, factor)[..., 1:-1, 1:-1]
    same(flat, weight.sum().expand_as(flat))
    wide = weight.abs() + 0.1
    if 3 % factor:
        uneven = upsample.transposed_conv(x, wide, factor)[..., 4:-4, 4:-4]
        assert float(uneven.max() - uneven.min()) > 1e-3


# gradient


@pytest.mark.parametrize("name", by_name())
def test_gradients_are_right(name):
    x = values(1, 1, 1, 6).requires_grad_()
    assert torch.autograd.gradcheck(by_name()[name], x)


def test_gradients_reach_weights_and_many_channels():
    x, weight = values(2, 4, 2, 3).requires_grad_(), values(4, 2, 3, 3).requires_grad_()
    check = torch.autograd.gradcheck
    assert check(lambda x, w: upsample.transposed_conv(x, w, 2, 1, 1), (x, weight))
    assert check(lambda x, w: upsample.resize_conv(x, w.transpose(0, 1), 2), (x, weight))
    assert check(lambda x: upsample.pixel_shuffle(x, 2), x)
    row = values(1, 1, 1, 3).requires_grad_()
    matrix = partial(upsample.as_matrix, length=4, dtype=row.dtype)
    assert check(lambda w: matrix(lambda x: upsample.transposed_conv(x, w, 2)), row)


def test_the_gradient_is_the_transposed_matrix():
    x, y = values(1, 1, 1, 6).requires_grad_(), values(12, seed=2)
    op = by_name()["bilinear"]
    (gradient,) = torch.autograd.grad(op(x)[0, 0, 0] @ y, x)
    same(gradient.flatten(), upsample.as_matrix(op, 6, dtype=y.dtype).T @ y)


def test_inputs_are_left_as_they_were():
    x, weight = values(1, 4, 3, 4), values(4, 2, 3, 3)
    before = x.clone(), weight.clone()
    for op in (upsample.nearest, upsample.bilinear, upsample.bed_of_nails, upsample.pixel_shuffle):
        op(x, 2).mul_(0)
        op(x, 1).mul_(0)
    upsample.transposed_conv(x, weight, 2).mul_(0)
    same(x, before[0])
    same(weight, before[1])


@pytest.mark.parametrize("channels", [1, 3])
def test_groups_keep_the_channels_apart(channels):
    x = torch.rand(2, channels, 4, 5, dtype=torch.float64)
    weight = torch.rand(channels, 1, 3, 3, dtype=torch.float64)
    apart = upsample.transposed_conv(x, weight, 2, padding=1, groups=channels)
    resized = upsample.resize_conv(x, weight, 2, groups=channels)
    for c in range(channels):
        one, kernel = x[:, c : c + 1], weight[c : c + 1]
        assert torch.allclose(
            apart[:, c : c + 1], upsample.transposed_conv(one, kernel, 2, padding=1)
        )
        assert torch.allclose(resized[:, c : c + 1], upsample.resize_conv(one, kernel, 2))


def test_groups_that_do_not_divide_the_channels_are_refused():
    x = torch.rand(1, 3, 4, 4)
    with pytest.raises(ValueError, match="groups=2 does not divide the 3 channels of x"):
        upsample.transposed_conv(x, torch.rand(3, 1, 3, 3), 2, groups=2)
    with pytest.raises(ValueError, match="groups=3 does not divide the 4 kernels of weight"):
        upsample.resize_conv(x, torch.rand(4, 1, 3, 3), 2, groups=3)
