"""An entry of the journal before somebody reads it: what secrets have to be hidden in is told only then."""

from __future__ import annotations

from mock_airflow.domain.masking import MASK
from mock_airflow.journal import redaction
from mock_airflow.journal.headers import told_header
from mock_airflow.journal.journal import Entry, Kept
from mock_airflow.journal.secrets import Mask

_TOLD_BACK = frozenset({"content-type", "location", "retry-after", "www-authenticate", "allow", "set-cookie"})
_ENTRY = 2000  # about how many bytes an entry takes beside its texts
_KEPT_BODY = 4000  # characters of a body that the journal keeps
_LONG = 16_000  # bytes of a body; a longer one is not kept whole until somebody reads what is kept of it


class Unread(Kept):
    """An exchange that is over, with everything that decides what may be told of it.

    ``raw`` has its texts as they went over the wire, and the mask that hides what was a secret then; ``data`` is the
    answer's body. A ``harmless`` answer holds no secret by its fields; of a ``confidential`` operation's nothing is
    told. ``rows`` is what the rows that it changed weigh.
    """

    def __init__(self, raw: Entry, data: bytes, *, harmless: bool, confidential: bool, rows: int = 0) -> None:
        if harmless:
            data = _beginning(data, raw.mask)
        sent = min(len(raw.request_body), _KEPT_BODY)
        super().__init__(raw, _ENTRY + len(raw.path) + len(raw.query) + len(raw.why.reason) + sent + len(data) + rows)
        self._data: bytes | None = data
        self._harmless, self._confidential = harmless, confidential
        if len(data) > _LONG or len(raw.request_body) > _LONG:
            self.weight -= len(data) - len(self.entry.response_body)

    @property
    def entry(self) -> Entry:
        """The entry, without secrets."""
        if self._data is not None:
            self._entry = self._without_secrets(self._entry, self._data)
            self._data = None
        return self._entry

    def _without_secrets(self, raw: Entry, data: bytes) -> Entry:
        mask = raw.mask
        hide = mask.hide
        headers = [(name, value) for name, value in raw.response_headers if name.lower() in _TOLD_BACK]
        why = raw.why
        return raw._replace(
            path=hide(redaction.text(raw.path)),
            query=hide(raw.query),
            credential=hide(raw.credential),
            request_id=hide(raw.request_id),
            request_headers=tuple((name, hide(value)) for name, value in raw.request_headers),
            request_body=mask.cut(raw.request_body, _KEPT_BODY),
            response_headers=tuple((name, hide(self._header(name, value))) for name, value in headers),
            response_body=self._answered(raw, data),
            why=why._replace(reason=mask.hide_quoted(why.reason), would_pass=mask.hide_quoted(why.would_pass)),
            mask=mask.lasting,
        )

    def _header(self, name: str, value: str) -> str:
        return MASK if self._confidential and name.lower() == "location" else told_header(name, value)

    def _answered(self, raw: Entry, data: bytes) -> str:
        """The answer's body as it may be told."""
        if not raw.status:  # the client got none
            return ""
        if self._confidential:
            return MASK
        if self._harmless:
            return raw.mask.cut(data.decode("utf-8", "replace"), _KEPT_BODY)
        kind = next((value for name, value in raw.response_headers if name.lower() == "content-type"), "")
        return raw.mask.cut(redaction.answer_body(data, kind), _KEPT_BODY)


def _beginning(data: bytes, mask: Mask) -> bytes:
    """As much of an answer as decides what is kept of it, where that is plain to see."""
    longest = len(mask.long[0]) if mask.long else 0
    head = data[: 2 * _KEPT_BODY]
    return head if len(data) > len(head) and 2 * longest < _KEPT_BODY and head.isascii() else data
