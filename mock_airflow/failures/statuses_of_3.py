"""What a status means with an Airflow 3, what causes it, and how to see it happen."""

from __future__ import annotations

from mock_airflow.failures.statuses import STATUSES
from mock_airflow.profiles.explanation import API2, HOST, JSON, RUNS2, Explanation

_PAIR = '{"username": "admin", "password": "admin"}'
_SIGNED_IN = f"""-H "Authorization: Bearer $(curl -s {JSON} -d '{_PAIR}' {HOST}/auth/token | cut -d '"' -f 4)\""""
_VERA = _SIGNED_IN.replace("admin", "vera")
_OPTIONS = "--airflow-version 3.3.2"
_OPEN = f"{_OPTIONS} --set simple_auth_manager_all_admins=true"  # so that the calls need no token
_LIMITED = STATUSES["429"]

STATUSES_OF_3 = {
    "400": Explanation(
        title="400 Bad Request: read, but not to be done",
        meaning="With Airflow 3 a body or a parameter of the wrong form is a 422. A 400 says that each value was"
        " readable and that together, or for this DAG, they make no sense. The detail is one sentence.",
        causes=(
            "An order_by that the list does not have, or more than ten of them.",
            "A cursor that is not one of this API's.",
            "A conf that does not fit the DAG's params; a run id that does not match the allowed pattern.",
            "POST /auth/token with an empty name or password.",
        ),
        options=_OPEN,
        calls=(
            (f"curl '{API2}/dags?order_by=bogus'", 400),
            (f"curl '{API2}/dags/~/dagRuns?cursor=bogus'", 400),
        ),
    ),
    "401": Explanation(
        title="401 Unauthorized: no token, or one whose time is over",
        meaning="The detail is 'Not authenticated' where no bearer token was sent and 'Token Expired' where it ended;"
        " no WWW-Authenticate header comes with it. A token that is wrong in any other way is a 403. Basic"
        " authentication counts as no token. POST /auth/token answers 401 to a wrong password.",
        causes=(
            "No Authorization header, one with another scheme than Bearer, Bearer with nothing behind it.",
            "A token older than jwt_expiration_time (24 hours; 1 hour from /auth/token/cli), with 10 s of grace.",
            "A client for Airflow 2 that sends a name and a password.",
        ),
        options=_OPTIONS,
        calls=(
            (f"curl {API2}/dags", 401),
            (f"curl -u admin:admin {API2}/dags", 401),
            (f"curl {_SIGNED_IN} {API2}/dags", 200),
        ),
    ),
    "403": Explanation(
        title="403 Forbidden: a token that does not count, or a role that is too low",
        meaning="'Invalid JWT token' is said of a token that is no token, is signed with another key, or was revoked by"
        " logging out; 'Forbidden' of a good one whose role may not do that. Permission is looked at before the request"
        " itself and before existence: a viewer never sees the 422 or the 404.",
        causes=(
            "A viewer changes anything; a user touches connections, variables, pools or assets.",
            "A token made before the server's jwt_secret was another one (each mock has its own, unless it is set).",
            "The control API (/__mock__) is called from another machine, or by a name it does not know.",
        ),
        options=f"{_OPTIONS} --user vera:vera:Viewer --user admin:admin:Admin",
        calls=(
            (f"curl -H 'Authorization: Bearer wrong' {API2}/dags", 403),
            (f"curl {_VERA} {API2}/dags", 200),
            (f"curl {_VERA} {JSON} -d '{{}}' {RUNS2}", 403),
        ),
    ),
    "404": Explanation(
        title="404 Not Found: there is no such path, or no such thing",
        meaning='Two kinds. An unknown path is {"error": "API route not found"} (the key is error), without a look at'
        ' the token. An unknown name on a known path is {"detail": "..."}, in words of each operation\'s own.',
        causes=(
            "/api/v1/...: it is gone in Airflow 3; `mock-airflow explain METHOD /api/v1/...` names the successor.",
            "/health: it is /api/v2/monitor/health now.",
            "A slash at the end of the path, two in a row, or %2F in an id.",
            "GET on a path that knows other methods only; any other method there is a 405.",
            "A list below an unknown DAG or run, which was 200 and empty in Airflow 2.",
        ),
        options=_OPEN,
        calls=(
            (f"curl {API2}/dags/", 404),
            (f"curl {HOST}/api/v1/dags", 404),
            (f"curl {API2}/dags/nope/dagRuns", 404),
        ),
    ),
    "405": Explanation(
        title="405 Method Not Allowed: the path exists, but not with this method",
        meaning="The router answers, before token and body are looked at. The Allow header names one method only, that"
        " of the path's first route, though there may be more. Any method but GET on a path that does not exist is a"
        " 405 as well, with Allow: GET. HEAD, OPTIONS and TRACE are 405 everywhere.",
        causes=(
            "POST, PUT, PATCH or DELETE with a spelling mistake in the path: a 405 here is often a 404.",
            "PUT where Airflow has PATCH.",
        ),
        options=_OPEN,
        calls=((f"curl -X PUT {API2}/dags", 405), (f"curl -X POST {API2}/no-such-path", 405)),
    ),
    "406": Explanation(
        title="406 Not Acceptable: there is no such form of the answer",
        meaning="Only three kinds of operations look at Accept: config and dagSources have application/json and"
        " text/plain, logs application/json and application/x-ndjson. A missing Accept and */* get JSON. All other"
        " operations answer JSON whatever is asked for.",
        causes=(
            "Accept: application/* or an empty one, which are not understood there.",
            "Accept: text/plain for a log, which Airflow 2 had.",
        ),
        options=_OPEN,
        calls=(
            (f"curl -H 'Accept: text/html' {API2}/dagSources/bad_variable_usage", 406),
            (f"curl -H 'Accept: text/plain' {API2}/dagSources/bad_variable_usage", 200),
        ),
    ),
    "409": Explanation(
        title="409 Conflict: it is there already, or it is not over",
        meaning="What is created under a name that is taken is refused by the database, and the detail is an object:"
        " reason, statement, orig_error and message. A variable and an XCom have a sentence of their own. For runs the"
        " logical date is such a name too, unless it is null.",
        causes=(
            "A trigger is repeated with the same dag_run_id or logical_date, as a client does that retries a POST"
            " whose answer it did not see.",
            "A connection, pool, variable, favourite or XCom that exists.",
            "Deleting a run or a DAG that is running; answering a human-in-the-loop task twice.",
        ),
        options=_OPEN,
        calls=(
            (f'curl {JSON} -d \'{{"dag_run_id": "once", "logical_date": null}}\' {RUNS2}', 200),
            (f'curl {JSON} -d \'{{"dag_run_id": "once", "logical_date": null}}\' {RUNS2}', 409),
        ),
    ),
    "415": Explanation(
        title="415 Unsupported Media Type: POST /auth/token takes JSON or a form",
        meaning="It is the only operation of Airflow 3 that says 415. Elsewhere a body that does not say that it is"
        " JSON is read as one text, and is a 422.",
        causes=("XML or text/plain sent to POST /auth/token (Simple auth manager).",),
        options=_OPEN,
        calls=((f"curl -H 'Content-Type: text/plain' -d x {HOST}/auth/token", 415),),
    ),
    "422": Explanation(
        title="422 Unprocessable Entity: a parameter or the body has the wrong form",
        meaning="The detail is a list with one object for each mistake, query before body: type (what kind of mistake),"
        " loc (where: query, path, header or body, then names and positions), msg, input (what was sent) and, for some,"
        " ctx. Token and role are judged before, so a 422 says that both are good. A few refusals (unknown values of"
        " state or run_type, backfills) have one sentence as detail.",
        causes=(
            "missing: a required field; the trigger of a run requires logical_date, which may be null.",
            "extra_forbidden: a field that the body does not have. An unknown query parameter is ignored.",
            "int_parsing, bool_parsing, datetime_from_date_parsing, greater_than_equal, literal_error: values.",
            "model_attributes_type: a body that is no object, as curl -d sends it without Content-Type.",
            "A client for Airflow 2, which had a 400 for most of these.",
        ),
        options=_OPEN,
        calls=(
            (f"curl {JSON} -d '{{}}' {RUNS2}", 422),
            (f"curl -d '{{\"logical_date\": null}}' {RUNS2}", 422),
            (f"curl '{API2}/dags?limit=-1'", 422),
            (f"curl {JSON} -d '{{\"logical_date\": null}}' {RUNS2}", 200),
        ),
    ),
    "429": Explanation(
        title=_LIMITED.title,
        meaning=_LIMITED.meaning,
        causes=_LIMITED.causes,
        options=f"{_OPTIONS} --rate-limit 2/minute",
        calls=(
            (f"curl {_SIGNED_IN} {API2}/dags", 200),
            (f"curl {_SIGNED_IN} {API2}/dags", 200),
            (f"curl {_SIGNED_IN} {API2}/dags", 429),
        ),
    ),
    "500": Explanation(
        title="500 Internal Server Error: a real Airflow fails here too",
        meaning="Some requests make a real Airflow 3 fall over: it answers the plain text 'Internal Server Error', or,"
        " where the database refused, a JSON detail with the reason 'Database error'. The same requests get the same"
        " here; with airflow_bugs=false they are a plain 400. A fault of this program is a 500 as well; the journal"
        " then says that mock-airflow itself failed, and stderr has the traceback.",
        causes=(
            "POST /auth/token without a body, or with broken JSON.",
            "A bulk request with a word that is no action.",
            "A date filter without a time zone (a server on SQLite).",
            "An offset beyond 64 bits.",
        ),
        options=_OPEN,
        calls=((f"curl -X POST {HOST}/auth/token", 500),),
    ),
}
