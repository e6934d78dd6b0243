"""Known quantities, read back through the text that a student reads."""

import re
from itertools import count
from time import sleep

import pytest
import torch
from small_labs import LAB as WINDOWS

from seglab import cli, lessons, show
from seglab._progress import bar
from seglab.draw import paint
from seglab.files import Forecast, Plan
from seglab.files._forecast import check_bytes
from seglab.lab import Run
from seglab.lessons import a_trous, heatmap_to_labels, only_convolutions
from seglab.live import session
from seglab.nets import zoo
from seglab.timing import milliseconds

KNOWN = 12.5  # milliseconds


def run_of(stem, **state):
    """A run of a lab at its start, but for a few controls."""
    lab = lessons.find(stem)
    return Run(lab, lab.state(**state), finish_streams=False)


def percent(text):
    """The percentages that a text holds, as shares."""
    return [float(number) / 100 for number in re.findall(r"([\d.]+)%", text)]


# Times


def test_a_sleep_is_told_in_milliseconds():
    assert 20 <= milliseconds(sleep, 0.02) < 200


def test_the_chart_of_lab_9_draws_milliseconds_of_128_pixels(monkeypatch):
    sizes = []

    def told(way, net, image):
        sizes.append(tuple(image.shape[2:]))
        return KNOWN

    monkeypatch.setattr(a_trous, "milliseconds", told)
    figure = run_of("09").charts["Measure the cost"]
    assert {line.name for line in figure.data} == set(a_trous.WAYS)
    for line in figure.data:
        assert set(line.y) == {KNOWN}
        assert line.hovertemplate.endswith(" ms<extra></extra>")
    assert figure.layout.yaxis.title.text == "milliseconds"
    assert figure.layout.title.text.startswith("128 × 128 pixels")
    assert set(sizes) == {(128, 128)}


def test_the_chart_of_lab_7_draws_milliseconds_of_its_own_size(monkeypatch):
    sizes = []

    def told(net, image):
        sizes.append(tuple(image.shape[2:]))
        return KNOWN

    monkeypatch.setattr(only_convolutions, "milliseconds", told)
    lab = only_convolutions.LAB
    figure = lab.at().charts["Measure cost against field"]
    assert {y for line in figure.data for y in line.y} == {KNOWN}
    assert figure.layout.yaxis.title.text == "milliseconds"
    (size,) = set(sizes)
    assert figure.layout.title.text.startswith(f"{size[0]} × {size[1]} pixels")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.5, "500 ms"), (0.0042, "4.2 ms"), (0.01, "10 ms"), (2, "2000 ms")]
)
def test_the_status_line_tells_seconds_as_milliseconds(seconds, text, monkeypatch):
    live = show(WINDOWS)
    ticks = count(0, seconds)
    monkeypatch.setattr(session, "perf_counter", lambda: next(ticks))
    frame = live.session.frame(live.run, None)
    assert frame["status"].split(" · ")[1] == text


# Shares


def test_the_share_of_the_segment_in_lab_0():
    run = run_of("00")
    segment = run.values["segment"]
    counted = int(segment.sum()) / segment.numel()
    assert percent(run.numbers["share of the picture"]) == [pytest.approx(counted, abs=6e-4)]


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "50.0%"), (1.0, "100.0%"), (float("nan"), "nothing is labelled")]
)
def test_a_share_is_told_in_percent(value, text):
    assert heatmap_to_labels.share(value) == text


@pytest.mark.parametrize("shifts", [1, 24, 64])
def test_the_share_of_answered_pixels_in_lab_8(shifts):
    run = run_of("08", f=8, shifts=shifts)
    scores = run.values["stitched"]
    answered = sum(bool(torch.isfinite(s)) for s in scores[0, 0].flatten()) / scores[0, 0].numel()
    assert percent(run.numbers["pixels answered"]) == [pytest.approx(answered, abs=6e-4)]
    assert run.numbers["passes"] == f"{shifts} of 64"


