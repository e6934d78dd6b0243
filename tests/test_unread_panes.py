"""Panes and numbers that no other test reads: computed here from what a state starts with."""

import numpy as np
import pytest
import torch
import torchvision
from helpers import overheard
from reading import assert_is_photo, assert_shows
from scipy import ndimage
from skimage.color import rgb2lab

from seglab import lessons
from seglab.draw.shapes import Bar, Handle, Label
from seglab.images import mosaics, photos
from seglab.lab import Run
from seglab.nets import panoptic_deeplab, textures


def texts(picture):
    """The words of a diagram, in order."""
    return [shape.text for shape in picture.shapes if isinstance(shape, Label)]


def lengths(picture):
    """End of each bar of a bar chart, with the words beside it, by name."""
    words = texts(picture)
    bars = [shape for shape in picture.shapes if isinstance(shape, Bar) and shape.ghost]
    named = zip(words[::2], bars, words[1::2], strict=True)
    return {name: (bar.right, text) for name, bar, text in named}


# Lab 00


def test_lab_00_shows_differences_in_colour_from_the_pixel():
    run = lessons.find("00").at(pixel=(30, 200), tolerance=20)
    image = photos.load("coffee")
    colours = torch.from_numpy(rgb2lab(image[0].permute(1, 2, 0).double().cpu().numpy()))
    apart = (colours - colours[30, 200]).norm(dim=-1)
    assert_shows(run.panes["colour distance ΔE"], apart, 0, 100, "cividis")
    pieces, _ = ndimage.label(apart.numpy() <= 20, np.ones((3, 3)))
    size = int((pieces == pieces[30, 200]).sum())
    assert run.numbers["pixels in your segment"] == pytest.approx(size, abs=3)
    assert run.panes["labels"].array.sum() == run.numbers["pixels in your segment"]


# Lab 03


@pytest.mark.parametrize("state", [{}, {"s": 2, "p": 1, "d": 2}])
def test_lab_03_filters_the_photograph(state):
    run = lessons.find("03").at(kernel="Sobel", photo="coffee", **state)
    grey = photos.load("coffee", run.values["image"].shape[-1]).mean(1)[0].double().cpu().numpy()
    s, p, d = (run.state[name] for name in "spd")
    weights = np.zeros((2 * d + 1,) * 2)
    weights[::d, ::d] = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    wide = np.pad(grey, p)
    whole = ndimage.correlate(wide, weights, mode="constant")[d : len(wide) - d, d : len(wide) - d]
    picture = run.panes["photograph, filtered"]
    wanted = torch.from_numpy(whole[::s, ::s].copy())
    most = float(wanted.abs().max())
    assert_shows(picture, wanted, -most, most, "vik")


# Lab 04


@pytest.mark.parametrize("pixel", [(256, 256), (500, 20), (3, 511)])
def test_lab_04_counts_the_pixels_of_a_field_that_hangs_over(pixel):
    run = lessons.find("04").at(layer=19, pixel=pixel)
    # VGG-16 up to its last convolution: 13 of 3 x 3, and 2 x 2 pools before layers 3, 6, 10, 14.
    unit = run.values["unit"]
    stride, size, padding = 32, 404, 90
    assert run.values["field"].size == (size, size)
    first = [at * stride - padding for at in unit]
    inside = [min(512, start + size) - max(0, start) for start in first]
    over = 1 - inside[0] * inside[1] / size**2
    assert run.numbers["over the edge"] == f"{over:.0%} of the field"
    middle = "({:g}, {:g})".format(*(start + (size - 1) / 2 for start in first))
    assert run.numbers["your unit"] == f"({unit[0]}, {unit[1]}), center {middle}"
    middles = [111.5 + 32 * n for n in range(10)]
    assert list(unit) == [np.abs(np.array(middles) - at).argmin() for at in pixel]


# Lab 13


def test_lab_13_shows_the_scenes_that_it_learns_from_and_new_ones():
    lab = lessons.find("13")
    for look in (0, 2):
        run = Run(lab, lab.state(look=look, count=16), finish_streams=False)
        seen, new = run.values["seen"], run.values["new"]
        assert not torch.equal(seen.image[look], new.image[look])
        for kind, scene in (("training", seen), ("new", new)):
            assert_is_photo(run.panes[f"{kind} scene"], scene.image[look, None])
            sides = dict(run.panes[f"{kind} labels"].parts)
            assert np.array_equal(sides["truth"].array, scene.labels[look].cpu().numpy())
            with torch.no_grad():
                answer = run.values["training"].net(scene.image[look, None]).argmax(1)[0]
            assert (sides["net"].array == answer.cpu().numpy()).mean() > 0.999


def test_lab_13_tells_what_was_measured_on_each_kind_of_scene():
    lab = lessons.find("13")
    run = Run(lab, lab.state(), finish_streams=False)
    measured = run.values["training"].quality._replace(seen=0.91, new=0.62, new_boundary=0.33)
    wanted = {"mean IoU, training": "0.91", "mean IoU, new": "0.62", "boundary IoU, new": "0.33"}
    for name, text in wanted.items():
        step = lab.steps["number", name]
        assert step.function(**dict.fromkeys(step.needs, measured)) == text


