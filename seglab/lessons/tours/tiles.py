"""The tour of lab 20: margins that are too small, just enough, and never enough."""

import torch

from seglab.lab import Try


def largest(run):
    """The largest change of a probability, over the whole picture."""
    return float(run.values["difference"].max())


def beyond(run, pixels):
    """The largest change further than so many pixels from every seam."""
    difference, step = run.values["difference"], run.state["step"]
    side = difference.shape[-1]
    at = torch.arange(side, device=difference.device)
    seams = torch.arange(step, side, step, device=difference.device)
    away = torch.maximum(at[:, None] - seams, seams - 1 - at[:, None])
    far = (away >= pixels).all(1)
    return float(difference[..., far, :][..., far].max())


def border(run):
    """Share of right labels near the picture's border, and further inside."""
    return run.values["right"]


TOUR = (
    Try(
        "Drag the knob in **your tile** to the left, to a margin of 12. Where is the answer still "
        "another one than that of the whole picture?",
        set={"margin": 12},
        look="difference",
        expect=lambda before, after: (
            before.values["changed"] > 0.09
            and after.values["changed"] < 0.02
            and beyond(after, 8) < 1e-3
        ),
        then="Within 8 pixels of a seam. A pixel sees 20 pixels to each side: what lies further "
        "inside sees nothing that its tile does not have. 1.4% of the labels are changed; without "
        "a margin it was 9.9%.",
    ),
    Try(
        "Set the margin to 19. One pixel is missing. Does it matter?",
        set={"margin": 19},
        look="your tile's seam",
        expect=lambda before, after: (
            0.1 < largest(after) < 0.2 and beyond(after, 1) < 1e-3 and after.values["changed"] > 0
        ),
        then="A little: the pixels right at a seam still miss their last row or column. The "
        "largest change of a probability is 0.163.",
    ),
    Try(
        "And 20, which is the dashed line?",
        set={"margin": 20},
        look="largest change",
        expect=lambda before, after: (
            largest(after) < 1e-3
            and after.values["needed"] == 20
            and largest(after.fork(margin=40)) < 1e-3
        ),
        then="0, at every pixel. The field of this net is 41 × 41: 20 to each side. A wider margin "
        "changes nothing but the cost.",
    ),
    Try(
        "The net *stride 8* answers once for each block of 8 × 8 pixels. Let tiles start at **any "
        "pixel**, with a margin of 20. What do you see?",
        set={"net": "stride 8", "starts": "any pixel", "margin": 20},
        look="difference",
        expect=lambda before, after: after.values["changed"] > 0.05 and beyond(after, 28) > 0.5,
        then="Changes in whole blocks, also far from the seams. These tiles start at 44, 108, ..., "
        "which are no multiples of 8: their blocks lie elsewhere, and so all answers are others.",
    ),
    Try(
        "Let them start at **every 8th pixel** again.",
        set={"starts": "every 8th pixel"},
        look="difference",
        expect=lambda before, after: (
            largest(after) < 1e-3 and after.values["crop"].rows.start % 8 == 0
        ),
        then="0 again. A tile needs both: a margin, and a start at a multiple of the stride. Here "
        "the margin of 20 is rounded up to 24.",
    ),
    Try(
        "Back to *dilated*. What does the margin cost with tiles of 32 pixels?",
        set={"net": "dilated", "step": 32},
        look="seen per pixel",
        expect=lambda before, after: (
            after.values["seen"] > 4
            and after.fork(step=128).values["seen"] < 1.4
            and largest(after) < 1e-3
        ),
        then="The net sees 4.38 pixels for each pixel of the picture. With tiles of 128 it is "
        "1.34: take the largest tile that fits into memory.",
    ),
    Try(
        "At the picture's own border there is no neighbour. With zeros beyond it, 85% of the "
        "labels are right within 5 pixels of the border. Set **beyond the border** to *mirror "
        "image*. Is there a seam now?",
        set={"step": 64, "rule": "mirror"},
        look="mistakes",
        expect=lambda before, after: (
            border(before)[0] < 0.86
            and border(after)[0] > 0.89
            and border(before)[1] > 0.85
            and largest(after) < 1e-3
        ),
        then="No: the whole picture has the same border, and the tiles equal it. But the answers "
        "there are better, 90% right. The net was trained without padding and has never seen "
        "zeros there.",
    ),
    Try(
        "Last, the *selfie* net of lab 16, with the widest margin.",
        set={"net": "selfie", "margin": 40},
        look="margin needed",
        expect=lambda before, after: (
            after.values["needed"] is None
            and after.values["changed"] > 0.2
            and "stride4.gate.0" in after.values["plan"]
        ),
        then="26% of the labels are others. Its gates weigh each channel by the mean of the whole "
        "picture, and a tile has another mean. No margin helps; the library refuses this net and "
        "names the layer.",
    ),
)
