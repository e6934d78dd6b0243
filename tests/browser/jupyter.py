"""A real JupyterLab with a real kernel in headless Chromium, and hands to work it with.

with serve(folder) as server, browse(server) as lab:
    notebook = lab.open(["from seglab import show", "show(LAB)"])
    notebook.run_all()
    notebook.press("f", "ArrowRight")
    notebook.expect_pixels("labels", picture)
    assert not notebook.complaints()
"""

import atexit
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat

from seglab import _browser

from .hands import View

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent

_SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}
_LABS = ".jp-NotebookPanel:not(.lm-mod-hidden) .seglab-lab"  # of the notebook in front
# jupyter_server answers JupyterLab's poll so in the moment in which a kernel starts.
_STARTING = re.compile(r"status of 500 .*/api/kernels\?\d+\)$")
# anywidget says so of a script that takes two seconds; seglab/live/late.js helps it.
_LATE = "[anywidget] Failed to initialize model."
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--use-fake-device-for-media-stream",  # a camera that shows a clock; it still needs leave
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


class Server:
    """A running JupyterLab: its address, and the folder that it serves."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder


@contextmanager
def serve(folder: Path, threads: int | None = 1, kernels: Path | None = None) -> Iterator[Server]:
    """A JupyterLab of its own: no token, no network, no settings of this user's.

    threads: of a kernel's torch; as many as seglab chooses if None. kernels: the folder with the
    kernels that it starts (see forked.kernels); those of this Python if None.
    """
    options = [
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    with jupyter(folder, "jupyterlab", options, threads, kernels) as server:
        yield server


@contextmanager
def jupyter(
    folder: Path,
    module: str,
    options: Sequence[str],
    threads: int | None = 1,
    kernels: Path | None = None,
) -> Iterator[Server]:
    """A Jupyter server that `python -m module` starts, jupyterlab or notebook; see serve()."""
    notebooks = folder / "notebooks"
    notebooks.mkdir(parents=True)
    environment = prepare(folder / "home", kernels)
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)
    port = free_port()
    command = [
        *(sys.executable, "-m", module, "--no-browser", "--allow-root"),
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        *("--IdentityProvider.token=", "--ServerApp.password="),
        f"--ServerApp.root_dir={notebooks}",
        *options,
    ]
    url = f"http://127.0.0.1:{port}"
    with running(command, environment, url + "/api/status", folder / "jupyter.log"):
        yield Server(url, notebooks)


def prepare(home: Path, kernels: Path | None = None) -> dict[str, str]:
    """A home with what an installation of seglab puts into Jupyter's folders; its environment."""
    for name, values in _SETTINGS.items():
        file = home / "settings" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    enabled = home / "config" / "jupyter_server_config.d" / "seglab.json"
    enabled.parent.mkdir(parents=True)
    # The name of a socket has about a hundred letters at most.
    runtime = tempfile.mkdtemp(dir="/tmp" if sys.platform == "linux" else None)
    atexit.register(shutil.rmtree, runtime, ignore_errors=True)
    if sys.platform == "linux":  # no ports, as seglab.course.kernel.OverFiles
        files = {"KernelManager": {"transport": "ipc"}}
        (home / "config" / "jupyter_config.json").write_text(json.dumps(files))
    shutil.copy(ROOT / "seglab" / "live" / "server.json", enabled)
    extension = home / "data" / "labextensions" / "seglab"
    shutil.copytree(ROOT / "seglab" / "live" / "labextension", extension)
    return {
        **python_environment(),
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": runtime,
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        **({"JUPYTER_PATH": str(kernels)} if kernels else {}),  # the first place that is looked at
    }


def python_environment() -> dict[str, str]:
    """Environment in which a Python imports seglab and the tests' own labs."""
    path = os.pathsep.join(filter(None, [str(ROOT), str(TESTS), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], environment: dict[str, str], url: str, log: Path
) -> Iterator[None]:
    """A server that this command starts, once this address answers."""
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            _wait_for(url, process, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return  # it answers
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-3000:]}")


