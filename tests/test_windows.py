import torch

from seglab.ops.windows import Window


def test_a_window_inside_is_the_part_itself():
    plane = torch.arange(30.0).reshape(5, 6)
    assert torch.equal(Window(1, 2, 3).cut(plane, -1.0), plane[1:4, 2:5])


def test_what_hangs_over_shows_what_is_around():
    plane = torch.ones(2, 3, 3)
    cut = Window(-1, 2, 4).cut(plane, torch.full((4, 4), 9.0))
    expected = torch.full((2, 4, 4), 9.0)
    expected[:, 1:, :1] = 1
    assert torch.equal(cut, expected)
