"""How an Airflow 2 tells, above a log, from where it comes."""

from __future__ import annotations

import re

from mock_airflow.domain.logs.reading import FOLDER, Sources

_SOURCES = re.compile(r"\A INFO - ::group::Log message source details\n(?:\*\*\* .*\n)* INFO - ::endgroup::\n")


def head_of(sources: Sources) -> str:
    """The lines above a log."""
    told: list[str] = []
    path = sources.path.removeprefix(f"{FOLDER}/")
    if sources.local:
        told += ["Found local files:", f"  * {sources.path}"]
    if sources.asked and sources.served is None:
        told.append(f"Could not read served logs: {_unreachable(sources.host, path)}")
    elif sources.asked and sources.served:
        told.append(f"Found logs served from host http://{sources.host}:8793/log/{path}")
    elif sources.asked:
        told.append(
            f"Log file not found on worker '{sources.host}'. This attempt may have run on a different worker "
            "whose logs are no longer accessible. Consider configuring remote logging (S3, GCS, etc.) for "
            "log persistence."
        )
    lines = "".join(f"*** {line}\n" for line in told)
    return f" INFO - ::group::Log message source details\n{lines} INFO - ::endgroup::\n"


def _unreachable(host: str, path: str) -> str:
    """Why the host of an attempt cannot be asked, as the requests library says it (observed)."""
    if not host:
        return f"Invalid URL 'http://:8793/log/{path}': No host supplied"
    connection = f"host='{host}', port=8793"
    return (
        f"HTTPConnectionPool({connection}): Max retries exceeded with url: /log/{path} (Caused by "
        f"NameResolutionError(\"HTTPConnection({connection}): Failed to resolve '{host}' "
        '([Errno -2] Name or service not known)"))'
    )


def has_file(text: str) -> bool:
    """Whether a log's text, as Airflow answers it, is that of a file, and does not say that there is none."""
    sources = _SOURCES.match(text)
    return sources is None or "*** Found " in sources[0]


def without_sources(text: str) -> str:
    """A log's text as it is in the file, out of the text that Airflow answers."""
    return _SOURCES.sub("", text)
