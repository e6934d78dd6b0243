"""The passes of shift-and-stitch as one dense map: who answers for which pixel."""

from dataclasses import dataclass
from typing import NamedTuple

from seglab.types import Size


class Answer(NamedTuple):
    """A score of a pass. shift: (y, x), by which its image is shifted. score: (row, column)."""

    shift: Size
    score: Size


@dataclass(frozen=True)
class Interleaving:
    """The f × f passes over an image as the pixels of one map, and as tiles side by side.

    stride: f. size: (height, width) of the map. forwards=False: the wrong sign of the shift, which
    puts pass (y, x) at [-y % f::f, -x % f::f] in place of [y::f, x::f].
    Long et al., "Fully convolutional networks for semantic segmentation" (2015), section 3.2.
    """

    stride: int
    size: Size
    forwards: bool = True

    @property
    def tile(self) -> Size:
        """(height, width) of the first pass, which has the most scores."""
        return -(-self.size[0] // self.stride), -(-self.size[1] // self.stride)

    def answer(self, pixel: Size) -> Answer | None:
        """The score that stands at this pixel of the map; None outside, or where none does."""
        sign = 1 if self.forwards else -1
        shift = sign * pixel[0] % self.stride, sign * pixel[1] % self.stride
        answer = Answer(shift, (pixel[0] // self.stride, pixel[1] // self.stride))
        inside = all(0 <= at < n for at, n in zip(pixel, self.size, strict=True))
        return answer if inside and self.has(answer) else None

    def pixel(self, answer: Answer) -> Size | None:
        """The pixel of the map at which this score stands; None where the map ends before it."""
        sign = 1 if self.forwards else -1
        row, column = (
            score * self.stride + sign * shift % self.stride
            for shift, score in zip(answer.shift, answer.score, strict=True)
        )
        inside = row < self.size[0] and column < self.size[1]
        return (row, column) if inside and self.has(answer) else None

    def has(self, answer: Answer) -> bool:
        """Tell whether the pass has this score: each shift by one more may cost it the last."""
        return all(
            0 <= shift < self.stride and score >= 0 and score * self.stride + shift < n
            for shift, score, n in zip(answer.shift, answer.score, self.size, strict=True)
        )

    def on_sheet(self, answer: Answer) -> Size:
        """Row and column of a score on the sheet where pass (y, x) is tile (y, x)."""
        return (
            answer.shift[0] * self.tile[0] + answer.score[0],
            answer.shift[1] * self.tile[1] + answer.score[1],
        )
