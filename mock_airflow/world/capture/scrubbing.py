"""Taking out of a captured world what must not leave the house.

Always: what the journal would hide too, which is passwords inside of addresses, what has a secret's name in free-form
values, and such a value wherever else it stands. The values of variables are read when asked for, and then kept.
By rule: every match of a pattern. Inside of a name a match becomes a pseudonym, the same one wherever this text stands,
so that things can still be told apart and found; elsewhere it becomes ``***``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from mock_airflow.domain.masking import MASK
from mock_airflow.errors import ScrubRuleError
from mock_airflow.journal import redaction
from mock_airflow.journal.secret_names import looks_secret
from mock_airflow.journal.secrets import Mask
from mock_airflow.world.reading import BY_NAME

# Fields that name something. A list or an object under one of them holds names too.
_NAMES = frozenset(
    "dag_id root_dag_id dag_display_name task_id task_display_name downstream_task_ids dag_run_id run_id uri"
    " dataset_uri pool queue name key connection_id username owner owners tags source_dag_id source_task_id"
    " source_run_id fileloc filename hostname unixname group_id package_name".split()
)
# Fields whose objects are somebody's own: every key in them is text like any other.
_FREE = frozenset("conf params extra value rendered_fields links dataset_expression trigger".split())
_DECLARED = frozenset({"key", "value"})
_FILE_TOKEN = "file_token"  # names a file; it has the look of a credential, and opens nothing by itself


def rules_of(patterns: Iterable[str]) -> list[re.Pattern[str]]:
    """The patterns, ready for use. Raises ScrubRuleError for one that cannot be used."""
    rules = []
    for pattern in patterns:
        try:
            rules.append(re.compile(pattern))
        except re.error as error:
            raise ScrubRuleError(f"--scrub: {error} in the pattern {pattern!r}.") from None
        if rules[-1].match(""):
            raise ScrubRuleError(f"--scrub: the pattern {pattern!r} matches the empty text, which is everywhere.")
    return rules


def scrubbed(world: dict[str, Any], rules: Sequence[re.Pattern[str]]) -> dict[str, Any]:
    """The world without what is secret, and without what the rules match, one after another."""
    world = _masked(world)
    if not rules:
        return world
    for dag in (*world.get("dags", ()), *world.get("dag_details", {}).values()):
        dag.pop(_FILE_TOKEN, None)  # it spells out the path of the file; loading makes another
    pseudonyms: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        return pseudonyms.setdefault(match[0], f"scrubbed_{len(pseudonyms) + 1}")

    def replaced(text: str) -> str:
        for rule in rules:
            text = rule.sub(lambda match: pseudonyms.get(match[0], MASK), text)
        return text

    for name in _names_in(world):
        for rule in rules:
            name = rule.sub(named, name)
    return {section: _walked(content, replaced, section in BY_NAME) for section, content in world.items()}


def _masked(world: dict[str, Any]) -> dict[str, Any]:
    """Without what the journal would hide: by where it stands, and then by its value in all of the world."""
    found: set[str] = set()
    hidden: dict[str, Any] = {
        section: content
        if section == "dag_sources"
        else _walked(content, lambda text: redaction.text(text, found), False)
        for section, content in world.items()
    }
    for section, field in (
        ("dag_runs", "conf"),
        ("datasets", "extra"),
        ("dataset_events", "extra"),
        ("assets", "extra"),
        ("asset_events", "extra"),
        ("asset_state_store", "value"),
        ("task_state_store", "value"),
        ("event_logs", "extra"),
        ("xcoms", "value"),
        ("task_instances", "rendered_fields"),
    ):
        for row in hidden.get(section, ()):
            if field in row:
                named = {"key": row.get("key"), "value": row[field]}
                row[field] = redaction.without_secrets(named, found, _DECLARED)["value"]
    for row in hidden.get("connections", ()):
        row["extra"] = _extra(row.get("extra"), found)
    names = set(_names_in(world))
    mask = Mask.of({value for value in found if looks_secret(value) and value not in names})
    return mask.hide_inside(hidden) if mask.long else hidden


def _extra(text: str | None, found: set[str]) -> str | None:
    """A connection's extra, masked; one that is not a JSON object has no names to go by, and goes."""
    try:
        value = json.loads(text) if text else None
    except ValueError:
        return None
    return json.dumps(redaction.without_secrets(value, found, open_form=True)) if isinstance(value, dict) else None


def _names_in(value: Any, naming: bool = False) -> Iterator[str]:
    if isinstance(value, str):
        if naming:
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from _names_in(item, naming)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in BY_NAME and isinstance(item, dict):
                yield from item
            if key not in _FREE:
                yield from _names_in(item, key in _NAMES)


def _walked(value: Any, replaced: Callable[[str], str], keys: bool, free: bool = False) -> Any:
    """The value with every text replaced, and the keys of its objects where these are somebody's texts too."""
    if isinstance(value, str):
        return replaced(value)
    if isinstance(value, list):
        return [_walked(item, replaced, free, free) for item in value]
    if isinstance(value, dict):
        return {
            replaced(key) if keys else key: item
            if key == _FILE_TOKEN
            else _walked(item, replaced, free or key in _FREE, free or key in _FREE)
            for key, item in value.items()
        }
    return value
