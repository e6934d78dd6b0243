"""The private names of ipywidgets that the live view leans on, in the version that is installed."""

import ast
import sysconfig
from pathlib import Path

import ipywidgets
import pytest

from seglab.live import ipywidgets_private
from seglab.live.ipywidgets_private import STATE_LOCK, Selection, send_state

LIVE = Path(ipywidgets_private.__file__).parent
SELECTIONS = [ipywidgets.SelectionSlider, ipywidgets.ToggleButtons, ipywidgets.Dropdown]


@pytest.mark.parametrize("kind", SELECTIONS)
def test_an_option_is_added_without_another_being_selected(kind):
    class Grown(Selection, kind):
        pass

    widget = Grown(options=[("a", 1), ("b", 2)], value=2)
    seen = []
    widget.observe(lambda change: seen.append(change.new), "value")
    widget.add_option("c", 3)
    assert (widget.value, widget.index, seen) == (2, 1, [])
    assert widget.options[-1] == ("c", 3)
    widget.value = 3
    assert (widget.index, seen) == (2, [3])


@pytest.mark.parametrize("kind", SELECTIONS)
def test_our_check_of_a_value_stands_in_the_place_of_ipywidgets_own(kind):
    assert "_validate_value" in dir(kind)

    class Refusing(Selection, kind):
        def accepted(self, value):
            return {"two": 2}.get(value, value)

    widget = Refusing(options=[("a", 1), ("b", 2)], value=1)
    widget.value = "two"
    assert widget.value == 2


def test_bytes_in_a_state_travel_as_buffers(monkeypatch):
    widget, sent = ipywidgets.HTML(), []
    monkeypatch.setattr(
        widget.comm, "send", lambda data=None, buffers=None, **_: sent.append((data, buffers))
    )
    send_state(widget, {"frame": {"panes": [{"plane": memoryview(b"abc"), "name": "p"}]}})
    ((message, buffers),) = sent
    assert message["buffer_paths"] == [["frame", "panes", 0, "plane"]]
    assert message["state"] == {"frame": {"panes": [{"name": "p"}]}}
    assert [bytes(buffer) for buffer in buffers] == [b"abc"]


def test_the_browsers_models_have_the_lock_that_our_script_asks():
    static = Path(sysconfig.get_path("data")) / "share/jupyter/labextensions/@jupyter-widgets"
    scripts = list(static.rglob("*.js"))
    if not scripts:
        pytest.skip("JupyterLab's widgets are not installed beside this Python")
    assert any(STATE_LOCK in path.read_text(encoding="utf-8") for path in scripts)
    assert any(STATE_LOCK in path.read_text(encoding="utf-8") for path in LIVE.glob("*.js"))


def test_no_other_file_of_the_live_view_names_what_is_private_to_ipywidgets():
    private = {"_remove_buffers", "_options_full", "_initializing_traits_", "_send", "_Selection"}
    private.add("_model_id")
    for path in LIVE.glob("*.py"):
        tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        used = {getattr(n, "attr", None) or getattr(n, "id", None) for n in tree}
        assert path.name == "ipywidgets_private.py" or not used & private, path.name
