"""A program as a page stores it: a table, and one deflated text of graphs and weights."""

import zlib
from base64 import b64encode
from pathlib import Path
from typing import Any

from seglab.board import assets
from seglab.web import _runtime
from seglab.web._tracing import Program

_HERE = Path(__file__).parent


def pack(program: Program) -> tuple[dict[str, Any], dict[str, str]]:
    """The table of a program, and the blocks of text that lie in its page, by their id.

    The table: the places of graphs and weights, the calls, and the pictures.
    """
    data, graphs, places = bytearray(), [], {}
    for graph in program.graphs:
        graphs.append([len(data), len(data) + len(graph.data), *graph.weights])
        data += graph.data
    for key, weight in program.weights.items():
        places[key] = [len(data), len(data) + len(weight)]
        data += weight
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = b64encode(packer.compress(bytes(data)) + packer.flush()).decode()
    calls = [[graph, *map(list, arguments)] for graph, arguments in program.calls]
    table = {"graphs": graphs, "weights": places, "calls": calls, "sources": program.sources}
    blocks = {
        "seglab-graphs": text,
        "seglab-worker": _worker(),
        "seglab-runtime": _runtime.binary(),
    }
    return table, blocks


def _worker() -> str:
    """The worker's script: the runtime's own, and what runs graphs with it."""
    return _runtime.script() + assets.join(_HERE / "worker.js")
