"""A lab in the notebook: ordinary controls over one board that follows them."""

import html
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import ipywidgets as widgets

from seglab import device
from seglab.images import photos
from seglab.lab import Lab, Run, State, Try
from seglab.live import board, interrupts
from seglab.live.chart import Chart
from seglab.live.controls import Named, make, places
from seglab.live.session import Session
from seglab.live.stream import StreamButtons
from seglab.live.tour import Tour
from seglab.paper import png, still
from seglab.user_photo import UserPhoto

WIDGET = "application/vnd.jupyter.widget-view+json"
STILL = "One state of a live lab: run this cell in JupyterLab to take hold of it."
_MISSING = (
    "If no pictures appear here, this page cannot load anywidget: run "
    "<code>pip install anywidget</code> where JupyterLab runs, restart it and load the page again."
)


def show(lab: Lab, **start: Any) -> "LiveLab":
    """A lab to take hold of, with these controls set and the rest at their defaults.

    Raises TypeError for what is no Lab, ValueError for an unknown control or value.
    """
    if not isinstance(lab, Lab):
        remedy = (
            "give its .LAB" if hasattr(lab, "LAB") else "give the LAB of a seglab.lessons module"
        )
        raise TypeError(f"show() takes a Lab, not {type(lab).__name__} {lab!r:.60}; {remedy}")
    device.share_cores()
    return LiveLab(lab, **start)


