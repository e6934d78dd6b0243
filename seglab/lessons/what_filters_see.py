"""Filters and what they see: heatmaps of hidden layers, what excites a channel, its use."""

from seglab import scalars
from seglab.images import mosaics, scenes
from seglab.lab import Choice, Lab, Model, of
from seglab.lessons import _given
from seglab.lessons.pictures import class_sum, filters, judged
from seglab.lessons.tours.what_filters_see import TOUR
from seglab.nets import insides, selfie
from seglab.ops import activations

NOTHING, THIS, OTHERS = "nothing", "this channel", "all others"
CLASSES = (selfie.CLASSES[1], *mosaics.CLASSES, *scenes.CLASSES)
CHANNELS = 128  # of a layer, at most
MARKED = 3  # places of this picture


def inside(net):
    return insides.shipped(net) if net in insides.NETS else insides.of_own(net)


drawn, image, truth = _given.drawn, _given.image, _given.truth
heard = of(insides.Inside.listen, "inside", "image")


def place(inside, layer):
    """The number of the layer from 0; a net of fewer layers is gone through again."""
    return max(0, layer - 1) % len(inside.layers)


def seen(inside, place):
    return inside.layers[place]


def maps(heard, seen):
    return heard.maps[seen.path]


def number(maps, channel):
    """The number of the channel from 0; a layer of fewer channels is gone through again."""
    return channel % maps.shape[1]


def gates(heard, seen):
    """Gate of each channel, from 0 (shut) to 1 (open); None where no gate weighs them."""
    return scalars.reals(heard.maps[seen.gate][0, :, 0, 0]) if seen.gate else None


def away(taken, number, maps):
    """Channels that are taken away."""
    every = range(maps.shape[1])
    return {NOTHING: [], THIS: [number], OTHERS: [c for c in every if c != number]}[taken]


def changed(inside, seen, away, image, heard):
    """The net without these channels."""
    return inside.without(seen, away, image) if away else heard


def size(image):
    return image.shape[-2:]


labels = of(insides.Inside.labels, "inside", "heard.output", "size")


def labels_left(inside, changed, size, labels, away):
    return inside.labels(changed.output, size) if away else labels


ious = of(insides.Inside.ious, "inside", "labels", "truth")
ious_left = of(insides.Inside.ious, "inside", "labels_left", "truth")
shares = of(insides.Inside.shares, "inside", "labels")
shares_left = of(insides.Inside.shares, "inside", "labels_left")


def moved(labels, labels_left):
    """The share of the pixels that get another label."""
    return scalars.real((labels != labels_left).float().mean())


def kind(inside, shown_class):
    """The label whose scores are summed up; of other classes, one of the same number."""
    if shown_class in inside.classes:
        return inside.classes.index(shown_class)
    return CLASSES.index(shown_class) % len(inside.classes)


def here(maps, seen):
    """The strongest places of each channel in this picture."""
    return activations.strongest(maps, MARKED, insides.apart(seen.field))


excited = of(insides.strongest, "inside")
small = of(filters.small, "maps")
kernels = of(filters.kernels, "inside.kernels")


def shown_small(small, kernels, layer):
    """The small pictures: heatmaps, or the weights of the first layer."""
    return kernels if layer == 0 and len(kernels) == len(small) else small


def one_map(maps, number, image, seen):
    return filters.heat(maps[:, number], on=image, field=seen.field)


def strength(maps, number, seen, size):
    """Strength of the channel at each pixel, from 0 to 1, where it is at its highest."""
    return filters.strength(maps[:, number : number + 1], seen.field, size)


lit = of(filters.lit, "image", "strength")
marked = of(filters.marked, "lit", "seen", "here", "number")
patches = of(filters.patches, "excited", "number", "seen", "inside.drawn")
by_class = of(
    judged.of_net,
    *("inside", "ious", "ious_left", "shares", "shares_left", "away", "kind"),
    classes=CLASSES,
)


# Apart, so that another channel does not sum up the whole net again.
def whole_sum(inside, heard, kind):
    """Scores of the class, and what each channel of the last features adds to them."""
    return inside.summed(heard).of_class(kind)


def sum_left(whole_sum, inside, changed, kind, away):
    return inside.summed(changed).of_class(kind) if away else whole_sum


summed_up = of(class_sum.of_net, "inside", "sum_left", "kind", "seen.path", "number")

LAB = Lab(
    title="What filters see",
    summary="Every channel is a heatmap: choose one, and take it away.",
    controls={
        "photo": _given.PHOTO,
        "picture": _given.PICTURE,
        "net": Model(*insides.NETS),
        "layer": Choice(*range(insides.LAYERS + 1), default=5),
        "channel": Choice(*range(CHANNELS), default=3),
        "taken": Choice(NOTHING, THIS, OTHERS, label="take away"),
        "shown_class": Choice(*dict.fromkeys(CLASSES), label="class"),
    },
    stages=globals(),
    panes={
        "all channels": of(
            filters.channels, "inside", "layer", "shown_small", "number", "away", "gates"
        ),
        "what excites it": "patches",
        "on the picture": "marked",
        "labels": lambda labels, labels_left, truth, away, inside: judged.label_maps(
            inside.classes, labels, labels_left if away else None, truth
        ),
        "classes": "by_class",
        "the channel": "one_map",
        "sum of channels": "summed_up",
    },
    numbers={
        "channel": of(filters.channel_words, "number", "maps", "gates"),
        "field": of(filters.field_words, "seen.field"),
        "strongest": of(filters.strongest_words, "here", "number", "seen.field"),
        "mean IoU": of(judged.iou_words, "ious", "ious_left", "away"),
        "labels changed": of("{:.1%}", "moved"),
    },
    tour=TOUR,
)
