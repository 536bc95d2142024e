"""The subject of a client certificate, as proxies write it into a header: nginx, Envoy (documented)."""

from __future__ import annotations

import re

_TEXT = r'"(?:\\.|[^"\\])*"'
_PAIR = re.compile(rf'(By|Hash|Cert|Chain|Subject|URI|DNS)=({_TEXT}|[^;,"]*)(?:;\s*|(,)\s*|$)', re.IGNORECASE)
_PART = re.compile(rf'\s*([A-Za-z0-9.]+)\s*=\s*({_TEXT}|(?:\\.|[^,+;"\\])*)\s*(?:[,+;]|$)')  # of a name (RFC 4514)
_ESCAPED = re.compile(r"\\([0-9A-Fa-f]{2}|.)")


def names_in_xfcc(value: str) -> tuple[str, ...] | None:
    """Subject and URIs of the last certificate that X-Forwarded-Client-Cert tells of; None for another form.

    Each proxy on the way adds what it saw at the end, after a comma; what stands before may be the client's own words.
    """
    names: list[str] = []
    at = 0
    while at < len(value):
        pair = _PAIR.match(value, at)
        if pair is None:
            return None
        if pair[1].lower() in ("subject", "uri"):
            names.append(_unquoted(pair[2]))
        at = pair.end()
        if pair[3] and at < len(value):
            names.clear()
    return tuple(names)


def common_name(subject: str) -> str | None:
    """The first CN of a distinguished name, written with commas (RFC 4514) or with slashes (older nginx)."""
    if subject.startswith("/"):
        found = re.search(r"/CN=([^/]+)", subject, re.IGNORECASE)
        return found[1].strip() if found else None
    at = 0
    while at < len(subject):
        part = _PART.match(subject, at)
        if part is None:
            return None
        if part[1].upper() == "CN":
            return _unescaped(part[2]).strip() or None
        at = part.end()
    return None


def _unquoted(text: str) -> str:
    """A value of the header, without the quotes around it and the strokes before those within."""
    return text[1:-1].replace('\\"', '"') if text.startswith('"') else text


def _unescaped(text: str) -> str:
    """A value of a name as it was before it was written down."""
    text = text[1:-1] if text.startswith('"') else text.rstrip()
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if len(found[1]) == 2 else found[1], text)
