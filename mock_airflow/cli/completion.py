"""``mock-airflow completion``: what a shell reads so that it completes the command's lines."""

from __future__ import annotations

import click

from mock_airflow.cli.terminal import Said
from mock_airflow.cli.usage import COMPLETE, Read, Verb, operand
from mock_airflow.settings.values import one_of

_SHELLS = ("bash", "zsh", "fish")
_EPILOG = """For bash: eval "$(mock-airflow completion bash)" in ~/.bashrc. For zsh the same in ~/.zshrc. For fish:
mock-airflow completion fish > ~/.config/fish/completions/mock-airflow.fish"""


@click.command(cls=Verb, epilog=_EPILOG)
@operand("shell", "SHELL", ", ".join(_SHELLS), type=Read(one_of(*_SHELLS), _SHELLS))
def completion(shell: str) -> Said:
    """Print what a shell reads to complete verbs and options."""
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    return Said(found(click.get_current_context().find_root().command, {}, "mock-airflow", COMPLETE).source())
