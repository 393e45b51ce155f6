"""What is a secret, and that none is shown where it need not be."""

from __future__ import annotations

import ast
import itertools
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepalived_upgrade.catalogue import load_migrations
from keepalived_upgrade.engine import upgrade
from keepalived_upgrade.explanations import area_texts, finding_texts
from keepalived_upgrade.plan import Plan
from keepalived_upgrade.releases import Release
from keepalived_upgrade.review.markdown import render_markdown
from keepalived_upgrade.review.masking import MASK, mask, secret_spans
from keepalived_upgrade.review.patch import holds_secret
from keepalived_upgrade.review.sarif import render_sarif
from keepalived_upgrade.review.terminal import render_report
from keepalived_upgrade.secrecy import defined_secrets, find_secrets
from keepalived_upgrade.site import Site

ROOT = Path(__file__).resolve().parents[1]
MAIN = "/etc/keepalived/keepalived.conf"
# Here § stands for the secret.
SECRETS = [
    "auth_pass §",
    'auth_pass "§" and more',
    'auth_pass "§',
    "auth_pass_hex §",
    "    key §",
    "PASSWORD=§; next",
    'export DB_PASS="§"',
    "MYSQL_PWD='§' mysql",
    "PGPASSWORD=§ psql",
    "$DB_PW=§",
    "password: §",
    '"api_key": "§"',
    "--password=§",
    "--db-token § rest",
    "curl -s https://user:§@h/x",
    "curl -sku admin:§ http://h",
    "rocommunity § default",
    'rwcommunity6 "§"',
    "snmp-server community § RO",
    "com2sec ro default §",
    "trap2sink 192.0.2.1 §",
    "snmptrap -v 2c -c § host",
    "snmpget -v3 -A § -X '§' host",
    "sshpass -p § ssh x",
    "redis-cli -h a -a § ping",
    '-H "Authorization: Bearer §"',
]
OPEN = [
    "PASS=$1",
    'PASS="$2"',
    "passive = 3",
    "keys are fine: no key",
    "persistence_timeout 50",
    'if [ "$pass" = "$1" ]',
    "bypass=1 compass: x",
    "http://[2001:db8::1]:80/x@y",
    "ssh://git@host:22/x",
    "spawn=3 pwd=/x",
    "monkey = 4",
    "no_email_faults",
    "nopass",
]


@pytest.mark.parametrize("line", SECRETS)
def test_a_secret_is_masked_and_its_line_stays_readable(line: str) -> None:
    text = line.replace("§", "hunter2")
    assert mask(text) == line.replace('"§' if line == 'auth_pass "§' else "§", MASK)
    assert {text[start:end].strip('"') for start, end in secret_spans(text.encode())} == {"hunter2"}
    assert holds_secret(b"+" + text.encode())


@pytest.mark.parametrize("line", OPEN)
def test_what_only_looks_like_one_is_shown(line: str) -> None:
    assert mask(line) == line
    assert not holds_secret(line.encode())


@given(st.text())
def test_any_text_is_masked_without_a_fault_and_bytes_alike(text: str) -> None:
    spans = find_secrets(text)
    assert all(start < end for start, end in spans)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(spans))
    find_secrets(text.encode(), (b"$A", text.encode()))


@pytest.mark.parametrize(
    "piece", ["key ", "a:", "://", "://b", "curl ", "curl -u ", "snmpget -c ", "pass_", "pass-x_", "--", "com2sec a b "]
)
def test_a_long_line_takes_time_in_proportion(piece: str) -> None:
    begun = time.process_time()
    find_secrets(piece * 20_000)
    assert time.process_time() - begun < 10  # seconds; the square of it would be minutes


DEFINED = b"""$PW=geheim  # ours
$LONG="$PW x1"
$ID=50
$OTHER=nothing
vrrp_instance A {
    auth_pass $LONG
    auth_pass ${ID}
    priority 50
}
"""


