"""Sphinx: Markdown by MyST, the theme furo. Rule pages and references are written by `generate` before each build."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import generate  # noqa: E402

import tempsafe_lint  # noqa: E402

generate.write(HERE)

project = "tempsafe-lint"
author = "The tempsafe-lint contributors"
copyright = author
release = version = tempsafe_lint.__version__

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nitpicky = True

html_theme = "furo"
html_title = f"tempsafe-lint {version}"
html_extra_path = ["tempsafe-lint.schema.json"]
# Fences hold TOML of every release and pieces of shell: colour where it can be had, no complaint where not.
suppress_warnings = ["misc.highlighting_failure"]
