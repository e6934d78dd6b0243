"""Torchvision's nets for photographs, with its own weights once a student has fetched them.

`pretrained` reads torch's cache and never the network; only `download` does, and nothing in seglab
calls it. torch.hub checks a file's hash while it arrives and never again, so `pretrained` checks it
each time, before the file is parsed, and parses tensors only: nothing is unpickled.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache, partial
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from pickle import UnpicklingError
from shutil import disk_usage
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlparse

import torch
from torch import Tensor, nn

from seglab import _torchvision, device
from seglab.nets import blocks, report
from seglab.nets.detections import Detections
from seglab.types import Image, Progress, Scores, Size

if TYPE_CHECKING:
    from torchvision.models import WeightsEnum

FCN, DEEPLAB = "fcn_resnet50", "deeplabv3_resnet50"
LRASPP, MASK_RCNN = "lraspp_mobilenet_v3_large", "maskrcnn_resnet50_fpn"
OUTPUT_STRIDES = (8, 16, 32)
RATES = (12, 24, 36)  # dilations of DeepLabV3's last kernels, as it was trained at output stride 8


class _Entry(NamedTuple):
    weights: str
    strides: tuple[int, ...]  # the output strides at which it can run; the first is as trained


_NETS = {
    FCN: _Entry("FCN_ResNet50_Weights.COCO_WITH_VOC_LABELS_V1", OUTPUT_STRIDES),
    DEEPLAB: _Entry("DeepLabV3_ResNet50_Weights.COCO_WITH_VOC_LABELS_V1", OUTPUT_STRIDES),
    LRASPP: _Entry("LRASPP_MobileNet_V3_Large_Weights.COCO_WITH_VOC_LABELS_V1", (16,)),
    MASK_RCNN: _Entry("MaskRCNN_ResNet50_FPN_Weights.COCO_V1", ()),
}
NETS = tuple(_NETS)


class Segmenter(nn.Module):
    """Torchvision's net behind its own normalisation: [B, 3, H, W] in 0..1 to [B, K, H, W]."""

    def __init__(self, net: nn.Module, mean: list[float], deviation: list[float]) -> None:
        super().__init__()
        self.net, self.mean, self.deviation = net, mean, deviation

    def forward(self, image: Image) -> Scores:
        """Scores of every pixel; the last step up to single pixels is bilinear."""
        blocks.check_image(image)
        mean, deviation = (image.new_tensor(v)[:, None, None] for v in (self.mean, self.deviation))
        scores: Scores = self.net((image - mean) / deviation)["out"]
        return scores


def classes(name: str) -> tuple[str, ...]:
    """Names of what the net can tell apart; class 0 is the background."""
    return tuple(_weights(name).meta["categories"])


def megabytes(name: str) -> float:
    """Size of the file of its weights in millions of bytes, as torchvision states it."""
    return float(_weights(name).meta["_file_size"]) * 2**20 / 1e6  # torchvision's are MiB


def file(name: str) -> Path:
    """Path where torch keeps the weights, whether they are there or not; TORCH_HOME moves it."""
    return Path(torch.hub.get_dir()) / "checkpoints" / Path(urlparse(_weights(name).url).path).name


def is_here(name: str) -> bool:
    """Tell whether a file of weights lies in torch's cache; it is not read."""
    return file(name).is_file()


def download(name: str, progress: bool = True) -> Path:
    """Fetch the weights from torchvision's own address into torch's cache; says how large they are.

    Call it yourself: nothing else here does. A bar shows the progress; a file whose hash is not
    the one that its name ends with is not kept. What is there already and whole is not fetched
    again. Raises ValueError, in one sentence, when there is no room, no network or another file.
    """
    path, size = file(name), megabytes(name)
    if path.is_file():
        if _intact(path, path.read_bytes()):
            print(f"{name} is here already: {path}")
            return path
        path.unlink()
    print(f"{name}: {size:.0f} MB from {urlparse(_weights(name).url).netloc or 'this machine'}")
    _check_room(name, path, size)
    remedy = f"or put the file from {_weights(name).url} at {path} by hand"
    try:
        _weights(name).get_state_dict(
            progress=progress, check_hash=True, weights_only=True, map_location="cpu"
        )
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise ValueError(
            f"{name} cannot be fetched ({reason}): check the network and try again, {remedy}"
        ) from error
    except RuntimeError as error:
        if "invalid hash" not in str(error):
            raise
        raise ValueError(
            f"{name} arrived damaged (its hash is another one) and was not kept: try again, "
            f"{remedy}"
        ) from error
    return path


