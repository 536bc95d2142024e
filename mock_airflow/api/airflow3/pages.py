"""What Airflow 3 answers with pages: that of its front end, and the FAB auth manager's for a path that is none."""

from __future__ import annotations

from mock_airflow.answers import HTML, Answer
from mock_airflow.api.airflow2.pages import NOTICE

FRONT_END = Answer(
    "<!doctype html>\n<html lang='en'><head><title>Airflow</title></head>"
    f"<body><div id='root'>{NOTICE}</div></body></html>\n",
    200,
    HTML,
)
NO_PAGE = Answer(
    "<!DOCTYPE html>\n<html lang='en'><head><title>Airflow 404</title></head><body><p>Airflow 404</p></body></html>\n",
    404,
    HTML,
)
