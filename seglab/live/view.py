"""View of the student's own picture: which plane of a file, and how much contrast."""

from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from seglab.images import photos
from seglab.user_photo import UserPhoto

# Words -> percent of the numbers that become black, and as many white.
CONTRAST = {"all numbers": 0.0, "without 0.5% at each end": 0.5, "without 2% at each end": 2.0}


class View(widgets.HBox):  # type: ignore[misc] # ipywidgets is untyped
    """Controls beside a photograph's: a plane where a file has several, contrast where it is free.

    chooser: the control's widget, whose value is a photograph's name or a UserPhoto.
    """

    def __init__(self, chooser: Any) -> None:
        self.plane = widgets.IntSlider(
            min=1, max=1, description="plane", continuous_update=False, layout={"width": "14em"}
        )
        self.contrast = widgets.Dropdown(
            options=list(CONTRAST.items()), description="contrast", layout={"width": "auto"}
        )
        self._chooser = chooser
        self._following = False
        super().__init__()
        self.add_class("seglab-view")
        self._follow()
        chooser.observe(lambda _: self._follow(), "value")
        for part in (self.plane, self.contrast):
            part.style.description_width = "initial"
            part.observe(self._chosen, "value")

    def _follow(self) -> None:
        """Show what there is to choose in the picture that is chosen, as it stands."""
        own = self._chooser.value
        told = _about(own)
        self._following = True
        try:
            if isinstance(own, UserPhoto):
                self.plane.max = max(told.planes, own.plane + 1)
                self.plane.value = own.plane + 1
                if own.cut in CONTRAST.values():
                    self.contrast.value = own.cut
        finally:
            self._following = False
        parts = [self.plane] * (told.planes > 1) + [self.contrast] * (told.range is not None)
        self.children = tuple(parts)

    def _chosen(self, _change: Any) -> None:
        own = self._chooser.value
        if isinstance(own, UserPhoto) and not self._following:
            chosen = replace(own, plane=self.plane.value - 1, cut=self.contrast.value)
            self._chooser.value = chosen


def _about(value: Any) -> photos.About:
    try:
        return photos.about(value) if isinstance(value, UserPhoto) else photos.About()
    except ValueError:  # the board says it
        return photos.About()
