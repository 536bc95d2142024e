"""How the command line is read: verbs, groups of them, values, and what is said where it cannot be understood.

A verb is a function under ``@group.command()`` that returns ``Said``. It gets ``--json`` and our sentences by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from mock_airflow.cli.terminal import say
from mock_airflow.errors import UsageError
from mock_airflow.settings import spelling
from mock_airflow.settings.values import words_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    ParamType = click.ParamType[Any]  # generic since click 8.4, and not before
else:
    ParamType = click.ParamType

COMPLETE = "_MOCK_AIRFLOW_COMPLETE"  # set by a shell that completes a line
_WHOLE = 200  # characters of a sentence
_NEGATIVE = re.compile(r"-([0-9.].*)?")  # or the dash that means stdin


def nearest(text: str, known: Iterable[str]) -> str:
    """What may have been meant, as the end of a sentence."""
    found = spelling.nearest(text, known)
    return f"; did you mean {found}?" if found is not None else "."


def sentence(error: click.UsageError) -> str:
    """What click has to say, in our words; never with a value, which may be a secret."""
    ctx = error.ctx
    if isinstance(error, click.NoSuchOption) and ctx is not None:
        known = [name for each in ctx.command.get_params(ctx) for name in each.opts if name.startswith("--")]
        said = f"There is no option {error.option_name}{nearest(error.option_name, known)}"
    elif isinstance(error, click.BadOptionUsage):
        takes_none = "does not take" in error.message
        said = f"{error.option_name} {'takes no value' if takes_none else 'needs a value'}."
    elif isinstance(error, click.MissingParameter) and error.param is not None:
        said = f"The following arguments are required: {error.param.human_readable_name.strip('.[]')}."
    else:
        said = error.format_message()
    return f"{said} See {ctx.command_path if ctx is not None else 'mock-airflow'} --help."


class Verb(click.Command):
    """A verb, whose function returns Said. ``late`` makes further options, once they are asked for."""

    def __init__(
        self, *args: Any, json: bool = True, late: Callable[[], Sequence[click.Parameter]] = tuple, **more: Any
    ) -> None:
        super().__init__(*args, **{"options_metavar": "[OPTION]...", **more})
        if json:
            self.params.append(click.Option(["--json", "as_json"], is_flag=True, help="as JSON, for programs"))
        self._prints, self._late = json, late

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The options and arguments, those made late included."""
        self.params, self._late = [*self.params, *self._late()], tuple
        return super().get_params(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options. Raises UsageError for an argument too many."""
        ctx.allow_extra_args = True
        try:
            rest = super().parse_args(ctx, args if ctx.resilient_parsing else self._with_values(ctx, args))
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # some come without
            raise
        if rest and not ctx.resilient_parsing:
            raise UsageError(f"There is nothing to do with {rest[0]!r} here. See {ctx.command_path} --help.")
        return rest

    def _with_values(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments, each option joined with its value by ``=``; a negative number is a value and no option.

        Raises UsageError for an option without one.
        """
        options = {name: each for each in self.get_params(ctx) for name in each.opts if name.startswith("--")}
        joined: list[str] = []
        rest = args[::-1]
        while rest and rest[-1] != "--":
            each = rest.pop()
            option = options.get(each)
            if isinstance(option, click.Option) and not option.is_flag:
                if rest and (not rest[-1].startswith("-") or _NEGATIVE.fullmatch(rest[-1])):
                    each += f"={rest.pop()}"
                elif isinstance(option, Option) and option.implied is not None:
                    each += f"={option.implied}"
                else:
                    raise UsageError(f"{each} needs a value. See {ctx.command_path} --help.")
            joined.append(each)
        return joined + rest[::-1]

    def invoke(self, ctx: click.Context) -> int:
        """Carry it out, and write what it says; gives the exit code."""
        as_json = self._prints and ctx.params.pop("as_json")
        return say(super().invoke(ctx), as_json)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the arguments, then the options."""
        if told := [(each.human_readable_name, each.told) for each in self.params if isinstance(each, Operand)]:
            with formatter.section("Arguments"):
                formatter.write_dl(told)
        super().format_options(ctx, formatter)

    def get_short_help_str(self, limit: int = 0) -> str:
        """The first sentence, however long."""
        return super().get_short_help_str(_WHOLE)


class Group(click.Group):
    """Verbs of one noun, in the order in which they were written."""

    command_class = Verb

    def __init__(self, *args: Any, **more: Any) -> None:
        shape = {"options_metavar": None, "subcommand_metavar": "VERB [OPTION]...", "no_args_is_help": False}
        super().__init__(*args, **{**shape, **more})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs."""
        return list(self.commands)

    def get_short_help_str(self, limit: int = 0) -> str:
        """The first sentence, however long."""
        return super().get_short_help_str(_WHOLE)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the verb. Raises UsageError where there is none."""
        rest = super().parse_args(ctx, args)
        if not args and not ctx.resilient_parsing:
            example = self.list_commands(ctx)[0]
            raise UsageError(f"A verb is missing, such as {example}. See {ctx.command_path} --help.")
        return rest

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The verb that is named. Raises UsageError, with the nearest that exists."""
        known = self.list_commands(ctx)
        if args[0] not in known:
            raise UsageError(f"There is no verb {args[0]!r}{nearest(args[0], known)} See {ctx.command_path} --help.")
        return super().resolve_command(ctx, args)


class Option(click.Option):
    """An option whose value may be left out, and is then the one that is ``implied``."""

    def __init__(self, *args: Any, implied: str | None = "true", **more: Any) -> None:
        super().__init__(*args, **more)
        self.implied = implied


class Operand(click.Argument):
    """An argument by its place, with a help text (which click's own have only of late)."""

    def __init__(self, *args: Any, help: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.told = help


def operand(name: str, metavar: str, help: str, **more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An argument of the function below, which the line has at this place."""

    def add(verb: Callable[..., Any]) -> Callable[..., Any]:
        return click.argument(name, metavar=metavar, cls=Operand, help=help, **more)(verb)

    return add


class Read(ParamType):
    """A value that a reader of ``settings/values.py`` reads.

    Who completes the line is offered ``words``, or with ``place`` the files (``file``) or folders (``dir``) there are.
    """

    name = "text"

    def __init__(self, parse: Callable[[Any], Any], words: Sequence[str] = (), place: str | None = None) -> None:
        self._parse, self._words, self._place = parse, words or words_of(parse), place

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value that the text is. Raises UsageError."""
        try:
            return self._parse(value)
        except ValueError as error:
            option = isinstance(param, click.Option)
            name = param.opts[0] if param is not None and option else getattr(param, "human_readable_name", "value")
            raise UsageError(f"{name}: {error}, not {value!r}.") from None

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The words that begin so."""
        from click.shell_completion import CompletionItem

        if self._place is not None:
            return [CompletionItem(incomplete, type=self._place)]
        return [CompletionItem(word) for word in self._words if word.startswith(incomplete)]


FILE = Read(str, place="file")
