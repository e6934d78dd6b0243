"""check() in a real kernel, beside a live lab: what hangs is ended, and the kernel lives."""

import asyncio
import os
import signal
import sys
import threading
import time

import pytest

from seglab.course.kernel import ThisPython, environment

WAYS = ["fork", "spawn"] if sys.platform == "linux" else ["spawn"]


class Notebook:
    """A kernel whose cells are run one by one."""

    def __init__(self):
        # In a thread of its own: playwright's loop may run in this one.
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.manager = ThisPython()
        self.wait(self.manager.start_kernel(env=environment()))
        self.client = self.manager.client()
        self.client.start_channels()
        self.wait(self.client.wait_for_ready(timeout=120))

    def wait(self, coroutine):
        """The result of a coroutine."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def run(self, code):
        """Run a cell; what it prints, with its last value or its error."""
        said = []

        def hear(message):
            content = message["content"]
            if message["msg_type"] == "stream" and content["name"] == "stdout":
                said.append(content["text"])
            if message["msg_type"] == "execute_result":
                said.append(content["data"]["text/plain"])
            if message["msg_type"] == "error":
                said.append(content["ename"])

        self.wait(
            self.client.execute_interactive(code, allow_stdin=False, timeout=120, output_hook=hear)
        )
        return "".join(said)

    def interrupt_after(self, seconds):
        """Press the button that interrupts, a little later."""
        pid = self.manager.provisioner.process.pid
        threading.Timer(seconds, os.killpg, (os.getpgid(pid), signal.SIGINT)).start()

    def close(self):
        """End the kernel."""
        self.client.stop_channels()
        self.wait(self.manager.shutdown_kernel(now=True))
        self.manager.context.term()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture(scope="module", params=WAYS)
def notebook(request):
    notebook = Notebook()
    notebook.run(f"""
from seglab.course import trial
trial.WAY = {request.param!r}
import torch
from seglab import check, show
from seglab.lessons.start_here import LAB
lab = show(LAB)
state = "kept"
""")
    notebook.run("check('count_pixels', lambda labels, k: int((labels == k).sum()))")
    yield notebook
    notebook.close()


def test_a_loop_in_c_ends_and_the_kernel_keeps_its_state(notebook):
    start = time.monotonic()
    said = notebook.run("""
def count_pixels(labels, k):
    assert lab is not None and torch is not None
    return sum(range(10**12))
check("count_pixels", count_pixels)
""")
    assert time.monotonic() - start < 6.5
    assert "did not end within 5 seconds at line 3;" in said
    assert notebook.run("state, lab.state['tolerance']") == "('kept', 15)"


def test_prints_and_variables_are_those_of_one_run(notebook):
    said = notebook.run("""
seen = []
def count_pixels(labels, k):
    seen.append(k)
    if len(seen) == 1:
        print("the class is", k)
        display("shown")
    return int((labels == k).sum())
print(check("count_pixels", count_pixels), len(seen))
""")
    assert said == "the class is 1\ncount_pixels: correct on 20 random cases. 20\n"


def test_the_kernels_interrupt_reaches_a_loop_in_c(notebook):
    start = time.monotonic()
    notebook.interrupt_after(1.0)
    said = notebook.run("check('count_pixels', lambda labels, k: sum(range(10**12)))")
    assert said == "KeyboardInterrupt"
    assert time.monotonic() - start < 4
    assert notebook.run("state") == "'kept'"


def test_a_function_that_asks_the_student_does_not_wait_for_ever(notebook):
    said = notebook.run("print(check('count_pixels', lambda labels, k: int(input())))")
    assert "count_pixels: not yet - it stops at line 1 with" in said
