"""Grouping pixels: what k-means, SLIC, Felzenszwalb and the graph cut group, and by what."""

from seglab.lab import Try

SEGMENTS = "segments: method | compare with"
ACCURACY = "if each segment took its best class"


def sizes(run):
    """The number of pixels of each segment of the method."""
    return run.values["labels"].flatten().bincount()


def spread(run):
    """Spread of the segments' sizes: the standard deviation by the mean."""
    counts = sizes(run).double()
    return float(counts.std() / counts.mean())


def pieces(run):
    return len(run.values["graph"].sizes)


def at(run, *pixels):
    """The segments in which pixels lie."""
    return [int(run.values["labels"][0, row, column]) for row, column in pixels]


def face_and_wall(run):
    """True if her cheek and the wall behind her are in one group."""
    cheek, wall = at(run, (75, 105), (30, 60))
    return cheek == wall


def percent(run, side=0):
    return float(run.numbers[ACCURACY].split(" | ")[side].rstrip("%"))


TOUR = (
    Try(
        "k-means is on the left of each divider. Her cheek has the colour of the wall behind her: "
        "one group. Raise **groups k** from 6 to **12**. Does her face get a group of its own?",
        set={"k": 12},
        look=SEGMENTS,
        expect=lambda before, after: (
            face_and_wall(before) and face_and_wall(after) and pieces(after) > 3 * pieces(before)
        ),
        then="No: with 12 groups the cheek is still with the wall. More groups give more shades, "
        "in three times as many connected pieces.",
    ),
    Try(
        "Nobody tells mean shift how many groups there are. Compare with **mean shift**, and set "
        "the **bandwidth** to **40**. A bar shows how far it is.",
        set={"second": "mean shift", "bandwidth": 40},
        look="compared with",
        expect=lambda before, after: (
            after.numbers["compared with"].startswith("3 in")
            and int(after.fork(bandwidth=20).numbers["compared with"].split()[0]) > 3
        ),
        then="3 groups: colours that lie within a wide window climb to the same peak. A smaller "
        "bandwidth leaves more peaks, and so more groups.",
    ),
    Try(
        "Set the **method** to **SLIC**, and **compactness** from 10 to **100**. When do the "
        "superpixels stop following the edges?",
        set={"first": "SLIC", "compactness": 100},
        look="picture with outlines",
        expect=lambda before, after: (
            3 * spread(after) < spread(after.fork(compactness=10)) and pieces(after) == 196
        ),
        then="At 100 place counts for so much that the outlines are nearly a grid: 196 pieces of "
        "nearly one size. Only the strongest edges still bend it.",
    ),
    Try(
        "Now **Felzenszwalb**, with a **scale** of **100**. Where are its segments large, where "
        "small?",
        set={"first": "Felzenszwalb"},
        look=SEGMENTS,
        expect=lambda before, after: (
            sizes(after).topk(2).indices.tolist() == at(after, (60, 180), (160, 40))
            and float((sizes(after) < 50).float().mean()) > 0.3
        ),
        then="The wall is the largest, the suit the second: their colour changes little from pixel "
        "to pixel. Small ones lie along edges; a third of all segments have fewer than 50 pixels.",
    ),
    Try(
        "The **graph cut** joins superpixels. Set **groups k** to **8**. In how many connected "
        "pieces are its 8 segments?",
        set={"first": "graph cut", "k": 8, "compactness": 10},
        look="segments",
        expect=lambda before, after: (
            after.numbers["segments"] == "8" and 1_900 < pieces(after.fork(first="k-means")) < 2_100
        ),
        then="In 8: only superpixels that touch are linked, so that each segment stays whole. "
        "8 groups of k-means were about 2,000 pieces.",
    ),
    Try(
        "The photo **mosaic** has a truth. Compare **k-means** with **SLIC**: if each segment took "
        "the class that it has most of, how many pixels would be right?",
        set={"photo": "mosaic", "first": "k-means", "second": "SLIC", "k": 6},
        look=ACCURACY,
        expect=lambda before, after: percent(after) < 60 and percent(after, 1) > 95,
        then="About half of them with k-means, 96% with SLIC. The colours of two textures overlap, "
        "so that a group by colour has pixels of both; a superpixel lies in one place.",
    ),
    Try(
        "Help k-means: **weight of texture** **2**, and **weight of place** **1**.",
        set={"texture": 2, "place": 1},
        look=ACCURACY,
        expect=lambda before, after: (
            percent(after) > 82
            and 50 < percent(before) < 51 < percent(after.fork(place=0)) < 57
            and percent(after.fork(place=4)) < 70
        ),
        then="Texture alone brings it from 50% to 56%; with place it is 83%. Too much place is no "
        "help: with a weight of 4 it is 63%, as the groups become tiles.",
    ),
)
