"""Settings of all tests."""

import os
from collections.abc import Callable

import pytest

# One thread for whatever computes: workers side by side share the cores, and nets this small are
# slower on several. Fixed, because a sum in another number of threads has other last digits. A
# library reads it when it is first imported, so this comes before all of them; children inherit it.
os.environ["OMP_NUM_THREADS"] = "1"

from schedule import pytest_collection_modifyitems, pytest_xdist_make_scheduler  # noqa: F401


@pytest.fixture
def ui(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """ui(): from here on, a live lab is changed in the browser; ui(False): in a cell."""
    from seglab.live import kernel

    def take(on: bool = True) -> None:
        monkeypatch.setattr(kernel, "is_ui_event", lambda: on)

    return take


@pytest.fixture
def without_float64() -> Callable[..., object]:
    """without_float64(tensor): the same, as on Apple's GPU, which has no 64-bit floats."""
    import torch

    class Apple(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            if func is torch.Tensor.cpu:
                return args[0].as_subclass(torch.Tensor)
            out = super().__torch_function__(func, types, args, kwargs or {})
            if isinstance(out, torch.Tensor) and out.dtype == torch.float64:
                raise TypeError("this device has no float64")
            return out

    return lambda tensor: tensor.as_subclass(Apple)
