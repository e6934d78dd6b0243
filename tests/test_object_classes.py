"""Objects class by class, and boxes around them; the oracles are loops and torchvision."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seglab.ops import instances
from seglab.types import NO_LABEL

laws = settings(deadline=None, derandomize=True, max_examples=30)
sides, seeds = st.integers(1, 9), st.integers(0, 999)


def drawn(height, width, most, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(most + 1, (1, height, width), generator=generator)


@laws
@given(sides, sides, seeds)
def test_components_of_each_class_alone_are_components_of_labels(height, width, seed):
    labels = drawn(height, width, 3, seed)
    labels[labels == 3] = NO_LABEL
    assert instances.per_class(labels, instances.components).equal(instances.components(labels))


def test_touching_objects_of_two_classes_are_two_and_each_picture_has_its_own():
    labels = torch.tensor([[[1, 1, 2, 2, 0, NO_LABEL]], [[2, 2, 2, 2, 2, 2]]])
    found = instances.per_class(labels, instances.distance_watershed)
    assert found.tolist() == [[[1, 1, 2, 2, 0, 0]], [[1] * 6]]
    assert not instances.per_class(labels * 0, instances.components).any()


@laws
@given(sides, sides, seeds)
def test_the_majority_label_is_that_of_most_pixels(height, width, seed):
    found, labels = drawn(height, width, 4, seed), drawn(height, width, 5, seed + 1)
    expected = [
        int(labels[found == number].bincount().argmax()) for number in instances.ids(found).tolist()
    ]
    assert instances.majority_labels(found, labels).tolist() == expected


@laws
@given(sides, sides, seeds)
def test_what_is_spread_over_objects_is_read_back(height, width, seed):
    found, ground = drawn(height, width, 4, seed), drawn(height, width, 3, seed + 1)
    values = torch.arange(len(instances.ids(found))) * 7 + 50
    spread = instances.spread(values, found, ground)
    assert torch.equal(spread[found == 0], ground[found == 0])
    assert torch.equal(instances.majority_labels(found, spread), values)


@laws
@given(st.integers(2, 9), st.integers(2, 9), seeds)
def test_boxes_of_masks_are_torchvisions_and_those_of_instances(height, width, seed):
    from torchvision.ops import masks_to_boxes

    found = drawn(height, width, 4, seed)
    masks = found == instances.ids(found)[:, None, None]
    theirs = masks_to_boxes(masks)[:, [1, 0, 3, 2]] + torch.tensor([-0.5, -0.5, 0.5, 0.5])
    assert torch.equal(instances.mask_boxes(masks), theirs)
    assert torch.equal(instances.boxes(found) - 0.5, theirs)


def test_rows_stand_first_and_an_empty_mask_has_a_box_of_no_size():
    masks = torch.zeros(3, 8, 9, dtype=torch.bool)
    masks[0, 2:5, 3:4] = True
    masks[1, 7, 8] = True
    found = instances.mask_boxes(masks)
    assert found.tolist() == [[1.5, 2.5, 4.5, 3.5], [6.5, 7.5, 7.5, 8.5], [-0.5] * 4]
    assert instances.mask_boxes(masks[:0]).shape == (0, 4)


def test_the_nearest_box_is_the_first_that_holds_the_point():
    boxes = torch.tensor([[10.0, 10, 20, 20], [12, 12, 15, 15], [60, 50, 70, 55]])
    assert instances.nearest_box(boxes, (14, 14)) == 0
    assert instances.nearest_box(boxes, (65, 90)) == 2
    assert instances.nearest_box(boxes, (30, 21)) == 0
    assert instances.nearest_box(boxes[:0], (0, 0)) is None


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: instances.majority_labels(m, m[:, :1]), ValueError, r"labels has shape \[1, 1"),
        (lambda m: instances.spread(m[0, 0], m, m), ValueError, "for 1 objects; give one for each"),
        (lambda m: instances.spread(m[0, 0, :1], m, m[0]), ValueError, "elsewhere has shape"),
        (lambda m: instances.mask_boxes(m), TypeError, "masks is torch.int64; use bool"),
        (lambda m: instances.mask_boxes(m[0] > 0), ValueError, r"masks has shape \[2, 3\]"),
        (lambda m: instances.per_class(m.float(), instances.components), TypeError, "labels is"),
    ],
)
def test_maps_that_do_not_fit_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(torch.ones(1, 2, 3).long())
