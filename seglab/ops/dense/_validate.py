"""Checks of nets and images, made before any dense method starts."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from seglab.types import Size


def check_image(net: nn.Module, image: Tensor) -> None:
    """Raises TypeError or ValueError unless image is a float [B, C, H, W] that suits the net."""
    if not isinstance(net, nn.Module):
        raise TypeError(f"net is a {type(net).__name__}; give a torch.nn.Module")
    if not isinstance(image, Tensor):
        raise TypeError(
            f"image is a {type(image).__name__}; give a float tensor of shape [B, C, H, W]"
        )
    if image.ndim != 4:
        raise ValueError(
            f"image has shape {list(image.shape)}; give [B, C, H, W], as in image[None] for one"
        )
    if 0 in image.shape:
        raise ValueError(f"image has shape {list(image.shape)}, which holds no pixel")
    if not image.is_floating_point():
        raise TypeError(f"image is {image.dtype}; give floats, as in image.float() / 255")
    weight = next((p for p in net.parameters() if p.is_floating_point()), None)
    if weight is None:
        return
    if weight.device != image.device:
        raise ValueError(
            f"net is on {weight.device} and image on {image.device}; "
            f"move one of them, as in image.to({str(weight.device)!r})"
        )
    if weight.dtype != image.dtype and not torch.is_autocast_enabled(image.device.type):
        raise ValueError(
            f"net is {weight.dtype} and image {image.dtype}; "
            f"convert one of them, as in image.to({weight.dtype})"
        )


def check_size(
    size: Sequence[int], smallest: Size, what: str = "image", can_be_padded: bool = True
) -> None:
    """Raises ValueError where an image of this shape is smaller than one output position needs.

    can_be_padded: whether predict, which pads the image, takes the net.
    """
    height, width = size[-2:]
    if height < smallest[0] or width < smallest[1]:
        remedy = "give a larger image" + (", or let predict() pad it" if can_be_padded else "")
        raise ValueError(
            f"{what} is {height} x {width} pixels, smaller than the field of {smallest[0]} x "
            f"{smallest[1]} that one score needs; {remedy}"
        )
