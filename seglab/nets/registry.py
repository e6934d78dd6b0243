"""Names of the net families, so that looking at the list imports no net."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seglab.nets.family import Family

# What `seglab train NAME` can train -> module:attribute.
FAMILIES = {
    "textures": "textures:FAMILY",
    "only-convolutions": "five_convolutions:FAMILY",
    "only-convolutions-mosaics": "five_convolutions:ON_MOSAICS",
    "classifier": "classifiers:FAMILY",
    "fcn-32s": "segmenters:FCN_32S",
    "fcn-16s": "segmenters:FCN_16S",
    "fcn-8s": "segmenters:FCN_8S",
    "unet": "segmenters:UNET",
    "unet-sum": "segmenters:UNET_SUM",
    "panoptic-deeplab": "panoptic_deeplab:FAMILY",
    "mask-rcnn": "mask_rcnn:FAMILY",
    "losses": "loss_trainings:FAMILY",
    "clicks": "click_net:FAMILY",
    "side-outputs": "side_outputs:FAMILY",
}

# What `seglab convert NAME FILE` can convert: nets that others have trained -> their module.
CONVERTED = {"selfie": "selfie_conversion"}


def family(name: str) -> Family[Any]:
    """Family of this name; raises ValueError for a name not in FAMILIES."""
    if name not in FAMILIES:
        raise ValueError(f"name={name!r} has no training: there is {', '.join(FAMILIES)}")
    module, _, attribute = FAMILIES[name].partition(":")
    family: Family[Any] = getattr(import_module(f"seglab.nets.{module}"), attribute)
    return family


def convert(name: str, file: str | Path, out: str | Path | None = None) -> None:
    """Convert a published file to the weights of this net; ValueError for a name not in CONVERTED.

    out: the folder, the package's own when None.
    """
    if name not in CONVERTED:
        raise ValueError(f"name={name!r} has no conversion: there is {', '.join(CONVERTED)}")
    import_module(f"seglab.nets.{CONVERTED[name]}").convert(file, out)


def command(net: str) -> str:
    """Name that `seglab train` takes for a net of the index of weights, such as 'textures-f2'.

    A net that is no family of its own is named after one, with an ending of its own.
    """
    return net if net in FAMILIES else net.rpartition("-")[0] or net
