"""The platform's HTML: login, token and error pages. Their exact wording is nowhere published (assumed)."""

from __future__ import annotations

from mock_airflow.profiles.pages import login_form, page, token_page

_TITLE = "{} | Astronomer"
_SENTENCES = {
    403: ("Access denied", "You do not have the appropriate permissions to see this page."),
    404: ("Page not found", "There is nothing at this address."),
    429: ("Too many requests", "Wait a while before the next request."),
    502: ("Bad gateway", "This deployment did not answer as it should."),
    503: ("Service unavailable", "This deployment is not available at the moment."),
}


def login(action: str, refused: bool = False) -> str:
    """The login page; ``action`` is where its form goes."""
    said = "Invalid password and username combination" if refused else ""
    return login_form(_TITLE.format("Log in"), "Log in to Astronomer", action, "Email or username", "identity", said)


def token(value: str) -> str:
    """The page that shows a user a temporary token."""
    return token_page(_TITLE.format("Token"), "Your temporary token", "24", value)


def error(status: int) -> str:
    """The platform's page for a status that its gate does not let through from behind."""
    title, sentence = _SENTENCES[status]
    content = f"      <h1>{status}</h1>\n      <h2>{title}</h2>\n      <p>{sentence}</p>"
    return page(_TITLE.format(f"{status} {title}"), content)
