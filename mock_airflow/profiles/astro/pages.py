"""The page ``/token`` of the cloud, with a form of ours in the place of its login (assumed)."""

from __future__ import annotations

from html import escape

_PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Access token | Astro</title>
  </head>
  <body>
    <main>
{content}
    </main>
  </body>
</html>
"""
_FORM = """\
      <h1>Log in to Astro</h1>
      {said}
      <form method="post" action="/token">
        <label>Username <input name="username" autocomplete="username"></label>
        <label>Password <input name="password" type="password" autocomplete="current-password"></label>
        <button>Log in</button>
      </form>"""


def form(refused: bool = False) -> str:
    """The form."""
    return _PAGE.format(content=_FORM.format(said="<p>Wrong username or password.</p>" if refused else ""))


def token(value: str, hours: float) -> str:
    """The page with a user's temporary token."""
    shown = f'      <h1>Access token</h1>\n      <p>It is good for {hours:g} hours.</p>\n      <pre id="token">'
    return _PAGE.format(content=f"{shown}{escape(value)}</pre>")
