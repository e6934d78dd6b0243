"""Pages of others, from a folder of npm: TF.js as CNN Explainer runs its net, and MediaPipe's own.

Nothing is fetched: what a page asks for comes from the folder, and all else is not found.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import torch
from torch import Tensor, nn

PACKAGES = ("@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm", "@mediapipe/selfie_segmentation")
ADDRESS = "http://localhost/"
TFJS = """<!doctype html>
<script src="@tensorflow/tfjs/dist/tf.min.js"></script>
<script src="@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js"></script>
<script>
const models = new Map();
async function open({ backend, nets }) {
  tf.wasm.setWasmPaths("@tensorflow/tfjs-backend-wasm/dist/");
  if (!(await tf.setBackend(backend))) throw new Error(`TF.js cannot start ${backend} here`);
  for (const net of nets) models.set(net, await tf.loadLayersModel(`${net}/model.json`));
}
const pictures = new Map();
async function fetched(name) {
  if (!pictures.has(name)) {
    const answer = await fetch(name);
    pictures.set(name, new Float32Array(await answer.arrayBuffer()));
  }
  return pictures.get(name);
}
async function pass({ net, picture, side, told }) {
  const pixels = await fetched(picture);
  const start = performance.now();
  const scores = tf.tidy(() => models.get(net).predict(tf.tensor(pixels, [1, side, side, 3])));
  const values = await scores.data();
  const ms = performance.now() - start;
  const { shape } = scores;
  scores.dispose();
  return { ms, shape, values: told ? [...values] : [] };
}
</script>
"""
MEDIAPIPE = """<!doctype html>
<script src="@mediapipe/selfie_segmentation/selfie_segmentation.js"></script>
<script>
let solution, found;
async function open() {
  const locateFile = (name) => `@mediapipe/selfie_segmentation/${name}`;
  solution = new SelfieSegmentation({ locateFile });
  solution.setOptions({ modelSelection: 0, selfieMode: false });
  solution.onResults(({ segmentationMask }) => { found = segmentationMask; });
  await solution.initialize();
}
function sheet(side) {
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  return [canvas, canvas.getContext("2d", { willReadFrequently: true })];
}
async function pass({ picture, side, told }) {
  const image = Object.assign(new Image(), { src: picture });
  await image.decode();
  const [given, pen] = sheet(side);
  pen.drawImage(image, 0, 0, side, side);
  const start = performance.now();
  await solution.send({ image: given });
  const [, reader] = sheet(side);
  reader.drawImage(found, 0, 0, side, side);
  const { data } = reader.getImageData(0, 0, side, side);
  const ms = performance.now() - start;
  return { ms, values: told ? [...data].filter((_, i) => i % 4 === 3) : [] }; // alpha
}
</script>
"""


class Page:
    """A page that stands open, with what it may ask for."""

    def __init__(self, browser: Any, folder: Path, html: str, made: Mapping[str, bytes]) -> None:
        self._folder = folder / "node_modules"
        self._made = {"": html.encode(), **made}
        self._context = browser.new_context()
        self._page = self._context.new_page()
        self._page.route("**/*", self._answer)
        self._page.goto(ADDRESS)

    def ask(self, function: str, **given: Any) -> Any:
        """The answer of one of the page's functions."""
        self._page.bring_to_front()
        return self._page.evaluate(f"(given) => {function}(given)", given)

    def close(self) -> None:
        """Close it."""
        self._context.close()

    def _answer(self, route: Any) -> None:
        name = unquote(route.request.url.removeprefix(ADDRESS))
        if name in self._made:
            kind = "application/octet-stream" if name else "text/html"
            route.fulfill(body=self._made[name], content_type=kind)
        elif name.startswith("@") and (self._folder / name).is_file():
            route.fulfill(path=self._folder / name)
        else:
            route.fulfill(status=404, body="")


