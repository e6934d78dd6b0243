"""Insides of nets: the layers that can be looked into, what their units see, and what comes out."""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from seglab import device, scalars
from seglab.controls import spread
from seglab.images import photos, scenes
from seglab.nets import classifiers, own, segmenters, selfie, textures
from seglab.ops import activations, heatmap, metrics, receptive_field
from seglab.ops.activations import Heard, Ranked
from seglab.ops.dense import analyze
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import NO_LABEL, Image, Labels, Progress, Scores, Size

LAYERS = 7  # of each net, at most
BEST = 9  # places that are kept of each channel
_EACH = 3  # of one picture, at most
WIDE = 96  # pixels: of a wider field, the middle is what counts
SCENES = 24  # drawn pictures for the nets that know nothing else

SELFIE, CLASSIFIER, FCN, UNET = "selfie net", "patch classifier", "FCN-32s", "U-Net"
TEXTURES = {f"texture net, f = {f}": f for f in textures.OUTPUT_STRIDES}
NETS = (SELFIE, *TEXTURES, CLASSIFIER, FCN, UNET)


@dataclass(frozen=True)
class Layer:
    """A layer to look into.

    path: as in net.named_modules(). name: in a word. field: what its units see, apart from gates;
    its size is math.inf where that is the whole picture. gate: the path of the gate that weighs its
    channels when they are used further on; none when empty.
    """

    path: str
    name: str
    field: ReceptiveField
    gate: str = ""


class Sum(NamedTuple):
    """Scores of the classes as a sum over channels.

    parts: what each channel of the last features adds to each class, [C, K, h, w]; None where the
    last step is not linear. scores: [1, K, h, w], the parts and the bias together.
    """

    parts: Tensor | None
    scores: Scores

    def of_class(self, label: int) -> "Sum":
        """The sum of one class: parts [C, 1, h, w] and scores [1, 1, h, w], in their own memory."""
        parts = None if self.parts is None else self.parts[:, label : label + 1].clone()
        return Sum(parts, self.scores[:, label : label + 1].clone())


@dataclass(frozen=True, eq=False)
class Inside:
    """A net, and what there is to see of its inside.

    layers: in the order of the net. classes: names, by label. scores: from the net's output to
    scores [B, K, h, w]. coarse: the field of these scores, None where there is one for each pixel.
    features, head: the path of the layer that the last, linear step reads, and that step, from
    features to scores [B, K, h', w']; None where there is none. drawn: whether it was trained on
    drawn scenes.
    """

    net: nn.Module
    layers: tuple[Layer, ...]
    classes: tuple[str, ...]
    scores: Callable[[Tensor], Scores]
    coarse: ReceptiveField | None
    features: str | None = None
    head: Callable[[Tensor], Scores] | None = None
    drawn: bool = False

    def listen(self, image: Image) -> Heard:
        """Maps of all layers, and their gates, for a picture, with the net's output."""
        gates = [layer.gate for layer in self.layers if layer.gate]
        paths = dict.fromkeys([*(layer.path for layer in self.layers), *gates])
        if self.features is not None:
            paths.setdefault(self.features)
        return activations.listen(self.net, image, paths)

    def without(self, layer: Layer, channels: Sequence[int], image: Image) -> Heard:
        """Output as in listen(), with these channels of a layer always at 0.

        Of the maps there are only the features, which summed() reads.
        """
        net = activations.without(self.net, layer.path, channels)
        return activations.listen(net, image, [self.features] if self.features else [])

    def labels(self, output: Tensor, size: Size) -> Labels:
        """The label of each pixel of a picture of this size, 255 where no field fits around it."""
        labels = heatmap.label_map(self.scores(output))
        return labels if self.coarse is None else heatmap.at_pixels(labels, self.coarse, size)

    def ious(self, labels: Labels, truth: Labels | None) -> Tensor | None:
        """IoU of each class, [K], over the labelled pixels; NaN for one that is not there.

        None where there is no truth.
        """
        if truth is None:
            return None
        known = truth.masked_fill(labels == NO_LABEL, NO_LABEL)
        return metrics.iou(metrics.confusion(labels, known, len(self.classes)))

    def shares(self, labels: Labels) -> list[float]:
        """Share of the picture that each class has."""
        each = range(len(self.classes))
        return [scalars.real((labels == label).float().mean()) for label in each]

    def summed(self, heard: Heard) -> Sum:
        """The scores of a pass on [1, 3, H, W], as the sum of what its last channels add."""
        if self.head is None or self.features is None:
            return Sum(None, self.scores(heard.output))
        features = heard.maps[self.features]
        return Sum(activations.contributions(self.head, features), self.head(features))

    @property
    def kernels(self) -> Tensor:
        """The weights of the first convolution, [C, 3, kh, kw]."""
        convs = (part for part in self.net.modules() if isinstance(part, nn.Conv2d))
        return next(convs).weight.detach()


