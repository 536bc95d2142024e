"""Tables that are made when somebody looks at one."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from mock_airflow.storage.declared_tables import TableOf, Tables


class Owner:
    """It has rows, and others; a row is its key."""

    rows: TableOf[int, int] = TableOf("rows", int)
    others: TableOf[int, int] = TableOf("others", int)

    def __init__(self) -> None:
        self.tables = Tables(type(self), [])


def test_a_table_that_is_looked_for_while_it_is_made_is_made_once() -> None:
    looked: list[Any] = []

    class Meanwhile(dict[str, Any]):
        """Groups by nothing; as a table is made with it, somebody else looks for that."""

        def __iter__(self) -> Iterator[str]:
            if not looked:
                looked.append(None)
                looked.append(owner.tables["rows"])
            return super().__iter__()

    class Contended(Owner):
        rows: TableOf[int, int] = TableOf("rows", int, groups=Meanwhile(first=itemgetter(0)))

    owner = Contended()
    assert owner.rows is looked[1] is owner.tables["rows"]


def test_sizes_are_told_without_making_a_table() -> None:
    owner = Owner()
    owner.rows.put(1)
    other = Owner()
    other.tables.restore(owner.tables.snapshot())
    assert other.tables.sizes() == {"rows": 1, "others": 0}
    assert "rows" not in vars(other)
    other.rows.put(2)
    other.tables.add("more", int).put(3)
    assert other.tables.sizes() == {"rows": 2, "others": 0, "more": 1}
