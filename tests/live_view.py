"""Helpers of the tests of the live view."""

import io
from time import perf_counter, sleep

import torch
from PIL import Image as Pillow

from seglab.draw import paint
from seglab.lab import Choice, Lab


def messages(live, monkeypatch):
    """Messages that the board sends from now on."""
    sent = []
    hear(live.board, monkeypatch, lambda message, buffers: sent.append(message))
    return sent


def hear(widget, monkeypatch, tell):
    """Call tell(message, buffers) for what a widget sends, instead of sending it."""
    sender = lambda data=None, metadata=None, buffers=None: tell(data, buffers)  # noqa: E731
    monkeypatch.setattr(widget.comm, "send", sender)


def receive(widget, content, *buffers):
    """A custom message from the browser."""
    data = {"method": "custom", "content": content}
    widget.comm.handle_msg({"content": {"data": data}, "buffers": list(buffers)})


def parts(widget):
    """A widget and all that is in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def png(colour="red", size=(40, 30)):
    file = io.BytesIO()
    Pillow.new("RGB", size, colour).save(file, "png")
    return file.getvalue()


def counted(calls):
    def image(photo):
        calls.append("image")
        return torch.zeros(1, 3, 8, 8)

    def map_(image, f):
        calls.append("map")
        return image[0, 0, ::f, ::f]

    return Lab(
        title="Counted",
        controls={"photo": Choice("a", "b"), "f": Choice(1, 2, 4)},
        stages=(image, map_),
        panes={"map": lambda map_: paint.scalar(map_)},
    )


def full():
    """A lab of f = 1 and 2 that runs out of GPU memory at its second step, once."""
    out_of_memory = iter([False, True, False])

    def stage(f):
        if next(out_of_memory):
            raise torch.OutOfMemoryError("CUDA out of memory")
        return torch.full((4, 4), float(f))

    return Lab(
        title="Full",
        controls={"f": Choice(1, 2)},
        stages=(stage,),
        panes={"p": lambda stage: paint.scalar(stage, low=0, high=4)},
    )


def until(true):
    end = perf_counter() + 10
    while not true():
        assert perf_counter() < end
        sleep(0.005)
