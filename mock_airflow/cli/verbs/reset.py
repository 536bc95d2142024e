"""``mock-airflow reset``: a server that runs goes back to its start, through its control API."""

from __future__ import annotations

import click

from mock_airflow.cli.client import Server, at_server
from mock_airflow.cli.terminal import Said
from mock_airflow.cli.usage import Verb


@click.command(cls=Verb)
@at_server
def reset(server: Server) -> Said:
    """Take a server that runs back to its starting state, with an empty journal."""
    server.ask("POST", "/reset")
    return Said("The state is that of the start, and the journal is empty.")
