"""The command line: its verbs, each a module of `verbs/` that is imported when it is called.

Errors are one sentence on stderr and exit code 2.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from mock_airflow._version import __version__
from mock_airflow.cli.terminal import Said, complain
from mock_airflow.cli.usage import COMPLETE, Group, Read, operand, sentence
from mock_airflow.errors import MockAirflowError
from mock_airflow.settings.values import one_of

# In the order of the help. The verb NAME is what the module NAME calls so.
_VERBS = (
    "serve",
    "clock",
    "reset",
    "snapshot",
    "plan",
    "keys",
    "failures",
    "faults",
    "limits",
    "deployments",
    "journal",
    "review",
    "world",
    "routes",
    "explain",
    "doctor",
)

_SHELLS = ("bash", "zsh", "fish")


class _Verbs(Group):
    """The verbs, imported one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs."""
        return [*_VERBS, *self.commands]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The verb of this name."""
        if name not in _VERBS:
            return self.commands.get(name)
        found: click.Command = getattr(import_module(f"mock_airflow.cli.verbs.{name}"), name)
        return found


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def _mock_airflow() -> None:
    """A local emulator of Airflow's REST API."""


_EPILOG = """For bash: eval "$(mock-airflow completion bash)" in ~/.bashrc. For zsh the same in ~/.zshrc. For fish:
mock-airflow completion fish > ~/.config/fish/completions/mock-airflow.fish"""


@_mock_airflow.command(epilog=_EPILOG)
@operand("shell", "SHELL", ", ".join(_SHELLS), type=Read(one_of(*_SHELLS)))
def completion(shell: str) -> Said:
    """Print what a shell reads to complete verbs and options."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    return Said(found(_mock_airflow, {}, "mock-airflow", COMPLETE).source())


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; gives its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if COMPLETE in os.environ:
            from click.shell_completion import shell_complete

            return shell_complete(_mock_airflow, {}, "mock-airflow", COMPLETE, os.environ[COMPLETE])
        with _mock_airflow.make_context("mock-airflow", arguments) as context:
            code: int = _mock_airflow.invoke(context)
            return code
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.UsageError as error:
        complain(f"mock-airflow: {sentence(error)}")
        return 2
    except MockAirflowError as error:
        complain(f"mock-airflow: {error}")
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever reads what we print has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
