"""Shapes as names. Sizes and positions are always (height, width) and (row, column)."""

from collections.abc import Callable
from typing import Annotated

from torch import Tensor

Image = Annotated[Tensor, "float [B, 3, H, W], 0 to 1"]
Scores = Annotated[Tensor, "float [B, K, h, w], logits unless said otherwise"]
Labels = Annotated[Tensor, "int64 [B, H, W], 255 = no label"]
Instances = Annotated[Tensor, "int64 [B, H, W], 0 = no object"]
Size = tuple[int, int]
Progress = Callable[[int, int], None]  # hears done and total

NO_LABEL = 255  # the label of a pixel that has none
