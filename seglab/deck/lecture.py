"""Advice on a notebook's slides: what they lack as a lecture, in sentences."""

from typing import Any

from seglab.deck._deck import slide_type, slides

FEWEST, MOST = 8, 12  # slides of one lab

_LAB, _EXERCISE = "show(", "# solution"


def advice(notebook: Any) -> list[str]:
    """Sentences on how the slides differ from a lecture of one lab: none where all is well.

    notebook: as nbformat reads it. One in which no cell has a slide type is no lecture, and needs
    none. Code cells are counted from 1, as Jupyter counts them.
    """
    if all(slide_type(cell) == "-" for cell in notebook.cells):
        return []
    groups = slides(notebook)
    said = []
    if not FEWEST <= len(groups) <= MOST:
        said.append(
            f"the number of slides is {len(groups)}, and a lecture has {FEWEST} to {MOST}; "
            f"set the slide type `slide` where one begins, and `skip` where a cell is not shown"
        )
    if groups and not groups[0][0].source.startswith("# "):
        said.append("the first slide has no title; begin it with a text cell, `# The title`")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        shown = [group for group in groups if any(cell is one for one in group)]
        if shown and _EXERCISE in cell.source:
            said.append(f"cell {number} shows a solution; give it the slide type `skip`")
        if shown and _LAB in cell.source and shown[0][0] is not cell:
            said.append(
                f"cell {number} shows a lab in the middle of a slide; give it the slide type "
                f"`slide`, so that the lab has the slide for itself"
            )
    if not any(_LAB in cell.source for group in groups for cell in group):
        said.append("no slide shows a lab; give the cell with show(LAB) the slide type `slide`")
    return said
