"""The labs and their notebooks on a GPU that is pretended, and the pretence itself.

`mps` refuses all that `cuda` refuses, and 64-bit floats besides: it has the longer tests.
"""

import copy
import json
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from pretended_gpu import OnGpu, pretended_gpu
from torch import nn
from walks import begun

from seglab import device, lessons, show
from seglab.course import notebooks
from seglab.lab import Sweep

GPUS = ("mps", "cuda")
LABS = lessons.catalogue() | lessons.further()
BOOKS = [path.stem for path in notebooks.find([])]

ON_THE_CPU = {"11-checkerboards"}  # a few numbers, which are there faster

# These cells train nets for a minute; the sweep takes a step of each training.
TRAIN = {
    "13-train-your-own": ("overfit", "endless", "boundaries", "weighted", "diverged"),
    "19-losses": ("seeds-cell", "time-cell"),
}


@pytest.fixture(params=GPUS)
def gpu(request):
    with pretended_gpu(request.param) as place:
        yield place


@pytest.fixture
def mps():
    with pretended_gpu("mps") as place:
        yield place


# The pretence


def test_it_is_the_default_device_and_goes_away_again():
    before = device.default()
    with pretended_gpu("mps"):
        assert (device.default().type, device.describe()) == ("mps", "Apple GPU")
        assert device.use("cpu") == torch.device("cpu")
    assert device.default() == before
    with pytest.raises(RuntimeError):
        torch.zeros(2, device="cuda:7")


def test_a_tensor_says_where_it_is_and_what_is_made_of_it_too(gpu):
    x = torch.arange(6.0, device=gpu).view(2, 3)
    made = (x + 1, x[0], x.T, x.mean(), x.long(), x.new_zeros(2), torch.zeros_like(x), *x)
    made += (*x.split(1), x.max(1).values, torch.cat([x, x]), F.relu(x), x.to(torch.float16))
    for y in made:
        assert isinstance(y, OnGpu)
        assert y.device == gpu
        assert not y.is_cpu
    assert (x.is_mps, x.is_cuda) == (gpu.type == "mps", gpu.type == "cuda")
    assert f"{x.sum():.2f} {x.tolist()}" == "15.00 [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]"
    assert type(x.cpu()) is torch.Tensor
    assert x.cpu().device.type == x.to("cpu").device.type == "cpu"


def test_what_lies_on_two_devices_does_not_meet(gpu):
    there, here = torch.ones(2, 3, device=gpu), torch.ones(2, 3)
    for call in (
        lambda: there + here,
        lambda: torch.cat([here, there]),
        lambda: torch.where(there > 0, there, here),
        lambda: here[there.long()],
        lambda: here[:, there[0] > 0],
        lambda: F.conv2d(there[None, None], here[None, None]),
        lambda: nn.Linear(3, 3)(there),
        lambda: there.index_put_((torch.tensor([0]),), here[:1]),
    ):
        with pytest.raises(RuntimeError, match=f"at least two devices, {gpu} and cpu"):
            call()


def test_what_a_real_device_takes_from_the_cpu_is_taken(gpu):
    x = torch.arange(6.0, device=gpu).view(2, 3)
    assert (x * torch.tensor(2.0)).device == gpu
    assert x[torch.tensor([1, 0])].device == gpu
    assert x[0, torch.tensor([True, False, True])].tolist() == [0, 2]
    x[0] = torch.ones(3)
    x[torch.tensor([1])] = 7.0
    x.copy_(x.cpu())
    assert x.tolist() == [[1, 1, 1], [7, 7, 7]]
    assert torch.zeros(2).to(x).device == gpu
    assert torch.tensor(x.sum().item()).device.type == "cpu"


def test_numpy_sees_nothing_there(gpu):
    x = torch.ones(3, device=gpu)
    for call in (x.numpy, lambda: np.asarray(x), lambda: np.add(1, x)):
        with pytest.raises(TypeError, match="device type tensor to numpy"):
            call()


def test_apples_gpu_has_no_64_bit_floats(mps):
    x = torch.ones(3, device="mps")
    for call in (
        x.double,
        lambda: x.to(torch.float64),
        lambda: torch.zeros(3, dtype=torch.float64, device="mps"),
        lambda: torch.zeros(3, dtype=torch.float64).to("mps"),
        lambda: torch.from_numpy(np.zeros(3)).to(device="mps"),
        lambda: x.sum(dtype=torch.float64),
    ):
        with pytest.raises(TypeError, match="doesn't support float64"):
            call()
    assert x.cpu().double().dtype == torch.float64
    with pytest.raises(RuntimeError, match=r"Expected a 'mps' device type for generator"):
        torch.rand(3, device="mps", generator=torch.Generator())


