"""Why a call was decided as it was."""

from __future__ import annotations

from typing import Any

from mock_airflow.journal.journal import Entry


def explained(entry: Entry) -> dict[str, Any]:
    """What the journal knows of the decision: the credential, the rule, what would have passed, and for what time."""
    return {
        "number": entry.number,
        "call": f"{entry.method} {entry.path}" + (f"?{entry.query}" if entry.query else ""),
        "status": entry.status,
        "decision": entry.decision,
        "credential": entry.credential,
        "principal": entry.principal,
        **entry.why._replace(read_from=read_from(entry)).as_json(),
        "text": text(entry),
    }


def read_from(entry: Entry) -> str:
    """Where the credential was read; of a call that passed, where there was one."""
    if entry.read_from:
        return entry.read_from
    if entry.credential:
        name = next((name for name, told in entry.request_headers if told == entry.credential), "Authorization")
        return f"the {name} header"
    return "the session cookie" if any(name == "Cookie" for name, _ in entry.request_headers) else ""


def text(entry: Entry) -> str:
    """It in sentences, one a line."""
    query = f"?{entry.query}" if entry.query else ""
    went = f"was answered with {entry.status}" if entry.status else "was not answered"
    lines = [f"Call {entry.number}, {entry.method} {entry.path}{query}, {went} ({entry.decision})."]
    if entry.credential:
        lines.append(f"The credential {entry.credential} was read from {read_from(entry)}.")
    elif not read_from(entry):
        lines.append("It came without a credential.")
    if entry.principal:
        lines.append(f"It counted as {entry.principal}.")
    if entry.rule:
        lines.append(f"The rule: {entry.rule}.")
    if entry.reason:
        lines.append(entry.reason)
    if entry.since:
        lines.append(f"This is so since {entry.since.isoformat()}.")
    if entry.until:
        lines.append(f"It is so until {entry.until.isoformat()}.")
    if entry.would_pass:
        lines.append(f"What would have passed: {entry.would_pass}.")
    lines += [f"Fault rule {fault.id} fired: {fault.text}." for fault in entry.faults]
    if entry.limit is not None and entry.limit.exceeded is None:
        share = entry.limit.told
        lines.append(f"Of {share.rule.text} for {entry.limit.who}, {share.remaining} were left.")
    return "\n".join(lines)
