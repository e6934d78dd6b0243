"""Mirror images at the border, against numpy's two kinds of them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seglab.ops import borders


@pytest.mark.parametrize(("repeat_edge", "mode"), [(False, "reflect"), (True, "symmetric")])
@given(
    height=st.integers(1, 6),
    width=st.integers(1, 6),
    ends=st.tuples(*[st.integers(0, 15)] * 4),
)
def test_a_mirror_goes_on_as_numpy_does(repeat_edge, mode, height, width, ends):
    top, bottom, left, right = ends
    x = torch.rand(1, 2, height, width)
    padded = np.pad(x.numpy(), ((0, 0), (0, 0), (top, bottom), (left, right)), mode=mode)
    mirrored = borders.mirrored(x, (top, bottom), (left, right), repeat_edge)
    assert torch.equal(mirrored, torch.from_numpy(padded))
