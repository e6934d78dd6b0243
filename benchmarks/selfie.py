"""One photograph through the published net: seglab's module beside Google's interpreter.

    python benchmarks/selfie.py [--threads N] [--seconds S] [--clock cpu]

Medians of calls taken in turns. Without ai-edge-litert the interpreter's row is left out.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measuring import Call, Target, machine, number, side_by_side, table, targets  # noqa: E402

from seglab.images import photos  # noqa: E402
from seglab.lessons.your_photo import LAB  # noqa: E402
from seglab.nets import selfie  # noqa: E402

FILE = ROOT / "tests" / "data" / "selfie_segmentation.tflite"
NET, LARGE = "the net, 256 × 256", "person(), 512 × 512"
STEP, INTERPRETER = "a step of lab 16 to another photograph", "the interpreter"
MOST = 30  # milliseconds, of the net


def interpreter() -> Call:
    """A call of the published file on one thread."""
    from ai_edge_litert.interpreter import Interpreter

    made = Interpreter(str(FILE), num_threads=1)
    made.allocate_tensors()
    picture = photos.load("astronaut").cpu().permute(0, 2, 3, 1).contiguous().numpy()
    made.set_tensor(made.get_input_details()[0]["index"], picture)
    return made.invoke


def calls() -> dict[str, Call]:
    """Calls that are compared, by name."""
    net = selfie.pretrained()
    small, large = photos.load("astronaut"), photos.original("astronaut")
    run, names = LAB.at(), LAB.controls["photo"].sweep()

    def step() -> None:
        nonlocal run
        at = names.index(run.state["photo"]) + 1
        run = run.step(photo=names[at % len(names)])
        dict(run.panes)

    made: dict[str, Call] = {
        NET: lambda: net(small),
        LARGE: lambda: selfie.person(net, large),
        STEP: step,
    }
    if find_spec("ai_edge_litert"):
        made[INTERPRETER] = interpreter()
    return made


def main(given: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    options = parser.parse_args(given)
    torch.set_num_threads(options.threads)
    clock = time.process_time if options.clock == "cpu" else time.perf_counter
    took = side_by_side(calls(), options.seconds, clock)
    print(f"{machine()}\n")
    rows = [(name, number(1000 * seconds)) for name, seconds in took.items()]
    table(("one photograph", "ms"), rows)
    targets([Target("the net, ms", 1000 * took[NET], "<=", MOST)])


if __name__ == "__main__":
    main()
