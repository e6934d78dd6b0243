"""k-means step by step in lab 01: centers, costs and groups against scikit-learn and SciPy."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from seglab.draw import palettes
from seglab.draw.shapes import Dot, Handle, Label, Thumbnail
from seglab.lessons.grouping_pixels import END, LAB, MOVES
from seglab.ops import cluster

STATES = ({}, {"photo": "coins", "k": 3}, {"photo": "mosaic", "texture": 1, "k": 4})
PANE = "colours and centers"


def few(run):
    return run.values["look_and_place"][0, :, ::4, ::4].flatten(1).T.double().numpy()


def shapes(run, kind):
    return [shape for shape in run.panes[PANE].shapes if isinstance(shape, kind)]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_the_centers_are_where_scikit_learn_moves_them(state):
    run = LAB.at(**state)
    centers = run.values["path"]().centers.double().numpy()
    for steps in (1, 2, 5):
        theirs = KMeans(len(centers[0]), init=centers[0], n_init=1, max_iter=steps, tol=0)
        assert theirs.fit(few(run)).cluster_centers_ == pytest.approx(centers[steps], abs=1e-2)


@pytest.mark.parametrize("state", STATES, ids=str)
def test_the_knob_stands_at_the_costs_and_they_fall(state):
    run = LAB.at(**state)
    path = run.values["path"]()
    costs = [cdist(few(run), at.double()).min(1).__pow__(2).mean() for at in path.centers]
    assert path.costs == pytest.approx(costs, rel=1e-4)
    assert all(one >= other for one, other in pairwise(costs))
    (knob,) = shapes(run, Handle)
    last = len(costs) - 1
    assert knob.now == END
    assert knob.says == f"{last} steps, J {costs[-1]:.1f} per pixel"
    values = [value for _, _, value in knob.stops]
    assert values == [n for n in MOVES if n < last] + [END]
    drawn = np.array([1 - y for _, y, _ in knob.stops])
    at = np.array([costs[min(value, last)] for value in values])
    assert drawn / drawn[0] == pytest.approx(at / at[0], rel=1e-4)
    told = LAB.at(**state, moves=2).panes[PANE].shapes
    assert f"{costs[2]:.1f}" in [s.text for s in told if isinstance(s, Label) and s.bold]


@pytest.mark.parametrize("state", STATES[:2], ids=str)
@pytest.mark.parametrize("moves", [0, 2])
def test_after_some_steps_a_pixel_is_with_its_nearest_center(state, moves):
    run = LAB.at(**state, moves=moves)
    path = run.values["path"]()
    pixels = run.values["look_and_place"][0].flatten(1).T.double().numpy()
    away = cdist(pixels, path.centers[moves].double())
    order = path.centers[-1][:, 0].argsort().tolist()  # the darkest at the end is segment 0
    said = run.values["labels"].flatten().numpy()
    chosen = away[np.arange(len(pixels)), np.array(order)[said]]
    assert chosen == pytest.approx(away.min(1), abs=1e-2)


def test_at_the_end_it_is_kmeans_over_all_pixels():
    run = LAB.at(k=4)
    alone = cluster.kmeans(run.values["look"], 4, starts=5)
    assert run.values["labels"].equal(alone)
    assert LAB.at(k=4, moves=20).values["labels"].equal(alone)  # it had stopped before
    almost = LAB.at(k=4, moves=8).values["labels"]
    assert float((almost == alone).float().mean()) > 0.99


def test_the_cloud_has_the_colour_of_most_pixels_in_each_cell():
    run = LAB.at(k=3, moves=1)
    light, _, blue_yellow = run.values["measured"].colour[0, :, ::4, ::4].flatten(1).double()
    left = math.floor(float(run.values["measured"].colour[:, 2].min()) / 10) * 10
    right = math.ceil(float(run.values["measured"].colour[:, 2].max()) / 10) * 10
    (thumbnail,) = shapes(run, Thumbnail)
    codes = thumbnail.picture.array
    rows, columns = codes.shape
    cells = {}
    for one, other, label in zip(
        light.tolist(), blue_yellow.tolist(), run.values["labels"][0, ::4, ::4].flatten().tolist(),
        strict=True,
    ):  # fmt: skip
        row = min(int((1 - one / 100) * rows), rows - 1)
        column = min(int((other - left) / (right - left) * columns), columns - 1)
        cells.setdefault((row, column), Counter())[label] += 1
    wrong = [at for at, votes in cells.items() if votes[int(codes[at])] < max(votes.values())]
    assert len(wrong) < 0.02 * len(cells)  # at the edge of a cell, rounding may decide
    assert abs(int((codes != palettes.NO_VALUE).sum()) - len(cells)) < 0.02 * len(cells)


def test_each_center_stands_at_its_colour_in_the_colour_of_its_segment():
    run = LAB.at(moves=3)
    lab = run.values["measured"].colour[:, 2]
    left, right = (math.floor(float(lab.min()) / 10) * 10, math.ceil(float(lab.max()) / 10) * 10)
    dots = [dot for dot in shapes(run, Dot) if dot.says.startswith("center")]
    centers = run.values["path"]().centers
    order = centers[-1][:, 0].argsort().argsort().tolist()
    for k, dot in enumerate(dots):
        light, _, blue_yellow = centers[3, k].tolist()
        assert (1 - dot.y) * 100 == pytest.approx(light, abs=1e-3)
        assert left + dot.x * (right - left) == pytest.approx(blue_yellow, abs=1e-3)
        assert dot.colour == tuple(palettes.labels(6)[order[k]].tolist())


def test_without_kmeans_there_are_no_centers_and_without_colour_neither():
    assert not shapes(LAB.at(first="SLIC", second="watershed"), Handle)
    assert not [d for d in shapes(LAB.at(colour=0, texture=1), Dot) if "center" in d.says]
    on_the_right = LAB.at(first="SLIC", second="k-means", moves=2)
    one, other = (
        [s.picture.array.tobytes() for s in shapes(run, Thumbnail)]
        for run in (on_the_right, LAB.at(moves=2))
    )
    assert one == other
    assert len(shapes(LAB.at(first="SLIC", second="SLIC"), Dot)) == 139


def test_equal_points_make_a_path_without_a_fall():
    path = cluster.kmeans_path(torch.zeros(1, 3, 8, 8), 4)
    assert path.centers.shape[1:] == (1, 3)
    assert path.costs == pytest.approx([0] * len(path.costs))


def test_a_path_is_that_of_one_picture():
    pair = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    path = cluster.kmeans_path(pair[:1], 2)
    for call in (
        lambda: cluster.kmeans_path(pair, 2),
        lambda: cluster.kmeans_after(pair, path, 1),
        lambda: cluster.kmeans(pair, 2, path=path),
    ):
        with pytest.raises(ValueError, match="features holds 2 pictures; give one"):
            call()
    assert cluster.kmeans(pair, 2).shape == (2, 8, 8)
