"""Routes made for one collection at a time."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from mock_airflow.corridor.app import create_app

# Of the vendors one whose own paths are below the same prefix as Airflow's, and one with many of its own.
EACH = (("airflow2", 2), ("airflow3", 3), ("anomalyarmor", 2), ("astro", 3))
NAMES = ("7", "list", "a/b", "")


def led(routes: Map, path: str, method: str) -> object:
    """Where a path leads, or how it is refused."""
    adapter = routes.bind("localhost")
    try:
        return adapter.match(path, method)
    except HTTPException as error:
        return type(error), error.get_headers(), sorted(adapter.allowed_methods(path))


@pytest.mark.parametrize(("profile", "generation"), EACH)
def test_a_path_leads_where_it_leads_among_all_routes(profile: str, generation: int) -> None:
    routes = create_app(profile, generation).routes
    rules = {rule.rule for rule in routes.url_map.iter_rules()}
    paths = {re.sub(r"<[^>]+>", name, rule) for rule in rules for name in NAMES}
    paths |= {f"{path}/" for path in paths} | {f"/{path}" for path in paths}

    for path in sorted(paths):
        for method in ("GET", "POST"):
            among_all = led(routes.url_map, path, method)
            assert led(routes.map_for(path), path, method) == among_all, (path, method)


def test_what_nobody_asks_for_is_not_imported() -> None:
    script = (
        "import sys\nfrom mock_airflow.corridor.app import create_app\nroutes = create_app().routes\n"
        "assert routes.map_for('/api/v1/pools/one').bind('localhost').match('/api/v1/pools/one', 'PATCH')\n"
        "print(*sorted(name for name in sys.modules if name.startswith('mock_airflow.api.v1.')))"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert answer.stdout.split() == ["mock_airflow.api.v1.api", "mock_airflow.api.v1.pools"], answer.stderr
