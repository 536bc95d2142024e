"""The pages of the console, in the order of the navigation: a new one is a module, its template, and its name below."""

from __future__ import annotations

from mock_airflow.control.page import access, calls, clock, deployments, failures, review, world
from mock_airflow.control.page.dags.dags import PAGE as DAGS

PAGES = (calls.PAGE, DAGS, clock.PAGE, access.PAGE, failures.PAGE, world.PAGE, deployments.PAGE, review.PAGE)
