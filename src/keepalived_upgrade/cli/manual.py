"""The manual page, written from the command line itself."""

from __future__ import annotations

from collections.abc import Iterator

from keepalived_upgrade.cli.words import NAME, Command, Parameter, Program

_ENVIRONMENT = (
    ("KEEPALIVED_UPGRADE_PAGER, PAGER", "The pager for a report on a terminal; less if neither is set, none if empty."),
    ("LESS", "Options of less; FRX if it is not set."),
    ("NO_COLOR", "No colours, unless --color always is given."),
    ("COLUMNS", "The width of the report on a terminal, and of --side-by-side."),
    ("KEEPALIVED_UPGRADE_DEBUG", "A fault of this program ends with a traceback."),
)
_FILES = (
    ("/etc/keepalived/keepalived.conf", "The configuration, if no other is named."),
    ("/var/lib/keepalived-upgrade/undo", "The old files of each --write, inside the root; undo puts them back."),
)


def render_manual(program: Program) -> Iterator[str]:
    """Give the page, line by line."""
    from keepalived_upgrade import __version__

    yield f'.TH {_text(NAME.upper())} 1 "" "{_text(f"{NAME} {__version__}")}" "System Administration"'
    yield ".SH NAME"
    yield f"{_text(NAME)} \\- carry a keepalived configuration and its scripts from one release to another"
    yield ".SH SYNOPSIS"
    for number, command in enumerate(program.commands):
        if number:
            yield ".br"
        yield f".B {_text(f'{NAME} {command.name}')}"
        yield _synopsis(command)
    yield ".SH DESCRIPTION"
    yield from _paragraphs(program.help)
    yield ".PP"
    yield _text("Nothing is written without --write; then all files or none.")
    yield ".SH COMMANDS"
    for command in program.commands:
        yield from _command(command)
    yield ".SH EXIT STATUS"
    yield from _paragraphs(program.epilog.removeprefix("Exit status: ").capitalize())
    yield ".SH ENVIRONMENT"
    yield from _terms(_ENVIRONMENT)
    yield ".SH FILES"
    yield from _terms(_FILES)
    yield ".SH SEE ALSO"
    yield ".BR keepalived (8),"
    yield ".BR keepalived.conf (5)"


def _synopsis(command: Command) -> str:
    words = "".join(f" {a.metavar}" if a.required else f" [{a.metavar}]" for a in command.arguments)
    return _text(f"[OPTION]...{words}")


def _command(command: Command) -> Iterator[str]:
    yield f".SS {_text(command.name)}"
    yield from _paragraphs(command.help)
    for parameter in (*command.arguments, *command.options):
        yield ".TP"
        yield _heading(parameter)
        default = f" Default: {parameter.default}." if parameter.default else ""
        yield _text(" ".join(parameter.help.split()) + default)
    if command.epilog:
        yield ".PP"
        yield from _examples(command.epilog)


def _heading(parameter: Parameter) -> str:
    names = ", ".join(f"\\fB{_text(name)}\\fR" for name in parameter.names)
    metavar = f"\\fI{_text(parameter.metavar)}\\fR" if parameter.metavar else ""
    return " ".join(part for part in (names, metavar) if part)


def _examples(epilog: str) -> Iterator[str]:
    """`Examples:  one  |  two`: one on a line."""
    title, colon, rest = epilog.partition(":")
    if not colon:
        yield from _paragraphs(epilog)
        return
    yield _text(f"{title}:")
    for example in rest.split("  |  "):
        yield ".PP"
        yield ".RS 4"
        yield ".nf"
        yield _text(example.strip())
        yield ".fi"
        yield ".RE"


def _terms(terms: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for name, text in terms:
        yield ".TP"
        yield f"\\fB{_text(name)}\\fR"
        yield _text(text)


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield ".PP"
        yield _text(" ".join(paragraph.split()))


def _text(text: str) -> str:
    """Escape what roff reads as its own: backslashes, hyphens, characters beyond ASCII, a dot or quote in front."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    ascii = "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in escaped)
    return f"\\&{ascii}" if ascii[:1] in (".", "'") else ascii
