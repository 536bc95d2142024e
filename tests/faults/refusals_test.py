"""A rule that cannot be is refused in a sentence, and nothing has changed."""

from __future__ import annotations

import pytest

from mock_airflow.errors import FaultError


@pytest.mark.parametrize(
    ("where", "parts", "said"),
    [
        ("*", {}, "needs an effect, such as status=503"),
        ("*", {"staus": 503}, "no part 'staus'; did you mean 'status'"),
        ("*", {"status": 99}, "'status' cannot be 99: a status from 200 to 599"),
        ("*", {"status": "503"}, "'status' cannot be '503'"),
        ("*", {"status": True}, "'status' cannot be True"),
        ("*", {"status": 503, "page": "apache"}, "one of api, nginx, alb, cloudflare"),
        ("*", {"page": "nginx"}, "give the status too"),
        ("*", {"status": 503, "times": 0}, "'times' is a whole number from 1 on"),
        ("*", {"status": 503, "after": -1}, "'after' is a whole number from 0 on"),
        ("*", {"status": 503, "every": 1.5}, "'every' is a whole number"),
        ("*", {"status": 503, "chance": 0}, "'chance' must be above 0"),
        ("*", {"status": 503, "chance": 1.1}, "at most 1"),
        ("*", {"status": 503, "since": "soon"}, "'since' is a time such as"),
        ("*", {"status": 503, "until": float("nan")}, "'until' is a time such as"),
        ("*", {"status": 503, "until": 1e300, "since": "9999-13-01"}, "'since' is a time"),
        ("*", {"status": 503, "until": -5}, "after the clock's moment"),
        ("*", {"status": 503, "since": 20, "until": 10}, "after its 'since'"),
        ("*", {"status": 503, "principal": 5}, "principal is a name"),
        ("*", {"reset": True, "status": 503}, "With 'reset' the client hears nothing, so 'status'"),
        ("*", {"empty": True, "truncate": 5}, "'empty' and 'truncate'"),
        ("*", {"lost_answer": True, "body": "x"}, "With 'lost_answer' the client hears nothing"),
        ("*", {"reset": "later"}, "True, 'before' or 'after'"),
        ("*", {"truncate": -1}, "a share from 0 to 1"),
        ("*", {"truncate": 2.5}, "a share from 0 to 1"),
        ("*", {"latency": -1}, "no wait is shorter than 0"),
        ("*", {"latency": [2, 1]}, "the lower edge comes first"),
        ("*", {"latency": {"gamma": 1}}, "log_normal"),
        ("*", {"latency": {"log_normal": {"median": 0, "sigma": 1}}}, "a median above 0"),
        ("*", {"latency": float("inf")}, "a number of seconds is expected"),
        ("*", {"drip": 0}, "more than 0 seconds"),
        ("*", {"drip": {"bytes": 0, "every": 1}}, "at least 1 byte"),
        ("*", {"stale": -1}, "more than 0 seconds"),
        ("*", {"drift": "vanished"}, "'added', 'removed' or 'reordered'"),
        ("*", {"drift": {"added": 0}}, "at least 1 row"),
        ("*", {"headers": {"Bad Name": "x"}}, "'Bad Name' is not a header's name"),
        ("*", {"headers": {"X-A": "1\r\nX-B: 2"}}, "on one line"),
        ("*", {"headers": {"Content-Length": "3"}}, "how the answer travels"),
        ("*", {"retry_after": -5, "status": 503}, "'retry_after' cannot be -5"),
        ("*", {"retry_after": "tomorrow", "status": 503}, "'past', 'absurd', 'malformed'"),
        ("*", {"body": {1, 2}}, "what JSON can say"),
        ("*", {"garbage": "yes"}, "True or left out"),
        ("get_dgas", {"status": 503}, "no operation 'get_dgas'; did you mean 'get_dags'"),
        ("FETCH /api/v1/dags", {"status": 503}, "no method 'FETCH'"),
        ("GET api/v1/dags", {"status": 503}, "begin with / or *"),
        ("", {"status": 503}, "named by a text"),
        (7, {"status": 503}, "named by a text"),
    ],
)
def test_what_cannot_be_is_refused(airflow, where, parts, said):
    airflow.faults.add("get_pools", status=500)
    before = airflow.deployment.snapshot().tables["singletons"].rows
    with pytest.raises(FaultError) as caught:
        airflow.faults.add(where, **parts)

    assert said in str(caught.value)
    assert str(caught.value).endswith((".", "?"))
    assert airflow.deployment.snapshot().tables["singletons"].rows == before


def test_unknown_preset_is_refused_with_the_nearest(airflow):
    with pytest.raises(FaultError, match="did you mean 'flaky-gateway'"):
        airflow.faults.preset("flaky-gatway")
    with pytest.raises(FaultError, match="the presets are flaky-gateway, airflow-restarting"):
        airflow.faults.preset("zzz")
    assert airflow.faults.list() == []
