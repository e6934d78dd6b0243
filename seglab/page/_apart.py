"""Runtime of pages that compute, taken out of them: a site has it once, in a script beside them."""

import json
import re
from hashlib import sha256

from seglab.page._page import COMPUTING

SHARED = ("seglab-worker", "seglab-runtime")  # equal in all pages
_BLOCK = re.compile(
    rf'<script type="application/octet-stream" id="({"|".join(SHARED)})">(.*?)</script>\n',
    re.DOTALL,
)
_LETTERS = 12  # of the hash in the script's name


def apart(page: str, way: str) -> tuple[str, tuple[str, str] | None]:
    """A page without its runtime, and the script that holds it: its name and text, None for none.

    way: from the page to the script's folder, such as "../_static/". The page loads the script when
    a reader first gives it a picture. It may do so from the host that it comes from itself, and
    from a disk.
    """
    blocks: dict[str, str] = dict(_BLOCK.findall(page))
    if not blocks:
        return page, None
    text = f"globalThis.seglabBeside = {json.dumps(blocks)};\n"
    name = f"seglab-runtime-{sha256(text.encode()).hexdigest()[:_LETTERS]}.js"
    link = f'<link rel="seglab-runtime" id="seglab-beside" href="{way}{name}">'
    lean = _BLOCK.sub("", page).replace(f" {COMPUTING}", f" 'self' file: {COMPUTING}", 1)
    return lean.replace("</head>", f"{link}\n</head>", 1), (name, text)
