"""A session: a lab's run, beside the kernel or in a cell, and what a screen has been sent of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import perf_counter
from typing import Any, Protocol

from seglab import device
from seglab._text import sentence
from seglab.board import frames
from seglab.images import photos
from seglab.lab import Lab, Run, State
from seglab.live import heap, kernel
from seglab.live.client_cache import ClientCache, Frame, Key
from seglab.live.worker import Cancelled, Job, Worker
from seglab.user_photo import UserPhoto

REDRAW = 0.2  # seconds between two pictures of a stream, at least
CHEAP = 0.15  # seconds; steps that take no longer are computed ahead
PAUSE = 0.05  # seconds in which a drag moves on; it is not to wait for what is computed ahead
PROGRESS = 0.1  # seconds between two messages of progress, at least
_OLDER = "The pictures show the last state that worked."


class Screen(Protocol):
    """Interface of what a session draws on: the board, or a test's stand-in."""

    def show(self, frame: Frame, sent: bool = False) -> None:
        """Draw a frame; sent: the browser should have it."""

    def send_ahead(self, frame: Frame) -> None:
        """Let the browser remember a frame that it may need soon."""

    def say(self, text: str, detail: str = "", kind: str = "note") -> None:
        """Put a sentence above the panes."""

    def show_progress(self, done: int, total: int) -> None:
        """Show how far a long step has come."""


