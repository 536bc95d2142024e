"""What a status means here, what causes it, and how to see it happen."""

from __future__ import annotations

from mock_airflow.profiles.explanation import ADMIN, API, CONTROL, JSON, RUNS, Explanation

STATUSES = {
    "400": Explanation(
        title="400 Bad Request: the shape of the request is wrong",
        meaning="Airflow 2 looks at body and query before it asks who is calling. So a wrong parameter is a 400 even"
        " without a credential, and a 400 says nothing about whether the credential is good. Behind a vendor's gate the"
        " credential comes first.",
        causes=(
            "A query parameter that the operation does not have: null title, 'Extra query parameter(s) ... not in"
            " spec'. Operations without any parameter ignore it.",
            "A value of the wrong type (limit=abc), below its minimum, or a date without a time zone.",
            "A body that is empty, is not JSON, is not an object, or has a field of the wrong type.",
            "After the credential was checked: an unknown field, a missing one, a conf that does not fit the DAG's"
            " params, an order_by that is not allowed, a negative limit.",
        ),
        calls=(
            (f"curl '{API}/dags?bogus=1'", 400),
            (f"curl {ADMIN} '{API}/dags?limit=-1'", 400),
            (f"curl {ADMIN} {JSON} -d '{{broken' {RUNS}", 400),
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
        calls=((f"curl {API}/dags", 401), (f"curl -u admin:wrong {API}/dags", 401)),
        elsewhere=(("--profile datacoves", ((f"curl -H 'Authorization: Token wrong' {API}/dags", 401),)),),
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
            (f"curl {API}/dags", 403),
            (f"curl -u vera:vera {API}/dags", 200),
            (f"curl -u vera:vera {JSON} -d '{{}}' {RUNS}", 403),
        ),
    ),
    "404": Explanation(
        title="404 Not Found: there is no such path, or no such thing",
        meaning="Two kinds. An unknown path has the type about:blank and the detail 'The requested URL was not found on"
        " the server...', with or without a credential. A known path with an unknown name has a type that ends in"
        " NotFound, and each operation words it in its own way.",
        causes=(
            "A slash at the end of the path: /dags/ is not /dags.",
            "A wrong DAG, run, task, pool or dataset; a number in the path that is not a number.",
            "A mapped task instance without its map_index.",
            "No cause: a list below an unknown DAG or run is 200 and empty, not 404.",
            "A slash within a name, raw or as %2F, which parts the path (datasets' URIs may have them).",
        ),
        calls=(
            (f"curl {ADMIN} {API}/dags/", 404),
            (f"curl {ADMIN} {API}/dags/nope", 404),
            (f"curl {ADMIN} {API}/dags/nope/dagRuns", 200),
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
        calls=((f"curl -X PUT {API}/dags", 405), (f"curl -X OPTIONS {API}/dags", 200)),
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
            (f'curl {ADMIN} {JSON} -d \'{{"dag_run_id": "once"}}\' {RUNS}', 200),
            (f'curl {ADMIN} {JSON} -d \'{{"dag_run_id": "once"}}\' {RUNS}', 409),
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
        calls=((f"curl {ADMIN} -d '{{}}' {RUNS}", 415), (f"curl {ADMIN} {JSON} -d '{{}}' {RUNS}", 200)),
    ),
    "429": Explanation(
        title="429 Too Many Requests: the limit is used up",
        meaning="Airflow itself has no such limit; vendors' gates do. It is off until a limit, a burst, a number at"
        " once or a tier is set. Whom it counts (limit_per) and how (limit_algorithm: token-bucket, fixed-window,"
        " sliding-window or sliding-counter) can be chosen; by default each credential has a bucket of its own that"
        " fills up evenly. Time is the deployment's clock, so moving it forward passes a limit without waiting."
        " Retry-After tells when a request passes again, unless retry_after is set to what clients should survive.",
        causes=(
            "More requests than the limit allows in its period, or than the burst on top of it; a key's own tier.",
            "More requests in flight than the concurrency allows.",
            "Everything was used up on purpose: `mock-airflow limits exhaust`.",
            "A request that is refused costs nothing. Not counted: requests without a credential (unless by address,"
            " endpoint or deployment), /health and /version without a gate, and /__mock__.",
            "Mind that urllib3, and so apache-airflow-client, sleeps for Retry-After and repeats a GET three times by"
            " itself; requests and httpx do not.",
        ),
        options="--rate-limit 2/minute",
        calls=(
            (f"curl {ADMIN} {API}/dags", 200),
            (f"curl {ADMIN} {API}/dags", 200),
            (f"curl {ADMIN} {API}/dags", 429),
            (f"curl {JSON} -d '{{\"seconds\": 60}}' {CONTROL}/clock/advance", 200),
            (f"curl {ADMIN} {API}/dags", 200),
            (f"curl -X POST {CONTROL}/limits/exhaust", 204),
            (f"curl {ADMIN} {API}/dags", 429),
        ),
        elsewhere=(
            (
                "--rate-limit 1/minute --limit-algorithm fixed-window --limit-per endpoint",
                (
                    (f"curl {ADMIN} {API}/dags", 200),
                    (f"curl {ADMIN} {API}/dags", 429),
                    (f"curl {ADMIN} {API}/pools", 200),
                ),
            ),
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
        calls=((f"curl {ADMIN} -X PATCH {JSON} -d '{{}}' {API}/dags/bad_variable_usage", 500),),
        elsewhere=(
            (
                "--set airflow_bugs=false",
                ((f"curl {ADMIN} -X PATCH {JSON} -d '{{}}' {API}/dags/bad_variable_usage", 400),),
            ),
        ),
    ),
}
