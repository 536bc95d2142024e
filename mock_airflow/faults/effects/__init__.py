"""The effects by keyword, in the order in which they act. A new one is a class and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from mock_airflow.faults.effects import answers, connection, request, state, time
from mock_airflow.faults.effects.effect import Effect

_EFFECTS: tuple[type[Effect], ...] = (
    request.Credential,
    request.Send,
    time.Latency,
    state.ExpireCredential,
    connection.LostAnswer,
    state.Stale,
    state.Drift,
    state.Duplicate,
    answers.OtherPage,
    answers.Status,
    answers.OtherBody,
    answers.Garbage,
    answers.ContentType,
    answers.Headers,
    answers.RetryAfter,
    time.DateSkew,
    connection.Empty,
    connection.Truncate,
    connection.Drip,
    connection.Reset,
)
EFFECTS: Mapping[str, type[Effect]] = {effect.keyword: effect for effect in _EFFECTS}
