"""Kernels that need not import torch: forks of a process that has, each as fresh as any other.

`python forked.py fork SOCKET MODULE...` imports modules, waits and forks. `python forked.py stand
SOCKET CONNECTION` is what Jupyter starts: it asks for a fork and stands for it, so that what ends
or interrupts it does so to both.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path


@contextmanager
def forks(path: Path, environment: dict[str, str], *modules: str) -> Iterator[list[str]]:
    """The command of a kernel, for a process with this environment that has imported modules.

    path: of a socket that is made. A kernel has the environment of whoever starts the command.
    """
    command = [sys.executable, __file__]
    with subprocess.Popen([*command, "fork", str(path), *modules], env=environment) as process:
        try:
            while not path.exists():
                if process.poll() is not None:
                    raise RuntimeError("the process that kernels are forks of has ended")
                time.sleep(0.05)
            yield [*command, "stand", str(path), "{connection_file}"]
        finally:
            process.terminate()


@contextmanager
def kernels(folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """Inside, a Jupyter server whose JUPYTER_PATH is this folder starts such kernels.

    environment: of the process that they are forks of; each has that of its server.
    """
    with forks(folder / "socket", environment, "seglab.live.lab") as command:
        spec = {"argv": command, "display_name": "Python 3", "language": "python"}
        (folder / "kernels" / "python3").mkdir(parents=True)
        (folder / "kernels" / "python3" / "kernel.json").write_text(json.dumps(spec))
        yield


def wait_and_fork(path: str, *modules: str) -> None:
    """Import what every kernel does, then fork for each that asks."""
    import ipykernel.kernelapp

    for module in modules:
        import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks end by themselves
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{path}-to-be")
    listener.listen()
    os.rename(f"{path}-to-be", path)  # now there is somebody who answers
    while True:
        front, _ = listener.accept()
        if os.fork():
            front.close()
            continue
        listener.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        asked = json.loads(front.recv(1 << 20))
        os.environ.clear()
        os.environ.update(asked["environment"])
        os.chdir(asked["folder"])
        front.sendall(str(os.getpid()).encode())
        threading.Thread(target=_end_with, args=[front], daemon=True).start()
        quiet = "--log-level=CRITICAL"  # its words would come among those of the tests
        ipykernel.kernelapp.launch_new_instance(["-f", asked["connection"], quiet])
        return


def _end_with(front: socket.socket) -> None:
    front.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)


def stand_for(path: str, connection: str) -> None:
    """Ask for a fork, hand interrupts on to it, and return when it ends."""
    front = socket.socket(socket.AF_UNIX)
    front.connect(path)
    asked = {"environment": dict(os.environ), "folder": os.getcwd(), "connection": connection}
    front.sendall(json.dumps(asked).encode())
    kernel = int(front.recv(100))
    signal.signal(signal.SIGINT, lambda *_: os.kill(kernel, signal.SIGINT))
    front.recv(1)


if __name__ == "__main__":
    del sys.path[0]  # this folder, whose files are no kernel's
    {"fork": wait_and_fork, "stand": stand_for}[sys.argv[1]](*sys.argv[2:])