def test_definitions_that_hold_secrets_are_found_over_all_files() -> None:
    assert defined_secrets([DEFINED]) == (b"$ID", b"$LONG", b"$PW", b"geheim")
    first, _, rest = DEFINED.partition(b"vrrp_instance")
    assert defined_secrets([first, rest]) == defined_secrets([DEFINED])
    assert defined_secrets([rest]) == ()
    assert defined_secrets([b"$A=$B\n$B=$A\nauth_pass $A\n"]) == (b"$A", b"$B")
    known = defined_secrets([DEFINED])
    shown = bytearray(DEFINED)
    for start, end in reversed(find_secrets(DEFINED, known)):
        shown[start:end] = b"***"
    assert b"geheim" not in shown
    assert b"$ID=***\n$OTHER=nothing" in shown
    assert b"priority 50" in shown  # so short a value is hidden where it is defined only
    assert holds_secret(b"+$ID=50\n", known)
    assert not holds_secret(b"+$ID=50\n")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A definition in a file that changes, its use in one that does not; and a script that is handed it."""
    for path, text in {
        MAIN: b"$PW=geheim\nvrrp_sync_group G {\n    global_tracking\n    group {\n        LAN\n    }\n"
        b'    notify "/etc/keepalived/n.sh $PW"\n}\ninclude /etc/keepalived/lan.conf\n',
        "/etc/keepalived/lan.conf": b"vrrp_instance LAN {\n    interface lan1\n    authentication {\n"
        b"        auth_type PASS\n        auth_pass $PW\n    }\n}\n",
        "/etc/keepalived/n.sh": b"#!/bin/sh\nCODE=geheim\n",
    }.items():
        file = tmp_path / "root" / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
        file.chmod(0o755)
    return upgrade(Site.open(MAIN, root=tmp_path / "root"), Release(1, 4, 5), Release(2, 2, 7), daemon="")


def test_no_review_shows_a_defined_secret_and_the_patch_is_private(plan: Plan, tmp_path: Path) -> None:
    assert b"geheim" in plan.patch()
    assert holds_secret(plan.patch(), plan.secrets)
    reviews = {
        "report": render_report(plan, color=False),
        "side by side": render_report(plan, color=True, width=160, side_by_side=True),
        "diff": plan.diff(),
        "html": plan.to_html(),
        "json": plan.to_json(),
        "sarif": render_sarif(plan),
        "markdown": render_markdown(plan),
    }
    assert {name for name, text in reviews.items() if "geheim" in text} == set()
    assert "$PW=********" in reviews["diff"]
    # What one plan hides is none of the next one's business.
    assert mask("geheim") == "geheim"


def test_the_command_line_hides_it_too(plan: Plan, tmp_path: Path) -> None:
    words = ["upgrade", "--root", plan.root, "--from", "1.4.5", "--to", "2.2.7", "--no-daemon"]
    patch = tmp_path / "p.patch"
    run = [sys.executable, "-m", "keepalived_upgrade"]
    done = subprocess.run([*run, *words, "--patch", str(patch)], capture_output=True, text=True, check=True)
    assert "geheim" not in done.stdout + done.stderr
    assert stat.S_IMODE(patch.stat().st_mode) == 0o600
    asked = subprocess.run([*run, *words, "-i"], input="y\na\ny\n", capture_output=True, text=True, check=True)
    assert "geheim" not in asked.stdout + asked.stderr
    shown = subprocess.run([*run, "undo", "--root", plan.root, "--show"], capture_output=True, text=True, check=True)
    assert "$PW=********" in shown.stdout
    assert "geheim" not in shown.stdout


def test_the_lines_of_a_key_are_masked_and_make_a_patch_private() -> None:
    line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
    assert len(line) == 64
    for shown in (line, f"    {line}", f"+{line}", f"-----BEGIN PRIVATE KEY-----\n{line}\n-----END PRIVATE KEY-----"):
        assert line not in mask(shown)
        assert holds_secret(shown.encode())
    path = "/usr/local/lib/keepalived/scripts/of/this/site/that/are/deep/down/notify.sh"
    assert mask(path) == path


def texts_in(source: str) -> Iterator[tuple[int, str]]:
    """Give every string of a module but its docstrings, with its line; a word stands for what an f-string puts in."""
    tree = ast.parse(source)
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, owners)]
    docstrings = {body[0].value for body in bodies if body and isinstance(body[0], ast.Expr)}
    formatted = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts: set[ast.expr] = {part for node in formatted for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(p.value if isinstance(p, ast.Constant) else "WORD" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not {node} & (docstrings | parts):
            yield node.lineno, node.value


def is_hidden(text: str) -> bool:
    """Tell whether a part of our own text would be masked, alone or where it is a part of a sentence."""
    said = f"WORD {text} WORD" if " " in text else text
    return mask(said) != said


def test_our_own_sentences_are_no_secrets() -> None:
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "migrations").rglob("*.py")]
    sources = [file for file in sources if "cases" not in file.parts]
    texts = [(f"{file}:{line}", text) for file in sources for line, text in texts_in(file.read_text(encoding="utf-8"))]
    assert len(texts) > 5000
    assert [(where, text) for where, text in texts if is_hidden(text)] == []
    explained = {**area_texts(), **{m.id: m.summary for m in load_migrations()}}
    explained |= {f"{m.id}/{what}": text for m in load_migrations() for what, text in finding_texts(m).items()}
    assert [(id, text) for id, text in explained.items() if is_hidden(text)] == []


def test_a_sentence_of_ours_that_would_be_masked_is_found() -> None:
    source = (
        '"""The password is masked."""\nBEGIN = "the password"\n\ndef say(x):\n    """A secret is told."""\n'
        '    return f"{x}: the " f"key {x} is sent" if x else "(a password: yours)"\n'
    )
    found = list(texts_in(source))
    assert sorted(found) == [(2, "the password"), (6, "(a password: yours)"), (6, "WORD: the key WORD is sent")]
    assert all(is_hidden(text) for _, text in found)


def test_what_only_reads_like_our_own_sentence_is_masked() -> None:
    assert "geheim" not in mask("the line `password geheim` is read otherwise")
    assert "geheim" not in mask("+    key geheim")
