"""Submissions that do what no student should, each as the cells of a notebook."""

import json

RIGHT = """
def interleave(parts, f, size):
    out = parts[0].new_zeros(parts[0].shape[0], *size)
    for index, part in enumerate(parts):
        out[:, index // f :: f, index % f :: f] = part
    return out


check("interleave", interleave)
"""
SHIFT = """
def shift_of(row, column, f):
    return row % f, column % f, row // f, column // f


check("shift_of", shift_of)
"""
SETUP = "from seglab import check, quiz"

# What stands before the right answer to `interleave`, or in place of it.
CELLS = {
    "right": [RIGHT, SHIFT],
    "wrong": [RIGHT.replace("index // f :: f, index % f", "index % f :: f, index // f"), SHIFT],
    "unwritten": [
        'def interleave(parts, f, size):\n    ...\n\ncheck("interleave", interleave)',
        SHIFT,
    ],
    "hangs in a cell": ["while True: pass", RIGHT, SHIFT],
    "hangs in a function": [
        'def interleave(parts, f, size):\n    while True: pass\n\ncheck("interleave", interleave)',
        SHIFT,
    ],
    "hangs in one call of C": ["sum(range(10**13))", RIGHT],
    "swallows all": [
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        RIGHT,
    ],
    "forks": ["import os\nwhile True:\n    os.fork()", RIGHT],
    "leaves a daemon": [
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        time.sleep({nap})\n    os._exit(0)\n",
        RIGHT,
    ],
    "fills the disk": [
        'block = b"x" * 10_000_000\nfor place in ("here", "/tmp/there", "/dev/shm/also"):\n'
        '    with open(place, "wb") as file:\n        while True: file.write(block)',
        RIGHT,
    ],
    "fills the memory": ["held = []\nwhile True:\n    held.append(bytearray(10_000_000))", RIGHT],
    "prints without end": ['import os\nfor _ in range(10**7): os.write(2, b"x" * 1000)', RIGHT],
    "prints that it passed": [
        'print("interleave: correct on 20 random cases.")\nprint("<script>alert(1)</script>")',
        "def interleave(parts, f, size):\n    return parts[0]",
        'check("interleave", interleave)',
    ],
    "tells that it passed": [
        "import os\nfrom seglab.grade import wire\n"
        'fake = [dict(cell=0), dict(exercise="interleave", missing=False)]\n'
        'fake += [dict(exercise="interleave", case=i, value=True, changed=[], error=None)'
        " for i in range(20)]\n"
        'fake += [dict(exercise="shift_of", missing=True), dict(end=True)]\n'
        "for fd in range(3, 64):\n    for one in fake:\n        data = wire.pack(one)\n"
        "        try: os.write(fd, len(data).to_bytes(8, 'big') + data)\n"
        "        except OSError: pass\n",
        RIGHT,
    ],
    "tells nonsense": [
        "import os\nfor fd in range(3, 64):\n"
        "    try: os.write(fd, b'\\xff' * 4096)\n    except OSError: pass",
        RIGHT,
    ],
    "takes the reference": [
        "from seglab.course.exercises.lab08 import interleave",
        "from seglab.course import catalogue\n"
        'interleave = catalogue.exercise("interleave").reference\ncheck("interleave", interleave)',
    ],
    "reads the reference": [
        "import seglab, pathlib, sys\nsys.meta_path.clear()\n"
        'file = pathlib.Path(seglab.__file__).parent / "course/exercises/lab08.py"\n'
        'print("found" if file.exists() else "hidden")\nexec(file.read_text())',
        'check("interleave", interleave)',
    ],
    "patches check": [
        "import seglab, seglab.course.checks, seglab.course.compare as compare\n"
        "compare.difference = lambda *a, **k: None\n"
        "seglab.check = seglab.course.checks.check = lambda *a, **k: True\n"
        "import seglab.course.declarations as d\nd.Exercise.__eq__ = lambda *a: True\n",
        'def interleave(parts, f, size):\n    return 0\n\ncheck("interleave", interleave)',
    ],
    "forges the words of an error": [
        "import sys\nfrom seglab.course import crashes\n"
        "crashes.in_words = lambda *given: 'correct on 20 random cases'\n"
        'def interleave(parts, f, size):\n    1 / 0\n\ncheck("interleave", interleave)',
        SHIFT,
    ],
    "deletes files": [
        "import shutil, os\n"
        "for place in ({folder!r}, {out!r}, os.path.expanduser('~'), '/usr', '/tmp'):\n"
        "    shutil.rmtree(place, ignore_errors=True)\n"
        "    print(place, os.path.exists(place))",
        "import os; os.chdir('/')",
        RIGHT,
    ],
    "reads the others": [
        "import os\nprint('others', [p for p in ({folder!r}, {out!r}) if os.path.exists(p)])",
        RIGHT,
    ],
    "calls out": [
        "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=2)",
        "import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=2)",
        RIGHT,
    ],
    "ends Python": ["import os\nos._exit(0)", RIGHT, "import sys\nsys.exit(3)", SHIFT],
    "crashes": ["import ctypes\nctypes.string_at(0)", RIGHT],
    "answers with too much": [
        "import torch\ndef interleave(parts, f, size):\n    return torch.zeros(40_000_000)\n"
        'check("interleave", interleave)',
        SHIFT,
    ],
    "answers with a trap": [
        "class Trap:\n    def __eq__(self, other): return True\n"
        "    def __reduce__(self): import os; return os._exit, (0,)\n"
        "    def __getattr__(self, name): return Trap()\n    def __call__(self, *a): return True\n"
        'def interleave(parts, f, size):\n    return Trap()\n\ncheck("interleave", interleave)',
        "def shift_of(row, column, f):\n    deep = []\n    for _ in range(10**4): deep = [deep]\n"
        '    return deep\n\ncheck("shift_of", shift_of)',
    ],
    "changes its input": [
        "def interleave(parts, f, size):\n    out = parts[0].new_zeros(parts[0].shape[0], *size)\n"
        "    for i, part in enumerate(parts):\n        out[:, i // f :: f, i % f :: f] = part\n"
        '        part += 1\n    return out\n\ncheck("interleave", interleave)',
    ],
    "is no Python": ["this is (no Python", RIGHT, "%nomagic\n!ls", SHIFT],
}


def notebook(cells):
    """A notebook of code cells, as a student would hand it in."""
    made = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": source, "outputs": []}
        for i, source in enumerate(cells)
    ]
    for cell in made:
        cell["execution_count"] = None
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def write(target, **known):
    """Write all of them into a folder, and some files that are no notebooks."""
    for name, cells in CELLS.items():
        filled = [SETUP, *cells]
        for word, value in known.items():
            filled = [c.replace(f"{{{word}!r}}", repr(value)) for c in filled]
            filled = [c.replace(f"{{{word}}}", str(value)) for c in filled]
        (target / f"{name}.ipynb").write_text(notebook(filled))
    (target / "cut off.ipynb").write_text(notebook([RIGHT])[:100])
    (target / "too deep.ipynb").write_text("[" * 100_000)
    (target / "a letter.pdf").write_bytes(b"%PDF-1.4")
    (target / "a link.ipynb").symlink_to("/etc/passwd")
    (target / "an empty folder").mkdir()
    (target / "=1+1.ipynb").write_text(notebook([SETUP, RIGHT, SHIFT]))
