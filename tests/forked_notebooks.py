"""Kernels of the notebooks that nbval runs beside the tests: forks of a process that has torch."""

import sys
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import forked
import pytest
from jupyter_client.kernelspec import KernelSpec
from nbval.kernel import NbvalKernelspecManager
from nbval.plugin import IPyNbCell


class ForkedNotebooks:
    """A plugin: a notebook's kernel need not import torch; seglab it imports as any other does."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._command: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        # Elsewhere a fork of a process with threads is not safe.
        if sys.platform != "linux" or not isinstance(item, IPyNbCell):
            return (yield)
        from seglab.course.kernel import OverFiles

        spec = KernelSpec(argv=self._forks(), display_name="Python 3", language="python")
        with (
            mock.patch.object(NbvalKernelspecManager, "get_kernel_spec", return_value=spec),
            mock.patch("nbval.kernel.KernelManager", OverFiles),
        ):
            return (yield)

    def pytest_unconfigure(self) -> None:
        self._open.close()

    def _forks(self) -> list[str]:
        """The command of such a kernel; the process that it is a fork of is started once."""
        from seglab.course.kernel import environment

        if not self._command:
            folder = Path(self._open.enter_context(TemporaryDirectory()))
            started = forked.forks(folder / "socket", environment(), "torch", "ipywidgets")
            self._command = self._open.enter_context(started)
        return self._command
