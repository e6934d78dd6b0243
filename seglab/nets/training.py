"""One training loop for all nets, and the list of what `seglab train NAME` can train."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from tqdm import tqdm

from seglab import device
from seglab.nets import weights
from seglab.types import Image, Labels

Figures = dict[str, Any]

# Names, so that looking at the list imports no net.
TRAINERS = {
    "textures": "seglab.nets.textures:train",
    "only-convolutions": "seglab.nets.only_convolutions:train",
}

THREADS = 1  # the same loss differs in its last digits between numbers of threads
UNLABELLED = 255


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
    folder = weights.FOLDER if out is None else Path(out)
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


def fit(
    net: nn.Module,
    batch: Callable[[int], tuple[Image, Labels]],
    steps: int,
    learning_rate: float = 0.01,
    weight_decay: float = 1e-3,
    progress: bool = True,
    title: str = "",
) -> list[float]:
    """Train the net in place on batch(0), batch(1), ...; returns the loss of each step.

    batch gives an image [B, 3, H, W] and labels int64 [B, h, w] of the size of the net's scores
    [B, K, h, w]; label 255 counts nowhere. AdamW, one cycle of the learning rate.
    """
    if steps < 1:
        raise ValueError(f"steps={steps} must be at least 1, such as 400")
    optimizer = torch.optim.AdamW(net.parameters(), learning_rate, weight_decay=weight_decay)
    losses = []
    net.train()
    for step in (bar := tqdm(range(steps), desc=title, disable=not progress, mininterval=0.2)):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate * _cycle(step / steps)
        image, labels = batch(step)
        loss = F.cross_entropy(net(image), labels, ignore_index=UNLABELLED)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        losses.append(float(loss.detach()))
        bar.set_postfix_str(f"loss {losses[-1]:.3f}", refresh=False)
    net.eval()
    return losses


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


def _cycle(done: float, warm: float = 0.15) -> float:
    """The learning rate's share: a straight rise, then half a cosine down to 0."""
    if done < warm:
        return max(0.05, done / warm)
    return float((1 + torch.cos(torch.tensor(torch.pi * (done - warm) / (1 - warm)))) / 2)
