"""The kernel that runs notebooks for us: this Python, this seglab, one thread, the CPU."""

import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager, KernelManager
from zmq import IPC_PATH_MAX_LEN

import seglab

_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


class _OnlyThisPython(KernelSpecManager):
    """The kernel of this Python, whatever kernel a notebook names."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The specification of this Python's kernel."""
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


class OverFiles(KernelManager):
    """Speaks with its kernel over sockets that are files, where the system has them.

    Jupyter's ports are chosen before the kernel is started: until it opens them, another program
    may have taken one, and then the kernel ends at once. A long TMPDIR leaves no room for the
    names of sockets; then there are ports.
    """

    def __init__(self, **options: Any) -> None:
        if os.name == "posix":
            folder = tempfile.mkdtemp(prefix="seglab-")
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            if len(os.fsencode(f"{folder}/kernel-ipc-5")) < IPC_PATH_MAX_LEN:
                options |= {"transport": "ipc", "connection_file": f"{folder}/kernel.json"}
        super().__init__(**options)


class ThisPython(OverFiles, AsyncKernelManager):
    """Starts a kernel of the Python that runs, not of whichever calls itself python3."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "kernel_spec_manager": _OnlyThisPython()})


def environment() -> dict[str, str]:
    """The environment in which outputs are the same on every run.

    A sum in another number of threads differs in its last digits.
    """
    here = str(Path(seglab.__file__).resolve().parents[1])
    paths = [here, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        **os.environ,
        **_ONE_THREAD,
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "SEGLAB_DEVICE": "cpu",
    }
