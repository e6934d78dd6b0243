"""A JupyterHub under the load of a class: memory and waiting of each student, and a restart.

    python benchmarks/hub.py [--students 8] [--every 2] [--seconds 60] [--proxy PATH]

A real JupyterHub with its proxy; each student has a server and a kernel with lab 08, and moves a
slider every so many seconds over the proxy, as a browser does. In the middle the hub is killed and
started again, while all go on moving and saving: no line may be lost. Needs jupyterhub (pip) and
configurable-http-proxy (npm). Prints a Markdown report.
"""

import argparse
import contextlib
import json
import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measuring import Target, machine, need, percentile, table, targets  # noqa: E402

need("jupyterhub", "psutil", "websocket")

import psutil  # noqa: E402
import websocket  # noqa: E402

PATIENCE = 600  # seconds for a server or a cell
CLASSES = (30, 300)
CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.JupyterHub.cleanup_servers = False  # a hub that is started again finds the students' servers
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.log_level = "WARN"
c.JupyterHub.services = [{{"name": "load", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [{{
    "name": "load", "services": ["load"],
    "scopes": ["admin:users", "admin:servers", "access:servers"],
}}]
c.Authenticator.allow_all = True
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.auth_token = "{token}"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/{{username}}"
c.Spawner.start_timeout = c.Spawner.http_timeout = {patience}
c.Spawner.args = ["--allow-root", "--ServerApp.log_level=ERROR"]
c.Spawner.environment = {{"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "SEGLAB_DEVICE": "cpu"}}
"""
LAB = """from seglab import show
from seglab.lessons.shift_and_stitch import LAB
lab = show(LAB)
lab"""
SLIDER = 'print("model", lab.controls["shifts"].model_id)'


class Hub:
    """A hub and its proxy, in a folder of their own."""

    def __init__(self, folder: Path, proxy: str) -> None:
        self.folder, self.token = folder, secrets.token_hex(16)
        self.port, self._hub, self._api = (_free() for _ in range(3))
        self.url = f"http://127.0.0.1:{self.port}"
        named = {"port": self.port, "hub": self._hub, "api": self._api, "token": self.token}
        text = CONFIG.format(folder=folder, patience=PATIENCE, **named)
        (folder / "config.py").write_text(text)
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        code = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        self._environment = {**os.environ, "PATH": path, "PYTHONPATH": code}
        self._environment["CONFIGPROXY_AUTH_TOKEN"] = self.token
        addresses = [f"--port={self.port}", f"--api-port={self._api}", "--api-ip=127.0.0.1"]
        self.proxy = self._run([proxy, "--ip=127.0.0.1", *addresses, "--log-level=error"])

    def _run(self, command: Sequence[str]) -> "subprocess.Popen[bytes]":
        log = (self.folder / "log.txt").open("ab")
        with log:
            return subprocess.Popen(
                command, cwd=self.folder, env=self._environment, stdout=log, stderr=log
            )

    def start(self) -> None:
        """Start the hub, and wait until it answers."""
        config = str(self.folder / "config.py")
        self.process = self._run([sys.executable, "-m", "jupyterhub", "-f", config])
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                self.ask("GET", "/hub/api/")
                return
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "log.txt").read_text()[-2000:])
            time.sleep(0.3)
        raise RuntimeError("the hub did not start")

    def restart(self) -> float:
        """Kill the hub and start it again; seconds until it answers."""
        self.process.kill()
        self.process.wait()
        start = time.monotonic()
        self.start()
        return time.monotonic() - start

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the hub, or a student's server behind it."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def end(self) -> None:
        """End the hub, its proxy and all servers."""
        family = [p for p in psutil.process_iter() if self._is_ours(p)]
        for process in (*family, self.process, self.proxy):
            with contextlib.suppress(psutil.Error, OSError):
                process.kill()
        for process in (self.process, self.proxy):
            process.wait()

    def _is_ours(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error, OSError):
            return process.cwd().startswith(str(self.folder))
        return False


class Student:
    """A student with a server, a kernel and a notebook."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub, self.name = hub, name
        self.moves: list[float] = []
        self.lines: list[str] = []
        self.failures: list[str] = []

    def begin(self) -> None:
        """Start the server and a kernel, and show the lab."""
        (self.hub.folder / self.name).mkdir()
        start = time.monotonic()
        self.hub.ask("POST", f"/hub/api/users/{self.name}")
        self.hub.ask("POST", f"/hub/api/users/{self.name}/server", {})
        while not self.server():
            if time.monotonic() - start > PATIENCE:
                raise RuntimeError(f"the server of {self.name} did not start")
            time.sleep(0.5)
        self.started = time.monotonic() - start
        made = self.hub.ask("POST", f"/user/{self.name}/api/kernels", {"name": "python3"})
        self.socket = websocket.create_connection(
            f"ws://127.0.0.1:{self.hub.port}/user/{self.name}/api/kernels/{made['id']}/channels",
            header=[f"Authorization: token {self.hub.token}"],
            timeout=PATIENCE,
        )
        start = time.monotonic()
        self.execute(LAB)
        self.shown = time.monotonic() - start
        self.slider = self.execute(SLIDER).split()[-1]
        self.execute("kept = 'still here'")

    def server(self) -> bool:
        """True if the hub says that the server is ready."""
        user = self.hub.ask("GET", f"/hub/api/users/{self.name}")
        return any(server["ready"] for server in user["servers"].values())

    def execute(self, code: str) -> str:
        """Run code to its end; its prints."""
        content = {"code": code, "silent": False, "allow_stdin": False, "stop_on_error": True}
        sent = self._send("execute_request", content)
        printed = ""
        for message in self._until_idle(sent):
            if message["msg_type"] == "error":
                raise RuntimeError(f"{message['content']['ename']}: {message['content']['evalue']}")
            if message["msg_type"] == "stream":
                printed += message["content"]["text"]
        return printed

    def move(self, index: int) -> None:
        """Move the slider; the seconds until the kernel has drawn are kept."""
        data = {"method": "update", "state": {"index": index}, "buffer_paths": []}
        start = time.monotonic()
        sent = self._send("comm_msg", {"comm_id": self.slider, "data": data})
        for _ in self._until_idle(sent):
            pass
        self.moves.append(time.monotonic() - start)

    def save(self) -> None:
        """Add a line to the notebook and save it."""
        line = f"line {len(self.lines)} of {self.name}"
        cells = [
            {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": text, "outputs": []}
            | {"execution_count": None}
            for i, text in enumerate([*self.lines, line])
        ]
        content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        body = {"type": "notebook", "format": "json", "content": content}
        self.hub.ask("PUT", f"/user/{self.name}/api/contents/mine.ipynb", body)
        self.lines.append(line)

    def work(self, every: float, until: float) -> None:
        """Move and save until the time is over; what fails is kept."""
        draw = random.Random(self.name)
        time.sleep(draw.uniform(0, every))
        while time.monotonic() < until:
            begun = time.monotonic()
            try:
                self.move(draw.randrange(64))
                if len(self.moves) % 3 == 0:
                    self.save()
            except (OSError, RuntimeError, websocket.WebSocketException) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
            time.sleep(max(0.0, every - (time.monotonic() - begun)))

    def lost(self) -> list[str]:
        """Lines and variables of the student that are not there any more."""
        notebook = json.loads((self.hub.folder / self.name / "mine.ipynb").read_text())
        there = ["".join(cell["source"]) for cell in notebook["cells"]]
        gone = [line for line in self.lines if line not in there]
        if "still here" not in self.execute("print(kept)"):
            gone.append("the kernel's variables")
        return gone

    def _send(self, kind: str, content: Any) -> str:
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "version": "5.3"}
        header |= {"session": self.name, "username": self.name, "date": ""}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        self.socket.send(json.dumps({**message, "channel": "shell", "buffers": []}))
        return header["msg_id"]

    def _until_idle(self, sent: str) -> Iterator[dict[str, Any]]:
        while True:
            data = self.socket.recv()
            if isinstance(data, bytes):
                continue  # a picture, which comes before the kernel is idle again
            message = json.loads(data)
            if message.get("parent_header", {}).get("msg_id") != sent:
                continue
            yield message
            state = message["content"].get("execution_state")
            if message["msg_type"] == "status" and state == "idle":
                return


def held(hub: Hub) -> tuple[list[float], float, float]:
    """Megabytes of each student's own, of hub and proxy, and seconds of processor in all."""
    own: dict[str, float] = {}
    spent = 0.0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            place = Path(process.cwd())
            if place != hub.folder and place.is_relative_to(hub.folder):
                name = place.relative_to(hub.folder).parts[0]
                own[name] = own.get(name, 0) + process.memory_full_info().uss / 1e6
                spent += sum(process.cpu_times()[:2])
    mains = [psutil.Process(process.pid) for process in (hub.process, hub.proxy)]
    main = sum(process.memory_full_info().uss / 1e6 for process in mains)
    return list(own.values()), main, spent


def together(calls: Sequence[Any]) -> None:
    """Run calls side by side, each in a thread."""
    raised: list[BaseException] = []

    def run(call: Any) -> None:
        try:
            call()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def measure(hub: Hub, count: int, every: float, seconds: float) -> list[Target]:
    """Let students work, restart the hub in the middle, and print what it took."""
    students = [Student(hub, f"student{i}") for i in range(count)]
    together([student.begin for student in students])
    before = held(hub)[2]
    start = time.monotonic()
    took: list[float] = []

    def disturb() -> None:
        time.sleep(seconds / 2)
        took.append(hub.restart())

    work = [lambda s=s: s.work(every, start + seconds) for s in students]
    together([*work, disturb])
    lasted = time.monotonic() - start
    own, main, after = held(hub)
    moves = [move for student in students for move in student.moves]
    failures = [f for student in students for f in student.failures]
    known = sum(student.server() for student in students)
    gone = [line for student in students for line in student.lost()]
    share = (after - before) / lasted / count
    each = sum(own) / len(own)
    print(f"{count} students, a move every {every:g} s for {seconds:g} s each\n")
    rows = [
        ("server ready, s, slowest", max(s.started for s in students)),
        ("first picture, s, slowest", max(s.shown for s in students)),
        ("a move until it is drawn, ms, median", 1e3 * percentile(moves, 50)),
        ("a move until it is drawn, ms, p95", 1e3 * percentile(moves, 95)),
        ("a move until it is drawn, ms, slowest", 1e3 * max(moves)),
        ("moves", float(len(moves))),
        ("lines saved", float(sum(len(s.lines) for s in students))),
        ("memory of a student's own, MB", each),
        ("memory of hub and proxy, MB", main),
        ("processor of a student, % of a core", 100 * share),
        ("hub started again within, s", took[0]),
    ]
    table(["what", "measured"], rows)
    print("\nFor a class, all of them moving at once:\n")
    sizes = [(f"{n} students", (main + n * each) / 1e3, n * share) for n in CLASSES]
    table(["class", "memory, GB", "cores"], sizes)
    for failure in failures[:5]:
        print(f"\nfailed: {failure}")
    return [
        Target("lines and variables lost in the restart", float(len(gone)), "<=", 0),
        Target("moves and savings that failed", float(len(failures)), "<=", 0),
        Target("servers that the new hub knows", float(known), ">=", count),
        Target("a move, p95, ms", 1e3 * percentile(moves, 95), "<=", 250),
    ]


def _free() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=8)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two moves")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long they work")
    parser.add_argument("--proxy", default=shutil.which("configurable-http-proxy"))
    options = parser.parse_args(arguments)
    if options.proxy is None:
        raise SystemExit(
            "this benchmark needs configurable-http-proxy; what to do: "
            "npm install configurable-http-proxy, then give --proxy PATH"
        )
    print("# A class on a JupyterHub\n")
    print(machine() + "\n")
    folder = Path(tempfile.mkdtemp(prefix="seglab-hub-"))
    hub = Hub(folder, options.proxy)
    try:
        hub.start()
        found = measure(hub, options.students, options.every, options.seconds)
    finally:
        hub.end()
        shutil.rmtree(folder, ignore_errors=True)
    targets(found)


if __name__ == "__main__":
    main()
