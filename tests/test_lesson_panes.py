"""Labs 05 to 12: each pane shows what its title names, computed here from nets and plain torch."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from reading import assert_class_colours, assert_is_photo, assert_says, assert_shows

from seglab import lessons
from seglab.draw import palettes
from seglab.draw.shapes import Bar, Handle, Label, Line
from seglab.images import mosaics, photos, scenes
from seglab.nets import classifiers, coarse_maps, five_convolutions, segmenters, textures
from seglab.nets.blocks import Skip
from seglab.ops import dense, morphology, upsample
from seglab.ops.receptive_field import ReceptiveField

CLASSES = textures.CLASSES
ALMOST = 0.999  # of the pixels: rounding may decide a tie
HALF = 0.5  # of a pixel, from a pixel's middle to its edge


def lab(number):
    return lessons.find(number)


def best(scores):
    """The best class; 255 where a score is NaN."""
    return scores.nan_to_num(-torch.inf).argmax(1).masked_fill(scores.isnan().any(1), 255)


def edges(mark):
    return mark.top, mark.left, mark.bottom, mark.right


@pytest.mark.parametrize(
    ("state", "corner"),
    [
        ({}, (24, 84)),
        (
            {
                "padding": "zeros",
                "temperature": 2,
                "shown": "moon",
                "pixel": (250, 3),
                "windows_done": 400,
            },
            (232, 0),
        ),
    ],
)
def test_classifier_to_heatmap(state, corner):
    run = lab("05").at(**state)
    side = 24 if state else 32
    image, (top, left) = photos.load("mosaic"), corner
    net = classifiers.pretrained()
    net = classifiers.padded(net) if state else net
    everywhere = classifiers.convolutional(net, (side, side))(image)
    share = (everywhere / run.state["temperature"]).softmax(1)
    patch = image[..., top : top + side, left : left + side]
    alone = net(patch)[0]

    assert_is_photo(run.panes["picture and window"], image)
    sliding, window = run.panes["picture and window"].marks
    assert sliding.dashed
    assert edges(window) == (top - HALF, left - HALF, top + side - HALF, left + side - HALF)
    assert_is_photo(run.panes["the patch"], patch)
    chances = (alone / run.state["temperature"]).softmax(0).tolist()
    drawn = run.panes["the patch's scores"].shapes
    bars = [shape for shape in drawn if isinstance(shape, Bar) and shape.ghost]
    assert [bar.sets for bar in bars] == [("shown", name) for name in classifiers.CLASSES]
    assert [bar.right for bar in bars] == pytest.approx(chances, abs=1e-5)
    assert_class_bars(bars)
    told = [label.text for label in drawn if isinstance(label, Label)][2:]
    names, scores, shares = told[0::3], told[1::3], told[2::3]
    assert names == list(classifiers.CLASSES)
    assert [float(text) for text in scores] == pytest.approx(alone.tolist(), abs=0.051)
    assert [float(text.rstrip("%")) / 100 for text in shares] == pytest.approx(chances, abs=0.00051)
    strong = [label.text for label in drawn if isinstance(label, Label) and label.bold]
    assert strong[0] == classifiers.CLASSES[int(alone.argmax())]
    one = run.panes["one class, every window"]
    assert_shows(one, share[:, classifiers.CLASSES.index(run.state["shown"])], 0, 1, "magma")
    assert [mark.text for mark in one.marks] == [run.state["shown"]]
    whole = run.panes["best class, in one pass"]
    assert_says(whole, best(everywhere), classifiers.CLASSES, ALMOST)
    assert_class_colours(whole, classifiers.CLASSES)
    done = run.state["windows_done"]
    slid = best(everywhere).clone().fill_(255).flatten()
    across = everywhere.shape[3]
    for place in range(done):
        u, v = divmod(place, across)
        cut = image[..., 4 * u : 4 * u + side, 4 * v : 4 * v + side]
        slid[place] = net(cut)[0].argmax()
    so_far = run.panes["best class, one by one"]
    assert_says(so_far, slid.view(1, -1, across), classifiers.CLASSES, ALMOST)
    assert edges(sliding) == (4 * u - HALF, 4 * v - HALF, 4 * u + side - HALF, 4 * v + side - HALF)
    assert so_far.marks == (sliding,)
    for pane in (one, whole, so_far):
        assert pane.frame == (256, 256)
        assert pane.field.origin == ((side - 1) / 2,) * 2


def assert_class_bars(bars):
    """Assert that each class has its own colour."""
    assert [bar.colour for bar in bars] == [tuple(c) for c in palettes.labels(len(bars)).tolist()]


def assert_is_cut(run, values, after, labels, truth):
    """Assert that the cut shows these values and labels along 64 columns around the point."""
    row, column = run.state["pixel"]
    first = min(max(column - 32, 0), 192)
    here = (0, ..., row, slice(first, first + 64))
    shapes = run.panes["the cut"].shapes
    curves = [s for s in shapes if isinstance(s, Line) and s.width == 2.5]
    there = [k for k in range(7) if after[here][k].max() >= 0.05]
    kinds = sorted(sorted(there, key=lambda k: -after[here][k].max())[:4])
    assert [curve.says.split(":")[0] for curve in curves] == [CLASSES[k] for k in kinds]
    for curve, kind in zip(curves, kinds, strict=True):
        assert [x for x, _ in curve.points] == list(range(first, first + 64))
        assert [y for _, y in curve.points] == pytest.approx(values[here][kind].tolist(), abs=1e-3)
    colours = {tuple(c): k for k, c in enumerate(palettes.labels(7).tolist())}
    for name, plane in (("label", labels), ("truth", truth)):
        read = torch.full((64,), -1)
        for bar in (s for s in shapes if isinstance(s, Bar) and s.says.startswith(name)):
            label = 255 if bar.hollow else colours.get(bar.colour, 7)
            read[round(bar.left + HALF) - first : round(bar.right + HALF) - first] = label
        assert read.tolist() == plane[here].tolist(), name
    knobs = [s for s in shapes if isinstance(s, Handle)]
    assert [s.at.y for s in knobs] == [run.state["level"]] * (run.state["rule"] != "argmax")


def decided(values, rule, level):
    """The label of each place by a rule; 7 = several classes, 255 = none."""
    if rule == "argmax":
        return values.argmax(1)
    reached = (values >= level).sum(1)
    label = values.argmax(1).masked_fill(reached == 0, 255)
    return label.masked_fill(reached > 1, 7) if rule == "threshold" else label


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"softmax": "before upsampling", "rule": "reject", "level": 0.8, "f": 8, "temperature": 2},
        {"softmax": "none", "rule": "threshold", "level": 0.5, "pixel": (60, 200)},
    ],
    ids=["default", "reject before", "threshold of scores"],
)
def test_heatmap_to_labels(state):
    run = lab("06").at(**state)
    f, rule, level, heat = (run.state[name] for name in ("f", "rule", "level", "temperature"))
    mosaic = mosaics.make(0)
    scores = coarse_maps.coarse(coarse_maps.SCORES, mosaic.image, textures.pretrained(f))
    fine = F.interpolate(scores, scale_factor=f, mode="bilinear", align_corners=False)
    after, coarse = (fine / heat).softmax(1), (scores / heat).softmax(1)
    before = F.interpolate(coarse, scale_factor=f, mode="bilinear", align_corners=False)
    shown = {"none": fine, "after upsampling": after, "before upsampling": before}
    values, is_share = shown[run.state["softmax"]], run.state["softmax"] != "none"
    cells, labels = coarse if is_share else scores, decided(values, rule, level)

    words = (*CLASSES, "several classes")
    assert_says(run.panes["labels, per pixel"], labels, words, ALMOST)
    assert_says(run.panes["labels, per cell"], decided(cells, rule, level), words, ALMOST)
    assert_class_colours(run.panes["labels, per pixel"], CLASSES)
    verdict = (labels != mosaic.labels).long().masked_fill(labels == 7, 2)
    verdict = verdict.masked_fill(labels == 255, 255)
    judged = run.panes["against the truth"]
    assert_says(judged, verdict, ("right", "wrong", "several classes"), ALMOST)

    cell_pane = run.panes["labels, per cell"]
    assert cell_pane.frame == (256, 256)
    assert cell_pane.field.stride == (f, f)

    first, second = after.argmax(1), before.argmax(1)
    order = torch.where(
        first == mosaic.labels, 1, torch.where(second == mosaic.labels, 2, 3)
    ).masked_fill(first == second, 0)
    said = (
        *("the same label", "only softmax after is right", "only softmax before is right"),
        "both wrong, differently",
    )
    assert_says(run.panes["softmax order"], order, said, ALMOST)

    assert_is_cut(run, values, after, labels, mosaic.labels)
    row, column = run.state["pixel"]
    field, line, cell = run.panes["cell, field and cut"].marks
    assert [point[0] for point in line.points] == [row, row]
    assert line.points[0][1] <= column <= line.points[1][1]
    top, left = row // f * f - HALF, column // f * f - HALF
    assert edges(cell) == (top, left, top + f, left + f)
    assert not cell.dashed
    assert field.dashed
    assert field.bottom - field.top > f
    assert_is_photo(run.panes["cell, field and cut"], mosaic.image)


def per_pixel(scores, field):
    """The best class of the unit in whose cell each pixel of 256 x 256 lies; 255 outside."""
    (first, _), (step, _) = field.origin, field.stride
    unit = torch.floor((torch.arange(256) - first) / step + 0.5).long()
    there = (unit >= 0) & (unit < scores.shape[2])
    unit = unit.clamp(0, scores.shape[2] - 1)
    labels = scores.argmax(1)[:, unit][..., unit]
    return labels.masked_fill(~(there[:, None] & there), 255)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"view": "mistakes", "f": 4, "depth": 3},
        {"view": "tissue", "trained": "mosaics", "dilations": "4 everywhere"},
    ],
    ids=["labels", "mistakes", "one class"],
)
def test_only_convolutions(state):
    run = lab("07").at(**state)
    mosaic, depth, trained = mosaics.make(0), run.state["depth"], run.state["trained"]
    strided = five_convolutions.pretrained(f"f{run.state['f']}", depth, trained)
    dilated = dense.rarefy(strided)
    if "dilations" in state:
        dilated = five_convolutions.pretrained("d4", depth, trained)
    plain = five_convolutions.pretrained("plain", depth, trained)
    table = run.panes["resolution, context, cost"]
    assert [row[0] for row in table.rows] == ["strided", "plain", "dilated"]
    assert_is_photo(run.panes["mosaic"], mosaic.image)
    for place, (title, net) in enumerate(
        {"strided": strided, "plain": plain, "dilated": dilated}.items()
    ):
        scores, pane = net(mosaic.image), run.panes[title]
        step = run.state["f"] if title == "strided" else 1
        seen = 256 - step * (scores.shape[2] - 1)  # no more fits: the last may miss some pixels
        row = dict(zip(table.columns, table.rows[place], strict=True))
        assert row["a score every, px"] == str(step)
        assert seen - step < int(row["sees, px"]) <= seen
        assert int(row["parameters"]) == sum(p.numel() for p in net.parameters())
        view = state.get("view", "labels")
        if view == "mistakes":
            labels = per_pixel(scores, pane_field(int(row["sees, px"]), step))
            wrong = labels.masked_fill(labels == mosaic.labels, 7)
            assert_says(pane, wrong, (*CLASSES, "right"), ALMOST)
            assert_class_colours(pane, CLASSES)
            continue
        if view == "labels":
            assert_says(pane, scores.argmax(1), CLASSES, ALMOST)
            assert_class_colours(pane, CLASSES)
        else:
            assert_shows(pane, scores.softmax(1)[:, CLASSES.index(view)], 0, 1, "viridis")
        assert pane.frame == (256, 256)
        assert pane.field == pane_field(int(row["sees, px"]), step)


def pane_field(size, step):
    """The field of a net without padding: its first unit sees the first pixels."""
    return ReceptiveField((size,) * 2, (step,) * 2, (0, 0), ((size - 1) / 2,) * 2)


def backwards(whole, passes, f):
    """Write passes, by shift, where the wrong sign of the shift puts them."""
    for (y, x), scores in passes.items():
        place = whole[..., -y % f :: f, -x % f :: f]
        rows, columns = (min(pair) for pair in zip(place.shape[2:], scores.shape[2:], strict=True))
        place[..., :rows, :columns] = scores[..., :rows, :columns]


@pytest.mark.parametrize(
    "state",
    [{}, {"f": 4, "shifts": 6, "sign": "wrong", "view": "print", "photo": "astronaut"}],
    ids=["default", "wrong sign"],
)
def test_shift_and_stitch(state):
    run = lab("08").at(**state)
    f, shifts = run.state["f"], run.state["shifts"]
    net, image = textures.pretrained(f), photos.load(run.state["photo"])
    seen = int(run.values["model"].field.size[0])
    whole = torch.full((1, 7, 257 - seen, 257 - seen), torch.nan)
    first = net(image)
    rows, columns = first.shape[2:]
    sheet = torch.full((1, 7, f * rows, f * columns), torch.nan)
    passes = {}
    for y, x in (divmod(shift, f) for shift in range(shifts)):
        scores = net(image[..., y:, x:])
        here = sheet[..., y * rows : (y + 1) * rows, x * columns : (x + 1) * columns]
        here[..., : scores.shape[2], : scores.shape[3]] = scores
        passes[y, x] = scores
    if run.state["sign"] == "wrong":
        backwards(whole, passes, f)
    else:
        for (y, x), scores in passes.items():
            whole[..., y::f, x::f] = scores
        done = dense.shift_and_stitch(net, image, shifts)
        assert done.nan_to_num(7).allclose(whole.nan_to_num(7), atol=1e-3)

    assert_is_photo(run.panes["photograph"], image)
    titles = ("this pass", "the passes, side by side", "the passes, interleaved")
    (y, x), last = list(passes.items())[-1]
    for title, scores in zip(titles, (last, sheet, whole), strict=True):
        assert_scores(run.panes[title], scores, run.state["view"])
    one, tiled, woven = (run.panes[title] for title in titles)
    assert one.field == replace(
        pane_field(seen, f), padding=(-y, -x), origin=((seen - 1) / 2 + y, (seen - 1) / 2 + x)
    )
    assert woven.field == pane_field(seen, 1)
    assert one.frame == woven.frame == (256, 256)
    (tile,) = tiled.marks
    assert edges(tile) == tuple(
        at * side - HALF for at, side in ((y, rows), (x, columns), (y + 1, rows), (x + 1, columns))
    )
    (around,) = woven.marks
    top, left = (round(at + HALF - (seen - 1) / 2) for at in edges(around)[:2])
    block = whole[..., top : top + 3 * f, left : left + 3 * f]
    assert_scores(run.panes["3 × 3 blocks of it"], block, run.state["view"])
    assert block.shape[2:] == (3 * f, 3 * f)
    assert top % f == left % f == 0


def assert_scores(pane, scores, view):
    """Assert that a pane of a texture lab shows these scores."""
    if view == "labels":
        assert_says(pane, best(scores), CLASSES, ALMOST)
        assert_class_colours(pane, CLASSES)
    else:
        assert_shows(pane, scores.softmax(1)[:, CLASSES.index(view)], 0, 1, "viridis")


@pytest.mark.parametrize(
    ("state", "forgotten"),
    [
        ({}, ("pool1", "conv2", "pool2", "conv3", "conv4")),
        ({"dilations": [(1, 2, 4, 4, 1, 8)]}, ("conv3",)),
        ({"f": 4, "dilations": [(1, 2, 1, 4, 4, 4)], "view": "grass"}, ("pool1",)),
        ({"f": 2, "dilations": [(1, 1, 2)]}, ()),
    ],
    ids=["default", "conv3 forgotten", "pool1 forgotten", "right"],
)
def test_a_trous(state, forgotten):
    run = lab("09").at(**state)
    f, view = run.state["f"], run.state["view"]
    net, image = textures.pretrained(f), photos.load("mosaic")
    atrous = dense.rarefy(net, leave=forgotten)(image)
    stitched = dense.shift_and_stitch(net, image)
    assert_is_photo(run.panes["photograph"], image)
    assert_scores(run.panes["shift and stitch"], stitched, view)
    assert_scores(run.panes["à trous"], atrous, view)
    for title, scores in (("shift and stitch", stitched), ("à trous", atrous)):
        assert run.panes[title].field == pane_field(257 - scores.shape[2], 1)
        assert run.panes[title].frame == (256, 256)
    spare = (atrous.shape[2] - stitched.shape[2]) // 2
    same = atrous[..., spare:, spare:][..., : stitched.shape[2], : stitched.shape[3]]
    apart = (stitched - same).abs().amax(1)
    most = max(1.0, float(apart[~apart.isnan()].max()))
    assert_shows(run.panes["largest difference"], apart, 0, most, "magma")
    if forgotten:  # else the two panes show one and the same
        ours, theirs = (run.panes[title].rgb() for title in ("shift and stitch", "à trous"))
        assert ours.shape != theirs.shape


def repeated(x, f):
    return x.repeat_interleave(f, 2).repeat_interleave(f, 3)


def tent(f):
    """The bilinear kernel of 2f taps a side: 1 in the middle, and 0 a whole step away."""
    line = 1 - (torch.arange(2 * f) - (2 * f - 1) / 2).abs() / f
    return torch.outer(line, line)


@pytest.mark.parametrize("where", ["scores", "features", "probabilities"])
def test_upsampling_of_scores(where):
    run = lab("10").at(where=where)
    mosaic, net = mosaics.make(0), textures.pretrained(8)
    coarse = coarse_maps.coarse(where, mosaic.image, net)
    wide = coarse.shape[1]
    last = net[-1] if where == "features" else lambda scores: scores
    kernel = tent(8).expand(wide, 1, -1, -1)
    fine = last(F.conv_transpose2d(coarse, kernel, None, 8, 4, groups=wide))
    both = run.panes["type | other"]
    assert both.names == ("transposed convolution", "nearest")
    (_, left), (_, right) = both.parts
    assert_says(left, best(fine), CLASSES, ALMOST)
    assert_says(right, best(last(repeated(coarse, 8))), CLASSES, ALMOST)
    assert_class_colours(left, CLASSES)
    share = fine if where == "probabilities" else fine.softmax(1)
    if where == "probabilities":
        share = share / share.sum(1, keepdim=True)
    missing = 1 - share.gather(1, mosaic.labels[:, None])
    assert_shows(run.panes["error"], missing, 0, 1, "magma")
    small = dict(run.panes["all seven types"].parts)
    assert set(small) == {"input", *upsample.TYPES}
    whole = coarse_maps.fine(where, mosaic.image, net)
    largest, positions = F.max_pool2d(whole, 8, return_indices=True)
    nails = torch.zeros_like(fine if where != "features" else whole)
    nails[..., ::8, ::8] = coarse
    spread = F.interpolate(coarse, scale_factor=8, mode="bilinear", align_corners=False)
    for name, map_ in {
        "nearest": repeated(coarse, 8),
        "bilinear": spread,
        "transposed convolution": F.conv_transpose2d(coarse, kernel, None, 8, 4, groups=wide),
        "pixel shuffle": F.conv_transpose2d(coarse, kernel, None, 8, 4, groups=wide),
        "bed of nails": nails,
        "max unpooling": F.max_unpool2d(largest, positions, 8),
    }.items():
        labels = best(last(map_))
        if where != "features":
            labels = labels.masked_fill((map_ == 0).all(1), 255)  # holes
        assert_says(small[name], labels[:, 104:152, 96:160], CLASSES, 0.99)
    assert_says(small["input"], best(last(coarse))[:, 13:19, 12:20], CLASSES, ALMOST)


def test_upsampling_of_a_picture():
    state = {"source": "astronaut", "first": "bilinear", "second": "bed of nails", "f": 4}
    run = lab("10").at(**state)
    image = photos.load("astronaut")
    coarse = F.avg_pool2d(image, 4)
    fine = F.interpolate(coarse, scale_factor=4, mode="bilinear", align_corners=False)
    nails = torch.zeros_like(image)
    nails[..., ::4, ::4] = coarse
    small = dict(run.panes["all seven types"].parts)
    for name, map_ in (
        ("nearest", repeated(coarse, 4)),
        ("bilinear", fine),
        ("bed of nails", nails),
    ):
        assert_is_photo(small[name], map_[..., 104:152, 96:160])
    both = run.panes["type | other"]
    assert both.names == ("bilinear", "bed of nails")
    for (_, pane), wanted in zip(both.parts, (fine, nails), strict=True):
        assert_is_photo(pane, wanted)
    assert_shows(run.panes["error"], (fine - image).abs().mean(1), 0, 0.5, "magma")


def drawn_line(run, says):
    """Values of an area of the stamps, output by output, read from its corners."""
    picture = run.panes["stamp and add"]
    (area,) = (s for s in picture.shapes if s.kind == "area" and s.says.startswith(says))
    tallest = next(s for s in picture.shapes if s.kind == "bar" and s.says.endswith(": 4"))
    unit = (tallest.bottom - tallest.top) / 4
    upper = area.points[: len(area.points) // 2]
    lower = area.points[len(area.points) // 2 :][::-1]
    line = torch.zeros(picture.x[1])
    for (x, y), (_, base) in list(zip(upper, lower, strict=True))[::2]:
        line[x] = (base - y) / unit
    return line


@pytest.mark.parametrize("count", [1, 4, 8])
@pytest.mark.parametrize("kind", ["transposed convolution", "bilinear", "nearest", "bed of nails"])
def test_stamps_add_up_to_what_torch_makes_of_the_row(kind, count):
    run = lab("10").at(first=kind, f=4, stamp=count)
    row = torch.tensor([2.0, 4, 1, 3, 4, 2, 1, 3])
    until = torch.where(torch.arange(8) < count, row, 0)[None, None]
    last = torch.where(torch.arange(8) == count - 1, row, 0)[None, None]
    triangle = 1 - (torch.arange(8) - 3.5).abs() / 4

    def torchs(x):
        if kind == "bilinear":
            return F.interpolate(x, scale_factor=4, mode="linear", align_corners=False)[0, 0]
        if kind == "transposed convolution":
            return F.conv_transpose1d(x, triangle[None, None], stride=4, padding=2)[0, 0]
        if kind == "nearest":
            return x[0, 0].repeat_interleave(4)
        return torch.stack([x[0, 0], *[torch.zeros(8)] * 3], 1).flatten()

    for says, wanted in (
        (f"stamp {count}:", torchs(last)),
        ("the sum of", torchs(until)),
        ("what stamp", torchs(last)),
    ):
        assert torch.allclose(drawn_line(run, says), wanted, atol=1e-4), says


def grown(x, kernels, s, method):
    """Layers of upsampling by s, one kernel each, in plain torch."""
    for kernel in kernels:
        k = len(kernel)
        if method == "resize-convolution":
            x = F.conv2d(F.pad(repeated(x, s), (k // 2,) * 4), kernel[None, None])
        else:
            first, rows, columns = -((s - k) // 2), s * x.shape[2], s * x.shape[3]
            large = F.conv_transpose2d(x, kernel[None, None], None, s)
            x = large[..., first : first + rows, first : first + columns]
    return x


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"kernel": ((0.5, 2, 1, 0, 1),), "s": 3, "depth": 2, "source": "coins"},
        {"method": "resize-convolution", "kernel": ((1, 0.5, 1.5, 1),), "source": "noise"},
    ],
    ids=["default", "two layers", "resize"],
)
def test_checkerboards(state):
    run = lab("11").at(**state)
    (row,), s, depth, method = (run.state[name] for name in ("kernel", "s", "depth", "method"))
    size = {1: 64, 2: 28}[depth]
    is_resized = method == "resize-convolution"
    mean = sum(row) if is_resized else sum(row) / min(len(row), s)
    if is_resized and len(row) % 2 == 0:
        row = (*row, 0)
    k, taps = len(row), torch.tensor(row) / mean
    kernels = [taps[:, None] * taps] * depth
    start = torch.rand(1, 1, size, size, generator=torch.Generator().manual_seed(0))
    if run.state["source"] != "noise":
        start = photos.load(run.state["source"], size).mean(1, keepdim=True)
    assert_shows(run.panes["the input becomes"], grown(start, kernels, s, method), 0, 1, "gray")

    ones = torch.ones(1, 1, size, size)
    constant = run.panes["a map of ones becomes"]
    side, step = constant.size[0], s**depth
    first = (size * step - side) // 2 // step * step
    inside = (..., slice(first, first + side), slice(first, first + side))
    flat = grown(ones, kernels, s, method)[inside]
    assert_shows(constant, flat, 0, 2, "viridis")
    ways = grown(ones, [torch.ones(k, k)] * depth, s, method)[inside]
    there = run.numbers["overlap"].split(", ")
    assert [int(there[0]), int(there[-1])] == [int(n) for n in ways.aminmax()]
    strength = np.abs(np.fft.fftshift(np.fft.fft2(flat[0, 0].double().numpy()))) / side**2
    log = torch.from_numpy(np.log10(strength.clip(1e-4)))
    pane = run.panes["spectrum (log10)"]
    both = np.pad(log, (0, 1 - side % 2), mode="wrap")
    assert pane.space == "frequency"
    assert_shows(pane, torch.from_numpy(both), -4, 0, "magma")


@pytest.mark.parametrize(
    "state",
    [{}, {"net": "unet", "shift": 2, "kind": "star", "gain4": 0.5, "seed": 3}],
    ids=["default", "shifted"],
)
def test_skip_connections(state):
    run = lab("12").at(**state)
    scene = scenes.make(
        run.state["seed"], (128, 128), difficulty=segmenters.DIFFICULTY, split="test"
    )
    model, kind = segmenters.pretrained(run.state["net"]), run.state["kind"]
    names = scenes.CLASSES
    skips = {}
    if state:
        skips = {n: Skip(0.5 if n == 4 else 1, (0, 2)) for n in (16, 8, 4, 2, 1)}
    scores = model(scene.image, skips)
    cut = model(scene.image, {stride: Skip(gain=0) for stride in model.skips})
    of_kind = names.index(kind)
    assert_is_photo(run.panes["scene"], scene.image)
    assert_shows(run.panes["what skips add"], (scores - cut)[:, of_kind], -12, 12, "vik")
    both = run.panes["labels"]
    assert both.names == ("net", "truth")
    (_, net), (_, truth) = both.parts
    assert_says(net, scores.argmax(1), names, ALMOST)
    assert_says(truth, scene.labels, names)
    for pane in (net, truth):
        assert_class_colours(pane, names)
    labels = scores.argmax(1)
    ours, theirs = (
        morphology.edge(labels_, segmenters.BAND, border=False)
        for labels_ in (labels, scene.labels)
    )
    edge = torch.full_like(labels, 255)
    edge[ours], edge[theirs], edge[ours & theirs & (labels == scene.labels)] = 0, 1, 2
    said = ("net only", "truth only", "net and truth")
    assert_says(run.panes["boundaries"], edge, said, ALMOST)
