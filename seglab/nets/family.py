"""Net families: nets that are trained together, measured alike, and shipped under names.

A module of nets ends with its Family, which says how they are trained, stored and measured. What
follows from that is the same for all, and stands here.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic

import torch
from torch import nn

from seglab import device
from seglab.nets import checkpoints, report, training, weights
from seglab.nets.report import Columns, Figures
from seglab.nets.weights import Net, State


@dataclass(frozen=True)
class Recipe:
    """Training of one net.

    net: the net before its first step, on the CPU. batch, loss: as in training.train, of the
    learner. learner: the net as the loop calls it, where it needs more around it or less of it.
    stored: gives the trained weights as they are shipped. rate: the highest learning rate.
    settings: what else the outcome depends on; a checkpoint of other settings is not gone on from.
    """

    net: nn.Module
    batch: training.Batches
    steps: int
    stored: Callable[[], State]
    learner: nn.Module | None = None
    loss: training.Loss = training.labelled
    rate: float = 0.01
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Family(Generic[Net]):
    """Nets that are trained together.

    name: what `seglab train` calls them. nets: their names in the index of weights, in the order
    of training. recipe: (net's name, seed, the net trained before it or None) -> Recipe.
    restore: (net's name, stored weights, **options) -> that net in eval mode, on the CPU.
    measure: (net's name, stored weights, losses) -> its figures. columns: those that are printed.
    channels_last: the memory format of a pretrained net; convolutions and max pools on a CPU are
    faster with it.
    """

    name: str
    nets: tuple[str, ...]
    recipe: Callable[[str, int, nn.Module | None], Recipe]
    restore: Callable[..., Net]
    measure: Callable[[str, State, list[float]], Figures]
    columns: Columns
    channels_last: bool = True

    def pretrained(self, net: str, **options: Any) -> Net:
        """Shipped net in eval mode, on device.default(), to be used and not to be trained.

        The same object each time for equal arguments. options: as restore takes them.
        """
        loaded: Net = _pretrained(self, net, str(device.default()), tuple(options.items()))
        return loaded

    def train_and_save(
        self,
        seed: int = 0,
        out: str | Path | None = None,
        progress: bool = True,
        steps: int | None = None,
    ) -> dict[str, Figures]:
        """Train all nets anew on the CPU, write all of them or none, and print their figures.

        out: the folder, the package's own when None. steps: of each net, its recipe's when None.
        Deterministic by seed. A training that was killed goes on where it was when it is started
        again; until its end, its state lies in out, in a folder `unfinished`. Returns the figures
        by the nets' names. Raises ValueError where out cannot be written.
        """
        folder = weights.FOLDER if out is None else Path(out)
        weights.check_writable(folder)
        with checkpoints.resumable(self.nets, folder) as paths:
            with _on_the_cpu(), training.repeatable(seed):
                states, figures = self._trained(seed, paths, progress, steps)
            weights.save(states, figures, folder)
        _pretrained.cache_clear()
        print(report.table(figures, self.columns))
        print(f"written to {folder}")
        return figures

    def _trained(
        self, seed: int, paths: Mapping[str, Path], progress: bool, steps: int | None
    ) -> tuple[dict[str, State], dict[str, Figures]]:
        states, figures = {}, {}
        before: nn.Module | None = None
        for name in self.nets:
            torch.manual_seed(seed)
            recipe = self.recipe(name, seed, before)
            losses = training.train(
                recipe.net if recipe.learner is None else recipe.learner,
                recipe.batch,
                steps or recipe.steps,
                recipe.rate,
                progress=progress,
                title=name,
                checkpoint=paths[name],
                settings={"seed": seed, **recipe.settings},
                loss=recipe.loss,
            )
            before, states[name] = recipe.net, recipe.stored()
            figures[name] = self.measure(name, states[name], losses)
        return states, figures


@lru_cache(maxsize=128)
@torch.inference_mode(False)  # it outlives its first caller, whose mode is not the next one's
def _pretrained(
    family: Family[Any], net: str, place: str, options: tuple[tuple[str, Any], ...]
) -> Any:
    loaded = family.restore(net, weights.load(net), **dict(options)).to(place)
    return loaded.to(memory_format=torch.channels_last) if family.channels_last else loaded


@contextmanager
def _on_the_cpu() -> Iterator[None]:
    """Keep to the only device that gives the same weights everywhere."""
    chosen = device.default()
    device.use("cpu")
    try:
        yield
    finally:
        device.use(chosen)
