"""Which DAG is open while a file is read."""

from __future__ import annotations

import sys
from typing import Any


class DagContext:
    """The DAGs that are open, the innermost last, and those that were, which count without a name in the file."""

    stack: list[Any] = []
    autoregistered: list[tuple[Any, Any]] = []
    module_name: str | None = None

    @classmethod
    def push_context_managed_dag(cls, dag: Any) -> None:
        """Open a DAG."""
        cls.stack.append(dag)

    @classmethod
    def pop_context_managed_dag(cls) -> Any:
        """Close the innermost DAG."""
        dag = cls.stack.pop()
        if cls.module_name is not None and dag.auto_register:
            module = sys.modules.get(cls.module_name)
            if module is not None and (dag, module) not in cls.autoregistered:
                cls.autoregistered.append((dag, module))
        return dag

    @classmethod
    def get_current_dag(cls) -> Any:
        """The innermost DAG that is open."""
        return cls.stack[-1] if cls.stack else None
