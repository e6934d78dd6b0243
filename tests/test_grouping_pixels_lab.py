"""Lab 01: what its controls do, and what it says of pictures without segments."""

import re

import numpy as np
import pytest
from helpers import own_photo
from skimage.color import rgb2lab

from seglab.draw import palettes
from seglab.lessons.grouping_pixels import LAB, SET_BY
from seglab.ops import cluster


def shown(run):
    return [picture.rgb().tobytes() for picture in run.panes.values()]


@pytest.mark.parametrize("method", SET_BY)
def test_the_controls_said_to_be_idle_are_and_the_others_are_not(method):
    run = LAB.at(photo="mosaic", first=method, second=method, place=0.5)
    before = shown(run)
    for name in set().union(*SET_BY.values()):
        values = LAB.controls[name].options
        moved = run.step(**{name: values[-1] if run.state[name] != values[-1] else values[0]})
        assert (shown(moved) == before) == (name in run.idle), name


def counting(monkeypatch, *names):
    """Calls of functions of cluster, as they happen."""
    calls = []
    for name in names:
        real = getattr(cluster, name)

        def counted(*given, _name=name, _real=real, **settings):
            calls.append(_name)
            return _real(*given, **settings)

        monkeypatch.setattr(cluster, name, counted)
    return calls


def test_a_method_that_is_not_on_the_screen_costs_nothing_and_one_that_comes_back_neither(
    monkeypatch,
):
    calls = counting(monkeypatch, "cut_superpixels")
    run = LAB.at(photo="coins", first="watershed", second="watershed")
    shown(run)
    assert calls == []
    for first in ("normalised cut", "watershed", "normalised cut"):
        run = run.step(first=first)
        shown(run)
    run.step(scale=3, second="k-means").values["labels"]
    assert calls == ["cut_superpixels"]


def test_the_other_method_is_the_same_stages_with_the_other_choice():
    run = LAB.at(photo="coins", first="SLIC", second="watershed")
    turned = LAB.at(photo="coins", first="watershed", second="SLIC")
    assert run.values["labels"].equal(turned.values["other_labels"])
    one, other = run.numbers["number of segments"].split(" | ")
    assert turned.numbers["number of segments"] == f"{other} | {one}"
    kept = run.values["labels"]
    assert run.step(second="Felzenszwalb").values["labels"] is kept


def flat(image, labels):
    """An image [H, W, 3] with every segment [H, W] in its mean colour, by NumPy."""
    out = np.empty_like(image)
    for one in np.unique(labels):
        out[labels == one] = image[labels == one].mean(0)
    return out


def outlined(image, labels):
    """An image [H, W, 3] with yellow where the segment ends on the right or below."""
    ends = np.zeros(labels.shape, bool)
    ends[:, :-1] |= np.diff(labels, axis=1) != 0
    ends[:-1] |= np.diff(labels, axis=0) != 0
    return np.where(ends[..., None], np.array([255, 255, 0]) / 255, image)


@pytest.mark.parametrize(("first", "second"), [("k-means", "SLIC"), ("SLIC", "watershed")])
def test_each_pane_shows_the_segments_of_the_method_that_it_names(first, second):
    run = LAB.at(photo="coins", first=first, second=second, segments=25)
    image = run.values["image"][0].permute(1, 2, 0).double().cpu().numpy()
    alone = [LAB.at(photo="coins", first=one, second=one, segments=25) for one in (first, second)]
    maps = [one.values["labels"][0].cpu().numpy() for one in alone]
    for (name, side), wanted, labels in zip(
        run.panes["mean colours"].parts, (first, second), maps, strict=True
    ):
        assert name == wanted
        assert np.abs(side.rgb() - flat(image, labels) * 255).max() <= 1
    for (name, side), wanted, one in zip(
        run.panes["segments"].parts, (first, second), alone, strict=True
    ):
        assert name == wanted
        assert (side.rgb() == one.panes["segments"].rgb()).all()
    shown = run.panes["outlines of the method"].rgb()
    assert np.abs(shown - outlined(image, maps[0]) * 255).max() <= 1


