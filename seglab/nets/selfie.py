"""MediaPipe Selfie Segmentation, rebuilt: a published net that finds the people in a photograph.

Google's "general" model of 2021 (Apache-2.0), made for video calls. An encoder like MobileNetV3's
(Howard et al., "Searching for MobileNetV3", 2019) goes down to stride 16; a decoder goes up again,
and a gate weighs each skip by the mean of the whole picture. docs/nets.md says where the weights
come from.

Every stride-2 convolution pads below and to the right only, as TensorFlow does: a unit's center
lies later than its cell's middle, by 7.5 pixels at stride 16. The net has learned to live with it.
"""

from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seglab import device
from seglab.images import resize
from seglab.nets import blocks, weights
from seglab.nets.blocks import UNTOUCHED, Skips
from seglab.types import Image, Scores

NAME = "selfie"
SIDE = 256  # pixels of the square that the net was trained on
CLASSES = ("background", "person")
SKIPS = (8, 4, 2)  # strides at which the decoder adds features of the encoder


class Gate(nn.Sequential):
    """Squeeze-and-excitation: one weight from 0 to 1 for each channel, from the whole picture."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__(
            nn.AdaptiveAvgPool2d(1),  # [B, C, h, w] -> [B, C, 1, 1]
            nn.Conv2d(channels, squeezed, 1),
            nn.ReLU(),
            nn.Conv2d(squeezed, channels, 1),
            nn.Sigmoid(),
        )


class Bottleneck(nn.Module):
    """Inverted residual: more channels, one kernel for each of them, a gate, fewer channels."""

    def __init__(
        self, entering: int, wide: int, leaving: int, kernel: int, stride: int, squeezed: int = 0
    ) -> None:
        super().__init__()
        act = nn.Hardswish if kernel == 5 else nn.ReLU
        before, after = (kernel - stride) // 2, (kernel - 1) // 2
        self.expand = nn.Sequential(nn.Conv2d(entering, wide, 1), act())
        self.depthwise = nn.Sequential(
            nn.ZeroPad2d((before, after, before, after)),
            nn.Conv2d(wide, wide, kernel, stride, groups=wide),
            act(),
        )
        self.gate = Gate(wide, squeezed) if squeezed else None
        self.project = nn.Conv2d(wide, leaving, 1)
        self.residual = stride == 1

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, entering, h, w] to [B, leaving, h / stride, w / stride]."""
        y = self.depthwise(self.expand(x))
        y = self.project(y if self.gate is None else y * self.gate(y))
        return x + y if self.residual else y


class Step(nn.Module):
    """Decoder step: features twice as fine, plus the skip, each of whose channels has a gate."""

    def __init__(self, entering: int, channels: int) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(entering, channels, 1)
        self.gate = Gate(channels, channels)
        self.mix = nn.Sequential(nn.Conv2d(channels, channels, 1), nn.ReLU())
        depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.sharpen = nn.Sequential(depthwise, nn.ReLU())

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """Maps [B, entering, h, w] and [B, channels, 2h, 2w] to [B, channels, 2h, 2w]."""
        x = self.narrow(F.interpolate(x, scale_factor=2.0, mode="bilinear"))
        x = self.mix(skip * self.gate(skip + x) + x)
        return x + self.sharpen(x)


class SelfieNet(nn.Module):
    """Net without weights: an image [B, 3, H, W] to one score a pixel, [B, 1, H, W], a logit.

    H and W are multiples of 16; it was trained on 256 x 256. `person` takes any picture.
    """

    def __init__(self) -> None:
        super().__init__()
        pad, first = nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(3, 16, 3, 2)
        self.stem = nn.Sequential(pad, first, nn.Hardswish())
        self.stride4 = Bottleneck(16, 16, 16, 3, 2, squeezed=8)
        self.stride8 = nn.Sequential(Bottleneck(16, 72, 24, 3, 2), Bottleneck(24, 88, 24, 3, 1))
        self.stride16 = nn.Sequential(
            Bottleneck(24, 96, 32, 5, 2, squeezed=24),
            Bottleneck(32, 128, 32, 5, 1, squeezed=32),
            Bottleneck(32, 128, 32, 5, 1, squeezed=32),
            Bottleneck(32, 96, 32, 5, 1, squeezed=24),
            Bottleneck(32, 96, 32, 5, 1, squeezed=24),
        )
        self.head = nn.Sequential(nn.Conv2d(32, 128, 1), nn.ReLU())
        self.context = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(32, 128, 1), nn.Sigmoid())
        self.up8, self.up4, self.up2 = Step(128, 24), Step(24, 16), Step(16, 16)
        self.score = nn.ConvTranspose2d(16, 1, 2, 2)

    def forward(self, image: Image) -> Scores:
        """Score of every pixel: above 0 is a person."""
        return self.decode(self.encode(image))

    def encode(self, image: Image) -> dict[int, Tensor]:
        """Stride -> features: three skips and, at stride 16, what the decoder starts from."""
        if isinstance(image, Tensor):  # torch.fx traces the net without one
            _check_sides(image)
        at2 = self.stem(image)  # [B, 16, H/2, W/2]
        at4 = self.stride4(at2)  # [B, 16, H/4, W/4]
        at8 = self.stride8(at4)  # [B, 24, H/8, W/8]
        x = self.stride16(at8)  # [B, 32, H/16, W/16]
        top = self.head(x) * self.context(x)  # [B, 128, H/16, W/16]
        return {2: at2, 4: at4, 8: at8, 16: top}

    def decode(self, features: dict[int, Tensor], skips: Skips = UNTOUCHED) -> Scores:
        """Go from the features of `encode` to scores; skips: stride -> Skip, what is done to it."""
        blocks.check_skips(skips, SKIPS)
        x = features[16]
        for stride, step in zip(SKIPS, (self.up8, self.up4, self.up2), strict=True):
            skip = features[stride]
            # [B, 24, H/8, W/8], then [B, 16, H/4, W/4], then [B, 16, H/2, W/2]
            x = step(x, skips[stride](skip) if stride in skips else skip)
        scores: Scores = self.score(x)  # [B, 1, H, W]
        return scores


def person(net: SelfieNet, image: Image, skips: Skips = UNTOUCHED) -> Tensor:
    """Probability of a person at each pixel, [B, 1, H, W], of pictures of any size.

    As published: the picture is stretched to 256 x 256, and the answer is stretched back.
    """
    blocks.check_image(image)
    square = resize.image(image, (SIDE, SIDE)).to(net.score.weight.dtype)
    probability = net.decode(net.encode(square), skips).sigmoid().to(image.dtype)
    return F.interpolate(probability, image.shape[-2:], mode="bilinear")


def _check_sides(image: Image) -> None:
    blocks.check_image(image)
    height, width = image.shape[-2:]
    if height % 16 or width % 16:
        raise ValueError(
            f"image has {height} x {width} pixels, and the net halves it four times: give "
            "multiples of 16, or ask selfie.person(net, image)"
        )


def pretrained() -> SelfieNet:
    """Shipped net in eval mode, on device.default().

    The same object each time: do not change it (copy.deepcopy first).
    """
    return _pretrained(str(device.default()))


@lru_cache(maxsize=8)
@torch.inference_mode(False)
def _pretrained(place: str) -> SelfieNet:
    net = weights.from_half(SelfieNet(), weights.load(NAME)).to(place)
    return net.to(memory_format=torch.channels_last)