def shipped(name: str) -> Inside:
    """The inside of a net of NETS; raises ValueError for another name."""
    if name not in NETS:
        raise ValueError(f"name={name!r} must be one of {', '.join(NETS)}")
    return _shipped(name, str(device.default()))


@lru_cache(maxsize=len(NETS))
@torch.inference_mode(False)
def _shipped(name: str, place: str) -> Inside:
    if name in TEXTURES:
        return _stack(textures.pretrained(TEXTURES[name]), skipping=("conv", "pool3"))
    if name == CLASSIFIER:
        return _stack(
            classifiers.convolutional(classifiers.pretrained()), skipping=("conv2", "hid")
        )
    return {SELFIE: _selfie, FCN: _fcn, UNET: _unet}[name]()


def of_own(net: nn.Module) -> Inside:
    """The inside of a student's net: one map of scores, whose layers can be followed.

    Raises as own.usable does, and ValueError for a net without a layer that is a module.
    """
    known = own.usable(net)
    modules = dict(known.net.named_modules())
    fields = receptive_field.trace(known.net)
    idle = nn.Identity | nn.Dropout | nn.Dropout2d
    named = [path for path in fields if path in modules and not isinstance(modules[path], idle)]
    if not named:
        raise ValueError("net has no layer that is a module of its own; give one that has")
    layers = tuple(Layer(path, path, fields[path]) for path in spread(named, LAYERS))
    features, head = None, modules.get(known.layer)
    if isinstance(head, nn.Conv2d) and head.kernel_size == (1, 1):
        steps = {step.node: step.name for step in analyze(known.net).program.steps}
        (source,) = analyze(known.net).program.find(known.layer).sources
        features = steps.get(source) if steps.get(source) in modules else None
    return Inside(
        known.net,
        layers,
        known.classes,
        _as_it_is,
        known.field,
        features,
        head if features else None,
    )


def strongest(inside: Inside, progress: Progress | None = None) -> dict[str, Ranked]:
    """The places that excite each channel of each layer most, over all pictures of pictures().

    By the path of the layer; at most 3 of one picture, at least half a field apart. Remembered as
    long as `inside` is.
    """
    if inside not in _STRONGEST:
        _STRONGEST[inside] = _ranked(inside, progress)
    return _STRONGEST[inside]


_STRONGEST: WeakKeyDictionary[Inside, dict[str, Ranked]] = WeakKeyDictionary()


def _ranked(inside: Inside, progress: Progress | None) -> dict[str, Ranked]:
    found: dict[str, list[activations.Strongest]] = {layer.path: [] for layer in inside.layers}
    names = pictures(inside.drawn)
    for done, name in enumerate(names, 1):
        heard = inside.listen(picture(name))
        for layer in inside.layers:
            found[layer.path].append(
                activations.strongest(heard.maps[layer.path], _EACH, apart(layer.field))
            )
        if progress is not None:
            progress(done, len(names))
    return {path: activations.ranked(each, BEST) for path, each in found.items()}


def pictures(drawn: bool) -> tuple[str, ...]:
    """Names of all shipped photographs; or, drawn, of some scenes of the test split."""
    return tuple(f"scene {seed}" for seed in range(SCENES)) if drawn else photos.names()


def picture(name: str) -> Image:
    """A picture of pictures(); a scene is the same object each time: do not change it."""
    if name.startswith("scene "):
        return _scene(int(name.removeprefix("scene ")), str(device.default()))
    return photos.load(name)


@lru_cache(maxsize=SCENES)
@torch.inference_mode(False)
def _scene(seed: int, place: str) -> Image:
    return scenes.make(seed, segmenters.SIZE, difficulty=segmenters.DIFFICULTY, split="test").image


def apart(field: ReceptiveField) -> int:
    """Units that lie at least half a field apart; of a field that is wide, WIDE / 2 pixels."""
    return max(
        1, *(int(min(s, WIDE) / 2 / d) for s, d in zip(field.size, field.stride, strict=True))
    )