@contextmanager
def launch() -> Iterator[Any]:
    """A headless Chromium that reaches nothing but this machine; one a process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = start(playwright.chromium)
        try:
            yield browser
        finally:
            browser.close()


def start(chromium: Any, whole: bool = False) -> Any:
    """Start the browser of this kind of playwright's; whole: as people have it, with a camera.

    Else the one without windows, where there is one: it draws the same with a third less work.
    """
    light = None if "SEGLAB_CHROMIUM" in os.environ else shutil.which("chromium-headless-shell")
    program = _browser.find() if whole or light is None else light
    return chromium.launch(executable_path=program, args=list(FLAGS))


@contextmanager
def browse(
    server: Server, width: int = 1280, height: int = 800, browser: Any = None
) -> Iterator["JupyterLab"]:
    """JupyterLab open in a headless Chromium: the one given, or a new one."""
    with nullcontext(browser) if browser else launch() as chosen:
        page = chosen.new_page(viewport={"width": width, "height": height})
        try:
            yield JupyterLab(page, server)
        finally:
            page.close()


def write_notebook(path: Path, source: "list[str] | Path") -> None:
    """Write a notebook of these code cells, or a copy of this file."""
    if isinstance(source, Path):
        content = nbformat.read(source, as_version=4)
    else:
        content = nbformat.v4.new_notebook()
        content.cells = [nbformat.v4.new_code_cell(text) for text in source]
    content.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(content, path)


class JupyterLab:
    """The page with JupyterLab in it."""

    def __init__(self, page: Any, server: Server) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        self.strangers: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", self._error)
        page.on("request", self._request)
        self._count = 0
        self.load()

    def load(self, path: str = "") -> None:
        """Load the page (again): JupyterLab's launcher, or a notebook of the folder."""
        self.page.goto(f"{self.server.url}/lab{'/tree/' + path if path else ''}?reset")
        self.page.wait_for_function("window.jupyterapp && document.querySelector('.jp-LabShell')")
        self.page.evaluate("() => window.jupyterapp.restored")

    def command(self, name: str, **arguments: Any) -> None:
        """Carry out one of JupyterLab's commands."""
        self.page.evaluate(
            "async ([name, args]) => { await window.jupyterapp.commands.execute(name, args) }",
            [name, arguments],
        )

    def theme(self, name: str) -> None:
        """'JupyterLab Light' or 'JupyterLab Dark'."""
        self.command("apputils:change-theme", theme=name)
        light = str("Light" in name).lower()
        self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")

    def write(self, source: "list[str] | Path") -> str:
        """Write a notebook of these code cells, or a copy of this file; returns its name."""
        self._count += 1
        name = f"notebook-{self._count}.ipynb"
        write_notebook(self.server.folder / name, source)
        self.forget()
        return name

    def forget(self) -> None:
        """Forget what has been complained of."""
        self.errors.clear()
        self.strangers.clear()

    def open(self, source: "list[str] | Path", hands: "type[Notebook] | None" = None) -> Any:
        """A fresh notebook of these code cells, or a copy of this .ipynb file, with its kernel.

        hands: the class of what works it, Notebook if None.
        """
        name = self.write(source)
        self.command("docmanager:open", path=name, factory="Notebook")
        notebook = (hands or Notebook)(self, name)
        self.errors[:] = [error for error in self.errors if not _STARTING.search(error)]
        return notebook

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def _error(self, error: Any) -> None:
        if str(error) != _LATE:
            self.errors.append(str(error))

    def _request(self, request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname != "127.0.0.1":
            self.strangers.append(request.url)


class Notebook(View):
    """An open notebook. Panes and sliders go by the name that is seen beside them."""

    def __init__(self, lab: JupyterLab, name: str) -> None:
        super().__init__(lab.page)
        self.lab = lab
        self.name = name
        self.board = 0  # which board of the notebook the hands below work on
        self.wait_idle()

    def _panel(self, script: str, *arguments: Any) -> Any:
        """Evaluate a script with the notebook's panel as `panel`."""
        return self.page.evaluate(
            """async ([path, args]) => {
                const shell = window.jupyterapp.shell;
                let panel = [...shell.widgets("main")].find((w) => w.context?.path === path);
                return await (async (panel, args) => {"""
            + script
            + "})(panel, args); }",
            [self.name, list(arguments)],
        )

    def run_all(self) -> None:
        """Run all cells; raises AssertionError with the first error that a cell shows."""
        self.lab.command("notebook:run-all-cells")
        self.wait_idle()
        self.page.wait_for_timeout(50)
        # From the model: cells out of sight are not in the page.
        errors = self._panel(
            """return [...panel.content.model.cells]
                .flatMap((cell) => (cell.type === "code" ? cell.outputs.toJSON() : []))
                .filter((one) => one.output_type === "error" || one.name === "stderr")
                .map((one) => one.text ?? `${one.ename}: ${one.evalue}`)"""
        )
        assert not errors, errors[0]
        self.rest()

    def rest(self) -> None:
        """Return when no pane moves."""
        self._until(self._is_still, "the panes never come to rest")

    def _is_still(self) -> bool:
        """True where no pane moves for some frames: controls may come after the panes."""
        return bool(
            self.page.evaluate(
                """async () => {
                    const where = () => JSON.stringify([...document.querySelectorAll(
                        ".seglab-pane, .seglab-numbers")].map((e) => e.getBoundingClientRect()));
                    const before = where();
                    for (let i = 0; i < 6; i++) await new Promise(requestAnimationFrame);
                    return where() === before;
                }"""
            )
        )

    def wait_idle(self) -> None:
        """Return when the kernel has been started and has nothing left to do."""
        self._until(
            lambda: self._panel(
                "const c = panel?.sessionContext; await c?.ready;"
                "return c?.session?.kernel?.status === 'idle'"
            ),
            "the kernel did not become idle",
        )

    def code(self, source: str) -> str:
        """Run source in the kernel, beside the notebook; returns what it prints."""
        return str(
            self._panel(
                """const kernel = panel.sessionContext.session.kernel;
                const future = kernel.requestExecute({code: args[0], store_history: false});
                let text = "";
                future.onIOPub = (m) => {
                  if (m.content.text) text += m.content.text;
                  if (m.content.traceback) text += m.content.ename + ": " + m.content.evalue;
                };
                await future.done;
                return text;""",
                source,
            )
        )

    def begin(self, source: str) -> None:
        """Let the kernel run source; is_done() tells when it has."""
        self._panel(
            """const kernel = panel.sessionContext.session.kernel;
            window.seglabDone = false;
            const future = kernel.requestExecute({code: args[0]});
            future.done.then(() => { window.seglabDone = true; });""",
            source,
        )

    def is_done(self) -> bool:
        """True once the source that began last has run."""
        return bool(self.page.evaluate("window.seglabDone"))

    def restart(self) -> None:
        """Start the kernel anew."""
        self._panel("await panel.sessionContext.session.kernel.restart();")

    def active_cell(self) -> int:
        """Place of the cell that is chosen."""
        return int(self._panel("return panel.content.activeCellIndex"))

    def cell_count(self) -> int:
        """Number of cells."""
        return int(self._panel("return panel.content.model.cells.length"))

    def save(self) -> None:
        """Save the notebook."""
        self._panel("await panel.context.save()")

    def saved(self) -> dict[str, Any]:
        """The last cell as it stands in the file; empty while that is being written."""
        text = (self.lab.server.folder / self.name).read_text()
        cell: dict[str, Any] = json.loads(text)["cells"][-1] if text else {}
        return cell

    def close(self) -> None:
        """Close the notebook and end its kernel."""
        self._panel("await panel.sessionContext.shutdown(); panel.dispose();")

    def complaints(self) -> list[str]:
        """Console errors, and requests that were meant to leave the machine, since opening."""
        return self.lab.errors + [f"request to {url}" for url in self.lab.strangers]

    # ---- the controls

    def root(self) -> Any:
        """The lab worked on: everything that show() displays."""
        return self.page.locator(_LABS).nth(self.board)

    def drag(self, label: str, fraction: float, steps: int = 8) -> None:
        """Drag a slider's handle with the mouse to a fraction of its length."""
        handle = self.slider(label)
        handle.scroll_into_view_if_needed()
        start = handle.bounding_box()
        track = handle.locator("xpath=ancestor::*[contains(@class,'noUi-target')]").bounding_box()
        y = start["y"] + start["height"] / 2
        self.page.mouse.move(start["x"] + start["width"] / 2, y)
        self.page.mouse.down()
        self.page.mouse.move(track["x"] + fraction * track["width"], y, steps=steps)
        self.page.mouse.up()

    def button(self, text: str) -> Any:
        """The button with this text (of the lab worked on)."""
        return self.root().get_by_role("button", name=text)

    # ---- the board
