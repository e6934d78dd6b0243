"""seglab.images.resize: pictures without aliasing, labels without mixtures."""

import pytest
import torch
import torch.nn.functional as F
from pretended_gpu import pretended_gpu

from seglab.images import resize


def test_a_picture_made_smaller_has_no_aliasing():
    stripes = torch.tensor([0.0, 1, 1, 0]).repeat(16).expand(1, 3, 64, 64)
    small = resize.image(stripes, (16, 16))
    # What reads the two columns in the middle of four sees white only.
    torch.testing.assert_close(small[..., 1:-1], torch.full((1, 3, 16, 14), 0.5), atol=0.1, rtol=0)


def test_its_own_size_leaves_a_picture_as_it_is():
    image = torch.rand(1, 3, 7, 5, generator=torch.Generator().manual_seed(0))
    assert torch.equal(resize.image(image, (7, 5)), image)


def test_labels_go_to_the_nearest_pixel_and_are_never_mixed():
    labels = torch.tensor([[[0, 2], [255, 2]], [[1, 1], [1, 2**40]]])
    twice = resize.labels(labels, (4, 6))
    assert twice.dtype == torch.int64
    assert torch.equal(twice, labels.repeat_interleave(2, 1).repeat_interleave(3, 2))


@pytest.mark.parametrize("old", [(303, 384), (7, 5), (64, 1)])
@pytest.mark.parametrize("new", [(152, 192), (9, 14), (1, 3), (303, 384)])
def test_the_nearest_label_is_that_of_torch(old, new):
    labels = torch.randint(9, (2, *old), generator=torch.Generator().manual_seed(0))
    right = F.interpolate(labels[:, None].double(), new, mode="nearest-exact")[:, 0].long()
    assert torch.equal(resize.labels(labels, new), right)


def test_labels_need_no_64_bit_floats():
    labels = torch.arange(12).view(1, 3, 4)
    with pretended_gpu("mps") as gpu:
        there = resize.labels(labels.to(gpu), (6, 8))
        assert torch.equal(there.cpu(), resize.labels(labels, (6, 8)))
