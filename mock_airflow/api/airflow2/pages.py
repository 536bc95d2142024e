"""The HTML that Airflow answers with outside of its API, and when it fails."""

from __future__ import annotations

_PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    <title>Airflow {status}</title>
  </head>
  <body>
    <div style="font-family: verdana; text-align: center; margin-top: 200px;">
      <h1>Airflow {status}</h1>
      <p>{sentence}</p>
    </div>
  </body>
</html>
"""

# On the pages that stand for Airflow's own UI. A real one has a whole application there.
NOTICE = (
    "<p>This is Mock Airflow, which answers as Airflow's REST API does and has none of its pages. "
    '<a href="/__mock__/">Its console</a> shows what is asked, and why it was refused.</p>'
)


def error_page(status: int) -> str:
    """The page for a path outside of the API that does not exist, or a method it does not have."""
    sentence = "Page cannot be found." if status == 404 else "Method not allowed."
    return _PAGE.format(status=status, sentence=sentence)


def bad_request_page(
    sentence: str = "The browser (or proxy) sent a request that this server could not understand.",
) -> str:
    """The web framework's page for a body that cannot be read, where Airflow reads one unasked, or a bad form."""
    return f"<!doctype html>\n<html lang=en>\n<title>400 Bad Request</title>\n<h1>Bad Request</h1>\n<p>{sentence}</p>\n"


def too_large_page() -> str:
    """The web framework's page for a body that is larger than Airflow allows."""
    return (
        "<!doctype html>\n<html lang=en>\n<title>413 Request Entity Too Large</title>\n"
        "<h1>Request Entity Too Large</h1>\n<p>The data value transmitted exceeds the capacity limit.</p>\n"
    )


def oops_page() -> str:
    """The page of an unexpected failure."""
    return """<!DOCTYPE html>
<html lang="en">
  <head>
    <title>Ooops!</title>
  </head>
  <body>
    <pre style="font-family: monospace;">
Ooops!

Something bad has happened. This is mock-airflow, imitating what a real Airflow answers here:
a page like this one, without a word of the cause. The journal and the log know it.
    </pre>
  </body>
</html>
"""


def bare_page() -> str:
    """The web server's own page, for failures before Airflow's page can be made."""
    return """<html>
  <head>
    <title>Internal Server Error</title>
  </head>
  <body>
    <h1><p>Internal Server Error</p></h1>
  </body>
</html>
"""