def test_the_share_of_labels_that_differ_in_lab_9():
    run = run_of("09", f=8, dilations="all but pool2")
    ours, theirs = (scores.argmax(1) for scores in run.values["both"])
    differing = float((ours != theirs).double().mean())
    assert differing > 0.01
    assert percent(run.numbers["labels that differ"]) == [pytest.approx(differing, abs=6e-4)]


def test_the_shares_of_lab_6():
    run = run_of("06", rule="reject", level=0.7)
    labels, truth = run.values["labels"], run.values["truth"]
    some = labels < heatmap_to_labels.SEVERAL
    right = some & (labels == truth)
    assert percent(run.numbers["labelled"]) == [
        pytest.approx(float(some.double().mean()), abs=6e-4)
    ]
    assert percent(run.numbers["right, of labelled"]) == [
        pytest.approx(int(right.sum()) / int(some.sum()), abs=6e-4)
    ]
    assert percent(run.numbers["right, of all"]) == [
        pytest.approx(float(right.double().mean()), abs=6e-4)
    ]
    none = int((labels == 255).sum())
    assert run.numbers["not labelled"].startswith(f"no class {none} px, ")


def test_the_shares_of_a_picture_in_words():
    labels = torch.tensor([[0, 0, 0, 1], [0, 0, 1, 255]])
    said = paint.labels(labels, ("sky", "sea")).alt()
    assert said == "2 by 4 labels: sky 62%, sea 25%, 12% without a value"


# Bytes


@pytest.mark.parametrize(
    ("size", "text"), [(2_500_000, "2.5 MB"), (90_000, "0.09 MB"), (13_000_000, "13 MB")]
)
def test_a_forecast_says_millions_of_bytes_and_whole_seconds(size, text):
    said = str(Forecast(1200, 9, size, 61.7, {}))
    assert said == f"1,200 states, 9 pictures, about {text} and 62 s"


def test_a_refusal_says_millions_of_bytes_and_kilobytes():
    plan = Plan(WINDOWS, {"f": [2, 4, 8, 16]})
    sizes = {output: 8_000_000.0 * (output.name == "labels") for output in plan.of_kind("pane")}
    forecast = Forecast(4, 12, 32_000_000, 1.0, sizes)
    with pytest.raises(ValueError, match="about 32 MB, and a file holds 20 ") as refused:
        check_bytes(plan, forecast)
    assert "4 f = 4 pictures of 2000 kB" in str(refused.value)


def test_the_command_says_the_size_of_the_file_that_it_wrote(tmp_path, capsys, monkeypatch):
    from seglab import files

    path = tmp_path / "lab.html"

    def write(*_, **__):
        path.write_bytes(b"0" * 2_500_000)
        return path

    monkeypatch.setattr(files, "save", write)
    cli.app(["save", "00", str(path)], standalone_mode=False)
    assert "lab.html: 2.5 MB" in capsys.readouterr().out


def test_the_size_of_weights_is_that_of_the_file_in_millions_of_bytes():
    # The length of fcn_resnet50_coco-1167a1af.pth, which torchvision states as 135.009 MiB.
    assert zoo.megabytes(zoo.FCN) == pytest.approx(141.567, abs=0.001)


def test_a_bar_counts_what_is_done_of_the_total(monkeypatch):
    import tqdm

    shown = []

    class Bar:
        def __init__(self, unit, leave):
            self.unit, self.n, self.total = unit, 0, None

        def update(self, more):
            self.n += more
            shown.append((self.unit, self.n, self.total))

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    monkeypatch.setattr(tqdm, "tqdm", Bar)
    with bar("state") as progress:
        for done in (1, 3, 3, 7):
            progress(done, 7)
    assert shown == [("state", 1, 7), ("state", 3, 7), ("state", 3, 7), ("state", 7, 7)]
