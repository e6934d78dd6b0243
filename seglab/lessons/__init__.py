"""One declaration per lab; the catalogue lists them in course order."""

from importlib import import_module

from seglab._text import suggestion
from seglab.lab import Lab

_COURSE = {
    "00-start-here": "start_here",
    "01-grouping-pixels": "grouping_pixels",
    "02-semantic-instance-panoptic": "semantic_instance_panoptic",
    "03-convolution-arithmetic": "convolution_arithmetic",
    "04-receptive-fields": "receptive_fields",
    "05-classifier-to-heatmap": "classifier_to_heatmap",
    "06-heatmap-to-labels": "heatmap_to_labels",
    "07-only-convolutions": "only_convolutions",
    "08-shift-and-stitch": "shift_and_stitch",
    "09-a-trous": "a_trous",
    "10-upsampling": "upsampling",
    "11-checkerboards": "checkerboards",
    "12-skip-connections": "skip_connections",
    "13-train-your-own": "train_your_own",
    "14-measuring": "measuring",
    "15-finding-instances": "finding_instances",
    "16-your-photo": "your_photo",
    "17-what-filters-see": "what_filters_see",
    "18-many-resolutions": "many_resolutions",
    "19-losses": "losses",
    "20-tiles": "tiles",
    "21-clicks": "clicks",
}

# Labs that a notebook shows after its first.
_FURTHER = {"16-every-net": "every_net", "19-train-under-a-loss": "train_under_a_loss"}


def catalogue() -> dict[str, Lab]:
    """Every lab by the stem of its notebook, in course order."""
    return {stem: _load(stem) for stem in _COURSE}


def further() -> dict[str, Lab]:
    """Labs that a notebook shows after its first, by its number and their own name."""
    return {name: _declared(module) for name, module in _FURTHER.items()}


def stem(name: str) -> str:
    """The stem that a short name means: '08', 'shift-and-stitch' or 'shift_and_stitch'.

    Raises ValueError, naming the labs there are, when no lab goes by that name.
    """
    wanted = name.removesuffix(".ipynb").replace("_", "-")
    spellings = {s: stem for stem in _COURSE for s in (stem, *stem.split("-", 1))}
    if wanted in spellings:
        return spellings[wanted]
    hint = suggestion(wanted, _COURSE)
    raise ValueError(f"there is no lab {name!r}; {hint}the labs are {', '.join(_COURSE)}")


def find(name: str) -> Lab:
    """The lab that a name means; see stem()."""
    return _load(stem(name))


def _load(stem: str) -> Lab:
    return _declared(_COURSE[stem])


def _declared(module: str) -> Lab:
    lab: Lab = import_module(f"{__name__}.{module}").LAB
    return lab
