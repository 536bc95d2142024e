"""The operations of one API.

The routes, the permission matrix, the documents that we serve, the coverage page and the tests' parameters are all read
from these tables, which the decorators over the handlers fill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, TypeVar

from mock_airflow.api.dialect import Dialect
from mock_airflow.api.operation import Handler, Operation
from mock_airflow.settings import Settings

H = TypeVar("H", bound=Handler)


class Api:
    """The operations of one API, by operation id.

    ``dialect`` is how it takes requests in and words its errors; the control API, which is no Airflow's, has none.
    ``switch`` names the setting that turns it on; None for an API that is always there. ``filled_by`` is the module
    that describes its operations, imported when somebody looks at them, of an API that few ask for. ``converters`` are
    werkzeug's, by the names in its paths that are not a text without slashes.
    """

    def __init__(
        self,
        name: str,
        prefix: str,
        title: str = "",
        dialect: Dialect | None = None,
        switch: str | None = None,
        filled_by: str | None = None,
        converters: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.prefix, self.title, self.dialect, self.switch = name, prefix, title, dialect, switch
        self._operations: dict[str, Operation] = {}
        self._filled_by = filled_by
        self._converters = converters or {}

    @property
    def operations(self) -> dict[str, Operation]:
        """All of them."""
        if self._filled_by is not None:
            import_module(self._filled_by)  # nothing happens where that is done
        return self._operations

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations.values())

    @property
    def is_apart(self) -> bool:
        """Whether few ask for it, so that it is made ready when somebody does."""
        return self._filled_by is not None

    def covers(self, path: str) -> bool:
        """Whether the path is the API's, existing or not; without a prefix it has nothing but its operations."""
        return bool(self.prefix) and path.startswith(self.prefix)

    def served(self, settings: Settings) -> bool:
        """Whether a deployment with these settings has it."""
        return self.switch is None or bool(getattr(settings, self.switch))

    def tagged(self, tag: str) -> Callable[..., Callable[[H], H]]:
        """The decorator for one tag's module: method and path, then whatever an Operation has by name.

        The handler's name is the operation id where none is given; ``event=True`` takes that for the audit log too.
        ``query`` takes the parameters in a row; they are kept by their names.
        """

        def operation(
            method: str,
            path: str,
            operation_id: str | None = None,
            *,
            query: Iterable[Any] = (),
            event: str | bool = False,
            converters: Mapping[str, str] | None = None,
            **facts: Any,
        ) -> Callable[[H], H]:
            def register(handler: H) -> H:
                name = operation_id or handler.__name__
                known = {**self._converters, **(converters or {})}
                assert name not in self._operations, f"{name} is described twice"
                self._operations[name] = Operation(
                    method,
                    path,
                    name,
                    tag,
                    handler,
                    query={parameter.name: parameter for parameter in query},
                    event=name if event is True else event or None,
                    converters={each: kind for each, kind in known.items() if f"{{{each}}}" in path},
                    **facts,
                )
                return handler

            return register

        return operation
