"""Configuration of Sphinx for a site; site.json beside it says what is this site's own."""

import json
from pathlib import Path

_site = json.loads(Path("site.json").read_text(encoding="utf-8"))

project = html_title = _site["title"]
extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "myst_nb", "seglab.site.extension"]
language = "en"
default_role = "code"  # single backticks, as the docstrings have them

nb_execution_mode = "off"  # they were run before, with their labs as pages
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # no script from another host
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 4
suppress_warnings = ["myst.header", "misc.highlighting_failure"]

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
autosummary_generate = False
add_module_names = False

html_theme = "pydata_sphinx_theme"
html_context = {"default_mode": "auto"}
html_math_renderer = "mathml"
html_favicon = "_static/favicon.svg"
html_static_path = ["_static"]
html_extra_path = ["extra"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_sidebars: dict[str, list[str]] = {"index": [], "gallery": [], "search": [], "genindex": []}
html_theme_options = {
    "logo": {"text": _site["name"]},
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "navigation_with_keys": False,  # arrows move the labs
    "secondary_sidebar_items": {"guides/*": ["page-toc"], "reference/*": ["page-toc"]},
    "show_prev_next": True,
    "back_to_top_button": True,
    "footer_start": ["seglab-footer"],
    "footer_end": [],
}
templates_path = ["_templates"]
