"""The published file itself, run by Google's interpreter; its answers are stored too.

python tests/selfie_oracle.py  # writes them anew
"""

from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from seglab.images import photos

FOLDER = Path(__file__).parent / "data"
FILE = FOLDER / "selfie_segmentation.tflite"
PLANES = FOLDER / "selfie-planes.npz"
PHOTOS = ("astronaut", "camera", "chelsea", "motorcycle_left")
NOISES = 3


def noise(seed: int) -> Tensor:
    """A person under random blots of colour, of whom the net is unsure, [1, 3, 256, 256]."""
    draw = torch.Generator().manual_seed(seed)
    blots = F.interpolate(torch.rand(1, 3, 9, 9, generator=draw), (256, 256), mode="bicubic")
    grain = torch.rand(1, 3, 256, 256, generator=draw)
    return (0.55 * photos.load("astronaut").cpu() + 0.35 * blots + 0.1 * grain).clamp(0, 1)


def inputs() -> dict[str, Tensor]:
    """Pictures by name, [1, 3, 256, 256], on the CPU."""
    pictures = {name: photos.load(name).cpu() for name in PHOTOS}
    return pictures | {f"noise {seed}": noise(seed) for seed in range(NOISES)}


def interpreted(image: Tensor) -> Tensor:
    """Answer of the published file, [1, 1, 256, 256]; ImportError where nothing can run it."""
    interpreter = _interpreter()
    (entry,), (leaving,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.set_tensor(entry["index"], image.permute(0, 2, 3, 1).contiguous().numpy())
    interpreter.invoke()
    answer = torch.from_numpy(interpreter.get_tensor(leaving["index"]).copy())
    return answer.permute(0, 3, 1, 2)


def stored() -> dict[str, Tensor]:
    """Answers of the published file as they were stored, by the names of `inputs`."""
    with np.load(PLANES) as planes:
        return {
            name: torch.from_numpy(planes[name].astype(np.float32) / 65535)[None, None]
            for name in planes.files
        }


@cache
def _interpreter():
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(FILE), num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


if __name__ == "__main__":
    answers = {name: interpreted(image)[0, 0].numpy() for name, image in inputs().items()}
    planes = {name: (answer * 65535).round().astype(np.uint16) for name, answer in answers.items()}
    np.savez_compressed(PLANES, **planes)
