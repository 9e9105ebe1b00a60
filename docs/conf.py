"""Settings of the documentation; built with warnings as errors and without the network."""

from regulars.terms.version import VERSION

project = "regulars"
author = "the regulars authors"
copyright = "the regulars authors"  # noqa: A001 - Sphinx asks for this name
release = version = VERSION

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "regulars"
html_static_path = ["_static"]
autodoc_typehints = "none"
napoleon_attr_annotations = False
autodoc_member_order = "bysource"
nitpicky = False
