import pytest
import torch

from seglab.lessons.checkerboards import LAB as CHECKERBOARDS
from seglab.lessons.upsampling import LAB as UPSAMPLING
from seglab.nets import coarse_maps, learned_kernels
from seglab.ops import upsample

SIZES = (1, 2, 3, 4, 5, 8, 9)


def _map():
    return torch.rand(2, 3, 6, 7, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kind", upsample.WEIGHTED)
@pytest.mark.parametrize("f", [2, 3, 4])
@pytest.mark.parametrize("k", SIZES)
def test_every_kernel_makes_a_map_f_times_as_large(kind, f, k):
    kernel = upsample.random_kernel(kind, f, k)
    assert kernel.shape == (upsample.kernel_side(kind, f, k),) * 2
    assert upsample.Upsampler(kind, f, kernel)(_map()).shape == (2, 3, 6 * f, 7 * f)


@pytest.mark.parametrize("f", [2, 3, 4])
@pytest.mark.parametrize("k", SIZES)
def test_a_resize_convolution_as_one_kernel_is_the_real_one(f, k):
    kernel = upsample.random_kernel(upsample.RESIZE, f, k)
    weight = kernel.expand(3, 1, -1, -1)
    real = upsample.resize_conv(_map(), weight, f, groups=3)
    assert torch.allclose(upsample.Upsampler(upsample.RESIZE, f, kernel)(_map()), real, atol=1e-5)


@pytest.mark.parametrize("f", [2, 3, 4])
@pytest.mark.parametrize("k", SIZES)
def test_a_pixel_shuffle_is_a_transposed_convolution(f, k):
    one, other = (
        upsample.Upsampler(kind, f, upsample.random_kernel(kind, f, k))(_map())
        for kind in (upsample.SHUFFLE, upsample.TRANSPOSED)
    )
    assert torch.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "k"), [(upsample.TRANSPOSED, 8), (upsample.SHUFFLE, 8), (upsample.RESIZE, 5)]
)
def test_bilinear_weights_interpolate_away_from_the_border(kind, k):
    kernel = upsample.interpolating_kernel(kind, 4, k)
    apart = (upsample.Upsampler(kind, 4, kernel)(_map()) - upsample.bilinear(_map(), 4)).abs()
    assert apart[..., 2:-2, 2:-2].max() < 1e-5
    assert apart.max() > 0.1


def test_a_stride_of_one_refuses_a_kernel_without_a_middle():
    with pytest.raises(ValueError, match="kernel of 4 has no middle, so with stride 1"):
        dict(CHECKERBOARDS.at(kernel="4 ones", s=1).panes)


