"""The page that signs a browser in."""

from __future__ import annotations

from html import escape

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Signing in to Airflow</title></head>
<body>
<p id="said">Signing in…</p>
<script>
const token = location.hash.slice(1), said = document.getElementById("said");
const body = new URLSearchParams({{token}});
fetch("{login}", {{method: "POST", body, credentials: "same-origin"}}).then(
  answer => {{ said.textContent = answer.ok ? "You are signed in to Airflow." : "The token does not count." }});
</script>
<noscript>Post the text behind the # of this address as the form field token to {login}.</noscript>
</body>
</html>
"""


def signing_in(folder: str) -> str:
    """The page; ``folder`` is where the login lies. What is behind the # of an address reaches no server by itself."""
    return _PAGE.format(login=escape(f"{folder}/login"))
