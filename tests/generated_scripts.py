"""Scripts at random from all forms that are followed, nested and combined: shell and Python, with one name, GW."""

from __future__ import annotations

from random import Random

_SHELL_OPERANDS = ('"$2"', "$2", '"$2"', '"$3"', '"$N"', '"${2}"', '"$C"', '"$1"')
_SHELL_LITERALS = ("GW", '"GW"', "'GW'", "LAN", '"$I"', "$I", "MASTER", "G?", "GW*")
_SHELL_REGEXES = ("^GW$", "^(GW|LAN)$", "GW", "^GW", "GW$", "^GW|LAN$", "(GW)$")
_SHELL_ARMS = ("GW", "LAN", "GW|LAN", "G?", "GW*", "*4", "*_v6", '"GW"', "$I", "*")
_SHELL_LOOPS = (
    "[ $n = $2 ] && act l",
    'if [ "$2" = $n ]; then act m; break; fi',
    "[ $n != $2 ] && act o",
    "act $n",
    "case $2 in $n) act z ;; esac",
    "[[ $n == $2 ]] && N=1",
)
_PYTHON_OPERANDS = ("name", "state", "sys.argv[2]", "x", "I", "str(name)", "name.strip()", "(name)", "name[:2]", "cut")
_PYTHON_LITERALS = ('"GW"', "'GW'", '"LAN"', "I", '"MASTER"', 'u"GW"')

# What stands above the statements where they use it.
_PYTHON_HEADS = {
    "P.": ('P = re.compile("^(GW|LAN)$")', 'P = re.compile("(LAN|GW)$")', 'P = re.compile("^GW")'),
    "K ": ('K = f"{kind}/{name}"', 'K = kind + "/" + x', 'K = "%s/%s" % (kind, name)', 'K = "%s/%s" % (kind, cut)'),
    "C.": ('class C:\n    I = "GW"', 'class C:\n    I = "LAN"', "class C:\n    I = state"),
}


def _indent(text: str) -> str:
    return "\n".join("    " + line for line in text.split("\n"))


class ShellScript:
    """A bash script that is called as keepalived calls a notify script; `act` records what it does."""

    def __init__(self, random: Random) -> None:
        self.pick = random.choice
        self.random = random

    def source(self) -> bytes:
        """Give the script."""
        head = ["#!/bin/bash", self.pick(("I=GW", 'I="GW"', "I=LAN", "I=$3")), self.pick(('L="GW LAN"', "L=LAN"))]
        head.append(self.pick(("C=${2%_*}", "C=$2", "C=$2", "C=$3")))
        head += self.random.sample(("B=(GW LAN)", "declare -A A=([GW]=1 [LAN]=2)"), self.random.randrange(3))
        head.append(self.pick(('is() { [ "$1" = "$2" ]; }', 'is() { [ "$1" = "$2" ] && act yes; }')))
        head.append('has() { for h in GW LAN; do [ "$1" = "$h" ] && return 0; done; return 1; }')
        body = [self.statement() for _ in range(self.random.randint(1, 3))]
        return ("\n".join([*head, *body, "exit 0"]) + "\n").encode()

    def statement(self, depth: int = 0) -> str:
        """Give a statement."""
        kind = self.random.randrange(8)
        if depth > 2 or kind < 2:
            return self.pick(("act a", "act b $3", "N=$2", "act ${A[$2]}", "act c $?"))
        if kind < 4:
            return f"if {self.condition()}; then\n{self.statement(depth + 1)}\nelse\n{self.statement(depth + 1)}\nfi"
        if kind == 4:
            return f"{self.condition()} && act p"
        if kind == 5:
            arms = self.random.sample(_SHELL_ARMS, self.random.randint(1, 3))
            lines = [f"{arm}) act {n} {self.pick((';;', ';;', ';;&', ';&'))}" for n, arm in enumerate(arms)]
            return f"case {self.pick(_SHELL_OPERANDS)} in\n" + "\n".join(lines) + "\nesac"
        if kind == 6:
            words = self.pick(("GW LAN", "LAN GW", "$L", '"${B[@]}"'))
            return f"for n in {words}; do {self.pick(_SHELL_LOOPS)}; done"
        return f"{self.statement(depth + 1)}\n{self.statement(depth + 1)}"

    def condition(self, depth: int = 0) -> str:
        """Give a condition."""
        drawn = self.random.random()
        if depth > 2 or drawn < 0.6:
            return self.test()
        if drawn < 0.7:
            return f"! {self.test()}"
        return f"{self.condition(depth + 1)} {self.pick(('&&', '||'))} {self.condition(depth + 1)}"

    def test(self) -> str:
        """Give a test."""
        a, b = self.pick(_SHELL_OPERANDS), self.pick(_SHELL_LITERALS)
        flags = self.pick(("", "x", "w", "v", "F", "xF", "E"))
        return self.pick(
            (
                *(f"[ {a} = {b} ]", f"[ {a} != {b} ]", f"[ ! {a} = {b} ]", f"[[ {a} == {b} ]]", f"[[ {a} != {b} ]]"),
                *(f"test {a} = {b}", f'[ {a} = {b} -a "$3" = MASTER ]', f"[[ {a} == {b} && $3 == MASTER ]]"),
                f"[ {a} = {b} -o {self.pick(_SHELL_OPERANDS)} = {self.pick(_SHELL_LITERALS)} ]",
                f"[[ $2 =~ {self.pick(_SHELL_REGEXES)} ]]",
                f"echo {a} | grep -q{flags} {self.pick(('GW', '^GW$', 'GW$', '^GW', 'LAN'))}",
                f"grep -q {self.pick(('GW', '^GW$', '-e GW -e LAN'))} <<< {a}",
                *(f"is {self.pick(('GW', 'LAN', '$2'))} {a}", f"has {a}"),
                *('case " $L " in *" $2 "*) true ;; *) false ;; esac', '[[ " $L " == *" $2 "* ]]'),
            )
        )


