"""torchvision is imported without torch's compiler, and misses nothing of it."""

import ast
import subprocess
import sys
from pathlib import Path

import seglab

PACKAGE = Path(seglab.__file__).parent
LOAD = "_torchvision.load()"


def said(script):
    """Words that a Python of its own prints, which must end well."""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout.split()


def test_a_lab_with_torchvisions_net_leaves_the_compiler_out():
    script = """
import sys
from seglab import lessons
lab = lessons.find("15")
run = lab.at(net="Mask R-CNN")
list(run.panes.values()), list(run.numbers.values())
print("torchvision" in sys.modules, "torch._dynamo" in sys.modules, "sympy" in sys.modules)
"""
    assert said(script) == ["True", "False", "False"]


def test_what_torchvision_asks_of_it_is_answered_and_it_comes_when_it_is_wanted():
    script = """
import sys
from seglab import _torchvision
_torchvision.load()
from torchvision.ops import roi_align
ask = sys.modules["torchvision.ops.roi_align"].is_compile_supported
before = "torch._dynamo" in sys.modules
answer = ask("cpu")
import torch._dynamo.utils
import torch
compiled = torch.compile(torch.nn.Linear(2, 3), backend="eager")
print(before, answer == torch._dynamo.utils.is_compile_supported("cpu"))
print(len(compiled(torch.ones(1, 2))[0]))
"""
    assert said(script) == ["False", "True", "3"]


def test_another_thread_that_wants_the_compiler_meanwhile_gets_it():
    script = """
import sys, torch
from seglab import _torchvision as ours
sys.modules[ours._COMPILER] = ours._StandIn(ours._COMPILER)
sys.modules[ours._ASKED] = ours._StandIn(ours._ASKED)
import torch._dynamo.config
print(torch._dynamo.disable.__module__.split(".")[1])
print(hasattr(torch._dynamo.utils, "counters"), hasattr(torch._dynamo, "optimize"))
"""
    assert said(script) == ["_dynamo", "True", "True"]


def test_every_import_of_torchvision_comes_after_it():
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            lines = [ast.unparse(line) for line in function.body]
            imports = [i for i, line in enumerate(lines) if line.startswith("from torchvision")]
            if imports:
                assert LOAD in lines[: imports[0]], f"{path.name}: {function.name}"
