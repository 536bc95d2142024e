"""The platform's HTML: login, token and error pages. Their exact wording is nowhere published (assumed)."""

from __future__ import annotations

from html import escape

_PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{title} | Astronomer</title>
  </head>
  <body>
    <main>
{content}
    </main>
  </body>
</html>
"""
_LOGIN = """\
      <h1>Log in to Astronomer</h1>
      {said}
      <form method="post" action="{action}">
        <label>Email or username <input name="identity" autocomplete="username"></label>
        <label>Password <input name="password" type="password" autocomplete="current-password"></label>
        <button>Log in</button>
      </form>"""
_TOKEN = """\
      <h1>Your temporary token</h1>
      <p>It is good for 24 hours.</p>
      <pre id="token">{token}</pre>"""
_SENTENCES = {
    403: ("Access denied", "You do not have the appropriate permissions to see this page."),
    404: ("Page not found", "There is nothing at this address."),
    429: ("Too many requests", "Wait a while before the next request."),
    502: ("Bad gateway", "This deployment did not answer as it should."),
    503: ("Service unavailable", "This deployment is not available at the moment."),
}


def login(action: str, refused: bool = False) -> str:
    """The login page; ``action`` is where its form goes."""
    said = "<p>Invalid password and username combination</p>" if refused else ""
    return _PAGE.format(title="Log in", content=_LOGIN.format(action=escape(action), said=said))


def token(value: str) -> str:
    """The page that shows a user a temporary token."""
    return _PAGE.format(title="Token", content=_TOKEN.format(token=escape(value)))


def error(status: int) -> str:
    """The platform's page for a status that its gate does not let through from behind."""
    title, sentence = _SENTENCES[status]
    content = f"      <h1>{status}</h1>\n      <h2>{title}</h2>\n      <p>{sentence}</p>"
    return _PAGE.format(title=f"{status} {title}", content=content)
