"""The command line as data, read from the commands themselves: for shell completion and the manual."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

NAME = "keepalived-upgrade"
FILES = ("FILE", "PATH", "CONFIG")
FOLDERS = ("DIR",)


@dataclass(frozen=True, slots=True)
class Parameter:
    """names: the spellings of an option; none for an argument. metavar: "" for a switch. words: what can be given,
    where it is known. default: what is taken when it is not given, "" for nothing to say."""

    names: tuple[str, ...]
    metavar: str
    help: str
    words: tuple[str, ...] = ()
    default: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One command with its options and arguments. epilog: examples, or ""."""

    name: str
    help: str
    options: tuple[Parameter, ...]
    arguments: tuple[Parameter, ...] = ()
    epilog: str = ""

    @property
    def summary(self) -> str:
        """The first sentence of the help."""
        return " ".join(self.help.split()).split(". ")[0].rstrip(".")


@dataclass(frozen=True, slots=True)
class Program:
    """The program: what stands before a command, and the commands. epilog: the exit statuses."""

    help: str
    epilog: str
    options: tuple[Parameter, ...]
    commands: tuple[Command, ...]


def read_program() -> Program:
    """Give the program as its own command line describes it."""
    from typer.main import get_command

    from keepalived_upgrade.cli import app

    group: Any = get_command(app)
    commands = tuple(
        Command(name, one.help or "", *_parameters(name, one), epilog=one.epilog or "")
        for name, one in group.commands.items()
    )
    return Program(group.help or "", group.epilog or "", _parameters("", group)[0], commands)


def _parameters(command: str, one: Any) -> tuple[tuple[Parameter, ...], tuple[Parameter, ...]]:
    options: list[Parameter] = []
    arguments: list[Parameter] = []
    for parameter in one.params:
        argument = parameter.param_type_name == "argument"
        choices = tuple(getattr(parameter.type, "choices", ()))
        switch = getattr(parameter, "is_flag", False)
        metavar = "" if switch else parameter.metavar or parameter.name.upper()
        words = choices or (() if switch else _words(command, parameter.name, metavar))
        read = Parameter(
            () if argument else tuple(parameter.opts),
            "|".join(choices) if choices else metavar,
            parameter.help or "",
            words,
            "" if switch else _default(parameter.default),
            parameter.required,
        )
        (arguments if argument else options).append(read)
    options.append(Parameter(("--help",), "", "Show the options and exit."))
    return tuple(options), tuple(arguments)


def _default(value: Any) -> str:
    plain = getattr(value, "value", value)
    return str(plain) if isinstance(plain, (str, int)) and not isinstance(plain, bool) else ""


def _words(command: str, name: str, metavar: str) -> tuple[str, ...]:
    """What can be given for a parameter: by its own name in a command, or by its metavar."""
    sources: dict[str, Callable[[], tuple[str, ...]]] = {
        "explain id": _explained,
        "upgrade only": _migrations,
        "upgrade skip": _migrations,
        "schema command": _schemas,
        "completion shell": _shells,
        "RELEASE": _releases,
        "FINDING": _findings,
        "AREA": lambda: _fields("area"),
        "KIND": lambda: _fields("kind"),
    }
    source = sources.get(f"{command} {name}") or sources.get(metavar)
    return source() if source is not None else ()


def _releases() -> tuple[str, ...]:
    from keepalived_upgrade.releases import DISTRIBUTIONS

    return tuple(DISTRIBUTIONS)


def _migrations() -> tuple[str, ...]:
    from keepalived_upgrade.catalogue import load_migrations

    return tuple(sorted(migration.id for migration in load_migrations()))


def _fields(name: str) -> tuple[str, ...]:
    from keepalived_upgrade.catalogue import load_migrations

    return tuple(sorted({str(getattr(migration, name)) for migration in load_migrations()}))


def _explained() -> tuple[str, ...]:
    from keepalived_upgrade.explanations import ids_to_explain

    return ids_to_explain()


def _findings() -> tuple[str, ...]:
    """Ids with a text of their own, less the migrations and the areas."""
    ids = _explained()
    return tuple(id for id in ids if id not in _migrations() and not any(other.startswith(f"{id}/") for other in ids))


def _schemas() -> tuple[str, ...]:
    from keepalived_upgrade.cli.generated import SCHEMAS

    return tuple(sorted(file.stem for file in SCHEMAS.glob("*.json")))


def _shells() -> tuple[str, ...]:
    from keepalived_upgrade.cli.completion import SHELLS

    return tuple(SHELLS)
