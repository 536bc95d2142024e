"""Cases of the rules in ``mock_airflow/review/rules/access.py``."""

from __future__ import annotations

from tests.review.rules.case import THREE, Story, case
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
