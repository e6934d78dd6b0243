"""The oracles are numpy's argmax, scipy's softmax, and decisions made pixel by pixel."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import special

from seglab.ops import heatmap
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import NO_LABEL

laws = settings(deadline=None, derandomize=True, max_examples=40)
shapes = st.tuples(st.integers(1, 2), st.integers(1, 5), st.integers(1, 4), st.integers(1, 4))
# Few different values, so that ties are common.
scores_of = shapes.flatmap(
    lambda shape: arrays.arrays(np.float64, shape, elements=st.integers(-3, 3).map(float))
)
temperatures = st.floats(0.05, 20)
levels = st.sampled_from([0.0, 0.2, 0.25, 1 / 3, 0.5, 0.75, 1.0])


def pixelwise(scores, decide):
    """The labels, one pixel after the other, by a function of its K scores."""
    batch, _, height, width = scores.shape
    out = torch.empty(batch, height, width, dtype=torch.int64)
    for b, y, x in np.ndindex(batch, height, width):
        out[b, y, x] = decide(scores[b, :, y, x].tolist())
    return out


# smoke


def test_a_small_example_by_hand():
    scores = torch.tensor([0.0, 0.0, 2.0, -1.0, 1.0, 2.0]).view(1, 3, 1, 2)
    assert heatmap.label_map(scores).tolist() == [[[1, 2]]]
    assert heatmap.threshold(scores, 1).tolist() == [
        [[[False, False]], [[True, False]], [[True, True]]]
    ]
    share = heatmap.softmax(scores)
    assert share[0, :, 0, 0].tolist() == pytest.approx([0.0900, 0.6652, 0.2447], abs=1e-4)
    assert share[0, :, 0, 1].tolist() == pytest.approx([0.1142, 0.0420, 0.8438], abs=1e-4)
    assert heatmap.reject(share, 0.7).tolist() == [[[255, 2]]]


def test_the_softmax_goes_over_the_classes():
    scores = torch.randn(2, 3, 4, 5)
    torch.testing.assert_close(heatmap.softmax(scores).sum(1), torch.ones(2, 4, 5))


# exception

picture = torch.rand(1, 3, 2, 2)


@pytest.mark.parametrize(
    "op",
    [heatmap.softmax, heatmap.label_map, lambda x: heatmap.threshold(x, 0.5)],
)
def test_what_is_no_score_map_is_refused(op):
    with pytest.raises(ValueError, match=r"scores has shape \[3, 2, 2\].*scores\[None\]"):
        op(picture[0])
    with pytest.raises(ValueError, match=r"scores has shape \[1, 3, 0, 2\]"):
        op(picture[:, :, :0])
    with pytest.raises(TypeError, match=r"scores is torch.int64.*scores.float"):
        op(picture.long())
    with pytest.raises(TypeError, match="scores is ndarray"):
        op(picture.numpy())


@pytest.mark.parametrize("bad", [0, -1.0, float("inf"), float("nan")])
def test_a_temperature_is_above_0(bad):
    with pytest.raises(ValueError, match=r"temperature=.*use 1"):
        heatmap.softmax(picture, bad)


@pytest.mark.parametrize("bad", [-0.1, 1.5, float("nan")])
def test_a_level_of_rejection_is_a_probability(bad):
    with pytest.raises(ValueError, match=r"level=.*from 0 to 1"):
        heatmap.reject(picture, bad)


@pytest.mark.parametrize("logits", [picture - 1, picture + 1])
def test_logits_are_not_taken_for_probabilities(logits):
    with pytest.raises(ValueError, match=r"outside 0 to 1; use softmax\(scores\)"):
        heatmap.reject(logits, 0.5)


def test_a_level_is_a_number():
    with pytest.raises(ValueError, match="level=nan"):
        heatmap.threshold(picture, float("nan"))


# law


@laws
@given(scores_of, temperatures)
def test_softmax_is_the_one_of_scipy(values, temperature):
    ours = heatmap.softmax(torch.from_numpy(values), temperature)
    np.testing.assert_allclose(ours.numpy(), special.softmax(values / temperature, 1), rtol=1e-10)


@laws
@given(scores_of)
def test_labels_are_the_first_of_the_best(values):
    scores = torch.from_numpy(values)
    labels = heatmap.label_map(scores)
    assert labels.dtype == torch.int64
    np.testing.assert_array_equal(labels.numpy(), values.argmax(1))


@laws
@given(scores_of, temperatures)
def test_a_temperature_never_changes_the_labels(values, temperature):
    scores = torch.from_numpy(values)
    warm = heatmap.softmax(scores, temperature)
    assert torch.equal(heatmap.label_map(warm), heatmap.label_map(scores))


@laws
@given(scores_of)
def test_a_higher_temperature_is_less_sure(values):
    scores = torch.from_numpy(values)
    cool, warm = (heatmap.softmax(scores, t).amax(1) for t in (0.5, 2))
    assert (cool >= warm - 1e-12).all()


@laws
@given(scores_of, levels)
def test_rejection_pixel_by_pixel(values, level):
    share = heatmap.softmax(torch.from_numpy(values))
    theirs = pixelwise(share, lambda p: p.index(max(p)) if max(p) >= level else 7)
    assert torch.equal(heatmap.reject(share, level, ignore=7), theirs)


@laws
@given(scores_of, levels)
def test_what_is_kept_is_what_label_map_says_and_what_threshold_lets_through(values, level):
    share = heatmap.softmax(torch.from_numpy(values))
    kept = heatmap.reject(share, level)
    over = heatmap.threshold(share, level)
    assert torch.equal(kept != 255, over.any(1))
    labels = heatmap.label_map(share)
    assert torch.equal(kept[kept != 255], labels[kept != 255])


@laws
@given(scores_of)
def test_above_one_half_at_most_one_class_and_at_one_over_k_nothing_is_lost(values):
    share = heatmap.softmax(torch.from_numpy(values))
    assert (heatmap.threshold(share, 0.5000001).sum(1) <= 1).all()
    assert (heatmap.reject(share, 1 / values.shape[1] - 1e-9) != 255).all()


def test_where_a_score_is_nan_there_is_no_label():
    scores = torch.rand(1, 3, 2, 2)
    scores[0, 1, 0, 1] = torch.nan
    assert heatmap.label_map(scores)[0, 0, 1] == 255
    assert heatmap.label_map(scores, ignore=9)[0, 0, 1] == 9
    assert (heatmap.label_map(scores) == 255).sum() == 1
    share = heatmap.softmax(scores)
    assert (heatmap.reject(share, 0) == 255).tolist() == [[[False, True], [False, False]]]
    assert not heatmap.threshold(scores, -1)[0, 1, 0, 1]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_extreme_scores_and_temperatures_stay_probabilities(dtype):
    scores = torch.tensor([-3e4, 3e4, 2.9e4], dtype=dtype).view(1, 3, 1, 1)
    for temperature in (1e-30, 1.0, 1e30):
        share = heatmap.softmax(scores, temperature)
        assert share.dtype == dtype
        assert share.sum(1).item() == pytest.approx(1, abs=0.01)
    assert heatmap.label_map(heatmap.softmax(scores, 1e-30)).item() == 1


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
def test_ties_and_nan_are_the_same_on_cuda():
    scores = torch.randint(-2, 3, (2, 6, 33, 35)).float()
    scores[0, 2, 5, 5] = torch.nan
    there = scores.cuda()
    assert torch.equal(heatmap.label_map(there).cpu(), heatmap.label_map(scores))
    share = heatmap.softmax(there)
    assert share.device == there.device
    assert torch.equal(
        heatmap.reject(share, 0.4).cpu(), heatmap.reject(heatmap.softmax(scores), 0.4)
    )


# gradient


def test_the_gradient_of_the_softmax_is_right():
    scores = torch.randn(1, 3, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: heatmap.softmax(x, 0.7), scores)


def test_inputs_are_left_as_they_were():
    scores = torch.rand(1, 3, 4, 4)
    before = scores.clone()
    heatmap.softmax(scores).mul_(0)
    heatmap.label_map(scores).mul_(0)
    heatmap.reject(scores, 0.5).mul_(0)
    assert torch.equal(scores, before)


def test_a_hole_has_no_label_when_asked_for():
    scores = torch.tensor([[0.0, 1.0, -2.0, torch.nan], [0.0, 0.0, -2.0, 0.0]]).view(1, 2, 1, 4)
    assert heatmap.label_map(scores).tolist() == [[[0, 0, 0, NO_LABEL]]]
    assert heatmap.label_map(scores, holes=True).tolist() == [[[NO_LABEL, 0, NO_LABEL, NO_LABEL]]]


@laws
@given(scores_of, st.floats(0, 1))
def test_the_rules_differ_only_where_not_one_class_reaches_the_level(values, level):
    share = heatmap.softmax(torch.from_numpy(values))
    argmax, threshold, reject = (heatmap.decide(share, rule, level) for rule in heatmap.RULES)
    reached = (share >= level).sum(1)
    assert torch.equal(argmax, heatmap.label_map(share))
    assert torch.equal(reject, heatmap.reject(share, level))
    assert torch.equal(threshold[reached == 1], argmax[reached == 1])
    assert (threshold[reached > 1] == values.shape[1]).all()
    assert (threshold[reached == 0] == NO_LABEL).all()
    own = heatmap.decide(share, "threshold", level, several=40, ignore=41)
    assert torch.equal(own == 40, reached > 1)
    assert torch.equal(own == 41, reached == 0)


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="rule='vote' is unknown; use one of 'argmax', 'thresh"):
        heatmap.decide(torch.zeros(1, 2, 1, 1), "vote")


# at_pixels

plain = ReceptiveField((3, 3), (4, 4), (0, 0), (1.5, 1.5))


def test_a_label_map_with_cells_from_the_corner_on_is_repeated():
    labels = torch.randint(7, (2, 3, 4))
    repeated = labels.repeat_interleave(4, 1).repeat_interleave(4, 2)
    assert torch.equal(heatmap.at_pixels(labels, plain, (12, 16)), repeated)
    assert torch.equal(heatmap.at_pixels(labels, plain, (11, 9)), repeated[:, :11, :9])


@pytest.mark.parametrize("origin", [(0.0, 0.0), (1.0, 2.5), (7.0, 5.0), (-2.0, 3.5)])
@pytest.mark.parametrize("stride", [(1, 1), (3, 2), (4, 4)])
def test_each_pixel_has_the_label_of_the_unit_whose_cell_it_lies_in(origin, stride):
    field = ReceptiveField((9, 9), stride, (0, 0), origin)
    labels = torch.arange(12).view(1, 3, 4)
    placed = heatmap.at_pixels(labels, field, (17, 19), ignore=99)
    for row, column in np.ndindex(17, 19):
        u, v = field.unit_at((row, column))
        there = 0 <= u < 3 and 0 <= v < 4
        assert int(placed[0, row, column]) == (int(labels[0, u, v]) if there else 99)


def test_at_pixels_takes_label_maps():
    with pytest.raises(ValueError, match=r"labels has shape \[2, 3\]; use \[B, h, w\]"):
        heatmap.at_pixels(torch.zeros(2, 3).long(), plain, (8, 8))
