"""The server extension, in a real Jupyter server with a real kernel."""

import json
import logging
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import hatchling.build as hatch
import pytest
from helpers import child_environment

from seglab.live import server

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "seglab" / "live" / "server.json"

# Starts a server, opens a kernel's websocket as a browser does, and asks the server's own sockets.
PROBE = """
import asyncio, gc, json, socket, sys
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import websocket_connect

async def main(app):
    at = f"127.0.0.1:{app.port}/api/kernels"
    made = await AsyncHTTPClient().fetch(
        f"http://{at}?token=t", method="POST", body="{}", request_timeout=60)
    kernel = json.loads(made.body)["id"]
    client = await websocket_connect(f"ws://{at}/{kernel}/channels?session_id=s&token=t")
    await client.read_message()  # the kernel's first status: the connection works
    for handler in gc.get_objects():
        if isinstance(handler, KernelWebsocketHandler) and handler.ws_connection:
            own = handler.ws_connection.stream.socket
            print("nodelay", own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
    client.close()
    await app.kernel_manager.shutdown_all()
    app.stop()

app = ServerApp.instance()
app.initialize(["--no-browser", "--allow-root", "--ServerApp.port=0", "--ServerApp.ip=127.0.0.1",
                "--IdentityProvider.token=t", "--ServerApp.root_dir=."])
app.io_loop.add_callback(lambda: asyncio.ensure_future(main(app)))
app.start()
"""


def test_kernel_websockets_send_at_once(tmp_path):
    config = tmp_path / "config" / "jupyter_server_config.d"
    config.mkdir(parents=True)
    for name in ("jupyterlab", "jupyter_lsp", "jupyter_server_terminals", "notebook_shim"):
        off = {"ServerApp": {"jpserver_extensions": {name: False}}}  # they take seconds to start
        (config / f"{name}.json").write_text(json.dumps(off))
    shutil.copy(CONFIG, config / "seglab.json")
    environment = {
        **child_environment(),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("nodelay")]
    assert lines, done.stderr[-3000:]
    assert [line.split()[1] != "0" for line in lines] == [True]


class Handler:
    """A websocket handler that remembers."""

    def __init__(self, works):
        self.works = works
        self.done = []
        self.log = logging.getLogger("test")

    def set_nodelay(self, on):
        self.done.append(on)
        if not self.works:
            raise OSError("no socket here")

    def open(self, kernel):
        self.done.append(kernel)
        return "opened"


@pytest.mark.parametrize("works", [True, False])
def test_a_connection_opens_whether_or_not_the_flag_can_be_set(works, caplog):
    handler = Handler(works)
    twice = server.at_once(server.at_once(Handler.open))
    assert twice(handler, kernel="k") == "opened"
    assert handler.done == [True, "k"]
    assert ("no socket here" in caplog.text) is not works


def test_the_extension_says_where_it_is():
    (point,) = server._jupyter_server_extension_points()
    assert point == {"module": server.__name__}
    assert hasattr(server, "_load_jupyter_server_extension")
    assert f'"{server.__name__}": true' in CONFIG.read_text(encoding="utf-8")


def test_an_installation_enables_it(tmp_path, monkeypatch):
    """The wheel, and the wheel of an editable installation, carry the server's setting."""
    monkeypatch.chdir(ROOT)
    for build in (hatch.build_wheel, hatch.build_editable):
        name = build(str(tmp_path))
        with zipfile.ZipFile(tmp_path / name) as wheel:
            (setting,) = [n for n in wheel.namelist() if "jupyter_server_config.d" in n]
            assert setting.endswith(".data/data/etc/jupyter/jupyter_server_config.d/seglab.json")
            assert wheel.read(setting) == CONFIG.read_bytes()
