"""Methods that answer clicks, with one signature: labelled pixels in, the object's score out."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import fmean

import torch
from torch import Tensor

from seglab.images import scenes
from seglab.nets import blocks, click_net
from seglab.ops import clicks
from seglab.types import Image, Labels, Progress

COMPETITION, WALKER, CUT, NET = METHODS = (
    *("region competition", "random walker", "min-cut"),
    "click net",
)
BETA = 130.0  # of a random walker at contrast 1

Scorer = Callable[[Labels], Tensor]  # labelled pixels [1, H, W] -> 0 to 1, [1, 1, H, W]


def scorer(method: str, image: Image, contrast: float = 1.0) -> Scorer:
    """The method on one picture [1, 3, H, W]: gives the object's score, above 0.5 on the object.

    What a method reads of the picture alone is read here, once: the net's encoder. contrast: how
    much dearer or rarer a step between unlike colours is, for the walker and the cut.
    Raises ValueError for a method not in METHODS.
    """
    if method not in METHODS:
        raise ValueError(f"method={method!r} must be one of {', '.join(METHODS)}")
    if method == NET:
        return _decoder(image)
    if method == COMPETITION:
        return partial(clicks.compete, image)
    if method == WALKER:
        return partial(clicks.random_walk, image, beta=BETA * contrast)
    return lambda labelled: clicks.min_cut(image, labelled, contrast)[:, None].to(image)


def remembering(score: Scorer, most: int = 32) -> Scorer:
    """Scorer that keeps its last answers: equal labels are computed once.

    A course of n clicks is the beginning of that of n + 1. Do not change an answer in place.
    """
    kept: OrderedDict[bytes, Tensor] = OrderedDict()

    def remembered(labelled: Labels) -> Tensor:
        key = labelled.cpu().numpy().tobytes()
        answer = kept.pop(key, None)
        kept[key] = score(labelled) if answer is None else answer
        if len(kept) > most:
            kept.popitem(last=False)
        return kept[key]

    return remembered


def courses(
    method: str,
    seeds: Sequence[int],
    count: int,
    contrast: float = 1.0,
    progress: Progress = lambda done, total: None,
) -> list[clicks.Course]:
    """Courses of the simulated clicker on one object of each test scene."""
    found = []
    for done, (image, truth) in enumerate(map(target, seeds)):
        progress(done, len(seeds))
        score = scorer(method, image, contrast)
        found.append(clicks.course(_masked(score), truth, count))
    return found


def target(seed: int) -> tuple[Image, Tensor]:
    """A test scene of 128 x 128 pixels and the mask [1, H, W] of its object that is clicked at."""
    scene = scenes.make(seed)
    random = torch.Generator().manual_seed(seed)
    truth = click_net.objects(scene.instances.cpu(), 1, random)
    return scene.image, truth.to(scene.image.device)


def means(courses: Sequence[clicks.Course], count: int) -> Mapping[float, float]:
    """Mean IoU after each number of clicks, 1 to count; a course that ended keeps its last."""
    return {
        n: fmean(one.ious[min(n, len(one.ious) - 1)] for one in courses)
        for n in range(1, count + 1)
    }


def _masked(score: Scorer) -> Callable[[Labels], Tensor]:
    return lambda labelled: score(labelled)[:, 0] > 0.5


def _decoder(image: Image) -> Scorer:
    net = click_net.pretrained()
    with torch.no_grad():
        features = net.encode(blocks.channels_last(image))

    def score(labelled: Labels) -> Tensor:
        with torch.no_grad():
            share = net.decode(features, labelled).sigmoid()
        return share * bool((labelled == clicks.OBJECT).any())

    return score
