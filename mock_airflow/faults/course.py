"""The course of one request under fault rules: what was hit, what the request finds, and what its client gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from msgspec.structs import replace
from werkzeug.datastructures import Headers, ImmutableMultiDict
from werkzeug.wrappers import Response

from mock_airflow.access.principals import Principal
from mock_airflow.answers import DELIVERY, Refusal
from mock_airflow.faults.delivery import Delivery
from mock_airflow.faults.passage import FaultySite, Passage
from mock_airflow.journal.journal import Fault

if TYPE_CHECKING:
    from mock_airflow.access.routed import RoutedRequest
    from mock_airflow.faults.rule import Rule

PATIENCE = "mock_airflow.patience"  # in the environ: seconds that a client in this process waits for an answer

CarryOut = Callable[[], Response]
Dress = Callable[[Any, Response], Response]
_UNKNOWN: Any = object()


def run(exchange: Passage, carry_out: CarryOut, dress: Dress) -> Response:
    """The answer of a request of a deployment that has fault rules; ``carry_out`` gives Airflow's own, dressed."""
    course = Course(exchange, carry_out, dress)
    deployment = course.deployment
    with deployment.lock:
        deployment.faults.remember()
        rules = deployment.faults.hit(course.concerns)
    response = course.run(rules) if rules else carry_out()
    if exchange.request.method not in ("GET", "HEAD"):
        with deployment.lock:
            deployment.faults.remember()
    return response


