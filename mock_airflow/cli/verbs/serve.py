"""``mock-airflow serve``: one deployment on a port of its own, until Ctrl-C."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from mock_airflow.cli.serving.listening import listening
from mock_airflow.cli.serving.options import ServeVerb, given_settings, serve_options
from mock_airflow.cli.terminal import Said, complain, json_text
from mock_airflow.settings import ENVIRONMENT_PREFIX, Settings

if TYPE_CHECKING:
    from mock_airflow.cli.serving.service import Service

_EPILOG = f"""Each option is also {ENVIRONMENT_PREFIX}<NAME> in the environment, and each setting a key of a world
file's `settings`. The command line counts before the environment, and that before the world file. There are
further settings: `--help-profile NAME` shows those of a profile (airflow2 has Airflow's own configuration),
`--help-profile all` every one."""


@click.command(cls=ServeVerb, late=serve_options, json=False, epilog=_EPILOG)
@click.option("--json", "as_json", is_flag=True, help="say as JSON, on stdout, what the ready file has")
def serve(as_json: bool, **options: Any) -> Said:
    """Serve an Airflow that does not exist, until Ctrl-C. Without a world it is the built-in one named demo."""
    from mock_airflow.cli.serving.ready_file import ReadyFile
    from mock_airflow.cli.serving.stopping import Stopped, stopping_on_signals

    service: Service | None = None
    ready_file = ReadyFile(None)
    gc.disable()  # what is loaded now stays; to look for garbage in it takes a tenth of the start
    try:
        with stopping_on_signals() as stopping:
            where = listening(options, os.environ)
            ready_file = ReadyFile(where.ready_file)
            ready_file.clear()
            given = given_settings(options, os.environ)
            from mock_airflow.cli.serving.banner import banner, is_loopback, warnings
            from mock_airflow.cli.serving.service import Service
            from mock_airflow.world.reading import load_worlds

            log_to_stderr()
            names: tuple[str, ...] = given.get("world", () if given.keys() & {"dags_folder", "saved"} else ("demo",))
            if _goes_on(given):
                names = ()  # worlds are for beginnings
            world = load_worlds(names)
            settings = replace(Settings.of(**world.settings), **{**given, "world": names})
            made_up = settings.control_token is None and not is_loopback(where.host)
            if made_up:  # other machines can reach it, so nobody may command it without
                settings = replace(settings, control_token=os.urandom(16).hex())
            service = Service(settings, world, where, tells_token=made_up)
            for line in warnings(service):
                complain(line)
            print(json_text(service.ready) if as_json else banner(service), flush=True)
            gc.freeze()
            gc.enable()
            stopping.gently, stopping.at_once = service.end_soon, service.cut_short
            ready_file.write(json_text(service.ready))
            service.run()
    except Stopped:
        pass
    finally:
        gc.enable()
        ready_file.remove()
    return _at_the_end(service) if service is not None and service.deployment.settings.strict else Said("")


def _at_the_end(service: Service) -> Said:
    """What a strict server says, and exit code 1, after what nobody expected."""
    from mock_airflow.testing.expectations import check

    try:
        check(service.deployment)
    except AssertionError as error:
        return Said("", complaints=str(error), code=1)
    return Said("")


def log_to_stderr() -> None:
    """Have warnings and errors on stderr."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    logging.getLogger("mock_airflow.dags").setLevel(logging.INFO)


def _goes_on(given: Mapping[str, Any]) -> bool:
    """Whether the database that is given has the deployment already."""
    if given.get("database") is None or given.get("fresh"):
        return False
    from mock_airflow.persistence.keeping import holds

    return holds(Settings.of(**given))
