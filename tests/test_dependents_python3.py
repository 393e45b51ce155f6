"""Python 3 as libcst reads it: more forms that are rewritten, traps, and why the rest is left to a person."""

from __future__ import annotations

import subprocess
import sys

import pytest

from keepalived_upgrade.dependents.python import follow_python
from keepalived_upgrade.edits import apply_edits
from keepalived_upgrade.findings import Severity

BOTH = {b"GW": (b"GW_v4", b"GW_v6")}
KEPT = {b"GW": (b"GW", b"GW_v6")}
HEAD = "import re, sys\nkind, name, state = sys.argv[1:4]\ndef act(*words):\n    sys.stdout.write(' '.join(map(str, words)) + '\\n')\n"
PAIR = '"GW_v4", "GW_v6"'

# situation: (before, after). Where both are the same, nothing needs to change, and nothing needs to be said.
SITUATIONS = {
    "argv compared": ('if sys.argv[2] == "GW": act(1)', f"if sys.argv[2] in ({PAIR}): act(1)"),
    "inside not": ('act(not name == "GW")', f"act(not name in ({PAIR}))"),
    "inside a chain in parentheses": ('act(True == (name == "GW"))', f"act(True == (name in ({PAIR})))"),
    "compared with a sum": ('act("GW" == name + "")', f'act(name + "" in ({PAIR}))'),
    "in a lambda": ('act((lambda n: n == "GW")(name))', f"act((lambda n: n in ({PAIR}))(name))"),
    "in a while": ('while name == "GW":\n    act(1)\n    break', f"while name in ({PAIR}):\n    act(1)\n    break"),
    "in an assert": (
        'try:\n    assert name != "GW"\nexcept AssertionError: act(1)',
        f"try:\n    assert name not in ({PAIR})\nexcept AssertionError: act(1)",
    ),
    "after a walrus": ('if (n := name) == "GW": act(n != "x")', f'if (n := name) in ({PAIR}): act(n != "x")'),
    "bytes": ('act(name.encode() == b"GW")', 'act(name.encode() in (b"GW_v4", b"GW_v6"))'),
    "over two lines": ('if (name ==\n        "GW"): act(1)', f"if (name in ({PAIR})): act(1)"),
    "tuple without parentheses": ('N = "GW", "LAN"\nact(name in N)', f'N = {PAIR}, "LAN"\nact(name in N)'),
    "a list asked with not in, twice": (
        'N = ["GW"]\nact(name not in N, name in N)',
        f"N = [{PAIR}]\nact(name not in N, name in N)",
    ),
    "a list that names the new ones already": (
        f'act(name in ("GW", {PAIR}) or name == "GW")',
        f'act(name in ("GW", {PAIR}) or name in ({PAIR}))',
    ),
    "any of a constant": (
        'N = ("GW", "LAN")\nact(any(name == n for n in N))',
        f'N = ({PAIR}, "LAN")\nact(any(name == n for n in N))',
    ),
    "any of a list": ('act(any(n == name for n in ["GW"]))', f"act(any(n == name for n in [{PAIR}]))"),
    "a loop that only compares": (
        'for n in ("LAN", "GW"):\n    if n == name:\n        act(1)',
        f'for n in ("LAN", {PAIR}):\n    if n == name:\n        act(1)',
    ),
    "a dict of attributes": (
        'T = {"GW": sys.maxsize, "LAN": -1}\nact(T.get(name))',
        'T = {"GW_v4": sys.maxsize, "GW_v6": sys.maxsize, "LAN": -1}\nact(T.get(name))',
    ),
    "a dict over lines": (
        'T = {\n    "GW": "a",  # ours\n    "LAN": "b",\n}\nact(T[name] if name in T else 0)',
        'T = {\n    "GW_v4": "a", "GW_v6": "a",  # ours\n    "LAN": "b",\n}\nact(T[name] if name in T else 0)',
    ),
    "a constant shadowed by a parameter": (
        'I = "GW"\ndef f(I): return I == "x"\nact(f(name), I == name)',
        f'I = ({PAIR})\ndef f(I): return I == "x"\nact(f(name), name in I)',
    ),
    "a constant used in a function": (
        'I = "GW"\ndef f():\n    return name != I\nact(f())',
        f"I = ({PAIR})\ndef f():\n    return name not in I\nact(f())",
    ),
    "an attribute of a matched object": (
        'from types import SimpleNamespace as S\nmatch S(n=name):\n    case S(n="GW") as s: act(1)',
        'from types import SimpleNamespace as S\nmatch S(n=name):\n    case S(n="GW_v4" | "GW_v6") as s: act(1)',
    ),
    "a matched value of a mapping": (
        'match {"n": name}:\n    case {"n": "GW"}: act(1)',
        'match {"n": name}:\n    case {"n": "GW_v4" | "GW_v6"}: act(1)',
    ),
    "a name between words of an expression": (
        'act(bool(re.match("INSTANCE GW (MASTER|BACKUP)$", "INSTANCE %s MASTER" % name)))',
        'act(bool(re.match("INSTANCE (?:GW_v4|GW_v6) (MASTER|BACKUP)$", "INSTANCE %s MASTER" % name)))',
    ),
    "a group of an expression that captures": (
        'm = re.search("^(a|i):(?P<n>LAN|GW):([A-Z]+)", "i:%s:UP" % name)\nact(m and m.group(3))',
        'm = re.search("^(a|i):(?P<n>LAN|GW_v4|GW_v6):([A-Z]+)", "i:%s:UP" % name)\nact(m and m.group(3))',
    ),
    "an expression that ends where fullmatch does": (
        'act(bool(re.fullmatch("x=(?:GW|LAN)", "x=" + name)))',
        'act(bool(re.fullmatch("x=(?:GW_v4|GW_v6|LAN)", "x=" + name)))',
    ),
    "a part of a stripped line": ('act("GW" in name.strip())', 'act("GW" in name.strip())'),
    "a part of a text put together": ('act("GW" not in f"x {name}")', 'act("GW" not in f"x {name}")'),
    "a beginning": ('act(name.startswith(("GW", "LAN")))', 'act(name.startswith(("GW", "LAN")))'),
    "compared with a text put together": (
        'act(f"{kind}/{name}" == "INSTANCE/GW")',
        'act(f"{kind}/{name}" in ("INSTANCE/GW_v4", "INSTANCE/GW_v6"))',
    ),
    "not equal to a sum": (
        'act("INSTANCE-GW-MASTER" != kind + "-" + name + "-" + str(state))',
        'act(kind + "-" + name + "-" + str(state) not in ("INSTANCE-GW_v4-MASTER", "INSTANCE-GW_v6-MASTER"))',
    ),
    "a text put together in a variable": (
        'key = "%s %s" % (kind, name)\nif key in ("INSTANCE GW", "GROUP G"): act(1)',
        'key = "%s %s" % (kind, name)\nif key in ("INSTANCE GW_v4", "INSTANCE GW_v6", "GROUP G"): act(1)',
    ),
    "a text that format puts together": (
        "act('{}:{}'.format(name, state) == 'GW:MASTER')",
        "act('{}:{}'.format(name, state) in ('GW_v4:MASTER', 'GW_v6:MASTER'))",
    ),
    "a text with one value": ('act("x/%s" % name == "x/GW")', 'act("x/%s" % name in ("x/GW_v4", "x/GW_v6"))'),
    "an expression that is compiled": (
        'P = re.compile(r"^(GW|LAN)$")\nact(bool(P.match(name)), P.match(kind) is None)',
        'P = re.compile(r"^(GW_v4|GW_v6|LAN)$")\nact(bool(P.match(name)), P.match(kind) is None)',
    ),
    "an expression that is compiled and used at once": (
        'act(bool(re.compile("(GW|LAN)").fullmatch(name)))',
        'act(bool(re.compile("(GW_v4|GW_v6|LAN)").fullmatch(name)))',
    ),
    "a constant of a class": (
        'class C:\n    I = "GW"\n    def ours(self, n): return n == self.I\nact(C().ours(name), C.I != name)',
        f"class C:\n    I = ({PAIR})\n    def ours(self, n): return n in self.I\nact(C().ours(name), name not in C.I)",
    ),
    "choices of an option": (
        'import argparse\np = argparse.ArgumentParser()\np.add_argument("n", choices=["GW", "LAN", "GW1"])\np.parse_args([name])\nact(1)',
        f'import argparse\np = argparse.ArgumentParser()\np.add_argument("n", choices=[{PAIR}, "LAN", "GW1"])\np.parse_args([name])\nact(1)',
    ),
}

