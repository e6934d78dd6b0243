import json

import numpy as np
import pytest
import torch

from seglab.draw import paint


def sides():
    fine = paint.scalar(torch.arange(48.0).reshape(6, 8))
    coarse = paint.labels(torch.tensor([[0, 1], [1, 0]]), ("a", "b"), frame=(6, 8))
    return fine, coarse


def test_its_own_picture_has_the_divider_in_the_middle():
    fine, coarse = sides()
    curtain = paint.curtain(fine, coarse, ("fine", "coarse"))
    assert (curtain.size, curtain.frame, curtain.array.dtype) == ((6, 8), (6, 8), np.uint8)
    assert np.array_equal(curtain.rgb()[:, :4], fine.rgb()[:, :4])
    assert (curtain.rgb()[:3, 4:] == coarse.rgb()[0, 1]).all()
    assert (curtain.rgb()[3:, 4:] == coarse.rgb()[1, 1]).all()


def test_both_sides_go_with_it():
    fine, coarse = sides()
    curtain = paint.curtain(fine, coarse, ("fine", "coarse"))
    assert curtain.parts == (("fine", fine), ("coarse", coarse))
    header = json.loads(json.dumps(curtain.header()))
    assert (header["kind"], header["names"]) == ("curtain", ["fine", "coarse"])
    assert fine.parts == ()
    alt = curtain.alt()
    assert fine.alt() in alt
    assert coarse.alt() in alt


def test_what_does_not_lie_on_one_frame_is_refused():
    fine, _ = sides()
    with pytest.raises(ValueError, match=r"'b' on \(2, 2\)"):
        paint.curtain(fine, paint.scalar(torch.zeros(2, 2)), ("a", "b"))
    with pytest.raises(ValueError, match="two different ones"):
        paint.curtain(fine, fine, ("a", "a"))
    with pytest.raises(ValueError, match="'b' is a grid"):
        paint.curtain(fine, paint.grid(torch.zeros(6, 8)), ("a", "b"))


def test_two_that_are_compared_have_their_own_names():
    fine, coarse = sides()
    assert paint.compared(fine, coarse, "first", "second").parts == (
        ("first", fine),
        ("second", coarse),
    )
    assert paint.compared(fine, coarse, "one", "one") is fine