def pretrained(name: str, output_stride: int | None = None, rates: tuple[int, ...] = RATES) -> Any:
    """Net with its weights from torch's cache, in eval mode, on device.default().

    A Segmenter, or for Mask R-CNN torchvision's own MaskRCNN; output_stride and rates as in build.
    The same object each time: do not change it. Raises ValueError when the weights are not in the
    cache, or damaged.
    """
    path = file(name)
    if not path.is_file():
        raise ValueError(
            f"the weights of {name} are not on this machine: zoo.download({name!r}) fetches them "
            f"({megabytes(name):.0f} MB)"
        )
    stride = _checked_stride(name, output_stride)
    return _pretrained(
        name, stride, rates, str(path), path.stat().st_mtime_ns, str(device.default())
    )


def build(name: str, output_stride: int | None = None, rates: tuple[int, ...] = RATES) -> Any:
    """Net without weights of its own: a Segmenter, or torchvision's MaskRCNN.

    output_stride: 8, 16 or 32 where strides can be replaced by dilation (FCN and DeepLabV3); as it
    was trained when None. rates: the dilations of DeepLabV3's parallel kernels; other nets have
    none. Neither changes the shape of a single weight. Raises ValueError for what the net cannot.
    """
    stride = _checked_stride(name, output_stride)
    if len(rates) != len(RATES) or min(rates) < 1:
        raise ValueError(f"rates={rates} must be {len(RATES)} dilations from 1, such as {RATES}")
    if name == MASK_RCNN:
        return _mask_rcnn(len(classes(name)))
    preset = _weights(name).transforms()
    return Segmenter(_segmenter(name, stride, rates), preset.mean, preset.std)


def objects(net: Any, image: Image) -> Detections:
    """Objects that torchvision's Mask R-CNN finds in a picture [1, 3, H, W]: masks cut at one half.

    The picture is taken at its own size: the net was trained with 800 pixels on the shorter side.
    Raises ValueError for more than one picture.
    """
    blocks.check_image(image)
    if len(image) != 1:
        raise ValueError(f"image holds {len(image)} pictures; give one, such as image[:1]")
    (output,) = net(list(image))
    return Detections(output["masks"][:, 0] >= 0.5, output["labels"], output["scores"])


