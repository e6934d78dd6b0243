"""A lab in the notebook: ordinary controls over one board that follows them."""

import html
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import perf_counter
from typing import Any

import ipywidgets as widgets

from seglab import device
from seglab._text import sentence
from seglab.board import frames
from seglab.images import photos
from seglab.lab import Control, Lab, Layers, Matrix, Photo, Pixel, Run, State
from seglab.live import board, controls, places
from seglab.live.chart import Chart
from seglab.live.memory import Memory
from seglab.live.stream import StreamButtons
from seglab.live.worker import Cancelled, Job, Worker, by_hand, hear_interrupts
from seglab.paper import png, still

_WIDGET = "application/vnd.jupyter.widget-view+json"
_REDRAW = 0.2  # seconds between two pictures of a stream, at least
_CHEAP = 0.15  # seconds; steps that take no longer are computed ahead of the hand
_PAUSE = 0.05  # seconds in which a hand that drags moves on; it is not to wait for what is ahead
_OLDER = "The pictures show the last state that worked."
_STILL = "One state of a live lab: run this cell in JupyterLab to take hold of it."
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

    lab.controls["f"].value = 8 does what the student's hand does; lab.set(f=8, shifts=4) moves
    several with one redraw; lab.run is the run on the screen, lab.charts["..."] a chart.
    An error is shown above the panes and raised; the last good pictures stay.

    What a cell asks for is there when the cell goes on. What a hand asks for is computed beside the
    kernel, and given up when the hand has moved on. A lab with a stream stands at the stream's
    first value until start(); a change of what the stream depends on takes it back there.
    """

    def __init__(self, lab: Lab, **start: Any) -> None:
        self.lab = lab
        self._start = lab.state(**start)
        self._quiet = False
        self._where = ""
        self._last_progress = 0.0
        self._way: tuple[int, ...] = ()  # done and total, of what is under way
        made = {
            name: controls.make(name, control, self._start[name])
            for name, control in lab.controls.items()
        }
        self.controls = controls.Controls({name: m.widget for name, m in made.items()})
        self._point = _first(lab, Pixel)
        self._photo = _first(lab, Photo)
        sources = [s for widget in self.controls.values() for s in places.sources(widget)]
        self.board = board.Board([] if lab.streams else sources)
        self._memory = Memory(lab)
        self._cost = 0.0
        self._worker = Worker(self._work)
        self._running = False
        self._buttons = StreamButtons(self) if lab.streams else None
        self._run = self._fresh(self._start)
        self.charts = {name: Chart(self, name) for name in lab.charts}
        self._draw(self._start)  # outside any callback: an error here is the cell's own
        hear_interrupts()
        for name, widget in self.controls.items():
            widget.observe(self._moved, "value")
            upload = made[name].upload
            if upload:
                upload.on_msg(self._receive(name))
        self.board.observe(self._clicked, "pixel")
        if self._photo:
            self.board.on_msg(self._receive(self._photo))
        super().__init__(self._layout(made))
        self.add_class("seglab-lab")

    def set(self, **values: Any) -> None:
        """Move several controls at once, with one redraw."""
        state = self.lab.state(**{**self.state, **values})
        with self._one_step():
            for name, value in state.items():
                self.controls[name].value = value

    def reset(self) -> None:
        """Put all controls back where they were at the start, with one redraw."""
        self._running = False
        self.set(**self._start)

    @property
    def run(self) -> Run:
        """The run on the screen, once what a hand has asked for is there."""
        self._worker.wait()
        return self._run

    def start(self) -> None:
        """Let the lab's stream go on to its end; the Stop button, or stop(), lets it rest."""
        self._running = True
        self._follow()

    def stop(self) -> None:
        """Let the stream rest where it is; start() goes on from there."""
        self._running = False
        self._follow()

    def restart(self) -> None:
        """Begin the stream again and let it go on to its end."""
        with self._alone():
            self._run.restart()
        self.start()

    def at_rest(self, look: Callable[[Run], None], seconds: float = 1) -> None:
        """look(run), unless the run is still being computed after so many seconds."""
        if self._worker.computing.acquire(timeout=seconds):
            try:
                look(self._run)
            finally:
                self._worker.computing.release()

    @property
    def running(self) -> bool:
        """Whether a stream is under way."""
        return self._running

    @property
    def state(self) -> State:
        """What the controls say."""
        return {name: widget.value for name, widget in self.controls.items()}

    def __repr__(self) -> str:
        return repr(self.run)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        # ipywidgets would cut the text at 110 characters, and the numbers stand at its end. Where
        # no kernel runs a picture stands in; with text/html, most viewers would not show it.
        text = repr(self)
        poster = png(still(self.run, foot=_STILL))
        data = {
            "text/plain": text,
            "image/png": b64encode(poster).decode(),
            _WIDGET: {"version_major": 2, "version_minor": 0, "model_id": self.model_id},
        }
        return data, {"image/png": {"alt": text}}

    def _layout(self, made: dict[str, controls.Made]) -> list[widgets.Widget]:
        summary = f"<p>{html.escape(self.lab.summary)}</p>" if self.lab.summary else ""
        head = widgets.HTML(f"<h3>{html.escape(self.lab.title)}</h3>{summary}")
        head.add_class("seglab-head")
        reset = widgets.Button(
            description="Reset", tooltip="all controls back to the start", layout={"width": "auto"}
        )
        reset.on_click(lambda _: self.reset())
        row = widgets.Box([*(m.row for m in made.values()), reset])
        row.add_class("seglab-controls")
        stream = [self._buttons] if self._buttons else []
        return [head, row, *stream, self.board, _fallback(), *self.charts.values()]

    def _moved(self, _change: Any) -> None:
        if not self._quiet:
            self._running &= by_hand()
            self._follow()

    @contextmanager
    def _one_step(self) -> Iterator[None]:
        """Many controls may move inside; the board follows once, at the end."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False
        self._running &= by_hand()
        self._follow()

    def _follow(self) -> None:
        """Bring the board to where the controls are."""
        if by_hand():
            self._worker.give(self.state)
        else:
            with self._alone():
                self._draw(self.state)
                self._stream()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The worker has nothing under way inside."""
        self._worker.cancel()
        with self._worker.computing:
            yield

    def _work(self, job: Job) -> None:
        before = self._run.state
        try:
            self._step(job.what)
            self._worker.settle(job)
            self._stream()
            self._look_ahead(before)
        except Cancelled:
            if job.stopped and (self._running or not job.settled):  # and not merely ahead
                self._running = False
                self._show_buttons()
                self.board.say("Stopped.", _OLDER)
            raise

    def _fresh(self, state: State) -> Run:
        return Run(self.lab, state, None, self._progress, self._worker.pause, whole=False)

    def _step(self, state: State) -> None:
        """Draw what the browser has already by naming it, and anything else in full."""
        self._refresh()
        at = self._place(state)
        frame = self._memory.get(at)
        if frame is None:
            self._draw(state)
        else:
            self._run = self._memory.run(at) or self._run.step(**state)
            self.board.show(frame, sent=True)

    def _refresh(self) -> None:
        """Forget what was computed by code that has changed since."""
        if self._memory.changed():
            self._run = self._fresh(self._run.state)

    def _draw(self, state: State) -> None:
        where = device.describe()

        def on_cpu() -> tuple[Run, dict[str, Any]]:
            self._where = f" after {where} ran out of memory"
            # Nothing remembered is reused: it lies on the full device.
            self._memory.forget()
            return self._compute(self._fresh(state))

        self._refresh()
        with self._said(state):
            # The status line says it; a warning would end up in some other cell's output.
            self._run, frame = device.or_cpu(
                lambda: self._compute(self._run.step(**state)), on_cpu, quiet=True
            )
        if not self.lab.streams:
            self._memory.put(frame)
        self.board.show(frame)
        self._follow_charts()
        self._show_buttons()

    def _look_ahead(self, before: State) -> None:
        """Send the next states of the control that has moved, while nobody waits for the kernel."""
        now = self._run.state
        moved = [name for name in now if now[name] != before[name]]
        if self.lab.streams or len(moved) != 1 or self._cost > _CHEAP:
            return
        (name,) = moved
        self._worker.breathe(_PAUSE)
        for value in places.next_values(self.controls[name], before[name], now[name]):
            self._worker.pause()
            run = self._run.fork(**{name: value})
            if self._memory.get(self._place(run.state)) is None:
                # An error is said if the hand gets there.
                with suppress(Exception), self._worker.ahead(run.state):
                    _, frame = self._compute(run)
                    self._memory.put(frame, run)
                    self.board.send_ahead(frame)

    def _place(self, state: State) -> places.Place:
        return [p for name, w in self.controls.items() for p in places.place(w, state[name])]

    def _stream(self) -> None:
        """Draw what the streams give until their end, or until they are to rest."""
        drawn = perf_counter()
        self._way = ()
        try:
            while self._running:
                self._worker.pause()
                with self._said(self._run.state):
                    with self._worker.held():  # a generator that is given up cannot be resumed
                        if not self._run.advance():
                            self._running = False
                    # On a busy machine, too, most of the time is the stream's.
                    pause = max(_REDRAW, 2 * self._cost)
                    if not self._running or perf_counter() - drawn >= pause:
                        self.board.show(self._compute(self._run)[1])
                        if self._running and self._way:
                            self.board.show_progress(*self._way)
                        self._follow_charts(at_once=not self._running)
                        drawn = perf_counter()
        except (Exception, KeyboardInterrupt):
            self._running = False
            raise
        finally:
            self._show_buttons()

    @contextmanager
    def _said(self, state: State) -> Iterator[None]:
        """An error inside is shown above the panes, and raised."""
        try:
            yield
        except (Exception, KeyboardInterrupt) as error:
            self.board.say(sentence(error), f"With {self._words(state)}. {_OLDER}", "error")
            raise

    def _follow_charts(self, at_once: bool = True) -> None:
        for chart in self.charts.values():
            chart.follow(self._run, at_once)

    def _show_buttons(self) -> None:
        if self._buttons:
            self._buttons.show(self._running, self._run)

    def _words(self, state: State) -> str:
        controls = self.lab.controls
        return ", ".join(
            f"{name} = {controls[name].text(value) if _built(controls[name]) else value}"
            for name, value in state.items()
        )

    def _compute(self, run: Run) -> tuple[Run, dict[str, Any]]:
        started = perf_counter()
        pictures = dict(run.panes)
        numbers = dict(run.numbers)
        self._cost = perf_counter() - started
        taken = 1000 * self._cost
        status = f"{device.describe()}{self._where} · {taken:.{0 if taken >= 10 else 1}f} ms"
        point = self._point and {
            "at": list(run.state[self._point]),
            "size": list(self._pixel_control().size),
        }
        frame = frames.frame(pictures, numbers, status, point or None, bool(self._photo))
        if self.lab.streams:  # a state has many frames there
            return run, frame
        return run, {**frame, "at": self._place(run.state), "era": self._memory.era}

    def _pixel_control(self) -> Pixel:
        control = self.lab.controls[self._point]
        assert isinstance(control, Pixel)
        return control

    def _progress(self, done: int, total: int) -> None:
        self._worker.pause()
        if self._worker.unasked:
            return
        now = perf_counter()
        self._way = (done, total)
        if now - self._last_progress > 0.1:
            self._last_progress = now
            self.board.show_progress(done, total)

    def _clicked(self, change: Any) -> None:
        if self._point and change.new:
            self.controls[self._point].value = tuple(change.new[:2])

    def _receive(self, name: str) -> Any:
        """The handler of a file for the control of that name."""

        def handle(_widget: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
            if content.get("kind") == "refused":
                self.board.say(str(content["text"]))
            elif content.get("kind") == "file":
                self.upload(name, str(content["name"]), bytes(buffers[0]))

        return handle

    def upload(self, control: str, file_name: str, data: bytes) -> None:
        """Use the student's own picture; what cannot be read is said, and the old one stays."""
        own = photos.Own(file_name, data)
        try:
            photos.open(data)
        except ValueError as error:
            self.board.say(f"{file_name}: {error}", "The picture before it stays.")
            return
        self.controls[control].value = own


def _first(lab: Lab, kind: type) -> str:
    return next((name for name, c in lab.controls.items() if isinstance(c, kind)), "")


def _built(control: Control) -> bool:
    return isinstance(control, Matrix | Layers)


def _fallback() -> widgets.HTML:
    """Seen only where the board's style sheet never arrives, and then not before 5 seconds."""
    note = widgets.HTML(
        "<style>@keyframes seglab-late { to { height: auto; visibility: visible } }</style>"
        '<p style="height: 0; margin: 0; visibility: hidden; overflow: hidden; '
        f'animation: seglab-late 0s 5s forwards">{_MISSING}</p>'
    )
    note.add_class("seglab-fallback")
    return note
