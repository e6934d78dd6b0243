"""Formulas in TeX as MathML, which browsers draw by themselves."""

import html
import sys
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element


def formula(tex: str, display: str = "inline") -> str:
    """A formula as MathML; as its own TeX where it cannot be read. display: inline or block."""
    try:
        math = convert_to_element(tex, display=display)
    except Exception as error:  # the reader of TeX has no error of its own
        print(f"The formula {tex!r} is shown as TeX: {error!r}", file=sys.stderr)
        return f"<code>{html.escape(tex)}</code>"
    for element in math.iter():
        element.text = html.unescape(element.text) if element.text else element.text
        if element.tag == "mi" and len(element.text or "") == 1:
            element.set("class", "variable")
    return ElementTree.tostring(math, encoding="unicode")
