"""Ways to a score for every place where the net fits; they agree."""

from seglab.ops import dense

WAYS = {
    "sliding_window": dense.sliding_window,
    "shift_and_stitch": dense.shift_and_stitch,
    "atrous": lambda net, image: dense.rarefy(net)(image),
    "fragments": dense.fragments,
}
