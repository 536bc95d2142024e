"""The pages of the console, in the order of the navigation: a new one is a module, its template, and its name below."""

from __future__ import annotations

from mock_airflow.control.page import calls, clock

PAGES = (calls.PAGE, clock.PAGE)