class PythonScript:
    """A Python 3 script that is called as keepalived calls a notify script; `act` records what it does."""

    def __init__(self, random: Random) -> None:
        self.pick = random.choice
        self.random = random

    def source(self) -> bytes:
        """Give the script."""
        head = [
            'import re, sys\nkind, name, state = sys.argv[1:4]\nx = ""',
            self.pick(('cut = name.split("_")[0]', "cut = name.split()[0] if name else name", "cut = name.upper()")),
            self.pick(('I = "GW"', 'I = "LAN"', "I = state")),
            self.pick(('L = ["GW", "LAN"]', 'L = ("LAN", "GW")', 'L = {"LAN"}', 'L = frozenset(["GW"])')),
            self.pick(('D = {"GW": 1, "LAN": 2}', 'D = {"LAN": 0}', 'D = {"GW": "x"}')),
            self.pick(('def is_(n):\n    return n == "GW"', "def is_(n):\n    return n in L")),
        ]
        body = "\n".join(self.statement() for _ in range(self.random.randint(1, 3)))
        head += [self.pick(lines) for used, lines in _PYTHON_HEADS.items() if used in body]
        return ("\n".join([*head, body]) + "\n").encode()

    def statement(self, depth: int = 0) -> str:
        """Give a statement."""
        kind = self.random.randrange(8)
        if depth > 2 or kind < 2:
            lines = ("act(1)", "act(state)", "act(D.get(name, 7))", "act(I == name)", 'act(2 if name == "GW" else 1)')
            return self.pick(lines)
        if kind < 5:
            yes, no = _indent(self.statement(depth + 1)), _indent(self.statement(depth + 1))
            return f"if {self.condition()}:\n{yes}\nelse:\n{no}"
        if kind == 5:
            items = self.pick(("L", "D", '("GW", "LAN")'))
            body = self.pick(("if n == name: act(2)", "act(n)", "if n != name: act(5)"))
            return f"for n in {items}:\n{_indent(body)}"
        if kind == 6:
            patterns = self.random.sample(('"GW"', '"LAN"', '"GW" | "X"'), self.random.randint(1, 3))
            arms = [f"    case {pattern}:\n        act({n})" for n, pattern in enumerate(patterns)]
            return f"match {self.pick(('name', 'cut'))}:\n" + "\n".join(arms) + "\n    case _:\n        act(9)"
        return f"{self.statement(depth + 1)}\n{self.statement(depth + 1)}"

    def condition(self, depth: int = 0) -> str:
        """Give a condition."""
        drawn = self.random.random()
        if depth > 2 or drawn < 0.55:
            return self.test()
        if drawn < 0.7:
            return f"not {self.test()}"
        return f"({self.condition(depth + 1)}) {self.pick(('and', 'or'))} ({self.condition(depth + 1)})"

    def test(self) -> str:
        """Give a test."""
        a, b = self.pick(_PYTHON_OPERANDS), self.pick(_PYTHON_LITERALS)
        matched = self.pick(("^GW$", "GW", "(GW|LAN)$", "^(GW|LAN)$", "x GW y"))
        return self.pick(
            (
                *(f"{a} == {b}", f"{b} == {a}", f"{a} != {b}", f'{a} in ("GW", "LAN")', f'{a} not in ["LAN", "GW"]'),
                *(f"{a} in L", f"{a} in D", f"D.get({a})", f"is_({a})", f'{a} in set(["GW"])', f'"GW" in str({a})'),
                *(f'{a}.startswith("GW")', f'{a}.endswith("GW")', f"any({a} == n for n in L)"),
                f're.match(r"{matched}", {a})',
                *(f'f"{{kind}}/{{{a}}}" == "INSTANCE/GW"', 'K != "INSTANCE/GW"'),
                *('K in ("INSTANCE/GW", "INSTANCE/LAN")', f'"-{{}}".format({a}) == "-GW"', f"{a} == C.I"),
                f"P.match({a})",
                f're.search("{self.pick(("^GW$", "GW$", "^GW"))}", {a})',
                f're.fullmatch("{self.pick(("GW", "GW|LAN", "(GW|LAN)"))}", {a})',
            )
        )
