"""The pages of the console, in the order of the navigation: a new one is a module, its template, and its name below."""

from __future__ import annotations

from mock_airflow.control.page import calls, clock, deployments, review, world
from mock_airflow.control.page.dags.dags import PAGE as DAGS

PAGES = (calls.PAGE, DAGS, clock.PAGE, world.PAGE, deployments.PAGE, review.PAGE)
