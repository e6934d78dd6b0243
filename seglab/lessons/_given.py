"""Pictures of lab 17 as a net gets them: as they are, without colour, or upside down."""

from seglab.images import mosaics, photos, scenes
from seglab.lab import Choice, Photo
from seglab.nets import segmenters

SCENE, MOSAIC = "scene", "mosaic"
AS_IT_IS, GREY, FLIPPED = "as it is", "grey", "flipped"

PHOTO = Photo("astronaut", "camera", "coffee", "chelsea", MOSAIC, SCENE)
PICTURE = Choice(AS_IT_IS, GREY, FLIPPED)


def drawn(photo):
    """The picture with its true labels; nobody knows them for a photograph."""
    if photo == SCENE:
        return scenes.make(0, segmenters.SIZE, difficulty=segmenters.DIFFICULTY, split="test")
    return mosaics.make() if photo == MOSAIC else None


def image(photo, drawn, picture):
    """The picture as the net gets it: as it is, without colour, or upside down."""
    given = photos.load(photo) if drawn is None else drawn.image
    if picture == GREY:
        return given.mean(1, keepdim=True).expand(-1, 3, -1, -1).contiguous()
    return given.flip(2) if picture == FLIPPED else given


def truth(drawn, inside, picture):
    """True labels, where the net and the truth know the same classes."""
    if drawn is None or drawn.classes != inside.classes:
        return None
    return drawn.labels.flip(1) if picture == FLIPPED else drawn.labels
