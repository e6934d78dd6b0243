"""The ways to show three pictures that follow a slider: their cells, and how a value is read.

A picture carries its value in its first pixels, so that what is seen is read and not believed.
"""

from typing import NamedTuple

VALUES = 160  # each of the mouse's events goes to a new one

COMMON = f"""
import warnings; warnings.filterwarnings("ignore")
import numpy as np, ipywidgets as w
def planes(i):
    '''Three pictures whose first pixels are i.'''
    found = [np.roll(base, i, axis) for base, axis in BASES]
    for plane in found:
        plane[:16, :16] = i
    return found
VALUES = {VALUES}
y, x = np.mgrid[:256, :256]
BASES = [((x ^ y).astype(np.uint8), 0), (((x + y) // 2).astype(np.uint8), 1),
         ((x * y // 256).astype(np.uint8), 0)]
def slider():
    made = w.IntSlider(0, 0, {VALUES - 1}, description="value", layout={{"width": "100%"}})
    made.add_class("bench-slider")
    return made
"""

SEGLAB = """
import torch
from seglab import show
from seglab.draw import paint
from seglab.lab import Choice, Lab
def pictures(value):
    return [torch.from_numpy(plane.astype(np.float32)) for plane in planes(value)]
def pane(n):
    return lambda pictures: paint.scalar(pictures[n], low=0, high=254, palette="gray")
LAB = Lab(title="bench", controls={"value": Choice(*range(VALUES))}, stages=(pictures,),
          panes={name: pane(n) for n, name in enumerate("abc")})
lab = show(LAB)
lab.controls["value"].layout.width = "100%"
lab.controls["value"].add_class("bench-slider")
lab
"""

COLD = """
import seglab.live.session
seglab.live.session.CHEAP = -1  # nothing is sent ahead
"""

INTERACT = """
%matplotlib inline
%config InlineBackend.print_figure_kwargs = {"bbox_inches": None}
import matplotlib.pyplot as plt
def draw(value):
    figure, axes = plt.subplots(1, 3, figsize=(7.68, 2.56), dpi=100)
    figure.subplots_adjust(0, 0, 1, 1, 0, 0)
    for axis, plane in zip(axes, planes(value)):
        axis.imshow(plane, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axis.axis("off")
    plt.show()
w.interact(draw, value=slider())
"""

IMAGE = """
import io
from PIL import Image
shown = [w.Image(format="png", layout={"width": "256px"}) for _ in range(3)]
for one in shown:
    one.add_class("bench-image")
def draw(change):
    for one, plane in zip(shown, planes(change.new)):
        file = io.BytesIO()
        Image.fromarray(plane).save(file, "png", compress_level=1)
        one.value = file.getvalue()
moving = slider()
moving.observe(draw, "value")
class Start: new = 0
draw(Start)
w.VBox([moving, w.HBox(shown)])
"""

PLOTLY = """
import plotly.graph_objects as go
from plotly.subplots import make_subplots
figure = go.FigureWidget(make_subplots(1, 3))
for n, plane in enumerate(planes(0)):
    figure.add_trace(go.Heatmap(z=plane, zmin=0, zmax=255, showscale=False), 1, n + 1)
figure.update_layout(width=900, height=320)
def draw(change):
    with figure.batch_update():
        for trace, plane in zip(figure.data, planes(change.new)):
            trace.z = plane
moving = slider()
moving.observe(draw, "value")
w.VBox([moving, figure])
"""

FLOOR = """
import anywidget, traitlets
class Floor(anywidget.AnyWidget):
    _esm = '''
    export default { async render({ model, el }) {
      const { buffer, byteOffset, byteLength } = model.get("frames");
      const all = new Uint8Array(buffer, byteOffset, byteLength);
      const slider = await model.widget_manager.get_model(model.get("slider"));
      const canvases = [0, 1, 2].map(() => {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 256;
        canvas.className = "bench-canvas";
        el.append(canvas);
        return canvas;
      });
      const colours = Uint32Array.from({ length: 256 }, (_, i) => (255 << 24) | (i * 65793));
      const draw = () => canvases.forEach((canvas, n) => {
        const image = new ImageData(256, 256);
        const out = new Uint32Array(image.data.buffer);
        const from = (3 * slider.get("value") + n) * 65536;
        for (let i = 0; i < 65536; i++) out[i] = colours[all[from + i]];
        canvas.getContext("2d").putImageData(image, 0, 0);
      });
      slider.on("change:value", draw);
      draw();
    } };
    '''
    frames = traitlets.Bytes().tag(sync=True)
    slider = traitlets.Unicode().tag(sync=True)
    told = traitlets.Int().tag(sync=True)
moving = slider()
every = b"".join(plane.tobytes() for i in range(VALUES) for plane in planes(i))
floor = Floor(frames=every, slider=moving.model_id)
w.VBox([moving, floor])
"""

# The same, but drawn when the kernel has told the number: the least that an answer takes.
ANSWER = FLOOR.replace('slider.on("change:value"', 'model.on("change:told"')
ANSWER = ANSWER.replace('slider.get("value")', 'model.get("told")')
ANSWER = ANSWER.replace(
    "w.VBox", 'moving.observe(lambda change: floor.set_trait("told", change.new), "value")\nw.VBox'
)

# What the picture says its value is; undefined while there is none.
CANVAS = "document.querySelector('%s')?.getContext('2d').getImageData(4, 4, 1, 1).data[0]"
# The gray palette has 255 colours for 0 to 255.
READ_BOARD = f"() => Math.round({CANVAS % 'canvas.seglab-plane'} * 254 / 255)"
READ_FLOOR = "() => " + CANVAS % "canvas.bench-canvas"
READ_IMAGE = """() => {
  const all = [...document.querySelectorAll('%s')];
  const image = all.at(-1);
  if (!image?.complete || !image.naturalWidth) return undefined;
  if (image !== window.seen?.image || image.src !== window.seen.src) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 8;
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0, 8, 8, 0, 0, 8, 8);
    window.seen = {image, src: image.src, value: context.getImageData(5, 5, 1, 1).data[0]};
  }
  return window.seen.value;
}"""
READ_PLOTLY = """() => {
  const plot = document.querySelector('.js-plotly-plot');
  if (plot && !plot.bench && plot.on) {
    plot.bench = true;
    const note = () => {
      const z = plot._fullData.at(-1).z;
      window.seenPlot = z?.[0]?.[0] ?? z?.[0] ?? z?._inputArray?.[0];
    };
    note();
    plot.on('plotly_afterplot', note);
  }
  return window.seenPlot;
}"""


class Way(NamedTuple):
    """One way to show the pictures: its cells, and how its value is read."""

    name: str
    cells: list[str]
    read: str


WAYS = [
    Way("floor: all frames in the browser", [COMMON, FLOOR], READ_FLOOR),
    Way("the same, told by the kernel", [COMMON, ANSWER], READ_FLOOR),
    Way("seglab, warm", [COMMON, SEGLAB], READ_BOARD),
    Way("seglab, cold", [COMMON, SEGLAB, COLD], READ_BOARD),
    Way("ipywidgets.Image", [COMMON, IMAGE], READ_IMAGE % ".bench-image"),
    Way("Plotly FigureWidget", [COMMON, PLOTLY], READ_PLOTLY),
    Way("interact + matplotlib", [COMMON, INTERACT], READ_IMAGE % ".jp-OutputArea img"),
]
