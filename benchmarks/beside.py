"""The nets of pages that compute, beside TF.js and beside MediaPipe's own page.

    python benchmarks/beside.py --npm FOLDER [--f 2 4 8 16] [--rounds N]

FOLDER is where npm has installed @tensorflow/tfjs, @tensorflow/tfjs-backend-wasm and
@mediapipe/selfie_segmentation. All pages stand open in one headless Chromium, which nothing
outside answers, and take turns, each on one thread; WebGL is drawn by the processor (SwiftShader).

The texture nets of labs 06 and 10, on pictures of 256 x 256: in torch; in a page of seglab that
shows the largest score ("no net" is the page's way to its worker and back); as a step of lab 06 to
another f, with all its panes; and in TF.js, as a layers model from JSON, the way of CNN Explainer
(Wang et al., "CNN Explainer: Learning Convolutional Neural Networks with Interactive
Visualization", 2020), on each backend. The published net of lab 16: in torch, in Google's
interpreter, in the page with the largest score, in lab 16's page from the choice of a file to all
panes, and in MediaPipe's own page. What TF.js and MediaPipe compute is compared with torch first.
Prints a Markdown report.
"""

import argparse
import base64
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measuring import Parts, Target, machine, need, ratio, table, targets  # noqa: E402

need("playwright", "onnx")

import saved  # noqa: E402
import torch  # noqa: E402
from others import PACKAGES, MediaPipe, Tfjs  # noqa: E402
from PIL import Image as Pictures  # noqa: E402
from selfie import interpreter  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from seglab import _browser, lessons, save  # noqa: E402
from seglab.draw import paint  # noqa: E402
from seglab.files import Plan  # noqa: E402
from seglab.images import photos  # noqa: E402
from seglab.lab import Choice, Lab, Photo, of  # noqa: E402
from seglab.nets import selfie, textures  # noqa: E402

FLAGS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
BACKENDS = ("wasm", "webgl", "cpu")
PHOTOS = ("astronaut", "chelsea", "coffee", "rocket", "coins")
TORCH, PAGE, LAB_06, LAB_16 = "torch", "seglab's page", "lab 06, a step", "lab 16, a picture"
MEDIAPIPE, LITERT = "MediaPipe's page", "Google's interpreter"
START, NO_NET, SELFIE = "start", "no net", "selfie"
CLOSE = 1e-3  # of scores
MOST_PAGE, MOST_TORCH = 100, 30  # milliseconds of a picture through the published net
# A picture file is taken, and then states are gone through without a rest to prepare the next in.
TAKE = """async ({ file, states: [start, ...states] }) => {
  const page = document.querySelector(".seglab-page");
  const board = document.querySelector(".seglab-board");
  const input = document.querySelector(".seglab-own input[type=file]");
  const until = (element, ended) => new Promise((done, fail) => {
    const seen = new MutationObserver(() => ended() && done());
    seen.observe(element, { attributes: true });
    setTimeout(() => fail(new Error("no answer in a minute")), 60000);
  });
  async function timed(begin, element, ended) {
    const began = performance.now();
    const end = until(element, ended);
    begin();
    await end;
    return performance.now() - began;
  }
  const go = ([address, places]) =>
    timed(() => { location.hash = address; }, page, () => page.dataset.state === places);
  if (page.dataset.state !== start[1]) await go(start);
  const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
  const list = new DataTransfer();
  list.items.add(new File([bytes], "picture.png", { type: "image/png" }));
  input.files = list.files;
  const before = board.dataset.step;
  const taken = [await timed(
    () => input.dispatchEvent(new Event("change")), board, () => board.dataset.step !== before,
  )];
  for (const state of states) taken.push(await go(state));
  return taken;
}"""

Nets = Mapping[str, nn.Sequential]
Way = Callable[[str], Mapping[str, float]]  # a photograph -> net -> milliseconds


