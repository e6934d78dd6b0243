"""Ways to a dense map that run the net as it is: on every window, and on every shift."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seglab import scalars
from seglab.ops.dense._analysis import Analysis, analyze
from seglab.ops.dense._layer_effects import pair
from seglab.ops.dense._stride_grid import StrideGrid
from seglab.ops.dense._validate import check_image
from seglab.types import Image, Progress, Scores, Size

_PIXELS = 2**19  # of input in one forward pass: bounds the memory of a batch of shifts


def sliding_window(net: nn.Module, image: Image, batch: int = 256) -> Scores:
    """One crop of the field's size per pixel: the definition of a dense map, slow but sure.

    [B, C, H, W] to [B, K, H-r+1, W-r+1] for a field of r pixels; `batch` crops go through at once.
    Raises ValueError, naming the layer, for a net with padding: each crop would meet the border.
    """
    check_image(net, image)
    if batch < 1:
        raise ValueError(f"batch={batch} must be at least 1 crop")
    return windowed(net, analyze(net).up_to(), image, batch)


def windowed(net: nn.Module, analysis: Analysis, image: Image, batch: int = 256) -> Scores:
    """The dense map of an analyzed net; see sliding_window."""
    grid = analysis.grid.checked()
    if grid.padded_layer:
        raise ValueError(
            f"layer {grid.padded_layer!r} looks past the border of its input, so a crop of the "
            "field's size does not stand for its place in the image; use shift_and_stitch or rarefy"
        )
    grid.check_size(image.shape)
    height, width = grid.smallest
    windows = image.unfold(2, height, 1).unfold(3, width, 1).permute(0, 2, 3, 1, 4, 5)
    count, rows, columns = windows.shape[:3]
    everywhere = torch.arange(count * rows * columns, device=image.device)
    scores = []
    for chunk in torch.split(everywhere, batch):
        sample, position = chunk // (rows * columns), chunk % (rows * columns)
        crops = windows[sample, position // columns, position % columns]
        scores.append(_scores(net(crops)).flatten(1))
    return torch.cat(scores).reshape(count, rows, columns, -1).movedim(-1, 1)


def shift_and_stitch(net: nn.Module, image: Image, shifts: int | None = None) -> Scores:
    """f * f shifted inputs through the net as it is, interleaved to a score for every pixel.

    [B, C, H, W] to [B, K, *dense_size(net, (H, W))]. The image without its first y rows and x
    columns gives the scores at [y::f, x::f]. `shifts` runs only the first so many in raster order
    and leaves the rest NaN. With a padded net, scores whose field meets the border differ from
    rarefy's. Long et al. (2015), section 3.2.

    >>> import torch
    >>> from torch import nn
    >>> from seglab.ops import dense
    >>> net = nn.Sequential(nn.Conv2d(3, 5, 3), nn.MaxPool2d(2))
    >>> image = torch.rand(1, 3, 32, 32)
    >>> stitched = dense.shift_and_stitch(net, image)
    >>> stitched.shape
    torch.Size([1, 5, 29, 29])
    >>> torch.equal(stitched[..., ::2, ::2], net(image))
    True
    """
    check_image(net, image)
    return stitched(net, analyze(net).up_to(), image, shifts)


def stitched(net: nn.Module, analysis: Analysis, image: Image, shifts: int | None = None) -> Scores:
    """The dense map of an analyzed net; see shift_and_stitch."""
    plan = _Plan.of(analysis, image)
    return interleave(_passes(net, plan, image, shifts), plan.stride, plan.dense)


def shifted(
    net: nn.Module, image: Image, count: int | None = None, progress: Progress | None = None
) -> list[Scores]:
    """The f * f coarse outputs, or the first `count`, in raster order of the shift (y, x).

    Part y * f + x is net(image[..., y:, x:]). A net with padding would meet a border inside the
    picture there; it gets f - y rows and f - x columns of zeros before the image instead, and its
    first row and column of scores are dropped: the same shift. Shifts of equal size share batches.
    progress(done, total) counts the shifts.
    """
    check_image(net, image)
    return _passes(net, _Plan.of(analyze(net).up_to(), image), image, count, progress)


def _passes(
    net: nn.Module,
    plan: "_Plan",
    image: Image,
    count: int | None = None,
    progress: Progress | None = None,
) -> list[Scores]:
    everything = plan.stride[0] * plan.stride[1]
    if count is not None and not 0 <= count <= everything:
        raise ValueError(
            f"count={count} must be 0 to {everything}, the shifts of stride {plan.stride}"
        )
    wanted = everything if count is None else count
    parts: dict[int, Scores] = {}
    for size, members in plan.groups(wanted):
        for some in _batches(members, size[0] * size[1] * image.shape[0]):
            moved = [plan.moved(image, shift)[..., : size[0], : size[1]] for shift in some]
            scores = _scores(net(torch.cat(moved) if len(moved) > 1 else moved[0]))
            for (y, x), part in zip(some, torch.split(scores, image.shape[0]), strict=True):
                down, right = (min(1, plan.lead(shift, axis)) for axis, shift in enumerate((y, x)))
                parts[y * plan.stride[1] + x] = part[..., down:, right:]
            if progress:
                progress(len(parts), wanted)
    return [
        parts[i] if i in parts else parts[0][..., : plan.rows(i), : plan.columns(i)]
        for i in range(wanted)
    ]


def interleave(parts: Sequence[Scores], stride: int | Size, size: Size) -> Scores:
    """Part (y, x), in raster order, goes to out[..., y::f, x::f]; positions not given stay NaN.

    `size` is the dense map's (height, width). Raises ValueError for parts of the wrong size.

    >>> import torch
    >>> from seglab.ops import dense
    >>> parts = [torch.full((1, 1, 1, 2), float(shift)) for shift in range(4)]
    >>> dense.interleave(parts, 2, (2, 4))
    tensor([[[[0., 1., 0., 1.],
              [2., 3., 2., 3.]]]])
    """
    rows, columns = pair(stride)
    if not 1 <= len(parts) <= rows * columns:
        raise ValueError(
            f"parts has {len(parts)} entries; stride {(rows, columns)} takes 1 to {rows * columns}"
        )
    if scalars.is_open():
        return woven(parts, (rows, columns), size)
    out = parts[0].new_full((*parts[0].shape[:-2], *size), torch.nan)
    for index, part in enumerate(parts):
        y, x = divmod(index, columns)
        place = out[..., y::rows, x::columns]
        if place.shape[-2:] != part.shape[-2:]:
            raise ValueError(
                f"parts[{index}] is {tuple(part.shape[-2:])}, but [{y}::{rows}, {x}::{columns}] of "
                f"size={tuple(size)} takes {tuple(place.shape[-2:])}; use dense_size for the size"
            )
        out[..., y::rows, x::columns] = part
    return out


def woven(parts: Sequence[Scores], stride: Size, size: Size) -> Scores:
    """The map of interleave() without a write: parts are brought to one size and stacked."""
    rows, columns = stride
    height, width = (-(-n // f) for n, f in zip(size, stride, strict=True))
    whole = [
        F.pad(part, (0, width - part.shape[-1], 0, height - part.shape[-2]), value=torch.nan)
        for part in parts
    ]
    none = torch.full_like(whole[0], torch.nan)
    stack = torch.stack([*whole, *[none] * (rows * columns - len(whole))])
    grid = stack.view(rows, columns, *stack.shape[1:]).permute(2, 3, 4, 0, 5, 1)
    return grid.reshape(*grid.shape[:2], height * rows, width * columns)[..., : size[0], : size[1]]


def dense_size(net: nn.Module, size: Size) -> Size:
    """Height and width of the dense map of an image of this size."""
    analysis = analyze(net).up_to()
    grown = analysis.output(exact=False).growth
    return size[0] + grown[0], size[1] + grown[1]


@dataclass(frozen=True)
class _Plan:
    """The crops of shift-and-stitch, and their sizes."""

    image: Size
    stride: Size
    dense: Size
    smallest: Size
    padded: bool
    trim: bool  # cut off what the crop's scores do not see, so that many crops are equally large

    @staticmethod
    def of(analysis: Analysis, image: Image) -> "_Plan":
        """The plan for an image; raises ValueError where a crop would be too small for the net."""
        point, grid, size = analysis.output(exact=False), analysis.grid, image.shape[-2:]
        is_padded, is_global = bool(grid.padded_layer), bool(grid.global_layer)
        plan = _Plan(
            (size[0], size[1]),
            point.stride,
            (size[0] + point.growth[0], size[1] + point.growth[1]),
            grid.smallest,
            padded=is_padded and not is_global,  # zeros would change a global mean
            trim=not (is_padded or is_global),
        )
        plan.check(grid)
        return plan

    def check(self, grid: StrideGrid) -> None:
        """Raises ValueError where the last crop that gives a score is too small for the net."""
        grid.check_size(self.image)
        if not self.padded:
            last = [min(f, n) - 1 for f, n in zip(self.stride, self.dense, strict=True)]
            room = (self.image[0] - last[0], self.image[1] - last[1])
            grid.check_size(room, "last crop")

    def lead(self, shift: int, axis: int) -> int:
        """Rows or columns of zeros before the image, which with a padded net replace the crop."""
        return -shift % self.stride[axis] if self.padded else 0

    def moved(self, image: Image, shift: tuple[int, int]) -> Image:
        """The image as the pass of this shift sees it."""
        if self.padded:
            return F.pad(image, (self.lead(shift[1], 1), 0, self.lead(shift[0], 0), 0))
        return image[..., shift[0] :, shift[1] :]

    def rows(self, index: int) -> int:
        return self._positions(index // self.stride[1], 0)

    def columns(self, index: int) -> int:
        return self._positions(index % self.stride[1], 1)

    def groups(self, count: int) -> Iterator[tuple[Size, list[tuple[int, int]]]]:
        """Crop sizes, each with the shifts of that size; shifts that reach no position left out."""
        groups: dict[Size, list[tuple[int, int]]] = {}
        for index in range(count):
            y, x = divmod(index, self.stride[1])
            if self._positions(y, 0) and self._positions(x, 1):
                groups.setdefault((self._length(y, 0), self._length(x, 1)), []).append((y, x))
        yield from groups.items()

    def _positions(self, shift: int, axis: int) -> int:
        return max(0, -((shift - self.dense[axis]) // self.stride[axis]))

    def _length(self, shift: int, axis: int) -> int:
        if self.trim:
            return self.smallest[axis] + (self._positions(shift, axis) - 1) * self.stride[axis]
        lead = self.lead(shift, axis)
        return self.image[axis] + lead if self.padded else self.image[axis] - shift


def _batches(members: list[tuple[int, int]], pixels: int) -> Iterator[list[tuple[int, int]]]:
    step = max(1, _PIXELS // pixels)
    for start in range(0, len(members), step):
        yield members[start : start + step]


def _scores(output: object) -> Tensor:
    if isinstance(output, Tensor) and output.ndim == 4:
        return output
    what = f"shape {list(output.shape)}" if isinstance(output, Tensor) else type(output).__name__
    raise ValueError(
        f"net returns {what}, not one map of scores [B, K, h, w]; end it at the layer that makes "
        "one, seglab.ops.dense.cut(net, layer)"
    )