# situation: (script, severity, words of the reason)
FINDINGS = {
    "dict() with keywords": ("T = dict(GW=1)\nact(T.get(name))", Severity.DECISION, "keyword"),
    "the default of an option": ('p.add_argument("-n", default="GW")', Severity.DECISION, "default of an option"),
    "the default of a parameter": ('def f(n="GW"):\n    return n == "GW"\nact(f())', Severity.DECISION, "parameter"),
    "a text put together and compared": ('act(name == f"{kind}-GW")', Severity.DECISION, "put together"),
    "a text put together and printed in a test": ('print(f"{kind}-GW" == name)', Severity.DECISION, "put together"),
    "a text put together": ('open(f"/run/{kind}.GW")', Severity.REVIEW, "put together"),
    "a sum": ('act("GW" + state == name)', Severity.DECISION, "put together"),
    "format": ('act("GW.{}".format(kind) == name)', Severity.DECISION, "format"),
    "percent": ('act("GW.%s" % kind)', Severity.REVIEW, "put together"),
    "a list, or a text": ('act("GW" in name)', Severity.DECISION, "looked for"),
    "a part of the name": ('act(name in "GW")', Severity.DECISION, "part of it"),
    "a chain": ('act(kind < name == "GW")', Severity.DECISION, "chain"),
    "a chain of in": ('act(name in ("GW",) in [()])', Severity.DECISION, "GW"),
    "a loop that does something": ('for n in ("GW",): act(n)', Severity.DECISION, "gone through"),
    "a loop with an else": ('for n in ("GW",):\n    if n == name: act(1)\n    else: act(2)', Severity.DECISION, "gone"),
    "a loop whose variable is used": ('for n in ("GW",):\n    if n == name: act(n)', Severity.DECISION, "gone"),
    "a loop that asks a function": ('for n in ("GW",):\n    if n == input(): act(1)', Severity.DECISION, "gone"),
    "a loop variable compared with the name": ('for n in ["GW"]:\n    act(n == "GW")', Severity.DECISION, "gone"),
    "words of an expression": (r'act(re.search(r"\bGW\b", name))', Severity.DECISION, "expression"),
    "a line that begins with the name": (r'act("\nGW:" in name)', Severity.DECISION, "looked for"),
    "changed, then compared": ('act(name.lower() == "GW".lower())', Severity.DECISION, "method"),
    "kept on the way": ('if (n := "GW") == name: act(n)', Severity.DECISION, "variable"),
    "a loop over a dict's items": ('T = {"GW": 1}\nfor n, v in T.items(): act(n == "GW")', Severity.DECISION, "GW"),
    "an attribute that is given the name": ('act.n = "GW"\nact(act.n == "GW")', Severity.DECISION, "GW"),
    "a class attribute": ('class C:\n    I = "GW"\nact(C.I == "GW")', Severity.DECISION, "GW"),
    "a class attribute that an object gets": (
        'class C:\n    I = "GW"\n    def set(self): self.I = kind\nact(C.I == name)',
        Severity.DECISION,
        "GW",
    ),
    "a class attribute of a base": (
        'class C:\n    I = "GW"\nclass D(C):\n    I = "x"\nact(D.I == name, C.I == name)',
        Severity.DECISION,
        "GW",
    ),
    "a class attribute that is reached by its name": (
        'class C:\n    I = "GW"\nact(getattr(C, "I") == name, C.I == name)',
        Severity.DECISION,
        "GW",
    ),
    "a class attribute of another object too": (
        'class C:\n    I = "GW"\ndef f(c): return c.I == name\nact(f(C), C.I == name)',
        Severity.DECISION,
        "GW",
    ),
    "an enumeration": (
        'import enum\nclass C(enum.Enum):\n    I = "GW"\nact(C(name) is C.I)',
        Severity.DECISION,
        "GW",
    ),
    "a text put together of what was cut": (
        'act(f"{kind}/{name[:2]}" == "INSTANCE/GW")',
        Severity.DECISION,
        "GW",
    ),
    "a text that can be taken to pieces in two ways": (
        'act(f"{kind} {name}" == "INSTANCE GW x")',
        Severity.DECISION,
        "GW",
    ),
    "a text put together with a width": ('act(f"{kind} {name:>4}" == "INSTANCE GW")', Severity.DECISION, "GW"),
    "a text put together otherwise": ('act(" ".join((kind, name)) == "INSTANCE GW")', Severity.DECISION, "GW"),
    "an expression that is compiled and searched in two ways": (
        'P = re.compile("(GW|LAN)")\nact(P.match(name), P.search(name))',
        Severity.DECISION,
        "expression",
    ),
    "an expression that is compiled and handed on": (
        'P = re.compile("^(GW|LAN)$")\nact(re.sub(P, "x", name))',
        Severity.DECISION,
        "expression",
    ),
    "a key looked up by its name": ('T = {"GW": 1}\nact(T["GW"], T.get(name))', Severity.DECISION, "GW"),
    "a key asked by its name": ('T = {"GW": 1}\nact("GW" in T)', Severity.DECISION, "GW"),
    "a key looked up by a constant": ('I = "GW"\nT = {"GW": 1}\nact(T[I])', Severity.DECISION, "GW"),
    "a key of a pattern": ('match {name: 1}:\n    case {"GW": n}: act(n)', Severity.DECISION, "pattern"),
    "an unanchored expression": ('act(re.search("(GW|LAN) up", name))', Severity.DECISION, "expression"),
    "an optional blank": ('act(re.search("^GW ?x", name))', Severity.DECISION, "expression"),
    "an expression with a class": ('act(re.search(r"^[ GW ]$", name))', Severity.DECISION, "expression"),
    "an expression that looks ahead": ('act(re.search("^a(?=GW )", name))', Severity.DECISION, "expression"),
    "two expressions in one": ('act(re.search("^GW |x", name))', Severity.DECISION, "expression"),
    "a constant that += changes": ('I = "GW"\nI += "x"\nact(name == I)', Severity.DECISION, "variable"),
    "a constant that a pattern assigns": (
        'I = "GW"\nmatch name:\n    case I: act(I == state)',
        Severity.DECISION,
        "variable",
    ),
    "a constant that import * may assign": (
        'I = "GW"\nfrom os import *\nact(name == I)',
        Severity.DECISION,
        "variable",
    ),
    "a constant that global assigns": (
        'I = "GW"\ndef f():\n    global I\n    I = 1\nact(name == I)',
        Severity.DECISION,
        "variable",
    ),
    "a constant bound by import": ('I = "GW"\nimport os as I\nact(name == I)', Severity.DECISION, "variable"),
    "a chained assignment": ('I = J = "GW"\nact(name == I)', Severity.DECISION, "variable"),
}

