"""Chromium as its user has it: nothing watches the page while it is measured.

Playwright asks the page to report each message of a websocket, spelled out in base64 by the very
thread that draws, and each move of its mouse waits until the page has answered. Here it opens the
page and lets go of it; then only keys, moves of the mouse and questions reach the page.
"""

import json
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket  # of websocket-client, which jupyter_server needs
from browser import jupyter
from playwright.sync_api import sync_playwright

from seglab import _browser

SIZE = (1280, 800)
KEYS = {"ArrowRight": 39, "ArrowLeft": 37, "Home": 36}


class Chromium:
    """A running browser without a window."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}"

    @contextmanager
    def watched(self) -> Iterator[Any]:
        """A new page, in Playwright's hands; it stays when they let go."""
        with sync_playwright() as playwright:
            browser = playwright.chromium.connect_over_cdp(self._address)
            yield browser.contexts[0].new_page()
            browser.close()  # the connection only

    def alone(self, address: str) -> "Page":
        """The page at this address, in bare hands."""
        found = json.load(urllib.request.urlopen(f"{self._address}/json"))
        (target,) = [one for one in found if one["type"] == "page" and one["url"] == address]
        return Page(target["webSocketDebuggerUrl"])


class Page:
    """Hands on a page: what Playwright would do, and nothing beside it."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, suppress_origin=True)
        self._count = 0
        width, height = SIZE
        self.ask("Page.bringToFront")
        self.ask("Emulation.setFocusEmulationEnabled", enabled=True)
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            **{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def tell(self, method: str, **arguments: Any) -> int:
        """Send a command, and do not wait for its answer."""
        self._count += 1
        command = {"id": self._count, "method": method, "params": arguments}
        self._socket.send(json.dumps(command))
        return self._count

    def ask(self, method: str, **arguments: Any) -> Any:
        """Send a command; returns its answer."""
        number = self.tell(method, **arguments)
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                return message.get("result")

    def evaluate(self, function: str, argument: Any = None) -> Any:
        """The value of a JavaScript function for an argument; promises are awaited."""
        answer = self.ask(
            "Runtime.evaluate",
            expression=f"({function})({json.dumps(argument)})",
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        for kind in ("keyDown", "keyUp"):
            self.ask(
                "Input.dispatchKeyEvent",
                **{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]},
            )

    def mouse(self, kind: str, x: float, y: float, pressed: bool) -> None:
        """Send mousePressed, mouseMoved or mouseReleased, as fast as a mouse does."""
        button = "left" if pressed else "none"
        self.tell(
            "Input.dispatchMouseEvent",
            **{"type": kind, "x": x, "y": y, "button": button, "buttons": int(pressed)},
            clickCount=1,
        )


@contextmanager
def started() -> Iterator[Chromium]:
    """A Chromium of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        process = subprocess.Popen(
            [
                *(str(_browser.find()), *jupyter.FLAGS, "--headless"),
                *("--remote-debugging-port=0", f"--user-data-dir={home}", "--no-first-run"),
                "about:blank",
            ],
            stderr=subprocess.DEVNULL,
        )
        try:
            yield Chromium(_port(Path(home)))
        finally:
            process.terminate()
            process.wait()


def _port(home: Path) -> int:
    said = home / "DevToolsActivePort"
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if said.exists() and said.read_text().strip():
            return int(said.read_text().split()[0])
        time.sleep(0.05)
    raise RuntimeError("Chromium did not start")
