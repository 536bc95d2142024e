"""The pages of vendors that a person sees. Their exact wording is nowhere published (assumed)."""

from __future__ import annotations

from html import escape

_PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{title}</title>
  </head>
  <body>
    <main>
{content}
    </main>
  </body>
</html>
"""
_FORM = """\
      <h1>{heading}</h1>
      {said}
      <form method="post" action="{action}">
        <label>{who} <input name="{name}" autocomplete="username"></label>
        <label>Password <input name="password" type="password" autocomplete="current-password"></label>
        <button>Log in</button>
      </form>"""


def page(title: str, content: str) -> str:
    """A whole page with some HTML in it."""
    return _PAGE.format(title=title, content=content)


def login_form(title: str, heading: str, action: str, who: str, name: str, said: str = "") -> str:
    """The page of a login: ``who`` labels the field ``name``, ``said`` is a sentence above the fields."""
    told = f"<p>{said}</p>" if said else ""
    return page(title, _FORM.format(heading=heading, action=escape(action), who=who, name=name, said=told))


def token_page(title: str, heading: str, lifetime: str, value: str) -> str:
    """The page that shows a user a temporary token."""
    shown = f'      <pre id="token">{escape(value)}</pre>'
    return page(title, f"      <h1>{heading}</h1>\n      <p>It is good for {lifetime} hours.</p>\n{shown}")
