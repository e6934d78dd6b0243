"""Questions of labs 00 to 04: each option is true or false by a computation of its own."""

from functools import cache
from math import comb

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models import vgg16

from seglab.course import catalogue
from seglab.course.exercises import lab04
from seglab.images import resize
from seglab.lab import Layer
from seglab.lessons import grouping_pixels, receptive_fields, semantic_instance_panoptic
from seglab.ops import cluster, instances, metrics, receptive_field
from seglab.types import NO_LABEL

QUESTIONS = {name: question for name, question in catalogue.questions().items() if name[:2] <= "04"}


@cache
def many_labels():
    """Labels of a picture of 100 by 200, and the number of its groups."""
    labels = cluster.kmeans(torch.rand(1, 3, 100, 200, generator=torch.manual_seed(0)), 3)
    return labels.numel(), len(labels.unique())


@cache
def in_between():
    """The labels of a map of sky (0) and stone (2), enlarged so that some lie between them."""
    enlarged = resize.labels(torch.tensor([[[0, 2]]]), (1, 5))
    return set(enlarged.flatten().tolist())


@cache
def white_things():
    """The groups of the wall, of the flag's white stripes and of the shuttle; the pieces."""
    run = grouping_pixels.LAB.at()
    labels, image = run.values["labels"][0], run.values["image"][0]
    places = {"wall": (60, 180), "flag": (165, 5), "shuttle": (70, 190)}
    assert all(image[(slice(None), *place)].min() > 0.55 for place in places.values())
    return {name: int(labels[place]) for name, place in places.items()}, run.values["graph"]


def fewer_pairs():
    return comb(256 * 256, 2) / comb(200, 2)


@cache
def two_coins_as_one():
    """Mean IoU, AP and PQ where two coins that touch are found as one."""
    true = torch.zeros(1, 20, 40, dtype=torch.int64)
    true[:, 5:15, 5:20], true[:, 5:15, 20:34] = 1, 2
    coin = (true > 0).long()
    found = instances.components(coin)
    overlaps, one = instances.overlaps(found, true), torch.ones(1)
    kinds, classes = torch.ones(1).long(), torch.ones(2).long()
    precision = metrics.average_precision([overlaps], [one], [kinds], [classes])
    quality = metrics.panoptic_quality(coin, found, coin, true, classes=2)
    iou = metrics.mean_iou(metrics.confusion(coin, coin, 2))
    return float(iou), float(precision.mean()), float(quality.pq)


@cache
def views_of_the_grass():
    """The views in which a pixel of the ground has a segment."""
    run = semantic_instance_panoptic.LAB.at()
    true = run.values["true"]
    grass = tuple((true.semantic[0] == true.stuff.index("grass")).nonzero()[0].tolist())
    return {view for view in instances.VIEWS if bool(true.segment(view, grass).any())}


@cache
def seven_and_eight():
    """Output sizes of 7 and 8, and the rows of 8 that the output reads, by how often."""
    x = torch.ones(1, 1, 8, 8, requires_grad=True)
    weight = torch.ones(1, 1, 3, 3)
    out = F.conv2d(x, weight, stride=2)
    (read,) = torch.autograd.grad(out.sum(), x)
    sizes = F.conv2d(x[..., :7, :7], weight, stride=2).shape[-1], out.shape[-1]
    return sizes, read[0, 0].sum(1).tolist()


def there_and_back(weight):
    """A picture, and what comes back of it through a convolution and its transpose."""
    x = torch.rand(1, 1, 8, 8, generator=torch.manual_seed(0))
    return x, F.conv_transpose2d(F.conv2d(x, weight, stride=2), weight, stride=2)


BLUR = torch.full((1, 1, 3, 3), 1 / 9)


def comes_back_blurred():
    return all(
        torch.allclose(back, F.conv2d(x[..., :7, :7], weight, padding=1), atol=0.05)
        for weight in (BLUR, torch.randn(1, 1, 3, 3, generator=torch.manual_seed(1)))
        for x, back in [there_and_back(weight)]
    )


@cache
def width_of_fc6():
    with torch.device("meta"):
        net = nn.Sequential(vgg16().features, nn.Conv2d(512, 4096, 7)).eval()
    return int(receptive_field.of(net, "1").size[0])


def sees_most(*dilations):
    """True if these dilations reach more pixels than all others that the question names."""
    every = [(1, 1, 1), (1, 2, 4), (2, 2, 2), (4, 4, 4)]
    counts = {these: len(lab04.reached(these)) for these in every}
    return all(counts[dilations] > counts[these] for these in every if these != dilations)


def strengths():
    """Effect of each pixel on a unit, with random weights, over twenty nets: [13, 13]."""
    stack = [Layer("conv", 3, 1, 1, 1)] * 6
    size = receptive_fields.LAB.at(stack=stack).values["field"].size[0]
    total = torch.zeros(31, 31)
    for seed in range(20):
        torch.manual_seed(seed)
        net = nn.Sequential(*(nn.Conv2d(1, 1, 3, padding=1, bias=False) for _ in stack))
        x = torch.zeros(1, 1, 31, 31, requires_grad=True)
        total += torch.autograd.grad(net(x)[0, 0, 15, 15], x)[0][0, 0].abs()
    return total, int(size)


