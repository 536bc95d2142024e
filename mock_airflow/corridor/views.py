"""The views: what is done with a request whose path led to an operation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from mock_airflow.access.principals import NOBODY
from mock_airflow.answers import Answer, ApiProblem, Oops, Refusal
from mock_airflow.api.api import Api
from mock_airflow.api.dialect import Dialect
from mock_airflow.api.openapi import served
from mock_airflow.api.operation import Call, Operation
from mock_airflow.control.api import DEPLOYMENTS
from mock_airflow.control.guard import refuse_change
from mock_airflow.corridor.answers import response_of
from mock_airflow.corridor.exchange import Exchange
from mock_airflow.domain.errors import DomainError
from mock_airflow.errors import DatabaseError, MockAirflowError
from mock_airflow.storage.on_demand import on_demand

if TYPE_CHECKING:
    from mock_airflow.control import call as control_call, reading
    from mock_airflow.corridor import read_only
else:
    control_call, reading = on_demand("mock_airflow.control", "call", "reading")
    (read_only,) = on_demand("mock_airflow.corridor", "read_only")

View = Callable[..., Response]


def view_of(operation: Operation, dialect: Dialect) -> View:
    """The view of an operation of Airflow's."""

    def view(exchange: Exchange, **path: Any) -> Response:
        exchange.operation = operation
        if exchange.deployment.dag_folder is not None:
            exchange.deployment.dag_folder.catch_up(exchange.deployment)
        with exchange:
            exchange.deployment.settle_in_slices(exchange.collect)
            try:
                answer = _carry_out(dialect.take_in(operation, exchange, path), dialect)
                exchange.page, exchange.harmless = answer.page, answer.harmless
                if answer.refusal is not None:
                    exchange.refused(answer.refusal)
            except Refusal as refusal:
                answer = exchange.refused(refusal)
            except ApiProblem as problem:
                answer = exchange.problem(problem)
            except Oops as oops:
                answer = exchange.oops(oops, dialect)
            except RecursionError:
                answer = exchange.oops(Oops("A value is nested too deep to be worked on."), dialect)
            if exchange.deployment.settings.read_only:
                read_only.forget_attempts(exchange.deployment.airflow)
        return response_of(answer)

    return view


def _carry_out(call: Call, dialect: Dialect) -> Answer:
    """The handler's answer. What it changed is taken back when it refuses or fails."""
    airflow = call.airflow
    mark = len(airflow.changes)
    try:
        return read_only.answered(call) if call.settings.read_only else call.operation.answered(call)
    except BaseException as error:
        if isinstance(error, Refusal) and error.changes_stay:
            raise
        airflow.undo(airflow.changes[mark:])
        del airflow.changes[mark:]
        if isinstance(error, DomainError):
            raise dialect.worded(error, call) from None
        raise


def control_view(operation: Operation) -> View:
    """The view of an operation of our own."""

    def view(exchange: Exchange, **path: Any) -> Response:
        deployment, request = exchange.deployment, exchange.request
        try:
            if deployment.settings.read_only and operation.method != "GET":
                raise refuse_change(f"This {operation.method} to the control API would change something")
            body = reading.read_body(operation.body, request) if operation.body is not None else None
            query = reading.read_query(operation.query, request.args.to_dict(flat=False))
            call = control_call.ControlCall(
                operation, deployment, NOBODY, path, query, body, request.headers, sent=request
            )
            with nullcontext() if operation.tag == DEPLOYMENTS else deployment.lock:  # those are beside this one
                return response_of(operation.answered(call))
        except DatabaseError as error:
            from mock_airflow.corridor.shared import unavailable

            return unavailable(str(error))
        except MockAirflowError as error:
            return response_of(exchange.problem(reading.refused(str(error))))
        except ApiProblem as problem:
            return response_of(exchange.problem(problem))
        except Oops as oops:
            return response_of(exchange.problem(reading.refused(oops.detail)))

    return view


def document_view(api: Api, telling: served.Telling) -> View:
    """The view of what an API tells of itself."""
    return lambda exchange: response_of(telling(api, exchange))


def take_body(exchange: Exchange) -> None:
    """Read the body, before anything is locked, as its client may take its time. Raises RequestEntityTooLarge.

    One that came in chunks is not refused but cut, since nothing announced its length (observed).
    """
    request, environ = exchange.request, exchange.request.environ
    longest = exchange.dialect.longest_body(exchange.deployment.settings) if exchange.dialect else None
    if longest is not None:
        request.max_content_length = longest
        if environ.get("mock_airflow.chunked") and int(environ["CONTENT_LENGTH"]) > longest:
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(longest))
            environ["CONTENT_LENGTH"] = str(longest)
    request.get_data(cache=True)
