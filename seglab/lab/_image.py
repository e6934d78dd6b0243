"""The picture that a lab looks at."""

from seglab.lab._declaration import Lab


def image_control(lab: Lab) -> str:
    """The control that says which picture a lab looks at: a photograph, or a seed; else "".

    A picture of a reader's own takes its place in a page that computes.
    """
    photos = [name for name, control in lab.controls.items() if control.takes_file]
    seeds = [name for name in lab.controls if name == "seed"]
    return next(iter([*photos, *seeds]), "")
