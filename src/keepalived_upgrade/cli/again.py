"""The command line that was given, changed into the next one."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from enum import Enum
from typing import Any

# What only says how a plan is shown, or ends early: it is no part of the command to go on with.
SHOWN = (
    *("html", "patch", "svg", "format", "limit", "color", "side_by_side", "no_pager"),
    *("check", "write", "effect"),
)


def command_again(*more: str, without: Collection[str] = SHOWN) -> str:
    """Give the command line that runs now, as a shell takes it: without some options (by name), and with more words.

    What was not given stays not given. Gives "" outside a command.
    """
    import click
    from click.core import ParameterSource

    context = click.get_current_context(silent=True)
    if context is None:
        return ""
    words = context.command_path.split()
    arguments: list[str] = []
    for parameter in context.command.params:
        name = parameter.name or ""
        if name in without or context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        values = [str(_plain(value)) for value in _each(context.params[name])]
        if isinstance(parameter, click.Option):
            option = parameter.opts[0]
            words += [option] if parameter.is_flag else [word for value in values for word in (option, value)]
        else:
            arguments += values
    end = ["--"] if any(argument.startswith("-") for argument in arguments) else []
    return shlex.join([*words, *more, *end, *arguments])


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
