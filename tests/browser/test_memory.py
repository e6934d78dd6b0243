"""Messages of a board as the browser reads them: the kernel's own, played to the board's script.

The models of ipywidgets are stood in for, so that each message comes when the test says.
"""

import base64
import json

import pytest
from live_view import hear, receive
from small_labs import LAB

from seglab import show
from seglab.board import assets
from seglab.live import board

from .hands import View

pytestmark = pytest.mark.browser

STAND_IN = """async ([script, state, places]) => {
  class Model {
    constructor(state) { Object.assign(this, {state, heard: {}, sent: [], _state_lock: null}); }
    get(name) { return this.state[name]; }
    on(event, hear) { (this.heard[event] ??= []).push(hear); }
    off() {}
    send(content) { this.sent.push(content); }
    tell(event, ...what) { for (const hear of this.heard[event] ?? []) hear(...what); }
    set(name, value) { this.state[name] = value; this.tell(`change:${name}`); }
  }
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const controls = places.map(([attribute, at]) => new Model({[attribute]: at}));
  const model = new Model(state);
  model.widget_manager = {get_model: async (id) => controls[id]};
  window.kernel = ({method, state, buffer_paths, content}, buffers) => {
    buffers = buffers.map(bytes);
    if (method === 'custom') return model.tell('msg:custom', content, buffers);
    buffer_paths.forEach((path, i) => {
      path.slice(0, -1).reduce((at, step) => at[step], state)[path.at(-1)] = buffers[i];
    });
    for (const [name, value] of Object.entries(state)) model.set(name, value);
  };
  window.move = (i, value, byKernel) => {
    controls[i]._state_lock = byKernel ? {} : null;
    controls[i].set(places[i][0], value);
    controls[i]._state_lock = null;
  };
  window.asked = () => model.sent.splice(0);
  const url = URL.createObjectURL(new Blob([script], {type: 'text/javascript'}));
  const widget = (await import(url)).default();
  widget.initialize({model});
  document.body.innerHTML = '<div class="seglab-lab"><div></div></div>';
  widget.render({model, el: document.querySelector('.seglab-lab > div')});
}"""


class Window(View):
    """A page with the board's script, which hears what the kernel sends when it is told to."""

    def __init__(self, page, live):
        super().__init__(page)
        at = live.board.frame["key"]
        names = [name for _, name in live.board.sources]
        state = {
            "kind": "board",
            "sources": [[i, name] for i, name in enumerate(names)],
            "frame": {},
            "notice": {},
            "progress": [],
        }
        page.set_content(f"<style>{assets.STYLE}</style>")
        page.evaluate(STAND_IN, [board.SCRIPT, state, list(zip(names, at, strict=True))])
        assert [one["kind"] for one in self.asked()] == ["missing"]

    def asked(self):
        return self.page.evaluate("() => window.asked()")

    def hear(self, *messages):
        for message, buffers in messages:
            texts = [base64.b64encode(buffer).decode() for buffer in buffers]
            self.page.evaluate("([m, b]) => window.kernel(m, b)", [json.loads(message), texts])

    def move(self, control, value, by_kernel=False):
        at = list(LAB.controls).index(control)
        self.page.evaluate("(all) => window.move(...all)", [at, value, by_kernel])

    def expect(self, **state):
        run = LAB.at(**state)
        for name, picture in run.panes.items():
            self.expect_pixels(name, picture)


@pytest.fixture
def live(ui):
    live = show(LAB)
    ui()
    return live


@pytest.fixture
def sent(live, monkeypatch):
    """sent(): what the board has sent since the last call."""
    found = []

    def keep(message, buffers):
        found.append((json.dumps(message), [bytes(buffer) for buffer in buffers or []]))

    hear(live.board, monkeypatch, keep)

    def take():
        live.settled()
        taken = found[:]
        found.clear()
        return taken

    return take


@pytest.fixture
def window(browser, live, sent):
    """window(): a page that shows what the kernel shows."""
    pages = []

    def opened():
        pages.append(browser.new_page())
        found = Window(pages[-1], live)
        receive(live.board, {"kind": "missing", "key": live.board.frame["key"]})
        found.hear(*sent())
        return found

    yield opened
    for page in pages:
        page.close()


def step(live, sent, **state):
    """The kernel's answer to a move in the browser, without what is sent ahead."""
    for name, value in state.items():
        live.controls[name].value = value
    return [one for one in sent() if '"ahead"' not in one[0]]


def test_panes_that_stay_are_named_by_the_kernel_and_filled_in_here(live, sent, window):
    first, other = window(), window()
    first.expect()
    (shortened,) = step(live, sent, threshold=0.7)
    panes = json.loads(shortened[0])["state"]["frame"]["panes"]
    assert [pane["name"] for pane in panes if "kind" not in pane] == ["image", "first score"]
    assert len(shortened[1]) == 2  # the plane and the palette of the labels
    first.move("threshold", 2)
    first.hear(shortened)
    first.expect(threshold=0.7)

    (after,) = step(live, sent, threshold=0.9)
    other.move("threshold", 3)
    other.hear(after)  # it has never heard of 0.7
    assert other.asked() == [{"kind": "missing", "key": live.board.frame["key"]}]
    other.expect()
    receive(live.board, {"kind": "missing", "key": live.board.frame["key"]})
    other.hear(*sent())
    other.expect(threshold=0.9)


def test_what_is_ahead_is_drawn_before_the_kernel_answers_and_nothing_older_after(
    live, sent, window
):
    page = window()
    live.controls["threshold"].value = 0.5
    page.move("threshold", 1)
    older = sent()
    page.hear(*older)
    page.expect(threshold=0.5)
    page.move("threshold", 2)  # it was sent ahead, as the next step on the way
    page.expect(threshold=0.7)
    page.hear(*older)
    page.expect(threshold=0.7)


def test_another_window_on_the_kernel_follows_once_its_controls_do(live, sent, window):
    page = window()
    (answer,) = step(live, sent, f=16)
    page.hear(answer)
    page.expect()  # its own control has not moved
    page.move("f", 3, by_kernel=True)
    page.expect(f=16)
