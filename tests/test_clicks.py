"""Clicks to masks: labelled pixels, methods against brute force, the simulated clicker."""

from itertools import product

import numpy as np
import pytest
import torch

from seglab.images import masks, photos, scenes
from seglab.ops import clicks, cluster
from seglab.stroke import Stroke

NONE = 255


def picture(seed, height=6, width=6):
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def marked(height=6, width=6, objects=((2, 2),), ground=()):
    labels = torch.full((1, height, width), NONE)
    for row, column in objects:
        labels[0, row, column] = 1
    for row, column in ground:
        labels[0, row, column] = 0
    return labels


# Labelled pixels


def test_a_point_is_a_disc_and_later_marks_lie_over_earlier_ones():
    strokes = [
        Stroke("point", "object", ((5, 5),)),
        Stroke("point", "background", ((5, 8),)),
    ]
    (labels,) = clicks.seeds(strokes, (11, 14), radius=2)
    rows, columns = np.mgrid[:11, :14]
    first = (rows - 5) ** 2 + (columns - 5) ** 2 <= 4
    second = (rows - 5) ** 2 + (columns - 8) ** 2 <= 4
    expected = np.select([second, first], [0, 1], NONE)
    assert (labels.numpy() == expected).all()
    assert (first & second).any()


def test_a_line_labels_every_pixel_on_its_way():
    (labels,) = clicks.seeds([Stroke("line", "object", ((1, 1), (1, 6), (4, 6)))], (7, 8), radius=0)
    assert labels.eq(1).nonzero().tolist() == [[1, c] for c in range(1, 7)] + [
        [r, 6] for r in (2, 3, 4)
    ]
    assert labels[labels != 1].eq(NONE).all()


def test_a_box_says_what_lies_outside():
    (labels,) = clicks.seeds([Stroke("box", "object", ((20, 30), (3, 5)))], (32, 40))
    inside = torch.zeros(32, 40, dtype=torch.bool)
    inside[3:21, 5:31] = True
    assert labels[~inside].eq(0).all()
    assert labels[inside].ne(0).all()
    assert labels[11, 17] == 1
    (labels,) = clicks.seeds([Stroke("box", "background", ((3, 5), (20, 30)))], (32, 40))
    assert labels[inside].eq(0).all()
    assert labels[~inside].eq(NONE).all()


def test_strokes_that_mean_nothing_are_refused():
    with pytest.raises(ValueError, match="label='cat' must be one of background, object"):
        clicks.seeds([Stroke("point", "cat", ((1, 1),))], (4, 4))
    with pytest.raises(ValueError, match="tool='star' must be"):
        clicks.seeds([Stroke("star", "object", ((1, 1),))], (4, 4))


def test_the_border_is_background_where_nobody_says_anything():
    framed = clicks.framed(marked(objects=((2, 2), (0, 3))))
    assert framed[0, 0, 3] == 1
    assert (framed == 0).sum() == 4 * 6 - 4 - 1
    assert framed[0, 1:-1, 1:-1].eq(NONE).sum() == 15


# The methods


def tolerances(distance, start):
    """The least greatest distance on any path from start, by relaxing until nothing changes."""
    height, width = distance.shape
    best = np.where(start, 0.0, np.inf)
    for _ in range(height * width):
        before = best.copy()
        for row, column in product(range(height), range(width)):
            around = best[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2].min()
            cost = 0.0 if start[row, column] else distance[row, column]
            best[row, column] = min(best[row, column], max(around, cost))
        if (best == before).all():
            return best
    raise AssertionError


