"""Lab 17: what its panes and numbers say about filters is so."""

import pytest
import torch
from torch import nn

from seglab.images import mosaics, photos
from seglab.lessons import classifier_to_heatmap, what_filters_see
from seglab.lessons.pictures import class_sum, filters
from seglab.nets import insides
from seglab.ops import heatmap, metrics
from seglab.ops.receptive_field import ReceptiveField

LAB = what_filters_see.LAB
F2 = "texture net, f = 2"
EACH = pytest.mark.parametrize("net", insides.NETS)


def photo_for(net):
    """A picture whose classes the net knows."""
    inside = insides.shipped(net)
    return "scene" if inside.drawn else "astronaut" if net == insides.SELFIE else "mosaic"


def silenced(inside, path, channels, image):
    """The net's output with these channels at 0, by torch's own hook."""

    def hook(_layer, _given, out):
        out = out.clone()
        out[:, list(channels)] = 0
        return out

    handle = inside.net.get_submodule(path).register_forward_hook(hook)
    output = inside.net(image)
    handle.remove()
    return output


@EACH
@pytest.mark.parametrize("taken", ["this channel", "all others"])
def test_what_is_left_is_the_net_with_these_channels_at_0(net, taken):
    run = LAB.at(net=net, photo=photo_for(net), layer=3, channel=5, taken=taken)
    inside, seen, number = (run.values[name] for name in ("inside", "seen", "number"))
    every = set(range(run.values["maps"].shape[1]))
    gone = {number} if taken == "this channel" else every - {number}
    output = silenced(inside, seen.path, gone, run.values["image"])
    left = inside.labels(output, run.values["size"])
    assert torch.equal(run.values["labels_left"], left)
    changed = float((left != run.values["labels"]).float().mean())
    assert run.numbers["labels changed"] == f"{changed:.1%}"
    assert run.panes["labels"].names == ("whole net", "what is left")


@pytest.mark.parametrize("net", [F2, insides.CLASSIFIER, insides.FCN, insides.UNET])
def test_mean_iou_is_that_of_the_labelled_pixels(net):
    run = LAB.at(net=net, photo=photo_for(net), layer=2, channel=1, taken="this channel")
    truth, classes = run.values["truth"], len(run.values["inside"].classes)
    figures = []
    for name in ("labels_left", "labels"):
        labels = run.values[name]
        ious = []
        for kind in range(classes):
            known = labels != 255
            both = ((labels == kind) & (truth == kind) & known).sum()
            either = (((labels == kind) | (truth == kind)) & known).sum()
            if either:
                ious.append(float(both / either))
        figures.append(f"{sum(ious) / len(ious):.3f}")
    assert run.numbers["mean IoU"] == "{} of {}".format(*figures)


def by_class(run, name):
    """Share of each class that labels and truth have in common; of the picture, without a truth."""
    labels, truth = run.values[name][0], run.values["truth"]
    shares = []
    for kind in range(len(run.values["inside"].classes)):
        mine = labels == kind
        if truth is None:
            shares.append(float(mine.float().mean()))
            continue
        true, known = truth[0] == kind, truth[0] != 255
        either = int(((mine | true) & known).sum())
        shares.append(int((mine & true).sum()) / either if either else None)
    return shares


@pytest.mark.parametrize("photo", ["scene", "astronaut"])
@pytest.mark.parametrize("taken", ["nothing", "this channel"])
def test_a_bar_of_a_class_is_what_is_left_in_the_ring_of_what_was(photo, taken):
    run = LAB.at(net=insides.UNET, photo=photo, layer=1, channel=1, taken=taken)
    assert (run.values["truth"] is None) is (photo == "astronaut")
    pane = run.panes["classes"]
    before, after = (by_class(run, name) for name in ("labels", "labels_left"))
    assert (before == after) is (taken == "nothing")
    what = "share" if photo == "astronaut" else "IoU"
    for row, name in enumerate(run.values["inside"].classes):
        read = ["none" if v is None else f"{v:.2f}" for v in (after[row], before[row])]
        words = read[0] if taken == "nothing" else " of ".join(read)
        bars = [one for one in pane.shapes if one.kind == "bar" and row < one.top < row + 1]
        ends = {one.hollow: one.right for one in bars if one.colour != "faint"}
        assert ends == pytest.approx(
            {k: v for k, v in ((False, after[row]), (True, before[row])) if v is not None}
        )
        assert bars[0].says == f"{name}: {what} {words}; click to sum it up"
        assert f"{name} {words}" in pane.says


