"""What an operation is, and the table of all of them.

An operation is described once, by the decorator over its handler. The routes, the permission matrix, the documents that
we serve, the coverage page and the tests' parameters are all read from the tables that the decorators fill.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct, field

from mock_airflow.access.permissions import Access, permitted_dags
from mock_airflow.access.principals import Principal
from mock_airflow.answers import JSON, NO_CONTENT, Answer, Oops
from mock_airflow.api.airflow2.json_text import text_of
from mock_airflow.api.airflow2.parameters import order_from, page_limit
from mock_airflow.api.airflow2.problems import Words, bad_request
from mock_airflow.api.airflow2.schema import Schema
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.errors import DomainError
from mock_airflow.domain.query import Page, paged
from mock_airflow.errors import LoadError
from mock_airflow.journal.redaction import may_hold_secrets

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site
    from mock_airflow.settings import Settings


R = TypeVar("R")

# Whether Airflow's own error page or the web server's appears differs by handler, without a rule that could be seen.
_PAGE_ON_OVERFLOW = frozenset({"DAG", "DagWarning", "Permission", "Role", "User"})


class Call(Struct, frozen=True):
    """One request on its way through a handler: everything it may look at.

    ``path`` and ``query`` hold parsed values by name, ``body`` the parsed JSON (None without one). ``origin`` is under
    which scheme, host and port a vendor's endpoint was called, for links in its answer.
    """

    operation: Operation
    deployment: Site
    principal: Principal
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any
    headers: Headers
    origin: str = ""
    sent: Request | None = None

    @property
    def request(self) -> Request:
        """The request itself; only a vendor's endpoint has it, to read a credential wherever the vendor does."""
        assert self.sent is not None
        return self.sent

    @property
    def airflow(self) -> Airflow:
        """The Airflow that is called."""
        return self.deployment.airflow

    @property
    def settings(self) -> Settings:
        """How the deployment behaves."""
        return self.deployment.settings

    def load(
        self, schema: Schema | None = None, *, partial: bool = False, title: str = "Bad Request"
    ) -> dict[str, Any]:
        """The body read by a schema (the operation's own). Raises Problem in marshmallow's words."""
        try:
            return (schema or self.operation.body_schema).load(self.body, partial=partial)
        except LoadError as error:
            raise bad_request(str(error), title=title) from None

    @property
    def limit(self) -> int:
        """The ``limit`` that counts after the configured caps. Raises Problem for a negative one."""
        return page_limit(
            self.query["limit"], self.settings.maximum_page_limit, self.settings.fallback_page_limit or 100
        )

    @property
    def offset(self) -> int | None:
        """The ``offset``; one beyond 64 bits makes the database fail (observed). Raises Oops."""
        return self._in_64_bits(self.query, "offset")

    @property
    def uncapped_limit(self) -> int:
        """The ``limit`` of the lists whose limit is not capped: negative means none (observed). Raises Oops."""
        limit = self._in_64_bits(self.query, "limit")
        assert limit is not None
        return limit

    def page(
        self,
        rows: Iterable[R],
        default: str,
        allowed: Iterable[str],
        renamed: Mapping[str, str] | None = None,
        *,
        total: int | None = None,
    ) -> Page[R]:
        """The page that ``limit``, ``order_by`` and ``offset`` ask for; they are refused in this order.

        ``default`` is the order out of the box, ``allowed`` are the fields to order by, ``renamed`` tells the attribute
        of one that goes by another name. Raises Problem, or Oops.
        """
        limit, order = self.limit, order_from(self.query.get("order_by", default), allowed, renamed)
        return paged(rows, total=total, order=order, offset=self.offset, limit=limit)

    def page_of(self, form: Mapping[str, Any]) -> tuple[int, int]:
        """Offset and limit that a list's form asks for, neither of them capped (observed). Raises Oops (code)."""
        offset, limit = self._in_64_bits(form, "page_offset"), self._in_64_bits(form, "page_limit")
        return offset or 0, 100 if limit is None else limit

    def _in_64_bits(self, values: Mapping[str, Any], name: str) -> int | None:
        value: int | None = values.get(name)
        if value is not None and not -(1 << 63) <= value < 1 << 63:
            raise Oops(f"The database takes no {name} beyond 64 bits.", bare=not self._knows_its_user)
        return value

    @property
    def _knows_its_user(self) -> bool:
        """Whether Airflow has loaded by now what the user may see; without it, its error page fails too (observed)."""
        over_dags = self.path.get("dag_id") == "~" or self.operation.path.startswith("/dags/~/")
        return over_dags or self.operation.tag in _PAGE_ON_OVERFLOW

    def permitted_dags(self, *actions: str) -> Callable[[str], bool] | None:
        """Which DAGs this principal's lists may show; None for all."""
        return permitted_dags(self.principal.permissions, *actions)

    def one(self, schema: Schema, row: Any, only: frozenset[str] | None = None) -> Answer:
        """The answer with one record."""
        return Answer(schema.text(row, self.airflow, only) + "\n")

    def collection(self, name: str, schema: Schema, page: Page[Any], only: frozenset[str] | None = None) -> Answer:
        """The answer with a page of records under ``name``, and ``total_entries``."""
        return Answer(schema.page(name, page, self.airflow, only), page=(len(page.rows), page.total_entries))

    def listing(self, name: str, schema: Schema, rows: Iterable[Any]) -> Answer:
        """The answer with records under ``name`` and nothing else."""
        return Answer(f'{{\n  "{name}": {schema.list_text(rows, self.airflow)}\n}}\n')


