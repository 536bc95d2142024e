"""A database whose documents are of an older schema becomes one of today, in one transaction, when it is opened."""

from __future__ import annotations

import json

from mock_airflow.deployment import Deployment
from mock_airflow.domain.airflow import AGENDA
from mock_airflow.errors import DatabaseError, MockAirflowError
from mock_airflow.settings import Settings
from mock_airflow.storage.documents import as_text, decode, schema, to_text, upgraded
from mock_airflow.storage.sql import Database, short_key


def opened(url: str) -> Database:
    """The database at a URL, of today's schema.

    Raises DatabaseError, for one of a later schema too, and for one of an earlier that cannot be upgraded; what is
    refused is left as it is.
    """
    database = Database(url)
    try:
        with database.told_clearly(), database.resting():
            found = database.schema()
            if found is not None and found < schema():
                _migrate(database, found)
    except BaseException:
        database.hang_up()
        raise
    return database


def _migrate(database: Database, number: int) -> None:
    with database.transaction():
        if not database.replace_schema(number, schema()):
            return  # another server has done it meanwhile
        for name in database.names():
            try:
                _upgrade(database, name, number)
            except (MockAirflowError, KeyError, TypeError, ValueError) as error:
                raise DatabaseError(
                    f"The database {database.shown} was made by an earlier mock-airflow (schema {number}), and its"
                    f" deployment {name!r} cannot be brought to schema {schema()}: {error} It was left as it is."
                ) from None


def _upgrade(database: Database, name: str, number: int) -> None:
    """Write everything of a deployment anew; a server that runs on it reads all of it again at its next turn."""
    database.count_on(name)
    head = database.head(name)
    assert head is not None
    about = _upgraded(head.about, number)
    database.put_head(name, about, _upgraded(head.meta, number))
    tables = Deployment(Settings.of(**decode(json.loads(about))["settings"])).airflow.tables
    rows = []
    for row in database.whole_rows(name):
        record = decode(upgraded(json.loads(row.doc), number))
        key = record.what if row.name == AGENDA else tables[row.name].key(record)
        rows.append(row._replace(key=short_key(to_text(key)), doc=to_text(record)))
    database.delete_rows_of(name)
    database.put_rows(name, rows)
    for version, doc in database.commits(name, -1):
        database.replace_commit(name, version, _upgraded(doc, number))
    for kept in database.snapshots(name):
        text = database.snapshot(name, kept)
        assert text is not None
        database.delete_snapshot(name, kept)
        database.put_snapshot(name, kept, _upgraded(text, number))


def _upgraded(text: str, number: int) -> str:
    """The text in today's form. Raises DocumentError for what cannot be read then."""
    document = upgraded(json.loads(text), number)
    decode(document)
    return as_text(document)
