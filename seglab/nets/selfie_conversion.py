"""Conversion of the published file of MediaPipe Selfie Segmentation to the weights of SelfieNet.

A .tflite file lists its operations in the order in which they run, which is the order of the layers
in SelfieNet. Its weights are float16, and stay so.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seglab.nets import selfie, weights

ORIGIN = {
    "source": "npm package @mediapipe/selfie_segmentation",
    "version": "0.1.1675465747",
    "file": "selfie_segmentation.tflite",
    "sha256": "8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27",
    "licence": "Apache-2.0",
}
# The axes of a weight in the file, as torch orders them: out (or in, where transposed), ..., h, w.
_AXES = {
    "CONV_2D": (0, 3, 1, 2),
    "DEPTHWISE_CONV_2D": (3, 0, 1, 2),
    "CUSTOM": (3, 0, 1, 2),  # MediaPipe's own transposed convolution with a bias
}


def convert(file: str | Path, out: str | Path | None = None) -> None:
    """Write the weights in a published file; it is read, and nothing is fetched.

    out: the folder, the package's own when None. Raises ValueError for another file than ORIGIN's.
    """
    folder = weights.FOLDER if out is None else Path(out)
    weights.check_writable(folder)
    state = read(file)
    figures = {"parameters": sum(value.numel() for value in state.values())}
    weights.save({selfie.NAME: state}, {selfie.NAME: figures}, folder, {selfie.NAME: ORIGIN})
    print(f"{figures['parameters']} weights, written to {folder}")


def read(file: str | Path) -> weights.State:
    """Weights in a published file, as SelfieNet names them, float16."""
    data = _checked(Path(file))
    net = selfie.SelfieNet().half()
    layers = [layer for layer in net.modules() if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)]
    for layer, (weight, bias) in zip(layers, _convolutions(data), strict=True):
        layer.load_state_dict({"weight": weight, "bias": bias})
    return net.state_dict()


def _checked(path: Path) -> bytes:
    named = f"file={str(path)!r}"
    data = weights.contents(path, named, "check the path")
    digest = sha256(data).hexdigest()
    if digest != ORIGIN["sha256"]:
        raise ValueError(
            f"{named} is not the {ORIGIN['file']} of {ORIGIN['source']} {ORIGIN['version']} (its "
            f"SHA-256 is {digest}, that of the published file {ORIGIN['sha256']}): give that file"
        )
    return data


def _convolutions(data: bytes) -> Iterator[tuple[Tensor, Tensor]]:
    """Weight and bias of each convolution, in the order in which they run."""
    tflite = _reader()
    model = tflite.Model.GetRootAs(data)
    graph = model.Subgraphs(0)
    kinds = {code: name for name, code in vars(tflite.BuiltinOperator).items()}
    halves = {}  # a tensor of float32 -> the stored one of float16
    for step in map(graph.Operators, range(graph.OperatorsLength())):
        code = model.OperatorCodes(step.OpcodeIndex())
        kind, inputs = kinds[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())], step.Inputs
        if kind == "DEQUANTIZE":
            halves[step.Outputs(0)] = inputs(0)
        elif kind in _AXES:
            weight, bias = (_tensor(model, graph.Tensors(halves[inputs(n)])) for n in (1, 2))
            yield weight.permute(_AXES[kind]).contiguous(), bias


def _tensor(model: Any, stored: Any) -> Tensor:
    values = model.Buffers(stored.Buffer()).DataAsNumpy().view(np.float16)
    return torch.from_numpy(values.reshape(stored.ShapeAsNumpy()).copy())


def _reader() -> Any:
    """The package that reads such files; ValueError with the command where it is missing."""
    try:
        import tflite
    except ImportError:
        raise ValueError(
            "a .tflite file is read with tflite, which is missing here; "
            "run: pip install 'seglab[convert]'"
        ) from None
    return tflite
