"""Classes that a file makes by calling ``type(name, bases, namespace)``, with placeholders among the bases.

A ``class`` statement asks its bases what they stand for, and a placeholder says; a call of ``type`` does not ask. So
where a file of the project has such a call, its bases are asked first.
"""

from __future__ import annotations

import ast
import builtins
import types
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from typing import Any

_ASK = "__bases_as_classes__"


class _Asking(ast.NodeTransformer):
    """Puts the question around the bases of each such call; lines and columns stay."""

    def __init__(self) -> None:
        self.found = False

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if len(node.args) == 3 and (name == "type" or name.endswith("Meta")):
            bases = node.args[1]
            asked = ast.Call(func=ast.Name(id=_ASK, ctx=ast.Load()), args=[bases], keywords=[])
            node.args[1] = ast.fix_missing_locations(ast.copy_location(asked, bases))
            self.found = True
        return node


def _as_classes(bases: Any) -> Any:
    return types.resolve_bases(bases) if isinstance(bases, tuple) else bases


def install(is_ours: Callable[[str], bool]) -> None:
    """Have the source of modules of the project compiled so."""
    plain = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, fullname: str) -> types.CodeType | None:
        path = self.get_filename(fullname)
        source = self.get_data(path) if is_ours(path) else b""
        if b"type(" in source or b"Meta(" in source:
            try:
                asking = _Asking()
                tree = asking.visit(ast.parse(source, path))
            except (SyntaxError, ValueError):  # to be told by who compiles it
                return plain(self, fullname)
            if asking.found:
                return compile(tree, path, "exec", dont_inherit=True)
        return plain(self, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]
    setattr(builtins, _ASK, _as_classes)