def test_without_a_truth_there_is_no_iou():
    assert LAB.at().numbers["mean IoU"] == "no truth"
    assert LAB.at(photo="mosaic").numbers["mean IoU"] == "no truth"  # its classes are others


@pytest.mark.parametrize("picture", ["grey", "flipped"])
def test_the_truth_turns_with_the_picture(picture):
    run = LAB.at(photo="mosaic", net=F2, picture=picture)
    mosaic = mosaics.make()
    given = run.values["image"]
    if picture == "grey":
        assert torch.equal(given[:, 0], given[:, 2])
        assert torch.allclose(given[:, 0], mosaic.image.mean(1))
        assert torch.equal(run.values["truth"], mosaic.labels)
    else:
        assert torch.equal(given, mosaic.image.flip(2))
        assert torch.equal(run.values["truth"], mosaic.labels.flip(1))
        assert float(run.values["ious"].mean()) > 0.5


def test_the_class_map_of_the_classifier_is_the_class_heatmap_of_lab_05():
    run = LAB.at(net=insides.CLASSIFIER, photo="mosaic")
    lab05 = classifier_to_heatmap.LAB.at(photo="mosaic")
    bias = lab05.values["convolutional"].scores.bias
    for name in mosaics.CLASSES:
        of_class = run.fork(shown_class=name)
        kind, total = of_class.values["kind"], of_class.values["sum_left"]
        assert torch.equal(total.scores[0, 0], lab05.values["scores"][0, kind])
        summed = total.parts.sum(0)[0] + bias[kind]
        assert metrics.largest_difference(summed, lab05.values["scores"][0, kind]) < 5e-5


@EACH
def test_the_parts_that_are_shown_and_the_rest_add_up_to_the_scores(net):
    run = LAB.at(net=net, photo=photo_for(net))
    pane = run.panes["sum of channels"]
    total, *parts = (shape.picture for shape in pane.thumbnails)
    scores = run.values["sum_left"].scores[0, 0]
    most = float(scores.abs().max())
    assert total.range == (-most, most)
    order = class_sum.strongest(run.values["sum_left"].parts[:, 0])
    assert [part.name for part in pane.thumbnails[1:]] == [
        *(f"channel {c}" for c in order), "all the rest"
    ]  # fmt: skip
    step = 2 * most / 254

    def read(picture):
        return torch.from_numpy(picture.array.copy()).float() * step - most

    clipped = [part for part in parts if part.array.min() == 0 or part.array.max() == 254]
    if not clipped:
        apart = (sum(map(read, parts)) - read(total)).abs().max()
        assert apart <= step * (len(parts) + 1) / 2 + 1e-4


@EACH
def test_a_small_picture_is_the_map_of_its_channel(net):
    run = LAB.at(net=net, layer=5)
    pictures, maps = run.values["small"], run.values["maps"]
    assert len(pictures) == maps.shape[1] == len(run.panes["all channels"].thumbnails)
    for channel in (0, maps.shape[1] - 1):
        picture = pictures[channel]
        shrink = max(1, round(maps.shape[-1] / filters.SMALL))
        one = nn.functional.avg_pool2d(maps[:, channel], shrink)[0]
        low, high = picture.range
        codes = ((one - low) / (high - low) * 254).round().clamp(0, 254)
        assert abs(torch.from_numpy(picture.array.copy()).float() - codes).max() <= 1
        assert high == pytest.approx(float(one.abs().max()) or 1.0)
        assert low in (0, -high)


