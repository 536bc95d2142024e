"""``airflow backfill``, which Airflow 3 has; that of Airflow 2 runs the tasks itself, for which no API is."""

from __future__ import annotations

import json
from typing import Any

from mock_airflow.airflow_cli import console
from mock_airflow.airflow_cli.arguments import parsedate
from mock_airflow.airflow_cli.command import Cli, Crash, Exit, argument, command
from mock_airflow.domain import backfills
from mock_airflow.domain.backfills import BackfillPlan
from mock_airflow.domain.errors import BackfillImpossibleError, BackfillRunningError, DagNotFoundError, DomainError

_MOST = 10_000  # moments in one range


@command(
    "backfill create",
    argument("--dag-id", help="The dag to backfill.", required=True),
    argument("--from-date", help="Backfill window start (inclusive).", type=parsedate, required=True),
    argument("--to-date", help="Backfill window end (inclusive).", type=parsedate, required=True),
    argument("--dag-run-conf", help="JSON dag run configuration."),
    argument("--run-backwards", help="Run tasks from the most recent logical date first.", action="store_true"),
    argument("--max-active-runs", help="Max active runs for this backfill.", type=int),
    argument(
        "--reprocess-behavior",
        help="When a run exists for the logical date, controls whether new runs will be created for the date.",
        choices=("none", "completed", "failed"),
    ),
    argument("--run-on-latest-version", help="Run tasks of the latest bundle version", action="store_true"),
    argument("--dry-run", help="Perform a dry run", action="store_true"),
    event="create_backfill",
    only=3,
)
def create_backfill(cli: Cli) -> None:
    """Create a backfill for a dag."""
    args = cli.args
    plan = BackfillPlan(
        dag_id=args.dag_id,
        from_date=args.from_date,
        to_date=args.to_date,
        run_backwards=args.run_backwards,
        dag_run_conf=_conf(cli),
        reprocess_behavior=args.reprocess_behavior or "none",
    )
    try:
        if args.dry_run:
            _dry_run(cli, plan)
            return
        backfills.create(cli.airflow, plan, most=_MOST, user=cli.by, max_active_runs=args.max_active_runs or 10)
    except DagNotFoundError:
        raise Crash("airflow.exceptions.DagNotFound", f"Could not find dag {args.dag_id}") from None
    except BackfillRunningError as error:
        raise Crash("airflow.models.backfill.AlreadyRunningBackfill", str(error)) from None
    except BackfillImpossibleError as error:
        raise Crash("airflow.models.backfill.InvalidBackfillDirection", str(error)) from None
    except DomainError as error:
        raise Crash("ValueError", str(error)) from None


def _conf(cli: Cli) -> dict[str, Any] | None:
    if not cli.args.dag_run_conf:
        return None
    try:
        conf = json.loads(cli.args.dag_run_conf)
    except ValueError as error:
        raise Crash("ValueError", f"Invalid JSON in --dag-run-conf: {error}") from None
    if not isinstance(conf, dict):
        raise Exit("dag_run.conf must be a JSON object")
    return conf


def _dry_run(cli: Cli, plan: BackfillPlan) -> None:
    args = cli.args
    cli.say("Performing dry run of backfill.")
    cli.say("Printing params:")
    for name, value in (
        ("dag_id", plan.dag_id),
        ("from_date", plan.from_date),
        ("to_date", plan.to_date),
        ("max_active_runs", args.max_active_runs),
        ("reverse", plan.run_backwards),
        ("dag_run_conf", plan.dag_run_conf),
        ("reprocess_behavior", args.reprocess_behavior),
        ("run_on_latest_version", True),
    ):
        cli.say(f"    - {name} = {value}")
    cli.say("Runs to be attempted:")
    names = ("logical_date", "partition_key", "partition_date")
    moments = backfills.moments(cli.airflow, plan, _MOST)
    cli.printed.append(console.grid([{name: getattr(moment, name) for name in names} for moment in moments]))