# Lab 14


def test_lab_14_counts_the_pixels_of_every_class():
    run = lessons.find("14").at(fate="largest misnamed", shift=6)
    sides = dict(run.panes["prediction | truth"].parts)
    answer, truth = sides["prediction"].array, sides["truth"].array
    names = run.panes["prediction | truth"].parts[0][1].names
    kinds = [k for k in range(len(names)) if (answer == k).any() or (truth == k).any()]
    matrix, by_class = run.panes["confusion matrix, pixels"], run.panes["by class"]
    assert matrix.columns == ("true class", *(f"as {names[k]}" for k in kinds))
    assert matrix.rows == tuple(
        (names[k], *(str(int(((truth == k) & (answer == j)).sum())) for j in kinds)) for k in kinds
    )
    rows = []
    for k in kinds:
        one, other = answer == k, truth == k
        edges = [
            mask & ~ndimage.binary_erosion(mask, np.ones((3, 3)), run.state["d"], border_value=0)
            for mask in (one, other)
        ]
        shares = (
            (one & other).sum() / (one | other).sum(),
            2 * (one & other).sum() / (one.sum() + other.sum()),
            (edges[0] & edges[1]).sum() / (edges[0] | edges[1]).sum(),
        )
        rows.append((names[k], *(f"{share:.3f}" for share in shares)))
    assert by_class.columns == ("class", "IoU", "Dice", "boundary IoU")
    assert by_class.rows == tuple(rows)
    assert run.numbers["wrong pixels"] == int((answer != truth).sum())


# Lab 19


@pytest.mark.parametrize("state", [{}, {"look": 2, "at": (5, 40), "net": "untrained"}])
def test_lab_19_shows_what_the_cross_entropy_asks_for(state):
    run = lessons.find("19").at(**state)
    look, (row, column) = run.state["look"], run.state["at"]
    given, scores = run.values["given"], run.values["scores"]
    chance = scores.softmax(1)[:, 1]
    truth = given.labels[look] == 1
    pull = truth.float() - chance[look]
    most = float(pull.abs().max())
    assert_shows(run.panes["p of the disc"], chance[look], 0, 1, "viridis")
    assert_shows(run.panes["pulls"], pull, -most, most, "vik")
    assert float(run.numbers["its pull"]) == pytest.approx(float(pull[row, column]), abs=6e-4)
    share = float(pull.abs()[truth].sum() / pull.abs().sum())
    found = lengths(run.panes["who pulls"])
    assert list(found) == ["disc pixels", "background pixels"]
    for name, wanted in (("disc pixels", share), ("background pixels", 1 - share)):
        assert found[name] == (pytest.approx(wanted, abs=1e-4), f"{wanted:.1%}")
    labels, every = chance > run.state["threshold"], given.labels == 1
    both, either = (labels & every).sum(), (labels | every).sum()
    neither = (~labels & ~every).sum()
    wanted = {
        "pixel accuracy": float((labels == every).float().mean()),
        "mean IoU": float(both / either + neither / (~(labels & every)).sum()) / 2,
        "Dice of the disc": float(2 * both / (labels.sum() + every.sum())),
    }
    bars = lengths(run.panes["32 new pictures"])
    assert list(bars) == list(wanted)
    for name, value in wanted.items():
        assert bars[name] == (pytest.approx(value, abs=1e-4), f"{value:.3f}")


# Lab 20


@pytest.mark.parametrize("state", [{}, {"margin": 12, "step": 128, "rule": "mirror", "number": 1}])
def test_lab_20_tells_how_much_is_changed_and_right(state):
    run = lessons.find("20").at(**state)
    sides = dict(run.panes["labels"].parts)
    tiles, whole = sides["tiles"].array, sides["whole"].array
    assert run.numbers["labels changed"] == f"{(tiles != whole).mean():.2%}"
    step, margin = run.state["step"], run.state["margin"]
    ends = [
        min(256, first + step + margin) - max(0, first - margin) for first in range(0, 256, step)
    ]
    assert run.numbers["seen per pixel"] == f"{sum(ends) ** 2 / 256**2:.2f}"
    truth = mosaics.make(run.state["number"], (256, 256)).labels[0].cpu().numpy()
    border = np.ones((256, 256), bool)
    border[5:-5, 5:-5] = False
    right = tiles == truth
    told = f"{right[border].mean():.0%}, inside {right[~border].mean():.0%}"
    assert run.numbers["right at the border"] == told
    change = (run.values["tiled"] - run.values["whole"]).abs().amax(1)[0]
    assert run.numbers["largest change"] == f"{float(change.max()):.3f}"
    (knob,) = (s for s in run.panes["your tile's seam"].shapes if isinstance(s, Handle))
    assert (knob.control, knob.now) == ("margin", margin)
    there = change[run.values["crop"].target]
    assert {x: y for x, y, _ in knob.stops}[margin] == pytest.approx(float(there.max()), abs=1e-4)