class Tfjs(Page):
    """Nets in TF.js on one of its backends: cpu, wasm or webgl.

    nets: stacks of convolutions, ReLUs and max pools, by name. pictures: [1, 3, side, side].
    """

    def __init__(
        self,
        browser: Any,
        folder: Path,
        backend: str,
        nets: Mapping[str, nn.Sequential],
        pictures: Mapping[str, Tensor],
    ) -> None:
        self._side = next(iter(pictures.values())).shape[-1]
        made = {name: _octets(_last(picture)) for name, picture in pictures.items()}
        for name, net in nets.items():
            model, weights = layers_model(net, self._side)
            made |= {f"{name}/model.json": model.encode(), f"{name}/weights.bin": weights}
        super().__init__(browser, folder, TFJS, made)
        self.ask("open", backend=backend, nets=list(nets))

    def milliseconds(self, net: str, picture: str) -> float:
        """Milliseconds from the pixels in memory to the scores in memory."""
        given = {"net": net, "picture": picture, "side": self._side}
        return float(self.ask("pass", **given, told=False)["ms"])

    def scores(self, net: str, picture: str) -> Tensor:
        """Scores [1, classes, h, w]."""
        given = {"net": net, "picture": picture, "side": self._side}
        found = self.ask("pass", **given, told=True)
        return torch.tensor(found["values"]).reshape(found["shape"]).permute(0, 3, 1, 2)


class MediaPipe(Page):
    """MediaPipe's own page for one picture file of side x side pixels."""

    def __init__(self, browser: Any, folder: Path, picture: bytes, side: int) -> None:
        self._given = {"picture": "picture.png", "side": side}
        super().__init__(browser, folder, MEDIAPIPE, {"picture.png": picture})
        self.ask("open")

    def milliseconds(self) -> float:
        """Milliseconds from a canvas to the pixels of its mask."""
        return float(self.ask("pass", **self._given, told=False)["ms"])

    def mask(self) -> Tensor:
        """Person or not, [side, side], bool."""
        side = self._given["side"]
        values = self.ask("pass", **self._given, told=True)["values"]
        return torch.tensor(values).reshape(side, side) >= 128


def layers_model(net: nn.Sequential, side: int) -> tuple[str, bytes]:
    """A stack of torch's layers as the two files of a TF.js layers model: model.json, weights.bin.

    Raises ValueError for a layer that is no BatchNorm2d, Conv2d, ReLU or MaxPool2d.
    """
    layers, weights = [], {}
    for name, layer in net.named_children():
        kind, config, held = _layer(layer)
        first = {} if layers else {"batch_input_shape": [None, side, side, 3]}
        layers.append({"class_name": kind, "config": {"name": name, **first, **config}})
        weights |= {f"{name}/{part}": array for part, array in held.items()}
    specs = [{"name": n, "shape": w.shape, "dtype": "float32"} for n, w in weights.items()]
    stack = {"class_name": "Sequential", "config": {"name": "net", "layers": layers}}
    model = {
        "format": "layers-model",
        "modelTopology": {"keras_version": "2.4.0", "backend": "tensorflow", "model_config": stack},
        "weightsManifest": [{"paths": ["weights.bin"], "weights": specs}],
    }
    return json.dumps(model), b"".join(w.tobytes() for w in weights.values())


def _layer(layer: nn.Module) -> tuple[str, dict[str, Any], dict[str, np.ndarray]]:
    if isinstance(layer, nn.BatchNorm2d) and not layer.affine:
        means = {"moving_mean": layer.running_mean, "moving_variance": layer.running_var}
        held = {name: _array(value) for name, value in means.items()}
        return "BatchNormalization", {"epsilon": layer.eps, "center": False, "scale": False}, held
    if isinstance(layer, nn.Conv2d) and layer.padding == (0, 0) and layer.groups == 1:
        config = {
            "filters": layer.out_channels,
            "kernel_size": layer.kernel_size,
            "strides": layer.stride,
            "dilation_rate": layer.dilation,
            "padding": "valid",
        }
        kernel = _array(layer.weight.permute(2, 3, 1, 0))  # rows, columns, in, out
        return "Conv2D", config, {"kernel": kernel, "bias": _array(layer.bias)}
    if isinstance(layer, nn.MaxPool2d) and layer.stride == layer.kernel_size:
        config = {"pool_size": [layer.kernel_size] * 2, "padding": "valid"}
        return "MaxPooling2D", config, {}
    if isinstance(layer, nn.ReLU):
        return "ReLU", {}, {}
    raise ValueError(f"{layer} is no layer of a texture net: add it to benchmarks/others.py")


def _last(picture: Tensor) -> Tensor:
    return picture.permute(0, 2, 3, 1)  # channels last, as TF.js has them


def _array(values: Any) -> np.ndarray:
    return values.detach().float().cpu().contiguous().numpy()


def _octets(values: Tensor) -> bytes:
    return _array(values).tobytes()
