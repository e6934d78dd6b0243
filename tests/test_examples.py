"""Examples in docstrings: each is run, and what it prints is compared."""

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

import seglab
from seglab.site import reference

PACKAGE = Path(seglab.__file__).parent
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
FINDER = doctest.DocTestFinder(exclude_empty=True)

# Functions that a reader of the reference meets first.
SHOWN = {
    "seglab.ops.arithmetic": ["conv_output_size", "transposed_output_size"],
    "seglab.ops.dense": ["coarse", "cost", "predict", "rarefy", "shift_and_stitch"],
    "seglab.ops.heatmap": ["decide", "label_map", "softmax"],
    "seglab.ops.losses": ["cross_entropy", "dice"],
    "seglab.ops.metrics": ["confusion"],
    "seglab.ops.receptive_field": ["of"],
    "seglab.ops.upsample": ["bed_of_nails", "bilinear", "nearest", "overlap_count"],
    "seglab.images.photos": ["load"],
    "seglab.lab": ["Lab"],
    "seglab.controls": ["Choice"],
}


def modules():
    """Names of the modules with an example in them."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if re.search(r"^ *>>> ", path.read_text(encoding="utf-8"), re.MULTILINE):
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            yield ".".join(part for part in parts if part != "__init__")


@pytest.mark.parametrize("name", list(modules()))
def test_an_example_prints_what_it_says(name):
    tests = [test for test in FINDER.find(import_module(name), name) if test.examples]
    assert tests
    said = []
    for test in tests:
        doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append)
    assert not said, "".join(said)


@pytest.mark.parametrize("name", list(SHOWN))
def test_what_is_met_first_has_an_example(name):
    module = import_module(name)
    assert name in reference.modules()
    bare = [one for one in SHOWN[name] if ">>> " not in (getattr(module, one).__doc__ or "")]
    assert not bare


def test_every_page_of_the_reference_has_words():
    for name in reference.modules():
        assert (import_module(name).__doc__ or "").strip(), name
