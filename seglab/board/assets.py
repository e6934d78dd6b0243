"""The board's script and style: the notebook and the slides draw their frames with these."""

from pathlib import Path

_HERE = Path(__file__).parent
_PARTS = ("tools", "pane", "board", "grid", "curtain", "table", "code")

# One module in parts; a host adds its own part and exports what its page calls.
SCRIPT = "\n".join((_HERE / f"{part}.js").read_text(encoding="utf-8") for part in _PARTS)
STYLE = (_HERE / "board.css").read_text(encoding="utf-8")
