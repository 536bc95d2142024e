"""How Sphinx builds the site. `sphinx-build -W --keep-going -n docs build/site` makes build/site/index.html."""

from __future__ import annotations

import sys
from pathlib import Path

import mock_airflow

sys.path.insert(0, str(Path(__file__).parent))  # site_parts

project = "Mock Airflow"
author = "the Mock Airflow authors"
version = release = mock_airflow.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "site_parts"]
exclude_patterns = ["**/__pycache__"]
default_role = "code"  # `one backtick` in a docstring is code, as in Markdown

# Headings can be linked to by the anchors that they have on GitHub, so that a link works in both places.
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
# Annotations may name what has no page here: other packages' types, and what is nobody's business outside.
nitpick_ignore_regex = [("py:class", r".+")]

html_theme = "furo"
html_title = f"Mock Airflow {release}"
html_copy_source = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}
html_static_path = ["static"]
html_css_files = ["site.css"]