def _as_it_is(output: Tensor) -> Scores:
    return output


def _stack(net: nn.Sequential, skipping: tuple[str, ...]) -> Inside:
    """A stack whose last layer, "scores", is a 1 x 1 convolution."""
    names = [name for name, _ in net.named_children()]
    shown = [n for n in names if n != "normalize" and not n.startswith(skipping)]
    layers = tuple(Layer(name, name, receptive_field.of(net, name)) for name in shown)
    return Inside(
        net, layers, textures.CLASSES, _as_it_is, receptive_field.of(net), names[-2], net[-1]
    )


def _selfie() -> Inside:
    net = selfie.pretrained()
    local = _without_gates(net)
    paths = {
        "stem": ("stride 2", "up2.gate"),
        "stride4": ("stride 4", "up4.gate"),
        "stride8.1": ("stride 8", "up8.gate"),
        "stride16.1": ("stride 16, block 2", ""),
        "stride16.4": ("stride 16, block 5", ""),
        "head": ("stride 16, head", "context"),
    }
    layers = [
        Layer(path, name, receptive_field.of(local, path), gate)
        for path, (name, gate) in paths.items()
    ]
    layers.append(Layer("up2", "decoder, stride 2", _everything(2)))

    def with_background(logit: Tensor) -> Scores:
        """A softmax over 0 and the logit is the sigmoid of the logit."""
        return torch.cat([torch.zeros_like(logit), logit], 1)

    return Inside(
        net,
        tuple(layers),
        selfie.CLASSES,
        with_background,
        None,
        "up2",
        lambda features: with_background(net.score(features)),
    )


def _without_gates(net: nn.Module) -> nn.Module:
    """Copy whose global poolings pool nothing: its fields are those of the path of convolutions."""
    local = deepcopy(net)
    for part in list(local.modules()):
        for name, child in list(part.named_children()):
            if isinstance(child, nn.AdaptiveAvgPool2d):
                setattr(part, name, nn.Identity())
    return local


def _fcn() -> Inside:
    net = segmenters.pretrained("fcn-32s")
    stages = [net.get_submodule(f"stages.{n}") for n in range(5)]
    fields = _fields([*stages, net.get_submodule("head")], pooled=5)
    paths = (*(f"stages.{n}" for n in range(5)), "head")
    names = (*(f"stride {2**n}" for n in range(5)), "head, stride 32")
    layers = [Layer(*each) for each in zip(paths, names, fields, strict=True)]
    head = net.get_submodule("scores.32")
    layers.append(Layer("scores.32", "scores, stride 32", fields[-1]))
    return Inside(net, tuple(layers), segmenters.CLASSES, _as_it_is, None, "head", head, drawn=True)


def _unet() -> Inside:
    net = segmenters.pretrained("unet")
    down = [net.get_submodule(f"down.{n}") for n in range(4)]
    first = receptive_field.of(nn.Sequential(*list(down[0].children())[:2]))
    layers = [
        Layer("down.0.relu1", "stride 1", first),
        *(
            Layer(f"down.{n}", f"stride {2**n}", field)
            for n, field in enumerate(_fields(down, pooled=3)[1:], 1)
        ),
        # Behind the coarsest map, whose fields of 284 pixels cover a scene of 128.
        *(
            Layer(f"merge.{n}", f"up, stride {2 ** (4 - n)}", _everything(2 ** (4 - n)))
            for n in (2, 3, 4)
        ),
    ]
    head = net.get_submodule("scores")
    return Inside(
        net, tuple(layers), segmenters.CLASSES, _as_it_is, None, "merge.4", head, drawn=True
    )


def _fields(blocks: Iterable[nn.Module], pooled: int) -> list[ReceptiveField]:
    """The field after each block, with a pooling of 2 x 2 behind each of the first `pooled`."""
    stack, ends = nn.Sequential(), []
    for number, block in enumerate(blocks):
        stack.append(block)
        ends.append(str(len(stack) - 1))
        if number < pooled:
            stack.append(nn.MaxPool2d(2))
    return [receptive_field.of(stack, end) for end in ends]


def _everything(stride: int) -> ReceptiveField:
    """The field of a unit that sees the whole picture, in the middle of its cell."""
    middle = (stride - 1) / 2
    return ReceptiveField((inf, inf), (stride, stride), (inf, inf), (middle, middle))