class Own:
    """A saved lab that computes, open in a browser; `control` has all its values there."""

    def __init__(self, browser: Any, lab: Lab, folder: Path, control: str) -> None:
        path = folder / f"{lab.title}.html"
        vary = {control: None}
        save(lab, path, vary=vary, px=128, progress=lambda done, total: None, live=True)
        self._plan, self._control = Plan(lab, vary), control
        self._page, _ = saved.opened(browser, path, 1, offline=True)

    def taken(self, file: bytes, values: Sequence[Any] = ()) -> list[float]:
        """Milliseconds of a picture, from its file to all panes, and of each step to these values.

        It begins with the control at its default.
        """
        control, varied = self._plan.lab.controls[self._control], self._plan.varied[self._control]
        states = [
            (f"{self._control}={control.spelling(value)}", str(varied.index(value)))
            for value in (control.default, *values)
        ]
        self._page.bring_to_front()  # a page behind another draws seldom
        given = {"file": base64.b64encode(file).decode(), "states": states}
        return list(self._page.evaluate(TAKE, given))


def alone(nets: Mapping[str, nn.Module]) -> Lab:
    """A lab of nothing but nets, after a start without: the largest score at each place."""

    def net(name: str) -> nn.Module:
        return nets.get(name, nn.AvgPool2d(2))

    def best(net: nn.Module, picture: Tensor) -> Tensor:
        return net(picture).amax(1)

    return Lab(
        title="Nets alone",
        controls={"photo": Photo(*PHOTOS), "name": Choice(START, *nets)},
        stages={"picture": of(photos.load, "photo"), "net": net, "best": best},
        panes={"largest score": of(paint.scalar, "best", low=-20, high=20)},
    )


def own_ways(browser: Any, folder: Path, stacks: Nets, parts: Parts) -> dict[str, Way]:
    """seglab's ways, on one thread each."""
    nets = {NO_NET: nn.Identity(), **stacks, SELFIE: selfie.pretrained()}

    def in_torch(photo: str) -> dict[str, float]:
        picture = photos.load(photo)
        with torch.inference_mode():
            return {name: timed(partial(net, picture)) for name, net in nets.items()}

    found: dict[str, Way] = {TORCH: in_torch}
    with parts.part(PAGE):
        bare = Own(browser, alone(nets), folder, "name")
        found[PAGE] = lambda photo: named(nets, bare.taken(png(photo), list(nets))[1:])
    with parts.part(LAB_06):
        lab = lessons.find("06")
        six, start = Own(browser, lab, folder, "f"), lab.controls["f"].default
        steps = {name: f for name in stacks if (f := factor(name)) != start}
        found[LAB_06] = lambda photo: named(steps, six.taken(png(photo), [*steps.values()])[1:])
    with parts.part(LAB_16):
        sixteen = Own(browser, lessons.find("16"), folder, "behind")
        found[LAB_16] = lambda photo: {SELFIE: sixteen.taken(png(photo))[0]}
    return found


def tfjs_ways(
    browser: Any, folder: Path, stacks: Nets, parts: Parts
) -> tuple[dict[str, Way], dict[str, float]]:
    """TF.js on each backend that starts; and how far its scores are from torch's at most."""
    pictures = {name: photos.load(name) for name in PHOTOS}
    found: dict[str, Way] = {}
    apart: dict[str, float] = {}
    for backend in BACKENDS:
        way = f"TF.js, {backend}"
        with parts.part(way):
            page = Tfjs(browser, folder, backend, stacks, pictures)
            with torch.inference_mode():
                scores = {name: net(pictures[PHOTOS[0]]) for name, net in stacks.items()}
            apart[way] = max(
                float((page.scores(name, PHOTOS[0]) - theirs).abs().max())
                for name, theirs in scores.items()
            )
            found[way] = partial(in_tfjs, page, stacks)
    return found, apart


def in_tfjs(page: Tfjs, stacks: Nets, photo: str) -> dict[str, float]:
    """Milliseconds of each net."""
    return {name: page.milliseconds(name, photo) for name in stacks}


def selfie_ways(
    browser: Any, folder: Path, parts: Parts
) -> tuple[dict[str, Way], dict[str, float]]:
    """Others' ways through the published net, and the share of a mask's pixels that is ours too."""
    photo = PHOTOS[0]
    found: dict[str, Way] = {}
    equal: dict[str, float] = {}
    if find_spec("ai_edge_litert"):
        invoke = interpreter()
        found[LITERT] = lambda photo: {SELFIE: timed(invoke)}
    with parts.part(MEDIAPIPE):
        page = MediaPipe(browser, folder, png(photo), selfie.SIDE)
        ours = selfie.person(selfie.pretrained(), photos.load(photo))[0, 0] >= 0.5
        equal[MEDIAPIPE] = float((page.mask() == ours).double().mean())
        found[MEDIAPIPE] = lambda photo: {SELFIE: page.milliseconds()}
    return found, equal


