"""Lab 17, what filters see: the patch of a unit, a channel taken away, a class activation map."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question


def _values(random: np.random.Generator, *shape: int) -> Tensor:
    return torch.from_numpy(random.normal(size=shape)).float()


def _picture_and_heatmap(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    height, width, stride = 2 + i // 4, 3 + i // 3, (2, 3, 4)[i % 3]
    size = (3, 5, 8)[i % 3]
    image = random.random((3, size + stride * (height - 1) + 1, size + stride * (width - 1) + 1))
    heatmap = _values(random, height, width)
    # Clear of each other: the highest, the lowest, and the largest without its sign.
    heatmap[0, -1], heatmap[-1, 0] = -6.0, 4.0
    if i % 2:
        heatmap[0, -1], heatmap[-1, 0], heatmap[-1, -2] = -4.0, 0.5, 5.0
    return {
        "image": torch.from_numpy(image).float(),
        "heatmap": heatmap,
        "size": size,
        "stride": stride,
    }


def strongest_patch(image: Tensor, heatmap: Tensor, size: int, stride: int) -> Tensor:
    """The pixels that the unit with the highest value sees, [3, size, size]."""
    return _patch(image, *divmod(int(heatmap.argmax()), heatmap.shape[1]), size, stride)


def _patch(image: Tensor, row: int, column: int, size: int, stride: int) -> Tensor:
    top, left = row * stride, column * stride
    return image[:, top : top + size, left : left + size]


def _of(choose: Any, distance: int | None = None) -> Any:
    """A mistaken answer: another unit, or another distance between units."""

    def wrong(image: Tensor, heatmap: Tensor, size: int, stride: int) -> Tensor:
        row, column = choose(heatmap)
        return _patch(image, row, column, size, stride if distance is None else distance)

    return wrong


def _highest(heatmap: Tensor) -> tuple[int, int]:
    return divmod(int(heatmap.argmax()), heatmap.shape[1])


def _centered(image: Tensor, heatmap: Tensor, size: int, stride: int) -> Tensor:
    row, column = _highest(heatmap)
    top, left = (max(0, at * stride - size // 2) for at in (row, column))
    return image[:, top : top + size, left : left + size]


def _cell(image: Tensor, heatmap: Tensor, size: int, stride: int) -> Tensor:
    return _patch(image, *_highest(heatmap), stride, stride)


def _features_and_channel(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    batch, channels = 1 + i // 7, 2 + i // 4
    # As many rows as channels, so that a wrong axis still runs.
    features = _values(random, batch, channels, channels + 1, channels + 2)
    return {"features": features, "channel": int(random.integers(0, channels))}


def take_away(features: Tensor, channel: int) -> Tensor:
    """The features [B, C, h, w] with one channel at 0, and the others as they are."""
    left = features.clone()
    left[:, channel] = 0
    return left


def _all_others(features: Tensor, channel: int) -> Tensor:
    return features - take_away(features, channel)


def _cut_out(features: Tensor, channel: int) -> Tensor:
    return torch.cat([features[:, :channel], features[:, channel + 1 :]], 1)


def _one_row(features: Tensor, channel: int) -> Tensor:
    left = features.clone()
    left[:, :, channel] = 0
    return left


def _averaged(features: Tensor, channel: int) -> Tensor:
    left = features.clone()
    left[:, channel] = features[:, channel].mean()
    return left


def _features_and_weights(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    channels, classes = 2 + i // 4, 2 + i % 3
    return {
        "features": _values(random, channels, 1 + i // 3, 2 + i // 4).clamp(min=-0.2),
        "weights": _values(random, classes, channels),
        "kind": int(random.integers(0, classes)),
    }


def class_map(features: Tensor, weights: Tensor, kind: int) -> Tensor:
    """The class activation map [h, w] of one class: the weighted sum of the channels."""
    return (weights[kind][:, None, None] * features).sum(0)


EXERCISES = (
    Exercise(
        "strongest_patch",
        _picture_and_heatmap,
        strongest_patch,
        {
            "a unit further on in the map is `stride` pixels further on in the picture": _of(
                _highest, distance=1
            ),
            "row and column are exchanged: the number of a value goes along the rows, so divide "
            "by the width of the heatmap": _of(
                lambda heatmap: divmod(int(heatmap.argmax()), heatmap.shape[1])[::-1]
            ),
            "that is the lowest value: the strongest is the highest": _of(
                lambda heatmap: divmod(int(heatmap.argmin()), heatmap.shape[1])
            ),
            "the sign counts: a large negative value says that the filter sees the contrary": _of(
                lambda heatmap: divmod(int(heatmap.abs().argmax()), heatmap.shape[1])
            ),
            "unit 0 sees the pixels from 0 on: without padding, its field begins at row · stride, "
            "and is not centered there": _centered,
            "that is only the cell between two units: a unit sees its whole field": _cell,
        },
    ),
    Exercise(
        "take_away",
        _features_and_channel,
        take_away,
        {
            "the channel is cut out, and the next layer has weights for as many as before: set it "
            "to 0": _cut_out,
            "only this channel is left: the others stay, and this one becomes 0": _all_others,
            "a row of every channel is gone: channels are the second axis, [B, C, h, w]": _one_row,
            "the channel is at its mean: that is another way to take it away, but here it is 0": (
                _averaged
            ),
            "nothing is taken away": lambda features, channel: features.clone(),
        },
    ),
    Exercise(
        "class_map",
        _features_and_weights,
        class_map,
        {
            "this is the mean over the channels: a class activation map is their weighted sum": (
                lambda features, weights, kind: class_map(features, weights, kind) / len(features)
            ),
            "the weights are not used: every channel counts the same": (
                lambda features, weights, kind: features.sum(0)
            ),
            "negative weights count too: such a channel votes against the class": (
                lambda features, weights, kind: class_map(features, weights.clamp(min=0), kind)
            ),
            "what is negative in the sum stays negative: there is no ReLU behind it": (
                lambda features, weights, kind: class_map(features, weights, kind).clamp(min=0)
            ),
            "this is the strongest channel alone: all channels are added up": (
                lambda features, weights, kind: (weights[kind][:, None, None] * features).amax(0)
            ),
            "these are the maps of all classes: one is asked for, weights[kind]": (
                lambda features, weights, kind: torch.einsum("kc,chw->khw", weights, features)
            ),
        },
    ),
)

QUESTIONS = (
    Question(
        "17-without-the-face",
        "A published net finds the person in a photograph. One of the 32 channels of its last map "
        "at stride 16 is by far the highest at her face. You set this channel to 0 everywhere. "
        "What becomes of the mask of the person?",
        (
            Option(
                "the face is missing in it",
                "Other channels see the head too: its upper edge, its sides, the neck.",
            ),
            Option(
                "the whole person is missing: without a face there is no person",
                "No channel decides alone: there are 31 more, and three skips.",
            ),
            Option(
                "almost nothing: 2 pixels of 1,000 change",
                "The other 31 channels, and the skips, know enough. What a channel is excited by, "
                "and what the net needs it for, are two questions.",
                right=True,
            ),
        ),
    ),
    Question(
        "17-brown-patches",
        "The nine patches that excite a channel most are all brown. What follows?",
        (
            Option(
                "the channel sees the colour brown",
                "It may, among other things. In this lab there is such a channel. Without colour, "
                "these patches excite it less than half as much, but the tissue of the mosaic "
                "still does: it also answers to what is bright.",
            ),
            Option(
                "nothing yet: change the colour, and look whether the heatmap changes",
                "Patches show what excites the channel in these photographs. Only an experiment "
                "tells which property of them it was.",
                right=True,
            ),
            Option(
                "the net was trained on brown pictures",
                "The patches come from the photographs that were looked through, not from the "
                "training.",
            ),
        ),
        after=True,
    ),
    Question(
        "17-one-pixel-of-a-heatmap",
        "A hidden layer has stride 16: one unit every 16 pixels. What does one pixel of its "
        "heatmap stand for?",
        (
            Option(
                "for the pixel of the picture at the same place",
                "The map has 16 × 16 units for 256 × 256 pixels: there is no such pixel.",
            ),
            Option(
                "for a cell of 16 × 16 pixels, and nothing outside it",
                "The cells tell where the units stand. What a unit sees is larger, and fields "
                "overlap.",
            ),
            Option(
                "for everything in its receptive field, which is larger than its cell",
                "Its value is computed from all pixels of the field: here up to 319 × 319. Where "
                "in the field the filter saw something, the heatmap does not say.",
                right=True,
            ),
        ),
        after=True,
    ),
)
