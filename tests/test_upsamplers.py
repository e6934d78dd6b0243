import pytest
import torch

from seglab.lessons import bench, learning, upsamplers
from seglab.lessons.checkerboards import LAB as CHECKERBOARDS
from seglab.lessons.upsampling import LAB as UPSAMPLING
from seglab.ops import upsample

SIZES = (1, 2, 3, 4, 5, 8, 9)


def _map():
    return torch.rand(2, 3, 6, 7, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kind", upsamplers.WEIGHTED)
@pytest.mark.parametrize("f", [2, 3, 4])
@pytest.mark.parametrize("k", SIZES)
def test_every_kernel_makes_a_map_f_times_as_large(kind, f, k):
    kernel = upsamplers.random_kernel(kind, f, k)
    assert kernel.shape == (upsamplers.taps(kind, f, k),) * 2
    assert upsamplers.operator(kind, f, kernel)(_map()).shape == (2, 3, 6 * f, 7 * f)


@pytest.mark.parametrize("f", [2, 3, 4])
@pytest.mark.parametrize("k", SIZES)
def test_a_resize_convolution_as_one_kernel_is_the_real_one(f, k):
    kernel = upsamplers.random_kernel(upsamplers.RESIZE, f, k)
    weight = kernel.expand(3, 1, -1, -1)
    real = upsample.resize_conv(_map(), weight, f, groups=3)
    assert torch.allclose(
        upsamplers.operator(upsamplers.RESIZE, f, kernel)(_map()), real, atol=1e-5
    )


@pytest.mark.parametrize("f", [2, 3, 4])
@pytest.mark.parametrize("k", SIZES)
def test_a_pixel_shuffle_is_a_transposed_convolution(f, k):
    one, other = (
        upsamplers.operator(kind, f, upsamplers.random_kernel(kind, f, k))(_map())
        for kind in (upsamplers.SHUFFLE, upsamplers.TRANSPOSED)
    )
    assert torch.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "k"), [(upsamplers.TRANSPOSED, 8), (upsamplers.SHUFFLE, 8), (upsamplers.RESIZE, 5)]
)
def test_bilinear_weights_interpolate_away_from_the_border(kind, k):
    kernel = upsamplers.bilinear_kernel(kind, 4, k)
    apart = (upsamplers.operator(kind, 4, kernel)(_map()) - upsample.bilinear(_map(), 4)).abs()
    assert apart[..., 2:-2, 2:-2].max() < 1e-5
    assert apart.max() > 0.1


def test_a_stride_of_one_refuses_a_kernel_without_a_middle():
    with pytest.raises(ValueError, match="kernel of 4 has no middle, so with stride 1"):
        dict(CHECKERBOARDS.at(k=4, s=1).panes)


def test_learned_weights_are_better_than_bilinear_ones_and_always_the_same():
    seen = []
    asked = (bench.PICTURE, upsamplers.TRANSPOSED, 4, 8, False)
    first = learning._fit(*asked, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (learning.STEPS, learning.STEPS)
    assert torch.equal(first, learning._fit(*asked, lambda done, total: None))
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
    flat = CHECKERBOARDS.at(k=k, s=s).values["constant"]
    assert (float(flat.std()) < 1e-5) is (k % s == 0)
    resized = CHECKERBOARDS.at(k=k, s=s, weights="random 1", method=upsamplers.RESIZE)
    assert float(resized.values["constant"].std()) < 1e-5


def test_the_spectra_are_drawn():
    run = CHECKERBOARDS.at(k=4, s=2, weights="random 1")
    (chart,) = run.charts.values()
    transposed, resized = chart.data
    assert max(transposed.y[1:]) > 0.01
    assert max(resized.y[1:]) <= 0.0001
