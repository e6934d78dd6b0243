"""Fields and blocks of a coarse map's values."""

import pytest
import torch

from seglab.images import mosaics
from seglab.nets import coarse_maps, textures


@pytest.mark.parametrize("f", [2, 4, 8, 16])
@pytest.mark.parametrize("unit", [(3, 5), (0, 0)])
def test_a_value_sees_its_field_and_no_more(f, unit):
    net, image = textures.pretrained(f), mosaics.make().image
    field = coarse_maps.field(net)
    top, left, bottom, right = (int(at) for at in field.box(*unit))
    assert field.cell(*unit) == tuple(
        at for edge in (0, f - 1) for at in (unit[0] * f + edge, unit[1] * f + edge)
    )
    center = (top + bottom) / 2, (left + right) / 2
    assert all(abs(a - b) <= 0.5 for a, b in zip(center, field.center(*unit), strict=True))

    def score(changed):
        return coarse_maps.coarse(coarse_maps.SCORES, changed, net)[0, :, unit[0], unit[1]]

    rows, columns = slice(max(top, 0), bottom + 1), slice(max(left, 0), right + 1)
    outside = torch.rand(image.shape, generator=torch.Generator().manual_seed(0)).to(image)
    outside[..., rows, columns] = image[..., rows, columns]
    assert torch.allclose(score(outside), score(image), atol=1e-4)
    for row, column in ((rows.start, columns.start), (bottom, right)):
        within = image.clone()
        within[..., row, column] = 1 - within[..., row, column].round()
        assert (score(within) - score(image)).abs().max() > 1e-6