class Session:
    """One lab at work. It knows no widgets: a screen shows what it computes.

    state: what was asked for last. shown: the run on the screen now. running: whether a stream is
    under way. cache: the frames that the browser has.
    drawn: functions that hear (run, at_once) after each picture, from whoever computes the run.
    switched: functions that hear, without arguments, when a stream starts, stops or begins again.
    offered: as in ClientCache.
    """

    def __init__(
        self,
        lab: Lab,
        state: State,
        screen: Screen,
        offered: Callable[[str], Sequence[Any] | None] = lambda name: None,
    ) -> None:
        self.lab = lab
        self.state = state
        self.running = False
        self.cache = ClientCache(lab, offered)
        self.worker = Worker(self._work, self._tidy)
        self.drawn: list[Callable[[Run, bool], None]] = []
        self.switched: list[Callable[[], None]] = []
        self.shown = self._fresh(state)
        self._screen = screen
        self._cost = 0.0  # seconds that the last frame took
        self._fell_back = ""  # in the status line, once the GPU was full
        self._last_progress = 0.0
        self._way: tuple[int, ...] = ()  # done and total, of what is under way
        sized = [(name, c.size) for name, c in lab.controls.items() if c.size]
        self._pixel = sized[0] if sized else None
        self._brush = next((name for name, c in lab.controls.items() if c.canvas), "")
        self._takes_file = any(control.takes_file for control in lab.controls.values())

    # What is asked of it

    @property
    def run(self) -> Run:
        """The run on the screen, once what was asked for is there."""
        self.worker.wait()
        return self.shown

    def settled(self, timeout: float | None = None) -> bool:
        """Wait until all that was asked for is computed and its picture sent; True.

        A running stream is then at its end, and the likely next steps are computed as well.
        Raises TimeoutError after so many seconds.
        """
        if not self.worker.join(timeout):
            raise TimeoutError(
                f"after {timeout:g} s the lab {self.lab.title!r} is still computing "
                f"{self._words(self.state)}; wait longer, or settled() for as long as it takes"
            )
        return True

    def begin(self) -> None:
        """Draw the first picture; an error is the caller's own."""
        self._redraw(self.state)

    def move(self, state: State) -> None:
        """Bring the screen to a state.

        In a cell it is there on return, and a stream rests. An event of the browser's widgets is
        answered beside the kernel, and given up when another one comes.
        """
        self.running &= kernel.is_ui_event()
        self._go(state)

    def start(self) -> None:
        """Let the streams go on to their end."""
        self.running = True
        self._go(self.state)

    def stop(self) -> None:
        """Let the streams rest where they are."""
        self.running = False
        self._go(self.state)

    def restart(self) -> None:
        """Begin the streams again and let them go on to their end."""
        with self._alone():
            self.shown.restart()
        self.start()

    def at_rest(self, look: Callable[[Run], None], seconds: float = 1) -> None:
        """Call look(run), unless the run is still being computed after so many seconds."""
        if self.worker.computing.acquire(timeout=seconds):
            try:
                look(self.shown)
            finally:
                self.worker.computing.release()

    # A step

    def _go(self, state: State) -> None:
        self.state = state
        if kernel.is_ui_event():
            self.worker.submit(state)
        else:
            with self._alone():
                self._redraw(state)
                self._stream()
                self._tidy()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The worker has nothing under way inside."""
        self.worker.cancel()
        with self.worker.computing:
            yield

    def _work(self, job: Job) -> None:
        before = self.shown.state
        try:
            self._answer(job.request)
            self.worker.mark_done(job)
            self._stream()
            self._look_ahead(before)
            self.worker.pause()
            self._tidy()  # while nobody waits
        except Cancelled:
            if job.stopped and (self.running or not job.done):  # and not merely ahead
                self.running = False
                self._tell_switched()
                self._screen.say("Stopped.", _OLDER)
            raise

    def _tidy(self) -> None:
        heap.tidy(self.cache.forget)

    def _fresh(self, state: State) -> Run:
        return Run(self.lab, state, None, self._progress, self.worker.pause, finish_streams=False)

    def _refresh(self) -> None:
        """Forget what was computed by code that has changed since."""
        if self.cache.refresh():
            self.shown = self._fresh(self.shown.state)

    def _answer(self, state: State) -> None:
        """Draw what the browser has already by naming it, and anything else in full."""
        self._refresh()
        key = self.cache.key(state)
        frame = self.cache.get(key)
        if frame is None:
            self._draw(state, key)
        else:
            self.shown = self.cache.take_run(key) or self.shown.step(**state)
            self._screen.show(frame, sent=True)

    def _redraw(self, state: State) -> None:
        """Draw in full."""
        self._refresh()
        self._draw(state, self.cache.key(state))

    def _draw(self, state: State, key: Key | None) -> None:
        where = device.describe()

        def compute(base: Run) -> tuple[Run, Frame]:
            run = base.step(**state)
            return run, self.frame(run, key)

        def on_cpu() -> tuple[Run, Frame]:
            self._fell_back = f" after {where} ran out of memory"
            # Nothing remembered is reused: it lies on the full device.
            self.cache.forget()
            return compute(self._fresh(state))

        with self._said(state):
            # The status line says it; a warning would end up in some other cell's output.
            self.shown, frame = device.or_cpu(lambda: compute(self.shown), on_cpu, quiet=True)
        self._screen.show(frame)
        self.cache.put(frame)  # after: nobody waits for it
        self._tell_drawn()
        self._tell_switched()

    def frame(self, run: Run, key: Key | None) -> Frame:
        """A run as the board draws it."""
        started = perf_counter()
        pictures = dict(run.panes)
        numbers = dict(run.numbers)
        self._cost = perf_counter() - started
        taken = 1000 * self._cost
        status = f"{device.describe()}{self._fell_back} · {taken:.{0 if taken >= 10 else 1}f} ms"
        told = [str(photos.about(own)) for own in run.state.values() if isinstance(own, UserPhoto)]
        status = " · ".join([status, *filter(None, told)])
        point = None
        if self._pixel:
            name, size = self._pixel
            point = {"at": list(run.state[name]), "size": list(size)}
        brush = self._brush and self._described_brush(run)
        frame = frames.frame(pictures, numbers, status, point, self._takes_file, brush or None)
        return self.cache.stamp(frame, key)

    def _described_brush(self, run: Run) -> dict[str, Any]:
        control = self.lab.controls[self._brush]
        (text,) = control.key(run.state[self._brush])
        size, labels = list(control.canvas or ()), list(control.labels)
        return {"control": self._brush, "size": size, "labels": labels, "text": text}

    def _look_ahead(self, before: State) -> None:
        """Send the next states of the control that has moved, while nobody waits for the kernel."""
        now = self.shown.state
        moved = [name for name in now if now[name] != before[name]]
        if self.lab.streams or len(moved) != 1 or self._cost > CHEAP:
            return
        (name,) = moved
        self.worker.sleep_unless_new(PAUSE)
        for value in self.cache.next_values(name, before[name], now[name]):
            self.worker.pause()
            run = self.shown.fork(**{name: value})
            key = self.cache.key(run.state)
            if self.cache.get(key) is None:
                # An error is said if the student gets there.
                with suppress(Exception), self.worker.speculative(run.state):
                    frame = self.frame(run, key)
                    self._screen.send_ahead(frame)
                    self.cache.put(frame, run)

    # Streams

    def _stream(self) -> None:
        """Draw what the streams give until their end, or until they are to rest."""
        drawn = perf_counter()
        self._way = ()
        try:
            while self.running:
                self.worker.pause()
                with self._said(self.shown.state):
                    # A generator that is given up cannot be resumed.
                    with self.worker.uninterruptible():
                        if not self.shown.advance():
                            self.running = False
                    # On a busy machine, too, most of the time is the stream's.
                    pause = max(REDRAW, 2 * self._cost)
                    if not self.running or perf_counter() - drawn >= pause:
                        self._show_stream()
                        drawn = perf_counter()
        except (Exception, KeyboardInterrupt):
            self.running = False
            raise
        finally:
            self._tell_switched()

    def _show_stream(self) -> None:
        self._screen.show(self.frame(self.shown, None))
        if self.running and self._way:
            self._screen.show_progress(*self._way)
        self._tell_drawn(at_once=not self.running)

    def _progress(self, done: int, total: int) -> None:
        self.worker.pause()
        if self.worker.is_speculative:
            return
        now = perf_counter()
        self._way = (done, total)
        if now - self._last_progress > PROGRESS:
            self._last_progress = now
            self._screen.show_progress(done, total)

    # What others hear

    def _tell_drawn(self, at_once: bool = True) -> None:
        for hear in self.drawn:
            hear(self.shown, at_once)

    def _tell_switched(self) -> None:
        for hear in self.switched:
            hear()

    @contextmanager
    def _said(self, state: State) -> Iterator[None]:
        """An error inside is shown above the panes, and raised."""
        try:
            yield
        except (Exception, KeyboardInterrupt) as error:
            detail = f"With {self._words(state)}. {_OLDER}"
            self._screen.say(sentence(error), detail, "error")
            raise

    def _words(self, state: State) -> str:
        controls = self.lab.controls
        return ", ".join(f"{name} = {controls[name].words(v)}" for name, v in state.items())
