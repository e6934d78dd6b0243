"""The runtime that a page carries, taken from the npm package onnxruntime-web.

`python -m seglab.web.refresh onnxruntime-web-1.30.0.tgz`, of what `npm pack onnxruntime-web` gives.
"""

import json
import sys
import tarfile
import zlib
from hashlib import sha256
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "runtime"
PACKAGE = "onnxruntime-web"
SCRIPT, BINARY = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"
_PART = 1_900_000  # bytes of a file in the repository, at most


def refresh(tarball: Path, folder: Path = FOLDER) -> dict[str, Any]:
    """Write script and binary of a tarball, deflated, and a record of what they are.

    Raises ValueError for a tarball of another package or without these files.
    """
    with tarfile.open(tarball) as package:
        about = json.loads(_member(package, "package.json"))
        if about["name"] != PACKAGE or about["license"] != "MIT":
            raise ValueError(
                f"{tarball.name} holds {about['name']} under {about['license']}; "
                f"give what `npm pack {PACKAGE}` writes"
            )
        files = {name: _member(package, f"dist/{name}") for name in (SCRIPT, BINARY)}
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.z*"):
        old.unlink()
    record: dict[str, Any] = {"package": PACKAGE, "version": about["version"], "licence": "MIT"}
    record["files"] = {}
    for name, data in files.items():
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush()
        parts = [packed[at : at + _PART] for at in range(0, len(packed), _PART)]
        for number, part in enumerate(parts):
            (folder / f"{name}.z{number}").write_bytes(part)
        told = {"sha256": sha256(data).hexdigest(), "bytes": len(data), "parts": len(parts)}
        record["files"][name] = told
    text = json.dumps(record, indent=2) + "\n"
    (folder / "runtime.json").write_text(text, encoding="utf-8", newline="\n")
    return record


def _member(package: tarfile.TarFile, name: str) -> bytes:
    try:
        file = package.extractfile(f"package/{name}")
    except KeyError:
        file = None
    if file is None:
        raise ValueError(f"{Path(str(package.name)).name} has no {name}: give another version")
    return file.read()


if __name__ == "__main__":
    done = refresh(Path(sys.argv[1]))
    print(f"{done['package']} {done['version']}: {', '.join(done['files'])}")
