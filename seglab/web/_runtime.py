"""ONNX Runtime Web as a page carries it: a script, and what is deflated in it as text."""

import json
import zlib
from base64 import b64encode
from functools import cache

from seglab.web.refresh import BINARY, FOLDER, SCRIPT


def version() -> str:
    """The version of the runtime."""
    return str(json.loads((FOLDER / "runtime.json").read_text(encoding="utf-8"))["version"])


def packed(name: str) -> bytes:
    """A file of the runtime, deflated."""
    record = json.loads((FOLDER / "runtime.json").read_text(encoding="utf-8"))["files"][name]
    return b"".join((FOLDER / f"{name}.z{n}").read_bytes() for n in range(record["parts"]))


@cache
def binary() -> str:
    """The WebAssembly, deflated, in base64."""
    return b64encode(packed(BINARY)).decode()


@cache
def script() -> str:
    """The script, no module: its exports are in `globalThis.seglabRuntime`.

    A page that is opened from a file starts classic workers only, which have no import.meta. The
    address of a source map is left out.
    """
    text = zlib.decompress(packed(SCRIPT), -15).decode()
    body, _, exports = text.partition("//# sourceMappingURL")[0].rpartition("export{")
    names = (pair.split(" as ") for pair in exports.rpartition("}")[0].split(","))
    told = ",".join(f"{outer}:{inner}" for inner, outer in names)
    body = body.replace("import.meta.url", "self.location.href")
    return f'(()=>{{"use strict";{body}globalThis.seglabRuntime={{{told}}};}})();\n'
