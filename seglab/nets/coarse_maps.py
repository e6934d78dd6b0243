"""Coarse maps whose fine version is known, to upsample.

Three stand on the way of a texture net: its features, the scores that its last layer, a 1 x 1
convolution, makes of them, and the probabilities of those. The fourth is a picture.
"""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seglab import scalars
from seglab.ops import dense, heatmap, metrics, receptive_field
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import Image, Scores

FEATURES, SCORES, PROBABILITIES, PICTURE = "features", "scores", "probabilities", "picture"


@dataclass(frozen=True, eq=False)
class Task:
    """A coarse map to upsample, and what the fine one should be.

    material: FEATURES, SCORES, PROBABILITIES or PICTURE. image: [1, 3, H, W]. net: what makes the
    maps. truth: the image for PICTURE, else labels [1, H, W], or None where they are not known.
    """

    material: str
    image: Image
    net: nn.Module
    truth: Tensor | None

    def coarse(self) -> Tensor:
        """One value for every f x f block."""
        return coarse(self.material, self.image, self.net)

    def pooled(self) -> tuple[Tensor, Tensor]:
        """The largest of each f x f block of the fine map, and where it stands, as F.max_pool2d."""
        f = receptive_field.of(self.net).stride
        pooled = F.max_pool2d(fine(self.material, self.image, self.net), f, return_indices=True)
        return pooled[0], pooled[1]

    def finished(self, upsampled: Tensor) -> Scores | Tensor:
        """The upsampled map at the end of its way: features become scores."""
        return classified(self.material, upsampled, self.net)

    def decided(self, finished: Tensor) -> Tensor:
        """A picture itself, or the best class; no label where all are equal, as in a hole."""
        return finished if self.material == PICTURE else heatmap.label_map(finished, holes=True)

    def error(self, finished: Tensor) -> Tensor:
        """Per pixel, [1, H, W]: what the true class lacks to probability 1; NaN where not known.

        Of a picture, the mean difference of its channels.
        """
        if self.truth is None:
            return torch.full_like(finished[:, 0], torch.nan)
        if self.material == PICTURE:
            return (finished - self.truth).abs().mean(1)
        probable = heatmap.normalized if self.material == PROBABILITIES else heatmap.softmax
        return metrics.missing_probability(probable(finished), self.truth)

    def quality(self, decided: Tensor) -> str:
        """Agreement of a decided map with the truth, in words."""
        if self.truth is None:
            return "truth unknown"
        if self.material != PICTURE:
            return f"{scalars.real((decided == self.truth).float().mean()):.1%} right"
        text, written = (
            f"RMS error {metrics.root_mean_square(decided, self.truth):.3f}",
            decided != 0,
        )
        if scalars.true(written.float().mean() > 0.5):
            return text
        without = metrics.root_mean_square(decided, self.truth, written)
        return f"{text}, without holes {without:.3f}"


def fine(material: str, image: Image, net: nn.Module) -> Tensor:
    """Map for every pixel of the image, [1, C, H, W]: what lab 09 computes, or the picture."""
    if material == PICTURE:
        return image
    if material == FEATURES:
        return dense.predict(_features(net), image)
    scores = dense.predict(net, image)
    return scores.softmax(1) if material == PROBABILITIES else scores


def coarse(material: str, image: Image, net: nn.Module) -> Tensor:
    """Map of one value for every f x f block: the net's own answer, or the mean of a picture.

    The image is mirrored at its border, as far as the net does not pad it itself, so that each
    answer sits at the middle of its block (half a pixel beside it where the field is odd).
    """
    field = receptive_field.of(net)
    if material == PICTURE:
        return F.avg_pool2d(image, field.stride)
    spare = _spare(field)
    top, left = (n // 2 for n in spare)
    padded = F.pad(image, (left, spare[1] - left, top, spare[0] - top), mode="reflect")
    if material == FEATURES:
        return _features(net)(padded)
    rows, columns = (n // f for n, f in zip(image.shape[-2:], field.stride, strict=True))
    scores: Tensor = net(padded)[..., :rows, :columns]
    return scores.softmax(1) if material == PROBABILITIES else scores


def field(net: nn.Module) -> ReceptiveField:
    """Field of the values of coarse(): what each sees of the image, and the block it stands for.

    The image is mirrored, so that the field of unit (0, 0) begins outside it. The center is that of
    the block: a field of odd size has its own on a pixel, half a pixel beside it.
    """
    plain = receptive_field.of(net)
    (top, left), (down, across) = plain.padding, plain.stride
    rows, columns = _spare(plain)
    return replace(
        plain,
        padding=(top + rows // 2, left + columns // 2),
        origin=((down - 1) / 2, (across - 1) / 2),
    )


def classified(material: str, upsampled: Tensor, net: nn.Module) -> Scores | Tensor:
    """Pass features through the classifier; scores and pictures are at their end already."""
    return classifier(net)(upsampled) if material == FEATURES else upsampled


def classifier(net: nn.Module) -> nn.Conv2d:
    """Last layer of a net, a 1 x 1 convolution from features to scores.

    Raises ValueError for a net that does not end in one.
    """
    last = net[-1] if isinstance(net, nn.Sequential) else None
    if not isinstance(last, nn.Conv2d) or last.kernel_size != (1, 1):
        raise ValueError(
            "net does not end in a 1 x 1 convolution, which makes scores of features; use an "
            "nn.Sequential that does, or upsample its scores"
        )
    return last


def _features(net: nn.Module) -> nn.Sequential:
    """The net without its classifier."""
    classifier(net)
    assert isinstance(net, nn.Sequential)
    return net[:-1]


def _spare(field: ReceptiveField) -> tuple[int, int]:
    """Rows and columns to add, so that a picture of n blocks gets n values."""
    rows, columns = (
        max(0, int(size - step - 2 * padding))
        for size, step, padding in zip(field.size, field.stride, field.padding, strict=True)
    )
    return rows, columns