def none_outside_and_most_in_the_middle():
    total, size = strengths()
    reach = size // 2
    inside = total[15 - reach : 16 + reach, 15 - reach : 16 + reach].clone()
    total[15 - reach : 16 + reach, 15 - reach : 16 + reach] = 0
    edge = torch.cat([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
    return not total.any() and bool(inside[6, 6] > 10 * edge.mean())


def fields_of_neighbours_are_apart():
    values = receptive_fields.LAB.at(layer=19).values
    field = values["field"]
    return field.box(5, 5)[3] < field.box(5, 6)[1]


FACTS = {
    "00-how-many-labels": {
        "100 × 200 × 3": lambda: many_labels()[0] == 100 * 200 * 3,
        "100 × 200": lambda: many_labels()[0] == 100 * 200,
        "one for each object": lambda: many_labels()[0] == many_labels()[1],
    },
    "00-label-in-between": {
        "grass, since (0 + 2) / 2 is 1": lambda: 1 in in_between(),
        "sky or stone, but never grass": lambda: in_between() == {0, 2},
        "it has no label": lambda: NO_LABEL in in_between(),
    },
    "01-white-things": {
        "it makes a group of each": lambda: len(set(white_things()[0].values())) == 3,
        "it puts them into the same group or two, in many pieces": lambda: (
            len(set(white_things()[0].values())) <= 2 and len(white_things()[1].sizes) > 1000
        ),
        "it puts the wall into one group and the things into another": lambda: (
            white_things()[0]["wall"]
            not in (white_things()[0]["flag"], white_things()[0]["shuttle"])
        ),
    },
    "01-all-pairs": {
        "about 330 times fewer": lambda: 300 < fewer_pairs() < 360,
        "about 100,000 times fewer": lambda: 90_000 < fewer_pairs() < 110_000,
        "as many: every pixel still has to be looked at": lambda: fewer_pairs() == 1,
    },
    "02-which-metric": {
        "mean IoU": lambda: two_coins_as_one()[0] < 1,
        "AP and PQ": lambda: two_coins_as_one()[0] == 1 > max(two_coins_as_one()[1:]),
        "all of them": lambda: max(two_coins_as_one()) < 1,
    },
    "02-panoptic-or-instance": {
        "the instance map": lambda: views_of_the_grass() == {instances.INSTANCE},
        "the semantic and the panoptic map": lambda: (
            views_of_the_grass() == {instances.SEMANTIC, instances.PANOPTIC}
        ),
        "all three": lambda: views_of_the_grass() == set(instances.VIEWS),
    },
    "03-seven-and-eight": {
        "it grows to 4 × 4": lambda: seven_and_eight()[0] == (3, 4),
        "it stays 3 × 3, and the last row and column are never read": lambda: (
            seven_and_eight()[0] == (3, 3)
            and [n > 0 for n in seven_and_eight()[1]] == [True] * 7 + [False]
        ),
        "it stays 3 × 3, and the windows move apart to cover all of the input": lambda: (
            seven_and_eight()[0] == (3, 3) and min(seven_and_eight()[1]) > 0
        ),
        "PyTorch refuses an input that does not fit": lambda: seven_and_eight()[0][1] is None,
    },
    "03-there-and-back": {
        "the picture": lambda: there_and_back(BLUR)[0][..., :7, :7].allclose(
            there_and_back(BLUR)[1]
        ),
        "a map of the picture's size or a little less, with other values": lambda: (
            there_and_back(BLUR)[1].shape[-1] <= 8
            and not there_and_back(BLUR)[0][..., :7, :7].allclose(there_and_back(BLUR)[1])
        ),
        "the picture, blurred by the kernel": comes_back_blurred,
    },
    "04-how-wide": {
        "7 pixels": lambda: width_of_fc6() == 7,
        "13 × 2 + 5 + 6 + 1 = 38 pixels": lambda: width_of_fc6() == 13 * 2 + 5 + 6 + 1,
        "224 pixels, the size of its pictures": lambda: width_of_fc6() == 224,
        "404 pixels": lambda: width_of_fc6() == 404,
    },
    "04-which-dilations": {
        "1, 1, 1": lambda: sees_most(1, 1, 1),
        "1, 2, 4": lambda: sees_most(1, 2, 4),
        "2, 2, 2": lambda: sees_most(2, 2, 2),
        "4, 4, 4": lambda: sees_most(4, 4, 4),
    },
    "04-what-training-moves": {
        "all of them change the unit equally": lambda: len(strengths()[0].unique()) <= 2,
        "none outside can change it; inside, those in the middle usually count most": (
            none_outside_and_most_in_the_middle
        ),
        "the unit describes just these pixels, so the label is theirs": (
            fields_of_neighbours_are_apart
        ),
    },
}


@pytest.mark.parametrize(
    ("name", "option"),
    [(name, option) for name, question in QUESTIONS.items() for option in question.options],
    ids=lambda value: value if isinstance(value, str) else value.text[:20],
)
def test_an_option_is_marked_as_it_is(name, option):
    assert FACTS[name][option.text]() is option.right


def test_of_two_equal_coins_found_as_one_ap_finds_one_and_pq_none():
    true = torch.zeros(1, 20, 40, dtype=torch.int64)
    true[:, 5:15, 5:20], true[:, 5:15, 20:35] = 1, 2
    found = (true > 0).long()
    overlaps = instances.overlaps(found, true)
    assert overlaps.tolist() == [[0.5, 0.5]]
    kinds, classes = torch.ones(1).long(), torch.ones(2).long()
    precision = metrics.average_precision([overlaps], [torch.ones(1)], [kinds], [classes])
    assert float(precision[0]) == pytest.approx(0.505, abs=1e-3)
    assert precision[1:].max() == 0
    assert float(metrics.panoptic_quality(found, found, found, true, classes=2).pq) == 0.5