@pytest.mark.parametrize("seed", range(6))
def test_regions_compete_by_their_tolerance(seed):
    image = picture(seed)
    labels = marked(objects=((2, 2), (2, 3)), ground=((4, 4),))
    share = clicks.compete(image, labels)[0, 0].numpy()
    colours = cluster.cielab(image, exact=True)[0].numpy().astype(float)
    framed = clicks.framed(labels)[0].numpy()
    border = np.ones((6, 6), bool)
    border[1:-1, 1:-1] = False
    inner = np.zeros((6, 6), bool)
    inner[4, 4] = True  # touches the border's ring at no corner but (5, 5): one group with it
    groups = {1: [framed == 1], 0: [border | inner]}
    reach = {}
    for label, starts in groups.items():
        found = []
        for start in starts:
            mean = colours[:, start].mean(1)
            found.append(tolerances(np.linalg.norm(colours - mean[:, None, None], axis=0), start))
        reach[label] = np.min(found, axis=0)
    free = framed == NONE
    assert ((share > 0.5) == (reach[1] < reach[0]))[free].all()
    assert share[free] == pytest.approx((reach[0] / (reach[0] + reach[1]))[free], abs=1e-4)
    assert (share[framed == 1] == 1).all()
    assert (share[framed == 0] == 0).all()


def test_on_one_colour_a_random_walk_is_harmonic():
    image = torch.full((1, 3, 12, 9), 0.5)
    labels = marked(12, 9, objects=((5, 4), (6, 4)))
    (share,) = clicks.random_walk(image, labels)[0].numpy()
    free = clicks.framed(labels)[0].numpy() == NONE
    mean = (np.roll(share, 1, 0) + np.roll(share, -1, 0) + np.roll(share, 1, 1)) / 4
    mean += np.roll(share, -1, 1) / 4
    assert share[free] == pytest.approx(mean[free], abs=1e-4)
    assert share[5, 4] == 1
    assert share[0].max() == 0


def test_a_walk_seldom_crosses_an_edge():
    image = torch.zeros(1, 3, 20, 20)
    image[..., 5:15, 5:15] = 1
    labels = marked(20, 20, objects=((7, 7),))
    inside = torch.zeros(1, 20, 20, dtype=torch.bool)
    inside[:, 5:15, 5:15] = True
    assert torch.equal(clicks.random_walk(image, labels)[:, 0] > 0.5, inside)
    assert torch.equal(clicks.min_cut(image, labels, 4.0), inside)
    assert torch.equal(clicks.compete(image, labels)[:, 0] > 0.5, inside)


def cost(masks, down, across):
    """The cost of the border of each mask, bool [N, H, W]."""
    vertical = ((masks[:, 1:] != masks[:, :-1]) * down).sum((1, 2))
    return vertical + ((masks[:, :, 1:] != masks[:, :, :-1]) * across).sum((1, 2))


@pytest.mark.parametrize("seed", range(8))
def test_no_mask_costs_less_than_the_min_cut(seed):
    image = picture(seed)
    labels = marked(objects=((2, 2),), ground=((3, 4),))
    mask = clicks.min_cut(image, labels, contrast=1.0)
    down, across = (plane[0].numpy() for plane in clicks.neighbour_costs(image, 1.0))
    free = [(r, c) for r, c in product(range(1, 5), repeat=2) if (r, c) not in ((2, 2), (3, 4))]
    bits = (np.arange(2 ** len(free))[:, None] >> np.arange(len(free))) & 1
    every = np.zeros((len(bits), 6, 6), bool)
    every[:, 2, 2] = True
    for place, (row, column) in enumerate(free):
        every[:, row, column] = bits[:, place]
    costs = cost(every, down, across)
    assert cost(mask.numpy(), down, across)[0] == costs.min()
    assert int(mask.sum()) == every[costs == costs.min()].sum((1, 2)).min()


def test_a_cut_costs_what_the_formula_says():
    image = picture(3, 4, 5)
    down, across = clicks.neighbour_costs(image, 2.0)
    x = image[0].double().numpy()
    apart = ((x[:, 1:] - x[:, :-1]) ** 2).sum(0), ((x[:, :, 1:] - x[:, :, :-1]) ** 2).sum(0)
    mean = np.concatenate([part.ravel() for part in apart]).mean()
    for given, d in zip((down, across), apart, strict=True):
        expected = np.maximum(1, np.round(1000 * np.exp(-2.0 * d / (2 * mean))))
        assert np.abs(given[0].numpy() - expected).max() <= 1  # rounding of float32


@pytest.mark.parametrize("method", [clicks.compete, clicks.random_walk, clicks.min_cut])
def test_without_a_click_on_it_there_is_no_object(method):
    answer = method(picture(0), marked(objects=()))
    assert not answer.any()
    everything = torch.ones(1, 6, 6, dtype=torch.long)
    assert (method(picture(0), everything) == 1).all()


