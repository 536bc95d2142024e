"""``mock-airflow doctor``: whether ``serve`` would work here with the same options, and what is not as it should be."""

from __future__ import annotations

import os
from typing import Any

import click

from mock_airflow.cli.serving.listening import listening
from mock_airflow.cli.serving.options import ServeVerb, given_settings, serve_options
from mock_airflow.cli.terminal import Said, columns
from mock_airflow.errors import MockAirflowError
from mock_airflow.settings import Settings


@click.command(cls=ServeVerb, late=serve_options, json=True)
def doctor(**options: Any) -> Said:
    """Tell whether `serve` would work here: `doctor` in the place of `serve`, with the same options.

    It looks at Python, libraries and extras, the clock, settings and who gives them, the world, the DAG folder, the
    database, the certificate and the port, and changes none of them. The exit code is 1 where something is wrong.
    """
    from mock_airflow.cli.serving.examining import ERROR, Patient, Symptom, examined

    try:
        given = given_settings(options, os.environ)
        patient = Patient(options, os.environ, listening(options, os.environ), Settings.of(**given), given)
        found = list(examined(patient))
    except MockAirflowError as error:  # what `serve` would say, and then end
        found = [Symptom("setting", ERROR, str(error))]
    wrong = sum(finding.state == ERROR for finding in found)
    told = [finding._asdict() for finding in found]
    lines = columns([(finding.state, finding.subject, finding.detail) for finding in found])
    ending = f"{wrong} of {len(found)} are wrong." if wrong else "Nothing is wrong."
    return Said(f"{lines}\n\n{ending}", {"ok": not wrong, "findings": told}, code=1 if wrong else 0)
