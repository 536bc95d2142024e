"""A function's docstring as its file has it.

From Python 3.13 on, the compiler takes the indentation out of docstrings. An Airflow 2 runs on older ones and shows
them with it, so here it is read from the source again.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

_COMPILER_CLEANS = 0x030D0000  # Python 3.13


def docstring_of(function: Callable[..., Any]) -> str | None:
    """The docstring, with its indentation on every Python; None without one."""
    shown = function.__doc__
    code = getattr(inspect.unwrap(function), "__code__", None)
    if sys.hexversion < _COMPILER_CLEANS or not shown or code is None:
        return shown
    lines = linecache.getlines(code.co_filename, getattr(function, "__globals__", None))
    written = _docstrings("".join(lines)).get((code.co_firstlineno, code.co_name))
    return written if written is not None and inspect.cleandoc(written) == inspect.cleandoc(shown) else shown


@lru_cache(maxsize=8)
def _docstrings(source: str) -> dict[tuple[int, str], str]:
    """Those of a file's functions, by the line at which each begins, its decorators included, and its name."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {}
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node, clean=False)
            if text is not None:
                line = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                found[line, node.name] = text
    return found
