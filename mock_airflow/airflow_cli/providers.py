"""``airflow providers``, and what version this is."""

from __future__ import annotations

from mock_airflow.airflow_cli.arguments import OUTPUT
from mock_airflow.airflow_cli.command import Cli, Exit, argument, command

_SYNTAX = str.maketrans("", "", "`_<>")  # of reStructuredText


@command("version")
def version(cli: Cli) -> None:
    """Show the version"""
    cli.say(cli.site.settings.airflow_version)


@command("providers list", OUTPUT)
def providers_list(cli: Cli) -> None:
    """List installed providers"""
    cli.show(
        [
            {
                "package_name": row.package_name,
                "description": row.description.strip(" \n.").translate(_SYNTAX),
                "version": row.version,
            }
            for row in cli.airflow.providers
        ]
    )


@command("providers get", argument("provider_name", help="Provider name"), OUTPUT)
def provider_get(cli: Cli) -> None:
    """Get detailed information about a provider"""
    row = cli.airflow.providers.get(cli.args.provider_name)
    if row is None:
        raise Exit(f"No such provider installed: {cli.args.provider_name}")
    cli.show([{"Provider": row.package_name, "Version": row.version}])
