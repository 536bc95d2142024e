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
_DEEPEST = 3  # collections in one another that a module can be for


class Api:
    """The operations of one API, by operation id.

    ``dialect`` is how it takes requests in and words its errors; the control API, which is no Airflow's, has none.
    ``switch`` names the setting that turns it on; None for an API that is always there. ``filled_by`` are the modules
    that describe its operations, in their order, each with the collections that its paths are in ("" for all paths):
    one is imported when somebody asks for a path in such a collection. ``converters`` are werkzeug's, by the names in
    its paths that are not a text without slashes.
    """

    def __init__(
        self,
        name: str,
        prefix: str,
        title: str = "",
        dialect: Dialect | None = None,
        switch: str | None = None,
        filled_by: Mapping[str, str] | None = None,
        converters: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.prefix, self.title, self.dialect, self.switch = name, prefix, title, dialect, switch
        self._operations: dict[str, Operation] = {}
        self._filled_by = {module: names.split(" ") for module, names in (filled_by or {}).items()}
        self._collections = {name for names in self._filled_by.values() for name in names}
        self._is_whole = filled_by is None
        self._converters = converters or {}

    @property
    def operations(self) -> dict[str, Operation]:
        """All of them."""
        if not self._is_whole:
            for module in self._filled_by:
                import_module(module)
            at = {module: number for number, module in enumerate(self._filled_by)}
            ordered = sorted(self._operations.items(), key=lambda item: at.get(item[1].handler.__module__, 0))
            self._operations = dict(ordered)
            self._is_whole = True
        return self._operations

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations.values())

    @property
    def is_apart(self) -> bool:
        """Whether its operations are described when somebody asks for them."""
        return bool(self._filled_by)

    def collection_of(self, path: str) -> str:
        """The innermost collection that a path below the prefix is in, of those that modules are named for.

        Airflow's paths lead from a collection to one of its items, and on to a collection of that one's, so that
        ``/dags/etl/dagRuns/one/clear`` is in ``dags/dagRuns``.
        """
        words = path.split("/")[1::2]
        chains = ("/".join(words[:depth]) for depth in range(min(len(words), _DEEPEST), 0, -1))
        return next((chain for chain in chains if chain in self._collections), "")

    def within(self, collection: str) -> Iterator[Operation]:
        """The operations on paths in a collection, and in none further in."""
        for module, collections in self._filled_by.items():
            if collection in collections:
                import_module(module)
        return (each for each in [*self._operations.values()] if self.collection_of(each.path) == collection)

    def _is_found(self, path: str, module: str) -> bool:
        """Whether whoever asks for a path is led to the module that describes it."""
        collection = self.collection_of(path)
        further_in = any(each.startswith(f"{collection}/") for each in self._collections)
        named = any(word.startswith("{") for word in path.split("/")[1::2][:_DEEPEST])
        return collection in self._filled_by.get(module, [""]) and not (collection and named and further_in)

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
                assert self._is_found(path, handler.__module__), f"{path} is in no collection that its module is for"
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