Handler = Callable[..., Answer | None]  # of one Call; None where there is nothing to tell


class Operation(Struct, frozen=True, dict=True):
    """One operation of an API: everything that is known of it before a request comes.

    ``path`` is the template below the API's prefix, in OpenAPI's form. ``access`` is None where everybody may come in.
    ``event`` is the name under which a call is written to the audit log, None where it is not. What is sent to and
    answered by a ``confidential`` one can hold secrets under any name, so the journal keeps neither. For documents
    only: ``listed`` names the answer's list (Airflow 2), ``or_answer`` is what some calls are answered with instead,
    ``media`` the content types that a client may choose from, ``conflicts`` tells that a 409 is possible, and
    ``refuses`` with which statuses Airflow 3 refuses beside 400, 401, 403 and 422: unless told otherwise with 404 where
    the path names something; ``headers`` are those that it reads. ``in_path`` are types of names in its path that are
    not as elsewhere. ``there`` is asked before a body is read, and raises where what the path names does not exist.
    Answers of Airflow 3 are told by name, as to import what they look like takes time
    that only a document needs.
    """

    method: str
    path: str
    operation_id: str
    tag: str
    handler: Handler
    access: Access | None
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    answer: Schema | str | None = None
    or_answer: Schema | str | None = None
    listed: str | None = None
    media: tuple[str, ...] = (JSON,)
    conflicts: bool = False
    refuses: tuple[int, ...] | None = None
    headers: tuple[Any, ...] = ()
    in_path: Mapping[str, Any] = field(default_factory=dict)
    there: Callable[[Call], object] | None = None
    words: Mapping[type[DomainError], Words] = field(default_factory=dict)
    event: str | None = None
    success: int = 200
    converters: Mapping[str, str] = field(default_factory=dict)
    confidential: bool = False

    def answered(self, call: Call) -> Answer:
        """What its handler answers to a call; no content where that has nothing to tell."""
        return self.handler(call) or NO_CONTENT

    @property
    def summary(self) -> str:
        """Its handler's docstring, the first line."""
        return (self.handler.__doc__ or "").strip().split("\n")[0]

    @property
    def body_schema(self) -> Schema:
        """The schema of its body; only for operations of Airflow 2 that have one."""
        assert isinstance(self.body, Schema)
        return self.body

    @cached_property
    def body_fields(self) -> frozenset[str]:
        """The names that its body may have: of a schema (Airflow 2) or of a model (Airflow 3)."""
        if isinstance(self.body, Schema):
            return frozenset(self.body.fields)
        fields = getattr(self.body, "model_fields", {})
        return frozenset([*fields, *(field.alias for field in fields.values() if field.alias)])

    @property
    def path_names(self) -> list[str]:
        """The names in its path, in order."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def strict(self) -> bool:
        """Whether undeclared query parameters are refused: only where any parameter is declared at all (observed)."""
        return bool(self.query or self.path_names)

    @cached_property
    def answer_is_harmless(self) -> bool:
        """Whether its answer has only fields that never hold a secret."""
        answer = self.answer
        return isinstance(answer, Schema) and not any(may_hold_secrets(schema.fields) for schema in answer.parts())

    @cached_property
    def _shape(self) -> re.Pattern[str]:
        parts = re.split(r"{(\w+)}", self.path)
        names = [".*" if self.converters.get(name) == "anything" else "[^/]+" for name in parts[1::2]]
        texts = [re.escape(text) for text in parts[0::2]]
        return re.compile("".join(text + name for text, name in zip(texts, [*names, ""], strict=True)))

    def fits(self, path: str) -> bool:
        """Whether a path below the API's prefix is this operation's."""
        return self._shape.fullmatch(path) is not None

    def rule(self) -> str:
        """The path in werkzeug's form."""

        def converted(match: re.Match[str]) -> str:
            name = match[1]
            converter = self.converters.get(name)
            return f"<{converter}:{name}>" if converter else f"<{name}>"

        return re.sub(r"{(\w+)}", converted, self.path)


def json_answer(value: Any, status: int = 200) -> Answer:
    """Any value as an answer in Airflow's layout."""
    return Answer(text_of(value) + "\n", status)
