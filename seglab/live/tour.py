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
    light: called with the step that is turned to or shown, to light what it speaks of.
    awaits: called with a step; true while what it looks at is not there yet, as before a training.
    After "Show me" the step also says what was to be seen. For a step that sets nothing the button
    is called "Answer".
    """

    def __init__(
        self,
        steps: Sequence[Try],
        go: Callable[[State], Any],
        awaits: Callable[[Try], bool] = lambda step: False,
        light: Callable[[Try], Any] = lambda step: None,
    ) -> None:
        self.place = 0
        self._steps = tuple(steps)
        self._go = go
        self._awaits = awaits
        self._light = light
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
        self.follow()

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
        self.follow()
        self._light(self._steps[self.place])

    def _show(self) -> None:
        self._go(self.state())
        self._shown = True
        self.follow()
        self._light(self._steps[self.place])

    def follow(self) -> None:
        """Write the step, and what was to be seen once it can be."""
        step = self._steps[self.place]
        look = f"<p>Look at <b>{html.escape(step.look)}</b>.</p>" if step.look else ""
        answer = step.then
        if self._shown and self._awaits(step):
            answer = "Press **Start**: the answer comes when it is done."
        then = f'<div class="seglab-then">{as_html(answer)}</div>' if self._shown else ""
        text = as_html(step.say) + look + then
        if self._text.value != text:
            self._text.value = text
        self._count.value = f"{self.place + 1} of {len(self._steps)}"
        self.back.disabled = self.place == 0
        self.next.disabled = self.place == len(self._steps) - 1
        asks = not step.set and bool(step.then)
        self.show_me.description = "Answer" if asks else "Show me"
        self.show_me.tooltip = (
            "what was to be seen" if asks else "set the controls as the step says"
        )
        self.show_me.disabled = not self.state() and not asks
