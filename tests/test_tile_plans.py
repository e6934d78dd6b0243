"""Numbers that a plan of tiles says of itself, counted over its crops, on pictures of any shape."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from seglab.ops import tiles

NETS = {
    "every pixel": nn.Sequential(nn.Conv2d(1, 1, 5, padding=2), nn.Conv2d(1, 1, 3, padding=1)),
    "every fourth": nn.Sequential(nn.Conv2d(1, 1, 7, 2, 3), nn.Conv2d(1, 1, 3, 2, 1)),
    "four times finer": nn.Sequential(
        nn.Conv2d(1, 1, 3, padding=1), nn.ConvTranspose2d(1, 1, 4, 4)
    ),
}


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize(("size", "tile"), [((64, 200), (64, 48)), ((200, 96), (48, 56))])
def test_a_plan_says_what_its_crops_are(name, size, tile):
    cuts = tiles.plan(NETS[name], size, tile)
    seen, answered = torch.zeros(size), torch.zeros(cuts.output)
    for crop in cuts:
        seen[crop.source] += 1
        answered[crop.target] += 1
    assert cuts.size == size
    assert cuts.output == tuple(NETS[name](torch.zeros(1, 1, *size)).shape[2:])
    assert (answered == 1).all()
    assert len(cuts) == len(list(cuts)) > 2
    assert cuts.overhead == pytest.approx(float(seen.mean()))
    assert 1 < cuts.overhead < 4
    for axis in (0, 1):
        starts = sorted({crop.source[axis].start for crop in cuts})
        sides = {crop.source[axis].stop - crop.source[axis].start for crop in cuts}
        assert max(sides) == cuts.tile[axis] <= tile[axis]
        assert all(start % cuts.alignment[axis] == 0 for start in starts)
        inner = starts[1:-1]  # the first tile keeps its outer margin, the last one what is left
        assert {b - a for a, b in pairwise(inner)} <= {cuts.step[axis]}
        if len(starts) == 1:
            assert (cuts.step[axis], cuts.margin[axis]) == (size[axis], 0)
