"""Training loop of all nets: steps on data drawn by seed, the same on every run."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from seglab.nets import checkpoints
from seglab.types import NO_LABEL, Labels, Scores

Batches = Callable[[int], tuple[Any, Any]]  # step -> what the net takes, and the truth
Loss = Callable[[Any, Any], Tensor]  # of the net's answer and the truth

THREADS = 1  # the same loss differs in its last digits between numbers of threads
SAVE_EVERY = 50  # steps between two checkpoints


def fresh_seeds(seed: int, step: int, count: int) -> range:
    """Seeds of the scenes of a step: no scene comes twice, so there is nothing to augment."""
    first = _number(seed, step) * count
    return range(first, first + count)


def generator(seed: int, step: int) -> torch.Generator:
    """Source of what a step of a training draws by chance; another one for each step."""
    return torch.Generator().manual_seed(_number(seed, step))


class Diverged(ArithmeticError):
    """Raised when the loss of a training is no number any more."""


def labelled(scores: Scores, labels: Labels, weight: Tensor | None = None) -> Tensor:
    """Cross-entropy of scores [B, K, h, w] and labels [B, h, w]; label 255 counts nowhere.

    weight: of each class, [K]; the loss is then the weighted mean over the pixels.
    """
    return F.cross_entropy(scores, labels, weight, ignore_index=NO_LABEL)


def train_steps(
    net: nn.Module,
    optimizer: torch.optim.Optimizer,
    batch: Batches,
    steps: Iterable[int],
    loss: Loss = labelled,
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


def train(
    net: nn.Module,
    batch: Batches,
    steps: int,
    learning_rate: float = 0.01,
    weight_decay: float = 1e-3,
    progress: bool = True,
    title: str = "",
    checkpoint: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    loss: Loss = labelled,
) -> list[float]:
    """Train the net in place on batch(0), batch(1), ...; returns the loss of each step.

    batch gives an image [B, 3, H, W] and labels int64 [B, h, w] of the size of the net's scores
    [B, K, h, w]; label 255 counts nowhere. AdamW, one cycle of the learning rate.
    checkpoint: a file to which the state is written again and again. Where it is there already, the
    training goes on from it, and ends with the weights that it would have had without the pause.
    settings: what else the result depends on, such as the seed; with others, it starts anew.
    loss: of the net's answer and of what batch gives beside the image; cross-entropy as it stands.
    Raises Diverged when the loss is infinite or NaN, with the net as train_steps leaves it.
    """
    if steps < 1:
        raise ValueError(f"steps={steps} must be at least 1, such as 400")
    optimizer = torch.optim.AdamW(net.parameters(), learning_rate, weight_decay=weight_decay)
    fixed: dict[str, Any] = {"title": title, "steps": steps, "learning_rate": learning_rate}
    fixed |= {"weight_decay": weight_decay, **(settings or {})}
    losses = [] if checkpoint is None else checkpoints.resume(checkpoint, net, optimizer, fixed)
    bar = tqdm(
        train_steps(
            net,
            optimizer,
            batch,
            range(len(losses), steps),
            loss,
            lambda step: learning_rate * cycle(step / steps),
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


def cycle(done: float, warm: float = 0.15) -> float:
    """Share of the highest learning rate: a straight rise, then half a cosine down to 0.

    done: the share of the steps that are done; warm: the share in which it rises.
    """
    if done < warm:
        return max(0.05, done / warm)
    return float((1 + torch.cos(torch.tensor(torch.pi * (done - warm) / (1 - warm)))) / 2)


@contextmanager
def repeatable(seed: int, threads: int = THREADS) -> Iterator[None]:
    """Fix the seed and the number of threads while inside; afterwards, both are as they were."""
    before = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def _number(seed: int, step: int) -> int:
    return seed * 1_000_003 + step


def _copied(net: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in net.state_dict().items()}
