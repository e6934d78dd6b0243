import os

import pytest
import torch

from seglab import device


@pytest.fixture(autouse=True)
def _nothing_chosen(monkeypatch):
    monkeypatch.setattr(device, "_chosen", None)
    monkeypatch.delenv("SEGLAB_DEVICE", raising=False)


def machine(monkeypatch, *, cuda, mps):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_cuda_comes_first_then_mps_then_the_cpu(monkeypatch, cuda, mps, chosen):
    machine(monkeypatch, cuda=cuda, mps=mps)
    assert device.default().type == chosen


def test_the_environment_overrides(monkeypatch):
    machine(monkeypatch, cuda=True, mps=False)
    monkeypatch.setenv("SEGLAB_DEVICE", "cpu")
    assert device.default() == torch.device("cpu")


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    machine(monkeypatch, cuda=False, mps=False)
    monkeypatch.setenv("SEGLAB_DEVICE", "")
    assert device.default() == torch.device("cpu")


@pytest.mark.parametrize("name", ["gpu", "cuda:99", "cpu and more"])
def test_a_device_that_is_not_there_is_refused_with_its_variable(monkeypatch, name):
    monkeypatch.setenv("SEGLAB_DEVICE", name)
    with pytest.raises(ValueError, match=f"SEGLAB_DEVICE={name!r} is no device of this machine"):
        device.default()


def test_use_chooses_for_what_follows():
    assert device.use("cpu") == torch.device("cpu")
    assert device.default() == torch.device("cpu")
    with pytest.raises(ValueError, match=r"name='nothing'.*use 'cpu', 'cuda' or 'mps'"):
        device.use("nothing")
    assert device.default() == torch.device("cpu")


def test_describe_says_it_in_words(monkeypatch):
    device.use("cpu")
    assert device.describe() == "CPU"
    monkeypatch.setattr(device, "_chosen", torch.device("mps"))
    assert device.describe() == "Apple GPU"
    monkeypatch.setattr(device, "_chosen", torch.device("cuda"))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "NVIDIA H100")
    assert device.describe() == "NVIDIA H100"


def full(message):
    def call():
        raise RuntimeError(message)

    return call


@pytest.mark.parametrize("message", ["CUDA out of memory. Tried", "MPS backend out of memory (M"])
def test_a_full_gpu_hands_over_to_the_cpu_and_says_so(monkeypatch, message):
    monkeypatch.setattr(device, "_chosen", torch.device("mps"))
    with pytest.warns(UserWarning, match="Apple GPU is out of memory .*going on with the CPU"):
        assert device.or_cpu(full(message), lambda: str(device.default())) == "cpu"


def test_another_error_is_not_hidden(monkeypatch):
    monkeypatch.setattr(device, "_chosen", torch.device("mps"))
    with pytest.raises(RuntimeError, match="sizes differ"):
        device.or_cpu(full("sizes differ"), lambda: "never")
    assert device.default().type == "mps"


def test_what_fits_is_not_tried_again():
    assert device.or_cpu(lambda: 1, full("never called")) == 1


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_real_gpu_that_is_full():
    device.use("cuda")
    with pytest.warns(UserWarning, match="going on with the CPU"):
        size = device.or_cpu(lambda: torch.empty(1 << 50, device="cuda").numel(), lambda: 7)
    assert (size, device.default().type) == (7, "cpu")


def test_torch_leaves_half_of_the_cores_alone(monkeypatch):
    before = torch.get_num_threads()
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    monkeypatch.setattr("seglab._cgroup.cores", lambda: None)
    try:
        torch.set_num_threads(6)
        assert device.share_cores() == 3
        torch.set_num_threads(2)
        assert device.share_cores() == 2
        monkeypatch.setenv("OMP_NUM_THREADS", "5")
        torch.set_num_threads(5)
        assert device.share_cores() == 5
    finally:
        torch.set_num_threads(before)