# Lab 21


def test_lab_21_draws_the_iou_of_every_click():
    run = lessons.find("21").at(robot=4)
    truth = run.values["truth"]
    masks = [run.fork(robot=n).values["mask"] for n in range(5)]
    wanted = [float((mask & truth).sum() / (mask | truth).sum()) for mask in masks]
    shown = run.panes["IoU by click"]
    dots = [(s.x, s.y) for s in shown.shapes if s.kind == "dot"]
    assert dots == [(n, pytest.approx(iou, abs=1e-4)) for n, iou in enumerate(wanted)]
    (knob,) = (s for s in shown.shapes if isinstance(s, Handle))
    assert (knob.control, knob.now, knob.at.x) == ("robot", 4, 4)
    assert {value: y for _, y, value in knob.stops}[4] == pytest.approx(wanted[4], abs=1e-4)


# Lab 15


@pytest.mark.parametrize("net", ["centers and offsets", "watershed on classes"])
def test_lab_15_shows_where_objects_may_be(net):
    run = lessons.find("15").at(net=net)
    with torch.no_grad():
        answer = panoptic_deeplab.pretrained()(run.values["scene"].image)
    picture = run.panes["heatmap of objects"]
    if net.startswith("centers"):
        assert_shows(picture, answer.heatmap, 0, 1, "magma")
        return
    things = (answer.scores.argmax(1)[0] > 0).cpu().numpy()
    assert np.array_equal(picture.array > 0, things)  # the depth in pixels inside the objects
    assert 5 < picture.range[1] < 40


def test_lab_15_enlarges_the_chosen_box_and_its_mask():
    run = lessons.find("15").at(net="Mask R-CNN", pixel=(82, 21))
    found, image = run.values["found"], run.values["scene"].image
    holding = [
        n
        for n, (top, left, bottom, right) in enumerate(found.boxes.tolist())
        if top <= 82 <= bottom and left <= 21 <= right
    ]
    (chosen,) = holding
    top, left, bottom, right = found.boxes[chosen].tolist()
    around = (
        torch.tensor([[left, top, right, bottom]]).to(image) + 0.5
    )  # their pixel i goes from i to i + 1
    cut = torchvision.ops.roi_align(image, [around], 28, sampling_ratio=1, aligned=True)
    sides = dict(run.panes["one region, 28 × 28"].parts)
    assert np.abs(sides["picture"].array / 255 - cut[0].permute(1, 2, 0).cpu().numpy()).max() < 0.01
    mask = sides["mask"].array / 254
    assert mask.shape == (28, 28)
    assert mask[10:18, 10:18].mean() > 0.9 > 0.3 > mask[[0, 0, -1, -1], [0, -1, 0, -1]].mean()
    size = f"{right - left:.0f} × {bottom - top:.0f} box"
    assert (
        f"score {float(found.objects.scores[chosen]):.2f}, {size}" in run.numbers["at your point"]
    )


# Lab 17


@pytest.mark.parametrize(("layer", "channel"), [(3, 5), (2, 9)])
def test_lab_17_shows_the_channel_of_its_layer(layer, channel):
    run = lessons.find("17").at(
        net="texture net, f = 4", photo="mosaic", layer=layer, channel=channel
    )
    heard = overheard(textures.pretrained(4), photos.load("mosaic"))
    path = {2: "relu2", 3: "pool1"}[layer]
    values = heard[path][0, channel]
    assert_shows(run.panes["the channel"], values, 0, float(values.max()), "magma")
    assert run.numbers["channel"] == f"{channel} of 16"
    top = (values == values.max()).nonzero()[0].tolist()
    row, column = ({2: 4, 3: 5}[layer] + {2: 2, 3: 4}[layer] * at for at in top)
    assert run.numbers["strongest"] == f"{float(values.max()):.3g} at ({row}, {column})"


# Lab 19, trained before one's eyes


def test_lab_19_begins_with_what_an_untrained_net_says():
    lab = lessons.further()["19-train-under-a-loss"]
    run = Run(lab, lab.state(look=1), finish_streams=False)
    scores, given = run.values["scores"], run.values["given"]
    chance, truth = scores.softmax(1)[:, 1], given.labels == 1
    pull = truth[1].float() - chance[1]
    most = float(pull.abs().max())
    assert_shows(run.panes["p of the disc"], chance[1], 0, 1, "viridis")
    assert_shows(run.panes["pulls"], pull, -most, most, "vik")
    assert_is_photo(run.panes["picture"], given.image[1, None])
    share = float(pull.abs()[truth[1]].sum() / pull.abs().sum())
    found = lengths(run.panes["who pulls"])
    assert found["disc pixels"] == (pytest.approx(share, abs=1e-4), f"{share:.1%}")
    labels = scores.argmax(1) == 1
    assert run.numbers["pixel accuracy"] == f"{(labels == truth).float().mean():.3f}"
    missed = int((labels & truth)[1].sum())
    assert run.numbers["disc pixels found"] == f"{missed} of {int(truth[1].sum())}"