# (name, script that only looks as if it held the name)
TRAPS = [
    (b"vrrp", 'act(name == "vrrp_script", "vrrps", "myvrrp")\nvrrp_x = 1'),
    (b"4$", 'act(name == "4", re.search("14$1", name))'),
    (b"42", 'act(name == "420", 142, "x42")'),
    (b"eth1", 'act(name in ("eth10", "veth1", "eth1_2"))'),
    (b"vips", 'T = {"vips4": 1, "my_vips": 2}\nact(T.get(name))'),
    (b"VI_1", 'act(name == "VI_10" or name == "VI_1_B")'),
    (b"VIP", 'DNS_VIP = "x"\nact(name == DNS_VIP, "DNS_VIP")'),
    (b"GW", 'act("GWAY" in name, name.endswith("MYGW"))'),
    (b"GW", 'match name:\n    case "GW2" | "LGW": act(1)'),
    (b"GW", 'act(re.match("^(GWX|LGW)$", name))'),
    (b"GW", 'act(f"{kind}GWX" == name)'),
]


def script(body: str) -> bytes:
    return (HEAD + body + "\n").encode()


def behaviour(source: bytes, name: str) -> tuple[str, int]:
    command = [sys.executable, "-I", "-S", "-", "INSTANCE", name, "MASTER", "100"]
    done = subprocess.run(command, input=source, capture_output=True, timeout=10, check=False)
    return done.stdout.decode(), done.returncode


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_script_does_for_each_new_name_what_it_did_for_the_old_one(situation: str) -> None:
    before, after = map(script, SITUATIONS[situation])
    result = follow_python("/x", before, BOTH)
    assert apply_edits(before, result.edits).decode() == after.decode()
    assert result.findings == ()
    for name in ("GW_v4", "GW_v6"):
        assert behaviour(after, name) == behaviour(before, "GW")
    for name in ("LAN", "GW1", "MYGW"):
        assert behaviour(after, name) == behaviour(before, name)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_second_run_changes_nothing(situation: str) -> None:
    for names in (BOTH, KEPT):
        source = script(SITUATIONS[situation][0])
        once = apply_edits(source, follow_python("/x", source, names).edits)
        assert follow_python("/x", once, names).edits == ()
    for name in ("GW", "GW_v6"):
        assert behaviour(once, name) == behaviour(source, "GW")


