"""A notebook as a lecture: one reveal.js file, whose labs are pages."""

from seglab.deck._deck import (
    CELL_TIMEOUT,
    EXTENSION,
    check_theme,
    deck,
    extension,
    html_file,
    need,
    print_pdf,
    slide_type,
    slides,
)

__all__ = [
    "CELL_TIMEOUT",
    "EXTENSION",
    "check_theme",
    "deck",
    "extension",
    "html_file",
    "need",
    "print_pdf",
    "slide_type",
    "slides",
]