def test_each_small_picture_chooses_its_channel_and_each_box_its_layer():
    pane = LAB.at(layer=6).panes["all channels"]
    assert [shape.sets.value for shape in pane.thumbnails] == list(range(128))
    clicks = [shape.sets for shape in pane.shapes if getattr(shape, "sets", None)]
    chosen = {click.value for click in clicks if click.control == "layer"}
    assert chosen == set(range(8))


def test_the_weights_of_the_first_layer_are_its_kernels():
    run = LAB.at(layer=0)
    kernels = dict(run.values["inside"].net.named_modules())["stem.1"].weight
    pictures = [shape.picture for shape in run.panes["all channels"].thumbnails]
    assert len(pictures) == len(kernels) == 16
    for picture, kernel in zip(pictures, kernels, strict=True):
        right = (0.5 + 0.5 * kernel / kernel.abs().max()).permute(1, 2, 0) * 255
        assert abs(torch.from_numpy(picture.array.copy()) - right).max() < 0.51
    assert run.values["seen"] is LAB.at(layer=1).values["inside"].layers[0]


def test_the_gates_are_those_of_the_net():
    run = LAB.at(layer=3, channel=4)
    net, image = run.values["inside"].net, run.values["image"]
    heard = []
    handle = net.up8.gate.register_forward_hook(lambda _part, _given, out: heard.append(out))
    net(image)
    handle.remove()
    assert run.values["gates"] == heard[0].flatten().tolist()
    assert run.numbers["channel"] == f"4 of 24, gate {heard[0][0, 4, 0, 0]:.2f}"
    bars = [s for s in run.panes["all channels"].shapes if "its gate is" in s.says]
    assert len(bars) == 2 * 24
    assert LAB.at(layer=5).numbers["channel"] == "3 of 32"


def test_the_patches_are_cut_where_the_channel_is_strongest():
    run = LAB.at(photo="mosaic", net=F2, layer=4, channel=0)
    ranked, seen = run.values["excited"]["relu3"], run.values["seen"]
    pane = run.panes["what excites it"]
    assert len(pane.thumbnails) == 9
    assert seen.field.size == (23, 23)
    told = []
    for shape, number, unit in zip(
        pane.thumbnails, ranked.pictures[0].tolist(), ranked.places[0].tolist(), strict=True
    ):
        name = photos.names()[number]
        top, left, bottom, right = map(int, seen.field.box(*unit))
        patch = photos.load(name)[0, :, top : bottom + 1, left : right + 1].permute(1, 2, 0)
        value = float(ranked.values[0, len(told)])
        told.append(f"{name} {value:.3g}")
        assert shape.says == f"{name}: {value:.3g}, at row {top}, column {left}"
        shown = torch.from_numpy(shape.picture.array.copy())
        assert abs(shown - patch * 255).max() < 1
    assert pane.says.endswith(f"channel 0 most: {', '.join(told)}")


def test_a_patch_alone_excites_the_channel_as_it_did_in_its_picture():
    run = LAB.at(photo="mosaic", net=F2, layer=4, channel=0)
    ranked, inside = run.values["excited"]["relu3"], run.values["inside"]
    for k in range(9):
        unit = tuple(ranked.places[0, k].tolist())
        window = filters.around(run.values["seen"].field, unit)
        image = photos.load(photos.names()[int(ranked.pictures[0, k])])
        patch = window.cut(image[0], 0.5)[None]
        alone = inside.net[:7](patch)  # normalize to relu3
        assert alone.shape[2:] == (1, 1)
        assert float(alone[0, 0]) == pytest.approx(float(ranked.values[0, k]), rel=1e-4)


