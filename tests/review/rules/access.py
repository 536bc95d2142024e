"""Access: tokens, roles, and secrets where none belong."""

from __future__ import annotations

from tests.review.rules.case import THREE, Story, asks, case, dated
from tests.review.talking import Talker


def tokens(count: int, wait: float = 0, refused: bool = False) -> Story:
    def story(t: Talker) -> None:
        for _ in range(count):
            answer = t.post("/auth/token", {"username": "admin", "password": "admin"}, wait=wait)
            t.headers = {"Authorization": f"Bearer {answer.json['access_token']}"}
            t.get("/dags", wait=1)
            if refused:
                t.airflow.tokens.expire_all()
                t.get("/dags")

    return story


case("token-for-every-call", tokens(3), tokens(2), **THREE)
case("token-for-every-call", tokens(3), tokens(3, wait=70), **THREE)
case("token-for-every-call", tokens(3), tokens(3, refused=True), **THREE)


def dead(times: int, *, renew: bool = False) -> Story:
    def story(t: Talker) -> None:
        t.get("/dags")
        for _ in range(times):
            t.airflow.tokens.expire_all()
            t.get("/dags", wait=1)
            if renew:
                answer = t.post("/auth/token", {"username": "admin", "password": "admin"})
                t.headers = {"Authorization": f"Bearer {answer.json['access_token']}"}

    return story


case("dead-credential", dead(3), dead(2), **THREE)
case("dead-credential", dead(3), dead(4, renew=True), **THREE)


def as_role(role: str, path: str) -> Story:
    def story(t: Talker) -> None:
        t.headers = dict(t.airflow.principal(role).headers)
        t.get(path)

    return story


case("more-rights-than-needed", as_role("Admin", "/dags"), as_role("Viewer", "/dags"))
case("more-rights-than-needed", as_role("Op", "/dags"), as_role("Op", "/connections"))
case("more-rights-than-needed", as_role("Admin", "/dags"), as_role("Viewer", "/dags"), **THREE)


case("secret-in-url", asks("/dags?api_key=7f3a91c2d4e5"), asks("/dags?tags=token"))
case(
    "secret-in-conf",
    dated({"conf": {"db": {"password": "hunter2-hunter2"}}}),
    dated({"conf": {"password": None, "connection_id": "warehouse"}}),
)
case(
    "secret-in-conf",
    dated({"conf": {"url": "postgres://me:hunter2@db/x"}}),
    dated({"conf": {"url": "postgres://db/x"}}),
)


def variable(key: str, value: str) -> Story:
    return lambda t: t.post("/variables", {"key": key, "value": value})


URL = "postgres://me:hunter2hunter2@db/x"
case("secret-variable-in-clear", variable("warehouse", URL), variable("warehouse_secret", URL))
case("secret-variable-in-clear", variable("warehouse", URL), variable("warehouse", "postgres://db/x"))
