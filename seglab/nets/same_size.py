"""Five convolutions with padding: a score for every pixel of a picture, up to its border.

The layers and their weights are those of five_convolutions, which have no padding. Padding is what
most published nets do: each layer continues its map, by zeros, by its mirror image or by its last
row and column.
"""

from collections import OrderedDict

from torch import Tensor, nn

from seglab.nets import blocks, five_convolutions
from seglab.types import Image, Scores

RULES: dict[str, type[nn.Module]] = {
    "zeros": nn.ZeroPad2d,
    "mirror": nn.ReflectionPad2d,
    "repeat": nn.ReplicationPad2d,
}


class SameSize(nn.Module):
    """An image [B, 3, H, W] of any size to scores [B, 7, H, W].

    net: a stack of five_convolutions, whose layers are shared. rule: one of RULES. A net of stride
    f gives each block of f x f pixels one score; a picture whose sides are no multiples of f is
    continued below and to the right by its mirror image, and the scores there are cut off.
    """

    def __init__(self, net: nn.Sequential, rule: str = "zeros") -> None:
        if rule not in RULES:
            raise ValueError(f"rule={rule!r} must be one of {', '.join(RULES)}")
        super().__init__()
        convolutions = [m for m in net if isinstance(m, nn.Conv2d)]
        strided = [m for m in convolutions if m.stride != (1, 1)]
        self.stride = 2 ** len(strided)
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for name, layer in net.named_children():
            if isinstance(layer, nn.Conv2d) and layer.kernel_size != (1, 1):
                around = (layer.dilation[0],) * 4
                if layer in strided:  # so that a unit's center lies in the middle of its block
                    around = (1, 0, 1, 0) if layer is strided[-1] else (0, 1, 0, 1)
                layers[f"{name}_pad"] = RULES[rule](around)
            layers[name] = layer
        layers["enlarge"] = nn.Upsample(scale_factor=self.stride)
        self.layers = nn.Sequential(layers)
        self.train(net.training)

    def forward(self, image: Image) -> Scores:
        """Scores of every pixel."""
        height, width = image.shape[-2:]
        scores: Tensor = self.layers(blocks.mirrored_to_multiple(image, self.stride))
        return scores[..., :height, :width]


def pretrained(name: str, rule: str = "zeros") -> SameSize:
    """Shipped net of five_convolutions, trained on mosaics, with padding; in eval mode."""
    net = five_convolutions.pretrained(name, trained_on=five_convolutions.MOSAICS)
    return SameSize(net, rule)
