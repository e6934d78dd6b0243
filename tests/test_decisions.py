"""Pictures of decided labels and of what a truth says of them."""

import pytest
import torch

from seglab.draw import paint, palettes
from seglab.ops import metrics
from seglab.types import NO_LABEL

image = torch.rand(1, 3, 8, 12)


def test_decided_labels_have_their_class_colour_and_several_a_dark_one():
    decided = torch.tensor([[[0, 2, 3, NO_LABEL]]])
    shown = paint.decisions(decided, ("brick", "grass", "moon"), on=image)
    assert shown.names == ("brick", "grass", "moon", "several classes")
    assert shown.frame == (8, 12)
    first, third, several, none = shown.rgb()[0].tolist()
    assert [first, third] == palettes.labels(3)[[0, 2]].tolist()
    assert max(several) < 50
    assert none == list(palettes.NO_VALUE_COLOUR)


def test_each_verdict_and_each_winner_has_a_name_and_a_colour_of_its_own():
    for judged, painted, names in (
        (torch.arange(4), paint.verdicts, metrics.VERDICTS),
        (torch.arange(5), paint.winners, metrics.WINNERS),
    ):
        shown = painted(judged[None, None])
        assert shown.names == names
        assert len({tuple(colour) for colour in shown.rgb()[0].tolist()}) == len(names)


def test_winners_and_verdicts_have_no_colour_of_a_class():
    shown = paint.winners(torch.arange(5)[None, None], names=("same", "a", "b", "none", "unknown"))
    assert shown.names[1] == "a"
    classes = set(map(tuple, palettes.labels(7).tolist()))
    for picture in (shown, paint.verdicts(torch.arange(4)[None, None])):
        assert classes.isdisjoint(map(tuple, picture.rgb()[0].tolist()))


def test_a_winner_without_a_name_is_refused():
    with pytest.raises(ValueError, match="colours has shape"):
        paint.winners(torch.zeros(1, 2, 2).long(), names=("same", "a", "b"))