class Course:
    """One request under the rules that hit it. Effects read and change it; nothing here holds the deployment."""

    def __init__(self, exchange: Passage, carry_out: CarryOut, dress: Dress) -> None:
        self.exchange = exchange
        self.request: RoutedRequest = exchange.request
        self.deployment: FaultySite = exchange.deployment
        self._carry_out = carry_out
        self._dress = dress
        self._principal: Principal | None = _UNKNOWN
        self._response: Response | None = None
        self._waited = 0.0
        self._late = False
        self.delivery: Delivery | None = None
        self.number = 0  # of calls that were hit so far, this one included
        self.page: str | None = None  # in whose words a status comes
        self.lost = False  # whether Airflow's answer gets lost on its way
        self.times = 1  # how often the request is carried out
        self.reads_from: FaultySite | None = None  # the copy that answers instead
        self.altered = False  # whether the client gets something else than Airflow's answer

    # what a pattern for calls looks at

    @property
    def method(self) -> str:
        """The request's method."""
        return self.request.method

    @property
    def root(self) -> str:
        """The mount below which the path was asked for."""
        return self.request.root_path

    @property
    def path(self) -> str:
        """The request's path."""
        return self.request.path

    @property
    def query(self) -> str:
        """The request's query, as it was sent."""
        return str(self.request.environ.get("QUERY_STRING", ""))

    @property
    def operation_id(self) -> str | None:
        """The id of the operation that the request is for, if there is one."""
        operation = self.exchange.operation
        return operation.operation_id if operation is not None else None

    @property
    def principal(self) -> Principal | None:
        """Who the request comes from, None for nobody; it counts for nothing, as the real look comes later."""
        if self._principal is _UNKNOWN:
            deployment, airflow = self.deployment, self.deployment.airflow
            with deployment.lock:
                mark, drawn = len(airflow.changes), airflow.ids.drawn
                try:
                    self._principal = deployment.profile.authenticate(self.request, deployment)
                except Refusal:
                    self._principal = None
                finally:
                    airflow.undo(airflow.changes[mark:])
                    del airflow.changes[mark:]
                    airflow.ids.drawn = drawn
        return self._principal

    def concerns(self, rule: Rule) -> bool:
        """Whether a rule is for this call."""
        if rule.where.difference(self) is not None:
            return False
        if rule.principal is not None:
            who = self.principal
            if who is None or who.anonymous or rule.principal not in (who.name, who.credential_id):
                return False
        return all(effect.kind.concerns(self) for effect in rule.effects)

    def run(self, rules: list[Rule]) -> Response:
        """Let the rules' effects act around Airflow's answer; gives what is sent."""
        exchange = self.exchange
        self.number = sum(rule.fired for rule in self.deployment.faults.rules)
        acts = [effect.act(self, rule) for rule in rules for effect in rule.effects]
        for act in acts:
            next(act, None)
        if self._response is None:
            self._response = self._asked()
        for act in acts:
            next(act, None)
        exchange.faults = tuple(Fault(rule.id, rule.text) for rule in rules)
        exchange.spoiled = any(not effect.kind.delays for rule in rules for effect in rule.effects)
        if self._late:
            self.delivery = Delivery(head=False, late=True)
        if self.delivery is not None:
            self.request.environ[DELIVERY] = exchange.delivery = self.delivery
        if self.altered or self.delivery is not None:
            exchange.decision = "faulted"
        told = " ".join(f"The fault rule {rule.id} fired ({rule.text})." for rule in rules)
        exchange.why = exchange.why._replace(reason=f"{exchange.why.reason} {told}".strip())
        exchange.explain(self._response)
        return self._response

    def _asked(self) -> Response:
        """Airflow's answer, or that of the copy which stands for it."""
        try:
            if self.reads_from is not None:
                self.exchange.deployment = self.reads_from
            for _ in range(self.times - 1):
                self._carry_out().close()
            return self._carry_out()
        finally:
            self.exchange.deployment = self.deployment

    # what effects do

    def draw(self, rule: Rule, purpose: str) -> float:
        """A number from 0 to 1 for this call of the rule."""
        return rule.draw(self.deployment.airflow.ids.seed, purpose)

    def wait(self, seconds: float, *, real: bool = False) -> None:
        """Let time pass; a client in this process gives up when it has waited as long as it would.

        A request that waits is in flight. One that would be too many there is refused at once, so it does not wait.
        """
        with self.deployment.lock:
            operation = self.exchange.operation
            limited = self.deployment.limits.terms.concurrency is not None
            if limited and not self.exchange.take_place(self.principal, operation.access if operation else None):
                return
        patience: float | None = self.request.environ.get(PATIENCE)
        if patience is not None and self._waited + seconds >= patience:
            seconds, self._late = patience - self._waited, True
        self._waited += seconds
        self.request.waits()
        with self.deployment.aside():
            if real:
                self.deployment.clock.really_sleep(seconds)
            else:
                self.let_pass(seconds)

    def let_pass(self, seconds: float) -> None:
        """Let time pass; a clock that stands still moves for it, but where the setting ``read_only`` is on."""
        clock = self.deployment.clock
        if not (clock.frozen and self.deployment.settings.read_only):
            clock.sleep(seconds)

    def ask_with(self, name: str, value: str) -> None:
        """Have the request carry another value of a query parameter."""
        given = self.request.args.to_dict(flat=False) | {name: [value]}
        self.request.args = ImmutableMultiDict(given)
        self.request.query_string = urlencode(given, doseq=True).encode()

    def dress(self, response: Response) -> Response:
        """A response with what each of the deployment's own answers carries."""
        return self._dress(self.exchange, response)

    def replace(self, response: Response) -> None:
        """Answer with this, in place of Airflow."""
        if self._response is not None:
            self._response.close()  # it counts as in flight until then
        self._response, self.delivery, self.altered = response, None, True

    def silence(self, ending: Any) -> None:
        """Answer with nothing at all, in place of Airflow."""
        self.replace(Response(status=500, mimetype="text/html"))
        self.deliver(head=False, ending=ending)

    def deliver(self, **parts: Any) -> None:
        """Change how the answer goes out."""
        self.delivery = replace(self.delivery or Delivery(), **parts)

    @property
    def headers(self) -> Headers:
        """The answer's headers."""
        assert self._response is not None
        return self._response.headers

    @property
    def body(self) -> bytes:
        """The answer's body."""
        assert self._response is not None
        data: bytes = self._response.get_data()
        return data

    def put_body(self, body: bytes, content_type: str | None = None) -> None:
        """Replace the answer's body, and its type if one is given."""
        assert self._response is not None
        self._response.set_data(body)
        if content_type is not None:
            self._response.headers["Content-Type"] = content_type
        self.altered = True
