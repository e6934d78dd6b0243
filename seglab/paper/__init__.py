"""Pictures on paper: the panes of a lab, or a whole state of it, as one still picture.

Exports draw with it where there is no browser: films, PowerPoint slides, posters, and the picture
that stands in a stored notebook.
"""

from seglab.paper._captions import Caption
from seglab.paper._figures import Point
from seglab.paper._sheet import sheet
from seglab.paper._still import alt, line, palette, png, reduced, said, still

__all__ = ["Caption", "Point", "alt", "line", "palette", "png", "reduced", "said", "sheet", "still"]