def png(photo: str) -> bytes:
    """A shipped photograph of 256 x 256 pixels as a PNG file."""
    pixels = (photos.load(photo)[0].permute(1, 2, 0) * 255).round().byte().cpu().numpy()
    file = BytesIO()
    Pictures.fromarray(pixels).save(file, "png")
    return file.getvalue()


def timed(call: Callable[[], object]) -> float:
    """Milliseconds of a call."""
    start = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - start)


def named(names: Mapping[str, Any], values: Sequence[float]) -> dict[str, float]:
    """Values by name."""
    return dict(zip(names, values, strict=True))


def factor(name: str) -> int:
    """The f in a net's name."""
    return int(name.removeprefix("f = "))


def in_turns(ways: Mapping[str, Way], rounds: int, parts: Parts) -> dict[tuple[str, str], float]:
    """Medians by way and net, after a round that warms up; each round has another photograph."""
    took: dict[tuple[str, str], list[float]] = {}
    broken = set()
    for number in range(rounds + 1):
        for way, call in ways.items():
            if way in broken:
                continue
            with parts.part(way):
                broken.add(way)
                found = call(PHOTOS[number % len(PHOTOS)])
                broken.remove(way)
                for net, ms in found.items():
                    if number:
                        took.setdefault((way, net), []).append(ms)
    return {key: statistics.median(values) for key, values in took.items()}


def texture_tables(took: Mapping[tuple[str, str], float], ways: Sequence[str], nets: Nets) -> None:
    """Print milliseconds, and TF.js's over those of seglab's page."""
    print("\n## Texture nets\n")
    rows = [NO_NET, *nets]
    table(("ms", *ways), [(net, *(took.get((way, net)) for way in ways)) for net in rows])
    theirs = [way for way in ways if way.startswith("TF.js")]
    print()
    table(
        (f"over {PAGE}", *theirs),
        [
            (net, *(ratio(took.get((w, net)), took.get((PAGE, net))) for w in theirs))
            for net in nets
        ],
    )


def main(given: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--npm", type=Path, required=True, help="where npm has installed packages")
    parser.add_argument("--f", type=int, nargs="+", default=textures.OUTPUT_STRIDES)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(given)
    for package in PACKAGES:
        if not (options.npm / "node_modules" / package).is_dir():
            raise SystemExit(f"{options.npm} has no {package}: run npm install {package} in it")
    from playwright.sync_api import sync_playwright

    torch.set_num_threads(1)
    print("# Pages that compute beside others\n")
    print(machine() + "\n")
    stacks = {f"f = {f}": textures.pretrained(f) for f in options.f}
    parts = Parts()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_browser.find(), args=[*FLAGS])
        tfjs, apart = tfjs_ways(browser, options.npm, stacks, parts)
        theirs, equal = selfie_ways(browser, options.npm, parts)
        ways = {**own_ways(browser, Path(folder), stacks, parts), **tfjs, **theirs}
        took = in_turns(ways, options.rounds, parts)
        browser.close()
    texture_tables(took, [TORCH, PAGE, LAB_06, *tfjs], stacks)
    print("\n## The published net of lab 16\n")
    table(
        ("way", "ms", "pixels of the mask as in torch, %"),
        [
            (way, took[way, SELFIE], 100 * equal[way] if way in equal else "")
            for way in ways
            if (way, SELFIE) in took
        ],
    )
    targets(
        [
            *(
                Target(f"{way}: scores from torch's", gap, "<=", CLOSE)
                for way, gap in apart.items()
            ),
            Target(f"{LAB_16}, ms", took.get((LAB_16, SELFIE)), "<=", MOST_PAGE),
            Target(f"{TORCH}, the published net, ms", took.get((TORCH, SELFIE)), "<=", MOST_TORCH),
        ]
    )
    parts.end()


if __name__ == "__main__":
    main()