@pytest.mark.parametrize("situation", FINDINGS)
def test_what_is_left_alone_is_said_with_its_reason(situation: str) -> None:
    body, severity, words = FINDINGS[situation]
    result = follow_python("/x", script(body), BOTH)
    assert result.edits == ()
    assert severity in {f.severity for f in result.findings}
    assert any(words in f.message and f.place.line > 4 and f.place.column for f in result.findings), result.findings


@pytest.mark.parametrize(("name", "body"), TRAPS)
def test_what_only_looks_like_a_name_stays(name: bytes, body: str) -> None:
    result = follow_python("/x", script(body), {name: (name + b"_v4", name + b"_v6")})
    assert (result.edits, result.findings) == ((), ())


def test_one_new_name_leaves_a_part_of_a_text_to_a_person() -> None:
    result = follow_python("/x", script('act("GW" in name.strip())'), {b"GW": (b"WAN",)})
    assert (result.edits, [f.severity for f in result.findings]) == ((), [Severity.DECISION])


@pytest.mark.parametrize(
    "deep", ["1" + "+1" * 20_000, "(" * 150 + "1" + ")" * 150, "a" + ".b" * 5_000, "-" * 3_000 + "1"]
)
def test_an_expression_that_is_very_deep_gives_no_traceback(deep: str) -> None:
    source = f'if name == "GW":\n    x = {deep}\nfor n in ["GW", {deep}]:\n    pass\n'.encode()
    result = follow_python("/x", source, BOTH)
    assert result.edits or result.findings