def test_parameters_below_zero_are_refused():
    with pytest.raises(ValueError, match="beta=-1 must be 0 or more"):
        clicks.random_walk(picture(0), marked(), beta=-1)
    with pytest.raises(ValueError, match="contrast=-1 must be 0 or more"):
        clicks.min_cut(picture(0), marked(), contrast=-1)


# The simulated clicker


@pytest.mark.parametrize("seed", range(5))
def test_the_next_click_lies_deepest_in_an_error(seed):
    random = np.random.default_rng(seed)
    truth, mask = (torch.from_numpy(random.random((1, 9, 8)) < 0.6) for _ in range(2))
    click = clicks.next_click(mask, truth)
    depths = {}
    for label, wrong in ((1, truth & ~mask), (0, mask & ~truth)):
        padded = np.pad(wrong[0].numpy(), 1)
        outside = np.argwhere(~padded) - 1
        for place in np.argwhere(padded) - 1:
            depths[tuple(place), label] = np.linalg.norm(outside - place, axis=1).min()
    assert depths[click.at, click.label] == pytest.approx(max(depths.values()))
    assert click.depth == pytest.approx(max(depths.values()))


def test_there_is_no_click_where_nothing_is_wrong():
    mask = torch.zeros(1, 5, 5, dtype=torch.bool)
    assert clicks.next_click(mask, mask) is None
    truth = mask.clone()
    truth[0, 2, 2] = True
    labelled = marked(5, 5, objects=((2, 2),))
    assert clicks.next_click(mask, truth).at == (2, 2)
    assert clicks.next_click(mask, truth, labelled) is None


def test_a_course_stops_when_all_is_right_and_never_labels_a_pixel_wrongly():
    truth = scenes.make(4).instances == 3

    def answer(labelled):
        return clicks.random_walk(scenes.make(4).image, labelled)[:, 0] > 0.5

    course = clicks.course(answer, truth, 4)
    assert len(course.masks) == len(course.ious) == len(course.clicks) + 1 == 5
    assert course.ious[0] == 0
    for labels, mask, iou in zip(course.seeds, course.masks, course.ious, strict=True):
        told = labels != NONE
        assert torch.equal(labels[told] == 1, truth[told])
        assert iou == pytest.approx(float((mask & truth).sum() / (mask | truth).sum()))
    told = clicks.course(lambda labelled: truth, truth, 4)
    assert told.clicks == ()
    assert told.ious == (1.0,)


def test_clicks_are_counted_until_the_goal():
    ious = (0.0, 0.5, 0.86, 0.8, 0.91)
    assert clicks.number_of_clicks(ious, 0.85) == 2
    assert clicks.number_of_clicks(ious, 0.9) == 4
    assert clicks.number_of_clicks(ious, 0.95) == 20
    assert clicks.number_of_clicks(ious, 0.9, most=3) == 3


# A mask as a file


def test_a_mask_is_the_same_when_it_is_read_back(tmp_path):
    mask = photos.load("coins", size=32)[:, 0] > 0.5
    path = masks.save(mask, tmp_path / "mask.png")
    assert torch.equal(masks.load(path), mask)
    large = masks.save(mask[0], tmp_path / "large.PNG", size=(64, 96))
    assert masks.load(large).shape == (1, 64, 96)
    assert torch.equal(masks.load(large, size=(32, 32)), mask)


def test_what_is_no_mask_is_refused(tmp_path):
    mask = torch.zeros(1, 4, 4, dtype=torch.bool)
    with pytest.raises(TypeError, match=r"mask is torch\.float32; give bool"):
        masks.save(mask.float(), tmp_path / "m.png")
    with pytest.raises(ValueError, match="give one, "):
        masks.save(mask.expand(2, 4, 4), tmp_path / "m.png")
    with pytest.raises(ValueError, match=r"does not end in \.png"):
        masks.save(mask, tmp_path / "m.jpg")
    with pytest.raises(ValueError, match="cannot be read as a picture"):
        masks.load(tmp_path / "none.png")
