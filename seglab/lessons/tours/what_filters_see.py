"""The tour of lab 17: what single channels see, and what is lost without them."""

from seglab.lab import Try
from seglab.lessons.pictures import class_sum
from seglab.nets import insides

FACE, ABOVE = 3, 12  # channels of the selfie net, layer 5
SHUT = (3, 13, 15)  # gates of its layer 2
TEXTURES = "texture net, f = 2"
BROWN, VOTE = 0, 5  # channels of this net: of its layer 4, and of its layer 6
GRAVEL, TISSUE = 2, 4  # labels


def exciting(run):
    """Names of the pictures of the nine patches, the strongest first."""
    ranked = run.values["excited"][run.values["seen"].path]
    names = insides.pictures(run.values["inside"].drawn)
    return [names[n] for n in ranked.pictures[run.values["number"]].tolist()]


def highest(run):
    """The highest value of the channel, and the row and column of its unit's center."""
    found, number = run.values["here"], run.values["number"]
    center = run.values["seen"].field.center(*found.places[0, number, 0].tolist())
    return float(found.values[0, number, 0]), *center


def over_tissue(run):
    """The mean of the channel over the units in the middle of whose field is tissue."""
    values, field = run.values["maps"][0, run.values["number"]], run.values["seen"].field
    rows, columns = (
        [int(field.center(unit, unit)[0]) for unit in range(length)] for length in values.shape
    )
    return float(values[run.values["truth"][0, rows][:, columns] == TISSUE].mean())


def lost(run):
    """Loss of each class: its IoU before, less what is left."""
    return (run.values["ious"] - run.values["ious_left"]).tolist()


TOUR = (
    Try(
        "Channel 3 is highest at her face; its patches show faces, cups and cells. Click on "
        "channel 12, the first in the third row. What do its two strongest patches show?",
        set={"channel": ABOVE},
        look="what excites it",
        expect=lambda before, after: (
            before.values["number"] == FACE
            and exciting(before)[:4] == ["astronaut", "coffee", "cell", "camera"]
            and exciting(after)[:2] == ["astronaut", "camera"]
        ),
        then="What is just above a head. The third is a star: the channel has its "
        "favourites, and not one clear meaning.",
    ),
    Try(
        "Go back to channel 3, and set **picture** to *flipped*: she is upside down. Does the "
        "channel still find her face?",
        set={"channel": FACE, "picture": "flipped"},
        look="on the picture",
        expect=lambda before, after: (
            abs((255 - highest(after.fork(picture="as it is"))[1]) - highest(after)[1]) < 8
            and highest(after)[0] < 0.6 * highest(after.fork(picture="as it is"))[0]
        ),
        then="Yes, but it is less sure: 17.8 in place of 32.2.",
    ),
    Try(
        "Turn the picture back, and set **take away** to *this channel*. Then choose channel 12. "
        "Which of the two does the net need more?",
        set={"picture": "as it is", "taken": "this channel", "channel": ABOVE},
        look="labels changed",
        expect=lambda before, after: (
            after.values["moved"] > 0.02 and after.fork(channel=FACE).values["moved"] < 0.003
        ),
        then="Channel 12: without it 2.3% of the pixels change their label, without channel 3 only "
        "0.2%. That a channel is excited by faces does not mean that the answer depends on it.",
    ),
    Try(
        "Give the channel back, and click on the box *w*: the weights of layer 1. "
        "What can a unit of this layer know?",
        set={"taken": "nothing", "layer": 0},
        look="all channels",
        expect=lambda before, after: (
            after.values["seen"].field.size == (3, 3)
            and after.values["inside"].kernels.shape == (16, 3, 3, 3)
        ),
        then="Only 3 × 3 pixels: an edge or a colour. These are the filters themselves, 16 kernels "
        "with a red, a green and a blue weight at each place. Grey is 0.",
    ),
    Try(
        "Go to layer 2 and look at the bars below the small pictures: these are *gates*. Choose "
        "channel 3. How much of it does the net add, on its way up, as a skip?",
        set={"layer": 2, "channel": SHUT[0]},
        look="channel",
        expect=lambda before, after: all(
            max(after.fork(photo=photo).values["gates"][c] for c in SHUT) < 0.005
            for photo in ("astronaut", "camera", "coffee", "chelsea")
        ),
        then="Nothing: its gate is 0.00, as are those of channels 13 and 15, on all four "
        "photographs. Other gates depend on the picture: that of channel 6 is 0.62 here and 0.16 "
        "for *camera*.",
    ),
    Try(
        "Another net, which tells textures apart: set **photo** to *mosaic*, **net** to *texture "
        "net, f = 2*, and choose layer 4 and channel 0. All its patches are brown. Does it see "
        "colour and nothing else? Set **picture** to *grey*.",
        set={"photo": "mosaic", "net": TEXTURES, "layer": 4, "channel": BROWN, "picture": "grey"},
        look="the channel",
        expect=lambda before, after: (
            0.9 < over_tissue(after) / over_tissue(after.fork(picture="as it is")) < 0.92
            and {*exciting(after)} == {"motorcycle_left", "ihc", "chelsea"}
        ),
        then="No: over the tissue, 91% of the heatmap is left without colour. The nine patches "
        "show what excites a channel most, and not all that it answers to. (Explain asks further.)",
    ),
    Try(
        "In colour again: take this channel away. Which class falls?",
        set={"picture": "as it is", "taken": "this channel", "shown_class": "tissue"},
        look="classes",
        expect=lambda before, after: (
            after.values["ious"][TISSUE] > 0.79
            and after.values["ious_left"][TISSUE] < 0.02
            and sorted(lost(after))[-2] < 0.18
        ),
        then="Tissue, from 0.80 to 0.01. No other class loses more than 0.17.",
    ),
    Try(
        "Give it back, and go to layer 6, the last before the scores. **sum of channels** shows "
        "how the scores of a class are made. Set **class** to *gravel*. Which channel votes most? "
        "What is lost without it?",
        set={"taken": "nothing", "layer": 6, "channel": VOTE, "shown_class": "gravel"},
        look="sum of channels",
        expect=lambda before, after: (
            class_sum.strongest(after.values["sum_left"].parts[:, 0])[0] == VOTE
            and lost(after.fork(taken="this channel"))[GRAVEL] > 0.53
            and sorted(lost(after.fork(taken="this channel")))[-2] < 0.19
        ),
        then="Channel 5. Without it, gravel falls from 0.69 to 0.15, and no other class by more "
        "than 0.18. All parts together are the scores.",
    ),
)
