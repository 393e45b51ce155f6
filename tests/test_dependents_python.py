"""Python scripts, 2 and 3: what is rewritten, what must not change, and that the result behaves as the old one did."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepalived_upgrade.dependents.follow import tested_names as list_tested
from keepalived_upgrade.dependents.python import follow_python
from keepalived_upgrade.edits import apply_edits
from keepalived_upgrade.findings import Severity

BOTH = {b"GW": (b"GW_v4", b"GW_v6")}
KEPT = {b"GW": (b"GW", b"GW_v6")}
ONE = {b"GW": (b"WAN",)}
HEAD = "import sys\nkind, name, state = sys.argv[1:4]\ndef act(*words):\n    sys.stdout.write(' '.join(map(str, words)) + '\\n')\n"

REWRITTEN = {
    'n = ("x " + name).split()[1]\nif n == "GW": act(1)': 'n = ("x " + name).split()[1]\nif n in ("GW_v4", "GW_v6"): act(1)',
    'if name == "GW": act(1)': 'if name in ("GW_v4", "GW_v6"): act(1)',
    "if 'GW' == name: act(1)": "if name in ('GW_v4', 'GW_v6'): act(1)",
    'if name != "GW": act(1)': 'if name not in ("GW_v4", "GW_v6"): act(1)',
    'if not name == u"GW": act(1)': 'if not name in (u"GW_v4", u"GW_v6"): act(1)',
    'if name == "GW" and state == "MASTER": act(1)\nelif name == "LAN": act(2)\nelse: act(3)': (
        'if name in ("GW_v4", "GW_v6") and state == "MASTER": act(1)\nelif name == "LAN": act(2)\nelse: act(3)'
    ),
    'if name in ("GW", "LAN"): act(1)': 'if name in ("GW_v4", "GW_v6", "LAN"): act(1)',
    'if name in ["GW"]: act(1)': 'if name in ["GW_v4", "GW_v6"]: act(1)',
    'if name not in {"LAN", "GW"}: act(1)': 'if name not in {"LAN", "GW_v4", "GW_v6"}: act(1)',
    'NAMES = ("GW", "LAN")\nif name in NAMES: act(1)': 'NAMES = ("GW_v4", "GW_v6", "LAN")\nif name in NAMES: act(1)',
    'T = {"GW": 1, "LAN": 2}\nact(T.get(name))': 'T = {"GW_v4": 1, "GW_v6": 1, "LAN": 2}\nact(T.get(name))',
    'T = {"GW": ("a", 1)}\nif name in T: act(T[name])': (
        'T = {"GW_v4": ("a", 1), "GW_v6": ("a", 1)}\nif name in T: act(T[name])'
    ),
    'act({"GW": "yes"}.get(name, "no"))': 'act({"GW_v4": "yes", "GW_v6": "yes"}.get(name, "no"))',
    'I = "GW"\nif name == I: act(1)\nif I != name: act(2)': (
        'I = ("GW_v4", "GW_v6")\nif name in I: act(1)\nif name not in I: act(2)'
    ),
    'act(1 if name == "GW" else 2)': 'act(1 if name in ("GW_v4", "GW_v6") else 2)',
    'act([n for n in [name] if n == "GW"] != [])': 'act([n for n in [name] if n in ("GW_v4", "GW_v6")] != [])',
    'if name.endswith("GW"): act(1)': 'if name.endswith(("GW", "GW_v4", "GW_v6")): act(1)',
    'if name.endswith(("LAN", "GW")): act(1)': 'if name.endswith(("LAN", "GW", "GW_v4", "GW_v6")): act(1)',
    'if name in set(["GW", "LAN"]): act(1)': 'if name in set(["GW_v4", "GW_v6", "LAN"]): act(1)',
    'N = frozenset(("GW",))\nif name in N: act(1)': 'N = frozenset(("GW_v4", "GW_v6",))\nif name in N: act(1)',
    'def f(I):\n    return I\nI = "GW"\nact(f(1), name == I)': (
        'def f(I):\n    return I\nI = ("GW_v4", "GW_v6")\nact(f(1), name in I)'
    ),
    'def f():\n    mine = "GW"\n    return name == mine\nmine = 3\nact(f(), mine)': (
        'def f():\n    mine = ("GW_v4", "GW_v6")\n    return name in mine\nmine = 3\nact(f(), mine)'
    ),
    'if (kind + name) == "INSTANCE" + name and (name) == ("GW"): act(1)': (
        'if (kind + name) == "INSTANCE" + name and (name) in ("GW_v4", "GW_v6"): act(1)'
    ),
    'import re\nif re.match(r"^(GW|LAN)$", name): act(1)': (
        'import re\nif re.match(r"^(GW_v4|GW_v6|LAN)$", name): act(1)'
    ),
    'import re\nif re.fullmatch("GW", name): act(1)': 'import re\nif re.fullmatch("(GW_v4|GW_v6)", name): act(1)',
    'import re\nif re.search("^GW$", name): act(1)': 'import re\nif re.search("^(GW_v4|GW_v6)$", name): act(1)',
    'match [name, state]:\n    case ["GW", s]: act(s)\n    case _: act(2)': (
        'match [name, state]:\n    case ["GW_v4" | "GW_v6", s]: act(s)\n    case _: act(2)'
    ),
    'match name:\n    case "GW": act(1)\n    case _: act(2)': (
        'match name:\n    case "GW_v4" | "GW_v6": act(1)\n    case _: act(2)'
    ),
    'match name:\n    case "GW" | "LAN": act(1)': 'match name:\n    case "GW_v4" | "GW_v6" | "LAN": act(1)',
}
# The first is no Python 2; for the others scopes and calls are needed, which only libcst's tree is asked for.
ONLY_PYTHON_3 = ("match ", "endswith", "set(", "re.", "def f(", "kind + name")
TRAPS = [
    'if name == "GW1": act(1)',
    'if name == "GW_DNS": act(1)',
    "GWX = 1\nact(GWX)",
    'act("MYGW")',
    'if name in ("LAN", "GWB"): act(1)',
    'T = {"GW10": 1}\nact(T.get(name))',
    "DNS_GW_VIP = 3",
    'if name.startswith("GW"): act(1)',
    'if name.startswith(("LAN", "GW")): act(1)',
    'import re\nif re.match("GW", name): act(1)',
    'import re\nif re.search("^GW", name): act(1)',
    "def xGW(): pass",
]


def script(body: str) -> bytes:
    return (HEAD + body + "\n").encode()


def rewrite(source: bytes, names: dict[bytes, tuple[bytes, ...]] = BOTH) -> bytes:
    return apply_edits(source, follow_python("/x", source, names).edits)


def trace(source: bytes, name: str, state: str) -> tuple[str, int]:
    command = [sys.executable, "-I", "-S", "-", "INSTANCE", name, state, "100"]
    done = subprocess.run(command, input=source, capture_output=True, timeout=10, check=False)
    return done.stdout.decode(), done.returncode


@pytest.mark.parametrize("before", REWRITTEN)
def test_a_test_for_the_old_name_accepts_each_new_one(before: str) -> None:
    source, wanted = script(before), script(REWRITTEN[before])
    result = follow_python("/x", source, BOTH)
    assert apply_edits(source, result.edits).decode() == wanted.decode()
    assert result.findings == ()
    assert follow_python("/x", wanted, BOTH).edits == ()
    old = trace(source, "GW", "MASTER")
    assert old[1] == 0
    for name in ("GW_v4", "GW_v6"):
        assert trace(wanted, name, "MASTER") == old
    for name in ("LAN", "GW1"):
        assert trace(wanted, name, "BACKUP") == trace(source, name, "BACKUP")


@pytest.mark.parametrize("before", REWRITTEN)
def test_where_a_half_keeps_the_name_a_second_run_changes_nothing(before: str) -> None:
    once = rewrite(script(before), KEPT)
    assert b"GW_v6" in once
    assert follow_python("/x", once, KEPT).edits == ()


@pytest.mark.parametrize("before", REWRITTEN)
def test_one_new_name_only_takes_the_old_one_s_place(before: str) -> None:
    once = rewrite(script(before), ONE)
    if "endswith" in before:  # it accepted names that end like this one, and goes on to
        assert once == script(before.replace('("GW")', '(("GW"))').replace('"GW"', '"GW", "WAN"'))
        return
    assert once == script(before.replace("GW", "WAN"))


@pytest.mark.parametrize("body", TRAPS)
def test_what_only_looks_like_the_name_stays(body: str) -> None:
    result = follow_python("/x", script(body), BOTH)
    assert result.edits == ()
    assert result.findings == ()


@pytest.mark.parametrize(
    ("body", "id", "severity"),
    [
        ("# GW is ours", "comment", Severity.INFO),
        ('"""GW"""', "text", Severity.INFO),
        ('print("GW is up")', "text", Severity.INFO),
        ('act("GW")', "mention", Severity.REVIEW),
        ('act("/run/GW.lock")', "mention", Severity.REVIEW),
        ('if state.replace("GW", ""): act(1)', "mention", Severity.REVIEW),
        ('class C(B):\n    I = "GW"\nact(name == C.I)', "not-followed", Severity.DECISION),
        ('I = "GW"\ndef f():\n    global I\n    I = name\nact(I == name)', "not-followed", Severity.DECISION),
        ('I = "GW"\nact(I == "GW")', "not-rewritten", Severity.DECISION),
        ('I = "GW"\nact(I == I)', "not-followed", Severity.DECISION),
        ('act(name in "GW")', "not-rewritten", Severity.DECISION),
        ('act("GW" in name)', "not-rewritten", Severity.DECISION),
        ('act((name, state) == ("GW", "MASTER"))', "not-rewritten", Severity.DECISION),
        ('T = {"GW": 1}\nfor n in T.keys(): act(n)', "not-rewritten", Severity.DECISION),
        ('T = {"GW": 1}\nT.setdefault(name, 2)', "not-rewritten", Severity.DECISION),
        ('if (name ==  # which\n        "GW"): act(1)', "not-rewritten", Severity.DECISION),
        ('import re\nact(bool(re.search("GW$", name)))', "not-rewritten", Severity.DECISION),
        ('import re\nP = re.compile("(?i)^GW$")\nact(bool(P.match(name)))', "not-rewritten", Severity.DECISION),
        ('import re\nact(bool(re.fullmatch("GW|LAN", name)))', "not-rewritten", Severity.DECISION),
        ('act(name[:2] == "GW")', "not-rewritten", Severity.DECISION),
        ('act(name.split("_")[0] == "GW")', "not-rewritten", Severity.DECISION),
        ('n = name.upper()\nm = n\nact(m in ("GW", "LAN"))', "not-rewritten", Severity.DECISION),
        ('a, b = name.partition("_")[::2]\nact(a == "GW")', "not-rewritten", Severity.DECISION),
        ('def f(n):\n    return n == "GW"\nact(f(name.replace("_", "")))', "not-rewritten", Severity.DECISION),
        ('T = {}\nact(T.get("GW"))', "not-rewritten", Severity.DECISION),
        ('act(f"{kind}GW" == name)', "not-rewritten", Severity.DECISION),
        ('I = "GW"\nact(I)', "not-followed", Severity.DECISION),
        ('C = {"GW": 0}\nC[name] += 1', "not-rewritten", Severity.DECISION),
        ('C = {"GW": []}\nact(C.get(name))', "not-rewritten", Severity.DECISION),
        ('T = {}\nact(T["GW"])', "not-rewritten", Severity.DECISION),
        ('if "LAN" < name == "GW": act(1)', "not-rewritten", Severity.DECISION),
        ('for n in ["GW", "LAN"]: act(n)', "not-rewritten", Severity.DECISION),
        ('if name == "GW:act(1)', "unreadable", Severity.DECISION),
    ],
)
@pytest.mark.parametrize("version", [2, 3])
def test_what_cannot_be_rewritten_safely_is_a_finding(body: str, id: str, severity: Severity, version: int) -> None:
    source = script(body) if version == 3 else as_python_2(script(body))
    result = follow_python("/x", source, BOTH)
    found = [f for f in result.findings if f.id == f"names/python/{id}"]
    assert found, result
    if id not in ("text", "comment"):
        assert result.edits == ()
    assert found[0].severity is severity
    assert found[0].place.line > 4


def as_python_2(source: bytes) -> bytes:
    """The same as a script that only Python 2 takes. Debian has no interpreter for it any more: the text is compared."""
    return source + b'print "done"\n'


@pytest.mark.parametrize("before", [b for b in REWRITTEN if not any(form in b for form in ONLY_PYTHON_3)])
def test_python_2_is_rewritten_like_python_3(before: str) -> None:
    source, wanted = as_python_2(script(before)), as_python_2(script(REWRITTEN[before]))
    result = follow_python("/x", source, BOTH)
    assert apply_edits(source, result.edits) == wanted
    assert result.findings == ()
    assert follow_python("/x", wanted, BOTH).edits == ()
    assert rewrite(source, ONE) == as_python_2(script(before.replace("GW", "WAN")))
    kept = rewrite(source, KEPT)
    assert rewrite(kept, KEPT) == kept


@pytest.mark.parametrize("before", [b for b in REWRITTEN if any(form in b for form in ONLY_PYTHON_3[1:])])
def test_python_2_reports_what_only_python_3_is_rewritten_for(before: str) -> None:
    result = follow_python("/x", as_python_2(script(before)), BOTH)
    assert result.edits or result.findings


def test_python_2_is_followed_by_its_own_grammar() -> None:
    source = b'#!/usr/bin/python\nimport sys\nif sys.argv[2] == "GW":\n    print "up"\nelse:\n    print >>sys.stderr, "GW?"\n'
    result = follow_python("/x", source, BOTH)
    assert apply_edits(source, result.edits) == source.replace(b'== "GW"', b'in ("GW_v4", "GW_v6")')
    assert [f.id for f in result.findings] == ["names/python/text"]


def test_a_constant_that_another_script_may_import_keeps_its_type() -> None:
    source = b'I = "GW"\n\n\ndef is_ours(name):\n    return name == I\n'
    result = follow_python("/lib/names.py", source, BOTH)
    assert result.edits == ()
    assert [(f.id, f.place.line) for f in result.findings] == [("names/python/not-followed", 1)]
    assert follow_python("/lib/names.py", b"#!/usr/bin/python3\n" + source, BOTH).edits
    old = follow_python("/lib/names.py", as_python_2(source), BOTH)
    assert (old.edits, [f.severity for f in old.findings]) == ((), [Severity.DECISION])


@pytest.mark.parametrize("codec", ["utf-8", "latin-1"])
def test_bytes_before_an_edit_do_not_shift_it(codec: str) -> None:
    source = f"# -*- coding: {codec} -*-\n# Zürich\nx = 'é'; y = x == 'GW'\n".encode(codec)
    result = follow_python("/x", source, BOTH)
    assert apply_edits(source, result.edits) == source.replace(b"== 'GW'", b"in ('GW_v4', 'GW_v6')")


def test_python_2_that_cuts_texts_is_rewritten_for_plain_arguments_only() -> None:
    source = b'import sys\nn = sys.argv[2][:2]\nif n == "GW":\n    print 1\nif sys.argv[2] == "GW":\n    print 2\n'
    result = follow_python("/x", source, BOTH)
    assert apply_edits(source, result.edits) == source.replace(b'] == "GW"', b'] in ("GW_v4", "GW_v6")')
    assert [(f.severity, f.place.line) for f in result.findings] == [(Severity.DECISION, 3)]


def test_tested_names_are_listed_with_their_lines() -> None:
    source = script('if name == "GW": pass\nT = {"LAN": 1}\nif name in ("WAN",): pass\nact("no")')
    assert list_tested(source, "/x.py") == ((5, b"GW"), (6, b"LAN"), (7, b"WAN"))


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=120), st.text(alphabet="GW=in()[]{}\"': \nif#", max_size=60).map(str.encode)))
def test_any_bytes_give_edits_that_can_be_made(source: bytes) -> None:
    apply_edits(source, follow_python("/x", source, BOTH).edits)


def test_a_library_of_scripts_is_found_from_the_commands(tmp_path: Path) -> None:
    from keepalived_upgrade.dependents.discovery import find_dependents

    files = {
        "/etc/k/n.sh": b"#!/bin/sh\n. /etc/k/lib.sh\n. ./near.sh\nsource $DIR/x\n/etc/k/tool --fast\n",
        "/etc/k/lib.sh": b'. "$(dirname $0)/deep.sh"\n/usr/bin/logger x\n',
        "/etc/k/near.sh": b". /etc/k/n.sh\n",
        "/etc/k/deep.sh": b":\n",
        "/etc/k/tool": b"#!/usr/bin/python3\nimport os, helper as h\nfrom pkg.part import x\n",
        "/etc/k/helper.py": b"pass\n",
        "/etc/k/pkg/part.py": b"pass\n",
        "/etc/k/binary": b"\x7fELF\0\0",
        "/etc/k/more": b"x\n",
    }
    found = find_dependents(
        [("/bin/sh", "/etc/k/n.sh", "GW"), ("/etc/k/none",), ("/etc/k/binary",), ("x", "LOG=/etc/k/more")],
        files.get,
        ["/etc/k/more"],
    )
    assert set(found.files) == set(files) - {"/etc/k/binary"}
    assert [(f.id, f.place.path) for f in found.findings] == [("names/script-missing", "/etc/k/none")]
