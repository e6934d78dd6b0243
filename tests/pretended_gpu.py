"""A pretended GPU: tensors on the CPU that say they are not, and refuse what a GPU refuses.

    with pretended_gpu("mps"):
        ...  # seglab's default device is the Apple GPU

Refused, with a message like torch's own: a computation of tensors on two devices, NumPy's look at a
tensor that is not on the CPU, a random generator of another device, 64-bit floats on `mps`, and any
tensor larger than the device's memory. Allowed, as on a real one: numbers without dimensions from
the CPU, indices from the CPU, a copy from one device to the other.
It knows nothing of speed, of last digits, or of operators that a real device lacks.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any
from unittest import mock

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from seglab import device

CPU = torch.device("cpu")
WIDE = (torch.float64, torch.complex128)

# What a real device takes from the CPU, whatever its shape.
_FROM_CPU = {"copy_", "to", "type_as", "_has_compatible_shallow_copy_type"}
_INDEXING = {"__getitem__", "__setitem__", "index_put_", "index_put"}


class _Gpu:
    """The device that is there: its name, and the bytes that its largest tensor may have."""

    def __init__(self, kind: str, memory: int | None) -> None:
        self.device = torch.device(kind, 0)
        self.memory = memory

    def is_meant(self, place: object) -> bool:
        """Tell whether an argument `device` names it."""
        return type(place) in (str, torch.device) and _kind(place) == self.device.type

    def check(self, x: Tensor) -> None:
        """Refuse a tensor that the device cannot hold."""
        if self.device.type == "mps" and x.dtype in WIDE:
            raise TypeError(
                f"Cannot convert a MPS Tensor to {str(x.dtype)[6:]} dtype as the MPS framework "
                f"doesn't support {str(x.dtype)[6:]}. Please use float32 instead."
            )
        if self.memory is None:
            return
        size = x.numel() * x.element_size()
        if size > self.memory:
            if self.device.type == "mps":
                raise RuntimeError(f"MPS backend out of memory (pretended). Tried {size} bytes.")
            raise torch.OutOfMemoryError(f"CUDA out of memory. Tried to allocate {size} bytes.")


_gpu: _Gpu | None = None  # while one is pretended


@cache
def _kind(place: str | torch.device) -> str:
    """The type of a device; "" for a word that names none."""
    try:
        return torch.device(place).type
    except RuntimeError:
        return ""


class OnGpu(Tensor):
    """A tensor on the pretended device; its numbers lie on the CPU."""

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        return _answer(func, args, kwargs or {})

    def __format__(self, spec: str) -> str:
        return _plain(self).__format__(spec)

    def __repr__(self, **how: Any) -> str:
        return f"{_plain(self)!r} on {self.device}"

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        copy = _moved(_plain(self.detach()).clone())
        if isinstance(self, torch.nn.Parameter):
            copy = torch.nn.Parameter(copy, self.requires_grad)
        return memo.setdefault(id(self), copy)


class _Everywhere(TorchFunctionMode):
    """Also what makes a tensor of none that is there: torch.zeros(3, device="cuda")."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        return _answer(func, args, kwargs or {})


@contextlib.contextmanager
def pretended_gpu(kind: str, memory: int | None = None) -> Iterator[torch.device]:
    """Pretend that this machine has one GPU, "cuda" or "mps", and that seglab computes on it.

    memory: how many bytes the largest tensor may have.
    """
    global _gpu
    assert _gpu is None, "one at a time"
    overwrite = torch.__future__.get_overwrite_module_params_on_conversion()
    # Else a module keeps its parameters, which are of another class, and fills them.
    torch.__future__.set_overwrite_module_params_on_conversion(True)
    _gpu = _Gpu(kind, memory)
    name = mock.patch("torch.cuda.get_device_name", return_value="pretended GPU")
    chosen = mock.patch.object(device, "_chosen", _gpu.device)
    try:
        with _Everywhere(), name, chosen:
            yield _gpu.device
    finally:
        torch.__future__.set_overwrite_module_params_on_conversion(overwrite)
        _gpu = None


