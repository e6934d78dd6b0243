"""Numbers as text on a colour bar and in a cell, as the board writes them."""

import math


def format_tick(value: float, low: float, high: float) -> str:
    """The end of a scale from low to high, without trailing zeros."""
    text = _on_scale(value, low, high, 99)
    if "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return text


def format_number(value: float, decimals: int = 2) -> str:
    """A number in a cell: whole, or with at most so many decimals; nothing for NaN."""
    if not math.isfinite(value):
        return ""
    text = f"{value:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return minus("0" if text == "-0" else text)


def minus(text: str) -> str:
    """Put a minus sign in place of the hyphen in front."""
    return text.replace("-", "−")


def _on_scale(value: float, low: float, high: float, steps: int) -> str:
    step = (high - low) / steps
    if step < 1e-7 or max(abs(low), abs(high)) >= 1e6:
        return minus(f"{value:.2e}")
    text = f"{value:.{min(8, max(0, math.ceil(-math.log10(step))))}f}"
    return minus(text.replace("-", "") if float(text) == 0 else text)
