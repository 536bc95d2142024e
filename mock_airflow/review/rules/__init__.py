"""The rules of the review, one module a subject; importing this fills the register in the order of the pages."""

from mock_airflow.review.rules import (  # noqa: I001 - the order is that of the documentation
    waiting as waiting,
    retrying as retrying,
    polling as polling,
    pages as pages,
    lists as lists,
    runs as runs,
    reading as reading,
    access as access,
    secrets as secrets,
    refusals as refusals,
    changes as changes,
    connections as connections,
    versions as versions,
)
