"""One training loop for all nets, and the list of what `seglab train NAME` can train."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from itertools import pairwise
from math import isfinite
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from seglab import device
from seglab.nets import checkpoints, weights
from seglab.types import NO_LABEL, Labels, Scores

Figures = dict[str, Any]

# Names, so that looking at the list imports no net.
TRAINERS = {
    "textures": "seglab.nets.textures:train",
    "only-convolutions": "seglab.nets.only_convolutions:train",
    "classifier": "seglab.nets.classifiers:train",
    "fcn-32s": "seglab.nets.segmenters:train_fcn_32s",
    "fcn-16s": "seglab.nets.segmenters:train_fcn_16s",
    "fcn-8s": "seglab.nets.segmenters:train_fcn_8s",
    "unet": "seglab.nets.segmenters:train_unet",
    "unet-sum": "seglab.nets.segmenters:train_unet_sum",
    "centres": "seglab.nets.centres:train",
    "mask-rcnn": "seglab.nets.mask_rcnn:train",
}

THREADS = 1  # the same loss differs in its last digits between numbers of threads
_BARS = "▁▂▃▄▅▆▇█"
SAVE_EVERY = 50  # steps between two checkpoints


def trainer(name: str) -> Callable[..., dict[str, Any]]:
    """The function that trains this net; raises ValueError for a name not in TRAINERS."""
    if name not in TRAINERS:
        raise ValueError(f"name={name!r} has no training: there is {', '.join(TRAINERS)}")
    module, _, function = TRAINERS[name].partition(":")
    train: Callable[..., dict[str, Any]] = getattr(import_module(module), function)
    return train


def ship(
    makers: Mapping[str, Callable[[], tuple[weights.State, Figures]]],
    table: Callable[[dict[str, Figures]], str],
    out: str | Path | None,
    seed: int,
) -> dict[str, Figures]:
    """Train nets anew on the CPU, print their table, and write all of them or none.

    makers: the net's name -> a function that gives its trained weights and its held-out figures.
    out: the folder, the package's own when None. Deterministic by seed. Returns the figures.
    """
    folder = _folder(out)
    weights.check_writable(folder)
    chosen = device.default()
    device.use("cpu")  # the only device that gives the same weights everywhere
    try:
        with repeatable(seed):
            made = {name: make() for name, make in makers.items()}
    finally:
        device.use(chosen)
    report = {name: figures for name, (_, figures) in made.items()}
    weights.save({name: state for name, (state, _) in made.items()}, report, folder)
    print(table(report))
    print(f"written to {folder}")
    return report


@contextmanager
def resumable(names: Iterable[str], out: str | Path | None) -> Iterator[dict[str, Path]]:
    """Within: a file for the checkpoint of each of these trainings; after their end they are gone.

    They lie in a folder `unfinished` in out, see ship, and stay there when a training breaks off.
    """
    folder = _folder(out) / "unfinished"
    checkpoints = {name: folder / f"{name}.safetensors" for name in names}
    yield checkpoints
    for path in checkpoints.values():
        path.unlink(missing_ok=True)
    with suppress(OSError):  # another training's may be there
        folder.rmdir()


def unseen(seed: int, step: int, count: int) -> range:
    """The seeds of the scenes of a step: no scene comes twice, so there is nothing to augment."""
    first = _number(seed, step) * count
    return range(first, first + count)


def generator(seed: int, step: int) -> torch.Generator:
    """What a step of a training draws by chance; another one for each step."""
    return torch.Generator().manual_seed(_number(seed, step))


class Diverged(ArithmeticError):
    """The loss of a training is no number any more."""


def labelled(scores: Scores, labels: Labels, weight: Tensor | None = None) -> Tensor:
    """Cross-entropy of scores [B, K, h, w] and labels [B, h, w]; label 255 counts nowhere.

    weight: of each class, [K]; the loss is then the weighted mean over the pixels.
    """
    return F.cross_entropy(scores, labels, weight, ignore_index=NO_LABEL)


def descend(
    net: nn.Module,
    optimizer: torch.optim.Optimizer,
    batch: Callable[[int], tuple[Any, Any]],
    steps: Iterable[int],
    loss: Callable[[Any, Any], Tensor] = labelled,
    rate: Callable[[int], float] | None = None,
) -> Iterator[float]:
    """Train the net in place, one step on batch(step) for each of steps; yields each step's loss.

    rate: step -> learning rate, the optimizer's own when None. The net is in train mode whenever a
    step begins; between two steps it may be looked at and measured in eval mode.
    Raises Diverged when the loss is infinite or NaN. The net then has the weights of the last step
    whose loss was a number.
    """
    good = _copied(net)
    for step in steps:
        if rate is not None:
            for group in optimizer.param_groups:
                group["lr"] = rate(step)
        net.train()
        image, labels = batch(step)
        lost = loss(net(image), labels)
        value = float(lost.detach())
        if not isfinite(value):
            net.load_state_dict(good)
            raise Diverged(
                f"the loss is {value} at step {step + 1}: a learning rate of "
                f"{optimizer.param_groups[0]['lr']:g} is too high here; take a tenth of it"
            )
        good = _copied(net)
        optimizer.zero_grad()
        torch.autograd.backward(lost)
        optimizer.step()
        yield value


def fit(
    net: nn.Module,
    batch: Callable[[int], tuple[Any, Any]],
    steps: int,
    learning_rate: float = 0.01,
    weight_decay: float = 1e-3,
    progress: bool = True,
    title: str = "",
    checkpoint: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    loss: Callable[[Any, Any], Tensor] = labelled,
) -> list[float]:
    """Train the net in place on batch(0), batch(1), ...; returns the loss of each step.

    batch gives an image [B, 3, H, W] and labels int64 [B, h, w] of the size of the net's scores
    [B, K, h, w]; label 255 counts nowhere. AdamW, one cycle of the learning rate.
    checkpoint: a file to which the state is written again and again. Where it is there already, the
    training goes on from it, and ends with the weights that it would have had without the pause.
    settings: what else the result depends on, such as the seed; with others, it starts anew.
    loss: of the net's answer and of what batch gives beside the image; cross-entropy as it stands.
    Raises Diverged when the loss is infinite or NaN, with the net as descend leaves it.
    """
    if steps < 1:
        raise ValueError(f"steps={steps} must be at least 1, such as 400")
    optimizer = torch.optim.AdamW(net.parameters(), learning_rate, weight_decay=weight_decay)
    fixed: dict[str, Any] = {"title": title, "steps": steps, "learning_rate": learning_rate}
    fixed |= {"weight_decay": weight_decay, **(settings or {})}
    losses = [] if checkpoint is None else checkpoints.resume(checkpoint, net, optimizer, fixed)
    bar = tqdm(
        descend(
            net,
            optimizer,
            batch,
            range(len(losses), steps),
            loss,
            lambda step: learning_rate * _cycle(step / steps),
        ),
        desc=title,
        disable=not progress,
        mininterval=0.2,
        initial=len(losses),
        total=steps,
    )
    for lost in bar:
        losses.append(lost)
        bar.set_postfix_str(f"loss {lost:.3f}", refresh=False)
        if checkpoint is not None and (len(losses) % SAVE_EVERY == 0 or len(losses) == steps):
            checkpoints.save(checkpoint, net, optimizer, losses, fixed)
    net.eval()
    return losses


def curve(losses: list[float], points: int = 40) -> list[float]:
    """The losses of a training as at most `points` means over equally many steps, in order."""
    parts = min(points, len(losses))
    ends = [len(losses) * part // parts for part in range(parts + 1)]
    return [round(fmean(losses[a:b]), 4) for a, b in pairwise(ends)]


def sparkline(values: list[float]) -> str:
    """A curve as a line of text: one bar for each value, from the lowest to the highest."""
    low, high = min(values), max(values)
    top = len(_BARS) - 1
    bars = (_BARS[round(top * (value - low) / ((high - low) or 1))] for value in values)
    return f"{''.join(bars)}  {values[0]:.3f} to {values[-1]:.3f}"


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Figures as lines of text, each column as wide as it has to be and flush right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in (head, *rows)
    ]


@contextmanager
def repeatable(seed: int, threads: int = THREADS) -> Iterator[None]:
    """Within: the seed, a fixed number of threads; afterwards, both as they were."""
    before = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def _folder(out: str | Path | None) -> Path:
    return weights.FOLDER if out is None else Path(out)


def _number(seed: int, step: int) -> int:
    return seed * 1_000_003 + step


def _copied(net: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in net.state_dict().items()}


def _cycle(done: float, warm: float = 0.15) -> float:
    """The learning rate's share: a straight rise, then half a cosine down to 0."""
    if done < warm:
        return max(0.05, done / warm)
    return float((1 + torch.cos(torch.tensor(torch.pi * (done - warm) / (1 - warm)))) / 2)