@contextmanager
def reporting(net: nn.Module, progress: Progress) -> Iterator[None]:
    """Let each convolution of the net that is done, while inside, call progress(done, total)."""
    layers = [layer for layer in net.modules() if isinstance(layer, nn.Conv2d)]
    done = 0

    def report(*_: Any) -> None:
        nonlocal done
        done = min(done + 1, len(layers))  # Mask R-CNN asks some of them more than once
        progress(done, len(layers))

    handles = [layer.register_forward_hook(report) for layer in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def multiply_adds(
    name: str, size: Size, output_stride: int | None = None, rates: tuple[int, ...] = RATES
) -> int:
    """Multiply-adds of a Segmenter's convolutions for one picture, counted without weights.

    The net is built from shapes alone (torch's meta device), so nothing is computed or stored.
    Raises ValueError for Mask R-CNN, whose cost depends on the picture.
    """
    from torch.utils.flop_counter import FlopCounterMode

    if name == MASK_RCNN:
        raise ValueError(f"name={name!r}: what it costs depends on the picture; use another net")
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        build(name, output_stride, rates).eval()(torch.empty(1, 3, *size))
    return int(counter.get_total_flops()) // 2  # a multiply-add is counted as two


def parameters(name: str) -> int:
    """Count the weights of the net that were learned."""
    with torch.device("meta"):
        return sum(weight.numel() for weight in build(name).parameters())


def table() -> str:
    """Nets, their weights, the size of the download and the number of classes, as text."""
    rows = [("net", "weights", "download", "classes")]
    rows += [
        (
            name,
            f"{parameters(name) / 1e6:.1f} million",
            f"{megabytes(name):.0f} MB",
            str(len(set(classes(name)) - {"N/A"}) - 1),  # less the background
        )
        for name in NETS
    ]
    return report.aligned(rows, left=1)


def _weights(name: str) -> "WeightsEnum":
    _torchvision.load()
    from torchvision.models import get_weight

    if name not in _NETS:
        raise ValueError(f"name={name!r} must be one of {', '.join(NETS)}")
    return get_weight(_NETS[name].weights)


def _checked_stride(name: str, output_stride: int | None) -> int:
    _weights(name)  # for the name's sake
    possible = _NETS[name].strides
    if output_stride is None:
        return possible[0] if possible else 0
    if output_stride not in possible:
        can = f"use {', '.join(map(str, possible))}" if possible else "leave it out"
        raise ValueError(f"output_stride={output_stride!r} is none that {name} has; {can}")
    return output_stride


@lru_cache(maxsize=2)
@torch.inference_mode(False)
def _pretrained(
    name: str, stride: int, rates: tuple[int, ...], path: str, changed: int, place: str
) -> Any:
    # From shapes alone, to be filled by the file; Mask R-CNN computes its anchors as it is built.
    with nullcontext() if name == MASK_RCNN else torch.device("meta"):
        net = build(name, stride or None, rates)
    inner = net.net if isinstance(net, Segmenter) else net
    inner.load_state_dict(_state(path, changed), assign=True)
    return net.eval().requires_grad_(False).to(place)


@lru_cache(maxsize=1)
def _state(path: str, changed: int) -> dict[str, Tensor]:
    """Tensors of the file, less those of the auxiliary head, which only served the training."""
    data = Path(path).read_bytes()
    if not _intact(Path(path), data):
        raise ValueError(
            f"{path} is damaged or cut short (its hash is not the one in its name): delete it, or "
            f"let zoo.download fetch it again"
        )
    try:
        state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except (UnpicklingError, RuntimeError, EOFError) as error:
        raise ValueError(f"{path} holds something else than weights: delete it") from error
    return {key: value for key, value in state.items() if not key.startswith("aux_classifier.")}


def _intact(path: Path, data: bytes) -> bool:
    expected = path.stem.rpartition("-")[2]
    return bool(expected) and sha256(data).hexdigest().startswith(expected)


def _check_room(name: str, path: Path, size: float) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(
            f"{path.parent} cannot be made ({error.strerror}): set TORCH_HOME to a folder of yours"
        ) from error
    free = disk_usage(path.parent).free / 1e6
    if free < size:
        raise ValueError(
            f"{name} needs {size:.0f} MB and {path.parent} has {free:.0f} MB left: make room, or "
            f"set TORCH_HOME to another folder"
        )


def _segmenter(name: str, stride: int, rates: tuple[int, ...]) -> nn.Module:
    _torchvision.load()
    from torchvision.models import resnet50, segmentation
    from torchvision.models._utils import IntermediateLayerGetter
    from torchvision.models.segmentation.deeplabv3 import DeepLabHead
    from torchvision.models.segmentation.fcn import FCNHead

    count = len(classes(name))
    if name == LRASPP:
        return segmentation.lraspp_mobilenet_v3_large(
            weights=None, weights_backbone=None, num_classes=count
        )
    # À trous: what is true loses its stride, and the kernels behind it are dilated instead.
    body = resnet50(weights=None, replace_stride_with_dilation=[False, stride < 32, stride < 16])
    features = IntermediateLayerGetter(body, {"layer4": "out"})
    if name == FCN:
        return segmentation.FCN(features, FCNHead(2048, count))
    return segmentation.DeepLabV3(features, DeepLabHead(2048, count, rates))


def _mask_rcnn(count: int) -> nn.Module:
    _torchvision.load()
    from torchvision.models.detection import MaskRCNN
    from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
    from torchvision.ops import FrozenBatchNorm2d

    # eps=0: these weights come from a norm that had none, see overwrite_eps in torchvision.
    norm = partial(FrozenBatchNorm2d, eps=0.0)
    body = resnet_fpn_backbone(backbone_name="resnet50", weights=None, norm_layer=norm)
    net = MaskRCNN(body, count)
    # Else every picture is enlarged to 800 pixels, and takes ten seconds on a CPU.
    net.transform.resize = lambda image, target=None: (image, target)
    return net
