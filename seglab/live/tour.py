"""A tour in the notebook: one step at a time, each with a button that sets its state."""

import html
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from seglab._text import as_html
from seglab.lab import State, Try


class Tour(widgets.VBox):  # type: ignore[misc] # ipywidgets is untyped
    """The text of a step, and buttons for the step before, the step's state, and the next step.

    go: called with the controls that the step and those before it set, name -> value.
    After "Show me" the step also says what was to be seen.
    """

    def __init__(self, steps: Sequence[Try], go: Callable[[State], Any]) -> None:
        self.place = 0
        self._steps = tuple(steps)
        self._go = go
        self._shown = False
        self._text = widgets.HTML()
        self._count = widgets.Label()
        self.back, self.show_me, self.next = (
            widgets.Button(description=text, tooltip=tooltip, layout={"width": "auto"})
            for text, tooltip in [
                ("Back", "the step before"),
                ("Show me", "set the controls as the step says"),
                ("Next", "the next step"),
            ]
        )
        self.back.on_click(lambda _: self._turn(-1))
        self.show_me.on_click(lambda _: self._show())
        self.next.on_click(lambda _: self._turn(1))
        row = widgets.HBox([self.back, self.show_me, self.next, self._count])
        super().__init__([self._text, row])
        self.add_class("seglab-tour")
        self._follow()

    @property
    def text(self) -> str:
        """Text of the step, as HTML."""
        return str(self._text.value)

    @property
    def count(self) -> str:
        """Number of the step, such as 1 of 5."""
        return str(self._count.value)

    def state(self) -> State:
        """Values that this step and those before it set."""
        steps = self._steps[: self.place + 1]
        return {name: value for step in steps for name, value in step.set.items()}

    def _turn(self, by: int) -> None:
        self.place = min(max(self.place + by, 0), len(self._steps) - 1)
        self._shown = False
        self._follow()

    def _show(self) -> None:
        self._go(self.state())
        self._shown = True
        self._follow()

    def _follow(self) -> None:
        step = self._steps[self.place]
        look = f"<p>Look at <b>{html.escape(step.look)}</b>.</p>" if step.look else ""
        then = f'<div class="seglab-then">{as_html(step.then)}</div>' if self._shown else ""
        self._text.value = as_html(step.say) + look + then
        self._count.value = f"{self.place + 1} of {len(self._steps)}"
        self.back.disabled = self.place == 0
        self.next.disabled = self.place == len(self._steps) - 1
        self.show_me.disabled = not self.state()
