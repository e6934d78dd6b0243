"""The oracles are scipy's binary morphology, and windows searched one pixel after the other."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from seglab.ops import morphology

laws = settings(deadline=None, derandomize=True, max_examples=40)
shapes = st.tuples(st.integers(1, 8), st.integers(1, 9))
maps = shapes.flatmap(lambda s: arrays.arrays(np.int64, s, elements=st.integers(0, 3)))
masks = shapes.flatmap(lambda s: arrays.arrays(np.bool_, s))
steps = st.integers(1, 4)
square = np.ones((3, 3), bool)

drawn = torch.tensor(
    [
        [0, 0, 0, 0, 0, 0],
        [0, 2, 2, 2, 0, 0],
        [0, 2, 2, 2, 1, 0],
        [0, 2, 2, 2, 1, 0],
        [0, 0, 0, 0, 0, 0],
    ]
)

# smoke


def test_a_small_example_by_hand():
    assert morphology.erode(drawn, 1).nonzero().tolist() == [[2, 2]]
    grown = morphology.dilate(drawn, 1)
    assert grown[0].tolist() == [2, 2, 2, 2, 2, 0]
    assert grown[4].tolist() == [2, 2, 2, 2, 2, 1]  # where both arrive, the larger number
    assert morphology.shift(drawn, (1, -2))[2].tolist() == [2, 2, 0, 0, 0, 0]
    assert morphology.shift(drawn, (-4, 0), fill=7)[1:].unique().tolist() == [7]
    assert morphology.disc((3, 4), (0, 1), 1.0).tolist() == [
        [True, True, True, False],
        [False, True, False, False],
        [False, False, False, False],
    ]


# exception


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: morphology.erode(drawn, -1), "steps=-1 is too small; use at least 0"),
        (lambda: morphology.dilate(drawn, -1), "steps=-1 is too small"),
        (lambda: morphology.edge(drawn, 0), "steps=0 is too small; use at least 1"),
        (lambda: morphology.edge(drawn[0], 1), r"labels has shape \[6\]"),
        (lambda: morphology.erode(drawn[:0], 1), r"labels has shape \[0, 6\]"),
        (lambda: morphology.shift(drawn, (1, 2, 3)), r"by=\(1, 2, 3\) must be a pair"),
        (lambda: morphology.shift(drawn, 3), "by=3 must be a pair"),
    ],
)
def test_values_that_cannot_be(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: morphology.erode(drawn.float(), 1), r"labels is torch\.float32.*labels\.long"),
        (lambda: morphology.dilate(drawn.numpy(), 1), "labels is ndarray"),
        (lambda: morphology.edge(drawn, 1.0), r"steps=1\.0 must be a whole number"),
    ],
)
def test_types_that_cannot_be(call, message):
    with pytest.raises(TypeError, match=message):
        call()


# law


@laws
@given(maps, steps)
def test_an_edge_is_where_the_window_shows_something_else(labels, n):
    padded = np.pad(labels, n, constant_values=-1)
    theirs = [
        [(padded[y : y + 2 * n + 1, x : x + 2 * n + 1] != here).any() for x, here in enumerate(row)]
        for y, row in enumerate(labels)
    ]
    assert morphology.edge(torch.from_numpy(labels), n).tolist() == np.array(theirs).tolist()


@laws
@given(maps, steps)
def test_without_the_border_an_edge_is_between_two_labels_of_the_map(labels, n):
    theirs = [
        [
            (labels[max(0, y - n) : y + n + 1, max(0, x - n) : x + n + 1] != here).any()
            for x, here in enumerate(row)
        ]
        for y, row in enumerate(labels)
    ]
    ours = morphology.edge(torch.from_numpy(labels), n, border=False)
    assert ours.tolist() == np.array(theirs).tolist()


@laws
@given(masks, steps)
def test_a_mask_erodes_and_dilates_as_in_scipy(mask, n):
    ours = torch.from_numpy(mask)
    eroded = ndimage.binary_erosion(mask, square, n)
    dilated = ndimage.binary_dilation(mask, square, n)
    np.testing.assert_array_equal(morphology.erode(ours, n).numpy(), eroded)
    np.testing.assert_array_equal(morphology.dilate(ours, n).numpy(), dilated)


@laws
@given(maps, steps)
def test_labels_erode_each_by_itself(labels, n):
    ours = morphology.erode(torch.from_numpy(labels), n).numpy()
    for label in (1, 2, 3):
        np.testing.assert_array_equal(
            ours == label, ndimage.binary_erosion(labels == label, square, n)
        )


@laws
@given(maps, steps)
def test_labels_grow_over_nothing_only_and_to_the_nearest(labels, n):
    ours = morphology.dilate(torch.from_numpy(labels), n).numpy()
    np.testing.assert_array_equal(ours[labels > 0], labels[labels > 0])
    np.testing.assert_array_equal(ours > 0, ndimage.binary_dilation(labels > 0, square, n))
    if not labels.any():
        return
    away = {k: _distance(labels == k) for k in (1, 2, 3)}
    nearest = np.minimum.reduce(list(away.values()))
    for k, distance in away.items():
        assert (distance[ours == k] == nearest[ours == k]).all()


def _distance(mask):
    if not mask.any():
        return np.full(mask.shape, 99)
    return ndimage.distance_transform_cdt(~mask, metric="chessboard")


@laws
@given(maps, st.integers(-10, 10), st.integers(-10, 10))
def test_a_shift_is_a_crop_of_a_padded_map(labels, down, right):
    rows, columns = labels.shape
    padded = np.pad(labels, 10, constant_values=5)
    theirs = padded[10 - down : 10 - down + rows, 10 - right : 10 - right + columns]
    ours = morphology.shift(torch.from_numpy(labels), (down, right), fill=5)
    np.testing.assert_array_equal(ours.numpy(), theirs)


@pytest.mark.parametrize("dtype", [torch.bool, torch.uint8, torch.int32, torch.int64])
def test_dtype_shape_and_input_stay(dtype):
    labels = drawn.expand(2, 3, 5, 6).to(dtype)
    before = labels.clone()
    for op in (
        lambda x: morphology.erode(x, 1),
        lambda x: morphology.erode(x, 0),
        lambda x: morphology.dilate(x, 1),
        lambda x: morphology.dilate(x, 0),
        lambda x: morphology.shift(x, (0, 0)),
    ):
        out = op(labels)
        assert (out.dtype, out.shape) == (dtype, labels.shape)
        assert torch.equal(out[0, 0], out[1, 2])
        out.zero_()
        assert torch.equal(labels, before)


def test_large_numbers_stay_exact():
    ids = torch.zeros(1, 3, dtype=torch.int64)
    ids[0, 1] = 2**40 + 1
    assert morphology.dilate(ids, 1).unique().tolist() == [2**40 + 1]


def test_edges_that_agree_differ_or_stand_alone_are_told_apart():
    labels = torch.tensor([[1, 1, 0, 0, 0, 0, 0]])
    truth = torch.tensor([[1, 1, 1, 0, 0, 2, 2]])
    inner = morphology.compare_edges(
        *(
            torch.nn.functional.pad(m[None], (0, 0, 3, 3), mode="replicate")[0]
            for m in (labels, truth)
        ),
        1,
    )[3]
    #        1|1   1|1  0|1  0|0  0|0  0|2  0|2(border)
    # labels:      edge edge           -    border
    assert inner.tolist() == [0, 1, 2, 2, 2, 2, 2]


def test_edges_of_one_map_agree_with_themselves():
    labels = torch.randint(3, (1, 12, 12), generator=torch.Generator().manual_seed(0))
    both = morphology.compare_edges(labels, labels, 2)
    assert torch.equal(both == 0, morphology.edge(labels, 2))
    assert set(both.unique().tolist()) <= {0, 255}


def test_edges_are_compared_with_and_without_the_border():
    labels, truth = torch.zeros(1, 9, 9).long(), torch.zeros(1, 9, 9).long()
    truth[0, 3:6, 3:6] = 1
    assert morphology.compare_edges(labels, truth, 1)[0, 0].tolist() == [0] * 9
    free = morphology.compare_edges(labels, truth, 1, border=False)
    assert free[0, 0].tolist() == [255] * 9
    assert torch.equal(free == 2, morphology.edge(truth, 1, border=False))


def test_edges_of_two_sizes_are_refused():
    with pytest.raises(ValueError, match=r"labels has shape \[2, 2\] and truth \[3, 2\]"):
        morphology.compare_edges(torch.zeros(2, 2), torch.zeros(3, 2), 1)


def test_bright_objects_are_found_on_uneven_ground():
    ground = torch.linspace(0, 1, 60).clamp(max=0.5).expand(1, 3, 40, 60)
    objects = torch.zeros(1, 40, 60, dtype=torch.bool)
    objects[0, 5:12, 2:11] = objects[0, 20:30, 42:54] = True
    image = ground + 0.3 * objects[:, None]
    assert float(ground.max()) > float(image[0, 0, 5:12, 2:11].max())  # no threshold of its own
    assert torch.equal(morphology.bright_objects(image, 15), objects)