def test_learned_weights_are_better_than_bilinear_ones_and_always_the_same():
    seen = []
    asked = (coarse_maps.PICTURE, upsample.TRANSPOSED, 4, 8, False)
    first = learned_kernels.learn(*asked, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (learned_kernels.STEPS, learned_kernels.STEPS)
    assert torch.equal(first, learned_kernels.learn(*asked, lambda done, total: None))
    learned, plain = (
        UPSAMPLING.at(source="astronaut", f=4, second="nearest", weights=weights)
        for weights in ("learned", "bilinear")
    )
    off = [
        float((run.values["upsampled"] - run.values["image"]).square().mean())
        for run in (learned, plain)
    ]
    assert off[0] < off[1]


def test_the_classifier_and_the_upsampling_change_places_where_weights_add_up_to_one():
    for first, equal in (("bilinear", True), ("bed of nails", False)):
        scores, features = (
            UPSAMPLING.at(first=first, where=where).values["upsampled"]
            for where in ("scores", "features")
        )
        assert torch.allclose(scores, features, atol=1e-3) is equal


@pytest.mark.parametrize("k", range(1, 10))
@pytest.mark.parametrize("s", [2, 3, 4])
def test_ones_stay_flat_exactly_where_the_stride_divides_the_kernel(k, s):
    flat = CHECKERBOARDS.at(kernel=[[1] * k], s=s).values["constant"]
    assert (float(flat.std()) < 1e-5) is (k % s == 0)
    uneven = [(3, 1, 4, 1.5, 9, 2, 6, 5, 3.5)[:k]]
    resized = CHECKERBOARDS.at(kernel=uneven, s=s, method=upsample.RESIZE)
    assert float(resized.values["constant"].std()) < 1e-5


def test_the_spectra_are_drawn():
    run = CHECKERBOARDS.at(kernel=[[1, 0.5, 1, 1]], s=2)
    (chart,) = run.charts.values()
    transposed, resized = chart.data
    assert max(transposed.y[1:]) > 0.01
    assert max(resized.y[1:]) <= 0.0001


def _upsampler(kind, f, k=None, seed=0):
    if kind == upsample.UNPOOLING:
        fine = torch.rand(1, 3, 9 * f, 10 * f, generator=torch.Generator().manual_seed(seed))
        positions = torch.nn.functional.max_pool2d(fine, f, return_indices=True)[1]
        return upsample.Upsampler(kind, f, positions=positions)
    weighted = kind in upsample.WEIGHTED
    return upsample.Upsampler(
        kind, f, upsample.random_kernel(kind, f, k or 2 * f) if weighted else None
    )


@pytest.mark.parametrize("kind", upsample.TYPES)
@pytest.mark.parametrize("f", [1, 2, 3])
def test_what_a_type_answers_is_of_its_size(kind, f):
    op = _upsampler(kind, f, 3)
    rows, columns = op.matrix().shape
    assert (rows, columns) == (8 * f, 8)
    for plane in (op.impulse(), op.fan_in()):
        assert plane.shape[-2:] == (8 * f, 8 * f)
    assert op.parameters() == (op.kernel.numel() if kind in upsample.WEIGHTED else 0)


@pytest.mark.parametrize("kind", upsample.WEIGHTED)
@pytest.mark.parametrize(("f", "k"), [(2, 1), (2, 4), (3, 5), (4, 9)])
def test_the_matrix_of_a_separable_kernel_is_the_operator_along_a_row(kind, f, k):
    op = upsample.Upsampler(kind, f, upsample.interpolating_kernel(kind, f, k))
    signal = torch.rand(8, generator=torch.Generator().manual_seed(0))
    middle = op(signal.view(1, 1, 1, 8).expand(-1, -1, 9, -1))[0, 0, 4 * f : 5 * f]
    written = middle[(middle != 0).any(1)]
    torch.testing.assert_close(op.matrix() @ signal, written.mean(0))


@pytest.mark.parametrize("kind", [k for k in upsample.TYPES if k != upsample.UNPOOLING])
def test_the_levels_are_the_sums_of_the_impulses_that_reach_a_block(kind):
    op = _upsampler(kind, 2, 5)
    ones = torch.zeros(1, 1, 16, 16)
    for row in range(8):
        for column in range(8):
            one = torch.zeros(1, 1, 8, 8)
            one[0, 0, row, column] = 1
            ones += op(one)
    torch.testing.assert_close(op.level(), ones[..., 8:10, 8:10])


def test_unpooling_puts_a_one_where_the_maximum_stood_and_each_value_in_one_place():
    op = _upsampler(upsample.UNPOOLING, 3)
    position = int(op.positions[0, 0, 4, 4])
    assert op.impulse()[0, 0].nonzero().tolist() == [[position // 30, position % 30]]
    assert op.fan_in().sum() == 64
    assert op.matrix().sum(0).tolist() == [1.0] * 8
    assert op.level().tolist() == [0, 1]


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        (upsample.NEAREST, {1}),
        (upsample.NAILS, {0, 1}),
        (upsample.BILINEAR, {1, 2, 4}),
        (upsample.TRANSPOSED, {1, 2, 4}),  # k = 3 with f = 2: the checkerboard of Odena et al.
    ],
)
def test_how_many_inputs_each_output_is_made_of(kind, counts):
    assert set(_upsampler(kind, 2, 3).fan_in().flatten().tolist()) == counts


def test_aligned_corners_are_those_of_bilinear():
    op = upsample.Upsampler(upsample.BILINEAR, 3, align_corners=True)
    assert torch.equal(op(_map()), upsample.bilinear(_map(), 3, align_corners=True))


@pytest.mark.parametrize("kind", upsample.WEIGHTED)
def test_random_weights_keep_the_level_on_average_and_a_gradient_flows(kind):
    kernel = upsample.random_kernel(kind, 2, 5).requires_grad_()
    op = upsample.Upsampler(kind, 2, kernel)
    assert float(op.level().detach().mean()) == pytest.approx(1)
    op(_map()).sum().backward()
    assert kernel.grad.abs().sum() > 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: upsample.Upsampler("cubic", 2), "kind='cubic' is unknown; use one of 'nearest'"),
        (lambda: upsample.Upsampler(upsample.NEAREST, 0), "factor=0 is too small"),
        (lambda: upsample.Upsampler(upsample.SHUFFLE, 2), "needs a kernel; give one of 2 taps"),
        (lambda: upsample.Upsampler(upsample.UNPOOLING, 2), "needs positions; give those that"),
        (lambda: upsample.random_kernel(upsample.NAILS, 2, 3), "'bed of nails' has no weights"),
        (lambda: upsample.kernel_side(upsample.RESIZE, 2, 0), "k=0 is too small"),
    ],
)
def test_what_is_no_upsampler_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def flat(kernel):
    """Tell if a map of ones stays flat, away from its border, with stride 2."""
    made = upsample.transposed_conv(torch.ones(1, 1, 8, 8), kernel[None, None], stride=2)
    inner = made[..., 4:-4, 4:-4]
    return bool((inner.amax() - inner.amin()) < 1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_a_kernel_of_four_is_flat_where_the_sums_of_its_taps_agree(seed):
    random = torch.rand(4, 4, generator=torch.Generator().manual_seed(seed))
    assert not flat(random)
    mirrored = random + random.flip(0)
    assert flat(mirrored + mirrored.flip(1))
    line = torch.tensor([0.1, 0.4, 0.7, 0.4])  # 0.8 at even places and at odd ones, no mirror image
    assert not torch.equal(line, line.flip(0))
    assert flat(torch.outer(line, line))