def test_nvidias_has_them():
    with pretended_gpu("cuda"):
        assert torch.ones(3, device="cuda").double().cuda().dtype == torch.float64


def test_nets_move_learn_and_are_copied(gpu):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2)).to(gpu)
    twin = copy.deepcopy(net)
    assert {p.device for p in (*net.parameters(), *twin.buffers())} == {gpu}
    optimizer = torch.optim.AdamW(net.parameters(), 0.1)
    net(torch.rand(1, 3, 8, 8, device=gpu)).square().sum().backward()
    assert net[0].weight.grad.device == gpu
    optimizer.step()
    assert not torch.equal(net[0].weight, twin[0].weight)
    home = net.to("cpu")
    assert all(type(p) is nn.Parameter for p in home.parameters())


# The labs


def sweep(lab, every=1):
    run = begun(lab)
    for state in list(lab.sweep())[::every]:
        run = run.step(**state)
        run.advance()
        dict(run.panes), dict(run.numbers)


@pytest.mark.parametrize("stem", LABS)
def test_every_state_of_the_sweep_draws_on_an_apple_gpu(stem, mps):
    sweep(LABS[stem])


@pytest.mark.parametrize("stem", LABS)
def test_a_lab_draws_on_an_nvidia_gpu(stem):
    with pretended_gpu("cuda"):
        sweep(LABS[stem], every=5)


@pytest.mark.parametrize("stem", LABS)
def test_a_lab_shows_the_same_on_every_device(stem):
    here = begun(LABS[stem])
    said, drawn = repr(here), {name: p.array for name, p in here.panes.items()}
    for kind in GPUS:
        with pretended_gpu(kind):
            there = begun(LABS[stem])
            assert repr(there) == said
            for name, picture in there.panes.items():
                assert np.array_equal(picture.array, drawn[name]), name
            assert any(map(on_gpu, there.values.values())) == (stem not in ON_THE_CPU)


def on_gpu(value):
    parts = vars(value).values() if hasattr(value, "__dict__") else (value,)
    return any(isinstance(part, OnGpu) for part in (value, *parts))


@pytest.mark.parametrize("stem", [stem for stem in LABS if not LABS[stem].streams])
def test_a_tour_is_gone_on_an_apple_gpu(stem, mps):
    run = LABS[stem].at()
    for number, step in enumerate(LABS[stem].tour, 1):
        before, run = run, run.fork(**step.set)
        assert step.expect(before, run), f"step {number} ({step.say})"


@pytest.mark.parametrize("stem", [stem for stem in LABS if LABS[stem].charts])
def test_charts_are_drawn_on_an_apple_gpu(stem, mps):
    run = begun(LABS[stem])
    for name, chart in LABS[stem].charts.items():
        if isinstance(chart, Sweep):  # one of its many states
            assert run.swept(name) is not None
        else:
            assert run.charts[name].data


@pytest.mark.parametrize("stem", BOOKS)
def test_every_cell_of_a_notebook_runs_on_an_apple_gpu(stem, mps):
    space = {"__name__": "__main__"}
    cells = json.loads((notebooks.folder() / f"{stem}.ipynb").read_text())["cells"]
    left_out = {f"explain-{name}" for name in TRAIN.get(stem, ())}
    assert left_out <= {cell["id"] for cell in cells}
    for cell in cells:
        if cell["cell_type"] == "code" and cell["id"] not in left_out:
            exec(compile("".join(cell["source"]), f"{stem}, cell {cell['id']}", "exec"), space)


# A device that is full


@pytest.mark.parametrize("kind", GPUS)
def test_a_lab_on_a_full_gpu_goes_on_with_the_cpu_and_says_so(kind):
    lab = LABS["06-heatmap-to-labels"]
    here = lab.at()
    with pretended_gpu(kind, memory=2**19), warnings.catch_warnings():
        warnings.simplefilter("error")  # the status line says it
        live = show(lab)
        live.settled()
        name = {"mps": "Apple GPU", "cuda": "pretended GPU"}[kind]
        assert f"CPU after {name} ran out of memory" in live.board.frame["status"]
        assert device.default().type == "cpu"
        assert repr(live.run) == repr(here)
        live.close()


@pytest.mark.parametrize("kind", GPUS)
def test_dense_predictions_on_a_full_gpu_go_on_with_the_cpu_and_say_so(kind):
    from seglab.nets import textures
    from seglab.ops import dense

    image = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    right = dense.predict(textures.pretrained(8), image, "shift_and_stitch")
    with pretended_gpu(kind, memory=2**19) as place:
        net = textures.pretrained(8)
        with pytest.warns(UserWarning, match=r"is out of memory .*: going on with the CPU"):
            scores = dense.predict(net, image.to(place), "shift_and_stitch")
    torch.testing.assert_close(scores.cpu(), right)
