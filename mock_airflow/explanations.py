"""What a status or a profile means here, what causes it, and how to see it happen: the texts of `mock-airflow explain`.

Every call is run by a test against a server with the options beside it, and has to be answered as it says.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

_WIDTH = 96
_API = "http://127.0.0.1:8080/api/v1"
_CONTROL = "http://127.0.0.1:8080/__mock__"
_ADMIN = "-u admin:admin"
_JSON = "-H 'Content-Type: application/json'"
_RUNS = f"{_API}/dags/bad_variable_usage/dagRuns"
_KEY = "my-secret-key-0001"
_TOKEN = f"-H 'Authorization: Token {_KEY}'"

_REASON = f"""\
  curl {_CONTROL}/journal       decision, reason and would_pass of each request
  mock-airflow serve --set explain_header=true      the reason in the header X-Mock-Airflow-Reason
  mock-airflow serve --verbose                      the reason in a line per request, on stderr
  The answer's body never changes by this: it stays what a real server sends."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One screen. ``calls`` are curl commands with the status that each is answered with, for a demo world.

    The server runs with ``options``; each of ``elsewhere`` is the same for a server with other options.
    """

    title: str
    meaning: str
    causes: tuple[str, ...]
    options: str = ""
    calls: tuple[tuple[str, int], ...]
    elsewhere: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()


EXPLANATIONS = {
    "400": Explanation(
        title="400 Bad Request: the shape of the request is wrong",
        meaning="Airflow 2 looks at body and query before it asks who is calling. So a wrong parameter is a 400 even"
        " without a credential, and a 400 says nothing about whether the credential is good. Behind a vendor's gate the"
        " credential comes first.",
        causes=(
            "A query parameter that the operation does not have: null title, 'Extra query parameter(s) ... not in"
            " spec'. Operations without any parameter ignore it.",
            "A value of the wrong type (limit=abc), below its minimum, or a date without a time zone.",
            "A body that is empty, is not JSON, is no object, or has a field of the wrong type.",
            "After the credential was checked: an unknown field, a missing one, a conf that does not fit the DAG's"
            " params, an order_by that is not allowed, a negative limit.",
        ),
        calls=(
            (f"curl '{_API}/dags?bogus=1'", 400),
            (f"curl {_ADMIN} '{_API}/dags?limit=-1'", 400),
            (f"curl {_ADMIN} {_JSON} -d '{{broken' {_RUNS}", 400),
        ),
    ),
    "401": Explanation(
        title="401 Unauthorized: no credential that is known",
        meaning="A stock Airflow 2 (since 2.9.1) never says 401. A request without a valid credential acts as the role"
        " Public, which may do nothing, and so gets a 403. Only with AUTH_ROLE_PUBLIC unset does Airflow answer 401, as"
        " problem+json and without a WWW-Authenticate header. A vendor's gate does answer 401, in its own words:"
        " datacoves with WWW-Authenticate: Token.",
        causes=(
            "No Authorization header, or one with another scheme than the profile reads.",
            "An unknown user or a wrong password; a user who is not active.",
            "No basic_auth among auth_backends: then nobody looks at the header.",
            "datacoves: a key that is unknown, revoked or expired, or a header without a key after Token.",
        ),
        options="--set auth_role_public=",
        calls=((f"curl {_API}/dags", 401), (f"curl -u admin:wrong {_API}/dags", 401)),
        elsewhere=(("--profile datacoves", ((f"curl -H 'Authorization: Token wrong' {_API}/dags", 401),)),),
    ),
    "403": Explanation(
        title="403 Forbidden: known or not, this one may not do that",
        meaning="The roles of whoever calls lack a permission that the operation demands; `mock-airflow routes` lists"
        " them. A stock Airflow 2 also answers a missing or wrong credential with 403, since such a request acts as the"
        " role Public. The detail is null in both cases, so only the reason tells them apart. Permission is looked at"
        " before existence: a Viewer who triggers an unknown DAG gets 403, not 404.",
        causes=(
            "No credential or a wrong one, in a stock set-up (see `mock-airflow explain 401`).",
            "Viewer changes anything; User touches pools, variables or connections; Op touches users or roles.",
            "A key whose scope maps to a lesser role: read-only acts as Viewer, read-write as User.",
            "The control API (/__mock__) is called from another machine, or by a name it does not know.",
        ),
        options="--user vera:vera:Viewer",
        calls=(
            (f"curl {_API}/dags", 403),
            (f"curl -u vera:vera {_API}/dags", 200),
            (f"curl -u vera:vera {_JSON} -d '{{}}' {_RUNS}", 403),
        ),
    ),
    "404": Explanation(
        title="404 Not Found: there is no such path, or no such thing",
        meaning="Two kinds. An unknown path has the type about:blank and the detail 'The requested URL was not found on"
        " the server...', with or without a credential. A known path with an unknown name has a type that ends in"
        " NotFound, and each operation words it in its own way.",
        causes=(
            "A slash at the end of the path: /dags/ is not /dags.",
            "A wrong DAG, run, task, pool or dataset; a number in the path that is no number.",
            "A mapped task instance without its map_index.",
            "No cause: a list below an unknown DAG or run is 200 and empty, not 404.",
            "A slash within a name, raw or as %2F, which parts the path (datasets' URIs may have them).",
        ),
        calls=(
            (f"curl {_ADMIN} {_API}/dags/", 404),
            (f"curl {_ADMIN} {_API}/dags/nope", 404),
            (f"curl {_ADMIN} {_API}/dags/nope/dagRuns", 200),
        ),
    ),
    "405": Explanation(
        title="405 Method Not Allowed: the path exists, but not with this method",
        meaning="The router answers, before a body or credential is looked at: type about:blank, and no Allow header,"
        " which a real Airflow 2 does not send either. OPTIONS on the path does list its methods in Allow.",
        causes=(
            "PUT where Airflow 2 has PATCH, or POST on a path that can only be read.",
            "A client made for /api/v2 (Airflow 3) that is pointed at /api/v1.",
        ),
        calls=((f"curl -X PUT {_API}/dags", 405), (f"curl -X OPTIONS {_API}/dags", 200)),
    ),
    "409": Explanation(
        title="409 Conflict: it is there already",
        meaning="Something is created under a name that is taken. For runs the logical date is such a name too, and is"
        " looked at first: two runs of a DAG cannot have the same one. What is created with success is answered with"
        " 200, never with 201.",
        causes=(
            "A trigger is repeated with the same dag_run_id or logical_date, as a client does that retries a POST"
            " whose answer it did not see.",
            "A pool with a name that exists. (A variable is overwritten instead.)",
        ),
        calls=(
            (f'curl {_ADMIN} {_JSON} -d \'{{"dag_run_id": "once"}}\' {_RUNS}', 200),
            (f'curl {_ADMIN} {_JSON} -d \'{{"dag_run_id": "once"}}\' {_RUNS}', 409),
        ),
    ),
    "415": Explanation(
        title="415 Unsupported Media Type: the body does not say that it is JSON",
        meaning="An operation with a body wants the content type application/json, or any that ends in +json. This is"
        " looked at before the credential. The detail names the type that came; a missing one is shown as ().",
        causes=(
            "curl -d without a Content-Type header: curl then says application/x-www-form-urlencoded.",
            "requests.post(url, data=json.dumps(...)) instead of requests.post(url, json=...).",
        ),
        calls=((f"curl {_ADMIN} -d '{{}}' {_RUNS}", 415), (f"curl {_ADMIN} {_JSON} -d '{{}}' {_RUNS}", 200)),
    ),
    "429": Explanation(
        title="429 Too Many Requests: the limit is used up",
        meaning="Airflow itself has no such limit; vendors' gates do. It is off until --rate-limit or --burst is given."
        " Each credential has a bucket of its own that fills up evenly on the deployment's clock. Retry-After tells the"
        " whole seconds until a request passes again. Moving the clock forward passes that time without waiting.",
        causes=(
            "More requests than the limit allows in its period, or more at once than the burst allows.",
            "Not counted: requests without a credential, /health and /version without a gate, and /__mock__.",
            "Mind that urllib3, and so apache-airflow-client, sleeps for Retry-After and repeats a GET three times by"
            " itself; requests and httpx do not.",
        ),
        options="--rate-limit 2/minute",
        calls=(
            (f"curl {_ADMIN} {_API}/dags", 200),
            (f"curl {_ADMIN} {_API}/dags", 200),
            (f"curl {_ADMIN} {_API}/dags", 429),
            (f"curl {_JSON} -d '{{\"seconds\": 60}}' {_CONTROL}/clock/advance", 200),
            (f"curl {_ADMIN} {_API}/dags", 200),
        ),
    ),
    "500": Explanation(
        title="500 Internal Server Error: a real Airflow fails here too",
        meaning="Some requests make a real Airflow 2 fall over, and it answers an HTML page ('Ooops!') that no JSON"
        " parser reads. The same requests get the same page here, so that a client meets it in a test first. With"
        " airflow_bugs=false they are a plain 400 instead. A fault of this program is a 500 as well; the journal then"
        " says that mock-airflow itself failed, and stderr has the traceback.",
        causes=(
            "PATCH of a DAG or of a run, or setNote, with the body {}.",
            "A run id with a space or a slash in it.",
            "Task instances filtered by an unknown state (a shorter page, of the server in front).",
            "A pool that is renamed to a name that exists.",
        ),
        calls=((f"curl {_ADMIN} -X PATCH {_JSON} -d '{{}}' {_API}/dags/bad_variable_usage", 500),),
        elsewhere=(
            (
                "--set airflow_bugs=false",
                ((f"curl {_ADMIN} -X PATCH {_JSON} -d '{{}}' {_API}/dags/bad_variable_usage", 400),),
            ),
        ),
    ),
    "airflow2": Explanation(
        title="Profile airflow2: an Airflow 2 of one's own",
        meaning="Basic authentication and the roles Admin, Op, User, Viewer and Public, checked in the order of a real"
        " server: route and method (404, 405), shape of body and query (415, 400), credential (403; 401 with"
        " auth_role_public unset), rate limit, permission (403), existence and meaning (404, 409, 400).",
        causes=(
            "Open to everybody: /api/v1/health, /api/v1/version and /health.",
            "Real servers have session authentication only, until [api] auth_backends is changed; here basic_auth is"
            " on. --set auth_backends=session shows the difference: a right password gets 403.",
            "Users: --user name:password:Role, repeated as needed; without any, an admin is made and printed.",
            "Each request with a valid password counts as a login of the user.",
        ),
        options="--user vera:vera:Viewer",
        calls=(
            (f"curl {_API}/health", 200),
            (f"curl {_API}/dags", 403),
            (f"curl -u vera:vera {_API}/dags", 200),
            (f"curl -u vera:vera -X DELETE {_API}/dags/bad_variable_usage", 403),
        ),
        elsewhere=(("--set auth_backends=session", ((f"curl {_ADMIN} {_API}/dags", 403),)),),
    ),
    "datacoves": Explanation(
        title="Profile datacoves: My Airflow and Team Airflow",
        meaning="A gate in front of an ordinary Airflow 2 reads Authorization: Token <key>, and no other scheme. Every"
        " path needs the key, /health included, and the gate answers before Airflow does: an unknown path without a key"
        " is 401. The header, the variables and that a key is shown once are documented; the gate's refusals are not,"
        " and follow Django REST framework.",
        causes=(
            "The documented URL ends in a slash and the sample script joins '/dags' to it. Airflow answers"
            " /api/v1//dags with 308 to the merged path; requests follows, httpx and curl without -L do not.",
            "A key's first eight characters name it; only they are kept in the clear.",
            "Keys: --key SECRET:SCOPE with read-only (acts as Viewer), read-write (User) or admin; later with"
            " `mock-airflow keys create`, revoke and rotate.",
            "Variables: MY_AIRFLOW_API_URL and MY_AIRFLOW_API_KEY; for Team Airflow AIRFLOW_API_URL and"
            " DATACOVES_API_KEY. serve prints them.",
        ),
        options=f"--profile datacoves --key {_KEY}:read-only",
        calls=(
            (f"curl {_API}/health", 401),
            (f"curl {_TOKEN} {_API}/dags", 200),
            (f"curl {_TOKEN} {_API}//dags", 308),
            (f"curl -H 'Authorization: Bearer {_KEY}' {_API}/dags", 401),
            (f"curl {_TOKEN} {_JSON} -d '{{}}' {_RUNS}", 403),
        ),
    ),
}


def screen(topic: str) -> str:
    """The text on a topic, as one screen."""
    told = EXPLANATIONS[topic]
    parts = [told.title, "", textwrap.fill(told.meaning, _WIDTH), ""]
    parts += ["What causes it" if topic.isdigit() else "What to know", ""]
    parts += [textwrap.fill(cause, _WIDTH, initial_indent="  - ", subsequent_indent="    ") for cause in told.causes]
    parts += ["", "See it happen"]
    for options, calls in ((told.options, told.calls), *told.elsewhere):
        parts += ["", f"  mock-airflow serve {options}".rstrip()]
        for call, status in calls:
            parts += [f"  {call}", f"      is answered with {status}"]
    return "\n".join([*parts, "", "See the reason", "", _REASON])
