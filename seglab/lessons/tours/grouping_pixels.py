"""Grouping pixels: what k-means, SLIC, the normalised cut and two more methods group by."""

from itertools import pairwise

from seglab.lab import Try

SEGMENTS, COUNT, ACCURACY = "segments", "number of segments", "achievable accuracy (ASA)"
CHEEK, HAIR, WALL = (75, 105), (20, 110), (30, 60)
BRIGHT_CHEEK, BRIGHT_WALL = (70, 100), (60, 153)


def sizes(run):
    """The number of pixels of each segment of the method."""
    return run.values["labels"].flatten().bincount()


def spread(run):
    """Spread of the segments' sizes: the standard deviation by the mean."""
    counts = sizes(run).float()
    return float(counts.std() / counts.mean())


def pieces(run):
    return len(run.values["graph"].sizes)


def at(run, *pixels):
    """The segments in which pixels lie."""
    return [int(run.values["labels"][0, row, column]) for row, column in pixels]


def together(run, *pixels):
    """True if the pixels are in one segment of the method."""
    return len(set(at(run, *pixels))) == 1


def side(run, name, place=0):
    """A number of the method, or with place 1 of the one that it is compared with."""
    return run.numbers[name].split(" | ")[place]


def percent(run, place=0):
    return float(side(run, ACCURACY, place).rstrip("%"))


def moved(run, step):
    """The share of pixels that change their segment from this step of k-means to the next."""
    one, other = (run.fork(moves=n).values["labels"] for n in (step, step + 1))
    return float((one != other).float().mean())


TOUR = (
    Try(
        "k-means is on the left of each divider. See how it works: drag the knob of the curve in "
        "**colours and centers** to the start (**k-means steps** 0). Six pixels are the first "
        "centers. Go on step by step, to **3**. When does J fall most?",
        set={"moves": 3},
        look="colours and centers",
        expect=lambda before, after: (
            (costs := after.values["path"]().costs)
            and all(one > other for one, other in pairwise(costs))
            and [round(cost) for cost in (costs[0], costs[1], costs[3], costs[-1])]
            == [312, 181, 154, 137]
            and max(pairwise(costs), key=lambda pair: pair[0] - pair[1]) == costs[:2]
            and moved(after, 0) > 3 * moved(after, 5)
        ),
        then="In the first step, from 312 to 181 per pixel. In each step the pixels go to their "
        "nearest center, so the picture changes its colours, and each center goes to the mean of "
        "its pixels. At the end, after 20 steps, J is 137.",
    ),
    Try(
        "Set the steps to **end**. Her cheek and the wall behind her have the same colour: they "
        "are one group. Raise **groups k** from 6 to **12**. Does her face get a group of its own?",
        set={"moves": 100, "k": 12},
        look=SEGMENTS,
        expect=lambda before, after: (
            together(before, CHEEK, WALL)
            and not together(after, CHEEK, WALL)
            and together(after, CHEEK, HAIR)
            and together(after, BRIGHT_CHEEK, BRIGHT_WALL)
            and pieces(after) > 2.5 * pieces(before)
        ),
        then="Only in part. There is a group of skin colour now, but her fair hair is in it too, "
        "and the bright part of her cheek is still with the wall. More groups are more shades, in "
        "more than twice as many connected pieces.",
    ),
    Try(
        "Set the **method** to **SLIC**, and **compactness** from 10 to **100**. Do the "
        "superpixels still follow the edges?",
        set={"first": "SLIC", "compactness": 100},
        look="outlines of the method",
        expect=lambda before, after: (
            3 * spread(after) < spread(after.fork(compactness=10)) and pieces(after) == 196
        ),
        then="Hardly: at 100 place counts so much that the outlines are nearly a grid, 196 pieces "
        "of nearly one size. Only the strongest edges still bend it.",
    ),
    Try(
        "The **normalised cut** joins superpixels of SLIC. Take it as **method**, with **groups "
        "k** **8** and **compactness** **10**. In how many connected pieces are its 8 segments?",
        set={"first": "normalised cut", "k": 8, "compactness": 10},
        look=COUNT,
        expect=lambda before, after: (
            side(after, COUNT) == "8" and 1_900 < pieces(after.fork(first="k-means")) < 2_100
        ),
        then="In 8: it links only superpixels that touch, so each segment stays whole. "
        "8 groups of k-means are about 2,000 pieces.",
    ),
    Try(
        "For the photo **mosaic** the right classes are known. Compare **k-means** with **SLIC**: "
        "if each segment took the class that it has most of, how many pixels would be right?",
        set={"photo": "mosaic", "first": "k-means", "second": "SLIC", "k": 6},
        look=ACCURACY,
        expect=lambda before, after: 45 < percent(after) < 50 and percent(after, 1) > 95,
        then="Fewer than half of them with k-means, 96% with SLIC. A group of one colour has "
        "pixels of several textures; a superpixel lies in one place.",
    ),
    Try(
        "Help k-means: **weight of texture** **2**, and **weight of place** **2**.",
        set={"texture": 2, "place": 2},
        look=ACCURACY,
        expect=lambda before, after: (
            percent(after) > 84
            and percent(before) < 49 < 55 < percent(after.fork(place=0)) < 57
            and 71 < percent(after.fork(place=4)) < 73
        ),
        then="Texture alone brings it from 49% to 56%; with place it is 85%. Too much place does "
        "not help: with a weight of 4 it is 72%, because the groups become tiles.",
    ),
    Try(
        "Two methods of the appendix. Nobody tells mean shift how many groups there are. On the "
        "**astronaut**, compare k-means by colour alone with **mean shift**, **bandwidth** **40**. "
        "A bar shows how far it is.",
        set={
            "photo": "astronaut",
            "second": "mean shift",
            "bandwidth": 40,
            "texture": 0,
            "place": 0,
        },
        look=COUNT,
        expect=lambda before, after: (
            side(after, COUNT, 1).startswith("3 in")
            and int(side(after.fork(bandwidth=20), COUNT, 1).split()[0]) > 3
        ),
        then="3 groups: colours within a large distance move to the same peak. A smaller "
        "bandwidth leaves more peaks, and so more groups.",
    ),
    Try(
        "Now **Felzenszwalb** as **method**, with a **scale** of **100**. Where are its segments "
        "large, where small?",
        set={"first": "Felzenszwalb"},
        look=SEGMENTS,
        expect=lambda before, after: (
            sizes(after).topk(2).indices.tolist() == at(after, (60, 180), (160, 40))
            and float((sizes(after) < 50).float().mean()) > 0.3
            and pieces(after) == len(sizes(after)) == 124
        ),
        then="The wall is the largest, the suit the second: their colour changes little from pixel "
        "to pixel. Small ones lie along edges; a third of the 124 have fewer than 50 pixels.",
    ),
)
