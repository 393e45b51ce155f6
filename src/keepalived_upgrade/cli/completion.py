"""Completion scripts for bash, zsh and fish, written from the command line itself.

A script holds all words; completing starts no Python.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from keepalived_upgrade.cli.words import FILES, FOLDERS, NAME, Command, Parameter, Program

# -- bash ---------------------------------------------------------------------------------------------------------


def bash(program: Program) -> Iterator[str]:
    """Give the script for bash 4 and later."""
    yield f"# bash completion for {NAME}; made by `{NAME} completion bash`."
    names = "|".join(command.name for command in program.commands)
    first = " ".join([*_names(program.options), *(command.name for command in program.commands)])
    yield "_keepalived_upgrade() {"
    yield '    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command="" at'
    yield "    # bash cuts --option=value at the =."
    yield '    if [[ $cur == = ]]; then cur=""; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi'
    yield "    for ((at = 1; at < COMP_CWORD; at++)); do"
    yield f"        case ${{COMP_WORDS[at]}} in {names}) command=${{COMP_WORDS[at]}}; break ;; esac"
    yield "    done"
    yield '    case "$command $prev" in'
    for command in program.commands:
        for option in command.options:
            if option.metavar:
                patterns = "|".join(f'"{command.name} {name}"' for name in option.names)
                yield f"        {patterns}) {_bash_values(option)}; return ;;"
    yield "    esac"
    yield "    case $command in"
    yield f'        "") {_give(first)} ;;'
    for command in program.commands:
        yield f"        {command.name})"
        yield f"            if [[ $cur == -* ]]; then {_give(' '.join(_names(command.options)))}"
        yield f"            else {_bash_values(command.arguments[0]) if command.arguments else ':'}"
        yield "            fi ;;"
    yield "    esac"
    yield "}"
    yield "_keepalived_upgrade_give() {"
    yield '    mapfile -t COMPREPLY < <(compgen "$@" -- "$cur")'
    yield "}"
    yield f"complete -F _keepalived_upgrade {NAME}"


def _give(words: str) -> str:
    return f"_keepalived_upgrade_give -W {shlex.quote(words)}"


def _bash_values(parameter: Parameter) -> str:
    if parameter.words:
        return _give(" ".join(parameter.words))
    if parameter.metavar in FOLDERS:
        return "compopt -o filenames; _keepalived_upgrade_give -d"
    return "compopt -o filenames; _keepalived_upgrade_give -f" if parameter.metavar in FILES else ":"


def _names(options: tuple[Parameter, ...]) -> list[str]:
    return [name for option in options for name in option.names]


# -- zsh ----------------------------------------------------------------------------------------------------------


def zsh(program: Program) -> Iterator[str]:
    """Give the script for zsh: a function file for `fpath`, or to be evaluated after compinit."""
    yield f"#compdef {NAME}"
    yield f"# zsh completion for {NAME}; made by `{NAME} completion zsh`."
    yield "_keepalived_upgrade() {"
    yield "    local state line"
    yield "    typeset -A opt_args"
    yield "    local -a commands=("
    for command in program.commands:
        yield f"        {shlex.quote(f'{command.name}:{_plain(command.summary)}')}"
    yield "    )"
    globals_ = " ".join(_zsh_option(option) for option in program.options)
    yield f"    _arguments -C {globals_} '1:command:->command' '*::argument:->arguments'"
    yield "    case $state in"
    yield "        command) _describe command commands ;;"
    yield "        arguments)"
    yield "            case $words[1] in"
    for command in program.commands:
        yield f"                {command.name})"
        yield "                    _arguments \\"
        for option in command.options:
            yield f"                        {_zsh_option(option)} \\"
        for number, argument in enumerate(command.arguments, 1):
            optional = "" if argument.required else ":"
            text = shlex.quote(f"{number}:{optional}{argument.metavar}:{_zsh_values(argument)}")
            yield f"                        {text} \\"
        yield "                        ;;"
    yield "            esac ;;"
    yield "    esac"
    yield "}"
    yield 'if [[ $funcstack[1] == _keepalived-upgrade ]]; then _keepalived_upgrade "$@"'
    yield f"else compdef _keepalived_upgrade {NAME}"
    yield "fi"


def _zsh_option(option: Parameter) -> str:
    value = f":{_plain(option.metavar)}:{_zsh_values(option)}" if option.metavar else ""
    text = _plain(option.help).replace("[", "(").replace("]", ")")
    return " ".join(shlex.quote(f"{name}[{text}]{value}") for name in option.names)


def _zsh_values(parameter: Parameter) -> str:
    if parameter.words:
        return f"({' '.join(parameter.words)})"
    if parameter.metavar in FOLDERS:
        return "_files -/"
    return "_files" if parameter.metavar in FILES else " "


def _plain(text: str) -> str:
    """Colons separate the parts of what zsh reads."""
    return " ".join(text.split()).replace(":", " -")


# -- fish ---------------------------------------------------------------------------------------------------------


def fish(program: Program) -> Iterator[str]:
    """Give the script for fish."""
    yield f"# fish completion for {NAME}; made by `{NAME} completion fish`."
    yield f"complete -c {NAME} -f"
    for option in program.options:
        yield f"complete -c {NAME} -n __fish_use_subcommand {_fish_option(option)}"
    for command in program.commands:
        summary = shlex.quote(command.summary)
        yield f"complete -c {NAME} -n __fish_use_subcommand -a {command.name} -d {summary}"
    for command in program.commands:
        yield from _fish_command(command)


def _fish_command(command: Command) -> Iterator[str]:
    when = f"-n '__fish_seen_subcommand_from {command.name}'"
    for option in command.options:
        yield f"complete -c {NAME} {when} {_fish_option(option)}"
    for argument in command.arguments:
        values = _fish_values(argument)
        if values:
            yield f"complete -c {NAME} {when} {values}"


def _fish_option(option: Parameter) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
    value = ("-r " if option.metavar in FILES else "-x ") + _fish_values(option) if option.metavar else ""
    return " ".join(part for part in (names, value.strip(), f"-d {shlex.quote(' '.join(option.help.split()))}") if part)


def _fish_values(parameter: Parameter) -> str:
    if parameter.words:
        return f"-a {shlex.quote(' '.join(parameter.words))}"
    if parameter.metavar in FOLDERS:
        return "-a '(__fish_complete_directories)'"
    return "-F" if parameter.metavar in FILES else ""


SHELLS = {"bash": bash, "zsh": zsh, "fish": fish}