class LiveLab(widgets.VBox):  # type: ignore[misc] # ipywidgets is untyped
    """A lab's controls, panes, numbers and charts.

    lab.controls["f"].value = 8 does what a student does with the mouse; lab.set(f=8, shifts=4)
    moves several with one redraw; lab.run is the run on the screen, lab.charts["..."] a chart,
    lab.buttons["Start"] a button by the text that it has at the start.
    An error is shown above the panes and raised; the last good pictures stay.

    What a cell asks for is there when the cell goes on. What the browser asks for is computed
    beside the kernel, and given up when something newer is asked for: lab.settled() waits for it.
    A lab with a stream stands at the stream's first value until start(); a change of what the
    stream depends on takes it back there.
    """

    def __init__(self, lab: Lab, **start: Any) -> None:
        self.lab = lab
        self._start = lab.state(**start)
        self._quiet = False
        self._idle: set[str] = set()
        self._made = {name: make(name, c, self._start[name]) for name, c in lab.controls.items()}
        self.controls = Named("control", {name: made.widget for name, made in self._made.items()})
        sources = [source for widget in self.controls.values() for source in widget.sources]
        moves = places(lab.controls, self.controls)
        labels = {name: control.label or name for name, control in lab.controls.items()}
        if lab.streams:  # their frames also depend on how far they are
            sources, moves = [], {}
        self.board = board.Board(sources, moves, labels)
        self.session = Session(
            lab, self._start, self.board, lambda name: self.controls[name].offered
        )
        self.tour: Tour | None = None
        self.followed: list[Callable[[], Any]] = []  # called when the controls have moved
        self.charts = {name: Chart(self.session, name, self._make_room) for name in lab.charts}
        layout = self._layout()
        self._show_idle()
        self.session.begin()  # outside any callback: an error here is the cell's own
        interrupts.listen()
        self._listen()
        super().__init__(layout)
        self.add_class("seglab-lab")

    def set(self, **values: Any) -> None:
        """Move several controls at once, with one redraw."""
        state = self.lab.state(**{**self.state, **values})
        with self._one_step():
            for name, value in state.items():
                self.controls[name].value = value

    def reset(self) -> None:
        """Put all controls back where they were at the start, with one redraw."""
        self.session.running = False
        self.set(**self._start)

    @property
    def run(self) -> Run:
        """The run on the screen, once what was asked for is there."""
        return self.session.run

    def settled(self, timeout: float | None = None) -> bool:
        """Wait until all that was asked for is computed and its picture sent; True.

        Raises TimeoutError after so many seconds.
        """
        return self.session.settled(timeout)

    def start(self) -> None:
        """Let the lab's stream go on to its end; the Stop button, or stop(), lets it rest."""
        self.session.start()

    def stop(self) -> None:
        """Let the stream rest where it is; start() goes on from there."""
        self.session.stop()

    def restart(self) -> None:
        """Begin the stream again and let it go on to its end."""
        self.session.restart()

    @property
    def running(self) -> bool:
        """True while a stream runs."""
        return self.session.running

    @property
    def state(self) -> State:
        """Values of the controls."""
        return {name: widget.value for name, widget in self.controls.items()}

    def upload(self, control: str, file_name: str, data: bytes) -> None:
        """Use the student's own picture; what cannot be read is said, and the old one stays."""
        own = UserPhoto(file_name, data)
        try:
            photos.open(data, plane=0)
        except ValueError as error:
            self.board.say(f"{file_name}: {error}", "The picture before it stays.")
            return
        self.controls[control].value = own

    def __repr__(self) -> str:
        return repr(self.run)

    def _display_(self) -> Any:
        """Controls over the board, for marimo, which takes no box of ipywidgets."""
        return self._stacked

    @cached_property
    def _stacked(self) -> Any:  # kept: marimo's elements live as long as somebody holds them
        import marimo

        from seglab.live.strip import Strip

        return marimo.vstack([marimo.ui.anywidget(w) for w in (Strip(self), self.board)])

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        # ipywidgets would cut the text at 110 characters, and the numbers stand at its end. Where
        # no kernel runs a picture stands in; with text/html, most viewers would not show it.
        text = repr(self)
        poster = png(still(self.run, foot=STILL))
        _, metadata = self.board._repr_mimebundle_() or ({}, {})  # Colab's leave to load it
        data = {
            "text/plain": text,
            "image/png": b64encode(poster).decode(),
            WIDGET: {"version_major": 2, "version_minor": 0, "model_id": self.model_id},
        }
        return data, {**metadata, "image/png": {"alt": text}, "seglab": {"still": True}}

    # Layout

    def _layout(self) -> list[widgets.Widget]:
        reset = widgets.Button(
            description="Reset", tooltip="all controls back to the start", layout={"width": "auto"}
        )
        reset.on_click(lambda _: self.reset())
        reset.add_class("seglab-reset")
        buttons = {"Reset": reset}
        row = widgets.Box([*(made.row for made in self._made.values()), reset])
        row.add_class("seglab-controls")
        parts = [_head(self.lab), row]
        if self.lab.tour:
            self.tour = tour = Tour(self.lab.tour, self._go, self._awaits, self._light)
            self.session.switched.append(tour.follow)
            parts.append(tour)
            buttons |= {"Back": tour.back, "Show me": tour.show_me, "Next": tour.next}
        if self.lab.streams:
            stream = StreamButtons(self.session)
            stream.go.on_click(lambda _: self._open_growing())
            parts.append(stream)
            buttons |= {"Start": stream.go, "Start again": stream.again}
        buttons |= {name: chart.button for name, chart in self.charts.items()}
        self.buttons = Named("button", buttons)
        charts = widgets.Box(list(self.charts.values()))
        charts.add_class("seglab-charts")
        panels = widgets.VBox([chart.panel for chart in self.charts.values()])
        panels.add_class("seglab-panels")
        self._bench = widgets.Box([self.board, panels])
        self._bench.add_class("seglab-bench")
        return [*parts, self._bench, _fallback(), *([charts] if self.charts else [])]

    def _make_room(self, chart: Chart) -> None:
        """Show one chart at a time, beside the panes; without one, they have all the room."""
        for other in self.charts.values():
            if chart.is_open and other.is_open and other is not chart:
                other.close_panel()
        if any(one.is_open for one in self.charts.values()):
            self._bench.add_class("seglab-charted")
        else:
            self._bench.remove_class("seglab-charted")

    def _go(self, values: State) -> None:
        """Set these controls, and the others as they were at the start."""
        self.set(**{**self._start, **values})

    def _awaits(self, step: Try) -> bool:
        """Tell whether a stream has yet to give what the step looks at."""
        steps = self.lab.steps
        keys = [(kind, step.look) for kind in ("pane", "number", "chart")]
        streams = [name for key in keys if key in steps for name in steps[key].streams]
        return bool(streams) and not self.session.shown.finished

    def _light(self, step: Try) -> None:
        """Light the controls that a step moves, and where it says to look."""
        self.board.lights = {"controls": list(step.set), "look": step.look}

    def _show_idle(self) -> None:
        """Grey the controls without effect in what the controls say."""
        idle = set(self.lab.idle(self.state))
        for name in idle ^ self._idle:
            self._made[name].show_idle(name in idle)
        self._idle = idle

    # Events

    def _listen(self) -> None:
        for name, made in self._made.items():
            made.widget.observe(self._moved, "value")
            if made.upload:
                made.upload.on_msg(self._receive(name))
            if hasattr(made.widget, "said"):
                made.widget.said = self.board.say
        controls = self.lab.controls.items()
        pixel = next((name for name, control in controls if control.size), None)
        if pixel:
            self.board.observe(lambda change: self._clicked(pixel, change.new), "pixel")
        self.board.observe(lambda change: self._moved_in_diagram(*change.new[:2]), "moved")
        file = next((name for name, control in controls if control.takes_file), None)
        if file:
            self.board.on_msg(self._receive(file))

    def _moved(self, _change: Any) -> None:
        if not self._quiet:
            self._follow()

    @contextmanager
    def _one_step(self) -> Iterator[None]:
        """Many controls may move inside; the board follows once, at the end."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False
        self._follow()

    def _follow(self) -> None:
        """Bring the board to where the controls are."""
        try:
            self.session.move(self.state)
        finally:  # also where the state is refused: the controls stand there
            self._show_idle()
            for chart in self.charts.values():
                chart.moved(self.state)
            for follow in self.followed:
                follow()

    def _clicked(self, control: str, at: list[int]) -> None:
        if at:
            self.controls[control].value = tuple(at[:2])

    def _moved_in_diagram(self, control: str, spelled: str) -> None:
        self.controls[control].value = self.lab.controls[control].parse(spelled)

    def _receive(self, control: str) -> Callable[[Any, dict[str, Any], list[memoryview]], None]:
        """The handler of a file for a control; it comes in pieces, in their order."""
        parts: list[bytes] = []

        def handle(_widget: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
            if content.get("kind") == "refused":
                self.board.say(str(content["text"]))
            elif content.get("kind") == "file":
                parts[content.get("part", 0) :] = [bytes(buffers[0])]
                if len(parts) == content.get("of", 1):
                    self.upload(control, str(content["name"]), b"".join(parts))

        return handle

    def _open_growing(self) -> None:
        for chart in self.charts.values():
            if self.running and chart.grows:
                chart.measure()


def _head(lab: Lab) -> widgets.HTML:
    summary = f"<p>{html.escape(lab.summary)}</p>" if lab.summary else ""
    head = widgets.HTML(f"<h3>{html.escape(lab.title)}</h3>{summary}")
    head.add_class("seglab-head")
    return head


def _fallback() -> widgets.HTML:
    """Seen only where the board's style sheet never arrives, and then not before 5 seconds."""
    note = widgets.HTML(
        "<style>@keyframes seglab-late { to { height: auto; visibility: visible } }</style>"
        '<p style="height: 0; margin: 0; visibility: hidden; overflow: hidden; '
        f'animation: seglab-late 0s 5s forwards">{_MISSING}</p>'
    )
    note.add_class("seglab-fallback")
    return note
