"""Pictures, nets and answers of lab 20: textures with a truth, and photographs without one."""

import torch

from seglab.images import mosaics, photos
from seglab.nets import same_size, selfie
from seglab.ops import heatmap

PLAIN, DILATED, STRIDED, SELFIE = "plain", "dilated", "stride 8", "selfie"
NETS = {PLAIN: "plain", DILATED: "d4", STRIDED: "f8"}
PORTRAITS = ("astronaut", "camera", "coffee", "chelsea")
SIDE = 256
EVERY_8TH, ANYWHERE = "every 8th pixel", "any pixel"


def image(net, number):
    if net == SELFIE:
        return photos.load(PORTRAITS[number], SIDE)
    return mosaics.make(number, (SIDE, SIDE)).image


def truth(net, number):
    """The labels of a mosaic; of a photograph nobody has any."""
    return None if net == SELFIE else mosaics.make(number, (SIDE, SIDE)).labels


def model(net, rule):
    return selfie.pretrained() if net == SELFIE else same_size.pretrained(NETS[net], rule)


def classes(net):
    return selfie.CLASSES if net == SELFIE else mosaics.CLASSES


def alignment(net, starts):
    """The selfie net takes no other sides than multiples of 16."""
    if net == SELFIE:
        return 16
    return 8 if net == STRIDED and starts == EVERY_8TH else 1


def probabilities(scores):
    """Scores as probabilities; one score is that of two classes."""
    if scores.shape[1] > 1:
        return heatmap.softmax(scores)
    return torch.cat([(-scores).sigmoid(), scores.sigmoid()], 1)