def test_the_boxes_are_the_fields_of_the_strongest_places():
    run = LAB.at(photo="mosaic", net=F2, layer=4, channel=0)
    boxes = run.panes["on the picture"].marks
    heat = run.values["maps"][0, 0]
    row, column = divmod(int(heat.argmax()), heat.shape[1])
    top, left, bottom, right = run.values["seen"].field.box(row, column)
    first = boxes[0]
    edges = (first.top, first.left, first.bottom, first.right)
    assert edges == (top - 0.5, left - 0.5, bottom + 0.5, right + 0.5)
    assert first.strong
    assert not first.dashed
    wide = LAB.at().panes["on the picture"].marks
    assert all(box.dashed and box.bottom - box.top == insides.WIDE for box in wide)


def test_a_picture_is_lit_where_the_channel_is_high_and_only_there():
    field = ReceptiveField((3, 3), (4, 4), (0, 0), (1.5, 1.5))
    channel = torch.tensor([[[[1.0, -2.0], [0.0, 4.0]]]])
    strength = filters.strength(channel, field, (8, 9))
    assert strength[0, 0, :4, :4].unique().tolist() == [0.25]
    assert strength[0, 0, :4, 4:].unique().tolist() == [0]
    assert strength[0, 0, 4:, 4:8].unique().tolist() == [1]
    assert strength[0, 0, :, 8].unique().tolist() == [0]  # outside all cells


def test_an_own_net_is_looked_into():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 6, 5, 2), nn.ReLU(), nn.Conv2d(6, 4, 1)).eval()
    run = LAB.at(net=net, layer=2, channel=7, taken="this channel")
    assert run.numbers["channel"] == "1 of 6"
    assert run.values["labels_left"].unique().tolist() != [255]
    assert dict(run.panes)
    with pytest.raises(ValueError, match="'1'"):
        dict(LAB.at(net=nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4, 2))).panes)


# The quizzes


def test_without_the_channel_that_is_highest_at_her_face_almost_nothing_changes():
    run = LAB.at(layer=5)
    face = {
        c: float(one[2:5, 5:8].amax() / one.flatten().sort().values[-12])
        for c, one in enumerate(run.values["maps"][0])
        if divmod(int(one.argmax()), 16) in {(3, 6), (3, 7)} and one.max() > 30
    }
    assert 3 in face
    left = run.fork(taken="this channel")
    assert 0.0015 < left.values["moved"] < 0.0025
    heads = [c for c in range(32) if divmod(int(run.values["maps"][0, c].argmax()), 16)[0] < 5]
    assert len(heads) > 8  # other channels see the head too


def test_brown_patches_and_what_their_channel_says_without_colour():
    run = LAB.at(photo="mosaic", net=F2, layer=4, channel=0)
    inside, ranked = run.values["inside"], run.values["excited"]["relu3"]
    for k, shape in enumerate(run.panes["what excites it"].thumbnails):
        red, green, blue = shape.picture.array.reshape(-1, 3).mean(0)
        assert red > green > blue + 10
        image = photos.load(photos.names()[int(ranked.pictures[0, k])])
        u, v = ranked.places[0, k].tolist()
        grey = inside.listen(image.mean(1, keepdim=True).expand(-1, 3, -1, -1)).maps["relu3"]
        assert float(grey[0, 0, u, v]) < 0.5 * float(ranked.values[0, k])
    tissue = run.values["truth"][0] == 4
    means = []
    for picture in ("as it is", "grey"):
        maps = run.fork(picture=picture).values["maps"][:, :1]
        at_pixels = heatmap.values_at_pixels(maps, run.values["seen"].field, (256, 256))
        means.append(float(at_pixels[0, 0][tissue].nanmean()))
    assert means[1] > 0.9 * means[0]
    flat = [
        float(inside.listen(torch.full((1, 3, 64, 64), g)).maps["relu3"][0, 0].max())
        for g in (0.2, 0.5, 0.7, 0.8)
    ]
    assert flat[:2] == [0, 0]  # and it answers to grey that is bright
    assert flat[3] > flat[2] > 0.3


def test_a_unit_sees_more_than_its_cell():
    seen = LAB.at(layer=5).values["seen"]
    assert seen.field.stride == (16, 16)
    assert seen.field.size == (319, 319)
    assert LAB.at(layer=5).values["maps"].shape[2:] == (16, 16)