def test_every_pane_of_a_picture_of_one_colour():
    grey = own_photo(np.full((20, 30), 90, np.uint8))
    for method in SET_BY:
        run = LAB.at(photo=grey, first=method, second="k-means")
        flat = run.panes["mean colours"].rgb()
        assert np.ptp(flat.reshape(-1, 3), axis=0).max() <= 1
        assert "no variance" in run.numbers["variance between them"]
        assert run.numbers["number of segments"].split(" | ")[-1] == "1"


def test_without_any_weight_all_pixels_are_alike():
    run = LAB.at(first="k-means", second="mean shift", colour=0)
    assert run.numbers["number of segments"] == "1 | 1"
    assert run.numbers["graph"] == "1 node, 0 edges | 1 node, 0 edges"


def test_groups_have_their_colours_in_the_cloud():
    run = LAB.at(k=3)
    (figure,) = run.charts.values()
    picture = LAB.at(k=3, second="k-means").panes["segments"]
    colours = ["#{:02x}{:02x}{:02x}".format(*rgb) for rgb in picture.palette]
    assert [trace.marker.color for trace in figure.data] == colours
    assert sum(len(trace.x) for trace in figure.data) == 64 * 64


def test_of_many_segments_the_cloud_has_one_point_each():
    run = LAB.at(first="SLIC")
    (figure,) = run.charts.values()
    (trace,) = figure.data
    assert len(trace.x) == len(trace.marker.size) == int(run.values["labels"].max()) + 1


def test_the_best_labelling_is_counted_per_segment():
    from seglab.images import mosaics

    run = LAB.at(photo="mosaic", first="SLIC", second="SLIC", segments=25)
    truth, segments = mosaics.make().labels.cpu(), run.values["labels"].cpu()
    right = sum(
        int(truth[segments == one].bincount().max()) for one in range(int(segments.max()) + 1)
    )
    assert run.numbers["achievable accuracy (ASA)"] == f"{right / truth.numel():.1%}"


@pytest.mark.parametrize("photo", ["coins", "coffee"])
def test_a_center_is_told_by_the_number_and_the_mean_colour_of_its_segment(photo):
    run = LAB.at(photo=photo, k=5)
    lab = rgb2lab(run.values["image"][0].permute(1, 2, 0).double().cpu().numpy())
    labels = run.values["labels"][0].cpu().numpy()
    dots = [one for one in run.panes["colours and centers"].shapes if "center of" in one.says]
    told = {}
    for one in dots:
        number, light, yellow = re.findall(r"-?\d+(?!\*)", one.says)
        told[int(number)] = (float(light), float(yellow), one)
    assert sorted(told) == list(range(5))
    for number, (light, yellow, dot) in told.items():
        wanted = lab[labels == number].mean(0)
        assert light == pytest.approx(wanted[0], abs=2)
        assert yellow == pytest.approx(wanted[2], abs=2)
        assert dot.y == pytest.approx(1 - wanted[0] / 100, abs=0.02)
        assert dot.colour == palettes.rgb(number)


def test_felzenszwalbs_segments_are_one_piece_each_by_the_neighbours_that_it_joins():
    for scale in (3, 100):
        run = LAB.at(first="Felzenszwalb", second="Felzenszwalb", scale=scale)
        count = int(run.values["labels"].max()) + 1
        assert run.numbers["number of segments"] == str(count)
        assert len(cluster.region_graph(cluster.pieces(run.values["labels"])).sizes) > 2 * count


def test_segments_have_no_legend_and_are_named_under_the_pointer():
    picture = LAB.at(k=3, second="k-means").panes["segments"]
    assert picture.header()["listed"] == 0
    assert picture.names == ("segment 0", "segment 1", "segment 2")


def test_kmeans_takes_the_best_of_its_starts():
    look = LAB.at().values["look"]
    points = look[0, :, ::4, ::4].flatten(1).T
    tried = [cluster.kmeans_points(points, 2, seed=seed).inertia for seed in range(5)]
    best = tried.index(min(tried))
    assert tried[0] > 1.2 * tried[best]
    assert LAB.at(k=2).values["labels"].equal(cluster.kmeans(look, 2, seed=best))