def _answer(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Answer as a real device would: func(*args, **kwargs)."""
    name = getattr(func, "__name__", "")
    if name == "__get__":
        return _attribute(func, args) if isinstance(args[0], OnGpu) else func(*args)
    if name == "cuda":
        return args[0].to("cuda")
    tensors = _tensors(args)
    if kwargs:
        tensors += _tensors(tuple(kwargs.values()))
    there = any(isinstance(x, OnGpu) for x in tensors)
    if there and name in ("numpy", "__array__"):
        raise TypeError(
            f"can't convert {_there().device} device type tensor to numpy. "
            f"Use Tensor.cpu() to copy the tensor to host memory first."
        )
    if there:
        _check_one_device(name, args, tensors)
    target = _target(name, args, kwargs, there)
    if kwargs:
        _check_generator(kwargs, target)
    if _gpu is not None and not there and target == CPU:
        return func(*args, **kwargs)
    args, kwargs = _on_cpu(args), _on_cpu(kwargs)
    with torch._C.DisableTorchFunctionSubclass():
        answer = func(*args, **kwargs)
        if name == "__iter__":
            answer = iter([_placed(x, target) for x in answer])
    return _placed(answer, target)


def _attribute(func: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """An attribute of a tensor on the device."""
    name = getattr(getattr(func, "__self__", None), "__name__", "")
    if name == "device":
        return _there().device
    if name in ("is_cpu", "is_cuda", "is_mps"):
        return name == f"is_{_there().device.type}"
    with torch._C.DisableTorchFunctionSubclass():
        value = func(*args)
    return _placed(value, _there().device)


def _check_one_device(name: str, args: tuple[Any, ...], tensors: Sequence[Tensor]) -> None:
    """Refuse tensors of both devices, but for what a real one takes."""
    if name in _FROM_CPU:
        return
    if name in _INDEXING and isinstance(args[0], OnGpu):
        # Indices may lie on the CPU; so may what is copied to a slice, not what is put at indices.
        tensors = [args[0], *_tensors(args[2:])] if _tensors(args[1:2]) else [args[0]]
    if any(not isinstance(x, OnGpu) and x.ndim for x in tensors):
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, "
            f"{_there().device} and cpu! (when checking arguments of {name})"
        )


def _check_generator(kwargs: dict[str, Any], target: torch.device) -> None:
    generator = kwargs.get("generator")
    if generator is not None and generator.device.type != target.type:
        raise RuntimeError(
            f"Expected a '{target.type}' device type for generator but found "
            f"'{generator.device.type}'"
        )


def _target(name: str, args: tuple[Any, ...], kwargs: dict[str, Any], there: bool) -> torch.device:
    """Place of the answer: the one that the call names, or that of what it is made from."""
    gpu = _there()
    if name == "cpu":
        return CPU
    place = kwargs.get("device")
    if name in ("to", "type_as"):
        place = next((a for a in args[1:] if isinstance(a, str | torch.device)), place)
        other = next((a for a in args[1:] if isinstance(a, Tensor)), kwargs.get("other"))
        place = other.device if other is not None else place
    if place is None:
        return gpu.device if there else CPU
    return gpu.device if gpu.is_meant(place) else torch.device(place)


def _there() -> _Gpu:
    assert _gpu is not None, "a tensor has left its pretended device"
    return _gpu


def _placed(x: Any, target: torch.device) -> Any:
    """The tensors of an answer, said to be on that device."""
    if isinstance(x, Tensor):
        return _moved(x) if target == _there().device else _plain(x)
    if not isinstance(x, tuple | list):
        return x
    if isinstance(x, tuple) and type(x).__module__ == "torch.return_types":
        return type(x)([_placed(y, target) for y in x])
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(_placed(y, target) for y in x))
    if type(x) in (list, tuple):
        return type(x)(_placed(y, target) for y in x)
    return x


def _moved(x: Tensor) -> Tensor:
    if isinstance(x, OnGpu):
        return x
    _there().check(x)
    with torch._C.DisableTorchFunctionSubclass():
        return x.as_subclass(OnGpu)


def _plain(x: Any) -> Any:
    if not isinstance(x, OnGpu):
        return x
    with torch._C.DisableTorchFunctionSubclass():
        return x.as_subclass(Tensor)


def _on_cpu(x: Any) -> Any:
    """Arguments as the CPU takes them."""
    if type(x) in (list, tuple):
        return type(x)([_on_cpu(value) for value in x])
    if type(x) is dict:
        return {key: _on_cpu(value) for key, value in x.items()}
    return CPU if _there().is_meant(x) else x


def _tensors(values: Sequence[Any]) -> list[Tensor]:
    """All tensors among the values, and in what they hold."""
    found: list[Tensor] = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, dict):
            found += _tensors(tuple(value.values()))
        elif isinstance(value, list | tuple):
            found += _tensors(value)
    return found
